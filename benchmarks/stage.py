"""What the benchmarks share: a generated catalog, and marketplaces that cost little.

The marketplaces live in memory, with the real adapters' capabilities and their
way of showing a listing: our own work is measured.
"""

import asyncio
import gc
import random
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from operator import methodcaller
from pathlib import Path
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import writer
from catalog.db.history import Author
from catalog.db.tables import metadata as catalog_metadata
from catalog.eligibility import Rules, load_rules
from catalog.fiction.generate import generate
from catalog.model.product import Entry
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.bootstrap.databases import GARBAGE_STEPS
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.listing import Listing
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.marketplace.registry import available, mock_names
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.store.db.database import Database
from ocop_sync.store.tables import metadata as store_metadata
from ocop_sync.testing.memory import InMemoryMarketplace, offline_context

NOW = datetime(2026, 11, 24, 5, tzinfo=UTC)
"""The instant at which the generated catalog is looked at."""


def like(adapter: type[Marketplace]) -> type[InMemoryMarketplace]:
    """Return a marketplace in memory that shows listings as *adapter* says.

    It has one account for all producers, and no quota.
    """

    class Like(InMemoryMarketplace):
        name: ClassVar[str] = adapter.name
        capabilities: ClassVar[Capabilities] = replace(
            adapter.capabilities,
            calls_per_s=None,
            visible_within_s=0,
            account_per_seller=False,
        )
        mapping: ClassVar[ListingMapping] = adapter.mapping

        @classmethod
        def canonical(cls, listing: Listing) -> Listing:
            """Return *listing* as the marketplace will show it."""
            return adapter.canonical(listing)

    return Like


class StageClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Return the instant, in UTC."""
        return self.now

    def move(self, **delta: float) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)


PRODUCERS = 500
"""How many producers the generated products have at most."""


def entries_of(count: int) -> Iterable[Entry]:
    """Return *count* generated, fictitious products with their producers."""
    today = day_in_vietnam(NOW)
    return generate(count=count, seed=1, today=today, producers=PRODUCERS)


async def _save(page: Sequence[Entry], conn: AsyncConnection) -> None:
    await writer.save(conn, page, by=Author("benchmark", NOW))


async def fill(database: Database, count: int) -> None:
    """Make the tables and fill the catalog with *count* products."""
    for metadata in (catalog_metadata, store_metadata):
        await database.write(methodcaller("run_sync", metadata.create_all))
    entries = iter(entries_of(count))
    while page := list(islice(entries, 1000)):
        await database.write(partial(_save, page))


def in_a_file(folder: Path) -> str:
    """Return the address of a new database of SQLite in *folder*."""
    return f"sqlite:///{folder / 'ocop.db'}"


@asynccontextmanager
async def stage(
    url: str,
    sites: Iterable[type[Marketplace]] | None = None,
    rules: Rules | None = None,
) -> AsyncIterator[tuple[Deployment, StageClock]]:
    """Open a deployment on a database, with marketplaces in memory.

    Args:
        url: Of the database: `in_a_file` has that of a file of SQLite.
        sites: The marketplaces; instead of `like` every one that ships a mock.
        rules: Instead of those that ship.
    """
    gc.set_threshold(*GARBAGE_STEPS)
    clock = StageClock()
    database = Database(url)
    accounts = {
        kind.name: (kind, Account(key=kind.name, marketplace=kind.name, base_url=""))
        for kind in sites or [like(available()[name]) for name in mock_names()]
    }
    markets = {
        name: kind(account, offline_context(clock))
        for name, (kind, account) in accounts.items()
    }
    deployment = Deployment(
        database=database,
        rules=rules or load_rules(accept_published=True),
        sites=tuple(
            Site(name, kind, [account])
            for name, (kind, account) in sorted(accounts.items())
        ),
        open=lambda account: markets[account.key],
        clock=clock,
        sleep=asyncio.sleep,
        time=time.monotonic,
        random=random.Random(1),  # noqa: S311  (jitter is no secret)
        holder="benchmark",
    )
    try:
        yield deployment, clock
    finally:
        await database.close()
