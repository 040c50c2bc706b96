"""Signing in, the quota, and answers that are lost, late, refused or garbage."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from adapters.postmart.adapter import Postmart
from ocop_sync.errors import (
    AuthenticationError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    UnavailableError,
)
from ocop_sync.marketplace.change import (
    PutSeller,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    StopSeller,
    Update,
)
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.port import Applied, Submitted, Unknown, Unreadable
from ocop_sync.testing.mocks.clock import MockClock
from tests.adapters.postmart.conftest import OpenBench
from tests.adapters.postmart.support import (
    SECRETS,
    SELLER,
    Bench,
    close_bench,
    code_of,
    make_create,
    make_listing,
    make_withdraw,
    serve,
)

Call = Callable[[Postmart, str], Awaitable[object]]

READS: dict[str, Call] = {
    "page": lambda postmart, _: postmart.page(None),
    "read": lambda postmart, ref: postmart.read([ref]),
    "find": lambda postmart, _: postmart.find(skus=["SP-00001-1"]),
    "follow": lambda postmart, _: postmart.follow(["TR1"]),
    "events": lambda postmart, _: postmart.events(None),
}


def _update(ref: str) -> Update:
    fields = frozenset({"title"})
    return Update(client_ref="", ref=ref, listing=make_listing(), fields=fields)


WRITES: dict[str, Call] = {
    "create": lambda postmart, _: postmart.create([make_create(2)]),
    "update": lambda postmart, ref: postmart.update([_update(ref)]),
    "set_price": lambda postmart, ref: postmart.set_price(
        [SetPrice(client_ref="", ref=ref, prices={"SP-00001-1": 5_000})]
    ),
    "set_stock": lambda postmart, ref: postmart.set_stock(
        [SetStock(client_ref="", ref=ref, stocks={"SP-00001-1": 5})]
    ),
    "set_stars": lambda postmart, ref: postmart.set_stars(
        [SetStars(client_ref="", ref=ref, stars=None)]
    ),
    "withdraw": lambda postmart, ref: postmart.withdraw([make_withdraw(ref)]),
    "republish": lambda postmart, ref: postmart.republish(
        [Republish(client_ref="", ref=ref)]
    ),
    "put_sellers": lambda postmart, _: postmart.put_sellers(
        [PutSeller(client_ref="CS-2", seller=replace(SELLER, client_ref="CS-2"))]
    ),
    "stop_sellers": lambda postmart, _: postmart.stop_sellers(
        [StopSeller(client_ref=SELLER.client_ref, reason="")]
    ),
}

reads = pytest.mark.parametrize("call", READS.values(), ids=READS.keys())
writes = pytest.mark.parametrize("call", WRITES.values(), ids=WRITES.keys())


async def test_a_lost_answer_is_unknown_and_the_listing_is_found_once(
    bench: Bench,
) -> None:
    await bench.open_seller()
    bench.fault("submit_product", "lose_answer")

    with pytest.raises(OutcomeUnknownError):
        await bench.postmart.create([make_create()])

    assert (await bench.found()).state is RemoteState.IN_REVIEW


async def test_the_same_key_never_makes_a_second_listing(bench: Bench) -> None:
    ticket = await bench.submit()

    [result] = await bench.postmart.create([make_create()])

    assert result == Submitted(ticket)
    assert len((await bench.postmart.page(None)).items) == 1


@writes
@pytest.mark.parametrize("fault", ["lose_answer", "garbage", "error"])
async def test_a_write_without_a_readable_answer_is_unknown(
    bench: Bench, call: Call, fault: str
) -> None:
    ref = await bench.publish()
    bench.fault("*", fault)

    with pytest.raises(OutcomeUnknownError):
        await call(bench.postmart, ref)


@writes
async def test_a_write_over_the_quota_is_known_not_applied(
    bench: Bench, call: Call
) -> None:
    ref = await bench.publish()
    bench.fault("*", "rate_limited")

    with pytest.raises(RateLimitedError) as caught:
        await call(bench.postmart, ref)

    assert caught.value.retry_after == 1.0
    assert bench.quota.pauses == [1.0]


async def test_the_marketplaces_own_count_of_calls_is_learned_from(
    opened: OpenBench,
) -> None:
    bench = await opened(quota_per_s=0.001, quota_burst=20)

    await bench.postmart.page(None)
    await bench.postmart.page(None)

    assert bench.quota.counts == [(1, 20), (2, 20), (3, 20)]


async def test_without_a_quota_there_is_no_count_to_learn_from(bench: Bench) -> None:
    await bench.postmart.page(None)

    assert bench.quota.counts == []


@reads
async def test_a_read_without_an_answer_is_unavailable(
    bench: Bench, call: Call
) -> None:
    ref = await bench.publish()
    bench.fault("*", "error")

    with pytest.raises(UnavailableError):
        await call(bench.postmart, ref)


@reads
async def test_garbage_is_read_again_once(bench: Bench, call: Call) -> None:
    ref = await bench.publish()
    bench.fault("*", "garbage")

    await call(bench.postmart, ref)
    bench.fault("*", "garbage", count=2)
    with pytest.raises(ProtocolError):
        await call(bench.postmart, ref)


async def test_a_server_that_is_gone_has_applied_nothing(bench: Bench) -> None:
    ref = await bench.publish()
    await bench.server.close()

    for call in (*READS.values(), *WRITES.values()):
        with pytest.raises(UnavailableError):
            await call(bench.postmart, ref)


async def test_one_token_serves_all_concurrent_calls(bench: Bench) -> None:
    await asyncio.gather(*(bench.postmart.page(None) for _ in range(20)))

    assert (await bench.look("counts"))["calls"]["token"] == 1


async def test_a_token_is_renewed_before_its_end(bench: Bench) -> None:
    await bench.postmart.page(None)
    bench.ours.advance(3_600 - 59)
    await bench.postmart.page(None)

    calls = (await bench.look("log"))["calls"]

    assert [call["operation"] for call in calls] == ["token", "list_products"] * 2


async def test_a_token_that_is_refused_is_replaced_once_for_all(bench: Bench) -> None:
    await bench.postmart.page(None)
    bench.clock.advance(3_601)

    await asyncio.gather(*(bench.postmart.page(None) for _ in range(5)))

    assert (await bench.look("counts"))["calls"] == {"token": 2, "list_products": 11}


async def test_a_write_after_a_refused_token_is_applied_once(bench: Bench) -> None:
    ref = await bench.publish()
    bench.clock.advance(3_601)

    [result] = await bench.postmart.withdraw([make_withdraw(ref)])

    assert isinstance(result, Applied)
    calls = (await bench.look("log"))["calls"]
    assert [call["status"] for call in calls[-3:]] == [401, 200, 200]


async def test_a_token_that_is_refused_again_ends_it(bench: Bench) -> None:
    bench.fault("list_products", "unauthorized", count=2)

    with pytest.raises(AuthenticationError):
        await bench.postmart.page(None)


async def test_wrong_credentials_are_named_and_never_shown(
    opened: OpenBench,
) -> None:
    bench = await opened(client_id="khac")

    with pytest.raises(AuthenticationError) as caught:
        await bench.postmart.page(None)

    error: BaseException | None = caught.value
    while error:
        assert SECRETS["client_secret"] not in repr(error)
        error = error.__cause__ or error.__context__


async def test_each_call_asks_the_quota_once(bench: Bench) -> None:
    await bench.publish()

    calls = (await bench.look("counts"))["calls"]

    assert bench.quota.taken == sum(calls.values())


async def test_the_first_failure_is_raised_and_a_later_one_spares_what_was_done(
    bench: Bench,
) -> None:
    await bench.open_seller()
    await bench.control(
        "faults", operation="submit_product", fault="slow", seconds=0
    )  # hits the first, harmlessly
    bench.fault("submit_product", "lose_answer")
    changes = [make_create(1), make_create(2), make_create(3)]

    results = await bench.postmart.create(changes)

    assert [type(result) for result in results] == [Submitted, Unknown, Unknown]
    assert await bench.postmart.find(client_refs=["SP-00003"]) == []


async def test_no_error_holds_what_the_marketplace_sent(bench: Bench) -> None:
    bench.fault("*", "garbage", count=9)

    with pytest.raises(MarketplaceError) as caught:
        await bench.postmart.page(None)

    assert "cut short" not in repr((caught.value, caught.value.__cause__))


async def _sample(request: web.Request) -> web.Response:
    name = request.match_info.route.name or ""
    body = (Path(__file__).parent / f"samples/{name}.json").read_bytes()
    return web.Response(body=body, content_type="application/json")


async def _mute_refusal(_: web.Request) -> web.Response:
    return web.Response(status=422, text="<html>")


@pytest.fixture(name="unread_sales")
async def _deaf() -> AsyncIterator[Bench]:
    """Return a marketplace that answers the same whatever it is asked."""
    app = web.Application()
    app.router.add_post("/oauth2/token", _sample, name="token")
    app.router.add_get("/v1/products", _sample, name="product_page")
    app.router.add_route("*", "/v1/products/{id}/{what}", _sample, name="changed")
    app.router.add_route("*", "/v1/sellers/{id}{what:.*}", _sample, name="seller")
    app.router.add_post("/v1/product-requests", _mute_refusal)
    bench = await serve(app, MockClock())
    yield bench
    await close_bench([bench])


async def test_only_what_was_asked_for_counts_as_found(unread_sales: Bench) -> None:
    by_ref = await unread_sales.postmart.find(client_refs=["SP-00018"])
    by_sku = await unread_sales.postmart.find(skus=["A-1"])
    read = await unread_sales.postmart.read(["40018", "5"])

    assert [item.ref for item in by_ref] == ["40018"]
    assert [item.ref for item in by_sku] == ["40017"]
    assert [item and item.ref for item in read] == ["40018", None]


@pytest.mark.parametrize("kind", ["set_price", "withdraw", "republish", "put_sellers"])
async def test_an_answer_about_another_listing_leaves_the_outcome_unknown(
    unread_sales: Bench, kind: str
) -> None:
    with pytest.raises(OutcomeUnknownError):
        await WRITES[kind](unread_sales.postmart, "7")


async def test_a_refusal_without_readable_words_is_still_a_refusal(
    unread_sales: Bench,
) -> None:
    [result] = await unread_sales.postmart.create([make_create()])

    assert code_of(result) == "http_422"


async def test_another_page_than_the_one_asked_for_is_an_error(
    unread_sales: Bench,
) -> None:
    with pytest.raises(ProtocolError):
        await unread_sales.postmart.page("2/50")


@pytest.mark.parametrize(
    ("last_page", "per_page", "cursor"),
    [
        pytest.param(10**14, 50, None, id="too many pages"),
        pytest.param(9, 50, "8/50", id="an empty page before the last"),
        pytest.param(9, 20, "9/50", id="pages of another size"),
    ],
)
async def test_pages_that_cannot_be_read_whole_are_an_error(
    last_page: int, per_page: int, cursor: str | None
) -> None:
    async def pages(request: web.Request) -> web.Response:
        number = int(request.query["page"])
        paging = {"current_page": number, "last_page": last_page, "per_page": per_page}
        return web.json_response({"data": [], "paging": paging})

    app = web.Application()
    app.router.add_post("/oauth2/token", _sample, name="token")
    app.router.add_get("/v1/products", pages)
    bench = await serve(app, MockClock())

    with pytest.raises(ProtocolError):
        await bench.postmart.page(cursor)

    await close_bench([bench])


async def test_what_does_not_say_what_it_is_may_be_any_that_is_missing() -> None:
    """So nothing that was asked for counts as gone, and no review as unknown."""
    paging = {"current_page": 1, "last_page": 1, "per_page": 50}

    async def products(_: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": None}], "paging": paging})

    async def tracks(_: web.Request) -> web.Response:
        whole = {"track_id": "TR2", "state": "queuing"}
        return web.json_response({"data": [None, whole]})

    app = web.Application()
    app.router.add_post("/oauth2/token", _sample, name="token")
    app.router.add_get("/v1/products", products)
    app.router.add_get("/v1/tracking", tracks)
    bench = await serve(app, MockClock())

    read = await bench.postmart.read(["40018", "5"])
    followed = await bench.postmart.follow(["TR1", "TR2"])

    await close_bench([bench])
    assert [each.ref for each in read if isinstance(each, Unreadable)] == ["40018", "5"]
    assert isinstance(followed[0], Unreadable)
    assert followed[1] == Submitted("TR2")
