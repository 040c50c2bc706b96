"""A walk sees one state of what it keeps, and none while the rest is stored."""

import sqlite3
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Sequence,
)
from contextlib import aclosing, asynccontextmanager, closing
from typing import Any

import pytest

from catalog.db import reader
from catalog.model.product import Entry
from catalog.progress import no_progress
from catalog.values import replace
from ocop_sync.service.evaluate.case import Case, freshness_of
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.run import evaluate_all
from ocop_sync.service.run.evaluate_all import unsettled_pages
from ocop_sync.service.run.settled_ranges import Ranges, ranges_of
from ocop_sync.store.db.database import Database
from ocop_sync.store.tables import settled_range
from tests.world import World, entry, listed


@pytest.fixture(autouse=True)
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate_all, "_PAGE", 1)


@asynccontextmanager
async def walked(
    world: World, *, full: bool = False
) -> AsyncIterator[tuple[Ranges, AsyncIterator[Case]]]:
    """Walk as a sync does; yield the ranges, and the cases one by one."""
    deployment, now = world.deployment, world.time()
    keys = [key for site in deployment.sites for key in site.accounts]
    async with deployment.database.read() as conn:
        evaluator = Evaluator(deployment, await freshness_of(conn, keys), now)
        ranges = await ranges_of(conn, deployment, deployment.sites, now, full=full)
        pages = unsettled_pages(conn, deployment, evaluator, no_progress, ranges)
        async with aclosing(_cases(pages)) as cases:
            yield ranges, cases


async def _cases(
    pages: AsyncIterator[tuple[object, Sequence[Case]]],
) -> AsyncGenerator[Case]:
    async for _, some in pages:
        for case in some:
            yield case


def not_written_back(database: Database) -> int:
    """Return how many pages of the log have to stay there, as somebody may see them."""
    assert database.file is not None
    with closing(sqlite3.connect(database.file)) as connection:
        checkpoint = "PRAGMA wal_checkpoint(PASSIVE)"
        _, pages, written_back = connection.execute(checkpoint).fetchone()
    return int(pages) - int(written_back)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_while_cases_are_taken_in_all_of_the_log_can_be_written_back(
    world: World,
) -> None:
    await world.save(entry(1), entry(2), entry(3))
    left: list[int] = []

    async with walked(world) as (_, cases):
        async for _ in cases:
            await world.change("SP-00001", description=f"Bản {len(left)}")
            left.append(not_written_back(world.database))

    assert left == [0, 0, 0]


@pytest.mark.postgresql
async def test_a_page_is_read_as_it_is_by_then_and_its_producer_as_well(
    world: World,
) -> None:
    maker = entry(1)[1]
    assert maker is not None
    first, second, third = [
        entry(n, producer_id=maker.id, name=f"Sản phẩm {n}")[0] for n in (1, 2, 3)
    ]
    await world.save((first, maker), (second, maker), (third, maker))
    seen = []

    async with walked(world) as (_, cases):
        async for case in cases:
            assert case.entry is not None
            product, made_by = case.entry
            assert made_by is not None
            seen.append((product.name, made_by.name))
            if product.id == first.id:
                renamed = replace(maker, name="HTX Mới")
                await world.save((replace(second, name="Tên mới"), renamed))

    assert seen == [
        ("Sản phẩm 1", maker.name),
        ("Tên mới", "HTX Mới"),
        ("Sản phẩm 3", "HTX Mới"),
    ]


@pytest.mark.postgresql
async def test_a_product_that_comes_behind_the_last_one_is_not_taken_for_a_lost_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(entry(1), entry(2))

    async def add() -> None:
        await world.save(entry(3))
        await world.sync()

    _read_with(monkeypatch, add, behind="SP-00002")

    async with walked(world) as (_, cases):
        found = [(case.product_id, case.entry is None) async for case in cases]

    assert found == [("SP-00001", False), ("SP-00002", False)]
    assert world.market.shelf.of("SP-00003")


@pytest.mark.postgresql
async def test_what_changes_behind_a_walk_is_not_kept_as_settled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listed(world, 3)
    while not (await world.sync()).passed_over:
        world.time.pass_(minutes=20)
    await world.database.write(lambda conn: conn.execute(settled_range.delete()))

    async def change() -> None:
        await world.change("SP-00001", description="Bản mới")

    _read_with(monkeypatch, change, behind="SP-00001")

    async with walked(world, full=True) as (ranges, cases):
        assert [case async for case in cases] == []
    await world.database.write(ranges.store)
    await world.sync()

    assert world.written() == ["update"]


def _read_with(
    monkeypatch: pytest.MonkeyPatch, do: Callable[[], Awaitable[None]], *, behind: str
) -> None:
    """Have something done once, when the page behind that product has been read."""
    read = reader.pages

    async def pages(*about: Any, **bounds: Any) -> AsyncIterator[Sequence[Entry]]:
        last = ""
        async for page in read(*about, **bounds):
            if last == behind:
                monkeypatch.setattr(reader, "pages", read)
                await do()
            last = page[-1][0].id
            yield page
        if last == behind:
            monkeypatch.setattr(reader, "pages", read)
            await do()

    monkeypatch.setattr(reader, "pages", pages)
