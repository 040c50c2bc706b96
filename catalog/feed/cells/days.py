"""Days and instants as people and spreadsheets write them.

Day first, as in Vietnam; a year of two digits, a month that does not exist or
a day without its year is not guessed at.
"""

import re
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from catalog.spreadsheet.serial import day_text
from catalog.text import fold

_YEARS: Final = range(1990, 2101)
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_DAY_FIRST: Final = re.compile(
    r"([0-9]{1,2})\s?([-/.])\s?([0-9]{1,2})\s?\2\s?([0-9]{4})"
)
_IN_WORDS: Final = re.compile(
    r"(?:ngay )?([0-9]{1,2}) ?thang ?([0-9]{1,2}),? ?(?:nam )?([0-9]{4})"
)
_MIDNIGHT: Final = re.compile(r"[T ]0{1,2}:00(?::00(?:\.0+)?)?")
_SERIAL: Final = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_TIME: Final = re.compile(r"([0-9]{1,2})[:hg]([0-9]{2})(?::([0-9]{2}))?")
_VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


def read_day(text: str) -> date | None:
    """Return the day that *text* names; None if it names none for certain.

    Read are `2021-04-06`, `6/4/2021`, `06-04-2021`, `06.04.2021`, `ngày 6 tháng 4
    năm 2021`, and a spreadsheet's serial number, `44292`; years 1990 to 2100.
    """
    said = fold(text).removeprefix("ngay ").strip()
    if said and not said.isascii():
        return None
    said = _MIDNIGHT.sub("", said.upper()).lower()
    if found := _YEAR_FIRST.fullmatch(said):
        return _day(found[1], found[3], found[4])
    if found := _DAY_FIRST.fullmatch(said):
        return _day(found[4], found[3], found[1])
    if found := _IN_WORDS.fullmatch(said):
        return _day(found[3], found[2], found[1])
    if _SERIAL.fullmatch(said):
        iso = day_text(int(float(said)))
        return _day(*iso.split("-")) if iso else None
    return None


def read_instant(text: str) -> datetime | None:
    """Return the instant that *text* names, in UTC; None if it names none.

    With an offset as in `2026-11-24T09:30:00+07:00`; without one it is a time in
    Vietnam, as in `24/11/2026 09:30`. A day without a time is no instant.
    """
    said = fold(text).upper()
    try:
        value = datetime.fromisoformat(said)
        if value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    before, _, after = said.replace("T", " ", 1).strip().partition(" ")
    if _TIME.fullmatch(before.lower()):
        before, after = after, before
    day, found = read_day(before), _TIME.fullmatch(after.strip().lower())
    if day is None or found is None:
        return None
    try:
        hour, minute, second = (int(part or 0) for part in found.groups())
        clock = time(hour, minute, second, tzinfo=_VIETNAM)
    except ValueError:
        return None
    return datetime.combine(day, clock).astimezone(UTC)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day)) if int(year) in _YEARS else None
    except ValueError:
        return None
