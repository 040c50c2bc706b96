"""The wanted listing of a product at a marketplace, from the catalog's verdict.

The verdict on a product is tested with the catalog, a claim in a text in
tests/unit/test_claim.py.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.eligibility import evaluate, load_rules
from catalog.model.fact import UNATTESTED, Attested, Fact
from catalog.model.paper import PaperKind
from catalog.model.product import Label, Picture, Product, Size, StockPolicy
from catalog.values import names_of, replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import Want
from ocop_sync.engine.wanted.claim import has_claim
from ocop_sync.engine.wanted.draft import Conditions, Draft, share_of
from ocop_sync.engine.wanted.from_verdict import draft_wanted
from ocop_sync.engine.wanted.wanted import Wanted, no_product
from ocop_sync.marketplace.listing import Facet, Listing, StarClaim, Variant
from ocop_sync.marketplace.mapping import ListingMapping, PictureRules, TextRules
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.factories import (
    AT,
    GTIN,
    NOT_SO,
    SEEN,
    make_certificate,
    make_mapping,
    make_paper,
    make_producer,
    make_product,
    make_variant,
)

RULES: Final = load_rules()
TITLE_OF_30: Final[dict[str, Any]] = {
    "mapping": make_mapping(title=TextRules(max_length=30))
}
ENDED: Final = make_certificate(decided_on=date(2020, 5, 10))
"""In force through 10 May 2023."""
WITHOUT_PAPER: Final = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
PAPER_UNKNOWN: Final = (make_paper(PaperKind.DECLARATION),)


def make_place(
    canonical: Callable[[Listing], Listing] = InMemoryMarketplace.canonical,
    mapping: ListingMapping | None = None,
    **capabilities: Any,
) -> Conditions:
    """Return the marketplace in memory, with some of what it can do changed."""
    return Conditions(
        name="memory",
        capabilities=replace(InMemoryMarketplace.capabilities, **capabilities),
        mapping=mapping or make_mapping(),
        canonical=canonical,
    )


def wanted(
    product: Product,
    place: Conditions | None = None,
    places: tuple[str, ...] = ("memory",),
    *,
    at: datetime = AT,
    **options: Any,
) -> Wanted:
    """Return what *place* should show at noon of 1 March 2024, or *at*."""
    draft = draft_of(product, at, **options.pop("producer", {}))
    return draft.at(place or make_place(), places, **options)


def draft_of(product: Product, at: datetime = AT, **producer: Any) -> Draft:
    """Return what every marketplace should show."""
    verdict = evaluate(product, make_producer(**producer), at, RULES)
    return draft_wanted(product, verdict)


def bare(**differences: Any) -> Wanted:
    """Return the wish for a product whose certificate has ended."""
    return wanted(make_product(certificates=(ENDED,), **differences))


def shown(wish: Wanted) -> Listing:
    assert wish.listing is not None
    return wish.listing


# As the catalog says


def test_a_listing_shows_what_the_catalog_holds() -> None:
    wish = wanted(make_product())

    assert wish.listing == Listing(
        client_ref="SP-00001",
        seller_ref="CS-0001",
        title="Măng khô Mẫu",
        description="Măng khô để thử phần mềm.",
        category="C-I.3.c",
        variants=(
            Variant(
                sku="SP-00001-1",
                pack="Gói 500 g",
                price_vnd=45_000,
                stock=20,
                gtin=GTIN,
                weight_g=520,
            ),
        ),
        attributes=(
            ("Cảnh báo", "Không dùng khi có mùi lạ"),
            ("Hướng dẫn sử dụng và bảo quản", "Ngâm trước khi nấu; để nơi khô ráo"),
            ("Hạn sử dụng", "NSX và HSD in trên bao bì"),
            ("Khối lượng tịnh", "500 g"),
            ("Thành phần", "Măng tươi"),
            ("Xuất xứ", "Việt Nam"),
        ),
        pictures=("https://mau.example/1.jpg",),
        trace_url="https://qn.check.net.vn/mau/1",
        stars=StarClaim(stars=4, decision="001/QĐ-MẪU", valid_to=date(2026, 5, 10)),
    )


def test_attributes_are_sorted_as_an_adapter_would_sort_them() -> None:
    attributes = shown(wanted(make_product())).attributes

    assert len(attributes) > 1
    assert list(attributes) == sorted(attributes)


def test_a_wish_says_where_it_comes_from() -> None:
    wish = wanted(make_product())

    assert (wish.product_id, wish.seller_ref) == ("SP-00001", "CS-0001")
    assert (wish.want, wish.problem, wish.reason) == (Want.LISTED, None, None)
    assert (wish.cause, wish.counted) == ("catalog", "listable")
    assert wish.mapping_version == make_mapping().mapping_version > 0
    assert wish.ends_on == "2026-05-10"
    # Other rules hold from 1 June 2024 in Vietnam.
    assert wish.until == datetime(2024, 5, 31, 17, tzinfo=UTC)
    assert wish.values == facet_values(shown(wish))
    assert wish.stars == shown(wish).stars


def test_a_product_without_a_known_producer_is_nobodys() -> None:
    wish = wanted(make_product(producer_id=None))

    assert wish.seller_ref == shown(wish).seller_ref == ""


@pytest.mark.parametrize(
    ("packs", "of_product", "attribute"),
    [
        pytest.param([("Hộp", "500 g")], "", "500 g", id="one"),
        pytest.param([("Hộp", "500 g"), ("Túi", "500 g")], "", "500 g", id="alike"),
        pytest.param(
            [("Hộp", "500 g"), ("Túi", "1 kg")], "", "Hộp: 500 g; Túi: 1 kg", id="two"
        ),
        pytest.param([("500 g", "500 g"), ("", "1 kg")], "", "500 g; 1 kg", id="bare"),
        pytest.param(
            [("Hộp", "500 g"), ("Túi", "")], "x", "Hộp: 500 g", id="one of two"
        ),
        pytest.param([("Hộp", ""), ("Túi", "")], "500 g", "500 g", id="of the product"),
    ],
)
def test_a_listing_tells_the_net_quantity_of_each_pack(
    packs: list[tuple[str, str]], of_product: str, attribute: str
) -> None:
    variants = tuple(
        make_variant(sku=f"SP-00001-{n}", pack=pack, net_quantity=quantity, gtin="")
        for n, (pack, quantity) in enumerate(packs, start=1)
    )
    product = make_product(label=Label(net_quantity=of_product), variants=variants)

    assert shown(wanted(product)).attributes == (("Khối lượng tịnh", attribute),)


def test_what_the_label_lacks_is_no_attribute() -> None:
    label = Label(origin="Việt Nam", ingredients="Măng tươi")
    packs = (make_variant(net_quantity=""),)

    assert shown(wanted(make_product(label=label, variants=packs))).attributes == (
        ("Thành phần", "Măng tươi"),
        ("Xuất xứ", "Việt Nam"),
    )


def test_text_that_is_composed_here_carries_no_claim() -> None:
    listing = shown(wanted(make_product()))

    assert not has_claim(repr(replace(listing, stars=None)), decision="001/QĐ-MẪU")


def test_a_listing_is_wanted_as_the_marketplace_will_show_it() -> None:
    def loud(listing: Listing) -> Listing:
        return replace(listing, title=listing.title.upper())

    wish = wanted(make_product(), make_place(loud))

    assert shown(wish).title == "MĂNG KHÔ MẪU"
    assert wish.values == facet_values(shown(wish))


def test_only_as_many_pictures_are_wanted_as_the_marketplace_takes() -> None:
    pictures = tuple(
        Picture(url=f"https://mau.example/{n}.jpg", shows_ocop_mark=Fact.YES)
        for n in range(3)
    )
    place = make_place(
        lambda listing: listing,
        make_mapping(pictures=PictureRules(max_count=2)),
    )

    listing = shown(wanted(make_product(pictures=pictures), place))

    assert listing.pictures == tuple(picture.url for picture in pictures[:2])


@pytest.mark.parametrize("facet", [Facet.PRICE, Facet.STOCK, Facet.STARS])
def test_a_facet_that_the_marketplace_has_no_place_for_is_not_managed(
    facet: Facet,
) -> None:
    place = make_place(facets=frozenset(Facet) - {facet})
    managed = [each.value for each in Facet if each is not facet]

    wish = wanted(make_product(), place)

    assert wish.values == {name: facet_values(shown(wish))[name] for name in managed}


def test_a_marketplace_without_a_place_for_stars_is_still_without_them() -> None:
    place = make_place(facets=frozenset(Facet) - {Facet.STARS})

    wish = wanted(make_product(certificates=(ENDED,), set_code=""), place)

    assert "stars" not in (wish.values or {})


def test_packs_without_price_or_count_are_left_out() -> None:
    product = make_product(
        variants=(
            make_variant(sku="SP-00001-1", on_hand=None),
            make_variant(sku="SP-00001-2", price_vnd=None),
            make_variant(sku="SP-00001-3", price_vnd=0, on_hand=0),
        )
    )

    assert [v.sku for v in shown(wanted(product)).variants] == ["SP-00001-3"]


def test_a_draft_serves_every_marketplace() -> None:
    product = make_product()
    draft = draft_wanted(product, evaluate(product, make_producer(), AT, RULES))
    mapping = make_mapping(categories={"I.3.c": "X"})
    other = replace(make_place(mapping=mapping), name="another")

    assert draft.at(make_place(), ["memory"]) == wanted(product)
    assert shown(draft.at(other, ["another", "memory"])).category == "X"


# Stock

PLACES = ("an", "binh", "chi")


@pytest.mark.parametrize(
    ("pack", "policy", "places", "shares"),
    [
        ({"on_hand": 21}, StockPolicy.SPLIT, 1, [21]),
        ({"on_hand": 21}, StockPolicy.SPLIT, 2, [11, 10]),
        ({"on_hand": 20}, StockPolicy.SPLIT, 3, [8, 6, 6]),
        ({"on_hand": 2}, StockPolicy.SPLIT, 3, [2, 0, 0]),
        ({"on_hand": 0}, StockPolicy.SPLIT, 3, [0, 0, 0]),
        ({"on_hand": 20, "reserved": 5, "buffer": 4}, StockPolicy.SPLIT, 2, [6, 5]),
        ({"on_hand": 5, "reserved": 5, "buffer": 4}, StockPolicy.SPLIT, 2, [0, 0]),
        ({"on_hand": 20, "reserved": 5, "buffer": 4}, StockPolicy.MIRROR, 2, [11, 11]),
        ({"on_hand": 1, "reserved": 5}, StockPolicy.MIRROR, 2, [0, 0]),
        ({"on_hand": None}, StockPolicy.SPLIT, 1, [0]),
    ],
)
def test_stock_is_shared_and_the_rest_goes_to_the_first_by_name(
    pack: dict[str, Any], policy: StockPolicy, places: int, shares: list[int]
) -> None:
    names = PLACES[:places]
    variant = make_variant(**pack)

    assert [share_of(variant, policy, name, names) for name in names] == shares


def test_what_no_marketplace_offers_yet_is_not_divided() -> None:
    assert share_of(make_variant(on_hand=21), StockPolicy.SPLIT, "an", ()) == 21


@given(
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(1, 7),
)
def test_the_shares_are_all_that_is_available_and_never_more(
    on_hand: int, reserved: int, buffer: int, count: int
) -> None:
    names = [f"san-{n}" for n in range(count)]
    pack = make_variant(on_hand=on_hand, reserved=reserved, buffer=buffer)

    shares = [share_of(pack, StockPolicy.SPLIT, name, names) for name in names]

    assert sum(shares) == max(0, on_hand - reserved - buffer)
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] < count
    assert len(set(shares[1:])) <= 1


@pytest.mark.parametrize(
    ("policy", "stock"), [(StockPolicy.SPLIT, 10), (StockPolicy.MIRROR, 20)]
)
def test_a_listing_offers_its_share_by_the_products_own_policy(
    policy: StockPolicy, stock: int
) -> None:
    wish = wanted(make_product(stock_policy=policy), places=("an", "memory"))

    assert [v.stock for v in shown(wish).variants] == [stock]


@pytest.mark.parametrize(("other", "stock"), [("an", 10), ("voso", 11)])
def test_a_listing_offers_the_share_of_its_marketplace(other: str, stock: int) -> None:
    product = make_product(variants=(make_variant(on_hand=21),))

    wish = wanted(product, places=tuple(sorted(["memory", other])))

    assert [v.stock for v in shown(wish).variants] == [stock]


# What cannot be shown

FEW_PX: Final = Picture(url="https://mau.example/1.jpg", size=Size(299, 900))
NEEDS_PICTURE: Final = make_mapping(
    pictures=PictureRules(
        required=True, max_count=9, min_width_px=300, min_height_px=300
    )
)
CANNOT: dict[str, tuple[dict[str, Any], dict[str, Any], Hold]] = {
    "no pack": ({"variants": ()}, {}, Hold.NO_PRICE),
    "no price": ({"variants": (make_variant(price_vnd=None),)}, {}, Hold.NO_PRICE),
    "no count": ({"variants": (make_variant(on_hand=None),)}, {}, Hold.NO_STOCK_COUNT),
    "neither": (
        {"variants": (make_variant(on_hand=None, price_vnd=None),)},
        {},
        Hold.NO_PRICE,
    ),
    "no category": (
        {},
        {"mapping": make_mapping(categories={"I.1.a": "C"}, fallback_category="F")},
        Hold.NO_CATEGORY,
    ),
    "long title": ({"name": "M" * 31}, TITLE_OF_30, Hold.TITLE_TOO_LONG),
    "long description": (
        {"description": "M" * 31},
        {"mapping": make_mapping(description=TextRules(max_length=30))},
        Hold.DESCRIPTION_TOO_LONG,
    ),
    "no picture": ({"pictures": ()}, {"mapping": NEEDS_PICTURE}, Hold.NO_PICTURE),
}


@pytest.mark.parametrize("why", CANNOT)
def test_what_cannot_be_shown_is_held_and_takes_nothing_from_what_is_live(
    why: str,
) -> None:
    differences, limits, hold = CANNOT[why]

    wish = wanted(make_product(**differences), make_place(**limits))

    assert (wish.want, wish.problem, wish.listing) == (Want.UNKNOWN, hold, None)
    assert wish.cause == hold.value
    assert "content" not in (wish.values or {})
    assert (wish.values or {}).get("stars", {}) != {} or "stars" not in (
        wish.values or {}
    )
    assert wish.counted == "listable"


@pytest.mark.parametrize("why", CANNOT)
def test_a_claim_that_cannot_be_taken_out_goes_with_its_listing(why: str) -> None:
    differences, limits, hold = CANNOT[why]
    product = make_product(certificates=(ENDED,), **differences)

    wish = wanted(product, make_place(**limits))

    assert (wish.want, wish.problem) == (Want.NOT_LISTED, hold)
    assert (wish.listing, wish.stars) == (None, None)
    assert wish.reason is not None
    assert wish.reason.code == "E02"


def test_a_title_may_be_as_long_as_the_marketplace_takes() -> None:
    wish = wanted(make_product(name="M" * 30), make_place(**TITLE_OF_30))

    assert (wish.want, wish.problem) == (Want.LISTED, None)


def test_a_product_of_an_unknown_set_goes_where_the_mapping_says() -> None:
    place = make_place(mapping=make_mapping(fallback_category="C-KHÁC"))

    assert shown(wanted(make_product(set_code=""), place)).category == "C-KHÁC"
    assert wanted(make_product(set_code="")).problem is Hold.NO_CATEGORY


def test_a_picture_that_is_known_to_be_too_small_is_not_shown() -> None:
    unknown = Picture(url="https://mau.example/2.jpg")
    large = Picture(url="https://mau.example/3.jpg", size=Size(300, 300))

    listing = shown(wanted(make_product(pictures=(FEW_PX, unknown, large))))

    assert listing.pictures == (unknown.url, large.url)


def test_only_where_a_picture_is_needed_does_a_small_one_stop_a_product() -> None:
    product = make_product(pictures=(FEW_PX,))

    assert shown(wanted(product)).pictures == ()
    wish = wanted(product, make_place(mapping=NEEDS_PICTURE))
    assert (wish.want, wish.problem) == (Want.UNKNOWN, Hold.PICTURE_TOO_SMALL)


def test_all_that_is_in_the_way_is_named_with_its_measure() -> None:
    product = make_product(
        name="M" * 31,
        set_code="I.3.c",
        pictures=(
            Picture(url="https://mau.example/2.jpg", size=Size(320, 200)),
            FEW_PX,
        ),
        variants=(make_variant(on_hand=None),),
    )
    place = make_place(
        mapping=make_mapping(
            categories={},
            title=TextRules(max_length=30),
            pictures=NEEDS_PICTURE.pictures,
        )
    )

    found = draft_of(product).obstacles(place, (), has_account=False)

    assert [(each.hold, each.measured) for each in found] == [
        (Hold.NO_ACCOUNT, ""),
        (Hold.NO_STOCK_COUNT, ""),
        (Hold.NO_CATEGORY, "I.3.c"),
        (Hold.TITLE_TOO_LONG, "31 > 30"),
        (Hold.PICTURE_TOO_SMALL, "299x900 < 300x300"),
    ]
    assert draft_of(make_product()).obstacles(make_place(), ("memory",)) == ()


def test_what_is_in_the_way_everywhere_is_named_first() -> None:
    product = make_product(name="Măng khô OCOP", set_code="", certificates=(ENDED,))
    place = make_place(mapping=make_mapping(categories={}))

    found = draft_of(product).obstacles(place, ("memory",))

    assert [(each.hold, each.measured) for each in found] == [
        (Hold.CLAIM_IN_NAME, ""),
        (Hold.NO_CATEGORY, "?"),
    ]


@pytest.mark.parametrize(
    "page", ["https://khac.example/1", "http://qn.check.net.vn/1", "qn.check.net.vn/1"]
)
def test_a_page_that_may_not_be_shown_is_not_shown(page: str) -> None:
    wish = wanted(make_product(trace_url=page))

    assert (wish.want, shown(wish).trace_url) == (Want.LISTED, "")


def test_a_wrong_gtin_is_not_shown() -> None:
    wish = wanted(make_product(variants=(make_variant(gtin="2000000000016"),)))

    assert (wish.want, shown(wish).variants[0].gtin) == (Want.LISTED, "")


def test_what_the_marketplace_has_no_place_for_is_not_wanted() -> None:
    place = make_place(has_gtin=False, has_trace_page=False)

    listing = shown(wanted(make_product(), place))

    assert (listing.trace_url, listing.variants[0].gtin) == ("", "")


def test_without_an_account_it_is_held_and_what_is_live_kept_right() -> None:
    wish = wanted(make_product(), has_account=False)

    assert (wish.want, wish.problem) == (Want.UNKNOWN, Hold.NO_ACCOUNT)
    assert wish.values == wanted(make_product()).values
    assert wish.counted == "listable"


def test_without_an_account_a_verdict_still_counts() -> None:
    product = make_product(papers=WITHOUT_PAPER)

    wish = wanted(product, has_account=False)

    assert (wish.want, wish.problem) == (Want.NOT_LISTED, None)
    assert wish == wanted(product)


# As the verdict says


@pytest.mark.parametrize(
    ("product", "want", "cause", "counted"),
    [
        pytest.param(make_product(), Want.LISTED, "catalog", "listable", id="listed"),
        pytest.param(
            make_product(papers=PAPER_UNKNOWN),
            Want.UNKNOWN,
            "E04",
            "listable",
            id="nobody has seen the paper",
        ),
        pytest.param(
            make_product(papers=WITHOUT_PAPER),
            Want.NOT_LISTED,
            "E04",
            "blocked:E04",
            id="no paper",
        ),
        pytest.param(
            make_product(paused=True),
            Want.NOT_LISTED,
            "E15",
            "blocked:E15",
            id="paused",
        ),
        pytest.param(
            make_product(set_code="VI"),
            Want.OUT_OF_SCOPE,
            "E00",
            "blocked:E00",
            id="service",
        ),
        pytest.param(
            make_product(certificates=(ENDED,)),
            Want.WITHOUT_CLAIM,
            "E02@2023-05-10",
            "not_certified",
            id="ended",
        ),
        pytest.param(
            make_product(
                certificates=(make_certificate(decided_on=date(2025, 5, 10)),)
            ),
            Want.WITHOUT_CLAIM,
            "E02@",
            "not_certified",
            id="not begun",
        ),
        pytest.param(
            make_product(certificates=(make_certificate(decided_on=None),)),
            Want.UNKNOWN,
            "E02@",
            "validity_unknown",
            id="validity unknown",
        ),
        pytest.param(
            make_product(certificates=()),
            Want.UNKNOWN,
            "E00",
            "not_certified",
            id="no certificate on record",
        ),
        pytest.param(
            make_product(certificates=(make_certificate(stars=2),)),
            Want.OUT_OF_SCOPE,
            "E00",
            "not_certified",
            id="two stars",
        ),
        pytest.param(
            make_product(
                certificates=(
                    make_certificate(revoked_by="9/QĐ", revoked_on=date(2024, 1, 1)),
                )
            ),
            Want.NOT_LISTED,
            "E03",
            "not_certified",
            id="revoked",
        ),
    ],
)
def test_a_verdict_becomes_a_wish_a_cause_and_a_count(
    product: Product, want: Want, cause: str, counted: str
) -> None:
    wish = wanted(product)

    assert (wish.want, wish.cause, wish.counted) == (want, cause, counted)


REVOKED: Final = make_certificate(revoked_by="9/QĐ-MẪU", revoked_on=date(2024, 1, 1))
REVOKED_LONG_AGO: Final = make_certificate(
    decided_on=date(2020, 5, 10), revoked_by="8/QĐ-MẪU", revoked_on=date(2021, 1, 1)
)


@pytest.mark.parametrize(
    ("differences", "consent", "expected"),
    [
        pytest.param({}, SEEN, False, id="nothing"),
        pytest.param({"paused": True}, SEEN, True, id="paused"),
        pytest.param({}, NOT_SO, True, id="consent withdrawn"),
        pytest.param({}, UNATTESTED, False, id="nobody has asked"),
        pytest.param({"certificates": (REVOKED,)}, SEEN, True, id="revoked"),
        pytest.param(
            {"certificates": (replace(REVOKED, revoked_by=""),)},
            SEEN,
            False,
            id="revoked, without a decision",
        ),
        pytest.param(
            {"certificates": (replace(REVOKED, revoked_by=""),), "paused": True},
            SEEN,
            True,
            id="revoked, without a decision, and paused",
        ),
        pytest.param({"papers": WITHOUT_PAPER}, SEEN, False, id="no paper"),
        pytest.param(
            {"papers": WITHOUT_PAPER, "paused": True}, SEEN, True, id="and paused"
        ),
        pytest.param(
            {"papers": WITHOUT_PAPER}, NOT_SO, True, id="and consent withdrawn"
        ),
        pytest.param(
            {"papers": WITHOUT_PAPER, "certificates": (REVOKED,)},
            SEEN,
            True,
            id="and revoked",
        ),
        pytest.param(
            {
                "papers": WITHOUT_PAPER,
                "certificates": (REVOKED_LONG_AGO, make_certificate()),
            },
            SEEN,
            False,
            id="recognised again",
        ),
        pytest.param(
            {
                "papers": WITHOUT_PAPER,
                "certificates": (
                    REVOKED_LONG_AGO,
                    make_certificate(revocation_proposed=True),
                ),
            },
            SEEN,
            False,
            id="only proposed, after another one",
        ),
        pytest.param({"certificates": (ENDED,)}, SEEN, False, id="ended"),
    ],
)
def test_the_act_of_a_named_person_is_told_apart(
    differences: dict[str, Any], consent: Attested, expected: bool
) -> None:
    wish = wanted(make_product(**differences), producer={"consent": consent})

    assert wish.by_person is expected


def test_packs_whose_stock_has_no_time_are_named() -> None:
    variants = (make_variant(), make_variant(sku="SP-00001-2", counted_at=None))

    wish = wanted(make_product(variants=variants))

    assert wish.uncounted == {"SP-00001-2"}


@pytest.mark.parametrize(
    "product", [make_product(paused=True), make_product(set_code="VI")]
)
def test_what_must_not_be_shown_has_nothing_to_show(product: Product) -> None:
    wish = wanted(product)

    assert (wish.values, wish.listing, wish.problem) == (None, None, None)
    assert wish.reason is not None
    assert wish.reason.known


def test_a_wish_for_no_product_asks_for_nothing() -> None:
    wish = no_product("SP-00009")

    assert (wish.product_id, wish.want) == ("SP-00009", Want.NO_PRODUCT)
    assert {name for name in names_of(Wanted) if getattr(wish, name)} == {
        *("product_id", "want", "cause", "counted", "fingerprint"),
    }
    assert (wish.cause, wish.counted) == ("catalog", "not_certified")


def test_while_validity_is_unknown_a_live_claim_stays_as_it_is() -> None:
    unknown = make_certificate(decided_on=None)

    wish = wanted(make_product(certificates=(unknown,)))

    assert (wish.values or {}).keys() == {"content", "price", "stock"}
    assert wish.stars is shown(wish).stars is None


def test_while_a_paper_is_unknown_the_claim_is_kept_right() -> None:
    wish = wanted(make_product(papers=PAPER_UNKNOWN))

    assert (wish.values or {})["stars"]["stars"] == 4


def test_the_claim_of_a_verdict_that_misses_the_stars_is_not_dropped() -> None:
    # What was certified is known no more: unknown drops no claim of what is live.
    forgotten = make_certificate(stars=None, decided_on=date(2020, 5, 10))

    wish = wanted(make_product(certificates=(forgotten,)))

    assert wish.want is Want.UNKNOWN
    assert "stars" not in (wish.values or {})


def test_the_claim_is_that_of_the_certificate_in_force() -> None:
    newer = make_certificate(
        stars=5, decision="002/QĐ-MẪU", decided_on=date(2024, 2, 1)
    )

    wish = wanted(make_product(certificates=(newer, make_certificate(), ENDED)))

    assert wish.stars == StarClaim(
        stars=5, decision="002/QĐ-MẪU", valid_to=date(2027, 2, 1)
    )


def test_a_claim_may_have_no_known_end() -> None:
    product = make_product(certificates=(make_certificate(decided_on=None, year=2022),))
    reports_count = load_rules(accept_published=True)

    verdict = evaluate(product, make_producer(), AT, reports_count)
    wish = draft_wanted(product, verdict).at(make_place(), ("memory",))

    assert wish.stars == StarClaim(stars=4, decision="001/QĐ-MẪU", valid_to=None)
    assert wish.ends_on == ""


# Without claim


def test_without_claim_nothing_else_is_missing() -> None:
    wish, listed = bare(), wanted(make_product())

    assert wish.want is Want.WITHOUT_CLAIM
    assert shown(wish) == replace(shown(listed), stars=None)
    assert (wish.values or {})["stars"] == {}
    assert wish.ends_on == "2023-05-10"


@pytest.mark.parametrize(
    "claim",
    [
        "Sản phẩm OCOP.",
        "Đạt 4 sao.",
        "★★★★!",
        "Theo Quyết định số 001/QĐ-MẪU.",
        "Có giá trị đến ngày 10/5/2023.",
    ],
)
def test_text_loses_its_claim_and_keeps_the_rest(claim: str) -> None:
    wish = bare(description=f"Măng khô. {claim} Giòn.")

    assert shown(wish).description == "Măng khô. Giòn."


def test_a_claim_is_left_in_the_text_while_it_holds() -> None:
    text = "Măng khô OCOP 4 sao."

    assert shown(wanted(make_product(description=text))).description == text


@pytest.mark.parametrize("number", ["001/QĐ-MẪU", "007/QĐ-MẪU"])
def test_every_decision_of_its_history_is_a_claim(number: str) -> None:
    older = make_certificate(decision="007/QĐ-MẪU", decided_on=date(2019, 9, 1))
    product = make_product(
        certificates=(older, ENDED), description=f"Măng khô.\nSố {number}."
    )

    assert shown(wanted(product)).description == "Măng khô."


def test_an_attribute_with_a_claim_is_left_out() -> None:
    label = Label(origin="Việt Nam", ingredients="Măng OCOP", warnings="Xem 10/5/2023")

    wish = bare(label=label, variants=(make_variant(net_quantity="5 sao"),))

    assert shown(wish).attributes == (("Xuất xứ", "Việt Nam"),)


def test_a_pack_with_a_claim_does_not_keep_it() -> None:
    pack = make_variant(pack="Hộp quà OCOP 4 sao")

    wish = bare(variants=(pack,))

    packs = " ".join(v.pack for v in wish.listing.variants) if wish.listing else ""
    assert wish.problem is not None or not has_claim(packs)


@pytest.mark.parametrize(
    "name", ["Măng khô OCOP", "Măng 4 sao", "Măng 001/QĐ-MẪU", "Măng 10/5/2023"]
)
def test_a_claim_in_the_official_name_is_held_and_the_rest_goes(name: str) -> None:
    wish = bare(name=name, description="OCOP")

    assert (wish.want, wish.problem) == (Want.WITHOUT_CLAIM, Hold.CLAIM_IN_NAME)
    assert (shown(wish).title, shown(wish).description) == (name, "")
    assert shown(wish).stars is None


def test_an_official_name_is_no_problem_while_the_claim_holds() -> None:
    assert wanted(make_product(name="Măng khô OCOP")).problem is None


def pictures(*marks: Fact) -> tuple[Picture, ...]:
    return tuple(
        Picture(url=f"https://mau.example/{mark}.jpg", shows_ocop_mark=mark)
        for mark in marks
    )


@pytest.mark.parametrize(
    ("marks", "want", "left"),
    [
        ((Fact.NO,), Want.WITHOUT_CLAIM, (Fact.NO,)),
        ((Fact.YES, Fact.NO, Fact.UNKNOWN), Want.WITHOUT_CLAIM, (Fact.NO,)),
        ((), Want.WITHOUT_CLAIM, ()),
        ((Fact.YES,), Want.NOT_LISTED, None),
        ((Fact.UNKNOWN,), Want.NOT_LISTED, None),
        ((Fact.UNKNOWN, Fact.YES), Want.NOT_LISTED, None),
    ],
)
def test_only_pictures_known_to_be_free_of_the_mark_stay(
    marks: tuple[Fact, ...], want: Want, left: tuple[Fact, ...] | None
) -> None:
    wish = bare(pictures=pictures(*marks))

    assert wish.want is want
    if left is not None:
        assert shown(wish).pictures == tuple(p.url for p in pictures(*left))


def test_without_a_clean_picture_there_is_nothing_to_show() -> None:
    wish = bare(pictures=pictures(Fact.UNKNOWN))

    assert (wish.values, wish.listing) == (None, None)
    assert wish.reason is not None
    assert wish.reason.code == "E02"
    assert (wish.cause, wish.counted) == ("E02@2023-05-10", "not_certified")


@pytest.mark.parametrize("mark", Fact)
def test_every_picture_is_shown_while_the_claim_holds(mark: Fact) -> None:
    wish = wanted(make_product(pictures=pictures(mark)))

    assert shown(wish).pictures == (f"https://mau.example/{mark}.jpg",)


def test_clean_pictures_are_chosen_before_the_marketplaces_limit() -> None:
    product = make_product(
        certificates=(ENDED,), pictures=pictures(Fact.YES, Fact.UNKNOWN, Fact.NO)
    )

    one = make_mapping(pictures=PictureRules(max_count=1))
    wish = wanted(product, make_place(mapping=one))

    assert shown(wish).pictures == (f"https://mau.example/{Fact.NO}.jpg",)


phrases = st.lists(
    st.sampled_from(
        [
            "Măng khô",
            "OCOP",
            "4",
            "sao",
            "★",
            "001/QĐ-MẪU",
            "10/5/2023",
            ". ",
            "\n",
            " ",
        ]
    ),
    max_size=8,
).map(" ".join)


@given(phrases, phrases, phrases)
def test_no_part_of_the_claim_is_left_unless_it_is_held(
    description: str, origin: str, name: str
) -> None:
    wish = bare(
        name=name, description=description, label=Label(origin=origin, warnings=origin)
    )

    listing = shown(wish)
    said = [listing.description, *(text for _, text in listing.attributes)]
    claims = {"decision": "001/QĐ-MẪU", "ends_on": date(2023, 5, 10)}
    assert not any(has_claim(text, **claims) for text in said)  # type: ignore[arg-type] # by name
    assert (wish.problem is Hold.CLAIM_IN_NAME) is has_claim(name, **claims)  # type: ignore[arg-type] # by name
    assert listing.stars is None


# Fingerprints


def fingerprint_of(
    product: Product | None = None, place: Conditions | None = None, **options: Any
) -> str:
    return wanted(product or make_product(), place, **options).fingerprint


AFTER_THE_END = datetime(2026, 5, 11, 5, tzinfo=UTC)
ANOTHER: dict[str, Callable[[], str]] = {
    "its certificate ends": lambda: fingerprint_of(at=AFTER_THE_END),
    "its certificate ends otherwise": lambda: fingerprint_of(
        make_product(certificates=(make_certificate(decided_on=date(2023, 5, 11)),))
    ),
    "its category is another": lambda: fingerprint_of(
        place=make_place(mapping=make_mapping(categories={"I.3.c": "X"}))
    ),
    "it has no category any more": lambda: fingerprint_of(
        place=make_place(mapping=make_mapping(categories={}))
    ),
    "its price changes": lambda: fingerprint_of(
        make_product(variants=(make_variant(price_vnd=1),))
    ),
    "its stock changes": lambda: fingerprint_of(
        make_product(variants=(make_variant(reserved=1),))
    ),
    "some was sold, though its share is the same": lambda: fingerprint_of(
        make_product(variants=(make_variant(on_hand=21, sold=1),))
    ),
    "it is counted anew, to the same: what was sold before is made up for": lambda: (
        fingerprint_of(
            make_product(
                variants=(
                    make_variant(on_hand=25, reserved=5, counted_at=AT + timedelta(1)),
                )
            )
        )
    ),
    "its text changes": lambda: fingerprint_of(make_product(description="Khác")),
    "another marketplace shares its stock": lambda: fingerprint_of(
        places=("an", "memory")
    ),
    "it is paused": lambda: fingerprint_of(make_product(paused=True)),
    "a paper is unknown": lambda: fingerprint_of(make_product(papers=PAPER_UNKNOWN)),
    "there is no account": lambda: fingerprint_of(has_account=False),
    "it is of another producer": lambda: fingerprint_of(
        make_product(producer_id="CS-0002")
    ),
    "its mapping has a new version": lambda: fingerprint_of(
        place=make_place(mapping=make_mapping(mapping_version=2))
    ),
    "the moment at which it may end is another": lambda: fingerprint_of(
        at=datetime(2026, 5, 10, 5, tzinfo=UTC)
    ),
    "its name claims what has ended": lambda: fingerprint_of(
        make_product(name="OCOP"), at=AFTER_THE_END
    ),
}


@pytest.mark.parametrize("why", ANOTHER)
def test_a_fingerprint_is_another_when(why: str) -> None:
    assert ANOTHER[why]() != fingerprint_of()


def test_a_fingerprint_tells_apart_what_is_missing() -> None:
    no_price, no_count = (
        make_product(variants=(make_variant(**{name: None}),))
        for name in ("price_vnd", "on_hand")
    )

    assert fingerprint_of(no_price) != fingerprint_of(no_count)


def test_a_fingerprint_tells_apart_why_a_product_is_not_shown() -> None:
    wishes = [
        make_product(paused=True),
        make_product(papers=WITHOUT_PAPER),
        make_product(set_code="VI"),
        make_product(certificates=(make_certificate(stars=2),)),
    ]

    fingerprints = {fingerprint_of(product) for product in wishes}
    assert len(fingerprints | {no_product("SP-00001").fingerprint}) == 5


SAME: dict[str, Callable[[], str]] = {
    "a day passes": lambda: fingerprint_of(at=AT + timedelta(days=1)),
    "another set has another category": lambda: fingerprint_of(
        place=make_place(
            mapping=make_mapping(
                categories={**make_mapping().categories, "I.1.a": "X"},
                title=TextRules(max_length=119),
            )
        )
    ),
    "what no buyer sees changes": lambda: fingerprint_of(
        make_product(ocop_code="x", source="khác", revision=9, alcohol_percent=1)
    ),
    "a remark is made": lambda: fingerprint_of(producer={"identity_ready": UNATTESTED}),
    "an older certificate is found": lambda: fingerprint_of(
        make_product(certificates=(make_certificate(), ENDED))
    ),
}


@pytest.mark.parametrize("why", SAME)
def test_a_fingerprint_stays_when(why: str) -> None:
    assert SAME[why]() == fingerprint_of()


def test_what_is_not_shown_needs_no_new_look_when_its_price_changes() -> None:
    paused = make_product(paused=True)
    cheaper = replace(paused, variants=(make_variant(price_vnd=1),))

    assert fingerprint_of(cheaper) == fingerprint_of(paused)
