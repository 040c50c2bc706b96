"""When a schedule is to run, as people enter it in a form, and the faults of that.

A form asks how it repeats, and for the time of day, the day, or the length between two
runs; what is not asked for by that choice is left aside.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from catalog.eligibility import Text
from ocop_sync.api.problems import in_both_languages
from ocop_sync.pages.decision_forms import Fault
from ocop_sync.pages.schedule_words import WEEK, times_words
from ocop_sync.service.schedules.edit import NewTimes
from ocop_sync.service.schedules.timing import read_cron, read_every

REPEATS: Final[Mapping[str, Text]] = {
    "daily": Text("Mỗi ngày", "Every day"),
    "weekly": Text("Mỗi tuần", "Every week"),
    "monthly": Text("Mỗi tháng", "Every month"),
    "every": Text("Cứ một khoảng thời gian", "At an interval"),
    "pattern": Text("Theo mẫu giờ riêng", "By a pattern"),
}
"""How a schedule may repeat."""

WEEKDAYS: Final[Mapping[str, Text]] = {
    **WEEK,
    "mon-fri": Text("thứ hai đến thứ sáu", "Monday to Friday"),
}
"""The days of a week that may be chosen."""

UNITS: Final[Mapping[str, tuple[Text, int]]] = {
    "minutes": (Text("phút", "minutes"), 60),
    "hours": (Text("giờ", "hours"), 3_600),
    "days": (Text("ngày", "days"), 86_400),
}
"""The units of an interval, with their seconds."""

FIELDS: Final[Mapping[str, str]] = {
    "repeat": "daily",
    "time": "05:00",
    "weekday": "mon",
    "month_day": "1",
    "length": "30",
    "unit": "minutes",
    "pattern": "",
}
"""The fields of the form, with what stands there at first."""

_TIME: Final = re.compile(r"([01]?\d|2[0-3])[:hg.]([0-5]\d)")
_NO_TIME: Final = Text("Ghi giờ và phút, ví dụ 05:00.", "Hour and minute, as 05:00.")
_NO_DAY: Final = Text(
    "Ghi một ngày từ 1 đến 28, hoặc “cuối”.", "A day from 1 to 28, or “last”."
)
_NO_LENGTH: Final = Text("Ghi một số nguyên, ví dụ 30.", "A whole number, such as 30.")
_NO_CHOICE: Final = Text("Chọn một mục trong danh sách.", "Choose one of the list.")
_LAST: Final = frozenset({"cuối", "last"})
_LATEST_DAY: Final = 28
"""The last day that every month has."""
_LONGEST_LENGTH: Final = 6


def fields_of(cron: str, every_s: int | None) -> dict[str, str]:
    """Return what a form shows of times that are kept."""
    shown = dict(FIELDS)
    if every_s is not None:
        for name, (_, length) in reversed(list(UNITS.items())):
            if every_s % length == 0:
                return shown | {
                    "repeat": "every",
                    "length": str(every_s // length),
                    "unit": name,
                }
    minute, hour, day, month, weekday = (cron or "* * * * *").split(" ")
    shown |= {"repeat": "pattern", "pattern": cron}
    if not (minute.isdigit() and hour.isdigit() and month == "*"):
        return shown
    shown["time"] = f"{int(hour):02}:{int(minute):02}"
    if day == weekday == "*":
        return shown | {"repeat": "daily", "pattern": ""}
    if day == "*" and weekday in WEEKDAYS:
        return shown | {"repeat": "weekly", "weekday": weekday, "pattern": ""}
    if day == "last" or (day.isdigit() and int(day) <= _LATEST_DAY):
        month_day = "cuối" if day == "last" else day
        return shown | {"repeat": "monthly", "month_day": month_day, "pattern": ""}
    return shown


def read_times(form: Mapping[str, str]) -> NewTimes | Fault:
    """Return the times that a form asks for, or what is to be corrected where."""
    read = _READERS.get(form.get("repeat", ""))
    return ("repeat", _NO_CHOICE) if read is None else read(form)


def _on_days(form: Mapping[str, str]) -> NewTimes | Fault:
    found = _TIME.fullmatch(form.get("time", "").strip())
    if found is None:
        return "time", _NO_TIME
    days = _DAYS[form["repeat"]](form)
    if not isinstance(days, str):
        return days
    return NewTimes(cron=f"{int(found[2])} {int(found[1])} {days}")


def _of_week(form: Mapping[str, str]) -> str | Fault:
    weekday = form.get("weekday", "")
    return f"* * {weekday}" if weekday in WEEKDAYS else ("weekday", _NO_CHOICE)


def _of_month(form: Mapping[str, str]) -> str | Fault:
    day = form.get("month_day", "").strip().lower()
    if day in _LAST:
        return "last * *"
    if re.fullmatch(r"[0-9]{1,2}", day) and 1 <= int(day) <= _LATEST_DAY:
        return f"{int(day)} * *"
    return "month_day", _NO_DAY


_DAYS: Final[Mapping[str, Callable[[Mapping[str, str]], str | Fault]]] = {
    "daily": lambda _: "* * *",
    "weekly": _of_week,
    "monthly": _of_month,
}


def _interval(form: Mapping[str, str]) -> NewTimes | Fault:
    length, unit = form.get("length", "").strip(), form.get("unit", "")
    if not re.fullmatch(r"[0-9]+", length) or len(length) > _LONGEST_LENGTH:
        return "length", _NO_LENGTH
    if unit not in UNITS:
        return "unit", _NO_CHOICE
    try:
        every = read_every(timedelta(seconds=int(length) * UNITS[unit][1]))
    except ValueError as error:
        return "length", _told(error)
    return NewTimes(every=every)


def _pattern(form: Mapping[str, str]) -> NewTimes | Fault:
    try:
        return NewTimes(cron=read_cron(form.get("pattern", "")))
    except ValueError as error:
        return "pattern", _told(error)


_READERS: Final[Mapping[str, Callable[[Mapping[str, str]], NewTimes | Fault]]] = {
    "daily": _on_days,
    "weekly": _on_days,
    "monthly": _on_days,
    "every": _interval,
    "pattern": _pattern,
}


def _told(error: ValueError) -> Text:
    vi, en = in_both_languages(str(error))
    return Text(f"{vi[:1].upper()}{vi[1:]}.", f"{en[:1].upper()}{en[1:]}.")


def times_values(
    typed: Mapping[str, str], faults: Sequence[Fault]
) -> dict[str, object]:
    """Return what the fields of times are shown with."""
    return {
        "typed": typed,
        "faults": faults,
        "repeats": REPEATS,
        "weekdays": WEEKDAYS,
        "units": [(name, words) for name, (words, _) in UNITS.items()],
    }


def said_of(times: NewTimes) -> Text:
    """Return times that were entered, as people say them."""
    every = times.every
    return times_words(
        times.cron, None if every is None else int(every.total_seconds())
    )
