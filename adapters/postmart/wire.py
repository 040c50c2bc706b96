"""Read the bodies of Postmart's API as models with bounds.

`parse` turns every body that is not as the API's documents say into an error of the
port, so that nothing else gets any further. The models of listings are in `convert`,
those of other answers in `results`; a token, and the reasons of a refusal, are here.

Null and missing count alike: empty, where that can be. The lists that an answer
consists of must be there: a page without one is none, and no empty page.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
)

from ocop_sync.errors import OutcomeUnknownError, ProtocolError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.reply import Reply


def _to_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        message = "an instant outside the calendar"
        raise ValueError(message) from error


_LONGEST_REF, _TOO_LARGE = 100, 10**15
Code = Annotated[str, Field(max_length=100)]
Line = Annotated[str, Field(max_length=1_000)]
Address = Annotated[str, Field(max_length=4_000)]
Text = Annotated[str, Field(max_length=100_000)]
Id = Annotated[int, Field(ge=1, lt=10**15)]
Count = Annotated[int, Field(ge=0, lt=10**15)]
Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]

_T = TypeVar("_T")
_NONE_IS_EMPTY = BeforeValidator(lambda value: "" if value is None else value)
_NONE_IS_NO_ITEM = BeforeValidator(lambda value: [] if value is None else value)
_NONE_IS_ZERO = BeforeValidator(lambda value: 0 if value is None else value)
CodeIfAny = Annotated[Code, _NONE_IS_EMPTY]
LineIfAny = Annotated[Line, _NONE_IS_EMPTY]
AddressIfAny = Annotated[Address, _NONE_IS_EMPTY]
TextIfAny = Annotated[Text, _NONE_IS_EMPTY]
CountIfAny = Annotated[Count, _NONE_IS_ZERO]
ListIfAny = Annotated[list[_T], _NONE_IS_NO_ITEM]
EMPTY: Any = Field(default_factory=list)


class Wire(BaseModel):
    """A JSON object of the API. Fields that we do not know are left alone."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )


class WireProblem(Wire):
    """Why something was refused."""

    code: CodeIfAny = ""
    field: LineIfAny = ""
    message: TextIfAny = ""


Reasons = Annotated[ListIfAny[WireProblem], Field(max_length=100), EMPTY]


class Token(Wire):
    """A bearer token."""

    access_token: Annotated[str, Field(min_length=1, max_length=4_000, repr=False)]
    expires_in: Annotated[int, Field(ge=1, lt=10**7)]


_M = TypeVar("_M", bound=Wire)
_HALF_OF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(model: type[_M], reply: Reply) -> _M:
    """Return the body of *reply* as *model*.

    Raises:
        ProtocolError: A read was answered with something else.
        OutcomeUnknownError: A write was: it may well have been applied.
    """
    try:
        return model.model_validate_json(whole_letters(reply.body))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, (model.__name__, *first["loc"])))[:100]
        is_json = first["type"] != "json_invalid"
        said = f"HTTP {reply.status}" if is_json else reply.found
        message = (
            f"{reply.call}: câu trả lời không đúng tài liệu / answer is not as"
            f" documented ({where}: {first['type']}; {said})"
        )
        kind = OutcomeUnknownError if reply.write else ProtocolError
        raise kind(message) from error


def problems_of(problems: Sequence[WireProblem]) -> tuple[Problem, ...]:
    """Return *problems* in our terms."""
    return tuple(
        Problem(code=each.code, message=each.message, field=each.field)
        for each in problems
    )


def read_one(model: type[_M], value: JsonValue) -> _M | str:
    """Return *value* as *model*, or why it is none."""
    try:
        # By way of text: only there a date is one, as everywhere else on the wire.
        return model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))[:100]}: {first['type']}"
    except (ValueError, RecursionError):
        return "too large"


def id_in(value: JsonValue, name: str = "id") -> str:
    """Return a number in an odd *value*, "" if there is none that could be one."""
    found = value.get(name) if isinstance(value, dict) else None
    is_id = type(found) is int and 0 < found < _TOO_LARGE
    return str(found) if is_id else ""


def text_in(value: JsonValue, name: str) -> str:
    """Return a text in an odd *value*, "" if there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found[:_LONGEST_REF] if isinstance(found, str) else ""


def whole_letters(body: bytes) -> bytes:
    """Replace each half of a surrogate pair, left by a text that was cut, by "?".

    One title like that must not make a whole page unreadable.
    """
    if not _HALF_OF_A_PAIR.search(body):
        return body
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return body
    return text.encode(errors="replace")
