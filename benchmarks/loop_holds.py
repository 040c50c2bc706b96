"""How long the event loop is held: how late something comes to its turn meanwhile.

    python -m benchmarks.loop_holds [--products 10000] [--only import]
        [--database postgresql+asyncpg://...]

Measured in one process with the work, on Python's own loop: from the moment at which
the loop has looked for what has happened until it looks again. Whatever happens
in between waits for the rest of that time. A run with nothing to do, a first sync at
marketplaces in memory, and an import of as many rows from CSV, each in a new file of
SQLite. A database that is named must be empty, and takes one of the three.

"p99.9" says how long 999 of 1,000 waits are at most, if something happens at any
moment of the work: a long hold meets more of them than a short one. Both by the clock,
which shows what others do on the machine as well, and by the processor time
of the loop's own thread, which does not. The longest are named by where the task went
on waiting.
"""

import argparse
import asyncio
import gc
import selectors
import tempfile
import time
from asyncio.events import Handle
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from io import BytesIO
from operator import methodcaller
from pathlib import Path
from types import CoroutineType
from typing import Any, Final, NamedTuple

from benchmarks.import_waits import apart
from benchmarks.nothing_to_do import list_all
from benchmarks.stage import entries_of, fill, in_a_file, stage
from catalog.db.tables import metadata as catalog_metadata
from catalog.feed.write.csv_feed import write_csv
from catalog.imports.evaluated_file import FileToImport
from ocop_sync.bootstrap.databases import GARBAGE_STEPS
from ocop_sync.service.sync.sync import sync
from ocop_sync.store.db.database import Database
from ocop_sync.store.tables import metadata as store_metadata

SHARE: Final = 0.001
NAMED: Final = 5
"""Of the longest holds so many are named."""
_FIRST: Final = 3
MANY_S: Final = 0.005
"""Only of longer callbacks it is looked at who they are."""


class Hold(NamedTuple):
    """A time in which the loop took nothing new, by two clocks."""

    wall_s: float
    cpu_s: float


class Clocks(selectors.DefaultSelector):  # type: ignore[misc]  (chosen by the system)
    """What the loop asks for what has happened: it knows when it was asked.

    Attributes:
        holds: The times between its answers and the next questions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.holds: list[Hold] | None = None
        self._since: Hold | None = None

    def select(self, timeout: float | None = None) -> Any:
        """Wait until something has happened."""
        if self.holds is not None and self._since is not None:
            now = _now()
            wall_s = now.wall_s - self._since.wall_s
            self.holds.append(Hold(wall_s, now.cpu_s - self._since.cpu_s))
        found = super().select(timeout)
        self._since = _now()
        return found


def _now() -> Hold:
    return Hold(time.perf_counter(), time.thread_time())


def waits_at_most(holds: Sequence[float], share: float = SHARE) -> float:
    """Return how long all waits but *share* of them last at most, in seconds.

    Args:
        holds: How long the loop was held, each time.
        share: That of the waits that last longer, if they begin at any moment.
    """
    rest = share * sum(holds)
    longest = sorted(holds, reverse=True)
    above = 0.0
    for count, each in enumerate(longest, start=1):
        above += each
        shorter = longest[count] if count < len(longest) else 0.0
        if above - count * shorter >= rest:
            return (above - rest) / count
    return 0.0


@contextmanager
def naming(named: list[tuple[float, str]]) -> Iterator[None]:
    """Note in *named* how much processor time long callbacks take, and whose."""
    run = Handle._run  # noqa: SLF001  (nothing else is called for every callback)

    def timed(handle: Handle) -> None:
        start = time.thread_time()
        run(handle)
        took = time.thread_time() - start
        if took >= MANY_S:
            named.append((took, _of(handle)))

    Handle._run = timed  # type: ignore[method-assign]  # noqa: SLF001
    try:
        yield
    finally:
        Handle._run = run  # type: ignore[method-assign]  # noqa: SLF001


def _of(handle: Handle) -> str:
    """Return where the task of *handle* waits now: it has computed until there."""
    task = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]  # noqa: SLF001
    if not isinstance(task, asyncio.Task):
        return repr(handle)[:90]
    where, inner = [], task.get_coro()
    while isinstance(inner, CoroutineType):
        where.append(f"{inner.__qualname__}:{getattr(inner.cr_frame, 'f_lineno', '')}")
        inner = inner.cr_await
    return " > ".join(where[-4:])


Work = Callable[[], Awaitable[object]]


@asynccontextmanager
async def nothing_to_do(url: str, count: int) -> Any:
    """Make a catalog that is on sale everywhere; yields a run that finds it so."""
    await list_all(url, count)
    async with stage(url) as (deployment, clock):
        clock.move(minutes=10)
        deployment.database.write_back_apart()  # as a worker does
        yield lambda: sync(deployment)


@asynccontextmanager
async def first_sync(url: str, count: int) -> Any:
    """Make a catalog of which nothing is on sale; yields a run that lists it."""
    async with stage(url) as (deployment, _):
        await fill(deployment.database, count)
    async with stage(url) as (deployment, _):
        deployment.database.write_back_apart()  # as a worker does
        yield lambda: sync(deployment)


@asynccontextmanager
async def import_(url: str, count: int) -> Any:
    """Make a file and an almost empty catalog; yields its import."""
    async with AsyncExitStack() as stack:
        database = Database(url)
        stack.push_async_callback(database.close)
        for metadata in (catalog_metadata, store_metadata):
            await database.write(methodcaller("run_sync", metadata.create_all))
        # Communes and rules are read once in a process: by an import of a few rows.
        await apart(database, _csv_of(_FIRST))
        file = _csv_of(count)
        yield lambda: apart(database, file)


def _csv_of(count: int) -> FileToImport:
    content = BytesIO()
    write_csv(entries_of(count), content)
    return FileToImport(stream=content, name="tep.csv", source="tep.csv")


WORKS = {"nothing to do": nothing_to_do, "first sync": first_sync, "import": import_}


async def held(name: str, count: int, clocks: Clocks, url: str) -> None:
    """Do the work of this name, and print how the loop was held."""
    named: list[tuple[float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with WORKS[name](url or in_a_file(Path(folder)), count) as work:
            gc.collect()
            clocks.holds = holds = []
            await asyncio.sleep(0)
            holds.clear()  # the collection was one
            with naming(named):
                await work()
            clocks.holds = None
    wall, cpu = zip(*holds, strict=True)
    print(
        f"{name}, {count} products: p99.9 {waits_at_most(wall) * 1000:.1f} ms, longest"
        f" {max(wall) * 1000:.0f} ms; processor time p99.9"
        f" {waits_at_most(cpu) * 1000:.1f} ms, longest {max(cpu) * 1000:.0f} ms,"
        f" {sum(cpu):.1f} s in all",
        flush=True,
    )
    for took, whose in sorted(named, reverse=True)[:NAMED]:
        print(f"    {took * 1000:6.1f} ms  {whose}")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--only", choices=WORKS)
    parser.add_argument("--database", default="", help="a new SQLite file if left out")
    args = parser.parse_args()
    if args.database and not args.only:
        parser.error("--database takes one work: name it with --only")
    gc.set_threshold(*GARBAGE_STEPS)  # as the service does
    for name in [args.only] if args.only else WORKS:
        clocks = Clocks()
        with asyncio.Runner(
            loop_factory=lambda made=clocks: asyncio.SelectorEventLoop(made)
        ) as runner:
            runner.run(held(name, args.products, clocks, args.database))


if __name__ == "__main__":
    main()
