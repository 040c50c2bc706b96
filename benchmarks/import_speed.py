"""How long the import of many new products from CSV takes, and that of the same again.

    python -m benchmarks.import_speed [--products 100000]
        [--database postgresql+asyncpg://...]

The file is generated first, and the database is empty but for its tables: a new file of
SQLite, or the database that is named. Time by the clock and of the processor; most of
it is our own, as a server of PostgreSQL has another process's.
"""

import argparse
import asyncio
import gc
import resource
import tempfile
import time
from operator import methodcaller
from pathlib import Path

from benchmarks.import_waits import apart
from benchmarks.stage import entries_of
from catalog.db.tables import metadata as catalog_metadata
from catalog.feed.write.csv_feed import write_csv
from catalog.imports.evaluated_file import FileToImport
from ocop_sync.bootstrap.databases import GARBAGE_STEPS
from ocop_sync.store.db.database import Database
from ocop_sync.store.tables import metadata as store_metadata


async def measure(products: int, url: str, folder: Path) -> None:
    """Import a generated file twice, and print how long each took."""
    path = folder / "tep.csv"
    with path.open("wb") as stream:
        write_csv(entries_of(products), stream)
    database = Database(url or f"sqlite:///{folder / 'ocop.db'}")
    for metadata in (catalog_metadata, store_metadata):
        await database.write(methodcaller("run_sync", metadata.create_all))
    for what in ("new", "again"):
        wall, cpu = time.perf_counter(), time.process_time()
        with path.open("rb") as stream:
            file = FileToImport(stream=stream, name=path.name, source=path.name)
            await apart(database, file)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(
            f"{what}: {products} products, {wall:.1f} s, processor {cpu:.1f} s,"
            f" {cpu / products * 1e6:.0f} microseconds per product, {peak_mb} MB",
            flush=True,
        )
    await database.close()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--database", default="", help="instead of a new SQLite file")
    args = parser.parse_args()
    gc.set_threshold(*GARBAGE_STEPS)  # as the service does
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(args.products, args.database, Path(folder)))


if __name__ == "__main__":
    main()
