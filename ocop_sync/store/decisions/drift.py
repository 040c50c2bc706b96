"""The drift ledger: differences at a marketplace from our own writes.

The drift of a state is decided in `ocop_sync.engine.state.drift`; here it is
remembered, with who healed it. A row is open until it is healed; drift that comes back
afterwards is a row of its own. Decisions of persons on it are in
`ocop_sync.store.decisions.drift_decided`. All statements take batches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.columns import UtcDateTime
from catalog.db.chunks import CHUNK, execute_each, rows_of
from ocop_sync.engine.state import stored_shape
from ocop_sync.engine.state.drift import Drift, DriftKind
from ocop_sync.marketplace.listing import Facet
from ocop_sync.store.listing_columns import MOST
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import drift, listing

US, THERE = "us", "there"
"""Who healed drift, where it was no named person."""


SOLD = "sold"
"""Instead of a name: it was no drift. The missing stock had been sold, and was told
late."""


OURS, THEIRS = "ours", "theirs"
"""A person's decisions: ours is to stand there, or it stays as it was found."""


_CALLED = {
    "decision": "said",
    "decided_by": "said_by",
    "decided_at": "said_at",
    "outlook": "prospect",
}
"""The names that fields of an entry have in JSON, where these are others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftEntry:
    """One row of the ledger.

    Attributes:
        id: Number by which a person names it.
        kind: The kind of drift.
        field: The edited field, as of `Drift`; else "".
        expected: How we left it.
        found: The value that a read has shown.
        first_seen_at: When a read first showed it, in UTC.
        last_seen_at: When a read last showed it, in UTC.
        times: How many reads have shown it.
        recurred: How often it had been healed before, and come back.
        healed_at: When it was right again, in UTC; None if it is not.
        healed_by: `US`, `THERE`, `SOLD`, or the person who had it put right; ""
            if none.
        decision: A person's decision on it, `OURS` or `THEIRS`; or "".
        decided_by: Who decided so, or "".
        decided_at: When, in UTC.
        asked: Why a person is asked about it; or "". For a stored row: why its product
            is held, for any reason.
        outlook: Its outlook, as of `ocop_sync.engine.plan.drift_outlook`; "" where
            that was not worked out.
        hold: Why its product is held, as things are now; or "".
    """

    id: int
    marketplace: str
    account: str
    product_id: str
    kind: DriftKind
    field: str
    expected: Any
    found: Any
    first_seen_at: datetime
    last_seen_at: datetime
    times: int
    recurred: int
    healed_at: datetime | None
    healed_by: str
    decision: str
    decided_by: str
    decided_at: datetime | None
    asked: str = ""
    outlook: str = ""
    hold: str = ""

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            _CALLED.get(each.name, each.name): getattr(self, each.name)
            for each in fields(self)
        }

    @property
    def drift(self) -> Drift:
        """Return its drift."""
        return Drift(
            kind=self.kind, field=self.field, expected=self.expected, found=self.found
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Drift that a read has shown, and that is not in the ledger yet."""

    marketplace: str
    account: str
    product_id: str
    drift: Drift


_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)


_COLUMNS = tuple(each for each in drift.c if each.name != "decision_fingerprint")


_SHOWN = (
    *_COLUMNS,
    func.coalesce(listing.c.hold, "").label("asked"),
)


_ENTRY = select(*_SHOWN).outerjoin(
    listing,
    (listing.c.marketplace == drift.c.marketplace)
    & (listing.c.product_id == drift.c.product_id),
)


_OPEN = select(*_COLUMNS).where(
    drift.c.marketplace == bindparam("of"),
    drift.c.product_id.in_(_IDS),
    drift.c.healed_at.is_(None),
)


_RETURNS = (
    select(
        drift.c.product_id,
        drift.c.kind,
        drift.c.field,
        drift.c.shape,
        func.count().label("n"),
    )
    .where(drift.c.marketplace == bindparam("of"), drift.c.product_id.in_(_IDS))
    .group_by(drift.c.product_id, drift.c.kind, drift.c.field, drift.c.shape)
)


_AGAIN = (
    update(drift)
    .where(drift.c.id == bindparam("id_"))
    .values(
        last_seen_at=bindparam("at"),
        times=drift.c.times + 1,
        field=bindparam("new_field"),
        expected=bindparam("new_expected"),
        found=bindparam("new_found"),
        shape=bindparam("new_shape"),
    )
)


_HEAL = (
    update(drift)
    .where(drift.c.id == bindparam("id_"))
    .values(
        healed_at=func.coalesce(drift.c.healed_at, bindparam("at", type_=UtcDateTime)),
        healed_by=bindparam("by"),
    )
)


_HEAL_UNDOUBLED = (
    update(drift)
    .where(
        drift.c.marketplace == bindparam("of"),
        drift.c.healed_at.is_(None),
        drift.c.kind == DriftKind.DOUBLED.value,
        ~exists().where(
            listing.c.marketplace == drift.c.marketplace,
            listing.c.product_id == drift.c.product_id,
            listing.c.doubled_ref != "",
        ),
    )
    .values(healed_at=bindparam("at"), healed_by=THERE)
)


_STOCKS = select(*_COLUMNS).where(
    drift.c.marketplace == bindparam("of"),
    drift.c.account == bindparam("at"),
    drift.c.product_id.in_(_IDS),
    drift.c.field == Facet.STOCK.value,
    or_(
        drift.c.healed_at.is_(None),
        and_(drift.c.healed_at >= bindparam("since"), drift.c.healed_by == US),
    ),
)


async def open_of(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> list[DriftEntry]:
    """Return the open drift of *product_ids*."""
    rows = await rows_of(conn, _OPEN, product_ids, {"of": marketplace})
    return [_entry(row) for row in rows]


async def stocks_of(
    conn: AsyncConnection,
    marketplace: str,
    account: str,
    product_ids: Sequence[str],
    since: datetime,
) -> list[DriftEntry]:
    """Return the edits of stocks that are open, or that we have healed *since*."""
    there = {"of": marketplace, "at": account, "since": since}
    return [_entry(row) for row in await rows_of(conn, _STOCKS, product_ids, there)]


async def see(
    conn: AsyncConnection, sightings: Sequence[Sighting], now: datetime
) -> None:
    """Write down drift that is new, or has come back."""
    before: dict[str, dict[tuple[str, str, str], int]] = {}
    for marketplace in {each.marketplace for each in sightings}:
        ids = [s.product_id for s in sightings if s.marketplace == marketplace]
        before[marketplace] = await returns(conn, marketplace, ids)
    seen = {"first_seen_at": now, "last_seen_at": now, "times": 1}
    rows = (
        {
            "marketplace": each.marketplace,
            "account": each.account,
            "product_id": each.product_id,
            **values_of(each.drift),
            "kind": each.drift.kind.value,
            "recurred": before[each.marketplace].get(
                (each.product_id, *each.drift.key), 0
            ),
        }
        for each in sightings
    )
    shape = {"shape": stored_shape.present()}
    await execute_each(
        conn, insert(drift), (row | seen | _UNDECIDED | shape for row in rows)
    )


_UNDECIDED = {
    "healed_at": None,
    "healed_by": "",
    "decision": "",
    "decided_by": "",
    "decided_at": None,
    "decision_fingerprint": "",
}


async def returns(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[tuple[str, str, str], int]:
    """Return how often there was drift before, by product, kind and field."""
    found: dict[tuple[str, str, str], int] = {}
    for row in await rows_of(conn, _RETURNS, product_ids, {"of": marketplace}):
        field, _ = part_of_row(row.field, None, row.shape)
        key = row.product_id, row.kind, field
        found[key] = found.get(key, 0) + row.n
    return found


async def see_again(
    conn: AsyncConnection, seen: Sequence[tuple[int, Drift]], now: datetime
) -> None:
    """Write down that reads have shown open rows again, by number."""
    rows = (
        {
            "id_": number,
            "at": now,
            "new_field": each.field,
            "new_shape": stored_shape.present(),
            "new_expected": each.expected,
            "new_found": each.found,
        }
        for number, each in seen
    )
    await execute_each(conn, _AGAIN, rows)


async def heal(
    conn: AsyncConnection, healed: Sequence[tuple[int, str]], now: datetime
) -> None:
    """Write down that rows are right again: number, and by whom."""
    rows = ({"id_": number, "by": by, "at": now} for number, by in healed)
    await execute_each(conn, _HEAL, rows)


async def heal_undoubled(
    conn: AsyncConnection, marketplace: str, now: datetime
) -> None:
    """Write down that there is no double any more where none is known."""
    await conn.execute(_HEAL_UNDOUBLED, {"of": marketplace, "at": now})


async def listed(
    conn: AsyncConnection,
    marketplaces: Sequence[str],
    after: int = 0,
    size: int = CHUNK,
) -> list[DriftEntry]:
    """Return at most *size* open rows behind number *after*, by number."""
    statement: Select[Any] = (
        _ENTRY.where(
            drift.c.marketplace.in_(marketplaces),
            drift.c.healed_at.is_(None),
            drift.c.id > after,
        )
        .order_by(drift.c.id)
        .limit(size)
    )
    return [_entry(row) for row in (await conn.execute(statement)).all()]


async def find(conn: AsyncConnection, number: int) -> DriftEntry | None:
    """Return one row by its number; nobody else decides on it meanwhile."""
    chosen = _ENTRY.where(drift.c.id == number).with_for_update(of=drift)
    row = (await conn.execute(chosen)).one_or_none()
    return None if row is None else _entry(row)


async def doubled(conn: AsyncConnection, named: str) -> list[DriftEntry]:
    """Return the open drift of doubles of one product.

    It is named by its id, or by the number of such a drift.
    """
    is_named = drift.c.product_id == named
    if named.isdecimal() and int(named) <= MOST:
        is_named = or_(is_named, drift.c.id == int(named))
    rows = await conn.execute(
        _ENTRY.where(
            is_named,
            drift.c.healed_at.is_(None),
            drift.c.kind == DriftKind.DOUBLED.value,
        ).order_by(drift.c.id)
    )
    return [_entry(row) for row in rows.all()]


def _entry(row: Row[Any]) -> DriftEntry:
    """Return a stored row of any shape as an entry, in the present shape."""
    values = row._asdict()
    version = values.pop("shape")
    field, expected = part_of_row(row.field, row.expected, version)
    _, found = part_of_row(row.field, row.found, version)
    upgraded = {"field": field, "expected": expected, "found": found}
    return DriftEntry(**values | upgraded | {"kind": DriftKind(row.kind)})


def part_of_row(field: str, value: Any, version: int | None) -> tuple[str, Any]:
    """Return a stored field and its value in the present shape; "" has no shape."""
    return (
        stored_shape.upgraded_part(field, value, version or 1)
        if field
        else (field, value)
    )
