"""A read that is of some time ago is believed for that time, and for no other.

The marketplace is one to which people carry our changes, and whose lists they bring us,
hours or days old.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select

from ocop_sync.engine.reasons.reason import WAIT
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Decision, Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.decisions.restoring import note_restored
from ocop_sync.service.department.all_work import AllWork, all_work
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.queries.account_status import account_statuses
from ocop_sync.service.queries.explain import explain
from ocop_sync.service.queries.monitor import watch
from ocop_sync.service.sync.reconcile import reconcile
from ocop_sync.store.runs import accounts
from ocop_sync.store.tables import run as run_table
from tests.factories import make_variant, person
from tests.people_marketplace import BLURRED, ByPeople
from tests.world import World, entry, open_world

NAME = "people"
BOSS = person("Bà Mẫu")


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    """One product to be listed, and a marketplace of which nobody has told yet."""
    kind: Any = ByPeople
    async with open_world(url, (NAME,), kind=kind) as world:
        await world.save(entry(1))
        yield world


def people(world: World) -> ByPeople:
    return cast("ByPeople", world.market)


async def state(world: World, product_id: str = "SP-00001") -> State:
    return (await world.record(product_id)).state


async def synced(world: World) -> list[str]:
    """Sync an hour later; return what was sent."""
    world.time.pass_(hours=1)
    before = len(people(world).pile)
    await world.sync(follow_s=0)
    return [each.kind.value for each in [*people(world).pile.values()][before:]]


async def listed(world: World) -> datetime:
    """Put the product on sale; return when people have told so."""
    people(world).tell()
    assert await synced(world) == ["create"]
    world.time.pass_(hours=1)
    people(world).work()
    told_at = people(world).told_at
    await synced(world)
    assert (await state(world)).found is Found.LIVE
    return told_at


async def read_whole_at(world: World) -> datetime | None:
    return await world.database.fetch(accounts.read_whole_at, NAME)


async def counted(world: World) -> dict[str, int]:
    report = await world.sync(follow_s=0)
    figures = report.counts[NAME]
    return {"listed": figures.listed, "unconfirmed": figures.unconfirmed}


async def test_nothing_is_made_before_anybody_has_told_what_is_there(
    world: World,
) -> None:
    report = await world.sync(follow_s=0)

    assert people(world).pile == {}
    assert (report.unread, report.stopped, report.todo) == ({}, {}, {})
    assert report.read_ages[NAME].is_too_old
    assert (await world.record()).decision is Decision.READ_WHOLE
    [status] = await account_statuses(world.deployment)
    assert not status.is_failing
    assert status.read_whole_at is None


@pytest.mark.postgresql
async def test_a_sync_that_is_told_nothing_new_stands_in_no_ledger(
    world: World,
) -> None:
    await listed(world)
    await synced(world)
    runs = select(run_table.c.id)
    before = (await world.database.fetch(lambda conn: conn.execute(runs))).all()

    for _ in range(3):
        await synced(world)

    after = (await world.database.fetch(lambda conn: conn.execute(runs))).all()
    assert len(after) == len(before)
    assert [call.method for call in world.market.log] == ["page"]


async def test_no_more_pages_are_read_than_say_that_nothing_new_was_told(
    url: str,
) -> None:
    kind: Any = ByPeople.having(page_size=1)
    async with open_world(url, (NAME,), kind=kind) as world:
        await world.save(entry(1), entry(2))
        people(world).tell()
        await synced(world)
        world.time.pass_(hours=1)
        people(world).work()
        await synced(world)
        await world.save(entry(3))
        assert await synced(world) == ["create"]

        world.time.pass_(hours=1)  # the new one is looked for by now
        before = world.time()
        await world.sync()

        called = [call.method for call in world.market.log]
        assert called == ["page", "page"]
        assert world.time() - before < timedelta(seconds=30)


async def test_an_account_that_was_told_to_be_empty_is_listed_at(world: World) -> None:
    told_at = await listed(world)

    found = await state(world)

    assert found.read_at == told_at
    assert await read_whole_at(world) == told_at
    assert await counted(world) == {"listed": 1, "unconfirmed": 0}


async def test_what_is_told_later_than_24_hours_ago_lets_nothing_be_made(
    world: World,
) -> None:
    people(world).tell()
    world.time.pass_(hours=25)

    assert await synced(world) == []
    assert (await world.record()).decision is Decision.READ_WHOLE
    [explained] = await explain(world.deployment, NAME, [entry(1)])
    told = [each for each in explained.reasons if each.outcome == WAIT]
    assert [each.code for each in told] == ["list_too_old"]

    people(world).tell()

    assert await synced(world) == ["create"]


async def test_a_listing_counts_as_listed_for_48_hours_from_when_it_was_so(
    world: World,
) -> None:
    told_at = await listed(world)

    world.time.now = told_at + timedelta(hours=48)
    fresh = await counted(world)
    world.time.pass_(minutes=1)
    old = await counted(world)
    people(world).tell()
    anew = await counted(world)

    assert fresh == anew == {"listed": 1, "unconfirmed": 0}
    assert old == {"listed": 0, "unconfirmed": 1}


async def test_what_people_are_at_work_on_is_not_missed(world: World) -> None:
    people(world).tell()
    await synced(world)
    world.time.pass_(hours=1)
    people(world).tell()

    assert await synced(world) == []
    found = await state(world)
    assert (found.found, found.absent_reads) == (Found.IN_REVIEW, 0)


async def test_the_same_list_twice_is_one_look(world: World) -> None:
    await listed(world)
    people(world).shelf.listings.clear()
    world.time.pass_(hours=1)
    people(world).tell()

    for _ in range(3):
        assert await synced(world) == []
        found = await state(world)
        assert (found.found, found.absent_reads) == (Found.ABSENT, 1)

    people(world).tell()

    assert await synced(world) == ["create"]
    assert (await state(world)).absent_reads == 0


async def test_a_list_from_before_a_change_does_not_contradict_it(world: World) -> None:
    await listed(world)
    world.time.pass_(hours=1)
    people(world).tell()  # with the price of before
    before = people(world).told, people(world).told_at
    pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=77_000)
    await world.change(variants=(pack,))
    await world.sync(follow_s=0)
    world.time.pass_(minutes=1)
    people(world).work()
    await world.sync(follow_s=0)
    now = await state(world)
    assert now.shown["price"] == {"SP-00001-1": 77_000}

    people(world).told, people(world).told_at = before
    await world.database.write(lambda conn: accounts.read_anew(conn, NAME))

    assert await synced(world) == []
    after = await state(world)
    assert after.edited is None
    assert after.shown == now.shown
    assert after.read_at == now.read_at


@pytest.mark.postgresql
async def test_a_list_from_before_does_not_take_a_listing_away(world: World) -> None:
    people(world).tell()
    empty = people(world).told, people(world).told_at
    told_at = await listed(world)

    people(world).told, people(world).told_at = empty
    await world.database.write(lambda conn: accounts.read_anew(conn, NAME))

    assert await synced(world) == []
    found = await state(world)
    assert (found.found, found.read_at, found.absent_reads) == (Found.LIVE, told_at, 0)


async def test_a_list_from_before_a_listing_was_seen_does_not_miss_it(
    world: World,
) -> None:
    people(world).tell()
    await synced(world)
    world.time.pass_(hours=1)
    exported_at = world.time()
    world.time.pass_(hours=1)
    people(world).fill_in()
    await synced(world)
    seen = await state(world)

    people(world).told_at = exported_at  # it comes late, and without the listing

    assert await synced(world) == []
    assert await read_whole_at(world) == exported_at
    assert {call.method for call in world.market.log} == {"page"}  # nor looked for
    assert seen.found is Found.LIVE
    after = await state(world)
    assert (after.found, after.read_at, after.absent_reads) == (
        Found.LIVE,
        seen.read_at,
        0,
    )


async def test_a_list_from_before_a_change_does_not_settle_it(world: World) -> None:
    await listed(world)
    pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=77_000)
    await world.change(variants=(pack,))
    world.time.pass_(minutes=1)
    people(world).tell()
    people(world).loses = 1
    await synced(world)
    assert (await state(world)).awaiting is Kind.SET_PRICE

    people(world).carry_out()
    assert await synced(world) == []
    assert (await state(world)).awaiting is Kind.SET_PRICE

    people(world).tell()
    assert await synced(world) == []
    assert (await state(world)).awaiting is None


@pytest.mark.parametrize("is_there", [True, False])
async def test_an_unanswered_create_is_settled_by_a_later_list_alone(
    world: World, is_there: bool
) -> None:
    people(world).tell()
    people(world).loses = 1
    await synced(world)
    assert (await state(world)).awaiting is Kind.CREATE
    people(world).carry_out()
    if not is_there:
        people(world).shelf.listings.clear()

    for _ in range(2):  # the list is from before the call
        assert await synced(world) == []
        assert (await state(world)).awaiting is Kind.CREATE
    people(world).tell()
    sent = await synced(world)

    found = await state(world)
    if is_there:
        assert (sent, found.found, found.awaiting) == ([], Found.LIVE, None)
    else:
        assert (sent, found.found) == (["create"], Found.IN_REVIEW)
    assert len(people(world).shelf.listings) == is_there


async def test_what_was_looked_for_is_absent_as_of_the_list(world: World) -> None:
    people(world).tell()
    people(world).loses = 1
    await synced(world)
    people(world).pile.clear()
    await world.change(paused=True)
    people(world).tell()

    await synced(world)

    found = await state(world)
    assert (found.found, found.awaiting) == (Found.ABSENT, None)
    assert found.read_at == people(world).told_at


async def test_a_refused_change_leaves_a_listing_as_people_saw_it(world: World) -> None:
    await listed(world)
    await world.change(variants=(make_variant(sku="SP-00001-1", gtin="", price_vnd=7),))
    await synced(world)
    [ticket] = people(world).pile
    del people(world).pile[ticket]
    people(world).done[ticket] = BLURRED
    world.time.pass_(hours=1)
    people(world).tell()

    await synced(world)

    found = await state(world)
    assert (found.found, found.read_at) == (Found.LIVE, people(world).told_at)


async def test_a_list_of_tomorrow_is_refused(world: World) -> None:
    people(world).tell()
    people(world).told_at += timedelta(days=1)

    report = await world.sync(follow_s=0)

    assert "Page.as_of" in report.unread[NAME]
    assert await read_whole_at(world) is None
    assert people(world).pile == {}


async def test_a_clock_that_is_somewhat_ahead_makes_nothing_later_than_now(
    world: World,
) -> None:
    await listed(world)
    world.time.pass_(hours=1)
    people(world).tell()
    people(world).told_at += timedelta(minutes=3)

    await world.sync(follow_s=0)

    assert await read_whole_at(world) == world.time()
    assert (await state(world)).read_at == world.time()


async def test_a_listing_of_tomorrow_keeps_no_other_back(world: World) -> None:
    await world.save(entry(2))
    people(world).tell()
    await synced(world)
    people(world).work()
    first, *_ = people(world).told
    tomorrow = world.time() + timedelta(days=1)
    told = people(world).told
    people(world).told = {**told, first: replace(told[first], read_at=tomorrow)}

    report = await world.sync(follow_s=0)

    assert {ref: "read_at" in why for ref, why in report.unreadable[NAME].items()} == {
        first: True
    }
    known = {id_: await state(world, id_) for id_ in ("SP-00001", "SP-00002")}
    assert {each.found for each in known.values() if not each.unreadable} == {
        Found.LIVE
    }


async def test_after_a_restore_a_list_from_before_lets_nothing_be_written(
    world: World,
) -> None:
    await listed(world)
    await note_restored(world.database, by=BOSS, now=world.time())
    await world.save(entry(2))

    assert await synced(world) == []
    assert await synced(world) == []

    people(world).tell()

    assert await synced(world) == ["create"]


async def test_a_plan_makes_nothing_new_where_the_list_is_too_old(world: World) -> None:
    [before] = await plan(world.deployment)
    people(world).tell()
    await synced(world)
    people(world).pile.clear()
    await world.save(entry(2))
    [planned] = await plan(world.deployment)

    assert (before.kinds, before.unread) == ({}, [NAME])
    assert (planned.kinds, planned.unread) == ({Kind.CREATE: 1}, [])


async def test_a_reconciliation_says_that_nobody_has_brought_a_newer_list(
    world: World,
) -> None:
    await listed(world)

    again = await reconcile(world.deployment, report_only=True)
    people(world).tell()
    world.time.pass_(minutes=1)
    anew = await reconcile(world.deployment, report_only=True)

    [found], [after] = again.findings, anew.findings
    assert "chưa có danh sách nào của sàn mới hơn" in found.unread[NAME]
    assert (found.nothing_read, after.nothing_read, after.read) == (True, False, 1)


async def test_a_monitor_tells_of_lists_older_than_they_may_be(world: World) -> None:
    told_at = await listed(world)
    alarms = list[list[str]]()
    for hours in (48, 49):
        world.time.now = told_at + timedelta(hours=hours)
        await world.sync(follow_s=0)
        found = await watch(world.deployment)
        alarms.append([each.code for each in found.alarms])

    assert alarms == [[], ["read_old"]]


async def test_the_worklist_asks_for_a_list_that_is_missing_or_too_old(
    world: World,
) -> None:
    def asked(found: AllWork) -> list[datetime | None]:
        return [e.since for e in found.items if e.kind is WorkKind.LIST_TOO_OLD]

    missing = asked(await all_work(world.deployment))
    people(world).tell()
    await synced(world)
    told_at = people(world).told_at
    world.time.now = told_at + timedelta(hours=24)
    fresh = asked(await all_work(world.deployment))
    world.time.pass_(seconds=1)
    old = asked(await all_work(world.deployment))

    assert (missing, fresh, old) == ([None], [], [told_at])
