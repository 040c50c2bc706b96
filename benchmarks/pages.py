"""How long pages take over a filled catalog, alone and while a sync runs.

    python -m benchmarks.pages [--products 10000] [--calls 60] [--cpu-only]

A service is run over SQLite with generated products; whoever asks is signed in as an
officer, and no other process asks. First the pages are asked for while another process
makes the first sync at marketplaces in memory, which answer at once: a page begins
every `--pause-s` seconds, whatever became of those before, and is measured from the
moment at which it was to begin. What the first ones waited for after the start of the
service is told by itself: each page's first answer, and those of the first seconds, in
which the catalog is gone through for the first time. Then, with everything synced, each
is asked for one after the other, behind a history: each fifth product came on sale on
some day of the trend, and each change of the last week took a time of its own. Of each
page the percentiles are told, and the processor time that the serving process and the
one beside it for long work have spent on one (on Linux): that depends little on what
else the machine does.
`--cpu-only` leaves the measuring during the sync out.

The target is 300 ms for the 95th percentile on two cores with nothing else to do.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, contextmanager
from datetime import timedelta
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Final

import aiohttp
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.stage import NOW, entries_of, fill, in_a_file, stage
from catalog.model.actor import Actor, ActorKind
from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.api.context import WORKLISTS, identity_in
from ocop_sync.api.typed.serving import serving
from ocop_sync.cli.beside_api.long_work import LongWorkProcess
from ocop_sync.marketplace.registry import available
from ocop_sync.pages.app import page_routes
from ocop_sync.pages.problem_pages import problem_pages
from ocop_sync.service.identity.people import add_person
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import open_for
from ocop_sync.service.queries.coverage_overview import LOOKED_BACK
from ocop_sync.service.queries.known_worklists import kept_up
from ocop_sync.settings import DatabaseSettings, ServeSettings, Settings
from ocop_sync.store.db.schema import upgrade
from ocop_sync.store.tables import change_delay, coverage_interval

PAGES: Final = (
    "/products",
    "/products?q=mang+kho",
    "/products?q=khong+co+san+pham+nao",
    "/products?after={product}&stars=4&shown=nowhere",
    "/products/{product}",
    "/producers/{producer}",
    "/",
    "/worklist",
    "/coverage/products?marketplace={marketplace}&figure=listed",
    "/coverage/ends",
)
"""The pages that are asked for: lists, and what leads to them, of one product."""
TARGET_MS: Final = 300
_FIRST_S: Final = 5.0
"""So long after its start the service has not gone through its catalog yet."""
_BY: Final = Actor(kind=ActorKind.SERVICE, name="benchmark")
_CPU, _SYNC = "cpu", "sync"
_HERE: Final = {"Accept": "text/html"}


async def serve(products: int) -> None:
    """Serve a filled catalog; answer a line of input with the processor time so far.

    The line "sync" has another process make the first sync, and is answered once that
    is over.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = in_a_file(folder)
        await upgrade(database)
        deployment, _ = await stack.enter_async_context(stage(database))
        await fill(deployment.database, products)
        identity = identity_in(deployment)
        who = await add_person(
            identity,
            name="Benchmark",
            role=Role.OPERATOR,
            by=_BY,
            password=secrets.token_urlsafe(),
            producers=[],
        )
        opened = await open_for(identity, who.id, device="", origin="")
        assert opened is not None  # noqa: S101  (the person was just added)
        served = ServeSettings(
            calls_per_minute=1_000_000, calls_per_minute_of_an_address=1_000_000
        )
        entrances = entrances_of(
            identity, served, seconds=time.monotonic, sleep=asyncio.sleep
        )
        settings = Settings(database=DatabaseSettings(url=database))
        long_work = LongWorkProcess(settings)
        await stack.enter_async_context(aclosing(long_work))
        app = make_app(
            deployment,
            entrances.access,
            identity=identity,
            long_work=long_work,
            pages=page_routes(entrances.browsers),
            page_of=problem_pages(entrances.browsers),
        )
        await stack.enter_async_context(kept_up(app[WORKLISTS], deployment))
        url = await stack.enter_async_context(serving(app, "127.0.0.1", 0))
        print(json.dumps({"url": url, "session": opened.token}), flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
            if line == _SYNC:
                words = ("-m", "benchmarks.answers", "--sync", database)
                done = await asyncio.create_subprocess_exec(sys.executable, *words)
                if await done.wait():
                    raise RuntimeError(words)
                await deployment.database.write(_age)
            print(time.process_time() + _spent_beside(), flush=True)


async def _age(conn: AsyncConnection) -> None:
    """Let all have stood for longer than the trend looks back, with a history."""
    began_at = NOW - timedelta(days=LOOKED_BACK + 1)
    await conn.execute(coverage_interval.update().values(began_at=began_at))
    found = (await conn.execute(select(coverage_interval))).mappings().all()
    before: list[dict[str, object]] = []
    turned: list[dict[str, object]] = []
    for n, row in enumerate(found[::5]):
        at = NOW - timedelta(days=n % LOOKED_BACK, hours=1)
        before.append({**row, **_BEFORE, "ended_at": at})
        turned.append({"of": row["marketplace"], "id_": row["product_id"], "at": at})
    key = coverage_interval.c["marketplace", "product_id"]
    turn = coverage_interval.update().values(began_at=bindparam("at"))
    is_this = (key[0] == bindparam("of"), key[1] == bindparam("id_"))
    await conn.execute(turn.where(*is_this), turned)
    await conn.execute(coverage_interval.insert(), before)
    ids = (await conn.scalars(select(change_delay.c.id))).all()
    rows = [_delay(id_, n / len(ids)) for n, id_ in enumerate(ids)]
    names = ("changed_at", "taken_at", "ended_at")
    spread = change_delay.update().values({e: bindparam(f"new_{e}") for e in names})
    await conn.execute(spread.where(change_delay.c.id == bindparam("this")), rows)


_BEFORE: Final = {"counted": "blocked:E04", "rule": "E04", "word": "pending"} | {
    "live": False,
    "read_at": None,
}
"""How products were counted that came on sale later."""


def _delay(id_: int, place: float) -> dict[str, object]:
    """Return when a change was made, taken and shown, *place* of a week ago."""
    ended_at = NOW - timedelta(days=6 * place)
    took = timedelta(hours=2 * (place * 997 % 1))
    times = {"new_changed_at": ended_at - took, "new_taken_at": ended_at - took / 2}
    return {"this": id_, "new_ended_at": ended_at, **times}


def _spent_beside() -> float:
    """Return the processor time of the processes that this one has begun."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    ticks = 0
    for each in children:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Server:
    """A process that serves."""

    def __init__(self, process: subprocess.Popen[str], url: str, session: str) -> None:
        self.url = url
        self.cookies: Mapping[str, str] = {"ocop": session}
        self._process = process

    def ask(self, line: str) -> float:
        """Write a line to it; return the processor time that it has spent then."""
        assert self._process.stdin is not None  # noqa: S101  (both are pipes)
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


@contextmanager
def server(products: int) -> Iterator[Server]:
    """Run a process that serves, until the block ends."""
    words = [sys.executable, "-m", "benchmarks.pages", "--serve"]
    process = subprocess.Popen(  # noqa: S603  (ourselves)
        [*words, "--products", str(products)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None  # noqa: S101  (it is a pipe)
        found = json.loads(process.stdout.readline())
        yield Server(process, found["url"], found["session"])
    finally:
        process.communicate("\n")


def pages_of(products: int) -> list[str]:
    """Return the addresses that are asked for, of a product in the midst of all."""
    product, producer = next(islice(entries_of(products), products // 2, None))
    maker = producer.id if producer else ""
    of = {"product": product.id, "producer": maker, "marketplace": min(available())}
    return [each.format_map(of) for each in PAGES]


async def measure(products: int, calls: int, pause_s: float, *, cpu_only: bool) -> None:
    """Run the benchmark and print its figures."""
    paths = pages_of(products)
    with server(products) as at:
        async with aiohttp.ClientSession(cookies=at.cookies, headers=_HERE) as session:
            syncing = asyncio.create_task(asyncio.to_thread(at.ask, _SYNC))
            if cpu_only:
                await syncing
            else:
                await _while_syncing(session, at, syncing, paths, pause_s)
            for path in paths:
                await _one_after_the_other(session, at, path, calls)


async def _one_after_the_other(
    session: aiohttp.ClientSession, at: Server, path: str, calls: int
) -> None:
    await _ask(session, at, path)  # what is compiled once is compiled
    before = await asyncio.to_thread(at.ask, _CPU)
    took = [await _ask(session, at, path) for _ in range(calls)]
    spent = await asyncio.to_thread(at.ask, _CPU) - before
    print(f"{path}: {_told(took)}; processor {spent / calls * 1000:.1f} ms", flush=True)


async def _while_syncing(
    session: aiohttp.ClientSession,
    at: Server,
    syncing: asyncio.Task[float],
    paths: Sequence[str],
    pause_s: float,
) -> None:
    """Ask for the pages by turns while a sync runs, and print the times of each."""
    first: dict[str, list[float]] = {path: [] for path in paths}
    took: dict[str, list[float]] = {path: [] for path in paths}
    began, number = time.perf_counter(), 0

    async def ask_at(path: str, due: float) -> None:
        late = time.perf_counter() - due
        is_first = not first[path] or due - began < _FIRST_S
        (first if is_first else took)[path].append(late + await _ask(session, at, path))

    async with asyncio.TaskGroup() as group:
        while not syncing.done():
            due = began + number * pause_s
            await asyncio.sleep(max(0, due - time.perf_counter()))
            group.create_task(ask_at(paths[number % len(paths)], due))
            number += 1
    print(f"while a first sync runs, {time.perf_counter() - began:.0f} s:", flush=True)
    for path, times in took.items():
        early = max(first[path]) * 1000
        print(f"  {path}: {_told(times)}; after the start {early:.0f} ms", flush=True)


async def _ask(session: aiohttp.ClientSession, at: Server, path: str) -> float:
    """Ask for a page; return how many seconds it took."""
    began = time.perf_counter()
    async with session.get(at.url + path, allow_redirects=False) as answer:
        text = await answer.text()
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(path, answer.status, text[-2000:])
    return time.perf_counter() - began


def _told(took: Sequence[float]) -> str:
    if len(took) < 2:  # noqa: PLR2004  (no percentile)
        return f"{max(took, default=0) * 1000:.0f} ms"
    found = statistics.quantiles(took, n=100, method="inclusive")
    p50, p95 = found[49] * 1000, found[94] * 1000
    missed = "" if p95 < TARGET_MS else ", above the target"
    longest = max(took) * 1000
    of = f"of {len(took)}: "
    return f"{of}p50 {p50:.0f}, p95 {p95:.0f}, longest {longest:.0f} ms{missed}"


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--pause-s", type=float, default=0.25, help="during the sync")
    parser.add_argument("--cpu-only", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.products))
    else:
        how = (given.products, given.calls, given.pause_s)
        asyncio.run(measure(*how, cpu_only=given.cpu_only))


if __name__ == "__main__":
    main()
