"""Keep the record of each product at each marketplace.

A `Record` is a state with the result of the last evaluation. All statements take
batches: nothing here is called once per product.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from msgspec import Struct
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

from catalog.db.chunks import CHUNK, chunks, execute_each, rows_of
from catalog.db.upsert import insert_in, upsert
from catalog.turns import in_turns
from catalog.values import replace
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import NOT_CERTIFIED, CountedAs, Decision, Found
from ocop_sync.store.listing_columns import (
    COLUMNS,
    COMPUTED_COLUMNS,
    RECORD_COLUMNS,
    STATE_COLUMNS,
    Writes,
    written_by,
)
from ocop_sync.store.tables import listing


class Record(Struct, frozen=True, kw_only=True):
    """A state, and the result of the last evaluation.

    Attributes:
        state: The state of the listing.
        settled_fingerprint: Of the wanted listing that was evaluated last, if it needs
            nothing more now; else "".
        counted: How the product is counted (`Wanted.counted`).
        decision: The decision.
        hold: Why a person decides, if so.
        held_group: The group above the budget that it belongs to, if any.
        urgency: The urgency of the due change; None if nothing is due.
        waiting_since: Since when something is due, in UTC.
        until: When the verdict may change by itself, in UTC.
        ends_on: ISO day on which the claim ends, or "".
        ends_seen_at: Since when that day is known here, in UTC.
        blocked: It may not be on sale, by a verdict.
        next_try_at: As of `Evaluation.next_try_at`.
        evaluated_revision: The revision of the product up to which its changes were
            asked for, or found to need none (`store.listings.pending_entries`).
    """

    state: State
    settled_fingerprint: str = ""
    counted: CountedAs = NOT_CERTIFIED
    decision: Decision | Hold = Decision.NOTHING
    hold: Hold | None = None
    held_group: int | None = None
    urgency: int | None = None
    waiting_since: datetime | None = None
    until: datetime | None = None
    ends_on: str = ""
    ends_seen_at: datetime | None = None
    blocked: bool = False
    next_try_at: datetime | None = None
    evaluated_revision: int = 0

    def unsettled(self, state: State) -> "Record":
        """Return the record with a new *state*, to be evaluated again."""
        return replace(self, state=state, settled_fingerprint="")


_MOST_FORMS = 100
"""Sets of columns that are changed together, for which the statement is kept."""
_EVALUATED = written_by(Writes.EVALUATION)
_INTENDED = written_by(Writes.INTENT)
_LOOKED = written_by(Writes.LOOK)
_NOT_INTENDED = frozenset(_EVALUATED) - frozenset(_INTENDED)
"""What the evaluation before an intent may have changed, and that has not written."""


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


_INTEND = _changing(_INTENDED)
_ROW = select(listing)
_SET_COVERAGE_CLASS = _changing(["counted", "blocked"]).values(settled_fingerprint="")
_MARK_DOUBLE = (
    _changing(["doubled_ref"])
    .where(listing.c.doubled_ref != bindparam("new_doubled_ref"))
    .values(settled_fingerprint="")
)
_DOUBLED = (
    select(listing.c.product_id)
    # As the index has it: a value that is bound would not be known to fit.
    .where(listing.c.marketplace == bindparam("of"), text("doubled_ref <> ''"))
    .order_by(listing.c.product_id)
)
_LOOK = _changing(_LOOKED)
_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
_KNOWN = select(listing.c.product_id).where(
    listing.c.marketplace == bindparam("of"), listing.c.product_id.in_(_IDS)
)
_FREE = _KNOWN.with_for_update(skip_locked=True)
_BY_IDS = _ROW.where(
    listing.c.marketplace == bindparam("of"), listing.c.product_id.in_(_IDS)
)
_ACCOUNTS = (
    select(listing.c.account)
    .distinct()
    .where(
        listing.c.marketplace.in_(bindparam("names", expanding=True)),
        listing.c.product_id.in_(_IDS),
    )
)
_ON_SALE = _BY_IDS.where(
    or_(
        listing.c.found.in_([Found.LIVE.value, Found.IN_REVIEW.value]),
        listing.c.awaiting.is_not(None),
    )
)
_BEHIND = (
    select(listing.c.product_id, listing.c.settled_fingerprint)
    .where(
        listing.c.marketplace == bindparam("of"),
        listing.c.product_id > bindparam("after"),
    )
    .order_by(listing.c.product_id)
)
_SETTLED = _BEHIND.where(listing.c.product_id <= bindparam("last"))
_TAIL = _BEHIND.limit(CHUNK)
_TAIL_WITHIN = _SETTLED.limit(CHUNK)
_PROVE = _changing([]).values(read_at=bindparam("at"))
_BY_REFS = _ROW.where(listing.c.account == bindparam("via"), listing.c.ref.in_(_IDS))


_STATE_FIELDS = tuple(each.name for each in STATE_COLUMNS)
_state_values: Callable[[State], tuple[Any, ...]] = attrgetter(*_STATE_FIELDS)
_RECORD_FIELDS = tuple(each.name for each in RECORD_COLUMNS)
_AT_RECORD = slice(len(_STATE_FIELDS), len(_STATE_FIELDS) + len(_RECORD_FIELDS))
_LOADED_OF_STATE, _LOADED_OF_RECORD = (
    tuple(
        (each.name, each.form.load, each.form.empty)
        for each in columns
        if each.form.load is not None or each.form.empty is not None
    )
    for columns in (STATE_COLUMNS, RECORD_COLUMNS)
)


def to_record(row: Row[Any]) -> Record:
    """Turn a row, which begins with the columns of the table, into a record."""
    state = dict(zip(_STATE_FIELDS, row, strict=False))
    _load(state, _LOADED_OF_STATE)
    if state["confirmed"] is True:  # as it was sent
        state["confirmed"] = state["sent"]
    rest = dict(zip(_RECORD_FIELDS, row[_AT_RECORD], strict=True))
    _load(rest, _LOADED_OF_RECORD)
    return Record(state=State(**state), **rest)


def _load(
    values: dict[str, Any],
    columns: Iterable[tuple[str, Callable[[Any], Any] | None, Any]],
) -> None:
    """Turn stored values into those of fields."""
    for name, load, empty in columns:
        value = values[name]
        if value is None:
            values[name] = empty
        elif load is not None:
            values[name] = load(value)


def _writing(named: Mapping[str, str]) -> Callable[[Record], dict[str, Any]]:
    """Return what turns a record into the values of some columns, and no others.

    Args:
        named: The columns, by the names that their values get.
    """
    columns = {each.name: each for each in COLUMNS}
    plain, stored, computed = dict[str, str](), [], []
    for name, column in ((name, columns[of]) for name, of in named.items()):
        if column.compute is not None:
            computed.append((name, column.compute))
            continue
        is_rest = column.name in _RECORD_FIELDS
        plain[name] = column.name if is_rest else f"state.{column.name}"
        if column.form.store is not None:
            stored.append((name, column.form.store, column.form.empty))
    names, values_of = tuple(plain), attrgetter(*plain.values())

    def write(record: Record) -> dict[str, Any]:
        values = dict(zip(names, values_of(record), strict=True))
        for name, store, empty in stored:
            value = values[name]
            values[name] = None if value == empty else store(value)
        for name, compute in computed:
            values[name] = compute(record.state)
        return values

    return write


to_values = _writing({each.name: each.name for each in COLUMNS})
"""Turns a record into the values of a row."""


@lru_cache(_MOST_FORMS)
def _changed(names: tuple[str, ...]) -> Callable[[Record], dict[str, Any]]:
    """Return what makes the values of `_changing` of a record."""
    new = {f"new_{name}": name for name in names}
    return _writing({"of": "marketplace", "id_": "product_id", **new})


async def save(conn: AsyncConnection, records: Iterable[Record]) -> None:
    """Insert or replace *records*."""
    await execute_each(conn, upsert(conn, listing), map(to_values, records))


async def save_intents(conn: AsyncConnection, records: Sequence[Record]) -> None:
    """Write down the intents of *records*, all of which are stored."""
    await _change(conn, _INTEND, _INTENDED, records)


async def save_answered(
    conn: AsyncConnection, answered: Iterable[tuple[Record, Record]]
) -> None:
    """Write down the outcomes of intents that were written down before.

    *answered* are the record of each intent, and the one after its outcome.
    """
    await _save_new(conn, answered, _NOT_INTENDED)


async def save_read(
    conn: AsyncConnection, read: Iterable[tuple[Record, Record]]
) -> None:
    """Write down what reads have shown, with the results of the evaluation after them.

    *read* are the stored record of each listing, and the one after both.
    """
    await _save_new(conn, read, frozenset(_EVALUATED))


async def _save_new(
    conn: AsyncConnection,
    pairs: Iterable[tuple[Record, Record]],
    anyway: frozenset[str],
) -> None:
    """Write the columns of stored records that are otherwise, and those of *anyway*."""
    by_columns: dict[tuple[str, ...], list[Record]] = {}
    for before, record in pairs:
        names = _new(_differing(before.state, record.state), anyway)
        by_columns.setdefault(names, []).append(record)
    for names, records in by_columns.items():
        await _change(conn, _writing_new(names), names, records)


def _differing(before: State, after: State) -> frozenset[str]:
    """Return the names of the stored fields of *before* that differ in *after*."""
    pairs = zip(_STATE_FIELDS, _state_values(before), _state_values(after), strict=True)
    return frozenset(
        [name for name, old, new in pairs if old is not new and old != new]
    )


@lru_cache(_MOST_FORMS)
def _new(fields: frozenset[str], anyway: frozenset[str]) -> tuple[str, ...]:
    """Return the columns that are written where *fields* of the state are otherwise.

    Those of *anyway* are written in any case, and so are the results of the evaluation
    and columns for queries.
    """
    of_queries = {each.name for each in COMPUTED_COLUMNS}
    in_any_case = anyway | {*_RECORD_FIELDS} | of_queries
    return tuple(
        each.name
        for each in COLUMNS
        if Writes.ANSWER in each.writes
        and (each.name in in_any_case or not fields.isdisjoint(each.of or (each.name,)))
    )


@lru_cache(_MOST_FORMS)
def _writing_new(names: tuple[str, ...]) -> Update:
    return _changing(names)


async def _change(
    conn: AsyncConnection,
    statement: Update,
    names: tuple[str, ...],
    records: Sequence[Record],
) -> None:
    await execute_each(conn, statement, map(_changed(names), records))


async def save_looked(conn: AsyncConnection, records: Sequence[Record]) -> None:
    """Write down that *records* were looked up, and nothing else of them."""
    await _change(conn, _LOOK, _LOOKED, records)


async def save_evaluated(conn: AsyncConnection, records: Sequence[Record]) -> None:
    """Insert *records*, or replace the results of their evaluation.

    The state of the listing itself stays as it is: it may have changed since the
    evaluation read it.
    """
    evaluating = _evaluating(conn.dialect.name)
    await execute_each(conn, evaluating, map(to_values, records))


async def set_coverage_class(
    conn: AsyncConnection, marketplace: str, records: Sequence[Record]
) -> set[str]:
    """Bring up to date how products are counted, and unsettle them.

    Rows that a run at their accounts has locked are passed over, and counted next time:
    on PostgreSQL the two could deadlock. So the transaction must have written nothing
    else.

    Returns:
        The products whose rows are up to date, and locked.
    """
    done: set[str] = set()
    by_id = {record.state.product_id: record for record in records}
    for ids in chunks(list(by_id)):
        chosen = {"of": marketplace, "ids": ids}
        known = set(await conn.scalars(_KNOWN, chosen))
        new = [to_values(by_id[i]) | {"urgency": None} for i in ids if i not in known]
        inserting = insert_in(conn.dialect.name, listing).on_conflict_do_nothing()
        await execute_each(conn, inserting, new)
        free = (await conn.scalars(_FREE, chosen)).all()
        done.update(free)
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
        await execute_each(conn, _SET_COVERAGE_CLASS, counts)
    return done


@cache
def _evaluating(dialect: str) -> Insert:
    insert = insert_in(dialect, listing)
    return insert.on_conflict_do_update(
        index_elements=list(listing.primary_key),
        set_={name: insert.excluded[name] for name in _EVALUATED},
    )


async def touch_read_at(
    conn: AsyncConnection, marketplace: str, read_at: Mapping[str, datetime]
) -> None:
    """Remember that reads have shown products as they were known; when, by id."""
    rows = ({"of": marketplace, "id_": id_, "at": at} for id_, at in read_at.items())
    await execute_each(conn, _PROVE, rows)


async def settled(
    conn: AsyncConnection, marketplace: str, after: str, last: str
) -> dict[str, str]:
    """Return the settled fingerprints of the products after *after* up to *last*.

    Returns:
        Fingerprint of the settled wanted listing by product id; "" if there is none.
    """
    rows = await conn.execute(
        _SETTLED, {"of": marketplace, "after": after, "last": last}
    )
    return {row.product_id: row.settled_fingerprint for row in rows.all()}


async def settled_after(
    conn: AsyncConnection, marketplace: str, after: str, last: str | None = None
) -> dict[str, str]:
    """Return the same for at most `CHUNK` products after *after*, up to *last*."""
    values = {"of": marketplace, "after": after}
    if last is None:
        rows = await conn.execute(_TAIL, values)
    else:
        rows = await conn.execute(_TAIL_WITHIN, {**values, "last": last})
    return {row.product_id: row.settled_fingerprint for row in rows.all()}


async def load(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[str, Record]:
    """Return the records of *product_ids*; those never seen are left out."""
    rows = await rows_of(conn, _BY_IDS, product_ids, {"of": marketplace})
    return {row.product_id: to_record(row) async for row in in_turns(rows)}


async def accounts_of(
    conn: AsyncConnection, marketplaces: Sequence[str], product_ids: Sequence[str]
) -> set[str]:
    """Return the accounts there at which products have, or had, a listing."""
    found = await rows_of(conn, _ACCOUNTS, product_ids, {"names": marketplaces})
    return {account for (account,) in found if account}


async def on_sale(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> list[Record]:
    """Return the records of those of *product_ids* that are, or may be, on sale.

    They are live or in review, or something was sent and has no outcome.
    """
    rows = await rows_of(conn, _ON_SALE, product_ids, {"of": marketplace})
    return [to_record(row) async for row in in_turns(rows)]


async def by_refs(
    conn: AsyncConnection, account: str, refs: Sequence[str]
) -> dict[str, Record]:
    """Return the records with the marketplace's own *refs*, by ref."""
    rows = await rows_of(conn, _BY_REFS, refs, {"via": account})
    return {row.ref: to_record(row) async for row in in_turns(rows)}


async def mark_double(conn: AsyncConnection, records: Sequence[Record]) -> None:
    """Remember new doubles of *records*, and unsettle these."""
    await _change(conn, _MARK_DOUBLE, ("doubled_ref",), records)


async def with_doubles(conn: AsyncConnection, marketplace: str) -> list[str]:
    """Return the products of which a double is known at *marketplace*."""
    return list(await conn.scalars(_DOUBLED, {"of": marketplace}))
