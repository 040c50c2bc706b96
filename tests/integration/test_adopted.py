"""A listing made by hand is taken over in one act: all of its content, or nothing.

Which changes go when, is tested in tests/unit/engine/test_taking_over.py.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.change import Update
from ocop_sync.marketplace.listing import (
    Problem,
    RemoteListing,
    RemoteState,
    Variant,
)
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions import twin_decisions
from ocop_sync.service.queries.twins import list_twins
from ocop_sync.testing.memory import Fault, InMemoryMarketplace, LostAnswer
from tests.factories import make_variant, person
from tests.unit.engine.examples import make_offer
from tests.world import World, entry, open_world

NO = Refused((Problem(code="image", message="Ảnh không khớp"),))
REF = "M000002"
"""What somebody has made by hand: another title, price and stock, and no claim."""


@pytest.fixture
async def adopting(world: World) -> World:
    """A product of ours, and a listing that a person has said is it."""
    return await with_adoption(world)


async def with_adoption(world: World, **differences: Any) -> World:
    await world.save(entry(1))
    await world.sync()
    like = world.market.shelf.of("SP-00001")[0].shown
    pack = replace(like.variants[0], sku="TAY-1", price_vnd=39_000, stock=99)
    fields = {"client_ref": "", "stars": None, "variants": (pack,), **differences}
    by_hand = replace(like, title="Măng khô Mẫu Hạ", description="Nhà làm", **fields)
    assert world.market.shelf.add(by_hand) == REF
    await world.save(entry(2, name="Măng khô Mẫu Hạ"))
    world.time.pass_(hours=25)
    await world.sync()
    (twin,) = await list_twins(world.deployment)
    await twin_decisions.adopt(world.deployment, twin.id, by=person("Ông Mẫu"))
    return world


def there(world: World) -> RemoteListing:
    return world.market.shelf.listings[REF]


async def test_all_of_its_content_comes_before_anything_else(adopting: World) -> None:
    await adopting.sync()

    sent = [c for c in adopting.market.written() if getattr(c, "ref", "") == REF]
    assert isinstance(sent[0], Update)
    assert adopting.written().count("update") == 1
    assert "set_stars" in adopting.written()
    shown = there(adopting).shown
    assert [v.sku for v in shown.variants] == ["SP-00002-1"]
    assert shown.stars is not None


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(NO, id="refused"),
        pytest.param(LostAnswer(applied=False), id="unknown"),
        pytest.param(LostAnswer(applied=False, whole_call=False), id="one unknown"),
        pytest.param(UnavailableError("bảo trì"), id="not sent"),
    ],
)
async def test_what_could_not_be_taken_over_stays_as_somebody_made_it(
    adopting: World, fault: Fault
) -> None:
    before = there(adopting)
    adopting.market.script("update", fault, times=99)

    for _ in range(3):
        await adopting.sync()
        assert set(adopting.written()) <= {"update"}
        adopting.time.pass_(hours=1)

    assert there(adopting) == before


async def test_a_refused_one_is_held_and_not_asked_for_again(adopting: World) -> None:
    adopting.market.script("update", NO)
    await adopting.sync()
    held = (await adopting.record("SP-00002")).hold

    await adopting.sync()

    assert (held, adopting.written()) == ("change_refused", [])


async def test_one_that_arrived_without_an_answer_is_ours(adopting: World) -> None:
    adopting.market.script("update", LostAnswer())

    await adopting.sync(follow_s=60)

    assert adopting.written().count("update") == 1
    assert there(adopting).shown.stars is not None


async def test_nothing_is_withdrawn_or_lowered_where_nothing_is_ours(
    adopting: World,
) -> None:
    adopting.market.script("update", NO)
    await adopting.sync()
    few = make_variant(sku="SP-00002-1", gtin="", on_hand=1)
    await adopting.change("SP-00002", paused=True, variants=(few,))

    await adopting.sync()

    assert adopting.written() == []
    assert there(adopting).state is RemoteState.LIVE


async def test_what_its_seller_changes_meanwhile_is_nobodys_edit(
    adopting: World,
) -> None:
    adopting.market.script("update", NO)
    await adopting.sync()
    adopting.market.shelf.edit(REF, description="Khác")
    adopting.time.pass_(hours=25)

    await adopting.sync()

    assert adopting.written() == []
    record = await adopting.record("SP-00002")
    assert (record.state.edited, record.hold) == (None, "change_refused")


async def test_it_is_taken_over_once_what_was_refused_has_changed(
    adopting: World,
) -> None:
    adopting.market.script("update", NO)
    await adopting.sync()
    await adopting.change("SP-00002", description="Măng phơi nắng.")

    await adopting.sync()

    assert "set_stars" in adopting.written()
    assert "Măng phơi nắng." in there(adopting).shown.description


@pytest.fixture
async def writing(url: str) -> AsyncIterator[World]:
    """The same, at a marketplace that can write our reference."""
    kind = InMemoryMarketplace.having(writes_reference=True)
    async with open_world(url, kind=kind) as world:
        yield await with_adoption(world, client_ref="MA-RIENG-7")


async def test_our_reference_comes_with_the_content_where_there_is_a_place_for_it(
    writing: World,
) -> None:
    await writing.sync()

    (change,) = [c for c in writing.market.written() if isinstance(c, Update)]
    assert "client_ref" in change.fields
    assert there(writing).shown.client_ref == "SP-00002"
    writing.time.pass_(hours=25)
    await writing.sync()
    assert writing.written() == []


async def test_where_there_is_none_it_stays_ours_by_its_identifier(url: str) -> None:
    async with open_world(url) as world:
        await with_adoption(world, client_ref="MA-RIENG-7")
        await world.sync()
        world.time.pass_(hours=25)

        await world.sync()

        assert world.written() == []
        assert there(world).shown.client_ref == "MA-RIENG-7"
        record = await world.record("SP-00002")
        assert (record.state.ref, record.hold) == (REF, None)


async def test_a_ref_that_leads_to_another_product_of_ours_was_given_out_anew(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    lost = LostAnswer(applied=False)
    world.market.script("set_price", lost, client_ref="SP-00001", times=9)
    dearer = make_variant(sku="SP-00001-1", gtin="", price_vnd=66_000)
    await world.change(variants=(dearer,))
    await world.sync(follow_s=0)
    (mine,) = world.market.shelf.of("SP-00001")
    world.market.shelf.edit(mine.ref, client_ref="SP-00002")
    world.time.pass_(minutes=1)

    await world.sync(follow_s=0)

    assert world.written() == ["create"]
    assert (await world.record()).state.ref == "M000003"


BARE = replace(make_offer(), sku="", price_vnd=0, stock=0)
"""A pack of which its marketplace shows no SKU, no price and no stock."""


@pytest.mark.parametrize(
    "packs",
    [
        pytest.param((), id="no packs"),
        pytest.param((BARE,), id="a bare pack"),
        pytest.param((BARE, replace(BARE, pack="Gói lớn")), id="two bare packs"),
    ],
)
async def test_what_shows_no_packs_or_numbers_is_tolerated_and_taken_over(
    url: str, packs: tuple[Variant, ...]
) -> None:
    async with open_world(url) as world:
        await with_adoption(world, variants=packs)

        await world.sync()

        (pack,) = there(world).shown.variants
        assert (pack.sku, pack.price_vnd, pack.stock) == ("SP-00002-1", 45_000, 20)
        world.time.pass_(hours=25)
        await world.sync()
        assert world.written() == []


async def test_bare_listings_of_others_are_only_counted(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    like = world.market.shelf.of("SP-00001")[0].shown
    for packs in ((), (BARE,)):
        bare = replace(like, client_ref="", seller_ref="", title="", variants=packs)
        world.market.shelf.add(replace(bare, category="", pictures=(), stars=None))
    world.time.pass_(hours=25)

    report = await world.sync()

    assert (world.written(), report.failed) == ([], 0)
    assert await list_twins(world.deployment) == []


@pytest.mark.parametrize("writes", [True, False])
async def test_an_adopted_listing_is_told_only_where_our_reference_can_be_written(
    url: str, *, writes: bool
) -> None:
    kind = InMemoryMarketplace.having(writes_reference=writes)
    async with open_world(url, kind=kind) as world:
        await with_adoption(world)
        await world.sync()
        world.market.shelf.edit(REF, client_ref="")
        world.time.pass_(hours=25)

        report = await world.sync()

        assert report.unmarked == ({"memory": {"SP-00002": ""}} if writes else {})
