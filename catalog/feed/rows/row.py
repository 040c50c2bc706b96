"""The parts of every feed: rows of text cells, and problems found in them.

A feed is flat: one row for each variant, the product's columns repeated; a product with
more certificates than variants takes further rows. Formats are read in
`catalog.spreadsheet` and told apart in `catalog.feed.rows.file_format`; the meaning of
cells is decided in `catalog.feed.headings.column`. Faults of a row are reported by
`FeedRow.problem`, which knows their place in the sheet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from catalog.errors import FeedError, refusal
from catalog.feed.headings.heading import heading_of
from catalog.feed.headings.sheet_names import ColumnPlace, in_english, in_vietnamese
from catalog.model.picture_address import without_user
from catalog.text import clean

MAX_BYTES = 64_000_000
"""Largest workbook or JSON file that is read: much of it is held at once."""
MAX_CSV_BYTES = 256_000_000
"""Largest CSV file, which is read row by row: 250,000 products, all columns filled."""

RowPlace = tuple[str, int]
"""Sheet and number of a row."""

_SHOWN = 60
_NO_PLACE = ColumnPlace()
_CODES = ("sku", "product_id", "ocop_code")
_CALLING = frozenset({"name", *_CODES})
"""Columns that a row is called by: a problem of theirs shows them already."""


class ProblemKind(StrEnum):
    """The action that a problem asks of a person."""

    WRONG = "wrong"
    """Mend the cell; the row is left out."""
    QUESTION = "question"
    """Give the meaning; the value in question is left out."""
    CONFLICT = "conflict"
    """Decide between the sheet and the stored value, which stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something in a feed that a person must put right.

    Attributes:
        sheet: Name of the sheet; "" where there are no sheets.
        row: Number of the row; 0 for the sheet or the feed as a whole.
        column: Our name of the column; "" for the row as a whole.
        place: Where that column stands in the sheet.
        value: The cell, cut short.
        vi: The fault and the advice for it, in Vietnamese.
        en: The same in English.
        kind: The action to take.
        known: The stored value in its place, cut short; "" if the problem is not about
            that.
        called: The row's name of its product: id or code, and name; "" if neither.
        at: Line of the file on which the row begins, where it is a record of JSON.
    """

    sheet: str = ""
    row: int
    column: str = ""
    place: ColumnPlace = _NO_PLACE
    value: str = ""
    vi: str
    en: str
    kind: ProblemKind = ProblemKind.WRONG
    known: str = ""
    called: str = ""
    at: int = 0

    def __str__(self) -> str:
        """Return the problem as one line, Vietnamese first."""
        where_vi = self._where(*_RECORD_VI if self.at else _ROW_VI) or "tệp nhập"
        where_en = self._where(*_RECORD_EN if self.at else _ROW_EN) or "feed"
        value = f' "{self.value}"' if self.value else ""
        called = f" ({self.called})" if self.called else ""
        return f"{where_vi}{value}{called}: {self.vi} / {where_en}{called}: {self.en}"

    def _where(self, sheet: str, row: str, column: str, line: str = "") -> str:
        named = self.heading
        at = f" ({line} {self.at})" if self.at else ""
        parts = (
            f'{sheet} "{self.sheet}"' if self.sheet else "",
            f"{row} {self.row}{at}" if self.row else "",
            f"{column} {' '.join(filter(None, (self.place.letter, named)))}"
            if named or self.place.letter
            else "",
        )
        return ", ".join(filter(None, parts))

    @property
    def heading(self) -> str:
        """Return the column's heading in the sheet, or in ours if it has none there."""
        if self.place.heading or self.at or not self.column:
            return self.place.heading or self.column
        try:
            return heading_of(self.column)
        except KeyError:
            return self.column  # nobody knows it: it is what the sheet says


_ROW_VI = ("trang", "dòng", "cột")
_ROW_EN = ("sheet", "row", "column")
_RECORD_VI = ("trang", "bản ghi", "trường", "dòng")
_RECORD_EN = ("sheet", "record", "field", "line")


class FeedRow(Struct, frozen=True, kw_only=True):
    """One row as it stands in the feed.

    Attributes:
        number: Where to find it: as the spreadsheet counts its rows.
        cells: Text by our name of the column; "" and a missing column mean the
            same.
        surplus: Cells beyond the last column.
        sheet: Name of the sheet; "" where there are no sheets.
        places: Where the columns stand in the sheet, by our name.
        problems: The faults of cells that could not even be brought under our columns;
            the row is left out.
        at: Line of the file on which it begins, where it is a record of JSON.
        under: The other province that the section names in which it stands; "" if
            none.
        other_province: The other province that it certainly is of; "" if none.
        unplaced: The unknown commune or district that its address names; "" if none.
        shown: The shown text of cells that hold no text, such as days, by our name.
    """

    number: int
    cells: Mapping[str, str]
    surplus: tuple[str, ...] = ()
    sheet: str = ""
    places: Mapping[str, ColumnPlace] = {}
    problems: tuple[Problem, ...] = ()
    at: int = 0
    under: str = ""
    other_province: str = ""
    unplaced: str = ""
    shown: Mapping[str, str] = {}

    @property
    def where(self) -> RowPlace:
        """Return which row it is."""
        return self.sheet, self.number

    @property
    def called(self) -> str:
        """Return the row's name of its product: id or code, and name."""
        code = next(filter(None, map(self._text, _CODES)), "")
        return shorten(f"{code} {self._text('name')}")

    def named(self, vi: str, en: str) -> tuple[str, str]:
        """Return texts with the columns that they name as this sheet calls them."""
        record = bool(self.at)
        return (
            in_vietnamese(vi, self.places, record=record),
            in_english(en, self.places, record=record),
        )

    def _text(self, column: str) -> str:
        return clean(self.cells.get(column, ""))

    def problem(
        self,
        *,
        column: str = "",
        vi: str,
        en: str,
        kind: ProblemKind = ProblemKind.WRONG,
        known: str = "",
        value: str | None = None,
    ) -> Problem:
        """Return a problem of this row, with where it is and the cell's text.

        Columns that the texts name as `[[price_vnd]]` are called as the sheet calls
        them. Where the cell holds no text, *value* is its shown text.
        """
        vi, en = self.named(vi, en)
        if value is None:
            cell = self.shown.get(column) or self.cells.get(column, "")
            value = shorten(without_user(cell))
        return Problem(
            sheet=self.sheet,
            row=self.number,
            column=column,
            place=self.places.get(column, ColumnPlace()),
            value=value,
            vi=vi,
            en=en,
            kind=kind,
            known=shorten(known),
            called="" if column in _CALLING else self.called,
            at=self.at,
        )


def shorten(value: str) -> str:
    """Return *value* as problems show it: one line, cut short, nothing unseen.

    A cell may hold a command to a terminal, or no character at all.
    """
    line = clean(value)
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def too_large() -> FeedError:
    """Return the error for a workbook or a JSON file of more than `MAX_BYTES`."""
    size, csv = MAX_BYTES // 1_000_000, MAX_CSV_BYTES // 1_000_000
    return refusal(
        vi=f"tệp lớn hơn {size} MB: lưu lại dạng 'CSV UTF-8' (đọc đến {csv} MB), hoặc"
        " chia nhỏ và đặt cho mỗi phần một --source riêng",
        en=f"larger than {size} MB: save it as 'CSV UTF-8' (up to {csv} MB is read), or"
        " split it and give each part a --source of its own",
    )


def csv_too_large() -> FeedError:
    """Return the error for a CSV file of more than `MAX_CSV_BYTES`."""
    size = MAX_CSV_BYTES // 1_000_000
    return refusal(
        vi=f"tệp CSV lớn hơn {size} MB: chia nhỏ, mỗi phần một --source riêng",
        en=f"a CSV larger than {size} MB: split it, each part with a --source of its"
        " own",
    )
