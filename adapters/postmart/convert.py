"""Spell our listings as Postmart does, and read its products in our terms.

A field of a listing stands here in one model, and in one table where Postmart calls it
otherwise. The bodies of other changes are written in `payload`; which call is made when
is decided in `adapter`.

The buyers' rating is not modelled at all: it is never read and never written.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, JsonValue, ValidationError

from adapters.postmart.wire import (
    EMPTY,
    Address,
    AddressIfAny,
    Code,
    CodeIfAny,
    Count,
    Id,
    Line,
    LineIfAny,
    ListIfAny,
    Reasons,
    TextIfAny,
    Wire,
    id_in,
    parse,
    problems_of,
    read_one,
    text_in,
    whole_letters,
)
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    RemoteState,
    StarClaim,
    Variant,
)
from ocop_sync.marketplace.port import Unreadable
from ocop_sync.marketplace.reply import Reply


class WireVariant(Wire):
    """A pack; price in đồng."""

    sku: Code
    pack: LineIfAny = ""
    price: Count
    quantity: Count
    gtin: CodeIfAny = ""
    weight_g: Count | None = None


class WireClaim(Wire):
    """The OCOP stars of a state certificate, with the last day of validity."""

    stars: Annotated[int, Field(ge=1, le=5)]
    decision: LineIfAny = ""
    valid_to: date | None = None


class WireAttribute(Wire):
    """A further name and value."""

    name: Line
    value: TextIfAny = ""


class WireSubmission(Wire):
    """A product as it is submitted."""

    client_ref: CodeIfAny = ""
    seller_external_id: CodeIfAny = ""
    name: Line
    category: CodeIfAny = ""
    description: TextIfAny = ""
    attributes: Annotated[ListIfAny[WireAttribute], Field(max_length=200), EMPTY]
    images: Annotated[ListIfAny[Address], Field(max_length=100), EMPTY]
    trace_url: AddressIfAny = ""
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

    id: Id
    seller_name: LineIfAny = ""
    state: State
    reasons: Reasons
    version: Count | None = None


class _Foreign(WireProduct):
    """One that carries no client's reference; it may have no packs at all."""

    variants: Annotated[list[WireVariant], Field(max_length=200)]


_NO_PACK: dict[str, JsonValue] = {"sku": "", "price": 0, "quantity": 0}
"""The values of a pack that lacks these, where nobody wants the listing."""


class Paging(Wire):
    """Where a page stands; Postmart cuts per_page at 50 without saying so."""

    current_page: Id
    last_page: Count
    per_page: Id


class ProductPage(Wire):
    """One page of products."""

    data: Annotated[list[WireProduct], Field(max_length=50)]
    paging: Paging


class _Loose(Wire):
    """The same, for products of any form."""

    data: Annotated[list[JsonValue], Field(max_length=50)]
    paging: Paging


class Products(NamedTuple):
    """One page of products; one that cannot be read keeps no other back."""

    data: Sequence[RemoteListing | Unreadable]
    paging: Paging


CONTENT_FIELDS: Mapping[str, str] = {
    "title": "name",
    "description": "description",
    "category": "category",
    "attributes": "attributes",
    "pictures": "images",
    "trace_url": "trace_url",
    "variants": "variants",
}
"""Name at Postmart of each field of `Listing` that a content call may write."""

_PACK_FIELDS: Mapping[str, str] = {
    {"price": "price_vnd", "quantity": "stock"}.get(name, name): name
    for name in WireVariant.model_fields
}
"""The same of each field of `Variant`."""

STATES: Mapping[str, RemoteState] = {
    "queuing": RemoteState.IN_REVIEW,
    "processing": RemoteState.IN_REVIEW,
    "bot_awaiting_approve": RemoteState.IN_REVIEW,
    "md_awaiting_approve": RemoteState.IN_REVIEW,
    "awaiting_approve": RemoteState.IN_REVIEW,
    "approved": RemoteState.LIVE,
    "rejected": RemoteState.REFUSED,
    "unpublished": RemoteState.DOWN,
    "cancelled": RemoteState.DOWN,
    "banned": RemoteState.BANNED,
}


_TEXTS = tuple(
    each.name
    for each in fields(Listing)
    if each.type is str and each.name not in {"client_ref", "seller_ref", "category"}
)
_PACK_TEXTS = tuple(
    each.name
    for each in fields(Variant)
    if each.type is str and each.name not in {"sku", "gtin"}
)
"""Fields whose text Postmart tidies."""


def to_submission(listing: Listing) -> bytes:
    """Return the body that submits *listing*."""
    return _submission(listing).model_dump_json().encode()


def to_content(listing: Listing, names: frozenset[str]) -> bytes:
    """Return the body that writes the fields *names*, all of `CONTENT_FIELDS`.

    Price and quantity of a pack count only where its SKU is new; one that is not named
    is gone.
    """
    theirs = {CONTENT_FIELDS[name] for name in names}
    return _submission(listing).model_dump_json(include=theirs).encode()


def to_claim(claim: StarClaim) -> WireClaim:
    """Return *claim* as Postmart spells it."""
    return WireClaim(**asdict(claim))


def _submission(listing: Listing) -> WireSubmission:
    content: dict[str, Any] = {
        theirs: getattr(listing, ours) for ours, theirs in CONTENT_FIELDS.items()
    }
    content |= {
        "attributes": [WireAttribute(name=n, value=v) for n, v in listing.attributes],
        "images": list(listing.pictures),
        "variants": [_to_pack(variant) for variant in listing.variants],
    }
    return WireSubmission(
        client_ref=listing.client_ref,
        seller_external_id=listing.seller_ref,
        ocop_claim=to_claim(listing.stars) if listing.stars else None,
        **content,
    )


def _to_pack(variant: Variant) -> WireVariant:
    values = {theirs: getattr(variant, ours) for ours, theirs in _PACK_FIELDS.items()}
    return WireVariant(**values)


def _from_pack(pack: WireVariant) -> Variant:
    values = {ours: getattr(pack, theirs) for ours, theirs in _PACK_FIELDS.items()}
    return Variant(**values)


def parse_page(reply: Reply) -> Products:
    """Return the body of *reply* as a page, its products one by one if need be.

    Raises:
        ProtocolError: It is no page at all.
    """
    try:
        page = ProductPage.model_validate_json(whole_letters(reply.body))
    except ValidationError:
        loose = parse(_Loose, reply)
        return Products(tuple(map(_product, loose.data)), loose.paging)
    return Products(tuple(map(from_product, page.data)), page.paging)


def _product(value: JsonValue) -> RemoteListing | Unreadable:
    ref, ours = id_in(value), text_in(value, "client_ref")
    read = read_one(WireProduct, value)
    if isinstance(read, str) and isinstance(value, dict) and not ours:
        read = read_one(_Foreign, _with_packs(value))
    if isinstance(read, str):
        return Unreadable(ref=ref, reason=read, client_ref=ours)
    return from_product(read)


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


def from_product(product: WireProduct) -> RemoteListing:
    """Return *product* in our terms."""
    content: dict[str, Any] = {
        ours: getattr(product, theirs) for ours, theirs in CONTENT_FIELDS.items()
    }
    packs = map(_from_pack, product.variants)
    content |= {
        "attributes": tuple(sorted((a.name, a.value) for a in product.attributes)),
        "pictures": tuple(product.images),
        "variants": tuple(sorted(packs, key=lambda pack: pack.sku)),
    }
    claim = product.ocop_claim
    return RemoteListing(
        ref=str(product.id),
        state=STATES[product.state],
        shown=Listing(
            client_ref=product.client_ref,
            seller_ref=product.seller_external_id,
            stars=None if claim is None else StarClaim(**dict(claim)),
            **content,
        ),
        version=version_of(product.version),
        problems=problems_of(product.reasons),
        seller_name=product.seller_name,
    )


def version_of(version: int | None) -> str:
    """Return a version in our terms; "" for none."""
    return "" if version is None else str(version)


def canonical(listing: Listing) -> Listing:
    """Return *listing* as Postmart shows it: every text trimmed and in NFC.

    A listing that is tidy already is returned itself: so a whole catalog can be asked
    cheaply.
    """
    if _is_tidy(listing):
        return listing
    attributes = sorted((_clean(n), _clean(v)) for n, v in listing.attributes)
    claim = listing.stars
    return replace(
        listing,
        **_cleaned(listing, _TEXTS),
        attributes=tuple(attributes),
        pictures=tuple(map(_clean, listing.pictures)),
        variants=tuple(
            replace(v, **_cleaned(v, _PACK_TEXTS)) for v in listing.variants
        ),
        stars=claim and replace(claim, decision=_clean(claim.decision)),
    )


def _is_tidy(listing: Listing) -> bool:
    texts = [getattr(listing, name) for name in _TEXTS]
    texts += listing.pictures
    for attribute in listing.attributes:
        texts += attribute
    texts += [getattr(v, name) for v in listing.variants for name in _PACK_TEXTS]
    if listing.stars:
        texts.append(listing.stars.decision)
    attributes = list(listing.attributes)
    return attributes == sorted(attributes) and texts == list(map(_clean, texts))


def _cleaned(owner: Listing | Variant, names: Sequence[str]) -> dict[str, Any]:
    return {name: _clean(getattr(owner, name)) for name in names}


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
