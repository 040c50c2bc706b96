"""Make an evaluated feed into rows, before anybody has to wait for them.

Nothing of the catalog is written here: `catalog.imports.apply_import` brings the rows
in. They are those that are to be written as long as nothing has moved on which the
evaluation stands; it is asked again then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import chunks
from catalog.db.field_changes import ChangeLog
from catalog.db.history import prepared_changes
from catalog.db.overflow import Growing, Marked
from catalog.db.prepared import PreparedRows
from catalog.db.reader import products_by_producer
from catalog.db.to_rows import producer_values, product_values
from catalog.db.writer import (
    PARTS,
    Difference,
    compare_producers,
    compare_products,
)
from catalog.imports.evaluated_feed import EvaluatedFeed
from catalog.imports.missing import note_naming
from catalog.model.producer import Producer
from catalog.model.product import Product


@dataclass(frozen=True, slots=True)
class PreparedFeed:
    """All that an evaluated feed writes row by row.

    Attributes:
        rows: Its rows.
        pictured: The products that get other pictures of ours.
    """

    rows: PreparedRows
    pictured: Growing[Product]


async def prepare_feed(
    conn: AsyncConnection, feed: EvaluatedFeed, rows: PreparedRows
) -> PreparedFeed:
    """Add the rows that an evaluated feed writes to *rows*.

    One that is held, or was only checked, has none.

    Raises:
        CatalogError: An entry lacks a variant that the catalog holds.
    """
    pictured = Growing[Product]()
    if feed.report.written:
        await _Preparing(conn, feed, rows, pictured).prepare()
    return PreparedFeed(rows, pictured)


class _Preparing:
    """One feed that is made into rows."""

    def __init__(
        self,
        conn: AsyncConnection,
        feed: EvaluatedFeed,
        rows: PreparedRows,
        pictured: Growing[Product],
    ) -> None:
        self._conn = conn
        self._feed = feed
        self._rows = rows
        self._pictured = pictured
        # Nobody has made these meanwhile, or nothing of this will be written.
        self._fresh = feed.intake.fresh
        self._log = ChangeLog(self._fresh)
        self._revised = Marked[str]()

    async def prepare(self) -> None:
        """Add all rows."""
        view = self._feed.view
        for makers in view.producers():
            await self._add_producers(makers)
        for items in view.products(confirmed=self._feed.accepted is not None):
            await self._add_products(items)
        await self._add_naming()
        for makers in view.producers():
            await self._revise_products_of(makers)

    async def _add_changes(self) -> None:
        """Add the changes so far: each field is compared once."""
        changes = self._log.changes()
        async for page in prepared_changes(self._conn, changes, self._feed.now):
            await self._rows.add_changes(page)
        self._log.forget_changes()

    async def _add_producers(self, makers: Sequence[Producer]) -> None:
        difference = Difference(log=self._log)
        await compare_producers(self._conn, makers, difference)
        rows = [producer_values(each) for each in difference.producers]
        await self._rows.add_producers(rows)
        await self._add_changes()

    async def _add_products(self, items: Sequence[Product]) -> None:
        difference = Difference(log=self._log)
        await compare_products(self._conn, items, difference, self._fresh)
        rows = [product_values(each, 0) for each in difference.products]
        await self._rows.add_products(rows)
        for id_ in difference.known:
            self._revised.add(id_)
        for name, owners in difference.parts.items():
            table, values_of = PARTS[name]
            known = [each.id for each in owners if each.id in difference.known]
            parts = [row for each in owners for row in values_of(each)]
            await self._rows.add_parts(table.name, known, parts)
        self._pictured += difference.pictured
        await self._add_changes()

    async def _add_naming(self) -> None:
        change, days = self._feed.naming, self._feed.naming.out_of_sources
        await note_naming(self._log, change)
        await self._add_changes()
        await self._rows.add_naming(
            {"source": change.source, "product_id": id_, "missing_since": day}
            for id_, day in sorted(change.after.items())
        )
        await self._rows.add_out_of_sources(
            {"id": id_, "not_in_source_since": day} for id_, day in days.items()
        )
        await self._revise(sorted(days))

    async def _revise_products_of(self, makers: Sequence[Producer]) -> None:
        """Let products have new revisions whose producer is another one now."""
        known = Difference()
        await compare_producers(self._conn, makers, known)
        theirs = [each.id for each in known.producers]
        await self._revise(await products_by_producer(self._conn, theirs))

    def _has_revision(self, id_: str) -> bool:
        return id_ in self._fresh or id_ in self._revised

    async def _revise(self, ids: Sequence[str]) -> None:
        for some in chunks(ids):
            others = [id_ for id_ in some if not self._has_revision(id_)]
            for id_ in others:
                self._revised.add(id_)
            await self._rows.add_revised(others)
