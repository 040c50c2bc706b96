"""Which accounts fail or are paused: as their last runs have stored it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Text
from catalog.vietnam_time import moment
from ocop_sync.engine.reasons.reason import Reason, with_pause, with_trouble
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs import last_runs
from ocop_sync.store.runs.last_runs import Ended, Ending
from ocop_sync.store.runs.pauses import Pause, paused

DIED = "lần chạy đã chết giữa chừng / the run has died"
"""The text on a run that has written down no end."""


@dataclass(frozen=True, slots=True)
class AccountTrouble:
    """The obstacle to an account's runs.

    Attributes:
        todo: The advice for it, where it is known.
        pause: By whom it was paused, since when and why: reads go on. "" where its runs
            fail.
    """

    key: str
    todo: Text | None = None
    pause: str = ""

    def told_with(self, reason: Reason) -> Reason:
        """Return *reason* of a product there; if it waits for that, with this."""
        if self.pause:
            return with_pause(reason, self.key, self.pause)
        return with_trouble(reason, self.key, self.todo)


async def account_troubles(
    conn: AsyncConnection, deployment: Deployment
) -> dict[str, AccountTrouble]:
    """Return the troubles of accounts that fail or cannot be used, by key."""
    keys = [key for site in deployment.sites for key in site.accounts]
    pasts = await last_runs.pasts(conn, keys, deployment.clock())
    found = [
        AccountTrouble(key, None if p.last_run is None else p.last_run.todo)
        for key, p in pasts.items()
        if p.failing_since
    ]
    found += [
        AccountTrouble(each.key, each.todo) for each in deployment.unusable.values()
    ]
    found += [_pause(each) for each in await paused(conn, keys)]
    return {each.key: each for each in found}


def with_ending(
    known: Mapping[str, AccountTrouble], ending: Iterable[Ended]
) -> dict[str, AccountTrouble]:
    """Return *known* with the troubles of runs that are about to end."""
    found = dict(known)
    for each in ending:
        if each.ending is Ending.FAILED:
            found[each.account] = AccountTrouble(each.account, each.todo)
        elif each.ending is Ending.DONE and not _is_paused(found, each.account):
            found.pop(each.account, None)
    return found


def _is_paused(found: Mapping[str, AccountTrouble], key: str) -> bool:
    return key in found and bool(found[key].pause)


def _pause(each: Pause) -> AccountTrouble:
    why = f"{each.by}, {moment(each.at)}: {each.reason}"
    return AccountTrouble(each.account, pause=why)
