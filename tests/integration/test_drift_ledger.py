"""The drift that reads have shown is in the ledger, with its outcome.

The drift of a state is tested in test_drift.py of the engine, the answer to edits in
test_drift_policy.py there.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ocop_sync.engine.plan.drift_policy import DEFAULT_POLICY, Policy
from ocop_sync.errors import PlanError
from ocop_sync.marketplace.listing import Facet, Problem, RemoteState, StarClaim
from ocop_sync.service.decisions import drift_decisions
from ocop_sync.service.deployment import Site
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.queries.drift import list_drift
from ocop_sync.service.sync.reconcile import reconcile
from ocop_sync.store.decisions.drift import DriftEntry
from ocop_sync.store.listings import records
from ocop_sync.store.tables import drift as table
from ocop_sync.testing.memory import InMemoryMarketplace, LostAnswer
from tests.acts import acts_of
from tests.factories import make_certificate, person
from tests.world import World, a_day_later, entry

REF = "M000001"
FIVE = StarClaim(stars=5)


async def ledger(world: World) -> list[DriftEntry]:
    """Return all rows of the ledger, open or healed, in order."""
    async with world.database.read() as conn:
        rows = await conn.execute(table.select().order_by(table.c.id))
        inner = {"decision_fingerprint", "shape"}
        names = [column.name for column in table.c if column.name not in inner]
        return [
            DriftEntry(**{name: getattr(row, name) for name in names})
            for row in rows.all()
        ]


def with_policy(world: World, **policies: Policy) -> None:
    policy = {**DEFAULT_POLICY, **{Facet(n): each for n, each in policies.items()}}
    site = Site("memory", InMemoryMarketplace, [world.market.account], policy=policy)
    world.deployment = replace(world.deployment, sites=(site,))


@pytest.fixture
async def listed(world: World) -> World:
    """One product on sale, read back."""
    await world.save(entry(1))
    await world.sync()
    return world


async def test_where_nothing_differs_the_ledger_is_empty(listed: World) -> None:
    await a_day_later(listed)

    assert await ledger(listed) == []


async def test_an_edit_is_told_with_what_was_left_and_what_was_found(
    listed: World,
) -> None:
    listed.market.shelf.edit(REF, title="Măng của tôi")
    first = listed.time()

    written = [await a_day_later(listed), await a_day_later(listed)]

    (row,) = await ledger(listed)
    assert written == [[], []]
    assert (row.kind, row.field) == ("edited", "content.title")
    assert (row.expected, row.found) == ("Măng khô Mẫu 1", "Măng của tôi")
    assert (row.times, row.recurred, row.healed_at) == (2, 0, None)
    assert first < row.first_seen_at < row.last_seen_at <= listed.time()
    assert (await listed.record()).hold == "edited_there"


async def test_each_field_that_was_edited_has_a_row_of_its_own(listed: World) -> None:
    shown = listed.market.shelf.listings[REF].shown
    cheap = tuple(replace(each, price_vnd=1) for each in shown.variants)
    listed.market.shelf.edit(REF, title="Sửa", description="Sửa", variants=cheap)

    await a_day_later(listed)

    rows = {row.field: (row.expected, row.found) for row in await ledger(listed)}
    assert rows.keys() == {"content.title", "content.description", "price"}
    assert rows["price"] == ({"SP-00001-1": 45_000}, {"SP-00001-1": 1})


async def test_what_we_put_right_was_healed_by_us(listed: World) -> None:
    listed.market.shelf.edit(REF, stars=FIVE)

    written = await a_day_later(listed)

    (row,) = await ledger(listed)
    assert written == ["set_stars"]
    assert (row.field, row.found["stars"], row.healed_by) == ("stars", 5, "us")
    assert row.healed_at is not None


async def test_what_we_put_right_without_an_answer_was_healed_by_us(
    listed: World,
) -> None:
    listed.market.shelf.edit(REF, stars=FIVE)
    listed.market.script("set_stars", LostAnswer(applied=True))

    await a_day_later(listed)

    (row,) = await ledger(listed)
    assert row.healed_by == "us"


async def test_a_repair_that_was_lost_heals_nothing(listed: World) -> None:
    listed.market.shelf.edit(REF, stars=FIVE)
    listed.market.script("set_stars", LostAnswer(applied=False), times=99)

    await a_day_later(listed)

    (row,) = await ledger(listed)
    assert (row.healed_at, row.healed_by) == (None, "")


async def test_what_is_right_again_at_the_next_read_was_healed_there(
    listed: World,
) -> None:
    listed.market.shelf.edit(REF, title="Sửa")
    await a_day_later(listed)
    listed.market.shelf.edit(REF, title="Măng khô Mẫu 1")

    await a_day_later(listed)

    (row,) = await ledger(listed)
    assert (row.healed_by, row.times) == ("there", 1)
    assert (await listed.record()).hold is None


async def test_an_edit_that_the_catalog_takes_over_is_healed_and_no_edit_any_more(
    listed: World,
) -> None:
    listed.market.shelf.edit(REF, title="Măng khô Mẫu, loại nhất")
    await a_day_later(listed)
    await listed.change(name="Măng khô Mẫu, loại nhất")

    written = [await a_day_later(listed), await a_day_later(listed)]

    (row,) = await ledger(listed)
    record = await listed.record()
    assert (written, row.healed_by) == ([[], []], "there")
    assert (record.decision, record.state.edited) == ("in_sync", None)


async def test_stock_that_is_only_lower_is_no_drift(listed: World) -> None:
    listed.market.shelf.sell(REF, "SP-00001-1", 3, "HD-1")

    await a_day_later(listed)

    assert await ledger(listed) == []


async def test_stock_that_was_raised_there_is_drift_and_is_lowered(
    listed: World,
) -> None:
    shown = listed.market.shelf.listings[REF].shown
    more = tuple(replace(each, stock=500) for each in shown.variants)
    listed.market.shelf.edit(REF, variants=more)

    written = await a_day_later(listed)

    (row,) = await ledger(listed)
    assert (written, row.field, row.healed_by) == (["set_stock"], "stock", "us")


async def test_what_was_taken_down_by_a_person_is_drift(listed: World) -> None:
    listed.market.shelf.take_down(REF)

    written = await a_day_later(listed)

    (row,) = await ledger(listed)
    assert (written, row.kind, row.expected) == ([], "taken_down", REF)
    listed.market.shelf.approve(REF)  # and up again, over there
    await a_day_later(listed)
    (row,) = await ledger(listed)
    assert row.healed_by == "there"


async def test_what_was_banned_is_drift_with_the_marketplaces_words(
    listed: World,
) -> None:
    listed.market.shelf.ban(REF, Problem(code="hang-gia", message="Nghi hàng giả"))

    await a_day_later(listed)

    (row,) = await ledger(listed)
    assert (row.kind, row.found) == ("banned", ["Nghi hàng giả"])


async def test_what_has_vanished_is_drift_until_it_is_made_anew(listed: World) -> None:
    listed.market.shelf.delete(REF)

    written = await a_day_later(listed)

    (row,) = await ledger(listed)
    assert (written, row.kind, row.healed_by) == (["create"], "vanished", "us")


async def test_what_was_not_found_once_is_no_drift(listed: World) -> None:
    listed.market.go_stale(0)
    found = listed.market.shelf.listings.pop(REF)
    listed.time.pass_(hours=25)

    async def find(**_: Any) -> Any:
        return [found]

    listed.market.shelf.listings.clear()
    listed.market.find = find  # type: ignore[method-assign] # the second look
    await listed.sync()

    assert await ledger(listed) == []
    assert listed.written() == []


async def test_a_second_listing_of_ours_is_drift_until_one_is_gone(
    listed: World,
) -> None:
    shown = listed.market.shelf.listings[REF].shown
    second = listed.market.shelf.add(shown)

    await a_day_later(listed)
    (row,) = await ledger(listed)
    assert (row.kind, row.expected, row.found) == ("doubled", REF, second)
    assert row.healed_at is None

    listed.market.shelf.delete(second)
    await a_day_later(listed)
    (row,) = await ledger(listed)
    assert row.healed_by == "there"


async def test_what_comes_back_is_a_row_of_its_own(listed: World) -> None:
    for _ in range(2):
        listed.market.shelf.edit(REF, stars=FIVE)
        await a_day_later(listed)

    rows = await ledger(listed)
    assert [(row.recurred, row.healed_by) for row in rows] == [(0, "us"), (1, "us")]


# Policies


async def test_an_edit_is_accepted_where_that_is_the_policy(listed: World) -> None:
    with_policy(listed, content=Policy.ACCEPT)
    listed.market.shelf.edit(REF, title="Sửa")

    written = [await a_day_later(listed), await a_day_later(listed)]

    (row,) = await ledger(listed)
    assert (written, row.healed_at) == ([[], []], None)
    assert (await listed.record()).hold is None


async def test_an_edit_is_repaired_where_that_is_the_policy(listed: World) -> None:
    with_policy(listed, content=Policy.REPAIR)
    listed.market.shelf.edit(REF, title="Sửa")

    written = await a_day_later(listed)

    assert written == ["update"]
    assert listed.market.shelf.listings[REF].shown.title == "Măng khô Mẫu 1"


async def test_what_was_edited_stays_when_something_else_is_changed(
    listed: World,
) -> None:
    listed.market.shelf.edit(REF, title="Măng của tôi")
    await a_day_later(listed)
    await listed.change(description="Măng khô, phơi nắng.")

    written = [await a_day_later(listed), await a_day_later(listed)]

    shown = listed.market.shelf.listings[REF].shown
    assert written == [["update"], []]
    assert (shown.title, shown.description) == ("Măng của tôi", "Măng khô, phơi nắng.")
    assert (await listed.record()).hold == "edited_there"


# Fights


async def fight(world: World, times: int) -> list[list[str]]:
    """Edit the stars there, day after day; return what was sent each day."""
    written = []
    for _ in range(times):
        world.market.shelf.edit(REF, stars=FIVE)
        written.append(await a_day_later(world))
    return written


async def test_what_comes_back_three_times_is_asked_about(listed: World) -> None:
    written = await fight(listed, 4)

    assert written == [["set_stars"]] * 3 + [[]]
    assert (await listed.record()).hold == "fought"
    assert listed.market.shelf.listings[REF].shown.stars == FIVE
    assert [row.healed_by for row in await ledger(listed)] == ["us", "us", "us", ""]


async def test_what_comes_back_seldom_is_put_right(listed: World) -> None:
    written = await fight(listed, 2)
    listed.time.pass_(days=8)

    written += await fight(listed, 3)

    assert written == [["set_stars"]] * 5


async def test_a_fight_about_one_field_is_none_about_another(listed: World) -> None:
    await fight(listed, 4)
    shown = listed.market.shelf.listings[REF].shown
    more = tuple(replace(each, stock=500) for each in shown.variants)
    listed.market.shelf.edit(REF, variants=more)

    assert await a_day_later(listed) == ["set_stock"]
    assert (await listed.record()).hold == "fought"


async def test_a_fight_about_stock_still_lowers_it(listed: World) -> None:
    for n in range(5):
        shown = listed.market.shelf.listings[REF].shown
        more = tuple(replace(each, stock=500 + n) for each in shown.variants)
        listed.market.shelf.edit(REF, variants=more)

        assert await a_day_later(listed) == ["set_stock"]


async def test_what_is_deleted_again_and_again_is_asked_about(listed: World) -> None:
    written = []
    for _ in range(4):
        (found,) = listed.market.shelf.of("SP-00001")
        listed.market.shelf.delete(found.ref)
        written.append(await a_day_later(listed))

    assert written == [["create"]] * 3 + [[]]
    assert (await listed.record()).hold == "fought"
    await say(listed, "vanished", ours=True)
    await listed.sync()
    assert listed.written() == ["create"]


async def test_a_fight_does_not_stop_a_claim_that_has_ended(listed: World) -> None:
    await fight(listed, 4)
    ended = make_certificate(decided_on=date(2021, 2, 1))
    await listed.change(certificates=(ended,))

    assert await a_day_later(listed) == ["set_stars"]
    assert listed.market.shelf.listings[REF].shown.stars is None


# A person's word


async def say(world: World, field: str, *, ours: bool, by: str = "Lan") -> None:
    """Say what is to become of what is open about *field*, or of a kind."""
    rows = await list_drift(world.deployment)
    (row,) = [each for each in rows if field in (each.field, each.kind)]
    await drift_decisions.decide_drift(
        world.deployment, row.id, ours=ours, by=person(by)
    )


@pytest.fixture
async def edited(listed: World) -> World:
    """A product whose title somebody has edited there."""
    listed.market.shelf.edit(REF, title="Măng của tôi")
    await a_day_later(listed)
    return listed


@pytest.mark.postgresql
async def test_ours_is_put_right_in_the_next_sync_by_that_person(
    edited: World,
) -> None:
    await say(edited, "content.title", ours=True)
    await edited.sync()

    (row,) = await ledger(edited)
    assert edited.written() == ["update"]
    assert edited.market.shelf.listings[REF].shown.title == "Măng khô Mẫu 1"
    assert (row.healed_by, row.decision, row.decided_by) == ("Lan", "ours", "Lan")
    assert (await edited.record()).hold is None
    refs = {"drift": str(row.id), "marketplace": "memory", "decision": "ours"}
    told = ("decide_drift", [row.product_id], refs)
    assert await acts_of(edited.database) == [told]


async def test_ours_is_said_once_and_does_not_hold_for_the_next_edit(
    edited: World,
) -> None:
    await say(edited, "content.title", ours=True)
    await edited.sync()
    edited.market.shelf.edit(REF, title="Măng của tôi")

    assert await a_day_later(edited) == []
    assert (await edited.record()).hold == "edited_there"


async def test_theirs_stays_and_is_not_asked_about(edited: World) -> None:
    await say(edited, "content.title", ours=False)

    written = [await a_day_later(edited), await a_day_later(edited)]

    assert written == [[], []]
    assert (await edited.record()).hold is None
    (row,) = await list_drift(edited.deployment)
    assert (row.decided_by, row.healed_at, row.asked) == ("Lan", None, "")


async def test_theirs_is_void_once_it_is_edited_anew(edited: World) -> None:
    await say(edited, "content.title", ours=False)
    await a_day_later(edited)
    edited.market.shelf.edit(REF, title="Măng của tôi, mới")

    assert await a_day_later(edited) == []
    assert (await edited.record()).hold == "edited_there"


async def test_theirs_is_void_once_something_else_is_wanted(edited: World) -> None:
    await say(edited, "content.title", ours=False)
    await a_day_later(edited)
    await edited.change(name="Măng khô loại nhất")
    await edited.sync()

    assert edited.written() == []
    assert (await edited.record()).hold == "edited_there"
    (row,) = await list_drift(edited.deployment)
    assert row.asked == "edited_there"


async def test_a_word_that_was_said_during_a_run_is_heard_by_the_next(
    listed: World,
) -> None:
    listed.market.shelf.take_down(REF)
    await a_day_later(listed)
    evaluated_before = await listed.record()
    assert evaluated_before.settled_fingerprint
    await say(listed, "taken_down", ours=True)
    await listed.database.write(lambda conn: records.save(conn, [evaluated_before]))

    await listed.sync()

    assert listed.written() == ["republish"]


async def test_a_plan_shows_what_a_word_comes_to(edited: World) -> None:
    (before,) = await plan(edited.deployment)
    await say(edited, "content.title", ours=True)
    (after,) = await plan(edited.deployment)

    assert (before.lines, [line.kind for line in after.lines]) == ([], ["update"])


async def test_what_was_taken_down_goes_up_by_a_persons_word(listed: World) -> None:
    listed.market.shelf.take_down(REF)
    await a_day_later(listed)
    await say(listed, "taken_down", ours=True)

    await listed.sync()

    (row,) = await ledger(listed)
    assert (listed.written(), row.healed_by) == (["republish"], "Lan")
    listed.market.shelf.take_down(REF)
    assert await a_day_later(listed) == []
    assert (await listed.record()).hold == "taken_down"


async def test_what_was_taken_down_stays_so_by_a_persons_word(listed: World) -> None:
    listed.market.shelf.take_down(REF)
    await a_day_later(listed)
    await say(listed, "taken_down", ours=False)

    written = [await a_day_later(listed), await a_day_later(listed)]

    assert written == [[], []]
    assert (await listed.record()).hold == "left"


async def test_what_was_taken_down_and_may_not_be_sold_any_more_needs_nobody(
    listed: World,
) -> None:
    listed.market.shelf.take_down(REF)
    await a_day_later(listed)
    (asked,) = await list_drift(listed.deployment)
    await listed.change(paused=True)

    await listed.sync()

    (row,) = await list_drift(listed.deployment)
    assert (asked.outlook, asked.asked) == ("asked", "taken_down")
    assert (row.outlook, row.asked, row.hold) == ("unneeded", "", "")


async def test_what_is_only_reported_is_asked_about_before_any_sync(
    listed: World,
) -> None:
    listed.market.shelf.take_down(REF)
    listed.time.pass_(hours=25)
    await reconcile(listed.deployment, report_only=True)

    (row,) = await list_drift(listed.deployment)

    assert (row.outlook, row.asked) == ("asked", "taken_down")


async def test_going_up_again_does_not_write_over_a_price_that_was_edited(
    listed: World,
) -> None:
    shown = listed.market.shelf.listings[REF].shown
    cheap = tuple(replace(each, price_vnd=1) for each in shown.variants)
    listed.market.shelf.edit(REF, variants=cheap)
    listed.market.shelf.take_down(REF)
    await a_day_later(listed)
    await say(listed, "taken_down", ours=True)
    await listed.sync()
    assert listed.written() == []
    assert (await listed.record()).hold == "edited_there"

    await say(listed, "price", ours=False)
    await listed.sync()

    assert listed.written() == ["republish"]
    found = listed.market.shelf.listings[REF]
    assert (found.state, found.shown.variants) == (RemoteState.LIVE, cheap)


async def test_after_a_persons_word_a_fight_is_counted_anew(listed: World) -> None:
    await fight(listed, 4)
    await say(listed, "stars", ours=True)
    await listed.sync()
    assert listed.written() == ["set_stars"]

    assert await fight(listed, 3) == [["set_stars"]] * 3


async def test_nobody_can_say_what_only_the_marketplace_can_settle(
    listed: World,
) -> None:
    listed.market.shelf.ban(REF)
    await a_day_later(listed)

    with pytest.raises(PlanError, match="marketplace"):
        await say(listed, "banned", ours=True)


async def test_which_of_two_listings_stays_is_said_elsewhere(listed: World) -> None:
    listed.market.shelf.add(listed.market.shelf.listings[REF].shown)
    await a_day_later(listed)

    with pytest.raises(PlanError, match="twins keep"):
        await say(listed, "doubled", ours=True)


async def test_a_word_needs_open_drift_and_a_name(edited: World) -> None:
    with pytest.raises(PlanError, match="99"):
        await drift_decisions.decide_drift(
            edited.deployment, 99, ours=True, by=person("Lan")
        )
    with pytest.raises(PlanError, match="--by"):
        await say(edited, "content.title", ours=True, by=" ")
    await say(edited, "content.title", ours=True)
    await edited.sync()
    (row,) = await ledger(edited)
    with pytest.raises(PlanError, match="no open drift"):
        await drift_decisions.decide_drift(
            edited.deployment, row.id, ours=False, by=person("Lan")
        )
