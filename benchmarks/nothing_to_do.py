"""How long a run takes that finds nothing to do, and whether it finds what there is.

    python -m benchmarks.nothing_to_do [--products 20000]
        [--database postgresql+asyncpg://...]

Fills a catalog with generated products, lists them on every marketplace, in
memory, and runs again: with nothing changed, by the long way as well, and after one
certificate has ended, one rule was edited and one category mapping changed. All but
the first are each a process of their own, so that time and memory are those of a
whole command. A database that is named must be empty.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.stage import NOW, fill, in_a_file, stage
from catalog.db import reader, writer
from catalog.db.history import Author
from catalog.eligibility import Rules, Standing, evaluate, load_rules
from catalog.model.fact import Fact
from catalog.values import replace
from ocop_sync.engine.terms import Found
from ocop_sync.service.decisions.mappings import replace_mapping
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.json.writer import json_text
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.sync.sync import sync
from ocop_sync.store.listings import records
from tests.factories import person


async def list_all(url: str, count: int) -> dict[str, object]:
    """List *count* generated products on every marketplace, and look each up again."""
    async with stage(url) as (deployment, clock):
        await fill(deployment.database, count)
        start = time.perf_counter()
        report = await sync(deployment)
        seconds = round(time.perf_counter() - start, 2)
        for minutes in (1, 7):
            # What was made is looked up now: the next process has no listings.
            clock.move(minutes=minutes)
            await sync(deployment)
        # A server does so by itself, within a minute, where it is not told to leave it.
        await deployment.database.write(lambda conn: conn.execute(text("ANALYZE")))
        return {"seconds": seconds, "writes": report.writes, "counts": report.counts}


async def _again(url: str, *, full: bool) -> dict[str, object]:
    async with stage(url) as (deployment, clock):
        clock.move(minutes=10)
        start, cpu = time.perf_counter(), time.process_time()
        report = await sync(deployment, full=full)
        if bool(report.passed_over) is full:
            message = f"passed over: {report.passed_over}"
            raise RuntimeError(message)
        return {
            "seconds": round(time.perf_counter() - start, 2),
            "cpu": round(time.process_time() - cpu, 2),
            "writes": report.writes,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


async def _changed(url: str) -> dict[str, object]:
    """End one certificate, edit one rule, change one mapping; see what is found."""
    with tempfile.TemporaryDirectory() as folder:
        rules = _edited_rules(Path(folder))
        async with stage(url, rules=rules) as (deployment, clock):
            clock.move(minutes=20)
            await _remap(deployment)
            ended = await _end_one(deployment)
            expected = await _expected(deployment, ended)
            start = time.perf_counter()
            plans = await plan(deployment)
            seconds = round(time.perf_counter() - start, 2)
    found = {
        (line.marketplace, line.product_id)
        for each in plans
        for line in each.lines
        if line.kind not in ("put_seller", "stop_seller")
    }
    return {
        "seconds": seconds,
        "expected": len(expected),
        "found": len(found),
        "missed": len(expected - found),
        "too many": len(found - expected),
    }


def _edited_rules(folder: Path) -> Rules:
    """Return the rules with one edited: missing alcohol papers only warn."""
    for file in files("catalog").joinpath("rules").iterdir():
        text = file.read_text(encoding="utf-8")
        if file.name.startswith("E08"):
            assert 'outcome = "block"' in text  # noqa: S101
            text = text.replace('outcome = "block"', 'outcome = "warn"')
        (folder / file.name).write_text(text, encoding="utf-8")
    return load_rules(accept_published=True, folder=folder)


async def _remap(deployment: Deployment) -> None:
    """Put teas into another category at one marketplace than before."""
    site = deployment.sites[0]
    own = site.adapter.mapping
    mapping = own.model_copy(
        update={"categories": {**own.categories, "I.5.a": "PM-OTHER"}}
    )
    await replace_mapping(
        deployment.database,
        site.name,
        mapping,
        by=person("benchmark"),
        clock=deployment.clock,
        adapter=site.adapter,
    )


async def _end_one(deployment: Deployment) -> str:
    """End the certificate of the first tea-free product that is on sale."""
    async with deployment.database.read() as conn:
        async for page in reader.pages(conn):
            for product, producer in page:
                verdict = evaluate(product, producer, NOW, deployment.rules)
                is_plain = product.set_code not in ("I.5.a", "II.1.a", "II.1.b")
                clean = all(p.shows_ocop_mark is Fact.NO for p in product.pictures)
                if verdict.standing is Standing.LISTED and is_plain and clean:
                    record = await records.load(
                        conn, deployment.sites[-1].name, [product.id]
                    )
                    if record[product.id].state.found is Found.LIVE:
                        break
            else:
                continue
            break
    certificates = tuple(
        replace(each, decided_on=date(2020, 1, 1)) for each in product.certificates
    )
    entry = (replace(product, certificates=certificates), producer)
    await deployment.database.write(
        lambda conn: writer.save(conn, [entry], by=Author("benchmark", NOW))
    )
    return product.id


async def _expected(deployment: Deployment, ended: str) -> set[tuple[str, str]]:
    """Say by other means what must be found: product by product, rule by rule."""
    before = load_rules(accept_published=True)
    names = [site.name for site in deployment.sites]
    expected = {(name, ended) for name in names}
    async with deployment.database.read() as conn:
        async for page in reader.pages(conn):
            live = await records.load(conn, names[0], [p.id for p, _ in page])
            for product, producer in page:
                old = evaluate(product, producer, NOW, before)
                new = evaluate(product, producer, NOW, deployment.rules)
                freed = new.standing is Standing.LISTED is not old.standing
                sellable = any(
                    v.price_vnd and v.on_hand is not None for v in product.variants
                )
                if freed and sellable and producer:
                    expected |= {(name, product.id) for name in names}
                is_live = live[product.id].state.found is Found.LIVE
                if product.set_code == "I.5.a" and is_live:
                    expected.add((names[0], product.id))
    return expected


def _in_a_process(*args: str) -> dict[str, Any]:
    start = time.perf_counter()
    done = subprocess.run(  # noqa: S603  (this very script)
        [sys.executable, "-m", "benchmarks.nothing_to_do", *args],
        check=True,
        capture_output=True,
    )
    whole = round(time.perf_counter() - start, 2)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures | {"whole_process_s": whole}


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=3, help="of nothing to do")
    parser.add_argument("--step", choices=["first", "again", "full", "changed"])
    parser.add_argument("--database", default="", help="a new SQLite file if left out")
    args = parser.parse_args()
    if args.step == "first":
        print(json_text(asyncio.run(list_all(args.database, args.products))))
    elif args.step == "changed":
        print(json_text(asyncio.run(_changed(args.database))))
    elif args.step in ("again", "full"):
        full = args.step == "full"
        print(json_text(asyncio.run(_again(args.database, full=full))))
    else:
        with tempfile.TemporaryDirectory() as folder:
            url = args.database or in_a_file(Path(folder))
            count = str(args.products)
            print(
                "first",
                _in_a_process("--step=first", "--database", url, "--products", count),
            )
            for _ in range(args.times):
                print("again", _in_a_process("--step=again", "--database", url))
            print("in full", _in_a_process("--step=full", "--database", url))
            print("changed", _in_a_process("--step=changed", "--database", url))


if __name__ == "__main__":
    main()
