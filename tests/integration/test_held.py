"""Holds for a person: groups above the budget, twins, doubles."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.wanted.origin import Cause
from ocop_sync.errors import (
    AuthenticationError,
    PlanError,
    StalePlanError,
    UnavailableError,
)
from ocop_sync.service.decisions import approvals, twin_decisions
from ocop_sync.service.deployment import RunLimits
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.queries.held import members_of
from ocop_sync.service.queries.twins import list_twins
from ocop_sync.service.run import evaluate_all
from ocop_sync.store import tables
from ocop_sync.store.decisions import held_groups as groups
from ocop_sync.store.decisions import held_members
from ocop_sync.store.decisions.held_groups import Group
from ocop_sync.store.decisions.held_members import Member
from ocop_sync.testing.memory import LostAnswer
from tests.acts import acts_of
from tests.factories import NOT_SO, make_certificate, make_paper, make_variant, person
from tests.held import list_held
from tests.world import World, entry

Decide = Callable[..., Awaitable[object]]
ENDED = make_certificate(decided_on=date(2021, 2, 1))
EXPIRED_PAPER = (make_paper(PaperKind.FOOD_SAFETY, expires_on=date(2024, 1, 31)),)
WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def _list_many(world: World, count: int) -> None:
    await world.save(*(entry(n) for n in range(1, count + 1)))
    await world.sync()


async def _block_many(world: World, count: int) -> None:
    for n in range(1, count + 1):
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)


async def test_few_withdrawals_pass(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 5)

    await world.sync()

    assert world.written() == ["withdraw"] * 5
    assert await list_held(world.deployment) == []


async def test_too_many_withdrawals_are_held_whole(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)

    report = await world.sync()

    ((group, members),) = await list_held(world.deployment)
    assert world.written() == []
    assert (group.cause, group.size, len(members)) == ("E04", 6, 6)
    assert report.counts["memory"].live_not_listable == 6


async def test_done_and_planned_count_together(world: World) -> None:
    await _list_many(world, 12)
    await _block_many(world, 4)
    await world.sync()
    await _block_many(world, 8)

    await world.sync()

    assert world.written() == []
    assert len(await list_held(world.deployment)) == 1


async def test_the_window_moves_on(world: World) -> None:
    await _list_many(world, 12)
    await _block_many(world, 5)
    await world.sync()
    await _block_many(world, 8)
    await world.sync()
    world.time.pass_(hours=25)

    await world.sync()

    assert world.written() == ["withdraw"] * 3


async def test_an_approved_group_is_sent_and_only_that(world: World) -> None:
    await _list_many(world, 20)
    await _block_many(world, 6)
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    await approvals.approve(
        world.deployment, group.id, by=person("Bà Mẫu"), reason="đã kiểm tra"
    )
    await _block_many(world, 12)

    await world.sync()

    assert world.written() == ["withdraw"] * 6
    refs = {"group": str(group.id), "marketplace": "memory", "checksum": group.checksum}
    assert await acts_of(world.database) == [("approve_group", [], refs)]


async def _hold_many(world: World, count: int = 6, of: int = 20) -> int:
    """Have a group of *count* products held, and return its number."""
    await _list_many(world, of)
    await _block_many(world, count)
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    return group.id


async def _approve(world: World, number: int, **more: str) -> None:
    await approvals.approve(
        world.deployment, number, by=person("Bà Mẫu"), reason="đã kiểm tra", **more
    )


async def _members(world: World, number: int) -> dict[str, str | None]:
    """Return the members of a group, each with why it is asked about anew."""
    async with world.database.read() as conn:
        found = await held_members.page(conn, number)
    return {each.product_id: each.reask_reason for each in found}


async def test_what_is_approved_and_fails_is_held_by_the_budget_no_longer(
    world: World,
) -> None:
    number = await _hold_many(world)
    await _approve(world, number)
    world.market.script("withdraw", UnavailableError("sàn sập"), times=99)

    await world.sync()

    record = await world.record()
    assert (record.decision, record.hold) == ("withdraw", None)
    ((group, ids),) = await list_held(world.deployment)
    assert (group.id, group.state, len(ids)) == (number, "approved", 6)


async def test_what_has_the_budget_by_now_and_fails_is_in_no_group(
    world: World,
) -> None:
    await _hold_many(world)
    await world.change("SP-00006", papers=entry()[0].papers)
    world.market.script("withdraw", UnavailableError("sàn sập"), times=99)

    await world.sync()

    record = await world.record()
    assert (record.hold, record.held_group) == (None, None)
    assert await list_held(world.deployment) == []


async def test_what_needs_no_approval_any_more_and_fails_is_in_no_group(
    world: World,
) -> None:
    """A named person has paused these very products meanwhile."""
    await _hold_many(world)
    for n in range(1, 7):
        await world.change(f"SP-{n:05}", paused=True)
    world.market.script("withdraw", UnavailableError("sàn sập"), times=99)

    await world.sync()

    record = await world.record()
    assert (record.hold, record.held_group) == (None, None)
    assert await list_held(world.deployment) == []


@pytest.mark.postgresql
async def test_an_approval_ends_and_that_is_said(world: World) -> None:
    number = await _hold_many(world)
    await _approve(world, number)
    world.time.pass_(hours=72)

    report = await world.sync()

    ((group, members_),) = await list_held(world.deployment)
    assert world.written() == []
    assert report.ended == [number]
    assert (group.id, group.state, len(members_)) == (number, "open", 6)
    assert (group.decided_by, group.approved_until) == ("Bà Mẫu", world.time())


async def test_an_approval_counts_to_its_last_second(world: World) -> None:
    await _approve(world, await _hold_many(world))
    world.time.pass_(hours=72, seconds=-1)

    report = await world.sync()

    assert (world.written(), report.ended) == (["withdraw"] * 6, [])


async def test_how_long_an_approval_counts_can_be_set(world: World) -> None:
    budget = Budget(approval_lasts=timedelta(hours=1))
    world.deployment = replace(world.deployment, budget=budget)
    number = await _hold_many(world)
    await _approve(world, number)
    world.time.pass_(hours=1)

    await world.sync()

    assert world.written() == []


async def test_an_ended_approval_can_be_given_again(world: World) -> None:
    number = await _hold_many(world)
    await _approve(world, number)
    world.time.pass_(hours=80)

    await _approve(world, number)
    await world.sync()

    assert world.written() == ["withdraw"] * 6


async def test_an_approval_that_ends_in_the_midst_of_a_run_stops_it(
    world: World,
) -> None:
    await _approve(world, await _hold_many(world))
    limits = RunLimits(slice_changes=2, lease_lasts=timedelta(hours=9))
    world.deployment = replace(world.deployment, limits=limits)
    world.time.pass_(hours=71)
    real = world.market.withdraw

    async def withdraw(changes: Sequence[Any]) -> Any:
        world.time.pass_(minutes=40)
        return await real(changes)

    world.market.withdraw = withdraw  # type: ignore[method-assign]  # it is slow
    await world.sync()

    assert world.written() == ["withdraw"] * 4


async def test_an_approval_that_is_taken_back_in_a_run_stops_it(world: World) -> None:
    number = await _hold_many(world)
    await _approve(world, number)
    limits = replace(world.deployment.limits, slice_changes=2)
    world.deployment = replace(world.deployment, limits=limits)
    real, done = world.market.withdraw, list[Any]()

    async def withdraw(changes: Sequence[Any]) -> Any:
        if not done:
            done.append(
                await approvals.refuse(
                    world.deployment, number, by=person("Ông Mẫu"), reason="đã xem"
                )
            )
        return await real(changes)

    world.market.withdraw = withdraw  # type: ignore[method-assign]  # people act
    await world.sync()

    assert world.written() == ["withdraw"] * 2
    kinds = [kind for kind, *_ in await acts_of(world.database)]
    assert kinds == ["approve_group", "refuse_group"]


async def test_what_is_sold_meanwhile_undoes_no_approval(world: World) -> None:
    await _approve(world, await _hold_many(world))
    for n in range(1, 7):
        (pack,) = entry(n)[0].variants
        await world.change(f"SP-{n:05}", variants=(replace(pack, on_hand=n),))

    await world.sync()

    assert world.written() == ["withdraw"] * 6


async def test_a_member_that_has_changed_is_skipped_and_asked_anew(
    world: World,
) -> None:
    number = await _hold_many(world)
    await _approve(world, number)
    await world.change("SP-00003", papers=EXPIRED_PAPER)

    report = await world.sync()

    ((group, ids),) = await list_held(world.deployment)
    assert world.written() == ["withdraw"] * 5
    assert report.not_as_approved == {"memory": {"changed": 1}}
    assert (group.id != number, group.state, ids) == (True, "open", ["SP-00003"])
    assert await _members(world, group.id) == {"SP-00003": "changed"}


async def test_a_member_whose_listing_was_edited_is_skipped(world: World) -> None:
    number = await _hold_many(world)
    await _approve(world, number)
    listing = world.market.shelf.of("SP-00003")[0]
    world.market.shelf.edit(listing.ref, description="Sửa tay.")
    world.time.pass_(hours=25)

    report = await world.sync()

    assert world.written() == ["withdraw"] * 5
    assert report.not_as_approved == {"memory": {"changed": 1}}


async def test_what_is_asked_anew_does_not_pass_by_itself(world: World) -> None:
    await _approve(world, await _hold_many(world))
    await world.change("SP-00003", papers=EXPIRED_PAPER)
    await world.sync()
    world.time.pass_(hours=25)

    await world.sync()

    assert world.written() == []
    ((group, _),) = await list_held(world.deployment)
    await _approve(world, group.id)
    await world.sync()
    assert world.written() == ["withdraw"]


async def test_another_cause_is_not_what_was_approved(world: World) -> None:
    await _approve(world, await _hold_many(world))
    await world.change("SP-00003", papers=entry(3)[0].papers, certificates=(ENDED,))

    report = await world.sync()

    ((group, _),) = await list_held(world.deployment)
    assert world.written() == ["withdraw"] * 5
    assert report.not_as_approved == {"memory": {"changed": 1}}
    assert (group.cause, group.size) == ("E02@2024-02-01", 1)


async def test_a_new_member_is_skipped_and_asked_anew(world: World) -> None:
    number = await _hold_many(world)
    await _approve(world, number)
    await world.change("SP-00007", papers=WITHOUT_PAPER)

    report = await world.sync()

    ((group, ids),) = await list_held(world.deployment)
    assert world.written() == ["withdraw"] * 6
    assert report.not_as_approved == {"memory": {"new": 1}}
    assert (group.id != number, ids) == (True, ["SP-00007"])
    assert await _members(world, group.id) == {"SP-00007": "new"}


async def test_what_comes_once_all_is_sent_is_no_new_member(world: World) -> None:
    await _approve(world, await _hold_many(world))
    await world.sync()
    await world.change("SP-00007", papers=WITHOUT_PAPER)

    report = await world.sync()

    assert world.written() == ["withdraw"]
    assert report.not_as_approved == {}


async def test_a_refusal_is_for_its_members_as_they_were(world: World) -> None:
    number = await _hold_many(world)
    await approvals.refuse(
        world.deployment, number, by=person("Bà Mẫu"), reason="nhập nhầm"
    )
    await world.change("SP-00003", papers=EXPIRED_PAPER)

    report = await world.sync()

    (refused, _), (asked, ids) = await list_held(world.deployment)
    assert world.written() == []
    assert report.not_as_approved == {"memory": {"changed": 1}}
    assert (refused.id, refused.state) == (number, "refused")
    assert (asked.state, ids) == ("open", ["SP-00003"])
    assert (await world.sync()).not_as_approved == {}


async def test_a_refusal_outlasts_a_look_that_does_not_find_its_members(
    world: World,
) -> None:
    number = await _hold_many(world)
    await approvals.refuse(
        world.deployment, number, by=person("Bà Mẫu"), reason="nhập nhầm"
    )
    await world.sync()
    for n in range(2, 7):
        await world.change(f"SP-{n:05}", papers=entry()[0].papers)
    world.time.pass_(hours=25)
    world.miss("SP-00001")

    await world.sync()

    ((group, _),) = await list_held(world.deployment)
    assert (world.written(), group.state) == ([], "refused")


async def test_a_question_outlasts_a_look_that_does_not_find_its_members(
    world: World,
) -> None:
    number = await _hold_many(world)
    for n in range(2, 7):
        await world.change(f"SP-{n:05}", papers=entry()[0].papers)
    world.time.pass_(hours=25)
    world.miss("SP-00001")
    world.market.script("find", UnavailableError("x"), times=9)

    await world.sync()

    ((group, _),) = await list_held(world.deployment)
    assert (group.id, group.state, world.written()) == (number, "open", [])


async def test_what_is_new_beside_a_refusal_has_the_budget(world: World) -> None:
    number = await _hold_many(world)
    await approvals.refuse(
        world.deployment, number, by=person("Bà Mẫu"), reason="nhập nhầm"
    )
    await world.change("SP-00007", papers=WITHOUT_PAPER)

    report = await world.sync()

    assert world.written() == ["withdraw"]
    assert report.not_as_approved == {}


@pytest.mark.postgresql
async def test_the_members_follow_the_catalog_until_a_person_decides(
    world: World,
) -> None:
    number = await _hold_many(world, 7)
    await world.change("SP-00001", papers=entry(1)[0].papers)
    await world.change("SP-00008", papers=WITHOUT_PAPER)
    ((before, _),) = await list_held(world.deployment)

    await world.sync()

    ((after, ids),) = await list_held(world.deployment)
    assert (before.id, after.id, after.size) == (number, number, 7)
    assert ids == [f"SP-{n:05}" for n in range(2, 9)]
    assert before.checksum != after.checksum


async def test_an_approval_is_of_the_group_that_was_seen(world: World) -> None:
    number = await _hold_many(world)
    ((seen, _),) = await list_held(world.deployment)
    await world.change("SP-00007", papers=WITHOUT_PAPER)
    await world.sync()

    with pytest.raises(StalePlanError, match=f"ocop-sync held show {number}"):
        await _approve(world, number, checksum=seen.checksum)

    ((now, _),) = await list_held(world.deployment)
    await _approve(world, number, checksum=now.checksum)
    await world.sync()
    assert world.written() == ["withdraw"] * 7


async def test_an_approval_given_while_all_is_evaluated_is_not_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await _hold_many(world)
    pages, done = evaluate_all.unsettled_pages, list[Any]()

    async def slow(*args: Any) -> AsyncIterator[Any]:
        async for page in pages(*args):
            if not done:
                done.append(number)
                await _approve(world, number)
            yield page

    monkeypatch.setattr(evaluate_all, "unsettled_pages", slow)

    await world.sync()

    assert world.written() == ["withdraw"] * 6


async def test_what_is_blocked_in_a_run_joins_the_group_that_waits(
    world: World,
) -> None:
    number = await _hold_many(world)
    await world.change("SP-00010", description="Măng khô, bản mới.")
    real, done = world.market.update, list[Any]()

    async def update(changes: Sequence[Any]) -> Any:
        if not done:
            done.append(changes)
            await world.change("SP-00007", papers=WITHOUT_PAPER)
        return await real(changes)

    world.market.update = update  # type: ignore[method-assign]  # in the midst of it
    await world.sync()

    ((group, ids),) = await list_held(world.deployment)
    assert world.written() == ["update"]
    assert (group.id, group.size, len(ids)) == (number, 7, 7)


async def test_an_approval_outlives_an_answer_that_is_lost_for_long(
    world: World,
) -> None:
    await _approve(world, await _hold_many(world))
    for n in range(1, 7):
        lost = LostAnswer(applied=False)
        world.market.script("withdraw", lost, client_ref=f"SP-{n:05}")
    world.market.script("read", UnavailableError("bảo trì"), times=3)
    stopped = (await world.sync()).stopped

    await world.sync()

    assert list(stopped) == ["memory"]
    assert world.written() == ["withdraw"] * 6


@pytest.mark.postgresql
async def test_the_ledger_names_who_has_approved(world: World) -> None:
    await _approve(world, await _hold_many(world))
    await world.change("SP-00007", description="Măng khô, bản mới.")

    await world.sync()

    async with world.database.read() as conn:
        change = tables.change.c
        chosen = change.kind.in_(["withdraw", "update"])
        rows = await conn.execute(select(change.why).where(chosen).distinct())
    approved, plain = sorted(why for (why,) in rows.all())
    assert approved.endswith("(nhóm 1, Bà Mẫu duyệt: đã kiểm tra)")
    assert plain.endswith("the content there was not as catalog and mapping have it")


@pytest.mark.postgresql
async def test_what_needed_no_approval_names_none(world: World) -> None:
    await _list_many(world, 8)
    for n in range(1, 7):
        await world.change(f"SP-{n:05}", certificates=(ENDED,))
    await world.sync()
    await _approve(world, 1)
    variant = make_variant(sku="SP-00001-1", gtin="", price_vnd=70_000)
    await world.change("SP-00001", variants=(variant,))
    world.time.pass_(hours=1)

    await world.sync()

    async with world.database.read() as conn:
        change = tables.change.c
        rows = await conn.execute(
            select(change.kind, change.why).where(change.sent_at == world.time())
        )
    whys = {row.kind: "duyệt" in row.why for row in rows}
    assert whys == {"set_price": False, "set_stars": True}


@pytest.mark.postgresql
async def test_a_cause_has_one_open_group(world: World) -> None:
    def group(cause: str, state: str = "open") -> Group:
        return Group(
            marketplace="memory",
            cause=Cause(cause),
            hold=Hold.BUDGET,
            size=1,
            checksum="f",
            state=state,
            opened_at=world.time(),
        )

    async def open_(conn: AsyncConnection) -> list[int]:
        asked = [group("E04", "refused"), group("E04"), group("E08"), group("E04")]
        return [await groups.open_group(conn, each) for each in asked]

    refused, first, other, again = await world.database.write(open_)

    assert again == first
    assert len({refused, first, other}) == 3


async def test_an_ended_approval_joins_the_group_that_is_open(world: World) -> None:
    number = await _hold_many(world)
    await _approve(world, number)
    await world.change("SP-00007", papers=WITHOUT_PAPER)
    world.market.script("withdraw", AuthenticationError("sai"), times=6)
    await world.sync()
    ids = [group.id for group, _ in await list_held(world.deployment)]
    world.time.pass_(hours=72)

    report = await world.sync()

    ((group, found),) = await list_held(world.deployment)
    assert (ids, report.ended) == ([number, group.id], [number])
    assert (group.state, found) == ("open", [f"SP-{n:05}" for n in range(1, 8)])


async def test_members_are_shown_page_by_page(world: World) -> None:
    await _hold_many(world, 7)

    pages = [page async for page in members_of(world.deployment, 1, 3)]

    assert [len(page) for page in pages] == [3, 3, 1]
    shown = [each for page in pages for each in page]
    assert [each.member.product_id for each in shown] == [
        f"SP-{n:05}" for n in range(1, 8)
    ]
    assert (shown[0].name, shown[0].producer) == ("Măng khô Mẫu 1", "Cơ sở Mẫu 001")


async def test_what_waits_unchanged_is_not_written_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _hold_many(world)
    await world.change("SP-00002", papers=EXPIRED_PAPER)
    real, put = held_members.put, list[str]()

    async def note(conn: Any, found: Sequence[Member]) -> None:
        put.extend(each.product_id for each in found)
        await real(conn, found)

    monkeypatch.setattr(held_members, "put", note)
    world.time.pass_(hours=1)

    await world.sync()

    assert put == ["SP-00002"]


async def test_what_vanished_is_made_anew_once_a_person_has_approved(
    world: World,
) -> None:
    await _list_many(world, 8)
    for n in range(1, 7):
        world.market.shelf.delete(world.market.shelf.of(f"SP-{n:05}")[0].ref)
    world.time.pass_(hours=25)
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    await _approve(world, group.id)
    (pack,) = entry(1)[0].variants
    await world.change("SP-00001", variants=(replace(pack, on_hand=3),))
    await world.change("SP-00002", description="Măng khô, bản mới.")

    report = await world.sync()

    assert world.written() == ["create"] * 5
    assert report.not_as_approved == {"memory": {"changed": 1}}


async def test_a_refused_group_stays_and_is_listed(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    await approvals.refuse(
        world.deployment, group.id, by=person("Bà Mẫu"), reason="sai"
    )
    world.time.pass_(hours=25)

    await world.sync()

    ((after, members),) = await list_held(world.deployment)
    assert world.written() == []
    assert (after.state, len(members)) == ("refused", 6)


@pytest.mark.parametrize("decide", [approvals.approve, approvals.refuse])
async def test_a_group_is_not_decided_twice_in_the_same_way(
    world: World, decide: Decide
) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    await decide(world.deployment, group.id, by=person("Bà Mẫu"), reason="đã kiểm tra")
    ((decided, _),) = await list_held(world.deployment)

    with pytest.raises(
        PlanError, match=r"bởi Bà Mẫu lúc \d\d/\d\d/\d{4} \d\d:\d\d .*by Bà Mẫu at"
    ):
        await decide(world.deployment, group.id, by=person("Ông Mẫu"), reason="ý khác")

    assert decided.decided_at == world.time()
    assert await list_held(world.deployment) == [
        (decided, [f"SP-{n:05}" for n in range(1, 7)])
    ]


async def test_a_decision_can_be_taken_back(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)
    await world.sync()
    await approvals.approve(
        world.deployment, 1, by=person("Bà Mẫu"), reason="đã kiểm tra"
    )
    await approvals.refuse(world.deployment, 1, by=person("Ông Mẫu"), reason="khoan đã")
    await world.sync()
    assert world.written() == []

    await approvals.approve(
        world.deployment, 1, by=person("Bà Mẫu"), reason="đã bàn lại"
    )
    await world.sync()
    assert world.written() == ["withdraw"] * 6


async def test_a_group_closes_when_its_cause_is_gone(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)
    await world.sync()
    for n in range(1, 7):
        await world.change(f"SP-{n:05}", papers=entry(n)[0].papers)

    await world.sync()

    assert world.written() == []
    assert await list_held(world.deployment) == []


@pytest.mark.parametrize("decide", [approvals.approve, approvals.refuse])
@pytest.mark.parametrize(
    ("by", "reason", "says"),
    [
        (" ", "đã xem", "--by"),
        ("N" * 201, "đã xem", "--by.*200"),
        ("Lan", " ", "--reason"),
        ("Lan", "vì " * 400, "--reason.*1000"),
    ],
)
async def test_nobody_decides_without_a_name_and_a_reason_of_some_length(
    world: World,
    decide: Callable[..., Awaitable[Group]],
    by: str,
    reason: str,
    says: str,
) -> None:
    with pytest.raises(PlanError, match=says):
        await decide(world.deployment, 1, by=person(by), reason=reason)


async def test_the_harmless_part_still_goes(world: World) -> None:
    await _list_many(world, 8)
    ended = make_certificate(decided_on=date(2021, 2, 1))
    for n in range(1, 7):
        variant = make_variant(sku=f"SP-{n:05}-1", gtin="", price_vnd=70_000)
        await world.change(f"SP-{n:05}", certificates=(ended,), variants=(variant,))

    await world.sync()

    assert world.written() == ["set_price"] * 6
    ((_, members),) = await list_held(world.deployment)
    assert len(members) == 6


async def test_what_a_producer_paused_passes_outside_the_budget(world: World) -> None:
    await _list_many(world, 8)
    for n in range(1, 9):
        await world.change(f"SP-{n:05}", paused=True)

    await world.sync()

    assert world.written() == ["withdraw"] * 8


async def test_ends_known_for_a_week_pass_outside_the_budget(world: World) -> None:
    soon = make_certificate(decided_on=date(2021, 3, 10))
    await world.save(*(entry(n, certificates=(soon,)) for n in range(1, 9)))
    await world.sync()
    world.time.pass_(days=10)

    await world.sync()

    assert world.written() == ["set_stars"] * 8


async def test_ends_that_come_as_a_surprise_are_held(world: World) -> None:
    soon = make_certificate(decided_on=date(2021, 3, 3))
    await world.save(*(entry(n, certificates=(soon,)) for n in range(1, 9)))
    await world.sync()
    world.time.pass_(days=3)

    await world.sync()

    ((group, _),) = await list_held(world.deployment)
    assert world.written() == []
    assert group.cause == "E02@2024-03-03"


async def test_many_vanished_at_once_are_not_made_anew(world: World) -> None:
    await _list_many(world, 8)
    for n in range(1, 7):
        world.market.shelf.delete(world.market.shelf.of(f"SP-{n:05}")[0].ref)
    world.time.pass_(hours=25)

    await world.sync()

    ((group, _),) = await list_held(world.deployment)
    assert world.written() == []
    assert group.cause == "vanished"


async def test_a_listing_with_the_same_name_holds_the_product(world: World) -> None:
    product, _ = entry(1)
    await _list_many(world, 1)
    made_by_hand = replace(
        world.market.shelf.of("SP-00001")[0].shown,
        client_ref="",
        title="MĂNG KHÔ MẪU 2",
        variants=(),
    )
    world.market.shelf.add(made_by_hand, seller_name="Gian hàng tay")
    world.time.pass_(hours=25)
    await world.save(entry(2))

    await world.sync()

    (twin,) = await list_twins(world.deployment)
    assert world.written() == []
    assert (twin.product_id, twin.seller_name) == ("SP-00002", "Gian hàng tay")
    assert product.id == "SP-00001"


async def _with_twin(world: World) -> int:
    await _list_many(world, 1)
    shown = world.market.shelf.of("SP-00001")[0].shown
    by_hand = replace(shown, client_ref="", title="Măng khô Mẫu 2", stars=None)
    variants = tuple(replace(v, sku="TAY-1") for v in by_hand.variants)
    world.market.shelf.add(replace(by_hand, variants=variants))
    world.time.pass_(hours=25)
    await world.save(entry(2))
    await world.sync()
    (twin,) = await list_twins(world.deployment)
    return twin.id


async def test_an_adopted_twin_is_updated_and_nothing_is_created(world: World) -> None:
    number = await _with_twin(world)
    await twin_decisions.adopt(world.deployment, number, by=person("Ông Mẫu"))

    await world.sync()

    assert "create" not in world.written()
    assert "set_stars" in world.written()
    assert len(world.market.shelf.listings) == 2


async def test_a_twin_that_is_another_product_no_longer_holds(world: World) -> None:
    number = await _with_twin(world)
    await twin_decisions.decide_other(world.deployment, number, by=person("Ông Mẫu"))

    await world.sync()

    assert world.written() == ["put_seller", "create"]


async def test_a_listing_with_our_sku_and_seller_is_adopted_by_itself(
    world: World,
) -> None:
    await _list_many(world, 1)
    shown = world.market.shelf.of("SP-00001")[0].shown
    variants = tuple(replace(v, sku="SP-00002-1") for v in shown.variants)
    by_hand = replace(shown, client_ref="", seller_ref="CS-0002", variants=variants)
    world.market.shelf.add(replace(by_hand, title="Măng"))
    world.time.pass_(hours=25)
    await world.save(entry(2))

    await world.sync()

    assert "create" not in world.written()
    assert len(world.market.shelf.listings) == 2


async def test_of_two_listings_of_ours_one_is_kept_right(
    world: World,
) -> None:
    await _list_many(world, 1)
    world.market.shelf.add(world.market.shelf.of("SP-00001")[0].shown)
    world.time.pass_(hours=25)
    await world.change(description="Măng khác.")

    await world.sync()

    record = await world.record()
    assert world.written() == ["set_stock", "update"]
    assert record.hold == "doubled"
    assert {record.state.ref, record.state.doubled_ref} == {"M000001", "M000002"}


async def test_a_plan_writes_nothing_and_says_what_a_sync_does(world: World) -> None:
    await world.save(entry(1), entry(2), entry(3, paused=True))

    (before,) = await plan(world.deployment)
    calls = len(world.market.log)
    await world.sync()
    (after,) = await plan(world.deployment)

    assert [line.kind for line in before.lines] == [
        "put_seller",
        "put_seller",
        "create",
        "create",
    ]
    assert before.unread == ["memory"]
    assert calls == 0
    assert after.lines == []


async def test_a_plan_shows_what_would_be_held(world: World) -> None:
    await _list_many(world, 8)
    await _block_many(world, 6)

    (shown,) = await plan(world.deployment)

    assert shown.lines == []
    assert [group.cause for group in shown.held] == ["E04"]
    assert await list_held(world.deployment) == []
