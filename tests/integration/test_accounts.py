"""A marketplace where each producer has an account of its own, as at Voso.

Producers 1 and 2 have a shop there, producer 3 has none. A sync at one account for all
is tested in `test_sync.py`.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from catalog.eligibility import load_rules
from catalog.model.paper import PaperKind
from catalog.model.product import Entry
from catalog.values import replace
from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.state.drift import Drift, DriftKind
from ocop_sync.engine.terms import CountedAs
from ocop_sync.errors import (
    AuthenticationError,
    ConfigurationError,
    PlanError,
    SyncInProgressError,
)
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.port import Page
from ocop_sync.service.decisions import approvals
from ocop_sync.service.deployment import Deployment, RunLimits, Site, Unusable
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.plan.scope import PlanScope
from ocop_sync.service.run.approval_gate import Gate
from ocop_sync.service.sync.reconcile import reconcile
from ocop_sync.service.sync.sync import Sync, sync
from ocop_sync.store.db.database import Database
from ocop_sync.store.decisions import drift, drift_decided
from ocop_sync.store.decisions.drift import Sighting
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.testing.memory import InMemoryMarketplace, LostAnswer, offline_context
from tests.factories import NOT_SO, make_paper, make_variant, person
from tests.held import list_held
from tests.world import FakeTime, World, entry, make_tables

ANOTHER = Lease(token="t-2", holder="máy khác", lasts=timedelta(minutes=1))  # noqa: S106  (names a run)
SHOPS = InMemoryMarketplace.having(account_per_seller=True)
WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
ONE_AT_A_TIME = RunLimits(accounts_at_once=1, slice_changes=1)


def shop(n: int, key: str = "") -> Account:
    """Return the account of producer *n*."""
    producer_id = f"CS-{n:04}"
    return Account(
        key=key or f"shops:{producer_id}",
        marketplace="shops",
        base_url="http://localhost",
        seller_ref=producer_id,
    )


DEPARTMENT = Account(key="memory", marketplace="memory", base_url="http://localhost")


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    """Two shops, and the department's account at another marketplace."""
    time, database = FakeTime(), Database(url)
    await make_tables(database)
    markets = {
        account.key: SHOPS(account, offline_context(time))
        for account in (shop(1), shop(2))
    } | {"memory": InMemoryMarketplace(DEPARTMENT, offline_context(time))}
    deployment = Deployment(
        database=database,
        rules=load_rules(),
        sites=(Site("shops", SHOPS, [shop(1), shop(2)]),),
        open=lambda account: markets[account.key],
        clock=time,
        sleep=time.sleep,
        time=time.seconds,
        random=random.Random(1),  # noqa: S311  (jitter is no secret)
        holder="kiểm thử",
        retry=RetryPolicy(attempts=3),
    )
    yield World(database, time, deployment, markets)
    await database.close()


def _have(world: World, *shops: Account) -> None:
    """Set which shops the deployment has an account for."""
    site = Site("shops", SHOPS, shops)
    world.deployment = replace(world.deployment, sites=(site,))


def _of_maker(n: int, maker: int) -> Entry:
    """Return product *n* of producer *maker*."""
    producer = entry(maker)[1]
    return entry(n, producer_id=f"CS-{maker:04}")[0], producer


def _names(market: InMemoryMarketplace) -> list[str]:
    return [item.shown.client_ref for item in market.shelf.listings.values()]


def _down(world: World) -> list[str]:
    return [
        item.shown.client_ref
        for market in world.markets.values()
        for item in market.shelf.listings.values()
        if item.state is RemoteState.DOWN
    ]


async def _record(world: World, product_id: str) -> Record:
    async with world.database.read() as conn:
        return (await records.load(conn, "shops", [product_id]))[product_id]


async def _hold(world: World, key: str) -> None:
    """Let another run work on the account *key*."""
    await world.database.write(
        lambda conn: accounts.take(conn, [key], ANOTHER, world.time())
    )


async def _block(world: World, *numbers: int) -> None:
    for n in numbers:
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)


async def test_each_product_goes_to_the_shop_of_its_producer(world: World) -> None:
    await world.save(entry(1), entry(2), _of_maker(4, 2))

    report = await world.sync()

    assert _names(world.markets["shops:CS-0001"]) == ["SP-00001"]
    assert _names(world.markets["shops:CS-0002"]) == ["SP-00002", "SP-00004"]
    assert report.counts["shops"].listed == 3


async def test_a_second_sync_writes_nothing_at_any_account(world: World) -> None:
    await world.save(entry(1), entry(2), entry(3))
    await world.sync()

    await world.sync()

    assert world.written() == []


async def test_a_producer_without_a_shop_is_held_and_counted(world: World) -> None:
    await world.save(entry(1), entry(3))

    figures = (await world.sync()).counts["shops"]

    assert (await _record(world, "SP-00003")).hold is Hold.NO_ACCOUNT
    assert (figures.listable, figures.listed, figures.held) == (2, 1, 1)


async def test_a_shop_that_opens_later_gets_what_was_held(world: World) -> None:
    _have(world, shop(1))
    await world.save(entry(1), entry(2))
    await world.sync()
    _have(world, shop(1), shop(2))

    report = await world.sync()

    assert _names(world.markets["shops:CS-0002"]) == ["SP-00002"]
    assert report.counts["shops"].held == 0


async def test_a_product_that_moved_before_it_was_sent_goes_to_the_new_shop(
    world: World,
) -> None:
    await world.save(entry(1, papers=()), entry(2))
    await world.sync()
    listable = entry(1)[0].papers
    await world.change("SP-00001", producer_id="CS-0002", papers=listable)

    await world.sync()

    assert _names(world.markets["shops:CS-0001"]) == []
    assert "SP-00001" in _names(world.markets["shops:CS-0002"])


async def test_stock_is_shared_only_where_the_producer_has_a_shop(
    world: World,
) -> None:
    sites = (Site("memory", InMemoryMarketplace, [DEPARTMENT]), *world.deployment.sites)
    world.deployment = replace(world.deployment, sites=sites)
    await world.save(entry(1), entry(3))

    await world.sync()

    shelf = world.markets["memory"].shelf
    shown = {n: shelf.of(f"SP-0000{n}")[0].shown.variants[0].stock for n in (1, 3)}
    assert shown == {1: 10, 3: 20}


async def test_a_shop_without_access_stops_no_other(world: World) -> None:
    await world.save(entry(1), entry(2))
    broken = world.markets["shops:CS-0001"]
    broken.script("page", AuthenticationError("sai mật khẩu"), times=99)

    report = await world.sync()

    assert list(report.stopped) == ["shops:CS-0001"]
    assert _names(world.markets["shops:CS-0002"]) == ["SP-00002"]


async def test_an_answer_lost_at_one_shop_leaves_one_listing(world: World) -> None:
    await world.save(entry(1), entry(2))
    world.markets["shops:CS-0002"].script("create", LostAnswer(applied=True))

    report = await world.sync()

    assert _names(world.markets["shops:CS-0002"]) == ["SP-00002"]
    assert report.counts["shops"].listed == 2


async def test_a_shop_that_another_run_works_on_is_left_to_it(world: World) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    await world.change("SP-00001", paused=True)
    await world.change("SP-00002", paused=True)
    await _hold(world, "shops:CS-0002")

    report = await world.sync()

    assert [held.key for held in report.busy] == ["shops:CS-0002"]
    assert _down(world) == ["SP-00001"]


async def test_a_sync_is_turned_away_only_if_every_shop_is_worked_on(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    await _hold(world, "shops:CS-0001")
    await _hold(world, "shops:CS-0002")

    with pytest.raises(SyncInProgressError, match="máy khác"):
        await world.sync()


async def test_withdrawn_consent_closes_one_shop_only(world: World) -> None:
    product, producer = entry(1)
    assert producer is not None
    await world.save((product, producer), entry(2))
    await world.sync()
    await world.save((product, replace(producer, consent=NOT_SO)))

    await world.sync()

    assert world.markets["shops:CS-0001"].shelf.sellers == {}
    assert list(world.markets["shops:CS-0002"].shelf.sellers) == ["CS-0002"]
    assert _down(world) == ["SP-00001"]


async def test_what_is_not_ours_is_counted_over_all_shops(world: World) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    for market in list(world.markets.values())[:2]:
        (ours,) = market.shelf.listings.values()
        market.shelf.add(replace(ours.shown, client_ref="", title="Hàng khác"))
    world.time.pass_(hours=25)

    report = await world.sync()

    assert report.counts["shops"].foreign == 2
    assert world.written() == []


async def _list_ten_each(world: World) -> None:
    """List products 1 to 10 at the first shop, and 11 to 20 at the second."""
    await world.save(*(_of_maker(n, 1) for n in range(1, 11)))
    await world.save(*(_of_maker(n, 2) for n in range(11, 21)))
    await world.sync()


async def test_the_budget_counts_all_shops_of_a_marketplace(world: World) -> None:
    await _list_ten_each(world)
    await _block(world, 1, 2, 3, 11, 12, 13)

    await world.sync()

    ((group, _),) = await list_held(world.deployment)
    assert (group.cause, group.size) == ("E04", 6)
    assert _down(world) == []


async def test_an_approved_group_is_sent_at_all_its_shops(world: World) -> None:
    await _list_ten_each(world)
    await _block(world, 1, 2, 3, 11, 12, 13)
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    await approvals.approve(
        world.deployment, group.id, by=person("Bà Mẫu"), reason="đã xem"
    )

    await world.sync()

    assert len(_down(world)) == 6


async def test_two_runs_at_shops_of_one_marketplace_share_a_budget(
    world: World,
) -> None:
    await _list_ten_each(world)
    world.deployment = replace(world.deployment, limits=ONE_AT_A_TIME)
    await _block(world, 1, 2, 3, 4, 5)
    await _hold(world, "shops:CS-0002")
    first = world.markets["shops:CS-0001"]
    real, seen = first.withdraw, list[Any]()

    async def withdraw(changes: Sequence[Any]) -> Any:
        if not seen:
            seen.extend(changes)
            await world.database.write(lambda conn: accounts.give_back(conn, ANOTHER))
            await _block(world, 11, 12, 13, 14)
            await sync(world.deployment)
        return await real(changes)

    first.withdraw = withdraw  # type: ignore[method-assign]  # in the midst of it
    await world.sync()

    assert len(_down(world)) <= 5


class _Together:
    """Where two runs meet, each at a shop of its own."""

    def __init__(self, world: World) -> None:
        self.begun = asyncio.Event()
        self.both = asyncio.Barrier(2)
        self._world = world
        self._counted = 0

    def at_a_price(self, key: str) -> None:
        """Let a run at shop *key* wait for the other one when it sets a price."""
        market, met = self._world.markets[key], list[str]()
        real = market.set_price

        async def set_price(changes: Sequence[Any]) -> Any:
            if not met:
                met.append(key)
                self.begun.set()
                if await self.both.wait() == 0:
                    await _block(self._world, 1, 2, 3, 4, 11, 12, 13, 14)
                await self.both.wait()
            return await real(changes)

        market.set_price = set_price  # type: ignore[method-assign]  # meets another

    async def at_the_count(self, database: Database) -> None:
        """Wait until both have counted what was taken, or one waits for the other."""
        self._counted += 1
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while database.dialect == "postgresql" and self._counted < 2:
            async with database.read() as conn:
                if await conn.scalar(waiting):
                    return


@pytest.mark.postgresql
async def test_two_processes_that_take_at_the_same_moment_share_a_budget(
    url: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have begun with the whole of it, and each counts before the other sends."""
    await _list_ten_each(world)
    for n in (5, 15):
        dearer = make_variant(sku=f"SP-{n:05}-1", gtin="", price_vnd=60_000)
        await world.change(f"SP-{n:05}", variants=(dearer,))
    together, stopped = _Together(world), Gate.stopped

    async def counting(self: Gate, conn: Any, ids: Any, now: Any) -> set[str]:
        found = await stopped(self, conn, ids, now)
        if ids:
            await together.at_the_count(world.database)
        return found

    monkeypatch.setattr(Gate, "stopped", counting)
    for key in ("shops:CS-0001", "shops:CS-0002"):
        together.at_a_price(key)
    await _hold(world, "shops:CS-0002")
    ours = asyncio.ensure_future(sync(world.deployment))
    await together.begun.wait()
    await world.database.write(lambda conn: accounts.give_back(conn, ANOTHER))
    theirs = Database(url)
    await asyncio.gather(ours, sync(replace(world.deployment, database=theirs)))
    await theirs.close()

    assert len(_down(world)) == 4


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_two_processes_that_evaluate_the_same_page_at_once_do_not_lock_up(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(world.deployment, database=Database(url))
    await _list_ten_each(world)
    await _block(world, 1, 11)
    await _hold(world, "shops:CS-0002")
    real, both, stored = records.set_coverage_class, asyncio.Barrier(2), asyncio.Event()
    meetings = 2

    async def recount(*arguments: Any) -> set[str]:
        nonlocal meetings
        stored.set()
        if meetings:
            meetings -= 1
            await both.wait()
        return await real(*arguments)

    monkeypatch.setattr(records, "set_coverage_class", recount)
    async with asyncio.TaskGroup() as runs:
        runs.create_task(sync(world.deployment))
        await stored.wait()
        await world.database.write(lambda conn: accounts.give_back(conn, ANOTHER))
        runs.create_task(sync(other))
    await other.database.close()

    assert _down(world) == ["SP-00001", "SP-00011"]


async def _beside_a_run(world: World, work: Callable[[Any], Awaitable[object]]) -> None:
    """Do *work* while a run has a row in hand, and reaches for one before that.

    It writes rows in the order in which it sends, and so would wait for ours in turn.
    """
    async with world.database.read() as conn:
        found = await records.load(conn, "shops", ["SP-00001", "SP-00002"])
    begun, done = asyncio.Event(), asyncio.Event()

    async def send(conn: Any) -> None:
        await records.save_intents(conn, [found["SP-00002"]])
        begun.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), 1)
        await records.save_intents(conn, [found["SP-00001"]])

    async with asyncio.TaskGroup() as both:
        both.create_task(world.database.write(send))
        await begun.wait()
        await world.database.write(work)
        done.set()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_counting_beside_a_run_waits_for_none_of_its_rows(world: World) -> None:
    await _list_ten_each(world)
    async with world.database.read() as conn:
        found = await records.load(conn, "shops", ["SP-00001", "SP-00002"])
    blocked = CountedAs.blocked("E04")
    recounted = [replace(each, counted=blocked) for each in found.values()]

    await _beside_a_run(
        world, lambda c: records.set_coverage_class(c, "shops", recounted)
    )

    async with world.database.read() as conn:
        after = await records.load(conn, "shops", list(found))
    assert [each.counted for each in after.values()] == ["blocked:E04", "listable"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_hearing_a_word_beside_a_run_waits_for_none_of_its_rows(
    world: World,
) -> None:
    await _list_ten_each(world)
    edited = Drift(kind=DriftKind.EDITED, field="price")
    ids = ["SP-00001", "SP-00002"]
    seen = [
        Sighting(
            marketplace="shops", account="shops:CS-0001", product_id=id_, drift=edited
        )
        for id_ in ids
    ]

    async def edit(conn: Any) -> None:
        found = await records.load(conn, "shops", ids)
        await records.save(conn, [r.unsettled(r.state) for r in found.values()])
        await drift.see(conn, seen, world.time())
        for each in await drift.open_of(conn, "shops", ids):
            word = {"decision": drift.THEIRS, "by": "Bà Mẫu", "fingerprint_": ""}
            await drift_decided.decide(conn, each.id, **word, now=world.time())

    await world.database.write(edit)

    await _beside_a_run(world, lambda conn: drift_decided.unsettle(conn, ["shops"]))


# Ours at two shops


async def _double(world: World) -> None:
    """Put product 1 on sale at the second shop, too."""
    await world.save(_of_maker(1, 1))
    await world.sync()
    first, second = (world.markets[f"shops:CS-000{n}"].shelf for n in (1, 2))
    (found,) = first.of("SP-00001")
    second.listings[found.ref] = found
    world.time.pass_(hours=25)


async def test_a_second_listing_elsewhere_does_not_prove_the_first(
    world: World,
) -> None:
    """Only what was read counts as read: the first shop may be closed by now."""
    await _double(world)
    before = await _first(world)

    for _ in range(2):
        await _hold(world, "shops:CS-0001")
        await world.sync()
        world.time.pass_(hours=25)

    after = await _first(world)
    assert after.state.doubled_ref.startswith("shops:CS-0002/")
    assert after.state.read_at == before.state.read_at


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_what_is_sent_is_kept_while_a_second_listing_is_found_elsewhere(
    world: World, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgotten, it would be sent again without a look."""
    await _double(world)
    await _hold(world, "shops:CS-0001")
    other, real, met = Database(url), records.load, list[str]()

    async def load(*arguments: Any) -> dict[str, Record]:
        found = await real(*arguments)
        if "SP-00001" in found and not met:
            met.append("SP-00001")
            state = replace(found["SP-00001"].state, awaiting=Kind.SET_PRICE)
            intent = replace(found["SP-00001"], state=state)
            await other.write(lambda conn: records.save_intents(conn, [intent]))
        return found

    monkeypatch.setattr(records, "load", load)
    await world.sync()
    await other.close()

    assert met
    assert (await _first(world)).state.awaiting is Kind.SET_PRICE


async def _first(world: World) -> Record:
    async with world.database.read() as conn:
        return (await records.load(conn, "shops", ["SP-00001"]))["SP-00001"]


async def test_a_group_stays_while_another_run_works_on_its_shop(
    world: World,
) -> None:
    await _list_ten_each(world)
    await _block(world, *range(11, 18))
    await world.sync()
    before = await list_held(world.deployment)
    await _hold(world, "shops:CS-0002")

    await world.sync()

    assert [group.size for group, _ in before] == [7]
    assert await list_held(world.deployment) == before


async def test_a_product_that_moved_is_not_left_in_the_old_shop(world: World) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    await world.change("SP-00001", producer_id="CS-0002")
    await world.sync()
    world.time.pass_(hours=25)

    await world.sync()

    moved = "SP-00001" in _names(world.markets["shops:CS-0002"])
    held = (await _record(world, "SP-00001")).hold is not None
    assert held or (moved and _down(world) == ["SP-00001"])


async def test_a_product_that_moves_during_a_run_is_made_in_the_new_shop(
    world: World,
) -> None:
    world.deployment = replace(world.deployment, limits=ONE_AT_A_TIME)
    await world.save(_of_maker(1, 1), _of_maker(3, 1), entry(2))
    first = world.markets["shops:CS-0001"]
    real, seen = first.create, list[Any]()

    async def create(changes: Sequence[Any]) -> Any:
        if not seen:
            seen.extend(changes)
            await world.change("SP-00003", producer_id="CS-0002")
        return await real(changes)

    first.create = create  # type: ignore[method-assign]  # in the midst of it
    await world.sync()
    await world.sync()

    assert _names(first) == ["SP-00001"]
    assert "SP-00003" in _names(world.markets["shops:CS-0002"])


@pytest.mark.postgresql
async def test_the_identifiers_of_two_shops_are_never_mixed(world: World) -> None:
    world.deployment = replace(world.deployment, limits=ONE_AT_A_TIME)
    await world.save(_of_maker(1, 1), _of_maker(3, 1), entry(2))
    await world.sync()
    first, second, _ = world.markets.values()
    copied = replace(first.shelf.of("SP-00001")[0].shown, seller_ref="CS-0002")
    assert second.shelf.add(copied) == first.shelf.of("SP-00003")[0].ref
    world.time.pass_(hours=25)
    await world.sync()
    await world.change("SP-00001", paused=True)

    await world.sync()

    assert first.shelf.of("SP-00003")[0].state is RemoteState.LIVE


async def test_a_product_on_sale_in_two_shops_is_held_until_it_is_not(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    first, second = (world.markets[shop(n).key].shelf for n in (1, 2))
    ref = second.add(first.of("SP-00001")[0].shown)
    holds = []

    for _ in range(2):
        world.time.pass_(hours=25)
        await world.sync()
        holds.append((await _record(world, "SP-00001")).hold)
    second.delete(ref)
    world.time.pass_(hours=25)
    await world.sync()

    assert holds == [Hold.DOUBLED, Hold.DOUBLED]
    assert (await _record(world, "SP-00001")).hold is None


async def test_a_shop_under_a_new_key_is_still_kept_right(world: World) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    market = world.markets["second"] = world.markets.pop("shops:CS-0002")
    _have(world, shop(1), shop(2, "second"))
    await world.change("SP-00002", paused=True)
    await world.sync()
    world.time.pass_(hours=25)

    await world.sync()

    assert market.shelf.of("SP-00002")[0].state is RemoteState.DOWN


async def test_products_of_a_shop_that_is_gone_are_still_counted(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    _have(world, shop(1))
    await world.change("SP-00002", paused=True)

    figures = (await world.sync()).counts["shops"]

    assert figures.blocked == {"E15": 1}
    assert (figures.listed, figures.live_not_listable) == (1, 1)


async def test_a_plan_leaves_out_what_no_account_could_send(world: World) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    _have(world, shop(1))
    cheaper = make_variant(sku="SP-00002-1", gtin="", price_vnd=40_000)
    await world.change("SP-00002", variants=(cheaper,))

    (shown,) = await plan(world.deployment)
    await world.sync()

    assert [line.kind for line in shown.lines] == world.written()


@pytest.mark.postgresql
async def test_what_was_blocked_while_its_shop_was_not_set_is_withdrawn_afterwards(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    _have(world, shop(1))
    await _block(world, 2)
    await world.sync()
    _have(world, shop(1), shop(2))

    await world.sync()

    assert _down(world) == ["SP-00002"]


@pytest.mark.parametrize("work", [sync, reconcile])
async def test_shops_do_not_make_more_anew_together_than_a_marketplace_may(
    world: World, work: Callable[[Deployment], Awaitable[object]]
) -> None:
    await world.save(*(_of_maker(n, 1 + n % 2) for n in range(1, 13)))
    await world.sync()
    for key in ("shops:CS-0001", "shops:CS-0002"):
        shelf = world.markets[key].shelf
        for ref in sorted(shelf.listings)[:4]:
            shelf.delete(ref)
    world.time.pass_(hours=25)

    await work(world.deployment)
    await work(world.deployment)

    ((group, ids),) = await list_held(world.deployment)
    assert (group.cause, len(ids)) == ("vanished", 4)
    assert sum(map(len, map(_names, world.markets.values()))) == 8


async def test_what_one_cause_takes_at_all_shops_is_held_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(*(_of_maker(n, 1 + n % 2) for n in range(1, 13)))
    await world.sync()
    await _block(world, *range(1, 9))
    world.time.pass_(hours=25)
    slow, has_evaluated = world.markets["shops:CS-0002"], asyncio.Event()
    page, evaluator = slow.page, Sync._evaluate

    async def wait(cursor: str | None) -> Page:
        await has_evaluated.wait()
        return await page(cursor)

    async def evaluated(*args: Any) -> None:
        await evaluator(*args)
        has_evaluated.set()

    monkeypatch.setattr(slow, "page", wait)
    monkeypatch.setattr(Sync, "_evaluate", evaluated)
    await world.sync()

    ((group, ids),) = await list_held(world.deployment)
    assert (_down(world), group.cause, len(ids)) == ([], "E04", 8)


async def test_a_refusal_outlasts_the_time_in_which_its_account_is_not_set(
    world: World,
) -> None:
    """One of its products is in order by then: the others would have the budget."""
    await world.save(*(_of_maker(n, 1 + n % 2) for n in range(1, 13)))
    await world.sync()
    await _block(world, 1, 3, 5, 7, 9, 11)
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    await approvals.refuse(
        world.deployment, group.id, by=person("Bà Mẫu"), reason="nhập nhầm"
    )
    _have(world, shop(1))
    await world.sync()
    await world.sync()
    await world.change("SP-00001", papers=entry()[0].papers)
    _have(world, shop(1), shop(2))

    await world.sync()

    ((still, ids),) = await list_held(world.deployment)
    assert (_down(world), still.id, still.state) == ([], group.id, "refused")
    assert len(ids) == 6


@pytest.mark.postgresql
async def test_nobody_is_asked_while_an_account_is_not_set(world: World) -> None:
    await world.save(*(_of_maker(n, 1 + n % 2) for n in range(1, 13)))
    await world.sync()
    await _block(world, 1, 3, 5, 7, 9, 11)
    await world.sync()

    _have(world, shop(1))
    await world.sync()
    assert await list_held(world.deployment) == []

    _have(world, shop(1), shop(2))
    await world.sync()
    ((group, ids),) = await list_held(world.deployment)
    assert (group.state, len(ids), _down(world)) == ("open", 6, [])


async def test_a_shop_that_is_set_up_wrongly_keeps_no_other_back(world: World) -> None:
    await world.save(_of_maker(1, 1), _of_maker(2, 2))
    await world.sync()
    lost = Unusable(
        key=shop(2).key, marketplace="shops", seller_ref="CS-0002", why="sai"
    )
    (site,) = world.deployment.sites
    left = site.without([lost.key])
    assert left is not None
    world.deployment = replace(
        world.deployment, sites=(left,), unusable={lost.key: lost}
    )
    for n in (1, 2):
        pack = make_variant(sku=f"SP-{n:05}-1", gtin="", price_vnd=77_000, on_hand=99)
        await world.change(f"SP-{n:05}", variants=(pack,))

    report = await world.sync()

    assert report.stopped == {lost.key: "sai"}
    assert world.markets[lost.key].log == []
    assert {
        n: [v.price_vnd for v in item.shown.variants]
        for n in (1, 2)
        for item in world.markets[shop(n).key].shelf.listings.values()
    } == {1: [77_000], 2: [45_000]}
    assert _down(world) == []
    (first,) = world.markets[shop(1).key].shelf.listings.values()
    assert first.shown.variants[0].stock == 99


@pytest.mark.postgresql
async def test_a_plan_of_an_account_has_its_changes_and_its_cost_alone(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    key, of_two = shop(2).key, PlanScope(accounts=(shop(2).key,))

    (made,) = await plan(world.deployment, of_two)

    assert {line.account for line in made.lines} == {key}
    assert [line.kind for line in made.lines][-1] == "create"
    assert [each.account for each in made.costs] == made.unread == [key]
    await world.sync()
    await _block(world, 1, 2)
    (made,) = await plan(world.deployment, of_two)
    assert [line.product_id for line in made.lines] == ["SP-00002"]
    await world.sync()
    (made,) = await plan(world.deployment, of_two)
    assert sum(made.holds.values()) <= 1
    elsewhere = PlanScope(accounts=(key,), marketplaces=("memory",))
    with pytest.raises(PlanError, match="is an account at shops"):
        await plan(world.deployment, elsewhere)


async def test_an_account_in_the_place_of_a_marketplace_is_said_to_be_one(
    world: World,
) -> None:
    key = shop(2).key
    lost = Unusable(key="lost", marketplace="shops", seller_ref="CS-0009", why="sai")
    world.deployment = replace(world.deployment, unusable={lost.key: lost})

    for name in (key, lost.key):
        for work in (
            world.sync(name),
            plan(world.deployment, PlanScope(marketplaces=(name,))),
            reconcile(world.deployment, [name]),
        ):
            with pytest.raises(ConfigurationError) as refused:
                await work
            assert f"{name} is an account" in str(refused.value)
            assert "asked for: shops (all accounts there)" in str(refused.value)
    with pytest.raises(ConfigurationError, match="no account at khac; there are:"):
        await world.sync("khac")
