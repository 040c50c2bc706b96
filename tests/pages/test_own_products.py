"""A producer's own products: read, priced, counted and paused on a phone."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientResponse
from pytest_aiohttp.plugin import AiohttpClient

from catalog.commands.sell import record_sales
from catalog.db import reader
from catalog.model.product import Product
from catalog.model.sale import Sale
from ocop_sync.pages.typed_numbers import typed_number
from ocop_sync.service.identity.role import Role
from tests.api.doors import Browser, Door, open_door, serve_settings
from tests.factories import make_variant
from tests.kept_files import KeptFiles
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, open_world

ONE = "/p/SP-00001"
SKU = "SP-00001-1"
PRICE, COUNT = f"price_vnd-{SKU}", f"on_hand-{SKU}"


@pytest.fixture
async def world(
    kept_files: KeptFiles, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """Two marketplaces that publish at once."""
    monkeypatch.setattr("ocop_sync.store.db.database._sqlite", kept_files.open)
    with kept_files.database() as url:
        async with open_world(url, ["postmart", "voso"]) as world:
            yield world


@pytest.fixture
async def door(world: World, aiohttp_client: AiohttpClient) -> Door:
    door = await open_door(world, aiohttp_client, serve_settings())
    await world.sync()
    return door


async def producer(door: Door) -> Browser:
    """Return a browser in which the maker of the first product is signed in."""
    return await signed_in(door, Role.PRODUCER)


async def product_of(world: World) -> Product:
    async with world.database.read() as conn:
        return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]


def sent_by(page: Element) -> dict[str, str]:
    """Return the fields of the last form that saves, as they stand on the page."""
    forms = [each for each in page.all("form") if each.all("input", name="seen")]
    fields = forms[-1].all("input")
    return {each.attributes["name"]: each.attributes["value"] for each in fields}


async def save(browser: Browser, page: Element, **typed: str) -> ClientResponse:
    """Send the form of a page with other numbers in it."""
    names = {"price": PRICE, "count": COUNT}
    sent = sent_by(page) | {names[name]: text for name, text in typed.items()}
    return await browser.post(ONE, sent, **HTML)


def lines(page: Element) -> list[str]:
    (stands,) = page.all("ul", class_="stands")
    return [each.text for each in stands.all("li")]


async def test_who_makes_products_begins_with_them_and_sees_no_others(
    door: Door,
) -> None:
    browser = await producer(door)
    begin = await look(browser, "/login")
    assert "/p" in {each.attributes["href"] for each in begin.all("a")}

    page = await look(browser, "/p")

    assert page.one("h1").text == "Sản phẩm đang bán"
    assert page.one("h2").text == "Măng khô Mẫu 1"
    assert "Mẫu 2" not in page.text
    assert page.one("div", class_="who").text == "Tài khoản của tôi Cơ sở English"
    assert "Postmart, Voso mô phỏng" in lines(page)[0]
    assert "SỐ LIỆU MÔ PHỎNG" in page.one("p", class_="notice").text
    assert "đang bán" in lines(page)[0]
    for path in ("/p/SP-00002", "/p/SP-00002/pause"):
        missing = await look(browser, path, 404)
        links = {each.attributes["href"]: each.text for each in missing.all("a")}
        assert links["/p"] == "Về trang đầu"


@pytest.mark.parametrize("path", ["/p/SP-00002", "/p/SP-00002/pause"])
async def test_nobody_changes_anothers_product(door: Door, path: str) -> None:
    browser = await producer(door)
    sent = sent_by(await look(browser, ONE)) | {"sku": "SP-00002-1", "paused": "yes"}

    answer = await browser.post(path, sent, **HTML)
    other = await browser.post(ONE, sent, **HTML)

    assert (answer.status, other.status) == (404, 404)


async def test_a_price_and_a_count_are_saved_and_followed_to_each_marketplace(
    door: Door, world: World
) -> None:
    browser = await producer(door)
    page = await look(browser, ONE)
    world.time.pass_(minutes=5)

    answer = await save(browser, page, price="90.000 đ", count="1 200")

    place = f"{ONE}?done=saved&pack=1#pack-1"
    assert (answer.status, answer.headers["Location"]) == (303, place)
    (pack,) = (await product_of(world)).variants
    assert (pack.price_vnd, pack.on_hand) == (90_000, 1_200)
    page = await look(browser, answer.headers["Location"])
    card = page.one("section", id="pack-1")
    assert card.one("div", role="status").text.startswith("Đã lưu.")
    followed = page.one("div", aria_live="polite")
    assert followed.text.count("… đã lưu, đang chờ gửi lên sàn") == 2
    assert followed.text.count("Người mua vẫn thấy 45.000 đ") == 2
    assert followed.one("a", href=ONE).text == "Xem lại"
    await world.sync()
    page = await look(browser, ONE)
    followed = page.one("div", aria_live="polite")
    assert followed.text.count("✓ sàn đã hiện đúng") == 2
    assert followed.text.count("Người mua thấy 90.000 đ") == 2
    assert followed.all("a") == []


async def test_a_worker_is_told_of_what_a_form_has_written_and_of_nothing_else(
    door: Door,
) -> None:
    browser = await producer(door)
    page = await look(browser, ONE)
    door.written.clear()

    refused = await save(browser, page, price="nhiều")
    asked = await save(browser, page, price="850")
    assert (refused.status, asked.status, door.written) == (422, 409, [])
    await save(browser, page, price="46.000")

    assert door.written == [1]


async def test_numbers_that_stay_enter_nothing(door: Door, world: World) -> None:
    browser = await producer(door)
    before = await product_of(world)

    answer = await save(browser, await look(browser, ONE))

    assert answer.headers["Location"] == f"{ONE}?done=same&pack=1#pack-1"
    assert (await product_of(world)).revision == before.revision
    page = await look(browser, answer.headers["Location"])
    assert "Không có gì thay đổi" in page.text


async def test_what_is_no_number_is_told_on_top_and_at_the_field_and_stays_typed(
    door: Door, world: World
) -> None:
    browser = await producer(door)
    before = await product_of(world)

    answer = await save(browser, await look(browser, ONE), price="9,5", count="nhiều")

    page = await page_of(answer, 422)
    links = page.one("div", class_="errors").all("a")
    assert [each.attributes["href"] for each in links] == [f"#{PRICE}", f"#{COUNT}"]
    for link, typed in zip(links, ("9,5", "nhiều"), strict=True):
        field = page.one("input", id=link.attributes["href"][1:])
        assert field.attributes["value"] == typed
        said = page.one(id=field.attributes["aria-describedby"])
        assert link.text in said.text
    assert (await product_of(world)).revision == before.revision


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ({"price": "850"}, "Giá đổi từ"),
        ({"count": "0"}, "người mua không đặt được nữa"),
        ({"price": "850", "count": "0"}, "người mua không đặt được nữa"),
    ],
)
async def test_a_slip_and_what_takes_from_buyers_are_asked_about_with_the_effect(
    door: Door, world: World, typed: dict[str, str], asked: str
) -> None:
    browser = await producer(door)
    before = await product_of(world)

    page = await page_of(await save(browser, await look(browser, ONE), **typed), 409)

    question = page.one("div", role="alert", class_="notice")
    assert "Chưa lưu gì" in question.text
    assert asked in question.text
    assert (await product_of(world)).revision == before.revision
    confirmed = {
        each.attributes["name"]: each.attributes["value"]
        for each in question.one("form").all("input")
    }
    other = confirmed | {PRICE: "70", COUNT: "0"}
    assert (await browser.post(ONE, other, **HTML)).status == 409
    answer = await browser.post(ONE, confirmed, **HTML)
    assert answer.status == 303
    (pack,) = (await product_of(world)).variants
    known = before.variants[0]
    assert pack.price_vnd == int(typed.get("price", known.price_vnd or 0))
    assert pack.on_hand == int(typed.get("count", known.on_hand or 0))


async def test_what_somebody_else_has_changed_is_shown_and_not_written_over(
    door: Door, world: World
) -> None:
    browser = await producer(door)
    page = await look(browser, ONE)
    pack = make_variant(sku=SKU, gtin="", price_vnd=88_000)
    await world.change(variants=(pack,))

    answer = await save(browser, page, price="90.000")

    page = await page_of(answer, 412)
    assert "Có người vừa đổi" in page.one("div", class_="errors").text
    assert "Đang lưu: 88.000" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert page.one("input", id=PRICE).attributes["value"] == "90.000"
    assert (await product_of(world)).variants[0].price_vnd == 88_000
    again = await save(browser, page, price="90.000")
    assert again.status == 303


async def test_a_sale_between_page_and_count_is_shown_and_lost_to_none(
    door: Door, world: World
) -> None:
    browser = await producer(door)
    page = await look(browser, ONE)
    left = (await product_of(world)).variants[0].left
    world.time.pass_(minutes=5)
    now = world.time()
    sale = Sale(order_line="1", sku=SKU, quantity=2, sold_at=now)
    await world.database.write(
        lambda conn: record_sales(conn, "chợ Mẫu", [sale], now=now)
    )

    counted = await save(browser, page, count=str(left + 5))
    priced = await save(browser, page, price="90000")

    page = await page_of(counted, 412)
    assert f"còn {left - 2}" in page.text
    assert page.one("input", id=COUNT).attributes["value"] == str(left + 5)
    assert priced.status == 303


async def test_a_pause_says_what_it_takes_from_buyers_before_and_can_be_ended(
    door: Door, world: World
) -> None:
    browser = await producer(door)
    page = await look(browser, f"{ONE}/pause")
    assert "bị lấy khỏi Postmart, Voso" in page.text
    assert (await product_of(world)).paused is False

    for paused, done in (("yes", "Đã tạm ngừng bán"), ("no", "Đã cho bán tiếp")):
        page = await look(browser, f"{ONE}/pause")
        fields = page.one("form").all("input")
        sent = {each.attributes["name"]: each.attributes["value"] for each in fields}
        answer = await browser.post(f"{ONE}/pause", sent, **HTML)

        assert sent["paused"] == paused
        assert (await product_of(world)).paused is (paused == "yes")
        assert done in (await look(browser, answer.headers["Location"])).text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("85000", 85_000),
        ("85.000", 85_000),
        (" 85,000 ", 85_000),
        ("1 250 000 đ", 1_250_000),
        ("85.000\N{NO-BREAK SPACE}đ", 85_000),
        ("0", 0),
        ("", None),
        ("9,5", None),
        ("85.00", None),
        ("-1", None),
        ("٣", None),
        ("1e3", None),
        ("9" * 16, None),
    ],
)
def test_numbers_are_read_as_people_type_them(text: str, number: int | None) -> None:
    assert typed_number(text) == number
