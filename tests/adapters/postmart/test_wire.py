"""How bodies are read and written: samples, round trips, and any junk at all.

No HTTP here: see `test_adapter` and `test_calls`.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.postmart.adapter import Postmart
from adapters.postmart.convert import (
    ProductPage,
    WireProduct,
    canonical,
    from_product,
    parse_page,
    to_content,
    to_submission,
)
from adapters.postmart.results import (
    Accepted,
    Changed,
    Errors,
    Feed,
    SellerChanged,
    Tracks,
    events_of,
    followed,
    parse_tracks,
)
from adapters.postmart.wire import Token, Wire, parse
from ocop_sync.errors import MarketplaceError, OutcomeUnknownError, ProtocolError
from ocop_sync.marketplace.listing import (
    Listing,
    Problem,
    RemoteListing,
    RemoteState,
    StarClaim,
    Variant,
)
from ocop_sync.marketplace.mapping import SET_CODES
from ocop_sync.marketplace.port import (
    Applied,
    EventKind,
    Refused,
    Submitted,
    Unreadable,
    UnreadableEvent,
)
from ocop_sync.marketplace.reply import Reply
from tests.adapters.documents import read_table, take_empty
from tests.adapters.postmart.shop import field_of
from tests.adapters.postmart.support import make_listing

SAMPLES = Path(__file__).parent / "samples"
MODELS: dict[str, type[Wire]] = {
    "product_page": ProductPage,
    "tracking": Tracks,
    "events": Feed,
    "errors": Errors,
    "token": Token,
    "accepted": Accepted,
    "changed": Changed,
    "seller": SellerChanged,
}


def reply(body: bytes, *, write: bool = False) -> Reply:
    """Return an answer with *body*."""
    return Reply(status=200, headers={}, body=body, call="GET /v1", write=write)


def sample(name: str) -> bytes:
    """Return the sample of that name."""
    return (SAMPLES / f"{name}.json").read_bytes()


def interpret(name: str, body: bytes) -> object:
    """Read *body* as the adapter would, down to the port's values."""
    answer = parse(MODELS[name], reply(body))
    if isinstance(answer, ProductPage):
        return [from_product(product) for product in answer.data]
    if isinstance(answer, Tracks):
        return [followed("TR", each) for each in parse_tracks(reply(body))]
    if isinstance(answer, Feed):
        return events_of(answer)
    return answer


def test_a_product_is_read_in_our_terms() -> None:
    page = parse(ProductPage, reply(sample("product_page")))

    found = from_product(page.data[0])

    assert found.ref == "40017"
    assert found.state is RemoteState.BANNED
    assert found.problems == (Problem(code="banned", message="Hàng cấm", field=""),)
    assert found.seller_name == "Gian hàng Mẫu P-01"
    assert [variant.sku for variant in found.shown.variants] == ["A-1", "B-2"]
    assert found.shown.attributes == (("Khối lượng", "500 ml"), ("Xuất xứ", "Mẫu"))
    assert found.shown.stars == StarClaim(
        stars=4, decision="001/QĐ-MẪU", valid_to=date(2027, 5, 10)
    )


@pytest.mark.parametrize(
    ("spoilt", "why", "ref"),
    [
        pytest.param({"state": "strange"}, "state: literal_error", "40017", id="state"),
        pytest.param({"name": None}, "name: string_type", "40017", id="a null"),
        pytest.param({"variants": {}}, "variants: list_type", "40017", id="a type"),
        pytest.param({"id": None}, "id: int_type", "", id="no number"),
        pytest.param({"id": 10**30}, "id: ", "", id="an endless number"),
    ],
)
def test_a_product_that_is_not_as_documented_keeps_no_other_back(
    spoilt: dict[str, Any], why: str, ref: str
) -> None:
    page = json.loads(sample("product_page"))
    whole = parse_page(reply(sample("product_page"))).data
    page["data"][0] |= spoilt

    read = parse_page(reply(json.dumps(page).encode()))

    assert read.data[1:] == tuple(whole[1:])
    odd = read.data[0]
    assert isinstance(odd, Unreadable)
    assert (odd.ref, odd.client_ref) == (ref, page["data"][0]["client_ref"])
    assert odd.reason.startswith(why)


OPTIONAL = (
    *("client_ref", "seller_external_id", "category", "description", "attributes"),
    *("images", "trace_url", "ocop_claim", "seller_name", "reasons", "version"),
    *("variants.pack", "variants.gtin", "variants.weight_g", "attributes.value"),
    *("ocop_claim.decision", "ocop_claim.valid_to"),
    *("reasons.code", "reasons.field", "reasons.message"),
)
NEEDED = (
    *("state", "name", "variants", "variants.sku", "variants.price"),
    *("variants.quantity", "attributes.name", "ocop_claim.stars"),
)


def with_null(field: str) -> bytes:
    """Return the sample with a null in a field of its first product."""
    page = json.loads(sample("product_page"))
    each, name = part_of(page["data"][0], field)
    each[name] = None
    return json.dumps(page).encode()


def without(field: str) -> bytes:
    """Return the sample without a field of its first product."""
    page = json.loads(sample("product_page"))
    each, name = part_of(page["data"][0], field)
    del each[name]
    return json.dumps(page).encode()


def part_of(product: dict[str, Any], field: str) -> tuple[dict[str, Any], str]:
    """Return the object that *field* is in, the first one of a list, and its name."""
    outer, _, name = field.rpartition(".")
    inner = product[outer] if outer else product
    return (inner[0] if isinstance(inner, list) else inner), name


@pytest.mark.parametrize("field", OPTIONAL)
def test_null_and_missing_count_alike(field: str) -> None:
    read = parse_page(reply(with_null(field))).data

    assert read == parse_page(reply(without(field))).data
    assert isinstance(read[0], RemoteListing)


@pytest.mark.parametrize("field", NEEDED)
def test_a_null_where_a_value_is_needed_is_named(field: str) -> None:
    for body in (with_null(field), without(field)):
        page = json.loads(body)
        page["data"][0]["client_ref"] = "SP-00017"  # of another, packs may lack it

        [odd, *others] = parse_page(reply(json.dumps(page).encode())).data

        assert isinstance(odd, Unreadable)
        assert odd.reason.startswith(f"{field.replace('.', '.0.')}: ") or (
            odd.reason.startswith(f"{field}: ")
        )
        assert len(others) == 1


@pytest.mark.parametrize("lacks", [{"data": None}, {"paging": None}])
def test_a_page_without_its_list_is_no_empty_page(lacks: dict[str, None]) -> None:
    page = json.loads(sample("product_page"))

    for body in (page | lacks, {k: v for k, v in page.items() if k not in lacks}):
        with pytest.raises(ProtocolError):
            parse_page(reply(json.dumps(body).encode()))


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}])
def test_what_does_not_even_say_which_product_it_is_is_counted(odd: object) -> None:
    page = json.loads(sample("product_page"))
    page["data"][0] = odd

    seen = parse_page(reply(json.dumps(page).encode())).data

    assert [type(each) for each in seen].count(Unreadable) == 1
    assert seen[0].ref == ""


def test_the_rating_of_buyers_is_not_read_as_stars() -> None:
    page = parse(ProductPage, reply(sample("product_page")))

    assert json.loads(sample("product_page"))["data"][1]["rating_average"] == 5.0
    assert from_product(page.data[1]).shown.stars is None


def test_reviews_are_read_in_our_terms() -> None:
    tracks = parse_tracks(reply(sample("tracking")))

    results = [followed(track.track_id, track) for track in tracks]

    assert results == [
        Submitted("TR00040001-0"),
        Applied("40002"),
        Refused((Problem(code="name_missing", message="Thiếu tên.", field="name"),)),
        Applied("40004"),
    ]


@pytest.mark.parametrize(
    ("spoilt", "track_id", "why"),
    [
        pytest.param({"state": "mới"}, "TR00040002-0", "state: ", id="state"),
        pytest.param({"state": None}, "TR00040002-0", "state: ", id="a null"),
        pytest.param({"track_id": None}, "", "track_id: ", id="no id"),
        pytest.param({"product_id": None}, "TR00040002-0", "product_id", id="product"),
    ],
)
def test_a_review_that_is_not_as_documented_keeps_no_other_back(
    spoilt: dict[str, Any], track_id: str, why: str
) -> None:
    body = json.loads(sample("tracking"))
    body["data"][1] |= spoilt

    tracks = parse_tracks(reply(json.dumps(body).encode()))

    results = [followed(track.track_id, track) for track in tracks]
    assert [type(each) for each in results] == [
        *(Submitted, Unreadable, Refused, Applied)
    ]
    assert tracks[1].track_id == track_id
    assert isinstance(results[1], Unreadable)
    assert results[1].reason.startswith(why)


def test_events_are_read_in_our_terms_and_unknown_ones_named_so() -> None:
    feed = parse(Feed, reply(sample("events")))

    events = events_of(feed).items

    kinds = [event.kind for event in events]
    assert kinds == [EventKind.SOLD, EventKind.OTHER, EventKind.DOWN]
    assert events[0].at == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    assert (events[0].order_line, events[0].quantity) == ("DH-00000001", 2)


def test_a_submission_is_written_as_documented() -> None:
    body, said = (
        json.loads(to_submission(make_listing())),
        json.loads(sample("submission")),
    )
    rows = read_table("postmart", "field", "missing", "null", "may be", "else")
    documented = {field_of(row) for row in rows}

    assert take_empty(body, said) <= documented
    packs = take_empty(body["variants"][0], said["variants"][0])
    assert {f"variants[].{name}" for name in packs} <= documented
    assert body == said


def test_only_the_named_fields_of_content_are_written() -> None:
    body = json.loads(to_content(make_listing(), frozenset({"title", "pictures"})))

    assert body == {
        "name": make_listing().title,
        "images": ["https://anh.example/1.jpg"],
    }


def test_a_title_cut_inside_an_emoji_does_not_spoil_the_page() -> None:
    body = sample("product_page").replace(
        b"Tr\xc3\xa0 hoa", b"Tr\xc3\xa0 \\ud83c\\udf38 \\ud83c"
    )

    page = parse(ProductPage, reply(body))

    assert page.data[1].name.startswith("Trà 🌸 ?")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'{"id": NaN, "version": 1}',
        b'{"id": "40001", "version": 1}',
        b'{"id": true, "version": 1}',
        b'{"id": 0, "version": 1}',
        b'{"id": 1e400, "version": 1}',
        b'{"id": ' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
        b'{"id": 1, "version": 1',
    ],
)
def test_what_is_not_as_documented_is_an_error_of_the_port(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse(Changed, reply(body))
    with pytest.raises(OutcomeUnknownError):
        parse(Changed, reply(body, write=True))


@pytest.mark.parametrize(
    ("spoilt", "may_be_sale", "ref"),
    [
        pytest.param({"at": None}, False, "40003", id="a null"),
        pytest.param({"product_id": None}, False, "", id="no product"),
        pytest.param({"type": "campaign.started", "at": 7}, False, "40003", id="other"),
        pytest.param({"type": None}, True, "40003", id="of no type"),
        pytest.param({"type": "order.created", "at": None}, True, "40003", id="sale"),
    ],
)
def test_an_event_that_is_not_as_documented_keeps_no_other_back(
    spoilt: dict[str, Any], may_be_sale: bool, ref: str
) -> None:
    body = json.loads(sample("events"))
    body["events"][2] |= spoilt
    body["events"][1] |= {"sku": None, "quantity": None, "order_line": None}

    told = events_of(parse(Feed, reply(json.dumps(body).encode())))

    assert told.items == events_of(parse(Feed, reply(sample("events")))).items[:2]
    [odd] = told.unreadable
    assert (odd.may_be_sale, odd.ref) == (may_be_sale, ref)
    assert told.next == "9"


def test_what_is_no_event_at_all_may_be_a_sale() -> None:
    body = json.loads(sample("events"))
    body["events"][0] = None

    [odd] = events_of(parse(Feed, reply(json.dumps(body).encode()))).unreadable

    assert odd.may_be_sale


def test_an_instant_outside_the_calendar_keeps_no_other_event_back() -> None:
    before_year_one = b"0001-01-01T00:00:00+14:00"
    body = sample("events").replace(b"2026-11-24T08:30:00+07:00", before_year_one)

    [odd] = events_of(parse(Feed, reply(body))).unreadable

    assert odd == UnreadableEvent(
        reason="at: value_error", may_be_sale=True, ref="40002"
    )


@pytest.mark.parametrize(
    "untidy",
    [
        {"title": "Tên "},
        {"description": " Mô tả"},
        {"attributes": (("b", "1"), ("a", "2"))},
        {"attributes": (("a", " 1"),)},
        {"pictures": (" https://anh.example/1.jpg",)},
        {"trace_url": "https://truyxuat.example/1 "},
        {"variants": (replace(make_listing().variants[0], pack="Chai "),)},
        {"stars": StarClaim(stars=3, decision=" 7/QĐ-MẪU")},
    ],
    ids=str,
)
def test_each_text_is_tidied(untidy: dict[str, Any]) -> None:
    listing = make_listing(**untidy)

    tidy = canonical(listing)

    assert tidy != listing
    assert canonical(tidy) == tidy


calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Other processes on the machine make no test fail."""

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@calm
@given(name=st.sampled_from(sorted(MODELS)), value=anything)
def test_any_json_is_read_or_is_an_error_of_the_port(name: str, value: object) -> None:
    body = json.dumps(value).encode()

    with suppress(MarketplaceError):
        interpret(name, body)


@calm
@given(body=st.binary())
def test_any_bytes_are_an_error_of_the_port(body: bytes) -> None:
    with pytest.raises(MarketplaceError):
        parse(ProductPage, reply(body))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each place inside *value*, as its container and its key."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


@calm
@given(data=st.data(), name=st.sampled_from(sorted(MODELS)))
def test_a_sample_with_one_place_spoilt_never_escapes_the_port(
    data: st.DataObject, name: str
) -> None:
    spoilt = json.loads(sample(name))
    container, key = data.draw(st.sampled_from(list(places(spoilt))))
    container[key] = data.draw(anything)

    with suppress(MarketplaceError):
        interpret(name, json.dumps(spoilt).encode())


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
claims = st.builds(
    StarClaim,
    stars=st.integers(3, 5),
    decision=text,
    valid_to=st.none() | st.dates(),
)
variants = st.lists(
    st.builds(
        Variant,
        sku=st.from_regex(r"[A-Z0-9][A-Z0-9.-]{0,20}", fullmatch=True),
        pack=text,
        price_vnd=st.integers(0, 10**10),
        stock=st.integers(0, 10**6),
        gtin=st.sampled_from(["", "2000000000015"]),
        weight_g=st.none() | st.integers(1, 10**6),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda variant: variant.sku,
)
listings = st.builds(
    Listing,
    client_ref=st.just("SP-00001"),
    seller_ref=st.just("CS-0001"),
    title=text,
    description=text,
    category=st.sampled_from(sorted(Postmart.mapping.categories.values())),
    attributes=st.lists(st.tuples(text, text), max_size=3).map(tuple),
    pictures=st.lists(text, max_size=3).map(tuple),
    trace_url=text,
    variants=variants.map(lambda each: tuple(sorted(each, key=lambda v: v.sku))),
    stars=st.none() | claims,
)


@calm
@given(listing=listings)
def test_what_is_written_is_read_back_the_same(listing: Listing) -> None:
    tidy = canonical(listing)
    shown = {
        **json.loads(to_submission(tidy)),
        "id": 1,
        "seller_name": "",
        "state": "approved",
        "reasons": [],
        "version": 1,
    }

    product = parse(WireProduct, reply(json.dumps(shown).encode()))

    assert from_product(product).shown == tidy
    assert canonical(tidy) == tidy


def test_every_product_set_has_a_category_of_its_own() -> None:
    category_of = Postmart.mapping.category_of
    categories = [category_of(code) for code in ("", *SET_CODES)]

    assert sorted(filter(None, categories)) == [
        *(f"PM-{number}" for number in range(1001, 1027)),
        "PM-1099",
    ]
