"""Which accounts fail, why, and the advice: as their last runs have stored it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Text
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.runs import last_runs
from ocop_sync.store.runs.last_runs import AccountPast, Ended, Ending

DIED = "lần chạy đã chết giữa chừng / the run has died"
"""The text on a run that has written down no end."""


@dataclass(frozen=True, slots=True)
class AccountTrouble:
    """The obstacle to an account's runs.

    Attributes:
        why: The error, in words.
        todo: The advice for it, where it is known.
    """

    key: str
    why: str
    todo: Text | None


async def account_troubles(
    conn: AsyncConnection, deployment: Deployment
) -> dict[str, AccountTrouble]:
    """Return the troubles of accounts that fail or cannot be used, by key."""
    keys = [key for site in deployment.sites for key in site.accounts]
    pasts = await last_runs.pasts(conn, keys, deployment.clock())
    found = [_trouble(key, p) for key, p in pasts.items() if p.failing_since]
    found += [
        AccountTrouble(each.key, each.why, each.todo)
        for each in deployment.unusable.values()
    ]
    return {each.key: each for each in found}


def with_ending(
    known: Mapping[str, AccountTrouble], ending: Iterable[Ended]
) -> dict[str, AccountTrouble]:
    """Return *known* with the troubles of runs that are about to end."""
    found = dict(known)
    for each in ending:
        if each.ending is Ending.FAILED:
            found[each.account] = AccountTrouble(each.account, each.error, each.todo)
        elif each.ending is Ending.DONE:
            found.pop(each.account, None)
    return found


def _trouble(key: str, past: AccountPast) -> AccountTrouble:
    last = past.last_run
    if last is None:
        return AccountTrouble(key, "", None)
    why = DIED if last.ending is Ending.DIED else last.error
    return AccountTrouble(key, why, last.todo)
