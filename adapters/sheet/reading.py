"""Sheets that come in: whose they are, and what their cells say.

A sheet is known by its headings, wherever they stand: a filled-in batch by those of the
tickets and results, the marketplace's export by those of addresses and packs. Nothing
here looks at what is known of an account.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.sheet.template import Template, folded
from ocop_sync.marketplace.by_hand import HandFault, Table, TableLine

MOST_LINES: Final = 200_000
"""Lines of a file: an export of fifty thousand listings."""

_HEADINGS_WITHIN: Final = 30
_LONGEST: Final = 2_000
_NUMBER: Final = re.compile(r"\d{1,3}(?:[., ]\d{3})+|\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A line of a filled-in batch.

    Attributes:
        columns: Where each of our columns stands.
    """

    sheet: str
    line: TableLine
    columns: Mapping[str, int]

    def text(self, name: str) -> str:
        """Return the text in our column *name*, or ""."""
        return clean(self.line.cells.get(self.columns.get(name, -1), ""))

    def is_odd(self, name: str) -> bool:
        """Say whether that cell has no value that can be read."""
        return self.columns.get(name, -1) in self.line.odd

    def fault(self, vi: str, en: str, name: str = "") -> HandFault:
        """Return a fault of this line, or of its cell in our column *name*."""
        return HandFault(
            sheet=self.sheet,
            line=self.line.number,
            column=self.columns.get(name),
            vi=vi,
            en=en,
        )


@dataclass(frozen=True, slots=True)
class Sorted:
    """The sheets of a file, sorted by what they are.

    Attributes:
        filled: The lines of filled-in batches.
        exported: The lines of exports.
        faults: What keeps a sheet from being read.
        exports: The names of the sheets that are exports, also of those without a line.
        batches: The same of filled-in batches.
    """

    filled: list[Filled] = field(default_factory=list)
    exported: list[Filled] = field(default_factory=list)
    faults: list[HandFault] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)


def sort_sheets(tables: Sequence[Table], template: Template) -> Sorted:
    """Return what the sheets of a file are; one that is nothing of ours is left out."""
    found = Sorted()
    own = {folded(v): k for k, v in template.own.model_dump().items()}
    theirs = {folded(each.heading): each.value for each in template.export.columns}
    for table in tables:
        place, columns = _headings(table, own, ("ticket", "result"))
        if columns:
            found.batches.append(table.name)
            found.filled.extend(_lines(table, place, columns, "ticket", "result"))
            continue
        place, columns = _headings(table, theirs, ("address", "sku"))
        if columns:
            found.exports.append(table.name)
            missing = set(theirs.values()) - columns.keys()
            if missing:
                names = ", ".join(
                    e.heading for e in template.export.columns if e.value in missing
                )
                found.faults.append(
                    HandFault(
                        sheet=table.name,
                        line=place,
                        vi=f"thiếu cột: {names}",
                        en=f"columns are missing: {names}",
                    )
                )
            found.exported.extend(_lines(table, place, columns, "address", "sku"))
    if not found.batches and not found.exports:
        own_names = f"“{template.own.ticket}”, “{template.own.result}”"
        names = ", ".join(f"“{each.heading}”" for each in template.export.columns)
        found.faults.append(
            HandFault(
                vi=f"không phải phiếu việc ({own_names}) hay bản của sàn ({names})",
                en=f"neither a sheet of rows ({own_names}) nor an export ({names})",
            )
        )
    return found


def _headings(
    table: Table, names: Mapping[str, str], needed: Sequence[str]
) -> tuple[int, dict[str, int]]:
    """Return the line of the headings and where each column is; none if there is none.

    Of two columns with one heading the first one counts.
    """
    for line in table.lines[:_HEADINGS_WITHIN]:
        columns: dict[str, int] = {}
        for n, cell in sorted(line.cells.items()):
            if (name := names.get(folded(cell))) is not None:
                columns.setdefault(name, n)
        if all(each in columns for each in needed):
            return line.number, columns
    return 0, {}


def _lines(
    table: Table, place: int, columns: Mapping[str, int], *told: str
) -> Iterator[Filled]:
    """Yield the lines below the headings that have anything in one of *told*."""
    for line in table.lines:
        if line.number <= place:
            continue
        each = Filled(sheet=table.name, line=line, columns=columns)
        if any(each.text(name) or each.is_odd(name) for name in told):
            yield each


def clean(text: str) -> str:
    """Return the text of a cell in one form: NFC, without space around it."""
    return unicodedata.normalize("NFC", text).strip()[:_LONGEST]


def number_of(text: str) -> int | None:
    """Return a whole number as people write it; None if it is none."""
    plain = re.sub(r"(?i)\s*(?:đ|₫|vnd|vnđ)$", "", clean(text))
    plain = re.sub(r"[.,]0{1,2}$", "", plain)
    if not _NUMBER.fullmatch(plain):
        return None
    found = int(re.sub(r"\D", "", plain))
    return found if found < 10**12 else None
