"""The text of a JSON file, record by record, each by itself.

A record that is damaged keeps back no other, as long as its end is certain. Where it is
not, nothing behind it could be believed: the file is refused, with line and column. The
meaning of a record is decided in `catalog.spreadsheet.records`.
"""

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Final

from catalog.errors import FeedError, refusal
from catalog.spreadsheet.json_damage import (
    BEHIND,
    COMMA,
    CUT_OFF,
    LATE_STAMP,
    NO_COMMA,
    NO_LIST,
    ROWS,
    ROWS_TWICE,
    STAMP,
    TOO_DEEP,
    Words,
    certain_end,
    opening,
    why_not,
)

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_PAIR: Final = re.compile(
    r'("(?:[^"\\\r\n]|\\.)*")\s*:\s*("(?:[^"\\\r\n]|\\.)*"|-?[0-9]+(?=[,\s}]))'
)
_SHOWN: Final = 8
_EXPANDED: Final = 30
"""Digits up to which a number with an exponent is written out."""


class Constant(str):
    """NaN or an infinity: no number of JSON."""

    __slots__ = ()


class Object(dict[str, object]):
    """An object, with those of its keys that stand twice and differ."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.twice: Mapping[str, tuple[object, object]] = {}
        if len(self) < len(pairs):
            seen: dict[str, object] = {}
            self.twice = {
                key: (seen[key], value)
                for key, value in pairs
                if seen.setdefault(key, value) != value
            }


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One element of the list of rows.

    Attributes:
        number: Its place in the list, from 1.
        line: Line of the file on which it begins.
        value: Its content; of a damaged one, the readable part.
        fault: Why it cannot be read; None if it can.
    """

    number: int
    line: int
    value: Object
    fault: Words | None = None


class JsonText:
    """The text of one file.

    Attributes:
        aside: Keys beside the list of rows; known once the records were read.
        stamp: The export stamp, or None; likewise.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._decoder = json.JSONDecoder(
            # Numbers stay as they are written: the column gives them their meaning.
            parse_int=str,
            parse_float=_plain,
            parse_constant=Constant,
            object_pairs_hook=Object,
        )
        self.aside: list[str] = []
        self.stamp: object = None

    def records(self) -> Iterator[Record]:
        """Return the records one by one.

        Raises:
            FeedError: It is no list of records, or its end is missing; said with
                line and column.
        """
        place = self._skip(0)
        if self._text[place : place + 1] == "[":
            place = yield from self._members(place + 1)
        else:
            place = yield from self._around(place)
        place = self._skip(place)
        if place < len(self._text):
            raise self._refusal(place, BEHIND)

    def _around(self, place: int) -> Generator[Record, None, int]:
        """Read the list of rows and the keys beside it; return where it ends."""
        first = place
        place = self._expect(place, "{")
        found, aside, stamp = False, [], None
        while self._text[self._skip(place) : self._skip(place) + 1] != "}":
            start = self._skip(place)
            key, place = self._decode(start)
            if not isinstance(key, str):
                raise self._refusal(start, why_not(self._text, start))
            place = self._skip(self._expect(place, ":"))
            if key == ROWS:
                place = self._list(start, place, twice=found)
                found = True
                place = yield from self._members(place)
            else:
                value, place = self._decode(place)
                if key != STAMP:
                    aside.append(key)
                elif found:
                    raise self._refusal(start, LATE_STAMP)
                else:
                    stamp = value
            place = self._skip(place)
            if self._text[place : place + 1] != ",":
                break
            place = self._skip(place + 1)
            if self._text[place : place + 1] == "}":
                raise self._refusal(place, COMMA)
        place = self._expect(place, "}")
        if not found:
            raise self._refusal(first, _without_rows(aside))
        self.aside, self.stamp = aside, stamp
        return place

    def _list(self, key: int, place: int, *, twice: bool) -> int:
        """Return where the first of the rows may stand, behind the bracket."""
        if twice:
            raise self._refusal(key, ROWS_TWICE)
        if self._text[place : place + 1] != "[":
            raise self._refusal(place, NO_LIST)
        return place + 1

    def _members(self, place: int) -> Generator[Record, None, int]:
        """Read the rows from *place* on; return where their list ends."""
        place = self._skip(place)
        number, line, counted = 0, 1, 0
        if self._text[place : place + 1] == "]":
            return place + 1
        while True:
            place = self._skip(place)
            line += self._text.count("\n", counted, place)
            counted = place
            number += 1
            record, place = self._record(place, number, line)
            yield record
            place = self._skip(place)
            mark = self._text[place : place + 1]
            if mark == "]":
                return place + 1
            if mark != ",":
                why = NO_COMMA if mark else CUT_OFF
                raise self._refusal(place, why, number)
            place += 1

    def _record(self, place: int, number: int, line: int) -> tuple[Record, int]:
        """Return the record that begins at *place*, and where it ends."""
        fault: Words | None = None
        try:
            value, end = self._decoder.raw_decode(self._text, place)
        except (json.JSONDecodeError, RecursionError) as error:
            value, end, fault = self._damaged(place, number, error)
        if not isinstance(value, Object):
            fault, value = _no_object(self._text[place:end]), Object([])
        return Record(number=number, line=line, value=value, fault=fault), end

    def _damaged(
        self, place: int, number: int, error: json.JSONDecodeError | RecursionError
    ) -> tuple[Object, int, Words]:
        """Return the certain content of a damaged record, its end, and its fault.

        Raises:
            FeedError: Where it ends is not certain.
        """
        where, why = place, TOO_DEEP
        if isinstance(error, json.JSONDecodeError):
            where = opening(self._text, place, error.pos)
            why = why_not(self._text, where)
        end = certain_end(self._text, place)
        if end is None:
            raise self._refusal(where, why, number) from error
        return _made_out(self._text[place:end]), end, self._placed(where, why)

    def _decode(self, place: int) -> tuple[object, int]:
        try:
            return self._decoder.raw_decode(self._text, place)
        except json.JSONDecodeError as error:
            where = opening(self._text, place, error.pos)
            raise self._refusal(where, why_not(self._text, where)) from error
        except RecursionError as error:
            raise self._refusal(place, TOO_DEEP) from error

    def _skip(self, place: int) -> int:
        found = _SPACE.match(self._text, place)
        return place if found is None else found.end()

    def _expect(self, place: int, mark: str) -> int:
        place = self._skip(place)
        if self._text[place : place + 1] != mark:
            raise self._refusal(place, why_not(self._text, place))
        return place + 1

    def _placed(self, place: int, why: Words) -> Words:
        line, column = self._position(place)
        return (
            f"dòng {line}, cột {column} của tệp: {why[0]}",
            f"line {line}, column {column} of the file: {why[1]}",
        )

    def _refusal(self, place: int, why: Words, number: int = 0) -> FeedError:
        vi, en = self._placed(place, why)
        of_vi, of_en = (
            (f"bản ghi {number}, ", f"record {number}, ") if number else ("", "")
        )
        return refusal(vi=of_vi + vi, en=of_en + en)

    def _position(self, place: int) -> tuple[int, int]:
        line = self._text.count("\n", 0, place) + 1
        return line, place - (self._text.rfind("\n", 0, place) + 1) + 1


def _plain(number: str) -> str:
    """Return a number without an exponent, and without a fraction that is 0."""
    value = Decimal(number)
    if not value.is_finite() or abs(value.adjusted()) > _EXPANDED:
        return number
    if value == value.to_integral_value():
        return f"{value.to_integral_value():f}"
    return f"{value:f}"


def _made_out(record: str) -> Object:
    """Return the certain content of a damaged record, to call it by."""
    pairs: list[tuple[str, object]] = []
    for found in _PAIR.finditer(record):
        try:
            key, value = (json.loads(each) for each in found.groups())
        except ValueError:
            continue
        pairs.append((key, str(value)))
    made = Object(pairs)
    return Object([pair for pair in made.items() if pair[0] not in made.twice])


def _no_object(text: str) -> Words:
    shown = " ".join(
        chain.from_iterable(line.split() for line in text[:60].split("\n"))
    )
    return (
        (
            f"không phải bản ghi ({shown}): mỗi bản ghi là một nhóm {{...}}, ví dụ"
            ' {"name": "Chè mẫu"}'
        ),
        (
            f"no record ({shown}): each is an object {{...}}, for example"
            ' {"name": "Chè mẫu"}'
        ),
    )


def _without_rows(aside: list[str]) -> Words:
    some = ", ".join(f"“{key}”" for key in aside[:_SHOWN]) or "-"
    return (
        (
            f"không có danh sách “{ROWS}” ([...]), chỉ có: {some}. Đặt các bản ghi vào"
            f' {{"{ROWS}": [...]}} hoặc [...]'
        ),
        (
            f"there is no list “{ROWS}” ([...]) but only: {some}. Put the records into"
            f' {{"{ROWS}": [...]}} or [...]'
        ),
    )
