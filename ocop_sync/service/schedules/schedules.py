"""People's acts on schedules: added, paused, resumed, removed, run now.

Each is in the audit, and told to the workers of all processes, in its transaction.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.db.telling import Told, tell
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.vietnam_time import moment
from ocop_sync.clock import Clock
from ocop_sync.errors import NoSuchScheduleError, PlanError
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.notices.record import forget_schedule
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.timing import Timing, read_cron, read_every
from ocop_sync.service.schedules.works import WORKS
from ocop_sync.store.db.database import Database
from ocop_sync.store.schedules import runs, schedules
from ocop_sync.store.schedules.runs import RunRow
from ocop_sync.store.schedules.schedules import ScheduleRow

NAME_FORM: Final = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"
"""Names of schedules: they stand in addresses and in the audit, and name nobody."""
MOST: Final = 200
"""Schedules that there may be."""
NEXT: Final = 3
"""Due times that are shown of each schedule."""

ONE_OF_TWO: Final = (
    "cần đúng một trong hai: cron, hoặc khoảng cách giữa hai lần (every) / one of the"
    " two is needed, and not both: cron, or the time between two runs (every)"
)
_NO_FOLDER: Final = (
    "chưa đặt database.backup_folder nên lịch sao lưu sẽ luôn lỗi: đặt thư mục đó trong"
    " thiết lập, khởi động lại, rồi thêm lịch / database.backup_folder is not set, and"
    " a schedule of backups would always fail: set that folder, restart, then add it"
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Where schedules are kept, and by which clock.

    Attributes:
        database: Where they are.
        clock: The present instant, in UTC.
        has_backup_folder: Settings say where backups are kept.
    """

    database: Database
    clock: Clock
    has_backup_folder: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSchedule:
    """A schedule that somebody wants to have.

    One of *cron* and *every* is given.

    Attributes:
        name: Its name, of small letters, digits and hyphens.
        kind: The work.
        cron: Five fields of cron, in Vietnam's time; "" for an interval.
        every: The time from one run to the next; None for cron.
    """

    name: str
    kind: ScheduleKind
    cron: str = ""
    every: timedelta | None = None


def timing_of(row: ScheduleRow) -> Timing:
    """Return when a schedule is due."""
    every = None if row.every_s is None else timedelta(seconds=row.every_s)
    return Timing(cron=row.cron, every=every, since=row.made_at)


def next_times(wanted: WantedSchedule, now: datetime, most: int) -> list[datetime]:
    """Return the first due times of a schedule, were it added *now*.

    Raises:
        PlanError: It cannot be added; the message says why.
    """
    checked = checked_schedule(wanted)
    timing = Timing(cron=checked.cron, every=checked.every, since=now)
    return timing.next_times(now, most)


async def add_schedule(
    office: Office, wanted: WantedSchedule, *, by: Actor
) -> ScheduleRow:
    """Add a schedule; it is due from now on.

    Raises:
        PlanError: It cannot be added; the message says why.
    """
    ensure_named(by)
    checked, now = checked_schedule(wanted), office.clock()
    if checked.kind is ScheduleKind.BACKUP and not office.has_backup_folder:
        raise PlanError(_NO_FOLDER)
    every_s = None if checked.every is None else int(checked.every.total_seconds())

    async def store(conn: AsyncConnection) -> ScheduleRow:
        there = await schedules.all_schedules(conn)
        if checked.name in {each.name for each in there}:
            raise PlanError(_is_there(checked.name))
        if len(there) >= MOST:
            message = f"nhiều nhất {MOST} lịch / {MOST} schedules at most"
            raise PlanError(message)
        await schedules.add(
            conn,
            name=checked.name,
            kind=checked.kind.value,
            cron=checked.cron,
            every_s=every_s,
            now=now,
        )
        await record(conn, "add_schedule", checked.name, by, now)
        found = await schedules.find(conn, checked.name)
        assert found is not None  # noqa: S101  (it was just added)
        return found

    return await office.database.write(store)


async def pause_schedule(office: Office, name: str, *, by: Actor) -> bool:
    """Let a schedule begin nothing more; a run that goes on ends as usual.

    Returns:
        Whether it was not paused before.

    Raises:
        NoSuchScheduleError: There is none of that name.
    """
    now = office.clock()

    async def pause(conn: AsyncConnection, row: ScheduleRow) -> bool:
        if row.paused_at is not None:
            return False
        await schedules.change(conn, row.id, paused_at=now)
        await record(conn, "pause_schedule", name, by, now)
        return True

    return await upon(office, name, by, pause)


async def resume_schedule(office: Office, name: str, *, by: Actor) -> bool:
    """Let a paused schedule go on from now; due times meanwhile are not made up for.

    Returns:
        Whether it was paused.

    Raises:
        NoSuchScheduleError: There is none of that name.
    """
    now = office.clock()

    async def resume(conn: AsyncConnection, row: ScheduleRow) -> bool:
        if row.paused_at is None:
            return False
        await schedules.change(conn, row.id, paused_at=None, due_until=now)
        await record(conn, "resume_schedule", name, by, now)
        return True

    return await upon(office, name, by, resume)


async def remove_schedule(office: Office, name: str, *, by: Actor) -> None:
    """Remove a schedule with its runs; a run that goes on ends as usual, and unsaid.

    Raises:
        NoSuchScheduleError: There is none of that name.
    """
    now = office.clock()

    async def remove(conn: AsyncConnection, row: ScheduleRow) -> None:
        await schedules.remove(conn, row.id)
        await forget_schedule(conn, row.id, now)
        await record(conn, "remove_schedule", name, by, now)

    await upon(office, name, by, remove)


async def run_schedule_now(office: Office, name: str, *, by: Actor) -> None:
    """Have the next worker that looks run a schedule once, also a paused one.

    Raises:
        NoSuchScheduleError: There is none of that name.
        PlanError: It runs, or waits to be run.
    """
    now = office.clock()

    async def ask(conn: AsyncConnection, row: ScheduleRow) -> None:
        there = await runs.open_run(conn, row.id)
        if there is not None:
            raise PlanError(_runs(there))
        asked = RunRow(schedule_id=row.id, due_at=now, by_hand=True)
        if not await runs.add(conn, asked):
            message = "vừa có một lần chạy / a run was of this very moment"
            raise PlanError(message)
        await record(conn, "run_schedule", name, by, now)

    await upon(office, name, by, ask)


async def upon(
    office: Office,
    name: str,
    by: Actor,
    act: Callable[[AsyncConnection, ScheduleRow], Awaitable[T]],
) -> T:
    """Act upon the schedule *name*, which nobody else changes meanwhile.

    Raises:
        NoSuchScheduleError: There is none of that name.
    """
    ensure_named(by)

    async def store(conn: AsyncConnection) -> T:
        row = await schedules.lock(conn, name)
        if row is None:
            raise NoSuchScheduleError(name)
        return await act(conn, row)

    return await office.database.write(store)


async def record(
    conn: AsyncConnection, kind: str, name: str, by: Actor, now: datetime
) -> None:
    """Record an act upon a schedule, and tell the workers of all processes."""
    await record_act(conn, Act(by=by, kind=kind, at=now, refs={"schedule": name}))
    await tell(conn, Told.SCHEDULES)


def checked_schedule(wanted: WantedSchedule) -> WantedSchedule:
    """Return *wanted* in the form in which it is kept.

    Raises:
        PlanError: There can be no such schedule; the message says why.
    """
    if not re.fullmatch(NAME_FORM, wanted.name):
        message = (
            "tên lịch gồm chữ thường a-z, số và dấu gạch nối, nhiều nhất 40 ký tự / the"
            " name of a schedule has small letters a-z, digits and hyphens, 40 at most"
        )
        raise PlanError(message)
    if wanted.kind not in WORKS:
        message = (
            f"chưa đặt lịch được cho {wanted.kind}; được: {', '.join(WORKS)}"
            f" / {wanted.kind} cannot be scheduled yet; possible are those"
        )
        raise PlanError(message)
    if bool(wanted.cron) is (wanted.every is not None):
        raise PlanError(ONE_OF_TWO)
    try:
        cron = read_cron(wanted.cron) if wanted.cron else ""
        every = None if wanted.every is None else read_every(wanted.every)
    except ValueError as error:
        raise PlanError(str(error)) from None
    return WantedSchedule(name=wanted.name, kind=wanted.kind, cron=cron, every=every)


def _is_there(name: str) -> str:
    return (
        f"đã có lịch {name}: chọn tên khác, hoặc xóa lịch đó trước / there is a"
        f" schedule {name}: choose another name, or remove that one first"
    )


def _runs(there: RunRow) -> str:
    if there.began_at is None:
        since = moment(there.due_at)
        return (
            f"đã xin chạy lúc {since}, đang chờ worker / it was asked for at {since},"
            " and waits for a worker"
        )
    since = moment(there.began_at)
    return f"đang chạy từ {since} / it runs since {since}"
