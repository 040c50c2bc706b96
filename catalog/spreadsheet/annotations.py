"""Annotations of a workbook: remarks on cells, columns added, a list of all.

Their texts are decided by the callers; `catalog.spreadsheet.annotate` puts them in.
They travel as JSON to the process that does so.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from catalog.spreadsheet.writing import MAX_TEXT
from catalog.text import clean_lines

MOST_REMARKS: Final = 2_000
"""Remarks that are drawn on one sheet, each as a box; further cells are coloured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A remark on one cell.

    Attributes:
        row: Its row, from 1.
        column: Its column, from 0.
        text: Plain text, safe to write.
    """

    row: int
    column: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedColumn:
    """A column beside those of the sheet, or one of an earlier time.

    Attributes:
        column: Where it stands, from 0.
        fresh: Whether it is new; the cells of an older one are emptied.
        heading: Its heading, if it is new.
        width: In characters.
        texts: Its texts, by row from 1.
        wrong: Whether its cells are coloured as wrong ones are.
    """

    column: int
    fresh: bool
    heading: str
    width: int
    texts: Mapping[int, str]
    wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetAnnotations:
    """The annotations of one sheet.

    Attributes:
        name: Its name, as `catalog.spreadsheet` reads it.
        heading_row: The row of its headings, from 1.
        added: Columns at its right.
        remarks: On its cells.
    """

    name: str
    heading_row: int
    added: Sequence[AddedColumn]
    remarks: Sequence[Remark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A sheet of its own, behind the others.

    Attributes:
        name: Its name.
        headings: Of its columns; a sheet of this name with these headings is an
            earlier one, and is replaced.
        rows: Numbers and safe texts.
    """

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """All annotations of a workbook.

    Attributes:
        title: The beginning of all remarks: by it those of an earlier time are told
            from people's.
        sheets: By sheet.
        listing: The sheet behind the others.
    """

    title: str
    sheets: Sequence[SheetAnnotations]
    listing: Listing

    def to_json(self) -> str:
        """Return them as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Annotations":
        """Return the annotations that `to_json` has written."""
        data = json.loads(text)
        return cls(
            title=data["title"],
            sheets=[_sheet(each) for each in data["sheets"]],
            listing=Listing(**data["listing"]),
        )


def safe(text: str) -> str:
    """Return *text* as any cell can hold it: no control characters, not too long."""
    return clean_lines(text)[:MAX_TEXT]


def joined(remarks: Iterable[Remark]) -> list[Remark]:
    """Return one remark for each cell that has any."""
    by_cell: dict[tuple[int, int], list[str]] = {}
    for each in remarks:
        texts = by_cell.setdefault((each.row, each.column), [])
        if each.text not in texts:
            texts.append(each.text)
    return [
        Remark(row=row, column=column, text=safe("\n".join(texts)))
        for (row, column), texts in by_cell.items()
    ]


def _sheet(data: dict[str, Any]) -> SheetAnnotations:
    added = [
        AddedColumn(
            **{**each, "texts": {int(n): text for n, text in each["texts"].items()}}
        )
        for each in data["added"]
    ]
    remarks = [Remark(**each) for each in data["remarks"]]
    return SheetAnnotations(**{**data, "added": added, "remarks": remarks})
