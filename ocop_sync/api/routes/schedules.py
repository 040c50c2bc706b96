"""Schedules over the API, as `ocop-sync schedule` has them at the command line."""

from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import ADMINS
from ocop_sync.api.context import asker_of, deployment_of
from ocop_sync.api.forms.schedules import (
    ScheduleForm,
    ScheduleList,
    ScheduleTimes,
    schedule_form,
    schedules_form,
    times_form,
)
from ocop_sync.api.problems import NOT_POSSIBLE, in_both_languages
from ocop_sync.api.typed.call import Answer, Call
from ocop_sync.api.typed.faults import fault
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.service.schedules.edit import NewTimes, edit_schedule, version_of
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import (
    NAME_FORM,
    ONE_OF_TWO,
    Office,
    WantedSchedule,
    add_schedule,
    next_times,
    pause_schedule,
    remove_schedule,
    resume_schedule,
    run_schedule_now,
)
from ocop_sync.service.schedules.show import list_schedules, see_schedule
from ocop_sync.service.schedules.timing import (
    LEAST_EVERY,
    LONGEST_CRON,
    MOST_EVERY,
    read_cron,
)

TAG: Final = "schedules"

_NEXT: Final = 5
_NOT_A_TIME, _ONE_OF_TWO = "not_a_time", "one_of_two"
_Name = Annotated[str, Field(max_length=40, pattern=f"^{NAME_FORM}$")]


def _readable(cron: str) -> str:
    """Take a text that is read as cron, or none."""
    try:
        if cron:
            read_cron(cron)
    except ValueError as error:
        vi, en = in_both_languages(str(error))
        raise fault(_NOT_A_TIME, vi=vi, en=en) from None
    return cron


_Cron = Annotated[
    str,
    Field(max_length=LONGEST_CRON, pattern=r"^[0-9A-Za-z*,/ -]*$"),
    AfterValidator(_readable),
]
_EverySeconds = Annotated[
    int,
    Field(
        ge=int(LEAST_EVERY.total_seconds()),
        le=int(MOST_EVERY.total_seconds()),
    ),
    WHOLE,
]


class _TimingModel(Model):
    """When a schedule is due, one of two ways."""

    cron: _Cron = ""
    """Minute, hour, day, month, weekday, in Vietnam's time; weekdays by name."""
    every_s: _EverySeconds | None = None
    """Seconds from one run to the next, counted from when it is added."""

    @model_validator(mode="after")
    def _ensure_one(self) -> Self:
        if bool(self.cron) is (self.every_s is not None):
            vi, en = in_both_languages(ONE_OF_TWO)
            raise fault(_ONE_OF_TWO, vi=vi, en=en)
        return self


class SchedulePath(Model):
    """Which schedule."""

    name: _Name
    """Its name."""


class ScheduleAddForm(_TimingModel):
    """A new schedule; either `cron` or `every_s` is given."""

    name: _Name
    """Its name: small letters, digits and hyphens."""
    kind: ScheduleKind
    """The work."""


class ScheduleTimingForm(_TimingModel):
    """When a schedule is due; either `cron` or `every_s` is given."""


class SchedulePauseForm(Model):
    """Whether a schedule is paused."""

    paused: bool
    """True: it begins nothing more. False: it goes on from now; nothing is made up."""


class ScheduleTimesQuery(_TimingModel):
    """The timing that is asked about; either `cron` or `every_s` is given."""


@operation("GET", "/api/v1/schedules", summary="All schedules", allowed=ADMINS, tag=TAG)
async def list_all_schedules(call: Call) -> ScheduleList:
    """List the schedules, with their next runs and how the last one went."""
    return schedules_form(await list_schedules(_office(call)))


@operation(
    "POST",
    "/api/v1/schedules",
    summary="Add a schedule",
    allowed=ADMINS,
    tag=TAG,
    status=201,
    problems=(NOT_POSSIBLE,),
    takes_key=True,
)
async def post_schedule(call: Call, body: ScheduleAddForm) -> ScheduleForm:
    """Add a schedule; it runs at its first due time, in any worker.

    A number in the place of a weekday is refused: some programs count from Sunday,
    others from Monday.
    """
    office, by = _office(call), asker_of(call).actor
    wanted = _wanted(body.cron, body.every_s, body.name, body.kind)
    await add_schedule(office, wanted, by=by)
    return await _seen(call, body.name)


@operation(
    "GET",
    "/api/v1/schedule-times",
    summary="When a schedule would run",
    allowed=ADMINS,
    tag=TAG,
)
async def get_schedule_times(call: Call, query: ScheduleTimesQuery) -> ScheduleTimes:
    """Tell when a schedule would run, were it added now; nothing is added."""
    now, wanted = _office(call).clock(), _wanted(query.cron, query.every_s)
    times = next_times(wanted, now, _NEXT)
    return times_form(times)


@operation(
    "GET",
    "/api/v1/schedules/{name}",
    summary="A schedule",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_schedule(call: Call, path: SchedulePath) -> ScheduleForm:
    """Return a schedule, with its next runs and how the last one went."""
    return await _seen(call, path.name)


@operation(
    "GET",
    "/api/v1/schedules/{name}/timing",
    summary="The times of a schedule",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_schedule_timing(
    call: Call, path: SchedulePath
) -> Answer[ScheduleTimingForm]:
    """Return the times of a schedule; the ETag is what `If-Match` of a change names."""
    seen = await see_schedule(_office(call), path.name)
    form = ScheduleTimingForm(cron=seen.cron, every_s=seen.every_s)
    return Answer(value=form, version=version_of(seen.cron, seen.every_s))


@operation(
    "PUT",
    "/api/v1/schedules/{name}/timing",
    summary="Give a schedule other times",
    allowed=ADMINS,
    tag=TAG,
    needs_if_match=True,
    problems=(NOT_FOUND, NOT_POSSIBLE),
)
async def put_schedule_timing(
    call: Call, path: SchedulePath, body: ScheduleTimingForm
) -> Answer[ScheduleForm]:
    """Give a schedule other times in place; the answer has its next runs.

    What was due by the former times, and has not run, is run once, late.
    """
    every = None if body.every_s is None else timedelta(seconds=body.every_s)
    await edit_schedule(
        _office(call),
        path.name,
        NewTimes(cron=body.cron, every=every),
        by=asker_of(call).actor,
        ensure_seen=call.ensure_match,
    )
    form = await _seen(call, path.name)
    return Answer(value=form, version=version_of(form.cron, form.every_s))


@operation(
    "PUT",
    "/api/v1/schedules/{name}/pause",
    summary="Pause a schedule, or let it go on",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def put_schedule_pause(
    call: Call, path: SchedulePath, body: SchedulePauseForm
) -> ScheduleForm:
    """Pause a schedule, or let it go on; a run that goes on ends as usual."""
    act = pause_schedule if body.paused else resume_schedule
    await act(_office(call), path.name, by=asker_of(call).actor)
    return await _seen(call, path.name)


@operation(
    "DELETE",
    "/api/v1/schedules/{name}",
    summary="Remove a schedule",
    allowed=ADMINS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def delete_schedule(call: Call, path: SchedulePath) -> None:
    """Remove a schedule with its runs; a run that goes on ends as usual."""
    await remove_schedule(_office(call), path.name, by=asker_of(call).actor)


@operation(
    "POST",
    "/api/v1/schedules/{name}/run",
    summary="Run a schedule now",
    allowed=ADMINS,
    tag=TAG,
    status=202,
    problems=(NOT_FOUND, NOT_POSSIBLE),
    takes_key=True,
)
async def run_schedule(call: Call, path: SchedulePath) -> ScheduleForm:
    """Have the next worker that looks run a schedule once, also a paused one."""
    await run_schedule_now(_office(call), path.name, by=asker_of(call).actor)
    return await _seen(call, path.name)


OPERATIONS: Final = (
    list_all_schedules,
    post_schedule,
    get_schedule_times,
    get_schedule,
    get_schedule_timing,
    put_schedule_timing,
    put_schedule_pause,
    delete_schedule,
    run_schedule,
)


def _office(call: Call) -> Office:
    ensure_whole(asker_of(call))
    deployment = deployment_of(call)
    return Office(
        database=deployment.database,
        clock=deployment.clock,
        has_backup_folder=deployment.backups is not None,
    )


def _wanted(
    cron: str,
    every_s: int | None,
    name: str = "x",
    kind: ScheduleKind = ScheduleKind.SYNC,
) -> WantedSchedule:
    every = None if every_s is None else timedelta(seconds=every_s)
    return WantedSchedule(name=name, kind=kind, cron=cron, every=every)


async def _seen(call: Call, name: str) -> ScheduleForm:
    return schedule_form(await see_schedule(_office(call), name))
