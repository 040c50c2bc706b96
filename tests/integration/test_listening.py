"""What one process tells another over PostgreSQL, and what happens without it.

In these tests nobody ever looks by himself, unless a test says so: what comes, has been
told. Two databases over one address stand for two processes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from catalog.db.counters import REVISION, next_numbers
from catalog.db.telling import Told, tell
from catalog.values import replace
from ocop_sync.calls.stop import Stop
from ocop_sync.cli.worker import sync_regularly
from ocop_sync.requested_runs import RequestedRuns, carrying_out
from ocop_sync.scheduler import Scheduler, scheduling, told_by_others
from ocop_sync.service.requests.run_requests import WantedRun, request_run
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import (
    Office,
    WantedSchedule,
    add_schedule,
    run_schedule_now,
)
from ocop_sync.service.schedules.works import DONE, AtWork, WorkEnd
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.listening import AGAIN_S, listening
from ocop_sync.store.runs.run_requests import RunKind
from ocop_sync.worker import Wake
from tests.factories import person
from tests.world import World, entry

ON_POSTGRESQL = pytest.mark.parametrize("url", ["postgresql"], indirect=True)
PATIENCE_S = 20


@pytest.fixture
async def other(url: str) -> AsyncIterator[Database]:
    """The same database, as another process has it open."""
    database = Database(url)
    yield database
    await database.close()


@dataclass
class Heard:
    """Notes what was told; *pauses* are the waits that have been asked for."""

    told: asyncio.Queue[Told] = field(default_factory=asyncio.Queue)
    pauses: asyncio.Queue[float] = field(default_factory=asyncio.Queue)
    again: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, what: Told) -> None:
        self.told.put_nowait(what)

    async def sleep(self, seconds: float) -> None:
        """Wait until a test says so."""
        self.pauses.put_nowait(seconds)
        await self.again.wait()
        self.again.clear()

    async def all_places(self) -> None:
        """Wait until all has been looked at once."""
        found = [await self.told.get() for _ in Told]
        assert found == list(Told)


@asynccontextmanager
async def hearing(database: Database) -> AsyncIterator[Heard]:
    heard = Heard()
    async with (
        asyncio.timeout(PATIENCE_S),
        listening(database, heard, heard.sleep),
    ):
        await heard.all_places()
        await heard.pauses.get()
        yield heard


async def cut_listeners(database: Database) -> None:
    """End every connection that listens, as a server that is restarted does."""
    await database.write(
        lambda conn: conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'ocop-sync, listening'"
                " AND datname = current_database()"
            )
        )
    )


@ON_POSTGRESQL
async def test_a_message_comes_once_its_transaction_is_committed_and_not_before(
    world: World, other: Database
) -> None:
    async with hearing(other) as heard:

        async def fail(conn: object) -> None:
            await next_numbers(conn, REVISION, 1)  # type: ignore[arg-type]
            raise LookupError

        with pytest.raises(LookupError):
            await world.database.write(fail)
        await world.database.write(lambda conn: tell(conn, Told.SCHEDULES))
        first = await heard.told.get()
        await world.database.write(lambda conn: next_numbers(conn, REVISION, 2))
        second = await heard.told.get()

    assert (first, second) == (Told.SCHEDULES, Told.CHANGES)
    assert heard.told.empty()


@ON_POSTGRESQL
async def test_every_change_of_a_product_is_told_and_taking_the_lock_is_not(
    world: World, other: Database
) -> None:
    async with hearing(other) as heard:
        await world.database.write(lambda conn: next_numbers(conn, REVISION, 0))
        await world.save(entry(1))
        await world.change(paused=True)

        assert [await heard.told.get() for _ in range(2)] == [Told.CHANGES] * 2
        assert heard.told.empty()


@ON_POSTGRESQL
async def test_all_is_looked_at_when_a_lost_connection_is_back(
    world: World, other: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with hearing(other) as heard:
        await cut_listeners(world.database)
        await heard.all_places()  # as nobody may have heard anything since
        while await heard.pauses.get() != AGAIN_S:
            pass
        await world.save(entry(1))  # nobody listens
        heard.again.set()
        await heard.all_places()
        await world.database.write(lambda conn: tell(conn, Told.SCHEDULES))
        again = await heard.told.get()

    assert again is Told.SCHEDULES
    assert caplog.text.count("no messages of other processes") == 1


@ON_POSTGRESQL
async def test_all_is_looked_at_now_and_then_while_nobody_can_listen(
    world: World, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hearing(other) as heard:

        async def refuse(*_: object) -> None:
            raise OSError

        from sqlalchemy.ext.asyncio import AsyncEngine  # noqa: PLC0415

        monkeypatch.setattr(AsyncEngine, "raw_connection", refuse)
        await cut_listeners(world.database)
        for _ in range(3):
            await heard.all_places()
            heard.again.set()


@ON_POSTGRESQL
async def test_a_connection_that_is_lost_without_a_word_is_noticed(
    world: World, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from asyncpg import Connection  # noqa: PLC0415

    async with hearing(other) as heard:

        async def silent(*_: object, **__: object) -> None:
            raise TimeoutError

        with monkeypatch.context() as patched:
            patched.setattr(Connection, "fetchval", silent)
            heard.again.set()  # the next look asks
            await heard.all_places()
            while await heard.pauses.get() != AGAIN_S:
                pass
        heard.again.set()
        await heard.all_places()
        await world.save(entry(1))

        assert await heard.told.get() is Told.CHANGES


async def test_on_sqlite_nobody_listens_and_nothing_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'ocop.db'}")
    async with listening(database, no_message, never):
        await database.write(lambda conn: tell(conn, Told.CHANGES))
    await database.close()


def no_message(what: Told) -> None:
    message = f"{what} was told"
    raise AssertionError(message)


async def never(seconds: float) -> None:
    del seconds
    await asyncio.Event().wait()


@ON_POSTGRESQL
async def test_a_change_in_one_process_is_confirmed_by_the_worker_of_another(
    world: World, other: Database
) -> None:
    await world.save(entry(1))
    stop, confirmed = Stop(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        # The waits of a sync pass; those until the next look never do.
        await (world.time.sleep(seconds) if seconds < AGAIN_S else never(seconds))

    worker = replace(world.deployment, database=other, sleep=sleep, stop=stop)
    synced = asyncio.Event()
    set_price = world.market.set_price

    async def noted(*args: object) -> object:
        found = await set_price(*args)  # type: ignore[arg-type]
        confirmed.set()
        return found

    world.market.set_price = noted  # type: ignore[method-assign, assignment]
    async with asyncio.timeout(PATIENCE_S), told_by_others(worker) as (wake, _):
        going = asyncio.ensure_future(work(worker, wake, synced.set))
        await synced.wait()
        await world.change(
            variants=tuple(
                replace(each, price_vnd=51_000) for each in entry()[0].variants
            )
        )
        await confirmed.wait()
        stop.ask("kiểm thử")
        await going

    (shown,) = world.market.shelf.of("SP-00001")
    assert [each.price_vnd for each in shown.shown.variants] == [51_000]


async def work(
    deployment: object, wake: Wake | None, synced: Callable[[], None]
) -> None:
    class Heart:
        def turn_to(self, doing: object) -> None:
            if doing == "idle":
                synced()

        async def beat(self) -> None:
            """Nobody watches."""

    await sync_regularly(
        deployment,  # type: ignore[arg-type]
        every=timedelta(days=1),
        follow_for=timedelta(0),
        heart=Heart(),
        wake=wake,
    )


@ON_POSTGRESQL
async def test_a_schedule_that_is_asked_for_in_one_process_is_begun_in_another(
    world: World, other: Database
) -> None:
    office = Office(database=world.database, clock=world.time)
    wanted = WantedSchedule(name="a", kind=ScheduleKind.SYNC, cron="0 2 * * *")
    await add_schedule(office, wanted, by=person("Bà Mẫu"))
    stop, begun, looked = Stop(), asyncio.Event(), asyncio.Event()

    async def scheduled(at: AtWork) -> WorkEnd:
        del at
        begun.set()
        return DONE

    async def sleep(seconds: float) -> None:
        looked.set()
        await never(seconds)

    worker = replace(world.deployment, database=other, sleep=sleep, stop=stop)
    async with (
        asyncio.timeout(PATIENCE_S),
        told_by_others(worker) as (_, wake),
        scheduling(
            Scheduler(AtWork(deployment=worker), wake, {ScheduleKind.SYNC: scheduled}),
            stop,
        ),
    ):
        await looked.wait()
        await run_schedule_now(office, "a", by=person("Bà Mẫu"))
        await begun.wait()


@ON_POSTGRESQL
async def test_a_run_that_is_asked_for_in_one_process_is_begun_in_another(
    world: World, other: Database
) -> None:
    await world.save(entry(1))
    stop, runs, looked = Stop(), Wake(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds >= AGAIN_S:
            looked.set()
            await never(seconds)
        await world.time.sleep(seconds)

    worker = replace(world.deployment, database=other, sleep=sleep, stop=stop)
    created, create = asyncio.Event(), world.market.create

    async def noted(*args: object) -> object:
        found = await create(*args)  # type: ignore[arg-type]
        created.set()
        return found

    world.market.create = noted  # type: ignore[method-assign, assignment]
    async with (
        asyncio.timeout(PATIENCE_S),
        told_by_others(worker, runs=runs),
        carrying_out(RequestedRuns(AtWork(deployment=worker), runs), stop),
    ):
        await looked.wait()
        wanted = WantedRun(kind=RunKind.SYNC)
        await request_run(world.deployment, wanted, by=person("Bà Mẫu"))
        await created.wait()
