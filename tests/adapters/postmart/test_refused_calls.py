"""The errors in `docs/mocks/postmart.md` and their order, tried on the mock itself."""

import copy
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import aiohttp

from tests.adapters.documents import (
    codes_in,
    read_order,
    read_table,
)
from tests.adapters.postmart.conftest import OpenBench
from tests.adapters.postmart.shop import (
    SELLER,
    SUBMIT,
    Shop,
    codes_of,
    sign_in,
)

ERRORS: Final = read_table("postmart", "status", "code", "when", "applied?")
ORDER: Final = read_order("postmart", "Which check comes first")
TOO_LONG_BODY: Final = b'{"name": "' + b"x" * 4_000_000 + b'"}'
Provoke = Callable[[Shop], Awaitable[tuple[int, Any]]]


def submitting(**differences: Any) -> Provoke:
    async def provoke(shop: Shop) -> tuple[int, Any]:
        return await shop.ask("POST", SUBMIT, shop.body(**differences))

    return provoke


def asking(method: str, path: str, body: Any = None, **headers: str) -> Provoke:
    async def provoke(shop: Shop) -> tuple[int, Any]:
        return await shop.ask(method, path, body, headers)

    return provoke


def on(state: str, method: str, what: str, body: Any = None) -> Provoke:
    async def provoke(shop: Shop) -> tuple[int, Any]:
        path, _ = await shop.made(state)
        return await shop.ask(method, f"{path}/{what}", body)

    return provoke


async def the_same_sku(shop: Shop) -> tuple[int, Any]:
    body = shop.body()
    await shop.ask("POST", SUBMIT, body)
    return await shop.ask("POST", SUBMIT, {**body, "client_ref": "SP-other"})


async def the_same_key(shop: Shop) -> tuple[int, Any]:
    key = {"Idempotency-Key": "k"}
    await shop.ask("POST", SUBMIT, shop.body(), key)
    return await shop.ask("POST", SUBMIT, shop.body(), key)


async def a_long_key(shop: Shop) -> tuple[int, Any]:
    await shop.ask("POST", SUBMIT, shop.body(), {"Idempotency-Key": "k" * 200})
    return await shop.ask("POST", SUBMIT, shop.body(), {"Idempotency-Key": "k" * 201})


async def a_stopped_seller(shop: Shop) -> tuple[int, Any]:
    await shop.ask("POST", "/v1/sellers/CS-1/stop", {})
    return await shop.ask("POST", SUBMIT, shop.body())


async def over_the_quota(shop: Shop) -> tuple[int, Any]:
    shop.bench.fault("*", "rate_limited", retry_after=1)
    return await shop.ask("GET", "/v1/products")


TWICE: Final = [{"sku": "T-1", "price": 5_000, "quantity": 1}] * 2
PROVOKED: Final[Mapping[tuple[int, str], Provoke]] = {
    (400, "bad_json"): asking("POST", SUBMIT, b'{"name": NaN}'),
    (400, "bad_form"): asking("POST", "/oauth2/token", b"\xff"),
    (400, "unsupported_grant_type"): asking("POST", "/oauth2/token", {}),
    (401, "invalid_client"): asking(
        "POST", "/oauth2/token", b"grant_type=client_credentials&client_id=x"
    ),
    (401, "unauthorized"): asking("GET", "/v1/products", Authorization="Bearer x"),
    (404, "http_404"): asking("GET", "/v1/products/"),
    (404, "not_found"): asking("POST", "/v1/products/7/unpublish", {}),
    (405, "http_405"): asking("OPTIONS", "/v1/products"),
    (409, "banned"): on("banned", "DELETE", "ocop-claim"),
    (409, "duplicate_sku"): the_same_sku,
    (413, "http_413"): asking("POST", SUBMIT, TOO_LONG_BODY),
    (415, "http_415"): asking("POST", SUBMIT, {}, **{"Content-Encoding": "compress"}),
    (422, "invalid_type"): submitting(name=None),
    (422, "invalid_format"): submitting(client_ref="có dấu"),
    (422, "invalid_value"): asking(
        "PUT", "/v1/sellers/CS-1", {**SELLER, "kind": "bank"}
    ),
    (422, "required"): asking("PUT", "/v1/sellers/CS-1", {**SELLER, "name": " "}),
    (422, "too_long"): a_long_key,
    (422, "too_many"): asking("GET", "/v1/tracking?ids=" + "a," * 51),
    (422, "out_of_range"): asking("GET", "/v1/products?per_page=0"),
    (422, "duplicate_sku"): submitting(variants=TWICE),
    (422, "idempotency_mismatch"): the_same_key,
    (422, "seller_unknown"): submitting(seller_external_id="CS-404"),
    (422, "seller_stopped"): a_stopped_seller,
    (422, "sku_unknown"): on(
        "approved", "PATCH", "prices", {"prices": [{"sku": "404", "price": 1}]}
    ),
    (422, "price_too_low"): on(
        "approved",
        "PUT",
        "content",
        {"variants": [{"sku": "N-1", "price": 999, "quantity": 1}]},
    ),
    (422, "forbidden_word"): on("unpublished", "PUT", "content", {"name": "THẦN DƯỢC"}),
    (422, "category_unknown"): on("approved", "PUT", "content", {"category": "PM-1"}),
    (422, "name_missing"): on("approved", "PUT", "content", {"name": ""}),
    (429, "rate_limited"): over_the_quota,
}
PICTURES: Final = {"unreachable", "too_large", "not_a_picture", "too_small"}
"""What may be wrong with one: `test_pictures` walks these."""


async def test_each_error_of_the_table_comes_when_it_says(shop: Shop) -> None:
    rows = {
        (int(row["status"]), code)
        for row in ERRORS
        for code in codes_in(row["code"])
        if not code.startswith("image_")
    }
    pictures = {c for row in ERRORS for c in codes_in(row["code"]) if "image_" in c}
    assert pictures == {f"image_{name}" for name in PICTURES}
    assert rows == set(PROVOKED)
    for (status, code), provoke in PROVOKED.items():
        await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
        before = (await shop.bench.look("state"))["listings"]
        found, answer = await provoke(shop)
        assert (found, code in codes_of(answer)) == (status, True), (code, answer)
        assert all(
            set(each) == {"code", "field", "message"}
            and all(isinstance(value, str) for value in each.values())
            for each in answer["errors"]
        )
        after = (await shop.bench.look("state"))["listings"]
        assert len(after) - len(before) <= 1, "at most what it was tried on"


async def test_checks_come_in_the_order_of_the_list(opened: OpenBench) -> None:
    bench = await opened(moderation_s=math.inf)
    shop = Shop(bench=bench, token=await sign_in(bench))
    await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
    taken = (await shop.find(client_refs=(await told_of(shop))))[0]
    path, _ = await shop.made("approved")
    banned, _ = await shop.made("banned")
    own = (await shop.shown(path))["variants"][0]["sku"]
    # Each call has what is wrong at its step and at every later one that it can.
    word = {"name": "thần dược"}
    other = {"variants": [{**taken["variants"][0], "price": 1}]}
    refused, _ = await shop.made("rejected")
    steps: list[tuple[str, tuple[int, Any]]] = []

    async def step(expected: str, answered: Awaitable[tuple[int, Any]]) -> None:
        steps.append((expected, await answered))

    no_token, packed = {"Authorization": "x"}, {"Content-Encoding": "compress"}
    bench.fault("*", "rate_limited", retry_after=1)
    await step("rate_limited", shop.ask("PUT", "/v1/x", b"{", no_token | packed))
    await step("unauthorized", shop.ask("PUT", "/v1/x", b"{", no_token | packed))
    await step("http_415", shop.ask("PUT", "/v1/x", b"{", packed))
    await step("http_404", shop.ask("PUT", "/v1/x", TOO_LONG_BODY))
    await step("http_405", shop.ask("PUT", SUBMIT, TOO_LONG_BODY))
    gone = ("/v1/products/7/content", "PUT"), ("/v1/sellers/CS-404/stop", "POST")
    for where, method in gone:
        await step("not_found", shop.ask(method, where, TOO_LONG_BODY))
    await step("http_413", shop.ask("PUT", f"{banned}/content", TOO_LONG_BODY))
    await step("bad_json", shop.ask("PUT", f"{banned}/content", b"{"))
    form = {"description": 5, **word, **other}
    await step("invalid_type", shop.ask("PUT", f"{banned}/content", form))
    await step("banned", shop.ask("PUT", f"{banned}/content", word | other))
    low = {"prices": [{"sku": "404", "price": 1}]}
    await step("banned", shop.ask("PATCH", f"{banned}/prices", low))
    await step("sku_unknown", shop.ask("PATCH", f"{path}/prices", low))
    await step("duplicate_sku", shop.ask("PUT", f"{path}/content", word | other))
    cheap = {"prices": [{"sku": own, "price": 1}]}
    await step("price_too_low", shop.ask("PATCH", f"{path}/prices", cheap))
    await step("forbidden_word", shop.ask("PUT", f"{path}/content", word))
    key = {"Idempotency-Key": "k"}
    await shop.ask("POST", SUBMIT, shop.body(), key)
    await shop.ask("POST", "/v1/sellers/CS-1/stop", {})
    again = shop.body(variants=taken["variants"])
    await step("idempotency_mismatch", shop.ask("POST", SUBMIT, again, key))
    await step("seller_stopped", shop.ask("POST", SUBMIT, again))
    await step("seller_stopped", shop.ask("PUT", f"{refused}/content", other))

    assert [(e, codes_of(a)) for e, (_, a) in steps] == [(e, {e}) for e, _ in steps]
    place = {code: n for n, codes in enumerate(ORDER) for code in codes}
    seen = [place[expected] for expected, _ in steps]
    main, tail = seen[:-3], seen[-3:]
    assert main == sorted(main)
    assert tail == sorted(tail)
    assert len(ORDER) == 14


async def told_of(shop: Shop) -> str:
    """Submit a product and return its reference."""
    body = copy.deepcopy(shop.body())
    await shop.ask("POST", SUBMIT, body)
    return str(body["client_ref"])


async def test_the_quota_has_the_size_that_the_document_says(
    opened: OpenBench,
) -> None:
    bench = await opened(quota_per_s=0.001)
    url = bench.server.make_url("/v1/nothing")

    async def told() -> tuple[int, str]:
        async with bench.session.get(url) as response:
            return response.status, response.headers["X-Postmart-Call-Limit"]

    answers = [await told() for _ in range(21)]

    assert answers == [*((401, f"{n}/20") for n in range(1, 21)), (429, "20/20")]


async def test_without_a_quota_no_header_tells_of_one(shop: Shop) -> None:
    async with shop.bench.session.get(
        shop.bench.server.make_url("/v1/products")
    ) as response:
        assert "X-Postmart-Call-Limit" not in response.headers


async def test_a_connection_survives_what_is_refused_before_it_is_read(
    shop: Shop,
) -> None:
    async with aiohttp.ClientSession() as session:
        url = shop.bench.server.make_url(SUBMIT)
        headers = {"Authorization": f"Bearer {shop.token}"}
        packed = headers | {"Content-Encoding": "compress"}
        for _ in range(2):
            async with session.post(url, data=b"{}", headers=packed) as response:
                assert response.headers["Connection"] == "close"
                assert response.status == 415
