"""Whole numbers as people type them: 85000, 85.000, 85 000, 85,000, 85.000 đ."""

import re
from typing import Final

_NUMBER: Final = re.compile(r"(?:\d{1,3}(?:[., ]\d{3})+|\d{1,15})", re.ASCII)
_MONEY: Final = re.compile(r"\s*(?:đ|₫|đồng|dong|vnd|vnđ)\Z", re.IGNORECASE)
_SPACES: Final = re.compile(r"\s+")


def typed_number(text: str) -> int | None:
    """Return the number that was typed; None if it is none, or not a whole one."""
    plain = _SPACES.sub(" ", _MONEY.sub("", text.strip())).strip()
    if not _NUMBER.fullmatch(plain):
        return None
    return int(re.sub(r"[., ]", "", plain))
