"""Moments that options take: a day, an instant, or so long ago."""

import re
from datetime import UTC, datetime, timedelta

import click

from catalog.vietnam_time import VIETNAM
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.param_types import Day

_AGO = re.compile(r"(\d{1,4})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class Moment(click.ParamType[datetime]):
    """A moment: "12h" ago, 31/12/2026 in Vietnam, or 2026-11-24T02:00:00Z.

    Args:
        is_end: A day stands for its end, not for its beginning.
    """

    name = "moment"

    def __init__(self, *, is_end: bool = False) -> None:
        self._is_end = is_end

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """Return the instant that *value* names, in UTC."""
        if isinstance(value, datetime):
            return value
        said = str(value).strip()
        if ago := _AGO.fullmatch(said):
            return present() - int(ago[1]) * _UNITS[ago[2]]
        if "T" in said:
            return self._instant(said, param, ctx)
        day = Day().convert(said, param, ctx).replace(tzinfo=VIETNAM)
        return (day + timedelta(days=self._is_end)).astimezone(UTC)

    def _instant(
        self, said: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            found = datetime.fromisoformat(said)
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self.fail(
                f"{said}: cần dạng 2026-11-24T02:00:00Z, 31/12/2026 hoặc 12h (từ 12 giờ"
                " trước) / such as 2026-11-24T02:00:00Z, 31/12/2026, or 12h ago",
                param,
                ctx,
            )
        return found.astimezone(UTC)
