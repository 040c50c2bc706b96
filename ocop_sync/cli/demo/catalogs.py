"""The two catalogs of the demonstration, which never share a row.

Real products come from the file that ships. Values that no public source states are
made up while the demonstration runs, are marked "mô phỏng", and are written to its
database alone. The other catalog is plainly fictitious.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

import catalog
from catalog.commands.attest import ProducerFact, attest
from catalog.db import reader
from catalog.db.history import Author
from catalog.db.writer import save
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.write.csv_feed import write_csv
from catalog.fiction.demonstration import demonstration_values
from catalog.fiction.generate import generate
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport
from catalog.model.actor import Actor, ActorKind
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.files import write_whole

REAL = Path(catalog.__file__).parent / "data" / "quang_ninh_public.csv"
"""Fifty real products, facts only."""

ATTESTED = (ProducerFact.CONSENT, PaperKind.FOOD_SAFETY, PaperKind.DECLARATION)
"""The facts that the demonstration takes as seen, for all real products at once."""

BY = "DEMO"
"""Who has "seen" it: nobody has."""

_SEED = 2024


async def load_real(conn: AsyncConnection, now: datetime) -> Sequence[str]:
    """Import the real products, attest the needed facts, price them.

    Returns:
        Their ids, sorted.
    """
    with REAL.open("rb") as stream:
        await import_feed(conn, open_feed(stream).rows, now=now, source=REAL.name)
    await attest(
        conn,
        what=ATTESTED,
        value=Fact.YES,
        by=Actor(kind=ActorKind.SERVICE, name=BY),
        on=day_in_vietnam(now),
        now=now,
        source=REAL.name,
        only_unknown=True,
    )
    ids = await reader.products_by_source(conn, REAL.name)
    entries = (await reader.get(conn, ids)).values()
    priced = [
        (demonstration_values(product, _SEED, counted_at=now), producer)
        for product, producer in entries
    ]
    await save(conn, priced, by=Author(BY, now))
    return ids


def write_fictitious(path: Path, *, count: int, seed: int, today: date) -> None:
    """Write the fictitious catalog to *path*."""
    with write_whole(path) as stream:
        write_csv(generate(count=count, seed=seed, today=today), stream)


async def load_fictitious(
    conn: AsyncConnection, path: Path, now: datetime
) -> ImportReport:
    """Import the fictitious catalog."""
    with path.open("rb") as stream:
        return await import_feed(
            conn, open_feed(stream).rows, now=now, source=path.name
        )


async def producer_ids(conn: AsyncConnection) -> set[str]:
    """Return every producer of the catalog that has a product."""
    return set(await products_by_producer(conn))


async def products_by_producer(conn: AsyncConnection) -> Counter[str]:
    """Return how many products each producer of the catalog has."""
    return Counter(
        [
            product.producer_id
            async for page in reader.pages(conn)
            for product, _ in page
            if product.producer_id
        ]
    )


async def real_ids(conn: AsyncConnection) -> Sequence[str]:
    """Return the ids of the real products."""
    return await reader.products_by_source(conn, REAL.name)
