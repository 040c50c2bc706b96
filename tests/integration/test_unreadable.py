"""A listing that cannot be read keeps no other back, and is left alone."""

from dataclasses import replace
from typing import Any

import pytest

from catalog.model.paper import PaperKind
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Create
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.port import Refused
from ocop_sync.service.queries.explain import explain
from ocop_sync.service.sync.reconcile import reconcile
from ocop_sync.store.listings import foreign_listings, unreadable
from ocop_sync.store.listings.unreadable import UnreadableListing
from ocop_sync.testing.memory import LostAnswer
from tests.factories import NOT_SO, make_paper, make_variant
from tests.world import World, entry, listed

REASON = "state: unknown value"


def ref_of(world: World, n: int = 1) -> str:
    (found,) = world.market.shelf.of(f"SP-{n:05}")
    return found.ref


async def change_all(world: World, price: int) -> None:
    for n in (1, 2, 3):
        pack = make_variant(sku=f"SP-{n:05}-1", gtin="", price_vnd=price)
        await world.change(f"SP-{n:05}", variants=(pack,))


def sent(world: World) -> list[tuple[str, str]]:
    return sorted(
        (change.client_ref, change.kind.value) for change in world.market.written()
    )


async def test_all_others_of_its_page_are_read_and_put_right(world: World) -> None:
    await listed(world)
    world.market.garble(ref_of(world), REASON)
    await change_all(world, 77_000)
    world.time.pass_(hours=25)

    report = await world.sync()

    record = await world.record()
    assert sent(world) == [("SP-00002", "set_price"), ("SP-00003", "set_price")]
    assert report.unreadable == {"memory": {ref_of(world): REASON}}
    assert report.unread == {}
    assert (record.hold, record.state.unreadable) == ("unreadable", REASON)
    assert record.state.absent_reads == 0


async def test_it_goes_on_by_itself_once_it_can_be_read(world: World) -> None:
    await listed(world)
    world.market.garble(ref_of(world))
    await change_all(world, 77_000)
    world.time.pass_(hours=25)
    await world.sync()
    world.market.mend()

    await world.sync()

    assert sent(world) == [("SP-00001", "set_price")]
    assert (await world.record()).hold is None
    assert (await world.record()).state.unreadable == ""


async def test_it_never_counts_as_vanished(world: World) -> None:
    await listed(world)
    world.market.garble(ref_of(world))

    for _ in range(3):
        world.time.pass_(hours=25)
        await world.sync()
        assert sent(world) == []

    assert (await world.record()).state.absent_reads == 0


async def test_nothing_is_withdrawn_of_what_nobody_can_read(world: World) -> None:
    await listed(world)
    world.market.garble(ref_of(world))
    world.time.pass_(hours=25)
    await world.sync()
    unsafe = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
    await world.change(papers=unsafe)

    await world.sync()

    assert sent(world) == []
    assert (await world.record()).hold == "unreadable"


@pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
async def test_a_create_without_an_answer_is_not_sent_again_beside_it(
    world: World, applied: bool
) -> None:
    await world.save(entry(1))
    world.market.script("create", LostAnswer(applied=applied))
    if applied:
        original = world.market.shelf.add

        def add(*listing: object, **more: object) -> str:
            ref = original(*listing, **more)  # type: ignore[arg-type]
            world.market.garble(ref)
            return ref

        world.market.shelf.add = add  # type: ignore[method-assign]

    await world.sync()
    await world.sync()

    assert len(world.market.shelf.of("SP-00001")) == 1
    awaiting = (await world.record()).state.awaiting
    assert awaiting == ("create" if applied else None)


async def test_what_does_not_say_what_it_is_makes_nothing_vanish(
    world: World,
) -> None:
    """It may be any of ours that is missing."""
    await listed(world)
    (found,) = world.market.shelf.of("SP-00001")
    world.market.garble(found.ref, REASON, nameless=True)

    for _ in range(2):
        world.time.pass_(hours=25)
        report = await world.sync()

    assert sent(world) == []
    assert report.unreadable["memory"]["?"] == REASON
    assert (await world.record()).state.absent_reads == 0


async def test_what_does_not_say_what_it_is_is_not_taken_for_a_product_without_a_ref(
    world: World,
) -> None:
    await listed(world)
    await world.save(entry(4))
    refusal = Refused((Problem(code="x", message="Ảnh mờ"),))
    world.market.script("create", refusal, client_ref="SP-00004")
    await world.sync()
    state = (await world.record("SP-00004")).state
    assert (state.ref, state.account) == ("", "memory"), state
    world.market.garble(ref_of(world), REASON, nameless=True)

    world.time.pass_(hours=25)
    report = await world.sync()

    assert report.unreadable["memory"]["?"] == REASON
    assert (await world.record()).state.absent_reads == 0
    assert (await world.record("SP-00004")).state.unreadable == ""


async def test_what_is_not_ours_is_counted_and_stays_remembered(world: World) -> None:
    await listed(world)
    shown = world.market.shelf.of("SP-00001")[0].shown

    foreign = world.market.shelf.add(replace(shown, client_ref="", seller_ref=""))
    world.time.pass_(hours=25)
    await world.sync()
    world.market.garble(foreign, REASON)
    world.time.pass_(hours=25)

    report = await world.sync()

    async with world.database.read() as conn:
        assert await foreign_listings.count(conn, ["memory"]) == 1
    assert report.unreadable == {"memory": {foreign: REASON}}
    assert sent(world) == []


@pytest.mark.parametrize("refused", [False, True])
async def test_what_need_not_be_there_is_held_no_longer_once_it_is_gone(
    world: World, refused: bool
) -> None:
    shelf = world.market.shelf
    await world.save(entry(2))
    await world.sync()
    if refused:
        await world.save(entry(1))
        await world.sync()
        shelf.refuse(ref_of(world), Problem(code="x", message="Ảnh mờ"))
        await world.sync()
    else:
        shown = replace(shelf.of("SP-00002")[0].shown, client_ref="SP-00001")
        shelf.apply(Create(client_ref="SP-00001", listing=shown, key="k"))
        await world.save(entry(1))
    world.market.garble(ref_of(world), REASON)
    world.time.pass_(hours=25)
    await world.sync()
    assert (await world.record()).hold == "unreadable"
    shelf.delete(ref_of(world))
    world.time.pass_(hours=25)

    await world.sync()

    record = await world.record()
    assert record.state.unreadable == ""
    assert (record.hold, len(shelf.of("SP-00001"))) == (
        ("refused", 0) if refused else (None, 1)
    )


async def test_what_may_be_unreadable_is_not_forgotten_either(world: World) -> None:
    """A listing that is not ours may be the twin of one that is about to be made."""
    await listed(world)
    shown = world.market.shelf.of("SP-00001")[0].shown
    foreign = world.market.shelf.add(replace(shown, client_ref="", seller_ref=""))
    world.time.pass_(hours=25)
    await world.sync()
    world.market.garble(foreign, REASON, nameless=True)
    world.time.pass_(hours=25)

    await world.sync()

    async with world.database.read() as conn:
        assert await foreign_listings.count(conn, ["memory"]) == 1


async def test_a_review_of_which_nobody_can_read_the_end_is_followed_on(
    moderated: World,
) -> None:
    world = moderated
    await world.save(entry(1))
    await world.sync()
    ref = ref_of(world)
    world.market.shelf.refuse(ref, Problem(code="x", message="Ảnh mờ"))
    world.market.garble(ref)

    await world.sync()
    assert sent(world) == []
    world.market.mend()
    world.time.pass_(hours=25)
    await world.sync()

    assert (await world.record()).hold == "refused"


@pytest.mark.postgresql
async def test_a_review_that_cannot_be_read_keeps_no_other_back_and_is_followed_on(
    moderated: World,
) -> None:
    world = moderated
    await world.save(entry(1), entry(2))
    await world.sync()
    ticket = (await world.record()).state.ticket
    world.market.garble(ticket, REASON)
    world.market.shelf.approve(ref_of(world, 2))

    report = await world.sync()

    assert report.unreadable == {"memory": {ref_of(world): REASON}}
    assert (await world.record()).state.ticket == ticket
    assert await odd_reviews(world) == [("SP-00001", REASON)]
    assert (await world.record("SP-00002")).state.found is Found.LIVE
    world.market.mend()
    await world.sync()
    assert await odd_reviews(world) == []
    world.market.shelf.approve(ref_of(world))
    await world.sync()
    assert (await world.record()).state.found is Found.LIVE
    assert await odd_reviews(world) == []


async def odd_reviews(world: World) -> list[tuple[str, str]]:
    async with world.database.read() as conn:
        found = await unreadable.reviews(conn, 9)
        assert await unreadable.count_reviews(conn) == len(found)
    return [(each.product_id, each.reason) for each in found]


async def test_a_reconciliation_and_an_explanation_name_it(world: World) -> None:
    await listed(world)
    ref = ref_of(world)
    world.market.garble(ref, REASON)
    world.time.pass_(hours=1)

    done = await reconcile(world.deployment)
    (found,) = await explain(world.deployment, "memory", [entry(1)])

    assert done.report.unreadable == {"memory": {ref: REASON}}
    (reason,) = [each for each in found.reasons if each.code == "unreadable"]
    assert f"{ref}: {REASON}" in reason.seen.vi


async def test_a_listing_that_was_read_keeps_its_time(world: World) -> None:
    """It is listed by a read that is 48 hours old at most."""
    await listed(world)
    world.market.garble(ref_of(world))
    world.time.pass_(hours=25)
    first = await world.sync()
    world.time.pass_(hours=25)
    second = await world.sync()

    listed_ = [each.counts["memory"].listed for each in (first, second)]
    assert listed_ == [3, 2]


async def test_it_can_be_asked_for_until_it_can_be_read(world: World) -> None:
    await listed(world)
    foreign = world.market.shelf.add(
        replace(world.market.shelf.of("SP-00001")[0].shown, client_ref="")
    )
    world.market.garble(ref_of(world, 2), REASON)
    world.market.garble(foreign, REASON)
    world.time.pass_(hours=25)
    await world.sync()

    async with world.database.read() as conn:
        found = await unreadable.of_ours(conn, 10)
        counts = await unreadable.count_ours(conn), await unreadable.count_others(conn)
    assert [*found] == [
        UnreadableListing(
            marketplace="memory",
            account="memory",
            product_id="SP-00002",
            ref=ref_of(world, 2),
            reason=REASON,
        )
    ]
    assert counts == (1, {"memory": 1})
    world.market.mend()
    world.time.pass_(hours=25)
    await world.sync()
    async with world.database.read() as conn:
        assert await unreadable.count_ours(conn) == 0
        assert await unreadable.count_others(conn) == {}


@pytest.mark.postgresql
async def test_a_second_listing_of_ours_that_cannot_be_read_is_counted_too(
    world: World,
) -> None:
    await listed(world)
    shown = world.market.shelf.of("SP-00001")[0].shown
    world.market.garble(world.market.shelf.add(shown), REASON)
    world.time.pass_(hours=25)

    await world.sync()

    async with world.database.read() as conn:
        assert await unreadable.count_ours(conn) == 0
        assert await unreadable.count_others(conn) == {"memory": 1}


async def test_a_half_made_listing_that_cannot_be_read_waits_for_a_person(
    world: World,
) -> None:
    await world.save(entry(1))
    add = world.market.shelf.add

    def break_off(*listing: Any, **more: Any) -> str:
        ref = add(*listing, **more)
        world.market.garble(ref, REASON)
        return ref

    world.market.shelf.add = break_off  # type: ignore[method-assign]
    world.market.script("create", LostAnswer(applied=True))

    for _ in range(2):
        report = await world.sync()
        (found,) = await explain(world.deployment, "memory", [entry(1)])

        assert report.unreadable == {"memory": {ref_of(world): REASON}}
        assert report.counts["memory"].held == 1
        assert (found.hold, found.counted) == ("unreadable", "held")
        assert [
            reason.code for reason in found.reasons if reason.outcome != "warn"
        ] == ["unreadable"]

    world.market.mend()
    report = await world.sync()

    assert len(world.market.shelf.of("SP-00001")) == 1
    assert report.counts["memory"].listed == 1
