"""How products are shown at one marketplace, as data: its mapping.

It holds the marketplace's category for each product set, and its rules for titles,
descriptions and pictures. Each adapter ships its mapping as a file beside its code; a
person may put another one in its place, which the database keeps. How a product becomes
a listing by it is decided in `ocop_sync.engine.wanted.draft`.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails

from ocop_sync.errors import ConfigurationError

SET_CODES: Final = (
    *("I.1.a", "I.1.b", "I.2.a", "I.2.b", "I.3.a", "I.3.b", "I.3.c", "I.3.d"),
    *("I.4.a", "I.4.b", "I.5.a", "I.5.b", "I.6"),
    *("II.1.a", "II.1.b", "II.2.a", "II.2.b"),
    *("III.1", "III.2", "III.3"),
    *("IV.1", "IV.2"),
    *("V.1", "V.2", "V.3"),
    "VI",
)
"""Outline numbers of the 26 product sets of Decision 148/QĐ-TTg."""


def _known_set(code: str) -> str:
    if code not in SET_CODES:
        message = "không có bộ sản phẩm này / no such product set"
        raise ValueError(message)
    return code


def _for_this_marketplace(name: str, info: ValidationInfo) -> str:
    if info.context and name != info.context["marketplace"]:
        message = f"của sàn khác: {name} / of another marketplace: {name}"
        raise ValueError(message)
    return name


_SetCode = Annotated[str, AfterValidator(_known_set)]
Category = Annotated[
    str,
    Field(
        max_length=64,
        pattern=r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$",
    ),
]
"""A marketplace's own category: one line, without space around it."""
_Length = Annotated[int, Field(ge=1, le=100_000)]
_Pixels = Annotated[int, Field(ge=1, le=100_000)]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


class TextRules(_Part):
    """The rules for a title or a description."""

    max_length: _Length
    """Most characters. A longer text is held for a person, never cut."""


class PictureRules(_Part):
    """The rules for pictures."""

    required: bool = False
    """Whether nothing is listed without a picture."""

    max_count: Annotated[int, Field(ge=1, le=100)]
    """Most pictures; of more, the first ones are shown."""

    min_width_px: _Pixels = 1
    """Least width. A picture that is known to be smaller is not shown."""

    min_height_px: _Pixels = 1
    """Least height."""


class ListingMapping(_Part):
    """The mapping of one marketplace."""

    marketplace: Annotated[str, AfterValidator(_for_this_marketplace)]
    """Name of the marketplace, so that no file is taken for another's."""

    mapping_version: Annotated[int, Field(ge=1, le=1_000_000_000)]
    """Raised to have everything evaluated anew, and refused listings submitted again.
    A changed category or limit needs no new number: its effects are found anyway."""

    title: TextRules
    description: TextRules
    pictures: PictureRules

    fallback_category: Category | None = None
    """The marketplace's category for a product whose set is not known; without
    one, such a product is held."""

    categories: dict[_SetCode, Category]
    """The marketplace's category for each product set that it has a place for."""

    def category_of(self, set_code: str) -> str | None:
        """Return the marketplace's category for a set, "" being an unknown one."""
        return self.categories.get(set_code) if set_code else self.fallback_category


def parse_mapping(text: str, *, marketplace: str, where: str) -> ListingMapping:
    """Read a mapping from TOML.

    Args:
        text: The TOML.
        marketplace: Name of the marketplace that it must be of.
        where: How the place is called in errors: a file, or the database.

    Raises:
        ConfigurationError: It is no TOML, or not of that form; every key that is
            wrong is named.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{where}: không phải TOML / not TOML: {error}"
        raise ConfigurationError(message) from None
    return check_mapping(values, marketplace=marketplace, where=where)


def check_mapping(values: object, *, marketplace: str, where: str) -> ListingMapping:
    """Read a mapping from plain values, as `ListingMapping.model_dump` gives them.

    Raises:
        ConfigurationError: As for `parse_mapping`.
    """
    try:
        return ListingMapping.model_validate(
            values, context={"marketplace": marketplace}
        )
    except ValidationError as error:
        problems = [f"{where}: {_problem(each)}" for each in error.errors()]
        raise ConfigurationError("\n".join(problems)) from error


def read_mapping(file: Path, marketplace: str) -> ListingMapping:
    """Read a mapping from the TOML file *file*, in UTF-8.

    Raises:
        ConfigurationError: As for `parse_mapping`, or it cannot be read.
    """
    return parse_mapping(text_of(file), marketplace=marketplace, where=str(file))


def text_of(file: Path) -> str:
    """Return the text of *file*.

    Raises:
        ConfigurationError: It cannot be read, or is not UTF-8.
    """
    try:
        return file.read_text("utf-8")
    except OSError as error:
        message = f"{file}: không đọc được / cannot be read: {error.strerror}"
        raise ConfigurationError(message) from error
    except UnicodeError:
        message = f"{file}: không phải UTF-8 / not UTF-8"
        raise ConfigurationError(message) from None


def to_toml(mapping: ListingMapping, notes: Mapping[str, str] | None = None) -> str:
    """Return *mapping* as `parse_mapping` reads it.

    Args:
        mapping: The mapping.
        notes: The note beside the category of each product set, by code.
    """
    values, lines = mapping.model_dump(exclude_none=True), []
    tables = {name: part for name, part in values.items() if isinstance(part, dict)}
    lines += [f"{k} = {_toml(v)}" for k, v in values.items() if k not in tables]
    for name, part in tables.items():
        lines += ["", f"[{name}]"]
        for key, value in part.items():
            quoted, note = key, ""
            if name == "categories":
                quoted, note = _toml(key), f"  # {(notes or {}).get(key, '')}"
            lines.append(f"{quoted} = {_toml(value)}{note}".rstrip(" #"))
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """Return a text, a number or a truth value as TOML writes it, as JSON does."""
    return json.dumps(value, ensure_ascii=False)


_VIETNAMESE = {
    "missing": "chưa khai báo",
    "extra_forbidden": "không có mục này",
}


def _problem(details: ErrorDetails) -> str:
    """Put one of pydantic's findings into words."""
    key = ".".join(str(part) for part in details["loc"] if part != "[key]")
    words = details["msg"].removeprefix("Value error, ")
    if details["type"] == "value_error":  # ours: in both languages
        return f"{key}: {words}"
    vietnamese = _VIETNAMESE.get(details["type"], "giá trị không hợp lệ")
    return f"{key}: {vietnamese} / {words}"
