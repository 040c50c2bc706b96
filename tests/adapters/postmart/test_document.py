"""Every row of the tables in `docs/mocks/postmart.md`, tried on the mock itself."""

import copy
import io
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

import aiohttp
import pytest

from adapters.postmart.mock.app import CLIENT_ID, CLIENT_SECRET
from tests.adapters.documents import (
    Row,
    bounds_in,
    codes_in,
    drop,
    number_in,
    put,
    read_order,
    read_table,
    stretched,
    take,
)
from tests.adapters.postmart.conftest import OpenBench
from tests.adapters.postmart.support import Bench

LIMITS: Final = read_table("postmart", "field", "missing", "null", "may be", "else")
SELLERS: Final = read_table(
    "postmart", "of a seller", "missing", "null", "may be", "else"
)
ERRORS: Final = read_table("postmart", "status", "code", "when", "applied?")
SHOWN: Final = read_table("postmart", "field", "kind", "may be empty", "may be null")
STATES: Final = read_table(
    "postmart",
    "call",
    *("in review", "`approved`", "`rejected`"),
    *("`unpublished`", "`cancelled`", "`banned`"),
)
QUERIES: Final = read_table(
    "postmart", "call", "parameter", "missing or empty", "least", "most", "above it"
)
EVENTS: Final = read_table("postmart", "type", "")
ORDER: Final = read_order("postmart", "Which check comes first")

SELLER: Final = {"name": "Cơ sở Mẫu 001", "kind": "", "commune_code": "06886"}
CLAIM: Final = {"stars": 4, "decision": "001/QĐ-MẪU", "valid_to": "2027-05-10"}
TOO_LONG_BODY: Final = b'{"name": "' + b"x" * 4_000_000 + b'"}'
SUBMIT: Final = "/v1/product-requests"


@dataclass(kw_only=True)
class Shop:
    """A signed-in client of a mock that ends no review by itself."""

    bench: Bench
    token: str
    numbers: Any = field(default_factory=lambda: count(1))

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Make a call; return status and value of the answer."""
        data: Any = body
        if body is not None:
            is_raw = isinstance(body, bytes)
            data = io.BytesIO(body if is_raw else json.dumps(body).encode())
        own = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        url = self.bench.server.make_url(path)
        async with self.bench.session.request(
            method, url, data=data, headers=own
        ) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    def body(self, **differences: Any) -> dict[str, Any]:
        """Return a submission under a reference and a SKU of its own."""
        number = next(self.numbers)
        variant = {
            "sku": f"S-{number}",
            "pack": "Chai",
            "price": 5_000,
            "quantity": 3,
            "gtin": "2000000000015",
            "weight_g": 500,
        }
        return {
            "client_ref": f"SP-{number}",
            "seller_external_id": "CS-1",
            "name": "Mật ong mẫu",
            "category": "PM-1004",
            "description": "Mật ong.",
            "attributes": [{"name": "Xuất xứ", "value": "Việt Nam"}],
            "images": ["https://anh.example/1.jpg"],
            "trace_url": "",
            "variants": [variant],
            "ocop_claim": {**CLAIM},
            **differences,
        }

    async def told(self, path: str, value: Any) -> tuple[int, Any]:
        """Submit a product with *value* at *path*."""
        body = self.body()
        put(body, path, value)
        return await self.ask("POST", SUBMIT, body)

    async def submit(self, **differences: Any) -> tuple[str, str]:
        """Submit a product; return its path and its track id."""
        body = self.body(**differences)
        status, answer = await self.ask("POST", SUBMIT, body)
        assert status == 202, answer
        [product] = await self.find(client_refs=body["client_ref"])
        return f"/v1/products/{product['id']}", answer["track_id"]

    async def find(self, **query: str) -> list[dict[str, Any]]:
        """Return the products that a filter finds."""
        [(name, value)] = query.items()
        _, answer = await self.ask("GET", f"/v1/products?per_page=50&{name}={value}")
        found: list[dict[str, Any]] = answer["data"]
        return found

    async def shown(self, path: str) -> dict[str, Any]:
        """Return the product at *path*."""
        [product] = await self.find(ids=path.rpartition("/")[2])
        return product

    async def made(self, state: str) -> tuple[str, str]:
        """Return path and track id of a new product in *state*."""
        path, track = await self.submit()
        ref = path.rpartition("/")[2]
        if state in {"approved", "unpublished", "banned"}:
            await self.bench.control("approve", ref=ref)
        match state:
            case "rejected":
                await self.bench.control("refuse", ref=ref, reason="paper")
            case "unpublished" | "cancelled":
                await self.ask("POST", f"{path}/unpublish", {})
            case "banned":
                await self.bench.control("ban", ref=ref, reason="Bị khiếu nại.")
        return path, track


@pytest.fixture(name="shop")
async def _shop(opened: OpenBench) -> Shop:
    bench = await opened(moderation_s=math.inf)
    shop = Shop(bench=bench, token=await sign_in(bench))
    await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
    return shop


async def sign_in(bench: Bench) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    url = bench.server.make_url("/oauth2/token")
    async with bench.session.post(url, data=form) as response:
        token: str = (await response.json())["access_token"]
        return token


def codes_of(answer: Any, path: str = "") -> set[str]:
    """Return the codes of an answer's errors, of field *path* if it is named."""
    name = path.replace("[]", "[0]")
    return {
        each["code"] for each in answer.get("errors", ()) if name in {"", each["field"]}
    }


def field_of(row: Row) -> str:
    return codes_in(row["field"])[0]


BAD: Final = {
    "ocop_claim.valid_to": ["hai", "2027-02-30", "20270510", "2027-W01-1", ""],
    "variants[].gtin": ["hai", "1234567", "١٢٣٤٥٦٧٨"],
}
"""Texts of another form, by field."""
LISTS: Final = frozenset({"attributes", "images", "variants"})


@pytest.mark.parametrize("row", LIMITS, ids=field_of)
async def test_a_field_that_is_missing_or_null_is_what_its_row_says(
    shop: Shop, row: Row
) -> None:
    path = field_of(row)
    if row["missing"]:
        body = shop.body()
        drop(body, path)
        await ensure_said(shop, body, path, row["missing"])
    body = shop.body()
    put(body, path, None)
    await ensure_said(shop, body, path, row["null"])


@pytest.mark.parametrize("row", LIMITS, ids=field_of)
async def test_a_field_is_as_long_or_as_large_as_its_row_says(
    shop: Shop, row: Row
) -> None:
    path, unlike = field_of(row), set(codes_in(row["else"]))
    for length in (1, 64):  # whoever is named must be there
        await shop.ask("PUT", f"/v1/sellers/{'a' * length}", SELLER)
    bounds = bounds_in(row["may be"])
    if bounds is None:
        for bad in BAD.get(path, ["hai"]):
            _, answer = await shop.told(path, bad)
            assert codes_of(answer, path) == unlike, bad
        return
    least, most, unit = bounds
    sizes = [least - 1, most + 1] if unit != "characters" else [most + 1]
    for size in (least, most):
        status, answer = await shop.told(path, stretched(path, size, shop.body(), unit))
        assert status == 202, (size, answer)
    for size in sizes:
        if size >= 0 or not unit:
            value = stretched(path, size, shop.body(), unit)
            _, answer = await shop.told(path, value)
            assert codes_of(answer, path) == unlike, size


@pytest.mark.parametrize("row", LIMITS, ids=field_of)
async def test_a_field_takes_no_value_of_another_kind(shop: Shop, row: Row) -> None:
    path = field_of(row)
    is_list, is_object = path in LISTS, path == "ocop_claim"
    for bad in ({"a": 1}, True, 1.5, [["x"]], "\ud83c"):
        if not (is_list and isinstance(bad, list)) and not (
            is_object and isinstance(bad, dict)
        ):
            status, answer = await shop.told(path, bad)
            assert status == 422
            found = codes_of(answer, path)
            assert found in ({"invalid_type"}, {"invalid_format"}) or found == {
                "invalid_type",
                "invalid_format",
            }, (bad, answer)


async def ensure_said(shop: Shop, body: Any, path: str, cell: str) -> None:
    """See that *body* is refused, or *path* shown, as a cell of the table says."""
    said = codes_in(cell)[0]
    status, answer = await shop.ask("POST", SUBMIT, body)
    if "_" in said:
        assert said in codes_of(answer, path), answer
    else:
        assert status == 202, answer
        [product] = await shop.find(client_refs=body["client_ref"])
        assert take(product, path) == json.loads(said)


def test_the_table_of_limits_names_every_field_of_a_submission() -> None:
    body = Shop(bench=None, token="").body()  # type: ignore[arg-type] # asks nothing
    named = {field_of(row) for row in LIMITS}

    inner = {f"variants[].{name}" for name in body["variants"][0]}
    inner |= {f"attributes[].{name}" for name in ("name", "value")}
    inner |= {f"ocop_claim.{name}" for name in CLAIM} | {"images[]"}
    assert named == set(body) | inner


CALLS: Final[Mapping[str, Callable[[str, str], tuple[str, str, Any]]]] = {
    "`content`": lambda path, _: ("PUT", f"{path}/content", {"name": "Khác"}),
    "`prices`": lambda path, _: ("PATCH", f"{path}/prices", {"prices": []}),
    "`inventory`": lambda path, _: ("POST", f"{path}/inventory", {"inventory": []}),
    "`PUT ocop-claim`": lambda path, _: ("PUT", f"{path}/ocop-claim", CLAIM),
    "`DELETE ocop-claim`": lambda path, _: ("DELETE", f"{path}/ocop-claim", None),
    "`unpublish`": lambda path, _: ("POST", f"{path}/unpublish", {}),
    "`cancel`": lambda _, track: ("POST", f"{SUBMIT}/{track}/cancel", None),
    "`publish`": lambda path, _: ("POST", f"{path}/publish", None),
    "the seller's `stop`": lambda *_: ("POST", "/v1/sellers/CS-1/stop", {}),
    "the seller's `PUT`": lambda *_: ("PUT", "/v1/sellers/CS-1", SELLER),
}


@pytest.mark.parametrize("row", STATES, ids=lambda row: row["call"].strip("`"))
async def test_each_call_does_to_each_state_what_its_cell_says(
    shop: Shop, row: Row
) -> None:
    states = [name for name in row if name != "call"]
    for column in states:
        await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
        path, track = await shop.made(column.strip("`"))
        before = await shop.shown(path)
        method, called, body = CALLS[row["call"]](path, track)
        sku = before["variants"][0]["sku"]
        if body and "prices" in body:
            body = {"prices": [{"sku": sku, "price": 6_000}]}
        if body and "inventory" in body:
            body = {"inventory": [{"sku": sku, "quantity": 1}]}

        status, answer = await shop.ask(method, called, body)

        after = await shop.shown(path)
        grown = " +1" if after["version"] == before["version"] + 1 else ""
        assert grown or after["version"] == before["version"]
        state = "in review" if after["state"].endswith("ing") else after["state"]
        state = "in review" if after["state"].endswith("approve") else state
        if status == 409:
            assert (codes_of(answer), after) == ({state}, before)
        elif "sellers" not in called:
            assert answer.get("state", after["state"]) == after["state"]
        assert f"{status} {state}{grown}" == row[column], column


PROFILE: Final = {"name": "A", "kind": "", "address": "", "commune_code": "06886"}
STRANGE: Final = {"kind": "bank", "commune_code": "688"}


@pytest.mark.parametrize(
    "row", SELLERS, ids=lambda row: codes_in(row["of a seller"])[0]
)
async def test_each_field_of_a_seller_takes_what_its_row_says(
    shop: Shop, row: Row
) -> None:
    name, unlike = codes_in(row["of a seller"])[0], set(codes_in(row["else"]))

    async def told(profile: Any) -> tuple[int, set[str]]:
        status, answer = await shop.ask("PUT", "/v1/sellers/CS-1", profile)
        return status, codes_of(answer, name)

    [missing] = codes_in(row["missing"])
    without = {field: value for field, value in PROFILE.items() if field != name}
    expected = (422, {missing}) if "_" in missing or missing.isalpha() else (200, set())
    assert await told(without) == expected
    status, codes = await told({**PROFILE, name: None})
    assert status == 422
    assert codes_in(row["null"])[0] in codes
    bounds = bounds_in(row["may be"])
    if bounds is None:
        assert await told({**PROFILE, name: STRANGE[name]}) == (422, unlike)
        return
    for size in bounds[:2]:
        assert await told({**PROFILE, name: "a" * size}) == (200, set())
    assert await told({**PROFILE, name: "a" * (bounds[1] + 1)}) == (422, unlike)


@pytest.mark.parametrize("what", ["prices", "inventory"])
async def test_a_batch_of_prices_or_quantities_has_one_to_fifty(
    shop: Shop, what: str
) -> None:
    method, number = {"prices": ("PATCH", "price"), "inventory": ("POST", "quantity")}[
        what
    ]
    variants = [
        {"sku": f"V-{n}", "price": 5_000, "quantity": 1, "pack": ""} for n in range(50)
    ]
    path, _ = await shop.submit(variants=variants)

    async def told(*lines: Any) -> tuple[int, set[str]]:
        status, answer = await shop.ask(method, f"{path}/{what}", {what: lines})
        return status, codes_of(answer)

    lines = [{"sku": each["sku"], number: 6_000} for each in variants]
    assert await told(*lines) == (200, set())
    for wrong in ([], [*lines, lines[0]], [{"sku": "V-1", number: -1}]):
        assert await told(*wrong) == (422, {"out_of_range"})
    assert await told(lines[0], {"sku": "404", number: 9_000}) == (422, {"sku_unknown"})
    assert {each[number] for each in (await shop.shown(path))["variants"]} == {6_000}


async def test_a_reopened_seller_has_its_products_down(shop: Shop) -> None:
    path, _ = await shop.made("approved")
    refused, _ = await shop.made("rejected")
    await shop.ask("POST", "/v1/sellers/CS-1/stop", {})

    stopped = [
        await shop.ask("POST", f"{path}/publish"),
        await shop.ask("PUT", f"{refused}/content", {"name": "Khác"}),
        await shop.ask("POST", f"{refused}/publish"),
        await shop.ask("POST", SUBMIT, shop.body()),
    ]
    claimed, _ = await shop.ask("PUT", f"{path}/ocop-claim", CLAIM)
    await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
    shown = await shop.shown(path)
    published, answer = await shop.ask("POST", f"{path}/publish")

    assert [status for status, _ in stopped] == [422] * 4
    assert all(codes_of(answer) == {"seller_stopped"} for _, answer in stopped)
    assert (claimed, shown["state"]) == (200, "unpublished")
    assert (published, answer["state"]) == (200, "approved")


async def test_what_a_person_made_without_a_seller_can_be_published_again(
    opened: OpenBench,
) -> None:
    bench = await opened(seed=1)
    shop = Shop(bench=bench, token=await sign_in(bench))
    [first, *_] = (await shop.ask("GET", "/v1/products"))[1]["data"]
    path = f"/v1/products/{first['id']}"
    await shop.ask("POST", f"{path}/unpublish", {})

    status, answer = await shop.ask("POST", f"{path}/publish")

    assert (status, answer["state"]) == (200, "approved")


@pytest.mark.parametrize(
    "row", QUERIES, ids=lambda row: "?".join(codes_in(row["call"] + row["parameter"]))
)
async def test_each_parameter_takes_what_its_row_says(
    opened: OpenBench, row: Row
) -> None:
    bench = await opened(seed=1)
    shop = Shop(bench=bench, token=await sign_in(bench))
    await bench.control("hand_made", names=["Mẫu"] * 20, skus=[])
    for ref in range(40_001, 40_007):
        await bench.control("edit", ref=str(ref), changes={"name": "Khác"})
    call, name = codes_in(row["call"])[0], codes_in(row["parameter"])[0]

    async def asked(value: str) -> tuple[int, Any]:
        return await shop.ask("GET", f"{call}?{name}={value}")

    plain = await shop.ask("GET", call)
    assert await asked("") == plain
    if "values" in row["most"]:
        most = number_in(row["most"].split()[0])
        assert (await asked(",".join(["40001"] * most)))[0] == 200
        status, answer = await asked(",".join(["40001"] * (most + 1)))
        assert (status, codes_of(answer)) == (422, set(codes_in(row["above it"])))
        found = plain[1].get("paging", {"total": 0})["total"]
        assert found == {"all": 60, "none": 0}[row["missing or empty"]]
        return
    default, least = number_in(row["missing or empty"]), number_in(row["least"])
    assert await asked(str(default)) == plain
    for below in (str(least - 1), "9" * 16, "-" + "9" * 20):
        status, answer = await asked(below)
        assert (status, codes_of(answer)) == (422, {"out_of_range"}), below
    for odd in ("hai", "1.0", "1e3", "%2B1", "%201", "%D9%A3", "null"):
        status, answer = await asked(odd)
        assert (status, codes_of(answer)) == (422, {"invalid_type"}), odd
    status, answer = await asked("999999999999999")
    assert status == 200
    match row["above it"], row["most"]:
        case "an empty page", _:
            assert (answer["data"], answer["paging"]["to"]) == ([], 0)
            assert answer["paging"]["last_page"] == 3
        case "cut", "the newest event":
            assert answer == {"events": [], "ack_id": 6}
        case "cut", full:
            assert answer == (await asked(full))[1]
            held = answer.get("paging", {"per_page": int(full)})["per_page"]
            assert held == int(full)


async def test_of_several_filters_the_first_counts(opened: OpenBench) -> None:
    bench = await opened(seed=1)
    shop = Shop(bench=bench, token=await sign_in(bench))
    [sku] = [v["sku"] for v in (await shop.find(ids="40002"))[0]["variants"]]

    found = await shop.find(ids=f"40001,40001,404&client_refs=SP-1&skus={sku}")
    second = await shop.find(client_refs=f"SP-1&skus={sku}&ids=")
    third = await shop.find(skus=sku)

    assert [each["id"] for each in found] == [40001]
    assert [each["id"] for each in second] == []
    assert [each["id"] for each in third] == [40002]


async def test_every_product_shows_what_the_table_says_and_nothing_else(
    opened: OpenBench,
) -> None:
    bench = await opened(seed=1, moderation_s=math.inf)
    shop = Shop(bench=bench, token=await sign_in(bench))
    await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
    bare = {"variants": [{"sku": "A-1", "price": 0, "quantity": 0}]}
    least = {"client_ref": "A", "seller_external_id": "CS-1", **bare}
    assert (await shop.ask("POST", SUBMIT, least))[0] == 202
    for column in STATES[0]:
        if column != "call":
            await shop.made(column.strip("`"))
    pages = [await shop.ask("GET", f"/v1/products?page={n}") for n in (1, 2, 3)]
    products = [each for _, page in pages for each in page["data"]]

    kinds = {"number": int, "text": str, "list": list, "object": dict}
    assert len(products) == 47
    for product in products:
        assert set(product) == {field_of(row) for row in SHOWN}
        for row in SHOWN:
            value = product[field_of(row)]
            if value is None:
                assert row["may be null"] == "yes", row
                continue
            word = row["kind"].partition(":")[0].partition(",")[0]
            assert type(value) is kinds.get(word.split()[0], float) or (
                word == "number with decimals" and isinstance(value, float)
            ), row
            if value in ("", []):
                assert may_be_empty(row["may be empty"], product), (row, product)


def may_be_empty(cell: str, product: Mapping[str, Any]) -> bool:
    by_hand = product["track_id"] == ""
    said: Mapping[str, bool] = {
        "yes": True,
        "by hand": by_hand,
        "in review or rejected": product["state"] not in {"approved", "unpublished"},
        "in every other state, or by hand": by_hand
        or product["state"] not in {"rejected", "banned"},
    }
    return said.get(cell, False)


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
    await shop.bench.fault("*", "rate_limited", retry_after=1)
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
    await bench.fault("*", "rate_limited", retry_after=1)
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


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xff", id="no UTF-8"),
        pytest.param('{"name": "A"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"name": "A"}', id="a mark in front"),
        pytest.param(b'{"x": Infinity}', id="infinity"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"x": ' + b"9" * 5_000 + b"}", id="a number of 5,000 digits"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
    ],
)
async def test_what_is_no_json_object_is_refused(shop: Shop, body: bytes) -> None:
    status, answer = await shop.ask("PUT", "/v1/sellers/CS-1", body)

    assert (status, codes_of(answer)) == (400, {"bad_json"})


async def test_what_the_document_says_of_any_body_holds(shop: Shop) -> None:
    path, _ = await shop.made("approved")
    body = (
        b'{"name": "A\\u0000", "name": " B\\r\\n\\u0000C ", "client_ref": "X", "y": 1}'
    )

    status, _ = await shop.ask(
        "PUT", f"{path}/content", body, {"Content-Type": "text/plain"}
    )
    unread = [
        await shop.ask("POST", f"{path}/publish", b"{"),
        await shop.ask("DELETE", f"{path}/ocop-claim", b"\xff"),
    ]
    sku = (await shop.shown(path))["variants"][0]["sku"]
    lines = [{"sku": sku, "price": 7_000}, {"sku": sku, "price": 8_000}]
    await shop.ask("PATCH", f"{path}/prices", {"prices": lines})

    shown = await shop.shown(path)
    assert status == 200
    assert [each for each, _ in unread] == [200, 200]
    assert (shown["name"], shown["variants"][0]["price"]) == ("B\r\n\x00C", 8_000)
    assert shown["client_ref"] != "X"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"grant_type=client_credentials", "multipart/form-data"),
        (b"grant_type=x", "application/x-www-form-urlencoded; charset=nope"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b"a=1&" * 200, "application/x-www-form-urlencoded"),
        (b"", "application/json"),
    ],
)
async def test_no_form_of_a_sign_in_breaks_the_mock(
    shop: Shop, body: bytes, kind: str
) -> None:
    headers = {"Content-Type": kind}
    status, answer = await shop.ask("POST", "/oauth2/token", body, headers)

    assert status in {400, 401}
    assert codes_of(answer)


async def test_each_type_of_event_is_told_and_no_call_tells_one(shop: Shop) -> None:
    refs = {state: (await shop.made(state))[0] for state in ("in review", "approved")}
    for path in (refs["approved"], (await shop.made("rejected"))[0]):
        await shop.ask("PUT", f"{path}/content", {"name": "Khác"})
        await shop.ask("PUT", f"{path}/ocop-claim", CLAIM)
        await shop.ask("POST", f"{path}/unpublish", {})
        await shop.ask("POST", f"{path}/publish")
    await shop.ask("POST", "/v1/sellers/CS-1/stop", {})
    await shop.ask("PUT", "/v1/sellers/CS-1", SELLER)
    await shop.ask("POST", f"{refs['approved']}/publish")
    _, by_calls = await shop.ask("GET", "/v1/events")
    ref = refs["approved"].rpartition("/")[2]
    sku = (await shop.shown(refs["approved"]))["variants"][0]["sku"]
    await shop.bench.control("sell", ref=ref, sku=sku, quantity=2)
    await shop.bench.control("edit", ref=ref, changes={"name": "Sửa tay"})
    for act, more in (("take_down", {}), ("ban", {"reason": "Lý do."}), ("delete", {})):
        await shop.bench.control(act, ref=ref, **more)
    _, feed = await shop.ask("GET", f"/v1/events?ack_id={by_calls['ack_id']}")

    reviews = [each["type"] for each in by_calls["events"]]
    assert reviews == ["product.approved", "product.rejected"]
    told = {each["type"] for each in feed["events"]} | set(reviews)
    assert told == {code for row in EVENTS for code in codes_in(row["type"])}
    sold, *others = feed["events"]
    assert (sold["sku"], sold["quantity"]) == (sku, 2)
    assert sold["order_line"]
    for each in others:
        assert (each["sku"], each["quantity"], each["order_line"]) == ("", 0, "")
    for each in feed["events"]:
        assert datetime.fromisoformat(each["at"]).utcoffset() == timedelta(0)


async def test_every_category_of_the_document_is_one(shop: Shop) -> None:
    codes = [*(f"PM-{number}" for number in range(1_001, 1_027)), "PM-1099"]
    path, _ = await shop.made("approved")

    for code in codes:
        status, _ = await shop.ask("PUT", f"{path}/content", {"category": code})
        assert status == 200
    for code in ("PM-1000", "PM-1027", "PM-1098", "pm-1001", ""):
        status, answer = await shop.ask("PUT", f"{path}/content", {"category": code})
        assert (status, codes_of(answer)) == (422, {"category_unknown"})


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
async def test_events_are_acknowledged_by_get_alone(shop: Shop, method: str) -> None:
    await shop.made("approved")

    status, _ = await shop.ask(method, "/v1/events?ack_id=1")

    assert status == 405
    _, feed = await shop.ask("GET", "/v1/events")
    assert [each["id"] for each in feed["events"]] == [1]


async def test_an_acknowledgement_of_what_has_not_happened_loses_nothing(
    shop: Shop,
) -> None:
    await shop.made("approved")
    _, empty = await shop.ask("GET", "/v1/events?ack_id=900")

    await shop.made("approved")
    _, feed = await shop.ask("GET", f"/v1/events?ack_id={empty['ack_id']}")

    assert empty == {"events": [], "ack_id": 1}
    assert [each["id"] for each in feed["events"]] == [2]


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
