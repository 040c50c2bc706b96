"""Listings taken apart into facets: values, fingerprints and differences.

A facet's value is plain data that goes into a JSON column and comes back
equal. Fingerprints are for finding out quickly *that* something differs; *what*
differs is always worked out on the values.
"""

from collections.abc import Mapping
from hashlib import blake2b
from marshal import dumps
from typing import Any, TypeAlias

from ocop_sync.marketplace.listing import Facet, Listing, StarClaim, Variant

Value: TypeAlias = dict[str, Any]
"""The value of one facet, as plain data."""

Values: TypeAlias = dict[str, Value]
"""The values of the facets of one listing, by the facet's name."""


_COUNTED = frozenset({Facet.PRICE.value, Facet.STOCK.value})


def facet_values(listing: Listing) -> Values:
    """Take *listing* apart into the values of its facets."""
    variants = sorted(listing.variants, key=_sku)
    return {
        Facet.CONTENT.value: {
            "title": listing.title,
            "description": listing.description,
            "category": listing.category,
            "attributes": [list(pair) for pair in listing.attributes],
            "pictures": list(listing.pictures),
            "trace_url": listing.trace_url,
            "variants": {v.sku: [v.pack, v.gtin, v.weight_g] for v in variants},
        },
        Facet.PRICE.value: {v.sku: v.price_vnd for v in variants},
        Facet.STOCK.value: {v.sku: v.stock for v in variants},
        Facet.STARS.value: _claim_value(listing.stars),
    }


def _sku(variant: Variant) -> str:
    return variant.sku


def _claim_value(claim: StarClaim | None) -> Value:
    """Return the value of the stars facet; empty means that nothing is claimed."""
    if claim is None:
        return {}
    return {
        "stars": claim.stars,
        "decision": claim.decision,
        "valid_to": claim.valid_to.isoformat() if claim.valid_to else "",
    }


def fingerprint(data: Any) -> str:
    """Return 24 hexadecimal digits that stand for plain *data*.

    Dictionaries must have been built in the same order to count as equal, as
    those of `facet_values` are. Format 0 of `marshal` writes equal data as
    equal bytes, whoever else refers to its parts.
    """
    return blake2b(dumps(data, 0), digest_size=12).hexdigest()


def differing_facets(one: Values, other: Values) -> frozenset[Facet]:
    """Return the facets of *one* whose value in *other* is another.

    Facets that *one* does not have are not compared: they are not managed. One
    that *other* does not have differs, unless there is nothing to say of it.
    Prices and stocks are compared for the packs that both have; which packs
    there are is content.
    """
    return frozenset(
        Facet(name) for name in one if _differs(name, one[name], other.get(name))
    )


def _differs(name: str, one: Value, other: Value | None) -> bool:
    if one == (other or {}):
        return False
    return name not in _COUNTED or bool(changed_skus(one, other))


def differing_fields(wanted: Value, found: Value) -> frozenset[str]:
    """Return the fields of a content value that differ."""
    return frozenset(name for name in wanted if wanted[name] != found.get(name))


def changed_skus(
    wanted: Mapping[str, int], found: Mapping[str, int] | None
) -> dict[str, int]:
    """Return the prices or stocks of *wanted* that are others in *found*, by SKU.

    All are, if nothing is known there: the facet was not managed so far.
    """
    if found is None:
        return dict(wanted)
    return {sku: n for sku, n in wanted.items() if found.get(sku, n) != n}
