"""The meaning of a sheet's headings.

Offices call columns as they like; which names are understood is data
(`catalog/data/headings.toml`). A heading may also say in which unit its column
is: a unit that is not known makes the heading unknown, as a guess would be
wrong by a thousand.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from catalog.feed.headings.column import COLUMNS
from catalog.text import fold_words

NUMBER: Final = "number"
OLD_COMMUNE: Final = "old_commune"
COMMUNE: Final = "commune"
DISTRICT: Final = "district"
NEW_COMMUNE: Final = "new_commune"
COMMUNE_CODE: Final = "any_commune_code"
PROVINCE: Final = "province"
EXPORT_STAMP: Final = "export_stamp"
PASSED_OVER: Final = ""
MAX_HEADING: Final = 200
"""Characters of a heading: a paragraph is none."""

_BRACKETS: Final = re.compile(r"[(\[][^)\]]*[)\]]?")
_PAPER: Final = (
    ("_by", "người xác nhận", "by"),
    ("_on", "ngày xác nhận", "on"),
    ("_number", "số", "number"),
    ("_issued_on", "ngày cấp", "issued on"),
    ("_expires_on", "hết hạn", "expires on"),
)
_MONTH_FIRST: Final = re.compile(r"\bm+ d+\b")
_OF_BEFORE: Final = re.compile(r"\b(?:cu|truoc|den het|den 30 6 2025|old|before)\b")
_OF_NOW: Final = re.compile(r"\b(?:moi|hien nay|sau|tu 1 7 2025|new|since)\b")

_DONG: Final = (
    "d|dong|vnd|vn dong|vat|gom vat|da gom vat|da bao gom vat|bao gom vat|co vat"
    "|dvt dong|dvt vnd|don vi dong|don vi tinh dong|dong viet nam"
)
_THOUSANDS: Final = (
    "nghin|ngan|nghin dong|ngan dong|nghin d|ngan d|1000|1000d|1000 d|1000 dong"
    "|1 000|1 000d|1 000 d|1 000 dong|1000 vnd|1 000 vnd|x1000|k|dvt nghin dong"
    "|dvt 1000 dong|dvt 1 000 dong|don vi nghin dong|don vi tinh nghin dong"
)
_UNITS: Final[Mapping[str, Mapping[str, str]]] = {
    "price_vnd": {
        **dict.fromkeys(_DONG.split("|"), ""),
        **dict.fromkeys(_THOUSANDS.split("|"), "nghìn"),
        **dict.fromkeys(("trieu", "trieu dong", "dvt trieu dong"), "triệu"),
    },
    "weight_g": {
        **dict.fromkeys(("g", "gr", "gram", "gam", "dvt g", "dvt gram"), ""),
        **dict.fromkeys(("kg", "ki lo gam", "kilogam", "dvt kg"), "kg"),
    },
}
"""Units by column: the unit in a heading, and the text that is put behind its numbers.
"""


@dataclass(frozen=True, slots=True)
class Heading:
    """The meaning of a heading.

    Attributes:
        column: Our name of the column; "" if it is passed over.
        unit: The unit of its numbers, where it differs from that of the column.
    """

    column: str
    unit: str = ""


@lru_cache(maxsize=4096)
def find_heading(text: str) -> Heading | None:
    """Return the meaning of a heading; None if nobody knows."""
    if len(text) > MAX_HEADING:
        return None
    table = _table()
    whole = fold_words(text)
    if whole in table:
        return Heading(table[whole])
    bare = fold_words(without_brackets(text))
    said = fold_words(" ".join(_BRACKETS.findall(text)))
    column = _of_time(bare, said) or table.get(bare)
    return _with_unit(whole) if column is None else with_meaning(text, column)


def with_meaning(text: str, column: str) -> Heading | None:
    """Return the heading *text*, which means *column*, with its unit in brackets.

    None if that unit is not known.
    """
    said = fold_words(" ".join(_BRACKETS.findall(text)))
    if column in _UNITS:
        unit = _UNITS[column].get(said) if said else ""
        return None if unit is None else Heading(column, unit)
    return None if _MONTH_FIRST.search(said) else Heading(column)


def has_unit(column: str) -> bool:
    """Say whether a heading may say in which unit *column* is."""
    return column in _UNITS


def without_brackets(text: str) -> str:
    """Return a heading without its parts in brackets."""
    return _BRACKETS.sub(" ", text)


def _of_time(bare: str, said: str) -> str | None:
    """Return the column for "Mã xã (cũ, trước 1/7/2025)": brackets may tell its time.

    Where they tell both, or the table has no such heading, they tell nothing.
    """
    old, new = _OF_BEFORE.search(said), _OF_NOW.search(said)
    if bool(old) == bool(new):
        return None
    return _table().get(f"{bare} cu" if old else f"{bare} moi")


def heading_of(column: str) -> str:
    """Return the Vietnamese heading that is written for *column*."""
    return headings_of(column)[0]


def headings_of(column: str) -> tuple[str, ...]:
    """Return all headings that mean *column*, the one that is written first."""
    return _headings()[column]


def _with_unit(whole: str) -> Heading | None:
    """Read a unit that stands behind the heading without brackets."""
    for column, units in _UNITS.items():
        for unit, behind in units.items():
            name = whole.removesuffix(f" {unit}")
            if name != whole and _table().get(name) == column:
                return Heading(column, behind)
    return None


@cache
def load_headings() -> Mapping[str, Any]:
    """Return the content of `catalog/data/headings.toml`."""
    with (files("catalog") / "data" / "headings.toml").open("rb") as file:
        return MappingProxyType(tomllib.load(file))


@cache
def _headings() -> Mapping[str, tuple[str, ...]]:
    """Return the headings of every column, the one that is written first."""
    data = load_headings()
    found = {name: tuple(said) for name, said in data["columns"].items()}
    for kind, said in data["papers"].items():
        found[kind] = tuple(said)
        for suffix, vi, en in _PAPER:
            found[f"{kind}{suffix}"] = (f"{said[0]}: {vi}", f"{said[1]} {en}")
    found |= {name: tuple(said) for name, said in data["aside"].items()}
    found[PASSED_OVER] = tuple(data["passed_over"]["columns"])
    return MappingProxyType(found)


@cache
def _table() -> Mapping[str, str]:
    """Return the columns by the words of their headings."""
    return MappingProxyType(
        {fold_words(said): column for column, said in spellings() if fold_words(said)}
    )


def spellings() -> Iterator[tuple[str, str]]:
    """Return every heading that is known, behind the column that it means."""
    for column, headings in _headings().items():
        for said in headings:
            yield column, said
    for column in COLUMNS:
        yield column, column
