"""How much of our own processor time a listing costs, everything recorded.

    python -m benchmarks.cpu_per_listing [--products 5000]
        [--database postgresql+asyncpg://...]

A first sync of generated products to a marketplace that lives in this process
and answers at once. Its own small cost, and that of opening the sellers, is
included; HTTP is not: a client call of aiohttp costs about 100 microseconds more
where a marketplace takes one listing at a time, 2 where it takes 50. A database that is
named must be empty; what its server takes is not counted.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.stage import fill, in_a_file, stage
from benchmarks.stub import Stub
from ocop_sync.service.sync.sync import sync


async def run(count: int, database: str = "") -> None:
    """Run the benchmark and print its figures."""
    with tempfile.TemporaryDirectory() as folder:
        opened = stage(database or in_a_file(Path(folder)), [Stub])
        async with opened as (deployment, _):
            await fill(deployment.database, count)
            cpu = time.process_time()
            report = await sync(deployment)
            cpu = time.process_time() - cpu
    listed = report.counts["stub"].listed
    print(f"{count} products, {report.writes} changes, {listed} listed")
    print(f"CPU: {cpu:.2f} s, {cpu / listed * 1e6:.0f} microseconds per listing,")
    print(f"     {cpu / report.writes * 1e6:.0f} microseconds per change")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=5_000)
    parser.add_argument("--database", default="", help="a new SQLite file if left out")
    args = parser.parse_args()
    asyncio.run(run(args.products, args.database))


if __name__ == "__main__":
    main()
