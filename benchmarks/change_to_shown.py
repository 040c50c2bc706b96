"""How long a change over the API takes to be shown at a marketplace.

    python -m benchmarks.change_to_shown [--products 10000] [--changes 1000]

The service runs as `ocop-sync serve` has it, the API and the worker in processes of
their own, with keys, audit and history. Every mock marketplace is a process, too,
without lag, quota or review, and the adapters declare no lag. After a first sync,
prices and counts are changed by turns at a steady pace. The clock of a change starts
when its call is answered; it stops when the listing has been read at the marketplace
and shows what was sent. Callers share the process of the API, and readers that of the
worker, so that times are rather too long than too short.
"""

import argparse
import asyncio
import gc
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from socket import socket
from typing import Any, Final, NamedTuple, cast

import aiohttp

from benchmarks.first_sync import Accounts, accounts_at, no_review
from benchmarks.mocks import mocks
from benchmarks.stage import NOW, entries_of, fill
from catalog.db import reader
from catalog.eligibility import load_rules
from catalog.model.actor import Actor, ActorKind
from catalog.values import replace
from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.api.context import identity_in
from ocop_sync.api.typed.serving import serving
from ocop_sync.bootstrap.databases import GARBAGE_STEPS
from ocop_sync.cli.beside_api import life_line
from ocop_sync.cli.beside_api.child import started
from ocop_sync.cli.beside_api.frames import Partner, answer_all
from ocop_sync.cli.worker import work_until_stopped
from ocop_sync.clock import ShiftedClock, system_clock
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.identity.keys import make_key
from ocop_sync.service.identity.role import Role
from ocop_sync.settings import ServeSettings
from ocop_sync.store.db.database import Database
from ocop_sync.store.listings import records
from ocop_sync.store.runs import heartbeats
from ocop_sync.store.runs.heartbeats import Doing
from ocop_sync.worker import Wake

BY = Actor(kind=ActorKind.SERVICE, name="benchmark")
WORKER: Final = "benchmark"
KINDS: Final = ("price", "stock")
GIVEN_UP_AFTER_S: Final = 60.0
"""Without any read for so long, what is left is not awaited."""
MORE: Final = 40
"""So many more of a pack are counted: enough to show at each marketplace."""
_ASK_AGAIN_S: Final = 0.2


class Read(NamedTuple):
    """A listing that was read after a change, and shows what was sent.

    Attributes:
        at: When, in monotonic seconds: the same in every process.
    """

    marketplace: str
    kind: str
    product_id: str
    at: float


_reads: list[Read] = []
"""Those of the worker's process that nobody has taken yet."""


async def take_reads(_: Deployment) -> list[Read]:
    """Return the reads since this was asked for last."""
    found = _reads.copy()
    _reads.clear()
    return found


class ReadBack:
    """An adapter whose changes are read at once."""

    def __init__(self, adapter: Marketplace, name: str) -> None:
        self._adapter = adapter
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)

    async def set_price(self, changes: Any) -> Any:
        """Send prices, and read what stands there then."""
        sent = await self._adapter.set_price(changes)
        await self._read("price", {each.ref: each.prices for each in changes})
        return sent

    async def set_stock(self, changes: Any) -> Any:
        """Send counts, and read what stands there then."""
        sent = await self._adapter.set_stock(changes)
        await self._read("stock", {each.ref: each.stocks for each in changes})
        return sent

    async def _read(self, kind: str, sent: Mapping[str, Mapping[str, int]]) -> None:
        for ref, remote in zip(sent, await self._adapter.read([*sent]), strict=True):
            listing = getattr(remote, "shown", None)
            if listing is None:
                continue
            shown = {
                each.sku: each.price_vnd if kind == "price" else each.stock
                for each in listing.variants
            }
            if sent[ref].items() <= shown.items():
                now = time.monotonic()
                _reads.append(Read(self._name, kind, listing.client_ref, now))


def quick(site: Site) -> Site:
    """Return a marketplace whose adapter declares no lag and no quota."""

    class Quick(site.adapter):  # type: ignore[name-defined,misc]  # any adapter
        capabilities = replace(
            site.adapter.capabilities, visible_within_s=0, calls_per_s=None
        )

    Quick.name = site.name
    return Site(site.name, Quick, [*site.accounts.values()])


async def work(file: Path, urls: Mapping[str, str], count: int, number: int) -> None:
    """Sync what is told on the life line, as the worker of `serve` does."""
    gc.set_threshold(*GARBAGE_STEPS)  # as the service does
    wake = Wake()
    producers = sorted({maker.id for _, maker in entries_of(count) if maker})
    async with AsyncExitStack() as stack:
        database = Database(f"sqlite:///{file}")
        stack.push_async_callback(database.close)
        accounts, _ = await stack.enter_async_context(accounts_at(urls, producers))
        deployment = _deployment(database, accounts)
        stop = partial(deployment.stop.ask, "done")
        life_line.hold({life_line.WAKE: wake.ask, life_line.STOP: stop})
        reader_, writer = await asyncio.open_connection(sock=socket(fileno=number))
        answering = asyncio.create_task(answer_all(deployment, reader_, writer))
        await work_until_stopped(
            deployment,
            every=timedelta(hours=1),
            follow_for=timedelta(minutes=5),
            name=WORKER,
            wake=wake,
        )
        writer.close()
        await answering


def _deployment(database: Database, accounts: Accounts | None = None) -> Deployment:
    """Return a deployment; without accounts that of the API, which calls nobody."""

    def open_(account: Account) -> Any:
        assert accounts is not None  # noqa: S101  (only the worker calls)
        adapter = accounts.open(account.key)
        return ReadBack(adapter, accounts.marketplace_of(account.key))

    return Deployment(
        database=database,
        rules=load_rules(accept_published=True),
        sites=tuple(map(quick, accounts.sites())) if accounts else (),
        open=cast("Callable[[Account], Marketplace]", _once(open_)),
        clock=ShiftedClock(NOW - system_clock()),
        sleep=asyncio.sleep,
        time=time.monotonic,
        random=random.Random(1),  # noqa: S311  (jitter is no secret)
        holder="benchmark",
    )


def _once(open_: Callable[[Account], Any]) -> Callable[[Account], Any]:
    accounts: dict[str, Account] = {}
    opened = cache(lambda key: open_(accounts[key]))

    def found(account: Account) -> Any:
        accounts[account.key] = account
        return opened(account.key)

    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A change to make.

    Attributes:
        kind: Of price or stock.
        value: The new one.
    """

    kind: str
    product_id: str
    sku: str
    value: int


@dataclass(slots=True)
class Times:
    """When the calls of changes were answered, and how long they took.

    Attributes:
        answered_at: In monotonic seconds, by kind and product.
        calls: Seconds of each call.
    """

    answered_at: dict[tuple[str, str], float] = field(default_factory=dict)
    calls: list[float] = field(default_factory=list)


async def run(count: int, changes: int, per_s: float) -> None:
    """Run the benchmark and print its figures."""
    gc.set_threshold(*GARBAGE_STEPS)  # as the service does
    os.environ["PYTHONPATH"] = str(Path.cwd())  # the worker is this module, too
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        urls = stack.enter_context(mocks(no_review))
        file = Path(folder) / "ocop.db"
        database = Database(f"sqlite:///{file}")
        stack.push_async_callback(database.close)
        await fill(database, count)
        words = ("-m", "benchmarks.change_to_shown", "--products", str(count))
        told = json.dumps({"file": str(file), "urls": urls})
        worker = await stack.enter_async_context(
            started(*words, "--work", told, "--socket")
        )
        deployment = _deployment(database)
        identity = identity_in(deployment)
        made = await make_key(identity, name="benchmark", role=Role.OPERATOR, by=BY)
        serve = ServeSettings(calls_per_minute=1_000_000)
        access = entrances_of(
            identity, serve, seconds=time.monotonic, sleep=asyncio.sleep
        ).access
        app = make_app(deployment, access, on_written=worker.wake)
        url = await stack.enter_async_context(serving(app, "127.0.0.1", 0))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {made.secret}"})
        )
        await _first_sync_of_worker(deployment)
        todo = await _changes(deployment, sorted(urls), changes)
        print(f"{len(todo)} changes of {count} products, {per_s:g} a second")
        times = Times()
        reading = asyncio.create_task(
            _reads_of(worker.partner, len(todo) * len(urls), GIVEN_UP_AFTER_S)
        )
        await _change(session, f"{url}/api/v1/products", todo, times, per_s)
        found = await reading
        worker.stop()
        await worker.wait()
    print(_told("from the call to its answer", times.calls))
    for name in sorted(urls):
        for kind in KINDS:
            took = _took(found, times, name, kind)
            missing = sum(each.kind == kind for each in todo) - len(took)
            lost = f"; {missing} were not read" if missing else ""
            words_ = f"from the answer to the read at {name}, {kind}"
            print(f"{_told(words_, took)}{lost}")


def _took(
    found: Sequence[Read], times: Times, marketplace: str, kind: str
) -> list[float]:
    """Return how long it took until the first read of each change."""
    took: dict[str, float] = {}
    for read in found:
        answered = times.answered_at.get((kind, read.product_id))
        if (read.marketplace, read.kind) == (marketplace, kind) and answered:
            took.setdefault(read.product_id, max(0.0, read.at - answered))
    return list(took.values())


async def _reads_of(worker: Partner, count: int, patience_s: float) -> list[Read]:
    """Wait until so many reads have come, or none for a while."""
    found: list[Read] = []
    last = time.monotonic()
    while len(found) < count and time.monotonic() - last < patience_s:
        if more := await worker.do(take_reads):
            found += more
            last = time.monotonic()
        await asyncio.sleep(_ASK_AGAIN_S)
    return found


async def _first_sync_of_worker(deployment: Deployment) -> None:
    """Wait until the worker has gone through everything once."""
    while True:
        beat = await deployment.database.fetch(heartbeats.load, WORKER)
        if beat is not None and beat.doing is Doing.IDLE:
            return
        await asyncio.sleep(_ASK_AGAIN_S)


async def _change(
    session: aiohttp.ClientSession,
    url: str,
    todo: Sequence[Change],
    times: Times,
    per_s: float,
) -> None:
    """Make each change at its time."""
    began = time.monotonic()

    async def change(number: int, each: Change) -> None:
        await asyncio.sleep(max(0, began + number / per_s - time.monotonic()))
        where = f"{url}/{each.product_id}"
        seen: dict[str, str] = {}
        new = {"on_hand": each.value}
        if each.kind == "price":
            async with session.get(where) as answer:
                seen = {"If-Match": answer.headers["ETag"]}
            new = {"price_vnd": each.value}
        where += f"/packs/{each.sku}/{each.kind}"
        sent = time.monotonic()
        async with session.put(where, json=new, headers=seen) as answer:
            text = await answer.text()
            if answer.status != HTTPStatus.OK:
                raise RuntimeError(text)
        now = time.monotonic()
        times.answered_at[each.kind, each.product_id] = now
        times.calls.append(now - sent)

    async with asyncio.TaskGroup() as group:
        for number, each in enumerate(todo):
            group.create_task(change(number, each))


async def _changes(
    deployment: Deployment, names: Sequence[str], most: int
) -> list[Change]:
    """Return changes by turns of both kinds, of products on sale everywhere."""
    found: list[Change] = []
    async with deployment.database.read() as conn:
        async for page in reader.pages(conn):
            live = {product.id for product, _ in page}
            for name in names:
                known = await records.load(conn, name, sorted(live))
                live = {i for i, r in known.items() if r.state.found is Found.LIVE}
            for product, _ in page:
                pack = product.variants[0] if product.variants else None
                if product.id not in live or not pack or not pack.price_vnd:
                    continue
                kind = KINDS[len(found) % len(KINDS)]
                value = pack.price_vnd + 1000
                if kind == "stock":
                    value = (pack.on_hand or 0) + MORE
                found.append(Change(kind, product.id, pack.sku, value))
    return found[:most]


def _told(words: str, took: Sequence[float]) -> str:
    if len(took) < 2:  # noqa: PLR2004  (no percentile)
        return f"{words}: {max(took, default=0) * 1000:.0f} ms"
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
    parser.add_argument("--per-s", type=float, default=10)
    parser.add_argument("--work", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--socket", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        at = Path(given.work["file"]), given.work["urls"]
        asyncio.run(work(*at, given.products, given.socket))
    else:
        asyncio.run(run(given.products, given.changes, given.per_s))


if __name__ == "__main__":
    main()
