"""Days as spreadsheets count them."""

from datetime import datetime, timedelta
from typing import Final

# Excel takes 1900 for a leap year; from 1 March 1900 this start makes up for it.
_START: Final = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's days have no zone)
_FIRST: Final = 61
_LAST: Final = 2_958_466
FROM_1904: Final = 1_462
"""How many days later counting begins in workbooks of the old Macintosh."""


def day_text(serial: float) -> str | None:
    """Return the day of *serial*, counted from 1900, as ISO 8601 text.

    With its time, to the second, unless that is midnight. None if there is no
    such day, or it is one that spreadsheets get wrong (before March 1900).
    """
    if not _FIRST <= serial < _LAST:
        return None
    at = _START + timedelta(seconds=round(serial * 86_400))
    return at.date().isoformat() if at.time() == _START.time() else at.isoformat()


def as_shown(text: str) -> str:
    """Return a day or an instant in ISO 8601 as a Vietnamese spreadsheet shows it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{at:%d/%m/%Y %H:%M}" if "T" in text else f"{at:%d/%m/%Y}"
