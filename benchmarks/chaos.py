"""Kill syncs hundreds of times at random moments, and count what is wrong afterwards.

    python -m benchmarks.chaos [--products 3200] [--kills 320] [--seed 1]

Every mock marketplace runs as a process of its own and keeps its data in a
file. `ocop-sync sync` is started again and again and killed by its number
(SIGKILL): as it starts, as it looks, with calls on their way, between calls. In
between prices and counts change, sales are stopped and go on, and buyers buy.
Of a dead run only its lease is ended early, so that nobody has to wait for a
minute. In the end syncs run to their end undisturbed.

Then each product must be on sale once at each marketplace, at its price, with
no more stock in all than the catalog allows; what is stopped must be down. The
exit code is 1 if that is not so. All of it is made up: SỐ LIỆU MÔ PHỎNG.
"""

import argparse
import asyncio
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.mocks import ask, mocks, open_accounts, write_settings
from catalog.commands import update
from catalog.db import reader, writer
from catalog.db.history import Author
from catalog.eligibility import Standing, evaluate, load_rules
from catalog.fiction.generate import generate
from catalog.model.product import Entry, Product, StockPolicy
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.schema import upgrade
from tests.factories import person

PRODUCERS = 20
EDITED, SOLD = 30, 3
"""How much changes between two runs: prices and counts each, sales at each mock."""
AS_IT_STARTS = 0.1
"""Share of the runs that are killed before they have begun."""
LAST_RUNS = 8
TELL_EVERY = 25
"""Kills between two lines that say how far it is."""


def kept(name: str, folder: Path) -> tuple[str, str]:
    """Return the options by which a mock keeps its data in *folder*."""
    return "--data", str(folder / f"{name}.json")


def listable(count: int) -> list[Entry]:
    """Return *count* generated products that may be listed and are in stock."""
    now, rules = datetime.now(UTC), load_rules()
    made = generate(
        count=4 * count, seed=1, today=day_in_vietnam(now), producers=PRODUCERS
    )
    good = (
        (product, maker)
        for product, maker in made
        if maker is not None
        and evaluate(product, maker, now, rules).standing is Standing.LISTED
        and all(p.price_vnd and p.on_hand and p.counted_at for p in product.variants)
    )
    names: set[str] = set()
    apart = (e for e in good if not (e[0].name in names or names.add(e[0].name)))
    return list(islice(apart, count))


class Chaos:
    """One long trial.

    Args:
        folder: Where everything is kept.
        urls: Addresses of the mocks, by name.
        seed: Of all that is drawn.

    Attributes:
        killed: How many runs were killed, by what they were at.
        ended: How many had ended before.
        forgotten: After how many of them less was written down than before.
    """

    def __init__(self, folder: Path, urls: dict[str, str], seed: int) -> None:
        self.killed: Counter[str] = Counter()
        self.ended = 0
        self.forgotten = 0
        self._file = folder / "ocop.db"
        self._settings = folder / "ocop-sync.toml"
        self._urls = urls
        self._random = random.Random(seed)  # noqa: S311  (no secret)
        self._longest_s = 4.0
        self._ids: list[str] = []
        self._skus: list[str] = []
        self._env = {**os.environ}
        self._database = Database(f"sqlite:///{self._file}")

    async def fill(self, entries: Sequence[Entry]) -> None:
        """Take the catalog in, and open the accounts."""
        await upgrade(f"sqlite:///{self._file}")
        now = datetime.now(UTC)
        await self._database.write(
            lambda conn: writer.save(conn, entries, by=Author("chaos", now))
        )
        self._ids = [product.id for product, _ in entries]
        self._skus = [pack.sku for product, _ in entries for pack in product.variants]
        makers = sorted({maker.id for _, maker in entries if maker})
        accounts = open_accounts(self._urls, makers)
        database = f"sqlite:///{self._file}"
        self._env |= write_settings(self._settings, database, self._urls, accounts)

    async def close(self) -> None:
        """Close the database."""
        await self._database.close()

    async def products(self) -> dict[str, Product]:
        """Return the catalog's products by id."""
        async with self._database.read() as conn:
            return {
                product.id: product
                async for page in reader.pages(conn)
                for product, _ in page
            }

    async def edit(self) -> None:
        """Let prices and counts change, one sale stop or go on, and buyers buy."""
        now, draw = datetime.now(UTC), self._random
        edited = min(EDITED, len(self._skus))
        priced = draw.sample(self._skus, edited)
        counted = draw.sample(self._skus, edited)
        paused = draw.choice(self._ids)

        async def act(conn: AsyncConnection) -> None:
            for sku in priced:
                price = draw.randrange(20_000, 90_000, 500)
                await update.set_price(conn, sku, price, by=person("chaos"), now=now)
            for sku in counted:
                count = draw.choice([0, 1, 5, 12, 40, 41])
                await update.set_stock(
                    conn, sku, count, now, by=person("chaos"), now=now
                )
            stopped = (await reader.get(conn, [paused]))[paused][0].paused
            await update.pause(conn, paused, not stopped, by=person("chaos"), now=now)

        await self._database.write(act)
        self._sell()

    def _sell(self) -> None:
        for url in self._urls.values():
            live = [
                (row["ref"], pack["sku"])
                for row in ask(url, "state")["listings"]
                if row["state"] == "live"
                for pack in row["variants"]
                if pack["stock"] > 0
            ]
            for ref, sku in self._random.sample(live, min(SOLD, len(live))):
                ask(url, "sell", ref=ref, sku=sku, quantity=1)

    def start(self) -> "subprocess.Popen[bytes]":
        """Start a sync."""
        return subprocess.Popen(  # noqa: S603  (this very program)
            [
                *(sys.executable, "-m", "ocop_sync"),
                *("--settings", str(self._settings), "sync"),
            ],
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill_one(self) -> None:
        """Start a sync and kill it at a random moment."""
        process, begun = self.start(), time.monotonic()
        if self._random.random() < AS_IT_STARTS:
            time.sleep(self._random.uniform(0, 1.5))
        else:
            while process.poll() is None and not self._look(
                "account WHERE token <> ''"
            ):
                time.sleep(0.02)
            begun = time.monotonic()
            time.sleep(self._random.uniform(0, self._longest_s))
        moment, written = self._moment(), self._look("change")
        if process.poll() is None:
            process.kill()
            process.wait()
            self.killed[moment] += 1
            self.forgotten += self._look("change") < written
        else:
            self.ended += 1
            self._longest_s = max(1.0, min(self._longest_s, time.monotonic() - begun))
        self._end_leases()

    def _moment(self) -> str:
        """Name the work of the run at the moment of its death."""
        if not self._look("account WHERE token <> ''"):
            return "before it began, or after its end"
        if self._look("change WHERE outcome IS NULL"):
            return "calls on their way"
        running = self._look("run WHERE outcome = 'running'")
        return "between calls" if running else "looking at what is due"

    def _look(self, where: str) -> int:
        with closing(sqlite3.connect(self._file, timeout=30)) as connection:
            counted = connection.execute(f"SELECT count(*) FROM {where}")  # noqa: S608  (our own words)
            return int(counted.fetchone()[0])

    def _end_leases(self) -> None:
        with closing(sqlite3.connect(self._file, timeout=30)) as connection, connection:
            connection.execute(
                "UPDATE account SET token = '', holder = '', lease_until = NULL"
            )

    def run_to_the_end(self) -> int:
        """Let syncs run undisturbed until one has nothing to do; return how many."""
        for number in range(1, LAST_RUNS + 1):
            before = self._look("change")
            self.start().wait()
            if self._look("change") == before:
                return number
        return LAST_RUNS

    async def wrong(self) -> tuple[Counter[str], int]:
        """Count what is not as it must be, and the listings that are live."""
        found, listings = Counter({"forgotten": self.forgotten}), 0
        products = await self.products()
        shown: dict[tuple[str, str], int] = {}
        for place, url in self._urls.items():
            found["doubled"] += len(ask(url, "counts")["doubled"])
            rows = [r for r in ask(url, "state")["listings"] if not r["by_hand"]]
            live = {r["client_ref"]: r for r in rows if r["state"] == "live"}
            listings += len(live)
            for id_, product in products.items():
                row = live.get(id_)
                found["lost"] += row is None and not product.paused
                found["not taken down"] += row is not None and product.paused
                if row is not None:
                    _compare(product, row, found)
                for pack in row["variants"] if row else ():
                    key = id_, pack["sku"]
                    most = max(shown.get(key, 0), pack["stock"])
                    mirrors = product.stock_policy is StockPolicy.MIRROR
                    total = shown.get(key, 0) + pack["stock"]
                    shown[key] = most if mirrors else total
            found[f"{place}: without an outcome"] += self._look(
                f"listing WHERE awaiting IS NOT NULL AND marketplace = '{place}'"
            )
        found["oversold"] = sum(
            shown.get((product.id, pack.sku), 0) > pack.available
            for product in products.values()
            for pack in product.variants
        )
        return +found, listings


def _compare(product: Product, row: Any, found: Counter[str]) -> None:
    prices = {pack.sku: pack.price_vnd for pack in product.variants}
    shown = {pack["sku"]: pack["price_vnd"] for pack in row["variants"]}
    found["at another price"] += prices != shown


async def run(products: int, kills: int, seed: int) -> int:
    """Run the trial and print what came of it; return the exit code."""
    begun = time.perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="ocop-chaos-") as name,
        mocks(lambda each: kept(each, Path(name))) as urls,
    ):
        chaos = Chaos(Path(name), urls, seed)
        try:
            await chaos.fill(listable(products))
            for done in range(kills):
                chaos.kill_one()
                await chaos.edit()
                if (done + 1) % TELL_EVERY == 0:
                    print(f"{done + 1}: {dict(chaos.killed)}", file=sys.stderr)
            runs = chaos.run_to_the_end()
            wrong, listings = await chaos.wrong()
        finally:
            await chaos.close()
    print(f"killed: {sum(chaos.killed.values())}, ended before: {chaos.ended}")
    for moment, count in sorted(chaos.killed.items()):
        print(f"  {moment}: {count}")
    print(f"then undisturbed: {runs} runs; live listings: {listings}")
    print(f"wrong: {dict(wrong) or 'nothing'}")
    print(f"check: doubled {wrong['doubled']}, lost {wrong['lost']}, ", end="")
    print(f"oversold {wrong['oversold']}")
    print(f"{time.perf_counter() - begun:.0f} s; SỐ LIỆU MÔ PHỎNG / simulated")
    return 1 if wrong else 0


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=3200)
    parser.add_argument("--kills", type=int, help="a tenth of the products, else")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    kills = chosen.kills or chosen.products // 10
    sys.exit(asyncio.run(run(chosen.products, kills, chosen.seed)))


if __name__ == "__main__":
    main()
