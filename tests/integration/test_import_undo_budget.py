"""Listings on sale when an import is taken back.

The values that go back in the catalog are tested in test_import_undo.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.reader import get
from catalog.eligibility import load_rules
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_report import ImportReport
from catalog.undo.undo import UndoReport, undo_import
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.service.decisions import approvals
from ocop_sync.service.queries.explain import explain
from ocop_sync.service.queries.held import cause_in_words, held_groups
from tests.catalog_database import import_rows
from tests.factories import AT, person
from tests.held import list_held
from tests.world import World, entry

Row = Mapping[str, object]

COUNT = 3
"""So many products lose something; the budget allows two."""
BY = "Bà Mẫu"
RULES = load_rules()


@pytest.fixture
async def shop(world: World) -> World:
    """Ten products, of which seven are on sale, and a budget of two."""
    world.deployment = replace(world.deployment, budget=Budget(min_changes=2))
    stopped = [entry(n, paused=True) for n in range(1, COUNT + 1)]
    await world.save(*stopped, *(entry(n) for n in range(COUNT + 1, 11)))
    await world.sync()
    world.time.pass_(minutes=5)
    return world


def rows(cells: Row, first: int = 1) -> list[Row]:
    return [
        {"product_id": f"SP-{n:05}", "sku": f"SP-{n:05}-1", **cells}
        for n in range(first, first + COUNT)
    ]


async def take_in(world: World, sheet: Sequence[Row]) -> ImportReport:
    async def work(conn: AsyncConnection) -> ImportReport:
        stamp = AT + timedelta(minutes=1)
        return await import_rows(conn, *sheet, now=world.time(), stamp=stamp)

    report = await world.database.write(work)
    assert [str(each) for each in report.problems] == []
    return report


async def undo(world: World, number: int) -> UndoReport:
    async def work(conn: AsyncConnection) -> UndoReport:
        said: dict[str, Any] = {"now": world.time(), "rules": RULES}
        seen = await undo_import(conn, number, **said)
        word = Confirmation(token=seen.token, by=person(BY))
        return await undo_import(conn, number, **said, confirmed=word)

    report = await world.database.write(work)
    assert report.written
    return report


async def causes(world: World) -> list[tuple[str, int]]:
    held = await list_held(world.deployment)
    return [(group.cause, group.size) for group, _ in held]


def written(world: World) -> list[str]:
    """Return what was sent since the last look, but for profiles of sellers."""
    return [each for each in world.written() if each != "put_seller"]


async def test_what_an_undoing_takes_is_held_as_its_group_beyond_the_budget(
    shop: World,
) -> None:
    await take_in(shop, rows({"paused": "no"}))
    await shop.sync()
    assert written(shop) == ["create"] * COUNT

    report = await undo(shop, 1)
    await shop.sync()

    assert report.takes == {"stopped": COUNT}
    assert (written(shop), await causes(shop)) == ([], [("import:2", COUNT)])
    (group,) = await held_groups(shop.deployment)
    assert group.import_ is not None
    assert "lần 2, hoàn tác lần nạp 1: " in str(cause_in_words(group.import_))

    await approvals.approve(
        shop.deployment, group.group.id, by=person(BY), reason="đúng"
    )
    await shop.sync()

    assert written(shop) == ["withdraw"] * COUNT


async def test_what_an_import_would_take_is_held_no_more_once_it_is_undone(
    shop: World,
) -> None:
    await take_in(shop, rows({"paused": "yes"}, COUNT + 1))
    await shop.sync()
    assert await causes(shop) == [("import:1", COUNT)]

    await undo(shop, 1)
    await shop.sync()

    assert (written(shop), await causes(shop)) == ([], [])


NEW: Row = {
    "product_id": "SP-00011",
    "name": "Mật ong Mẫu",
    "producer_id": "CS-0001",
    "producer_name": "Cơ sở Mẫu 001",
    "set_code": "I.1.a",
    "stars": 4,
    "decision": "077/QĐ-MẪU",
    "body": "tỉnh",
    "decided_on": "2023-05-10",
    "food_safety": "yes",
    "declaration": "yes",
    "pack": "Chai 500 ml",
    "price_vnd": 90_000,
    "on_hand": 20,
    "pictures": "https://anh.example/mat-ong.jpg",
    "description": "Mật ong.",
}


async def test_a_product_of_an_undone_import_is_not_newly_listed_until_it_comes_again(
    shop: World,
) -> None:
    report = await take_in(shop, [NEW])
    (new,) = report.created
    await undo(shop, 1)

    await shop.sync()

    assert written(shop) == []
    async with shop.database.read() as conn:
        entries = list((await get(conn, [new])).values())
    (row,) = await explain(shop.deployment, "memory", entries)
    assert row.reasons[0].code == "E17"
    assert "lần nạp 1" in str(row.reasons[0].seen)

    await take_in(shop, [NEW])
    await shop.sync()

    assert written(shop) == ["create"]


async def test_a_product_of_an_undone_import_that_is_on_sale_stays_and_is_kept_right(
    shop: World,
) -> None:
    report = await take_in(shop, [NEW])
    (new,) = report.created
    await shop.sync()
    assert written(shop) == ["create"]

    await undo(shop, 1)
    shop.time.pass_(days=2)
    await shop.sync()

    assert (written(shop), await causes(shop)) == ([], [])
    (found,) = shop.market.shelf.of(new)
    assert found.shown.stars is not None
