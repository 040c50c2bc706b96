"""A list as a file: its columns, and its rows as they are read.

It is written in the language of who asks, by one writer for all lists: whatever a text
begins with stays a text, and CSV is marked as UTF-8, as spreadsheets want it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from catalog.eligibility import Text
from catalog.spreadsheet.table_files import open_table
from catalog.vietnam_time import VIETNAM
from ocop_sync.api.typed.problem import Language
from ocop_sync.files import write_whole
from ocop_sync.pages.words import words_in
from ocop_sync.service.deployment import Deployment

MOST_ROWS: Final = 50_000
"""A longer list is not written: it is narrowed first."""
CHUNK: Final = 500
"""Rows that are read, and written, at once."""
SIMULATED: Final = Text("SỐ LIỆU MÔ PHỎNG", "SIMULATED FIGURES")
_LAST: Final = (Text("Mô phỏng", "Simulated"), 20)

Column = tuple[Text, int]
"""A heading, and the width in characters."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row.

    Attributes:
        cells: Numbers, days, instants, texts and `Text`s; None is an empty cell.
        simulated: It tells of a marketplace that is a mock.
    """

    cells: Sequence[object]
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """How a list is written; its functions are those of a module.

    Attributes:
        name: What browsers save it as, without an ending.
        title: The name of its sheet.
        columns: Returns the columns.
        rows: Yields the rows of what is chosen, `CHUNK` at once.
        of_marketplaces: Rows may tell of marketplaces, so that a column says which of
            these are simulated.
    """

    name: str
    title: Text
    columns: Callable[[Deployment], Sequence[Column]]
    rows: Callable[[Deployment, Any], AsyncIterator[Sequence[ListRow]]]
    of_marketplaces: bool = True


async def write_list(  # noqa: PLR0917  (they go to another process)
    deployment: Deployment,
    path: Path,
    kind: str,
    of: ListFile,
    chosen: object,
    language: Language,
) -> bool:
    """Write a list to *path*; return whether it is whole: it has at most `MOST_ROWS`.

    Raises:
        NotWrittenError: The file cannot be written.
        QuestionError: There is no such list.
    """
    words, total = words_in(language), 0
    columns = (*of.columns(deployment), *((_LAST,) if of.of_marketplaces else ()))
    headings = [(words(each), width) for each, width in columns]
    with (
        write_whole(path) as stream,
        open_table(stream, f".{kind}", words(of.title), headings) as write,
    ):
        async for rows in of.rows(deployment, chosen):
            total += len(rows)
            if total > MOST_ROWS:
                return False
            told = [_told(each) if of.of_marketplaces else each.cells for each in rows]
            cells = [[_cell(each, words) for each in row] for row in told]
            await asyncio.to_thread(write, cells)
    return True


def _told(row: ListRow) -> Sequence[object]:
    return (*row.cells, SIMULATED if row.simulated else None)


def _cell(value: object, words: Callable[[Text], str]) -> object:
    """Return a cell; an instant is a text in Vietnam's time, by which rows sort."""
    if isinstance(value, Text):
        return words(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
    return value
