"""Ways in which a promise could be broken without anybody noticing.

Each test is one way: a marketplace that is slow to show, a clock that was wrong, a
person who acts in the middle of a run. Ordinary faults are tested in `test_faults.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from catalog.db.tables import variant
from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.errors import (
    AuthenticationError,
    OutcomeUnknownError,
    RateLimitedError,
    UnavailableError,
)
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.marketplace.result import Refused, Submitted
from ocop_sync.service.decisions import approvals, twin_decisions
from ocop_sync.service.deployment import RunLimits, Site
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.queries.twins import list_twins
from ocop_sync.service.run import evaluate_all
from ocop_sync.service.sync.leased_sync import LeasedSync
from ocop_sync.service.sync.sync import sync
from ocop_sync.store import tables
from ocop_sync.testing.memory import Call, InMemoryMarketplace, LostAnswer
from tests.factories import NOT_SO, make_certificate, make_paper, make_variant, person
from tests.held import list_held
from tests.world import World, entry, open_world

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
ENDED = make_certificate(decided_on=date(2021, 2, 1))
REFUSAL = Refused((Problem(code="image", message="Ảnh mờ"),))


@asynccontextmanager
async def having(
    url: str, *, moderated: bool = False, **capabilities: Any
) -> AsyncIterator[World]:
    """Open a world whose only marketplace can do something else."""
    async with open_world(url, moderated=moderated) as world:
        kind = InMemoryMarketplace.having(**capabilities)
        old = world.market
        market = kind(old.account, old.context, moderated=moderated)
        world.markets["memory"] = market
        sites = (Site("memory", kind, [market.account]),)
        world.deployment = replace(world.deployment, sites=sites)
        yield world


async def put_on_sale(world: World, count: int, **differences: Any) -> None:
    await world.save(*(entry(n, **differences) for n in range(1, count + 1)))
    await world.sync()


async def change_all(world: World, count: int, **differences: Any) -> None:
    for n in range(1, count + 1):
        await world.change(f"SP-{n:05}", **differences)


def stock_of(market: InMemoryMarketplace) -> int:
    found = market.shelf.of("SP-00001")
    return sum(item.shown.variants[0].stock for item in found)


def hide(world: World, before: dict[str, Any], seconds: float) -> None:
    """Let reads show *before* for some seconds from now."""
    ends = world.time.now + timedelta(seconds=seconds)
    market = world.market

    def visible() -> Any:
        return before if world.time.now < ends else market.shelf.listings

    market._visible = visible  # type: ignore[method-assign]  # a slow index


# No second listing


async def test_the_lag_counts_from_the_last_try(url: str) -> None:
    async with having(url, visible_within_s=4, call_timeout_s=2) as world:
        await world.save(entry(1))
        world.market.script("create", RateLimitedError("chậm", retry_after=14))
        world.market.script("create", LostAnswer(applied=True))
        real = world.market.create

        async def create(changes: Sequence[Any]) -> Any:
            try:
                return await real(changes)
            except OutcomeUnknownError:
                hide(world, {}, 4)
                raise

        world.market.create = create  # type: ignore[method-assign]  # slow to show

        await world.sync()
        await world.sync()

        assert len(world.market.shelf.of("SP-00001")) == 1


async def test_no_call_is_made_after_the_lease_is_lost(url: str) -> None:
    one_by_one = {kind: 1 if kind is Kind.CREATE else 50 for kind in Kind}
    async with having(url, write_batch=one_by_one) as world:
        world.deployment = replace(world.deployment, limits=RunLimits(concurrency=1))
        await world.save(entry(1), entry(2))
        real, calls = world.market.create, list[Any]()

        async def create(changes: Sequence[Any]) -> Any:
            calls.append(changes)
            if len(calls) == 1:
                world.time.pass_(minutes=5)
                # Another process takes over, with places for calls of its own.
                await sync(replace(world.deployment, opened_places={}))
            return await real(changes)

        world.market.create = create  # type: ignore[method-assign]  # it sleeps

        await world.sync()

        assert len(world.market.shelf.of("SP-00002")) == 1


async def test_absence_within_the_declared_lag_proves_nothing(url: str) -> None:
    async with having(url, visible_within_s=10, moderated=True) as world:
        await world.save(entry(1))
        await world.sync()
        world.time.pass_(hours=24, seconds=-3)
        await world.save(entry(2))
        before = dict(world.market.shelf.listings)
        await world.sync(follow_s=0)
        hide(world, before, 10)
        world.time.pass_(seconds=4)

        await world.sync(follow_s=0)

        assert len(world.market.shelf.of("SP-00002")) == 1


async def test_our_own_change_within_the_lag_is_nobodys_edit(url: str) -> None:
    async with having(url, visible_within_s=10) as world:
        await put_on_sale(world, 1)
        world.time.pass_(hours=24, seconds=-15)
        dearer = make_variant(sku="SP-00001-1", gtin="", price_vnd=60_000)
        await world.change(variants=(dearer,))
        before = dict(world.market.shelf.listings)
        await world.sync()
        hide(world, before, 10)
        world.time.pass_(seconds=5)

        await world.sync()

        assert (await world.record()).hold is None


async def test_a_call_that_was_cancelled_inside_is_unknown(world: World) -> None:
    await world.save(entry(1))
    real = world.market.create

    async def create(changes: Sequence[Any]) -> Any:
        await real(changes)
        raise asyncio.CancelledError

    world.market.create = create  # type: ignore[method-assign]  # a leaking time-out
    await world.sync()
    world.market.create = real  # type: ignore[method-assign]  # mended

    await world.sync()

    assert len(world.market.shelf.of("SP-00001")) == 1


async def test_what_is_made_anew_looks_for_a_twin_as_well(world: World) -> None:
    await put_on_sale(world, 1)
    shelf = world.market.shelf
    shown = shelf.of("SP-00001")[0].shown
    shelf.delete(shelf.of("SP-00001")[0].ref)
    by_hand = tuple(replace(each, sku="TAY-1") for each in shown.variants)
    shelf.add(replace(shown, client_ref="", seller_ref="", variants=by_hand))
    world.time.pass_(hours=25)

    await world.sync()
    await world.sync()

    assert len(shelf.listings) == 1


# Only what is ours


async def test_what_vanished_is_not_replaced_by_anothers_listing(world: World) -> None:
    await put_on_sale(world, 1)
    shelf = world.market.shelf
    shown = shelf.of("SP-00001")[0].shown
    shelf.delete(shelf.of("SP-00001")[0].ref)
    other = replace(
        shown, client_ref="", seller_ref="KHAC", title="Hàng khác", stars=None
    )
    ref = shelf.add(other, seller_name="Người khác")
    world.time.pass_(hours=25)

    await world.sync()

    assert shelf.listings[ref].shown == other


async def test_a_product_that_moved_is_not_left_unmentioned(world: World) -> None:
    await put_on_sale(world, 2)
    await world.change("SP-00001", producer_id="CS-0002")

    await world.sync()

    assert world.written() == []
    assert (await world.record()).hold == "moved"


async def test_either_of_two_listings_of_ours_may_be_ended(world: World) -> None:
    await put_on_sale(world, 1)
    world.market.shelf.add(world.market.shelf.of("SP-00001")[0].shown)
    world.time.pass_(hours=25)
    await world.sync()
    world.market.shelf.take_down("M000001")
    world.time.pass_(hours=25)

    await world.sync()

    record = await world.record()
    assert (record.hold, record.state.ref) == (None, "M000002")


# Stock and packs


async def test_one_marketplace_alone_never_oversells(two: World) -> None:
    both = two.deployment.sites
    two.deployment = replace(two.deployment, sites=both[:1])
    await put_on_sale(two, 1)
    two.deployment = replace(two.deployment, sites=both)

    await two.sync("other")

    assert sum(map(stock_of, two.markets.values())) == 20
    assert two.written() == []


@pytest.mark.postgresql
async def test_stock_goes_up_in_the_run_that_took_it_down_elsewhere(
    two: World,
) -> None:
    both = two.deployment.sites
    two.deployment = replace(two.deployment, sites=both[:1])
    await put_on_sale(two, 1)
    two.deployment = replace(two.deployment, sites=both)

    await two.sync()

    assert [stock_of(market) for market in two.markets.values()] == [10, 10]


async def test_republishing_never_shows_more_than_there_is(world: World) -> None:
    await put_on_sale(world, 1)
    await world.change(paused=True)
    await world.sync()
    few = make_variant(sku="SP-00001-1", gtin="", on_hand=3)
    await world.change(paused=False, variants=(few,))
    seen, real = list[int](), world.market.republish

    async def republish(changes: Sequence[Any]) -> Any:
        result = await real(changes)
        seen.append(stock_of(world.market))
        return result

    world.market.republish = republish  # type: ignore[method-assign]  # a buyer looks

    await world.sync()

    assert seen == [3]


async def test_a_new_pack_goes_on_sale(world: World) -> None:
    await put_on_sale(world, 1)
    one = make_variant(sku="SP-00001-1", gtin="")
    two_ = replace(one, sku="SP-00001-2", pack="Gói 1 kg")
    await world.change(variants=(one, two_))

    report = await world.sync()

    assert world.written() == ["update"]
    assert (report.failed, (await world.record()).hold) == (0, None)


@pytest.mark.postgresql
async def test_a_pack_that_is_no_longer_sold_goes_with_one_update(
    world: World,
) -> None:
    one = make_variant(sku="SP-00001-1", gtin="")
    two_ = replace(one, sku="SP-00001-2", pack="Gói 1 kg")
    await put_on_sale(world, 1, variants=(one, two_))
    gone = delete(variant).where(variant.c.sku == "SP-00001-2")  # no import does so
    await world.database.write(lambda conn: conn.execute(gone))

    await world.sync()

    assert world.written() == ["update"]


async def test_a_count_of_zero_is_never_held(world: World) -> None:
    await put_on_sale(world, 8)
    for n in range(1, 9):
        empty = make_variant(sku=f"SP-{n:05}-1", gtin="", on_hand=0)
        await world.change(f"SP-{n:05}", variants=(empty,))

    await world.sync()

    assert world.written() == ["set_stock"] * 8


async def test_zeros_that_nobody_counted_are_held(world: World) -> None:
    await put_on_sale(world, 8)
    for n in range(1, 9):
        empty = make_variant(sku=f"SP-{n:05}-1", gtin="", on_hand=0, counted_at=None)
        await world.change(f"SP-{n:05}", variants=(empty,))

    await world.sync()

    assert world.written() == []
    assert len(await list_held(world.deployment)) == 1


# What people decide


async def with_twin(world: World) -> tuple[int, str]:
    await put_on_sale(world, 1)
    shown = world.market.shelf.of("SP-00001")[0].shown
    variants = tuple(replace(each, sku="TAY-1") for each in shown.variants)
    by_hand = replace(shown, client_ref="", title="Măng khô Mẫu 2", variants=variants)
    ref = world.market.shelf.add(by_hand)
    world.time.pass_(hours=25)
    await world.save(entry(2))
    await world.sync()
    (twin,) = await list_twins(world.deployment)
    return twin.id, ref


async def test_an_adopted_twin_that_is_gone_is_created(world: World) -> None:
    number, ref = await with_twin(world)
    await twin_decisions.adopt(world.deployment, number, by=person("Ông Mẫu"))
    world.market.shelf.delete(ref)

    for _ in range(3):
        await world.sync()
        world.time.pass_(hours=25)

    assert len(world.market.shelf.of("SP-00002")) == 1


async def test_an_adoption_entered_during_an_evaluation_is_not_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, ref = await with_twin(world)
    world.time.pass_(hours=25)
    pages, done = evaluate_all.unsettled_pages, list[Any]()

    async def slow(*args: Any) -> AsyncIterator[Any]:
        async for page in pages(*args):
            if not done:
                done.append(
                    await twin_decisions.adopt(
                        world.deployment, number, by=person("Ông Mẫu")
                    )
                )
            yield page

    monkeypatch.setattr(evaluate_all, "unsettled_pages", slow)

    await world.sync()
    await world.sync()

    assert (await world.record("SP-00002")).state.ref == ref


async def hold_claims(world: World) -> int:
    """Have six claims held, in one group."""
    await put_on_sale(world, 8)
    await change_all(world, 6, certificates=(ENDED,))
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    return group.id


async def test_an_approval_of_claims_off_is_none_of_withdrawals(world: World) -> None:
    number = await hold_claims(world)
    await approvals.approve(
        world.deployment, number, by=person("Bà Mẫu"), reason="đã xem"
    )
    renewed = (make_certificate(),)
    await change_all(world, 6, papers=WITHOUT_PAPER, certificates=renewed)

    await world.sync()

    assert world.written() == []


async def test_a_refusal_of_claims_off_does_not_silence_withdrawals(
    world: World,
) -> None:
    number = await hold_claims(world)
    await approvals.refuse(
        world.deployment, number, by=person("Bà Mẫu"), reason="đã xem"
    )
    renewed = (make_certificate(),)
    await change_all(world, 6, papers=WITHOUT_PAPER, certificates=renewed)

    await world.sync()

    groups = [group for group, _ in await list_held(world.deployment)]
    assert [group.cause for group in groups if group.state == "open"] == ["E04"]


async def test_an_approved_group_is_closed_once_it_is_sent(world: World) -> None:
    number = await hold_claims(world)
    await approvals.approve(
        world.deployment, number, by=person("Bà Mẫu"), reason="đã xem"
    )

    await world.sync()
    await world.sync()

    assert await list_held(world.deployment) == []


async def test_what_passed_for_one_cause_does_not_pass_for_another(
    world: World,
) -> None:
    await put_on_sale(world, 8)
    await change_all(world, 8, paused=True)
    world.deployment = replace(world.deployment, limits=RunLimits(slice_changes=1))
    real, done = world.market.withdraw, list[Any]()

    async def withdraw(changes: Sequence[Any]) -> Any:
        if not done:
            done.append(changes)
            await change_all(world, 8, paused=False, papers=WITHOUT_PAPER)
        return await real(changes)

    world.market.withdraw = withdraw  # type: ignore[method-assign]  # people act

    await world.sync()

    down = [
        item
        for item in world.market.shelf.listings.values()
        if item.state is RemoteState.DOWN
    ]
    assert len(down) <= 1 + 5


async def test_a_plan_leaves_out_what_a_person_has_refused(world: World) -> None:
    number = await hold_claims(world)
    await approvals.refuse(
        world.deployment, number, by=person("Bà Mẫu"), reason="đã xem"
    )

    (shown,) = await plan(world.deployment)

    assert shown.lines == []


# One failure stays one failure


async def test_a_bug_at_one_account_stops_no_other(two: World) -> None:
    await two.save(entry(1))

    async def page(cursor: str | None) -> Any:
        del cursor
        raise KeyError("field")  # noqa: EM101  (an adapter's mistake)

    two.market.page = page  # type: ignore[method-assign]  # broken

    report = await two.sync()

    assert list(report.stopped) == ["memory"]
    assert report.counts["other"].listed == 1


async def test_a_look_that_does_not_find_it_keeps_no_withdrawal_back(
    world: World,
) -> None:
    await put_on_sale(world, 1)
    await world.change(papers=WITHOUT_PAPER)
    world.time.pass_(hours=25)
    world.miss("SP-00001")

    await world.sync()

    assert world.written() == ["withdraw"]


async def test_a_reading_that_fails_keeps_no_withdrawal_back(world: World) -> None:
    await put_on_sale(world, 1)
    world.time.pass_(hours=25)
    await world.change(paused=True)
    world.market.script("page", UnavailableError("bảo trì"), times=99)

    await world.sync()

    assert world.written() == ["withdraw"]


async def test_a_fatal_error_without_words_stops_the_account(world: World) -> None:
    await world.save(*(entry(n) for n in range(1, 121)))
    world.market.script("create", AuthenticationError(""), times=999)

    report = await world.sync()

    assert list(report.stopped) == ["memory"]


async def test_the_heartbeat_survives_a_busy_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(entry(1))
    real, beats, pauses = LeasedSync._renew, list[Any](), list[float]()

    async def renew(self: LeasedSync, conn: Any) -> None:
        beats.append(conn)
        if len(beats) == 1:
            raise RuntimeError
        await real(self, conn)

    async def sleep(seconds: float) -> None:
        if seconds >= 15 and len(pauses) < 3:
            pauses.append(seconds)
            await asyncio.sleep(0)
            return
        await world.time.sleep(seconds)

    monkeypatch.setattr(LeasedSync, "_renew", renew)
    world.deployment = replace(world.deployment, sleep=sleep)

    report = await world.sync()

    assert len(beats) > 1
    assert report.counts["memory"].listed == 1


async def test_a_read_of_the_future_proves_nothing(world: World) -> None:
    await world.save(entry(1))
    world.time.pass_(days=700)
    await world.sync()
    world.time.pass_(days=-699)
    world.market.shelf.take_down("M000001")

    report = await world.sync()

    assert report.counts["memory"].listed == 0


# Sellers, and what the ledger says


async def test_consent_given_again_reopens_the_seller(world: World) -> None:
    product, producer = entry(1)
    assert producer is not None
    await put_on_sale(world, 1)
    await world.save((product, replace(producer, consent=NOT_SO)))
    await world.sync()
    await world.save((product, producer))

    await world.sync()

    assert world.written() == ["put_seller", "republish"]


async def test_a_refused_stop_is_not_sent_again(world: World) -> None:
    product, producer = entry(1)
    assert producer is not None
    await put_on_sale(world, 1)
    await world.save((product, replace(producer, consent=NOT_SO)))
    world.market.script("stop_sellers", REFUSAL, times=99)
    await world.sync()

    await world.sync()

    assert world.written() == []


async def test_a_seller_under_verification_is_not_sent_again(world: World) -> None:
    await world.save(entry(1))

    async def put(changes: Sequence[Any]) -> Any:
        world.market.log.append(Call("put_sellers", tuple(changes)))
        return [Submitted("S-1") for _ in changes]

    world.market.put_sellers = put  # type: ignore[method-assign]  # it verifies
    await world.sync()

    await world.sync()

    assert "put_seller" not in world.written()


async def test_a_seller_that_could_not_be_sent_is_not_called_refused(
    world: World,
) -> None:
    await world.save(entry(1))
    world.market.script("put_sellers", UnavailableError("bảo trì"), times=99)

    await world.sync()

    assert (await world.record()).hold is None


async def test_the_ledger_says_what_a_lost_withdrawal_came_to(world: World) -> None:
    await put_on_sale(world, 1)
    await world.change(paused=True)
    world.market.script("withdraw", LostAnswer(applied=False))

    await world.sync()

    assert await world.answers("withdraw") == ["not_sent", "applied"]


@pytest.mark.postgresql
async def test_a_run_at_an_account_of_no_use_is_closed_as_failed(world: World) -> None:
    await world.save(entry(1))
    world.market.script("page", AuthenticationError("sai"), times=99)

    await world.sync()

    async with world.database.read() as conn:
        rows = await conn.execute(select(tables.run.c.outcome))
        assert rows.scalars().all() == ["failed"]


async def test_what_is_about_to_be_sent_outlives_a_power_cut(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgotten, it would be sent once more: a second listing."""
    write, steps = world.database.write, list[str]()

    async def writing(work: Any, *, lasts: bool = False) -> Any:
        steps.append("lasting" if lasts else "stored")
        return await write(work, lasts=lasts)

    monkeypatch.setattr(world.database, "write", writing)
    for name in ("put_sellers", "create"):
        call = getattr(world.market, name)

        async def calling(items: Any, call: Any = call) -> Any:
            steps.append("call")
            return await call(items)

        monkeypatch.setattr(world.market, name, calling)
    await world.save(entry())

    await world.sync()

    before = [steps[i - 1] for i, step in enumerate(steps) if step == "call"]
    assert before == ["lasting", "lasting"]
