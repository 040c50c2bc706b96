"""Plans that are kept: made, read, decided on, and carried out by a worker."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.api.forms.plans import PlanStanding, plan_form
from ocop_sync.cli.backups import show_restored
from ocop_sync.cli.views.plans import show_plan
from ocop_sync.errors import (
    HeldPlanError,
    NoSuchAccountError,
    NoSuchPlanError,
    PlanError,
    RunRequestedError,
)
from ocop_sync.marketplace.listing import Facet
from ocop_sync.requested_runs import RequestedRuns
from ocop_sync.service.claims.claimant import LEASE, Claimant
from ocop_sync.service.decisions.restoring import note_restored
from ocop_sync.service.plan import kept_plans
from ocop_sync.service.plan.kept_plans import (
    LASTS,
    PlanWithChanges,
    approve_plan,
    list_plans,
    make_plan,
    refuse_plan,
    see_plan,
)
from ocop_sync.service.plan.scope import MOST_NAMED, PlanScope
from ocop_sync.service.queries.requests import request_of
from ocop_sync.service.requests.claim import claim_next
from ocop_sync.service.requests.plan_runs import carry_out_plan
from ocop_sync.service.requests.run_requests import WantedRun, cancel_run, request_run
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.store.decisions.plans import PlannedOutcome, PlanState
from ocop_sync.store.runs import run_requests
from ocop_sync.store.runs.run_requests import RequestOutcome, RunKind, RunRequest
from ocop_sync.store.tables import installation
from ocop_sync.worker import Wake
from tests.acts import acts_of
from tests.factories import NOT_SO, make_certificate, make_paper, person
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

BY: Any = {"by": person("Bà Mẫu")}
WHY: Any = {**BY, "reason": "đã xem từng dòng"}
WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def made(world: World) -> int:
    return await make_plan(world.deployment, **BY)


async def read(world: World, number: int, size: int = 100) -> PlanWithChanges:
    return await see_plan(world.deployment, number, size=size)


async def work(world: World) -> None:
    """Carry out what was asked for, as a worker does."""
    for market in world.markets.values():
        market.log.clear()
    await RequestedRuns(AtWork(deployment=world.deployment), Wake()).look()


async def carried_out(world: World, number: int) -> RunRequest:
    """Have an approved plan carried out; return how its run has ended."""
    request = await carry_out_plan(world.deployment, number, **BY)
    await work(world)
    found = await request_of(world.deployment, request.id)
    assert found is not None
    return found.request


async def outcomes(world: World, number: int) -> list[tuple[str, str, str | None]]:
    found = await read(world, number)
    return [(each.subject, each.kind, each.outcome) for each in found.changes]


async def described(world: World, *numbers: int, text: str = "Bản mới.") -> None:
    for n in numbers:
        await world.change(f"SP-{n:05}", description=text)


async def test_a_plan_is_kept_with_each_change_and_writes_nothing_anywhere(
    world: World,
) -> None:
    await listed(world, 2)
    ref = (await world.record()).state.ref
    await described(world, 1)
    world.market.log.clear()

    number = await made(world)

    assert world.market.log == []
    found = await read(world, number)
    (change,) = found.changes
    assert (change.n, change.marketplace, change.account) == (1, "memory", "memory")
    assert (change.subject, change.name) == ("SP-00001", "Măng khô Mẫu 1")
    assert (change.kind, change.listing, change.takes) == ("update", ref, False)
    assert change.before["description"] != change.after["description"] == "Bản mới."
    assert change.cause
    assert change.counted_as == "listable"
    assert change.why["code"] == "catalog"
    assert change.outcome is None
    row = found.plan.row
    assert (row.state, row.changes, row.takes) == (PlanState.WAITING, 1, 0)
    assert (row.made_by, row.expires_at) == ("Bà Mẫu", world.time() + LASTS)
    (told,) = row.marketplaces
    assert told["calls"] == 1
    assert told["minutes"] is None  # no quota is set here
    assert ("make_plan", [], {"plan": str(number)}) in await acts_of(world.database)


async def test_changes_come_page_by_page_and_plans_the_latest_first(
    world: World,
) -> None:
    await world.save(*(entry(n) for n in range(1, 4)))
    first, second = await made(world), await made(world)

    whole = [each.n for each in (await read(world, second)).changes]
    page = await read(world, second, 2)
    rest = await see_plan(world.deployment, second, after=page.last or 0, size=50)
    plans = await list_plans(world.deployment, size=1)
    more = await list_plans(world.deployment, before=plans.last, size=1)

    assert [each.n for each in (*page.changes, *rest.changes)] == whole
    assert [page.last, rest.last] == [2, None]
    assert [each.row.id for each in (*plans.plans, *more.plans)] == [second, first]
    assert (plans.last, more.last) == (second, None)


async def test_an_approved_plan_is_carried_out_by_a_worker_and_nothing_else(
    world: World,
) -> None:
    await listed(world, 3)
    await described(world, 1)
    number = await made(world)
    await described(world, 2)  # after the plan was made: not part of it

    seen = await approve_plan(world.deployment, number, **WHY)
    ended = await carried_out(world, number)

    assert (seen.row.decided_by, seen.row.reason) == ("Bà Mẫu", "đã xem từng dòng")
    assert (ended.kind, ended.outcome) == (RunKind.PLAN, RequestOutcome.DONE)
    assert world.written() == ["update"]
    assert (await world.record("SP-00002")).state.found is not None
    assert await outcomes(world, number) == [("SP-00001", "update", "sent")]
    found = await read(world, number)
    assert (found.plan.row.state, found.plan.row.run) == (
        PlanState.CARRIED_OUT,
        ended.id,
    )
    kinds = [kind for kind, _, _ in await acts_of(world.database)]
    assert kinds == ["make_plan", "approve_plan", "carry_out_plan"]


async def test_nothing_that_nobody_approved_is_carried_out(world: World) -> None:
    await world.save(entry(1))
    waiting, refused = await made(world), await made(world)
    await refuse_plan(world.deployment, refused, **WHY)

    for number in (waiting, refused):
        with pytest.raises(PlanError, match="not approved"):
            await carry_out_plan(world.deployment, number, **BY)
    await work(world)

    assert world.written() == []
    with pytest.raises(NoSuchPlanError):
        await carry_out_plan(world.deployment, 99, **BY)


async def test_a_plan_that_was_refused_after_its_run_was_asked_for_is_not_sent(
    world: World,
) -> None:
    await world.save(entry(1))
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)
    request = await carry_out_plan(world.deployment, number, **BY)

    with pytest.raises(PlanError, match="was given to the run"):
        await refuse_plan(world.deployment, number, **WHY)
    await cancel_run(world.deployment, request.id, **BY)
    await refuse_plan(world.deployment, number, **WHY)
    await work(world)

    assert world.written() == []


async def test_what_it_takes_from_buyers_is_told_first_and_needs_the_token(
    world: World,
) -> None:
    await listed(world, 3)
    await world.change("SP-00001", papers=WITHOUT_PAPER)
    number = await made(world)

    with pytest.raises(HeldPlanError) as held:
        await approve_plan(world.deployment, number, **WHY)
    with pytest.raises(HeldPlanError):
        await approve_plan(world.deployment, number, **WHY, token="0" * 12)

    assert [en for _, en in held.value.effects] == [
        "memory: 1 product is taken from sale (withdraw), as of E04"
    ]
    assert (await read(world, number)).plan.row.takes == 1
    await approve_plan(world.deployment, number, **WHY, token=held.value.token)
    assert (await carried_out(world, number)).outcome is RequestOutcome.DONE
    assert world.written() == ["withdraw"]


async def test_what_is_above_the_budget_is_no_part_of_a_plan_and_is_told(
    world: World,
) -> None:
    await listed(world, 12)
    for n in range(1, 13):
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)

    found = await read(world, await made(world))

    assert found.changes == []
    (group,) = found.plan.row.marketplaces[0]["held"]
    assert (group["products"], group["cause"]) == (12, "E04")


async def test_a_change_that_the_catalog_has_outrun_says_so_and_is_not_sent(
    world: World,
) -> None:
    await listed(world, 3)
    await described(world, 1, 2, 3)
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)
    await described(world, 2, text="Bản mới hơn.")
    await world.change("SP-00003", certificates=(make_certificate(stars=None),))

    ended = await carried_out(world, number)

    assert ended.outcome is RequestOutcome.DONE, ended.reason
    found = {subject: outcome for subject, _, outcome in await outcomes(world, number)}
    assert found["SP-00001"] is PlannedOutcome.SENT
    assert found["SP-00002"] is PlannedOutcome.CHANGED
    assert world.written().count("update") == 1 + (found["SP-00003"] == "sent")


async def test_of_a_plan_most_of_which_is_outrun_nothing_is_sent_and_each_says_so(
    world: World,
) -> None:
    await listed(world, 3)
    await described(world, 1, 2, 3)
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)
    await described(world, 1, 2, text="Bản mới hơn.")

    ended = await carried_out(world, number)

    assert ended.outcome is RequestOutcome.FAILED
    assert "2 of 3 changes no longer fit" in ended.reason
    assert world.written() == []
    assert [outcome for *_, outcome in await outcomes(world, number)] == [
        "changed",
        "changed",
        None,
    ]
    # It may be tried again until it expires, or be refused.
    assert (await read(world, number)).plan.row.state is PlanState.APPROVED


async def test_an_expired_plan_is_neither_approved_nor_carried_out(
    world: World,
) -> None:
    await world.save(entry(1))
    waiting, approved = await made(world), await made(world)
    await approve_plan(world.deployment, approved, **WHY)
    world.time.pass_(days=LASTS.days)

    with pytest.raises(PlanError, match="expired"):
        await approve_plan(world.deployment, waiting, **WHY)
    with pytest.raises(PlanError, match="expired"):
        await carry_out_plan(world.deployment, approved, **BY)

    assert (await read(world, waiting)).plan.is_expired


async def test_a_plan_that_expires_while_its_run_waits_is_not_sent(
    world: World,
) -> None:
    await world.save(entry(1))
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)
    request = await carry_out_plan(world.deployment, number, **BY)
    world.time.pass_(days=LASTS.days)

    await work(world)

    found = await request_of(world.deployment, request.id)
    assert found is not None
    assert found.request.outcome is RequestOutcome.FAILED
    assert "expired" in found.request.reason
    assert world.written() == []


async def made_of(world: World, **scope: Any) -> tuple[int, list[tuple[str, str]]]:
    """Make a plan of a part; return its number, and its changes."""
    number = await make_plan(world.deployment, PlanScope(**scope), **BY)
    found = await read(world, number)
    return number, [(each.subject, each.kind) for each in found.changes]


async def test_a_plan_of_a_product_and_a_facet_has_these_changes_alone(
    world: World,
) -> None:
    await listed(world, 3)
    (pack,) = entry(1)[0].variants
    for n in (1, 2):
        dearer = replace(pack, sku=f"SP-{n:05}-1", gtin="", price_vnd=70_000)
        await world.change(f"SP-{n:05}", description="Bản mới.", variants=(dearer,))
    await world.change("SP-00003", papers=WITHOUT_PAPER)

    _, all_ = await made_of(world)
    _, of_one = await made_of(world, products=("SP-00002",))
    number, priced = await made_of(
        world, products=("SP-00001", "SP-00003"), facets=(Facet.PRICE,)
    )

    price, update_ = ("SP-00001", "set_price"), ("SP-00001", "update")
    assert {price, update_, ("SP-00003", "withdraw")} < set(all_)
    assert of_one == [("SP-00002", "set_price"), ("SP-00002", "update")]
    assert priced == [price]
    form = plan_form((await read(world, number)).plan)
    assert (form.accounts, form.facets) == ((), ("price",))
    assert form.products == ("SP-00001", "SP-00003")
    await approve_plan(world.deployment, number, **WHY)  # it takes nothing
    ended = await carried_out(world, number)
    assert ended.outcome is RequestOutcome.DONE
    assert world.written() == ["set_price"]


async def test_a_plan_of_a_new_product_has_the_seller_that_it_waits_for(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))

    _, changes = await made_of(world, products=("SP-00002",))
    _, none = await made_of(world, facets=tuple(Facet))

    assert [kind for _, kind in changes] == ["put_seller", "create"]
    assert changes[-1][0] == "SP-00002"
    assert none == []


async def test_only_groups_of_what_a_plan_is_of_are_held_in_it(world: World) -> None:
    await listed(world, 8)
    for n in range(1, 8):
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)

    held = [
        len((await read(world, number)).plan.row.marketplaces[0]["held"])
        for number, _ in (
            await made_of(world),
            await made_of(world, products=("SP-00001",)),
            await made_of(world, facets=(Facet.PRICE,)),
        )
    ]

    assert held == [1, 0, 0]


async def test_a_plan_of_what_is_not_there_is_not_made(world: World) -> None:
    for scope, error in (
        ({"products": ("SP-00009",)}, "there is no product SP-00009"),
        ({"products": ("SP-00001",) * (MOST_NAMED + 1)}, "200 names at most"),
    ):
        with pytest.raises(PlanError, match=error):
            await made_of(world, **scope)
    with pytest.raises(NoSuchAccountError, match="there is no account nhầm"):
        await made_of(world, accounts=("nhầm",))
    assert (await list_plans(world.deployment, size=5)).plans == []


async def test_a_plan_is_approved_once_and_carried_out_once(world: World) -> None:
    await world.save(entry(1))
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)

    with pytest.raises(PlanError, match="was approved by Bà Mẫu"):
        await approve_plan(world.deployment, number, **WHY)
    await carried_out(world, number)
    with pytest.raises(PlanError, match="was given to the run"):
        await carry_out_plan(world.deployment, number, **BY)


async def test_a_plan_that_was_approved_before_a_restore_needs_approval_anew(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.save(entry(1))
    approved, waiting = await made(world), await made(world)
    await approve_plan(world.deployment, approved, **WHY)
    asked = await carry_out_plan(world.deployment, approved, **BY)

    done = await note_restored(world.database, by=BY["by"], now=world.time())
    show_restored(done)
    found = (await read(world, approved)).plan
    show_plan(found)

    assert done.plans == (approved,)
    assert plan_form(found).state is PlanStanding.WAITING
    assert plan_form(found).reopened_at == world.time()
    assert (found.row.decided_by, found.row.reason) == ("", "")
    shown = " ".join(capsys.readouterr().out.split())
    assert f"plans {approved} need approval anew" in shown
    assert "the approval of before holds no more" in shown
    await work(world)
    with pytest.raises(PlanError, match="not approved"):
        await carry_out_plan(world.deployment, approved, **BY)
    assert world.written() == []
    assert (await read(world, waiting)).plan.row.reopened_at is None

    await approve_plan(world.deployment, approved, **WHY)
    assert (await read(world, approved)).plan.row.reopened_at is None
    ended = await carried_out(world, approved)
    assert (ended.outcome, ended.id == asked.id) == (RequestOutcome.DONE, False)
    assert "create" in world.written()


async def test_a_plan_that_somebody_has_refused_is_approved_by_nobody_else(
    world: World,
) -> None:
    await world.save(entry(1))
    number = await made(world)
    await refuse_plan(world.deployment, number, **WHY)

    with pytest.raises(PlanError, match="was refused by Bà Mẫu"):
        await approve_plan(
            world.deployment, number, by=person("Ông Mẫu"), reason="không xem"
        )

    assert (await read(world, number)).plan.row.state is PlanState.REFUSED


async def test_a_plan_on_a_database_that_was_moved_says_what_to_do(
    world: World,
) -> None:
    await listed(world, 1)
    await described(world, 1)
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)

    async def move(conn: Any) -> None:
        await conn.execute(update(installation).values(place="ở nơi khác"))

    await world.database.write(move)

    ended = await carried_out(world, number)

    assert ended.outcome is RequestOutcome.FAILED
    assert "ocop-sync db moved" in ended.reason
    assert world.written() == []


async def test_a_plan_waits_for_another_run_that_was_asked_for_there(
    world: World,
) -> None:
    await world.save(entry(1))
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)
    await request_run(world.deployment, WantedRun(kind=RunKind.SYNC), **BY)

    with pytest.raises(RunRequestedError):
        await carry_out_plan(world.deployment, number, **BY)

    assert (await read(world, number)).plan.row.run == ""


async def test_a_plan_whose_worker_dies_in_the_middle_goes_on_and_sends_nothing_twice(
    world: World,
) -> None:
    await listed(world, 4)
    await described(world, 1, 2, 3, 4)
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)
    request = await carry_out_plan(world.deployment, number, **BY)
    update, sent = world.market.update, list[str]()

    class PowerCutError(BaseException):
        """The process is gone."""

    async def cut(changes: Any) -> Any:
        sent.extend(each.client_ref for each in changes)
        await update(changes)
        if len(sent) >= 3:
            raise PowerCutError
        return await update(changes)

    limits = replace(world.deployment.limits, slice_changes=1)
    world.market.update = cut  # type: ignore[method-assign]
    dying = replace(world.deployment, limits=limits, holder="chết")
    with pytest.raises((PowerCutError, BaseExceptionGroup)):
        await RequestedRuns(AtWork(deployment=dying), Wake()).look()
    world.market.update = update  # type: ignore[method-assign]
    world.time.pass_(seconds=2 * LEASE.total_seconds())
    await work(world)

    found = await request_of(world.deployment, request.id)
    assert found is not None
    assert (found.request.outcome, found.request.tries) == (RequestOutcome.DONE, 2)
    assert set(await outcomes(world, number)) == {
        (f"SP-{n:05}", "update", "sent") for n in range(1, 5)
    }
    shown = [world.market.shelf.of(f"SP-{n:05}")[0].shown for n in range(1, 5)]
    assert {each.description for each in shown} == {"Bản mới."}


async def test_the_rest_of_a_plan_goes_after_a_death_though_little_of_it_fits(
    world: World,
) -> None:
    # Four of six fit. Three of these are sent as the worker dies: of what is left then
    # most no longer fits, of the plan most does.
    await listed(world, 6)
    await described(world, 1, 2, 3, 4, 5, 6)
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)
    await described(world, 5, 6, text="Bản mới hơn.")
    request = await carry_out_plan(world.deployment, number, **BY)
    sent = await cut_after(world, 3)
    world.time.pass_(seconds=2 * LEASE.total_seconds())
    await work(world)

    found = await request_of(world.deployment, request.id)
    assert found is not None
    assert (len(sent), found.request.outcome) == (3, RequestOutcome.DONE), found
    by_subject = {subject: each for subject, _, each in await outcomes(world, number)}
    assert [by_subject[f"SP-{n:05}"] for n in range(1, 7)] == 4 * ["sent"] + 2 * [
        "changed"
    ]


async def test_a_plan_whose_run_was_broken_off_is_gone_on_with_by_the_next_one(
    world: World,
) -> None:
    await listed(world, 4)
    await described(world, 1, 2, 3, 4)
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)
    request = await carry_out_plan(world.deployment, number, **BY)
    sent = await cut_after(world, 3)
    await cancel_run(world.deployment, request.id, **BY)
    world.time.pass_(seconds=2 * LEASE.total_seconds())
    await work(world)

    ended = await carried_out(world, number)

    assert (len(sent), ended.outcome) == (3, RequestOutcome.DONE), ended
    assert world.written() == ["update"]
    assert [outcome for *_, outcome in await outcomes(world, number)] == 4 * ["sent"]


async def cut_after(world: World, count: int) -> list[str]:
    """Carry out what was asked for until so many are sent, and die; return these."""
    update_, sent = world.market.update, list[str]()

    class PowerCutError(BaseException):
        """The process is gone."""

    async def cut(changes: Any) -> Any:
        sent.extend(each.client_ref for each in changes)
        found = await update_(changes)
        if len(sent) >= count:
            raise PowerCutError
        return found

    limits = replace(world.deployment.limits, slice_changes=1)
    world.market.update = cut  # type: ignore[method-assign]
    dying = replace(world.deployment, limits=limits, holder="chết")
    with pytest.raises((PowerCutError, BaseExceptionGroup)):
        await RequestedRuns(AtWork(deployment=dying), Wake()).look()
    world.market.update = update_  # type: ignore[method-assign]
    return sent


async def test_a_claimed_plan_is_claimed_as_any_run(world: World) -> None:
    await world.save(entry(1))
    number = await made(world)
    await approve_plan(world.deployment, number, **WHY)
    await carry_out_plan(world.deployment, number, **BY)
    claimant = Claimant(holder="a", token="a", now=world.time())  # noqa: S106

    claimed = await world.database.write(
        partial(claim_next, claimant=claimant, deployment=world.deployment)
    )

    assert claimed is not None
    assert claimed.request.plan_id == number
    assert (await read(world, number)).plan.is_running


async def test_plans_that_expired_long_ago_are_forgotten(world: World) -> None:
    await world.save(entry(1))
    old = await made(world)
    world.time.pass_(days=LASTS.days + 31)

    await made(world)

    with pytest.raises(NoSuchPlanError):
        await read(world, old)


async def test_a_plan_that_could_not_be_stored_to_its_end_is_shown_to_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(entry(1))

    def fails(*_: object) -> object:
        raise LookupError

    monkeypatch.setattr(kept_plans, "_change", fails)
    with pytest.raises(LookupError):
        await made(world)

    assert (await list_plans(world.deployment, size=5)).plans == []
    with pytest.raises(NoSuchPlanError):
        await read(world, 1)


async def test_a_list_asks_once_which_of_its_plans_are_being_carried_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(entry(1))
    numbers = [await made(world) for _ in range(3)]
    await approve_plan(world.deployment, numbers[1], token="", **WHY)
    await carry_out_plan(world.deployment, numbers[1], **BY)
    asked, ask = 0, run_requests.open_requests

    async def counting(conn: Any) -> list[RunRequest]:
        nonlocal asked
        asked += 1
        return await ask(conn)

    monkeypatch.setattr(run_requests, "open_requests", counting)
    page = await list_plans(world.deployment, size=10)

    assert [each.is_running for each in page.plans] == [False, True, False]
    assert asked == 1


async def test_nobody_decides_on_a_plan_without_changes(world: World) -> None:
    await listed(world, 1)
    number = await made(world)

    for decide in (approve_plan, refuse_plan):
        with pytest.raises(PlanError, match="there is nothing to decide on"):
            await decide(world.deployment, number, **WHY)

    found = (await see_plan(world.deployment, number, size=0)).plan
    assert found.row.state is PlanState.WAITING
    assert plan_form(found).state is PlanStanding.EMPTY
