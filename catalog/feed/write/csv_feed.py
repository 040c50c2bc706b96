"""Write CSV as spreadsheets do: UTF-8, with a byte-order mark in front.

Text that a spreadsheet would run as a formula is written behind an apostrophe
and read back without it; nothing else is changed on the way. How CSV is read is
in `catalog.spreadsheet.delimited`.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import BinaryIO

from catalog.feed.cells.stamp import Stamp
from catalog.feed.headings.column import COLUMNS
from catalog.feed.headings.display import in_words
from catalog.feed.headings.heading import EXPORT_STAMP
from catalog.feed.write.to_rows import rows_of
from catalog.model.product import Entry
from catalog.spreadsheet.table_files import MARK, shield
from catalog.vietnam_time import VIETNAM


def write_csv(
    entries: Iterable[Entry],
    stream: BinaryIO,
    *,
    header: bool = True,
    stamp: Stamp | None = None,
) -> int:
    """Write *entries* so that an import gives them back.

    It is written as it comes: nothing of it is held.

    Args:
        entries: The entries to write.
        stream: Where to.
        header: Whether to begin with the names of the columns; False goes on
            with a file begun before.
        stamp: When it is exported, and its source; None if it is none of this
            catalog.

    Returns:
        The number of rows, without the header.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    writer = csv.writer(text)
    if header:
        text.write(MARK)
        writer.writerow([*COLUMNS, EXPORT_STAMP] if stamp else COLUMNS)
    count = 0
    for row in rows_of(entries):
        cells = [shield(_said(name, row.get(name))) for name in COLUMNS]
        writer.writerow([*cells, stamp.by_the_clock] if stamp else cells)
        count += 1
    text.detach()  # the stream stays open
    return count


def _said(name: str, value: object) -> str:
    """Return *value* in words; days in the one form that no spreadsheet turns round.

    A sheet that is opened where months come first would swap 05/11 without a word.
    """
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).isoformat()
    return value.isoformat() if isinstance(value, date) else in_words(name, value)
