"""The stamp of a sheet: when it was exported, and of which source it is.

It stands in a column of each row, and in JSON once for the file, so that it survives
every format and every file name that a spreadsheet saves it under.

    2026-11-24T09:00:00+07:00 danh-muc.xlsx    exported, of that source
    2026-11-24T02:00:00+00:00                  exported by an earlier version
    nguồn danh-muc.xlsx                        never exported, given back annotated
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from catalog.feed.cells.cell import instant, show
from catalog.feed.cells.days import read_instant
from catalog.text import clean, fold
from catalog.vietnam_time import VIETNAM

_OF: Final = "nguồn"
_MOST_WORDS: Final = 2
"""Words of an instant, as people write it: `24/11/2026 09:30`."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The origin of a sheet, by its own stamp.

    Attributes:
        at: When it was exported; None if it was not.
        source: Name of its source; "" if it does not say.
    """

    at: datetime | None = None
    source: str = ""

    def __str__(self) -> str:
        """Return it as `read_stamp` reads it; "" if it says nothing."""
        return self._with(show(self.at))

    @property
    def by_the_clock(self) -> str:
        """Return the same for people, by Vietnam's clock."""
        return self._with(self.at.astimezone(VIETNAM).isoformat() if self.at else "")

    def _with(self, at: str) -> str:
        when = at or (_OF if self.source else "")
        return f"{when} {self.source}".strip()


@lru_cache(maxsize=256)
def read_stamp(text: str) -> Stamp:
    """Return the stamp that *text* is.

    Raises:
        CellError: It is none.
    """
    words = clean(text).split(" ")
    if len(words) > 1 and fold(words[0]) == fold(_OF):
        return Stamp(None, " ".join(words[1:]))
    for count in range(_MOST_WORDS, 0, -1):
        at = read_instant(" ".join(words[:count]))
        if at is not None:
            return Stamp(at, " ".join(words[count:]))
    return Stamp(instant(text))
