"""The adapter against the mock over HTTP: every method of the port.

Reading bodies is tested in `test_wire`, signing in and failures in `test_calls`, the
mock's own acts in `test_mock`.
"""

import unicodedata
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapters.postmart.adapter import Postmart
from adapters.postmart.results import seller_changed
from ocop_sync.errors import ConfigurationError
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
    Variant,
)
from ocop_sync.marketplace.port import (
    Account,
    Applied,
    EventKind,
    Refused,
    Submitted,
    Unknown,
)
from ocop_sync.marketplace.reply import Reply
from tests.adapters.postmart.conftest import OpenBench
from tests.adapters.postmart.support import (
    SELLER,
    Bench,
    code_of,
    make_create,
    make_listing,
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

    [result] = await bench.postmart.follow([ticket])

    assert isinstance(result, Applied)
    shown = await bench.shown(result.ref)
    assert shown.state is RemoteState.LIVE
    assert shown.shown == make_listing()
    assert shown.seller_name == SELLER.name


async def test_untidy_text_is_shown_as_canonical_says(bench: Bench) -> None:
    untidy = make_listing(
        title="  " + unicodedata.normalize("NFD", "Mật ong") + " \n",
        description="\tMô tả ",
        attributes=(("b ", " 2"), (" a", "1 ")),
        trace_url=" https://truyxuat.example/1",
        stars=StarClaim(stars=3, decision=" 7/QĐ-MẪU "),
        variants=(replace(make_listing().variants[0], pack=" Chai"),),
    )

    ref = await bench.publish(**{n: getattr(untidy, n) for n in untidy.__slots__})

    shown = (await bench.shown(ref)).shown
    assert shown != untidy
    assert shown == Postmart.canonical(untidy)


async def test_a_listing_in_review_is_found_followed_and_paged(bench: Bench) -> None:
    ticket = await bench.submit()

    assert (await bench.found()).state is RemoteState.IN_REVIEW
    assert await bench.postmart.follow([ticket]) == [Submitted(ticket)]
    assert len((await bench.postmart.page(None)).items) == 1


@pytest.mark.parametrize(
    ("differences", "code"),
    [
        pytest.param({"title": " "}, "name_missing", id="no name"),
        pytest.param({"category": "I.1.a"}, "category_unknown", id="category"),
        pytest.param({"description": "Thần dược!"}, "forbidden_word", id="word"),
        pytest.param(
            {"variants": (replace(make_listing().variants[0], price_vnd=999),)},
            "price_too_low",
            id="price",
        ),
    ],
)
async def test_moderation_refuses_with_words(
    bench: Bench, differences: dict[str, Any], code: str
) -> None:
    ticket = await bench.submit(**differences)
    bench.clock.advance(3)

    [result] = await bench.postmart.follow([ticket])

    assert code_of(result) == code
    found = await bench.found()
    assert found.state is RemoteState.REFUSED
    assert found.problems[0].message


async def test_a_new_try_takes_the_place_of_a_refused_listing(bench: Bench) -> None:
    await bench.submit(title="")
    bench.clock.advance(3)

    [result] = await bench.postmart.create([replace(make_create(), key="second")])

    assert isinstance(result, Submitted)
    assert (await bench.found()).state is RemoteState.IN_REVIEW


async def test_an_unknown_ticket_is_unknown(bench: Bench) -> None:
    results = await bench.postmart.follow(["TR404", "a/b, c"])

    assert all(isinstance(result, Unknown) for result in results)
    assert len(results) == 2


async def test_every_page_is_read_and_nothing_twice(opened: OpenBench) -> None:
    bench = await opened(seed=7)
    await bench.open_seller()
    for number in range(1, 72):
        await bench.postmart.create([make_create(number)])

    refs, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = await bench.postmart.page(cursor)
        refs += [item.ref for item in page.items]
        cursor, pages = page.next, pages + 1

    assert pages == 1 + 3, "the first one is read again at the end"
    assert len(refs) == len(set(refs)) == 40 + 71


async def test_an_empty_shop_has_one_empty_page(bench: Bench) -> None:
    page = await bench.postmart.page(None)

    assert page.items == ()
    assert page.next is None


async def test_reading_keeps_the_order_and_says_none_for_what_is_not_there(
    bench: Bench,
) -> None:
    first, second = await bench.publish(1), await bench.publish(2)

    found = await bench.postmart.read([second, "1", "../x", "", first])

    assert [item and item.ref for item in found] == [second, None, None, None, first]


async def test_more_references_than_one_call_takes_are_all_read(bench: Bench) -> None:
    refs = [await bench.publish(number) for number in range(1, 54)]

    found = await bench.postmart.read(refs)

    assert [item and item.ref for item in found] == refs


async def test_finding_by_reference_and_sku_gives_nothing_twice(bench: Bench) -> None:
    await bench.submit(1)
    await bench.submit(2)

    found = await bench.postmart.find(
        client_refs=["SP-00001", "SP-404"], skus=["SP-00001-1", "SP-00002-1", "a,b"]
    )

    shown = [item.shown for item in found if isinstance(item, RemoteListing)]
    assert sorted(item.client_ref for item in shown) == ["SP-00001", "SP-00002"]


async def test_more_results_than_one_page_holds_are_all_found(bench: Bench) -> None:
    for number in range(1, 53):
        await bench.submit(number)
        changes = {"client_ref": "SP-00001"}
        await bench.control("edit", ref=f"SP-{number:05d}", changes=changes)

    found = await bench.postmart.find(client_refs=["SP-00001"])

    assert len(found) == 52


async def test_finding_nothing_in_particular_asks_nothing(opened: OpenBench) -> None:
    bench = await opened(seed=7)

    found = await bench.postmart.find(client_refs=[""], skus=["không có, thật"])

    assert found == []
    assert bench.quota.taken == 0


async def test_a_sku_is_taken_once(bench: Bench) -> None:
    await bench.submit(1)

    twin = make_create(2, variants=make_listing(1).variants)
    [result] = await bench.postmart.create([twin])

    assert code_of(result) == "duplicate_sku"
    assert await bench.postmart.find(client_refs=["SP-00002"]) == []


async def test_a_listing_needs_its_seller_first(bench: Bench) -> None:
    [result] = await bench.postmart.create([make_create()])

    assert code_of(result) == "seller_unknown"


async def test_what_the_api_has_no_room_for_is_refused_without_a_call(
    bench: Bench,
) -> None:
    [result] = await bench.postmart.create([make_create(description="x" * 100_001)])

    assert code_of(result) == "not_representable"
    assert bench.quota.taken == 0


async def test_only_the_named_fields_are_updated(bench: Bench) -> None:
    ref = await bench.publish()
    change = make_update(ref, "title", title="Tên mới", description="Không gửi")

    [result] = await bench.postmart.update([change])

    assert isinstance(result, Applied)
    assert (await bench.shown(ref)).shown == make_listing(title="Tên mới")


async def test_packs_are_updated_without_their_prices_and_stocks(bench: Bench) -> None:
    ref = await bench.publish()
    [old] = make_listing().variants
    bigger = replace(old, pack="Chai 1 lít", price_vnd=1, stock=99)
    new = Variant(sku="SP-00001-2", pack="Thùng", price_vnd=900_000, stock=3)

    await bench.postmart.update([make_update(ref, "variants", variants=(bigger, new))])

    shown = (await bench.shown(ref)).shown
    assert shown.variants == (replace(old, pack="Chai 1 lít"), new)


async def test_forbidden_words_are_refused_and_change_nothing(bench: Bench) -> None:
    ref = await bench.publish()

    change = make_update(ref, "title", "description", title="Thần dược")
    [result] = await bench.postmart.update([change])

    assert code_of(result) == "forbidden_word"
    assert (await bench.shown(ref)).shown == make_listing()


async def test_changing_a_refused_listing_submits_it_again(bench: Bench) -> None:
    await bench.submit(title="")
    bench.clock.advance(3)
    ref = (await bench.found()).ref

    [result] = await bench.postmart.update([make_update(ref, "title")])
    bench.clock.advance(3)

    assert isinstance(result, Submitted)
    assert await bench.postmart.follow([result.ticket]) == [Applied(ref)]
    assert (await bench.shown(ref)).state is RemoteState.LIVE


async def test_a_listing_cannot_move_to_another_seller(bench: Bench) -> None:
    [result] = await bench.postmart.update([make_update("40001", "seller_ref")])

    assert code_of(result) == "not_changeable"


async def test_prices_change_and_nothing_else(bench: Bench) -> None:
    ref = await bench.publish()
    change = SetPrice(client_ref="", ref=ref, prices={"SP-00001-1": 160_000})

    [result] = await bench.postmart.set_price([change])

    assert isinstance(result, Applied)
    [variant] = make_listing().variants
    expected = make_listing(variants=(replace(variant, price_vnd=160_000),))
    assert (await bench.shown(ref)).shown == expected


@pytest.mark.parametrize(
    ("prices", "code"),
    [({"SP-00001-1": 999}, "price_too_low"), ({"khac": 5_000}, "sku_unknown")],
)
async def test_wrong_prices_are_refused(
    bench: Bench, prices: dict[str, int], code: str
) -> None:
    ref = await bench.publish()

    change = SetPrice(client_ref="", ref=ref, prices=prices)
    [result] = await bench.postmart.set_price([change])

    assert code_of(result) == code
    assert (await bench.shown(ref)).shown == make_listing()


async def test_stock_is_set_to_an_absolute_count(bench: Bench) -> None:
    ref = await bench.publish()
    change = SetStock(client_ref="", ref=ref, stocks={"SP-00001-1": 0})

    await bench.postmart.set_stock([change])
    await bench.postmart.set_stock([change])

    assert (await bench.shown(ref)).shown.variants[0].stock == 0


async def test_a_negative_stock_is_refused(bench: Bench) -> None:
    ref = await bench.publish()

    change = SetStock(client_ref="", ref=ref, stocks={"SP-00001-1": -1})
    [result] = await bench.postmart.set_stock([change])

    assert code_of(result) == "out_of_range"


async def test_stars_are_cleared_and_set_and_never_touch_the_rating(
    bench: Bench,
) -> None:
    ref = await bench.publish()
    await bench.control("edit", ref=ref, changes={"rating_average": 4.6})

    await bench.postmart.set_stars([SetStars(client_ref="", ref=ref, stars=None)])
    cleared = await bench.row(ref)
    claim = StarClaim(stars=3, valid_to=date(2028, 2, 29))
    await bench.postmart.set_stars([SetStars(client_ref="", ref=ref, stars=claim)])
    row = await bench.row(ref)

    assert cleared["ocop"] is None
    assert row["ocop"] == {"stars": 3, "decision": "", "valid_to": "2028-02-29"}
    assert (cleared["rating_average"], row["rating_average"]) == (4.6, 4.6)
    assert (await bench.shown(ref)).shown.stars == claim


async def test_two_stars_cannot_be_claimed(bench: Bench) -> None:
    ref = await bench.publish()

    change = SetStars(client_ref="", ref=ref, stars=StarClaim(stars=2))
    [result] = await bench.postmart.set_stars([change])

    assert code_of(result) == "out_of_range"


async def test_withdrawing_twice_is_harmless(bench: Bench) -> None:
    ref = await bench.publish()

    results = await bench.postmart.withdraw([make_withdraw(ref), make_withdraw(ref)])

    assert all(isinstance(result, Applied) for result in results)
    assert (await bench.shown(ref)).state is RemoteState.DOWN


async def test_a_withdrawn_listing_comes_back_without_a_second_review(
    bench: Bench,
) -> None:
    ref = await bench.publish()
    await bench.postmart.withdraw([make_withdraw(ref)])

    [result] = await bench.postmart.republish([Republish(client_ref="", ref=ref)])

    assert isinstance(result, Applied)
    assert (await bench.found()).state is RemoteState.LIVE


@pytest.mark.parametrize("passed_s", [0, 3], ids=["in review", "just approved"])
async def test_cancelling_a_submission_leaves_nothing_on_sale(
    bench: Bench, passed_s: int
) -> None:
    ticket = await bench.submit()
    bench.clock.advance(passed_s)

    results = await bench.postmart.withdraw([make_withdraw("", ticket)] * 2)
    bench.clock.advance(5)

    found = await bench.found()
    assert found.state is RemoteState.DOWN
    assert [getattr(result, "ref", "") for result in results] == [found.ref] * 2


async def test_a_cancelled_submission_is_reviewed_when_republished(
    bench: Bench,
) -> None:
    ticket = await bench.submit()
    await bench.postmart.withdraw([make_withdraw("", ticket)])
    ref = (await bench.found()).ref

    [result] = await bench.postmart.republish([Republish(client_ref="", ref=ref)])
    followed = await bench.postmart.follow([ticket])

    assert isinstance(result, Submitted)
    assert result.ticket != ticket
    assert followed == [Applied(ref)]
    assert (await bench.found()).state is RemoteState.IN_REVIEW


async def test_an_answer_says_what_came_of_the_listing(bench: Bench) -> None:
    ref = await bench.publish()
    bench.fault("unpublish", "ignored")

    [left, down] = await bench.postmart.withdraw([make_withdraw(ref)] * 2)

    assert isinstance(left, Applied)
    assert isinstance(down, Applied)
    assert (left.state, down.state) == (RemoteState.LIVE, RemoteState.DOWN)


async def test_what_is_in_review_is_cancelled_and_not_only_unpublished(
    bench: Bench,
) -> None:
    ticket = await bench.submit()
    ref = (await bench.found()).ref
    bench.fault("unpublish", "ignored")

    [unpublished] = await bench.postmart.withdraw([make_withdraw(ref)])
    [cancelled] = await bench.postmart.withdraw([make_withdraw(ref, ticket)])
    bench.clock.advance(5)

    assert isinstance(unpublished, Applied)
    assert unpublished.state is RemoteState.IN_REVIEW
    assert isinstance(cancelled, Applied)
    assert cancelled.state is RemoteState.DOWN
    assert (await bench.shown(ref)).state is RemoteState.DOWN


@pytest.mark.parametrize("ticket", ["TR-LA", "TR00040001-0"])
async def test_a_ticket_that_ends_nothing_leads_to_the_listing_itself(
    bench: Bench, ticket: str
) -> None:
    ref = await bench.publish()

    [result] = await bench.postmart.withdraw([make_withdraw(ref, ticket)])

    assert isinstance(result, Applied)
    assert (await bench.shown(ref)).state is RemoteState.DOWN


@pytest.mark.parametrize("named", [True, False], ids=["with its ref", "without"])
async def test_a_ticket_of_an_earlier_review_does_not_leave_its_product_on_sale(
    bench: Bench, *, named: bool
) -> None:
    ticket = await bench.submit()
    await bench.postmart.withdraw([make_withdraw("", ticket)])
    ref = (await bench.found()).ref
    await bench.postmart.republish([Republish(client_ref="", ref=ref)])
    bench.clock.advance(5)
    assert (await bench.shown(ref)).state is RemoteState.LIVE

    old = make_withdraw(ref if named else "", ticket)
    [result] = await bench.postmart.withdraw([old])

    assert isinstance(result, Applied)
    assert result.version != "0"
    assert (await bench.shown(ref)).state is RemoteState.DOWN


def test_a_seller_that_is_still_open_was_not_stopped() -> None:
    answer = b'{"external_id": "CS-0001", "state": "active"}'
    reply = Reply(status=200, headers={}, body=answer, call="stop", write=True)

    result = seller_changed(reply, "CS-0001", "stopped")

    assert isinstance(result, Unknown)


@pytest.mark.parametrize("ref", ["99999", "", "x/../y"])
async def test_an_unknown_listing_is_refused(bench: Bench, ref: str) -> None:
    [result] = await bench.postmart.withdraw([make_withdraw(ref)])

    assert code_of(result) == "not_found"


async def test_a_banned_listing_takes_no_change_but_its_withdrawal(
    bench: Bench,
) -> None:
    ref = await bench.publish()
    await bench.control("ban", ref=ref, reason="Hàng cấm")

    [back] = await bench.postmart.republish([Republish(client_ref="", ref=ref)])
    [down] = await bench.postmart.withdraw([make_withdraw(ref)])

    assert code_of(back) == "banned"
    assert isinstance(down, Applied)
    assert (await bench.shown(ref)).state is RemoteState.BANNED


async def test_stopping_a_seller_takes_all_of_it_down(bench: Bench) -> None:
    live = await bench.publish(1)
    await bench.submit(2)
    change = StopSeller(client_ref=SELLER.client_ref, reason="Xin ngừng")

    results = await bench.postmart.stop_sellers([change, change])
    [again] = await bench.postmart.republish([Republish(client_ref="", ref=live)])

    assert results == [Applied(SELLER.client_ref)] * 2
    states = {item.state for item in (await bench.postmart.page(None)).items}
    assert states == {RemoteState.DOWN}
    assert code_of(again) == "seller_stopped"


async def test_a_seller_is_renamed_by_putting_it_again(bench: Bench) -> None:
    ref = await bench.publish()
    seller = replace(SELLER, name="Cơ sở Mẫu 001 (mới)", commune_code="06886")

    change = PutSeller(client_ref=SELLER.client_ref, seller=seller)
    [result] = await bench.postmart.put_sellers([change])

    assert result == Applied(SELLER.client_ref)
    assert (await bench.shown(ref)).seller_name == "Cơ sở Mẫu 001 (mới)"
    assert (await bench.look("counts"))["sellers"] == 1


async def test_a_seller_without_a_name_is_refused(bench: Bench) -> None:
    change = PutSeller(client_ref="CS-0001", seller=replace(SELLER, name=" "))
    [result] = await bench.postmart.put_sellers([change])

    assert isinstance(result, Refused)
    assert result.problems[0].field == "name"


async def test_events_tell_what_happened_until_they_are_acknowledged(
    bench: Bench,
) -> None:
    ref = await bench.publish()
    sold = await bench.control("sell", ref=ref, sku="SP-00001-1", quantity=2)

    first = await bench.postmart.events(None)
    again = await bench.postmart.events(None)
    after = await bench.postmart.events(first.next)

    assert first == again
    assert [event.kind for event in first.items] == [EventKind.APPROVED, EventKind.SOLD]
    assert {event.ref for event in first.items} == {ref}
    assert first.items[1].order_line == sold["order_line"]
    assert first.items[1].quantity == 2
    assert after.items == ()
    assert (await bench.shown(ref)).shown.variants[0].stock == 10


async def test_what_was_made_by_hand_is_neither_changed_nor_doubled(
    opened: OpenBench,
) -> None:
    bench = await opened(seed=3)
    before = (await bench.look("state"))["listings"]

    ref = await bench.publish()
    await bench.postmart.withdraw([make_withdraw(ref)])

    counts = await bench.look("counts")
    after = (await bench.look("state"))["listings"]
    assert [row for row in after if row["by_hand"]] == before
    assert (counts["by_hand"], counts["touched"], counts["doubled"]) == (40, [], [])


def test_each_change_takes_one_call_but_a_cancelled_one_that_may_be_live() -> None:
    assert Postmart.calls([make_create(1), make_withdraw("1")]) == 2
    assert Postmart.calls([make_withdraw("", "TR1"), make_withdraw("1", "TR1")]) == 3


def test_a_tidy_listing_is_its_own_canonical_form() -> None:
    tidy = make_listing()

    assert Postmart.canonical(tidy) is tidy


def test_it_says_what_it_can_do() -> None:
    assert Postmart.capabilities.simulated
    assert Postmart.capabilities.facets == frozenset(Facet)


async def test_a_simulated_marketplace_is_called_on_this_computer_only(
    bench: Bench,
) -> None:
    account = Account(
        key="postmart", marketplace="postmart", base_url="https://postmart.example"
    )

    with pytest.raises(ConfigurationError):
        Postmart(account, bench.postmart.context)
