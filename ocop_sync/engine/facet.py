"""Listings taken apart into facets: values, fingerprints and differences.

A facet's value is plain data that goes into a JSON column and comes back equal.
Fingerprints are for finding out quickly *that* something differs; the difference itself
is always worked out on the values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from hashlib import blake2b
from marshal import dumps
from operator import attrgetter
from typing import Any, TypeAlias

from ocop_sync.marketplace.listing import Facet, Listing, StarClaim, Variant

Value: TypeAlias = dict[str, Any]
"""The value of one facet, as plain data."""

Values: TypeAlias = dict[str, Value]
"""The values of the facets of one listing, by the facet's name."""


PACKS = "variants"
"""The field of content that says which packs there are, by SKU."""

ATTRIBUTES = "attributes"
"""The field of content that holds name and value pairs, in any order."""

_COUNTED = frozenset({Facet.PRICE.value, Facet.STOCK.value})

_CONTENT = tuple(
    each.name
    for each in fields(Listing)
    if each.name not in {"client_ref", "seller_ref", "stars", PACKS}
)
"""Fields of content besides the packs, in the order in which they are stored: all that
a listing has, but for whose it is and its claim."""

_PACK = tuple(
    each.name
    for each in fields(Variant)
    if each.name not in {"sku", "price_vnd", "stock"}
)
"""The same of a pack: all but its SKU, and the price and stock, facets of their own."""

_LISTS = tuple(each.name for each in fields(Listing) if each.default == ())
_content_of, _pack_of = attrgetter(*_CONTENT), attrgetter(*_PACK)


def facet_values(listing: Listing) -> Values:
    """Take *listing* apart into the values of its facets.

    Whoever changes which fields there are adds a step to the shape of stored values
    (`ocop_sync.engine.state.stored_shape`): databases hold values as they were.
    """
    variants = sorted(listing.variants, key=_sku)
    return {
        Facet.CONTENT.value: _content_value(listing, variants),
        Facet.PRICE.value: {v.sku: v.price_vnd for v in variants},
        Facet.STOCK.value: {v.sku: v.stock for v in variants},
        Facet.STARS.value: _claim_value(listing.stars),
    }


def _sku(variant: Variant) -> str:
    return variant.sku


def _content_value(listing: Listing, variants: Iterable[Variant]) -> Value:
    content: Value = dict(zip(_CONTENT, _content_of(listing), strict=True))
    for name in _LISTS:
        value = content[name]
        content[name] = [list(e) if type(e) is tuple else e for e in value]
    content[PACKS] = {v.sku: _pack_value(v) for v in variants}
    return content


def _pack_value(variant: Variant) -> Value:
    return dict(zip(_PACK, _pack_of(variant), strict=True))


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

    Facets that *one* does not have are not compared: they are not managed. One that
    *other* does not have differs, unless there is nothing to say of it. Prices and
    stocks are compared for the packs that both have; which packs there are is content.
    Fields that one of the two does not know are not compared: their shown values were
    not read yet.
    """
    return frozenset(
        Facet(name) for name in one if _differs(name, one[name], other.get(name))
    )


def _differs(name: str, one: Value, other: Value | None) -> bool:
    if one == (other or {}):
        return False
    if name in _COUNTED:
        return bool(changed_skus(one, other))
    return not (one and other) or bool(differing_fields(one, other))


def is_same(facet: str, one: Value, other: Value) -> bool:
    """Say whether a facet shows the same in both, as far as both know its fields."""
    if one == other:
        return True
    return facet not in _COUNTED and not _differs(facet, one, other)


def agree(one: Values, other: Values) -> bool:
    """Say whether all facets show the same in both, as far as both know them."""
    if one == other:
        return True
    return one.keys() == other.keys() and all(
        is_same(name, value, other[name]) for name, value in one.items()
    )


def differing_fields(wanted: Value, found: Value) -> frozenset[str]:
    """Return the fields of *wanted* that differ; all, if nothing is found.

    A field that *found* does not know is not among them.
    """
    if not found:
        return frozenset(wanted)
    return frozenset(
        name
        for name, value in wanted.items()
        if name in found and not is_same_field(name, value, found[name])
    )


def is_same_field(name: str, one: Any, other: Any) -> bool:
    """Say whether a field shows the same in both; of packs, as far as both know.

    Attributes are the same in any order: values of earlier versions are in another.
    """
    if one == other:
        return True
    if name == ATTRIBUTES and one and other:
        return sorted(map(list, one)) == sorted(map(list, other))
    if name != PACKS or not (one and other) or one.keys() != other.keys():
        return False
    return not any(differing_fields(pack, other[sku]) for sku, pack in one.items())


def completed(known: Value, shown: Value) -> Value:
    """Return *known* with the fields that it does not know, as they show.

    The order of fields is that of *shown*. An added claim or pack is no field: the
    known value says that it was not there.
    """
    if not (known and shown):
        return known
    whole = _completed(known, shown)
    if known.get(PACKS) and shown.get(PACKS):
        found = shown[PACKS]
        whole[PACKS] = {
            sku: _completed(pack, found.get(sku, {}))
            for sku, pack in known[PACKS].items()
        }
    return whole


def _completed(known: Value, shown: Value) -> Value:
    return {**{name: known.get(name, v) for name, v in shown.items()}, **known}


def changed_skus(
    wanted: Mapping[str, int], found: Mapping[str, int] | None
) -> dict[str, int]:
    """Return the prices or stocks of *wanted* that are others in *found*, by SKU.

    All are, if nothing is known there: the facet was not managed so far.
    """
    if found is None:
        return dict(wanted)
    return {sku: n for sku, n in wanted.items() if found.get(sku, n) != n}
