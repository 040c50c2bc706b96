"""The pages in a real Chromium: at both widths, in both languages, for everybody."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from catalog.model.producer import Address, ProducerKind
from catalog.model.product_set import SETS
from catalog.places.commune import load_communes
from catalog.values import replace
from ocop_sync.service.identity.role import Role
from tests.factories import make_certificate
from tests.identity import PASSWORD
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import OpenService, open_service
from tests.world import World, entry

PAGES = {
    "/login": None,
    "/nothing": None,
    "/": Role.VIEWER,
    "/coverage/products?marketplace=memory&figure=listed": Role.VIEWER,
    "/coverage/ends": Role.VIEWER,
    "/coverage/claims-ended": Role.VIEWER,
    "/components": Role.OPERATOR,
    "/imports": Role.OPERATOR,
    "/p": Role.PRODUCER,
    "/p/SP-00001": Role.PRODUCER,
    "/p/SP-00001/pause": Role.PRODUCER,
    "/p/SP-00001/pictures": Role.PRODUCER,
    "/p/SP-00001/qr": Role.PRODUCER,
    "/products": Role.OPERATOR,
    "/products/SP-00001": Role.OPERATOR,
    "/products/SP-00001/certificates/1/correct": Role.OPERATOR,
    "/products/SP-00001/certify": Role.OPERATOR,
    "/products/SP-00001/edit": Role.OPERATOR,
    "/products/SP-00001/history": Role.OPERATOR,
    "/products/SP-00001/papers": Role.OPERATOR,
    "/producers/CS-0001": Role.OPERATOR,
    "/worklist": Role.OPERATOR,
    "/worklist/papers": Role.OPERATOR,
    "/plans": Role.OPERATOR,
    "/accounts": Role.VIEWER,
    "/report": Role.VIEWER,
    "/runs": Role.OPERATOR,
    "/schedules": Role.ADMIN,
    "/worklist/papers/attest?paper=food_safety&product=SP-00001": Role.OPERATOR,
}
"""Pages that are looked at, and the role of who looks."""


LOOKS = [("vi", NARROW), ("en", WIDE), ("vi", WIDE), ("en", NARROW)]
"""How each page is looked at: language and window."""
EXAMINED = {"/": 2, "/login": 2, "/components": 2}
"""At how many of these axe examines a page, which takes long; at the first one else."""


def faults_of(page: Page) -> list[Any]:
    """Return what axe finds, with the elements that it means."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def is_wider_than_the_window(page: Page) -> bool:
    width = "document.documentElement.scrollWidth > window.innerWidth"
    return bool(page.evaluate(width))


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_keeps_nobody_out_complains_of_nothing_and_asks_no_other_host(
    chromium: Chromium, service: OpenService, path: str
) -> None:
    def look(page: Page) -> None:
        for n, (language, (width, height)) in enumerate(LOOKS):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
            where = f"{language}, {width} px"
            assert page.locator("html").get_attribute("lang") == language
            if n < EXAMINED.get(path, 1):
                assert faults_of(page) == [], where
            assert not is_wider_than_the_window(page), where

    async with chromium.visit(service.url) as window:
        if role := PAGES[path]:
            await service.sign_in(window, role)
        await window.do(look)

    missing = [each for each in window.seen.complaints if "404" in each]
    assert window.seen.complaints == (missing if path == "/nothing" else [])
    assert window.seen.hosts == {service.url.split("/")[2]}


LABELS = """
all => all.map(cell => {
  const label = getComputedStyle(cell, "::before");
  const whole = document.createRange();
  whole.selectNodeContents(cell);
  const value = whole.getBoundingClientRect(), own = cell.getBoundingClientRect();
  const left = parseFloat(getComputedStyle(cell).paddingLeft)
    + parseFloat(label.marginLeft);
  const right = left + parseFloat(label.width);
  return [Math.round(left), right < value.left - own.left, Math.round(value.left)];
})
"""
"""Where the label of a cell begins in it, whether it ends before the value, and where
that begins on the page."""


async def test_on_a_phone_labels_stand_on_the_left_and_values_in_one_column(
    chromium: Chromium, service: OpenService
) -> None:
    def look(page: Page) -> list[tuple[int, bool, int]]:
        page.goto("/report")
        cells = page.locator("td[data-label]")
        found: list[tuple[int, bool, int]] = cells.evaluate_all(LABELS)
        return found

    async with chromium.visit(service.url, size=NARROW) as window:
        await service.sign_in(window, Role.VIEWER)
        found = await window.do(look)

    assert len(found) >= 10
    assert {(left, is_beside) for left, is_beside, _ in found} == {(0, True)}
    assert len({value for *_, value in found}) == 1


async def test_staff_sign_in_and_out_by_keyboard_alone(
    chromium: Chromium, service: OpenService
) -> None:
    await service.add("Ng. Văn A", Role.VIEWER)

    def journey(page: Page) -> None:
        page.goto("/")
        page.keyboard.press("Tab")
        page.wait_for_function("document.activeElement.className === 'skip'")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("Ng. Văn A")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        assert page.locator("[aria-current=page]").inner_text() == "Tổng quan"
        page.get_by_role("link", name="Ng. Văn A").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Đăng xuất").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("input[name=password]")

    async with chromium.visit(service.url) as window:
        await window.do(journey)


async def test_faults_of_a_form_are_read_and_reached_without_a_mouse_or_a_script(
    chromium: Chromium, service: OpenService
) -> None:
    def journey(page: Page) -> None:
        page.goto("/components")
        page.get_by_label("Giá (đ)").fill("nhiều")
        page.get_by_role("button", name="Lưu giá").press("Enter")
        page.wait_for_function("document.activeElement.className === 'errors'")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.name === 'price'")
        assert page.locator("#price").input_value() == "nhiều"

    async with chromium.visit(service.url, java_script_enabled=True) as window:
        await service.sign_in(window)
        await window.do(journey)
    async with chromium.visit(service.url, java_script_enabled=False) as window:
        await service.add("Ng. Văn B", Role.OPERATOR)

        def without_script(page: Page) -> None:
            page.goto("/components")
            page.get_by_label("Tên").fill("Ng. Văn B")
            page.get_by_label("Mật khẩu").fill(PASSWORD)
            page.get_by_role("button", name="Đăng nhập").click()
            page.wait_for_url("**/components")
            page.get_by_role("button", name="Lưu giá").click()
            assert page.locator(".errors a").inner_text().startswith("Ghi một số")

        await window.do(without_script)


async def test_a_producer_changes_a_price_on_a_phone_without_a_script(
    chromium: Chromium, service: OpenService
) -> None:
    def journey(page: Page) -> None:
        page.goto("/p")
        page.get_by_role("link", name="Măng khô Mẫu 1", exact=True).click()
        page.get_by_label("Giá (đ)").fill("850")
        page.get_by_role("button", name="Lưu giá và số lượng").click()
        assert "Chưa lưu gì" in page.locator("[role=alert].notice").inner_text()
        page.get_by_label("Giá (đ)").fill("46.000 đ")
        page.get_by_role("button", name="Lưu giá và số lượng").click()
        page.wait_for_url("**?done=saved&pack=1#pack-1")
        assert page.get_by_role("status").inner_text().startswith("Đã lưu.")
        page.reload()
        assert page.get_by_label("Giá (đ)").input_value() == "46.000"
        page.get_by_role("link", name="Xem lại").click()
        page.wait_for_url("**/p/SP-00001")

    async with chromium.visit(
        service.url, size=NARROW, java_script_enabled=False
    ) as window:
        await service.sign_in(window, Role.PRODUCER, "Bà Mẫu")
        await window.do(journey)


async def test_a_price_is_seen_to_arrive_on_a_page_that_is_left_open(
    chromium: Chromium, service: OpenService, world: World
) -> None:
    asked: list[str] = []

    def save(page: Page) -> None:
        page.on("request", lambda sent: asked.append(sent.url))
        page.clock.install()
        page.goto("/p/SP-00001")
        page.get_by_label("Giá (đ)").fill("46.000")
        page.get_by_role("button", name="Lưu giá và số lượng").click()
        page.wait_for_url("**?done=saved&pack=1#pack-1")
        assert "đang chờ gửi lên sàn" in page.locator("#arrivals-1").inner_text()
        page.context.set_offline(True)
        page.clock.run_for(3_000)
        told = page.locator("#problem")
        page.wait_for_function("document.querySelector('#problem').textContent")
        assert told.inner_text().endswith("Số đã lưu vẫn giữ.")
        page.context.set_offline(False)

    def see(page: Page) -> None:
        with page.expect_response("**/progress?**"):
            page.clock.run_for(10_000)
        page.get_by_text("sàn đã hiện đúng").wait_for()
        assert "46.000" in page.locator("#arrivals-1").inner_text()
        assert not page.locator("#problem").inner_text()
        asked.clear()
        page.clock.run_for(3_600_000)
        assert asked == []

    async with chromium.visit(service.url, size=NARROW) as window:
        await service.sign_in(window, Role.PRODUCER, "Bà Mẫu")
        await window.do(save)
        await world.sync()
        await window.do(see)


async def test_what_a_script_could_not_send_is_said(
    chromium: Chromium, service: OpenService
) -> None:
    def journey(page: Page) -> None:
        page.goto("/components")
        page.context.set_offline(True)
        page.evaluate("htmx.ajax('GET', '/components', '#list').catch(() => 0)")
        told = page.locator("#problem")
        page.wait_for_function("document.querySelector('#problem').textContent")
        assert told.inner_text().startswith("Không gửi được")
        page.context.set_offline(False)

    async with chromium.visit(service.url) as window:
        await service.sign_in(window)
        await window.do(journey)


async def full_province(world: World) -> None:
    """Save a product in each commune, of every product set and kind of producer."""
    kinds, sets = list(ProducerKind), list(SETS)
    for n, code in enumerate([*load_communes().present, ""]):
        product, maker = entry(
            n + 1,
            set_code=sets[n % len(sets)],
            certificates=(make_certificate(stars=3 + n % 3),),
        )
        assert maker is not None
        there = Address(commune_code=code)
        kind = kinds[n % len(kinds)]
        await world.save((product, replace(maker, address=there, kind=kind)))
    await world.sync()


async def test_the_first_page_prints_on_one_sheet_whatever_the_province_has(
    chromium: Chromium, world: World
) -> None:
    await full_province(world)

    def printed(page: Page) -> list[bytes]:
        found = []
        for language in ("vi", "en"):
            page.goto(f"/?lang={language}")
            assert page.locator(".breakdowns tbody tr").count() > 54 + 26
            found.append(page.pdf(prefer_css_page_size=True))
        return found

    async with (
        open_service(world.deployment) as service,
        chromium.visit(service.url) as window,
    ):
        await service.sign_in(window, Role.VIEWER)
        documents = await window.do(printed)

    for document in documents:
        assert len(re.findall(rb"/Type\s*/Page\b", document)) == 1
        (box,) = set(re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", document))
        assert abs(int(box[0]) - 595) <= 1
        assert abs(int(box[1]) - 842) <= 1
