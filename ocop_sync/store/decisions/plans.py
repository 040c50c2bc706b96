"""Plans that people decide on, with their changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from catalog.db.counters import next_numbers
from ocop_sync.store.plan_tables import plan, plan_change
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import change


class PlanState(StrEnum):
    """How a plan stands, its expiry left aside."""

    MAKING = "making"
    """Its changes are still being stored."""
    WAITING = "waiting"
    """A person has to decide."""
    APPROVED = "approved"
    REFUSED = "refused"
    CARRIED_OUT = "carried_out"


class PlannedOutcome(StrEnum):
    """What came of a change of a plan that was carried out."""

    SENT = "sent"
    CHANGED = "changed"
    """It no longer fitted, and was not sent."""
    HELD = "held"
    """The product was held by then."""
    NOT_SENT = "not_sent"
    """Its account could not be worked on to the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A plan without its changes.

    Attributes:
        id: Its number.
        state: How it stands, its expiry left aside.
        made_at: The moment whose state it shows, in UTC.
        made_by: Who had it made.
        expires_at: From then on it is carried out no more.
        simulated: A marketplace is a mock.
        marketplaces: What is told of each marketplace, as JSON's values.
        unusable: Accounts that could not be planned for.
        scope: The accounts, products and facets that it is of, as JSON's values; all
            where none are named.
        changes: How many there are.
        takes: How many of them take something from buyers.
        checksum: The checksum of its changes.
        decided_by: Who has decided; "" if nobody has.
        decided_at: When.
        reason: Why, in that person's words.
        run: The last run that was to carry it out; "" if there was none.
        reopened_at: When the database was put back, after which an approval of before
            holds no more; None if that was not so, or somebody has decided since.
    """

    id: int
    state: PlanState
    made_at: datetime
    made_by: str
    expires_at: datetime
    simulated: bool
    marketplaces: Sequence[dict[str, Any]]
    unusable: Sequence[str]
    scope: Mapping[str, Sequence[str]]
    changes: int
    takes: int
    checksum: str
    decided_by: str
    decided_at: datetime | None
    reason: str
    run: str
    reopened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """One change of a plan; see `ocop_sync.service.plan.plan.PlanLine`.

    Attributes:
        n: Its place in the plan.
        listing: The marketplace's id of the listing; "" if there is none yet.
        outcome: What came of it; None until the plan was carried out.
    """

    n: int
    marketplace: str
    account: str
    subject: str
    name: str
    listing: str
    kind: str
    urgency: str
    takes: bool
    is_double: bool
    counted_as: str
    cause: str
    why: dict[str, Any]
    before: Any
    after: Any
    fingerprint: str
    outcome: PlannedOutcome | None = None


class ToCarryOut(NamedTuple):
    """What a run needs of a change."""

    n: int
    marketplace: str
    account: str
    subject: str
    kind: str
    fingerprint: str


class Removed(NamedTuple):
    """What a plan takes from buyers by one cause."""

    marketplace: str
    kind: str
    cause: str
    products: int


class Skipped(NamedTuple):
    """A change of a plan that was not sent."""

    account: str
    subject: str
    kind: str
    outcome: PlannedOutcome


_p, _c = plan.c, plan_change.c
_OF = _p.id == bindparam("of")
_IS_SHOWN = _p.state != PlanState.MAKING.value
_ONE = select(plan).where(_OF, _IS_SHOWN)
_LOCKED = _ONE.with_for_update()
_PAGE = select(plan).where(_IS_SHOWN).order_by(_p.id.desc())
_FINISH = (
    update(plan)
    .where(_OF)
    .values(
        state=PlanState.WAITING.value,
        changes=bindparam("all"),
        takes=bindparam("removals"),
        checksum=bindparam("sum"),
    )
)
_DECIDE = (
    update(plan)
    .where(_OF)
    .values(
        state=bindparam("new"),
        decided_by=bindparam("by"),
        decided_at=bindparam("at"),
        reason=bindparam("because"),
        reopened_at=None,
    )
)
_REOPEN = (
    update(plan)
    .where(_p.state == PlanState.APPROVED.value)
    .values(
        state=PlanState.WAITING.value,
        decided_by="",
        decided_at=None,
        reason="",
        reopened_at=bindparam("at"),
    )
    .returning(_p.id)
)
_REFER = update(plan).where(_OF).values(run=bindparam("to"))
_CARRIED_OUT = update(plan).where(_OF).values(state=PlanState.CARRIED_OUT.value)
_IS_IN = _c.plan_id == bindparam("of")
_CHANGES = select(*(each for each in _c if each is not _c.plan_id)).where(_IS_IN)
_TO_CARRY_OUT = (
    select(_c.n, _c.marketplace, _c.account, _c.subject, _c.kind, _c.fingerprint)
    .where(_IS_IN, _c.n > bindparam("after"), _c.is_double.is_(False))
    .order_by(_c.n)
    .limit(bindparam("most"))
)
_REMOVED = (
    select(
        _c.marketplace,
        _c.kind,
        _c.cause,
        func.count(_c.subject.distinct()).label("products"),
    )
    .where(_IS_IN, _c.takes.is_(True))
    .group_by(_c.marketplace, _c.kind, _c.cause)
    .order_by(_c.marketplace, _c.kind, _c.cause)
)
_SENT = (
    update(plan_change)
    .where(_IS_IN, _c.is_double.is_(False))
    .values(outcome=PlannedOutcome.SENT.value)
)
_SKIP = (
    update(plan_change)
    .where(
        _IS_IN,
        _c.subject == bindparam("whose"),
        _c.account == bindparam("where"),
        _c.kind == bindparam("what"),
    )
    .values(outcome=bindparam("how"))
)
_OLD = select(_p.id).where(_p.expires_at < bindparam("before"))
_FORGET_CHANGES = delete(plan_change).where(_c.plan_id.in_(_OLD))
_FORGET = delete(plan).where(_p.expires_at < bindparam("before"))
_TRIED = select(change.c.account, change.c.subject, change.c.kind).where(
    # ";" comes right after ":".
    change.c.run_id >= bindparam("first"),
    change.c.run_id < bindparam("last"),
    change.c.outcome.is_distinct_from("not_sent"),
)
READ_AT_ONCE: Final = 2_000
_COUNTER: Final = "plan"


async def begin(conn: AsyncConnection, row: PlanRow) -> int:
    """Add a plan whose changes come next; return its number."""
    # Danger: SQLite gives a number out again once its row is forgotten, and the audit
    # names plans by number.
    (number,) = await next_numbers(conn, _COUNTER, 1)
    values = values_of(row) | {
        "id": number,
        "state": PlanState.MAKING.value,
        "marketplaces": list(row.marketplaces),
        "unusable": list(row.unusable),
        "scope": dict(row.scope),
    }
    await conn.execute(insert(plan).values(values))
    return number


async def add(
    conn: AsyncConnection, plan_id: int, changes: Iterable[PlanChange]
) -> None:
    """Add changes of a plan that is being made."""
    rows = ({**values_of(each), "plan_id": plan_id, "outcome": ""} for each in changes)
    await execute_each(conn, insert(plan_change), rows)


async def finish(
    conn: AsyncConnection, plan_id: int, *, changes: int, takes: int, checksum: str
) -> None:
    """Let a plan be seen: all its changes are there."""
    values = {"of": plan_id, "all": changes, "removals": takes, "sum": checksum}
    await conn.execute(_FINISH, values)


async def find(conn: AsyncConnection, plan_id: int) -> PlanRow | None:
    """Return the plan of that number, if there is one."""
    return _first((await conn.execute(_ONE, {"of": plan_id})).all())


async def lock(conn: AsyncConnection, plan_id: int) -> PlanRow | None:
    """Return the plan of that number; nobody else writes to it meanwhile."""
    return _first((await conn.execute(_LOCKED, {"of": plan_id})).all())


async def page(conn: AsyncConnection, before: int | None, size: int) -> list[PlanRow]:
    """Return *size* plans, the latest first: those with a number below *before*."""
    statement = _PAGE if before is None else _PAGE.where(_p.id < before)
    return [_plan(row) for row in await conn.execute(statement.limit(size))]


async def changes_page(
    conn: AsyncConnection,
    plan_id: int,
    after: int,
    size: int,
    *,
    takes: bool | None = None,
) -> list[PlanChange]:
    """Return *size* changes of a plan after place *after*.

    With *takes* only those that take something from buyers, or only the others.
    """
    statement = _CHANGES.where(_c.n > after).order_by(_c.n).limit(size)
    if takes is not None:
        statement = statement.where(_c.takes.is_(takes))
    rows = await conn.execute(statement, {"of": plan_id})
    return [_change(row) for row in rows]


async def to_carry_out(
    conn: AsyncConnection, plan_id: int, after: int
) -> list[ToCarryOut]:
    """Return some changes that a run is to send, behind place *after*."""
    values = {"of": plan_id, "after": after, "most": READ_AT_ONCE}
    return [ToCarryOut(*row) for row in await conn.execute(_TO_CARRY_OUT, values)]


async def tried(conn: AsyncConnection, run_id: str) -> set[tuple[str, str, str]]:
    """Return account, subject and kind of what a run may have sent, in any try."""
    values = {"first": f"{run_id}:", "last": f"{run_id};"}
    return {(row[0], row[1], row[2]) for row in await conn.execute(_TRIED, values)}


async def removed(conn: AsyncConnection, plan_id: int) -> list[Removed]:
    """Return what a plan takes from buyers, by cause."""
    rows = await conn.execute(_REMOVED, {"of": plan_id})
    return [Removed(*row) for row in rows]


async def decide(
    conn: AsyncConnection,
    plan_id: int,
    *,
    state: PlanState,
    by: str,
    reason: str,
    now: datetime,
) -> None:
    """Store a person's decision."""
    values = {"of": plan_id, "new": state.value, "by": by, "at": now, "because": reason}
    await conn.execute(_DECIDE, values)


async def reopen(conn: AsyncConnection, now: datetime) -> tuple[int, ...]:
    """Let all approved plans wait for approval anew; return their numbers, sorted.

    For a database that was put back: it does not know which were carried out since.
    """
    return tuple(sorted(await conn.scalars(_REOPEN, {"at": now})))


async def refer(conn: AsyncConnection, plan_id: int, run: str) -> None:
    """Remember which run is to carry a plan out."""
    await conn.execute(_REFER, {"of": plan_id, "to": run})


async def note_outcomes(
    conn: AsyncConnection,
    plan_id: int,
    skipped: Sequence[Skipped],
    *,
    is_carried_out: bool,
) -> None:
    """Store what came of the changes; all that were not skipped have been sent.

    Of a plan that was not carried out, only what was skipped is stored.
    """
    if is_carried_out:
        await conn.execute(_SENT, {"of": plan_id})
        await conn.execute(_CARRIED_OUT, {"of": plan_id})
    rows = (
        {
            "of": plan_id,
            "whose": each.subject,
            "where": each.account,
            "what": each.kind,
            "how": each.outcome.value,
        }
        for each in skipped
    )
    await execute_each(conn, _SKIP, rows)


async def forget_before(conn: AsyncConnection, before: datetime) -> None:
    """Forget plans that expired before *before*."""
    await conn.execute(_FORGET_CHANGES, {"before": before})
    await conn.execute(_FORGET, {"before": before})


def _first(rows: Sequence[Row[Any]]) -> PlanRow | None:
    return _plan(rows[0]) if rows else None


def _plan(row: Row[Any]) -> PlanRow:
    return PlanRow(**row._asdict() | {"state": PlanState(row.state)})


def _change(row: Row[Any]) -> PlanChange:
    outcome = PlannedOutcome(row.outcome) if row.outcome else None
    return PlanChange(**row._asdict() | {"outcome": outcome})
