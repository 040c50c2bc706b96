"""Reading the texts: TOML files beside this module, in the form that code asks for.

A key that lacks, one that nobody asks for, a language that lacks, a value that a
text cannot be given, or that no text names: each is an error at the start, and not
in the middle of a run. Who asks for which texts stands where they are used.
"""

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Final, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
)

from catalog.eligibility import Text
from catalog.eligibility.files import problems_of

TEXTS_FOLDER: Final = Path(__file__).parent
"""The texts that ship with the service."""

_LANGUAGES: Final = ("vi", "en")

K = TypeVar("K", bound=StrEnum)
V = TypeVar("V")


class TextFileError(ValueError):
    """A file of texts is missing or wrong; it names the file and each key."""

    def __init__(self, file: str, problems: list[str]) -> None:
        super().__init__(f"{file}: {'; '.join(problems)}")
        self.file, self.problems = file, tuple(problems)


@dataclass(slots=True)
class _Values:
    """The values that the texts of a file may name, and those that they do."""

    given: frozenset[str]
    named: set[str] = field(default_factory=set)


def _text(value: Any, info: ValidationInfo) -> Text:
    """Return a table as a text in both languages, which name the same values."""
    table = value if isinstance(value, dict) else {}
    texts = [table.get(language) for language in _LANGUAGES]
    vi, en = (_names_in(each) if isinstance(each, str) else set() for each in texts)
    values = cast(_Values, info.context)
    _refuse("lacks", {n for n in _LANGUAGES if not _is_said(table.get(n))})
    _refuse("no language:", table.keys() - set(_LANGUAGES))
    _refuse("not in both languages:", vi ^ en)
    _refuse("no such value:", vi - values.given)
    values.named |= vi
    return Text(table["vi"], table["en"])


def _is_said(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip())


def _names_in(text: str) -> set[str]:
    """Return the values that *text* names, such as "account" for "{account}"."""
    found = Formatter().parse(text)
    return {
        f"{name}{'!' if conversion else ''}{conversion or ''}{spec}"
        for _, name, spec, conversion in found
        if name is not None
    }


def _refuse(problem: str, names: Iterable[str]) -> None:
    if found := sorted(names):
        message = f"{problem} {', '.join(found)}"
        raise ValueError(message)


Worded = Annotated[Text, PlainValidator(_text)]
"""A text in both languages, written as a table of "vi" and "en"."""

Words = Annotated[tuple[str, ...], Field(min_length=1)]
"""Words of a marketplace, in lower case."""


def every(kind: type[K]) -> AfterValidator:
    """Return a check that refuses a table without some member of *kind*."""

    def check(table: dict[K, V]) -> dict[K, V]:
        _refuse("lacks", set(kind) - table.keys())
        return table

    return AfterValidator(check)


class TextTable(BaseModel):
    """A table of a file; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


T = TypeVar("T", bound=TextTable)


def read_texts(
    name: str,
    form: type[T],
    *,
    values: Collection[str] = (),
    folder: Path = TEXTS_FOLDER,
) -> T:
    """Return the file *name*, checked against *form*.

    Args:
        name: Of the file.
        form: Its form.
        values: Names of the values that its texts are given.
        folder: Where it is.

    Raises:
        TextFileError: It is missing, no TOML, or not of that form.
    """
    asked = _Values(frozenset(values))
    try:
        content = tomllib.loads((folder / name).read_text("utf-8"))
        read = form.model_validate(content, context=asked)
    except ValidationError as error:
        raise TextFileError(name, problems_of(error)) from error
    except (OSError, ValueError) as error:
        raise TextFileError(name, [str(error)]) from error
    if unnamed := sorted(asked.given - asked.named):
        raise TextFileError(name, [f"no text names {', '.join(unnamed)}"])
    return read
