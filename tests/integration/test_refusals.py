"""A refused change is not sent again until it has changed."""

from collections.abc import Sequence
from typing import Any

import pytest

from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions.mappings import replace_mapping
from ocop_sync.service.queries.explain import not_on_sale
from ocop_sync.testing.memory import InMemoryMarketplace, LostAnswer
from tests.factories import make_certificate, make_mapping, make_variant, person
from tests.world import World, a_day_later, entry

SKU = "SP-00001-1"
REFUSAL = Refused((Problem(code="locked", message="Gian hàng đang bị kiểm tra"),))


@pytest.fixture
async def down(world: World) -> World:
    """A product that we took down, and may go up again."""
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    await world.sync()
    await world.change(paused=False)
    return world


async def test_a_refused_republication_is_not_sent_daily(down: World) -> None:
    down.market.script("republish", REFUSAL, times=99)
    await down.sync()

    assert await a_day_later(down) == []
    record = await down.record()
    assert (record.hold, record.state.problems) == ("change_refused", REFUSAL.problems)


async def test_a_refused_republication_is_sent_again_when_its_content_has_changed(
    down: World,
) -> None:
    down.market.script("republish", REFUSAL)
    await down.sync()
    await down.change(description="Măng khô, phơi nắng.")

    assert await a_day_later(down) == ["update", "republish"]


async def test_a_refused_withdrawal_is_not_sent_daily(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    world.market.script("withdraw", REFUSAL, times=99)
    await world.sync()

    assert await a_day_later(world) == []
    assert (await world.record()).hold == "change_refused"


async def test_a_price_that_was_refused_in_a_refused_listing_is_not_sent_daily(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    await moderated.sync()
    moderated.market.shelf.refuse("M000001", *REFUSAL.problems)
    await moderated.sync()
    cheap = make_variant(sku="SP-00001-1", gtin="", price_vnd=1)
    await moderated.change(variants=(cheap,))
    moderated.market.script("set_price", REFUSAL, times=99)
    await moderated.sync()
    first = moderated.written()

    assert (first, await a_day_later(moderated)) == (["set_price"], [])


async def test_a_lost_listing_that_was_changed_and_refused_is_not_sent_daily(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    moderated.market.script("create", LostAnswer(applied=True))
    real = moderated.market.create

    async def create(changes: Sequence[Any]) -> Any:
        try:
            return await real(changes)
        finally:
            moderated.market.shelf.edit("M000001", title="Măng")
            moderated.market.shelf.refuse("M000001", *REFUSAL.problems)

    moderated.market.create = create  # type: ignore[method-assign]  # staff at work
    await moderated.sync()

    assert await a_day_later(moderated) == []
    assert (await moderated.record()).hold == "refused"


@pytest.mark.parametrize(("for_now", "sent"), [(True, ["set_stock"]), (False, [])])
async def test_what_is_refused_for_now_is_sent_again_in_the_next_run(
    world: World, for_now: bool, sent: list[str]
) -> None:
    await world.save(entry(1))
    await world.sync()
    fewer = make_variant(sku="SP-00001-1", gtin="", on_hand=3)
    await world.change(variants=(fewer,))
    world.market.script("set_stock", Refused(REFUSAL.problems, for_now=for_now))
    report = await world.sync()
    assert (world.written(), report.failed) == (["set_stock"], 1)

    await world.sync()

    assert world.written() == sent
    await world.sync()
    assert world.written() == []


CHANGES: dict[str, dict[str, Any]] = {
    "update": {"description": "Măng khô, phơi nắng."},
    "set_price": {"variants": (make_variant(sku=SKU, gtin="", price_vnd=1),)},
    "set_stock": {"variants": (make_variant(sku=SKU, gtin="", on_hand=3),)},
    "set_stars": {"certificates": (make_certificate(stars=5),)},
}
OTHERWISE: dict[str, dict[str, Any]] = {
    "update": {"description": "Măng khô, sấy."},
    "set_price": {"variants": (make_variant(sku=SKU, gtin="", price_vnd=2),)},
    "set_stock": {"variants": (make_variant(sku=SKU, gtin="", on_hand=4),)},
    "set_stars": {"certificates": (make_certificate(stars=3),)},
}


async def renew_mapping(world: World, version: int) -> None:
    """Say that the marketplace has changed."""
    mapping = make_mapping(mapping_version=version)
    await replace_mapping(
        world.database,
        "memory",
        mapping,
        by=person("Bà Mẫu"),
        clock=world.time,
        adapter=InMemoryMarketplace,
    )


@pytest.fixture(params=list(CHANGES))
async def refused_facet(request: pytest.FixtureRequest, world: World) -> str:
    """A kind of change that the marketplace refuses, however often it is sent."""
    kind = str(request.param)
    await world.save(entry(1))
    await world.sync()
    world.market.script(kind, REFUSAL, times=99)
    await world.change(**CHANGES[kind])
    await world.sync()
    assert world.written() == [kind]
    return kind


async def test_a_refused_facet_is_not_sent_again_as_it_is(
    world: World, refused_facet: str
) -> None:
    assert await a_day_later(world) == []
    assert (await world.record()).hold == "change_refused", refused_facet


async def test_a_refused_facet_is_sent_again_with_another_value(
    world: World, refused_facet: str
) -> None:
    await world.change(**OTHERWISE[refused_facet])

    assert await a_day_later(world) == [refused_facet]
    assert await a_day_later(world) == []


async def test_a_refused_facet_is_not_sent_again_because_another_one_changes(
    world: World, refused_facet: str
) -> None:
    other = "set_stars" if refused_facet == "update" else "update"
    await world.change(**CHANGES[other])

    assert await a_day_later(world) == [other]
    assert await a_day_later(world) == []


async def test_a_refused_facet_is_sent_once_more_by_a_new_mapping(
    world: World, refused_facet: str
) -> None:
    await renew_mapping(world, 2)

    assert await a_day_later(world) == [refused_facet]
    assert await a_day_later(world) == []
    await renew_mapping(world, 3)
    assert await a_day_later(world) == [refused_facet]


@pytest.mark.parametrize("kind", ["republish", "withdraw"])
async def test_a_refused_act_is_asked_for_once_more_by_a_new_mapping(
    down: World, kind: str
) -> None:
    if kind == "withdraw":
        await down.sync()
        await down.change(paused=True)
    down.market.script(kind, REFUSAL, times=99)
    await down.sync()
    assert down.written() == [kind]
    await renew_mapping(down, 2)

    assert await a_day_later(down) == [kind]
    assert await a_day_later(down) == []


async def test_a_refused_listing_is_submitted_once_more_also_after_other_changes(
    moderated: World,
) -> None:
    """What is sent of it by the new mapping first does not use the mapping up."""
    await moderated.save(entry(1))
    await moderated.sync(follow_s=0)
    moderated.market.shelf.refuse("M000001", *REFUSAL.problems)
    await moderated.sync(follow_s=0)
    await renew_mapping(moderated, 2)
    await moderated.change(**CHANGES["set_stock"])

    assert await a_day_later(moderated) == ["set_stock", "update"]
    moderated.market.shelf.refuse("M000001", *REFUSAL.problems)
    assert await a_day_later(moderated) == []
    assert await a_day_later(moderated) == []


async def test_a_refusal_is_shown_in_the_marketplaces_words_with_what_to_do(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    await moderated.sync(follow_s=0)
    blurred = Problem(code="IMAGE_BLURRED", message="Ảnh mờ", field="IMAGES")
    moderated.market.shelf.refuse("M000001", blurred)
    await moderated.sync(follow_s=0)

    rows = not_on_sale(moderated.deployment, moderated.deployment.sites[0])
    (reason,) = [r for row in [row async for row in rows] for r in row.reasons]

    assert reason.code == "refused"
    assert "«Ảnh mờ»" in reason.seen.vi
    assert "Thay ảnh" in reason.todo.vi
