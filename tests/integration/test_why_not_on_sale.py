"""Why a product is not on sale there: the catalog's reasons and the marketplace's."""

import pytest

from catalog.model.product import Entry, Picture, Size
from catalog.values import replace
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.mapping import PictureRules, TextRules
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions.mappings import replace_mapping
from ocop_sync.service.deployment import Site
from ocop_sync.service.queries.explain import Explained, explain, not_on_sale
from ocop_sync.store.listings import sellers
from ocop_sync.store.listings.sellers import SellerRecord
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.factories import (
    AT,
    NOT_SO,
    make_mapping,
    make_paper,
    make_producer,
    make_variant,
    person,
)
from tests.world import World, entry

BLURRED = Problem(code="image", message="Ảnh mờ")
NO_PAPERS = tuple(make_paper(each.kind, NOT_SO) for each in entry()[0].papers)


async def unsold(world: World) -> list[Explained]:
    (site,) = world.deployment.sites
    return [each async for each in not_on_sale(world.deployment, site)]


def codes(explained: Explained) -> list[str]:
    return [reason.code for reason in explained.reasons]


async def test_what_is_simply_on_sale_is_not_among_them(world: World) -> None:
    await world.save(entry(1), entry(2, papers=NO_PAPERS), entry(3))
    await world.sync()

    (found,) = await unsold(world)

    assert (found.entry[0].id, found.counted, found.hold) == (
        "SP-00002",
        "blocked:E04",
        None,
    )
    assert codes(found) == ["E04", "E05"]


async def test_they_come_page_by_page_and_none_twice(world: World) -> None:
    await world.save(*(entry(n, papers=NO_PAPERS) for n in range(1, 6)))
    await world.sync()
    (site,) = world.deployment.sites

    found = [e.entry[0].id async for e in not_on_sale(world.deployment, site, size=2)]

    assert found == [f"SP-{n:05}" for n in range(1, 6)]


@pytest.mark.postgresql
async def test_all_that_the_mapping_does_not_let_pass_is_named(world: World) -> None:
    small = Picture(url="https://mau.example/1.jpg", size=Size(10, 10))
    mapping = make_mapping(
        categories={},
        title=TextRules(max_length=3),
        description=TextRules(max_length=4),
        pictures=PictureRules(
            required=True, max_count=9, min_width_px=99, min_height_px=99
        ),
    )
    await world.save(entry(1, pictures=(small,)), entry(2, pictures=()))
    await replace_mapping(
        world.database,
        "memory",
        mapping,
        by=person("Lan"),
        clock=world.time,
        adapter=InMemoryMarketplace,
    )
    await world.sync()

    one, two = await explain(
        world.deployment, "memory", [entry(1, pictures=(small,)), entry(2, pictures=())]
    )

    assert codes(one) == ["M01", "M02", "M03", "M05"]
    assert codes(two) == ["M01", "M02", "M03", "M04"]
    assert [reason.outcome for reason in one.reasons] == ["hold"] * 4
    assert one.reasons[0].seen.en.endswith("(I.3.c)")
    assert (one.counted, one.hold) == ("held", "no_category")


async def test_a_new_mapping_is_explained_before_any_sync(world: World) -> None:
    await world.save(entry())
    await world.sync()

    await replace_mapping(
        world.database,
        "memory",
        make_mapping(categories={}),
        by=person("Lan"),
        clock=world.time,
        adapter=InMemoryMarketplace,
    )

    (found,) = await explain(world.deployment, "memory", [entry()])
    assert (found.counted, codes(found)) == ("listed", ["M01"])


async def test_a_refusal_is_told_in_the_marketplaces_words(moderated: World) -> None:
    await moderated.save(entry())
    await moderated.sync(follow_s=0)
    (found,) = await unsold(moderated)
    assert (found.counted, codes(found)) == ("in_review", ["in_review"])

    moderated.market.shelf.refuse(moderated.market.shelf.of("SP-00001")[0].ref, BLURRED)
    await moderated.sync()

    (found,) = await unsold(moderated)
    assert (found.counted, codes(found)) == ("refused", ["refused"])
    assert found.reasons[0].seen.vi == "Sàn từ chối tin đăng («Ảnh mờ»)"


async def test_a_seller_that_is_refused_is_told_in_the_marketplaces_words(
    world: World,
) -> None:
    world.market.script("put_sellers", Refused((BLURRED,)), times=9)
    await world.save(entry())
    await world.sync()

    (found,) = await unsold(world)

    assert codes(found) == ["seller_refused"]
    assert "«Ảnh mờ»" in found.reasons[0].seen.vi


async def test_a_product_that_no_sync_has_seen_waits_for_the_next(
    world: World,
) -> None:
    unpriced = entry(2, variants=(make_variant(sku="SP-00002-1", price_vnd=None),))
    await world.save(entry(1), unpriced)

    one, two = await explain(world.deployment, "memory", [entry(1), unpriced])

    assert (one.counted, codes(one)) == ("", ["pending"])
    assert codes(two) == ["no_price"]


async def test_what_is_out_of_scope_is_told_nothing_else(world: World) -> None:
    service = entry(set_code="VI", variants=())

    (found,) = await explain(world.deployment, "memory", [service])

    assert {reason.outcome for reason in found.reasons} == {"out_of_scope"}


@pytest.mark.postgresql
async def test_what_was_supplied_since_is_no_reason_any_more(world: World) -> None:
    await world.save(entry(variants=(make_variant(price_vnd=None),)))
    await world.sync()
    (before,) = await unsold(world)
    assert (before.hold, codes(before)) == ("no_price", ["no_price"])

    await world.save(entry())

    (after,) = await unsold(world)
    assert codes(after) == ["pending"]


async def test_of_another_day_only_catalog_and_mapping_speak(world: World) -> None:
    await world.save(entry())

    (found,) = await explain(
        world.deployment, "memory", [entry()], AT.replace(year=2030)
    )

    assert (found.counted, found.hold, codes(found)) == ("", None, ["E02"])


async def test_an_edit_and_the_budget_are_told_with_what_there_is_to_see(
    world: World,
) -> None:
    products = [entry(n) for n in range(1, 9)]
    await world.save(*products)
    await world.sync()
    (found,) = world.market.shelf.of("SP-00008")
    world.market.shelf.edit(found.ref, title="Tên khác")
    await world.save(*[(replace(p, papers=NO_PAPERS), m) for p, m in products[:7]])
    world.time.pass_(hours=25)
    await world.sync()

    *held, edited = await unsold(world)

    assert codes(edited) == ["edited_there"]
    assert "title: Măng khô Mẫu 8 → Tên khác" in edited.reasons[0].seen.vi
    assert {tuple(codes(each)) for each in held} == {("E04", "E05", "budget")}
    assert {each.reasons[-1].seen.en[-4:] for each in held} == {"(#1)"}


UNSOLD: list[Entry] = [
    entry(1, papers=()),
    entry(2, papers=NO_PAPERS),
    entry(3, set_code="VI"),
    entry(4, set_code=""),
    entry(5, variants=()),
    entry(6, variants=(make_variant(sku="x", on_hand=None),)),
    entry(7, name="M" * 121),
    entry(8, description="M" * 5_001),
    entry(9, paused=True),
    (entry(10)[0], make_producer(id="CS-0010", consent=NOT_SO)),
]


@pytest.mark.parametrize("n", range(len(UNSOLD)))
async def test_nothing_is_off_sale_without_a_reason(world: World, n: int) -> None:
    await world.save(UNSOLD[n])
    await world.sync()

    (found,) = await unsold(world)

    assert found.reasons
    assert any(reason.outcome != "warn" for reason in found.reasons)


async def test_a_producer_without_an_account_is_told_so(world: World) -> None:
    shops = InMemoryMarketplace.having(account_per_seller=True)
    other = Account(key="khac", marketplace="memory", base_url="", seller_ref="CS-0009")
    world.deployment = replace(
        world.deployment, sites=(Site("memory", shops, [other]),)
    )

    (found,) = await explain(world.deployment, "memory", [entry()])

    assert codes(found) == ["no_account"]


async def test_a_seller_that_is_being_verified_is_waited_for(world: World) -> None:
    waiting = SellerRecord(
        account="memory",
        producer_id="CS-0001",
        marketplace="memory",
        submitted_fingerprint="x",
    )
    await world.database.write(lambda conn: sellers.save(conn, [waiting]))

    (found,) = await explain(world.deployment, "memory", [entry()])

    assert codes(found) == ["seller_in_review"]
