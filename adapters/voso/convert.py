"""Translate listings into Voso's terms and back.

Pure: values in, values out. A field of a listing stands here in one model, and in one
table where Voso calls it otherwise. Changes are written in `adapters.voso.payload`; the
envelope, the results and the events of calls are read in `adapters.voso.results`; which
call carries which change is decided in `adapters.voso.adapter`.

Outgoing listings are plain dictionaries of a known shape, since they are encoded once
and exactly those bytes are signed. Incoming listings are validated: a page that is not
as Voso's documents describe becomes `ProtocolError`, a listing that is not, an
`Unreadable`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from enum import IntEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from adapters.voso.wire import Identifier, Incoming, Number, Reason, describe, instant
from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    RemoteState,
    StarClaim,
    Variant,
)
from ocop_sync.marketplace.port import Page, Unreadable


class Status(IntEnum):
    """The state of a listing at Voso. DELETED shows only when asked by number."""

    DRAFT = 0
    IN_REVIEW = 1
    ON_SALE = 2
    REFUSED = 3
    STOPPED = 4
    DELETED = 6
    BANNED = 7


_STATES: Final = MappingProxyType(
    {
        Status.DRAFT: RemoteState.DOWN,
        Status.IN_REVIEW: RemoteState.IN_REVIEW,
        Status.ON_SALE: RemoteState.LIVE,
        Status.REFUSED: RemoteState.REFUSED,
        Status.STOPPED: RemoteState.DOWN,
        Status.BANNED: RemoteState.BANNED,
    }
)


_LONGEST_REASON, _LONGEST_CODE, _TOO_LARGE = 200, 200, 10**18


Payload = dict[str, Any]
"""A listing, or the part of one that a field mask names."""

CONTENT_FIELDS: Final = MappingProxyType(
    {
        "client_ref": "CLIENT_CODE",
        "title": "NAME",
        "category": "CAT_ID",
        "description": "DESCRIPTION",
        "attributes": "ATTRIBUTES",
        "pictures": "IMAGES",
        "trace_url": "TRACE_URL",
        "variants": "VARIANTS",
    }
)
"""The name in a field mask of each field of the content facet."""


class _Attribute(Incoming):
    NAME: str | None = None
    VALUE: str | None = None


class _Variant(Incoming):
    SKU: str | None = None
    PACK: str | None = None
    GTIN: str | None = None
    WEIGHT_G: Number | None = None
    PRICE: Number | None = None
    STOCK: Number | None = None


class _Ocop(Incoming):
    STARS: Annotated[int, Field(ge=0, le=9)]
    DECISION: str | None = None
    VALID_TO: str | None = None


class _Product(Incoming):
    ID: Identifier
    STATUS: int
    REVISION: Number | None = None
    CLIENT_CODE: str | None = None
    NAME: str | None = None
    CAT_ID: Number | None = None
    DESCRIPTION: str | None = None
    ATTRIBUTES: list[_Attribute] | None = None
    IMAGES: list[str] | None = None
    TRACE_URL: str | None = None
    VARIANTS: list[_Variant] | None = None
    OCOP: _Ocop | None = None
    REASONS: list[Reason] | None = None
    SHOP_NAME: str | None = None


class _ProductPage(Incoming):
    PRODUCTS: list[object]
    NEXT_TOKEN: str | None = None


_PACK_FIELDS: Final = {
    {"PRICE": "price_vnd"}.get(name, name.lower()): name
    for name in _Variant.model_fields
}
"""Name at Voso of each field of a pack."""

_NOTHING: Final[Mapping[Any, object]] = {str: "", int: 0}
_NONE: Final = {each.name: _NOTHING.get(each.type) for each in fields(Variant)}
"""The value of a field of a pack that Voso leaves out."""

_IF_ANY: Final = [name for name, empty in _NONE.items() if empty is None]
"""Numbers of a pack that nobody need know: 0 means none."""

_TEXTS: Final = [
    each.name
    for each in fields(Listing)
    if each.type is str and each.name not in {"client_ref", "seller_ref", "category"}
]
_PACK_TEXTS: Final = [
    each.name
    for each in fields(Variant)
    if each.type is str and each.name not in {"sku", "gtin"}
]
"""Fields whose text Voso tidies."""

_Owner = TypeVar("_Owner", Listing, Variant, StarClaim)
_PRODUCT_PAGE: Final = TypeAdapter(_ProductPage)
_PRODUCT: Final = TypeAdapter(_Product)


def canonical(listing: Listing) -> Listing:
    """Return *listing* as Voso shows it: trimmed.

    Lines end in one way, an attribute without a name or a value is dropped, and
    a weight of 0 means none. Applying it twice changes nothing more. One that is tidy
    already is returned itself: so a whole catalog can be asked cheaply.
    """
    stars = listing.stars
    tidy = _trimmed(listing, _TEXTS) | {
        "attributes": _tidy((_trim(n), _trim(v)) for n, v in listing.attributes),
        "pictures": tuple(filter(None, map(_trim, listing.pictures))),
        "variants": tuple(sorted(map(_canonical_variant, listing.variants), key=_sku)),
        "stars": stars and _tidied(stars, {"decision": _trim(stars.decision)}),
    }
    return _tidied(listing, tidy)


def to_wire(listing: Listing) -> Payload:
    """Return *listing* whole, as a new listing is saved."""
    content = {
        theirs: getattr(listing, ours) for ours, theirs in CONTENT_FIELDS.items()
    }
    return {
        "ID": 0,
        **content,
        "CAT_ID": _category_to_wire(listing.category),
        "ATTRIBUTES": [{"NAME": n, "VALUE": v} for n, v in listing.attributes],
        "IMAGES": list(listing.pictures),
        "VARIANTS": [_variant_to_wire(each) for each in listing.variants],
        "OCOP": claim_to_wire(listing.stars),
    }


def from_wire(data: object, *, seller_ref: str) -> Page:
    """Return the listings of an answer to `product/list`, without those deleted.

    Args:
        data: The decoded DATA of the answer: any JSON value.
        seller_ref: Our reference of the producer whose shop it is.

    Raises:
        ProtocolError: It is not as Voso's documents describe.
    """
    try:
        page = _PRODUCT_PAGE.validate_python(data)
    except ValidationError as error:
        raise ProtocolError(describe(error)) from None  # it holds what was sent
    read = (_read(each, seller_ref) for each in page.PRODUCTS)
    return Page.of([each for each in read if each], page.NEXT_TOKEN or None)


def _read(value: object, seller_ref: str) -> RemoteListing | Unreadable | None:
    """Read one product: one that is not as documented keeps no other back."""
    try:
        return _listing(_PRODUCT.validate_python(value), seller_ref)
    except ValidationError as error:
        return _unreadable(value, describe(error))
    except ProtocolError as error:
        return _unreadable(value, str(error))


def _unreadable(value: object, why: str) -> Unreadable:
    told = value if isinstance(value, dict) else {}
    number, code = told.get("ID"), told.get("CLIENT_CODE")
    is_number = type(number) is int and 0 < number < _TOO_LARGE
    return Unreadable(
        ref=str(number) if is_number else "",
        reason=why[:_LONGEST_REASON],
        client_ref=code[:_LONGEST_CODE] if isinstance(code, str) else "",
    )


def _listing(product: _Product, seller_ref: str) -> RemoteListing | None:
    if product.STATUS == Status.DELETED:
        return None
    if product.STATUS != Status.DRAFT and product.CLIENT_CODE:
        _ensure_whole(product)
    return RemoteListing(
        ref=str(product.ID),
        state=_state(product.STATUS),
        shown=_shown(product, seller_ref),
        version=str(product.REVISION or ""),
        problems=tuple(each.to_problem() for each in product.REASONS or ()),
        seller_name=product.SHOP_NAME or "",
    )


def _ensure_whole(product: _Product) -> None:
    """Check that no pack lacks its SKU, price or stock: 0 would be believed.

    All else may be null or missing, and counts as empty. The caller does not ask for
    drafts, nor for listings without a client's code: there these count as empty too.

    Raises:
        ProtocolError: One does; the field is named.
    """
    for n, pack in enumerate(product.VARIANTS or ()):
        needed = {"SKU": pack.SKU, "PRICE": pack.PRICE, "STOCK": pack.STOCK}
        for name, value in needed.items():
            if value is None:
                message = f"Voso: thiếu / lacks VARIANTS.{n}.{name}"
                raise ProtocolError(message)


def state_numbered(status: int | None) -> RemoteState | None:
    """Return the state that *status* names, None for none that a listing shows."""
    return next((s for n, s in _STATES.items() if n == status), None)


def _state(status: int) -> RemoteState:
    try:
        return _STATES[Status(status)]
    except ValueError:
        message = f"Voso: trạng thái lạ / unknown status {status % 10**6}"
        raise ProtocolError(message) from None


def _shown(product: _Product, seller_ref: str) -> Listing:
    named = CONTENT_FIELDS.items()
    content: dict[str, Any] = {
        ours: getattr(product, theirs) or "" for ours, theirs in named
    }
    attributes = ((a.NAME or "", a.VALUE or "") for a in product.ATTRIBUTES or ())
    packs: list[Variant] = sorted(map(_variant, product.VARIANTS or ()), key=_sku)
    content |= {
        "category": str(product.CAT_ID or ""),
        "attributes": _tidy((_lines(n), _lines(v)) for n, v in attributes),
        "pictures": tuple(product.IMAGES or ()),
        "variants": tuple(packs),
        **{name: _lines(content[name]) for name in _TEXTS},
    }
    return Listing(seller_ref=seller_ref, stars=_stars(product.OCOP), **content)


def _variant(found: _Variant) -> Variant:
    values: dict[str, Any] = {
        ours: getattr(found, theirs) or _NONE[ours]
        for ours, theirs in _PACK_FIELDS.items()
    }
    values |= {name: _lines(values[name]) for name in _PACK_TEXTS}
    # Below zero where more was sold than there is.
    values["stock"] = max(0, values["stock"])
    return Variant(**values)


def _stars(claim: _Ocop | None) -> StarClaim | None:
    if claim is None or claim.STARS == 0:
        return None
    return StarClaim(
        stars=claim.STARS,
        decision=claim.DECISION or "",
        valid_to=instant(claim.VALID_TO).date() if claim.VALID_TO else None,
    )


def _category_to_wire(code: str) -> int:
    # A text that is no number is no category of Voso's: 0 is refused there.
    return int(code) if code.isascii() and code.isdecimal() else 0


def _variant_to_wire(variant: Variant) -> dict[str, object]:
    values = {theirs: getattr(variant, ours) for ours, theirs in _PACK_FIELDS.items()}
    return {name: 0 if value is None else value for name, value in values.items()}


def claim_to_wire(stars: StarClaim | None) -> dict[str, object] | None:
    """Return a claim of stars; None, which clears one, for none."""
    if stars is None:
        return None
    return {
        "STARS": stars.stars,
        "DECISION": stars.decision,
        "VALID_TO": _end_of(stars.valid_to) if stars.valid_to else "",
    }


def _end_of(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04} 23:59:59"


def _canonical_variant(variant: Variant) -> Variant:
    tidy = _trimmed(variant, _PACK_TEXTS)
    for name in _IF_ANY:
        tidy[name] = getattr(variant, name) or None
    return _tidied(variant, tidy)


def _tidied(owner: _Owner, tidy: Mapping[str, Any]) -> _Owner:
    """Return *owner* with the values of *tidy*: itself, if it has them already."""
    for name, value in tidy.items():
        if getattr(owner, name) != value:
            return replace(owner, **tidy)
    return owner


def _trimmed(owner: Listing | Variant, names: Sequence[str]) -> dict[str, Any]:
    return {name: _trim(getattr(owner, name)) for name in names}


def _trim(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _tidy(attributes: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(each for each in attributes if each[0] and each[1]))


def _sku(variant: Variant) -> str:
    return variant.sku
