"""How schedules are shown to people, in Vietnam's time."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import click

from catalog.vietnam_time import VIETNAM, moment
from ocop_sync.cli.views.tables import console, plain, rows_table
from ocop_sync.service.schedules.show import SeenRun, SeenSchedule, SeenSchedules
from ocop_sync.store.schedules.runs import RunOutcome

_OUTCOMES = {
    RunOutcome.DONE: "xong / done",
    RunOutcome.FAILED: "LỖI / FAILED",
    RunOutcome.DIED: "BỎ DỞ / GIVEN UP",
    RunOutcome.SKIPPED: "bỏ qua / skipped",
}
_DAYS = (
    "thứ hai / Mon",
    "thứ ba / Tue",
    "thứ tư / Wed",
    "thứ năm / Thu",
    "thứ sáu / Fri",
    "thứ bảy / Sat",
    "chủ nhật / Sun",
)
_UNITS = ((86_400, "ngày / d"), (3600, "giờ / h"), (60, "phút / min"), (1, "giây / s"))


def show_schedules(found: SeenSchedules, now: datetime) -> None:
    """Show all schedules as a table."""
    columns = [
        "lịch\nschedule",
        "việc\nkind",
        "khi nào\nwhen",
        "lần tới\nnext",
        "lần trước\nlast",
        "tình trạng\nstate",
    ]
    table = rows_table("Lịch, giờ Việt Nam / Schedules, Vietnam's time", columns)
    for each in found.schedules:
        table.add_row(
            plain(each.name),
            each.kind,
            plain(_when(each)),
            "\n".join(map(moment, each.next)) or "-",
            plain(_last(each.last)),
            plain("\n".join(_state(each, now)) or "-"),
        )
    console().print(table)


def show_next(times: Iterable[datetime]) -> None:
    """Show when a schedule runs, a line for each time."""
    for each in times:
        day = _DAYS[each.astimezone(VIETNAM).weekday()]
        click.echo(f"  {moment(each)}, {day}")


def _when(each: SeenSchedule) -> str:
    if each.every_s is None:
        return each.cron
    size, unit = next(u for u in _UNITS if each.every_s % u[0] == 0)
    return f"mỗi / every {each.every_s // size} {unit}"


def _last(run: SeenRun | None) -> str:
    if run is None:
        return "-"
    outcome = _OUTCOMES[run.outcome] if run.outcome else "-"
    lines = [f"{moment(run.began_at or run.due_at)} {outcome}", *_remarks(run)]
    return "\n".join([*lines, run.reason] if run.reason else lines)


def _remarks(run: SeenRun) -> list[str]:
    """Say what was not as usual about a run."""
    found = []
    if run.by_hand:
        found.append("người xin chạy / asked for by a person")
    elif run.is_late and run.began_at is not None:
        late = run.began_at - run.due_at
        found.append(f"trễ / late: {_span(late)}")
    if run.missed:
        found.append(f"bù cho {run.missed} lần lỡ / stands for {run.missed} missed")
    if run.tries > 1:
        found.append(
            f"lần thứ {run.tries}, máy trước dừng giữa chừng / try {run.tries}"
        )
    return found


def _state(each: SeenSchedule, now: datetime) -> list[str]:
    found = []
    if each.paused_at is not None:
        found.append(f"TẠM DỪNG từ / PAUSED since {moment(each.paused_at)}")
    if (run := each.running) is not None:
        found += _running(run)
    if each.skipped:
        found.append(f"bỏ qua {each.skipped} lần / skipped {each.skipped}")
    if each.overdue_since is not None and each.running is None:
        late = _span(now - each.overdue_since)
        found.append(
            f"QUÁ HẸN {late}: chưa worker nào chạy / OVERDUE: no worker took it"
        )
    return found


def _running(run: SeenRun) -> list[str]:
    if run.began_at is None:
        return ["chờ worker / waits for a worker"]
    since = moment(run.began_at)
    if run.is_dead:
        return [f"dừng giữa chừng, từ / its process died; since {since}"]
    return [f"đang chạy từ / runs since {since}", *_remarks(run)]


def _span(time: timedelta) -> str:
    minutes = max(0, int(time.total_seconds() // 60))
    return f"{minutes // 60}:{minutes % 60:02} h"
