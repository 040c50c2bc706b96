"""Adapters in trouble that takes more than one call to show.

Pauses that are asked for, refusals, redirects, writes that come or show late, bombs,
pages that change under the reader. Each single call under each fault is tested in
`test_nastiness.py`.
"""

import tracemalloc
from typing import Any, Final

import pytest

from ocop_sync.errors import OutcomeUnknownError, ProtocolError, RateLimitedError
from ocop_sync.marketplace.change import SetStock
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.port import Applied, Refused, Submitted, Unknown
from tests.adapters.calls import (
    READS,
    WRITES,
    Market,
    Open,
    last_call,
    outcome_of,
    writes_after,
)
from tests.adapters.traits import NAMES

at_both: Final = pytest.mark.parametrize("name", NAMES)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        pytest.param(7, {7.0}, id="seconds"),
        pytest.param(2.5, {2.5}, id="parts of a second"),
        pytest.param("date", {90.0, 89.0, 91.0, None}, id="a date"),
        pytest.param(None, {None}, id="none"),
        pytest.param(0, {0.0}, id="zero"),
        pytest.param(-5, {None, 0.0}, id="negative"),
        pytest.param(10**11, {3_600.0}, id="absurd"),
        pytest.param("soon", {None}, id="a word"),
    ],
)
@pytest.mark.parametrize("call", ["page", "set_stock"])
@at_both
async def test_every_form_of_retry_after_is_understood_or_bounded(
    opened: Open, name: str, call: str, asked: Any, waits: set[float | None]
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    market.bench.fault("*", "rate_limited", retry_after=asked, seconds=90)

    came = await outcome_of({**READS, **WRITES}[call], market)

    assert isinstance(came, RateLimitedError)
    assert came.retry_after in waits
    [pause] = market.bench.quota.pauses
    assert 0 <= pause <= 3_600


@pytest.mark.parametrize("topic", ["picture", "name", "price", "paper", "category"])
@at_both
async def test_a_refusal_is_told_in_the_marketplaces_words(
    opened: Open, name: str, topic: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    market.bench.fault("*", "refuse", about=topic)
    refused = {"act": "refuse", "ref": "$applied", "reason": topic}

    [at_once] = await WRITES["create"](market)
    market.bench.fault("*", "act_after", act=refused)
    [submitted] = await WRITES["create"](market)
    [later] = await market.adapter.follow([submitted.ticket])

    assert isinstance(submitted, Submitted)
    assert at_once == later
    assert isinstance(later, Refused)
    assert len(later.problems[0].message) > len("moderator")


@pytest.mark.parametrize("call", ["page", "set_stock", "create"])
@at_both
async def test_nothing_follows_a_redirect(opened: Open, name: str, call: str) -> None:
    market, elsewhere = await opened(name), await opened(name)
    market.ref = await market.bench.publish()
    market.bench.fault(
        "*", "redirect", count=2, target=str(elsewhere.bench.server.make_url("/v1/x"))
    )
    before = len(await elsewhere.log(0))

    came = await outcome_of({**READS, **WRITES}[call], market)

    assert isinstance(came, (ProtocolError, OutcomeUnknownError))
    assert len(await elsewhere.log(0)) == before


@at_both
async def test_a_write_that_was_put_off_is_carried_out_once_and_logged(
    opened: Open, name: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    last = last_call(market)
    market.bench.fault("*", "late", seconds=60)

    with pytest.raises(OutcomeUnknownError):
        await WRITES["set_stock"](market)

    before = (await market.bench.shown(market.ref)).shown.variants[0].stock
    market.bench.clock.advance(61)
    after = (await market.bench.shown(market.ref)).shown.variants[0].stock
    lost, carried_out = await writes_after(market, last)
    assert (before, after) == (12, 5)
    assert (lost["applied"], lost["answered"]) == ([], False)
    assert (carried_out["applied"], carried_out["answered"]) == ([market.ref], False)


@pytest.mark.parametrize("call", ["create", "set_stock"])
@at_both
async def test_a_write_may_show_later_than_it_is_answered(
    opened: Open, name: str, call: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    number = 2 if call == "create" else 1
    market.bench.fault("*", "stale", seconds=60)
    await WRITES[call](market)

    async def stocks() -> list[int]:
        found = await market.adapter.find(client_refs=[f"SP-{number:05d}"])
        shown = [each.shown for each in found if isinstance(each, RemoteListing)]
        return [each.variants[0].stock for each in shown]

    before = await stocks()
    market.bench.clock.advance(61)

    assert (before, await stocks()) == (([], [12]) if call == "create" else ([12], [5]))


@pytest.mark.parametrize("fault", ["huge", "gzip_bomb", "deep_json", "long_header"])
@at_both
async def test_a_bomb_takes_little_memory(opened: Open, name: str, fault: str) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    await market.adapter.page(None)
    market.bench.fault("*", fault, count=None, size=60_000_000)
    tracemalloc.start()

    came = await outcome_of(READS["page"], market)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(came, ProtocolError)
    assert peak < 40_000_000, "the mock's own buffers included"


async def read_all(market: Market) -> list[str]:
    refs: list[str] = []
    cursor: str | None = None
    for _ in range(50):
        page = await market.adapter.page(cursor)
        refs += [item.ref for item in page.items]
        cursor = page.next
        if cursor is None:
            return refs
    pytest.fail("the pages do not end")


@pytest.mark.parametrize("size", [1, 7])
@at_both
async def test_pages_that_are_smaller_than_documented_are_read_whole(
    opened: Open, name: str, size: int
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    await market.adapter.create([market.support.make_create(n) for n in range(2, 24)])
    market.bench.fault("list_products", "small_pages", count=None, size=size)

    refs = await read_all(market)

    assert len(refs) == len(set(refs)) == 23


@at_both
async def test_a_page_size_that_changes_on_the_way_leaves_no_listing_out_unsaid(
    opened: Open, name: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    await market.adapter.create([market.support.make_create(n) for n in range(2, 24)])
    market.bench.fault("list_products", "small_pages", size=7)

    try:
        refs = await read_all(market)
    except ProtocolError:
        return

    assert len(set(refs)) == 23


@at_both
async def test_no_listing_is_missed_while_others_vanish_and_appear(
    opened: Open, name: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    await market.adapter.create([market.support.make_create(n) for n in range(2, 120)])
    new = {"act": "hand_made", "code": "CS-0001", "names": ["Hàng mới"]}
    market.bench.fault("list_products", "act_after", act=new)
    for ref in ("SP-00003", "SP-00007", "SP-00011"):
        act = {"act": "delete", "ref": ref}
        market.bench.fault("list_products", "act_after", act=act)

    refs = set(await read_all(market))

    rows = (await market.bench.look("state"))["listings"]
    there_all_along = {row["ref"] for row in rows if not row["by_hand"]}
    assert 119 - 3 <= len(there_all_along) < 119
    assert there_all_along <= refs


async def test_pages_that_never_end_are_not_followed(opened: Open) -> None:
    market = await opened("postmart")
    market.ref = await market.bench.publish()
    page = await market.adapter.page(f"{10**15 - 1}/50")

    assert page.next == "1/50"


async def test_a_token_that_ends_inside_a_call_leaves_the_rest_to_be_looked_up(
    opened: Open,
) -> None:
    market = await opened("voso")
    market.ref = await market.bench.publish()
    market.bench.fault("save_products", "token_ends_inside", size=2)
    creates = [market.support.make_create(n) for n in range(2, 6)]

    results = await market.adapter.create(creates)

    assert [type(each) for each in results] == [Submitted, Submitted, Unknown, Unknown]
    assert await market.adapter.find(client_refs=["SP-00004", "SP-00005"]) == ()
    assert len(await market.adapter.find(client_refs=["SP-00003"])) == 1


async def test_stock_that_orders_keep_is_not_taken_from_them(opened: Open) -> None:
    market = await opened("voso")
    market.ref = await market.bench.publish()
    kept = {"ref": market.ref, "sku": "SP-00001-1"}
    await market.bench.control("reserve", quantity=6, **kept)

    [refused] = await WRITES["set_stock"](market)
    await market.bench.control("reserve", quantity=0, **kept)
    [applied] = await WRITES["set_stock"](market)

    assert market.support.code_of(refused) == "STOCK_RESERVED"
    assert isinstance(refused, Refused)
    assert refused.for_now
    assert isinstance(applied, Applied)


@at_both
async def test_an_answer_that_comes_twice_is_not_taken_for_that_of_the_next_call(
    opened: Open, name: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    market.bench.fault("*", "answer_twice", count=None)
    stocks = [SetStock(client_ref="", ref=market.ref, stocks={"SP-00001-1": 4})]

    prices, stock, page, read = [
        await call(market)
        for call in (
            WRITES["set_price"],
            lambda m: m.adapter.set_stock(stocks),
            READS["page"],
            READS["read"],
        )
    ]

    assert int(stock[0].version) == int(prices[0].version) + 1
    assert read[0] == page.items[0]
    assert read[0].shown.variants[0].stock == 4


@at_both
async def test_a_page_of_the_longest_texts_can_be_read(opened: Open, name: str) -> None:
    market = await opened(name)
    await market.bench.open_seller_again()
    creates = [
        market.support.make_create(n, description="ữ" * 20_000) for n in range(1, 51)
    ]
    for start in range(0, 50, 10):
        await market.adapter.create(creates[start : start + 10])

    refs = await read_all(market)

    assert len(refs) == 50
