"""What is done at set times: `ocop-sync schedule`."""

from datetime import datetime, timedelta
from functools import partial

import click

from catalog.model.actor import Actor
from ocop_sync.api.forms.schedules import schedules_form
from ocop_sync.cli.app.app import as_input
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.options import AS_JSON, BY
from ocop_sync.cli.app.param_types import CODE, Cron, Duration
from ocop_sync.cli.app.with_schedules import with_schedules
from ocop_sync.cli.views.schedules import show_next, show_schedules
from ocop_sync.cli.views.tables import show_line, write_json
from ocop_sync.service.schedules import schedules as use_cases
from ocop_sync.service.schedules.edit import (
    NewTimes,
    edit_schedule,
    times_once_edited,
)
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import WantedSchedule
from ocop_sync.service.schedules.show import list_schedules

_NAME = click.argument("name", type=CODE)
_NEXT = 5
_CRON = (
    "Phút giờ ngày tháng thứ, giờ Việt Nam; thứ bằng tên: mon-sun / minute hour day"
    " month weekday in Vietnam's time; weekdays by name."
)
_CHECK = "Chỉ cho xem các lần sẽ chạy / only show when it would run."


@click.group()
def schedule() -> None:
    """Việc chạy vào giờ đã hẹn, bởi mọi `worker` / work at set times, by any worker."""


@schedule.command(
    "list",
    short_help="Liệt kê / List.",
    epilog="Ví dụ / Example: ocop-sync schedule list",
)
@AS_JSON
def list_(*, as_json: bool) -> None:
    """Mọi lịch: lần tới, lần trước ra sao / all schedules, next and last runs.

    Giờ Việt Nam. Lần chạy trễ, bù cho những lần lỡ, bị bỏ qua hay lỗi đều nêu rõ.
    Vietnam's time. A run that was late, made up for others, or failed says so.
    """
    found = with_schedules(list_schedules)
    if as_json:
        write_json(schedules_form(found))
    else:
        show_schedules(found, present())


@schedule.command(
    short_help="Thêm một lịch / Add one.",
    epilog="Ví dụ / Example: ocop-sync schedule add doi-soat-dem --kind reconcile"
    " --cron '30 2 * * mon-sat' --by 'Lê B'",
)
@_NAME
@click.option(
    "--kind",
    type=click.Choice([each.value for each in ScheduleKind]),
    required=True,
    help="Việc gì / which work.",
)
@click.option("--cron", type=Cron(), default="", help=_CRON)
@click.option(
    "--every",
    type=Duration(),
    help="Cách nhau bao lâu, tính từ lúc thêm / an interval, counted from now.",
)
@click.option("--check", is_flag=True, help=_CHECK)
@AS_JSON
@BY
def add(
    *,
    name: str,
    kind: str,
    cron: str,
    every: timedelta | None,
    check: bool,
    as_json: bool,
    by: Actor,
) -> None:
    """Thêm lịch NAME; lần đầu là lần hẹn tới / add a schedule, first due at its time.

    NAME gồm chữ thường, số, dấu gạch nối. Đang chạy mà tới lượt nữa thì bỏ qua và đếm;
    lỡ vì không có worker thì bù một lần. Đồng bộ đều đặn của `worker --every` vẫn như
    cũ. NAME has small letters, digits and hyphens. A time at which the last run still
    goes on is skipped and counted; what was missed as no worker ran is run once. The
    regular syncs of `worker --every` stay as they are.
    """
    wanted = WantedSchedule(name=name, kind=ScheduleKind(kind), cron=cron, every=every)
    with as_input():
        times = use_cases.next_times(wanted, present(), _NEXT)
    if not check:
        with_schedules(partial(use_cases.add_schedule, wanted=wanted, by=by))
    _show_added(wanted, times, is_added=not check, as_json=as_json)


@schedule.command(
    short_help="Đổi giờ / Change its times.",
    epilog="Ví dụ / Example: ocop-sync schedule edit doi-soat-dem"
    " --cron '0 3 * * mon-sat' --by 'Lê B'",
)
@_NAME
@click.option("--cron", type=Cron(), default="", help=_CRON)
@click.option(
    "--every",
    type=Duration(),
    help="Cách nhau bao lâu, vẫn tính từ lúc thêm lịch / an interval, still counted"
    " from when it was added.",
)
@click.option("--check", is_flag=True, help=_CHECK)
@AS_JSON
@BY
def edit(
    *,
    name: str,
    cron: str,
    every: timedelta | None,
    check: bool,
    as_json: bool,
    by: Actor,
) -> None:
    """Đổi giờ của lịch NAME, giữ nguyên các lần đã chạy / change its times in place.

    Lần đã tới hẹn theo giờ cũ mà chưa chạy thì vẫn chạy một lần, trễ. What was due by
    the former times and has not run is run once, late.
    """
    times = NewTimes(cron=cron, every=every)
    first = with_schedules(
        partial(times_once_edited, name=name, times=times, most=_NEXT)
    )
    is_new = not check and with_schedules(
        partial(edit_schedule, name=name, times=times, by=by)
    )
    if as_json:
        write_json({"name": name, "edited": is_new, "next": first})
        return
    words = "chưa đổi, chỉ xem / not changed" if check else _AS_BEFORE
    show_line(f"{name}: {'đã đổi / changed' if is_new else words}")
    show_next(first)


@schedule.command(
    short_help="Tạm dừng / Pause.",
    epilog="Ví dụ / Example: ocop-sync schedule pause doi-soat-dem --by 'Lê B'",
)
@_NAME
@BY
def pause(*, name: str, by: Actor) -> None:
    """Không bắt đầu lần nào nữa; lần đang chạy vẫn chạy xong / begin nothing more."""
    is_new = with_schedules(partial(use_cases.pause_schedule, name=name, by=by))
    show_line(f"{name}: " + ("đã tạm dừng / paused" if is_new else _AS_BEFORE))


@schedule.command(
    short_help="Cho chạy tiếp / Resume.",
    epilog="Ví dụ / Example: ocop-sync schedule resume doi-soat-dem --by 'Lê B'",
)
@_NAME
@BY
def resume(*, name: str, by: Actor) -> None:
    """Chạy tiếp từ bây giờ, không bù lúc tạm dừng / go on from now, nothing made up."""
    is_new = with_schedules(partial(use_cases.resume_schedule, name=name, by=by))
    show_line(f"{name}: " + ("chạy tiếp / goes on" if is_new else _AS_BEFORE))


@schedule.command(
    short_help="Xóa / Remove.",
    epilog="Ví dụ / Example: ocop-sync schedule remove doi-soat-dem --by 'Lê B'",
)
@_NAME
@BY
def remove(*, name: str, by: Actor) -> None:
    """Xóa lịch NAME cùng các lần đã chạy; sổ việc vẫn giữ / remove it with its runs."""
    with_schedules(partial(use_cases.remove_schedule, name=name, by=by))
    show_line(f"{name}: đã xóa / removed")


@schedule.command(
    "run-now",
    short_help="Chạy ngay một lần / Run once now.",
    epilog="Ví dụ / Example: ocop-sync schedule run-now doi-soat-dem --by 'Lê B'",
)
@_NAME
@BY
def run_now(*, name: str, by: Actor) -> None:
    """Nhờ worker chạy ngay một lần, cả lịch đang tạm dừng / have a worker run it once.

    Xem kết quả bằng `schedule list`. Its result is shown by that command.
    """
    with_schedules(partial(use_cases.run_schedule_now, name=name, by=by))
    show_line(f"{name}: worker sẽ chạy ngay / a worker will run it now")


_AS_BEFORE = "vẫn như trước / as before"


def _show_added(
    wanted: WantedSchedule, times: list[datetime], *, is_added: bool, as_json: bool
) -> None:
    if as_json:
        form = {"name": wanted.name, "kind": wanted.kind, "cron": wanted.cron}
        every_s = wanted.every and int(wanted.every.total_seconds())
        write_json(form | {"every_s": every_s, "added": is_added, "next": times})
        return
    words = "đã thêm / added" if is_added else "chưa thêm, chỉ xem / not added"
    show_line(f"{wanted.name}: {words}")
    show_next(times)
