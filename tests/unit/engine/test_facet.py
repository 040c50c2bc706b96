"""Facets: the fields of each, and stored values that compare equal."""

import json
import re
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocop_sync.engine.facet import (
    changed_skus,
    completed,
    differing_facets,
    differing_fields,
    facet_values,
    fingerprint,
    is_same,
    is_same_field,
)
from ocop_sync.marketplace.listing import Facet, Listing, StarClaim, Variant
from tests.unit.engine.examples import CLAIM, make_listing, make_offer

CONTENT, PRICE, STOCK, STARS = ({facet} for facet in Facet)
NO_FACET: set[Facet] = set()

OF_LISTING: dict[str, tuple[object, set[Facet]]] = {
    # By these the listing is found: they are no part of what it shows.
    "client_ref": ("SP-00002", NO_FACET),
    "seller_ref": ("CS-0002", NO_FACET),
    "title": ("Măng chua Mẫu", CONTENT),
    "description": ("Khác", CONTENT),
    "category": ("C-I.1.a", CONTENT),
    "attributes": ((("Xuất xứ", "Việt Nam"),), CONTENT),
    "pictures": ((), CONTENT),
    "trace_url": ("", CONTENT),
    # Which packs there are is content; prices and stocks are those of packs.
    "variants": ((), CONTENT),
    "stars": (None, STARS),
}
OF_VARIANT: dict[str, tuple[object, set[Facet]]] = {
    "sku": ("SP-00001-2", CONTENT),
    "pack": ("Túi 1 kg", CONTENT),
    "gtin": ("2000000000015", CONTENT),
    "weight_g": (520, CONTENT),
    "price_vnd": (50_000, PRICE),
    "stock": (9, STOCK),
}
OF_CLAIM: dict[str, tuple[object, set[Facet]]] = {
    "stars": (5, STARS),
    "decision": ("002/QĐ-MẪU", STARS),
    "valid_to": (date(2027, 5, 10), STARS),
}
CHANGED = {
    f"{owner.__name__}.{name}": (owner, name, value, expected)
    for owner, table in (
        (Listing, OF_LISTING),
        (Variant, OF_VARIANT),
        (StarClaim, OF_CLAIM),
    )
    for name, (value, expected) in table.items()
}

texts = st.text(st.characters(codec="utf-8"), max_size=8)
offers = st.builds(
    Variant,
    sku=st.sampled_from(["A-1", "A-2", "A-3"]),
    pack=texts,
    price_vnd=st.integers(0, 10**9),
    stock=st.integers(0, 10**6),
    gtin=texts,
    weight_g=st.none() | st.integers(1, 10**5),
)
listings = st.builds(
    Listing,
    client_ref=st.just("SP-00001"),
    seller_ref=st.just("CS-0001"),
    title=texts,
    description=texts,
    category=texts,
    variants=st.lists(offers, max_size=3, unique_by=lambda v: v.sku).map(
        lambda several: tuple(sorted(several, key=lambda v: v.sku))
    ),
    attributes=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    pictures=st.lists(texts, max_size=2).map(tuple),
    trace_url=texts,
    stars=st.none()
    | st.builds(
        StarClaim,
        stars=st.sampled_from([3, 4, 5]),
        decision=texts,
        valid_to=st.none() | st.dates(),
    ),
)


def changed(owner: type, name: str, value: Any) -> Listing:
    """Return the listing with one field of it, its pack or its claim changed."""
    if owner is Variant:
        return make_listing(variants=(make_offer(**{name: value}),))
    if owner is StarClaim:
        return make_listing(stars=replace(CLAIM, **{name: value}))
    return make_listing(**{name: value})


@pytest.mark.parametrize(
    ("owner", "name", "value", "expected"), CHANGED.values(), ids=CHANGED
)
def test_each_field_belongs_to_its_facet(
    owner: type, name: str, value: object, expected: set[Facet]
) -> None:
    found = facet_values(changed(owner, name, value))

    assert differing_facets(facet_values(make_listing()), found) == expected


@pytest.mark.parametrize("owner", [Listing, Variant, StarClaim])
def test_no_field_is_forgotten(owner: type[Any]) -> None:
    tried = {name for of, name, *_ in CHANGED.values() if of is owner}

    assert tried == {field.name for field in fields(owner)}


@given(listings)
def test_what_was_stored_as_json_compares_as_it_was(listing: Listing) -> None:
    values = facet_values(listing)
    stored = json.loads(json.dumps(values))

    assert stored == values
    assert fingerprint(stored) == fingerprint(values)


@given(listings, listings, st.sampled_from([field.name for field in fields(Listing)]))
def test_fingerprints_are_equal_where_values_are(
    one: Listing, other: Listing, field: str
) -> None:
    near = replace(one, **{field: getattr(other, field)})
    pairs = zip(facet_values(one).values(), facet_values(near).values(), strict=True)

    for value, found in pairs:
        assert (fingerprint(value) == fingerprint(found)) is (value == found)


def test_the_order_of_packs_makes_no_difference() -> None:
    packs = [make_offer(sku=sku) for sku in ("A", "B", "C")]
    one, other = (
        facet_values(make_listing(variants=tuple(each)))
        for each in (packs, packs[::-1])
    )

    assert fingerprint(one) == fingerprint(other)


def test_a_fingerprint_is_short_and_plain() -> None:
    assert re.fullmatch("[0-9a-f]{24}", fingerprint({"a": [1, "măng", None]}))


def test_no_claim_is_an_empty_value() -> None:
    assert facet_values(make_listing(stars=None))["stars"] == {}
    assert facet_values(make_listing(stars=StarClaim(stars=3)))["stars"] == {
        "stars": 3,
        "decision": "",
        "valid_to": "",
    }


def test_the_parts_of_content_are_called_as_the_fields_that_an_update_names() -> None:
    names = {field.name for field in fields(Listing)}

    assert facet_values(make_listing())["content"].keys() <= names


def test_a_facet_that_is_not_managed_is_not_compared() -> None:
    values = facet_values(make_listing())
    managed = {name: value for name, value in values.items() if name != "stars"}
    found = facet_values(make_listing(stars=None, title="Khác"))

    assert differing_facets(managed, found) == {Facet.CONTENT}


def test_a_listing_of_which_nothing_is_known_differs() -> None:
    values = facet_values(make_listing())

    assert differing_facets(values, {}) == set(Facet)


def test_the_fields_that_differ_are_named() -> None:
    wanted = facet_values(make_listing())["content"]
    found = facet_values(make_listing(title="Khác", pictures=()))["content"]

    assert differing_fields(wanted, found) == {"title", "pictures"}


def test_fields_that_one_of_both_does_not_know_are_not_compared() -> None:
    wanted = facet_values(make_listing())["content"]
    found = facet_values(make_listing(trace_url=""))["content"]
    del found["trace_url"]

    assert differing_fields(wanted, found | {"rating": 5}) == frozenset()
    assert is_same("content", wanted, found | {"rating": 5})


def test_all_fields_differ_from_what_is_not_known_at_all() -> None:
    wanted = facet_values(make_listing())["content"]

    assert differing_fields(wanted, {}) == wanted.keys()


@pytest.mark.parametrize(
    ("packs", "same"),
    [
        pytest.param({"A": {"pack": "Gói"}}, True, id="a field is not known"),
        pytest.param({"A": {"pack": "Gói", "gtin": "1"}}, False, id="another value"),
        pytest.param({"A": {"pack": "Gói"}, "B": {}}, False, id="a pack more"),
        pytest.param({"B": {"pack": "Gói"}}, False, id="another pack"),
        pytest.param({}, False, id="no pack"),
    ],
)
def test_packs_are_compared_by_sku_and_by_the_fields_that_both_know(
    packs: dict[str, Any], same: bool
) -> None:
    wanted = {"A": {"pack": "Gói", "gtin": ""}}

    assert is_same_field("variants", wanted, packs) is same
    assert is_same_field("variants", packs, wanted) is same


@pytest.mark.parametrize("known", [{}, {"stars": 4}], ids=["no claim", "a claim"])
def test_a_claim_that_was_added_or_taken_off_is_no_field(known: dict[str, Any]) -> None:
    shown = {} if known else {"stars": 4, "body": "tỉnh"}

    assert completed(known, shown) == known


def test_what_is_not_known_is_completed_with_what_shows() -> None:
    known = {"title": "A", "variants": {"1": {"pack": "Gói"}}}
    shown = {
        "title": "B",
        "video": "v",
        "variants": {"1": {"pack": "Túi", "gtin": "9"}, "2": {"pack": "Hộp"}},
    }

    assert completed(known, shown) == {
        "title": "A",
        "video": "v",
        "variants": {"1": {"pack": "Gói", "gtin": "9"}},
    }


def test_only_numbers_that_differ_of_packs_that_both_have_are_changed() -> None:
    wanted = {"same": 1, "other": 2, "new": 0}

    assert changed_skus(wanted, {"same": 1, "other": 3, "gone": 4}) == {"other": 2}


def test_attributes_in_another_order_are_the_same() -> None:
    """Earlier versions stored them in the order of the Vietnamese alphabet."""
    pairs = (("Hạn sử dụng", "12 tháng"), ("Hướng dẫn", "Để nơi khô ráo"))
    before = facet_values(make_listing(attributes=pairs))
    now = facet_values(make_listing(attributes=tuple(sorted(pairs))))

    assert before != now
    assert differing_facets(before, now) == frozenset()
    other = facet_values(make_listing(attributes=(pairs[0], pairs[0])))
    assert differing_facets(before, other) == {Facet.CONTENT}
