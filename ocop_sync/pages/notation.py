"""How numbers, money, days and times are written, in Vietnamese and in English.

Vietnamese: 1.234; 85.000 đ; 69,5 %; 05/12/2026; 10:52. A number and its unit stay on
one line. Times are those of Vietnam.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from markupsafe import Markup

from catalog.vietnam_time import VIETNAM
from ocop_sync.api.typed.problem import Language

_NBSP: Final = "\N{NO-BREAK SPACE}"
_THIN: Final = "\N{NARROW NO-BREAK SPACE}"
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400
_UNITS: Final = (
    (_DAY, "ngày", "day"),
    (_HOUR, "giờ", "hour"),
    (_MINUTE, "phút", "minute"),
)
_LEAST_SHARE: Final = 0.001
_MOST_SHARE: Final = 0.999
_TURNED: Final = str.maketrans(",.", ".,")
_LATER: Final = ("Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", *_LATER)


@dataclass(frozen=True, slots=True)
class Notation:
    """How values are written in one language."""

    language: Language

    @property
    def _is_vi(self) -> bool:
        return self.language == "vi"

    def number(self, value: int) -> str:
        """Return a whole number with its thousands apart."""
        text = f"{value:,}"
        return text.replace(",", ".") if self._is_vi else text

    def dong(self, value: int) -> str:
        """Return an amount of money."""
        return f"{self.number(value)}{_NBSP}đ"

    def decimal(self, value: float) -> str:
        """Return a number with one place, unless that is 0."""
        text = f"{value:,.1f}".removesuffix(".0")
        return text.translate(_TURNED) if self._is_vi else text

    def percent(self, share: float | None, places: int = 1) -> str:
        """Return a share, to some places; "–" of nothing.

        All is 100, and none 0; nothing else is rounded to either.
        """
        if share is None:
            return "–"
        if 0 < share < 1:
            share = min(max(share, _LEAST_SHARE), _MOST_SHARE)
        is_part = 0 < share < 1
        text = f"{share * 100:.{places if is_part else 0}f}"
        return f"{text.replace('.', ',')}{_THIN}%" if self._is_vi else f"{text}%"

    def day(self, value: date) -> str:
        """Return a day."""
        if self._is_vi:
            return f"{value:%d/%m/%Y}"
        return f"{value.day}{_NBSP}{_MONTHS[value.month - 1]} {value.year}"

    def day_and_month(self, value: date) -> str:
        """Return a day without its year."""
        if self._is_vi:
            return f"{value.day}/{value.month}"
        return f"{value.day}{_NBSP}{_MONTHS[value.month - 1]}"

    def clock(self, instant: datetime) -> str:
        """Return the time of day in Vietnam."""
        return f"{instant.astimezone(VIETNAM):%H:%M}"

    def moment(self, instant: datetime) -> str:
        """Return time and day in Vietnam."""
        day = instant.astimezone(VIETNAM).date()
        return f"{self.clock(instant)}, {self.day(day)}"

    def counted(self, value: int, vi: str, one: str, many: str) -> str:
        """Return a count with its noun; English has one for 1 and one for others."""
        if self._is_vi:
            return f"{self.number(value)}{_NBSP}{vi}"
        return f"{self.number(value)}{_NBSP}{one if value == 1 else many}"

    def lasting(self, seconds: float) -> str:
        """Return a length of time, in the largest unit that fits once at least."""
        for length, vi, en in _UNITS:
            if seconds >= length:
                return self.counted(round(seconds / length), vi, en, f"{en}s")
        return self.counted(round(seconds), "giây", "second", "seconds")

    def ago(self, instant: datetime, now: datetime) -> Markup:
        """Return how long ago *instant* was, with its time in the title."""
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            instant.isoformat(), self.moment(instant), self._ago(instant, now)
        )

    def _ago(self, instant: datetime, now: datetime) -> str:
        passed = int((now - instant) / timedelta(seconds=1))
        if passed < -_MINUTE:
            return self.moment(instant)
        if passed < _MINUTE:
            return "vừa xong" if self._is_vi else "just now"
        for length, vi, en in _UNITS:
            if passed >= length:
                told = self.counted(passed // length, vi, en, f"{en}s")
                return f"{told} trước" if self._is_vi else f"{told} ago"
        raise AssertionError  # a minute has passed
