"""Which products each source names, as it is kept.

The consequences for a product are decided in `catalog.imports.missing` and
`catalog.imports.many_effects`. Functions over a connection that the caller opened; none
of them commits.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import CHUNK, IDS, chunks, execute_each, rows_of
from catalog.db.tables import naming, product
from catalog.db.upsert import upsert

_NAMED = (
    select(naming.c.product_id, naming.c.missing_since)
    .where(
        naming.c.source == bindparam("source"),
        naming.c.product_id > bindparam("after"),
    )
    .order_by(naming.c.product_id)
    .limit(bindparam("size"))
)
_KNOWN = select(naming.c.product_id, naming.c.missing_since).where(
    naming.c.source == bindparam("source"), naming.c.product_id.in_(IDS)
)
_NAMING = select(*naming.c["source", "product_id", "missing_since"]).where(
    naming.c.product_id.in_(IDS)
)
_FORGET = delete(naming).where(
    naming.c.source == bindparam("by"), naming.c.product_id == bindparam("what")
)
_STORED = select(product.c.id, product.c.not_in_source_since).where(
    product.c.id.in_(IDS)
)
_SET = update(product).where(product.c.id == bindparam("changed"))
_COUNT: Any = (
    select(naming.c.source, func.count())
    .where(naming.c.source.in_(bindparam("sources", expanding=True)))
    .group_by(naming.c.source)
)


async def naming_pages(
    conn: AsyncConnection, source: str
) -> AsyncIterator[Sequence[tuple[str, date | None]]]:
    """Yield all products that *source* ever named, some at a time, by id.

    With each stands since when it is no longer named; None if it still is.
    """
    behind = {"source": source, "after": "", "size": CHUNK}
    while page := (await conn.execute(_NAMED, behind)).all():
        behind["after"] = page[-1][0]
        yield [(id_, since) for id_, since in page]


async def naming_of(
    conn: AsyncConnection, source: str, ids: Sequence[str]
) -> dict[str, date | None]:
    """Return since when *source* does not name some products that it ever named.

    *ids* are at most `CHUNK`.
    """
    rows = await conn.execute(_KNOWN, {"source": source, "ids": ids})
    return {row[0]: row[1] for row in rows}


async def named_by(
    conn: AsyncConnection, product_ids: Sequence[str]
) -> dict[tuple[str, str], date | None]:
    """Return by source and product since when it is no longer named, if it is not."""
    rows = await rows_of(conn, _NAMING, product_ids)
    return {(source, id_): since for source, id_, since in rows}


async def sources_of(
    conn: AsyncConnection, product_ids: Sequence[str]
) -> defaultdict[str, set[str]]:
    """Return which of the products *product_ids* each source has named."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source, product_id, _ in await rows_of(conn, _NAMING, product_ids):
        found[source].add(product_id)
    return found


async def count_named(conn: AsyncConnection, sources: Sequence[str]) -> dict[str, int]:
    """Return how many products each source has named."""
    found: dict[str, int] = {}
    for some in chunks(sources):
        rows = await conn.execute(_COUNT, {"sources": some})
        found |= {row[0]: row[1] for row in rows}
    return found


async def keep_naming(
    conn: AsyncConnection, source: str, changed: Mapping[str, date | None]
) -> None:
    """Keep that *source* names products, or since when it does not."""
    for ids in chunks(sorted(changed)):
        rows = [
            {"source": source, "product_id": id_, "missing_since": changed[id_]}
            for id_ in ids
        ]
        await conn.execute(upsert(conn, naming), rows)


async def forget_naming(
    conn: AsyncConnection, source: str, product_ids: Iterable[str]
) -> None:
    """Forget that *source* ever named products."""
    gone = [{"by": source, "what": id_} for id_ in product_ids]
    await execute_each(conn, _FORGET, gone)


async def out_of_sources(
    conn: AsyncConnection, ids: Sequence[str], *, but: str
) -> dict[str, tuple[date | None, list[date | None]]]:
    """Return since when products are out of the sources, as stored and as named.

    *ids* are at most `CHUNK`.

    Returns:
        By product the day that is stored with it, and one of each source *but* one that
        ever named it: since when it no longer does.
    """
    stored = {row[0]: row[1] for row in await conn.execute(_STORED, {"ids": ids})}
    days: defaultdict[str, list[date | None]] = defaultdict(list)
    for source, id_, since in await conn.execute(_NAMING, {"ids": ids}):
        if source != but:
            days[id_].append(since)
    return {id_: (known, days[id_]) for id_, known in stored.items()}


async def set_out_of_sources(
    conn: AsyncConnection, days: Mapping[str, date | None]
) -> None:
    """Store since when products are out of the sources; None if they are not."""
    values = [{"changed": i, "not_in_source_since": day} for i, day in days.items()]
    await execute_each(conn, _SET, values)
