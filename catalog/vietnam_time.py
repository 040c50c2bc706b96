"""Days and months in Vietnam's civil time."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam's civil time: UTC+7 without daylight saving time since 1975."""


def day_in_vietnam(instant: datetime) -> date:
    """Return the day that it is in Vietnam at *instant* (aware)."""
    return instant.astimezone(VIETNAM).date()


def moment(instant: datetime) -> str:
    """Return *instant* (aware) as people in Vietnam write it: 24/11/2026 09:30."""
    return f"{instant.astimezone(VIETNAM):%d/%m/%Y %H:%M}"


def start_of(day: date) -> datetime:
    """Return the instant, in Vietnam's time, at which *day* begins there."""
    return datetime.combine(day, time(), VIETNAM)


def add_months(day: date, months: int) -> date:
    """Return the corresponding day *months* later.

    Where that month has no such day, its last day is taken (Civil Code 2015,
    articles 147 and 148).
    """
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
