"""The drift ledger: differences at a marketplace from our own writes.

The drift of a state is decided in `ocop_sync.engine.state.drift`; here it is
remembered, with who healed it and the decisions of persons. A row is open until it is
healed; drift that comes back afterwards is a row of its own. All statements take
batches.
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
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.columns import UtcDateTime
from catalog.db.chunks import CHUNK, rows_of
from ocop_sync.engine.state import stored_shape
from ocop_sync.engine.state.drift import Drift, DriftKind
from ocop_sync.engine.state.state import DriftDecision, DriftHistory
from ocop_sync.marketplace.listing import Facet
from ocop_sync.store.listing_columns import MOST
from ocop_sync.store.rows import execute_each
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
        marketplace: Name of the marketplace.
        account: Key of the account.
        product_id: The product.
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
_PAST = (
    select(drift)
    .where(
        drift.c.marketplace == bindparam("of"),
        drift.c.product_id.in_(_IDS),
        or_(drift.c.healed_at.is_(None), drift.c.healed_at >= bindparam("since")),
    )
    .order_by(drift.c.id)
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
    if not sightings:
        return
    before: dict[str, dict[tuple[str, str, str], int]] = {}
    for marketplace in {each.marketplace for each in sightings}:
        ids = [s.product_id for s in sightings if s.marketplace == marketplace]
        before[marketplace] = await returns(conn, marketplace, ids)
    await conn.execute(
        insert(drift),
        [
            {
                "marketplace": each.marketplace,
                "account": each.account,
                "product_id": each.product_id,
                "kind": each.drift.kind.value,
                "field": each.drift.field,
                "expected": each.drift.expected,
                "found": each.drift.found,
                "first_seen_at": now,
                "last_seen_at": now,
                "times": 1,
                "recurred": before[each.marketplace].get(
                    (each.product_id, *each.drift.key), 0
                ),
                "healed_at": None,
                "healed_by": "",
                "decision": "",
                "decided_by": "",
                "decided_at": None,
                "decision_fingerprint": "",
                "shape": stored_shape.present(),
            }
            for each in sightings
        ],
    )


async def returns(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[tuple[str, str, str], int]:
    """Return how often there was drift before, by product, kind and field."""
    found: dict[tuple[str, str, str], int] = {}
    for row in await rows_of(conn, _RETURNS, product_ids, {"of": marketplace}):
        field, _ = _part(row.field, None, row.shape)
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


async def past_of(
    conn: AsyncConnection,
    marketplace: str,
    product_ids: Sequence[str],
    since: datetime,
) -> dict[str, DriftHistory]:
    """Return the drift history of *product_ids*; most have none.

    Repairs are counted back to *since*, in UTC.
    """
    rows: dict[str, list[Row[Any]]] = {}
    asked = {"of": marketplace, "since": since}
    for row in await rows_of(conn, _PAST, product_ids, asked):
        rows.setdefault(row.product_id, []).append(row)
    return {id_: _past(found) for id_, found in rows.items()}


def _past(rows: Sequence[Row[Any]]) -> DriftHistory:
    """Return the past of one listing from its rows, oldest first."""
    decisions: dict[str, DriftDecision] = {}
    repairs: dict[str, int] = {}
    for row in rows:
        field, _ = _part(row.field, None, row.shape)
        field = field or row.kind
        if row.decision:  # a person's decision starts the counting anew
            repairs[field] = 0
        if row.healed_at is None and row.decision:
            decisions[field] = DriftDecision(
                ours=row.decision == OURS, fingerprint=row.decision_fingerprint
            )
        if row.healed_by == US:
            repairs[field] = repairs.get(field, 0) + 1
    return DriftHistory(decisions=decisions, repairs=repairs)


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


async def seen_since(
    conn: AsyncConnection, marketplace: str, accounts: Sequence[str], since: datetime
) -> dict[str, dict[str, int]]:
    """Return how much drift there has been since *since*, by kind and field.

    Drift that has been healed meanwhile is counted as well. At *accounts*, which have
    been read whole since, so are listings that are gone: no read shows them again.
    """
    gone = and_(drift.c.kind == DriftKind.VANISHED.value, drift.c.account.in_(accounts))
    found: dict[str, dict[str, int]] = {}
    for healed in (drift.c.healed_at.is_(None), drift.c.healed_at >= since):
        rows = await conn.execute(
            select(drift.c.kind, drift.c.field, func.count().label("n"))
            .where(
                drift.c.marketplace == marketplace,
                healed,
                or_(drift.c.last_seen_at >= since, gone),
            )
            .group_by(drift.c.kind, drift.c.field)
            .order_by(drift.c.kind, drift.c.field)
        )
        for row in rows.all():
            fields = found.setdefault(row.kind, {})
            fields[row.field] = fields.get(row.field, 0) + row.n
    return found


async def healed_since(
    conn: AsyncConnection, marketplace: str, since: datetime
) -> dict[str, int]:
    """Return how much drift was healed since *since*, by whom."""
    rows = await conn.execute(
        select(drift.c.healed_by, func.count().label("n"))
        .where(drift.c.marketplace == marketplace, drift.c.healed_at >= since)
        .group_by(drift.c.healed_by)
        .order_by(drift.c.healed_by)
    )
    return {row.healed_by: row.n for row in rows.all()}


_MADE_ANEW = select(func.count()).where(
    drift.c.marketplace == bindparam("of"),
    drift.c.healed_at >= bindparam("since"),
    drift.c.kind == DriftKind.VANISHED.value,
    drift.c.healed_by != THERE,
)


async def made_anew_since(
    conn: AsyncConnection, marketplace: str, since: datetime
) -> int:
    """Return how many listings that had vanished were made anew since *since*."""
    values = {"of": marketplace, "since": since}
    return int(await conn.scalar(_MADE_ANEW, values) or 0)


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


async def decide(
    conn: AsyncConnection,
    number: int,
    *,
    decision: str,
    by: str,
    fingerprint_: str,
    now: datetime,
) -> None:
    """Write down a person's decision."""
    await conn.execute(
        update(drift)
        .where(drift.c.id == number)
        .values(
            decision=decision,
            decided_by=by,
            decided_at=now,
            decision_fingerprint=fingerprint_,
        )
    )


_DECIDED = select(drift.c.marketplace, drift.c.product_id).where(
    drift.c.marketplace.in_(_IDS), drift.c.healed_at.is_(None), drift.c.decision != ""
)
_UNSETTLE = (
    update(listing)
    .where(
        listing.c.marketplace == bindparam("of"),
        listing.c.product_id == bindparam("id_"),
        listing.c.settled_fingerprint != "",  # a run that sends has the others in hand
    )
    .values(settled_fingerprint="")
)


_DOUBLED = select(
    listing.c.marketplace, listing.c.account, listing.c.product_id, listing.c.ref
).where(
    # As the index has it: a value that is bound would not be known to fit.
    text("doubled_ref <> ''"),
    listing.c.account.in_(_IDS),
)
_KEPT = select(drift.c.product_id, drift.c.decision_fingerprint).where(
    drift.c.marketplace == bindparam("of"),
    drift.c.product_id.in_(_IDS),
    drift.c.healed_at.is_(None),
    drift.c.kind == DriftKind.DOUBLED.value,
    drift.c.decision == OURS,
)


async def kept(
    conn: AsyncConnection, accounts: Sequence[str]
) -> Sequence[tuple[str, str, str, str]]:
    """Return which of two listings persons have chosen at *accounts*.

    Returns:
        Account, product, the listing that is gone on with, and the fingerprint of the
        decision.
    """
    rows = (await conn.execute(_DOUBLED, {"ids": list(accounts)})).all()
    there: dict[str, dict[str, Any]] = {}
    for row in rows:
        there.setdefault(row.marketplace, {})[row.product_id] = row
    found = []
    for marketplace, doubled in there.items():
        decisions = await rows_of(conn, _KEPT, sorted(doubled), {"of": marketplace})
        for id_, fingerprint_ in decisions:
            found.append((doubled[id_].account, id_, doubled[id_].ref, fingerprint_))
    return found


async def unsettle(conn: AsyncConnection, marketplaces: Sequence[str]) -> None:
    """Have the listings evaluated again that a person has decided on.

    A run may have stored an evaluation from before the decision.
    """
    rows = (await conn.execute(_DECIDED, {"ids": list(marketplaces)})).all()
    chosen = ({"of": row.marketplace, "id_": row.product_id} for row in rows)
    await execute_each(conn, _UNSETTLE, chosen)


def _entry(row: Row[Any]) -> DriftEntry:
    """Return a stored row of any shape as an entry, in the present shape."""
    values = row._asdict()
    version = values.pop("shape")
    field, expected = _part(row.field, row.expected, version)
    _, found = _part(row.field, row.found, version)
    upgraded = {"field": field, "expected": expected, "found": found}
    return DriftEntry(**values | upgraded | {"kind": DriftKind(row.kind)})


def _part(field: str, value: Any, version: int | None) -> tuple[str, Any]:
    return (
        stored_shape.upgraded_part(field, value, version or 1)
        if field
        else (field, value)
    )
