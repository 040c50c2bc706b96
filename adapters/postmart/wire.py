"""The bodies that Postmart's API sends and takes, as models with bounds.

`parse` turns every body that is not as the API's documents say into an error of the
port, so that nothing else gets any further. The meaning of the models in our terms is
decided in `convert`; which call is made when, in `adapter`.

Null and missing count alike: empty, where that can be. The lists that an answer
consists of must be there: a page without one is none, and no empty page.

The buyers' rating is not modelled at all: it is never read and never written.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal, NamedTuple, TypeVar

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
from ocop_sync.marketplace.http import Reply


def _to_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        message = "an instant outside the calendar"
        raise ValueError(message) from error


_LONGEST_REF, _TOO_LARGE = 100, 10**15
_REF = "client_ref"
_Code = Annotated[str, Field(max_length=100)]
_Line = Annotated[str, Field(max_length=1_000)]
_Address = Annotated[str, Field(max_length=4_000)]
_Text = Annotated[str, Field(max_length=100_000)]
_Id = Annotated[int, Field(ge=1, lt=10**15)]
_Count = Annotated[int, Field(ge=0, lt=10**15)]
_Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]

_T = TypeVar("_T")
_NONE_IS_EMPTY = BeforeValidator(lambda value: "" if value is None else value)
_NONE_IS_NO_ITEM = BeforeValidator(lambda value: [] if value is None else value)
_NONE_IS_ZERO = BeforeValidator(lambda value: 0 if value is None else value)
_CodeIfAny = Annotated[_Code, _NONE_IS_EMPTY]
_LineIfAny = Annotated[_Line, _NONE_IS_EMPTY]
_AddressIfAny = Annotated[_Address, _NONE_IS_EMPTY]
_TextIfAny = Annotated[_Text, _NONE_IS_EMPTY]
_CountIfAny = Annotated[_Count, _NONE_IS_ZERO]
_ListIfAny = Annotated[list[_T], _NONE_IS_NO_ITEM]


class Wire(BaseModel):
    """A JSON object of the API. Fields that we do not know are left alone."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", hide_input_in_errors=True
    )


class WireVariant(Wire):
    """A pack; price in đồng."""

    sku: _Code
    pack: _LineIfAny = ""
    price: _Count
    quantity: _Count
    gtin: _CodeIfAny = ""
    weight_g: _Count | None = None


class WireClaim(Wire):
    """The OCOP stars of a state certificate, with the last day of validity."""

    stars: Annotated[int, Field(ge=1, le=5)]
    decision: _LineIfAny = ""
    valid_to: date | None = None


class WireAttribute(Wire):
    """A further name and value."""

    name: _Line
    value: _TextIfAny = ""


class WireProblem(Wire):
    """Why something was refused."""

    code: _CodeIfAny = ""
    field: _LineIfAny = ""
    message: _TextIfAny = ""


class WireSubmission(Wire):
    """A product as it is submitted."""

    client_ref: _CodeIfAny = ""
    seller_external_id: _CodeIfAny = ""
    name: _Line
    category: _CodeIfAny = ""
    description: _TextIfAny = ""
    attributes: Annotated[_ListIfAny[WireAttribute], Field(max_length=200)] = []
    images: Annotated[_ListIfAny[_Address], Field(max_length=100)] = []
    trace_url: _AddressIfAny = ""
    variants: Annotated[list[WireVariant], Field(min_length=1, max_length=200)]
    ocop_claim: WireClaim | None = None


State = Literal[
    "queuing",
    "processing",
    "bot_awaiting_approve",
    "md_awaiting_approve",
    "awaiting_approve",
    "approved",
    "rejected",
    "unpublished",
    "cancelled",
    "banned",
]


class WireProduct(WireSubmission):
    """A product as Postmart shows it."""

    id: _Id
    seller_name: _LineIfAny = ""
    state: State
    reasons: Annotated[_ListIfAny[WireProblem], Field(max_length=100)] = []
    version: _Count | None = None


class _Foreign(WireProduct):
    """One that carries no client's reference; it may have no packs at all."""

    variants: Annotated[list[WireVariant], Field(max_length=200)]


_NO_PACK: dict[str, JsonValue] = {"sku": "", "price": 0, "quantity": 0}
"""The values of a pack that lacks these, where nobody wants the listing."""


class Paging(Wire):
    """Where a page stands; Postmart cuts per_page at 50 without saying so."""

    current_page: _Id
    last_page: _Count
    per_page: _Id


class ProductPage(Wire):
    """One page of products."""

    data: Annotated[list[WireProduct], Field(max_length=50)]
    paging: Paging


class _Loose(Wire):
    """The same, for products of any form."""

    data: Annotated[list[JsonValue], Field(max_length=50)]
    paging: Paging


class OddProduct(NamedTuple):
    """The readable part of a product that is not as documented; "" for the rest."""

    id: str
    client_ref: str
    why: str


class Products(NamedTuple):
    """One page of products; one that cannot be read keeps no other back."""

    data: Sequence[WireProduct | OddProduct]
    paging: Paging


class Track(Wire):
    """How a review stands; the product is named once the review is over."""

    track_id: _Code
    state: State
    product_id: _Id | None = None
    reasons: Annotated[_ListIfAny[WireProblem], Field(max_length=100)] = []


class OddTrack(NamedTuple):
    """The readable part of a review that is not as documented; "" for the rest."""

    track_id: str
    why: str


class Tracks(Wire):
    """How some reviews stand, one by one; unknown ones are left out."""

    data: Annotated[list[JsonValue], Field(max_length=50)]


class Token(Wire):
    """A bearer token."""

    access_token: Annotated[str, Field(min_length=1, max_length=4_000, repr=False)]
    expires_in: Annotated[int, Field(ge=1, lt=10**7)]


class Accepted(Wire):
    """The answer to a change that is going to be reviewed."""

    track_id: Annotated[str, Field(min_length=1, max_length=100)]


class Changed(Wire):
    """The answer to a change that was made, with the product's state after it."""

    id: _Id
    version: _Count | None = None
    state: _Code | None = None


class SellerChanged(Wire):
    """The answer to a change of a seller, with its state after it."""

    external_id: _Code
    state: _Code | None = None


class Errors(Wire):
    """The body of a refusal."""

    errors: Annotated[list[WireProblem], Field(min_length=1, max_length=1_000)]


class WireEvent(Wire):
    """An event of the feed or of a push."""

    type: _Code
    product_id: _Id
    at: _Instant
    sku: _CodeIfAny = ""
    quantity: _CountIfAny = 0
    order_line: _CodeIfAny = ""


class OddEvent(NamedTuple):
    """The readable part of an event that is not as documented; "" for the rest."""

    type: str
    product_id: str
    why: str


class Pushed(Wire):
    """The body of a push, its events to be read one by one."""

    events: Annotated[list[JsonValue], Field(max_length=1_000)]


class Feed(Pushed):
    """Part of the feed; *ack_id* acknowledges it with the next call."""

    ack_id: _Count


class WirePrice(Wire):
    """The price of a variant in đồng."""

    sku: str
    price: int


class WireQuantity(Wire):
    """The absolute quantity of a variant."""

    sku: str
    quantity: int


class Prices(Wire):
    """The body that sets prices."""

    prices: list[WirePrice]


class Inventory(Wire):
    """The body that sets quantities."""

    inventory: list[WireQuantity]


class Reason(Wire):
    """The body that says why something is taken down."""

    reason: str


class WireSeller(Wire):
    """The profile of a seller; communes are those of 2025 only."""

    name: str
    kind: str
    address: str
    commune_code: str


class WireContent(Wire):
    """The body that changes content: the fields that are set, and no others.

    Price and quantity of a variant count only where its SKU is new; one that is not
    named is gone.
    """

    name: str = ""
    category: str = ""
    description: str = ""
    attributes: list[WireAttribute] = []
    images: list[str] = []
    trace_url: str = ""
    variants: list[WireVariant] = []


_M = TypeVar("_M", bound=Wire)
_HALF_OF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(model: type[_M], reply: Reply) -> _M:
    """Return the body of *reply* as *model*.

    Raises:
        ProtocolError: A read was answered with something else.
        OutcomeUnknownError: A write was: it may well have been applied.
    """
    try:
        return model.model_validate_json(_whole_letters(reply.body))
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


def parse_page(reply: Reply) -> Products:
    """Return the body of *reply* as a page, its products one by one if need be.

    Raises:
        ProtocolError: It is no page at all.
    """
    try:
        page = ProductPage.model_validate_json(_whole_letters(reply.body))
    except ValidationError:
        loose = parse(_Loose, reply)
        return Products(tuple(map(_product, loose.data)), loose.paging)
    return Products(page.data, page.paging)


def parse_tracks(reply: Reply) -> Sequence[Track | OddTrack]:
    """Return the body of *reply* as reviews: one that is odd keeps no other back.

    Raises:
        ProtocolError: There is no list of them.
    """
    return tuple(map(_track, parse(Tracks, reply).data))


def events_in(pushed: Pushed) -> Sequence[WireEvent | OddEvent]:
    """Return the events of *pushed*: one that is odd keeps no other back."""
    return tuple(map(_event, pushed.events))


def _event(value: JsonValue) -> WireEvent | OddEvent:
    read = _one(WireEvent, value)
    if not isinstance(read, str):
        return read
    return OddEvent(_text_in(value, "type"), _id_in(value, "product_id"), read)


def _product(value: JsonValue) -> WireProduct | OddProduct:
    read = _one(WireProduct, value)
    if isinstance(read, str) and isinstance(value, dict) and not value.get(_REF):
        read = _one(_Foreign, _with_packs(value))
    if not isinstance(read, str):
        return read
    return OddProduct(_id_in(value), _text_in(value, "client_ref"), read)


def _with_packs(value: dict[str, JsonValue]) -> JsonValue:
    """Return a product without a reference, with missing fields of its packs filled in.

    Of one with a reference, 0 would be believed.
    """
    packs = value.get("variants")
    packs = [] if packs is None else packs
    if not isinstance(packs, list):
        return value
    told = [_told(each) if isinstance(each, dict) else each for each in packs]
    return {**value, "variants": told}


def _told(pack: dict[str, JsonValue]) -> JsonValue:
    return {**_NO_PACK, **{name: v for name, v in pack.items() if v is not None}}


def _track(value: JsonValue) -> Track | OddTrack:
    read = _one(Track, value)
    if not isinstance(read, str):
        return read
    return OddTrack(_text_in(value, "track_id"), read)


def _one(model: type[_M], value: JsonValue) -> _M | str:
    """Return *value* as *model*, or why it is none."""
    try:
        # By way of text: only there a date is one, as everywhere else on the wire.
        return model.model_validate_json(json.dumps(value))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))[:100]}: {first['type']}"
    except (ValueError, RecursionError):
        return "too large"


def _id_in(value: JsonValue, name: str = "id") -> str:
    """Return a number in an odd *value*, "" if there is none that could be one."""
    found = value.get(name) if isinstance(value, dict) else None
    is_id = type(found) is int and 0 < found < _TOO_LARGE
    return str(found) if is_id else ""


def _text_in(value: JsonValue, name: str) -> str:
    """Return a text in an odd *value*, "" if there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found[:_LONGEST_REF] if isinstance(found, str) else ""


def _whole_letters(body: bytes) -> bytes:
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
