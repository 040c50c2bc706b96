"""Listings that are not ours are known until a whole read has missed them."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from ocop_sync.engine.matching.candidates import NewProduct
from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.listing import Listing
from ocop_sync.store import tables
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.listings import foreign_listings
from tests.factories import AT
from tests.unit.engine.examples import make_listing, make_offer, make_remote
from tests.world import World, entry

LATER = AT + timedelta(days=1)
DOWN = UnavailableError("bảo trì")
PINE = make_listing(title="Măng", variants=(make_offer(sku="TAY-1"),))


def by_hand(world: World, n: int, title: str) -> str:
    """Make a listing by hand, with an SKU of its own; return its ref."""
    shown = world.market.shelf.of("SP-00001")[0].shown
    variants = tuple(replace(each, sku=f"TAY-{n}") for each in shown.variants)
    return world.market.shelf.add(
        replace(shown, client_ref="", seller_ref="", title=title, variants=variants)
    )


@pytest.fixture
async def listed(world: World) -> World:
    """A product on sale, and the account read a day ago."""
    await world.save(entry(1))
    await world.sync()
    return world


async def remember(world: World, *listings: Listing, at: datetime = AT) -> None:
    found = [make_remote(each, ref=f"R-{n}") for n, each in enumerate(listings)]
    await world.database.write(
        lambda conn: foreign_listings.remember(conn, "memory", found, at)
    )


async def alike(world: World, wanted: Listing) -> list[str]:
    async with world.database.read() as conn:
        wish = {"SP-00009": NewProduct(listing=wanted)}
        found = await possible_twins.alike(conn, "memory", wish)
    return [each.ref for each in found]


async def test_a_read_that_fails_forgets_no_twin(listed: World) -> None:
    by_hand(listed, 1, "Măng khô Mẫu 1")
    listed.market.shelf.delete("M000001")
    listed.time.pass_(hours=25)
    await listed.sync()
    listed.time.pass_(hours=25)
    listed.market.script("page", DOWN, times=9)

    report = await listed.sync()

    assert listed.written() == []
    assert (await listed.record()).hold == "twin"
    assert report.counts["memory"].foreign == 1


async def test_a_read_that_fails_half_way_forgets_no_second_listing(
    listed: World,
) -> None:
    shelf = listed.market.shelf
    for n in range(150):
        by_hand(listed, n, f"Hàng khác {n}")
    second = shelf.add(shelf.of("SP-00001")[0].shown)
    listed.time.pass_(hours=25)
    await listed.sync()
    await listed.change(description="Mới")
    listed.time.pass_(hours=25)
    real, pages = listed.market.page, list[object]()

    async def page(cursor: str | None) -> object:
        pages.append(cursor)
        if len(pages) > 1:
            raise DOWN
        return await real(cursor)

    listed.market.page = page  # type: ignore[method-assign, assignment]  # it breaks off

    await listed.sync()

    record = await listed.record()
    assert (record.hold, record.state.doubled_ref) == ("doubled", second)
    assert listed.written() == ["update"]  # the one that stays is kept right


async def test_a_second_listing_on_another_page_is_held(listed: World) -> None:
    shelf = listed.market.shelf
    for n in range(150):
        by_hand(listed, n, f"Hàng khác {n}")
    second = shelf.add(shelf.of("SP-00001")[0].shown)
    listed.time.pass_(hours=25)

    await listed.sync()

    record = await listed.record()
    assert (record.hold, record.state.ref) == ("doubled", "M000001")
    assert record.state.doubled_ref == second


async def test_a_second_listing_that_is_gone_no_longer_holds(listed: World) -> None:
    shelf = listed.market.shelf
    second = shelf.add(shelf.of("SP-00001")[0].shown)
    listed.time.pass_(hours=25)
    await listed.sync()
    shelf.delete(second)
    listed.time.pass_(hours=25)

    await listed.sync()

    assert (await listed.record()).hold is None


@pytest.mark.postgresql
async def test_what_a_whole_read_has_not_seen_is_forgotten(listed: World) -> None:
    ref = by_hand(listed, 1, "Hàng khác")
    kept = by_hand(listed, 2, "Hàng khác nữa")
    listed.time.pass_(hours=25)
    await listed.sync()
    listed.market.shelf.delete(ref)
    listed.time.pass_(hours=25)

    report = await listed.sync()

    assert report.counts["memory"].foreign == 1
    async with listed.database.read() as conn:
        refs = select(tables.remote_key.c.ref).distinct()
        assert [key for (key,) in await conn.execute(refs)] == [kept]


async def test_a_read_that_takes_its_time_forgets_nothing_that_it_saw(
    listed: World,
) -> None:
    by_hand(listed, 1, "Hàng khác")
    listed.time.pass_(hours=25)
    real = listed.market.page

    async def page(cursor: str | None) -> object:
        listed.time.pass_(seconds=3)
        return await real(cursor)

    listed.market.page = page  # type: ignore[method-assign, assignment]  # slow

    report = await listed.sync()

    assert report.counts["memory"].foreign == 1


async def test_what_a_clock_that_was_wrong_has_read_is_forgotten(world: World) -> None:
    await remember(world, PINE, at=AT + timedelta(days=700))

    await world.database.write(
        lambda conn: foreign_listings.forget(conn, "memory", LATER)
    )

    assert await alike(world, PINE) == []


@pytest.mark.postgresql
async def test_a_listing_is_known_as_it_was_seen_last(world: World) -> None:
    renamed = replace(PINE, title="Nấm", variants=())
    await remember(world, PINE)
    await remember(world, renamed, at=LATER)

    await world.database.write(
        lambda conn: foreign_listings.forget(conn, "memory", LATER)
    )

    assert await alike(world, renamed) == ["R-0"]
    assert await alike(world, PINE) == []
    async with world.database.read() as conn:
        assert await conn.scalar(select(tables.remote.c.title)) == "Nấm"
