"""How long one changed product of many takes from its commit to its planned change.

    python -m benchmarks.one_change [--products 100000] [--changes 20] [--copies 0]
        [--database postgresql+asyncpg://...]

Lists generated products on every marketplace, in memory, and changes the price of one
after the other. The clock of each starts when its transaction is committed, and stops
when the first marketplace is asked to show it: the intent is stored then. Another
process does so as a worker does: it syncs everything as it begins, and then what has
changed. Its first change is told apart from the others: statements that nothing before
has sent are made ready with it.

With `--copies 49` each product is copied so many times, with its listings, once
everything is synced (`benchmarks.copies`): 20,000 become a million. That is done in a
file of SQLite alone. A database that is named must be empty.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.copies import LAST_MADE, copy_products
from benchmarks.nothing_to_do import list_all
from benchmarks.stage import NOW, in_a_file, stage
from catalog.db import reader, writer
from catalog.db.history import Author
from catalog.model.product import Entry
from catalog.values import replace
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.json.writer import json_text
from ocop_sync.service.sync.sync_changed import RegularSync
from ocop_sync.store.listings import records


async def _change(url: str, count: int, copies: int) -> dict[str, object]:
    async with stage(url) as (deployment, clock):
        clock.move(minutes=10)
        regular = RegularSync(deployment, follow_for=timedelta(0))
        await regular.whole()
        file = deployment.database.file
        products = copy_products(file, copies) if file and copies else None
        planned = list[_Instant]()
        _note_calls(deployment, planned)
        took = list[_Instant]()
        for entry in await _on_sale(deployment, count):
            clock.move(seconds=1)
            planned.clear()
            await _save(deployment, entry)
            start = _now()
            await regular.changed()
            if not planned:
                message = f"nothing was sent of {entry[0].id}"
                raise RuntimeError(message)
            took.append(planned[0].since(start))
        first, *warm = took
        return {
            **({"products": products} if products else {}),
            "first_ms": first.ms(),
            "warm_ms": _Instant(*map(statistics.median, zip(*warm, strict=True))).ms(),
            "longest_ms": max(warm).ms(),
        }


class _Instant(NamedTuple):
    """An instant by the clock on the wall, and by that of this process's work."""

    wall_s: float
    cpu_s: float

    def since(self, start: "_Instant") -> "_Instant":
        return _Instant(self.wall_s - start.wall_s, self.cpu_s - start.cpu_s)

    def ms(self) -> dict[str, float]:
        return {
            "wall": round(self.wall_s * 1000, 2),
            "cpu": round(self.cpu_s * 1000, 2),
        }


def _now() -> _Instant:
    return _Instant(time.perf_counter(), time.process_time())


def _note_calls(deployment: Deployment, planned: list[_Instant]) -> None:
    """Note in *planned* when marketplaces are asked to show a price."""

    def noting(market: Marketplace) -> None:
        real = market.set_price

        async def set_price(changes: Any) -> Any:
            planned.append(_now())
            return await real(changes)

        market.set_price = set_price  # type: ignore[method-assign]

    for site in deployment.sites:
        for account in site.accounts.values():
            noting(deployment.open(account))


async def _on_sale(deployment: Deployment, count: int) -> list[Entry]:
    """Return *count* products that are on sale everywhere, from all over."""
    found = list[Entry]()
    async with deployment.database.read() as conn:
        async for page in reader.pages(conn, end=LAST_MADE):
            ids = [product.id for product, _ in page]
            known = [await records.load(conn, s.name, ids) for s in deployment.sites]
            live = [
                entry
                for entry in page
                if all(
                    at[entry[0].id].state.found is Found.LIVE
                    and at[entry[0].id].settled_fingerprint
                    for at in known
                )
                and entry[0].variants[0].price_vnd
            ]
            found += live[:20]
    return found[:: max(1, len(found) // count)][:count]


async def _save(deployment: Deployment, entry: Entry) -> None:
    product, producer = entry
    first, *rest = product.variants
    dearer = replace(first, price_vnd=(first.price_vnd or 0) + 1000)
    changed = replace(product, variants=(dearer, *rest))
    await deployment.database.write(
        lambda conn: writer.save(
            conn, [(changed, producer)], by=Author("benchmark", NOW)
        )
    )


def _in_a_process(*args: str) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603  (this very script)
        [sys.executable, "-m", "benchmarks.one_change", *args],
        check=True,
        capture_output=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--copies", type=int, default=0)
    parser.add_argument("--step", choices=["list", "change"])
    parser.add_argument("--database", default="", help="a new SQLite file if left out")
    args = parser.parse_args()
    if args.copies and args.database and not args.step:
        parser.error("--copies are made in a file of SQLite alone")
    if args.step == "list":
        print(json_text(asyncio.run(list_all(args.database, args.products))))
    elif args.step == "change":
        took = _change(args.database, args.changes, args.copies)
        print(json_text(asyncio.run(took)))
    else:
        with tempfile.TemporaryDirectory() as folder:
            url = args.database or in_a_file(Path(folder))
            count = str(args.products)
            _in_a_process("--step=list", "--database", url, "--products", count)
            steps = ["--changes", str(args.changes), "--copies", str(args.copies)]
            print(_in_a_process("--step=change", "--database", url, *steps))


if __name__ == "__main__":
    main()
