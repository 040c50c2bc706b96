"""The work of each kind of schedule: the use case, and how its result is told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.paper import PaperKind
from catalog.model.product import Entry
from ocop_sync.errors import (
    ClaimLostError,
    ConfigurationError,
    FatalError,
    PlanError,
    StorageError,
    SyncInProgressError,
)
from ocop_sync.service.queries.explain import verdict_of
from ocop_sync.service.schedules import schedules, works
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import Office, WantedSchedule, add_schedule
from ocop_sync.service.schedules.works import (
    DONE,
    PATIENCE,
    WORKS,
    AtWork,
    WorkEnd,
    ending_of,
)
from ocop_sync.store import notices
from ocop_sync.store.db.backup_folder import BackupFolder
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.store.schedules.runs import RunOutcome
from tests.factories import NOT_SO, make_certificate, make_paper, person
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def carry_out(world: World, kind: ScheduleKind) -> WorkEnd:
    async with asyncio.timeout(30):
        return await WORKS[kind](AtWork(deployment=world.deployment))


async def test_a_scheduled_sync_lists_what_is_to_be_listed(world: World) -> None:
    await world.save(entry(1))

    ended = await carry_out(world, ScheduleKind.SYNC)

    assert ended == DONE
    assert "create" in world.written()


async def test_a_scheduled_reconciliation_reads_whole_where_a_sync_does_not(
    world: World,
) -> None:
    await listed(world)
    world.market.log.clear()
    synced = await carry_out(world, ScheduleKind.SYNC)
    after_sync = {call.method for call in world.market.log}

    reconciled = await carry_out(world, ScheduleKind.RECONCILE)

    assert synced == reconciled == DONE
    assert "page" not in after_sync
    assert "page" in {call.method for call in world.market.log}


async def test_a_scheduled_sync_waits_for_an_account_that_another_run_holds(
    world: World,
) -> None:
    await world.save(entry(1))
    await hold(world)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) > 40:
            # The pulse of our own lease: it would pass its time faster than a slow
            # database renews it.
            await asyncio.sleep(0)
            return
        world.time.pass_(seconds=seconds)
        if len(waits) < 40:
            await world.database.write(partial(renew, now=world.time()))
        elif len(waits) == 40:
            await world.database.write(partial(accounts.give_back, lease=OTHER))

    async with asyncio.timeout(30):
        ended = await WORKS[ScheduleKind.SYNC](at_work(world, sleep))

    assert ended == DONE
    assert len(waits) >= 40
    assert "create" in world.written()


async def test_its_patience_with_other_runs_has_an_end(world: World) -> None:
    await world.save(entry(1))
    await hold(world)
    began = world.time()

    async def sleep(seconds: float) -> None:
        # As long as the other lease allows: it looks some thirty times, and not four
        # hundred, so that a loaded machine is done within the limit as well.
        world.time.pass_(seconds=max(seconds, 55))
        await world.database.write(partial(renew, now=world.time()))

    async with asyncio.timeout(30):
        with pytest.raises(SyncInProgressError):
            await WORKS[ScheduleKind.SYNC](at_work(world, sleep))

    assert timedelta(0) <= world.time() - began - PATIENCE < timedelta(minutes=1)


OTHER = Lease(
    token="khác",  # noqa: S106  (names a run, opens nothing)
    holder="máy khác",
    lasts=timedelta(seconds=60),
)


def at_work(world: World, sleep: Callable[[float], Awaitable[None]]) -> AtWork:
    return AtWork(deployment=replace(world.deployment, sleep=sleep))


async def hold(world: World) -> None:
    """Let another run take the account's lease."""

    async def take(conn: AsyncConnection) -> None:
        await accounts.know(conn, [world.market.account])
        await accounts.take(conn, [world.market.account.key], OTHER, world.time())

    await world.database.write(take)


async def renew(conn: AsyncConnection, now: datetime) -> None:
    await accounts.renew(conn, "memory", OTHER, now)


async def test_a_scheduled_sync_takes_its_turn_in_its_own_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    async def once(*_: object, **__: object) -> None:
        begun.append("sync")
        raise StorageError

    monkeypatch.setattr(works, "sync_once", once)
    at = AtWork(deployment=world.deployment)
    async with at.turn:  # as a sync of the worker has it
        going = asyncio.ensure_future(WORKS[ScheduleKind.SYNC](at))
        for _ in range(5):
            await asyncio.sleep(0)
        before = list(begun)
    with pytest.raises(StorageError):
        await going

    assert (before, begun) == ([], ["sync"])


async def test_what_waits_for_a_person_is_no_failure_and_is_said(world: World) -> None:
    await listed(world, 7)
    for n in range(1, 7):
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)

    ended = await carry_out(world, ScheduleKind.SYNC)

    assert ended.outcome is RunOutcome.DONE
    assert "groups wait for a person" in ended.reason


async def test_an_account_that_did_not_work_is_named_without_the_words_of_its_error(
    world: World,
) -> None:
    await world.save(entry(1))
    world.market.script("page", FatalError("http://10.0.0.7/bí-mật"), times=99)

    ended = await carry_out(world, ScheduleKind.SYNC)

    assert ended.outcome is RunOutcome.FAILED
    assert "accounts did not work: memory" in ended.reason
    assert "10.0.0.7" not in ended.reason


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(ConfigurationError("/etc/x"), "settings are wrong", id="settings"),
        pytest.param(StorageError("/var/x"), "disk or database", id="storage"),
        pytest.param(PlanError("/x"), "it cannot be done", id="known"),
        pytest.param(KeyError("/x"), "a fault of the program", id="unknown"),
        pytest.param(
            ExceptionGroup("", [StorageError("/x")]), "disk or database", id="group"
        ),
    ],
)
def test_an_error_is_told_in_words_without_files_or_addresses(
    error: Exception, said: str
) -> None:
    ended = ending_of(error)

    assert ended.outcome is RunOutcome.FAILED
    assert said in ended.reason
    assert "/x" not in ended.reason.replace(" / ", " ")


# Certificates


def ending(n: int, decided_on: date) -> Entry:
    certificate = make_certificate(decided_on=decided_on)
    return entry(n, certificates=(certificate,))


async def told(world: World) -> list[tuple[str, int]]:
    """Return the products of notices about ends, each with its days."""
    found = await world.database.fetch(notices.standing)
    return [
        (each["product"], notice.details["days"])
        for notice in found
        for each in notice.details["products"]
    ]


@pytest.fixture
def told_by_webhook(world: World) -> None:
    world.deployment = replace(world.deployment, told_by=("webhook",))


@pytest.mark.usefixtures("told_by_webhook")
async def test_each_end_is_told_once_for_each_of_90_60_and_30_days(
    world: World,
) -> None:
    # Three years of 36 months: it ends on 29 May 2024, 89 days after 1 March.
    await world.save(ending(1, date(2021, 5, 29)), ending(2, date(2023, 5, 10)))
    seen: list[list[tuple[str, int]]] = []

    for days in (0, 1, 29, 1, 29, 1, 20):
        world.time.pass_(days=days)
        assert await carry_out(world, ScheduleKind.CERTIFICATES) == DONE
        seen.append(await told(world))

    one, two, three = (("SP-00001", days) for days in (90, 60, 30))
    assert [sorted(each) for each in seen] == [
        [one],
        [one],
        *[[two, one]] * 2,
        *[[three, two, one]] * 3,
    ]


@pytest.mark.usefixtures("told_by_webhook")
async def test_only_the_nearest_mark_counts_of_an_end_that_is_found_late(
    world: World,
) -> None:
    await world.save(ending(1, date(2021, 3, 11)))

    await carry_out(world, ScheduleKind.CERTIFICATES)

    assert await told(world) == [("SP-00001", 30)]


async def test_where_nobody_can_be_told_a_watch_says_so_and_keeps_nothing_back(
    world: World,
) -> None:
    await world.save(ending(1, date(2021, 5, 29)))

    ended = await carry_out(world, ScheduleKind.CERTIFICATES)

    assert ended.outcome is RunOutcome.DONE
    assert "nobody is told" in ended.reason
    assert await told(world) == [], "it would never be told once there is a way"


@pytest.mark.usefixtures("told_by_webhook")
async def test_a_product_that_cannot_be_evaluated_makes_a_watch_fail_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(ending(1, date(2021, 5, 29)), ending(2, date(2021, 5, 29)))
    monkeypatch.setattr(
        "ocop_sync.service.queries.coverage_outlook.verdict_of",
        lambda each, at, rules: (
            None if each[0].id == "SP-00002" else verdict_of(each, at, rules)
        ),
    )

    ended = await carry_out(world, ScheduleKind.CERTIFICATES)

    assert ended.outcome is RunOutcome.FAILED
    assert ended.reason.startswith("1 sản phẩm")
    assert await told(world) == [("SP-00001", 90)]


async def test_a_kind_without_a_work_is_refused_with_those_that_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {k: work for k, work in WORKS.items() if k is not ScheduleKind.BACKUP}
    monkeypatch.setattr(schedules, "WORKS", known)
    office = Office(database=world.database, clock=world.time)
    wanted = WantedSchedule(name="a", kind=ScheduleKind.BACKUP, cron="0 1 * * *")

    with pytest.raises(PlanError, match="backup cannot be scheduled yet"):
        await add_schedule(office, wanted, by=person("Bà Mẫu"))


@pytest.mark.parametrize("kind", list(WORKS))
async def test_nothing_is_begun_for_a_run_that_another_process_has(
    world: World, tmp_path: Path, kind: ScheduleKind
) -> None:
    async def lost(conn: AsyncConnection) -> None:
        del conn
        raise ClaimLostError

    await world.save(entry(1))
    folder = BackupFolder("sqlite:///x.db", tmp_path / "copies", 1)
    deployment = replace(world.deployment, backups=folder, told_by=("webhook",))

    with pytest.raises(ClaimLostError):
        await WORKS[kind](AtWork(deployment=deployment, hold=lost))

    assert world.market.log == []
    assert not folder.folder.exists()
    assert await told(world) == []


async def test_a_scheduled_backup_needs_a_folder(world: World) -> None:
    ended = await carry_out(world, ScheduleKind.BACKUP)

    assert ended.outcome is RunOutcome.FAILED
    assert "database.backup_folder is not set" in ended.reason
