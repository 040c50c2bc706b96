"""How long a change of a price waits while a file is imported.

    python -m benchmarks.import_waits [--products 10000] [--in-file]

The file is imported twice in one run, each time into a database of its own: under the
lock from its first row to its last, as imports were, and evaluated apart. Meanwhile the
price of a product is changed again and again, twenty times a second at most. The ratio
of the longest waits says what evaluating apart is worth, whatever the machine.

With `--in-file` the prices are of a product that the file names, so that it is
evaluated again, and at last under the lock.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import count
from operator import methodcaller
from pathlib import Path

from sqlalchemy.exc import TimeoutError as GivenUpError

from benchmarks.stage import NOW, entries_of
from catalog.commands.update import set_price
from catalog.db.tables import metadata as catalog_metadata
from catalog.feed.write.csv_feed import write_csv
from catalog.imports.evaluated_file import FileToImport
from catalog.imports.import_apart import import_apart
from catalog.imports.import_file import import_file
from catalog.model.actor import Actor, ActorKind
from ocop_sync.store.db.database import Database
from ocop_sync.store.tables import metadata as store_metadata

PAUSE_S = 0.05
_BY = Actor(kind=ActorKind.COMMAND_LINE, name="benchmark")
_FIRST = "name,producer_name,pack,price_vnd\nMẫu riêng,Cơ sở Mẫu riêng,Gói,50000\n"

Import = Callable[[Database, FileToImport], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Waits:
    """One import, and the waits of the price changes meanwhile.

    Attributes:
        wall_s: How long it took.
        waits_s: How long each change took, sorted.
    """

    wall_s: float
    waits_s: list[float]

    def __str__(self) -> str:
        waits = self.waits_s
        median, p99 = (waits[int(share * (len(waits) - 1))] for share in (0.5, 0.99))
        return (
            f"{self.wall_s:6.1f} s, {len(waits)} price changes: median"
            f" {median * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, longest"
            f" {waits[-1] * 1000:.0f} ms"
        )


async def under_lock(database: Database, file: FileToImport) -> object:
    """Import *file* in one transaction."""
    return await database.write(partial(import_file, file=file, now=NOW))


async def apart(database: Database, file: FileToImport) -> object:
    """Import *file* as the service does."""
    return await import_apart(database, file, now=lambda: NOW)


async def waits_during(work: Import, content: bytes, sku: str, path: Path) -> Waits:
    """Import a file, and change the price of *sku* meanwhile."""
    database = Database(f"sqlite:///{path}")
    for metadata in (catalog_metadata, store_metadata):
        await database.write(methodcaller("run_sync", metadata.create_all))
    for name, data in (("rieng.csv", _FIRST.encode()), ("truoc.csv", content)):
        if name == "rieng.csv" or sku != "SP-00001-1":
            await apart(database, _file(data, name))
    start = time.perf_counter()
    importing = asyncio.ensure_future(work(database, _file(content, "tep.csv")))
    waits: list[float] = []
    for n in count(1):
        began = time.perf_counter()
        with suppress(GivenUpError):  # it has given up, after a minute
            await database.write(
                partial(set_price, sku=sku, price_vnd=50_000 + n, by=_BY, now=NOW)
            )
        waits.append(time.perf_counter() - began)
        if importing.done():
            break
        await asyncio.sleep(PAUSE_S)
    await importing
    wall = time.perf_counter() - start
    await database.close()
    return Waits(wall, sorted(waits))


def _file(content: bytes, name: str) -> FileToImport:
    return FileToImport(stream=BytesIO(content), name=name, source=name)


async def measure(products: int, sku: str) -> None:
    """Import a file in both ways, and print the waits and their ratio."""
    content = BytesIO()
    write_csv(entries_of(products), content)
    longest: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for work in (under_lock, apart):
            path = Path(folder, f"{work.__name__}.db")
            found = await waits_during(work, content.getvalue(), sku, path)
            longest.append(found.waits_s[-1])
            print(f"{products:>7} products {work.__name__:<10} {found}", flush=True)
    print(f"longest wait: {longest[0] / longest[1]:.1f} times as short apart")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--in-file", action="store_true", help="prices of the file")
    args = parser.parse_args()
    sku = "SP-00002-1" if args.in_file else "SP-00001-1"
    asyncio.run(measure(args.products, sku))


if __name__ == "__main__":
    main()
