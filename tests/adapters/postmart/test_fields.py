"""The tables of fields in `docs/mocks/postmart.md`, each row tried on the mock."""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.adapters.documents import (
    Row,
    bounds_in,
    codes_in,
    drop,
    put,
    read_table,
    stretched,
    take,
)
from tests.adapters.postmart.conftest import OpenBench
from tests.adapters.postmart.shop import (
    CLAIM,
    SELLER,
    SUBMIT,
    Shop,
    codes_of,
    field_of,
    sign_in,
)

STATES: Final = read_table(
    "postmart",
    "call",
    *("in review", "`approved`", "`rejected`"),
    *("`unpublished`", "`cancelled`", "`banned`"),
)
LIMITS: Final = read_table("postmart", "field", "missing", "null", "may be", "else")
SELLERS: Final = read_table(
    "postmart", "of a seller", "missing", "null", "may be", "else"
)
SHOWN: Final = read_table("postmart", "field", "kind", "may be empty", "may be null")
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


async def test_every_category_of_the_document_is_one(shop: Shop) -> None:
    codes = [*(f"PM-{number}" for number in range(1_001, 1_027)), "PM-1099"]
    path, _ = await shop.made("approved")

    for code in codes:
        status, _ = await shop.ask("PUT", f"{path}/content", {"category": code})
        assert status == 200
    for code in ("PM-1000", "PM-1027", "PM-1098", "pm-1001", ""):
        status, answer = await shop.ask("PUT", f"{path}/content", {"category": code})
        assert (status, codes_of(answer)) == (422, {"category_unknown"})
