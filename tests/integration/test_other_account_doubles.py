"""Two listings of ours at different accounts: one stays, the other stops selling.

Two listings at one account are tested in test_doubles.py; the shops are those of
test_accounts.py.
"""

import io
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from catalog.eligibility import load_rules
from catalog.values import replace
from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.errors import AuthenticationError, PlanError
from ocop_sync.marketplace.listing import Problem, RemoteListing, RemoteState
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions import approvals
from ocop_sync.service.decisions.double_decisions import keep
from ocop_sync.service.deployment import Deployment, RunLimits, Site
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.plan.plan_file import read_plan, write_plan
from ocop_sync.service.queries.drift import list_drift
from ocop_sync.service.queries.twins import Offer, list_doubled
from ocop_sync.service.sync.apply_plan import sync_reviewed
from ocop_sync.service.sync.next_due import next_look
from ocop_sync.store.db.database import Database
from ocop_sync.store.listings import other_account_doubles
from ocop_sync.store.runs import accounts
from ocop_sync.testing.memory import InMemoryMarketplace, LostAnswer, offline_context
from tests.factories import make_variant, person
from tests.held import list_held
from tests.integration.dying import FILE, Death, PowerCutError
from tests.integration.test_accounts import ANOTHER, DEPARTMENT, SHOPS, shop
from tests.properties.province import UNSAFE
from tests.world import FakeTime, World, entry, make_tables

ONE, TWO = "shops:CS-0001", "shops:CS-0002"
SKU = "SP-00001-1"
BY = "Cán bộ Mẫu"


async def open_shops(url: str) -> World:
    """Open a world with two shops at one marketplace."""
    time, database = FakeTime(), Database(url)
    await make_tables(database)
    shops = [shop(1), shop(2)]
    markets = {each.key: SHOPS(each, offline_context(time)) for each in shops}
    deployment = Deployment(
        database=database,
        rules=load_rules(),
        sites=(Site("shops", SHOPS, shops),),
        open=lambda account: markets[account.key],
        clock=time,
        sleep=time.sleep,
        time=time.seconds,
        random=random.Random(1),  # noqa: S311  (jitter is no secret)
        holder="kiểm thử",
        limits=RunLimits(cool_down_s=10),
        retry=RetryPolicy(attempts=3),
    )
    return World(database, time, deployment, markets)


async def double(world: World, *ids: int) -> None:
    """List products of the first maker, and have each in the other shop as well."""
    await world.save(*(of_first(n) for n in ids or (1,)))
    await world.sync()
    for n in ids or (1,):
        (found,) = world.markets[ONE].shelf.of(f"SP-{n:05}")
        world.markets[TWO].shelf.add(replace(found.shown, seller_ref="CS-0002"))


def of_first(n: int) -> Any:
    return entry(n, producer_id="CS-0001")[0], entry(1)[1]


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    world = await open_shops(url)
    await double(world)
    yield world
    await world.database.close()


def there(world: World, key: str, product_id: str = "SP-00001") -> RemoteListing:
    (found,) = world.markets[key].shelf.of(product_id)
    return found


def stock(world: World, key: str) -> int:
    return there(world, key).shown.variants[0].stock


def stocks(world: World) -> tuple[int, int]:
    return stock(world, ONE), stock(world, TWO)


def live(world: World) -> list[str]:
    return [key for key in (ONE, TWO) if there(world, key).state is RemoteState.LIVE]


def edit_stock(world: World, key: str, n: int) -> None:
    found = there(world, key)
    packs = (replace(found.shown.variants[0], stock=n),)
    world.markets[key].shelf.edit(found.ref, variants=packs)


async def next_sync(world: World, **later: float) -> Any:
    world.time.pass_(**later or {"hours": 25})
    return await world.sync(follow_s=0)


async def kept(world: World) -> list[other_account_doubles.OtherAccountDouble]:
    async with world.database.read() as conn:
        return [
            each
            for key in (ONE, TWO)
            for each in await other_account_doubles.at(conn, key)
        ]


async def test_the_one_at_the_other_account_stops_selling(world: World) -> None:
    report = await next_sync(world)

    record = await world.record()
    assert stocks(world) == (20, 0)
    assert (record.state.account, record.hold) == (ONE, "doubled")
    assert report.doubled == {"shops": ["SP-00001"]}
    assert [c.kind for c in world.markets[TWO].written()] == ["set_stock"]


async def test_one_at_the_other_account_that_is_not_alike_goes_on_selling(
    world: World,
) -> None:
    found = there(world, TWO)
    world.markets[TWO].shelf.edit(found.ref, title="Chè hoa vàng Mẫu Hạ")
    before = there(world, TWO)

    for _ in range(2):
        report = await next_sync(world)

    assert (report.doubled, world.markets[TWO].written()) == ({}, [])
    assert there(world, TWO) == before
    assert report.counts["shops"].foreign == 1


async def test_it_is_written_to_once(world: World) -> None:
    await next_sync(world)

    later = [await next_sync(world) for _ in range(2)]

    assert [report.writes for report in later] == [0, 0]


async def test_one_that_sells_again_is_stopped_again(world: World) -> None:
    await next_sync(world)
    edit_stock(world, TWO, 9)

    await next_sync(world)

    assert stocks(world) == (20, 0)


async def test_what_stays_is_kept_right_and_offers_more_once_the_other_has_stopped(
    world: World,
) -> None:
    pack = make_variant(sku=SKU, gtin="", price_vnd=66_000, on_hand=31)
    await world.change(variants=(replace(pack, counted_at=world.time()),))
    noted, real = list[tuple[int, int]](), world.markets[ONE].set_stock

    async def watched(changes: Sequence[Any]) -> Any:
        result = await real(changes)
        noted.append(stocks(world))
        return result

    world.markets[ONE].set_stock = watched  # type: ignore[method-assign]  # watched

    for _ in range(2):
        await next_sync(world)

    assert there(world, ONE).shown.variants[0].price_vnd == 66_000
    assert noted == [(31, 0)]


async def test_what_both_offer_counts_where_stock_is_shared(world: World) -> None:
    """Until the other one has stopped, 20 are on offer there: 24 allow 4 more."""
    other = InMemoryMarketplace(DEPARTMENT, offline_context(world.time))
    markets, sites = {**world.markets, "memory": other}, world.deployment.sites
    world.deployment = replace(
        world.deployment,
        sites=(Site("memory", InMemoryMarketplace, [DEPARTMENT]), *sites),
        open=lambda account: markets[account.key],
    )
    await next_sync(world, minutes=1)
    edit_stock(world, TWO, 10)
    refusal = Refused((Problem(code="busy", message="Chờ"),), for_now=True)
    world.markets[TWO].script("set_stock", refusal, times=99)
    await next_sync(world)
    shares = [*stocks(world), other.shelf.of("SP-00001")[0].shown.variants[0].stock]
    pack = make_variant(sku=SKU, gtin="", on_hand=24)
    await world.change(variants=(replace(pack, counted_at=world.time()),))

    await next_sync(world, minutes=1)

    assert shares == [10, 10, 10]
    assert other.shelf.of("SP-00001")[0].shown.variants[0].stock == 10
    world.markets[TWO].forget_scripts()
    for _ in range(2):
        await next_sync(world, hours=1)
    assert stocks(world) == (12, 0)
    assert other.shelf.of("SP-00001")[0].shown.variants[0].stock == 12


async def test_what_is_blocked_is_withdrawn_at_both_and_counted_once(
    world: World,
) -> None:
    await next_sync(world)
    await world.change(paused=True)

    await next_sync(world, minutes=1)

    assert live(world) == []
    assert await kept(world) == []
    assert (await world.record()).hold is None
    assert await list_drift(world.deployment) == []


async def test_many_that_are_blocked_ask_once_for_each_product(url: str) -> None:
    world = await open_shops(url)
    ids = range(1, 8)
    await double(world, *ids)
    await next_sync(world)
    for n in ids:
        await world.change(f"SP-{n:05}", papers=UNSAFE)

    for _ in range(2):
        await next_sync(world)

    [(group, members)] = await list_held(world.deployment)
    assert (group.size, len(members)) == (7, 7)
    assert "withdraw" not in world.written()
    await approvals.approve(world.deployment, group.id, by=person(BY), reason="đã xem")
    await next_sync(world, minutes=1)
    assert world.written() == ["withdraw"] * 14
    await world.database.close()


@pytest.mark.parametrize("stays", ["here", "there"])
async def test_a_person_says_which_one_stays(world: World, stays: str) -> None:
    await next_sync(world)
    ref = there(world, ONE).ref if stays == "here" else f"{TWO}/{there(world, TWO).ref}"

    await keep(world.deployment, "SP-00001", ref, by=person(BY))
    for _ in range(4):
        await next_sync(world, minutes=7)

    record, key = await world.record(), ONE if stays == "here" else TWO
    assert (record.state.account, live(world)) == (key, [key])
    assert (await next_sync(world)).writes == 0
    assert await list_drift(world.deployment) == []


async def test_the_one_that_a_person_keeps_elsewhere_sells_what_there_is(
    world: World,
) -> None:
    """Its maker is the product's by now; the listing before stands under another."""
    await next_sync(world)
    await world.save((of_first(1)[0], entry(1)[1]), entry(2))
    await world.change(producer_id="CS-0002")
    name = f"{TWO}/{there(world, TWO).ref}"

    await keep(world.deployment, "SP-00001", name, by=person(BY))
    for _ in range(3):
        await next_sync(world, minutes=7)

    record = await world.record()
    assert (record.state.account, record.hold, live(world)) == (TWO, None, [TWO])
    assert stock(world, TWO) == 20


async def test_both_are_shown_with_what_they_offer(world: World) -> None:
    await next_sync(world)

    [row] = await list_doubled(world.deployment)

    away = Offer(ref=f"{TWO}/{there(world, TWO).ref}", stock=0)
    assert (row.account, row.stays) == (ONE, Offer(ref=there(world, ONE).ref, stock=20))
    assert row.others == (away,)
    await keep(world.deployment, str(row.number), away.ref, by=person(BY))
    [row] = await list_doubled(world.deployment)
    assert (row.stays, row.kept_by) == (away, BY)


async def test_what_is_at_no_account_cannot_be_chosen(world: World) -> None:
    await next_sync(world)

    with pytest.raises(PlanError, match="twins list"):
        await keep(world.deployment, "SP-00001", f"{TWO}/M9", by=person(BY))


@pytest.mark.parametrize("end", ["delete", "ban", "take_down"])
async def test_if_the_one_that_stays_is_gone_the_other_goes_on(
    world: World, end: str
) -> None:
    await next_sync(world)
    getattr(world.markets[ONE].shelf, end)(there(world, ONE).ref)

    for _ in range(4):
        await next_sync(world)

    record = await world.record()
    assert (record.state.account, record.state.ref) == (TWO, there(world, TWO).ref)
    assert record.state.doubled_ref == ""


async def test_what_is_blocked_and_found_elsewhere_later_asks_as_well(
    url: str,
) -> None:
    """It is not gone on with: what a verdict has ended goes on nowhere."""
    world = await open_shops(url)
    ids = range(1, 8)
    await world.save(*(of_first(n) for n in ids))
    await world.sync()
    shown = [there(world, ONE, f"SP-{n:05}").shown for n in ids]
    for n in ids:
        await world.change(f"SP-{n:05}", papers=UNSAFE)
    await next_sync(world)
    [(group, _)] = await list_held(world.deployment)
    await approvals.approve(world.deployment, group.id, by=person(BY), reason="đã xem")
    await next_sync(world, minutes=1)
    for each in shown:
        world.markets[TWO].shelf.add(replace(each, seller_ref="CS-0002"))

    for _ in range(2):
        await next_sync(world, hours=80)

    [(group, members)] = await list_held(world.deployment)
    assert (len(members), world.written()) == (7, [])
    assert (await world.record()).state.account == ONE
    await approvals.approve(world.deployment, group.id, by=person(BY), reason="đã xem")
    await next_sync(world, minutes=1)
    assert world.written() == ["withdraw"] * 7
    await world.database.close()


async def test_a_lost_answer_is_read_back_and_sent_again(world: World) -> None:
    world.markets[TWO].script("set_stock", LostAnswer(applied=False))

    await next_sync(world)

    assert stocks(world) == (20, 0)
    assert await world.answers("set_stock") == ["not_sent", "applied"]


async def test_while_only_the_other_account_answers_its_listing_is_withdrawn(
    world: World,
) -> None:
    await next_sync(world)

    def down(*_: Any, **__: Any) -> Any:
        raise AuthenticationError

    for name in ("withdraw", "read", "find", "page"):
        setattr(world.markets[ONE], name, down)
    await world.change(paused=True)
    await next_sync(world, minutes=1)

    assert live(world) == [ONE]


async def test_while_the_other_account_does_not_answer_the_first_is_withdrawn(
    world: World,
) -> None:
    """The other one is named: it is on sale, and may not be."""
    await next_sync(world)

    def down(*_: Any, **__: Any) -> Any:
        raise AuthenticationError

    for name in ("withdraw", "read", "find", "page", "set_stock"):
        setattr(world.markets[TWO], name, down)
    await world.change(paused=True)
    await next_sync(world, minutes=1)

    report = await next_sync(world, minutes=1)
    assert live(world) == [TWO]
    assert [e.product_id for e in report.overdue.not_withdrawn] == ["SP-00001"]


async def test_another_run_at_the_other_account_is_left_to_it(world: World) -> None:
    await next_sync(world)
    edit_stock(world, TWO, 9)
    world.time.pass_(hours=25)
    await world.database.write(
        lambda conn: accounts.take(conn, [TWO], ANOTHER, world.time())
    )

    await world.sync(follow_s=0)

    assert (stock(world, TWO), world.markets[TWO].written()) == (9, [])


async def test_an_event_about_it_leads_to_a_read(world: World) -> None:
    await next_sync(world)
    edit_stock(world, TWO, 9)

    report = await next_sync(world, minutes=1)

    assert stocks(world) == (20, 0)
    assert report.events[TWO]["foreign"] == 0


async def test_a_worker_wakes_for_what_has_no_answer(world: World) -> None:
    world.markets[TWO].script("set_stock", LostAnswer(applied=False), times=9)
    await next_sync(world)

    at = await next_look(world.deployment, world.time())

    assert at is not None


@pytest.mark.parametrize("at", range(3, 60, 7))
async def test_a_run_that_dies_between_the_steps_is_gone_on_with(
    tmp_path: Path, at: int
) -> None:
    world = await open_shops(f"sqlite:///{tmp_path}/{FILE}")
    await double(world)
    world.time.pass_(hours=25)
    try:
        with Death(at).watching(world):
            await world.sync(follow_s=0)
    except* PowerCutError:
        pass

    for _ in range(3):
        await next_sync(world, minutes=7)

    assert stocks(world) == (20, 0)
    answers = await world.answers("set_stock")
    assert (answers[-1], answers.count("applied")) == ("applied", 1)
    await world.database.close()


@pytest.mark.parametrize("at", range(2, 40, 7))
async def test_a_choice_outlasts_a_run_that_dies(tmp_path: Path, at: int) -> None:
    world = await open_shops(f"sqlite:///{tmp_path}/{FILE}")
    await double(world)
    await next_sync(world)
    name = f"{TWO}/{there(world, TWO).ref}"
    await keep(world.deployment, "SP-00001", name, by=person(BY))
    world.time.pass_(minutes=7)
    try:
        with Death(at).watching(world):
            await world.sync(follow_s=0)
    except* PowerCutError:
        pass

    for _ in range(3):
        await next_sync(world, minutes=7)

    assert (live(world), await kept(world)) == ([TWO], [])
    await world.database.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("is_there", [True, False])
async def test_what_a_product_tells_of_it_follows_what_is_kept(
    world: World, is_there: bool
) -> None:
    """The run of its own account may have written over what was told meanwhile."""
    await next_sync(world)
    forget = text("UPDATE listing SET doubled_ref = ''")
    forget = forget if is_there else text("DELETE FROM elsewhere")
    await world.database.write(lambda conn: conn.execute(forget))

    await next_sync(world, minutes=1)

    record = await world.record()
    assert (record.state.doubled_ref != "", record.hold == "doubled") == (
        is_there,
        is_there,
    )


async def test_a_plan_shows_what_is_done_elsewhere_and_its_file_leaves_it_out(
    world: World,
) -> None:
    refusal = Refused((Problem(code="busy", message="Chờ"),), for_now=True)
    world.markets[TWO].script("set_stock", refusal, times=9)
    await next_sync(world)

    [made] = await plan(world.deployment)

    assert [(each.account, each.kind) for each in made.lines] == [(TWO, "set_stock")]
    assert [each.calls for each in made.costs if each.account == TWO] == [1]
    written = io.BytesIO()
    write_plan([made], world.time(), written)
    assert b"set_stock" not in written.getvalue()


async def test_what_is_reviewed_leaves_a_double_elsewhere_alone(
    world: World, tmp_path: Path
) -> None:
    product, producer = entry(2, producer_id="CS-0002")[0], entry(2)[1]
    await world.save((product, producer))
    world.markets[TWO].script("set_stock", LostAnswer(applied=False), times=9)
    await next_sync(world)
    world.markets[TWO].forget_scripts()
    assert [each.double.pending for each in await kept(world)] == [True]
    await world.change("SP-00002", description="Bản mới.")
    with (tmp_path / "plan.json").open("wb") as stream:
        write_plan(await plan(world.deployment), world.time(), stream)
    world.markets[TWO].log.clear()

    await sync_reviewed(world.deployment, read_plan(tmp_path / "plan.json"))

    assert [c.kind for c in world.markets[TWO].written()] == ["update"]
    assert [each.double.pending for each in await kept(world)] == [False]
    await next_sync(world)
    assert stocks(world) == (20, 0)
