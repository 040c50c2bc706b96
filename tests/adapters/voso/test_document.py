"""Statuses, pages and events in `docs/mocks/voso.md`, each row tried on the mock."""

import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.adapters.documents import (
    Row,
    codes_in,
    number_in,
    read_table,
)
from tests.adapters.voso.conftest import OpenBench
from tests.adapters.voso.shop import (
    LIST,
    PROFILE,
    SAVE,
    STATUS,
    Shop,
    ask_shop,
    code_of,
    field_of,
    open_shop,
    set_price,
    set_stock,
)

STATES: Final = read_table("voso", "call", "0", "1", "2", "3", "4", "7")
QUERIES: Final = read_table(
    "voso", "field", "missing", "null", "least", "most", "above it"
)
EVENTS: Final = read_table("voso", "`TYPE`", "")


async def make_drafts(opened: OpenBench, file: Path, number: int) -> list[int]:
    """Leave a file with products that people began and never offered."""
    shop = await open_shop(opened, data=file)
    refs = [await shop.made("1") for _ in range(number)]
    await shop.bench.server.close()
    _make_drafts_of_all(file)
    return refs


def _make_drafts_of_all(file: Path) -> None:
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    for table, _, row in lines:
        if table == "products":
            row["STATUS"], row["due"] = 0, None
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


Act = Callable[[Shop, int], Awaitable[dict[str, Any]]]
ACTS: Final[Mapping[str, Act]] = {
    "content by mask": lambda shop, ref: shop.masked(ref, ["NAME"], NAME="Khác"),
    "`save` with its `ID`": lambda shop, ref: shop.item(SAVE, shop.body(ID=ref)),
    "`VARIANTS.PRICE`": set_price,
    "`VARIANTS.STOCK`": set_stock,
    "`OCOP`": lambda shop, ref: shop.masked(ref, ["OCOP"], OCOP=None),
    "`CLIENT_CODE`": lambda shop, ref: shop.masked(
        ref, ["CLIENT_CODE"], CLIENT_CODE="X"
    ),
    "STOP": lambda shop, ref: shop.item(STATUS, {"ID": ref, "ACTION": "STOP"}),
    "SELL": lambda shop, ref: shop.item(STATUS, {"ID": ref, "ACTION": "SELL"}),
    "`shop/stop`": lambda shop, _: ask_shop(shop, "/v2/shop/stop", {}),
    "`shop/save`": lambda shop, _: ask_shop(shop, "/v2/shop/save", PROFILE),
}


async def test_each_call_does_to_each_status_what_its_cell_says(
    opened: OpenBench, tmp_path: Path
) -> None:
    drafts = await make_drafts(opened, tmp_path / "voso.json", len(STATES))
    shop = await open_shop(opened, data=tmp_path / "voso.json")
    for row in STATES:
        draft = drafts.pop()
        for status in [name for name in row if name != "call"]:
            await shop.ask("/v2/shop/save", PROFILE)
            ref = draft if status == "0" else await shop.made(status)
            before = await shop.shown(ref)
            assert str(before["STATUS"]) == status

            result = await ACTS[row["call"]](shop, ref)

            after = await shop.shown(ref)
            if not result["OK"]:
                assert after == before
                assert f"`{code_of(result)}`" == row[status], (row["call"], status)
                continue
            assert result.get("STATUS", after["STATUS"]) == after["STATUS"]
            grown = after["REVISION"] - before["REVISION"]
            cell = f"{after['STATUS']}{' +1' if grown == 1 else ''}"
            assert grown in {0, 1}
            assert cell == row[status], (row["call"], status)


async def test_a_deleted_product_is_shown_by_its_number_alone(shop: Shop) -> None:
    ref = await shop.made("2")
    sku = (await shop.shown(ref))["VARIANTS"][0]["SKU"]
    await shop.bench.control("delete", ref=str(ref))

    by_number = await shop.shown(ref)
    others = [await shop.ask(LIST, asked) for asked in ({}, {"SKUS": [sku]})]
    codes = {
        code_of(await act(shop, ref))
        for name, act in ACTS.items()
        if not name.startswith(("`shop", "`VARIANTS"))
    }

    assert by_number["STATUS"] == 6
    assert [each["data"]["TOTAL"] for each in others] == [0, 0]
    assert codes == {"PRODUCT_NOT_FOUND"}


async def test_a_reopened_shop_has_its_products_stopped(shop: Shop) -> None:
    ref, refused = await shop.made("2"), await shop.made("3")
    await shop.ask("/v2/shop/stop", {})

    stopped = [
        await shop.item(SAVE, shop.body()),
        await shop.item(SAVE, shop.body(ID=ref)),
        await shop.item(STATUS, {"ID": ref, "ACTION": "SELL"}),
        await shop.masked(refused, ["NAME"], NAME="Khác"),
    ]
    priced = await set_price(shop, ref)
    await shop.ask("/v2/shop/save", PROFILE)
    shown = await shop.shown(ref)
    sold = await shop.item(STATUS, {"ID": ref, "ACTION": "SELL"})

    assert [code_of(each) for each in stopped] == ["SHOP_STOPPED"] * 4
    assert (priced["STATUS"], shown["STATUS"], sold["STATUS"]) == (4, 4, 2)


@pytest.mark.parametrize("row", QUERIES, ids=field_of)
async def test_each_condition_takes_what_its_row_says(shop: Shop, row: Row) -> None:
    name = field_of(row)
    for _ in range(2):
        items = [shop.body() for _ in range(30)]
        await shop.ask(SAVE, {"PRODUCTS": items})

    async def asked(value: Any) -> dict[str, Any]:
        return await shop.ask(LIST, {name: value})

    plain = await shop.ask(LIST, {})
    wrong: list[Any] = [True, 1.0, {}, "" if name != "NEXT_TOKEN" else 0]
    wrong += [[], "50", 0, -1] if name == "PAGE_SIZE" else ["hai"]
    for value in wrong:
        answer = await asked(value)
        assert answer["data"].get("CODE") == "REQUEST_INVALID", value
    nothing = await asked(None)
    if codes_in(row["null"]):
        assert [nothing["data"]["CODE"]] == codes_in(row["null"])
    else:
        assert nothing == plain
    if name == "PAGE_SIZE":
        assert await asked(number_in(row["missing"])) == plain
        most = number_in(row["most"])
        assert len((await asked(most + 1))["data"]["PRODUCTS"]) == most
        assert len((await asked(10**30))["data"]["PRODUCTS"]) == most
        assert len((await asked(number_in(row["least"])))["data"]["PRODUCTS"]) == 1
    elif row["most"]:
        most = number_in(row["most"].split()[0])
        value = 700_001 if name == "IDS" else "a"
        assert (await asked([value] * most))["status"] == 200
        answer = await asked([value] * (most + 1))
        assert [answer["data"]["CODE"]] == codes_in(row["above it"])
        assert await asked([]) == plain


async def test_a_cursor_leads_on_wherever_it_came_from(shop: Shop) -> None:
    for _ in range(3):
        await shop.made("2")
    first = (await shop.ask(LIST, {"PAGE_SIZE": 2}))["data"]
    cursor = first["NEXT_TOKEN"]
    skus = [f"S-{number}" for number in (1, 2, 3)]

    rest = (await shop.ask(LIST, {"NEXT_TOKEN": cursor}))["data"]
    other = (await shop.ask(LIST, {"NEXT_TOKEN": cursor, "SKUS": skus}))["data"]
    await shop.bench.control("delete", ref=str(rest["PRODUCTS"][0]["ID"]))
    after = (await shop.ask(LIST, {"NEXT_TOKEN": cursor}))["data"]

    assert (len(first["PRODUCTS"]), first["TOTAL"]) == (2, 3)
    assert [each["ID"] for each in rest["PRODUCTS"]] == [700_003]
    assert other == rest
    assert after == {"PRODUCTS": [], "NEXT_TOKEN": "", "TOTAL": 2}


@pytest.mark.parametrize(
    "cursor",
    ["sau:1", "c2F1OjA=", "c2F1Oi0x", "c2F1OjI", "c2F1OjI=\n", "c2F1OiAy", "é"],
    ids=["plain", "0", "-1", "no padding", "line end", "blank", "no letter"],
)
@pytest.mark.parametrize("call", [LIST, "/v2/event/list"])
async def test_a_cursor_that_nobody_gave_out_is_refused(
    shop: Shop, call: str, cursor: str
) -> None:
    answer = await shop.ask(call, {"NEXT_TOKEN": cursor})

    assert (answer["status"], answer["data"]["CODE"]) == (400, "REQUEST_INVALID")


async def test_the_cursor_of_an_empty_feed_is_the_one_that_was_asked_with(
    shop: Shop,
) -> None:
    async def feed(cursor: Any) -> tuple[int, str]:
        data = (await shop.ask("/v2/event/list", {"NEXT_TOKEN": cursor}))["data"]
        return len(data["EVENTS"]), data["NEXT_TOKEN"]

    assert await feed("") == (0, "")
    await shop.made("2")
    number, cursor = await feed("")
    assert number == 1
    assert await feed(cursor) == (0, cursor)


async def test_each_type_of_event_is_told_and_no_call_tells_one(shop: Shop) -> None:
    ref, refused = await shop.made("2"), await shop.made("3")
    for each in (ref, refused):
        await shop.masked(each, ["NAME"], NAME="Khác")
        await shop.item(STATUS, {"ID": each, "ACTION": "STOP"})
        await shop.item(STATUS, {"ID": each, "ACTION": "SELL"})
    await shop.ask("/v2/shop/stop", {})
    await shop.ask("/v2/shop/save", PROFILE)
    await shop.item(STATUS, {"ID": ref, "ACTION": "SELL"})
    by_calls = (await shop.ask("/v2/event/list", {}))["data"]
    sku = (await shop.shown(ref))["VARIANTS"][0]["SKU"]
    await shop.bench.control("sell", ref=str(ref), sku=sku, quantity=2)
    await shop.bench.control("edit", ref=str(ref), changes={"NAME": "Sửa tay"})
    for act, more in (("take_down", {}), ("ban", {"reason": "Lý do."}), ("delete", {})):
        await shop.bench.control(act, ref=str(ref), **more)
    after = {"NEXT_TOKEN": by_calls["NEXT_TOKEN"]}
    feed = (await shop.ask("/v2/event/list", after))["data"]

    reviews = [each["TYPE"] for each in by_calls["EVENTS"]]
    assert reviews == ["APPROVED", "REFUSED"]
    told = {each["TYPE"] for each in feed["EVENTS"]} | set(reviews)
    assert told == {code for row in EVENTS for code in codes_in(row["`TYPE`"])}
    sold, *others = feed["EVENTS"]
    assert (sold["SKU"], sold["QUANTITY"]) == (sku, 2)
    assert sold["ORDER_LINE"]
    for each in others:
        assert (each["SKU"], each["QUANTITY"], each["ORDER_LINE"]) == ("", 0, "")
