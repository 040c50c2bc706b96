"""Write the differences of whole entries, and nothing else.

Every product that changes, or whose producer does, gets a new revision in the same
transaction, and each changed field goes to the history (`catalog.db.history`). The
content of an entry is decided by its callers: imports merge values in
`catalog.feed.merge.merge_values`, single facts change in `catalog.commands.update`.
"""

from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from sqlalchemy import Table, bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from catalog.db.counters import REVISION, UNREVISED, next_numbers
from catalog.db.field_changes import ChangeLog
from catalog.db.history import Author, keep_changes
from catalog.db.pictures import note_uses
from catalog.db.reader import get, get_producers, products_by_producer
from catalog.db.tables import certificate, paper, producer, product, variant
from catalog.db.to_rows import (
    certificate_values,
    paper_values,
    producer_values,
    product_values,
    variant_values,
)
from catalog.db.upsert import upsert
from catalog.errors import CatalogError
from catalog.model.producer import Producer
from catalog.model.product import Entry, Product
from catalog.pictures.kept import hashes_in
from catalog.values import replace

PARTS = {
    "variants": (variant, variant_values),
    "certificates": (certificate, certificate_values),
    "papers": (paper, paper_values),
}
_REVISE = update(product).where(product.c.id == bindparam("changed"))


@dataclass(slots=True)
class Difference:
    """The products and producers to write, and the changes that this makes.

    Attributes:
        known: Ids of those products that are stored already.
        parts: The products that get other parts, by the kind of these.
        pictured: The products that get other pictures of ours.
    """

    producers: list[Producer] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    parts: dict[str, list[Product]] = field(default_factory=dict)
    log: ChangeLog = field(default_factory=ChangeLog)
    pictured: list[Product] = field(default_factory=list)


async def save(
    conn: AsyncConnection,
    entries: Sequence[Entry],
    *,
    by: Author,
    log: ChangeLog | None = None,
) -> Sequence[str]:
    """Make the catalog hold *entries*; saving stored entries changes nothing.

    Products and producers are inserted or updated by id. No variant is ever
    removed: its SKU stands in orders and on marketplaces.

    Args:
        conn: A connection in a transaction of the caller.
        entries: Whole entries; their revisions are ignored.
        by: Who says so, and when.
        log: Gathers the changes of an import, which keeps them once it has a number;
            without one they are kept at once.

    Returns:
        Ids of the products that got a new revision, sorted.

    Raises:
        CatalogError: An entry lacks a variant that the catalog holds.
    """
    await lock(conn)
    difference = Difference(log=log or ChangeLog())
    makers = {maker.id: maker for _, maker in entries if maker is not None}
    await compare_producers(conn, makers.values(), difference)
    await compare_products(conn, [item for item, _ in entries], difference)
    written = await _write(conn, difference)
    await note_uses(conn, difference.pictured, now=by.at)
    if log is None:
        await keep_changes(conn, difference.log.changes(), by)
    return written


async def save_producers(
    conn: AsyncConnection,
    producers: Sequence[Producer],
    *,
    by: Author,
    log: ChangeLog | None = None,
) -> Sequence[str]:
    """Make the catalog hold *producers*; as `save`, for those without a product."""
    await lock(conn)
    difference = Difference(log=log or ChangeLog())
    await compare_producers(conn, producers, difference)
    written = await _write(conn, difference)
    if log is None:
        await keep_changes(conn, difference.log.changes(), by)
    return written


async def lock(conn: AsyncConnection) -> None:
    """Keep all other writers of the catalog out until the transaction ends.

    To be called before reading values that are going to be changed: two writers that
    read the same state would each undo the write of the other.
    """
    await next_numbers(conn, REVISION, 0)


async def revise(conn: AsyncConnection, product_ids: Iterable[str]) -> Sequence[str]:
    """Give each of *product_ids* a new revision; return them sorted."""
    ids = sorted(set(product_ids))
    numbers = await next_numbers(conn, REVISION, len(ids))
    values = [{"changed": i, "revision": n} for i, n in zip(ids, numbers, strict=True)]
    await execute_each(conn, _REVISE, values)
    return ids


def in_order(item: Product) -> Product:
    """Return *item* as it is read back: variants by SKU, papers by kind."""
    variants = tuple(sorted(item.variants, key=attrgetter("sku")))
    papers = tuple(sorted(item.papers, key=attrgetter("kind.value")))
    if variants == item.variants and papers == item.papers:
        return item
    return replace(item, variants=variants, papers=papers)


async def compare_products(
    conn: AsyncConnection,
    items: Iterable[Product],
    into: Difference,
    new: Container[str] = (),
) -> None:
    """Note which of *items* the catalog does not hold as they are.

    Of *new* ids it holds no product for certain.

    Raises:
        CatalogError: One lacks a variant that the catalog holds.
    """
    wanted = {item.id: in_order(item) for item in items}
    known = await get(conn, [id_ for id_ in wanted if id_ not in new])
    for item in wanted.values():
        _compare(item, known[item.id][0] if item.id in known else None, into)


async def compare_producers(
    conn: AsyncConnection, makers: Collection[Producer], into: Difference
) -> None:
    """Note which of *makers* the catalog does not hold as they are."""
    known = await get_producers(conn, [maker.id for maker in makers])
    for maker in makers:
        if maker != known.get(maker.id):
            into.producers.append(maker)
            into.log.note_producer(known.get(maker.id), maker)


def _compare(item: Product, known: Product | None, into: Difference) -> None:
    if known is not None and replace(item, revision=known.revision) == known:
        return
    _refuse_loss(item, known)
    into.products.append(item)
    if known is not None:
        into.known.add(item.id)
    into.log.note_product(known, item)
    for name in PARTS:
        before = () if known is None else getattr(known, name)
        if before != getattr(item, name):
            into.parts.setdefault(name, []).append(item)
    had = set() if known is None else hashes_in(known.pictures)
    if had != hashes_in(item.pictures):
        into.pictured.append(item)


def _refuse_loss(item: Product, known: Product | None) -> None:
    kept = {each.sku for each in item.variants}
    lost = [] if known is None else [v.sku for v in known.variants if v.sku not in kept]
    if lost:
        message = f"{item.id}: thiếu biến thể / variants are missing: {', '.join(lost)}"
        raise CatalogError(message)


async def _write(conn: AsyncConnection, difference: Difference) -> Sequence[str]:
    changed = [each.id for each in difference.products]
    makers = difference.producers
    if makers:
        rows = [producer_values(each) for each in makers]
        await conn.execute(upsert(conn, producer), rows)
        await next_numbers(conn, UNREVISED, 1)
    theirs = await products_by_producer(conn, [each.id for each in makers])
    if changed:
        numbers = await next_numbers(conn, REVISION, len(changed))
        rows = [
            product_values(each, number)
            for each, number in zip(difference.products, numbers, strict=True)
        ]
        await conn.execute(upsert(conn, product), rows)
    for name, owners in difference.parts.items():
        await _replace_parts(conn, name, owners)
    others = await revise(conn, set(theirs).difference(changed))
    return sorted([*changed, *others])


async def _replace_parts(
    conn: AsyncConnection, name: str, owners: Sequence[Product]
) -> None:
    table, values_of = PARTS[name]
    await _forget(conn, table, [each.id for each in owners])
    rows = [row for each in owners for row in values_of(each)]
    await execute_each(conn, table.insert(), rows)


async def _forget(conn: AsyncConnection, table: Table, ids: Sequence[str]) -> None:
    statement = delete(table).where(table.c.product_id == bindparam("forgotten"))
    await conn.execute(statement, [{"forgotten": each} for each in ids])
