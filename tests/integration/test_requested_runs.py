"""Runs that people ask for: a worker carries each out once, and any process ends it.

Two `RequestedRuns` over one database stand for two processes: they share nothing else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.calls.stop import Stop
from ocop_sync.errors import (
    ClaimLostError,
    NoSuchRunError,
    PlanError,
    RunRequestedError,
)
from ocop_sync.requested_runs import RequestedRuns
from ocop_sync.service.claims.claimant import LEASE, MOST_TRIES, Claimant
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.notices.log import notice_log
from ocop_sync.service.queries.requests import request_of
from ocop_sync.service.queries.sent import run_page
from ocop_sync.service.requests.claim import ClaimedRun, claim_next
from ocop_sync.service.requests.plan_runs import note_outcomes
from ocop_sync.service.requests.run_requests import WantedRun, cancel_run, request_run
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.store import notices
from ocop_sync.store.runs import accounts, run_requests
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.store.runs.last_runs import Ending
from ocop_sync.store.runs.run_requests import RequestOutcome, RunKind, RunRequest
from ocop_sync.worker import Wake
from tests.acts import acts_of
from tests.factories import person
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

BY: Any = {"by": person("Bà Mẫu")}
SYNC = WantedRun(kind=RunKind.SYNC)


def process(world: World, holder: str = "một", **more: Any) -> RequestedRuns:
    deployment = replace(world.deployment, holder=holder, **more)
    return RequestedRuns(AtWork(deployment=deployment), Wake())


async def look(*processes: RequestedRuns) -> None:
    async with asyncio.timeout(60):
        await asyncio.gather(*(each.look() for each in processes))


async def ask(world: World, wanted: WantedRun = SYNC) -> RunRequest:
    return await request_run(world.deployment, wanted, **BY)


async def stands(world: World, id_: str) -> RunRequest:
    found = await request_of(world.deployment, id_)
    assert found is not None
    return found.request


async def claim_and_die(world: World) -> ClaimedRun | None:
    """Claim what waits as a process that dies at once."""
    claimant = Claimant(holder="chết", token="chết", now=world.time())  # noqa: S106
    return await world.database.write(
        partial(claim_next, claimant=claimant, deployment=world.deployment)
    )


async def test_a_run_that_was_asked_for_is_carried_out_by_one_worker_under_its_id(
    world: World,
) -> None:
    await world.save(entry(1))
    asked = await ask(world)

    await look(process(world, "một"), process(world, "hai"))

    ended = await stands(world, asked.id)
    assert (ended.outcome, ended.reason, ended.tries) == (RequestOutcome.DONE, "", 1)
    found = await run_page(world.deployment, asked.id, after=None, size=5)
    assert [each.id for each in found.runs] == [f"{asked.id}:memory"]
    assert world.written().count("create") == 1
    refs = {"run": asked.id, "work": "sync"}
    assert ("start_run", [], refs) in await acts_of(world.database)


async def test_a_reconciliation_that_only_reports_reads_whole_and_writes_nothing(
    world: World,
) -> None:
    await listed(world, 1)
    await world.change(description="Măng núi")
    world.market.log.clear()
    asked = await ask(world, WantedRun(kind=RunKind.RECONCILE, report_only=True))

    await look(process(world))

    assert (await stands(world, asked.id)).outcome is RequestOutcome.DONE
    assert "page" in {call.method for call in world.market.log}
    assert world.written() == []


async def test_a_full_sync_that_is_asked_for_passes_over_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listed(world, 1)
    for _ in range(3):
        world.time.pass_(minutes=20)
        report = await world.sync()
    assert report.passed_over
    drafted, draft = list[str](), Evaluator.draft

    def noted(self: Evaluator, entry: Any) -> Any:
        drafted.append(entry[0].id)
        return draft(self, entry)

    monkeypatch.setattr(Evaluator, "draft", noted)
    for full in (False, True):
        asked = await ask(world, WantedRun(kind=RunKind.SYNC, full=full))
        await look(process(world))

        assert (await stands(world, asked.id)).full is full
        assert bool(drafted) is full


async def test_two_runs_for_one_marketplace_are_not_taken_and_the_first_is_named(
    world: World,
) -> None:
    first = await ask(world, WantedRun(kind=RunKind.SYNC, marketplaces=["memory"]))

    with pytest.raises(RunRequestedError, match=first.id) as caught:
        await ask(world)

    assert caught.value.run == first.id
    await look(process(world))
    assert (await ask(world)).id != first.id


async def test_a_waiting_run_that_is_cancelled_is_begun_by_nobody(world: World) -> None:
    await world.save(entry(1))
    asked = await ask(world)

    ended = await cancel_run(world.deployment, asked.id, **BY)
    await look(process(world))

    assert ended is not None
    assert ended.outcome is RequestOutcome.CANCELLED
    assert world.written() == []
    (*_, act) = await acts_of(world.database)
    assert act == ("cancel_run", [], {"run": asked.id})
    with pytest.raises(PlanError, match="has ended"):
        await cancel_run(world.deployment, asked.id, **BY)


async def test_a_run_that_goes_on_is_cancelled_by_its_id_and_says_so(
    world: World,
) -> None:
    limits = replace(world.deployment.limits, slice_changes=2)
    await world.save(*(entry(n) for n in range(1, 7)))
    asked = await ask(world)
    create = world.market.create

    async def cancelled(*args: object) -> object:
        if not [e for e in world.written() if e == "create"]:
            await cancel_run(world.deployment, asked.id, **BY)
        return await create(*args)  # type: ignore[arg-type]

    world.market.create = cancelled  # type: ignore[method-assign, assignment]
    await look(process(world, limits=limits))

    assert (await stands(world, asked.id)).outcome is RequestOutcome.CANCELLED
    found = await run_page(world.deployment, asked.id, after=None, size=5)
    assert [each.ending for each in found.runs] == [Ending.CANCELLED]
    assert 0 < world.written().count("create") < 6


async def test_a_run_that_nobody_asked_for_is_cancelled_by_its_id_as_well(
    world: World,
) -> None:
    await world.save(entry(1))
    lease = Lease(token="5a0f17c2", holder="máy", lasts=LEASE)  # noqa: S106

    async def hold(conn: AsyncConnection) -> None:
        await accounts.know(conn, [world.market.account])
        await accounts.take(conn, ["memory"], lease, world.time())

    await world.database.write(hold)
    assert await cancel_run(world.deployment, "5a0f17c2:memory", **BY) is None
    await world.database.write(
        partial(accounts.renew, key="memory", lease=lease, now=world.time())
    )

    assert lease.cancelled_by == {"memory": "Bà Mẫu"}
    with pytest.raises(NoSuchRunError):
        await cancel_run(world.deployment, "5a0f17c3", **BY)


async def test_a_run_whose_process_has_died_is_taken_over_after_its_lease(
    world: World,
) -> None:
    await world.save(entry(1))
    asked = await ask(world)
    assert await claim_and_die(world) is not None

    await look(process(world))
    alive = await stands(world, asked.id)
    world.time.pass_(seconds=LEASE.total_seconds())
    is_dead = await request_of(world.deployment, asked.id)
    await look(process(world))

    assert (alive.holder, alive.outcome) == ("chết", None)
    assert is_dead is not None
    assert is_dead.is_dead
    ended = await stands(world, asked.id)
    assert (ended.outcome, ended.tries) == (RequestOutcome.DONE, 2)
    found = await run_page(world.deployment, asked.id, after=None, size=5)
    (run,) = found.runs  # under another name, but found by the first one
    assert run.id.startswith(f"{asked.id}:")
    assert run.id != f"{asked.id}:memory"


async def test_a_run_under_which_every_process_dies_is_given_up_and_told_once(
    world: World,
) -> None:
    world.deployment = replace(world.deployment, told_by=("webhook",))
    asked = await ask(world)
    for _ in range(MOST_TRIES):
        assert await claim_and_die(world) is not None
        world.time.pass_(seconds=LEASE.total_seconds())
    assert await notice_log(world.database) == []

    assert await claim_and_die(world) is None
    assert await claim_and_die(world) is None

    assert (await stands(world, asked.id)).outcome is RequestOutcome.DIED
    (told,) = await notice_log(world.database)
    assert (told.notice.kind, told.notice.part) == ("request_given_up", "begun")
    assert [each.sender for each in told.deliveries] == ["webhook"]
    assert asked.id in told.message.title.vi
    assert "không chạy lại nữa" in told.message.text.vi
    async with world.database.read() as conn:
        assert await notices.standing(conn) == []


async def test_a_cancelled_run_whose_process_has_died_is_begun_no_more(
    world: World,
) -> None:
    asked = await ask(world)
    await claim_and_die(world)
    await cancel_run(world.deployment, asked.id, **BY)
    world.time.pass_(seconds=LEASE.total_seconds())

    await look(process(world))

    assert (await stands(world, asked.id)).outcome is RequestOutcome.CANCELLED


async def test_a_process_that_is_told_to_stop_hands_its_run_back(world: World) -> None:
    await world.save(entry(1))
    asked, stop = await ask(world), Stop()
    page = world.market.page

    async def stopped(*args: object, **named: object) -> object:
        stop.ask("kiểm thử")
        return await page(*args, **named)  # type: ignore[arg-type]

    world.market.page = stopped  # type: ignore[method-assign, assignment]
    await look(process(world, stop=stop))
    waiting = await stands(world, asked.id)
    world.market.page = page  # type: ignore[method-assign]
    await look(process(world, "hai"))

    assert (waiting.token, waiting.tries, waiting.outcome) == ("", 0, None)
    ended = await stands(world, asked.id)
    assert (ended.outcome, ended.holder) == (RequestOutcome.DONE, "hai")


def kept_busy(world: World, looks: int) -> Callable[[float], Awaitable[None]]:
    """Return the sleep of a world in which another run holds the account for a while.

    It is there for so many *looks*, and shows signs of life.
    """
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        if seconds >= 15:
            await world.time.sleep(seconds)
        slept.append(seconds)
        if len(slept) > looks:  # our own waits: a longer one would end our own lease
            await world.time.sleep(seconds)
            return
        # As long as the other lease allows: it looks some thirty times, and not four
        # hundred, so that a loaded machine is done within the limit as well.
        world.time.pass_(seconds=max(seconds, 55))
        act: Callable[[AsyncConnection], Awaitable[None]] = partial(
            accounts.renew, key="memory", lease=OTHER, now=world.time()
        )
        if len(slept) == looks:
            act = partial(accounts.give_back, lease=OTHER)
        await world.database.write(act)

    return sleep


OTHER = Lease(token="khác", holder="máy khác", lasts=LEASE)  # noqa: S106


async def hold(world: World) -> None:
    """Let another run take the account's lease."""

    async def take(conn: AsyncConnection) -> None:
        await accounts.know(conn, [world.market.account])
        await accounts.take(conn, ["memory"], OTHER, world.time())

    await world.database.write(take)


async def test_a_run_waits_for_an_account_that_another_run_holds(world: World) -> None:
    await world.save(entry(1))
    await hold(world)
    asked = await ask(world)

    await look(process(world, sleep=kept_busy(world, 15)))

    assert (await stands(world, asked.id)).outcome is RequestOutcome.DONE
    assert "create" in world.written()


async def test_a_process_whose_run_was_taken_over_begins_no_second_one(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """As one does that was suspended for longer than its claim lasts."""
    await world.save(entry(1))
    await hold(world)
    asked = await ask(world)

    async def sleep(seconds: float) -> None:
        if seconds >= 15:  # no renewal tells it first
            await asyncio.Event().wait()
        world.time.pass_(seconds=LEASE.total_seconds() + seconds)
        await world.database.write(partial(accounts.give_back, lease=OTHER))
        assert await claim_and_die(world) is not None

    await look(process(world, sleep=sleep))

    assert world.written() == []
    assert "a run has lost its claim, and is broken off" in caplog.text
    left = await stands(world, asked.id)
    assert (left.holder, left.tries, left.outcome) == ("chết", 2, None)


async def test_what_came_of_a_plan_is_stored_by_nobody_who_lost_its_run(
    world: World,
) -> None:
    asked = replace(await ask(world), plan_id=1)

    async def lost(_conn: AsyncConnection) -> None:
        raise ClaimLostError

    at = AtWork(deployment=world.deployment, hold=lost)
    with pytest.raises(ClaimLostError):
        await note_outcomes(at, asked, [], is_carried_out=True)


async def test_a_run_that_waits_in_vain_says_which_account_is_held(
    world: World,
) -> None:
    await world.save(entry(1))
    await hold(world)
    asked = await ask(world)

    await look(process(world, sleep=kept_busy(world, 100)))

    ended = await stands(world, asked.id)
    assert ended.outcome is RequestOutcome.FAILED
    assert ended.reason == "memory: lần chạy khác đang giữ / held by another run"


async def test_requests_that_ended_long_ago_are_forgotten(world: World) -> None:
    first = await ask(world)
    await look(process(world))
    world.time.pass_(days=31)

    await ask(world)

    assert await request_of(world.deployment, first.id) is None


async def test_only_a_reconciliation_can_only_report(world: World) -> None:
    with pytest.raises(PlanError, match="only a reconciliation"):
        await ask(world, WantedRun(kind=RunKind.SYNC, report_only=True))

    assert await world.database.fetch(run_requests.open_requests) == []
