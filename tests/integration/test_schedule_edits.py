"""A schedule gets other times in its place: nothing due is lost, nothing runs twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ocop_sync.errors import NoSuchScheduleError, PlanError
from ocop_sync.service.schedules.edit import (
    NewTimes,
    edit_schedule,
    times_once_edited,
)
from ocop_sync.service.schedules.schedules import pause_schedule, resume_schedule
from ocop_sync.store.schedules.runs import RunOutcome
from tests.acts import acts_of
from tests.factories import AT
from tests.integration.schedule_bench import BY, HOURLY, Bench, Work
from tests.world import World

pytestmark = pytest.mark.postgresql

DAILY = NewTimes(cron="30 2 * * *")
HALF_PAST_TWO = datetime(2024, 3, 1, 19, 30, tzinfo=UTC)
NAME = HOURLY.name


@pytest.fixture
async def bench(world: World) -> Bench:
    found = Bench(world, Work())
    await found.add()
    return found


async def edit(bench: Bench, times: NewTimes = DAILY) -> bool:
    return await edit_schedule(bench.office, NAME, times, **BY)


async def test_it_goes_by_its_new_times_from_now_on(bench: Bench) -> None:
    shown = await times_once_edited(bench.office, NAME, DAILY, 2)
    bench.world.time.pass_(hours=1)
    await bench.look(bench.process())
    first = await edit(bench)
    seen = await bench.see()
    again = await edit(bench)

    bench.world.time.pass_(hours=1)
    await bench.look(bench.process())  # by the former times it were due
    bench.world.time.pass_(hours=13)
    await bench.look(bench.process())

    assert shown == [HALF_PAST_TWO, HALF_PAST_TWO + timedelta(days=1)]
    assert (first, again, seen.next[0]) == (True, False, HALF_PAST_TWO)
    assert seen.last is not None
    assert await bench.rows() == [
        (AT + timedelta(hours=1), "done", 1),
        (HALF_PAST_TWO, "done", 1),
    ]
    kinds = [kind for kind, _, _ in await acts_of(bench.world.database)]
    assert kinds == ["add_schedule", "edit_schedule"]


async def test_what_was_due_before_is_run_once_late_and_said(bench: Bench) -> None:
    bench.world.time.pass_(hours=3, minutes=20)  # and nothing ran

    await edit(bench)
    waits = (await bench.see()).running
    await bench.look(bench.process(), bench.process("hai"))
    await bench.look(bench.process())

    assert waits is not None
    assert (waits.began_at, waits.by_hand, waits.missed) == (None, False, 2)
    assert await bench.rows() == [(AT + timedelta(hours=3), "done", 1)]
    last = (await bench.see()).last
    assert last is not None
    assert (last.is_late, last.missed, len(bench.work.began)) == (True, 2, 1)


async def test_new_times_that_have_passed_already_are_none_that_were_missed(
    bench: Bench,
) -> None:
    bench.world.time.pass_(minutes=50)

    await edit(bench, NewTimes(every=timedelta(minutes=10)))
    await bench.look(bench.process())
    before = list(bench.work.began)
    bench.world.time.pass_(minutes=10)
    await bench.look(bench.process())

    assert before == []
    assert await bench.rows() == [(AT + timedelta(hours=1), "done", 1)]


async def test_a_run_that_goes_on_ends_as_usual_and_what_is_due_meanwhile_is_counted(
    bench: Bench,
) -> None:
    bench.work.goes_on = asyncio.Event()
    process = bench.process(lease=timedelta(hours=9))
    bench.world.time.pass_(hours=1)
    await process.look()
    bench.world.time.pass_(hours=2)

    await edit(bench)
    during = await bench.see()
    bench.work.goes_on.set()
    await process.finished()

    assert (during.skipped, during.running is not None) == (2, True)
    assert [(at, how) for at, how, _ in await bench.rows()] == [
        (AT + timedelta(hours=1), RunOutcome.DONE),
        (AT + timedelta(hours=3), RunOutcome.SKIPPED),
    ]


async def test_a_paused_schedule_stays_paused_and_makes_up_for_nothing(
    bench: Bench,
) -> None:
    await pause_schedule(bench.office, NAME, **BY)
    bench.world.time.pass_(hours=3)

    await edit(bench)
    seen = await bench.see()
    await resume_schedule(bench.office, NAME, **BY)
    await bench.look(bench.process())

    assert seen.paused_at == AT
    assert seen.running is None
    assert bench.work.began == []
    assert (await bench.see()).next[0] == HALF_PAST_TWO


async def test_a_clock_that_was_put_back_is_still_noticed_after_an_edit(
    bench: Bench,
) -> None:
    bench.world.time.pass_(hours=9)
    await bench.look(bench.process())
    bench.world.time.pass_(hours=-8)

    await edit(bench)
    await bench.look(bench.process())

    assert len(bench.work.began) == 2


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (NewTimes(), "one of the two"),
        (NewTimes(cron="0 2 * * 1"), "Sunday to some programs"),
        (NewTimes(every=timedelta(seconds=1)), "1 minute to 366 days"),
    ],
)
async def test_times_that_cannot_be_change_nothing(
    bench: Bench, times: NewTimes, said: str
) -> None:
    bench.world.time.pass_(hours=2)
    before = await bench.see()

    with pytest.raises(PlanError, match=said):
        await edit(bench, times)

    assert await bench.see() == before


async def test_a_schedule_that_there_is_not_has_no_times(bench: Bench) -> None:
    with pytest.raises(NoSuchScheduleError):
        await edit_schedule(bench.office, "khac", DAILY, **BY)
    with pytest.raises(NoSuchScheduleError):
        await times_once_edited(bench.office, "khac", DAILY, 1)
