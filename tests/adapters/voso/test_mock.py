"""Mock V's own work: who may call, moderation, seeds, and its own pages.

The adapter's use of it is tested in `test_adapter` and `test_calls`. Calls here are
written by hand, so that a mistake that both sides make shows.
"""

import hashlib
import hmac
import json
from typing import Any

import pytest

from ocop_sync.marketplace.change import SetStock
from tests.adapters.documents import read_table
from tests.adapters.voso.conftest import OpenBench
from tests.adapters.voso.shop import field_of
from tests.adapters.voso.support import (
    NOW,
    SHOP,
    Bench,
    make_create,
    make_listing,
    sample,
)

MINUTE = 60_000


async def call(
    bench: Bench,
    path: str,
    body: Any,
    *,
    token: str = "",
    secret: str = f"bí mật {SHOP}",
    off_ms: int = 0,
    method: str = "POST",
) -> dict[str, Any]:
    """Make a signed call by hand and return its envelope."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(NOW.timestamp() * 1000) + off_ms)
    text = path.encode() + stamp.encode() + data
    headers = {
        "Signature": hmac.new(secret.encode(), text, hashlib.sha256).hexdigest(),
        "Timestamp": stamp,
        "Token": token,
    }
    url = bench.server.make_url(path)
    async with bench.session.request(
        method, url, data=data, headers=headers
    ) as response:
        assert response.status == 200, "whatever happens"
        envelope: dict[str, Any] = await response.json()
        assert envelope["error"] is (envelope["status"] != 200)
        return envelope


async def sign_in(bench: Bench) -> str:
    """Return a token of the shop."""
    who = {"USERNAME": f"username-{SHOP}", "PASSWORD": f"password-{SHOP}"}
    token: str = (await call(bench, "/v2/user/Login", who))["data"]["token"]
    return token


@pytest.mark.parametrize(
    ("differences", "status", "code"),
    [
        pytest.param({"token": "sai"}, 401, "TOKEN_INVALID", id="no such token"),
        pytest.param({"secret": "sai"}, 403, "SIGNATURE_INVALID", id="signature"),
        pytest.param(
            {"off_ms": 6 * MINUTE}, 403, "TIMESTAMP_OUTSIDE_WINDOW", id="ahead"
        ),
        pytest.param(
            {"off_ms": -6 * MINUTE}, 403, "TIMESTAMP_OUTSIDE_WINDOW", id="behind"
        ),
        pytest.param({"body": b"[]"}, 400, "BODY_INVALID", id="no object"),
        pytest.param({"body": b'{"A": "\\ud83d"}'}, 400, "BODY_INVALID", id="half"),
        pytest.param({"body": {"PAGE_SIZE": 0}}, 400, "REQUEST_INVALID", id="size"),
        pytest.param({"body": {"IDS": ["1"]}}, 400, "REQUEST_INVALID", id="type"),
        pytest.param(
            {"body": {"IDS": [1] * 51}}, 400, "REQUEST_INVALID", id="too many"
        ),
        pytest.param(
            {"body": {"IDS": [1], "SKUS": ["a"]}}, 400, "REQUEST_INVALID", id="two"
        ),
        pytest.param(
            {"body": {"NEXT_TOKEN": "abc"}}, 400, "REQUEST_INVALID", id="cursor"
        ),
        pytest.param({"path": "/v2/product/none"}, 404, "NO_SUCH_CALL", id="path"),
        pytest.param({"method": "GET"}, 404, "NO_SUCH_CALL", id="method"),
    ],
)
async def test_a_refused_call_is_answered_in_an_envelope_with_http_200(
    bench: Bench, differences: dict[str, Any], status: int, code: str
) -> None:
    good = {"path": "/v2/product/list", "body": {}, "token": await sign_in(bench)}

    answer = await call(bench, **{**good, **differences})

    assert (answer["status"], answer["data"]["CODE"]) == (status, code)


async def test_the_body_that_was_signed_is_the_body_that_counts(bench: Bench) -> None:
    token = await sign_in(bench)
    compact, spaced = b'{"PAGE_SIZE":1}', b'{"PAGE_SIZE": 1}'

    answers = [
        await call(bench, "/v2/product/list", body, token=token)
        for body in (compact, spaced)
    ]

    assert [each["status"] for each in answers] == [200, 200]


async def test_a_condition_without_values_is_none_and_shows_the_whole_shop(
    bench: Bench,
) -> None:
    await bench.submit()

    answer = await call(
        bench, "/v2/product/list", {"SKUS": []}, token=await sign_in(bench)
    )

    assert answer["data"]["TOTAL"] == 1


async def test_a_page_holds_50_products_however_many_are_asked_for(
    bench: Bench,
) -> None:
    names = [f"Nhập tay mẫu {number}" for number in range(51)]
    await bench.control("hand_made", code=SHOP, names=names)
    token = await sign_in(bench)

    whole = await call(bench, "/v2/product/list", {"PAGE_SIZE": 500}, token=token)
    part = await call(bench, "/v2/product/list", {"PAGE_SIZE": 2}, token=token)

    assert len(whole["data"]["PRODUCTS"]) == 50
    assert len(part["data"]["PRODUCTS"]) == 2


async def test_a_product_is_found_by_what_it_has_and_not_by_what_it_had(
    bench: Bench,
) -> None:
    ref = await bench.publish()
    item = {
        **sample("listing_item"),
        "ID": int(ref),
        "FIELD_MASK": ["CLIENT_CODE", "VARIANTS"],
        "CLIENT_CODE": "SP-00009",
        "VARIANTS": [{"SKU": "SP-00009-1", "PRICE": 9_000}],
    }
    token = await sign_in(bench)
    path = "/v2/product/update-by-field-mask"
    await call(bench, path, {"PRODUCTS": [item]}, token=token)

    totals = [
        (await call(bench, "/v2/product/list", asked, token=token))["data"]["TOTAL"]
        for asked in (
            {"CLIENT_CODES": ["SP-00001"]},
            {"SKUS": ["SP-00001-1"]},
            {"CLIENT_CODES": ["SP-00009"]},
            {"SKUS": ["SP-00009-1"]},
        )
    ]

    assert totals == [0, 0, 1, 1]


async def test_an_attribute_without_a_value_is_not_kept(bench: Bench) -> None:
    ref = await bench.submit(attributes=(("Màu", " "), ("Nguồn", "rừng")))

    attributes = (await bench.row(ref))["own"]["ATTRIBUTES"]
    assert attributes == [{"NAME": "Nguồn", "VALUE": "rừng"}]


async def test_a_product_is_shown_as_the_documents_show(bench: Bench) -> None:
    ref = await bench.submit()

    answer = await call(
        bench, "/v2/product/list", {"IDS": [int(ref)]}, token=await sign_in(bench)
    )

    [product] = answer["data"]["PRODUCTS"]
    rows = read_table("voso", "field", "kind", "may be empty", "may be null")
    assert product.keys() == {field_of(row) for row in rows}
    assert product.keys() >= sample("product_page")["PRODUCTS"][0].keys()
    assert product["OCOP"]["VALID_TO"] == "10/05/2027 23:59:59"
    assert product["CREATED_AT"] == "24/11/2026 09:00:00"


async def test_each_shop_has_a_quota_of_its_own(opened: OpenBench) -> None:
    bench = await opened(quota_per_s=0.001, quota_burst=2)
    other = await bench.open_account("CS-0002")
    await bench.voso.page(None)
    token = await sign_in_of(bench)

    assert token["status"] == 429
    assert token["data"]["RETRY_AFTER"] >= 1
    assert (await other.page(None)).items == ()


async def sign_in_of(bench: Bench) -> dict[str, Any]:
    """Return the envelope of a sign-in."""
    who = {"USERNAME": f"username-{SHOP}", "PASSWORD": f"password-{SHOP}"}
    return await call(bench, "/v2/user/Login", who)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        pytest.param({"NAME": " "}, "TEXT_MISSING", id="no name"),
        pytest.param({"NAME": "a" * 121}, "NAME_TOO_LONG", id="long name"),
        pytest.param({"NAME": 5}, "TEXT_INVALID", id="a number for a text"),
        pytest.param({"CAT_ID": 10_100}, "CAT_ID_UNKNOWN", id="no leaf"),
        pytest.param({"CAT_ID": "10202"}, "NUMBER_INVALID", id="text for a number"),
        pytest.param({"VARIANTS": []}, "VARIANTS_INVALID", id="no variant"),
        pytest.param({"VARIANTS": {}}, "LIST_INVALID", id="no list"),
        pytest.param(
            {"VARIANTS": sample("listing_item")["VARIANTS"] * 2},
            "VARIANTS_INVALID",
            id="one SKU twice",
        ),
        pytest.param(
            {"VARIANTS": [{"SKU": "a", "PRICE": 999}]},
            "PRICE_OUT_OF_RANGE",
            id="a price of nothing",
        ),
        pytest.param(
            {"VARIANTS": [{"SKU": "a", "PRICE": 9_999, "STOCK": -1}]},
            "STOCK_OUT_OF_RANGE",
            id="less than nothing",
        ),
        pytest.param({"OCOP": {"STARS": 2}}, "OCOP_INVALID", id="two stars"),
        pytest.param(
            {"OCOP": {"STARS": 3, "VALID_TO": "2027-05-10"}}, "DATE_INVALID", id="date"
        ),
        pytest.param({"IMAGES": ["/1.jpg"]}, "IMAGE_INVALID", id="no address"),
        pytest.param(
            {"IMAGES": ["https://a/1"] * 11}, "TOO_MANY_IMAGES", id="too many images"
        ),
        pytest.param({"ID": 5}, "PRODUCT_NOT_FOUND", id="no such product"),
    ],
)
async def test_an_item_that_is_wrong_is_refused_alone(
    bench: Bench, item: dict[str, Any], code: str
) -> None:
    await bench.open_shop()
    good = sample("listing_item")
    items = {"PRODUCTS": [{**good, **item}, good]}

    answer = await call(bench, "/v2/product/save", items, token=await sign_in(bench))

    bad, right = answer["data"]["RESULTS"]
    assert (bad["OK"], bad["ERRORS"][0]["CODE"]) == (False, code)
    assert (right["OK"], right["STATUS"]) == (True, 1)
    assert answer["message"] == "1/2 thành công"


async def test_saving_with_a_number_replaces_the_product(bench: Bench) -> None:
    ref = await bench.publish()
    item = {**sample("listing_item"), "ID": int(ref), "OCOP": None, "NAME": "Tên mẫu"}

    await call(
        bench, "/v2/product/save", {"PRODUCTS": [item]}, token=await sign_in(bench)
    )

    assert (await bench.shown(ref)).shown == make_listing(title="Tên mẫu", stars=None)


@pytest.mark.parametrize(
    ("mask", "code"),
    [
        pytest.param([], "FIELD_MASK_INVALID", id="empty"),
        pytest.param(["STATUS"], "FIELD_MASK_INVALID", id="unknown"),
        pytest.param(["NAME"], "CONTACT_IN_TEXT", id="contact"),
    ],
)
async def test_a_change_that_is_wrong_changes_nothing(
    bench: Bench, mask: list[str], code: str
) -> None:
    ref = await bench.publish()
    item = {"ID": int(ref), "FIELD_MASK": mask, "NAME": "Gọi 0900000000"}
    path = "/v2/product/update-by-field-mask"

    answer = await call(bench, path, {"PRODUCTS": [item]}, token=await sign_in(bench))

    assert answer["data"]["RESULTS"][0]["ERRORS"][0]["CODE"] == code
    assert (await bench.shown(ref)).shown == make_listing()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        pytest.param(
            "/v2/product/status",
            {"PRODUCTS": [{"ID": 700_001, "ACTION": "XÓA"}]},
            "ACTION_UNKNOWN",
            id="an unknown action",
        ),
        pytest.param(
            "/v2/product/status",
            {"PRODUCTS": [{"ID": 700_001, "ACTION": "SELL"}]},
            "PRODUCT_REFUSED",
            id="sale of what was refused",
        ),
        pytest.param("/v2/shop/save", {"NAME": ""}, "TEXT_MISSING", id="no name"),
        pytest.param(
            "/v2/shop/save",
            {"NAME": "Mẫu", "OLD_WARD_CODE": "6712"},
            "CODE_INVALID",
            id="a ward of four digits",
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(
    bench: Bench, path: str, body: dict[str, Any], code: str
) -> None:
    ref = await bench.submit()
    await bench.control("refuse", ref=ref, reason="Ảnh mờ.")

    answer = await call(bench, path, body, token=await sign_in(bench))

    assert answer["data"]["RESULTS"][0]["ERRORS"][0]["CODE"] == code


async def test_a_call_without_items_is_malformed(bench: Bench) -> None:
    answer = await call(
        bench, "/v2/product/save", {"PRODUCTS": []}, token=await sign_in(bench)
    )

    assert answer["status"] == 400


@pytest.mark.parametrize(
    ("text", "state"),
    [
        pytest.param("Mật ong rừng, số 377/QĐ ngày 17/1/2025", "live", id="plain"),
        pytest.param("Mã vạch 8930000000000", "live", id="a barcode"),
        pytest.param("Gọi 0900000000 để đặt", "refused", id="a telephone"),
        pytest.param("Xem HTTPS://mau.example", "refused", id="an address"),
        pytest.param("Kết bạn Zalo", "refused", id="a messenger"),
    ],
)
async def test_moderation_refuses_ways_around_the_marketplace(
    bench: Bench, text: str, state: str
) -> None:
    ref = await bench.publish(description=text)

    assert (await bench.row(ref))["state"] == state


async def test_a_review_ends_when_the_clock_says_and_staff_can_be_first(
    opened: OpenBench,
) -> None:
    bench = await opened(moderation_s=3_600)
    slow, quick = await bench.submit(1), await bench.submit(2)
    await bench.control("approve", ref="SP-00002")

    assert (await bench.row(quick))["state"] == "live"
    assert (await bench.row(slow))["state"] == "in_review"
    bench.clock.advance(3_600)
    assert (await bench.row(slow))["state"] == "live"


async def test_without_an_end_only_staff_ends_a_review(opened: OpenBench) -> None:
    bench = await opened(moderation_s=float("inf"))
    ref = await bench.submit()
    bench.clock.advance(10**8)

    assert (await bench.row(ref))["state"] == "in_review"


async def test_an_edit_by_hand_shows_and_is_no_call_of_a_client(bench: Bench) -> None:
    ref = await bench.publish()
    changes = {
        "NAME": "Sửa tay OCOP 5 sao",
        "VARIANTS": [{"SKU": "SP-00001-1", "PRICE": 1}],
        "CLIENT_CODE": "",
    }

    await bench.control("edit", ref=ref, changes=changes)

    shown = (await bench.shown(ref)).shown
    assert (shown.title, shown.variants[0].price_vnd) == ("Sửa tay OCOP 5 sao", 1)
    assert await bench.voso.find(client_refs=["SP-00001"]) == ()
    assert (await bench.row(ref))["api_writes"] == 1


async def test_seeds_hold_every_trouble_and_nobody_can_sign_in_there(
    opened: OpenBench,
) -> None:
    bench = await opened(seed=7)

    state = await bench.look("state")
    rows = state["listings"]
    own = [row["own"] for row in rows]
    assert len(rows) == 30
    assert all(row["by_hand"] and not row["client_ref"] for row in rows)
    assert {row["state"] for row in rows} == {"live", "down", "banned"}
    assert len({each["NAME"] for each in own}) < len(own), "one was entered twice"
    assert any("OCOP 5 SAO" in each["NAME"] for each in own)
    assert {each["OCOP"]["STARS"] for each in own if each["OCOP"]} == {3, 4, 5}
    text = json.dumps(state)
    assert "Thanh H" in text
    assert not {"password", "secret", "username"} & {*state["sellers"][0]}


async def test_equal_seeds_give_equal_markets(opened: OpenBench) -> None:
    first, second = await opened(seed=3), await opened(seed=3)
    other = await opened(seed=4)

    rows = [(await each.look("state"))["listings"] for each in (first, second, other)]
    assert rows[0] == rows[1] != rows[2]


async def test_writing_to_what_was_made_by_hand_is_counted(bench: Bench) -> None:
    made = await bench.control("hand_made", code=SHOP, names=["Nhập tay mẫu"])
    [ref] = made["refs"]
    [found] = (await bench.voso.page(None)).items
    assert (await bench.look("counts"))["touched"] == []
    sku = found.shown.variants[0].sku

    await bench.voso.set_stock([SetStock(client_ref="", ref=ref, stocks={sku: 0})])

    assert (await bench.look("counts"))["touched"] == [ref]


async def test_an_account_is_opened_once_and_its_products_stay(bench: Bench) -> None:
    await bench.submit()
    again = {"code": SHOP, "username": "mới", "password": "mới", "secret": "mới"}

    assert (await bench.control("shops", **again))["new"] is False
    assert (await bench.look("counts"))["listings"] == 1


@pytest.mark.parametrize(
    ("page", "body", "status"),
    [
        pytest.param("shops", {"code": "CS-0002"}, 422, id="no user"),
        pytest.param(
            "shops",
            {
                "code": "CS-0002",
                "username": f"username-{SHOP}",
                "password": "x",
                "secret": "x",
            },
            422,
            id="a user of another shop",
        ),
        pytest.param("shops", [], 422, id="no object"),
        pytest.param("hand_made", {"code": "không có"}, 404, id="no such shop"),
        pytest.param("hand_made", {"code": SHOP, "names": [1]}, 422, id="no names"),
        pytest.param("approve", {"ref": "1"}, 404, id="no such product"),
        pytest.param("approve", {"ref": "700001"}, 422, id="no review"),
        pytest.param("take_down", {"ref": "700002"}, 422, id="not on sale"),
        pytest.param(
            "sell", {"ref": "700001", "sku": "A", "quantity": 1}, 404, id="no such SKU"
        ),
        pytest.param(
            "sell",
            {"ref": "700001", "sku": "SP-00001-1", "quantity": 13},
            422,
            id="more than there are",
        ),
        pytest.param(
            "edit", {"ref": "700001", "changes": {"STATUS": 2}}, 422, id="no field"
        ),
    ],
)
async def test_the_pages_of_the_mock_say_what_is_wrong(
    bench: Bench, page: str, body: Any, status: int
) -> None:
    await bench.publish(1)
    await bench.submit(2)
    url = bench.server.make_url(f"/_mock/{page}")

    async with bench.session.post(url, json=body) as response:
        assert (response.status, "error" in await response.json()) == (status, True)


async def test_a_page_in_a_browser_cannot_open_accounts(bench: Bench) -> None:
    url = bench.server.make_url("/_mock/shops")
    headers = {"Origin": "https://mau.example"}

    async with bench.session.post(url, json={}, headers=headers) as response:
        assert response.status == 403


async def test_the_log_names_what_a_call_has_changed(bench: Bench) -> None:
    await bench.open_shop()
    await bench.voso.create([make_create(1), make_create(2, title="")])

    calls = (await bench.look("log"))["calls"]
    operations = [(each["operation"], each["applied"]) for each in calls]
    assert operations == [
        ("login", []),
        ("save_shop", [SHOP]),
        ("save_products", ["700001"]),
    ]
