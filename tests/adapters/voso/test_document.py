"""Every row of the tables in `docs/mocks/voso.md`, tried on the mock itself."""

import hashlib
import hmac
import io
import json
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

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
from tests.adapters.voso.conftest import OpenBench
from tests.adapters.voso.support import NOW, SHOP, Bench

LIMITS: Final = read_table("voso", "field", "missing", "null", "may be", "else")
SHOPS: Final = read_table("voso", "of a shop", "missing", "null", "may be", "else")
CALLS: Final = read_table("voso", "status", "`CODE`", "when", "applied?")
ITEMS: Final = read_table("voso", "`CODE` of an item", "when")
SHOWN: Final = read_table("voso", "field", "kind", "may be empty", "may be null")
STATES: Final = read_table("voso", "call", "0", "1", "2", "3", "4", "7")
QUERIES: Final = read_table(
    "voso", "field", "missing", "null", "least", "most", "above it"
)
EVENTS: Final = read_table("voso", "`TYPE`", "")
ORDER: Final = read_order("voso", "Which check comes first")

LOGIN: Final = "/v2/user/Login"
SAVE: Final = "/v2/product/save"
MASK: Final = "/v2/product/update-by-field-mask"
STATUS: Final = "/v2/product/status"
LIST: Final = "/v2/product/list"
PROFILE: Final = {"NAME": "Cơ sở Mẫu 001"}
CLAIM: Final = {"STARS": 4, "DECISION": "001", "VALID_TO": "10/05/2027 23:59:59"}
WHO: Final = {"USERNAME": f"username-{SHOP}", "PASSWORD": f"password-{SHOP}"}


@dataclass(kw_only=True)
class Shop:
    """A signed-in client of one shop, whose reviews do not end by themselves."""

    bench: Bench
    secret: str = f"bí mật {SHOP}"
    token: str = ""
    numbers: Any = field(default_factory=lambda: count(1))

    async def ask(
        self, path: str, body: Any, method: str = "POST", **headers: str
    ) -> dict[str, Any]:
        """Make a signed call; return its envelope."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = headers.get("Timestamp", str(int(NOW.timestamp() * 1000)))
        text = path.encode() + stamp.encode() + data
        signature = hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()
        own = {"Token": self.token, "Timestamp": stamp, "Signature": signature}
        async with self.bench.session.request(
            method,
            self.bench.server.make_url(path),
            data=io.BytesIO(data),
            headers={**own, **headers},
        ) as response:
            assert response.status == 200
            envelope: dict[str, Any] = await response.json()
            return envelope

    async def sign_in(self) -> None:
        """Take a new token."""
        self.token = (await self.ask(LOGIN, WHO))["data"]["token"]

    async def item(self, path: str, item: Any) -> dict[str, Any]:
        """Make a call of one item; return its result."""
        answer = await self.ask(path, {"PRODUCTS": [item]})
        [result] = answer["data"]["RESULTS"]
        assert isinstance(result, dict)
        return result

    async def masked(self, ref: int, mask: list[str], **fields: Any) -> dict[str, Any]:
        """Change what *mask* names."""
        return await self.item(MASK, {"ID": ref, "FIELD_MASK": mask, **fields})

    def body(self, **differences: Any) -> dict[str, Any]:
        """Return a product under a code and a SKU of its own."""
        number = next(self.numbers)
        variant = {
            "SKU": f"S-{number}",
            "PACK": "Chai",
            "GTIN": "2000000000015",
            "WEIGHT_G": 500,
            "PRICE": 5_000,
            "STOCK": 3,
        }
        return {
            "ID": 0,
            "CLIENT_CODE": f"SP-{number}",
            "NAME": "Mật ong mẫu",
            "CAT_ID": 10_202,
            "DESCRIPTION": "Mật ong.",
            "ATTRIBUTES": [{"NAME": "Xuất xứ", "VALUE": "Việt Nam"}],
            "IMAGES": ["https://anh.example/1.jpg"],
            "TRACE_URL": "",
            "VARIANTS": [variant],
            "OCOP": {**CLAIM},
            **differences,
        }

    async def told(self, path: str, value: Any) -> dict[str, Any]:
        """Save a product with *value* at *path*."""
        body = self.body()
        put(body, path, value)
        return await self.item(SAVE, body)

    async def shown(self, ref: int) -> dict[str, Any]:
        """Return a product."""
        answer = await self.ask(LIST, {"IDS": [ref]})
        [product] = answer["data"]["PRODUCTS"]
        assert isinstance(product, dict)
        return product

    async def made(self, status: str) -> int:
        """Return the number of a new product in *status*."""
        ref: int = (await self.item(SAVE, self.body()))["ID"]
        if status in {"2", "4", "7"}:
            await self.bench.control("approve", ref=str(ref))
        match status:
            case "3":
                await self.bench.control("refuse", ref=str(ref), reason="paper")
            case "4":
                await self.item(STATUS, {"ID": ref, "ACTION": "STOP"})
            case "7":
                await self.bench.control("ban", ref=str(ref), reason="Bị khiếu nại.")
        return ref


async def open_shop(opened: OpenBench, **settings: Any) -> Shop:
    shop = Shop(bench=await opened(moderation_s=math.inf, **settings))
    await shop.sign_in()
    await shop.ask("/v2/shop/save", PROFILE)
    return shop


@pytest.fixture(name="shop")
async def _shop(opened: OpenBench) -> Shop:
    return await open_shop(opened)


def code_of(result: Mapping[str, Any]) -> str:
    """Return the first code of a refused item, "" for one that was carried out."""
    return "" if result["OK"] else str(result["ERRORS"][0]["CODE"])


def field_of(row: Row) -> str:
    return codes_in(row["field"])[0]


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
        return code_of(await _whole(shop, "/v2/shop/save", profile))

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


async def _price(shop: Shop, ref: int) -> dict[str, Any]:
    sku = (await shop.shown(ref))["VARIANTS"][0]["SKU"]
    packs = [{"SKU": sku, "PRICE": 6_000}]
    return await shop.masked(ref, ["VARIANTS.PRICE"], VARIANTS=packs)


async def _stock(shop: Shop, ref: int) -> dict[str, Any]:
    sku = (await shop.shown(ref))["VARIANTS"][0]["SKU"]
    packs = [{"SKU": sku, "STOCK": 1}]
    return await shop.masked(ref, ["VARIANTS.STOCK"], VARIANTS=packs)


async def _whole(shop: Shop, path: str, body: Any) -> dict[str, Any]:
    answer = await shop.ask(path, body)
    result: dict[str, Any] = answer["data"]["RESULTS"][0]
    return result


ACTS: Final[Mapping[str, Act]] = {
    "content by mask": lambda shop, ref: shop.masked(ref, ["NAME"], NAME="Khác"),
    "`save` with its `ID`": lambda shop, ref: shop.item(SAVE, shop.body(ID=ref)),
    "`VARIANTS.PRICE`": _price,
    "`VARIANTS.STOCK`": _stock,
    "`OCOP`": lambda shop, ref: shop.masked(ref, ["OCOP"], OCOP=None),
    "`CLIENT_CODE`": lambda shop, ref: shop.masked(
        ref, ["CLIENT_CODE"], CLIENT_CODE="X"
    ),
    "STOP": lambda shop, ref: shop.item(STATUS, {"ID": ref, "ACTION": "STOP"}),
    "SELL": lambda shop, ref: shop.item(STATUS, {"ID": ref, "ACTION": "SELL"}),
    "`shop/stop`": lambda shop, _: _whole(shop, "/v2/shop/stop", {}),
    "`shop/save`": lambda shop, _: _whole(shop, "/v2/shop/save", PROFILE),
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
    priced = await _price(shop, ref)
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


ITEM_CODES: Final = [
    code for row in ITEMS for code in codes_in(row["`CODE` of an item"])
]
CALL_CODES: Final = [
    (int(row["status"]), code) for row in CALLS for code in codes_in(row["`CODE`"])
]


def saving(**differences: Any) -> Callable[[Shop], Awaitable[dict[str, Any]]]:
    return lambda shop: shop.item(SAVE, shop.body(**differences))


def masking(
    status: str, mask: list[str], **fields: Any
) -> Callable[[Shop], Awaitable[dict[str, Any]]]:
    async def provoke(shop: Shop) -> dict[str, Any]:
        return await shop.masked(await shop.made(status), mask, **fields)

    return provoke


async def without_a_profile(shop: Shop) -> dict[str, Any]:
    who = {"username": "hai", "password": "hai"}
    await shop.bench.control("shops", code="CS-2", secret=shop.secret, **who)
    other = Shop(bench=shop.bench)
    who = {name.upper(): value for name, value in who.items()}
    other.token = (await other.ask(LOGIN, who))["data"]["token"]
    return await other.item(SAVE, other.body())


async def of_a_stopped_shop(shop: Shop) -> dict[str, Any]:
    await shop.ask("/v2/shop/stop", {})
    return await shop.item(SAVE, shop.body())


async def too_late(shop: Shop) -> dict[str, Any]:
    await shop.bench.fault("save_products", "token_ends_inside", size=1)
    answer = await shop.ask(SAVE, {"PRODUCTS": [{}, shop.body()]})
    await shop.sign_in()
    result: dict[str, Any] = answer["data"]["RESULTS"][1]
    return result


async def reserved(shop: Shop) -> dict[str, Any]:
    ref = await shop.made("2")
    sku = (await shop.shown(ref))["VARIANTS"][0]["SKU"]
    await shop.bench.control("reserve", ref=str(ref), sku=sku, quantity=2)
    return await _stock(shop, ref)


async def sale_of_a_refused_one(shop: Shop) -> dict[str, Any]:
    return await shop.item(STATUS, {"ID": await shop.made("3"), "ACTION": "SELL"})


async def an_unknown_action(shop: Shop) -> dict[str, Any]:
    return await shop.item(STATUS, {"ID": await shop.made("2"), "ACTION": "XÓA"})


async def a_ward_of_four(shop: Shop) -> dict[str, Any]:
    return await _whole(shop, "/v2/shop/save", {**PROFILE, "OLD_WARD_CODE": "6712"})


def a_pack(**differences: Any) -> list[dict[str, Any]]:
    return [{"SKU": "A", "PRICE": 5_000, **differences}]


Provoke = Callable[[Shop], Awaitable[dict[str, Any]]]

PROVOKED: Final[Mapping[str, Provoke]] = {
    "TOKEN_INVALID": too_late,
    "NUMBER_INVALID": saving(CAT_ID="10202"),
    "ID_OUT_OF_RANGE": saving(ID=-1),
    "CAT_ID_OUT_OF_RANGE": saving(CAT_ID=-1),
    "WEIGHT_G_OUT_OF_RANGE": saving(VARIANTS=a_pack(WEIGHT_G=-1)),
    "PRICE_OUT_OF_RANGE": saving(VARIANTS=a_pack(PRICE=999)),
    "STOCK_OUT_OF_RANGE": saving(VARIANTS=a_pack(STOCK=-1)),
    "REVISION_OUT_OF_RANGE": masking("2", ["NAME"], REVISION=-1),
    "PRODUCT_NOT_FOUND": saving(ID=5),
    "REVISION_CHANGED": masking("2", ["NAME"], REVISION=1),
    "FIELD_MASK_INVALID": masking("2", ["STATUS"]),
    "TEXT_INVALID": saving(TRACE_URL="a" * 501),
    "TEXT_MISSING": saving(NAME=" "),
    "NAME_TOO_LONG": saving(NAME="a" * 5_000),
    "CAT_ID_UNKNOWN": saving(CAT_ID=10_100),
    "LIST_INVALID": saving(IMAGES={}),
    "TOO_MANY_IMAGES": saving(IMAGES=["https://a/1"] * 11),
    "IMAGE_INVALID": saving(IMAGES=["/1.jpg"]),
    "VARIANTS_INVALID": saving(VARIANTS=a_pack() * 2),
    "OCOP_INVALID": saving(OCOP={"STARS": 3.0}),
    "DATE_INVALID": saving(OCOP={"STARS": 3, "VALID_TO": "2027-05-10"}),
    "ACTION_UNKNOWN": an_unknown_action,
    "CODE_INVALID": a_ward_of_four,
    "SHOP_PROFILE_MISSING": without_a_profile,
    "SHOP_STOPPED": of_a_stopped_shop,
    "PRODUCT_LOCKED": masking("7", ["OCOP"]),
    "PRODUCT_REFUSED": sale_of_a_refused_one,
    "SKU_NOT_FOUND": masking("2", ["VARIANTS.PRICE"], VARIANTS=a_pack()),
    "STOCK_RESERVED": reserved,
    "CONTACT_IN_TEXT": masking("2", ["NAME"], NAME="Gọi 0900000000"),
}
PICTURES: Final = {"UNREACHABLE", "TOO_LARGE", "NOT_A_PICTURE", "TOO_SMALL"}
"""What may be wrong with one: `test_pictures` walks these."""


async def test_each_code_of_an_item_comes_when_the_table_says(shop: Shop) -> None:
    pictures = {f"IMAGE_{name}" for name in PICTURES}
    assert set(ITEM_CODES) == set(PROVOKED) | pictures
    for code, provoke in PROVOKED.items():
        await shop.ask("/v2/shop/save", PROFILE)
        result = await provoke(shop)
        assert code_of(result) == code
        for each in result["ERRORS"]:
            assert set(each) == {"CODE", "MESSAGE", "FIELD"}
            assert all(isinstance(value, str) for value in each.values())


LONG: Final = b'{"NAME": "' + b"x" * 4_000_000 + b'"}'


async def test_each_code_of_a_call_comes_when_the_table_says(shop: Shop) -> None:
    packed, stranger = {"Content-Encoding": "compress"}, {"Token": "sai"}

    async def with_fault(fault: str) -> dict[str, Any]:
        await shop.bench.fault("*", fault, retry_after=1)
        return await shop.ask(LIST, {})

    provoked = {
        (400, "BODY_COMPRESSED"): [await shop.ask(LIST, {}, **packed)],
        (400, "BODY_TOO_LONG"): [await shop.ask(SAVE, LONG)],
        (400, "BODY_INVALID"): [await shop.ask(LIST, body) for body in NO_OBJECTS],
        (400, "REQUEST_INVALID"): [
            await shop.ask(SAVE, {}),
            await shop.ask(SAVE, {"PRODUCTS": []}),
            await shop.ask(SAVE, {"PRODUCTS": [{}] * 51}),
            await shop.ask(SAVE, {"PRODUCTS": [{}, 1]}),
            await shop.ask(SAVE, {"PRODUCTS": {}}),
            await shop.ask(LIST, {"IDS": [1], "SKUS": ["A"]}),
        ],
        (401, "LOGIN_INVALID"): [
            await shop.ask(LOGIN, {**WHO, "PASSWORD": "sai"}),
            await shop.ask(LOGIN, {**WHO, "USERNAME": None}),
            await shop.ask(LOGIN, {}),
        ],
        (401, "TOKEN_INVALID"): [await shop.ask(LIST, {}, **stranger)],
        (403, "SIGNATURE_INVALID"): [
            await shop.ask(LIST, {}, Signature=""),
            await shop.ask(LIST, {}, Signature="é"),
        ],
        (403, "TIMESTAMP_OUTSIDE_WINDOW"): [
            await shop.ask(LIST, {}, Timestamp=stamp)
            for stamp in ("", "1", "9" * 400, "-1", "hai")
        ],
        (404, "NO_SUCH_CALL"): [
            await shop.ask("/v2/product/delete", {}),
            await shop.ask(f"{LIST}/", {}),
            await shop.ask("/v2/user/login", WHO),
            await shop.ask("/khac", {}),
            await shop.ask(LIST, {}, "GET"),
            await shop.ask(LIST, {}, "OPTIONS"),
        ],
        (429, "OVER_QUOTA"): [await with_fault("rate_limited")],
        (503, "MAINTENANCE"): [await with_fault("maintenance")],
    }

    assert sorted(provoked) == sorted(CALL_CODES)
    for (status, code), answers in provoked.items():
        found = {(each["status"], each["data"]["CODE"]) for each in answers}
        assert found == {(status, code)}
        assert all(each["error"] and each["message"] for each in answers)
    assert (await shop.bench.look("state"))["listings"] == []


NO_OBJECTS: Final = (
    b"",
    b"null",
    b"[]",
    b"\xff",
    "{}".encode("utf-16"),
    b"\xef\xbb\xbf{}",
    b'{"x": NaN}',
    b'{"x": "\\ud83d"}',
    b"[" * 100_000,
    b'{"x": ' + b"9" * 5_000 + b"}",
)


async def test_checks_come_in_the_order_of_the_list(shop: Shop) -> None:
    live, locked, refused = [await shop.made(status) for status in ("2", "7", "3")]
    steps: list[tuple[str, Any]] = []

    async def call(expected: str, *asked: Any, **headers: str) -> None:
        answer = await shop.ask(*asked, **headers)
        steps.append((expected, answer["data"].get("CODE")))

    async def item(expected: str, path: str, item: Any) -> None:
        steps.append((expected, code_of(await shop.item(path, item))))

    bad = {"Token": "sai", "Signature": "sai", "Timestamp": "1"}
    packed = {"Content-Encoding": "compress"}
    await call("BODY_COMPRESSED", "/v2/x", LONG, **bad, **packed)
    await call("BODY_TOO_LONG", "/v2/x", LONG, **bad)
    await call("NO_SUCH_CALL", "/v2/x", b"{", **bad)
    await call("TOKEN_INVALID", SAVE, b"{", **bad)
    del bad["Token"]
    await call("SIGNATURE_INVALID", SAVE, b"{", **bad)
    await call("TIMESTAMP_OUTSIDE_WINDOW", SAVE, b"{", Timestamp="1")
    await call("BODY_INVALID", SAVE, b"{")
    await call("REQUEST_INVALID", SAVE, {"PRODUCTS": []})
    wrong = {"ID": 5, "REVISION": 1, "FIELD_MASK": ["VARIANTS.PRICE", "NAME"]}
    wrong |= {"NAME": "a" * 121, "VARIANTS": [{"SKU": "X", "PRICE": 1}]}
    await item("ID_OUT_OF_RANGE", MASK, {**wrong, "ID": -1})
    await item("PRODUCT_NOT_FOUND", MASK, wrong)
    unmasked = {**wrong, "ID": locked, "FIELD_MASK": []}
    await item("REVISION_CHANGED", MASK, unmasked)
    await item("FIELD_MASK_INVALID", MASK, {**unmasked, "REVISION": 0})
    formed = {**wrong, "ID": locked, "REVISION": 0}
    formed["FIELD_MASK"] = ["VARIANTS.PRICE", "TRACE_URL", "NAME"]
    await item("NAME_TOO_LONG", MASK, {**formed, "TRACE_URL": 5})
    formed["NAME"] = "Zalo"
    await item("PRICE_OUT_OF_RANGE", MASK, formed)
    formed["VARIANTS"] = [{"SKU": "X", "PRICE": 1_000}]
    await shop.ask("/v2/shop/stop", {})
    whole = shop.body(NAME="Zalo")
    await item("SHOP_STOPPED", SAVE, {**whole, "ID": locked})
    await item("SHOP_STOPPED", STATUS, {"ID": locked, "ACTION": "SELL"})
    await item("PRODUCT_LOCKED", MASK, formed)
    await item("SKU_NOT_FOUND", MASK, {**formed, "ID": refused})
    sku = (await shop.shown(live))["VARIANTS"][0]["SKU"]
    await shop.bench.control("reserve", ref=str(live), sku=sku, quantity=2)
    both = {"ID": live, "NAME": "Zalo", "VARIANTS": [{"SKU": sku, "STOCK": 0}]}
    both["FIELD_MASK"] = ["NAME", "VARIANTS.STOCK"]
    await item("STOCK_RESERVED", MASK, both)
    words = {"ID": live, "NAME": "Zalo", "FIELD_MASK": ["NAME"]}
    await item("CONTACT_IN_TEXT", MASK, words)

    assert [expected for expected, _ in steps] == [found for _, found in steps]
    assert len(ORDER) == 18
    place = {code: n for n, codes in reversed([*enumerate(ORDER)]) for code in codes}
    seen = [place[expected] for expected, _ in steps]
    assert seen == sorted(seen)
    # The quota has a test of its own, below.
    assert len(set(seen)) == len(ORDER) - 1


async def test_the_quota_is_the_shops_and_comes_after_the_signature(
    opened: OpenBench,
) -> None:
    shop = Shop(bench=await opened(quota_per_s=0.001))
    await shop.sign_in()

    refused = [await shop.ask(LIST, {}, Signature="") for _ in range(9)]
    bodies: Sequence[Any] = ({}, b"{", {}, {}, {}, b"{")
    answers = [await shop.ask(LIST, body) for body in bodies]

    assert {each["status"] for each in refused} == {403}
    assert [each["status"] for each in answers] == [200, 400, 200, 200, 429, 429]
    assert answers[-1]["data"]["RETRY_AFTER"] == 1_000


async def test_an_item_sees_what_those_before_it_have_done(shop: Shop) -> None:
    ref = await shop.made("2")
    revision = (await shop.shown(ref))["REVISION"]
    name = {"ID": ref, "FIELD_MASK": ["NAME"], "REVISION": revision}
    items = [{**name, "NAME": "Một"}, {**name, "NAME": "Hai"}, {"ID": 5}]

    answer = await shop.ask(MASK, {"PRODUCTS": [*items, {**name, "REVISION": 0}]})

    codes = [code_of(each) for each in answer["data"]["RESULTS"]]
    assert codes == ["", "REVISION_CHANGED", "PRODUCT_NOT_FOUND", "TEXT_MISSING"]
    assert (await shop.shown(ref))["NAME"] == "Một"
