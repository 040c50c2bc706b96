"""The alarms that somebody has to be woken for, from the stored runs.

An alarm names an account or a marketplace, since when, and why; products go by
their ids alone. How loud each is, is decided here; its words, by whoever asks.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, Literal

from ocop_sync.engine.plan.clock_doubt import doubt_of
from ocop_sync.engine.reasons.account_problem import LASTING, AccountProblemKind
from ocop_sync.engine.reasons.reason import WAIT
from ocop_sync.errors import MovedDatabaseError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.account_status import (
    OLD_AFTER,
    AccountStatus,
    account_statuses,
)
from ocop_sync.service.run.overdue import Overdue, overdue
from ocop_sync.store.db.installation import is_own
from ocop_sync.store.decisions import held_groups
from ocop_sync.store.decisions.held_groups import Group
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.last_runs import Ending

LONGER_THAN = timedelta(minutes=30)
"""A failure of a shorter time may pass by itself: a marketplace's restart, a token that
has run out, the network of a night."""


class Level(IntEnum):
    """How bad it is, as monitors of Nagios's kind count: also their exit codes."""

    OK = 0
    WARNING = 1
    """Somebody looks at it by day."""
    CRITICAL = 2
    """Somebody looks at it now."""
    UNKNOWN = 3
    """Nothing could be found out, by a mistake of the program's."""


AlarmCode = Literal[
    "clock",
    "not_withdrawn",
    "not_lowered",
    "unusable",
    "failing",
    "changes_failing",
    "counts_old",
    "read_old",
    "group_waits",
    "paused",
    "restored",
    "moved",
    "no_account",
]
"""The kinds of alarms."""

_OF_ERRORS: Final = frozenset(
    {"clock", "unusable", "failing", "changes_failing", "moved"}
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong.

    Attributes:
        level: How bad it is.
        code: Its kind.
        where: The account or marketplace; "" if it is none's.
        since: Since when, in UTC, where that is known.
        why: Why, in words.
    """

    level: Level
    code: AlarmCode
    where: str
    since: datetime | None
    why: str = ""

    @property
    def has_words_of_errors(self) -> bool:
        """Say whether `why` is of an error, and may name an address or a file."""
        return self.code in _OF_ERRORS


_MOVED: Final = Alarm(Level.CRITICAL, "moved", "", None, str(MovedDatabaseError()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """All alarms, the worst first, and the number of accounts behind them.

    Attributes:
        alarms: All that is wrong.
        accounts: How many accounts there are.
        failing: How many of them fail, also those that fail for too short a time
            to be an alarm; unusable ones are left out.
        error: Why nothing could be found out; "" if it could.
        error_level: How bad that is.
    """

    alarms: tuple[Alarm, ...] = ()
    accounts: int = 0
    failing: int = 0
    error: str = ""
    error_level: Level = Level.OK

    @property
    def level(self) -> Level:
        """Return the level of the error, or of the worst alarm."""
        return max((each.level for each in self.alarms), default=self.error_level)

    @property
    def counts(self) -> Counter[str]:
        """Return how many alarms there are, by code."""
        return Counter(each.code for each in self.alarms)


async def watch(
    deployment: Deployment,
    *,
    longer_than: timedelta = LONGER_THAN,
    old_after: timedelta = OLD_AFTER,
) -> Health:
    """Return the present alarms.

    A failure, or a question to a person, of a shorter time than *longer_than* is no
    alarm yet; a fault that never passes by itself is one at once. Figures may be old
    *old_after* the last good run of an account.
    """
    now = deployment.clock()
    statuses = await account_statuses(deployment)
    stuck = await overdue(deployment)
    async with deployment.database.read() as conn:
        own = await is_own(conn, deployment.database.file)
        held = await held_groups.listed(conn)
        stored_at = await accounts.last_stored(conn, [e.key for e in statuses])
    late = _not_handled(stuck.not_withdrawn, statuses, now - longer_than)
    found = [
        *_of_clock(statuses, now, stored_at),
        *(() if own else (_MOVED,)),
        *_of_products(Level.CRITICAL, "not_withdrawn", late),
        *_of_products(Level.WARNING, "not_lowered", stuck.not_lowered),
        *(alarm for each in statuses for alarm in _failing(each, now - longer_than)),
        *_old(deployment, statuses, now, old_after),
        *_waiting(held, now - longer_than),
        *_paused(statuses),
        *_restored(statuses, now - longer_than),
    ]
    if not statuses:
        found.append(Alarm(Level.WARNING, "no_account", "", None, "chưa có / none"))
    found.sort(key=lambda each: -each.level)
    failing = sum(each.failing_since is not None for each in statuses)
    return Health(alarms=tuple(found), accounts=len(statuses), failing=failing)


def _not_handled(
    late: Iterable[Overdue], statuses: Iterable[AccountStatus], since: datetime
) -> list[Overdue]:
    """Leave out listings that only wait for their turn in a run that began lately."""
    busy = {
        each.marketplace
        for each in statuses
        if (last := each.last_run)
        and last.ending is Ending.RUNNING
        and last.began_at > since
    }
    return [
        each
        for each in late
        if each.marketplace not in busy or each.reason.outcome != WAIT
    ]


def _of_products(
    level: Level, code: AlarmCode, found: Iterable[Overdue]
) -> Iterator[Alarm]:
    """Yield an alarm for each marketplace, with the first products."""
    by_marketplace: dict[str, list[Overdue]] = {}
    for each in found:
        by_marketplace.setdefault(each.marketplace, []).append(each)
    for name, members in by_marketplace.items():
        ids = ", ".join(each.product_id for each in members[:3])
        more = f" +{len(members) - 3}" if len(members) > 3 else ""  # noqa: PLR2004
        yield Alarm(level, code, name, None, f"{len(members)}: {ids}{more}")


def _of_clock(
    statuses: Iterable[AccountStatus], now: datetime, stored_at: datetime | None
) -> Iterator[Alarm]:
    """Yield one alarm if this computer's clock is wrong, whoever has found it."""
    found = [each for each in statuses if each.cause is AccountProblemKind.CLOCK]
    if found:
        first = found[0]
        yield Alarm(Level.CRITICAL, "clock", "", first.failing_since, first.error)
    elif (doubt := doubt_of(now, ahead=None, stored_at=stored_at)) is not None:
        yield Alarm(Level.CRITICAL, "clock", "", None, str(doubt))


def _failing(each: AccountStatus, before: datetime) -> Iterator[Alarm]:
    since = each.failing_since
    if each.cause is AccountProblemKind.CLOCK:
        return  # it has an alarm of its own
    if each.unusable:
        yield Alarm(Level.CRITICAL, "unusable", each.key, None, each.unusable)
    elif since is not None and (since <= before or each.cause in LASTING):
        yield Alarm(
            Level.WARNING if each.only_changes_fail else Level.CRITICAL,
            "changes_failing" if each.only_changes_fail else "failing",
            each.key,
            since,
            each.error,
        )


def _old(
    deployment: Deployment,
    statuses: Iterable[AccountStatus],
    now: datetime,
    after: timedelta,
) -> Iterator[Alarm]:
    read_after = 2 * deployment.limits.read_whole_every
    never = "chưa có lần chạy tốt / no good run yet"
    for each in statuses:
        if each.unusable:
            continue
        at, read_at = each.counted_at, each.read_whole_at
        longest = max(read_after, deployment.capabilities_of(each.key).read_age)
        if each.may_be_old(now, after):
            why = "" if at else never
            yield Alarm(Level.WARNING, "counts_old", each.key, at, why)
        elif read_at is None or now - read_at > longest:
            yield Alarm(Level.WARNING, "read_old", each.key, read_at)


def _waiting(found: Collection[Group], before: datetime) -> Iterator[Alarm]:
    for each in found:
        if each.state == "open" and each.opened_at <= before:
            why = f"nhóm / group {each.id}, {each.cause}: {each.size}"
            yield Alarm(
                Level.WARNING, "group_waits", each.marketplace, each.opened_at, why
            )


def _paused(statuses: Iterable[AccountStatus]) -> Iterator[Alarm]:
    """Yield an alarm for each paused account, however short the pause is yet."""
    for each in statuses:
        if (pause := each.pause) is not None:
            why = f"{pause.by}: {pause.reason}"
            yield Alarm(Level.WARNING, "paused", each.key, pause.at, why)


def _restored(statuses: Iterable[AccountStatus], before: datetime) -> Iterator[Alarm]:
    """Yield an alarm for each account that no run has read since a restore."""
    for each in statuses:
        if (at := each.restored_at) is not None and at <= before:
            why = "chưa đọc lại toàn bộ sau khôi phục / not read whole since a restore"
            yield Alarm(Level.WARNING, "restored", each.key, at, why)
