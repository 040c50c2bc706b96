"""Listings and changes in Voso's terms and back, without any call.

Answers are tested in `test_answer`, all of it against the mock in `test_adapter`.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.voso.convert import canonical, from_wire, to_wire
from adapters.voso.payload import (
    price_to_wire,
    seller_to_wire,
    stars_to_wire,
    stock_to_wire,
    update_to_wire,
)
from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.change import SetPrice, SetStars, SetStock, Update
from ocop_sync.marketplace.listing import (
    Listing,
    Problem,
    RemoteState,
    Seller,
    StarClaim,
    Variant,
)
from tests.adapters.documents import read_table, take_empty
from tests.adapters.voso.shop import field_of
from tests.adapters.voso.support import make_listing, make_variant, sample

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def test_a_listing_is_said_as_the_documents_show() -> None:
    item: dict[str, Any] = dict(to_wire(make_listing()))
    said = sample("listing_item")
    rows = read_table("voso", "field", "missing", "null", "may be", "else")
    documented = {field_of(row) for row in rows}

    assert take_empty(item, said) <= documented
    packs = take_empty(item["VARIANTS"][0], said["VARIANTS"][0])
    assert {f"VARIANTS[].{name}" for name in packs} <= documented
    assert item == said


def test_a_listing_without_a_claim_says_null_and_no_stars() -> None:
    assert to_wire(make_listing(stars=None))["OCOP"] is None


def test_a_page_is_read_as_the_documents_show() -> None:
    page = from_wire(sample("product_page"), seller_ref="CS-0001")

    [first, _] = page.items
    assert (first.ref, page.next) == ("700101", "c2F1OjcwMDEwMw==")
    assert first.state is RemoteState.REFUSED
    assert first.version == "5"
    assert first.seller_name == "Cơ sở Mẫu 001"
    assert first.problems == (
        Problem(code="MODERATOR", message="Ảnh mờ.", field="IMAGES"),
    )
    assert first.shown == Listing(
        client_ref="SP-00001",
        seller_ref="CS-0001",
        title="Trà hoa vàng mẫu 1",
        description="Hoa sấy lạnh.\nPha với nước 90 độ.",
        category="10502",
        attributes=(("Khối lượng tịnh", "50 g"), ("Xuất xứ", "Việt Nam")),
        pictures=("https://anh.example/1.jpg",),
        trace_url="https://truyxuat.example/1",
        variants=(
            make_variant(pack="Hộp 50 g", price_vnd=250_000, stock=7, weight_g=120),
            Variant(sku="SP-00001-2", pack="Hộp 100 g", price_vnd=480_000, stock=0),
        ),
        stars=StarClaim(stars=4, decision="001/QĐ-MẪU", valid_to=date(2027, 5, 10)),
    )


def test_a_page_leaves_out_what_is_deleted_and_takes_a_bare_draft() -> None:
    [_, draft] = from_wire(sample("product_page"), seller_ref="").items

    assert (draft.ref, draft.state) == ("700103", RemoteState.DOWN)
    assert (draft.shown.variants, draft.shown.stars) == ((), None)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        pytest.param(0, RemoteState.DOWN, id="draft"),
        pytest.param(1, RemoteState.IN_REVIEW, id="waiting"),
        pytest.param(2, RemoteState.LIVE, id="on sale"),
        pytest.param(3, RemoteState.REFUSED, id="refused"),
        pytest.param(4, RemoteState.DOWN, id="stopped"),
        pytest.param(7, RemoteState.BANNED, id="locked"),
    ],
)
def test_each_status_has_its_state(status: int, state: RemoteState) -> None:
    page = from_wire({"PRODUCTS": [{"ID": 1, "STATUS": status}]}, seller_ref="")

    assert page.items[0].state is state


@pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(lambda p: p.update(STATUS=5), id="a status of no meaning"),
        pytest.param(lambda p: p.update(ID="700101"), id="a number as text"),
        pytest.param(lambda p: p.update(ID=10**400), id="an endless number"),
        pytest.param(lambda p: p.update(ID=True), id="a truth for a number"),
        pytest.param(lambda p: p.update(VARIANTS={}), id="an object for a list"),
        pytest.param(lambda p: p["OCOP"].update(VALID_TO="2027-05-10"), id="a date"),
        pytest.param(lambda p: p["OCOP"].update(STARS=10**30), id="endless stars"),
        pytest.param(lambda p: p.pop("STATUS"), id="no status"),
    ],
)
def test_a_product_that_is_not_as_documented_keeps_no_other_back(
    break_it: Callable[[dict[str, Any]], object],
) -> None:
    page = sample("product_page")
    whole = from_wire(page, seller_ref="").items
    break_it(page["PRODUCTS"][0])

    read = from_wire(page, seller_ref="")

    assert read.items == whole[1:]
    [odd] = read.unreadable
    assert odd.client_ref == "SP-00001"
    assert odd.ref in (whole[0].ref, "")


OPTIONAL = (
    *("REVISION", "CLIENT_CODE", "NAME", "CAT_ID", "DESCRIPTION", "ATTRIBUTES"),
    *("IMAGES", "TRACE_URL", "VARIANTS", "OCOP", "REASONS", "SHOP_NAME"),
    *("VARIANTS.PACK", "VARIANTS.GTIN", "VARIANTS.WEIGHT_G", "ATTRIBUTES.NAME"),
    *("ATTRIBUTES.VALUE", "OCOP.DECISION", "OCOP.VALID_TO"),
    *("REASONS.CODE", "REASONS.MESSAGE", "REASONS.FIELD"),
)
NEEDED = (
    *("ID", "STATUS", "VARIANTS.SKU", "VARIANTS.PRICE", "VARIANTS.STOCK"),
    "OCOP.STARS",
)


def lacking(field: str) -> list[dict[str, Any]]:
    """Return the sample with a null in a field of its first product, and without it."""
    pages = [sample("product_page"), sample("product_page")]
    outer, _, name = field.rpartition(".")
    parts = []
    for page in pages:
        product = page["PRODUCTS"][0]
        inner = product[outer] if outer else product
        parts.append(inner[0] if isinstance(inner, list) else inner)
    parts[0][name] = None
    del parts[1][name]
    return pages


@pytest.mark.parametrize("field", OPTIONAL)
def test_null_and_missing_count_alike(field: str) -> None:
    with_null, without = (from_wire(p, seller_ref="") for p in lacking(field))

    assert with_null == without
    assert not with_null.unreadable


@pytest.mark.parametrize("field", NEEDED)
def test_a_null_where_a_value_is_needed_is_named(field: str) -> None:
    for data in lacking(field):
        read = from_wire(data, seller_ref="")

        [odd] = read.unreadable
        assert field in odd.reason.replace(".0.", ".")
        assert len(read.items) == 1


@pytest.mark.parametrize("data", [None, [], {}, {"PRODUCTS": {}}, {"PRODUCTS": None}])
def test_what_is_no_page_is_a_protocol_error(data: object) -> None:
    with pytest.raises(ProtocolError):
        from_wire(data, seller_ref="")


@pytest.mark.parametrize("odd", [None, 7, "x", [], {"ID": None}])
def test_what_does_not_even_say_which_product_it_is_is_counted(odd: object) -> None:
    read = from_wire({"PRODUCTS": [odd, {"ID": 1, "STATUS": 2}]}, seller_ref="")

    assert [each.ref for each in read.items] == ["1"]
    assert [each.ref for each in read.unreadable] == [""]


def test_what_is_said_of_a_product_holds_nothing_of_it() -> None:
    data = {"PRODUCTS": [{"ID": 1, "STATUS": 1, "NAME": ["Nguyễn Văn Mẫu"]}]}

    [odd] = from_wire(data, seller_ref="").unreadable

    assert "NAME" in odd.reason
    assert "Nguyễn" not in odd.reason


@given(JSON)
def test_any_json_gives_a_page_or_a_protocol_error(data: object) -> None:
    with _only_protocol_errors():
        from_wire(data, seller_ref="")


@given(
    st.sampled_from(sorted(sample("product_page")["PRODUCTS"][0])),
    JSON,
    st.booleans(),
)
def test_any_json_in_any_field_gives_a_page_or_a_protocol_error(
    name: str, value: object, inside: bool
) -> None:
    page = copy.deepcopy(sample("product_page"))
    product = page["PRODUCTS"][0]
    product[name] = [dict.fromkeys(("NAME", "SKU"), value)] if inside else value

    with _only_protocol_errors():
        from_wire(page, seller_ref="")


class _only_protocol_errors:  # noqa: N801 - reads as words in a with statement
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is ProtocolError


LISTINGS = st.builds(
    make_listing,
    title=TEXT,
    description=TEXT,
    attributes=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    pictures=st.lists(TEXT, max_size=3).map(tuple),
    trace_url=TEXT,
    variants=st.lists(
        st.builds(make_variant, sku=TEXT, pack=TEXT, weight_g=st.sampled_from([0, 5])),
        max_size=3,
    ).map(tuple),
)


@given(LISTINGS)
def test_what_is_canonical_stays_so(listing: Listing) -> None:
    once = canonical(listing)

    assert canonical(once) == once


@given(LISTINGS)
def test_what_is_canonical_comes_back_as_it_was_sent(listing: Listing) -> None:
    once = canonical(listing)
    said = {**to_wire(once), "ID": 1, "STATUS": 2}

    [found] = from_wire({"PRODUCTS": [said]}, seller_ref=once.seller_ref).items

    assert found.shown == once


def test_an_update_says_only_the_fields_that_differ() -> None:
    fields = frozenset({"title", "pictures"})
    change = Update(client_ref="", ref="7", listing=make_listing(), fields=fields)

    assert update_to_wire(change) == {
        "ID": 7,
        "FIELD_MASK": ["NAME", "IMAGES"],
        "NAME": "Mật ong hoa rừng mẫu 1",
        "IMAGES": ["https://anh.example/1.jpg"],
    }


def test_every_field_of_the_content_facet_has_its_mask() -> None:
    others = {"seller_ref", "stars"}  # of the account, of a facet of its own
    fields = frozenset(Listing.__slots__) - others
    change = Update(client_ref="", ref="7", listing=make_listing(), fields=fields)

    assert len(update_to_wire(change)["FIELD_MASK"]) == len(fields)


def test_prices_stocks_and_stars_have_masks_of_their_own() -> None:
    ids = {"client_ref": "SP-00001", "ref": "7"}

    assert price_to_wire(SetPrice(**ids, prices={"A": 1_000})) == {
        "ID": 7,
        "FIELD_MASK": ["VARIANTS.PRICE"],
        "VARIANTS": [{"SKU": "A", "PRICE": 1_000}],
    }
    assert stock_to_wire(SetStock(**ids, stocks={"A": 0})) == {
        "ID": 7,
        "FIELD_MASK": ["VARIANTS.STOCK"],
        "VARIANTS": [{"SKU": "A", "STOCK": 0}],
    }
    assert stock_to_wire(SetStock(**ids, stocks={"A": 0}, version="12")) == {
        "ID": 7,
        "FIELD_MASK": ["VARIANTS.STOCK"],
        "VARIANTS": [{"SKU": "A", "STOCK": 0}],
        "REVISION": 12,
    }
    assert stars_to_wire(SetStars(**ids, stars=None)) == {
        "ID": 7,
        "FIELD_MASK": ["OCOP"],
        "OCOP": None,
    }


def test_a_claim_whose_end_is_not_known_says_no_end() -> None:
    change = SetStars(client_ref="", ref="7", stars=StarClaim(stars=3))

    assert stars_to_wire(change)["OCOP"] == {
        "STARS": 3,
        "DECISION": "",
        "VALID_TO": "",
    }


def test_a_shop_is_said_with_the_codes_of_before_july_2025() -> None:
    seller = Seller(
        client_ref="CS-0001",
        name="Cơ sở Mẫu 001",
        commune_code="06709",
        old_commune_code="06712",
        old_district_code="194",
    )

    said = seller_to_wire(seller)

    assert (said["OLD_DISTRICT_CODE"], said["OLD_WARD_CODE"]) == ("194", "06712")
    assert "06709" not in said.values()


def test_a_category_that_is_no_number_is_sent_as_none_that_exists() -> None:
    assert to_wire(replace(make_listing(), category="mật ong"))["CAT_ID"] == 0
