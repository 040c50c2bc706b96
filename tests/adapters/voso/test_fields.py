"""The tables of fields in `docs/mocks/voso.md`, each row tried on the mock itself."""

import json
import math
from collections.abc import Mapping, Sequence
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
from tests.adapters.voso.conftest import OpenBench
from tests.adapters.voso.shop import (
    CLAIM,
    LIST,
    PROFILE,
    SAVE,
    Shop,
    ask_shop,
    code_of,
    field_of,
)
from tests.adapters.voso.support import SHOP

STATES: Final = read_table("voso", "call", "0", "1", "2", "3", "4", "7")
LIMITS: Final = read_table("voso", "field", "missing", "null", "may be", "else")
SHOPS: Final = read_table("voso", "of a shop", "missing", "null", "may be", "else")
SHOWN: Final = read_table("voso", "field", "kind", "may be empty", "may be null")


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


async def ensure_said(shop: Shop, body: Any, path: str, cell: str) -> None:
    """See that *body* is refused, or *path* shown, as a cell of the table says."""
    said = (codes_in(cell) or [cell])[0]
    result = await shop.item(SAVE, body)
    if "_" in said:
        assert code_of(result) == said
        return
    assert code_of(result) == ""
    product = await shop.shown(result["ID"])
    if said == "dropped":
        assert product["ATTRIBUTES"] == []
    elif path != "ID":
        assert take(product, path) == json.loads(said)


BAD: Final[Mapping[str, Sequence[Any]]] = {
    "CAT_ID": [1, 10_100, 0],
    "IMAGES[]": ["hai", "ftp://a/1.jpg", "//a/1.jpg"],
    "OCOP.VALID_TO": ["hai", "31/02/2027 00:00:00", "1/5/2027 3:5:9", "10/05/2027"],
}
"""Values of another form, by field."""


@pytest.mark.parametrize("row", LIMITS, ids=field_of)
async def test_a_field_is_as_long_or_as_large_as_its_row_says(
    shop: Shop, row: Row
) -> None:
    path, unlike = field_of(row), codes_in(row["else"])
    bounds = bounds_in(row["may be"])
    if bounds is None:
        for bad in BAD.get(path, ["hai"]):
            assert [code_of(await shop.told(path, bad))] == unlike, bad
        return
    least, most, unit = bounds
    for size in (least, most):
        result = await shop.told(path, stretched(path, size, shop.body(), unit))
        none_there = "PRODUCT_NOT_FOUND" if path == "ID" and size else ""
        assert code_of(result) == none_there, size
    sizes = [least - 1, most + 1] if unit != "characters" else [most + 1]
    for size in sizes:
        if size >= 0 or not unit:
            value = stretched(path, size, shop.body(), unit)
            assert code_of(await shop.told(path, value)) in unlike, size


async def test_text_is_counted_as_it_is_kept_a_line_end_as_one(shop: Shop) -> None:
    text = "  " + "a\n" * 9_999 + "bb\r\n"

    kept = await shop.item(SAVE, shop.body(DESCRIPTION=text))
    shown = await shop.shown(kept["ID"])
    again = await shop.item(SAVE, shop.body(DESCRIPTION=shown["DESCRIPTION"]))

    assert shown["DESCRIPTION"] == "a\r\n" * 9_999 + "bb"
    assert again["OK"]


async def test_an_address_of_a_picture_has_an_end(shop: Shop) -> None:
    longest = "https://" + "a" * 1_992

    assert (await shop.item(SAVE, shop.body(IMAGES=[longest])))["OK"]
    refused = await shop.item(SAVE, shop.body(IMAGES=[longest + "a"]))
    assert code_of(refused) == "TEXT_INVALID"


@pytest.mark.parametrize("row", LIMITS, ids=field_of)
async def test_a_field_takes_no_value_of_another_kind(shop: Shop, row: Row) -> None:
    path = field_of(row)
    kinds = {"TEXT_INVALID", "NUMBER_INVALID", "LIST_INVALID", "OCOP_INVALID"}
    for bad in ({"a": 1}, True, 4.0, [["x"]]):
        assert code_of(await shop.told(path, bad)) in kinds, bad


def test_the_table_of_limits_names_every_field_of_a_product() -> None:
    body = Shop(bench=None).body()  # type: ignore[arg-type] # asks nothing
    named = {field_of(row) for row in LIMITS}

    inner = {f"VARIANTS[].{name}" for name in body["VARIANTS"][0]}
    inner |= {f"ATTRIBUTES[].{name}" for name in ("NAME", "VALUE")}
    inner |= {f"OCOP.{name}" for name in CLAIM} | {"IMAGES[]"}
    assert named == set(body) | inner


WHOLE: Final = {"CLIENT_CODE": "A", "NAME": "A", "KIND": "HTX", "ADDRESS": ""}
OLD: Final = {"OLD_DISTRICT_CODE": "193", "OLD_WARD_CODE": "06712"}


@pytest.mark.parametrize("row", SHOPS, ids=lambda row: codes_in(row["of a shop"])[0])
async def test_each_field_of_a_shop_takes_what_its_row_says(
    shop: Shop, row: Row
) -> None:
    name, [unlike] = codes_in(row["of a shop"])[0], codes_in(row["else"])
    good = WHOLE | OLD

    async def told(profile: Any) -> str:
        return code_of(await ask_shop(shop, "/v2/shop/save", profile))

    [missing] = codes_in(row["missing"])
    without = {field: value for field, value in good.items() if field != name}
    assert await told(without) == (missing if missing.isupper() else "")
    assert [await told({**good, name: None})] == codes_in(row["null"])
    bounds = bounds_in(row["may be"])
    if bounds is None:
        digits = int(row["may be"][0])
        assert await told({**good, name: "1" * digits}) == ""
        for wrong in (
            "1" * (digits + 1),
            "1" * (digits - 1),
            "a" * digits,
            "٣" * digits,
        ):
            assert await told({**good, name: wrong}) == unlike, wrong
        return
    for size in bounds[:2]:
        assert await told({**good, name: "a" * size}) == ""
    assert await told({**good, name: "a" * (bounds[1] + 1)}) == unlike


async def test_every_leaf_that_the_document_describes_is_one(shop: Shop) -> None:
    sets = {1: "22422", 2: "22", 3: "111", 4: "11", 5: "111"}  # letters of each set
    leaves = [60_000, 90_000]
    for group, letters in sets.items():
        for number, count_ in enumerate(map(int, letters), start=1):
            first = group * 10_000 + number * 100
            leaves += (
                [first] if count_ == 1 else [first + n for n in letters_of(count_)]
            )
    leaves.append(10_600)
    assert len(leaves) == 26 + 1

    for leaf in leaves:
        assert (await shop.item(SAVE, shop.body(CAT_ID=leaf)))["OK"], leaf
    for other in (10_100, 10_500, 10_601, 20_000, 30_101, 60_100):
        refused = await shop.item(SAVE, shop.body(CAT_ID=other))
        assert code_of(refused) == "CAT_ID_UNKNOWN", other


def letters_of(number: int) -> range:
    return range(1, number + 1)


async def test_every_product_shows_what_the_table_says_and_nothing_else(
    opened: OpenBench,
) -> None:
    bench = await opened(moderation_s=math.inf)
    shop = Shop(bench=bench)
    await shop.sign_in()
    await bench.control("hand_made", code=SHOP, names=["Mẫu"], skus=[])
    [bare] = (await shop.ask(LIST, {}))["data"]["PRODUCTS"]
    await shop.ask("/v2/shop/save", PROFILE)
    pack = [{"SKU": "A", "PRICE": 1_000}]
    least = {"NAME": "A", "CAT_ID": 90_000, "VARIANTS": pack}
    assert (await shop.item(SAVE, least))["OK"]
    for status in STATES[0]:
        if status not in {"call", "0"}:
            await shop.made(status)
    products = (await shop.ask(LIST, {}))["data"]["PRODUCTS"]

    kinds = {"number": int, "text": str, "list": list, "object": dict}
    assert bare["SHOP_NAME"] == SHOP
    assert len(products) == 7
    for product in [bare, *products]:
        assert set(product) == {field_of(row) for row in SHOWN}
        for row in SHOWN:
            value = product[field_of(row)]
            if value is None:
                assert row["may be null"] == "yes", row
                continue
            assert type(value) is kinds[row["kind"].split()[0].strip(",:")], row
            if value in ("", []):
                assert row["may be empty"] == "yes", row
