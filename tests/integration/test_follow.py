"""Whoever follows a run is told of it while it goes on, from any process, once each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from ocop_sync.calls.stop import Stop
from ocop_sync.errors import NoSuchRunError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.requested_runs import RequestedRuns
from ocop_sync.service.claims.claimant import LEASE, Claimant
from ocop_sync.service.requests.claim import claim_next
from ocop_sync.service.requests.follow import (
    Followed,
    FollowedKind,
    RunNews,
    ensure_followed,
    follow,
    heard_from_others,
)
from ocop_sync.service.requests.run_requests import WantedRun, cancel_run, request_run
from ocop_sync.service.run.run_events import RunEvents
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.listening import AGAIN_S
from ocop_sync.store.runs import ledger, run_events, run_history
from ocop_sync.store.runs.ledger import ClosedRun, OpenedRun
from ocop_sync.store.runs.run_events import EventKind
from ocop_sync.store.runs.run_requests import RunKind, RunRequest
from ocop_sync.store.tables import run
from ocop_sync.worker import Wake
from tests.factories import person
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

REFUSAL = Refused((Problem(code="description_too_long", message="quá dài"),))
BY: Any = {"by": person("Bà Mẫu")}
SYNC = WantedRun(kind=RunKind.SYNC)
PATIENCE_S = 60


async def ask(world: World) -> RunRequest:
    return await request_run(world.deployment, SYNC, **BY)


async def work(world: World, **more: Any) -> None:
    deployment = replace(world.deployment, **more)
    await RequestedRuns(AtWork(deployment=deployment), Wake()).look()


async def told_of(world: World, run: str, after: int = 0) -> list[Followed]:
    """Return all that is told of a run that has ended."""
    async with (
        asyncio.timeout(PATIENCE_S),
        aclosing(follow(world.deployment, run, RunNews(), after=after)) as told,
    ):
        return [each async for each in told if each is not None]


def kinds(told: list[Followed]) -> list[str]:
    return [each.kind.value for each in told]


@dataclass
class Follower:
    """Somebody who follows a run, and looks again only when there is news."""

    news: RunNews = field(default_factory=RunNews)
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[Followed] = field(default_factory=list)

    async def go(self, world: World, run: str, **more: Any) -> None:
        deployment = replace(world.deployment, **{"sleep": never} | more)
        async with aclosing(follow(deployment, run, self.news)) as told:
            async for each in told:
                if each is None:
                    self.looked.set()
                else:
                    self.told.append(each)

    async def look(self) -> None:
        """Have it look, and wait until it has."""
        self.looked.clear()
        self.news.tell()
        await self.looked.wait()


async def never(seconds: float) -> None:
    del seconds
    await asyncio.get_running_loop().create_future()


@asynccontextmanager
async def following(world: World, run: str, **more: Any) -> AsyncIterator[Follower]:
    follower = Follower()
    task = asyncio.ensure_future(follower.go(world, run, **more))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await follower.looked.wait()
            yield follower
            await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_run_is_followed_from_its_wait_for_a_worker_to_its_end(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    asked = await ask(world)

    async with following(world, asked.id) as follower:
        assert [each.data for each in follower.told] == [{"state": "waiting"}]
        await work(world)
        follower.news.tell()

    told = follower.told
    assert kinds(told)[:2] == ["state", "begun"]
    assert kinds(told)[-2:] == ["ended", "end"]
    assert told[-1].data == {"outcome": "done", "reason": ""}
    numbers = [each.n for each in told if each.n is not None]
    assert numbers == sorted(numbers)
    ended = told[-2]
    assert (ended.account, ended.data["outcome"]) == ("memory", "done")
    progress = ended.data["progress"]
    assert progress["changes"] == {
        "create": {"applied": 2},
        "put_seller": {"applied": 2},
    }
    assert progress["calls"] >= 0
    assert (progress["failed"], progress["failures"]) == (0, [])


async def test_progress_is_told_after_each_slice_with_what_is_left(
    world: World,
) -> None:
    limits = replace(world.deployment.limits, slice_changes=2)
    await world.save(*(entry(n) for n in range(1, 6)))
    asked = await ask(world)

    await work(world, limits=limits)

    told = [
        each.data["progress"]
        for each in await told_of(world, asked.id)
        if each.kind is FollowedKind.PROGRESS
    ]
    assert [each["changes"]["create"]["applied"] for each in told] == [2, 4, 5]
    assert [each["sent"] for each in told] == sorted(each["sent"] for each in told)


async def test_whoever_comes_back_is_told_what_came_after_the_last_number(
    world: World,
) -> None:
    await world.save(entry(1))
    asked = await ask(world)
    await work(world)
    whole = await told_of(world, asked.id)
    number = whole[1].n
    assert number is not None

    rest = await told_of(world, asked.id, after=number)

    assert [each.n for each in rest] == [each.n for each in whole[2:]]
    assert rest[-1].kind is FollowedKind.END


async def test_a_failure_is_named_once_in_the_marketplaces_words(world: World) -> None:
    await listed(world, 1)
    await world.change(description="Bản mới.")
    world.market.script("update", REFUSAL)
    asked = await ask(world)

    await work(world)

    named = [
        failure
        for each in await told_of(world, asked.id)
        if "progress" in each.data
        for failure in each.data["progress"]["failures"]
    ]
    assert [(e["subject"], e["kind"], e["outcome"]) for e in named] == [
        ("SP-00001", "update", "refused")
    ]


async def test_a_run_that_finds_nothing_to_do_tells_nothing_but_its_end(
    world: World,
) -> None:
    await listed(world, 1)
    before = await world.database.fetch(run_events.after, "", 0, 1)
    asked = await ask(world)

    await work(world)

    assert before == []
    assert kinds(await told_of(world, asked.id)) == ["end"]


async def test_a_sync_that_nobody_asked_for_is_followed_as_well(world: World) -> None:
    await world.save(entry(1))
    report = await world.sync()

    told = await told_of(world, report.run)
    of_account = await told_of(world, f"{report.run}:memory")

    assert kinds(told)[-1] == "end"
    assert told[-1].data["outcome"] == "done"
    assert kinds(of_account) == kinds(told)
    with pytest.raises(NoSuchRunError):
        await ensure_followed(world.deployment, "0" * 16)


async def test_of_many_runs_the_worst_end_is_told_and_none_is_read_in_full(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def add(conn: Any) -> None:
        for name, outcome in (("a", "done"), ("b", "failed"), ("c", "stopped")):
            run = OpenedRun(f"t:{name}", name, "memory", "h", world.time())
            await ledger.open_runs(conn, [run])
            closed = ClosedRun(f"t:{name}", outcome)
            await ledger.close_runs(conn, [closed], world.time())

    async def whole(*_: Any) -> list[Any]:
        raise AssertionError

    await world.database.write(add)
    monkeypatch.setattr(run_history, "runs_page", whole)

    assert (await told_of(world, "t"))[-1].data["outcome"] == "failed"
    assert (await told_of(world, "t:c"))[-1].data["outcome"] == "stopped"

    async def die(conn: Any) -> None:
        run = OpenedRun("t:d", "d", "memory", "h", world.time())
        await ledger.open_runs(conn, [run])

    await world.database.write(die)
    assert (await told_of(world, "t"))[-1].data["outcome"] == "died"


async def test_of_one_account_only_its_own_events_are_told(two: World) -> None:
    await two.save(entry(1))
    report = await two.sync()
    first, other = two.markets

    whole = await told_of(two, report.run)
    told = await told_of(two, f"{report.run}:{first}")

    assert {each.account for each in whole} == {first, other, ""}
    assert {each.account for each in told} == {first, ""}
    with pytest.raises(NoSuchRunError):
        await ensure_followed(two.deployment, f"{report.run}:khac")


class PowerCutError(BaseException):
    """The process is gone."""


async def test_numbers_go_on_where_another_process_goes_on_with_a_run(
    world: World,
) -> None:
    await world.save(*(entry(n) for n in range(1, 5)))
    asked, create = await ask(world), world.market.create
    limits = replace(world.deployment.limits, slice_changes=1)

    async def cut(changes: Any) -> Any:
        if world.written().count("create") >= 2:
            raise PowerCutError
        return await create(changes)

    world.market.create = cut  # type: ignore[method-assign]
    with pytest.raises((PowerCutError, BaseExceptionGroup)):
        await work(world, limits=limits, holder="chết")
    world.market.create = create  # type: ignore[method-assign]
    before = await world.database.fetch(run_events.after, asked.id, 0, 500)
    world.time.pass_(seconds=2 * LEASE.total_seconds())

    await work(world, limits=limits)

    told = await told_of(world, asked.id, after=before[-1].n)
    assert kinds(told)[0] == "begun"
    assert "progress" in kinds(told)
    assert told[-1].data["outcome"] == "done"


async def test_a_run_that_is_taken_over_is_told_so_and_its_numbers_go_on(
    world: World,
) -> None:
    await world.save(entry(1))
    asked = await ask(world)
    claimant = Claimant(holder="chết", token="chết", now=world.time())  # noqa: S106
    await world.database.write(
        lambda conn: claim_next(conn, claimant, world.deployment)
    )

    async with following(world, asked.id) as follower:
        world.time.pass_(seconds=LEASE.total_seconds())
        await follower.look()
        states = [each.data["state"] for each in follower.told]
        await work(world)
        follower.news.tell()

    assert states == ["running", "dead"]
    assert follower.told[-1].data["outcome"] == "done"


async def test_a_cancelled_run_ends_for_whoever_follows_it(world: World) -> None:
    asked = await ask(world)

    async with following(world, asked.id) as follower:
        await cancel_run(world.deployment, asked.id, **BY)
        follower.news.tell()

    assert follower.told[-1].data["outcome"] == "cancelled"


async def test_who_follows_is_let_go_when_the_process_stops(world: World) -> None:
    asked, stop = await ask(world), Stop()

    async with following(world, asked.id, stop=stop) as follower:
        stop.ask("kiểm thử")

    assert kinds(follower.told) == ["state"]


async def test_a_run_goes_on_where_its_events_cannot_be_stored(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: object) -> None:
        raise LookupError

    await world.save(entry(1))
    with monkeypatch.context() as patch:
        patch.setattr(run_events, "last_number", fails)
        report = await world.sync()

    assert "create" in world.written()
    assert report.failed == 0
    assert "an event of a run could not be stored" in caplog.text
    sent_by = select(run.c.outcome).where(run.c.id == f"{report.run}:memory")
    assert await world.database.fetch(lambda conn: conn.scalar(sent_by)) == "done"


async def test_events_of_days_ago_are_forgotten(world: World) -> None:
    await world.save(entry(1))
    first = (await world.sync()).run
    world.time.pass_(days=4)
    await world.change(description="Bản mới.")
    second = (await world.sync()).run

    assert kinds(await told_of(world, first)) == ["end"]
    assert "progress" in kinds(await told_of(world, second))


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_events_of_another_process_are_told_as_they_are_stored(
    world: World, url: str
) -> None:
    await world.save(entry(1))
    other = Database(url)
    asked, follower = await ask(world), Follower()

    async def sleep(seconds: float) -> None:
        assert seconds >= AGAIN_S
        await never(seconds)

    try:
        process = replace(world.deployment, database=other, sleep=sleep)
        async with (
            asyncio.timeout(PATIENCE_S),
            heard_from_others(process, follower.news),
        ):
            going = asyncio.ensure_future(follower.go(world, asked.id, database=other))
            await follower.looked.wait()
            await work(world)
            await going
    finally:
        await other.close()

    assert kinds(follower.told)[-1] == "end"


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Return one entry for each transaction that is begun to write."""
    begun, write = list[None](), Database.write

    async def counting(self: Database, *args: Any) -> Any:
        begun.append(None)
        return await write(self, *args)

    monkeypatch.setattr(Database, "write", counting)
    return begun


async def test_runs_that_begin_at_once_are_written_down_together(
    world: World, writes: list[None]
) -> None:
    events = RunEvents(world.deployment, "a:0")
    names = [f"memory-{n}" for n in range(9)]
    begun = [OpenedRun(f"a:{n}", n, "memory", "h", world.time()) for n in names]
    await asyncio.gather(*map(events.begin, begun))

    stored = await world.database.fetch(run_events.after, "a", 0, 20)
    assert [(each.account, each.kind) for each in stored] == [
        (name, EventKind.BEGUN) for name in names
    ]
    found = select(run.c.id).order_by(run.c.id)
    ids = [*await world.database.fetch(lambda conn: conn.scalars(found))]
    assert ids == [each.id for each in begun]
    assert len(writes) == 1


async def test_what_is_told_while_another_event_is_stored_is_stored_at_once(
    world: World, writes: list[None]
) -> None:
    events = RunEvents(world.deployment, "a:0")
    await asyncio.gather(
        *(events.tell(EventKind.PROGRESS, f"memory-{n}", {}) for n in range(9))
    )

    stored = await world.database.fetch(run_events.after, "a", 0, 20)
    assert [each.account for each in stored] == [f"memory-{n}" for n in range(9)]
    assert [each.n for each in stored] == list(range(1, 10))
    assert len(writes) == 2
