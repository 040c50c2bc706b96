"""A lost database, and listings that carry references which other products have now.

How alike a listing has to be is tested in tests/unit/engine/test_reference.py.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.model.product import Entry
from ocop_sync.errors import PlanError
from ocop_sync.marketplace.listing import Listing, RemoteListing
from ocop_sync.service.decisions import twin_decisions
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.queries.twins import list_twins
from ocop_sync.service.run.unlike import all_unlike
from ocop_sync.testing.memory import LostAnswer
from ocop_sync.testing.memory_store import Shelf
from tests.factories import make_variant, person
from tests.world import World, entry, open_world

TEA, HONEY = "Chè hoa vàng Mẫu Hạ", "Mật ong rừng Mẫu Thượng"


def numbered(names: Mapping[int, str]) -> list[Entry]:
    """Return products of some names, each by the number that it got."""
    return [entry(n, name=name) for n, name in names.items()]


@asynccontextmanager
async def lost(
    tmp_path: Path, before: Mapping[int, str], after: Mapping[int, str]
) -> AsyncIterator[World]:
    """List products *before* a database is lost; *after* it they are numbered so."""
    async with open_world(f"sqlite:///{tmp_path}/before.db") as world:
        await world.save(*numbered(before))
        await world.sync()
        left = world.market.shelf
    async with open_world(f"sqlite:///{tmp_path}/after.db") as world:
        move(left, world.market.shelf)
        await world.save(*numbered(after))
        yield world


def move(left: Shelf, to: Shelf) -> None:
    """Let a marketplace have what *left* has."""
    for each in left.listings.values():
        to.add(each.shown, state=each.state)


def shown(world: World) -> dict[str, RemoteListing]:
    return dict(world.market.shelf.listings)


def titled(world: World, title: str) -> Listing:
    (found,) = (
        each.shown for each in shown(world).values() if each.shown.title == title
    )
    return found


async def holds(world: World, *ids: str) -> list[str | None]:
    return [(await world.record(id_)).hold for id_ in ids]


@pytest.fixture
async def swapped(tmp_path: Path) -> AsyncIterator[World]:
    """Two products that were numbered the other way round."""
    async with lost(tmp_path, {1: TEA, 2: HONEY}, {1: HONEY, 2: TEA}) as world:
        yield world


async def test_two_products_do_not_swap_their_listings(swapped: World) -> None:
    before = shown(swapped)

    report = await swapped.sync()

    assert swapped.written() == []
    assert shown(swapped) == before
    assert await holds(swapped, "SP-00001", "SP-00002") == ["unlike", "unlike"]
    assert [(each.product_id, each.title) for each in report.unlike.listings] == [
        ("SP-00001", TEA),
        ("SP-00002", HONEY),
    ]
    assert report.unlike.many == []
    assert report.counts["memory"].held == 2
    (planned,) = await plan(swapped.deployment)
    assert (planned.holds, list(planned.lines)) == ({"unlike": 2}, [])


async def test_they_stay_so_when_the_account_is_read_again(swapped: World) -> None:
    before = shown(swapped)
    await swapped.sync()
    swapped.time.pass_(hours=25)

    await swapped.sync()

    assert swapped.written() == []
    assert shown(swapped) == before
    assert await holds(swapped, "SP-00001", "SP-00002") == ["unlike", "unlike"]


async def test_the_right_ids_bring_each_back_to_its_listing(swapped: World) -> None:
    await swapped.sync()
    await swapped.save(*numbered({1: TEA, 2: HONEY}))
    swapped.time.pass_(hours=25)

    report = await swapped.sync()

    assert "create" not in swapped.written()
    assert [each.shown.client_ref for each in shown(swapped).values()] == [
        "SP-00001",
        "SP-00002",
    ]
    assert report.unlike.listings == []
    assert report.counts["memory"].listed == 2


async def of_reference(world: World, product_id: str) -> int:
    """Return the number of what is asked about the listing with its reference."""
    found = await list_twins(world.deployment)
    (number,) = (
        each.id for each in found if each.product_id == each.client_ref == product_id
    )
    return number


async def test_both_stand_beside_each_other(swapped: World) -> None:
    await swapped.sync()

    found = await list_twins(swapped.deployment)

    ours = [each for each in found if each.product_id == "SP-00001"]
    assert [(each.title, each.agrees_on[0]) for each in ours] == [
        (HONEY, "name"),
        (TEA, "ref:SP-00001"),
    ]


async def test_what_a_person_adopts_is_taken_over(tmp_path: Path) -> None:
    async with lost(tmp_path, {1: TEA}, {1: HONEY}) as world:
        await world.sync()
        number = await of_reference(world, "SP-00001")
        await twin_decisions.adopt(world.deployment, number, by=person("Ông Mẫu"))

        await world.sync()

        assert set(world.written()) == {"update"}
        assert [each.shown.title for each in shown(world).values()] == [HONEY]
        assert await holds(world, "SP-00001") == [None]


async def test_beside_what_a_person_calls_another_nothing_is_made(
    tmp_path: Path,
) -> None:
    async with lost(tmp_path, {1: TEA}, {1: HONEY}) as world:
        await world.sync()
        before = shown(world)
        number = await of_reference(world, "SP-00001")
        await twin_decisions.decide_other(
            world.deployment, number, by=person("Ông Mẫu")
        )

        await world.sync()

        assert (world.written(), shown(world)) == ([], before)
        assert await holds(world, "SP-00001") == ["unlike"]
        assert await list_twins(world.deployment) == []

        world.market.shelf.edit("M000001", client_ref="")
        world.time.pass_(hours=25)
        await world.sync()

        assert "create" in world.written()
        assert titled(world, TEA).client_ref == ""
        assert titled(world, HONEY).client_ref == "SP-00001"


async def test_a_listing_of_another_product_is_not_adopted(swapped: World) -> None:
    await swapped.sync()
    found = await list_twins(swapped.deployment)
    other = next(e.id for e in found if e.product_id == "SP-00001" and e.title == HONEY)

    with pytest.raises(PlanError, match="SP-00002"):
        await twin_decisions.adopt(swapped.deployment, other, by=person("Ông Mẫu"))


async def test_what_a_blocked_product_may_not_show_is_not_withdrawn_from_another(
    tmp_path: Path,
) -> None:
    async with lost(tmp_path, {1: TEA}, {}) as world:
        await world.save(entry(1, name=HONEY, paused=True))
        before = shown(world)

        await world.sync()

        assert (world.written(), shown(world)) == ([], before)
        assert await holds(world, "SP-00001") == ["unlike"]

        number = await of_reference(world, "SP-00001")
        await twin_decisions.adopt(world.deployment, number, by=person("Ông Mẫu"))
        await world.sync()

        assert world.written() == ["withdraw"]


@pytest.mark.parametrize(
    ("sku", "gtin"),
    [
        pytest.param("KHO-1", "", id="an SKU that is not made of the id"),
        pytest.param("SP-00001-1", "2000000000015", id="a GTIN"),
    ],
)
async def test_a_listing_that_somebody_has_renamed_is_ours_by_its_number(
    tmp_path: Path, sku: str, gtin: str
) -> None:
    product = entry(1, variants=(make_variant(sku=sku, gtin=gtin),))
    async with open_world(f"sqlite:///{tmp_path}/before.db") as world:
        await world.save(product)
        await world.sync()
        left = world.market.shelf
    left.edit("M000001", title=TEA)
    async with open_world(f"sqlite:///{tmp_path}/after.db") as world:
        move(left, world.market.shelf)
        await world.save(product)

        report = await world.sync()

        assert report.unlike.listings == []
        assert (await world.record()).state.ref == "M000001"


async def test_a_create_without_an_answer_is_ours_whatever_it_shows(
    world: World,
) -> None:
    world.market.script("create", LostAnswer(applied=True))
    await world.save(entry(1))
    await world.sync(follow_s=0)
    world.market.shelf.edit("M000001", title=TEA)
    world.time.pass_(hours=1)

    report = await world.sync()

    assert report.unlike.listings == []
    assert (await world.record()).state.ref == "M000001"
    assert len(shown(world)) == 1


@pytest.mark.parametrize("between", [0, 120], ids=["one page", "two pages"])
async def test_of_two_with_our_reference_only_the_one_that_is_alike_is_ours(
    tmp_path: Path, between: int
) -> None:
    async with lost(tmp_path, {1: HONEY}, {1: HONEY}) as world:
        other = replace(titled(world, HONEY), title=TEA)
        for n in range(between):
            world.market.shelf.add(replace(other, client_ref="", title=f"Hàng {n}"))
        ref = world.market.shelf.add(other)
        await world.sync()
        world.market.script("update", LostAnswer(applied=True))
        await world.change(description="Mới")

        for _ in range(3):  # looked up by reference, too
            world.time.pass_(hours=9)
            report = await world.sync()

        assert report.doubled == {}
        assert world.market.shelf.listings[ref].shown == other
        assert titled(world, HONEY).description == "Mới"


async def test_what_comes_after_its_product_was_settled_is_asked_about(
    world: World,
) -> None:
    await world.save(entry(1, name=HONEY, paused=True), entry(2))
    await world.sync()
    (like,) = world.market.shelf.of("SP-00002")
    world.market.shelf.add(replace(like.shown, client_ref="SP-00001", title=TEA))
    world.time.pass_(hours=25)

    await world.sync()

    assert await holds(world, "SP-00001") == ["unlike"]


async def test_many_at_one_account_have_one_likely_cause(tmp_path: Path) -> None:
    words = ("Chè", "Mật ong", "Nước mắm", "Rượu nếp", "Bánh gai", "Tôm khô", "Miến")
    before = {n: f"{word} Mẫu" for n, word in enumerate(words, 1)}
    after = {n: f"{words[n % len(words)]} Mẫu" for n in before}
    async with lost(tmp_path, before, after) as world:
        report = await world.sync()

        assert world.written() == []
        assert len(report.unlike.listings) == len(words)
        assert report.unlike.many == ["memory"]
        assert (await all_unlike(world.deployment, ["other"])).many == []
