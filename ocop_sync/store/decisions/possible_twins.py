"""Possible twins: how they are found, and persons' decisions on them.

A twin is a listing that is not ours and may show the same product as one that is about
to be created. At most three of a product wait for a person's decision, the likeliest
first; a decision stays, after any later read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import execute_for, rows_of
from catalog.db.upsert import insert_into
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.matching.candidates import Likeness, NewProduct, Search, rank
from ocop_sync.engine.matching.similarity import Offer
from ocop_sync.store.tables import listing, remote, remote_key, twin

_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinRow:
    """A possible twin, with its details for a person.

    Attributes:
        id: Number by which a person names it.
        ref: The marketplace's own identifier of that listing.
        agrees_on: The shared keys, as of `Likeness`.
        score: How alike they are by their names, 0 to 100.
        title: The listing's title there.
        seller_name: The listing's seller there.
        state: "open", "adopted", "other", or "closed": another was adopted.
        client_ref: The reference that the listing carries, or "".
        decided_by: Who has decided, or "".
        decided_at: When, in UTC.
    """

    id: int
    marketplace: str
    product_id: str
    account: str
    ref: str
    agrees_on: tuple[str, ...]
    score: int
    title: str
    seller_name: str
    state: str
    client_ref: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


async def alike(
    conn: AsyncConnection, account: str, wanted: Mapping[str, NewProduct]
) -> list[Likeness]:
    """Return the listings there that may be one of *wanted*, by product id.

    A listing may be the same product if an SKU, a GTIN or the folded name is the
    same, or if the names are alike enough. Of each product only some come, the
    likeliest first. Those that a person has called another product are left out.
    """
    search = Search(wanted)
    there = {"via": account}
    for row in await rows_of(conn, _MATCHES, search.keys(), there):
        search.matched(row.key, row.ref)
    for row in await rows_of(conn, _DECIDED, list(wanted), there):
        search.decided(row.product_id, row.ref, row.state)
    rows = await rows_of(conn, _CHOSEN, search.refs(), there)
    # A reference that is not printable is none of ours, and not for a database to
    # compare.
    refs = [row.client_ref for row in rows if row.client_ref.isprintable()]
    products = await reader.revisions(conn, sorted({*refs} - {""}))
    for row in rows:
        of = row.client_ref if row.client_ref in products else ""
        search.read(row.ref, _offer(row), of=of)
    return search.found()


_MATCHES = select(remote_key.c.key, remote_key.c.ref).where(
    remote_key.c.account == bindparam("via"), remote_key.c.key.in_(_IDS)
)
_DECIDED = select(twin.c.product_id, twin.c.ref, twin.c.state).where(
    twin.c.account == bindparam("via"),
    twin.c.product_id.in_(_IDS),
    twin.c.state.in_(["adopted", "other"]),
)
_CHOSEN = select(
    remote.c.ref,
    remote.c.client_ref,
    remote.c.title,
    remote.c.seller_name,
    remote.c.seller_ref,
    remote.c.packs,
).where(remote.c.account == bindparam("via"), remote.c.ref.in_(_IDS))


def _offer(row: Row[Any]) -> Offer:
    return Offer(
        title=row.title,
        maker=row.seller_name,
        seller_ref=row.seller_ref,
        packs=tuple(row.packs),
    )


async def adopted(
    conn: AsyncConnection, account: str, product_ids: Sequence[str]
) -> set[tuple[str, str]]:
    """Return the listings that persons have adopted, as pairs of product and ref."""
    return {
        (row.product_id, row.ref)
        for row in await rows_of(conn, _DECIDED, product_ids, {"via": account})
        if row.state == "adopted"
    }


async def note(
    conn: AsyncConnection, marketplace: str, account: str, found: Sequence[Likeness]
) -> None:
    """Put the candidates of some products before a person, and no others.

    Open ones that were not found now are forgotten; the decision on a listing stays,
    but of several that were adopted none can be: a person decides on them again.
    """
    rows = [
        {
            "marketplace": marketplace,
            "product_id": each.product_id,
            "account": account,
            "ref": each.ref,
            "agrees_on": list(each.agrees_on),
            "score": each.score,
            "state": "open",
            "decided_by": "",
            "decided_at": None,
        }
        for each in found
    ]
    if not rows:
        return
    pairs = {(each.product_id, each.ref) for each in found}
    await close(conn, account, sorted({id_ for id_, _ in pairs}), but=pairs)
    insert = insert_into(conn, twin)
    statement = insert.on_conflict_do_update(
        index_elements=["account", "product_id", "ref"],
        # Not its state: a person may have decided while this was being evaluated.
        set_={name: insert.excluded[name] for name in ("agrees_on", "score")},
    )
    await conn.execute(statement, rows)
    again = [
        {
            "via": account,
            "id_": each.product_id,
            "there": each.ref,
            "was": "adopted" if each.adopted else "closed",
        }
        for each in found
    ]
    await conn.execute(_REOPEN, again)


_REOPEN = (
    update(twin)
    .where(
        twin.c.account == bindparam("via"),
        twin.c.product_id == bindparam("id_"),
        twin.c.ref == bindparam("there"),
        twin.c.state == bindparam("was"),
    )
    .values(state="open", decided_by="", decided_at=None)
)


async def close(
    conn: AsyncConnection,
    account: str,
    product_ids: Sequence[str],
    but: Collection[tuple[str, str]] = (),
) -> None:
    """Forget the open twins of some products, but those of *but*, by id and ref."""
    rows = await rows_of(conn, _OPEN, product_ids, {"via": account})
    gone = [id_ for id_, *pair in rows if tuple(pair) not in but]
    await execute_for(conn, _FORGET, gone)


_OPEN = select(twin.c.id, twin.c.product_id, twin.c.ref).where(
    twin.c.account == bindparam("via"),
    twin.c.product_id.in_(_IDS),
    twin.c.state == "open",
)
_FORGET = delete(twin).where(twin.c.id.in_(_IDS))

_TWINS = (
    select(
        *twin.c,
        *(
            func.coalesce(remote.c[name], "").label(name)
            for name in ("title", "seller_name", "client_ref")
        ),
    )
    .outerjoin(
        remote, (remote.c.account == twin.c.account) & (remote.c.ref == twin.c.ref)
    )
    .order_by(twin.c.marketplace, twin.c.product_id, twin.c.id)
)


async def listed(conn: AsyncConnection, state: str | None) -> list[TwinRow]:
    """Return the twins in *state*, or all, by marketplace and product.

    Of one product, the same SKU comes first, then the same GTIN, then the
    likeliest by name.
    """
    statement = _TWINS if state is None else _TWINS.where(twin.c.state == state)
    rows = [_twin_row(row) for row in (await conn.execute(statement)).all()]
    rows.sort(key=lambda r: (r.marketplace, r.product_id, *rank(r.agrees_on, r.score)))
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """A listing that carries our reference and does not resemble the product.

    Attributes:
        product_id: The product whose reference it carries.
        ref: The marketplace's own identifier.
        title: Its title there.
    """

    marketplace: str
    account: str
    product_id: str
    ref: str
    title: str


async def unlike(conn: AsyncConnection) -> list[Unlike]:
    """Return the listings that hold products so, by marketplace and product."""
    rows = await conn.execute(_UNLIKE)
    return [Unlike(**row) for row in rows.mappings().all()]


# From the questions to the held listings: few listings are asked about.
_UNLIKE = (
    select(
        twin.c.marketplace,
        twin.c.account,
        twin.c.product_id,
        twin.c.ref,
        func.coalesce(remote.c.title, "").label("title"),
    )
    .join(
        listing,
        (listing.c.marketplace == twin.c.marketplace)
        & (listing.c.product_id == twin.c.product_id)
        & (listing.c.twin_ref == twin.c.ref)
        & (listing.c.hold == Hold.UNLIKE.value),
    )
    .outerjoin(
        remote, (remote.c.account == twin.c.account) & (remote.c.ref == twin.c.ref)
    )
    .order_by(twin.c.marketplace, twin.c.product_id, twin.c.id)
)


async def one(conn: AsyncConnection, twin_id: int) -> TwinRow | None:
    """Return one twin by its number, to be looked at."""
    row = (await conn.execute(_TWINS.where(twin.c.id == twin_id))).one_or_none()
    return None if row is None else _twin_row(row)


async def find(conn: AsyncConnection, twin_id: int) -> TwinRow | None:
    """Return one twin by its number; nobody else decides on it meanwhile."""
    chosen = _TWINS.where(twin.c.id == twin_id).with_for_update(of=twin)
    row = (await conn.execute(chosen)).one_or_none()
    return None if row is None else _twin_row(row)


def _twin_row(row: Row[Any]) -> TwinRow:
    return TwinRow(**row._asdict() | {"agrees_on": tuple(row.agrees_on)})


async def decide(
    conn: AsyncConnection, chosen: TwinRow, *, state: str, by: str, now: datetime
) -> None:
    """Write down a person's decision on a possible twin.

    One that is adopted closes the others of the same product.
    """
    decided = {"decided_by": by, "decided_at": now}
    await conn.execute(
        update(twin).where(twin.c.id == chosen.id).values(state=state, **decided)
    )
    if state == "adopted":
        rivals = update(twin).where(
            twin.c.account == chosen.account,
            twin.c.product_id == chosen.product_id,
            twin.c.state == "open",
        )
        await conn.execute(rivals.values(state="closed", **decided))
