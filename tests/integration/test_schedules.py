"""Schedules run once for each due time, whoever looks; nothing of it is lost silently.

Two schedulers over one database stand for two processes: they share nothing else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from ocop_sync.calls.stop import Stop
from ocop_sync.errors import (
    NoSuchScheduleError,
    PlanError,
    SyncInProgressError,
)
from ocop_sync.scheduler import LOOK_S, scheduling
from ocop_sync.service.claims.claimant import LEASE, MOST_TRIES
from ocop_sync.service.notices.log import notice_log
from ocop_sync.service.notices.words import message_of
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import (
    WantedSchedule,
    next_times,
    pause_schedule,
    remove_schedule,
    resume_schedule,
    run_schedule_now,
)
from ocop_sync.service.schedules.works import DONE, AtWork, WorkEnd
from ocop_sync.store import notices
from ocop_sync.store.schedule_tables import schedule
from ocop_sync.store.schedules import runs
from ocop_sync.store.schedules.runs import RunOutcome
from tests.acts import acts_of
from tests.factories import AT
from tests.integration.schedule_bench import BY, HOURLY, NIGHTLY, Bench, Work
from tests.world import World

pytestmark = pytest.mark.postgresql


@pytest.fixture
def bench(world: World) -> Bench:
    return Bench(world, Work())


async def test_a_due_time_is_run_once_though_every_process_looks(bench: Bench) -> None:
    await bench.add()
    processes = [bench.process(name) for name in ("một", "hai", "ba")]
    await bench.look(*processes)
    before = list(bench.work.began)

    for _ in range(3):
        bench.world.time.pass_(hours=1)
        await bench.look(*processes)
        await bench.look(*processes)

    assert before == []
    assert len(bench.work.began) == 3
    assert await bench.rows() == [
        (AT + timedelta(hours=n), "done", 1) for n in (1, 2, 3)
    ]


async def test_the_list_says_when_it_runs_next_and_how_it_ran_last(
    bench: Bench,
) -> None:
    await bench.add(NIGHTLY)
    bench.world.time.pass_(hours=15)  # 03:00 in Vietnam: half an hour late

    due = await bench.see("dem")
    await bench.look(bench.process())
    seen = await bench.see("dem")

    half_past_two = datetime(2024, 3, 1, 19, 30, tzinfo=UTC)
    assert due.overdue_since == half_past_two
    assert seen.overdue_since is None
    assert seen.next == [half_past_two + timedelta(days=n) for n in (1, 2, 3)]
    assert seen.last is not None
    assert (seen.last.due_at, seen.last.outcome) == (half_past_two, RunOutcome.DONE)
    assert seen.last.is_late
    assert seen.running is None


def test_a_schedule_says_when_it_will_run_before_it_is_added() -> None:
    assert next_times(HOURLY, AT, 2) == [
        AT + timedelta(hours=1),
        AT + timedelta(hours=2),
    ]


async def test_what_was_missed_while_nothing_ran_is_run_once_late_and_said(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.add(NIGHTLY)
    bench.world.time.pass_(days=3, hours=15)

    with caplog.at_level(logging.WARNING):
        await bench.look(bench.process(), bench.process("hai"))

    last = (await bench.see("dem")).last
    assert last is not None
    assert len(bench.work.began) == 1
    assert (last.missed, last.is_late) == (3, True)
    assert last.due_at == datetime(2024, 3, 4, 19, 30, tzinfo=UTC)
    (said,) = [r for r in caplog.records if r.message == "a schedule runs late"]
    assert vars(said)["missed"] == 3


async def test_a_run_on_time_is_not_called_late(bench: Bench) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1, seconds=LOOK_S)
    await bench.look(bench.process())

    last = (await bench.see()).last
    assert last is not None
    assert not last.is_late


async def test_a_time_at_which_the_last_run_goes_on_is_skipped_and_counted(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.add()
    bench.work.goes_on = asyncio.Event()
    one, two = bench.process(), bench.process("hai")
    bench.world.time.pass_(hours=1)
    await one.look()
    await asyncio.sleep(0)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            await renew(bench)
            bench.world.time.pass_(hours=1)
            await renew(bench)
            await two.look()
    seen = await bench.see()
    bench.work.goes_on.set()
    await one.finished()
    bench.world.time.pass_(hours=1)
    await bench.look(two, one)

    assert len(bench.work.began) == 2
    assert seen.skipped == 2
    assert seen.running is not None
    assert (await bench.see()).skipped == 0
    assert [how for _, how, _ in await bench.rows()] == [
        "done",
        "skipped",
        "skipped",
        "done",
    ]
    said = [r for r in caplog.records if "this one is skipped" in r.message]
    assert len(said) == 1


async def renew(bench: Bench) -> None:
    """Show a sign of life of the run that goes on, as its process does."""
    number, until = await bench.number(), bench.world.time() + LEASE
    open_run = await bench.world.database.fetch(runs.open_run, number)
    assert open_run is not None
    act = partial(runs.CLAIMS.renew, of=number, token=open_run.token, until=until)
    assert await bench.world.database.write(act)


async def test_a_claim_of_a_dead_process_is_taken_over_once_its_lease_has_ended(
    bench: Bench,
) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1)
    await bench.claim_and_die()
    one, two = bench.process(), bench.process("hai")

    bench.world.time.pass_(seconds=LEASE.total_seconds() - 1)
    await bench.look(one, two)
    early = list(bench.work.began)
    bench.world.time.pass_(seconds=1)
    is_dead = (await bench.see()).running
    await bench.look(one, two)

    assert early == []
    assert is_dead is not None
    assert is_dead.is_dead
    assert len(bench.work.began) == 1
    assert await bench.rows() == [(AT + timedelta(hours=1), "done", 2)]


async def test_a_process_that_was_only_asleep_does_not_end_the_run_of_another(
    bench: Bench,
) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1)
    await bench.claim_and_die("ngủ")
    bench.world.time.pass_(seconds=LEASE.total_seconds())
    bench.work.goes_on = asyncio.Event()
    two = bench.process("hai")
    await two.look()

    end = partial(
        runs.CLAIMS.end,
        of=await bench.number(),
        token="ngủ",  # noqa: S106  (of no secret)
        now=bench.world.time(),
        outcome=RunOutcome.FAILED,
        reason="",
    )
    was_stored = await bench.world.database.write(end)
    bench.work.goes_on.set()
    await two.finished()

    assert not was_stored
    assert [how for _, how, _ in await bench.rows()] == ["done"]


async def test_a_run_whose_claim_is_lost_is_broken_off(bench: Bench) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1)
    bench.work.goes_on = asyncio.Event()
    # A pause of this process's renewals passes at once, in the time of the test.
    asleep = bench.process(lease=timedelta(seconds=30))
    await asleep.look()
    await asyncio.sleep(0)
    await take_over(bench)

    async with asyncio.timeout(10):
        await asleep.finished()  # though its work would go on for ever

    assert await bench.rows() == [(AT + timedelta(hours=1), "", 2)]


async def test_a_process_whose_run_was_taken_over_writes_nothing_more(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """As one does that was suspended for longer than its claim lasts."""
    wrote: list[str] = []

    async def note(conn: Any) -> None:
        wrote.append(conn.dialect.name)

    async def work(at: AtWork) -> WorkEnd:
        await at.write(note)
        await take_over(bench)
        await at.write(note)
        return DONE

    await bench.add()
    bench.world.time.pass_(hours=1)
    with caplog.at_level(logging.WARNING):
        await bench.look(bench.process(works={ScheduleKind.SYNC: work}))

    assert wrote == [bench.world.database.dialect]
    assert "a run has lost its claim" in caplog.text
    assert await bench.rows() == [(AT + timedelta(hours=1), "", 2)]


async def take_over(bench: Bench) -> None:
    """Claim the open run as another process does once a claim has ended."""
    open_run = await bench.world.database.fetch(runs.open_run, await bench.number())
    assert open_run is not None
    now = bench.world.time()
    taken = partial(
        runs.CLAIMS.take,
        of=open_run.schedule_id,
        token="khác",  # noqa: S106  (of no secret)
        holder="hai",
        began_at=now,
        until=now + LEASE,
    )
    await bench.world.database.write(taken)


async def test_a_run_under_which_every_process_dies_is_given_up(bench: Bench) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1)
    for n in range(MOST_TRIES):
        await bench.claim_and_die(f"chết {n}")
        bench.world.time.pass_(seconds=LEASE.total_seconds())

    await bench.look(bench.process())
    last = (await bench.see()).last

    assert bench.work.began == []
    assert last is not None
    assert last.outcome is RunOutcome.DIED
    assert "not tried again" in last.reason
    bench.world.time.pass_(hours=1)
    await bench.look(bench.process())
    assert len(bench.work.began) == 1


async def test_a_lease_from_a_wrong_clock_holds_nothing_for_years(bench: Bench) -> None:
    await bench.add()
    bench.world.time.pass_(days=4000)
    await bench.claim_and_die()
    bench.world.time.pass_(days=-3999)

    await bench.look(bench.process())

    assert len(bench.work.began) == 1


async def test_a_clock_that_was_put_back_has_it_run_again_at_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.add()
    bench.world.time.pass_(days=4000)
    await bench.look(bench.process())
    bench.world.time.pass_(days=-4000, minutes=1)

    with caplog.at_level(logging.WARNING):
        await bench.look(bench.process(), bench.process("hai"))
    bench.world.time.pass_(hours=1)
    await bench.look(bench.process())

    assert len(bench.work.began) == 3
    assert "the clock was put back" in caplog.text
    assert [due for due, _, _ in await bench.rows()] == [
        AT + timedelta(minutes=1),
        AT + timedelta(hours=1),
    ]


async def test_clocks_of_two_computers_may_differ_by_minutes(bench: Bench) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1)
    await bench.look(bench.process("nhanh"))
    bench.world.time.pass_(minutes=-4)
    await bench.look(bench.process("chậm"))
    bench.world.time.pass_(minutes=4)
    await bench.look(bench.process("chậm"))

    assert bench.work.began == ["nhanh"]


async def test_a_paused_schedule_makes_up_for_nothing_once_it_goes_on(
    bench: Bench,
) -> None:
    await bench.add()
    paused = [await pause_schedule(bench.office, "gio", **BY) for _ in range(2)]
    bench.world.time.pass_(hours=5, minutes=1)
    await bench.look(bench.process())
    seen = await bench.see()
    resumed = [await resume_schedule(bench.office, "gio", **BY) for _ in range(2)]
    await bench.look(bench.process())
    before = list(bench.work.began)
    bench.world.time.pass_(hours=1)
    await bench.look(bench.process())

    assert paused == resumed == [True, False]
    assert (seen.next, seen.overdue_since) == ((), None)
    assert before == []
    assert len(bench.work.began) == 1


async def test_a_person_has_a_paused_schedule_run_now_by_the_next_worker(
    bench: Bench,
) -> None:
    await bench.add()
    await pause_schedule(bench.office, "gio", **BY)
    await run_schedule_now(bench.office, "gio", **BY)
    waits = (await bench.see()).running
    with pytest.raises(PlanError, match="waits for a worker"):
        await run_schedule_now(bench.office, "gio", **BY)
    bench.world.time.pass_(minutes=10)

    await bench.look(bench.process(), bench.process("hai"))
    last = (await bench.see()).last

    assert waits is not None
    assert (waits.by_hand, waits.began_at, waits.is_dead) == (True, None, False)
    assert len(bench.work.began) == 1
    assert last is not None
    assert (last.by_hand, last.outcome, last.is_late) == (True, RunOutcome.DONE, True)


async def test_what_runs_is_not_run_a_second_time_by_hand(bench: Bench) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1)
    await bench.claim_and_die()

    with pytest.raises(PlanError, match="it runs since 01/03/2024 13:00"):
        await run_schedule_now(bench.office, "gio", **BY)


async def test_a_failure_is_kept_with_its_reason_and_stops_no_other(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.add()
    await bench.add(replace(HOURLY, name="khac", kind=ScheduleKind.RECONCILE))
    failing = Work(error=ValueError("mật khẩu"))
    held = Work(error=SyncInProgressError("voso:CS-0001", "máy khác"))
    works = {ScheduleKind.SYNC: failing, ScheduleKind.RECONCILE: held}
    bench.world.time.pass_(hours=1)

    await bench.look(bench.process(works=works))
    first, other = (await bench.see("gio")).last, (await bench.see("khac")).last
    bench.world.time.pass_(hours=1)
    await bench.look(bench.process(works=works))

    assert first is not None
    assert other is not None
    assert first.outcome is other.outcome is RunOutcome.FAILED
    assert "a fault of the program" in first.reason
    assert "mật khẩu" not in first.reason
    assert other.reason.startswith("voso:CS-0001: ")
    assert "máy khác" not in other.reason
    assert "mật khẩu" in caplog.text
    assert len(failing.began) == len(held.began) == 2


async def test_a_failure_is_told_once_and_that_the_schedule_works_again(
    bench: Bench,
) -> None:
    bench.world.deployment = replace(bench.world.deployment, told_by=("webhook",))
    await bench.add()

    async def told() -> list[tuple[str, str]]:
        bench.world.time.pass_(hours=1)
        await bench.look(bench.process())
        found = await notice_log(bench.world.database)
        assert {each.notice.details["schedule"] for each in found} <= {"gio"}
        return [(each.notice.kind, each.notice.part) for each in found]

    assert await told() == []
    bench.work.error = PlanError("không có thư mục / there is no folder")
    assert await told() == [("schedule_failed", "begun")]
    assert await told() == [("schedule_failed", "begun")]
    bench.work.error = None
    assert await told() == [("schedule_failed", "ended"), ("schedule_failed", "begun")]


async def test_a_run_whose_process_died_is_told_when_another_goes_on(
    bench: Bench,
) -> None:
    bench.world.deployment = replace(bench.world.deployment, told_by=("webhook",))
    await bench.add()
    bench.world.time.pass_(hours=1)
    await bench.claim_and_die()

    assert await notice_log(bench.world.database) == []
    bench.world.time.pass_(seconds=LEASE.total_seconds())
    await bench.look(bench.process())

    ended, begun = await notice_log(bench.world.database)
    assert (begun.notice.kind, begun.notice.part) == ("schedule_failed", "begun")
    assert (ended.notice.kind, ended.notice.part) == ("schedule_failed", "ended")
    said = message_of(begun.notice).text
    assert "tiến trình khác chạy tiếp" in said.vi
    assert "another one goes on" in said.en
    assert "died" not in said.vi


async def test_a_run_that_is_given_up_is_told_and_one_handed_back_is_not(
    bench: Bench,
) -> None:
    bench.world.deployment = replace(bench.world.deployment, told_by=("webhook",))
    await bench.add()
    bench.world.time.pass_(hours=1)
    await bench.claim_and_die()
    number = await bench.number()
    await bench.world.database.write(
        lambda conn: runs.CLAIMS.release(conn, number, "chết")
    )
    await bench.look(bench.process())
    assert await notice_log(bench.world.database) == []

    bench.world.time.pass_(hours=1)
    for n in range(MOST_TRIES):
        await bench.claim_and_die(f"chết {n}")
        bench.world.time.pass_(seconds=LEASE.total_seconds())
    await bench.look(bench.process())
    bench.world.time.pass_(hours=1)
    await bench.look(bench.process())

    found = [each.notice for each in await notice_log(bench.world.database)]
    assert [(each.part, each.details["trouble"]) for each in reversed(found)] == [
        ("begun", "died"),
        ("begun", "given_up"),
        ("ended", "died"),
    ]


async def test_nothing_is_told_of_a_schedule_that_was_removed(bench: Bench) -> None:
    bench.world.deployment = replace(bench.world.deployment, told_by=("webhook",))
    await bench.add()
    bench.work.error = PlanError("không có thư mục / there is no folder")
    bench.world.time.pass_(hours=1)
    await bench.look(bench.process())

    await remove_schedule(bench.office, "gio", **BY)

    async with bench.world.database.read() as conn:
        assert await notices.standing(conn) == []


async def test_a_schedule_that_cannot_be_read_stops_no_other(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.add(replace(NIGHTLY, name="a"))
    await bench.add()
    spoilt = schedule.update().where(schedule.c.name == "a").values(cron="hỏng")
    await bench.world.database.write(lambda conn: conn.execute(spoilt))
    bench.world.time.pass_(hours=1)

    await bench.look(bench.process())

    assert len(bench.work.began) == 1
    assert "a schedule could not be begun" in caplog.text


async def test_a_process_that_stops_hands_its_run_back_at_once(bench: Bench) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1)
    bench.work.goes_on = asyncio.Event()
    stop = Stop()
    one, two = bench.process(stop=stop), bench.process("hai")
    await one.look()
    await asyncio.sleep(0)
    stop.ask("SIGTERM")
    await one.finished()
    bench.work.goes_on.set()

    await bench.look(one, two)

    assert bench.work.began == ["một", "hai"]
    assert await bench.rows() == [(AT + timedelta(hours=1), "done", 1)]


async def test_a_worker_looks_until_it_stops_and_awaits_its_runs(bench: Bench) -> None:
    await bench.add(replace(HOURLY, every=timedelta(minutes=1)))
    stop = Stop()

    async def work(at: AtWork) -> WorkEnd:
        del at
        stop.ask("SIGTERM")
        await asyncio.sleep(0)
        return DONE

    scheduler = bench.process(stop=stop, works={ScheduleKind.SYNC: work})
    async with asyncio.timeout(60), scheduling(scheduler, stop):
        await stop.wait()  # the time of the world passes as the scheduler sleeps

    last = (await bench.see()).last
    assert last is not None
    # At the very moment, though it looks every few seconds.
    assert last.began_at == last.due_at == AT + timedelta(minutes=1)
    assert last.outcome is RunOutcome.DONE


async def test_a_database_that_is_away_ends_no_worker(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1)
    one = bench.process()

    async def away(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(bench.world.database, "fetch", away)
        waits = [await one.look() for _ in range(3)]
    await bench.look(one)

    assert waits == [LOOK_S] * 3
    assert caplog.text.count("schedules could not be read") == 1
    assert len(bench.work.began) == 1


async def test_a_removed_schedule_leaves_nothing_and_its_run_ends_as_usual(
    bench: Bench,
) -> None:
    await bench.add()
    bench.world.time.pass_(hours=1)
    bench.work.goes_on = asyncio.Event()
    one = bench.process()
    await one.look()
    await remove_schedule(bench.office, "gio", **BY)
    bench.work.goes_on.set()
    await one.finished()

    with pytest.raises(NoSuchScheduleError):
        await bench.see()
    assert await bench.rows() == []
    await bench.add()  # the name is free again
    await bench.look(one)
    assert len(bench.work.began) == 1


async def test_each_act_is_in_the_audit(bench: Bench) -> None:
    await bench.add()
    await pause_schedule(bench.office, "gio", **BY)
    await pause_schedule(bench.office, "gio", **BY)  # changes nothing
    await resume_schedule(bench.office, "gio", **BY)
    await run_schedule_now(bench.office, "gio", **BY)
    await remove_schedule(bench.office, "gio", **BY)

    of_it = {"schedule": "gio"}
    assert await acts_of(bench.world.database) == [
        (kind, [], of_it)
        for kind in (
            "add_schedule",
            "pause_schedule",
            "resume_schedule",
            "run_schedule",
            "remove_schedule",
        )
    ]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        pytest.param(HOURLY, "there is a schedule", id="twice"),
        pytest.param(replace(HOURLY, name="Giờ"), "small letters", id="name"),
        pytest.param(replace(HOURLY, name="a" * 41), "small letters", id="long"),
        pytest.param(replace(NIGHTLY, cron="0 2 * * 1"), "are named", id="number"),
        pytest.param(replace(NIGHTLY, cron=""), "one of the two", id="neither"),
        pytest.param(replace(HOURLY, cron="0 2 * * *"), "one of the two", id="both"),
        pytest.param(
            replace(HOURLY, every=timedelta(seconds=5)), "1 minute", id="often"
        ),
    ],
)
async def test_a_schedule_that_cannot_be_is_refused_and_nothing_is_kept(
    bench: Bench, wanted: WantedSchedule, said: str
) -> None:
    await bench.add()

    with pytest.raises(PlanError, match=said):
        await bench.add(wanted)

    assert len(await acts_of(bench.world.database)) == 1


@pytest.mark.parametrize(
    "act", [pause_schedule, resume_schedule, remove_schedule, run_schedule_now]
)
async def test_a_schedule_that_there_is_not_is_named(
    bench: Bench, act: Callable[..., Awaitable[object]]
) -> None:
    with pytest.raises(NoSuchScheduleError, match="there is no schedule khong"):
        await act(bench.office, "khong", **BY)


async def test_old_runs_are_forgotten(bench: Bench) -> None:
    await bench.add()
    for _ in range(2):
        bench.world.time.pass_(days=31)
        await bench.look(bench.process())

    assert len(await bench.rows()) == 1
