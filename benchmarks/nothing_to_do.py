"""How long a run takes that finds nothing to do, and whether it finds what there is.

    python benchmarks/nothing_to_do.py [--products 20000]

Fills a catalog with generated products, lists them on two marketplaces in
memory, and runs again: once with nothing changed, once after one certificate
has ended, one rule was edited and one category mapping changed. The second and
third run are each a process of their own, so that time and memory are those of
a whole command.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.stage import fill, stage
from ocop_sync.service.sync import sync


async def _first(path: Path, count: int) -> dict[str, object]:
    async with stage(path) as (deployment, _):
        await fill(deployment.database, count)
        start = time.perf_counter()
        report = await sync(deployment)
        return {
            "seconds": round(time.perf_counter() - start, 2),
            "writes": report.writes,
            "counts": report.counts,
        }


async def _again(path: Path) -> dict[str, object]:
    async with stage(path) as (deployment, clock):
        clock.move(minutes=10)
        start, cpu = time.perf_counter(), time.process_time()
        report = await sync(deployment)
        return {
            "seconds": round(time.perf_counter() - start, 2),
            "cpu": round(time.process_time() - cpu, 2),
            "writes": report.writes,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


def _in_a_process(*args: str) -> dict[str, object]:
    start = time.perf_counter()
    done = subprocess.run(  # noqa: S603  (this very script)
        [sys.executable, "-m", "benchmarks.nothing_to_do", *args],
        check=True,
        capture_output=True,
    )
    whole = round(time.perf_counter() - start, 2)
    return json.loads(done.stdout) | {"whole_process_s": whole}


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--step", choices=["first", "again"])
    parser.add_argument("--path", type=Path)
    args = parser.parse_args()
    if args.step == "first":
        print(json.dumps(asyncio.run(_first(args.path, args.products))))
    elif args.step == "again":
        print(json.dumps(asyncio.run(_again(args.path))))
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/ocop.db"
            count = str(args.products)
            print(
                "first",
                _in_a_process("--step=first", "--path", path, "--products", count),
            )
            for _ in range(3):
                print("again", _in_a_process("--step=again", "--path", path))


if __name__ == "__main__":
    main()
