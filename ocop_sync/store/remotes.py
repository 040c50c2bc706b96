"""Listings at a marketplace that are not ours, and possible twins among them.

They are counted and compared, never touched. A listing may be the same product
as ours if they share an SKU, a GTIN or the folded name.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.counting import insert_into, upsert
from catalog.text import fold
from ocop_sync.marketplace.listing import Listing, RemoteListing
from ocop_sync.store.tables import remote, remote_key, twin

_KEYS: BindParameter[list[str]] = bindparam("keys", expanding=True)

_STRANGERS = select(remote.c.account).where(remote.c.account.in_(_KEYS)).distinct()


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A listing that may be the same product as ours.

    Attributes:
        product_id: Our product.
        ref: The marketplace's own identifier of that listing.
        agrees_on: What they share, such as "sku:SP-00001-1".
        seller_ref: Our reference of that listing's seller, if it carries one.
        adopted: A person said that it is the same product.
    """

    product_id: str
    ref: str
    agrees_on: tuple[str, ...]
    seller_ref: str
    adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinRow:
    """A possible twin, with what a person may want to see of it.

    Attributes:
        id: Number by which a person names it.
        marketplace: Name of the marketplace.
        product_id: Our product.
        account: Key of the account.
        ref: The marketplace's own identifier of that listing.
        agrees_on: What they share.
        title: The listing's title there.
        seller_name: The listing's seller there.
        state: "open", "adopted" or "other".
    """

    id: int
    marketplace: str
    product_id: str
    account: str
    ref: str
    agrees_on: tuple[str, ...]
    title: str
    seller_name: str
    state: str


def keys_of(listing: Listing) -> frozenset[str]:
    """Return by what *listing* can be known as the same product."""
    names = {f"name:{fold(listing.title)}"[:400]} if listing.title else set()
    skus = {f"sku:{variant.sku}" for variant in listing.variants if variant.sku}
    gtins = {f"gtin:{variant.gtin}" for variant in listing.variants if variant.gtin}
    return frozenset(names | skus | gtins)


async def forget(conn: AsyncConnection, account: str, read_at: datetime) -> None:
    """Forget what the whole read of *account* that began at *read_at* has not seen."""
    for table in (remote, remote_key):
        await conn.execute(
            delete(table).where(table.c.account == account, table.c.read_at != read_at)
        )


async def remember(
    conn: AsyncConnection,
    account: str,
    listings: Sequence[RemoteListing],
    read_at: datetime,
) -> None:
    """Remember *listings* as not ours, as they were seen last.

    Args:
        conn: A connection in a transaction.
        account: Key of the account.
        listings: What was read.
        read_at: When the read began, the same for all of a whole read; in UTC.
    """
    rows = [_row(account, each, read_at) for each in listings]
    keys = [
        {"account": account, "key": key, "ref": each.ref, "read_at": read_at}
        for each in listings
        for key in sorted(keys_of(each.shown))
    ]
    for table, values in ((remote, rows), (remote_key, keys)):
        if values:
            await conn.execute(upsert(conn, table), values)


def _row(account: str, each: RemoteListing, read_at: datetime) -> dict[str, object]:
    return {
        "account": account,
        "ref": each.ref,
        "client_ref": each.shown.client_ref,
        "state": each.state.value,
        "title": each.shown.title,
        "seller_name": each.seller_name,
        "seller_ref": each.shown.seller_ref,
        "skus": [variant.sku for variant in each.shown.variants],
        "read_at": read_at,
    }


async def with_strangers(
    conn: AsyncConnection, accounts: Collection[str]
) -> Sequence[str]:
    """Return those of *accounts* where there are listings that are not ours."""
    if not accounts:
        return ()
    rows = await conn.execute(_STRANGERS, {"keys": list(accounts)})
    return [account for (account,) in rows.all()]


async def alike(
    conn: AsyncConnection, account: str, wanted: Mapping[str, Listing]
) -> list[Likeness]:
    """Return the listings there that may be one of *wanted*, by product id.

    Those of which a person said that they are another product are left out.
    """
    owners: dict[str, list[str]] = {}
    for product_id, listing in wanted.items():
        for key in keys_of(listing):
            owners.setdefault(key, []).append(product_id)
    found: dict[tuple[str, str], tuple[set[str], str]] = {}
    for key, ref, seller_ref in await _matches(conn, account, list(owners)):
        for product_id in owners[key]:
            shared = found.setdefault((product_id, ref), (set(), seller_ref))
            shared[0].add(key)
    said = await _said(conn, account, list(wanted))
    return [
        Likeness(
            product_id=product_id,
            ref=ref,
            agrees_on=tuple(sorted(keys)),
            seller_ref=seller_ref,
            adopted=said.get((product_id, ref)) == "adopted",
        )
        for (product_id, ref), (keys, seller_ref) in sorted(found.items())
        if said.get((product_id, ref)) != "other"
    ]


async def _matches(
    conn: AsyncConnection, account: str, keys: Sequence[str]
) -> list[tuple[str, str, str]]:
    statement = (
        select(remote_key.c.key, remote_key.c.ref, remote.c.seller_ref)
        .join(
            remote,
            (remote.c.account == remote_key.c.account)
            & (remote.c.ref == remote_key.c.ref),
        )
        .where(remote_key.c.account == account, remote_key.c.key.in_(_KEYS))
    )
    found: list[tuple[str, str, str]] = []
    for start in range(0, len(keys), 1000):
        chunk = keys[start : start + 1000]
        rows = await conn.execute(statement, {"keys": chunk})
        found += [(row.key, row.ref, row.seller_ref) for row in rows.all()]
    return found


async def _said(
    conn: AsyncConnection, account: str, product_ids: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Return what a person said, by product and ref."""
    statement = select(twin.c.product_id, twin.c.ref, twin.c.state).where(
        twin.c.account == account, twin.c.product_id.in_(_KEYS)
    )
    found: dict[tuple[str, str], str] = {}
    for start in range(0, len(product_ids), 1000):
        chunk = product_ids[start : start + 1000]
        rows = await conn.execute(statement, {"keys": chunk})
        found |= {(row.product_id, row.ref): row.state for row in rows.all()}
    return found


async def note_twins(
    conn: AsyncConnection,
    marketplace: str,
    account: str,
    likenesses: Sequence[Likeness],
) -> None:
    """Put possible twins before a person; those decided already stay decided.

    Of several that were adopted, none can be: a person decides on them again.
    """
    rows = [
        {
            "marketplace": marketplace,
            "product_id": each.product_id,
            "account": account,
            "ref": each.ref,
            "agrees_on": list(each.agrees_on),
            "state": "open",
            "decided_by": "",
            "decided_at": None,
        }
        for each in likenesses
    ]
    if rows:
        statement = insert_into(conn, twin).on_conflict_do_nothing(
            index_elements=["account", "product_id", "ref"]
        )
        await conn.execute(statement, rows)
    adopted = [
        {"via": account, "id_": each.product_id, "there": each.ref}
        for each in likenesses
        if each.adopted
    ]
    if adopted:
        await conn.execute(_REOPEN, adopted)


_REOPEN = (
    update(twin)
    .where(
        twin.c.account == bindparam("via"),
        twin.c.product_id == bindparam("id_"),
        twin.c.ref == bindparam("there"),
    )
    .values(state="open", decided_by="", decided_at=None)
)

_TWINS = (
    select(twin, remote.c.title, remote.c.seller_name)
    .outerjoin(
        remote, (remote.c.account == twin.c.account) & (remote.c.ref == twin.c.ref)
    )
    .order_by(twin.c.marketplace, twin.c.product_id, twin.c.id)
)


async def list_twins(conn: AsyncConnection, state: str | None) -> list[TwinRow]:
    """Return the twins in *state*, or all, by marketplace and product."""
    statement = _TWINS if state is None else _TWINS.where(twin.c.state == state)
    return [_twin_row(row) for row in (await conn.execute(statement)).all()]


async def find_twin(conn: AsyncConnection, twin_id: int) -> TwinRow | None:
    """Return one twin by its number; nobody else decides on it meanwhile."""
    chosen = _TWINS.where(twin.c.id == twin_id).with_for_update(of=twin)
    row = (await conn.execute(chosen)).one_or_none()
    return None if row is None else _twin_row(row)


def _twin_row(row: Row[Any]) -> TwinRow:
    return TwinRow(
        id=row.id,
        marketplace=row.marketplace,
        product_id=row.product_id,
        account=row.account,
        ref=row.ref,
        agrees_on=tuple(row.agrees_on),
        title=row.title or "",
        seller_name=row.seller_name or "",
        state=row.state,
    )


async def decide_twin(
    conn: AsyncConnection, twin_id: int, *, state: str, by: str, now: datetime
) -> None:
    """Write down what a person said of a possible twin."""
    await conn.execute(
        update(twin)
        .where(twin.c.id == twin_id)
        .values(state=state, decided_by=by, decided_at=now)
    )


async def count(conn: AsyncConnection, accounts: Sequence[str]) -> int:
    """Return how many listings of *accounts* are not ours."""
    found = await conn.scalar(
        select(func.count()).select_from(remote).where(remote.c.account.in_(accounts))
    )
    return int(found or 0)


async def not_foreign(conn: AsyncConnection, account: str, refs: Sequence[str]) -> None:
    """Forget listings that have become ours."""
    for table in (remote, remote_key):
        await conn.execute(
            delete(table).where(table.c.account == account, table.c.ref.in_(refs))
        )
