"""Worklists that are asked for again: as if all were evaluated, and less is."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from catalog.db import reader
from catalog.eligibility import Rules, load_rules
from catalog.model.paper import PaperKind
from catalog.model.product import Product
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.errors import DatabaseGoneError
from ocop_sync.service.queries import worklists
from ocop_sync.service.queries.explain import verdict_of
from ocop_sync.service.queries.known_worklists import (
    AHEAD,
    LOOK_S,
    KnownWorklists,
    kept_up,
)
from ocop_sync.service.queries.worklists import EndsAndLacks, OfProducts
from tests.factories import NOT_SO, make_certificate, make_paper
from tests.world import World, entry

UNSAFE = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
RULES = load_rules()


class Asked:
    """What is known of a world's worklists, and which products were evaluated for it.

    Attributes:
        evaluated: The products that were evaluated since this was emptied.
    """

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.known = KnownWorklists()
        self.evaluated: list[str] = []
        self._world = world
        of_products = worklists.of_products

        async def noted(conn: Any, page: Sequence[Any], **how: Any) -> OfProducts:
            self.evaluated += sorted(product.id for product, _ in page)
            return await of_products(conn, page, **how)

        monkeypatch.setattr(worklists, "of_products", noted)

    async def ask(self, days: int = 90, rules: Rules = RULES) -> EndsAndLacks:
        database, at = self._world.database, self._world.time()
        found = await self.known.ends_and_lacks(database, rules=rules, at=at, days=days)
        was = self.evaluated.copy()
        whole = worklists.ends_and_lacks
        assert found == await database.fetch(whole, rules=rules, at=at, days=days)
        self.evaluated[:] = was
        return found


@pytest.fixture
async def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Three products, one of which lacks a paper; nobody has asked yet."""
    (first, maker), second, third = (entry(n) for n in (1, 2, 3))
    await world.save((replace(first, papers=UNSAFE), maker), second, third)
    return Asked(world, monkeypatch)


async def test_only_what_has_changed_is_evaluated_again(
    world: World, asked: Asked
) -> None:
    first = await asked.ask()
    assert {each.product_id for each in first.lacks.rows} == {"SP-00001"}
    asked.evaluated.clear()

    assert await asked.ask() == first
    assert asked.evaluated == []

    await world.change("SP-00002", papers=UNSAFE)
    found = await asked.ask()
    assert asked.evaluated == ["SP-00002"]
    assert {each.product_id for each in found.lacks.rows} == {"SP-00001", "SP-00002"}

    await world.change("SP-00001", papers=entry(1)[0].papers)
    found = await asked.ask()
    assert {each.product_id for each in found.lacks.rows} == {"SP-00002"}


async def test_another_name_of_a_producer_is_told(world: World, asked: Asked) -> None:
    await asked.ask()
    product, maker = entry(1)
    assert maker is not None
    await world.save((replace(product, papers=UNSAFE), replace(maker, name="HTX Mẫu")))

    found = await asked.ask()

    assert {each.producer for each in found.lacks.rows} == {"HTX Mẫu"}


async def test_by_other_rules_and_by_an_earlier_clock_all_are_evaluated_again(
    world: World, asked: Asked
) -> None:
    await asked.ask()
    for days, rules in ((0, load_rules(accept_published=True)), (-1, RULES)):
        asked.evaluated.clear()
        world.time.pass_(days=days)
        await asked.ask(rules=rules)
        assert asked.evaluated == ["SP-00001", "SP-00002", "SP-00003"]


async def test_on_later_days_those_are_evaluated_of_which_the_day_changes_anything(
    world: World, asked: Asked
) -> None:
    """Each answer is compared with that of all: `Asked.ask` does it."""
    today = day_in_vietnam(world.time())
    ends = {1: today + timedelta(days=40), 2: today + timedelta(days=AHEAD + 40)}
    for n, day in ends.items():
        decided = replace(make_certificate(), decided_on=day.replace(year=day.year - 3))
        await world.change(f"SP-{n:05}", certificates=(decided,))
    looked, late = dict[int, list[str]](), set[int]()

    for days in range(0, 50, 2):
        asked.evaluated.clear()
        found = await asked.ask(days=AHEAD)
        if asked.evaluated:
            looked[days] = asked.evaluated.copy()
        if any(each.late for each in found.ends.rows):
            late.add(days)
        world.time.pass_(days=2)

    assert looked == {
        0: ["SP-00001", "SP-00002", "SP-00003"],
        40: ["SP-00002"],
        42: ["SP-00001"],
    }
    assert late == {*range(12, 42, 2)}


async def test_ends_are_told_for_as_many_days_as_are_asked_for(
    world: World, asked: Asked
) -> None:
    today = world.time().date()
    ends = (today + timedelta(days=days) for days in (20, 200, 800))
    for n, day in enumerate(ends, 1):
        decided = replace(make_certificate(), decided_on=day.replace(year=day.year - 3))
        await world.change(f"SP-{n:05}", certificates=(decided,))

    counts = [len((await asked.ask(days)).ends.rows) for days in (30, 300, AHEAD + 900)]

    assert counts == [1, 2, 3]


async def test_a_product_that_cannot_be_evaluated_is_named_until_it_can(
    world: World, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:

    def faulty(entry: Any, *more: Any) -> Any:
        product: Product = entry[0]
        return None if product.name == "Lỗi Mẫu" else verdict_of(entry, *more)

    monkeypatch.setattr(worklists, "verdict_of", faulty)
    await world.change("SP-00003", name="Lỗi Mẫu")
    assert (await asked.ask()).lacks.faulty == ["SP-00003"]
    world.time.pass_(days=1)
    asked.evaluated.clear()
    await asked.ask()
    assert asked.evaluated == ["SP-00003"]

    await world.change("SP-00003", name="Măng Mẫu")

    assert (await asked.ask()).lacks.faulty == []


async def test_an_older_copy_of_the_database_is_gone_through_anew(
    asked: Asked,
) -> None:
    await asked.ask()
    asked.evaluated.clear()
    asked.known._revision += 99  # it was restored: its revisions are lower

    await asked.ask()

    assert asked.evaluated == ["SP-00001", "SP-00002", "SP-00003"]


async def test_who_waits_for_another_question_holds_no_connection(
    world: World, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, of_products = (
        asyncio.Event(),
        asyncio.Event(),
        worklists.of_products,
    )

    async def slow(*page: Any, **how: Any) -> OfProducts:
        begun.set()
        await may_end.wait()
        return await of_products(*page, **how)

    monkeypatch.setattr(worklists, "of_products", slow)
    questions = [asyncio.create_task(asked.ask()) for _ in range(9)]
    await begun.wait()

    async with asyncio.TaskGroup() as others:  # readers have four connections
        for _ in range(3):
            others.create_task(world.database.fetch(reader.current_revision))

    may_end.set()
    await asyncio.gather(*questions)


class Turns:
    """Sleeps until it is told to go on, and says when it sleeps."""

    def __init__(self) -> None:
        self.slept, self._goes_on = asyncio.Event(), asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        assert seconds == LOOK_S
        self._goes_on.clear()
        self.slept.set()
        await self._goes_on.wait()

    async def go_on(self) -> None:
        self.slept.clear()
        self._goes_on.set()
        await self.slept.wait()


async def test_they_are_kept_up_while_nobody_asks(
    world: World,
    asked: Asked,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    turns, database = Turns(), world.database
    deployment = replace(world.deployment, rules=RULES, sleep=turns.sleep)
    async with kept_up(asked.known, deployment):
        await turns.slept.wait()
        assert asked.evaluated == ["SP-00001", "SP-00002", "SP-00003"]

        asked.evaluated.clear()
        await world.change("SP-00002", papers=UNSAFE)
        with monkeypatch.context() as gone:
            gone.setattr(database, "read", Mock(side_effect=DatabaseGoneError("x")))
            await turns.go_on()
            await turns.go_on()
        assert [each.message for each in caplog.records] == [
            "worklists were not kept up"
        ]
        assert asked.evaluated == []

        await turns.go_on()
        assert asked.evaluated == ["SP-00002"]

    await asked.ask()
    assert asked.evaluated == ["SP-00002"]
