"""How fast the API answers, beside a bare handler, and while the service works.

    python -m benchmarks.answers [--products 10000] [--calls 1000] [--rounds 5]
                                 [--pause-s 0.1] [--lists]

Two processes serve a catalog of their own, filled alike: the API with its real access,
and a bare aiohttp handler that sends the same statements (the key, the product, the
count with its audit and history) and nothing else. Both are asked by turns, one call
after the other, by a third process. In each round the ratio is that of the 99th
percentiles; the figure is the median of the rounds.

Then the API is asked while long work goes on, where `serve` has it done: in the process
for long work what-ifs over the whole catalog, and an import of as many new products; in
another process a first sync at marketplaces in memory, which answer at once. Ten reads
and ten writes begin each second, whatever became of those before (`--pause-s`), and
each is measured from the moment at which it was to begin: who waits for a lock is not
alone. With `--lists` the first pages of lists are asked for as well, five a second by
turns; the 95th percentile of these counts.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from benchmarks.stage import NOW, entries_of, fill, in_a_file, stage
from catalog.commands.stock import CountEntry, enter_count
from catalog.feed.write.csv_feed import write_csv
from catalog.model.actor import Actor, ActorKind
from catalog.model.reach import WHOLE_CATALOG
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.api.context import identity_in
from ocop_sync.api.forms.products import pack_form, product_form
from ocop_sync.api.typed.serving import serving
from ocop_sync.cli.beside_api.long_work import LongWorkProcess
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.keys import believe_key, make_key
from ocop_sync.service.identity.role import Role
from ocop_sync.service.producer.changes import Doing, change_pack
from ocop_sync.service.producer.products import one_product
from ocop_sync.service.producer.uploads import Sheet, import_sheet
from ocop_sync.service.queries.coverage_outlook import outlook
from ocop_sync.service.sync.sync import sync
from ocop_sync.settings import DatabaseSettings, ServeSettings, Settings
from ocop_sync.store.db.schema import upgrade

FEWEST: Final = 100
"""Calls while it works; a percentile of fewer would say nothing."""
WHAT_IFS: Final = 10
"""One after the other: a single one is over too soon."""
_BY: Final = Actor(kind=ActorKind.SERVICE, name="benchmark")

Work = Callable[[], Awaitable[object]]
WORKS: Final = (f"{WHAT_IFS} what-ifs", "a first sync", "an import")


def works_of(
    long_work: LongWorkProcess, folder: Path, products: int
) -> Mapping[str, Work]:
    """Return the works by their names; what they need is in *folder*."""
    file = folder / "tep.csv"
    with file.open("wb") as stream:
        write_csv(islice(entries_of(2 * products), products, None), stream)
    sheet = Sheet(path=file, name=file.name)
    doing = Doing(by=_BY, reach=WHOLE_CATALOG)
    next_year = day_in_vietnam(NOW) + timedelta(days=365)

    async def what_ifs() -> None:
        for _ in range(WHAT_IFS):
            await long_work.do(outlook, next_year)

    async def first_sync() -> None:
        words = ("-m", "benchmarks.answers", "--sync", in_a_file(folder))
        done = await asyncio.create_subprocess_exec(sys.executable, *words)
        if await done.wait():
            raise RuntimeError(words)

    works = what_ifs, first_sync, partial(long_work.do, import_sheet, sheet, doing)
    return dict(zip(WORKS, works, strict=True))


async def sync_first(database: str) -> None:
    """Sync a catalog for the first time, at marketplaces in memory."""
    async with stage(database) as (deployment, _):
        await sync(deployment, follow_for=timedelta(minutes=5))


def bare_app(deployment: Deployment, identity: Identity) -> web.Application:
    """Return the bare handler: the statements of a read and of a write."""

    async def read(request: web.Request) -> web.Response:
        await _key_of(request)
        code = request.match_info["code"]
        query = partial(one_product, code=code, reach=WHOLE_CATALOG)
        found = await deployment.database.fetch(query)
        return _json(product_form(found).model_dump_json())

    async def write(request: web.Request) -> web.Response:
        await _key_of(request)
        code, sku = request.match_info["code"], request.match_info["sku"]
        entry = CountEntry(sku=sku, on_hand=(await request.json())["on_hand"])
        doing = Doing(by=_BY, reach=WHOLE_CATALOG)
        use_case = partial(enter_count, entry=entry)
        pack = await change_pack(deployment, code, sku, use_case, doing)
        return _json(pack_form(pack.variant, pack.revision).model_dump_json())

    async def _key_of(request: web.Request) -> None:
        shown = request.headers["Authorization"].removeprefix("Bearer ")
        if await believe_key(identity, shown) is None:
            raise web.HTTPUnauthorized

    app = web.Application()
    where = "/api/v1/products/{code}"
    app.add_routes(
        [web.get(where, read), web.put(f"{where}/packs/{{sku}}/stock", write)]
    )
    return app


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json")


async def serve(kind: str, products: int) -> None:
    """Serve a filled catalog; do each work that the input names, and say so."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = in_a_file(folder)
        await upgrade(database)
        deployment, _ = await stack.enter_async_context(stage(database))
        await fill(deployment.database, products)
        identity = identity_in(deployment)
        made = await make_key(identity, name="benchmark", role=Role.OPERATOR, by=_BY)
        app = bare_app(deployment, identity)
        if kind == "api":
            served = ServeSettings(calls_per_minute=1_000_000)
            entrances = entrances_of(
                identity, served, seconds=time.monotonic, sleep=asyncio.sleep
            )
            app = make_app(deployment, entrances.access, identity=identity)
        works: Mapping[str, Work] = {}
        if kind == "api":
            settings = Settings(database=DatabaseSettings(url=database))
            long_work = LongWorkProcess(settings)
            await stack.enter_async_context(aclosing(long_work))
            works = works_of(long_work, folder, products)
        url = await stack.enter_async_context(serving(app, "127.0.0.1", 0))
        print(json.dumps({"url": url, "key": made.secret}), flush=True)
        while name := (await asyncio.to_thread(sys.stdin.readline)).strip():
            began = time.perf_counter()
            await works[name]()
            print(f"{time.perf_counter() - began:.1f}", flush=True)


@dataclass(frozen=True, slots=True)
class Server:
    """A process that serves.

    Attributes:
        process: The process.
        url: Its address.
        headers: What calls have to show.
    """

    process: subprocess.Popen[str]
    url: str
    headers: Mapping[str, str]

    def say(self, words: str) -> None:
        """Write a line to it."""
        assert self.process.stdin is not None  # noqa: S101  (it is a pipe)
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """Wait for its next line."""
        assert self.process.stdout is not None  # noqa: S101  (it is a pipe)
        return self.process.stdout.readline()


@contextmanager
def server(kind: str, products: int) -> Iterator[Server]:
    """Run a process that serves, until the block ends."""
    words = [sys.executable, "-m", "benchmarks.answers", "--serve", kind]
    process = subprocess.Popen(  # noqa: S603  (ourselves)
        [*words, "--products", str(products)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None  # noqa: S101  (it is a pipe)
        found = json.loads(process.stdout.readline())
        shown = {"Authorization": f"Bearer {found['key']}"}
        yield Server(process, found["url"], shown)
    finally:
        process.communicate("\n")


class Caller:
    """Reads and writes packs of a server.

    Attributes:
        pause_s: From one read and write to the next, while the service works.
    """

    def __init__(
        self, session: aiohttp.ClientSession, at: Server, pause_s: float
    ) -> None:
        self.pause_s = pause_s
        self._session = session
        self._server = at
        self._number = self._page = 0

    async def read(self, pack: tuple[str, str]) -> float:
        """Read a product; return how many seconds it took."""
        return await self._call("GET", pack[0])

    async def write(self, pack: tuple[str, str]) -> float:
        """Enter a count of a pack; return how many seconds it took."""
        self._number += 1
        where = f"{pack[0]}/packs/{pack[1]}/stock"
        return await self._call("PUT", where, json={"on_hand": self._number % 90 + 5})

    async def page(self, _: tuple[str, str]) -> float:
        """Read the first page of a list, the next one each time."""
        self._page += 1
        return await self._call("GET", f"..{LISTS[self._page % len(LISTS)]}")

    async def _call(self, method: str, where: str, **more: Any) -> float:
        url = f"{self._server.url}/api/v1/products/{where}"
        began = time.perf_counter()
        async with self._session.request(
            method, url, headers=self._server.headers, **more
        ) as answer:
            text = await answer.text()
        took = time.perf_counter() - began
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(text)
        return took


Ask = Callable[[Caller, tuple[str, str]], Awaitable[float]]
KINDS: Final[Mapping[str, Ask]] = {"read": Caller.read, "write": Caller.write}
LISTS: Final = (
    *("/products?limit=50", "/worklist", "/held", "/missing-papers", "/expiring"),
    *("/ledger", "/drift", "/producers"),
)
"""The lists whose first pages people look at."""


async def measure(
    products: int, calls: int, rounds: int, pause_s: float, *, lists: bool
) -> None:
    """Run the benchmark and print its figures."""
    kinds = {**KINDS, **({"page": Caller.page} if lists else {})}
    packs = [
        (product.id, product.variants[0].sku)
        for product, _ in entries_of(products)
        if product.variants
    ]
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        api, bare = (
            stack.enter_context(server(kind, products)) for kind in ("api", "bare")
        )
        pair = Caller(session, api, pause_s), Caller(session, bare, pause_s)
        for name, ask in KINDS.items():
            await _compare(name, ask, pair, packs, calls=calls, rounds=rounds)
        for name in WORKS:
            await _while_working(name, api, pair[0], packs, kinds)


async def _compare(
    name: str,
    ask: Ask,
    pair: tuple[Caller, Caller],
    packs: Sequence[tuple[str, str]],
    *,
    calls: int,
    rounds: int,
) -> None:
    """Ask both by turns, and print the ratio."""
    ratios: list[float] = []
    for number in range(rounds):
        took: tuple[list[float], list[float]] = ([], [])
        for n in range(calls):
            pack = packs[(number * calls + n) % len(packs)]
            for caller, times in zip(pair, took, strict=True):
                times.append(await ask(caller, pack))
        print(f"{name}: {_told(took[0])}; bare: {_told(took[1])}", flush=True)
        ratios.append(_percentile(took[0], 99) / _percentile(took[1], 99))
    print(f"{name} p99 ratio: {statistics.median(ratios):.2f}", flush=True)


async def _while_working(
    name: str,
    at: Server,
    caller: Caller,
    packs: Sequence[tuple[str, str]],
    kinds: Mapping[str, Ask],
) -> None:
    """Ask at a steady pace while the server does a work, and print the times."""
    at.say(name)
    working = asyncio.create_task(asyncio.to_thread(at.line))
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    began, number = time.perf_counter(), 0

    async def ask_at(kind: str, due: float, pack: tuple[str, str]) -> None:
        late = time.perf_counter() - due
        took[kind].append(late + await kinds[kind](caller, pack))

    async with asyncio.TaskGroup() as group:
        while not working.done():
            due = began + number * caller.pause_s
            await asyncio.sleep(max(0, due - time.perf_counter()))
            for kind in kinds:
                if kind == "page" and number % 2:
                    continue
                group.create_task(ask_at(kind, due, packs[number % len(packs)]))
            number += 1
    few = f" (few calls: {number})" if number < FEWEST else ""
    told = "; ".join(f"{kind} {_told(some)}" for kind, some in took.items())
    print(f"during {name} of {working.result().strip()} s{few}: {told}", flush=True)


def _percentile(took: Sequence[float], number: int) -> float:
    return statistics.quantiles(took, n=100, method="inclusive")[number - 1]


def _told(took: Sequence[float]) -> str:
    if len(took) < 2:  # noqa: PLR2004  (no percentile)
        return f"{max(took, default=0) * 1000:.1f} ms"
    p50, p95, p99 = (_percentile(took, number) * 1000 for number in (50, 95, 99))
    longest = max(took) * 1000
    return f"p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f}, longest {longest:.1f} ms"


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pause-s", type=float, default=0.1, help="while it works")
    parser.add_argument("--lists", action="store_true", help="ask for lists as well")
    parser.add_argument("--serve", choices=("api", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("--sync", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.sync:
        asyncio.run(sync_first(given.sync))
    elif given.serve:
        asyncio.run(serve(given.serve, given.products))
    else:
        how = (given.products, given.calls, given.rounds, given.pause_s)
        asyncio.run(measure(*how, lists=given.lists))


if __name__ == "__main__":
    main()
