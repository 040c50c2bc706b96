"""Keep the doubles of ours that stand at another account than their product.

A product has one row in `listing`, and whoever has the lease of its account writes
that. A listing at another account is written by the run of that one, under its own
lease, and so has rows of its own here; nobody but that run changes them. In the
product's row is only said that there is one (`State.doubled_ref`), and that follows
these rows. Which listing stays is decided in `ocop_sync.engine.plan.doubles`, by both.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each, rows_of
from catalog.db.upsert import upsert
from catalog.values import replace
from ocop_sync.engine.plan.doubles import double_name
from ocop_sync.engine.state.state import Double
from ocop_sync.engine.terms import Found
from ocop_sync.store.documents import (
    from_document,
    from_failures,
    to_document,
    to_failures,
)
from ocop_sync.store.listings.records import Record
from ocop_sync.store.tables import elsewhere, listing


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAccountDouble:
    """A double at another account than its product.

    Attributes:
        double: The state of the listing; without values before it is read.
        read_at: When it was read last, in UTC.
        sent_at: When something was sent to it, or answered, last; in UTC.
        look_at: When it is looked at again, in UTC; None if nothing is open.
    """

    marketplace: str
    product_id: str
    double: Double
    read_at: datetime | None = None
    sent_at: datetime | None = None
    look_at: datetime | None = None

    @property
    def known_at(self) -> datetime | None:
        """Return since when its values are known, in UTC."""
        known = [at for at in (self.read_at, self.sent_at) if at is not None]
        return max(known, default=None)


_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
_OF_PRODUCTS = (
    select(elsewhere)
    .where(elsewhere.c.marketplace == bindparam("of"), elsewhere.c.product_id.in_(_IDS))
    .order_by(elsewhere.c.product_id, elsewhere.c.account, elsewhere.c.ref)
)
_AT = (
    select(elsewhere)
    .where(elsewhere.c.account == bindparam("via"))
    .order_by(elsewhere.c.ref)
)
_BY_REFS = _AT.where(elsewhere.c.ref.in_(_IDS))
_REMOVE = delete(elsewhere).where(
    elsewhere.c.account == bindparam("via"), elsewhere.c.ref == bindparam("this")
)
_OF_ROWS = and_(
    listing.c.marketplace == elsewhere.c.marketplace,
    listing.c.product_id == elsewhere.c.product_id,
)
_IS_MISNAMED = and_(
    listing.c.account != elsewhere.c.account, listing.c.doubled_ref == ""
)
_POINT = (
    update(listing)
    .where(
        listing.c.marketplace == bindparam("of"),
        listing.c.product_id == bindparam("id_"),
        or_(listing.c.doubled_ref == "", listing.c.doubled_ref.like("%/%")),
        listing.c.doubled_ref != bindparam("name"),
    )
    .values(doubled_ref=bindparam("name"), settled_fingerprint="")
)
_NEXT_LOOK = select(func.min(elsewhere.c.look_at)).where(
    elsewhere.c.account.in_(bindparam("keys", expanding=True)),
    elsewhere.c.look_at > bindparam("since"),
)
_PRODUCTS = (
    select(elsewhere.c.product_id)
    .where(elsewhere.c.marketplace == bindparam("of"))
    .distinct()
    .order_by(elsewhere.c.product_id)
)
_MINE = and_(
    listing.c.marketplace == bindparam("of"),
    listing.c.account.in_(bindparam("keys", expanding=True)),
)
_MISNAMED = (
    select(listing.c.product_id).join(elsewhere, _OF_ROWS).where(_MINE, _IS_MISNAMED)
)
_OVER = (
    select(listing.c.product_id)
    .outerjoin(elsewhere, _OF_ROWS)
    # As the index has it: a value that is bound would not be known to fit.
    .where(_MINE, text("doubled_ref <> ''"), listing.c.doubled_ref.like("%/%"))
    .where(elsewhere.c.ref.is_(None))
)


async def of_products(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[str, list[OtherAccountDouble]]:
    """Return the doubles of *product_ids*, by product."""
    found: dict[str, list[OtherAccountDouble]] = {}
    for row in await rows_of(conn, _OF_PRODUCTS, product_ids, {"of": marketplace}):
        found.setdefault(row.product_id, []).append(_of_row(row))
    return found


async def with_other_account_doubles(
    conn: AsyncConnection, marketplace: str, known: Mapping[str, Record]
) -> dict[str, Record]:
    """Return *known* with the doubles at other accounts.

    They are looked for only where `doubled_ref` names a double. A name that is no
    longer right is put right.
    """
    ids = [id_ for id_, record in known.items() if record.state.doubled_ref]
    if not ids:
        return dict(known)
    found = await of_products(conn, marketplace, ids)
    return {
        **known,
        **{id_: _with(known[id_], found.get(id_, ())) for id_ in ids},
    }


def _with(record: Record, found: Iterable[OtherAccountDouble]) -> Record:
    state = record.state
    away = [each.double for each in found if each.double.account != state.account]
    ref = state.doubled_ref
    if "/" in ref and not state.doubles:
        ref = double_name(away[0].account, away[0].ref) if away else ""
    return replace(
        record, state=replace(state, doubled_ref=ref, other_account_doubles=tuple(away))
    )


async def at(conn: AsyncConnection, account: str) -> list[OtherAccountDouble]:
    """Return the doubles that are kept for *account*; there are few."""
    return [_of_row(r) for r in (await conn.execute(_AT, {"via": account})).all()]


async def by_refs(
    conn: AsyncConnection, account: str, refs: Sequence[str]
) -> dict[str, OtherAccountDouble]:
    """Return those with the marketplace's own *refs*, by ref."""
    rows = await rows_of(conn, _BY_REFS, refs, {"via": account})
    return {row.ref: _of_row(row) for row in rows}


async def products(conn: AsyncConnection, marketplace: str) -> list[str]:
    """Return the products of which one is kept at *marketplace*; there are few."""
    return list(await conn.scalars(_PRODUCTS, {"of": marketplace}))


async def misnamed_products(
    conn: AsyncConnection, marketplace: str, accounts: Collection[str]
) -> list[str]:
    """Return the products of *accounts* whose row is wrong about such listings.

    It names none though there is one, or one though there is none.
    """
    mine = {"of": marketplace, "keys": list(accounts)}
    found = set(await conn.scalars(_MISNAMED, mine))
    return sorted(found.union(await conn.scalars(_OVER, mine)))


async def point(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> None:
    """Have the rows of *product_ids* name such listings, and evaluated again.

    One that tells of a double at its own account goes on telling that.
    """
    found = await of_products(conn, marketplace, product_ids)
    values = []
    for id_ in product_ids:
        double = found[id_][0].double if id_ in found else None
        name = double_name(double.account, double.ref) if double else ""
        values.append({"of": marketplace, "id_": id_, "name": name})
    await execute_each(conn, _POINT, values)


async def save(conn: AsyncConnection, found: Iterable[OtherAccountDouble]) -> None:
    """Insert or replace *found*."""
    await execute_each(conn, upsert(conn, elsewhere), map(_to_row, found))


async def remove(conn: AsyncConnection, account: str, refs: Iterable[str]) -> None:
    """Forget doubles at *account*."""
    await execute_each(conn, _REMOVE, ({"via": account, "this": ref} for ref in refs))


async def next_look(
    conn: AsyncConnection, keys: Sequence[str], since: datetime
) -> datetime | None:
    """Return when one of them at accounts *keys* is looked at first after *since*."""
    asked = {"keys": list(keys), "since": since}
    found: datetime | None = await conn.scalar(_NEXT_LOOK, asked)
    return found


def _of_row(row: Row[Any]) -> OtherAccountDouble:
    double = Double(
        account=row.account,
        ref=row.ref,
        found=Found(row.found),
        values=from_document(row.shown) or {},
        pending=row.pending,
        refused=row.refused,
        failures=to_failures(row.failures),
    )
    return OtherAccountDouble(
        marketplace=row.marketplace,
        product_id=row.product_id,
        double=double,
        read_at=row.read_at,
        sent_at=row.sent_at,
        look_at=row.look_at,
    )


def _to_row(each: OtherAccountDouble) -> dict[str, Any]:
    double = each.double
    return {
        "account": double.account,
        "ref": double.ref,
        "marketplace": each.marketplace,
        "product_id": each.product_id,
        "found": double.found.value,
        "shown": to_document(double.values),
        "pending": double.pending,
        "refused": dict(double.refused),
        "failures": from_failures(double.failures),
        "read_at": each.read_at,
        "sent_at": each.sent_at,
        "look_at": each.look_at,
    }
