"""The codes in `docs/mocks/voso.md` and their order, tried on the mock itself."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from tests.adapters.documents import (
    codes_in,
    read_order,
    read_table,
)
from tests.adapters.voso.conftest import OpenBench
from tests.adapters.voso.shop import (
    LIST,
    LOGIN,
    MASK,
    PROFILE,
    SAVE,
    STATUS,
    WHO,
    Shop,
    ask_shop,
    code_of,
    set_stock,
)

CALLS: Final = read_table("voso", "status", "`CODE`", "when", "applied?")
ITEMS: Final = read_table("voso", "`CODE` of an item", "when")
ORDER: Final = read_order("voso", "Which check comes first")
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
    shop.bench.fault("save_products", "token_ends_inside", size=1)
    answer = await shop.ask(SAVE, {"PRODUCTS": [{}, shop.body()]})
    await shop.sign_in()
    result: dict[str, Any] = answer["data"]["RESULTS"][1]
    return result


async def reserved(shop: Shop) -> dict[str, Any]:
    ref = await shop.made("2")
    sku = (await shop.shown(ref))["VARIANTS"][0]["SKU"]
    await shop.bench.control("reserve", ref=str(ref), sku=sku, quantity=2)
    return await set_stock(shop, ref)


async def sale_of_a_refused_one(shop: Shop) -> dict[str, Any]:
    return await shop.item(STATUS, {"ID": await shop.made("3"), "ACTION": "SELL"})


async def an_unknown_action(shop: Shop) -> dict[str, Any]:
    return await shop.item(STATUS, {"ID": await shop.made("2"), "ACTION": "XÓA"})


async def a_ward_of_four(shop: Shop) -> dict[str, Any]:
    return await ask_shop(shop, "/v2/shop/save", {**PROFILE, "OLD_WARD_CODE": "6712"})


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
        shop.bench.fault("*", fault, retry_after=1)
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
