"""Kinds of values that options take, each with the bounds that keep it usable."""

import math
import re
from datetime import date, datetime, time, timedelta

import click

from catalog.feed.cells.days import read_day
from catalog.text import clean
from ocop_sync.service.decisions.text_limits import LONGEST_NAME, LONGEST_REASON

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_UNITS = {"s": 1, "m": 60, "h": 3600}

NUMBER = click.IntRange(1, 2**63 - 1)
"""By which a person names a group or a twin; no database holds greater ones."""


class FreeText(click.ParamType[str]):
    """A line that a person writes: a name, a reason, a code.

    It is taken as the catalog takes a cell: accents composed, every white space one
    space. It is neither empty nor endless, and holds nothing that a terminal obeys
    or no database keeps.

    Args:
        longest: Most characters.
    """

    name = "text"

    def __init__(self, longest: int) -> None:
        self._longest = longest

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """Return the line that *value* holds."""
        said = clean(str(value))
        if not said:
            self.fail("đang để trống / is empty", param, ctx)
        if len(said) > self._longest:
            self.fail(
                f"dài {len(said)} ký tự, nhiều nhất {self._longest} ký tự"
                f" / has {len(said)} characters: {self._longest} characters at most",
                param,
                ctx,
            )
        if not (said.isprintable() and _is_unicode(str(value))):
            self.fail(
                "có ký tự không phải chữ, hoặc không phải UTF-8"
                " / holds characters that are no text, or no UTF-8",
                param,
                ctx,
            )
        return said


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
ANSWER = FreeText(400)
"""The meaning of a heading: two headings with a sign between them."""


class Day(click.ParamType[datetime]):
    """A day in Vietnam, written as sheets have it: 31/12/2026, or 2026-12-31.

    Not just any: certificates begin and end years before and after it, and feeds
    take days from 1990 to 2100.
    """

    name = "day"
    _first, _last = date(2000, 1, 1), date(2090, 12, 31)

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Return midnight of the day, without a time zone, as click does."""
        if isinstance(value, datetime):
            return value
        said = str(value)
        # A number alone counts days where a spreadsheet wrote it, and nowhere else.
        found = None if _NUMBER.fullmatch(said.strip()) else read_day(said)
        if found is None or not self._first <= found <= self._last:
            self.fail(
                f"{value}: cần một ngày có thật từ năm {self._first.year} đến"
                f" {self._last.year}, như 31/12/2026 hoặc 2026-12-31 / a real day from"
                f" {self._first.year} to {self._last.year} is needed, such as"
                " 31/12/2026 or 2026-12-31",
                param,
                ctx,
            )
        return datetime.combine(found, time.min)


class Duration(click.ParamType[timedelta]):
    """A time such as "60s", "5m" or "1h"."""

    name = "duration"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> timedelta:
        """Return the time that *value* names."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,6})([smh])", str(value))
        seconds = int(found[1]) * _UNITS[found[2]] if found else 0
        if not seconds:
            self.fail(
                f"{value}: cần dạng 60s, 5m, 1h / such as 60s, 5m, 1h", param, ctx
            )
        return timedelta(seconds=seconds)


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
