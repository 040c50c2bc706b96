"""What has come of a price and a count is asked for until it is settled, not longer."""

from typing import Final

import pytest

from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.pages.sale_progress import WAITS_S
from ocop_sync.service.identity.role import Role
from tests.api.doors import Browser, Door
from tests.factories import make_variant
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry

ONE: Final = "/p/SP-00001"
SKU: Final = "SP-00001-1"
AS_SCRIPT: Final = {"HX-Request": "true"}
REFUSAL: Final = Refused((Problem(code="price", message="Giá <quá> cao"),))


@pytest.fixture
async def browser(door: Door, world: World) -> Browser:
    """The maker of a product on sale, whose price has just been changed."""
    await world.save(entry(1))
    await world.sync()
    await world.change(variants=(make_variant(sku=SKU, gtin="", price_vnd=90_000),))
    return await signed_in(door, Role.PRODUCER)


def asking(page: Element) -> dict[str, str]:
    return page.one("div", id="progress").attributes


async def asked(browser: Browser, page: Element) -> Element:
    """Return the answer to what a page asks by itself."""
    answer = await browser.get(asking(page)["hx-get"], **AS_SCRIPT)
    return await page_of(answer)


async def test_a_page_is_told_what_has_changed_and_asks_until_it_is_settled(
    browser: Browser, world: World
) -> None:
    page = await look(browser, ONE)
    assert asking(page)["hx-trigger"].startswith(f"load delay:{WAITS_S[0]}s")

    same = await asked(browser, page)
    unlike = f"{ONE}/progress?step=1&seen={'0' * 16}"
    told = await page_of(await browser.get(unlike, **AS_SCRIPT))
    await world.sync()
    other = await asked(browser, same)

    assert same.all("div", hx_swap_oob="*") == []
    assert len(told.all("div", hx_swap_oob="innerHTML")) == 2
    (stands, lines) = other.all("div", hx_swap_oob="innerHTML")
    assert "90.000 đ" in stands.text
    assert "sàn đã hiện đúng" in lines.text
    assert stands.attributes["id"] == page.one("div", id="stands").attributes["id"]
    assert page.one("div", id=lines.attributes["id"]).has({"aria-live": "polite"})
    assert "hx-get" not in asking(other)


async def test_a_page_that_is_settled_asks_nothing_and_needs_no_script(
    browser: Browser, world: World
) -> None:
    assert (await look(browser, ONE)).all("script") != []
    await world.sync()

    page = await look(browser, ONE)

    assert page.all("script") == []
    assert "hx-get" not in asking(page)


async def test_a_page_asks_ever_more_seldom_and_then_says_that_it_ends(
    browser: Browser,
) -> None:
    page, waits = await look(browser, ONE), []
    while "hx-get" in asking(page):
        _, _, wait = asking(page)["hx-trigger"].partition("load delay:")
        waits.append(int(wait.partition("s")[0]))
        page = await asked(browser, page)

    assert waits == sorted(waits) == list(WAITS_S)
    assert waits[0] >= 3
    assert sum(waits) < 15 * 60
    assert "không tự xem nữa" in page.text
    assert page.one("a").attributes["href"] == ONE


async def test_a_refused_price_is_told_in_the_marketplaces_words_and_is_settled(
    browser: Browser, world: World
) -> None:
    world.market.script("set_price", REFUSAL)
    await world.sync()

    page = await look(browser, ONE)

    line = page.one("div", aria_live="polite").text
    assert "! giá: bị sàn từ chối; số lượng: sàn đã hiện đúng" in line
    assert "Sàn trả lời: “Giá <quá> cao”" in line
    assert "Người mua vẫn thấy 45.000 đ" in line
    stand = page.one("ul", class_="stands").text
    assert "đang bán 45.000 đ Sàn không nhận một thay đổi: “Giá <quá> cao”" in stand
    assert "hx-get" not in asking(page)
    await world.change(variants=(make_variant(sku=SKU, gtin="", price_vnd=80_000),))
    page = await look(browser, ONE)
    line = page.one("div", aria_live="polite").text
    assert "… đã lưu, đang chờ gửi lên sàn" in line
    assert "quá" not in line
    assert "hx-get" in asking(page)


async def test_who_has_no_script_is_led_to_the_page_and_nobody_to_anothers(
    browser: Browser,
    door: Door,
) -> None:
    answer = await browser.get(f"{ONE}/progress", **HTML)
    other = await browser.get("/p/SP-00002/progress", **AS_SCRIPT)
    odd = await browser.get(f"{ONE}/progress?step=0", **AS_SCRIPT)

    assert (answer.status, answer.headers["Location"]) == (303, ONE)
    assert (other.status, odd.status) == (404, 422)
    viewer = await signed_in(door, Role.VIEWER)
    assert (await viewer.get(f"{ONE}/progress", **AS_SCRIPT)).status == 403
