"""At a marketplace that is new, sending begins while the rest is evaluated."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from catalog.db import reader
from catalog.values import replace
from ocop_sync.errors import OcopSyncError
from ocop_sync.marketplace.change import Create, Kind
from ocop_sync.service.deployment import RunLimits
from ocop_sync.service.run import evaluate_changed as evaluating
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_changed import Changed
from ocop_sync.service.run.evaluation_progress import EvaluationProgress
from ocop_sync.service.send import slices
from ocop_sync.store.listings import open_work
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.factories import make_variant
from tests.world import World, entry, open_world

pytestmark = pytest.mark.postgresql

OneByOne = InMemoryMarketplace.having(write_batch={})
PAGE, ALL = 4, 12


@pytest.fixture
async def paced(url: str) -> AsyncIterator[World]:
    """A marketplace with a known pace that takes one change in each call."""
    async with open_world(url, kind=OneByOne, paced=True) as world:
        limits = RunLimits(slice_changes=2)
        world.deployment = replace(world.deployment, limits=limits)
        yield world


class Walk:
    """Evaluates few products at a time, and does something between the pages.

    Attributes:
        between: Done before each page but the first, with its number from 1.
        is_over: All pages have been taken in.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_over = False
        self.between: Callable[[int], Awaitable[None]] | None = None
        self._real = reader.pages
        monkeypatch.setattr(reader, "pages", self._pages)

    async def _pages(self, *about: Any, **bounds: Any) -> AsyncIterator[Any]:
        number = 0
        async for page in self._real(*about, **{**bounds, "size": PAGE}):
            if number and self.between is not None:
                async with asyncio.timeout(60):
                    await self.between(number)
            number += 1
            yield page
        self.is_over = True


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Walk:
    return Walk(monkeypatch)


def creates(world: World) -> list[Create]:
    return [each for each in world.market.written() if isinstance(each, Create)]


async def until_created(world: World, count: int) -> None:
    while len(creates(world)) < count:  # noqa: ASYNC110
        await asyncio.sleep(0)


@pytest.mark.parametrize("step", [PAGE, 0], ids=["as evaluated", "behind"])
async def test_what_was_evaluated_first_is_sent_while_the_rest_is_evaluated(
    paced: World, walk: Walk, step: int
) -> None:
    await paced.save(*(entry(n) for n in range(1, ALL + 1)))
    walk.between = lambda number: until_created(paced, step * number or 1)

    report = await paced.sync()

    sent = [each.client_ref for each in creates(paced)]
    assert sent == [f"SP-{n:05}" for n in range(1, ALL + 1)]
    assert report.counts["memory"].listed == ALL


async def test_where_a_product_is_known_nothing_is_sent_before_all_is_evaluated(
    paced: World, walk: Walk
) -> None:
    await paced.save(entry(ALL))
    await paced.sync()
    walk.is_over = False
    real, over = paced.market.create, list[bool]()

    async def create(changes: Sequence[Any]) -> Any:
        over.append(walk.is_over)
        return await real(changes)

    paced.market.create = create  # type: ignore[method-assign]
    await paced.save(*(entry(n) for n in range(1, ALL)))
    await paced.change(f"SP-{ALL:05}", paused=True)
    await paced.sync()

    kinds = [each.kind for each in paced.market.written()]
    kinds = [kind for kind in kinds if kind is not Kind.PUT_SELLER]
    assert over == [True] * (ALL - 1)
    assert Kind.WITHDRAW in kinds[:2]  # it goes with the first slice


async def test_what_changes_meanwhile_is_made_once_and_ends_as_it_is(
    paced: World, walk: Walk
) -> None:
    await paced.save(*(entry(n) for n in range(1, ALL + 1)))

    async def between(number: int) -> None:
        if number > 1:
            return
        await until_created(paced, 1)
        for n in (1, PAGE, PAGE + 1, ALL):  # made, about to be, and not reached
            dear = make_variant(sku=f"SP-{n:05}-1", gtin="", price_vnd=99_000)
            await paced.change(f"SP-{n:05}", variants=(dear,))

    walk.between = between
    await paced.sync()

    made = Counter(each.client_ref for each in creates(paced))
    assert set(made.values()) == {1}
    assert len(made) == ALL
    shown = {
        each.shown.client_ref: each.shown.variants[0].price_vnd
        for each in paced.market.shelf.listings.values()
    }
    dear_ones = {f"SP-{n:05}" for n in (1, PAGE, PAGE + 1, ALL)}
    assert {id_ for id_, price in shown.items() if price == 99_000} == dear_ones


async def test_what_changes_meanwhile_is_evaluated_once_the_walk_is_over(
    paced: World, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paced.save(*(entry(n) for n in range(1, ALL + 1)))
    is_changed, is_taken_up = False, asyncio.Event()
    over = list[bool]()
    look, evaluate = open_work.has_news, evaluating.evaluate_changed
    wait = EvaluationProgress.some_more

    async def has_news(*about: Any) -> bool:
        nonlocal is_changed
        if not is_changed:
            is_changed = True
            dear = make_variant(sku=f"SP-{ALL:05}-1", gtin="", price_vnd=99_000)
            await paced.change(f"SP-{ALL:05}", variants=(dear,))  # not reached
        return await look(*about)

    async def some_more(progress: EvaluationProgress) -> None:
        is_taken_up.set()
        await wait(progress)

    async def evaluate_changed(run: AccountRun, found: Changed) -> bool:
        is_new = await evaluate(run, found)
        if found.changed:
            over.append(walk.is_over)
            is_taken_up.set()
        return is_new

    monkeypatch.setattr(open_work, "has_news", has_news)
    monkeypatch.setattr(slices, "evaluate_changed", evaluate_changed)
    monkeypatch.setattr(EvaluationProgress, "some_more", some_more)

    async def between(number: int) -> None:
        del number
        await is_taken_up.wait()

    walk.between = between
    await paced.sync()

    assert over == [True]
    made = [each for each in creates(paced) if each.client_ref == f"SP-{ALL:05}"]
    assert [each.listing.variants[0].price_vnd for each in made] == [99_000]


async def test_if_the_evaluation_fails_what_has_gone_is_known(
    paced: World, walk: Walk
) -> None:
    await paced.save(*(entry(n) for n in range(1, ALL + 1)))

    async def between(number: int) -> None:
        del number
        await until_created(paced, 1)
        message = "the catalog cannot be read"
        raise OcopSyncError(message)

    walk.between = between
    with pytest.raises(OcopSyncError, match="catalog"):
        await paced.sync()
    made = Counter(each.client_ref for each in creates(paced))
    assert made
    walk.between = None
    await paced.sync()

    made.update(each.client_ref for each in creates(paced))
    assert set(made.values()) == {1}
    assert len(made) == ALL


async def test_it_begins_with_a_whole_slice(paced: World, walk: Walk) -> None:
    limits = RunLimits(slice_changes=PAGE + 1)
    paced.deployment = replace(paced.deployment, limits=limits)
    await paced.save(*(entry(n) for n in range(1, ALL + 1)))
    before = dict[int, int]()

    async def between(number: int) -> None:
        if number > 1:
            await until_created(paced, PAGE + 1)
        for _ in range(100):
            await asyncio.sleep(0)
        before[number] = len(creates(paced))

    walk.between = between
    await paced.sync()

    assert before[1] == 0
    assert before[2] > PAGE
    assert len(creates(paced)) == ALL
