"""The meaning of a heading below another one that stands over several columns.

"Chủ thể sản xuất" over "Tên | Địa chỉ | Loại hình": the group gives a bare heading
its meaning. Which groups there are is data (`catalog/data/headings.toml`). Below a
group that is known, a heading keeps the meaning that it has alone only where that is
about the same: "Ngày cấp" below "Giấy chứng nhận ATTP" is no day of a decision.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from catalog.feed.headings.column import COLUMNS
from catalog.feed.headings.heading import (
    COMMUNE,
    COMMUNE_CODE,
    DISTRICT,
    EXPORT_STAMP,
    MAX_HEADING,
    NEW_COMMUNE,
    NUMBER,
    OLD_COMMUNE,
    PASSED_OVER,
    PROVINCE,
    Heading,
    find_heading,
    has_unit,
    headings_of,
    load_headings,
    without_brackets,
)
from catalog.text import fold_words

_PLACE: Final = "place"
_PLACES: Final = frozenset(
    {OLD_COMMUNE, COMMUNE, DISTRICT, NEW_COMMUNE, PROVINCE, COMMUNE_CODE}
)
_KEPT: Final = frozenset({PASSED_OVER, NUMBER, EXPORT_STAMP})
_ATTESTED: Final = ("consent", "identity_ready")
_OF_ATTESTED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # Not "Có" (yes): that is a value in the rows, no heading.
        "": ("Có/không", "Có hay không", "Yes/no"),
        "_by": ("Người xác nhận", "Người kiểm tra", "By", "Checked by"),
        "_on": ("Ngày xác nhận", "Ngày kiểm tra", "On", "Checked on"),
        "_number": ("Số", "Số giấy", "Số hiệu", "Number", "No."),
        "_issued_on": ("Ngày cấp", "Cấp ngày", "Issued on", "Issue date"),
        "_expires_on": (
            *("Hết hạn", "Ngày hết hạn", "Hạn", "Thời hạn", "Có giá trị đến"),
            *("Hiệu lực đến", "Expires on", "Expiry date", "Valid until"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of columns.

    Attributes:
        columns: The meaning of bare headings below it, by their folded words.
        keeps: Parts of the catalog of which headings keep their own meaning.
        kind: The paper or consent that it is about, or "".
    """

    columns: Mapping[str, str]
    keeps: frozenset[str] = frozenset()
    kind: str = ""

    def keeps_meaning(self, column: str) -> bool:
        """Say whether a heading that alone means *column* does so below this one."""
        if column in _KEPT or (self.kind and column.startswith(self.kind)):
            return True
        if column in _PLACES:
            return _PLACE in self.keeps
        return column in COLUMNS and COLUMNS[column].part.value in self.keeps


def find_under(over: str, text: str) -> Heading | None:
    """Return the meaning of heading *text* below *over*; None if nobody knows.

    Args:
        over: The heading above it, which may be a mere title.
        text: The heading; not empty.
    """
    if len(over) + len(text) > MAX_HEADING:
        return None
    group = _groups().get(fold_words(without_brackets(over)))
    joined, own = find_heading(f"{over} {text}"), find_heading(text)
    bare = fold_words(without_brackets(text))
    if not bare and (joined is None or not has_unit(joined.column)):
        return None  # "(1)", "-": what stands above has no other meaning for it
    if group is None:
        return own or joined
    column = group.columns.get(bare)
    if column is not None:
        return Heading(column)
    if own is not None and group.keeps_meaning(own.column):
        return own
    return joined


def is_group(over: str) -> bool:
    """Say whether *over* is a heading over several columns that is known."""
    return len(over) <= MAX_HEADING and (
        fold_words(without_brackets(over)) in _groups()
    )


def is_of_group(over: str, text: str) -> bool:
    """Say whether *text* is one of the bare headings that stand below *over*."""
    if len(over) + len(text) > MAX_HEADING:
        return False
    group = _groups().get(fold_words(without_brackets(over)))
    return group is not None and fold_words(without_brackets(text)) in group.columns


@cache
def _groups() -> Mapping[str, _Group]:
    found: dict[str, _Group] = {}
    for over, group in [*_attested(), *_listed()]:
        found |= {fold_words(without_brackets(each)): group for each in over}
    return MappingProxyType(found)


def _listed() -> Iterator[tuple[list[str], _Group]]:
    for told in load_headings()["groups"].values():
        over = [*told["over"]]
        for column in told.get("named_as", ()):
            over += headings_of(column)
        below = {
            fold_words(text): column
            for column, texts in told["below"].items()
            for text in texts
        }
        yield over, _Group(below, frozenset(told["keeps"]))


def _attested() -> Iterator[tuple[list[str], _Group]]:
    """Return a group for each paper, and for each other attested fact."""
    for kind in (*load_headings()["papers"], *_ATTESTED):
        below = {
            fold_words(text): f"{kind}{suffix}"
            for suffix, texts in _OF_ATTESTED.items()
            if f"{kind}{suffix}" in COLUMNS
            for text in texts
        }
        yield list(headings_of(kind)), _Group(below, kind=kind)
