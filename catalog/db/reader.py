"""Read the catalog.

Functions over a connection that the caller opened; none of them commits. The number of
queries never depends on the number of products: a page of any size costs six. Entries
are written in `catalog.db.writer`, single facts in `catalog.commands.update`, files in
`catalog.imports.apply_import`.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Select,
    Table,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.columns import UtcDateTime
from catalog.db.chunks import CHUNK, IDS, chunks, rows_of
from catalog.db.from_rows import (
    Parts,
    Producers,
    Row,
    certificates_of,
    effects_of,
    papers_of,
    products_of,
    variants_of,
)
from catalog.db.tables import (
    DERIVED,
    adjustment,
    certificate,
    confirmed_end,
    counter,
    import_effect,
    naming,
    paper,
    producer,
    product,
    sale,
    variant,
)
from catalog.model.effect import NO_IMPORT, EffectKind
from catalog.model.producer import Producer
from catalog.model.product import Entry
from catalog.model.sale import Sold

_BEGINNING = literal(datetime(1970, 1, 1, tzinfo=UTC), UtcDateTime())

SOLD = (
    select(func.coalesce(func.sum(sale.c.quantity), 0))
    .where(
        sale.c.sku == variant.c.sku,
        # Sold in the very instant of the count means sold after it: the count
        # may not have seen it. A number that was never counted has seen none.
        sale.c.sold_at >= func.coalesce(variant.c.counted_at, _BEGINNING),
    )
    .correlate(variant)
    .scalar_subquery()
    .label("sold")
)
"""How many of a variant were sold since its count."""

ADJUSTED = (
    select(func.coalesce(func.sum(adjustment.c.delta), 0))
    .where(
        adjustment.c.sku == variant.c.sku,
        # At the very instant of the count means after it, as of sales.
        adjustment.c.happened_at >= func.coalesce(variant.c.counted_at, _BEGINNING),
    )
    .correlate(variant)
    .scalar_subquery()
    .label("adjusted")
)
"""How many of a variant came in since its count; less than 0 if more left."""


EFFECTS: Any = select(
    *import_effect.c["product_id", "kind", "key", "import_id", "confirmed_in"]
).where(import_effect.c.stands)
"""The effects of imports that still take from buyers."""
CONFIRMED_ENDS: Any = select(
    confirmed_end.c.product_id,
    literal_column(f"'{EffectKind.ENDED.value}'").label("kind"),
    confirmed_end.c.ends_on.label("key"),
    literal_column(str(NO_IMPORT)).label("import_id"),
    literal_column(str(NO_IMPORT)).label("confirmed_in"),
)
"""The ends that a person has entered, in the same form."""


def _effects_of(
    chosen: "Chosen",
) -> CompoundSelect[Any]:
    """Select the effects that still take from buyers: of imports, and of acts."""
    return union_all(
        EFFECTS.where(chosen(import_effect.c.product_id)),
        CONFIRMED_ENDS.where(chosen(confirmed_end.c.product_id)),
    ).order_by("product_id", "kind", "key", "import_id")


def _read(table: Table) -> Select[Any]:
    """Select the columns that `catalog.db.from_rows` reads, in the table's order."""
    columns = [c for c in table.c if c.name not in DERIVED]
    return select(*columns, SOLD, ADJUSTED) if table is variant else select(*columns)


Chosen = Callable[[Column[Any]], ColumnElement[bool]]
"""Chooses rows by the id of their product."""


def _parts_of(chosen: Chosen) -> list[Select[Any] | CompoundSelect[Any]]:
    """Select the parts of chosen products, in their order, and effects on them."""
    parts = [
        _read(table)
        .where(chosen(table.c.product_id))
        .order_by(table.c.product_id, table.c[order])
        for table, order in _PARTS.items()
    ]
    return [*parts, _effects_of(chosen)]


def sources_of(chosen: Chosen) -> list[Select[Any] | CompoundSelect[Any]]:
    """Select all that entries of chosen products are made of, producers at the end.

    Nothing else is read for an entry: whatever a table or a column has is asked here.
    """
    entries = _read(product).where(chosen(product.c.id)).order_by(product.c.id)
    makers = select(product.c.producer_id).where(chosen(product.c.id))
    made_by = _read(producer).where(producer.c.id.in_(makers)).order_by(producer.c.id)
    return [entries, *_parts_of(chosen), made_by]


_PARTS = {variant: "sku", certificate: "n", paper: "kind"}

_PAGE = (
    _read(product)
    .where(product.c.id > bindparam("after"))
    .order_by(product.c.id)
    .limit(bindparam("size"))
)
_PAGE_WITHIN = _PAGE.where(product.c.id <= bindparam("end"))
_PAGE_PARTS = _parts_of(
    lambda product_id: product_id.between(bindparam("first"), bindparam("last"))
)
_CHOSEN, *_CHOSEN_PARTS, _ = sources_of(lambda product_id: product_id.in_(IDS))
_PRODUCERS = _read(producer).where(producer.c.id.in_(IDS))
_REVISIONS = select(product.c.id, product.c.revision).where(product.c.id.in_(IDS))
_HELD = _REVISIONS.order_by(product.c.id).with_for_update(read=True)
_CHANGED = (
    select(product.c.id, product.c.revision)
    .where(product.c.revision > bindparam("since"))
    .order_by(product.c.revision)
    .limit(bindparam("size"))
)
_REVISION = select(counter.c.value).where(counter.c.name == "revision")
_BY_SKU = select(variant.c.sku, variant.c.product_id).where(variant.c.sku.in_(IDS))
_NAMES = select(product.c.id, product.c.name).where(product.c.id.in_(IDS))
_PRODUCER_NAMES = select(producer.c.id, producer.c.name).where(producer.c.id.in_(IDS))
_MAKERS = (
    select(product.c.id, product.c.producer_id, producer.c.commune_code)
    .outerjoin(producer, producer.c.id == product.c.producer_id)
    .where(product.c.id.in_(IDS))
)
_OF_PRODUCERS = select(product.c.id).where(product.c.producer_id.in_(IDS))
_SALES = select(
    *sale.c["n", "channel", "sku", "quantity", "sold_at", "heard_at"]
).where(sale.c.sku.in_(IDS))
_SOLD_SINCE = (
    select(sale.c.channel, sale.c.sku)
    .distinct()
    .join(variant, variant.c.sku == sale.c.sku)
    .where(
        sale.c.sku.in_(IDS),
        sale.c.sold_at >= func.coalesce(variant.c.counted_at, _BEGINNING),
    )
)
_LATER = _SALES.where(sale.c.n > bindparam("after"))
_BETWEEN = _SALES.where(sale.c.sold_at.between(bindparam("since"), bindparam("until")))
_OF_SOURCE = (
    select(naming.c.product_id)
    .where(naming.c.source == bindparam("source"))
    .order_by(naming.c.product_id)
)


async def pages(
    conn: AsyncConnection, *, size: int = CHUNK, after: str = "", end: str | None = None
) -> AsyncIterator[Sequence[Entry]]:
    """Read the whole catalog, ordered by product id, *size* entries at a time.

    Or only the products behind the id *after*, and up to *end*.

    Where the database lets others write in between, an entry may be newer than
    its revision says, never older: `changed_since` then names it again.
    """
    producers = Producers()
    page: Select[Any] = _PAGE
    bounds: dict[str, object] = {"size": size}
    if end is not None:
        page, bounds = _PAGE_WITHIN, {"size": size, "end": end}
    while rows := await _rows(conn, page, {**bounds, "after": after}):
        after = rows[-1][0]
        between = {"first": rows[0][0], "last": after}
        parts = await _parts(conn, _PAGE_PARTS, between)
        yield await _entries(conn, rows, parts, producers)


async def get(conn: AsyncConnection, product_ids: Sequence[str]) -> dict[str, Entry]:
    """Return the entries of *product_ids* by id; unknown ids are left out."""
    producers = Producers()
    found: dict[str, Entry] = {}
    for ids in chunks(product_ids):
        chosen = {"ids": ids}
        rows = await _rows(conn, _CHOSEN, chosen)
        parts = await _parts(conn, _CHOSEN_PARTS, chosen)
        entries = await _entries(conn, rows, parts, producers)
        found.update((entry[0].id, entry) for entry in entries)
    return found


async def get_producers(
    conn: AsyncConnection, producer_ids: Sequence[str]
) -> dict[str, Producer]:
    """Return *producer_ids* by id; unknown ids are left out."""
    return Producers().take(await rows_of(conn, _PRODUCERS, producer_ids))


async def revisions(
    conn: AsyncConnection, product_ids: Sequence[str]
) -> dict[str, int]:
    """Return the present revisions of *product_ids*; unknown ids are left out."""
    return await _pairs(conn, _REVISIONS, product_ids)


async def changed_since(
    conn: AsyncConnection, revision: int, *, limit: int
) -> Sequence[tuple[str, int]]:
    """Return at most *limit* products that changed after *revision*, with theirs.

    The oldest change comes first. Its last revision is where to go on from: no two are
    equal.
    """
    rows = await _rows(conn, _CHANGED, {"since": revision, "size": limit})
    return [(id_, value) for id_, value in rows]


async def current_revision(conn: AsyncConnection) -> int:
    """Return the last revision given out; 0 in an empty catalog."""
    found = (await conn.execute(_REVISION)).scalar_one_or_none()
    return 0 if found is None else int(found)


async def products_by_sku(conn: AsyncConnection, skus: Sequence[str]) -> dict[str, str]:
    """Return the product of each of *skus*; unknown ones are left out."""
    return await _pairs(conn, _BY_SKU, skus)


async def products_by_producer(
    conn: AsyncConnection, producer_ids: Sequence[str]
) -> Sequence[str]:
    """Return the ids of the products of *producer_ids*, sorted."""
    return sorted(row[0] for row in await rows_of(conn, _OF_PRODUCERS, producer_ids))


async def names_of(conn: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    """Return the names of products and producers; unknown ids are left out."""
    some = list(dict.fromkeys(ids))
    products = await _pairs(conn, _NAMES, some)
    return products | await _pairs(conn, _PRODUCER_NAMES, some)


async def makers_of(
    conn: AsyncConnection, product_ids: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """Return the producer of each product, and the code of its commune, or "".

    Unknown products are left out.
    """
    rows = await rows_of(conn, _MAKERS, product_ids)
    return {id_: (maker or "", commune or "") for id_, maker, commune in rows}


async def products_by_source(conn: AsyncConnection, source: str) -> Sequence[str]:
    """Return the ids of all products that imports of *source* have ever named."""
    return [row[0] for row in await _rows(conn, _OF_SOURCE, {"source": source})]


async def sales_after(
    conn: AsyncConnection, skus: Sequence[str], n: int
) -> Sequence[Sold]:
    """Return the sales of *skus* that became known after number *n*, in order."""
    return await _sales(conn, _LATER, skus, {"after": n})


async def sold_since_count(
    conn: AsyncConnection, skus: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return which of *skus* were sold since their count, by channel."""
    found: dict[str, set[str]] = {}
    for channel, sku in await rows_of(conn, _SOLD_SINCE, skus):
        found.setdefault(channel, set()).add(sku)
    return {channel: frozenset(some) for channel, some in found.items()}


async def sales_between(
    conn: AsyncConnection, skus: Sequence[str], since: datetime, until: datetime
) -> Sequence[Sold]:
    """Return the sales of *skus* then, in the order in which they became known."""
    return await _sales(conn, _BETWEEN, skus, {"since": since, "until": until})


async def _sales(
    conn: AsyncConnection,
    query: Select[Any],
    skus: Sequence[str],
    values: Mapping[str, object],
) -> Sequence[Sold]:
    rows = await rows_of(conn, query, skus, values)
    return sorted((Sold(*row) for row in rows), key=lambda each: each.n)


async def hold(conn: AsyncConnection, product_ids: Sequence[str]) -> dict[str, int]:
    """Return the present revisions of *product_ids*, and keep them as they are.

    Until the transaction ends, nobody gives any of these products a new one.
    (SQLite has but one writer at a time anyway.)
    """
    return await _pairs(conn, _HELD, product_ids)


async def _rows(
    conn: AsyncConnection,
    query: Select[Any] | CompoundSelect[Any],
    values: Mapping[str, object],
) -> Sequence[Row]:
    rows: Sequence[Row] = (await conn.execute(query, values)).all()
    return rows


async def _pairs(
    conn: AsyncConnection, query: Select[Any], keys: Sequence[str]
) -> dict[str, Any]:
    return dict(await rows_of(conn, query, keys))


async def _parts(
    conn: AsyncConnection,
    queries: Sequence[Select[Any] | CompoundSelect[Any]],
    values: Mapping[str, object],
) -> Parts:
    variants, certificates, papers, effects = [
        await _rows(conn, query, values) for query in queries
    ]
    return Parts(
        variants_of(variants),
        certificates_of(certificates),
        papers_of(papers),
        effects_of(effects),
    )


async def _entries(
    conn: AsyncConnection, rows: Sequence[Row], parts: Parts, producers: Producers
) -> list[Entry]:
    # Producers are read after the products, on every page: one that has
    # changed meanwhile is then newer than its products' revisions say.
    made = products_of(rows, parts)
    ids = list({each.producer_id for each in made if each.producer_id is not None})
    known = producers.take(await rows_of(conn, _PRODUCERS, ids))
    return [(each, known.get(each.producer_id or "")) for each in made]
