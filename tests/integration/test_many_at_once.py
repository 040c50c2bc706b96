"""Of many products that are read, followed or evaluated anew, some are in memory."""

from collections.abc import Mapping, Sequence, Sized
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.marketplace.change import Create
from ocop_sync.marketplace.listing import RemoteState, Unreadable
from ocop_sync.marketplace.result import Result
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.run import case_cache, evaluate_all, evaluate_changed
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_changed import AfterRead
from ocop_sync.service.run.standing_groups import RemovalRequest
from ocop_sync.service.sync import confirm
from ocop_sync.store.db.database import Database
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record
from tests.factories import NOT_SO, make_paper
from tests.integration.test_reviewed import made
from tests.integration.test_reviewed import reviewed as carried_out
from tests.world import World, entry, open_world

AT_ONCE = 3
WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have that few products count as many."""
    for module in (evaluate_changed, confirm):
        monkeypatch.setattr(module, "AT_ONCE", AT_ONCE)
    monkeypatch.setattr(evaluate_all, "NAMED_AT_ONCE", AT_ONCE)
    monkeypatch.setattr(case_cache, "MOST", 1)


class Loads:
    """How many records were loaded or evaluated at once since a create."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.sizes, self.evaluated = world, list[int](), list[int]()
        self._real = records.load
        cases = Evaluator.cases

        async def evaluate(judging: Evaluator, *about: Any, **more: Any) -> list[Case]:
            found = await cases(judging, *about, **more)
            self._note(found)
            self.evaluated.append(len(found))
            return found

        monkeypatch.setattr(records, "load", self._load)
        monkeypatch.setattr(Evaluator, "cases", evaluate)

    async def _load(
        self, conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
    ) -> dict[str, Record]:
        found = await self._real(conn, marketplace, product_ids)
        self._note(found)
        return found

    def _note(self, found: Sized) -> None:
        if "create" in self.world.written():
            self.sizes.append(len(found))


def review_at_once(world: World) -> None:
    """Have all that is in review approved as soon as it is asked about."""
    real = world.market.follow

    async def follow(tickets: Sequence[str]) -> Sequence[Result | Unreadable]:
        for ref, listing in list(world.market.shelf.listings.items()):
            if listing.state is RemoteState.IN_REVIEW:
                world.market.shelf.approve(ref)
        return await real(tickets)

    world.market.follow = follow  # type: ignore[method-assign]  # its staff


async def to_send(world: World, count: int) -> None:
    """Have *count* products to send, and few of them read at once."""
    await world.save(*(entry(n) for n in range(1, count + 1)))
    market = world.market
    few = replace(market.capabilities, read_batch=AT_ONCE)
    market.capabilities = few  # type: ignore[misc]  # of this one


@pytest.mark.parametrize("is_moderated", [False, True], ids=["at once", "reviewed"])
async def test_what_was_sent_is_read_back_some_at_a_time(
    url: str, is_moderated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(url, moderated=is_moderated) as world:
        await to_send(world, 10)
        review_at_once(world)
        loads = Loads(world, monkeypatch)

        report = await world.sync()

        assert report.counts["memory"].listed == 10
        assert sum(loads.sizes) >= 10
        assert max(loads.sizes) <= AT_ONCE


async def test_a_reviewed_plan_is_compared_and_read_back_some_at_a_time(
    moderated: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await to_send(moderated, 10)
    path = await made(moderated, tmp_path)
    review_at_once(moderated)
    loads = Loads(moderated, monkeypatch)

    report = await carried_out(moderated, path)

    assert report.counts["memory"].listed == 10
    assert sum(loads.sizes) >= 10
    assert max(loads.sizes) <= AT_ONCE


async def test_what_many_take_is_weighed_as_a_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(*(entry(n) for n in range(1, 6)))
    await world.sync()
    budget = Budget(min_changes=AT_ONCE, share=0)
    world.deployment = replace(world.deployment, budget=budget)
    real = world.market.create

    async def create(changes: Sequence[Create]) -> Sequence[Result]:
        for n in range(1, AT_ONCE + 2):
            await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)
        (pack,) = entry(5)[0].variants
        await world.change("SP-00005", variants=(replace(pack, on_hand=0),))
        return await real(changes)

    world.market.create = create  # type: ignore[method-assign]  # people act
    await world.save(entry(9))
    loads = Loads(world, monkeypatch)
    await world.sync()

    assert world.written() == ["put_seller", "create", "set_stock"]
    assert max(loads.evaluated[1:]) <= AT_ONCE


async def test_what_reviews_leave_to_ask_is_weighed_once_all_were_followed(
    moderated: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await to_send(moderated, 2 * AT_ONCE)
    await moderated.sync(follow_s=0)
    review_at_once(moderated)
    calls, ask = list[tuple[int, bool, int]](), cast("RemovalRequest", object())

    async def evaluate(
        run: AccountRun,
        ids: Sequence[str],
        *,
        read: Mapping[str, AfterRead] = MappingProxyType({}),
        screen: bool = True,
        asked: Sequence[RemovalRequest] = (),
    ) -> list[RemovalRequest]:
        calls.append((len(ids), screen, len(asked)))
        await evaluate_changed.evaluate_again(run, ids, read=read, screen=screen)
        return [] if screen else [ask]

    monkeypatch.setattr(confirm, "evaluate_again", evaluate)
    await moderated.sync(follow_s=0)

    assert calls[:3] == [(AT_ONCE, False, 0), (AT_ONCE, False, 0), (0, True, 2)]


async def test_what_was_read_side_by_side_does_not_wait_in_the_database(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, now, most = Database.write, 0, 0

    async def write(database: Database, work: Any, **more: Any) -> Any:
        nonlocal now, most
        reads = getattr(work, "__qualname__", "").startswith("_remember.")
        now += reads
        most = max(most, now)
        try:
            return await real(database, work, **more)
        finally:
            now -= reads

    monkeypatch.setattr(Database, "write", write)
    async with open_world(url, paced=True) as world:
        await to_send(world, 12)
        await world.sync()

    assert most == 1
