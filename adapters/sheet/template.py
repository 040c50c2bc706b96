"""The spreadsheet of one marketplace, as data: columns, words and limits.

A template is a TOML file. Those that ship are examples, and say so: no marketplace's
real template was found. An account may name another one in their place
(`Account.options`), with the same values in other columns and words.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace.listing import Facet, RemoteState

Value = Literal[
    "reference",
    "seller",
    "title",
    "description",
    "category",
    "attributes",
    "pictures",
    "trace_url",
    "sku",
    "pack",
    "gtin",
    "weight_g",
    "price_vnd",
    "stock",
    "stars",
    "decision",
    "valid_to",
]
"""The values of a listing that a column may have."""

OF_PACK: Final = frozenset({"sku", "pack", "gtin", "weight_g", "price_vnd", "stock"})
"""Those of one pack: a listing has a line for each of its packs."""

_NEEDED: Final = frozenset({"title", "description", "category", "sku", "pack"})
_MOST_BYTES: Final = 100_000
_MOST_COLUMNS: Final = 60

Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
Note = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]
SheetName = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\\x00-\x1f]+$"
    ),
]
Words = Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class Column(_Part):
    """A column of the marketplace's."""

    heading: Line
    """What stands above it."""
    value: Value
    """Which value of a listing is written into it."""
    width: Annotated[int, Field(ge=4, le=60)] = 20
    """In characters."""


class OwnColumns(_Part):
    """The headings of the columns that are ours: what to do, and what came of it."""

    ticket: Line = "Mã việc"
    act: Line = "Việc cần làm"
    changes: Line = "Đổi những gì"
    address: Line = "Địa chỉ tin"
    result: Line = "Kết quả"
    why: Line = "Lý do không làm được"
    reason: Line = "Vì sao phải gỡ"
    due: Line = "Hạn gỡ"


class Acts(_Part):
    """What each kind of row asks for, in words."""

    create: Line = "Đăng tin mới"
    update: Line = "Sửa nội dung"
    set_price: Line = "Sửa giá"
    set_stock: Line = "Sửa tồn kho"
    set_stars: Line = "Sửa hạng sao OCOP"
    withdraw: Line = "GỠ TIN"
    republish: Line = "Đăng bán lại"


class Batches(_Part):
    """How much a person does in a day, and what the sheets are called."""

    rows_a_day: Annotated[int, Field(ge=1, le=1000)] = 50
    """Most rows of a batch; what must go down is not counted."""
    to_take_down: SheetName = "Phải gỡ"
    to_do: SheetName = "Việc phải làm"


class Results(_Part):
    """The words by which people say what came of a row; the first one is offered."""

    done: Words = ("xong",)
    refused: Words = ("không được",)


class ExportColumn(_Part):
    """A column of the marketplace's own export."""

    heading: Line
    value: Value | Literal["address", "state"]


class Export(_Part):
    """The marketplace's own export: a line for each pack."""

    columns: Annotated[
        tuple[ExportColumn, ...], Field(min_length=2, max_length=_MOST_COLUMNS)
    ]
    shows_down: bool = True
    """Listings that are not on sale stand in it as well. Else one that is missing may
    be down or gone: what was known to be down stays so."""
    states: dict[RemoteState, Words] = Field(default_factory=dict)
    """Its words for the state of a listing; without that column all are on sale."""

    @model_validator(mode="after")
    def _be_readable(self) -> Self:
        named = [each.value for each in self.columns]
        _ensure_once(named, [each.heading for each in self.columns])
        if not {"address", "sku"} <= set(named):
            message = "export.columns: cần address và sku / address and sku are needed"
            raise ValueError(message)
        if ("state" in named) != bool(self.states):
            message = (
                "export.states: cần đúng khi có cột state"
                " / needed just where there is a column of states"
            )
            raise ValueError(message)
        return self


class Template(_Part):
    """The spreadsheet of one marketplace."""

    note: Note = ""
    """A line above the headings of every sheet; an example says that it is one."""
    is_example: bool = False
    columns: Annotated[
        tuple[Column, ...], Field(min_length=5, max_length=_MOST_COLUMNS)
    ]
    own: OwnColumns = OwnColumns()
    acts: Acts = Acts()
    batches: Batches = Batches()
    results: Results = Results()
    export: Export

    @model_validator(mode="after")
    def _be_of_one_piece(self) -> Self:
        own = [str(each) for each in self.own.model_dump().values()]
        headings = [each.heading for each in self.columns]
        _ensure_once([each.value for each in self.columns], [*headings, *own])
        if missing := sorted(_NEEDED - self.values):
            message = f"columns: thiếu / missing: {', '.join(missing)}"
            raise ValueError(message)
        if {folded(w) for w in self.results.done} & set(
            map(folded, self.results.refused)
        ):
            message = "results: một từ có hai nghĩa / one word means both"
            raise ValueError(message)
        if self.is_example and not self.note:
            message = "note: mẫu thí dụ phải nói rõ / an example has to say so"
            raise ValueError(message)
        return self

    @property
    def values(self) -> frozenset[str]:
        """Return the values that have a column."""
        return frozenset(each.value for each in self.columns)

    @property
    def facets(self) -> frozenset[Facet]:
        """Return the facets that have a place."""
        of = {Facet.PRICE: "price_vnd", Facet.STOCK: "stock", Facet.STARS: "stars"}
        found = {facet for facet, value in of.items() if value in self.values}
        return frozenset({Facet.CONTENT, *found})


def read_template(file: Path) -> Template:
    """Return the template in a TOML file.

    Raises:
        ConfigurationError: It cannot be read, or is none; every key that is wrong is
            named.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise _wrong(file, f"quá dài / too long: > {_MOST_BYTES}")
        return Template.model_validate(tomllib.loads(content.decode()))
    except OSError as error:
        why = f"không đọc được / cannot be read: {error.strerror}"
        raise _wrong(file, why) from error
    except UnicodeDecodeError as error:
        raise _wrong(file, "không phải UTF-8 / not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _wrong(file, f"không phải TOML / not TOML: {error}") from error
    except ValidationError as error:
        raise _wrong(file, "; ".join(map(_problem, error.errors()))) from error


def ensure_like(template: Template, shipped: Template) -> None:
    """Accept a template with the same values as the one in whose place it stands.

    Raises:
        ValueError: One is missing, or has no column there.
    """
    more, less = template.values - shipped.values, shipped.values - template.values
    if more or less:
        told = [f"+{each}" for each in sorted(more)] + [
            f"-{each}" for each in sorted(less)
        ]
        message = (
            "các cột phải có đúng những giá trị của mẫu đi kèm / the columns must have"
            f" just the values of the template that ships: {', '.join(told)}"
        )
        raise ValueError(message)


_UNSEEN: Final = re.compile(r"[\s\u200b-\u200f\ufeff]+")


def folded(text: str) -> str:
    """Return a heading or a word as it is compared: case, spaces and forms are none."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return _UNSEEN.sub(" ", plain).strip(" .:*")


def _ensure_once(values: Sequence[str], headings: Sequence[str]) -> None:
    twice = [v for v, n in Counter([*values]).items() if n > 1]
    twice += [h for h, n in Counter(map(folded, headings)).items() if n > 1]
    if twice:
        message = f"hai lần / twice: {', '.join(twice)}"
        raise ValueError(message)


def _wrong(file: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"{file}: {why}")


def _problem(details: Any) -> str:
    place = ".".join(str(part) for part in details["loc"])
    return f"{place}: {details['msg'].removeprefix('Value error, ')}".removeprefix(": ")
