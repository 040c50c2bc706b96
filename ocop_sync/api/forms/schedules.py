"""Schedules and their runs, as they are shown."""

from collections.abc import Iterable
from datetime import datetime

from ocop_sync.api.neutral_words import without_commands
from ocop_sync.api.typed.values import Count, Instant, Model
from ocop_sync.service.schedules.show import SeenRun, SeenSchedule, SeenSchedules
from ocop_sync.service.schedules.timing import TIME_ZONE
from ocop_sync.store.schedules.runs import RunOutcome


class ScheduleRunForm(Model):
    """A run of a schedule."""

    due_at: Instant
    """The due time that it is for; when it was asked for, if by hand."""
    by_hand: bool
    """A person has asked for it."""
    missed: Count
    """Earlier due times, when nothing ran, that it stands for as well."""
    began_at: Instant | None
    """When it began; null while it waits for a worker."""
    is_late: bool
    """It began well after its due time, or stands for missed ones."""
    ended_at: Instant | None
    """When it ended; null while it goes on."""
    outcome: RunOutcome | None
    """How it ended; null while it goes on."""
    reason: str
    """Why it failed, or what waits; empty if there is nothing to say."""
    tries: Count
    """How many processes have begun it; above 1, those before have died."""
    is_dead: bool
    """Its process shows no sign of life: it is taken over."""


class ScheduleForm(Model):
    """A schedule, and how it stands."""

    name: str
    """Its name."""
    kind: str
    """The work."""
    cron: str
    """Five fields of cron, in Vietnam's time; empty if it goes by an interval."""
    every_s: Count | None
    """Seconds of its interval; null if it goes by cron."""
    made_at: Instant
    """When it was added."""
    paused_at: Instant | None
    """Since when it is paused; null if it is not."""
    next: tuple[Instant, ...]
    """The next due times; none while it is paused."""
    overdue_since: Instant | None
    """The earliest due time that no worker has dealt with; null if there is none."""
    running: ScheduleRunForm | None
    """The run that goes on, or waits; null if there is none."""
    last: ScheduleRunForm | None
    """The last run that has ended; null if there was none."""
    skipped: Count
    """Due times since the last begun run at which that still went on."""


class ScheduleList(Model):
    """All schedules."""

    time_zone: str
    """The time zone that cron goes by."""
    schedules: tuple[ScheduleForm, ...]
    """By name."""


class ScheduleTimes(Model):
    """When a schedule would run, were it added now."""

    time_zone: str
    """The time zone that cron goes by."""
    next: tuple[Instant, ...]
    """The first due times."""


def schedules_form(found: SeenSchedules) -> ScheduleList:
    """Return all schedules as they are shown."""
    return ScheduleList(
        time_zone=TIME_ZONE, schedules=tuple(map(schedule_form, found.schedules))
    )


def times_form(times: Iterable[datetime]) -> ScheduleTimes:
    """Return the due times of a timing as they are shown."""
    return ScheduleTimes(time_zone=TIME_ZONE, next=tuple(times))


def schedule_form(seen: SeenSchedule) -> ScheduleForm:
    """Return a schedule as it is shown."""
    return ScheduleForm(
        name=seen.name,
        kind=seen.kind,
        cron=seen.cron,
        every_s=seen.every_s,
        made_at=seen.made_at,
        paused_at=seen.paused_at,
        next=tuple(seen.next),
        overdue_since=seen.overdue_since,
        running=_run(seen.running),
        last=_run(seen.last),
        skipped=seen.skipped,
    )


def _run(run: SeenRun | None) -> ScheduleRunForm | None:
    if run is None:
        return None
    return ScheduleRunForm(
        due_at=run.due_at,
        by_hand=run.by_hand,
        missed=run.missed,
        began_at=run.began_at,
        is_late=run.is_late,
        ended_at=run.ended_at,
        outcome=run.outcome,
        reason=without_commands(run.reason),
        tries=run.tries,
        is_dead=run.is_dead,
    )
