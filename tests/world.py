"""A province in miniature: a database, a clock, and marketplaces in memory.

Everything runs in this process; time passes only when a test says so.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from catalog.db import reader, writer
from catalog.db.history import Author
from catalog.eligibility import load_rules
from catalog.model.product import Entry
from catalog.values import replace
from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.quota import Quota
from ocop_sync.service.deployment import Deployment, RunLimits, Site
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.sync import sync
from ocop_sync.store import tables as store_tables
from ocop_sync.store.db.database import Database
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record
from ocop_sync.testing.memory import InMemoryMarketplace, offline_context
from tests.factories import AT, make_producer, make_product, make_variant
from tests.tables import create_tables

RULES = load_rules()


class FakeTime:
    """A clock that moves when told, or when somebody sleeps."""

    def __init__(self, now: datetime = AT) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    async def sleep(self, seconds: float) -> None:
        if seconds < 15:  # a heartbeat's pause is no reason to move
            self.now += timedelta(seconds=seconds)
            return
        await asyncio.get_running_loop().create_future()

    def pass_(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass(repr=False)  # asyncio writes out what a fixture returns, to the last part
class World:
    """What a test of the service works with."""

    database: Database
    time: FakeTime
    deployment: Deployment
    markets: dict[str, InMemoryMarketplace]

    @property
    def market(self) -> InMemoryMarketplace:
        """The only marketplace, or the first."""
        return next(iter(self.markets.values()))

    async def sync(self, *names: str, follow_s: float = 10) -> Report:
        for market in self.markets.values():
            market.log.clear()
        return await sync(
            self.deployment, names, follow_for=timedelta(seconds=follow_s)
        )

    async def save(self, *entries: Entry) -> None:
        await self.database.write(
            lambda conn: writer.save(conn, entries, by=Author("kiểm thử", self.time()))
        )

    async def change(self, product_id: str = "SP-00001", **differences: Any) -> None:
        async with self.database.read() as conn:
            product, producer = (await reader.get(conn, [product_id]))[product_id]
        await self.save((replace(product, **differences), producer))

    async def record(self, product_id: str = "SP-00001") -> Record:
        async with self.database.read() as conn:
            name = self.market.account.marketplace
            return (await records.load(conn, name, [product_id]))[product_id]

    async def answers(self, kind: str) -> list[str | None]:
        """Return what the ledger says came of all changes of a kind, in order."""
        change = store_tables.change.c
        statement = select(change.outcome).where(change.kind == kind)
        async with self.database.read() as conn:
            rows = await conn.execute(statement.order_by(change.sent_at, change.n))
            return [outcome for (outcome,) in rows.all()]

    def miss(self, product_id: str) -> None:
        """Let the next page leave a listing out that is there."""
        shelf = self.market.shelf
        (found,) = shelf.of(product_id)
        del shelf.listings[found.ref]
        self.market.go_stale(1)
        shelf.listings[found.ref] = found

    def written(self) -> list[str]:
        """What was sent since the last sync began: kinds, in order."""
        return [
            change.kind.value
            for market in self.markets.values()
            for change in market.written()
        ]


def pace(time: FakeTime) -> Quota:
    """Return a pace by *time*, which moves when somebody waits."""

    async def sleep(seconds: float) -> None:
        await time.sleep(seconds + 1e-5)  # the clock knows no less than a microsecond
        await asyncio.sleep(0)

    return Quota(calls_per_s=50, burst=10, time=time.seconds, sleep=sleep)


async def make_tables(database: Database) -> None:
    """Make all tables, unless they are there already."""
    await database.write(lambda conn: conn.run_sync(create_tables))


@asynccontextmanager
async def open_world(
    url: str,
    names: Sequence[str] = ("memory",),
    *,
    moderated: bool = False,
    kind: type[InMemoryMarketplace] = InMemoryMarketplace,
    others: Mapping[str, type[InMemoryMarketplace]] = MappingProxyType({}),
    paced: bool = False,
) -> Any:
    """Open a world with an empty catalog and empty marketplaces.

    Each is of *kind*, but those that *others* names. Where calls are *paced*, a slice
    is written down while the one before is in flight.
    """
    time, database = FakeTime(), Database(url)
    await make_tables(database)
    accounts = {
        n: Account(key=n, marketplace=n, base_url="http://localhost") for n in names
    }
    markets = {
        name: others.get(name, kind)(
            account, offline_context(time), moderated=moderated
        )
        for name, account in accounts.items()
    }
    for market in markets.values() if paced else ():
        market.context = replace(market.context, quota=pace(time))
    deployment = Deployment(
        database=database,
        rules=RULES,
        sites=tuple(
            Site(name, others.get(name, kind), [account])
            for name, account in sorted(accounts.items())
        ),
        open=lambda account: markets[account.marketplace],
        clock=time,
        sleep=time.sleep,
        time=time.seconds,
        random=random.Random(1),  # noqa: S311  (jitter is no secret)
        holder="kiểm thử",
        # A breaker's rest must not look like a pause between two heartbeats.
        limits=RunLimits(cool_down_s=10),
        retry=RetryPolicy(attempts=3),
    )
    try:
        yield World(database, time, deployment, markets)
    finally:
        await database.close()


def entry(n: int = 1, **differences: Any) -> Entry:
    """Return product *n* of producer *n*, listed by default."""
    producer = make_producer(id=f"CS-{n:04}", name=f"Cơ sở Mẫu {n:03}")
    product = make_product(
        **{
            "id": f"SP-{n:05}",
            "name": f"Măng khô Mẫu {n}",
            "producer_id": producer.id,
            "variants": (make_variant(sku=f"SP-{n:05}-1", gtin=""),),
        }
        | differences
    )
    return product, producer


async def listed(world: World, count: int = 3) -> None:
    """Put the first *count* products on sale."""
    await world.save(*(entry(n) for n in range(1, count + 1)))
    await world.sync()


async def a_day_later(world: World) -> list[str]:
    """Sync a day later, when the account is read whole; return what was sent."""
    world.time.pass_(hours=25)
    await world.sync()
    return world.written()
