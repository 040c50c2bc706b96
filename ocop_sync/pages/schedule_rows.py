"""A schedule in sentences: its work, when it is due, how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalog.eligibility import Text
from ocop_sync.api.forms.schedules import ScheduleForm
from ocop_sync.pages.bars import Kind
from ocop_sync.pages.schedule_words import WORKS, times_words
from ocop_sync.pages.sent_words import reason_words
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.schedules.schedules import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """A schedule in sentences.

    Attributes:
        schedule: The schedule.
        work: Its work.
        times: When it is due.
        state: How it stands.
        ended: How its last run has ended; None if there was none.
        reason: Why, or what waits; None if nothing is to be said.
    """

    schedule: ScheduleForm
    work: Text
    times: Text
    state: tuple[Text, Kind]
    ended: tuple[Text, Kind] | None
    reason: Text | None


def office_of(deployment: Deployment) -> Office:
    """Return where schedules are kept."""
    return Office(database=deployment.database, clock=deployment.clock)


def row_of(schedule: ScheduleForm) -> ScheduleRow:
    """Return a schedule in sentences."""
    last = schedule.last
    outcome = last.outcome if last else None
    return ScheduleRow(
        schedule=schedule,
        work=WORKS[schedule.kind],
        times=times_words(schedule.cron, schedule.every_s),
        state=_state(schedule),
        ended=None if outcome is None else _ENDED[outcome],
        reason=reason_words(last.reason) if last else None,
    )


_ENDED: Final[Mapping[str, tuple[Text, Kind]]] = {
    "done": (Text("Lần cuối: xong", "Last run: done"), "done"),
    "failed": (Text("Lần cuối: có lỗi", "Last run: failed"), "wrong"),
    "skipped": (Text("Lần cuối: bỏ qua", "Last run: skipped"), "waits"),
    "died": (Text("Lần cuối: bị ngắt", "Last run: broken off"), "wrong"),
}
_PAUSED: Final = (Text("Đang tạm dừng", "Paused"), "waits")
_DEAD: Final = (Text("Tiến trình đã tắt, chờ chạy tiếp", "To be taken over"), "wrong")
_RUNS: Final = (Text("Đang chạy", "Runs"), "waits")
_ASKED: Final = (Text("Chờ đến lượt", "Waits for its turn"), "waits")
_OVERDUE: Final = (Text("Trễ, chưa ai chạy", "Overdue"), "wrong")
_KEEPS: Final = (Text("Đang theo lịch", "Keeps its times"), "done")


def _state(schedule: ScheduleForm) -> tuple[Text, Kind]:
    if (running := schedule.running) is not None:
        if running.is_dead:
            return _DEAD
        return _ASKED if running.began_at is None else _RUNS
    if schedule.paused_at is not None:
        return _PAUSED
    if schedule.overdue_since is not None:
        return _OVERDUE
    return _KEEPS
