"""Spell our listings as ChoQue does, and read its listings in our terms."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pydantic import JsonValue

from cho_que.wire import Pack, Row, Rows, read_one
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    RemoteState,
    StarClaim,
    Unreadable,
    Variant,
)

STATES: Final = {
    "draft": RemoteState.DOWN,
    "hidden": RemoteState.DOWN,
    "live": RemoteState.LIVE,
    "banned": RemoteState.BANNED,
}
_FIELDS: Final = {
    "title",
    "description",
    "category",
    "attributes",
    "pictures",
    "variants",
}
_ID: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)


def is_id(ref: str) -> bool:
    """Say whether a listing *ref* can exist."""
    return _ID.fullmatch(ref) is not None


def canonical(listing: Listing) -> Listing:
    """Return *listing* with texts trimmed, in NFC, and no field without a place."""
    return replace(
        listing,
        title=_text(listing.title),
        description=_text(listing.description),
        attributes=tuple(sorted(listing.attributes)),
        variants=tuple(replace(each, gtin="") for each in listing.variants),
        trace_url="",
    )


def to_wire(listing: Listing, fields: Collection[str] = _FIELDS) -> dict[str, Any]:
    """Return the body that writes *fields*; our reference goes with all of them."""
    plain = canonical(listing)
    whole: dict[str, Any] = {
        "title": plain.title,
        "description": plain.description,
        "category": plain.category,
        "attributes": dict(plain.attributes),
        "pictures": list(plain.pictures),
        "variants": [_pack(each) for each in plain.variants],
    }
    body = {name: value for name, value in whole.items() if name in fields}
    if "variants" in body:
        body["packs"] = body.pop("variants")
    if set(fields) == _FIELDS:
        body["client_ref"] = listing.client_ref
        body["ocop"] = claim_to_wire(listing.stars)
    return body


def claim_to_wire(claim: StarClaim | None) -> dict[str, Any] | None:
    """Return a claim as ChoQue spells it; None is none at all."""
    if claim is None:
        return None
    until = claim.valid_to and claim.valid_to.isoformat()
    return {"stars": claim.stars, "decision": claim.decision, "valid_to": until}


def from_rows(rows: Rows) -> list[RemoteListing | Unreadable]:
    """Return listings in our terms; one that cannot be read is `Unreadable`."""
    return [_from_value(each) for each in rows.listings]


def by_ref(
    found: Sequence[RemoteListing | Unreadable], asked: Sequence[str]
) -> Mapping[str, RemoteListing | Unreadable]:
    """Return what was found by ref; one without a ref may be any that is missing."""
    known = {each.ref: each for each in found if each.ref}
    for nameless in (e for e in found if isinstance(e, Unreadable) and not e.ref):
        for ref in asked:
            known.setdefault(ref, replace(nameless, ref=ref))
    return known


def _from_value(value: JsonValue) -> RemoteListing | Unreadable:
    row = read_one(Row, value)
    if isinstance(row, str):
        return _unreadable(value, row)
    if row.state not in STATES:
        return _unreadable(value, "state: unknown")
    if row.client_ref and not all(map(_is_whole, row.packs)):
        return _unreadable(value, "packs: no SKU, price or stock")
    return RemoteListing(
        ref=str(row.id),
        state=STATES[row.state],
        shown=Listing(
            client_ref=row.client_ref,
            seller_ref="",
            title=row.title,
            description=row.description,
            category=row.category,
            attributes=tuple(sorted(row.attributes.items())),
            pictures=tuple(row.pictures),
            variants=tuple(sorted(map(_variant, row.packs), key=lambda v: v.sku)),
            stars=StarClaim(**row.ocop.model_dump()) if row.ocop else None,
        ),
    )


def _unreadable(value: JsonValue, reason: str) -> Unreadable:
    row = value if isinstance(value, dict) else {}
    ref, ours = row.get("id"), row.get("client_ref")
    return Unreadable(
        ref=str(ref) if type(ref) is int and is_id(str(ref)) else "",
        client_ref=ours[:100] if isinstance(ours, str) else "",
        reason=reason,
    )


def _is_whole(pack: Pack) -> bool:
    return bool(pack.sku) and pack.price is not None and pack.stock is not None


def _variant(pack: Pack) -> Variant:
    return Variant(
        sku=pack.sku,
        pack=pack.name,
        price_vnd=pack.price or 0,
        stock=pack.stock or 0,
        weight_g=pack.weight_g,
    )


def _pack(variant: Variant) -> dict[str, Any]:
    return {
        "sku": variant.sku,
        "name": variant.pack,
        "price": variant.price_vnd,
        "stock": variant.stock,
        "weight_g": variant.weight_g,
    }


def _text(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
