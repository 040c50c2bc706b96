"""How long a price that is changed over the API takes to be shown at a marketplace.

    python -m benchmarks.change_to_shown [--products 10000] [--changes 1000]

The service runs as `ocop-sync serve` has it, API and worker in one process, with keys,
audit and history. Every mock marketplace is a process of its own, without lag, quota or
review, and the adapters declare no lag. After a first sync, prices are changed at a
steady pace. The clock of a change starts when its call is answered; it stops when the
listing has been read at the marketplace and shows the new price. Callers and readers
share the process of the service, so that times are rather too long than too short.
"""

import argparse
import asyncio
import gc
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import aiohttp

from benchmarks.first_sync import Accounts, accounts_at, no_review
from benchmarks.mocks import mocks
from benchmarks.stage import NOW, entries_of, fill
from catalog.db import reader
from catalog.eligibility import load_rules
from catalog.model.actor import Actor, ActorKind
from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.api.context import identity_in
from ocop_sync.api.typed.serving import serving
from ocop_sync.bootstrap.databases import YOUNG_OBJECTS
from ocop_sync.cli.worker import work_until_stopped
from ocop_sync.clock import ShiftedClock, system_clock
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.identity.keys import make_key
from ocop_sync.service.identity.role import Role
from ocop_sync.service.sync.sync import sync
from ocop_sync.settings import ServeSettings
from ocop_sync.store.db.database import Database
from ocop_sync.store.listings import records
from ocop_sync.store.runs import heartbeats
from ocop_sync.store.runs.heartbeats import Doing
from ocop_sync.worker import Wake

BY = Actor(kind=ActorKind.SERVICE, name="benchmark")


@dataclass
class Reads:
    """Reads listings as soon as a price of theirs was sent.

    Attributes:
        answered_at: When the call of a change was answered, by product.
        took: Seconds from then to the read, by marketplace.
        wanted: The new price of each product.
        more: Set with each read.
    """

    answered_at: dict[str, float] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)
    wanted: dict[str, int] = field(default_factory=dict)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, adapter: Marketplace, name: str, changes: Any) -> None:
        """Read the listings of *changes*, and note those that show the new price."""
        found = await adapter.read([each.ref for each in changes])
        now = time.perf_counter()
        for remote in found:
            listing = getattr(remote, "shown", None)
            if listing is None:
                continue
            id_ = listing.client_ref
            prices = {each.price_vnd for each in listing.variants}
            if self.wanted.get(id_) in prices and id_ in self.answered_at:
                self.took.setdefault(name, []).append(now - self.answered_at[id_])
        self.more.set()


class ReadBack:
    """An adapter whose sent prices are read at once."""

    def __init__(self, adapter: Marketplace, name: str, reads: Reads) -> None:
        self._adapter = adapter
        self._name = name
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)

    async def set_price(self, changes: Any) -> Any:
        """Send prices, and read what stands there then."""
        found = await self._adapter.set_price(changes)
        await self._reads.read(self._adapter, self._name, changes)
        return found


def quick(site: Site) -> Site:
    """Return a marketplace whose adapter declares no lag and no quota."""

    class Quick(site.adapter):  # type: ignore[name-defined,misc]  # any adapter
        capabilities = replace(
            site.adapter.capabilities, visible_within_s=0, calls_per_s=None
        )

    Quick.name = site.name
    return Site(site.name, Quick, [*site.accounts.values()])


async def run(count: int, changes: int, per_s: float) -> None:
    """Run the benchmark and print its figures."""
    gc.set_threshold(YOUNG_OBJECTS)  # as the service does
    producers = sorted({maker.id for _, maker in entries_of(count) if maker})
    reads = Reads()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        urls = stack.enter_context(mocks(no_review))
        database = Database(f"sqlite:///{Path(folder) / 'ocop.db'}")
        stack.push_async_callback(database.close)
        await fill(database, count)
        accounts, _ = await stack.enter_async_context(accounts_at(urls, producers))
        deployment = _deployment(database, accounts, reads)
        identity = identity_in(deployment)
        made = await make_key(identity, name="benchmark", role=Role.OPERATOR, by=BY)
        serve = ServeSettings(calls_per_minute=1_000_000)
        wake = Wake()
        app = make_app(
            deployment,
            entrances_of(
                identity, serve, seconds=time.monotonic, sleep=asyncio.sleep
            ).access,
            on_written=wake.ask,
        )
        url = await stack.enter_async_context(serving(app, "127.0.0.1", 0))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {made.secret}"})
        )
        await sync(deployment, follow_for=timedelta(minutes=5))
        packs = await _on_sale(deployment, changes)
        print(f"{len(packs)} prices of {count} products, {per_s:g} a second")
        worker = asyncio.create_task(
            work_until_stopped(
                deployment,
                every=timedelta(hours=1),
                follow_for=timedelta(minutes=5),
                name="benchmark",
                wake=wake,
            )
        )
        await _first_sync_of_worker(deployment)
        accepted = await _change(session, url, packs, reads, per_s)
        await _all_read(reads, len(packs), len(deployment.sites))
        deployment.stop.ask("done")
        await worker
    print(_told("from the call to its answer", accepted))
    for name, took in sorted(reads.took.items()):
        print(_told(f"from the answer to the read at {name}", took))


async def _first_sync_of_worker(deployment: Deployment) -> None:
    """Wait until the worker has gone through everything once."""
    while True:
        beat = await deployment.database.fetch(heartbeats.load, "benchmark")
        if beat is not None and beat.doing is Doing.IDLE:
            return
        await asyncio.sleep(0.2)


async def _change(
    session: aiohttp.ClientSession,
    url: str,
    packs: Sequence[tuple[str, str, int]],
    reads: Reads,
    per_s: float,
) -> list[float]:
    """Change each price at its time; return how long each call took."""
    took: list[float] = []
    began = time.perf_counter()

    async def change(number: int, product: str, sku: str, price: int) -> None:
        await asyncio.sleep(max(0, began + number / per_s - time.perf_counter()))
        reads.wanted[product] = price + 1000
        where = f"{url}/api/v1/products/{product}"
        async with session.get(where) as answer:
            seen = {"If-Match": answer.headers["ETag"]}
        where += f"/packs/{sku}/price"
        new = {"price_vnd": price + 1000}
        sent = time.perf_counter()
        async with session.put(where, json=new, headers=seen) as answer:
            text = await answer.text()
            if answer.status != HTTPStatus.OK:
                raise RuntimeError(text)
        reads.answered_at[product] = time.perf_counter()
        took.append(reads.answered_at[product] - sent)

    async with asyncio.TaskGroup() as group:
        for number, pack in enumerate(packs):
            group.create_task(change(number, *pack))
    return took


async def _all_read(reads: Reads, count: int, sites: int) -> None:
    """Wait until every change has been read at every marketplace."""
    while sum(map(len, reads.took.values())) < count * sites:
        reads.more.clear()
        await reads.more.wait()


def _deployment(database: Database, accounts: Accounts, reads: Reads) -> Deployment:
    opened = cache(
        lambda key: ReadBack(accounts.open(key), accounts.marketplace_of(key), reads)
    )
    return Deployment(
        database=database,
        rules=load_rules(accept_published=True),
        sites=tuple(map(quick, accounts.sites())),
        open=cast("Callable[[Account], Marketplace]", lambda a: opened(a.key)),
        clock=ShiftedClock(NOW - system_clock()),
        sleep=asyncio.sleep,
        time=time.monotonic,
        random=random.Random(1),  # noqa: S311  (jitter is no secret)
        holder="benchmark",
    )


async def _on_sale(deployment: Deployment, most: int) -> list[tuple[str, str, int]]:
    """Return product, pack and price of products that are on sale everywhere."""
    found: list[tuple[str, str, int]] = []
    async with deployment.database.read() as conn:
        async for page in reader.pages(conn):
            live = {product.id for product, _ in page}
            for site in deployment.sites:
                known = await records.load(conn, site.name, sorted(live))
                live = {i for i, r in known.items() if r.state.found is Found.LIVE}
            found += [
                (product.id, pack.sku, pack.price_vnd)
                for product, _ in page
                for pack in product.variants[:1]
                if product.id in live and pack.price_vnd
            ]
    return found[:most]


def _told(words: str, took: Sequence[float]) -> str:
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return (
        f"{words}: p50 {cuts[49] * 1000:.0f}, p95 {cuts[94] * 1000:.0f}, "
        f"p99 {cuts[98] * 1000:.0f}, longest {max(took) * 1000:.0f} ms"
    )


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--per-s", type=float, default=50)
    given = parser.parse_args()
    asyncio.run(run(given.products, given.changes, given.per_s))


if __name__ == "__main__":
    main()
