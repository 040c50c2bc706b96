"""Each account's last run, whether it has sent anything or not.

The ledger has no row for a run that neither read listings nor sent anything, unless its
account begins to fail or works again with it. Here is one row for each account, written
when its lease is taken and when it is given back, in the same transactions. The begin
of a failure is carried on from run to run.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Executable, Row, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from catalog.db.upsert import insert_in
from catalog.eligibility import Text
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import account, last_run, listing


class Ending(StrEnum):
    """How a run has ended, if it has."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """The account was of no use or could not be read, or changes failed."""
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    """By a person, in another process."""
    DIED = "died"
    """Its lease ran out, and nobody has written down how it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run that begins at an account.

    Attributes:
        run_id: The run, as the ledger calls it.
    """

    account: str
    marketplace: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """The end of a run, as far as it is known.

    Attributes:
        run_id: The run, as the ledger calls it.
        ending: How it has ended.
        error: The error, in words; "" if there was none.
        todo: The advice for it, where it is known.
        cause: The kind of error, a `ProblemKind` of
            `ocop_sync.engine.reasons.account_problem`; "" if there was none, or if an
            earlier version did not store it.
        writes: How many changes were sent.
        failed: How many changes came to nothing, sent or not.
        unread: Why the account, or listings there, could not be read.
        sales_unread: Why its sales are not known.
    """

    run_id: str
    ending: Ending
    error: str = ""
    todo: Text | None = None
    cause: str = ""
    writes: int = 0
    failed: int = 0
    unread: str = ""
    sales_unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(RunResult):
    """How a run has ended at an account.

    Attributes:
        worked: The account was read and worked through, even if single changes failed:
            its figures are as of this run.
    """

    account: str
    worked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun(RunResult):
    """The last run of an account, as it is known now.

    While it goes on, its error is that of the run before.

    Attributes:
        began_at: When it began, in UTC.
        ended_at: When it ended; None while it runs, and if it died.
    """

    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPast:
    """The record of an account.

    Attributes:
        last_run: Its last run; None if there was none.
        failing_since: When the first of the runs that failed, one after the other,
            began; None if the last one to end by itself did not fail.
        worked_at: When a run last ended that had worked the account through.
        read_whole_at: When it was last read whole.
        sales_known_at: When all its sales were last known.
        restored_at: When its database was put back from a backup: nothing is written
            there before it is read whole. None if it was read since, or never was.
    """

    last_run: LastRun | None
    failing_since: datetime | None
    worked_at: datetime | None
    read_whole_at: datetime | None
    sales_known_at: datetime | None
    restored_at: datetime | None = None


_NOTHING: dict[str, Any] = {
    "error": "",
    "todo": None,
    "cause": "",
    "writes": 0,
    "failed": 0,
    "unread": "",
    "sales_unread": "",
}
"""The columns of a run's end, as they are before it has one."""

_HAD_DIED = last_run.c.outcome == Ending.RUNNING.value
_SINCE = func.coalesce(last_run.c.failing_since, last_run.c.began_at)
_END = (
    update(last_run)
    .where(
        last_run.c.account == bindparam("of_account"),
        last_run.c.run_id == bindparam("of_run"),
    )
    .values(
        ended_at=bindparam("at"),
        outcome=bindparam("new_outcome"),
        **{name: bindparam(f"new_{name}") for name in _NOTHING},
    )
)
_END_OF = {
    (Ending.FAILED, False): _END.values(failing_since=_SINCE),
    (Ending.FAILED, True): _END.values(failing_since=_SINCE, worked_at=bindparam("at")),
    (Ending.DONE, True): _END.values(failing_since=None, worked_at=bindparam("at")),
}
"""The further columns, by how it has ended and whether the account was worked through;
a run that a person has stopped tells nothing of the account."""

_PAST = (
    select(
        account.c.key,
        account.c.token,
        account.c.lease_until,
        account.c.read_whole_at,
        account.c.sales_known_at,
        account.c.restored_at,
        last_run,
    )
    .select_from(account.outerjoin(last_run, last_run.c.account == account.c.key))
    .where(account.c.key.in_(bindparam("keys", expanding=True)))
)
_FAILING = select(last_run.c.account).where(
    last_run.c.account.in_(bindparam("keys", expanding=True)),
    last_run.c.failing_since.is_not(None),
)
_HELD = (
    select(listing.c.account, func.count().label("n"))
    .where(
        listing.c.account.in_(bindparam("keys", expanding=True)),
        listing.c.hold.is_not(None),
    )
    .group_by(listing.c.account)
)


async def begin(conn: AsyncConnection, runs: Iterable[Begun], now: datetime) -> None:
    """Write down that *runs* begin; one before that has not ended has died.

    The error before is kept until a run has ended: an account that fails would have no
    reason while one goes on, which may be most of the time.
    """
    running = {"began_at": now, "ended_at": None, "outcome": Ending.RUNNING.value}
    rows = (values_of(each) | running | _NOTHING for each in runs)
    await execute_each(conn, _begin(conn.dialect.name), rows)


@cache
def _begin(dialect: str) -> Executable:
    insert = insert_in(dialect, last_run)
    new = {name: insert.excluded[name] for name in (*_BEGUN, *_NOTHING)}
    del new["error"], new["todo"], new["cause"]
    return insert.on_conflict_do_update(
        index_elements=[last_run.c.account],
        set_={**new, "failing_since": case((_HAD_DIED, _SINCE), else_=_KNOWN)},
    )


_KNOWN = last_run.c.failing_since
_BEGUN = ("marketplace", "run_id", "began_at", "ended_at", "outcome")


async def end(conn: AsyncConnection, runs: Iterable[Ended], now: datetime) -> None:
    """Write down how *runs* have ended; one whose lease is taken is left alone."""
    by_ending: dict[tuple[Ending, bool], list[dict[str, Any]]] = {}
    for each in runs:
        values = {
            "of_account": each.account,
            "of_run": each.run_id,
            "at": now,
            "new_outcome": each.ending.value,
            **{f"new_{name}": getattr(each, name) for name in _NOTHING},
            "new_todo": each.todo and [each.todo.vi, each.todo.en],
        }
        by_ending.setdefault((each.ending, each.worked), []).append(values)
    for which, rows in by_ending.items():
        await conn.execute(_END_OF.get(which, _END), rows)


async def turned(conn: AsyncConnection, runs: Iterable[Ended]) -> set[str]:
    """Return the accounts that begin to fail with these *runs*, or work again."""
    by_account = {each.account: each.ending for each in runs}
    rows = await conn.scalars(_FAILING, {"keys": list(by_account)})
    failing = set(rows)
    return {
        key
        for key, ending in by_account.items()
        if (ending is Ending.FAILED and key not in failing)
        or (ending is Ending.DONE and key in failing)
    }


async def pasts(
    conn: AsyncConnection, keys: Collection[str], now: datetime
) -> dict[str, AccountPast]:
    """Return the records of accounts *keys*, where there are any."""
    rows = await conn.execute(_PAST, {"keys": list(keys)})
    return {row.key: _past(row, now) for row in rows.all()}


async def held_at(conn: AsyncConnection, keys: Sequence[str]) -> dict[str, int]:
    """Return how many products are held at accounts *keys*, where any are."""
    rows = await conn.execute(_HELD, {"keys": list(keys)})
    return {row.account: row.n for row in rows.all()}


def _past(row: Row[Any], now: datetime) -> AccountPast:
    found = None if row.run_id is None else _to_last_run(row, now)
    has_died = found is not None and found.ending is Ending.DIED
    since = row.failing_since or (row.began_at if has_died else None)
    return AccountPast(
        last_run=found,
        failing_since=since,
        worked_at=row.worked_at,
        read_whole_at=row.read_whole_at,
        sales_known_at=row.sales_known_at,
        restored_at=row.restored_at,
    )


def _to_last_run(row: Row[Any], now: datetime) -> LastRun:
    ending = Ending(row.outcome)
    has_lease = row.lease_until is not None and row.lease_until > now
    is_its = has_lease and row.run_id.startswith(f"{row.token}:")
    if ending is Ending.RUNNING and not is_its:
        ending = Ending.DIED
    return LastRun(
        **{name: getattr(row, name) for name in (*_NOTHING, *_SPAN)}
        | {
            "ending": ending,
            "todo": Text(*row.todo) if row.todo else None,
            "cause": row.cause or "",
        }
    )


_SPAN = ("run_id", "began_at", "ended_at")
