"""Staff look for a product in a real Chromium, read its past and copy its message."""

import pytest
from playwright.sync_api import Page

from ocop_sync.service.identity.role import Role
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import OpenService
from tests.pages.test_browser import is_wider_than_the_window

PASTED = "navigator.clipboard.readText()"
COPIED = "#message-told:not(:empty)"


@pytest.mark.parametrize(
    ("size", "language"), [(NARROW, "vi"), (WIDE, "en")], ids=["360", "1366"]
)
async def test_a_product_is_found_read_and_its_message_copied(
    chromium: Chromium, service: OpenService, size: tuple[int, int], language: str
) -> None:
    said = {"vi": "Tìm theo tên", "en": "Find by name"}[language]

    def journey(page: Page) -> str:
        page.goto(f"/products?lang={language}")
        page.get_by_label(said).fill("mang kho mau 2")
        page.get_by_label(said).press("Enter")
        page.wait_for_url("**q=mang+kho+mau+2")
        page.get_by_role("link", name="Măng khô Mẫu 2").click()
        page.wait_for_url("**/products/SP-00002")
        assert page.locator(".timeline li").count() == 1
        page.locator("button[data-copies]").click()
        page.locator(COPIED).wait_for()
        assert not is_wider_than_the_window(page)
        text: str = page.evaluate(PASTED)
        page.locator(".answer a").click()
        page.wait_for_url("**/producers/CS-0002")
        assert not is_wider_than_the_window(page)
        page.go_back()
        page.wait_for_url("**/products/SP-00002")
        return text

    async with chromium.visit(
        service.url, size=size, permissions=["clipboard-read", "clipboard-write"]
    ) as window:
        await service.sign_in(window, Role.OPERATOR)
        text = await window.do(journey)

    assert text.startswith("Chào Cơ sở Mẫu 002,\nSản phẩm Măng khô Mẫu 2 đang bán ở")
    assert text.splitlines()[3].startswith("Xem và sửa giá, số lượng tại: http")
    assert window.seen.complaints == []


async def test_a_product_is_found_and_its_message_copied_by_keyboard_alone(
    chromium: Chromium, service: OpenService
) -> None:
    def journey(page: Page) -> str:
        page.goto("/products")
        press_until(page, "document.activeElement.id === 'q'")
        page.keyboard.type("mau 3")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=mau+3")
        press_until(page, "document.activeElement.textContent === 'Măng khô Mẫu 3'")
        page.keyboard.press("Enter")
        page.wait_for_url("**/products/SP-00003")
        page.locator("[data-copies]").wait_for()
        press_until(page, "document.activeElement.dataset.copies === 'message'")
        page.keyboard.press("Enter")
        page.locator(COPIED).wait_for()
        return str(page.evaluate(PASTED))

    async with chromium.visit(
        service.url, permissions=["clipboard-read", "clipboard-write"]
    ) as window:
        await service.sign_in(window, Role.OPERATOR)
        text = await window.do(journey)

    assert text.startswith("Chào Cơ sở Mẫu 003,")


async def test_without_a_script_the_message_is_a_field_to_copy_from(
    chromium: Chromium, service: OpenService
) -> None:
    def journey(page: Page) -> None:
        page.goto("/products/SP-00001")
        assert page.locator("#message").is_visible()
        assert not page.locator("button[data-copies]").is_visible()

    async with chromium.visit(service.url, java_script_enabled=False) as window:
        await service.sign_in(window, Role.OPERATOR)
        await window.do(journey)


def press_until(page: Page, reached: str) -> None:
    """Press Tab until the focus is where it is wanted."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(reached):
            return
    raise AssertionError(reached)
