"""Keep what is remembered of each product at each marketplace.

A `Record` is a state with what the last evaluation made of it. All statements
take batches: nothing here is called once per product.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Insert,
    Row,
    Update,
    bindparam,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import CHUNK, chunks, rows_of
from catalog.db.sequences import insert_in, upsert
from ocop_sync.engine.facet import Values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.state import stored_shape
from ocop_sync.engine.state.quarantine import Failure, Way
from ocop_sync.engine.state.state import Double, Look, State
from ocop_sync.engine.terms import Decision, Found, Twin
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet, Problem
from ocop_sync.store.tables import listing

MOST = 2**31 - 1
"""The largest number in an integer column of PostgreSQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A state, and what the last evaluation made of it.

    Attributes:
        state: What is remembered of the listing.
        settled_print: Fingerprint of the wish that was evaluated last, if it needs
            nothing more now, else "".
        counted: How the product is counted (`Wanted.counted`).
        decision: What was decided.
        hold: Why a person decides, if so.
        held_group: The group above the budget that it belongs to, if any.
        urgency: How urgent what is due is; None if nothing is.
        waiting_since: Since when something is due, in UTC.
        until: When the verdict may change by itself, in UTC.
        ends_on: ISO day on which the claim ends, or "".
        ends_seen_at: Since when that day is known here, in UTC.
        blocked: It may not be on sale, by a verdict.
        next_try_at: As of `Evaluation.next_try_at`.
    """

    state: State
    settled_print: str = ""
    counted: str = "not_certified"
    decision: Decision = Decision.NOTHING
    hold: Hold | None = None
    held_group: int | None = None
    urgency: int | None = None
    waiting_since: datetime | None = None
    until: datetime | None = None
    ends_on: str = ""
    ends_seen_at: datetime | None = None
    blocked: bool = False
    next_try_at: datetime | None = None

    def unsettled(self, state: State) -> "Record":
        """Return the record with a new *state*, to be evaluated again."""
        return replace(self, state=state, settled_print="")


_EVALUATED = (
    "account",
    "twin",
    "twin_ref",
    "settled_print",
    "counted",
    "decision",
    "hold",
    "held_group",
    "urgency",
    "waiting_since",
    "until",
    "ends_on",
    "ends_seen_at",
    "blocked",
    "next_try_at",
)
"""What an evaluation makes of a record."""

_INTENDED = (
    "account",
    "seller_ref",
    "awaiting",
    "sent_at",
    "sent",
    "confirmed",
    "edited",
    "mapping_version",
    "sales_seen",
    "stale",
    "settled_print",
    "doubles",
    "look",
    "look_at",
)
"""What an intent changes of a record; `confirmed` may refer to what was sent."""

_ANSWERED = tuple(
    column.name
    for column in listing.c
    if column.name not in {"marketplace", "product_id", "account", "sent"}
)
"""What an answer may change; its document is the largest and stays as it is."""


def _changing(names: Iterable[str]) -> Update:
    """Return a statement that changes columns *names* of one row."""
    return (
        update(listing)
        .where(
            listing.c.marketplace == bindparam("of"),
            listing.c.product_id == bindparam("id_"),
        )
        .values({name: bindparam(f"new_{name}") for name in names})
    )


_INTEND, _ANSWER = _changing(_INTENDED), _changing(_ANSWERED)
_ROW = select(listing)
_RECOUNT = _changing(["counted", "blocked"]).values(settled_print="")
_DOUBLE = (
    _changing(["doubled_ref"])
    .where(listing.c.doubled_ref != bindparam("new_doubled_ref"))
    .values(settled_print="")
)
_DOUBLED = (
    select(listing.c.product_id)
    # As the index has it: a value that is bound would not be known to fit.
    .where(listing.c.marketplace == bindparam("of"), text("doubled_ref <> ''"))
    .order_by(listing.c.product_id)
)
_LOOKED = ("read_at", "look", "look_at", "lost")
"""What looking up changes of a record of which nothing else is new."""
_LOOK = _changing(_LOOKED)
_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
_KNOWN = select(listing.c.product_id).where(
    listing.c.marketplace == bindparam("of"), listing.c.product_id.in_(_IDS)
)
_FREE = _KNOWN.with_for_update(skip_locked=True)
_BY_IDS = _ROW.where(
    listing.c.marketplace == bindparam("of"), listing.c.product_id.in_(_IDS)
)
_ON_SALE = _BY_IDS.where(
    or_(
        listing.c.found.in_([Found.LIVE.value, Found.IN_REVIEW.value]),
        listing.c.awaiting.is_not(None),
    )
)
_SETTLED = (
    select(listing.c.product_id, listing.c.settled_print)
    .where(
        listing.c.marketplace == bindparam("of"),
        listing.c.product_id > bindparam("after"),
        listing.c.product_id <= bindparam("last"),
    )
    .order_by(listing.c.product_id)
)
_TAIL = (
    select(listing.c.product_id, listing.c.settled_print)
    .where(
        listing.c.marketplace == bindparam("of"),
        listing.c.product_id > bindparam("after"),
    )
    .order_by(listing.c.product_id)
    .limit(CHUNK)
)
_PROVE = (
    update(listing)
    .where(
        listing.c.marketplace == bindparam("of"),
        listing.c.product_id == bindparam("id_"),
    )
    .values(read_at=bindparam("at"))
)
_BY_REFS = _ROW.where(listing.c.account == bindparam("via"), listing.c.ref.in_(_IDS))


def to_record(row: Row[Any]) -> Record:
    """Turn a row of the table into a record."""
    return Record(
        state=_to_state(row),
        settled_print=row.settled_print,
        counted=row.counted,
        decision=Decision(row.decision),
        hold=Hold(row.hold) if row.hold else None,
        held_group=row.held_group,
        urgency=row.urgency,
        waiting_since=row.waiting_since,
        until=row.until,
        ends_on=row.ends_on,
        ends_seen_at=row.ends_seen_at,
        blocked=bool(row.blocked),
        next_try_at=row.next_try_at,
    )


def _to_state(row: Row[Any]) -> State:
    return State(
        product_id=row.product_id,
        marketplace=row.marketplace,
        account=row.account,
        seller_ref=row.seller_ref,
        ref=row.ref,
        ticket=row.ticket,
        version=row.version,
        found=Found(row.found),
        read_at=row.read_at,
        absent_reads=row.absent_reads,
        awaiting=Kind(row.awaiting) if row.awaiting else None,
        sent_at=row.sent_at,
        sent=(sent := from_document(row.sent)),
        confirmed=sent if row.confirmed is True else from_document(row.confirmed),
        edited=from_document(row.edited),
        problems=tuple(Problem(**problem) for problem in row.problems),
        refused=row.refused,
        failures=to_failures(row.failures),
        doubled_ref=row.doubled_ref,
        doubles=tuple(map(_to_double, row.doubles or ())),
        twin=Twin(row.twin),
        twin_ref=row.twin_ref,
        mapping_version=row.mapping_version,
        stock_at={sku: datetime.fromisoformat(at) for sku, at in row.stock_at.items()},
        sales_seen=row.sales_seen,
        stale=row.stale,
        look=Look(row.look) if row.look else None,
        look_at=row.look_at,
        lost=row.lost or {},
        unreadable=row.unreadable or "",
        review_unreadable=row.review_unreadable or "",
    )


def to_values(record: Record) -> dict[str, Any]:
    """Turn a record into the values of a row."""
    state = record.state
    return {
        "product_id": state.product_id,
        "marketplace": state.marketplace,
        "account": state.account,
        "seller_ref": state.seller_ref,
        "ref": state.ref,
        "ticket": state.ticket,
        "version": state.version,
        "found": state.found.value,
        "read_at": state.read_at,
        "absent_reads": state.absent_reads,
        "awaiting": state.awaiting.value if state.awaiting else None,
        "sent_at": state.sent_at,
        "sent": to_document(state.sent),
        # What was confirmed as it was sent is not written twice.
        "confirmed": True if _is_as_sent(state) else to_document(state.confirmed),
        "edited": to_document(state.edited),
        "problems": [asdict(problem) for problem in state.problems],
        "refused": dict(state.refused),
        "failures": from_failures(state.failures),
        "doubled_ref": state.doubled_ref,
        "doubles": [*map(_from_double, state.doubles)] or None,
        "twin": state.twin.value,
        "twin_ref": state.twin_ref,
        "mapping_version": state.mapping_version,
        "stock_at": {sku: at.isoformat() for sku, at in state.stock_at.items()},
        "sales_seen": state.sales_seen,
        "stale": state.stale,
        "look": state.look.value if state.look else None,
        "look_at": state.look_at,
        "lost": dict(state.lost) or None,
        "unreadable": state.unreadable or None,
        "review_unreadable": state.review_unreadable or None,
        "settled_print": record.settled_print,
        "counted": record.counted,
        "decision": record.decision.value,
        "hold": record.hold.value if record.hold else None,
        "held_group": record.held_group,
        "urgency": record.urgency,
        "waiting_since": record.waiting_since,
        "until": record.until,
        "ends_on": record.ends_on,
        "ends_seen_at": record.ends_seen_at,
        "blocked": record.blocked,
        "next_try_at": record.next_try_at,
        # Asked only whether it is 0; the sum may be more than a column holds.
        "stock_shown": min(sum(state.shown.get(Facet.STOCK, {}).values()), MOST),
    }


_SHAPE = "shape"
"""By which a document of values says in which version of the shape they are."""


def to_document(values: Values | None) -> dict[str, Any] | None:
    """Return *values* as they are stored: with the version of their shape."""
    return None if values is None else {_SHAPE: stored_shape.present(), **values}


def from_document(stored: Mapping[str, Any] | None) -> Values | None:
    """Return stored values in the present shape; whatever theirs was.

    Version 1 did not say so.
    """
    if stored is None:
        return None
    values = {name: value for name, value in stored.items() if name != _SHAPE}
    return stored_shape.upgraded(values, stored.get(_SHAPE, 1))


def _to_double(stored: Mapping[str, Any]) -> Double:
    values = from_document(stored["values"]) or {}
    found, failures = Found(stored["found"]), to_failures(stored.get("failures"))
    known = {"found": found, "values": values, "failures": failures}
    return Double(**{**stored, **known})


def _from_double(double: Double) -> dict[str, Any]:
    found, values = double.found.value, to_document(double.values)
    failures = from_failures(double.failures)
    known = {"found": found, "values": values, "failures": failures}
    return {**asdict(double), **known}


def to_failures(stored: Mapping[str, Any] | None) -> dict[Kind, Failure]:
    """Return how changes fail, from a document."""
    return {
        Kind(kind): Failure(
            **{
                **failure,
                "way": Way(failure["way"]),
                "at": datetime.fromisoformat(failure["at"]),
            }
        )
        for kind, failure in (stored or {}).items()
    }


def from_failures(failures: Mapping[Kind, Failure]) -> dict[str, Any] | None:
    """Return how changes fail as a document; None, as for nearly all, if none does."""
    return {
        kind.value: {**asdict(failure), "at": failure.at.isoformat()}
        for kind, failure in failures.items()
    } or None


def _is_as_sent(state: State) -> bool:
    return state.confirmed is not None and state.confirmed == state.sent


async def save(conn: AsyncConnection, records: Iterable[Record]) -> None:
    """Insert or replace *records*."""
    values = [to_values(record) for record in records]
    if values:
        await conn.execute(upsert(conn, listing), values)


async def save_intents(conn: AsyncConnection, records: Sequence[Record]) -> None:
    """Write down what is about to be sent of *records*, all of which are stored."""
    await _change(conn, _INTEND, _INTENDED, records)


async def save_answered(conn: AsyncConnection, records: Sequence[Record]) -> None:
    """Write down what came of what was sent as it was written down before."""
    await _change(conn, _ANSWER, _ANSWERED, records)


async def _change(
    conn: AsyncConnection,
    statement: Update,
    names: Sequence[str],
    records: Sequence[Record],
) -> None:
    values = []
    for record in records:
        row = to_values(record)
        changes = {f"new_{name}": row[name] for name in names}
        values.append({"of": row["marketplace"], "id_": row["product_id"], **changes})
    if values:
        await conn.execute(statement, values)


async def save_looked(conn: AsyncConnection, records: Sequence[Record]) -> None:
    """Write down that *records* were looked up, and nothing else of them."""
    await _change(conn, _LOOK, _LOOKED, records)


async def save_evaluated(conn: AsyncConnection, records: Sequence[Record]) -> None:
    """Insert *records*, or replace what the evaluation made of them.

    What is remembered of the listing itself stays as it is: it may have
    changed since the evaluation read it.
    """
    values = [to_values(record) for record in records]
    if values:
        await conn.execute(_evaluating(conn.dialect.name), values)


async def recount(
    conn: AsyncConnection, marketplace: str, records: Sequence[Record]
) -> None:
    """Bring up to date how products are counted, and nothing else of them.

    What a run at their accounts has in hand is passed over: on PostgreSQL it and we
    would each wait for the other. It stays as it is there, and is counted next time.

    Args:
        conn: A connection in a transaction that has written nothing else.
        marketplace: Name of the marketplace.
        records: Of products there, by product id.
    """
    by_id = {record.state.product_id: record for record in records}
    for ids in chunks(list(by_id)):
        chosen = {"of": marketplace, "ids": ids}
        known = set(await conn.scalars(_KNOWN, chosen))
        new = [to_values(by_id[i]) | {"urgency": None} for i in ids if i not in known]
        if new:
            await conn.execute(_inserting(conn.dialect.name), new)
        free = (await conn.scalars(_FREE, chosen)).all()
        counts = [
            {
                "of": marketplace,
                "id_": id_,
                "new_counted": by_id[id_].counted,
                "new_blocked": by_id[id_].blocked,
            }
            for id_ in free
            if id_ in known
        ]
        if counts:
            await conn.execute(_RECOUNT, counts)


@cache
def _evaluating(dialect: str) -> Insert:
    insert = insert_in(dialect, listing)
    return insert.on_conflict_do_update(
        index_elements=list(listing.primary_key),
        set_={name: insert.excluded[name] for name in _EVALUATED},
    )


@cache
def _inserting(dialect: str) -> Insert:
    return insert_in(dialect, listing).on_conflict_do_nothing()


async def touch_read_at(
    conn: AsyncConnection, marketplace: str, found: Sequence[Record], now: datetime
) -> None:
    """Remember that a read has shown *found* as they were known."""
    values = [{"of": marketplace, "id_": r.state.product_id, "at": now} for r in found]
    if values:
        await conn.execute(_PROVE, values)


async def settled(
    conn: AsyncConnection, marketplace: str, after: str, last: str
) -> dict[str, str]:
    """Return what was settled of the products after *after* up to *last*.

    Returns:
        Fingerprint of the settled wish by product id; "" if there is none.
    """
    rows = await conn.execute(
        _SETTLED, {"of": marketplace, "after": after, "last": last}
    )
    return {row.product_id: row.settled_print for row in rows.all()}


async def settled_after(
    conn: AsyncConnection, marketplace: str, after: str
) -> dict[str, str]:
    """Return the same for at most `CHUNK` products after *after*."""
    rows = await conn.execute(_TAIL, {"of": marketplace, "after": after})
    return {row.product_id: row.settled_print for row in rows.all()}


async def load(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[str, Record]:
    """Return the records of *product_ids*; those never seen are left out."""
    rows = await rows_of(conn, _BY_IDS, product_ids, {"of": marketplace})
    return {row.product_id: to_record(row) for row in rows}


async def on_sale(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> list[Record]:
    """Return the records of those of *product_ids* that are, or may be, on sale.

    They are live or in review, or something was sent and has no outcome.
    """
    rows = await rows_of(conn, _ON_SALE, product_ids, {"of": marketplace})
    return [to_record(row) for row in rows]


async def by_refs(
    conn: AsyncConnection, account: str, refs: Sequence[str]
) -> dict[str, Record]:
    """Return the records with the marketplace's own *refs*, by ref."""
    rows = await rows_of(conn, _BY_REFS, refs, {"via": account})
    return {row.ref: to_record(row) for row in rows}


async def double(conn: AsyncConnection, records: Sequence[Record]) -> None:
    """Remember the second listings of *records*, and nothing else of them."""
    await _change(conn, _DOUBLE, ["doubled_ref"], records)


async def doubled(conn: AsyncConnection, marketplace: str) -> list[str]:
    """Return the products of which a second listing is known at *marketplace*."""
    rows = await conn.execute(_DOUBLED, {"of": marketplace})
    return [id_ for (id_,) in rows.all()]
