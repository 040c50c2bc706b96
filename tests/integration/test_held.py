"""What is held for a person: groups above the budget, twins, doubles."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest

from catalog.paper import PaperKind
from ocop_sync.errors import PlanError
from ocop_sync.service import people
from ocop_sync.service.plan import plan
from tests.factories import NOT_SO, make_certificate, make_paper, make_variant
from tests.world import World, entry

Decide = Callable[..., Awaitable[object]]
WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def _list_many(world: World, count: int) -> None:
    await world.save(*(entry(n) for n in range(1, count + 1)))
    await world.sync()


async def _block_many(world: World, count: int) -> None:
    for n in range(1, count + 1):
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)


async def test_few_withdrawals_pass(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 5)

    await world.sync()

    assert world.written() == ["withdraw"] * 5
    assert await people.list_held(world.deployment) == []


async def test_too_many_withdrawals_are_held_whole(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)

    report = await world.sync()

    ((group, members),) = await people.list_held(world.deployment)
    assert world.written() == []
    assert (group.cause, group.size, len(members)) == ("E04", 6, 6)
    assert report.counts["memory"]["live_not_listable"] == 6


async def test_done_and_planned_count_together(world: World) -> None:
    await _list_many(world, 12)
    await _block_many(world, 4)
    await world.sync()
    await _block_many(world, 8)

    await world.sync()

    assert world.written() == []
    assert len(await people.list_held(world.deployment)) == 1


async def test_the_window_moves_on(world: World) -> None:
    await _list_many(world, 12)
    await _block_many(world, 5)
    await world.sync()
    await _block_many(world, 8)
    await world.sync()
    world.time.pass_(hours=25)

    await world.sync()

    assert world.written() == ["withdraw"] * 3


async def test_an_approved_group_is_sent_and_only_that(world: World) -> None:
    await _list_many(world, 20)
    await _block_many(world, 6)
    await world.sync()
    ((group, _),) = await people.list_held(world.deployment)
    await people.approve(world.deployment, group.id, by="Bà Mẫu", reason="đã kiểm tra")
    await _block_many(world, 12)

    await world.sync()

    assert world.written() == ["withdraw"] * 6


async def test_an_approval_ends(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)
    await world.sync()
    ((group, _),) = await people.list_held(world.deployment)
    await people.approve(world.deployment, group.id, by="Bà Mẫu", reason="")
    world.time.pass_(hours=80)

    await world.sync()

    assert world.written() == []


async def test_a_refused_group_stays_and_is_listed(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)
    await world.sync()
    ((group, _),) = await people.list_held(world.deployment)
    await people.refuse(world.deployment, group.id, by="Bà Mẫu", reason="sai")
    world.time.pass_(hours=25)

    await world.sync()

    ((after, members),) = await people.list_held(world.deployment)
    assert world.written() == []
    assert (after.state, len(members)) == ("refused", 6)


@pytest.mark.parametrize("decide", [people.approve, people.refuse])
async def test_a_group_is_not_decided_twice_in_the_same_way(
    world: World, decide: Decide
) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)
    await world.sync()
    ((group, _),) = await people.list_held(world.deployment)
    await decide(world.deployment, group.id, by="Bà Mẫu", reason="đã kiểm tra")
    ((decided, _),) = await people.list_held(world.deployment)

    with pytest.raises(PlanError, match=r"bởi Bà Mẫu lúc \d\d:\d\d .*by Bà Mẫu at"):
        await decide(world.deployment, group.id, by="Ông Mẫu", reason="ý khác")

    assert decided.decided_at == world.time()
    assert await people.list_held(world.deployment) == [
        (decided, [f"SP-{n:05}" for n in range(1, 7)])
    ]


async def test_a_decision_can_be_taken_back(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)
    await world.sync()
    await people.approve(world.deployment, 1, by="Bà Mẫu", reason="đã kiểm tra")
    await people.refuse(world.deployment, 1, by="Ông Mẫu", reason="khoan đã")
    await world.sync()
    assert world.written() == []

    await people.approve(world.deployment, 1, by="Bà Mẫu", reason="đã bàn lại")
    await world.sync()
    assert world.written() == ["withdraw"] * 6


async def test_a_group_closes_when_its_cause_is_gone(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)
    await world.sync()
    for n in range(1, 7):
        await world.change(f"SP-{n:05}", papers=entry(n)[0].papers)

    await world.sync()

    assert world.written() == []
    assert await people.list_held(world.deployment) == []


async def test_nobody_decides_without_a_name(world: World) -> None:
    with pytest.raises(PlanError, match="--by"):
        await people.approve(world.deployment, 1, by=" ", reason="")


async def test_the_harmless_part_still_goes(world: World) -> None:
    await _list_many(world, 8)
    ended = make_certificate(decided_on=date(2021, 2, 1))
    for n in range(1, 7):
        variant = make_variant(sku=f"SP-{n:05}-1", gtin="", price_vnd=70_000)
        await world.change(f"SP-{n:05}", certificates=(ended,), variants=(variant,))

    await world.sync()

    assert world.written() == ["set_price"] * 6
    ((_, members),) = await people.list_held(world.deployment)
    assert len(members) == 6


async def test_what_a_producer_paused_passes_outside_the_budget(world: World) -> None:
    await _list_many(world, 8)
    for n in range(1, 9):
        await world.change(f"SP-{n:05}", paused=True)

    await world.sync()

    assert world.written() == ["withdraw"] * 8


async def test_ends_known_for_a_week_pass_outside_the_budget(world: World) -> None:
    soon = make_certificate(decided_on=date(2021, 3, 10))
    await world.save(*(entry(n, certificates=(soon,)) for n in range(1, 9)))
    await world.sync()
    world.time.pass_(days=10)

    await world.sync()

    assert world.written() == ["set_stars"] * 8


async def test_ends_that_come_as_a_surprise_are_held(world: World) -> None:
    soon = make_certificate(decided_on=date(2021, 3, 3))
    await world.save(*(entry(n, certificates=(soon,)) for n in range(1, 9)))
    await world.sync()
    world.time.pass_(days=3)

    await world.sync()

    ((group, _),) = await people.list_held(world.deployment)
    assert world.written() == []
    assert group.cause == "E02@2024-03-03"


async def test_many_vanished_at_once_are_not_made_anew(world: World) -> None:
    await _list_many(world, 8)
    for n in range(1, 7):
        world.market.shelf.delete(world.market.shelf.of(f"SP-{n:05}")[0].ref)
    world.time.pass_(hours=25)

    await world.sync()

    ((group, _),) = await people.list_held(world.deployment)
    assert world.written() == []
    assert group.cause == "vanished"


async def test_a_listing_with_the_same_name_holds_the_product(world: World) -> None:
    product, _ = entry(1)
    await _list_many(world, 1)
    made_by_hand = replace(
        world.market.shelf.of("SP-00001")[0].shown,
        client_ref="",
        title="MĂNG KHÔ MẪU 2",
        variants=(),
    )
    world.market.shelf.add(made_by_hand, seller_name="Gian hàng tay")
    world.time.pass_(hours=25)
    await world.save(entry(2))

    await world.sync()

    (twin,) = await people.list_twins(world.deployment)
    assert world.written() == []
    assert (twin.product_id, twin.seller_name) == ("SP-00002", "Gian hàng tay")
    assert product.id == "SP-00001"


async def _with_twin(world: World) -> int:
    await _list_many(world, 1)
    shown = world.market.shelf.of("SP-00001")[0].shown
    by_hand = replace(shown, client_ref="", title="Măng khô Mẫu 2", stars=None)
    variants = tuple(replace(v, sku="TAY-1") for v in by_hand.variants)
    world.market.shelf.add(replace(by_hand, variants=variants))
    world.time.pass_(hours=25)
    await world.save(entry(2))
    await world.sync()
    (twin,) = await people.list_twins(world.deployment)
    return twin.id


async def test_an_adopted_twin_is_updated_and_nothing_is_created(world: World) -> None:
    number = await _with_twin(world)
    await people.adopt(world.deployment, number, by="Ông Mẫu")

    await world.sync()

    assert "create" not in world.written()
    assert "set_stars" in world.written()
    assert len(world.market.shelf.listings) == 2


async def test_a_twin_that_is_another_product_no_longer_holds(world: World) -> None:
    number = await _with_twin(world)
    await people.say_other(world.deployment, number, by="Ông Mẫu")

    await world.sync()

    assert world.written() == ["put_seller", "create"]


async def test_a_listing_with_our_sku_and_seller_is_adopted_by_itself(
    world: World,
) -> None:
    await _list_many(world, 1)
    shown = world.market.shelf.of("SP-00001")[0].shown
    variants = tuple(replace(v, sku="SP-00002-1") for v in shown.variants)
    by_hand = replace(shown, client_ref="", seller_ref="CS-0002", variants=variants)
    world.market.shelf.add(replace(by_hand, title="Măng"))
    world.time.pass_(hours=25)
    await world.save(entry(2))

    await world.sync()

    assert "create" not in world.written()
    assert len(world.market.shelf.listings) == 2


async def test_two_listings_of_ours_are_held_with_both_shown(world: World) -> None:
    await _list_many(world, 1)
    world.market.shelf.add(world.market.shelf.of("SP-00001")[0].shown)
    world.time.pass_(hours=25)
    await world.change(description="Măng khác.")

    await world.sync()

    record = await world.record()
    assert world.written() == []
    assert record.hold == "doubled"
    assert {record.state.ref, record.state.doubled_ref} == {"M000001", "M000002"}


async def test_a_plan_writes_nothing_and_says_what_a_sync_does(world: World) -> None:
    await world.save(entry(1), entry(2), entry(3, paused=True))

    (before,) = await plan(world.deployment)
    calls = len(world.market.log)
    await world.sync()
    (after,) = await plan(world.deployment)

    assert [line.kind for line in before.lines] == [
        "put_seller",
        "put_seller",
        "create",
        "create",
    ]
    assert before.unread == ["memory"]
    assert calls == 0
    assert after.lines == []


async def test_a_plan_shows_what_would_be_held(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)

    (shown,) = await plan(world.deployment)

    assert shown.lines == []
    assert [group.cause for group in shown.held] == ["E04"]
    assert await people.list_held(world.deployment) == []
