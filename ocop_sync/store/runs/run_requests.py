"""Runs that people have asked for: who carries each out, and how it ended.

A claim is in the request's row, of the form of `ocop_sync.store.claims`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.counters import next_numbers
from ocop_sync.store.claims import Claimable, Claims
from ocop_sync.store.rows import values_of
from ocop_sync.store.run_request_tables import run_request

_COUNTER = "run_request"
"""The counter that is locked while somebody asks; its numbers mean nothing."""


class RunKind(StrEnum):
    """The work of a run that somebody asks for."""

    SYNC = "sync"
    RECONCILE = "reconcile"
    PLAN = "plan"
    """The changes of an approved plan, and no others."""


class RequestOutcome(StrEnum):
    """How a run that was asked for has ended."""

    DONE = "done"
    HELD = "held"
    """Groups wait for a person; all else is done."""
    FAILED = "failed"
    """It has an error, or left something undone."""
    CANCELLED = "cancelled"
    """By a person."""
    DIED = "died"
    """Every process that carried it out has died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest(Claimable):
    """A run that somebody has asked for.

    Attributes:
        id: Its id; its runs in the ledger are called so before the first ":".
        kind: The work.
        marketplaces: Where; all of them if empty.
        report_only: A reconciliation that writes nothing.
        full: A sync that evaluates every product, whatever has changed.
        plan_id: The plan that it carries out, if any.
        asked_at: When it was asked for, in UTC.
        cancelled_at: When a person wanted it to end; None if nobody does.
        outcome: How it has ended; None while it is open.
        act: The entry of the audit that says who has asked; None of earlier versions.
    """

    id: str
    kind: RunKind
    marketplaces: tuple[str, ...]
    report_only: bool = False
    full: bool = False
    plan_id: int | None = None
    asked_at: datetime
    cancelled_at: datetime | None = None
    outcome: RequestOutcome | None = None
    act: int | None = None


_c = run_request.c
_IS_OPEN = _c.ended_at.is_(None)
_OF = _c.id == bindparam("of")
_ONE = select(run_request).where(_OF)
_CANCELLED_AT = select(_c.cancelled_at).where(_OF)
_LOCKED = _ONE.with_for_update()
_OPEN = select(run_request).where(_IS_OPEN).order_by(_c.asked_at, _c.id)
_OPEN_LOCKED = _OPEN.with_for_update()
_OF_PLAN = select(_c.id).where(_c.plan_id == bindparam("of"))
CLAIMS: Final = Claims(run_request, _OF)
"""Each request is claimed by itself: "of" is its id."""
_END_ALL = (
    update(run_request)
    .where(_IS_OPEN)
    .values(
        cancelled_at=bindparam("at"),
        ended_at=bindparam("at"),
        outcome=RequestOutcome.CANCELLED.value,
        reason=bindparam("why"),
        lease_until=None,
    )
)
_CANCEL = update(run_request).where(_OF, _IS_OPEN).values(cancelled_at=bindparam("at"))
_BY = update(run_request).where(_OF).values(act=bindparam("n"))
_SOME = select(run_request).where(_c.id.in_(bindparam("ids", expanding=True)))
_LATEST = (
    select(run_request)
    .order_by(_c.asked_at.desc(), _c.id.desc())
    .limit(bindparam("most"))
)
_BEHIND = _LATEST.where(
    _c.asked_at <= bindparam("at"),
    or_(_c.asked_at < bindparam("at"), _c.id < bindparam("of")),
)
_THOSE = (_c.id.in_(bindparam("those", expanding=True)), _IS_OPEN)
_CANCEL_THOSE = update(run_request).where(*_THOSE).values(cancelled_at=bindparam("at"))
_END_WAITING = (
    update(run_request)
    .where(*_THOSE, _c.token == "")
    .values(
        ended_at=bindparam("at"),
        outcome=RequestOutcome.CANCELLED.value,
        lease_until=None,
    )
)
_FORGET = delete(run_request).where(_c.ended_at < bindparam("before"))


async def lock_all(conn: AsyncConnection) -> None:
    """Let nobody else ask for a run before this transaction ends."""
    await next_numbers(conn, _COUNTER, 1)


async def find(conn: AsyncConnection, id_: str) -> RunRequest | None:
    """Return the request *id_*, if there is one."""
    return _first((await conn.execute(_ONE, {"of": id_})).all())


async def lock(conn: AsyncConnection, id_: str) -> RunRequest | None:
    """Return the request *id_*; nobody else writes to it in this transaction."""
    return _first((await conn.execute(_LOCKED, {"of": id_})).all())


async def open_requests(conn: AsyncConnection) -> list[RunRequest]:
    """Return the requests that have not ended, the first asked for first."""
    return [_request(row) for row in await conn.execute(_OPEN)]


async def some(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, RunRequest]:
    """Return those of *ids* that are requests, by id."""
    rows = await conn.execute(_SOME, {"ids": list(ids)})
    return {row.id: _request(row) for row in rows.all()}


async def latest(
    conn: AsyncConnection, after: tuple[datetime, str] | None, size: int
) -> list[RunRequest]:
    """Return *size* requests, open or ended, those asked for last first.

    They are those after a place: when and under which id the last one was asked for.
    """
    statement, values = _LATEST, dict[str, Any](most=size)
    if after is not None:
        statement = _BEHIND
        values |= {"at": after[0], "of": after[1]}
    return [_request(row) for row in await conn.execute(statement, values)]


async def lock_open(conn: AsyncConnection) -> list[RunRequest]:
    """Return them; nobody else writes to them in this transaction."""
    return [_request(row) for row in await conn.execute(_OPEN_LOCKED)]


async def of_plan(conn: AsyncConnection, plan_id: int) -> list[str]:
    """Return the ids of all runs that were to carry a plan out."""
    return list(await conn.scalars(_OF_PLAN, {"of": plan_id}))


async def add(conn: AsyncConnection, request: RunRequest) -> None:
    """Add a request that waits for a worker."""
    values = values_of(request) | {
        "kind": request.kind.value,
        "marketplaces": list(request.marketplaces),
        "outcome": "",
    }
    await conn.execute(insert(run_request).values(values))


async def note_act(conn: AsyncConnection, id_: str, act: int) -> None:
    """Remember by which entry of the audit a run was asked for."""
    await conn.execute(_BY, {"of": id_, "n": act})


async def is_cancelled(conn: AsyncConnection, id_: str) -> bool:
    """Say whether a person wants a request to end."""
    return await conn.scalar(_CANCELLED_AT, {"of": id_}) is not None


async def end_all(conn: AsyncConnection, now: datetime, reason: str) -> None:
    """End all open requests as cancelled, whoever has them."""
    await conn.execute(_END_ALL, {"at": now, "why": reason})


async def cancel(conn: AsyncConnection, id_: str, now: datetime) -> None:
    """Remember that a person wants an open request to end."""
    await conn.execute(_CANCEL, {"of": id_, "at": now})


async def cancel_those(
    conn: AsyncConnection, ids: Sequence[str], now: datetime
) -> None:
    """Remember that a person wants open requests to end; end those that wait."""
    for statement in (_CANCEL_THOSE, _END_WAITING):
        await conn.execute(statement, {"those": list(ids), "at": now})


async def forget_before(conn: AsyncConnection, before: datetime) -> None:
    """Forget requests that ended before *before*."""
    await conn.execute(_FORGET, {"before": before})


def _first(rows: Sequence[Row[Any]]) -> RunRequest | None:
    return _request(rows[0]) if rows else None


def _request(row: Row[Any]) -> RunRequest:
    return RunRequest(
        **row._asdict()
        | {
            "kind": RunKind(row.kind),
            "marketplaces": tuple(row.marketplaces),
            "outcome": RequestOutcome(row.outcome) if row.outcome else None,
        }
    )
