"""Days as people type them: 05/12/2026, 5-12-2026, 5.12.2026, or 2026-12-05."""

import re
from contextlib import suppress
from datetime import date
from typing import Final

_OURS: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def typed_day(text: str) -> date | None:
    """Return the day that was typed, day before month; None if it is none."""
    plain = text.strip()
    with suppress(ValueError):
        if _ISO.fullmatch(plain):
            return date.fromisoformat(plain)
        if found := _OURS.fullmatch(plain):
            day, month, year = map(int, found.groups())
            return date(year, month, day)
    return None
