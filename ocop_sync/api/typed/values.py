"""The types of parameters, bodies and answers: strict, bounded, as JSON Schema says.

Pydantic's lax mode takes `false` and "5" for a number, so every model is strict. Its
strict mode refuses `5020.0`, which JSON Schema calls an integer; it takes the text
"1700000000" for a time and "0" for a day; and a text with a NUL, which PostgreSQL
refuses. The types of
this module are used for them.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

T = TypeVar("T")

LARGEST: Final = 2**53
"""The largest number that every reader of JSON keeps exactly."""

_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII
)

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

_INSTANT_FORM: Final = "instant_form"
_DATE_FORM: Final = "date_form"
_MISFORMED: Final = "not as RFC 3339 writes it"


def _whole(value: object) -> object:
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value  # type: ignore[call-overload]


def _instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _INSTANT.fullmatch(value):
        raise PydanticCustomError(_INSTANT_FORM, _MISFORMED)
    # Danger: behind a validator of ours pydantic's strict mode sees a value of Python:
    # a text would be no time for it.
    at = datetime.fromisoformat(value)
    try:
        at.astimezone(UTC)
    except OverflowError:  # a year before 1 there, or after 9999
        message = "it has no UTC"
        raise ValueError(message) from None
    return at


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _DATE.fullmatch(value):
        raise PydanticCustomError(_DATE_FORM, _MISFORMED)
    return date.fromisoformat(value)


def _written(at: datetime) -> str:
    # Danger: `strftime` writes the year 701 in three digits.
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


WHOLE: Final = BeforeValidator(_whole)
"""Let `5020.0` be the integer that it is.

Danger: it stands after `Field` in an annotation. Before it, the bound would be held
against a null, which raises `TypeError`.
"""

Whole = Annotated[int, Field(ge=-LARGEST, le=LARGEST), WHOLE]
"""Any whole number."""

Count = Annotated[int, Field(ge=0, le=LARGEST), WHOLE]
"""A whole number from 0."""

Number = Annotated[int, Field(ge=1, le=2**31 - 1), WHOLE]
"""A number that we have given to something: it fits a column of any database."""

Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant),
    PlainSerializer(_written, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant with its offset, as RFC 3339 writes it.

What is shown writes it in UTC to the second, as every command does.
"""

DATE: Final = BeforeValidator(_date)

Date = Annotated[date, DATE]
"""A day of the calendar, as RFC 3339 writes it."""

_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"
_NO_CONTROL_BUT_BREAKS = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Line = Annotated[str, Field(min_length=1, max_length=300, pattern=_NO_CONTROL)]
"""A text of one line that is not empty."""

Text = Annotated[str, Field(max_length=20_000, pattern=_NO_CONTROL_BUT_BREAKS)]
"""A text of several lines."""

Identifier = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f/]+$")
]
"""An identifier of ours, as it stands in an address."""


class Model(BaseModel):
    """What parameters, bodies and answers are made of.

    Unknown keys are refused. Docstrings of attributes are their descriptions.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values, as calls get them."""
        return self.model_dump(mode="json", by_alias=True)


class PageQuery(Model):
    """The query of a list that comes in pages."""

    cursor: Annotated[str, Field(max_length=512, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """Where the page begins: `next` of the page before; empty for the first."""

    limit: Annotated[int, Field(ge=1, le=200), WHOLE] = 50
    """The most items of the page."""


class Page(Model, Generic[T]):
    """A page of a list."""

    items: tuple[T, ...]
    """The items, in the list's order."""

    next: str | None
    """The cursor of the page after this one; null if this is the last."""

    def __class_getitem__(cls, item: Any) -> Any:
        """Return the page of such items, whose fields are described already.

        Danger: before Python 3.13 pydantic would look for a page of each kind in every
        module's source, a fifth of the time that this API takes to import.
        """
        described = cls.model_config
        cls.model_config = ConfigDict(**described | {"use_attribute_docstrings": False})
        try:
            made = super().__class_getitem__(item)
        finally:
            cls.model_config = described
        made.model_config = described  # type: ignore[union-attr]
        return made
