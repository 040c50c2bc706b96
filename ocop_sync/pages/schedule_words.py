"""Schedules in the words of pages: their work, and when they are due as people say it.

Times are those of Vietnam. A timing that has no short sentence is shown as it is kept.
"""

import re
from collections.abc import Mapping
from typing import Final

from catalog.eligibility import Text

WORKS: Final[Mapping[str, Text]] = {
    "sync": Text("Đồng bộ mọi sàn", "Sync all marketplaces"),
    "reconcile": Text(
        "Đối soát: đọc lại mọi tin rồi sửa chỗ khác",
        "Reconcile: read every listing, and put right what differs",
    ),
    "certificates": Text(
        "Tìm giấy chứng nhận sắp hết hạn để báo", "Tell of certificates that end soon"
    ),
    "backup": Text("Sao lưu mọi dữ liệu", "Copy everything"),
}
"""The work of each kind."""

WEEK: Final[Mapping[str, Text]] = {
    "mon": Text("thứ hai", "Monday"),
    "tue": Text("thứ ba", "Tuesday"),
    "wed": Text("thứ tư", "Wednesday"),
    "thu": Text("thứ năm", "Thursday"),
    "fri": Text("thứ sáu", "Friday"),
    "sat": Text("thứ bảy", "Saturday"),
    "sun": Text("chủ nhật", "Sunday"),
}
"""The days of the week, as timings name them."""

_UNITS: Final = (
    (86_400, Text("{n} ngày", "{n} days"), Text("mỗi ngày một lần", "once a day")),
    (3_600, Text("{n} giờ", "{n} hours"), Text("mỗi giờ một lần", "once an hour")),
    (60, Text("{n} phút", "{n} minutes"), Text("mỗi phút một lần", "once a minute")),
)
_STEP: Final = re.compile(r"\*/(\d{1,2})")
_HOURS: Final = re.compile(r"\d{1,2}(?:,\d{1,2})*")


def every_words(seconds: int) -> Text:
    """Return an interval, in the largest unit that it is so many whole ones of."""
    for length, many, one in _UNITS:
        n, rest = divmod(seconds, length)
        if n and not rest:
            if n == 1:
                return one
            return Text(
                f"cứ {many.vi.format(n=n)} một lần", f"every {many.en.format(n=n)}"
            )
    return Text(f"cứ {seconds} giây một lần", f"every {seconds} seconds")


def times_words(cron: str, every_s: int | None) -> Text:
    """Return when a schedule is due, as people say it."""
    if every_s is not None:
        return every_words(every_s)
    minute, hour, day, month, weekday = cron.split(" ")
    days = _days_words(day, month, weekday)
    at = _at_words(minute, hour)
    if days is None or at is None:
        return Text(f"theo mẫu giờ “{cron}”", f"by the pattern “{cron}”")
    return Text(f"{days.vi}{at.vi}", f"{days.en}{at.en}")


def _days_words(day: str, month: str, weekday: str) -> Text | None:
    if month != "*":
        return None
    if day == weekday == "*":
        return Text("mỗi ngày", "every day")
    if weekday != "*":
        return _week_words(weekday)
    if day == "last":
        return Text("ngày cuối mỗi tháng", "the last day of each month")
    if day.isdigit():
        return Text(f"ngày {int(day)} mỗi tháng", f"day {int(day)} of each month")
    return None


def _week_words(weekday: str) -> Text | None:
    first, dash, last = weekday.partition("-")
    if dash and {first, last} <= WEEK.keys():
        a, b = WEEK[first], WEEK[last]
        return Text(f"{a.vi} đến {b.vi} mỗi tuần", f"{a.en} to {b.en}")
    names = weekday.split(",")
    if not set(names) <= WEEK.keys():
        return None
    vi = ", ".join(WEEK[each].vi for each in names)
    return Text(f"{vi} mỗi tuần", f"each {', '.join(WEEK[each].en for each in names)}")


def _at_words(minute: str, hour: str) -> Text | None:
    if minute.isdigit() and _HOURS.fullmatch(hour):
        times = [f"{int(each):02}:{int(minute):02}" for each in hour.split(",")]
        return Text(f" lúc {', '.join(times)}", f" at {', '.join(times)}")
    if minute.isdigit() and hour == "*":
        n = int(minute)
        return Text(f", mỗi giờ vào phút {n}", f", each hour at minute {n}")
    if minute.isdigit() and (step := _STEP.fullmatch(hour)):
        n, of = int(minute), int(step[1])
        return Text(
            f", cứ {of} giờ một lần vào phút {n}", f", every {of} hours at minute {n}"
        )
    if hour == "*" and (step := _STEP.fullmatch(minute)):
        n = int(step[1])
        return Text(f", cứ {n} phút một lần", f", every {n} minutes")
    return None
