"""What every feed is made of: rows of text cells, and problems found in them.

A feed is flat: one row for each variant, the product's columns repeated; a
product with more certificates than variants takes further rows. Formats are
read in `catalog.feed.csv_feed` and `catalog.feed.json_feed`, what cells mean in
`catalog.feed.column`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.errors import FeedError

MAX_BYTES = 64_000_000
"""Largest feed that is read; twenty thousand products take about 30 MB."""

_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One row as it stands in the feed.

    Attributes:
        number: Where to find it: in a spreadsheet the header is row 1.
        cells: Text by column; "" and a missing column mean the same.
        surplus: Cells beyond the last column.
    """

    number: int
    cells: Mapping[str, str]
    surplus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a feed that a person must put right.

    Attributes:
        row: Number of the row; 0 for the feed as a whole.
        column: Name of the column; "" for the row as a whole.
        value: The cell, cut short.
        vi: What is wrong and what to do, in Vietnamese.
        en: The same in English.
    """

    row: int
    column: str = ""
    value: str = ""
    vi: str
    en: str

    def __str__(self) -> str:
        """Return the problem as one line, Vietnamese first."""
        place_vi = f"dòng {self.row}" if self.row else "tệp nhập"
        place_en = f"row {self.row}" if self.row else "feed"
        column_vi = f", cột {self.column}" if self.column else ""
        column_en = f", column {self.column}" if self.column else ""
        value = f' "{self.value}"' if self.value else ""
        return (
            f"{place_vi}{column_vi}{value}: {self.vi}"
            f" / {place_en}{column_en}: {self.en}"
        )


def shorten(value: str) -> str:
    """Return *value* as problems show it: one line, cut short."""
    line = " ".join(value.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def too_large() -> FeedError:
    """Return the error for a feed of more than `MAX_BYTES`."""
    size = MAX_BYTES // 1_000_000
    return FeedError(
        [f"tệp lớn hơn {size} MB, hãy chia nhỏ / larger than {size} MB, split it"]
    )
