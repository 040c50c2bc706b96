"""JSON: a list of rows, each an object whose keys are headings.

    {"export_stamp": "2026-11-24T02:00:00+00:00", "rows": [{"name": ...}]}

A bare list of rows will do. A key that is missing, null or "" is an empty cell. A value
that a cell cannot hold is a fault of that field, and no other's. Rows are read one by
one, so that a large file is never in memory as values all at once.
"""

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final

from catalog.errors import refusal
from catalog.spreadsheet.json_text import Constant, JsonText, Object, Record
from catalog.spreadsheet.line import MAX_COLUMNS, CellKind, Fault, Line, Sheet

_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """A JSON file that is open: its rows are numbered from 1, its keys the first line.

    Nothing is read of the keys *aside*, beside the list of rows.
    """

    sheet: Sheet
    stamp: str
    aside: tuple[str, ...]


def open_records(stream: BinaryIO) -> Records:
    """Open a JSON file.

    Raises:
        FeedError: It is no such JSON, or is cut off.
    """
    stream.seek(0)
    text = JsonText(_decoded(stream.read()))
    names: dict[str, int] = {}
    for record in text.records():
        for name in record.value:
            names.setdefault(name, len(names))
    if len(names) > MAX_COLUMNS:
        raise refusal(
            vi=f"có hơn {MAX_COLUMNS} trường khác nhau, không phải danh mục",
            en=f"there are more than {MAX_COLUMNS} fields, this is no catalog",
        )
    return Records(
        sheet=Sheet(name="", lines=partial(_lines, text, names), lettered=False),
        stamp=_stamp(text.stamp),
        aside=tuple(text.aside),
    )


def _decoded(content: bytes) -> str:
    try:
        if content.startswith(_UTF16):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refusal(
            vi=f"dòng {line}: không phải văn bản UTF-8, hãy lưu lại dạng UTF-8",
            en=f"line {line}: no text in UTF-8, save it as UTF-8",
        ) from error


def _stamp(value: object) -> str:
    """Return the stamp as text; a wrong one is reported where it is read."""
    return "" if value is None else value if isinstance(value, str) else _short(value)


def _lines(text: JsonText, names: Mapping[str, int]) -> Iterator[Line]:
    yield Line(0, {n: name for name, n in names.items() if name.strip()})
    for record in text.records():
        yield _line(record, names)


def _line(record: Record, names: Mapping[str, int]) -> Line:
    cells: dict[int, str] = {}
    kinds: dict[int, CellKind] = {}
    faults: list[Fault] = []
    if record.fault is not None:
        vi, en = record.fault
        faults.append(Fault(vi=vi, en=en))
    for name, value in record.value.items():
        column = names[name]
        wrong = _twice(record.value.twice[name]) if name in record.value.twice else None
        wrong = wrong or _wrong(value)
        if wrong is not None:
            vi, en = wrong
            shown = "" if name in record.value.twice else _short(value)
            faults.append(Fault(column=column, vi=vi, en=en, value=shown))
        elif cell := _cell(value):
            cells[column] = cell
            if isinstance(value, bool):
                kinds[column] = CellKind.FLAG
            elif isinstance(value, list):
                kinds[column] = CellKind.LIST
    return Line(record.number, cells, kinds=kinds, at=record.line, faults=tuple(faults))


def _wrong(value: object) -> tuple[str, str] | None:
    """Say why no cell can hold *value*; None if one can."""
    if isinstance(value, list):
        return _wrong_element(value)
    if isinstance(value, Object):
        return (
            "là một nhóm {...}, mà trường này chỉ nhận một giá trị: ghi thẳng giá trị",
            "is an object {...}, but this field takes one value: write just that",
        )
    if isinstance(value, Constant):
        return (
            f"{value} không phải số: ghi một số, hoặc null nếu chưa biết",
            f"{value} is no number: write one, or null if it is not known",
        )
    return None


def _wrong_element(values: list[object]) -> tuple[str, str] | None:
    for n, each in enumerate(values, start=1):
        if isinstance(each, list | Object):
            why = ("là một nhóm hay danh sách", "is an object or a list")
        elif isinstance(each, Constant):
            why = (f"{each} không phải số", f"{each} is no number")
        elif len(_cell(each).split()) > 1:
            why = ("có dấu cách bên trong", "has spaces inside")
        else:
            continue
        return (
            (
                f"phần tử thứ {n} của danh sách ({_short(each)}) {why[0]}: mỗi phần tử"
                " là một giá trị"
            ),
            (
                f"element {n} of the list ({_short(each)}) {why[1]}: each element is"
                " one value"
            ),
        )
    return None


def _twice(values: tuple[object, object]) -> tuple[str, str]:
    one, other = map(_short, values)
    return (
        f"ghi hai lần trong một bản ghi, khác nhau ({one}; {other}): giữ một",
        f"stands twice in one record, and differs ({one}; {other}): keep one",
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_cell(each) or "-" for each in value)
    return str(value)


def _short(value: object) -> str:
    shown = _shown(value)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


def _shown(value: object) -> str:
    """Return *value* nearly as the file has it."""
    if isinstance(value, dict):
        inside = ", ".join(f"{key}: {_flat(each)}" for key, each in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    return "null" if value is None else " ".join(_cell(value).split())


def _flat(value: object) -> str:
    """Return a value inside another one as text: deeper values are not shown."""
    if isinstance(value, dict):
        return "{…}"
    return "[…]" if isinstance(value, list) else _shown(value)
