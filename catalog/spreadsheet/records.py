"""JSON: a list of rows, each an object whose keys are headings.

    {"export_stamp": "2026-11-24T02:00:00+00:00", "rows": [{"name": ...}]}

A bare list of rows will do. A key that is missing, null or "" is an empty cell.
Rows are read one by one, so that a large file is never in memory as values all
at once.
"""

import json
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO, Final

from catalog.errors import FeedError
from catalog.spreadsheet.line import MAX_COLUMNS, Line, Sheet

STAMP: Final = "export_stamp"

_ROW: Final = "rows"

_SPACE: Final = re.compile(r"[ \t\r\n]*")


def open_records(stream: BinaryIO) -> tuple[Sheet, str]:
    """Open a JSON file; return its rows, and its export stamp or "".

    Its keys are the first line of the sheet; rows are numbered from 1.

    Raises:
        FeedError: It is no such JSON, or is cut off.
    """
    stream.seek(0)
    names: dict[str, int] = {}
    stamp = ""
    with _readable():
        text = stream.read().decode("utf-8-sig")
        for key, value in _parts(text):
            if key == STAMP:
                stamp = _cell(value)
            elif isinstance(value, dict):
                for name in value:
                    names.setdefault(name, len(names))
        if len(names) > MAX_COLUMNS:
            message = "too many keys"
            raise ValueError(message)
    return Sheet(name="", lines=partial(_lines, text, names), lettered=False), stamp


def _lines(text: str, names: Mapping[str, int]) -> Iterator[Line]:
    yield Line(0, {n: name for name, n in names.items() if name.strip()})
    with _readable():
        number = 0
        for key, row in _parts(text):
            if key != _ROW or not isinstance(row, dict):
                continue
            number += 1
            cells = {names[name]: _cell(value) for name, value in row.items()}
            yield Line(number, {n: cell for n, cell in cells.items() if cell})


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (ValueError, RecursionError) as error:
        raise FeedError(
            [f"không phải tệp JSON của danh mục / no JSON of the catalog: {error}"]
        ) from error


def _parts(text: str) -> Iterator[tuple[str, object]]:
    """Return the rows one by one, and what else stands beside them, by key.

    Raises:
        ValueError: It is anything else.
    """
    decoder = json.JSONDecoder(
        # Numbers stay as they are written: what they mean is the column's.
        parse_int=str,
        parse_float=str,
        parse_constant=_refuse,
        object_pairs_hook=_unique,
    )
    place = _skip(text, 0)
    if text[place : place + 1] == "[":
        place = yield from _members(decoder, text, place + 1)
        found = True
    else:
        place, found = yield from _members_of_object(decoder, text)
    if not found or _skip(text, place) != len(text):
        message = 'no list "rows", or something after the end'
        raise ValueError(message)


def _members_of_object(
    decoder: json.JSONDecoder, text: str
) -> Generator[tuple[str, object], None, tuple[int, bool]]:
    place = _expect(text, 0, "{")
    found = False
    while True:
        key, place = decoder.raw_decode(text, _skip(text, place))
        place = _expect(text, place, ":")
        if key == _ROW and not found:
            found = True
            place = yield from _members(decoder, text, _expect(text, place, "["))
        else:
            value, place = decoder.raw_decode(text, _skip(text, place))
            if key == STAMP and not found:
                yield STAMP, value
            elif key == STAMP:
                message = f'"{STAMP}" must stand before "rows"'
                raise ValueError(message)
        place = _skip(text, place)
        if text[place : place + 1] != ",":
            break
        place += 1
    return _expect(text, place, "}"), found


def _members(
    decoder: json.JSONDecoder, text: str, place: int
) -> Generator[tuple[str, object], None, int]:
    """Yield the objects of a list that begins at *place*; return where it ends."""
    place = _skip(text, place)
    if text[place : place + 1] == "]":
        return place + 1
    while True:
        member, place = decoder.raw_decode(text, _skip(text, place))
        if not isinstance(member, dict):
            message = "a row is no object"
            raise ValueError(message)  # noqa: TRY004 (it is the text that is wrong)
        yield _ROW, member
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


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_cell(each) or "-" for each in value)
    if isinstance(value, str):
        return value
    message = "a cell holds an object"
    raise ValueError(message)
