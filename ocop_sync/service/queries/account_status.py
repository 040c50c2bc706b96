"""The status of each account: its last run, its holds, its last read.

All of it is as the runs have written it down; no marketplace is called.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Text
from ocop_sync.engine.reasons.account_problem import AccountProblemKind
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.run.account_trouble import DIED
from ocop_sync.store.listings import work_queue
from ocop_sync.store.listings.work_queue import LookUps
from ocop_sync.store.runs import last_runs
from ocop_sync.store.runs.last_runs import AccountPast, Ending
from ocop_sync.store.runs.pauses import Pause, paused

OLD_AFTER = timedelta(hours=2)
"""Without a good run for so long, an account's figures may be old. A worker syncs
every minute; a computer that starts anew, or a marketplace's maintenance, is over by
then."""

_NEVER = AccountPast(**dict.fromkeys(each.name for each in fields(AccountPast)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus(AccountPast):
    """How one account stands, and how it came to that.

    Attributes:
        unusable: Why it cannot be worked with at all; "" if it can.
        held: How many of its products are held.
        look_ups: How many listings are looked up again, and when; None if none is.
        pause: Its pause; None while it is written to.
    """

    key: str
    marketplace: str
    unusable: str = ""
    unusable_todo: Text | None = None
    held: int = 0
    look_ups: LookUps | None = None
    pause: Pause | None = None

    @property
    def is_failing(self) -> bool:
        """Say whether it is unusable, or its last run failed by itself, or died."""
        return bool(self.unusable) or self.failing_since is not None

    @property
    def only_changes_fail(self) -> bool:
        """Say whether it works, though changes of its last run came to nothing."""
        last = self.last_run
        has_worked = last is not None and last.ended_at == self.worked_at is not None
        return not self.unusable and self.failing_since is not None and has_worked

    @property
    def error(self) -> str:
        """Return the error, in words; "" if there was none."""
        last = self.last_run
        if self.unusable or last is None:
            return self.unusable
        return DIED if last.ending is Ending.DIED else last.error

    @property
    def cause(self) -> AccountProblemKind:
        """Return the kind of the error, where the last run has stored it."""
        last = self.last_run
        if (
            not self.is_failing
            or last is None
            or last.cause not in set(AccountProblemKind)
        ):
            return AccountProblemKind.NONE
        if last.ending is Ending.DIED:
            return AccountProblemKind.OTHER
        return AccountProblemKind(last.cause)

    @property
    def todo(self) -> Text | None:
        """Return the advice for it, where it is known."""
        if self.unusable:
            return self.unusable_todo
        return self.last_run.todo if self.last_run else None

    @property
    def counted_at(self) -> datetime | None:
        """Return as of when its figures are; None if nobody has counted yet.

        Before the first run that this version has seen, the last whole read tells.
        """
        return self.worked_at or self.read_whole_at

    def may_be_old(self, now: datetime, after: timedelta = OLD_AFTER) -> bool:
        """Say whether its figures are older than *after*, or there are none."""
        return self.counted_at is None or now - self.counted_at > after


async def account_statuses(
    deployment: Deployment, among: Collection[str] | None = None
) -> list[AccountStatus]:
    """Return how each account stands, by marketplace and key.

    *among* are the keys of those that are asked for; None asks for all.
    """
    keys = {key: site.name for site in deployment.sites for key in site.accounts}
    if among is not None:
        keys = {key: name for key, name in keys.items() if key in among}
    async with deployment.database.read() as conn:
        found = await _usable(conn, deployment, keys)
    found += [e for e in _unusable(deployment) if among is None or e.key in among]
    return sorted(found, key=lambda each: (each.marketplace, each.key))


def _unusable(deployment: Deployment) -> list[AccountStatus]:
    return [
        _status(
            _NEVER,
            key=each.key,
            marketplace=each.marketplace,
            unusable=each.why,
            unusable_todo=each.todo,
        )
        for each in deployment.unusable.values()
    ]


async def _usable(
    conn: AsyncConnection, deployment: Deployment, keys: Mapping[str, str]
) -> list[AccountStatus]:
    pasts = await last_runs.pasts(conn, keys, deployment.clock())
    held = await last_runs.held_at(conn, list(keys))
    looks = await work_queue.looks_left(conn, list(keys))
    pauses = {each.account: each for each in await paused(conn, list(keys))}
    return [
        _status(
            pasts.get(key, _NEVER),
            key=key,
            marketplace=name,
            held=held.get(key, 0),
            look_ups=looks.get(key),
            pause=pauses.get(key),
        )
        for key, name in keys.items()
    ]


def _status(past: AccountPast, **known: Any) -> AccountStatus:
    values = {each.name: getattr(past, each.name) for each in fields(AccountPast)}
    return AccountStatus(**values, **known)


def oldest_count(statuses: Collection[AccountStatus]) -> datetime | None:
    """Return as of when the oldest figures are; None if an account has none."""
    return _oldest([each.counted_at for each in statuses])


def oldest_read(statuses: Collection[AccountStatus]) -> datetime | None:
    """Return when the oldest whole read was; None if an account had none."""
    return _oldest([each.read_whole_at for each in statuses])


def _oldest(times: Sequence[datetime | None]) -> datetime | None:
    known = [at for at in times if at is not None]
    return min(known) if known and len(known) == len(times) else None
