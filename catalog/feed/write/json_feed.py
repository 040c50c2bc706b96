"""Write JSON: the same rows as the CSV, with the instant of their export.

    {"export_stamp": "2026-11-24T02:00:00+00:00 a.xlsx", "rows": [{"sku": ...}]}

How JSON is read is in `catalog.spreadsheet.records`.
"""

import json
from collections.abc import Iterable
from datetime import date
from types import TracebackType
from typing import BinaryIO, Self

from catalog.feed.cells.stamp import Stamp
from catalog.feed.headings.heading import EXPORT_STAMP
from catalog.feed.write.to_rows import rows_of
from catalog.model.product import Entry, Size


class JsonFeed:
    """A JSON feed that is being written; to be used in a `with` statement."""

    def __init__(self, stream: BinaryIO, *, stamp: Stamp) -> None:
        self._stream = stream
        self._stamp = stamp
        self._separator = "\n"

    def __enter__(self) -> Self:
        at = json.dumps(str(self._stamp), ensure_ascii=False)
        self._stream.write(f'{{"{EXPORT_STAMP}": {at}, "rows": ['.encode())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A feed that ends in an error is left open: it cannot be imported.
        if error is None:
            self._stream.write(b"\n]}\n")

    def write(self, entries: Iterable[Entry]) -> int:
        """Add *entries*; return the number of rows."""
        count = 0
        for row in rows_of(entries):
            line = json.dumps(row, ensure_ascii=False, default=_plain)
            self._stream.write(f"{self._separator}{line}".encode())
            self._separator = ",\n"
            count += 1
        return count


def write_json(entries: Iterable[Entry], stream: BinaryIO, *, stamp: Stamp) -> int:
    """Write *entries* so that an import gives them back.

    Returns:
        The number of rows.
    """
    with JsonFeed(stream, stamp=stamp) as feed:
        return feed.write(entries)


def _plain(value: object) -> object:
    if isinstance(value, date):  # an instant is one, too
        return value.isoformat()
    if isinstance(value, Size):
        return str(value)
    raise TypeError(type(value).__name__)
