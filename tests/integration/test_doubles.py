"""Two listings of ours: one stays and is kept right, the other stops selling.

That a second one is found is tested in test_looking.py; which one is proposed to
stay, in tests/unit/engine/test_doubles.py.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.errors import OutcomeUnknownError, PlanError
from ocop_sync.marketplace.listing import Problem, RemoteListing, RemoteState
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions import approvals
from ocop_sync.service.decisions.double_decisions import keep
from ocop_sync.service.queries.drift import list_drift
from ocop_sync.service.queries.twins import Offer, list_doubled
from ocop_sync.service.sync.next_due import next_end, next_look
from ocop_sync.testing.memory import Fault, LostAnswer
from tests.acts import acts_of
from tests.factories import make_certificate, make_variant, person
from tests.held import list_held
from tests.integration.dying import FILE, Death, PowerCutError
from tests.properties.province import UNSAFE
from tests.world import World, entry, open_world

FIRST, SECOND = "M000001", "M000002"
SKU = "SP-00001-1"
BY = "Cán bộ Mẫu"
REFUSAL = Problem(code="reserved", message="Đơn hàng đang giữ")


@pytest.fixture
async def doubled(url: str) -> AsyncIterator[World]:
    """One product, whose create was made twice; the run has seen it."""
    async with open_world(url) as world:
        await double(world)
        yield world


async def double(world: World, *ids: int) -> None:
    world.market.deliver_twice()
    await world.save(*(entry(n) for n in ids or (1,)))
    await world.sync()
    world.market._delivers_twice = False


def there(world: World, ref: str) -> RemoteListing:
    return world.market.shelf.listings[ref]


def stock(world: World, ref: str) -> int:
    return there(world, ref).shown.variants[0].stock


def on_sale(world: World) -> list[str]:
    return [
        each.ref
        for each in world.market.shelf.of("SP-00001")
        if each.state is RemoteState.LIVE
    ]


def sells_again(world: World) -> None:
    variants = (replace(there(world, SECOND).shown.variants[0], stock=8),)
    world.market.shelf.edit(SECOND, variants=variants)


async def next_sync(world: World, **later: float) -> Any:
    world.time.pass_(**later or {"minutes": 7})
    return await world.sync(follow_s=0)


async def test_one_of_two_goes_on_selling_and_the_other_stops(doubled: World) -> None:
    report = await next_sync(doubled)

    assert (stock(doubled, FIRST), stock(doubled, SECOND)) == (20, 0)
    record = await doubled.record()
    assert (record.state.ref, record.state.doubled_ref) == (FIRST, SECOND)
    assert (record.hold, report.counts["memory"].listed) == ("doubled", 1)


async def test_the_second_is_written_to_once(doubled: World) -> None:
    await next_sync(doubled)
    later = [await next_sync(doubled, hours=25) for _ in range(2)]

    assert [report.writes for report in later] == [0, 0]
    assert await doubled.answers("set_stock") == ["applied"]


async def test_a_second_that_sells_again_is_stopped_again(doubled: World) -> None:
    await next_sync(doubled)
    shown = there(doubled, SECOND).shown
    packs = (replace(shown.variants[0], stock=9),)
    doubled.market.shelf.edit(SECOND, variants=packs)

    await next_sync(doubled, hours=25)

    assert (stock(doubled, FIRST), stock(doubled, SECOND)) == (20, 0)


async def test_the_one_that_stays_is_kept_right(doubled: World) -> None:
    await next_sync(doubled)
    pack = make_variant(sku=SKU, gtin="", price_vnd=66_000, on_hand=31)
    await doubled.change(variants=(replace(pack, counted_at=doubled.time()),))

    await next_sync(doubled)

    shown = there(doubled, FIRST).shown.variants[0]
    assert (shown.price_vnd, shown.stock, stock(doubled, SECOND)) == (66_000, 31, 0)


async def test_more_is_offered_only_once_the_other_has_stopped(doubled: World) -> None:
    pack = make_variant(sku=SKU, gtin="", on_hand=31)
    await doubled.change(variants=(replace(pack, counted_at=doubled.time()),))
    noted, real = list[tuple[int, int]](), doubled.market.set_stock

    async def watched(changes: Sequence[Any]) -> Any:
        result = await real(changes)
        noted.append((stock(doubled, FIRST), stock(doubled, SECOND)))
        return result

    doubled.market.set_stock = watched  # type: ignore[method-assign]  # watched

    await next_sync(doubled)

    assert noted in ([(20, 0), (31, 0)], [(31, 0)])


async def test_what_is_blocked_is_withdrawn_twice_and_counted_once(
    doubled: World,
) -> None:
    await doubled.change(paused=True)

    report = await next_sync(doubled)

    assert on_sale(doubled) == []
    assert doubled.written() == ["withdraw", "withdraw"]
    assert report.counts["memory"].live == 0
    await doubled.change(paused=False)
    await next_sync(doubled)
    assert len(on_sale(doubled)) == 1


async def test_many_that_are_blocked_ask_once_for_each_product(url: str) -> None:
    """Seven are more than the five that may go unasked: held whole, both of each."""
    async with open_world(url) as world:
        ids = range(1, 8)
        await double(world, *ids)
        for n in ids:
            await world.change(f"SP-{n:05}", papers=UNSAFE)

        await next_sync(world)

        [(group, members)] = await list_held(world.deployment)
        assert (group.size, len(members)) == (7, 7)
        assert "withdraw" not in world.written()
        await approvals.approve(
            world.deployment, group.id, by=person(BY), reason="đã xem"
        )
        await next_sync(world)
        assert world.written() == ["withdraw"] * 14


@pytest.mark.parametrize("in_text", [True, False])
async def test_a_claim_that_has_ended_comes_off_both(url: str, in_text: bool) -> None:
    async with open_world(url) as world:
        text = "Đạt OCOP 4 sao." if in_text else "Măng khô."
        ends = make_certificate(decided_on=date(2021, 3, 1))
        world.market.deliver_twice()
        await world.save(entry(1, certificates=(ends,), description=text))
        await world.sync()
        world.market._delivers_twice = False
        assert there(world, SECOND).shown.stars is not None

        for _ in range(2):
            await next_sync(world, days=2)

        for ref in (FIRST, SECOND):
            shown = there(world, ref).shown
            assert (shown.stars, "OCOP" in shown.description) == (None, False)
        assert (stock(world, FIRST), stock(world, SECOND)) == (20, 0)


@pytest.mark.parametrize("stays", [FIRST, SECOND])
async def test_a_person_says_which_one_stays(doubled: World, stays: str) -> None:
    await next_sync(doubled)

    await keep(doubled.deployment, "SP-00001", stays, by=person(BY))
    for _ in range(3):
        await next_sync(doubled)

    record = await doubled.record()
    assert on_sale(doubled) == [stays]
    assert (record.state.ref, record.hold) == (stays, None)
    assert stock(doubled, stays) == 20
    refs = {"marketplace": "memory", "listing": stays}
    assert await acts_of(doubled.database) == [("keep_listing", ["SP-00001"], refs)]
    assert (await next_sync(doubled, hours=25)).writes == 0
    assert await list_drift(doubled.deployment) == []


async def test_both_are_shown_with_what_they_offer(doubled: World) -> None:
    await next_sync(doubled)
    [before] = await list_doubled(doubled.deployment)

    await keep(doubled.deployment, "SP-00001", SECOND, by=person(BY))
    [after] = await list_doubled(doubled.deployment)

    stays, other = Offer(ref=FIRST, stock=20), Offer(ref=SECOND, stock=0)
    assert (before.stays, before.others, before.kept_by) == (stays, (other,), "")
    assert (after.stays, after.others, after.kept_by) == (other, (stays,), BY)


async def test_a_person_may_name_it_by_its_number(doubled: World) -> None:
    [row] = await list_drift(doubled.deployment)

    said = await keep(doubled.deployment, str(row.id), SECOND, by=person(BY))

    assert (said.product_id, said.decided_by) == ("SP-00001", BY)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("product", "ref"), [("SP-00001", "M9"), ("SP-00009", FIRST), ("7", FIRST)]
)
async def test_what_is_not_there_twice_cannot_be_chosen(
    doubled: World, product: str, ref: str
) -> None:
    with pytest.raises(PlanError, match="twins list"):
        await keep(doubled.deployment, product, ref, by=person(BY))


async def test_of_three_one_goes_on_selling(doubled: World) -> None:
    third = doubled.market.shelf.add(there(doubled, FIRST).shown)

    await next_sync(doubled, hours=25)

    assert [stock(doubled, ref) for ref in (FIRST, SECOND, third)] == [20, 0, 0]


@pytest.mark.parametrize("end", ["delete", "ban", "take_down"])
async def test_if_the_one_that_stays_is_gone_the_other_goes_on(
    doubled: World, end: str
) -> None:
    await next_sync(doubled)
    getattr(doubled.market.shelf, end)(FIRST)

    for _ in range(2):
        await next_sync(doubled, hours=25)

    record = await doubled.record()
    assert (record.state.ref, record.hold, stock(doubled, SECOND)) == (SECOND, None, 20)


async def test_a_lost_answer_of_the_second_is_read_back(doubled: World) -> None:
    real = doubled.market.set_stock

    async def lost(changes: Sequence[Any]) -> Any:
        doubled.market.set_stock = real  # type: ignore[method-assign]
        assert [change.ref for change in changes] == [SECOND]
        raise OutcomeUnknownError

    doubled.market._delivers_twice = False
    await doubled.change(paused=False)
    doubled.market.shelf.edit(
        SECOND,
        variants=(replace(there(doubled, SECOND).shown.variants[0], stock=8),),
    )
    doubled.market.set_stock = lost  # type: ignore[method-assign]
    await next_sync(doubled, hours=25)
    assert stock(doubled, SECOND) == 8

    await next_sync(doubled, minutes=1)

    assert stock(doubled, SECOND) == 0
    assert (await doubled.answers("set_stock"))[-2:] == ["not_sent", "applied"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(LostAnswer(applied=False), id="never answered"),
        pytest.param(Refused((REFUSAL,), for_now=True), id="refused for now"),
    ],
)
async def test_a_second_that_cannot_be_stopped_is_tried_at_growing_intervals(
    doubled: World, fault: Fault
) -> None:
    sells_again(doubled)
    doubled.market.script("set_stock", fault, client_ref="SP-00001", times=100)
    doubled.time.pass_(hours=25)
    tries = []
    for _ in range(16):
        began = doubled.time()
        await doubled.sync(follow_s=0)
        tries += [began] * doubled.written().count("set_stock")
        ends = [await each(doubled.deployment, began) for each in (next_end, next_look)]
        doubled.time.now = max(min(at for at in ends if at), doubled.time())

    gaps = [round((b - a).total_seconds() / 60) for a, b in pairwise(tries)]
    assert gaps[-1] >= 8
    assert gaps[2:] == sorted(gaps[2:])
    doubled.market.forget_scripts()
    await next_sync(doubled, minutes=31)
    assert (stock(doubled, FIRST), stock(doubled, SECOND)) == (20, 0)


async def test_a_second_that_cannot_be_read_is_not_forgotten(doubled: World) -> None:
    await next_sync(doubled)
    doubled.market.garble(SECOND)

    await next_sync(doubled, hours=25)

    record = await doubled.record()
    assert (record.state.doubled_ref, record.hold) == (SECOND, "doubled")
    await next_sync(doubled)
    assert doubled.written() == []


async def test_while_the_first_cannot_be_read_the_other_is_withdrawn_by_a_verdict(
    doubled: World,
) -> None:
    sells_again(doubled)
    doubled.market.garble(FIRST)
    await next_sync(doubled, hours=25)
    assert doubled.written() == []  # nobody knows whether the first one still sells
    await doubled.change(paused=True)

    await next_sync(doubled)

    assert on_sale(doubled) == [FIRST]


async def test_a_refusal_of_the_second_is_not_asked_again_and_again(url: str) -> None:
    async with open_world(url) as world:
        refusal = Refused((Problem(code="stock", message="Không được"),))
        world.market.script("set_stock", refusal, times=99)
        await double(world)

        later = [await next_sync(world) for _ in range(3)]

        assert [report.writes for report in later] == [0, 0, 0]
        assert (await world.record()).hold == "doubled"


@pytest.mark.parametrize("at", range(1, 40, 3))
async def test_a_run_that_dies_between_the_steps_is_gone_on_with(
    tmp_path: Path, at: int
) -> None:
    async with open_world(f"sqlite:///{tmp_path}/{FILE}") as world:
        world.market.deliver_twice()
        await world.save(entry(1))
        await world.sync(follow_s=0)
        world.market._delivers_twice = False
        world.time.pass_(minutes=1)
        try:
            with Death(at).watching(world):
                await world.sync(follow_s=0)
        except* PowerCutError:
            pass

        for _ in range(3):
            await next_sync(world)

        assert (stock(world, FIRST), stock(world, SECOND)) == (20, 0)
        answers = await world.answers("set_stock")
        assert (answers[-1], answers.count("applied")) == ("applied", 1)


async def test_an_event_about_the_second_leads_to_a_read(doubled: World) -> None:
    await next_sync(doubled)
    sells_again(doubled)  # of which the shelf tells

    report = await next_sync(doubled, minutes=1)

    assert (stock(doubled, FIRST), stock(doubled, SECOND)) == (20, 0)
    assert report.events["memory"]["foreign"] == 0
