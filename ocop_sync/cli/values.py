"""Kinds of values that options take, each with the bounds that keep it usable."""

import math
import re
from datetime import date, datetime, timedelta

import click

_UNITS = {"s": 1, "m": 60, "h": 3600}

NUMBER = click.IntRange(1, 2**63 - 1)
"""By which a person names a group or a twin; no database holds greater ones."""


class Day(click.DateTime):
    """A day in Vietnam such as "2026-12-31".

    Not just any: certificates begin and end years before and after it, and feeds
    take days from 1990 to 2100.
    """

    name = "day"
    _first, _last = date(2000, 1, 1), date(2090, 12, 31)

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Return midnight of the day, without a time zone, as click does."""
        found = super().convert(value, param, ctx)
        if not self._first <= found.date() <= self._last:
            self.fail(
                f"{value}: phải từ {self._first} đến {self._last}"
                f" / must be from {self._first} to {self._last}",
                param,
                ctx,
            )
        return found


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
