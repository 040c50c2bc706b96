"""Signing, signing in, the quota, and answers that are lost, refused or garbage."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.voso.adapter import Voso
from adapters.voso.signature import sign_call
from ocop_sync.engine.reasons.account_problem import todo_of
from ocop_sync.errors import (
    AuthenticationError,
    CallRefusedError,
    MarketplaceError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    RefusedClockError,
    UnavailableError,
)
from ocop_sync.marketplace.change import SetStock
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.port import (
    Account,
    Applied,
    Page,
    Submitted,
    Unknown,
    Unreadable,
)
from tests.adapters.voso.conftest import OpenBench
from tests.adapters.voso.support import (
    Bench,
    make_create,
    make_withdraw,
)

Call = Callable[[Voso], Awaitable[object]]


async def write(voso: Voso) -> object:
    """Make a call that changes something."""
    return await voso.withdraw([make_withdraw("700001")])


async def read(voso: Voso) -> object:
    """Make a call that changes nothing."""
    return await voso.page(None)


BOTH = pytest.mark.parametrize(
    "call", [pytest.param(write, id="write"), pytest.param(read, id="read")]
)


def with_secrets(voso: Voso, **others: str) -> Voso:
    """Return an adapter of the same account with *others* for secrets."""

    def secret_of(name: str) -> str:
        return others.get(name) or voso.context.secrets(name)

    return Voso(voso.account, replace(voso.context, secrets=secret_of))


def test_a_signature_is_the_one_that_the_documents_show() -> None:
    # Worked out with openssl dgst -sha256 -hmac.
    assert sign_call("bi-mat", "/v2/product/list", 1_700_000_000_000, b"{}") == (
        "e61709f67ebe2346b8dee185579702748d23c117dd1178a45f12f8db8d5a9539"
    )


async def test_however_many_calls_begin_together_one_signs_in(bench: Bench) -> None:
    await asyncio.gather(*(read(bench.voso) for _ in range(12)))

    assert await bench.calls("login") == 1


async def test_a_token_that_runs_out_inside_a_series_is_renewed_once(
    opened: OpenBench,
) -> None:
    bench = await opened(token_s=60)
    ref = await bench.publish()
    bench.clock.advance(61)
    stock = [SetStock(client_ref="", ref=ref, stocks={"SP-00001-1": 4})]

    results = await asyncio.gather(*(bench.voso.set_stock(stock) for _ in range(5)))

    assert [type(each) for [each] in results] == [Applied] * 5
    assert await bench.calls("login") == 2
    assert (await bench.row(ref))["api_writes"] == 1 + 5


async def test_a_write_is_repeated_once_after_401_and_no_more(bench: Bench) -> None:
    await bench.open_shop()
    bench.fault("save_products", "unauthorized", count=2)

    with pytest.raises(AuthenticationError):
        await bench.voso.create([make_create()])

    assert await bench.calls("save_products") == 2
    assert await bench.calls("login") == 2


@BOTH
async def test_a_wrong_password_is_tried_once_for_all_who_wait(
    bench: Bench, call: Call
) -> None:
    voso = with_secrets(bench.voso, password="sai-mật-khẩu")  # noqa: S106 - made up

    results = await asyncio.gather(
        *(call(voso) for _ in range(8)), return_exceptions=True
    )

    assert {type(each) for each in results} == {AuthenticationError}
    assert "sai-mật-khẩu" not in str(results)
    assert await bench.calls("login") == 1


async def test_a_password_that_was_set_right_is_tried_again(bench: Bench) -> None:
    passwords = ["sai", "password-CS-0001"]

    def secret_of(name: str) -> str:
        secret = bench.voso.context.secrets(name)
        return passwords.pop(0) if name == "password" else secret

    voso = Voso(bench.voso.account, replace(bench.voso.context, secrets=secret_of))
    with pytest.raises(AuthenticationError):
        await read(voso)

    await read(voso)

    assert await bench.calls("login") == 2


@pytest.mark.parametrize("seconds", [301, -301])
@BOTH
async def test_a_clock_that_is_wrong_is_said_to_be(
    bench: Bench, call: Call, seconds: int
) -> None:
    bench.skew.advance(seconds)

    with pytest.raises(RefusedClockError) as caught:
        await call(bench.voso)

    assert "hãy kiểm tra đồng hồ / check the clock" in str(caught.value)
    assert "NTP" in todo_of(caught.value).en


@pytest.mark.parametrize("seconds", [299, -299])
async def test_a_clock_that_is_nearly_right_will_do(bench: Bench, seconds: int) -> None:
    bench.skew.advance(seconds)

    await read(bench.voso)


async def test_a_wrong_secret_is_not_blamed_on_the_clock(bench: Bench) -> None:
    voso = with_secrets(bench.voso, secret="sai-bí-mật")  # noqa: S106 - made up

    with pytest.raises(AuthenticationError) as caught:
        await read(voso)

    assert "đồng hồ" not in str(caught.value)
    assert "sai-bí-mật" not in str(caught.value)


async def test_a_create_whose_answer_was_lost_is_found_by_reference_and_sku(
    bench: Bench,
) -> None:
    await bench.open_shop()
    bench.fault("save_products", "lose_answer")

    with pytest.raises(OutcomeUnknownError):
        await bench.voso.create([make_create()])

    [by_ref] = await bench.voso.find(client_refs=["SP-00001"])
    [by_sku] = await bench.voso.find(skus=["SP-00001-1"])
    assert by_ref == by_sku
    assert await bench.calls("save_products") == 1, "it was not sent again"


async def test_a_create_that_is_sent_again_blindly_doubles_the_product(
    bench: Bench,
) -> None:
    await bench.open_shop()
    bench.fault("save_products", "lose_answer")
    with pytest.raises(OutcomeUnknownError):
        await bench.voso.create([make_create()])

    await bench.voso.create([make_create()])

    assert len(await bench.voso.find(client_refs=["SP-00001"])) == 2
    counts = await bench.look("counts")
    assert counts["doubled"] == ["SP-00001", "SP-00001-1"]


async def test_items_of_a_later_call_that_was_lost_are_unknown(bench: Bench) -> None:
    await bench.open_shop()
    await bench.control(
        "faults", operation="save_products", fault="slow", count=1, seconds=0
    )
    bench.fault("save_products", "lose_answer")

    results = await bench.voso.create([make_create(number) for number in range(120)])

    kinds = [type(each) for each in results]
    assert kinds == [Submitted] * 50 + [Unknown] * 70
    assert await bench.calls("save_products") == 2, "the third was not sent"


@pytest.mark.parametrize("fault", ["garbage", "error", "lose_answer"])
async def test_a_write_without_a_readable_answer_has_an_unknown_outcome(
    bench: Bench, fault: str
) -> None:
    bench.fault("set_status", fault)

    with pytest.raises(OutcomeUnknownError):
        await write(bench.voso)

    assert await bench.calls("set_status") == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param("garbage", ProtocolError, id="garbage, twice"),
        pytest.param("error", UnavailableError, id="the server failed"),
        pytest.param("lose_answer", UnavailableError, id="the connection broke"),
    ],
)
async def test_a_read_without_a_readable_answer_says_why(
    bench: Bench, fault: str, error: type[MarketplaceError]
) -> None:
    bench.fault("list_products", fault, count=2)

    with pytest.raises(error):
        await read(bench.voso)


async def test_garbage_that_comes_once_is_read_again(bench: Bench) -> None:
    bench.fault("list_products", "garbage")
    bench.fault("list_events", "garbage")

    await bench.voso.page(None)
    await bench.voso.events(None)

    assert await bench.calls("list_products") == 2


@BOTH
async def test_a_call_over_the_quota_is_known_not_to_be_applied(
    opened: OpenBench, call: Call
) -> None:
    bench = await opened(quota_per_s=0.001, quota_burst=2)
    await read(bench.voso)  # signing in is a call too

    with pytest.raises(RateLimitedError) as caught:
        await call(bench.voso)

    assert caught.value.retry_after == pytest.approx(1_000, abs=1)
    assert bench.quota.pauses == [caught.value.retry_after]


@BOTH
async def test_maintenance_is_known_not_to_have_applied_anything(
    bench: Bench, call: Call
) -> None:
    bench.fault("*", "maintenance", retry_after=60)

    with pytest.raises(UnavailableError) as caught:
        await call(bench.voso)

    assert caught.value.retry_after == 60


@pytest.mark.parametrize("fault", ["lose_answer", "error"])
async def test_a_write_that_could_not_sign_in_was_not_sent(
    bench: Bench, fault: str
) -> None:
    bench.fault("login", fault)

    with pytest.raises(UnavailableError):
        await write(bench.voso)

    assert await bench.calls("set_status") == 0


@BOTH
async def test_a_marketplace_that_is_not_there_was_not_written_to(
    bench: Bench, call: Call
) -> None:
    await bench.server.close()

    with pytest.raises(UnavailableError):
        await call(bench.voso)


async def test_the_quota_is_asked_once_for_each_call(bench: Bench) -> None:
    await bench.open_shop()
    await bench.voso.create([make_create(number) for number in range(60)])
    await read(bench.voso)

    calls = (await bench.look("counts"))["calls"]
    assert bench.quota.taken == sum(calls.values()) == 1 + 1 + 2 + 1


async def test_a_marketplace_that_stops_and_starts_has_lost_nothing(
    opened: OpenBench, tmp_path: Path
) -> None:
    data = tmp_path / "voso.json"
    first = await opened(data=data, seed=1)
    ref, waiting = await first.publish(1), await first.submit(2)
    before = (await first.look("state"))["listings"]
    await first.server.close()

    second = await opened(data=data, seed=1)

    # The adapter's token is not known any more: it signs in by itself.
    voso = Voso(
        replace(first.voso.account, base_url=str(second.server.make_url(""))),
        second.voso.context,
    )
    assert (await second.look("state"))["listings"] == before
    [live] = await voso.read([ref])
    assert live is not None
    second.clock.advance(6)
    [result] = await voso.follow([waiting])
    assert isinstance(result, Applied)
    assert [each.ref for each in (await voso.events(None)).items] == [ref, waiting]


OK = {"status": 200, "error": False, "message": "OK"}
STOPPED = {"INDEX": 0, "OK": True, "ID": 700_001, "STATUS": 4}
DONE = {**OK, "data": {"RESULTS": [STOPPED], "PRODUCTS": []}}
Stub = Callable[[int, Any], Awaitable[Voso]]


@pytest.fixture(name="stub")
async def _stub(bench: Bench) -> AsyncIterator[Stub]:
    """Serve one and the same answer to every call but the sign-in."""
    servers: list[TestServer] = []

    async def stub(status: int, answer: Any) -> Voso:
        async def sign_in(_: web.Request) -> web.Response:
            return web.json_response({**OK, "data": {"token": "t"}})

        async def say(_: web.Request) -> web.Response:
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            return web.Response(status=status, body=body)

        app = web.Application()
        app.router.add_post("/v2/user/Login", sign_in)
        app.router.add_post("/{path:.*}", say)
        servers.append(TestServer(app))
        await servers[-1].start_server()
        url = str(servers[-1].make_url(""))
        account = Account(key="voso", marketplace="voso", base_url=url)
        return Voso(account, bench.voso.context)

    yield stub
    for server in servers:
        await server.close()


@pytest.mark.parametrize(
    ("status", "answer", "written", "was_read"),
    [
        pytest.param(200, b"", OutcomeUnknownError, ProtocolError, id="empty"),
        pytest.param(200, b"\xff{}", OutcomeUnknownError, ProtocolError, id="bytes"),
        pytest.param(200, [], OutcomeUnknownError, ProtocolError, id="no envelope"),
        pytest.param(201, DONE, OutcomeUnknownError, ProtocolError, id="HTTP 201"),
        pytest.param(404, DONE, OutcomeUnknownError, ProtocolError, id="HTTP 404"),
        pytest.param(302, b"", OutcomeUnknownError, ProtocolError, id="HTTP 302"),
        pytest.param(502, b"", OutcomeUnknownError, UnavailableError, id="HTTP 502"),
        pytest.param(429, b"", RateLimitedError, RateLimitedError, id="HTTP 429"),
        pytest.param(
            200,
            {"status": 500, "error": True},
            OutcomeUnknownError,
            UnavailableError,
            id="status 500",
        ),
        pytest.param(
            200,
            {"status": 200, "error": True},
            OutcomeUnknownError,
            ProtocolError,
            id="a status that is not documented",
        ),
        pytest.param(
            200,
            {"status": 400, "error": True},
            CallRefusedError,
            ProtocolError,
            id="malformed: not applied",
        ),
        pytest.param(
            200,
            {**OK, "data": {"RESULTS": None}},
            OutcomeUnknownError,
            ProtocolError,
            id="no results",
        ),
    ],
)
async def test_each_failure_of_a_call_has_its_error(
    stub: Stub,
    status: int,
    answer: Any,
    written: type[MarketplaceError],
    was_read: type[MarketplaceError],
) -> None:
    voso = await stub(status, answer)

    with pytest.raises(written):
        await write(voso)
    with pytest.raises(was_read):
        await read(voso)


async def test_an_answer_that_is_as_documented_is_believed(stub: Stub) -> None:
    voso = await stub(200, DONE)

    assert await write(voso) == [Applied("700001", state=RemoteState.DOWN)]
    assert await read(voso) == Page((), None)


async def test_a_429_of_http_pauses_the_account_as_well(
    bench: Bench, stub: Stub
) -> None:
    voso = await stub(429, b"")

    with pytest.raises(RateLimitedError):
        await read(voso)

    assert bench.quota.pauses == [1.0]


async def test_a_page_that_leads_to_itself_does_not_go_on_for_ever(
    stub: Stub,
) -> None:
    voso = await stub(200, {**OK, "data": {"PRODUCTS": [], "NEXT_TOKEN": "a"}})

    with pytest.raises(ProtocolError):
        await voso.find(skus=["SP-00001-1"])


async def test_what_was_not_looked_for_is_not_found(stub: Stub) -> None:
    other = {"ID": 1, "STATUS": 2, "CLIENT_CODE": "SP-00009"}
    voso = await stub(200, {**OK, "data": {"PRODUCTS": [other]}})

    assert await voso.find(client_refs=["SP-00001"], skus=["SP-00001-1"]) == ()


async def test_an_item_without_a_result_is_unknown(stub: Stub) -> None:
    done = {"INDEX": 1, "OK": True, "ID": 2, "STATUS": 4}
    voso = await stub(200, {**OK, "data": {"RESULTS": [done]}})

    first, second = await voso.withdraw([make_withdraw("1"), make_withdraw("2")])

    assert isinstance(first, Unknown)
    assert isinstance(second, Applied)


async def test_what_does_not_say_what_it_is_may_be_any_that_is_missing(
    stub: Stub,
) -> None:
    """So nothing that was asked for counts as gone, and no review as unknown."""
    nameless = {"ID": None, "STATUS": 2}
    voso = await stub(200, {**OK, "data": {"PRODUCTS": [nameless]}})

    read = await voso.read(["700001", "5"])
    followed = await voso.follow(["700001"])

    refs = [each.ref for each in read if isinstance(each, Unreadable)]
    assert refs == ["700001", "5"]
    assert isinstance(followed[0], Unreadable)
