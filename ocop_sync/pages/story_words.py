"""What has happened to a product or producer, in sentences: what has changed, by whom.

Columns are called as sheets call them (`catalog/data/headings.toml`), as offices do.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from catalog.eligibility import Text
from catalog.feed.headings.display import stored_in_words
from catalog.feed.headings.heading import headings_of
from catalog.model.product_set import SETS
from ocop_sync.pages.listing_words import NOTHING, Shown, shortened
from ocop_sync.pages.words import filled
from ocop_sync.service.department.product_story import Doer, StoryLine

_HEADINGS: Final[Mapping[tuple[str, str], str]] = {
    ("producer", "name"): "producer_name",
    ("producer", "kind"): "producer_kind",
    ("certificate", "source"): "certificate_source",
}
"""Columns of sheets that are called otherwise than those of the catalog."""
_COLUMNS: Final[Mapping[str, Text]] = {
    "missing_since": Text("Vắng từ ngày", "Missing since"),
    "stands": Text("Còn hiệu lực", "Stands"),
    "confirmed_in": Text("Xác nhận ở lần nạp", "Confirmed in import"),
    "held": Text("Có giấy", "Held"),
    "held_by": Text("Người xác nhận", "Attested by"),
    "held_on": Text("Ngày xác nhận", "Attested on"),
    "expires_on": Text("Hết hạn", "Ends on"),
    "number": Text("Số", "Number"),
    "issued_on": Text("Ngày cấp", "Issued on"),
    "delta": Text("Nhập, xuất kho", "Adjusted by"),
    "reason": Text("Lý do", "Reason"),
    "undone_import": Text("Lần nạp được hoàn tác", "Import taken back"),
}
_OTHER: Final = Text("Thông tin khác", "Something else")
_FACTS: Final[Mapping[Any, Text]] = {
    "yes": Text("có", "yes"),
    "no": Text("không", "no"),
    "unknown": Text("chưa rõ", "not known"),
}
_ADJUSTED: Final[Mapping[str, Text]] = {
    "made": Text("làm thêm, nhập thêm", "made or bought in"),
    "sold_elsewhere": Text("bán nơi khác", "sold elsewhere"),
    "broken": Text("hỏng, cho hoặc mất", "broken, given away or lost"),
}
_PARTS: Final[Mapping[str, Text]] = {
    "variant": Text("Gói {key}", "Pack {key}"),
    "certificate": Text("Giấy chứng nhận thứ {key}", "Certificate {key}"),
    "paper": Text("{key}", "{key}"),
    "naming": Text("Nguồn {key}", "Source {key}"),
    "effect": Text(
        "Ảnh hưởng của một lần nạp tới người mua", "Effect of an import on buyers"
    ),
}
_NEW: Final = Text("vào danh mục", "came into the catalog")
_ADDED: Final = Text("được thêm", "was added")
_GONE: Final = Text("không còn", "is gone")
_CHANGED: Final = Text("đổi", "was changed")
_CAME: Final[Mapping[str, Text]] = {
    "product": Text("Sản phẩm vào danh mục", "The product came into the catalog"),
    "producer": Text("Cơ sở vào danh mục", "The producer came into the catalog"),
}
_DOERS: Final[Mapping[Doer, Text]] = {
    Doer.FORGOTTEN: Text("tên đã xóa", "name erased"),
    Doer.SERVICE: Text("hệ thống, theo quy tắc", "the service, by a rule"),
}
_NOBODY: Final = Text("không rõ ai", "nobody knows who")
_FOR: Final = Text("{who}, làm thay {producer}", "{who}, for {producer}")
_BY_FILE: Final = Text("{who}, từ bảng “{file}”", "{who}, from the sheet “{file}”")
_UNDID: Final = Text(
    "{who}, hoàn tác bảng “{file}”", "{who}, taking the sheet “{file}” back"
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TRUE_OR_FALSE: Final = {True: _FACTS["yes"], False: _FACTS["no"]}


class Value(NamedTuple):
    """A column that has changed: its name, before and after."""

    name: Text
    before: Shown
    after: Shown

    @property
    def is_new(self) -> bool:
        """Say whether there was nothing before."""
        return self.before is NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change in words.

    Attributes:
        at: Its instant.
        title: What has changed.
        values: Each column of it; none where nothing more is to be said.
        erased: Values of it are erased.
        who: Who has made it, and how.
        why: The words that came with it, or "".
    """

    at: datetime
    title: Text
    values: Sequence[Value]
    erased: bool
    who: Text
    why: str


def event_of(line: StoryLine) -> Event:
    """Return a change in words."""
    title = _title(line)
    return Event(
        at=line.at,
        title=title,
        values=[] if title in _CAME.values() else _values(line),
        erased=line.erased,
        who=_who(line),
        why=line.reason,
    )


def _title(line: StoryLine) -> Text:
    if not line.field and line.entity in _CAME:
        return _CAME[line.entity]
    names = [_name(line.entity, each) for each in _columns(line)]
    if line.entity not in _PARTS:
        return _listed(names) if names else _name(line.entity, line.field)
    part = filled(_PARTS[line.entity], key=_key(line))
    if line.field:
        more = _listed(names) if names else _OTHER
        return Text(f"{part.vi}: {_small(more.vi)}", f"{part.en}: {_small(more.en)}")
    what = _CHANGED
    if line.before is None:
        what = _ADDED
    elif line.after is None:
        what = _GONE
    return Text(f"{part.vi} {what.vi}", f"{part.en} {what.en}")


def _small(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _listed(names: Sequence[Text]) -> Text:
    return Text(", ".join(e.vi for e in names), ", ".join(e.en for e in names))


def _key(line: StoryLine) -> Text:
    if line.entity == "paper":
        return _heading(line.key)
    key = line.key
    if line.entity == "certificate" and key.isdecimal():
        key = str(int(key) + 1)
    return Text(key, key)


def _columns(line: StoryLine) -> list[str]:
    """Return the columns that have changed."""
    before, after = line.before or {}, line.after or {}
    return [
        name
        for name in dict.fromkeys([*before, *after])
        if (before.get(name) or None) != (after.get(name) or None)
    ]


def _values(line: StoryLine) -> list[Value]:
    before, after = line.before or {}, line.after or {}
    return [
        Value(
            _name(line.entity, each),
            _shown(each, before.get(each)),
            _shown(each, after.get(each)),
        )
        for each in _columns(line)
    ]


def _name(entity: str, column: str) -> Text:
    if column in _COLUMNS:
        return _COLUMNS[column]
    return _heading(_HEADINGS.get((entity, column), column.removeprefix("label_")))


def _heading(column: str) -> Text:
    """Return what sheets call a column: the first heading, and the English one."""
    with suppress(KeyError):
        vi, en, *_ = headings_of(column)
        return Text(vi, en)
    return _OTHER


def _shown(column: str, value: Any) -> Shown:
    if value is None or value == "":
        return NOTHING
    if (special := _SPECIAL.get(column)) is not None:
        return special(value)
    if isinstance(value, bool):
        return Shown("words", _TRUE_OR_FALSE[value])
    if isinstance(value, int):
        return Shown("number", value)
    return _in_words(column.removeprefix("label_"), str(value))


def _in_words(column: str, text: str) -> Shown:
    if text in _FACTS:
        return Shown("words", _FACTS[text])
    if _DAY.match(text):
        with suppress(ValueError):
            is_day = len(text) == len("2026-12-05")
            read = date.fromisoformat if is_day else datetime.fromisoformat
            return Shown("day" if is_day else "moment", read(text))
    told = stored_in_words(column, text)
    if told != text:
        return Shown("words", Text(told, text))
    return Shown("text", shortened(" ".join(text.split())))


def _set(code: str) -> Shown:
    found = SETS.get(code)
    return Shown("words", Text(found.name, found.name_en)) if found else NOTHING


_SPECIAL: Final[Mapping[str, Callable[[Any], Shown]]] = {
    "price_vnd": lambda value: Shown("dong", value),
    "pictures": lambda value: Shown("number", len(value.splitlines())),
    "set_code": _set,
    "year": lambda value: Shown("text", str(value)),
    "reason": lambda value: Shown("words", _ADJUSTED.get(value) or Text(value, value)),
}
"""How the values of some columns are written."""


def _who(line: StoryLine) -> Text:
    who = _DOERS.get(line.doer) or Text(line.who, line.who)
    if not who.vi:
        who = _NOBODY
    if line.acts_for:
        who = filled(_FOR, who=who, producer=line.acts_for)
    if line.file and line.doer is not Doer.AUTHOR:
        who = filled(_UNDID if line.undoes else _BY_FILE, who=who, file=line.file)
    return who
