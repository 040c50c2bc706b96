"""Papers as staff enter them, for named products or for those that lack one.

Products that lack a paper are found as `missing-papers` finds them: a rule asks for
the paper, and it is unknown, missing or ended. They are looked for before the
transaction that enters it, as evaluating a catalog takes seconds; the token says
whether the same ones were shown.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.own import own_producer
from catalog.commands.paper_entry import PaperEntry
from catalog.commands.papers import (
    PapersEntered,
    PaperSubjects,
    any_papers,
    enter_papers,
    paper_of,
    papers_version,
)
from catalog.commands.update import ensure_known
from catalog.db.own_pages import ids_after
from catalog.db.reader import (
    get,
    products_by_producer,
    products_by_sku,
    products_by_source,
    revisions,
)
from catalog.eligibility import Rules
from catalog.model.paper import Paper, PaperKind
from catalog.model.product import Entry, Product
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.queries.worklists import Lack
from catalog.values import replace
from ocop_sync.service.producer.changes import Doing
from ocop_sync.service.producer.products import all_products, one_product
from ocop_sync.service.queries.worklists import lacking_products
from ocop_sync.store.db.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class LackFilter:
    """Which products are meant that lack a paper.

    Attributes:
        state: What they lack: "unknown", "missing" or "expired".
        commune: Of producers in this commune, by its code since 1 July 2025; or "".
        producer: Of this producer; or "".
        source: Of products that imports of this source have named; or "".
        products: Of these products, by id or SKU; none are all.
    """

    state: str = "unknown"
    commune: str = ""
    producer: str = ""
    source: str = ""
    products: Sequence[str] = ()


async def enter(
    database: Database,
    entry: PaperEntry,
    subjects: PaperSubjects | LackFilter,
    doing: Doing,
    *,
    rules: Rules,
    clock: Callable[[], datetime],
    ensure_seen: Callable[[str], None] = any_papers,
) -> PapersEntered:
    """Enter a paper; errors: `catalog.commands.papers.enter_papers`."""
    if isinstance(subjects, LackFilter):
        find = partial(
            products_lacking,
            kind=entry.kind,
            where=subjects,
            rules=rules,
            at=clock(),
            reach=doing.reach,
        )
        async with database.read() as conn:
            ids = await find(conn)
        subjects = PaperSubjects(products=ids, are_found=True)
    named = subjects
    return await database.write(
        lambda conn: enter_papers(
            conn,
            entry,
            named,
            reach=doing.reach,
            rules=rules,
            by=doing.by,
            now=clock(),
            ensure_seen=ensure_seen,
        )
    )


async def products_lacking(
    conn: AsyncConnection,
    *,
    kind: PaperKind,
    where: LackFilter,
    rules: Rules,
    at: datetime,
    reach: Reach,
) -> list[str]:
    """Return the ids of the products that lack a paper of *kind*, sorted.

    Raises:
        NotInCatalogError: There is no such source, product or producer within reach.
    """
    named = await _named(conn, where, reach)
    name = rules.tables.papers[kind]

    def chosen(entry: Entry, lack: Lack) -> bool:
        item, maker = entry
        commune = maker.address.commune_code if maker else ""
        return (
            lack.paper == name
            and lack.state == where.state
            and reach.holds(item.producer_id)
            and (not where.commune or commune == where.commune)
            and (named is None or item.id in named)
        )

    return await lacking_products(conn, rules=rules, at=at, chosen=chosen)


async def _named(
    conn: AsyncConnection, where: LackFilter, reach: Reach
) -> frozenset[str] | None:
    """Return the ids of the products that are named in any way; None for all."""
    sets: list[frozenset[str]] = []
    if where.source:
        sets.append(frozenset(await products_by_source(conn, where.source)))
        ensure_known([where.source], [where.source] if sets[-1] else [])
    if where.producer:
        await own_producer(conn, where.producer, reach)
        sets.append(frozenset(await products_by_producer(conn, [where.producer])))
    if where.products:
        by_sku = await products_by_sku(conn, [*where.products])
        ids = [by_sku.get(each, each) for each in where.products]
        ensure_known(ids, await revisions(conn, ids))
        sets.append(frozenset(ids))
    return frozenset.intersection(*sets) if sets else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersPage:
    """The papers of some products, by the ids of these.

    Attributes:
        products: The products.
        last: The id of the last one; None if no more follow.
        version: What differs once a paper of the producer does; "" of all products.
    """

    products: list[Product]
    last: str | None
    version: str = ""


async def papers_after(
    conn: AsyncConnection, after: str, *, reach: Reach, limit: int
) -> PapersPage:
    """Return the papers of at most *limit* products within *reach* behind *after*."""
    ids = await ids_after(conn, reach.producers, after, limit + 1)
    found = await get(conn, ids[:limit])
    products = [found[id_][0] for id_ in ids[:limit] if id_ in found]
    last = ids[limit - 1] if len(ids) > limit else None
    return PapersPage(products=products, last=last)


async def papers_named(
    conn: AsyncConnection, *, product: str, producer: str
) -> AsyncIterator[Product]:
    """Return the named product, those of a producer, or all, to be read over *conn*.

    Raises:
        NotInCatalogError: There is no such product or producer.
    """
    if product:
        item, _ = await one_product(conn, product, reach=WHOLE_CATALOG)
        return _only(item)
    if producer:
        await own_producer(conn, producer, WHOLE_CATALOG)
    return _all(conn, Reach.of([producer]) if producer else WHOLE_CATALOG)


async def _only(item: Product) -> AsyncIterator[Product]:
    yield item


async def _all(conn: AsyncConnection, reach: Reach) -> AsyncIterator[Product]:
    async for item, _ in await all_products(conn, reach=reach):
        yield item


async def papers_of_producer(
    conn: AsyncConnection, producer_id: str, after: str, *, reach: Reach, limit: int
) -> PapersPage:
    """Return the papers of a producer's products, and the version of all of them.

    Raises:
        NotInCatalogError: There is no such producer within *reach*.
    """
    await own_producer(conn, producer_id, reach)
    ids = await products_by_producer(conn, [producer_id])
    found = await get(conn, ids)
    version = papers_version([found[id_][0] for id_ in ids if id_ in found])
    page = await papers_after(conn, after, reach=Reach.of([producer_id]), limit=limit)
    return replace(page, version=version)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPaper:
    """A product that was chosen, and its paper of one kind, if one is known."""

    product: Product
    producer: str
    paper: Paper | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPapers:
    """The papers of one kind of chosen products, by their ids.

    Attributes:
        rows: The products.
        version: What differs once any paper of these products does.
    """

    rows: Sequence[ChosenPaper]
    version: str


async def chosen_papers(
    conn: AsyncConnection, ids: Sequence[str], *, kind: PaperKind
) -> ChosenPapers:
    """Return what is known of a paper of some products.

    Raises:
        NotInCatalogError: There is no such product.
    """
    some = sorted(set(ids))
    found = await get(conn, some)
    ensure_known(some, found)
    entries = [found[id_] for id_ in some]
    return ChosenPapers(
        rows=[
            ChosenPaper(
                product=item,
                producer=maker.name if maker else "",
                paper=paper_of(item, kind),
            )
            for item, maker in entries
        ],
        version=papers_version([item for item, _ in entries]),
    )
