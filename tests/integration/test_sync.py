"""The changes that a sync sends, on marketplaces in memory and a database in a file.

Failures on the way are tested in `test_faults.py`, holds for a person in
`test_held.py`.
"""

from datetime import date

import pytest

from catalog.values import replace
from ocop_sync.engine.terms import Found
from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.service.deployment import RunLimits
from tests.factories import NOT_SO, make_certificate, make_variant
from tests.world import World, entry

ENDS_THAT_DAY = make_certificate(decided_on=date(2021, 3, 1))


async def test_a_listable_product_is_on_sale_after_one_sync(world: World) -> None:
    await world.save(entry(1))

    report = await world.sync()

    assert world.written() == ["put_seller", "create"]
    assert report.counts["memory"].listed == 1


async def test_a_second_sync_writes_nothing(world: World) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()

    report = await world.sync()

    assert world.written() == []
    assert report.writes == 0


async def test_a_product_in_review_is_followed_and_then_listed(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    before = await moderated.sync(follow_s=0)
    moderated.market.shelf.approve(moderated.market.shelf.of("SP-00001")[0].ref)

    after = await moderated.sync()

    assert before.counts["memory"].in_review == 1
    assert after.counts["memory"].listed == 1
    assert moderated.written() == []


async def test_only_what_differs_is_sent(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    variant = make_variant(sku="SP-00001-1", gtin="", price_vnd=50_000)
    await world.change(variants=(variant,))

    await world.sync()

    assert world.written() == ["set_price"]
    assert world.market.shelf.of("SP-00001")[0].shown.variants[0].price_vnd == 50_000


async def test_stock_is_never_more_than_the_sum_of_the_shares(two: World) -> None:
    variant = make_variant(sku="SP-00001-1", gtin="", on_hand=21, reserved=3, buffer=1)
    await two.save(entry(1, variants=(variant,)))

    await two.sync()

    shown = [
        m.shelf.of("SP-00001")[0].shown.variants[0].stock for m in two.markets.values()
    ]
    assert shown == [9, 8]


async def test_a_blocked_product_is_withdrawn_with_its_reason(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)

    await world.sync()

    withdrawal = world.market.written()[0]
    assert world.written() == ["withdraw"]
    assert "tạm dừng" in getattr(withdrawal, "reason", "").lower()


async def test_a_withdrawn_product_is_republished_never_created(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    await world.sync()
    await world.change(paused=False)

    report = await world.sync()

    assert world.written() == ["republish"]
    assert report.counts["memory"].listed == 1


async def test_the_claim_goes_when_the_certificate_ends(world: World) -> None:
    await world.save(entry(1, description="Măng ngon. Đạt OCOP 4 sao."))
    await world.sync()
    await world.change(certificates=(make_certificate(decided_on=date(2021, 2, 1)),))

    await world.sync()

    shown = world.market.shelf.of("SP-00001")[0].shown
    assert sorted(world.written()) == ["set_stars", "update"]
    assert shown.stars is None
    assert shown.description == "Măng ngon."


async def test_an_ended_certificate_creates_nothing(world: World) -> None:
    await world.save(
        entry(1, certificates=(make_certificate(decided_on=date(2020, 1, 1)),))
    )

    report = await world.sync()

    assert world.written() == []
    assert report.counts["memory"].certified == 0


async def test_an_unknown_fact_holds_what_is_new(world: World) -> None:
    await world.save(entry(1, papers=()))

    report = await world.sync()

    assert world.written() == []
    assert report.counts["memory"].held == 1


async def test_an_unknown_fact_takes_nothing_from_what_is_live(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(papers=())

    report = await world.sync()

    assert world.written() == []
    assert report.counts["memory"].listed == 1


async def test_a_refusal_is_sent_again_only_when_it_is_cured(moderated: World) -> None:
    shelf = moderated.market.shelf
    await moderated.save(entry(1))
    await moderated.sync(follow_s=0)
    shelf.refuse(shelf.of("SP-00001")[0].ref, Problem(code="name", message="Tên sai"))
    first = await moderated.sync(follow_s=0)
    again = await moderated.sync(follow_s=0)
    sent_again = moderated.written()
    await moderated.change(name="Măng khô Mẫu đặc biệt")

    await moderated.sync(follow_s=0)

    assert first.counts["memory"].refused == again.counts["memory"].refused == 1
    assert sent_again == []
    assert moderated.written() == ["update"]
    assert shelf.of("SP-00001")[0].state is RemoteState.IN_REVIEW


async def test_what_is_not_ours_is_never_touched(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    ours = world.market.shelf.of("SP-00001")[0]
    world.market.shelf.add(
        replace(ours.shown, client_ref="", title="Hàng của người khác", variants=())
    )
    world.time.pass_(hours=25)

    report = await world.sync()

    assert world.written() == []
    assert report.counts["memory"].foreign == 1


async def test_a_listing_that_a_person_took_down_stays_down(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    world.market.shelf.take_down(world.market.shelf.of("SP-00001")[0].ref)
    world.time.pass_(hours=25)

    report = await world.sync()

    assert world.written() == []
    assert (await world.record()).state.found is Found.DOWN_BY_PERSON
    assert report.counts["memory"].held == 1


async def test_stars_that_somebody_edited_are_repaired(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    ref = world.market.shelf.of("SP-00001")[0].ref
    world.market.shelf.edit(ref, stars=None)
    world.time.pass_(hours=25)

    await world.sync()

    assert world.written() == ["set_stars"]
    assert world.market.shelf.of("SP-00001")[0].shown.stars is not None


async def test_a_price_that_somebody_edited_is_asked_about(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    shown = world.market.shelf.of("SP-00001")[0]
    cheaper = tuple(replace(v, price_vnd=1_000) for v in shown.shown.variants)
    world.market.shelf.edit(shown.ref, variants=cheaper)
    world.time.pass_(hours=25)

    await world.sync()

    assert world.written() == []
    assert (await world.record()).hold == "edited_there"


@pytest.mark.postgresql
async def test_a_lower_stock_there_is_not_raised_before_a_new_count(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    shown = world.market.shelf.of("SP-00001")[0]
    world.market.shelf.sell(shown.ref, "SP-00001-1", 5, "D-1")
    world.time.pass_(hours=25)

    await world.sync()

    assert world.written() == []


async def test_one_vanished_listing_is_looked_for_twice_and_made_anew(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    world.market.shelf.delete(world.market.shelf.of("SP-00001")[0].ref)
    world.time.pass_(hours=25)

    await world.sync()

    assert world.written() == ["create"]
    assert [call.method for call in world.market.log].index("find") < [
        call.method for call in world.market.log
    ].index("create")


async def test_withdrawn_consent_stops_the_seller(world: World) -> None:
    product, producer = entry(1)
    await world.save((product, producer))
    await world.sync()
    assert producer is not None
    await world.save((product, replace(producer, consent=NOT_SO)))

    await world.sync()

    assert world.written() == ["withdraw", "stop_seller"]


async def test_a_seller_is_stopped_after_its_listings_whatever_else_is_due(
    world: World,
) -> None:
    await world.save(entry(1), entry(2), entry(3))
    await world.sync()
    for product, producer in (entry(1), entry(3)):
        assert producer is not None
        await world.save((product, replace(producer, consent=NOT_SO)))
    await world.change("SP-00002", description="Bản mới.")

    await world.sync()

    assert world.written() == [
        *("withdraw", "withdraw", "stop_seller", "stop_seller", "update")
    ]


async def test_a_catalog_that_loses_a_product_withdraws_nothing(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(not_in_source_since=date(2024, 3, 1))

    await world.sync()

    assert world.written() == []


async def test_the_parts_of_listable_always_add_up(world: World) -> None:
    await world.save(
        entry(1),
        entry(2, papers=()),
        entry(3, paused=True),
        entry(4, set_code="VI"),
        entry(5, certificates=(make_certificate(decided_on=date(2020, 1, 1)),)),
    )

    figures = (await world.sync()).counts["memory"]

    parts = ("listed", "unconfirmed", "in_review", "refused", "held", "pending")
    assert figures.certified == figures.listable + sum(figures.blocked.values())
    assert figures.listable == sum(getattr(figures, part) for part in parts) == 2
    assert figures.blocked == {"E00": 1, "E15": 1}


@pytest.mark.slow
async def test_a_tenth_of_a_backlog_goes_to_what_has_waited_longest(
    world: World,
) -> None:
    world.deployment = replace(world.deployment, limits=RunLimits(slice_changes=10))
    await world.save(*(entry(n) for n in range(1, 241)))
    await world.sync()
    for n in range(1, 11):
        await world.change(f"SP-{n:05}", description="Măng rất ngon.")
    world.market.script("update", UnavailableError("bảo trì"), times=99)
    await world.sync()
    world.market._scripts.clear()
    world.time.pass_(minutes=30)
    for n in range(11, 241):
        cheap = make_variant(sku=f"SP-{n:05}-1", gtin="", price_vnd=40_000)
        await world.change(f"SP-{n:05}", variants=(cheap,))

    await world.sync()

    first = world.written()[:50]
    assert first.count("set_price") == 45
    assert first.count("update") == 5
