"""Kinds of values that options take, each with the bounds that keep it usable."""

import math
import re
from abc import abstractmethod
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar, cast

import click

from catalog.feed.cells.days import read_day
from catalog.text import clean
from catalog.vietnam_time import VIETNAM
from ocop_sync.cli.app.given_time import present
from ocop_sync.service.decisions.text_limits import LONGEST_NAME, LONGEST_REASON

T = TypeVar("T")

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_DURATION = re.compile(r"(\d{1,6})([smh])")
_AGO = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
"""In seconds."""

NUMBER = click.IntRange(1, 2**63 - 1)
"""By which a person names a group or a twin; no database holds greater ones."""
TO_READ = click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)
"""A file that is there."""
TO_WRITE = click.Path(path_type=Path, dir_okay=False, writable=True)
"""A file that may be there."""


class TextType(click.ParamType[T]):
    """A value that is read from the text that a person has written."""

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> T:
        """Return the value; one that is no text has been read before."""
        if not isinstance(value, str):
            return cast("T", value)
        try:
            return self.read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)

    @abstractmethod
    def read(self, text: str) -> T:
        """Return the value that *text* names.

        Raises:
            ValueError: It names none; the message says why, in both languages.
        """


class FreeText(TextType[str]):
    """A line that a person writes: a name, a reason, a code.

    It is taken as the catalog takes a cell: accents composed, every white space one
    space. It is neither empty nor endless, and holds nothing that a terminal obeys
    or no database keeps.
    """

    name = "text"

    def __init__(self, longest: int) -> None:
        self._longest = longest

    def read(self, text: str) -> str:
        """Return the line that *text* holds."""
        said = clean(text)
        if not said:
            message = "đang để trống / is empty"
            raise ValueError(message)
        if len(said) > self._longest:
            message = (
                f"dài {len(said)} ký tự, nhiều nhất {self._longest} ký tự"
                f" / has {len(said)} characters: {self._longest} characters at most"
            )
            raise ValueError(message)
        if not (said.isprintable() and _is_unicode(text)):
            message = (
                "có ký tự không phải chữ, hoặc không phải UTF-8"
                " / holds characters that are no text, or no UTF-8"
            )
            raise ValueError(message)
        return said


class CellText(TextType[str]):
    """A text for one cell of a sheet, or "": the catalog checks it as it does there."""

    name = "text"

    def read(self, text: str) -> str:
        """Return the text as it was written."""
        if not _is_unicode(text):
            message = "không phải UTF-8 / is no UTF-8"
            raise ValueError(message)
        return text


def _is_unicode(text: str) -> bool:
    """Say whether the typed text was in the expected encoding."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


NAME = FreeText(LONGEST_NAME)
"""Of a person who decides."""
REASON = FreeText(LONGEST_REASON)
"""Why a person decides so."""
CODE = FreeText(200)
"""Of a product, a marketplace, a source, a sheet: its name for people and files."""
CELL = CellText()
"""Of a product or a pack, as a sheet has it; several lines are possible."""
ANSWER = FreeText(400)
"""The meaning of a heading: two headings with a sign between them."""


class Day(TextType[datetime]):
    """A day in Vietnam, written as sheets have it: 31/12/2026, or 2026-12-31.

    Not just any: certificates begin and end years before and after it, and feeds
    take days from 1990 to 2100.
    """

    name = "day"
    _first, _last = date(2000, 1, 1), date(2090, 12, 31)

    def read(self, text: str) -> datetime:
        """Return midnight of the day, without a time zone, as click does."""
        # A number alone counts days where a spreadsheet wrote it, and nowhere else.
        found = None if _NUMBER.fullmatch(text.strip()) else read_day(text)
        if found is None or not self._first <= found <= self._last:
            message = (
                f"{text}: cần một ngày có thật từ năm {self._first.year} đến"
                f" {self._last.year}, như 31/12/2026 hoặc 2026-12-31 / a real day from"
                f" {self._first.year} to {self._last.year} is needed, such as"
                " 31/12/2026 or 2026-12-31"
            )
            raise ValueError(message)
        return datetime.combine(found, time.min)


class Moment(TextType[datetime]):
    """A moment: "12h" ago, 31/12/2026 in Vietnam, or 2026-11-24T02:00:00Z.

    Where it *is_end*, a day stands for its end, not for its beginning.
    """

    name = "moment"

    def __init__(self, *, is_end: bool = False) -> None:
        self._is_end = is_end

    def read(self, text: str) -> datetime:
        """Return the instant that *text* names, in UTC."""
        said = text.strip()
        if ago := _AGO.fullmatch(said):
            return present() - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        if "T" in said:
            return _instant(said)
        day = Day().read(said).replace(tzinfo=VIETNAM)
        return (day + timedelta(days=self._is_end)).astimezone(UTC)


def _instant(said: str) -> datetime:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        message = (
            f"{said}: cần dạng 2026-11-24T02:00:00Z, 31/12/2026 hoặc 12h (từ 12 giờ"
            " trước) / such as 2026-11-24T02:00:00Z, 31/12/2026, or 12h ago"
        )
        raise ValueError(message)
    return found.astimezone(UTC)


class Duration(TextType[timedelta]):
    """A time such as "60s", "5m" or "1h"."""

    name = "duration"

    def read(self, text: str) -> timedelta:
        """Return the time that *text* names."""
        found = _DURATION.fullmatch(text)
        seconds = int(found[1]) * _UNITS[found[2]] if found else 0
        if not seconds:
            message = f"{text}: cần dạng 60s, 5m, 1h / such as 60s, 5m, 1h"
            raise ValueError(message)
        return timedelta(seconds=seconds)


class Cron(TextType[str]):
    """Five fields of cron, in Vietnam's time; days of the week by name."""

    name = "cron"

    def read(self, text: str) -> str:
        """Return the fields as they are kept; none for a text that is empty."""
        from ocop_sync.service.schedules.timing import read_cron  # noqa: PLC0415

        return read_cron(text) if text else ""


class Amount(click.FloatRange):
    """A number that is one: neither infinite nor "nan", which is in every range."""

    def convert(
        self,
        value: float,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Return the number that *value* names."""
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{value}: phải là số hữu hạn / must be finite", param, ctx)
        return found


SECONDS = Amount(min=0, max=86_400)
"""Of a wait: none, or up to a day."""
