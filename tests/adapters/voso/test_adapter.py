"""The adapter against the mock over HTTP: every method of the port.

Reading bodies is tested in `test_wire` and `test_answer`, signing in and failures in
`test_calls`, the mock's own acts in `test_mock`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters.voso.adapter import Voso
from adapters.voso.mock.push import push_body, push_headers
from adapters.voso.mock.rows import Event as EventRow
from ocop_sync.errors import AuthenticationError, ConfigurationError, ProtocolError
from ocop_sync.marketplace.change import (
    PutSeller,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    StopSeller,
    Update,
)
from ocop_sync.marketplace.listing import (
    Facet,
    RemoteListing,
    RemoteState,
    StarClaim,
)
from ocop_sync.marketplace.mapping import SET_CODES
from ocop_sync.marketplace.port import (
    Account,
    Applied,
    EventKind,
    Refused,
    Submitted,
    Unknown,
)
from tests.adapters.voso.support import (
    SELLER,
    SHOP,
    Bench,
    code_of,
    make_create,
    make_listing,
    make_variant,
    make_withdraw,
)


def make_update(ref: str, *fields: str, **differences: Any) -> Update:
    """Return what writes *fields* of a changed `make_listing`."""
    listing = make_listing(**differences)
    return Update(
        client_ref=listing.client_ref,
        ref=ref,
        listing=listing,
        fields=frozenset(fields),
    )


async def test_what_was_sent_is_what_is_shown_once_approved(bench: Bench) -> None:
    ticket = await bench.submit()
    bench.clock.advance(3)

    [result] = await bench.voso.follow([ticket])

    assert isinstance(result, Applied)
    shown = await bench.shown(result.ref)
    assert (shown.state, shown.version) == (RemoteState.LIVE, result.version)
    assert shown.shown == make_listing()
    assert shown.seller_name == SELLER.name


async def test_untidy_text_is_shown_as_canonical_says(bench: Bench) -> None:
    untidy = make_listing(
        title="  Mật ong \n",
        description="\tDòng một\rdòng hai\r\n\n dòng ba \n",
        attributes=(("b ", " 2"), (" a", "1 "), ("trống", " ")),
        pictures=(" https://anh.example/1.jpg ", " "),
        trace_url=" https://truyxuat.example/1",
        stars=StarClaim(stars=3, decision=" 7/QĐ-MẪU "),
        variants=(make_variant(pack=" Chai", weight_g=0),),
    )

    ref = await bench.publish(**{n: getattr(untidy, n) for n in untidy.__slots__})

    assert (await bench.shown(ref)).shown == Voso.canonical(untidy) != untidy
    assert (await bench.row(ref))[
        "description"
    ] == "Dòng một\r\ndòng hai\r\n\r\n dòng ba"


async def test_a_submission_stays_one_until_its_review_has_ended(bench: Bench) -> None:
    ticket = await bench.submit()
    bench.clock.advance(1)

    assert await bench.voso.follow([ticket]) == [Submitted(ticket, ticket)]


async def test_a_refusal_comes_with_the_words_of_the_moderator(bench: Bench) -> None:
    ticket = await bench.submit()
    await bench.control("refuse", ref=ticket, reason="Ảnh mờ.")

    [result] = await bench.voso.follow([ticket])

    assert isinstance(result, Refused)
    assert [each.message for each in result.problems] == ["Ảnh mờ."]


@pytest.mark.parametrize("ticket", ["1", "0", "-4", "x", "", "9" * 40])
async def test_a_ticket_that_nobody_gave_out_is_unknown(
    bench: Bench, ticket: str
) -> None:
    [result] = await bench.voso.follow([ticket])

    assert isinstance(result, Unknown)


async def test_one_bad_item_does_not_keep_back_the_others(bench: Bench) -> None:
    await bench.open_shop()
    creates = [
        make_create(1),
        make_create(2, title="a" * 121),
        make_create(3, seller_ref="CS-0099"),
        make_create(4, category="123"),
        make_create(5),
    ]

    first, long, foreign, lost, last = await bench.voso.create(creates)

    assert isinstance(first, Submitted)
    assert isinstance(last, Submitted)
    assert (code_of(long), code_of(lost)) == ("NAME_TOO_LONG", "CAT_ID_UNKNOWN")
    assert isinstance(foreign, Refused), "it is of another producer, and not sent"
    assert (await bench.look("counts"))["listings"] == 2


async def test_half_a_character_in_one_listing_keeps_back_no_other(
    bench: Bench,
) -> None:
    await bench.open_shop()
    creates = [make_create(1), make_create(2, title="Mật ong \ud83d")]

    results = await bench.voso.create(creates)

    assert [type(each) for each in results] == [Submitted, Submitted]
    [found] = await bench.voso.find(client_refs=["SP-00002"])
    assert isinstance(found, RemoteListing)
    assert found.shown.title == "Mật ong ?"


async def test_every_category_of_the_table_exists(bench: Bench) -> None:
    await bench.open_shop()
    mapping = Voso.mapping
    categories = {mapping.category_of(code) or "" for code in ("", *SET_CODES)}
    creates = [
        make_create(number, category=category)
        for number, category in enumerate(categories)
    ]

    results = await bench.voso.create(creates)

    assert len(categories) == 27
    assert all(isinstance(each, Submitted) for each in results)


async def test_120_creates_are_three_calls_with_results_in_order(bench: Bench) -> None:
    await bench.open_shop()
    creates = [make_create(number) for number in range(120)]

    results = await bench.voso.create(creates)

    assert Voso.calls(creates) == await bench.calls("save_products") == 3
    found = await bench.voso.read([r.ref for r in results if isinstance(r, Submitted)])
    refs = [e.shown.client_ref for e in found if isinstance(e, RemoteListing)]
    assert refs == [create.client_ref for create in creates]


async def test_all_pages_hold_every_listing_once(bench: Bench) -> None:
    await bench.open_shop()
    await bench.voso.create([make_create(number) for number in range(103)])

    items: list[RemoteListing] = []
    page = await bench.voso.page(None)
    sizes = [len(page.items)]
    items += page.items
    while page.next is not None:
        page = await bench.voso.page(page.next)
        sizes.append(len(page.items))
        items += page.items

    assert sizes == [50, 50, 3]
    refs = sorted(each.shown.client_ref for each in items)
    assert refs == [f"SP-{number:05d}" for number in range(103)]


async def test_reading_keeps_the_order_and_says_what_does_not_exist(
    bench: Bench,
) -> None:
    first, second = await bench.submit(1), await bench.submit(2)

    found = await bench.voso.read([second, "999", first, "không số", second])

    refs = [each and each.ref for each in found]
    assert refs == [second, None, first, None, second]


async def test_a_deleted_listing_is_neither_read_nor_found(bench: Bench) -> None:
    ref = await bench.publish()
    await bench.control("delete", ref=ref)

    assert await bench.voso.read([ref]) == [None]
    assert (await bench.voso.page(None)).items == ()
    assert await bench.voso.find(client_refs=["SP-00001"], skus=["SP-00001-1"]) == ()


async def test_a_deleted_listing_takes_no_change(bench: Bench) -> None:
    ref = await bench.publish()
    await bench.control("delete", ref=ref)

    [result] = await bench.voso.withdraw([make_withdraw(ref)])

    assert code_of(result) == "PRODUCT_NOT_FOUND"


async def test_finding_takes_references_or_skus_and_tells_each_once(
    bench: Bench,
) -> None:
    for number in (1, 2, 3):
        await bench.submit(number)

    found = await bench.voso.find(
        client_refs=["SP-00001", ""], skus=["SP-00001-1", "SP-00002-1", ""]
    )

    shown = [each.shown for each in found if isinstance(each, RemoteListing)]
    refs = sorted(each.client_ref for each in shown)
    assert refs == ["SP-00001", "SP-00002"]


async def test_finding_nothing_asks_nothing(bench: Bench) -> None:
    await bench.submit()

    assert await bench.voso.find(client_refs=[""], skus=[]) == ()
    assert await bench.calls("list_products") == 0


async def test_finding_reads_more_than_one_page_of_the_same_sku(bench: Bench) -> None:
    await bench.open_shop()
    await bench.voso.create([make_create() for _ in range(60)])

    assert len(await bench.voso.find(skus=["SP-00001-1"])) == 60


async def test_two_of_one_product_are_both_seen(bench: Bench) -> None:
    ours = await bench.submit()
    by_hand = await bench.control(
        "hand_made", code=SHOP, names=["Mật ong nhập tay mẫu"], skus=["SP-00001-1"]
    )

    found = await bench.voso.find(client_refs=["SP-00001"], skus=["SP-00001-1"])

    assert sorted(each.ref for each in found) == sorted([ours, *by_hand["refs"]])
    shown = [each.shown for each in found if isinstance(each, RemoteListing)]
    assert {each.client_ref for each in shown} == {"SP-00001", ""}


async def test_a_shop_sees_its_own_listings_and_no_others(bench: Bench) -> None:
    ours = await bench.submit()
    other = await bench.open_account("CS-0002")

    assert (await other.page(None)).items == ()
    assert await other.read([ours]) == [None]
    assert await other.find(client_refs=["SP-00001"]) == ()
    [withdrawn] = await other.withdraw([make_withdraw(ours)])
    assert code_of(withdrawn) == "PRODUCT_NOT_FOUND"


async def test_an_update_changes_the_named_fields_and_nothing_else(
    bench: Bench,
) -> None:
    ref = await bench.publish()
    change = make_update(
        ref, "title", "category", title="Tên mới mẫu", category="10304", description="x"
    )

    [result] = await bench.voso.update([change])

    assert isinstance(result, Applied)
    shown = (await bench.shown(ref)).shown
    assert shown == make_listing(title="Tên mới mẫu", category="10304")


async def test_a_new_pack_brings_its_price_and_stock_and_others_keep_theirs(
    bench: Bench,
) -> None:
    ref = await bench.publish()
    fresh = make_variant(sku="SP-00001-2", pack="Chai 1 lít", price_vnd=290_000)
    stale = make_variant(pack="Chai nửa lít", price_vnd=1_000, stock=99)

    await bench.voso.update([make_update(ref, "variants", variants=(stale, fresh))])

    shown = (await bench.shown(ref)).shown
    assert shown.variants == (make_variant(pack="Chai nửa lít"), fresh)


async def test_a_refused_listing_goes_to_review_again_when_changed(
    bench: Bench,
) -> None:
    ref = await bench.publish(description="Gọi 0900000000")
    assert (await bench.shown(ref)).state is RemoteState.REFUSED

    results = await bench.voso.update(
        [make_update(ref, "description", description="Mật ong.")]
    )

    assert results == [Submitted(ref, ref)]
    bench.clock.advance(3)
    assert (await bench.shown(ref)).state is RemoteState.LIVE


async def test_a_new_price_does_not_bring_back_what_was_refused(bench: Bench) -> None:
    ref = await bench.submit()
    await bench.control("refuse", ref=ref, reason="Ảnh mờ.")

    [result] = await bench.voso.set_price(
        [SetPrice(client_ref="", ref=ref, prices={"SP-00001-1": 9_000})]
    )

    assert isinstance(result, Applied)
    assert (await bench.shown(ref)).state is RemoteState.REFUSED


async def test_an_update_of_nothing_that_exists_is_refused_unsent(
    bench: Bench,
) -> None:
    ref = await bench.publish()

    [result] = await bench.voso.update([make_update(ref, "seller_ref")])

    assert isinstance(result, Refused)
    assert await bench.calls("update_products") == 0


async def test_prices_and_stocks_are_set_absolutely(bench: Bench) -> None:
    ref = await bench.publish()

    await bench.voso.set_price(
        [SetPrice(client_ref="", ref=ref, prices={"SP-00001-1": 99_000})]
    )
    await bench.voso.set_stock(
        [SetStock(client_ref="", ref=ref, stocks={"SP-00001-1": 3})]
    )

    [variant] = (await bench.shown(ref)).shown.variants
    assert variant == make_variant(price_vnd=99_000, stock=3)


async def test_a_stock_is_not_set_over_a_sale_that_was_not_known(bench: Bench) -> None:
    ref = await bench.publish()
    read = await bench.shown(ref)
    await bench.control("sell", ref=ref, sku="SP-00001-1", quantity=2)
    left = (await bench.shown(ref)).shown.variants[0].stock

    def raise_it(version: str) -> SetStock:
        stocks = {"SP-00001-1": 90}
        return SetStock(client_ref="", ref=ref, stocks=stocks, version=version)

    [late] = await bench.voso.set_stock([raise_it(read.version)])
    found = await bench.shown(ref)
    [in_time] = await bench.voso.set_stock([raise_it(found.version)])

    assert isinstance(late, Refused)
    assert (late.version_conflict, code_of(late)) == (True, "REVISION_CHANGED")
    assert found.shown.variants[0].stock == left
    assert isinstance(in_time, Applied)
    assert in_time.version == (await bench.shown(ref)).version


async def test_an_unknown_sku_changes_nothing_of_its_listing(bench: Bench) -> None:
    ref = await bench.publish()
    stocks = {"SP-00001-1": 1, "không có": 1}

    [result] = await bench.voso.set_stock(
        [SetStock(client_ref="", ref=ref, stocks=stocks)]
    )

    assert code_of(result) == "SKU_NOT_FOUND"
    assert (await bench.shown(ref)).shown == make_listing()


@pytest.mark.parametrize(
    "claim",
    [
        pytest.param(None, id="cleared"),
        pytest.param(StarClaim(stars=5), id="without decision or end"),
        pytest.param(
            StarClaim(stars=3, decision="9/QĐ", valid_to=date(2028, 2, 29)), id="whole"
        ),
    ],
)
async def test_stars_are_set_and_cleared_and_never_become_a_rating(
    bench: Bench, claim: StarClaim | None
) -> None:
    ref = await bench.publish()

    await bench.voso.set_stars([SetStars(client_ref="", ref=ref, stars=claim)])

    assert (await bench.shown(ref)).shown == make_listing(stars=claim)
    assert (await bench.row(ref))["rating_average"] is None


async def test_withdrawing_twice_is_harmless(bench: Bench) -> None:
    ref = await bench.publish()

    [first] = await bench.voso.withdraw([make_withdraw(ref)])
    [second] = await bench.voso.withdraw([make_withdraw(ref)])

    assert isinstance(first, Applied)
    assert first == second, "the second time nothing was written"
    assert (await bench.shown(ref)).state is RemoteState.DOWN
    assert (await bench.row(ref))["own"]["REASON"] == "Hết hiệu lực"


async def test_an_answer_says_what_came_of_the_listing(bench: Bench) -> None:
    ref = await bench.publish()
    await bench.shown(ref)  # its review is over
    bench.fault("set_status", "ignored")

    [left] = await bench.voso.withdraw([make_withdraw(ref)])
    [down] = await bench.voso.withdraw([make_withdraw(ref)])

    assert isinstance(left, Applied)
    assert isinstance(down, Applied)
    assert (left.state, down.state) == (RemoteState.LIVE, RemoteState.DOWN)


async def test_withdrawing_by_ticket_cancels_a_review(bench: Bench) -> None:
    ticket = await bench.submit()

    [result] = await bench.voso.withdraw([make_withdraw("", ticket)])

    assert isinstance(result, Applied)
    bench.clock.advance(3)
    assert (await bench.shown(ticket)).state is RemoteState.DOWN
    assert isinstance((await bench.voso.follow([ticket]))[0], Applied)


async def test_what_was_approved_once_is_put_back_at_once(bench: Bench) -> None:
    ref = await bench.publish()
    await bench.voso.withdraw([make_withdraw(ref)])

    [result] = await bench.voso.republish([Republish(client_ref="", ref=ref)])

    assert isinstance(result, Applied)
    assert (await bench.shown(ref)).state is RemoteState.LIVE


async def test_what_was_never_approved_is_reviewed_before_it_is_back(
    bench: Bench,
) -> None:
    ref = await bench.submit()
    await bench.voso.withdraw([make_withdraw(ref)])

    results = await bench.voso.republish([Republish(client_ref="", ref=ref)])

    assert results == [Submitted(ref, ref)]


async def test_a_locked_listing_takes_no_change_and_says_why(bench: Bench) -> None:
    ref = await bench.publish()
    await bench.control("ban", ref=ref, reason="Hàng giả")

    [stocked] = await bench.voso.set_stock(
        [SetStock(client_ref="", ref=ref, stocks={"SP-00001-1": 1})]
    )
    [sold] = await bench.voso.republish([Republish(client_ref="", ref=ref)])
    [stopped] = await bench.voso.withdraw([make_withdraw(ref)])

    assert (code_of(stocked), code_of(sold)) == ("PRODUCT_LOCKED", "PRODUCT_LOCKED")
    assert isinstance(stopped, Applied), "it is down already"
    shown = await bench.shown(ref)
    assert (shown.state, shown.problems[0].message) == (RemoteState.BANNED, "Hàng giả")


@pytest.mark.parametrize("ref", ["", "abc", "0", "٣"])
async def test_a_reference_that_cannot_be_vosos_is_refused_unsent(
    bench: Bench, ref: str
) -> None:
    results = [
        *await bench.voso.set_price([SetPrice(client_ref="", ref=ref, prices={})]),
        *await bench.voso.update([make_update(ref, "title")]),
        *await bench.voso.withdraw([make_withdraw(ref)]),
    ]

    assert all(isinstance(each, Refused) for each in results)
    assert bench.quota.taken == 0


async def test_a_shop_without_a_profile_may_not_sell(bench: Bench) -> None:
    [result] = await bench.voso.create([make_create()])

    assert code_of(result) == "SHOP_PROFILE_MISSING"


async def test_a_shop_is_opened_again_and_again_to_the_same_effect(
    bench: Bench,
) -> None:
    change = PutSeller(client_ref=SHOP, seller=SELLER)

    first = await bench.voso.put_sellers([change])
    second = await bench.voso.put_sellers([change])

    assert first == second
    assert isinstance(first[0], Applied)
    [seller] = (await bench.look("state"))["sellers"]
    assert (seller["NAME"], seller["CLIENT_CODE"]) == (SELLER.name, SHOP)


async def test_the_shop_of_another_producer_is_not_written_to(bench: Bench) -> None:
    other = PutSeller(client_ref="CS-0099", seller=SELLER)
    stop = StopSeller(client_ref="CS-0099", reason="Hết hạn")

    put, stopped = [
        *await bench.voso.put_sellers([other]),
        *await bench.voso.stop_sellers([stop]),
    ]

    assert isinstance(put, Refused)
    assert isinstance(stopped, Refused)
    assert (await bench.look("counts"))["writes"] == 0


async def test_a_stopped_shop_has_nothing_on_sale_and_opens_again_empty(
    bench: Bench,
) -> None:
    live, waiting = await bench.publish(1), await bench.submit(2)
    stop = StopSeller(client_ref=SHOP, reason="Rút đồng ý")

    results = [*await bench.voso.stop_sellers([stop, stop])]

    assert all(isinstance(each, Applied) for each in results)
    for ref in (live, waiting):
        assert (await bench.shown(ref)).state is RemoteState.DOWN
    [refused] = await bench.voso.republish([Republish(client_ref="", ref=live)])
    assert code_of(refused) == "SHOP_STOPPED"
    await bench.open_shop()
    assert (await bench.shown(live)).state is RemoteState.DOWN


async def test_events_are_read_from_a_cursor_on(bench: Bench) -> None:
    ref = await bench.publish()
    line = await bench.control("sell", ref=ref, sku="SP-00001-1", quantity=2)

    first = await bench.voso.events(None)
    await bench.control("take_down", ref=ref)
    second = await bench.voso.events(first.next)
    third = await bench.voso.events(second.next)

    kinds = [each.kind for each in first.items]
    assert kinds == [EventKind.APPROVED, EventKind.SOLD]
    sold = first.items[1]
    assert (sold.ref, sold.quantity) == (ref, 2)
    assert sold.order_line == line["order_line"]
    assert first.items[0].at == datetime(2026, 11, 24, 2, 0, 2, tzinfo=UTC)
    assert [each.kind for each in second.items] == [EventKind.DOWN]
    assert (third.items, third.next) == ((), second.next)


async def test_a_listing_that_is_edited_and_locked_is_told(bench: Bench) -> None:
    ref = await bench.publish()
    start = (await bench.voso.events(None)).next

    await bench.control("edit", ref=ref, changes={"NAME": "Sửa tay"})
    await bench.control("ban", ref=ref, reason="Hàng giả")

    told = (await bench.voso.events(start)).items
    assert [(each.kind, each.ref) for each in told] == [
        (EventKind.EDITED, ref),
        (EventKind.BANNED, ref),
    ]


URL = "https://so.example/push/voso"
ROW = EventRow(
    ID=1,
    SHOP_CODE=SHOP,
    TYPE="APPROVED",
    PRODUCT_ID=700_001,
    AT="24/11/2026 09:00:00",
    SKU="",
    QUANTITY=0,
    ORDER_LINE="",
)
BODY = push_body([ROW])
SECRET = f"bí mật {SHOP}"


@pytest.mark.parametrize("name", ["Signature", "SIGNATURE", "signature"])
async def test_a_push_that_voso_signed_is_believed(bench: Bench, name: str) -> None:
    signature = push_headers(SECRET, URL, BODY)["Signature"]

    [event] = bench.voso.verify_push(URL, {name: signature}, BODY)

    assert (event.kind, event.ref) == (EventKind.APPROVED, "700001")


@pytest.mark.parametrize(
    ("url", "headers", "body"),
    [
        pytest.param(URL, {}, BODY, id="no signature"),
        pytest.param(URL, {"Signature": "chữ ký"}, BODY, id="no such signature"),
        pytest.param(URL, push_headers("khác", URL, BODY), BODY, id="another secret"),
        pytest.param(URL, push_headers(SECRET, URL, BODY), b"{}", id="another body"),
        pytest.param("/", push_headers(SECRET, URL, BODY), BODY, id="another address"),
    ],
)
async def test_a_push_that_voso_did_not_sign_is_refused(
    bench: Bench, url: str, headers: Mapping[str, str], body: bytes
) -> None:
    with pytest.raises(AuthenticationError) as caught:
        bench.voso.verify_push(url, headers, body)

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xff", id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="endless"),
        pytest.param(b'{"EVENTS": 1}', id="no list"),
        pytest.param(
            json.dumps({"EVENTS": [{**ROW, "SKU": "\ud83d"}]}).encode(), id="half"
        ),
    ],
)
async def test_a_signed_push_that_cannot_be_read_is_a_protocol_error(
    bench: Bench, body: bytes
) -> None:
    headers = push_headers(SECRET, URL, body)

    with pytest.raises(ProtocolError):
        bench.voso.verify_push(URL, headers, body)


def test_calls_are_counted_by_kind_and_batch() -> None:
    withdraw = make_withdraw("1")
    put = PutSeller(client_ref=SHOP, seller=SELLER)

    assert Voso.calls([make_create()] * 51 + [withdraw] + [put] * 2) == 2 + 1 + 2
    assert Voso.calls([]) == 0


def test_the_capabilities_say_what_the_documents_say() -> None:
    able = Voso.capabilities

    assert able.facets == frozenset(Facet)
    assert able.simulated
    assert able.account_per_seller
    assert (able.page_size, able.read_batch) == (50, 50)
    assert able.has_gtin
    assert able.has_trace_page


async def test_a_simulated_marketplace_is_called_on_this_computer_only(
    bench: Bench,
) -> None:
    account = Account(key="x", marketplace="voso", base_url="https://voso.example")

    with pytest.raises(ConfigurationError):
        Voso(account, bench.voso.context)
