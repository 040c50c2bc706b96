"""JSON: the same rows as the CSV, with the instant of their export.

    {"exported_at": "2026-11-24T02:00:00+00:00", "rows": [{"product_id": ...}]}

A key that is missing, null or "" is an empty cell. Rows are read one by one,
so that a large feed is never in memory as values all at once.
"""

import json
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import date, datetime
from types import TracebackType
from typing import BinaryIO, Self

from catalog.assembly import Entry
from catalog.errors import FeedError
from catalog.feed.row import MAX_BYTES, FeedRow, too_large
from catalog.feed.writing import rows_of

_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(stream: BinaryIO) -> Iterator[FeedRow]:
    """Read the rows of a JSON feed one after the other.

    Raises:
        FeedError: While reading: it is no such JSON, is cut off, or is too
            large. What was read so far is then not to be kept.
    """
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise too_large()
    try:
        text = content.decode("utf-8-sig")
        for number, row in enumerate(_objects(text), start=1):
            yield FeedRow(number=number, cells=_cells(row))
    except (ValueError, RecursionError) as error:
        raise FeedError(
            [f"không phải tệp JSON của danh mục / no JSON of the catalog: {error}"]
        ) from error


class JsonFeed:
    """A JSON feed that is being written; to be used in a `with` statement.

    Args:
        stream: Where to write.
        exported_at: The present instant, aware.
    """

    def __init__(self, stream: BinaryIO, *, exported_at: datetime) -> None:
        self._stream = stream
        self._exported_at = exported_at
        self._separator = "\n"

    def __enter__(self) -> Self:
        at = json.dumps(self._exported_at.isoformat())
        self._stream.write(f'{{"exported_at": {at}, "rows": ['.encode())
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


def write_json(
    entries: Iterable[Entry], stream: BinaryIO, *, exported_at: datetime
) -> int:
    """Write *entries* so that `read_json` and an import give them back.

    Args:
        entries: What to write.
        stream: Where to.
        exported_at: The present instant, aware.

    Returns:
        The number of rows.
    """
    with JsonFeed(stream, exported_at=exported_at) as feed:
        return feed.write(entries)


def _plain(value: object) -> object:
    if isinstance(value, date):  # an instant is one, too
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _objects(text: str) -> Iterator[Mapping[str, object]]:
    """Return the members of "rows" one by one; `ValueError` on anything else."""
    decoder = json.JSONDecoder(
        # Numbers stay as they are written: what they mean is the column's.
        parse_int=str,
        parse_float=str,
        parse_constant=_refuse,
        object_pairs_hook=_unique,
    )
    place = _expect(text, 0, "{")
    found = False
    while True:
        key, place = decoder.raw_decode(text, _skip(text, place))
        place = _expect(text, place, ":")
        if key == "rows" and not found:
            found = True
            place = yield from _members(decoder, text, _expect(text, place, "["))
        else:
            _, place = decoder.raw_decode(text, _skip(text, place))
        place = _skip(text, place)
        if text[place : place + 1] != ",":
            break
        place += 1
    place = _expect(text, place, "}")
    if not found or _skip(text, place) != len(text):
        message = 'no list "rows", or something after the end'
        raise ValueError(message)


def _members(
    decoder: json.JSONDecoder, text: str, place: int
) -> Generator[Mapping[str, object], None, int]:
    """Yield the objects of a list that begins at *place*; return where it ends."""
    place = _skip(text, place)
    if text[place : place + 1] == "]":
        return place + 1
    while True:
        member, place = decoder.raw_decode(text, _skip(text, place))
        if not isinstance(member, dict):
            message = "a row is no object"
            raise ValueError(message)  # noqa: TRY004 (it is the text that is wrong)
        yield member
        place = _skip(text, place)
        if text[place : place + 1] != ",":
            return _expect(text, place, "]")
        place += 1


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return place if found is None else found.end()


def _expect(text: str, place: int, mark: str) -> int:
    place = _skip(text, place)
    if text[place : place + 1] != mark:
        message = f"expected {mark} at character {place}"
        raise ValueError(message)
    return place + 1


def _refuse(constant: str) -> None:
    message = f"{constant} is no JSON"
    raise ValueError(message)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        message = "a key stands twice in one object"
        raise ValueError(message)
    return found


def _cells(row: Mapping[str, object]) -> dict[str, str]:
    cells = {name.strip().casefold(): _cell(value) for name, value in row.items()}
    return {name: cell for name, cell in cells.items() if cell}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_cell(each) for each in value)
    if isinstance(value, str):
        return value
    message = "a cell holds an object"
    raise ValueError(message)
