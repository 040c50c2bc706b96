"""A reconciliation reads everything, tells its findings, and heals as a sync."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import select

from ocop_sync.cli.app.exits import Exit
from ocop_sync.cli.app.rating_exits import EXITS
from ocop_sync.cli.reconcile import findings_table
from ocop_sync.engine.plan.drift_policy import DEFAULT_POLICY, Policy
from ocop_sync.engine.reasons.account_problem import todo_of
from ocop_sync.errors import (
    AuthenticationError,
    MarketplaceError,
    UnavailableError,
)
from ocop_sync.marketplace.listing import Facet, StarClaim
from ocop_sync.service.decisions import approvals
from ocop_sync.service.deployment import Site
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.rated_sync import reconcile_once
from ocop_sync.service.sync.reconcile import (
    Findings,
    FoundDouble,
    Reconciled,
    reconcile,
)
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.store.tables import listing, run
from ocop_sync.testing.memory import InMemoryMarketplace, LostAnswer
from tests.factories import person
from tests.held import list_held
from tests.world import World, entry

FIVE = StarClaim(stars=5)


async def look(world: World, *, report_only: bool = False) -> Reconciled:
    """Reconcile; `World.written` says what was sent."""
    for market in world.markets.values():
        market.log.clear()
    return await reconcile(world.deployment, report_only=report_only)


async def find(world: World, *, report_only: bool = False) -> Findings:
    (found,) = (await look(world, report_only=report_only)).findings
    return found


async def stored(world: World) -> list[Any]:
    """Return what is stored of listings but what was read of them."""
    read = {"found", "read_at", "edited", "absent_reads", "doubled_ref", "version"}
    read |= {"settled_fingerprint"}  # "" where there is news: to be evaluated
    kept = [column for column in listing.c if column.name not in read]
    async with world.database.read() as conn:
        rows = await conn.execute(listing.select().with_only_columns(*kept))
        return sorted(rows.all(), key=str)


@pytest.fixture
async def five(world: World) -> World:
    """Five products on sale, read back a moment ago."""
    await world.save(*(entry(n) for n in range(1, 6)))
    await world.sync()
    return world


async def test_everything_is_read_however_lately_it_was(five: World) -> None:
    found = await find(five)

    assert [call.method for call in five.market.log] == ["events", "page"]
    assert (found.read, found.equal, found.foreign) == (5, 5, 0)
    assert (found.drift, found.healed, found.asked) == ({}, {}, 0)
    assert (found.simulated, found.unread) == (True, {})
    assert five.written() == []


async def test_what_drifts_is_told_and_healed(five: World) -> None:
    shelf = five.market.shelf
    shelf.edit("M000001", stars=FIVE)
    shelf.edit("M000002", title="Sửa", description="Sửa")
    shelf.take_down("M000003")
    shelf.delete("M000004")
    shelf.add(replace(shelf.listings["M000005"].shown, client_ref="", variants=()))

    found = await find(five)

    assert sorted(five.written()) == ["create", "set_stars"]
    assert found.drift == {
        "edited": {"content.description": 1, "content.title": 1, "stars": 1},
        "taken_down": {"": 1},
        "vanished": {"": 1},
    }
    assert found.healed == {"us": 2}
    assert (found.read, found.equal, found.foreign) == (5, 1, 1)
    assert (found.asked, found.vanished, found.creates_nothing) == (2, 1, False)


async def test_two_of_ours_are_shown_and_one_of_them_offers_nothing(
    five: World,
) -> None:
    second = five.market.shelf.add(five.market.shelf.listings["M000001"].shown)

    found = await find(five)

    assert found.doubled == [
        FoundDouble(product_id="SP-00001", refs=("M000001", second))
    ]
    assert (found.asked, five.written()) == (1, ["set_stock"])
    assert five.market.shelf.listings[second].shown.variants[0].stock == 0


async def test_what_was_not_found_once_is_not_believed_gone(five: World) -> None:
    hidden = five.market.shelf.listings.pop("M000001")
    page = five.market.page

    async def page_and_come_back(cursor: str | None) -> Any:
        shown = await page(cursor)
        five.market.shelf.listings["M000001"] = hidden
        return shown

    five.market.page = page_and_come_back  # type: ignore[method-assign]
    found = await find(five)

    assert (found.read, found.vanished, found.drift) == (4, 0, {})
    assert five.written() == []


@pytest.mark.parametrize("report_only", [True, False])
async def test_where_much_has_vanished_nothing_is_made(
    five: World, report_only: bool
) -> None:
    await five.save(*(entry(n) for n in range(6, 9)))
    await five.sync()
    for ref in list(five.market.shelf.listings)[:6]:
        five.market.shelf.delete(ref)

    found = await find(five, report_only=report_only)

    assert (found.vanished, found.creates_nothing) == (6, True)
    assert five.written() == []
    assert len(five.market.shelf.listings) == 2


@pytest.mark.parametrize("report_only", [True, False])
async def test_as_many_as_may_vanish_are_made_anew(
    five: World, report_only: bool
) -> None:
    await five.save(*(entry(n) for n in range(6, 9)))
    await five.sync()
    for ref in list(five.market.shelf.listings)[:5]:
        five.market.shelf.delete(ref)

    found = await find(five, report_only=report_only)

    assert (found.vanished, found.creates_nothing) == (5, False)
    assert found.to_heal == (5 if report_only else 0)


@pytest.mark.parametrize("report_only", [True, False])
async def test_what_vanished_and_a_person_has_approved_is_made_anew(
    five: World, report_only: bool
) -> None:
    await five.save(*(entry(n) for n in range(6, 9)))
    await five.sync()
    for ref in list(five.market.shelf.listings)[:6]:
        five.market.shelf.delete(ref)
    assert (await find(five)).creates_nothing
    ((group, _),) = await list_held(five.deployment)
    await approvals.approve(
        five.deployment, group.id, by=person("Lan"), reason="đã xem"
    )

    found = await find(five, report_only=report_only)

    assert (found.vanished, found.creates_nothing) == (6, False)
    assert five.written() == ([] if report_only else ["create"] * 6)


async def test_a_hold_for_another_reason_is_no_question_about_drift(
    five: World,
) -> None:
    account, policy = five.market.account, {**DEFAULT_POLICY}
    policy[Facet.CONTENT] = Policy.ACCEPT
    site = Site("memory", InMemoryMarketplace, [account], policy=policy)
    five.deployment = replace(five.deployment, sites=(site,))
    five.market.shelf.edit("M000001", title="Sửa")
    await five.change("SP-00001", name="Măng " * 40)  # longer than it takes there

    found = await find(five)

    assert found.drift == {"edited": {"content.title": 1}}
    assert found.asked == 0
    assert (await five.record()).hold == "title_too_long"


async def test_of_what_could_not_be_read_nothing_is_said(five: World) -> None:
    five.market.shelf.add(five.market.shelf.listings["M000001"].shown)
    await find(five)
    for method in ("page", "find"):
        five.market.script(method, UnavailableError("bảo trì"), times=99)
    five.time.pass_(hours=1)

    found = await find(five)

    assert (list(found.unread), found.doubled, found.drift) == (["memory"], [], {})


@pytest.mark.parametrize("report_only", [True, False])
@pytest.mark.parametrize(
    "error",
    [UnavailableError("bảo trì"), AuthenticationError("sai mật khẩu")],
    ids=["down", "locked out"],
)
async def test_what_cannot_be_read_is_named_with_why_and_what_to_do(
    two: World, error: MarketplaceError, report_only: bool
) -> None:
    await two.save(entry(1))
    await two.sync()
    two.markets["other"].script("page", error, times=99)

    done = await look(two, report_only=report_only)

    unread = {found.marketplace: found.unread for found in done.findings}
    assert unread == {"memory": {}, "other": {"other": str(error)}}
    assert done.report.todo == {"other": todo_of(error, "other")}
    assert done.report.failed == 0


async def test_what_another_run_holds_is_not_read_and_its_holder_named(
    two: World,
) -> None:
    await two.save(entry(1))
    await two.sync()
    other = Lease(token="t", holder="máy khác", lasts=timedelta(hours=1))  # noqa: S106
    now = two.deployment.clock()
    await two.database.write(lambda conn: accounts.take(conn, ["other"], other, now))

    done = await look(two)

    unread = done.findings[1].unread
    assert list(unread) == ["other"]
    assert "máy khác" in unread["other"]
    assert "cancel" in done.report.todo["other"].en


@pytest.mark.postgresql
async def test_a_sync_that_cannot_read_says_so_and_why(world: World) -> None:
    world.market.script("page", UnavailableError("bảo trì"), times=99)
    await world.save(entry(1))

    report = await world.sync()

    assert (report.unread, report.failed) == ({"memory": "bảo trì"}, 0)
    assert report.todo == {"memory": todo_of(UnavailableError(""))}
    async with world.database.read() as conn:
        rows = await conn.execute(select(run.c.outcome, run.c.detail))
        assert rows.all() == [("failed", "bảo trì")]


async def test_a_listing_that_cannot_be_looked_up_is_named_with_why(
    five: World,
) -> None:
    five.market.shelf.delete("M000001")
    five.market.script("find", UnavailableError("bảo trì"), times=99)

    done = await look(five)

    assert done.report.unread == {"memory": "bảo trì"}
    assert done.findings[0].unread == {}  # all pages were read


# Only reported


@pytest.mark.postgresql
async def test_a_report_writes_nothing_anywhere_but_in_the_ledger(
    five: World,
) -> None:
    shelf = five.market.shelf
    shelf.edit("M000001", stars=FIVE)
    shelf.edit("M000002", title="Sửa")
    shelf.delete("M000003")
    await five.change("SP-00004", paused=True)
    before = await stored(five)

    found = await find(five, report_only=True)

    assert five.written() == []
    assert await stored(five) == before
    assert found.drift == {
        "edited": {"content.title": 1, "stars": 1},
        "vanished": {"": 1},
    }
    assert (found.healed, found.to_heal, found.asked) == ({}, 2, 1)


async def test_after_a_report_the_next_sync_heals_what_it_found(five: World) -> None:
    five.market.shelf.edit("M000001", stars=FIVE)
    five.market.shelf.delete("M000002")
    await look(five, report_only=True)

    await five.sync()

    assert sorted(five.written()) == ["create", "set_stars"]


async def test_a_report_twice_counts_the_same_drift_once(five: World) -> None:
    five.market.shelf.edit("M000001", title="Sửa")
    five.market.shelf.delete("M000002")

    found = []
    for _ in range(2):
        found.append(await find(five, report_only=True))
        five.time.pass_(hours=1)
    healed = await find(five)

    assert [each.vanished for each in (*found, healed)] == [1, 1, 1]
    assert [each.asked for each in (*found, healed)] == [1, 1, 1]
    assert found[0].drift == found[1].drift == healed.drift
    assert found[0].drift == {"edited": {"content.title": 1}, "vanished": {"": 1}}
    assert healed.healed == {"us": 1}


async def test_a_report_reads_back_what_had_no_answer(world: World) -> None:
    await world.save(entry(1))
    world.market.script("create", LostAnswer(applied=False))
    world.market.script("find", UnavailableError("bảo trì"), times=3)
    await world.sync()
    assert (await world.record()).state.awaiting == "create"

    await look(world, report_only=True)

    assert (await world.record()).state.awaiting is None
    assert world.written() == []


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report(), Exit.DONE),
        (Report(failed=1), Exit.FAILED),
        (Report(stopped={"memory": "hỏng"}), Exit.FAILED),
        (Report(unheard={"memory": "hỏng"}), Exit.FAILED),
        (Report(unread={"memory": "hỏng"}), Exit.FAILED),
    ],
    ids=["all done", "one failed", "left alone", "sales not known", "not read"],
)
async def test_a_reconciliation_ends_with_the_code_of_a_sync(
    world: World, monkeypatch: pytest.MonkeyPatch, report: Report, code: Exit
) -> None:
    use_case = import_module("ocop_sync.service.sync.rated_sync")
    done = Reconciled(report=report, findings=[], report_only=False)

    async def read(*_: object, **__: object) -> Reconciled:
        return done

    monkeypatch.setattr(use_case, "reconcile", read)

    result = await reconcile_once(world.deployment)

    assert result.done is done
    assert EXITS[result.rating] is code


async def test_where_nothing_could_be_read_a_question_mark_stands_for_each_figure(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    world.market.script("page", UnavailableError("bảo trì"), times=99)
    world.time.pass_(hours=25)

    done = await reconcile(world.deployment, report_only=True)
    table = findings_table(done)
    cells = [[str(cell) for cell in column.cells] for column in table.columns]

    assert done.findings[0].nothing_read
    named = dict(zip(cells[0], cells[1], strict=True))
    assert {named[row] for row in named if "read" in row or "equal" in row} == {"?"}
    assert named["biến mất / vanished"] == named["sai lệch / drift"] == "?"
