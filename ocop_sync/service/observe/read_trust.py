"""Whether a read can be believed yet, and whether it shows anything new.

A read is believed for the time at which what it shows was so. That is the call, except
where people carry a marketplace's lists to us (`Capabilities.read_age_s`): there a read
that is older than our last change, or than what is known, tells nothing.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from catalog.values import replace
from ocop_sync.engine.state.state import State
from ocop_sync.marketplace.listing import RemoteListing
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


AHEAD_AT_MOST = timedelta(minutes=5)
"""A read that says to be of a later moment than this from now is refused: a clock may
be somewhat wrong, but nobody has seen what is to come."""


def so_at(run: AccountRun, at: datetime | None) -> datetime:
    """Return when that was so which a read has shown, in UTC; never in the future.

    *at* is as the adapter says it; None is now.
    """
    now = run.deployment.clock()
    return now if at is None else min(at.astimezone(UTC), now)


def on_page(run: AccountRun, item: RemoteListing, page_at: datetime | None) -> datetime:
    """Return when a listing was so that a page shows, which was so *page_at*.

    It stands there: it is never older than its page.
    """
    at = so_at(run, page_at)
    return at if item.read_at is None else max(at, so_at(run, item.read_at))


def read_times(
    run: AccountRun, proven: Iterable[Record], now: datetime
) -> dict[str, datetime]:
    """Return when each product was so that a read has shown as it was known."""
    if not has_old_reads(run):
        return {record.state.product_id: now for record in proven}
    states = (record.state for record in proven)
    return {s.product_id: s.read_at for s in states if s.read_at is not None}


def is_ahead(run: AccountRun, at: datetime | None) -> bool:
    """Say whether a read says to be of a moment that nobody has seen yet."""
    return at is not None and at > run.deployment.clock() + AHEAD_AT_MOST


def has_old_reads(run: AccountRun) -> bool:
    """Say whether reads there may be of some time ago."""
    return run.site.adapter.capabilities.has_old_reads


def tells(run: AccountRun, state: State, at: datetime) -> bool:
    """Say whether a read of what was so *at* tells anything of a listing.

    What was sent after it is neither missing nor contradicted by it, and what is known
    of later stands. Where reads are of now, each tells.
    """
    if not has_old_reads(run):
        return True
    is_older = state.read_at is not None and at < state.read_at
    return not is_older and is_shown_by(run, state, at)


def is_shown_by(run: AccountRun, state: State, at: datetime) -> bool:
    """Say whether our last change of a listing shows in what was so *at*."""
    if state.sent_at is None:
        return True
    return at >= shows_at(run, state.sent_at, is_answered=state.awaiting is None)


def is_believable(run: AccountRun, state: State) -> bool:
    """Say whether a read shows our last change: one of just now may not show yet."""
    return is_shown_by(run, state, run.deployment.clock())


def is_news(before: Record, state: State) -> bool:
    """Say whether a read shows more than that nothing has changed."""
    return replace(state, read_at=before.state.read_at) != before.state
