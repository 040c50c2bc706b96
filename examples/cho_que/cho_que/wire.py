"""Read what comes in from ChoQue as models with bounds.

A body that is not as its documents say becomes an error of the port; one item that is
not keeps no other back.
"""

import json
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from ocop_sync.errors import OutcomeUnknownError, ProtocolError
from ocop_sync.marketplace.reply import Reply

Id = Annotated[int, Field(ge=1, lt=10**15)]
Count = Annotated[int, Field(ge=0, lt=10**15)]
Line = Annotated[str, Field(max_length=1_000)]
Text = Annotated[str, Field(max_length=100_000)]


class Wire(BaseModel):
    """A JSON object of the API. Fields that we do not know are left alone."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )


class Pack(Wire):
    """A pack; price in đồng."""

    sku: Line = ""
    name: Line = ""
    price: Count | None = None
    stock: Count | None = None
    weight_g: Count | None = None


class Claim(Wire):
    """The OCOP stars of a state certificate; never the buyers' rating."""

    stars: Annotated[int, Field(ge=1, le=5)]
    decision: Line = ""
    valid_to: date | None = None


class Row(Wire):
    """A listing."""

    id: Id
    state: Line
    client_ref: Line = ""
    title: Line = ""
    description: Text = ""
    category: Line = ""
    attributes: dict[Line, Text] = {}
    pictures: list[Line] = []
    packs: list[Pack] = []
    ocop: Claim | None = None


class Rows(Wire):
    """Part of the listings; *next* is where the next part begins."""

    listings: Annotated[list[JsonValue], Field(max_length=1_000)]
    next: Id | None = None


class Changed(Wire):
    """The answer to a change."""

    id: Id
    state: Line


class Reason(Wire):
    """Why something was refused."""

    code: Line = ""
    message: Text = ""
    field: Line = ""


class Refusal(Wire):
    """The answer to a change that was refused."""

    errors: Annotated[list[Reason], Field(min_length=1, max_length=100)]


_M = TypeVar("_M", bound=Wire)


def parse(model: type[_M], reply: Reply) -> _M:
    """Return the body of *reply* as *model*.

    Raises:
        ProtocolError: A read was answered with something else.
        OutcomeUnknownError: A write was: it may well have been applied.
    """
    try:
        return model.model_validate_json(reply.body)
    except ValidationError as error:
        message = f"{reply.call}: not as documented ({_where(error)}; {reply.found})"
        kind = OutcomeUnknownError if reply.write else ProtocolError
        raise kind(message) from error


def read_one(model: type[_M], value: JsonValue) -> _M | str:
    """Return *value* as *model*, or the reason why it is none."""
    try:
        return model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        return _where(error)


def _where(error: ValidationError) -> str:
    """Say where a body differs, without its content."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))[:100]}: {first['type']}"
