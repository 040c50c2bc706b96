"""Runs that people have asked for: who carries each out, and how it ended.

A claim is in the request's row. Whoever has it proves it by its token and renews its
lease; another process takes it over once the lease has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.counters import next_numbers
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
class RunRequest:
    """A run that somebody has asked for.

    Attributes:
        id: Its id; its runs in the ledger are called so before the first ":".
        kind: The work.
        marketplaces: Where; all of them if empty.
        report_only: A reconciliation that writes nothing.
        plan_id: The plan that it carries out, if any.
        asked_at: When it was asked for, in UTC.
        cancelled_at: When a person wanted it to end; None if nobody does.
        began_at: When it was first claimed; None while it waits.
        holder: The process that carries it out, or did so last.
        token: Proves the claim; "" while it waits for a process.
        lease_until: When it may be taken over, unless the lease is renewed.
        tries: How many processes have begun it.
        ended_at: When it ended; None while it is open.
        outcome: How; None while it is open.
        reason: Why it failed, in words fit for everybody; "" if it did not.
        act: The entry of the audit that says who has asked; None of earlier versions.
    """

    id: str
    kind: RunKind
    marketplaces: tuple[str, ...]
    report_only: bool = False
    plan_id: int | None = None
    asked_at: datetime
    cancelled_at: datetime | None = None
    began_at: datetime | None = None
    holder: str = ""
    token: str = ""
    lease_until: datetime | None = None
    tries: int = 0
    ended_at: datetime | None = None
    outcome: RequestOutcome | None = None
    reason: str = ""
    act: int | None = None

    def is_held(self, now: datetime, farthest: datetime) -> bool:
        """Say whether a process has it, and has shown signs of life.

        A lease that ends after *farthest* was taken while a clock was wrong.
        """
        until = self.lease_until
        return bool(self.token) and until is not None and now < until <= farthest


_c = run_request.c
_IS_OPEN = _c.ended_at.is_(None)
_OF = _c.id == bindparam("of")
_ONE = select(run_request).where(_OF)
_LOCKED = _ONE.with_for_update()
_OPEN = select(run_request).where(_IS_OPEN).order_by(_c.asked_at, _c.id)
_OF_PLAN = select(_c.id).where(_c.plan_id == bindparam("of"))
_HELD = (_OF, _c.token == bindparam("by"), _IS_OPEN)
_RENEW = (
    update(run_request)
    .where(*_HELD)
    .values(lease_until=bindparam("until"))
    .returning(_c.cancelled_at)
)
_END = (
    update(run_request)
    .where(*_HELD)
    .values(
        ended_at=bindparam("at"),
        outcome=bindparam("how"),
        reason=bindparam("why"),
        lease_until=None,
    )
)
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
_RELEASE = (
    update(run_request)
    .where(*_HELD)
    .values(token="", lease_until=None, tries=_c.tries - 1)
)
_CLAIM = (
    update(run_request)
    .where(_OF, _IS_OPEN)
    .values(
        token=bindparam("by"),
        holder=bindparam("who"),
        lease_until=bindparam("until"),
        began_at=bindparam("at"),
        tries=_c.tries + 1,
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


async def claim(
    conn: AsyncConnection,
    request: RunRequest,
    *,
    token: str,
    holder: str,
    now: datetime,
    until: datetime,
) -> None:
    """Let a process have an open request that is locked."""
    values = {
        "of": request.id,
        "by": token,
        "who": holder,
        "until": until,
        "at": request.began_at or now,
    }
    await conn.execute(_CLAIM, values)


async def renew(
    conn: AsyncConnection, id_: str, token: str, until: datetime
) -> tuple[bool, bool]:
    """Renew a lease.

    Returns:
        Whether the claim is still held, and whether a person wants the run to end.
    """
    values = {"of": id_, "by": token, "until": until}
    rows = (await conn.execute(_RENEW, values)).all()
    return bool(rows), any(row.cancelled_at is not None for row in rows)


async def end(
    conn: AsyncConnection,
    id_: str,
    token: str,
    *,
    now: datetime,
    outcome: RequestOutcome,
    reason: str,
) -> bool:
    """Store how a run has ended; say whether the claim was still held."""
    values = {"of": id_, "by": token, "at": now, "how": outcome.value, "why": reason}
    return bool((await conn.execute(_END, values)).rowcount)


async def end_all(conn: AsyncConnection, now: datetime, reason: str) -> None:
    """End all open requests as cancelled, whoever has them."""
    await conn.execute(_END_ALL, {"at": now, "why": reason})


async def release(conn: AsyncConnection, id_: str, token: str) -> bool:
    """Let any process go on with it; say whether the claim was still held."""
    return bool((await conn.execute(_RELEASE, {"of": id_, "by": token})).rowcount)


async def cancel(conn: AsyncConnection, id_: str, now: datetime) -> None:
    """Remember that a person wants an open request to end."""
    await conn.execute(_CANCEL, {"of": id_, "at": now})


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
