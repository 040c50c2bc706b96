"""One schedule: run now, paused, given other times, removed; each says what it does.

The form of its times carries those that were seen: whoever comes second changes
nothing, and is shown the ones that stand now.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import ADMINS
from ocop_sync.api.forms.schedules import schedule_form
from ocop_sync.api.typed.values import Model
from ocop_sync.errors import PlanError, StalePlanError
from ocop_sync.pages.decision_forms import Fault
from ocop_sync.pages.navigation import SCHEDULES
from ocop_sync.pages.schedule_rows import office_of, row_of
from ocop_sync.pages.schedule_times import (
    FIELDS,
    fields_of,
    read_times,
    said_of,
    times_values,
)
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.schedules.edit import (
    NewTimes,
    edit_schedule,
    times_once_edited,
    version_of,
)
from ocop_sync.service.schedules.schedules import (
    NAME_FORM,
    pause_schedule,
    remove_schedule,
    resume_schedule,
    run_schedule_now,
)
from ocop_sync.service.schedules.show import see_schedule

_NEXT: Final = 5

Done = Literal["added", "asked", "edited", "paused", "resumed"]


class SchedulePath(Model):
    """Which schedule."""

    name: Annotated[str, Field(max_length=40, pattern=f"^{NAME_FORM}$")]
    """Its name."""

    @property
    def address(self) -> str:
        """Return its address."""
        return f"{SCHEDULES}/{self.name}"


class ScheduleQuery(Model):
    """What has just been done."""

    done: Done | None = None


async def show_schedule(visit: Visit) -> web.Response:
    """Show a schedule, and what may be done with it."""
    as_department(visit.asker)
    return await _page(visit)


async def run_now(visit: Visit) -> web.Response:
    """Have the next worker run it once."""
    by, path = as_department(visit.asker), visit.path(SchedulePath)
    try:
        await run_schedule_now(office_of(visit.deployment), path.name, by=by)
    except PlanError:
        return await _page(visit, is_late=True)
    return see(f"{path.address}?done=asked")


async def pause(visit: Visit) -> web.Response:
    """Pause it, or let it go on; the second person changes nothing by the same."""
    by, path = as_department(visit.asker), visit.path(SchedulePath)
    is_pause = visit.form.get("paused") == "yes"
    act = pause_schedule if is_pause else resume_schedule
    await act(office_of(visit.deployment), path.name, by=by)
    return see(f"{path.address}?done={'paused' if is_pause else 'resumed'}")


async def show_removal(visit: Visit) -> web.Response:
    """Say what a removal does."""
    as_department(visit.asker)
    path = visit.path(SchedulePath)
    found = schedule_form(await see_schedule(office_of(visit.deployment), path.name))
    values = {"row": row_of(found), "path": path}
    return visit.page("schedule_removal.html", values=values)


async def remove(visit: Visit) -> web.Response:
    """Remove it."""
    by, path = as_department(visit.asker), visit.path(SchedulePath)
    await remove_schedule(office_of(visit.deployment), path.name, by=by)
    return see(f"{SCHEDULES}?done=removed")


async def show_timing(visit: Visit) -> web.Response:
    """Show the form of its times, as they are."""
    as_department(visit.asker)
    return await _timing_page(visit)


async def edit(visit: Visit) -> web.Response:
    """Give it other times, or tell when it would run by them."""
    by, path, form = as_department(visit.asker), visit.path(SchedulePath), visit.form
    times = read_times(form)
    if not isinstance(times, NewTimes):
        return await _timing_page(visit, faults=[times])
    office = office_of(visit.deployment)
    if form.get("answer") == "see":
        found = await times_once_edited(office, path.name, times, _NEXT)
        return await _timing_page(visit, times=times, following=found)

    def ensure_seen(version: str) -> None:
        if form.get("version", "") != version:
            raise StalePlanError(version)

    try:
        await edit_schedule(office, path.name, times, by=by, ensure_seen=ensure_seen)
    except StalePlanError:
        return await _timing_page(visit, is_late=True)
    return see(f"{path.address}?done=edited")


async def _page(visit: Visit, *, is_late: bool = False) -> web.Response:
    path, query = visit.path(SchedulePath), visit.query(ScheduleQuery)
    found = schedule_form(await see_schedule(office_of(visit.deployment), path.name))
    values = {
        "row": row_of(found),
        "path": path,
        "done": None if is_late else query.done,
        "is_late": is_late,
        "schedules": SCHEDULES,
    }
    return visit.page("schedule.html", status=409 if is_late else 200, values=values)


async def _timing_page(
    visit: Visit,
    *,
    faults: Sequence[Fault] = (),
    times: NewTimes | None = None,
    following: Sequence[datetime] = (),
    is_late: bool = False,
) -> web.Response:
    path = visit.path(SchedulePath)
    found = schedule_form(await see_schedule(office_of(visit.deployment), path.name))
    kept = fields_of(found.cron, found.every_s)
    is_typed = bool(visit.form) and not is_late
    typed = {e: visit.form.get(e, kept[e]) if is_typed else kept[e] for e in FIELDS}
    now_is = version_of(found.cron, found.every_s)
    values = {
        "row": row_of(found),
        "path": path,
        "version": visit.form.get("version", now_is) if is_typed else now_is,
        "following": following,
        "said": None if times is None else said_of(times),
        "is_late": is_late,
        **times_values(typed, faults),
    }
    status = 409 if is_late else 422 if faults else 200
    return visit.page("schedule_timing.html", status=status, values=values)


PAGES: Final = (
    PageRoute("GET", f"{SCHEDULES}/{{name}}", ADMINS, show_schedule),
    PageRoute("POST", f"{SCHEDULES}/{{name}}/run", ADMINS, run_now, makes=True),
    PageRoute("POST", f"{SCHEDULES}/{{name}}/pause", ADMINS, pause),
    PageRoute("GET", f"{SCHEDULES}/{{name}}/timing", ADMINS, show_timing),
    PageRoute("POST", f"{SCHEDULES}/{{name}}/timing", ADMINS, edit),
    PageRoute("GET", f"{SCHEDULES}/{{name}}/removal", ADMINS, show_removal),
    PageRoute("POST", f"{SCHEDULES}/{{name}}/removal", ADMINS, remove),
)
