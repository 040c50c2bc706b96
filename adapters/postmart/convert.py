"""Spell our listings as Postmart does, and read its products in our terms.

All functions are pure. Which call is made when is decided in `adapter`.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.postmart.wire import (
    Feed,
    Inventory,
    OddEvent,
    OddProduct,
    Prices,
    Pushed,
    Reason,
    Track,
    WireAttribute,
    WireClaim,
    WireContent,
    WireEvent,
    WirePrice,
    WireProblem,
    WireProduct,
    WireQuantity,
    WireSeller,
    WireSubmission,
    WireVariant,
    events_in,
)
from ocop_sync.marketplace.listing import (
    Listing,
    Problem,
    RemoteListing,
    RemoteState,
    Seller,
    StarClaim,
    Variant,
)
from ocop_sync.marketplace.port import (
    Event,
    EventKind,
    Events,
    Unreadable,
    UnreadableEvent,
)

_KIND = {
    "": "",
    "DN": "company",
    "HTX": "cooperative",
    "THT": "cooperative_group",
    "HO": "household",
}

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


_STATES: Mapping[str, RemoteState] = {
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


def to_submission(listing: Listing) -> bytes:
    """Return the body that submits *listing*."""
    submission = WireSubmission(
        client_ref=listing.client_ref,
        seller_external_id=listing.seller_ref,
        name=listing.title,
        category=listing.category,
        description=listing.description,
        attributes=_attributes(listing),
        images=list(listing.pictures),
        trace_url=listing.trace_url,
        variants=[_variant(variant) for variant in listing.variants],
        ocop_claim=None if listing.stars is None else _claim(listing.stars),
    )
    return submission.model_dump_json().encode()


def to_content(listing: Listing, fields: frozenset[str]) -> bytes:
    """Return the body that writes *fields*, all of them in `CONTENT_FIELDS`."""
    whole = WireContent(
        name=listing.title,
        category=listing.category,
        description=listing.description,
        attributes=_attributes(listing),
        images=list(listing.pictures),
        trace_url=listing.trace_url,
        variants=[_variant(variant) for variant in listing.variants],
    )
    names = {CONTENT_FIELDS[field] for field in fields}
    return whole.model_dump_json(include=names).encode()


def to_claim(claim: StarClaim) -> bytes:
    """Return the body that sets *claim*."""
    return _claim(claim).model_dump_json().encode()


def to_prices(prices: Mapping[str, int]) -> bytes:
    """Return the body that sets *prices*."""
    lines = [WirePrice(sku=sku, price=price) for sku, price in prices.items()]
    return Prices(prices=lines).model_dump_json().encode()


def to_inventory(stocks: Mapping[str, int]) -> bytes:
    """Return the body that sets *stocks*."""
    lines = [WireQuantity(sku=sku, quantity=count) for sku, count in stocks.items()]
    return Inventory(inventory=lines).model_dump_json().encode()


def to_reason(reason: str) -> bytes:
    """Return the body that gives *reason*."""
    return Reason(reason=reason).model_dump_json().encode()


def to_seller(seller: Seller) -> bytes:
    """Return the body that opens or updates *seller*."""
    profile = WireSeller(
        name=seller.name,
        kind=_KIND.get(seller.kind, seller.kind),
        address=seller.address,
        commune_code=seller.commune_code,
    )
    return profile.model_dump_json().encode()


def seen(product: WireProduct | OddProduct) -> RemoteListing | Unreadable:
    """Return *product* in our terms, also one that cannot be read."""
    if isinstance(product, WireProduct):
        return from_product(product)
    return Unreadable(ref=product.id, reason=product.why, client_ref=product.client_ref)


def from_product(product: WireProduct) -> RemoteListing:
    """Return *product* in our terms."""
    claim = product.ocop_claim
    attributes = sorted((each.name, each.value) for each in product.attributes)
    shown = Listing(
        client_ref=product.client_ref,
        seller_ref=product.seller_external_id,
        title=product.name,
        description=product.description,
        category=product.category,
        attributes=tuple(attributes),
        pictures=tuple(product.images),
        trace_url=product.trace_url,
        variants=tuple(_from_variants(product.variants)),
        stars=None if claim is None else _from_claim(claim),
    )
    return RemoteListing(
        ref=str(product.id),
        state=_STATES[product.state],
        shown=shown,
        version=version_of(product.version),
        problems=problems_of(product.reasons),
        seller_name=product.seller_name,
    )


def version_of(version: int | None) -> str:
    """Return a version in our terms; "" for none."""
    return "" if version is None else str(version)


def state_of(track: Track) -> RemoteState:
    """Return how a review stands, in our terms."""
    return _STATES[track.state]


def state_named(state: str | None) -> RemoteState | None:
    """Return the state that is called *state*, None for none that we know."""
    return _STATES.get(state or "")


def problems_of(problems: Sequence[WireProblem]) -> tuple[Problem, ...]:
    """Return *problems* in our terms."""
    return tuple(
        Problem(code=each.code, message=each.message, field=each.field)
        for each in problems
    )


_EVENTS: Mapping[str, EventKind] = {
    "product.approved": EventKind.APPROVED,
    "product.rejected": EventKind.REFUSED,
    "product.edited": EventKind.EDITED,
    "product.banned": EventKind.BANNED,
    "product.unpublished": EventKind.DOWN,
    "product.deleted": EventKind.DOWN,
    "order.created": EventKind.SOLD,
}


def events_of(feed: Feed) -> Events:
    """Return the events in our terms, types that we do not know as such."""
    told = events_in(feed)
    return Events(
        tuple(_event(each) for each in told if isinstance(each, WireEvent)),
        str(feed.ack_id),
        tuple(_odd_event(each) for each in told if isinstance(each, OddEvent)),
    )


def pushed_events_of(pushed: Pushed) -> tuple[Event, ...]:
    """Return those events of a push that can be read: all of them are in the feed."""
    told = events_in(pushed)
    return tuple(_event(each) for each in told if isinstance(each, WireEvent))


def _event(event: WireEvent) -> Event:
    return Event(
        kind=_EVENTS.get(event.type, EventKind.OTHER),
        ref=str(event.product_id),
        at=event.at,
        sku=event.sku,
        quantity=event.quantity,
        order_line=event.order_line,
    )


def _odd_event(event: OddEvent) -> UnreadableEvent:
    # A type that the documents do not name tells of no sale; none at all may.
    is_sale = _EVENTS.get(event.type) is EventKind.SOLD
    return UnreadableEvent(
        reason=event.why,
        may_be_sale=is_sale or event.type == "",
        ref=event.product_id,
    )


def canonical(listing: Listing) -> Listing:
    """Return *listing* as Postmart shows it: every text trimmed and in NFC.

    A listing that is tidy already is returned itself: so a whole catalog can be asked
    cheaply.
    """
    if _is_tidy(listing):
        return listing
    attributes = sorted((_clean(n), _clean(v)) for n, v in listing.attributes)
    return replace(
        listing,
        title=_clean(listing.title),
        description=_clean(listing.description),
        attributes=tuple(attributes),
        pictures=tuple(map(_clean, listing.pictures)),
        trace_url=_clean(listing.trace_url),
        variants=tuple(replace(v, pack=_clean(v.pack)) for v in listing.variants),
        stars=listing.stars
        and replace(listing.stars, decision=_clean(listing.stars.decision)),
    )


def _is_tidy(listing: Listing) -> bool:
    texts = [listing.title, listing.description, listing.trace_url, *listing.pictures]
    for attribute in listing.attributes:
        texts += attribute
    texts += [variant.pack for variant in listing.variants]
    if listing.stars:
        texts.append(listing.stars.decision)
    attributes = list(listing.attributes)
    return attributes == sorted(attributes) and texts == list(map(_clean, texts))


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _attributes(listing: Listing) -> list[WireAttribute]:
    return [WireAttribute(name=name, value=text) for name, text in listing.attributes]


def _variant(variant: Variant) -> WireVariant:
    return WireVariant(
        sku=variant.sku,
        pack=variant.pack,
        price=variant.price_vnd,
        quantity=variant.stock,
        gtin=variant.gtin,
        weight_g=variant.weight_g,
    )


def _claim(claim: StarClaim) -> WireClaim:
    return WireClaim(
        stars=claim.stars, decision=claim.decision, valid_to=claim.valid_to
    )


def _from_claim(claim: WireClaim) -> StarClaim:
    return StarClaim(
        stars=claim.stars, decision=claim.decision, valid_to=claim.valid_to
    )


def _from_variants(variants: list[WireVariant]) -> list[Variant]:
    ours = [
        Variant(
            sku=variant.sku,
            pack=variant.pack,
            price_vnd=variant.price,
            stock=variant.quantity,
            gtin=variant.gtin,
            weight_g=variant.weight_g,
        )
        for variant in variants
    ]
    return sorted(ours, key=lambda variant: variant.sku)
