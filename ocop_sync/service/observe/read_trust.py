"""Whether a read can be believed yet, and whether it shows anything new."""

from datetime import datetime, timedelta

from catalog.values import replace
from ocop_sync.engine.state.state import State
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.store.listings.records import Record


def visible_after(run: AccountRun) -> timedelta:
    """Return how long an answered change may take to show, as declared."""
    return timedelta(seconds=run.site.adapter.capabilities.visible_within_s)


def shows_at(run: AccountRun, sent_at: datetime, *, is_answered: bool) -> datetime:
    """Return when a change that was sent at *sent_at* shows for certain.

    One without an answer shows by then if it was applied at all.
    """
    if is_answered:
        return sent_at + visible_after(run)
    return run.site.lag_ends(sent_at)


def is_believable(run: AccountRun, state: State) -> bool:
    """Say whether a read shows our last change: one of just now may not show yet."""
    if state.sent_at is None:
        return True
    ends = shows_at(run, state.sent_at, is_answered=state.awaiting is None)
    return run.deployment.clock() >= ends


def is_news(before: Record, state: State) -> bool:
    """Say whether a read shows more than that nothing has changed."""
    return replace(state, read_at=before.state.read_at) != before.state
