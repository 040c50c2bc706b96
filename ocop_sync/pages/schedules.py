"""All schedules, and a new one: what it does, and when it would run, said before."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from aiohttp import web

from catalog.eligibility import Text
from ocop_sync.api.access.reach import as_department, ensure_whole
from ocop_sync.api.access.roles import ADMINS
from ocop_sync.api.forms.schedules import schedule_form
from ocop_sync.api.typed.values import Model
from ocop_sync.errors import PlanError
from ocop_sync.pages.decision_forms import Fault
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.navigation import SCHEDULES
from ocop_sync.pages.schedule_file import SCHEDULES_FILE
from ocop_sync.pages.schedule_rows import office_of, row_of
from ocop_sync.pages.schedule_times import FIELDS, read_times, said_of, times_values
from ocop_sync.pages.schedule_words import WORKS
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.schedules.edit import NewTimes
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import (
    NAME_FORM,
    WantedSchedule,
    add_schedule,
    next_times,
)
from ocop_sync.service.schedules.show import list_schedules

NEW: Final = f"{SCHEDULES}/_new"
"""No schedule may be called so."""
_NEXT: Final = 5
"""Due times that are shown before a schedule is added."""


class SchedulesQuery(Model):
    """What has just been done."""

    done: Literal["removed"] | None = None


async def show_schedules(visit: Visit) -> web.Response:
    """Show all schedules with their next runs, and how the last ones went."""
    ensure_whole(visit.asker)
    query = visit.query(SchedulesQuery)
    found = await list_schedules(office_of(visit.deployment))
    rows = [row_of(schedule_form(each)) for each in found.schedules]
    values = {
        "rows": rows,
        "wrong": sum(each.state[1] == "wrong" for each in rows),
        "done": query.done,
        "files": file_links(visit),
        "new": NEW,
        "address": SCHEDULES,
    }
    return visit.page("schedules.html", values=values)


async def show_new(visit: Visit) -> web.Response:
    """Show the form of a new schedule."""
    as_department(visit.asker)
    return _new_page(visit)


async def add(visit: Visit) -> web.Response:
    """Add a schedule, or tell when it would run."""
    by, form = as_department(visit.asker), visit.form
    name, kind, faults = form.get("name", "").strip(), form.get("kind", ""), []
    if not re.fullmatch(NAME_FORM, name):
        faults.append(("name", _NO_NAME))
    if kind not in WORKS:
        faults.append(("kind", _NO_KIND))
    times = read_times(form)
    if not isinstance(times, NewTimes):
        return _new_page(visit, faults=[*faults, times])
    if faults:
        return _new_page(visit, faults=faults)
    wanted = WantedSchedule(
        name=name, kind=ScheduleKind(kind), cron=times.cron, every=times.every
    )
    if form.get("answer") == "see":
        found = next_times(wanted, visit.now, _NEXT)
        return _new_page(visit, times=times, following=found)
    try:
        await add_schedule(office_of(visit.deployment), wanted, by=by)
    except PlanError:
        return _new_page(visit, faults=[("name", _TAKEN)], status=409)
    return see(f"{SCHEDULES}/{name}?done=added")


def _new_page(
    visit: Visit,
    *,
    faults: Sequence[Fault] = (),
    times: NewTimes | None = None,
    following: Sequence[datetime] = (),
    status: int = 422,
) -> web.Response:
    typed = {name: visit.form.get(name, first) for name, first in FIELDS.items()}
    values = {
        "name": visit.form.get("name", ""),
        "kind": visit.form.get("kind", "sync"),
        "kinds": WORKS,
        "following": following,
        "said": None if times is None else said_of(times),
        "new": NEW,
        "address": SCHEDULES,
        **times_values(typed, faults),
    }
    return visit.page(
        "schedule_new.html", status=status if faults else 200, values=values
    )


_NO_NAME: Final = Text(
    "Ghi tên bằng chữ thường không dấu, số và gạch nối, ví dụ dong-bo-sang.",
    "Small letters a to z, digits and hyphens, such as morning-sync.",
)
_NO_KIND: Final = Text("Chọn một việc trong danh sách.", "Choose one of the list.")
_TAKEN: Final = Text(
    "Đã có lịch tên này, hoặc đã đủ 200 lịch: chọn tên khác.",
    "There is one of that name, or there are 200: choose another name.",
)

PAGES: Final = (
    PageRoute("GET", SCHEDULES, ADMINS, show_schedules),
    PageRoute("GET", NEW, ADMINS, show_new),
    PageRoute("POST", NEW, ADMINS, add, makes=True),
)


def _chosen_of(visit: Visit) -> None:
    ensure_whole(visit.asker)
    visit.query(SchedulesQuery)


FILES: Final = list_routes(SCHEDULES, ADMINS, SCHEDULES_FILE, _chosen_of)
"""The same list as files."""
