"""The pages for everybody: no session, nobody's name, and no mock to buy at."""

import csv
import io
import json
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_aiohttp.plugin import AiohttpClient

from catalog.model.producer import Address
from catalog.values import replace
from ocop_sync.api.access.open_routes import PUBLIC_PAGES
from ocop_sync.pages import public
from ocop_sync.service.identity.role import Role
from ocop_sync.store.db import database
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.api.doors import Door, open_door, serve_settings
from tests.api.test_public import MAKERS, opened, save_six, told
from tests.kept_files import KeptFiles
from tests.pages.chromium import NARROW, Chromium
from tests.pages.open_service import OpenService
from tests.pages.parsed import Element
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry, open_world

CLOSES = "Chè </script><b>Mẫu</b> & 1"
FORMULA = "=1+1 Mẫu"


def cells(page: Element) -> list[list[str]]:
    rows = page.one("tbody").all("tr")
    return [[cell.text for cell in row.all("td")] for row in rows]


def names(page: Element) -> list[str]:
    return [row[0] for row in cells(page)]


async def linked(door: Door, path: str = "/public") -> list[dict[str, Any]]:
    """Return the products of the block of data inside a page."""
    page = await look(door.browser(), path)
    block = page.one("script", type="application/ld+json")
    assert len(block.inside) == 1
    told_ = json.loads(str(block.inside[0]))
    assert (told_["@context"], told_["@type"]) == ("https://schema.org", "ItemList")
    return [each["item"] for each in told_["itemListElement"]]


async def table(door: Door) -> list[list[str]]:
    answer = await door.client.get("/public/products.csv")
    assert answer.status == 200
    content = await answer.read()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("path", sorted(PUBLIC_PAGES))
async def test_switched_off_there_is_no_such_page(
    world: World, aiohttp_client: AiohttpClient, path: str
) -> None:
    door = await open_door(world, aiohttp_client, serve_settings())

    assert (await door.client.get(path)).status == 404
    if path == "/public":
        shown = await look(door.browser(), path, 404)
        assert shown.one("h1").text == "Không tìm thấy trang này"


@pytest.mark.parametrize(
    ("role", "path"), [(Role.VIEWER, "/"), (Role.ADMIN, "/products")]
)
async def test_leaders_and_staff_are_led_there_where_it_is_switched_on(
    world: World, door: Door, aiohttp_client: AiohttpClient, role: Role, path: str
) -> None:
    closed = await open_door(world, aiohttp_client, serve_settings())

    on = await look(await signed_in(door, role), path)
    off = await look(await signed_in(closed, Role.OPERATOR), path)

    assert len(on.all("a", href="/public")) == 1
    assert off.all("a", href="/public") == []


async def test_what_is_shown_is_what_the_api_tells_and_names_no_person(
    world: World, door: Door
) -> None:
    await save_six(world)
    items = (await told(door, "/public/products"))["items"]

    page = await look(door.browser(), "/public")
    rows = await table(door)
    data = await linked(door)

    makers = [each["producer"] for each in items]
    assert makers == [*(name for _, name in MAKERS[:2]), None, None, None, None]
    assert page.one("h1").text == "6 sản phẩm OCOP được công nhận"
    known = [(each["name"], each["producer"], each["stars"]) for each in items]
    assert [(row[0], row[1], row[3]) for row in cells(page)] == [
        (name, maker or "Không nêu tên", str(stars)) for name, maker, stars in known
    ]
    assert [(row[0], row[1], row[4]) for row in rows[1:]] == [
        (name, maker or "", str(stars)) for name, maker, stars in known
    ]
    assert {(row[2], row[3]) for row in rows[1:]} == {("06733", cells(page)[0][2])}
    assert [
        (
            each["name"],
            each.get("manufacturer", {}).get("name"),
            each["hasCertification"]["certificationRating"]["ratingValue"],
        )
        for each in data
    ] == known
    everything = f"{page.text} {rows} {data}"
    assert "Người Mẫu" not in everything
    assert "aggregateRating" not in everything


async def test_while_all_marketplaces_are_simulated_nobody_is_sent_to_one(
    world: World, door: Door
) -> None:
    await save_six(world)

    page = await look(door.browser(), "/public")

    assert "mọi sàn đang nối với danh mục này đều là sàn mô phỏng" in page.text
    assert "SỐ LIỆU MÔ PHỎNG." in page.text
    assert "Mua ở đâu" not in page.text
    assert "Memory" not in f"{page.text} {await table(door)}"
    assert not any("offers" in each for each in await linked(door))


async def test_products_are_bought_at_real_marketplaces_alone(
    kept_files: KeptFiles,
    monkeypatch: pytest.MonkeyPatch,
    aiohttp_client: AiohttpClient,
) -> None:
    monkeypatch.setattr(database, "_sqlite", kept_files.open)
    real = {"real": InMemoryMarketplace.having(simulated=False)}
    with kept_files.database() as url:
        async with open_world(url, ["memory", "real"], others=real) as world:
            door = await opened(world, aiohttp_client)
            await save_six(world)

            page = await look(door.browser(), "/public")
            sold = ["Real", "Chưa bán trên sàn", "Real", "Real", "Real", "Real"]
            assert [row[4] for row in cells(page)] == sold
            assert "đều là sàn mô phỏng" not in page.text
            told_ = [each if each == "Real" else "" for each in sold]
            assert [row[5] for row in (await table(door))[1:]] == told_
            offers = [each.get("offers", []) for each in await linked(door)]
            assert [[o["offeredBy"]["name"] for o in each] for each in offers] == [
                [each] if each else [] for each in told_
            ]


async def test_products_are_found_without_accents_and_never_by_a_persons_name(
    world: World, door: Door
) -> None:
    await save_six(world)
    await world.change("SP-00003", name="Chè Đường Hoa Mẫu")
    browser = door.browser()

    found = await look(browser, "/public?q=che+duong")
    by_maker = await look(browser, "/public?q=Ng%C6%B0%E1%BB%9Di")
    firms = await look(browser, "/public?q=TNHH")
    by_code = await look(browser, "/public?q=SP-00003")
    anything = await look(browser, "/public?q=%25")

    assert found.one("h1").text == "Tìm thấy 1 sản phẩm OCOP cho “che duong”"
    assert names(found) == ["Chè Đường Hoa Mẫu"]
    for page in (by_maker, firms, by_code, anything):
        assert "Không có sản phẩm nào như vậy." in page.text


async def test_the_list_is_narrowed_and_comes_in_pages(
    world: World, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "_SIZE", 2)
    await save_six(world)
    product, maker = entry(7)
    assert maker is not None
    elsewhere = replace(maker, address=Address(commune_code="06760"))
    await world.save((product, elsewhere))
    await world.sync()
    browser = door.browser()

    shown, path = list[list[str]](), "/public?commune=06733&stars=4"
    while path:
        page = await look(browser, path)
        assert page.one("h1").text.startswith("3 sản phẩm")
        shown.append(names(page))
        following = page.all("a", rel="next")
        path = following[0].attributes["href"] if following else ""
    sent = await browser.get("/public?q=&commune=all&stars=4", **HTML)

    assert shown == [["Măng khô Mẫu 1", "Măng khô Mẫu 3"], ["Măng khô Mẫu 5"]]
    assert (sent.status, sent.headers["Location"]) == (303, "/public?stars=4")


async def test_no_name_ends_the_block_of_data_or_is_computed_by_a_spreadsheet(
    world: World, door: Door
) -> None:
    await save_six(world)
    await world.change("SP-00001", name=CLOSES)
    await world.change("SP-00002", name=FORMULA)

    page = await look(door.browser(), "/public")
    text = await (await door.browser().get("/public", **HTML)).text()

    assert names(page)[:2] == [CLOSES, FORMULA]
    assert page.all("b") == []
    assert text.count("</script>") == 1
    assert [each["name"] for each in await linked(door)][:2] == [CLOSES, FORMULA]
    assert [row[0] for row in (await table(door))[1:3]] == [CLOSES, f"'{FORMULA}"]


@pytest.mark.parametrize("path", sorted(PUBLIC_PAGES))
async def test_all_read_the_same_and_may_keep_it_for_a_minute(
    door: Door, path: str
) -> None:
    browser = await signed_in(door)
    answer = await door.client.get(path)
    tag = {"If-None-Match": answer.headers["ETag"]}
    again = await door.client.get(path, headers=tag)
    mine = await browser.get(path)

    for each in (answer, again, mine):
        assert each.headers["Cache-Control"] == "public, max-age=60"
        assert each.headers["Vary"] == "Accept-Encoding, Cookie"
        assert "Set-Cookie" not in each.headers
    assert again.status == 304
    assert await mine.read() == await answer.read()


async def test_what_cannot_be_asked_is_refused_and_not_kept(door: Door) -> None:
    answer = await door.browser().get("/public?stars=9", **HTML)

    assert answer.headers["Cache-Control"] == "no-store"
    await page_of(answer, 422)


async def test_a_table_is_made_once_a_minute_in_each_language(
    world: World, door: Door
) -> None:
    await save_six(world)
    before = await table(door)
    await world.change("SP-00001", name="Tên mới Mẫu")

    world.time.pass_(seconds=59)
    kept = await table(door)
    browser = door.browser()
    await browser.get("/public?lang=en")
    english = await (await browser.get("/public/products.csv")).text()
    world.time.pass_(seconds=1)
    anew = await table(door)

    assert kept == before
    assert "Product,Producer" in english
    assert anew[1][0] == "Tên mới Mẫu"


@pytest.mark.parametrize("path", sorted(PUBLIC_PAGES))
async def test_visits_are_limited_by_address_and_keep_nobody_from_signing_in(
    world: World, aiohttp_client: AiohttpClient, path: str
) -> None:
    door = await opened(world, aiohttp_client, calls_per_minute=12)

    statuses = [(await door.client.get(path)).status for _ in range(3)]

    assert statuses == [200, 200, 429]
    await look(door.browser(), "/login")
    await told(door, "/public/products")


async def test_a_browser_reads_the_data_complains_of_nothing_and_changes_the_language(
    world: World, service: OpenService, chromium: Chromium
) -> None:
    await world.change("SP-00001", name=CLOSES)

    def look_at(page: Page) -> list[str]:
        page.goto("/public")
        assert faults_of(page) == []
        assert not is_wider_than_the_window(page)
        page.get_by_role("link", name="English").click()
        page.wait_for_function("document.documentElement.lang === 'en'")
        block = page.locator("script[type='application/ld+json']").text_content()
        return [e["item"]["name"] for e in json.loads(block or "")["itemListElement"]]

    async with chromium.visit(service.url, size=NARROW) as window:
        found = await window.do(look_at)

    assert found == [CLOSES, "Măng khô Mẫu 2", "Măng khô Mẫu 3"]
    assert window.seen.complaints == []
