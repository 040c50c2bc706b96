"""Listings made by hand that may be ours: found, put before a person, taken over.

How alike two names are is tested in tests/unit/engine/test_similarity.py, and how
well that goes on real names in tests/integration/test_adoption.py.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.engine.matching.candidates import SHOWN, Likeness
from ocop_sync.errors import PlanError
from ocop_sync.service.decisions import twin_decisions
from ocop_sync.service.queries.twins import list_twins
from ocop_sync.store import tables
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.decisions.possible_twins import TwinRow
from tests.acts import acts_of
from tests.factories import person
from tests.world import World, entry

OURS = entry(2, name="Chả mực giã tay Mẫu Hạ")
"""What is about to be created; its producer is "Cơ sở Mẫu 002"."""


def by_hand(
    world: World,
    title: str,
    *,
    skus: Sequence[str] = ("TAY-1",),
    seller: str = "",
    **differences: Any,
) -> str:
    """Make a listing by hand, of a seller that carries no reference of ours."""
    shown = world.market.shelf.of("SP-00001")[0].shown
    variants = tuple(replace(shown.variants[0], sku=sku, gtin="") for sku in skus)
    fields = {"client_ref": "", "seller_ref": "", "variants": variants} | differences
    listing = replace(shown, title=title, **fields)
    return world.market.shelf.add(listing, seller_name=seller)


@pytest.fixture
async def listed(world: World) -> World:
    """A product on sale, and the account read a day ago."""
    await world.save(entry(1))
    await world.sync()
    world.time.pass_(hours=25)
    return world


async def twins_of(world: World, state: str | None = "open") -> list[TwinRow]:
    return await list_twins(world.deployment, state)


async def sync_ours(world: World) -> list[TwinRow]:
    """Let OURS be wanted, and return what waits for a person because of it."""
    await world.save(OURS)
    await world.sync()
    return await twins_of(world)


@pytest.mark.parametrize(
    ("title", "seller"),
    [
        pytest.param("CHA MUC GIA TAY MAU HA", "", id="no accents"),
        pytest.param("Mẫu Hạ: chả mực giã tay 1kg, freeship", "", id="order, praise"),
        pytest.param("Chả mực giã tai Mẫu Hạ", "CS Mẫu 002", id="a slip of the pen"),
        pytest.param("Chả mực giã tay Mẫu Hạ", "HTX Lạ", id="the very same name"),
    ],
)
async def test_a_title_that_is_only_alike_holds_the_product(
    listed: World, title: str, seller: str
) -> None:
    ref = by_hand(listed, title, seller=seller)

    found = await sync_ours(listed)

    assert [(each.product_id, each.ref) for each in found] == [("SP-00002", ref)]
    assert "create" not in listed.written()
    assert (await listed.record("SP-00002")).hold == "twin"


@pytest.mark.parametrize(
    ("title", "seller"),
    [
        pytest.param("Chả cá thu Mẫu Hạ", "", id="another thing"),
        pytest.param("Chả mực Mẫu Hạ giã tay", "HTX Lạ", id="another maker"),
    ],
)
async def test_what_is_not_alike_enough_holds_nothing(
    listed: World, title: str, seller: str
) -> None:
    by_hand(listed, title, seller=seller)

    found = await sync_ours(listed)

    assert found == []
    assert "create" in listed.written()


async def test_sku_comes_first_then_gtin_then_the_likeliest_name(
    listed: World,
) -> None:
    product, producer = OURS
    pack = replace(product.variants[0], gtin="2000000000015")
    product = replace(product, variants=(pack,))
    alike = by_hand(listed, "Chả mực Mẫu Hạ giã bằng tay, ăn liền")
    same = by_hand(listed, "Chả mực giã tay Mẫu Hạ")
    barred = by_hand(listed, "Hàng lạ")
    shown = listed.market.shelf.listings[barred].shown
    with_gtin = tuple(replace(v, gtin="2000000000015") for v in shown.variants)
    listed.market.shelf.edit(barred, variants=with_gtin)

    await listed.save((product, producer))
    await listed.sync()

    found = await twins_of(listed)
    assert [each.ref for each in found] == [barred, same, alike]
    assert found[0].agrees_on[0] == "gtin:2000000000015"
    assert found[1].score > found[2].score

    numbered = by_hand(listed, "Hàng lạ khác", skus=["SP-00002-1"])
    listed.time.pass_(hours=25)
    await listed.sync()

    found = await twins_of(listed)
    assert [each.ref for each in found] == [numbered, barred, same]


async def test_no_more_than_three_wait_and_the_next_moves_up(listed: World) -> None:
    refs = [by_hand(listed, f"Chả mực giã tay Mẫu Hạ {n * 100}g") for n in range(1, 6)]
    found = await sync_ours(listed)
    assert [each.ref for each in found] == refs[:SHOWN]

    await twin_decisions.decide_other(
        listed.deployment, found[0].id, by=person("Ông Mẫu")
    )
    await listed.sync()

    assert [each.ref for each in await twins_of(listed)] == refs[1 : SHOWN + 1]
    refs_ = {"twin": str(found[0].id), "account": "memory", "listing": refs[0]}
    told = ("tell_listing_apart", [found[0].product_id], refs_)
    assert await acts_of(listed.database) == [told]


async def test_once_all_are_another_product_ours_is_created(listed: World) -> None:
    for seller in ("Shop Mẫu 1", "Shop Mẫu 2"):
        by_hand(listed, "Chả mực giã tay Mẫu Hạ", seller=seller)
    first, second = await sync_ours(listed)
    await twin_decisions.decide_other(listed.deployment, first.id, by=person("Ông Mẫu"))
    await listed.sync()
    assert "create" not in listed.written()

    await twin_decisions.decide_other(
        listed.deployment, second.id, by=person("Ông Mẫu")
    )
    await listed.sync()

    assert "create" in listed.written()
    assert await twins_of(listed) == []
    said = await twins_of(listed, None)
    assert [each.state for each in said] == ["other", "other"]


async def test_what_was_said_stays_said_when_the_account_is_read_again(
    listed: World,
) -> None:
    one = by_hand(listed, "Chả mực giã tay Mẫu Hạ", seller="Shop Mẫu 1")
    by_hand(listed, "Chả mực giã tay Mẫu Hạ", seller="Shop Mẫu 2")
    first, second = await sync_ours(listed)
    await twin_decisions.decide_other(listed.deployment, first.id, by=person("Ông Mẫu"))
    listed.market.shelf.edit(one, title="CHẢ MỰC GIÃ TAY MẪU HẠ")
    listed.time.pass_(hours=25)

    await listed.sync()

    assert [each.id for each in await twins_of(listed)] == [second.id]


async def test_one_that_is_adopted_closes_the_others(listed: World) -> None:
    for seller in ("Shop Mẫu 1", "Shop Mẫu 2", "Shop Mẫu 3"):
        by_hand(listed, "Chả mực giã tay Mẫu Hạ", seller=seller)
    found = await sync_ours(listed)

    await twin_decisions.adopt(listed.deployment, found[1].id, by=person("Ông Mẫu"))

    assert [kind for kind, *_ in await acts_of(listed.database)] == ["adopt_listing"]
    assert await twins_of(listed) == []
    states = {each.id: each.state for each in await twins_of(listed, None)}
    assert [states[each.id] for each in found] == ["closed", "adopted", "closed"]
    with pytest.raises(PlanError, match=f"no open twin {found[0].id}"):
        await twin_decisions.adopt(listed.deployment, found[0].id, by=person("Ông Mẫu"))
    await listed.sync()
    assert (await listed.record("SP-00002")).state.ref == found[1].ref
    assert "create" not in listed.written()


async def test_an_adopted_listing_is_taken_over_whatever_its_title_became(
    listed: World,
) -> None:
    ref = by_hand(listed, "Chả mực giã tay Mẫu Hạ")
    (found,) = await sync_ours(listed)
    await twin_decisions.adopt(listed.deployment, found.id, by=person("Ông Mẫu"))
    listed.market.shelf.edit(ref, title="Tên chẳng giống gì")
    listed.time.pass_(hours=25)

    await listed.sync()

    assert (await listed.record("SP-00002")).state.ref == ref
    assert "create" not in listed.written()


@pytest.mark.postgresql
async def test_a_candidate_that_is_gone_waits_no_more(listed: World) -> None:
    ref = by_hand(listed, "Chả mực giã tay Mẫu Hạ")
    assert len(await sync_ours(listed)) == 1
    listed.market.shelf.delete(ref)
    listed.time.pass_(hours=25)

    await listed.sync()

    assert await twins_of(listed, None) == []
    assert "create" in listed.written()


@pytest.mark.parametrize(
    ("seller_ref", "seller", "adopts"),
    [
        pytest.param("CS-0002", "Gian hàng", True, id="our reference of the seller"),
        pytest.param("", "CO SO MAU 002", True, id="the folded name of the seller"),
        pytest.param("", "", False, id="nobody says whose it is"),
        pytest.param("", "Gian hàng", False, id="a shop"),
        pytest.param("", "Cơ sở Mẫu 001", False, id="another producer"),
        pytest.param("CS-0001", "Cơ sở Mẫu 002", False, id="another one's reference"),
    ],
)
async def test_only_sku_and_seller_together_need_nobody(
    listed: World, seller_ref: str, seller: str, *, adopts: bool
) -> None:
    ref = by_hand(
        listed, "Hàng lạ", skus=["SP-00002-1"], seller=seller, seller_ref=seller_ref
    )

    waiting = await sync_ours(listed)

    record = await listed.record("SP-00002")
    assert (record.state.ref == ref) is adopts
    assert [each.ref for each in waiting] == ([] if adopts else [ref])
    assert "create" not in listed.written()


async def test_the_same_name_and_seller_without_an_sku_is_for_a_person(
    listed: World,
) -> None:
    by_hand(listed, "Chả mực giã tay Mẫu Hạ", seller="Cơ sở Mẫu 002")

    (found,) = await sync_ours(listed)

    assert (found.score, found.agrees_on) == (100, ("name", "maker", "pack"))


@pytest.mark.postgresql
async def test_what_more_than_fifty_listings_share_finds_nothing(
    listed: World,
) -> None:
    for n in range(60):
        by_hand(listed, f"Chả mực số {n + 1000} của Bà Lạ")
    one = by_hand(listed, "Chả mực giã tay Mẫu Hạ")

    found = await sync_ours(listed)

    assert [each.ref for each in found] == [one]
    async with listed.database.read() as conn:
        counted = select(func.count()).select_from(tables.remote_key)
        keys = counted.where(tables.remote_key.c.key == "~cha muc")
        assert await conn.scalar(keys) == 0


async def test_two_shops_may_have_a_twin_of_the_same_number(world: World) -> None:
    twin = Likeness(product_id="SP-00001", ref="700001", agrees_on=())
    shops = ["shops:CS-0001", "shops:CS-0002"]

    async def note(conn: AsyncConnection) -> None:
        for shop in shops:
            await possible_twins.note(conn, "shops", shop, [twin])

    await world.database.write(note)

    found = await twins_of(world)
    assert [each.account for each in found] == shops


@pytest.mark.postgresql
async def test_of_two_twins_that_are_both_adopted_a_person_decides_again(
    listed: World,
) -> None:
    refs = [by_hand(listed, "Chả mực giã tay Mẫu Hạ") for _ in range(2)]
    await sync_ours(listed)
    await listed.database.write(
        # One was adopted while the other was gone, and that has come back.
        lambda conn: conn.execute(update(tables.twin).values(state="adopted"))
    )

    await listed.sync()

    open_ = await twins_of(listed)
    assert [(each.ref, each.state) for each in open_] == [(r, "open") for r in refs]
    await twin_decisions.adopt(listed.deployment, open_[0].id, by=person("Ông Mẫu"))
    await listed.sync()
    assert (await listed.record("SP-00002")).state.ref == refs[0]
