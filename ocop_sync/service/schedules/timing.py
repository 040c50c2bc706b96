"""When a schedule is due: by five fields of cron, or by an interval.

Cron goes by Vietnam's time, which knows no daylight saving. Days of the week have names
alone: to some programs 0 is Sunday, to the library here it is Monday.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final

from apscheduler.triggers.cron import CronTrigger

from catalog.vietnam_time import VIETNAM

TIME_ZONE: Final = "Asia/Ho_Chi_Minh"
LEAST_EVERY: Final = timedelta(minutes=1)
MOST_EVERY: Final = timedelta(days=366)
LONGEST_CRON: Final = 200
MOST_COUNTED: Final = 1000
"""Due times beyond these are not counted any more."""

_FIELDS: Final = 5
_MONTH_DAY, _WEEKDAY = 2, 4
_FIRST_LOOK: Final = timedelta(minutes=2)
_WIDER: Final = 8
_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_VALUE: Final = rf"(?:[0-9]{{1,2}}|last|{_MONTHS})"
_PART: Final = re.compile(rf"(?:\*|{_VALUE}(?:-{_VALUE})?)(?:/[0-9]{{1,2}})?")
"""A part of a field but the last: the library takes what stands behind for nothing."""

_FIVE: Final = (
    "cần năm phần: phút giờ ngày tháng thứ, như '30 2 * * mon-fri' / five fields are"
    " needed: minute hour day month weekday, such as that"
)
_NAMED: Final = (
    "thứ phải viết bằng tên, mon tue wed thu fri sat sun: số 0 nơi là chủ nhật, nơi là"
    " thứ hai / days of the week are named: the number 0 is Sunday to some programs and"
    " Monday to others"
)
_OVER_THE_END: Final = (
    "đi qua cuối tuần, mà tuần bắt đầu từ mon: viết từng ngày, như 'sat,sun,mon' / it"
    " goes over the end of the week, which begins with mon: name the days one by one"
)
_NOT_BOTH: Final = (
    "ngày trong tháng và thứ không đi cùng nhau: nơi hiểu là 'và', nơi hiểu là 'hoặc';"
    " hãy lập hai lịch / days of the month and of the week do not go together: some"
    " programs take it for 'and', others for 'or'; make two schedules"
)
_NOT_READ: Final = (
    "không đọc được: phút 0-59, giờ 0-23, ngày 1-31 hoặc last, tháng 1-12, thứ mon-sun"
    " / it cannot be read: minute 0-59, hour 0-23, day 1-31 or last, month 1-12,"
    " weekday mon-sun"
)


@dataclass(frozen=True, slots=True)
class DueTimes:
    """The due times of a stretch of time that has passed.

    Attributes:
        last: The last of them, in UTC.
        count: How many there are; `MOST_COUNTED` stands for more as well.
    """

    last: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a schedule is due.

    Attributes:
        cron: Five fields of cron, in Vietnam's time; "" if it goes by an interval.
        every: The time from one due time to the next; None if it goes by cron.
        since: From when an interval counts: it is first due one interval later.
    """

    cron: str
    every: timedelta | None
    since: datetime

    def next_after(self, after: datetime) -> datetime | None:
        """Return the first due time after *after*; None if there is none any more."""
        if self.every is None:
            return _next_of_cron(self.cron, after)
        passed = (after - self.since) // self.every
        return self.since + (passed + 1) * self.every

    def next_times(self, after: datetime, most: int) -> list[datetime]:
        """Return the first due times after *after*, in order."""
        return list(islice(self._times(after), most))

    def passed(self, after: datetime, until: datetime) -> DueTimes | None:
        """Return the due times after *after*, up to *until*; None if there are none."""
        first = self.next_after(after)
        if first is None or first > until:
            return None
        count = sum(1 for _ in self._times_until(first, until, MOST_COUNTED - 1)) + 1
        if count < MOST_COUNTED:
            *_, last = (first, *self._times_until(first, until, MOST_COUNTED))
            return DueTimes(last, count)
        return DueTimes(self._last(first, until), count)

    def _last(self, first: datetime, until: datetime) -> datetime:
        """Return the last due time up to *until*, without going through all of them."""
        wide = _FIRST_LOOK
        while until - wide > first:
            found = list(self._times_until(until - wide, until))
            if found:
                return found[-1]
            wide *= _WIDER
        *_, last = (first, *self._times_until(first, until))
        return last

    def _times(self, after: datetime) -> Iterator[datetime]:
        due = self.next_after(after)
        while due is not None:
            yield due
            due = self.next_after(due)

    def _times_until(
        self, after: datetime, until: datetime, most: int | None = None
    ) -> Iterator[datetime]:
        for due in islice(self._times(after), most):
            if due > until:
                return
            yield due


def read_cron(text: str) -> str:
    """Return *text* as it is kept: five fields of cron, one space between them.

    Raises:
        ValueError: It is none that can be used; the message says why, in both
            languages.
    """
    fields = text.lower().split(" ") if len(text) <= LONGEST_CRON else []
    fields = [each for each in fields if each]
    if len(fields) != _FIELDS:
        raise ValueError(_FIVE)
    _ensure_weekday(fields[_WEEKDAY])
    if fields[_MONTH_DAY] != "*" and fields[_WEEKDAY] != "*":
        raise ValueError(_NOT_BOTH)
    cron = " ".join(fields)
    others = ",".join(fields[:_WEEKDAY]).split(",")
    if not all(map(_PART.fullmatch, others)) or not _is_known(cron):
        message = f"'{cron}': {_NOT_READ}"
        raise ValueError(message)
    if _next_of_cron(cron, _SOME_DAY) is None:
        message = f"'{cron}': không có ngày nào như vậy / there is no such day"
        raise ValueError(message)
    return cron


def read_every(every: timedelta) -> timedelta:
    """Return *every*, if a schedule may have it.

    Raises:
        ValueError: It may not; the message says why, in both languages.
    """
    if not LEAST_EVERY <= every <= MOST_EVERY:
        message = (
            "từ 1 phút đến 366 ngày một lần / once in 1 minute to 366 days is possible"
        )
        raise ValueError(message)
    return every


def _ensure_weekday(weekday: str) -> None:
    """Refuse numbers of days, and stretches over the end of the week."""
    if re.search(r"[0-9]", weekday):
        raise ValueError(_NAMED)
    for part in weekday.split(",") if weekday != "*" else ():
        names = part.split("-")
        if not set(names) <= set(_WEEK) or len(names) > 2:  # noqa: PLR2004  (a range)
            message = f"'{part}': {_NAMED}"
            raise ValueError(message)
        if _WEEK.index(names[0]) > _WEEK.index(names[-1]):
            message = f"'{part}': {_OVER_THE_END}"
            raise ValueError(message)


def _is_known(cron: str) -> bool:
    try:
        _trigger(cron)
    except ValueError:  # its own words are English alone, and of its own fields
        return False
    return True


_SOME_DAY: Final = datetime(2024, 1, 1, tzinfo=VIETNAM)
_MOMENT: Final = timedelta(microseconds=1)


@lru_cache(maxsize=256)
def _trigger(cron: str) -> CronTrigger:
    return CronTrigger.from_crontab(cron, timezone=VIETNAM)


@lru_cache(maxsize=1024)
def _next_of_cron(cron: str, after: datetime) -> datetime | None:
    # The library returns the first one from an instant on, that included.
    found: datetime | None = _trigger(cron).get_next_fire_time(None, after + _MOMENT)
    return None if found is None else found.astimezone(UTC)
