"""What a producer does on a cheap phone, in a real Chromium: 360 px, a slow line."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from ocop_sync.service.identity.role import Role
from tests.pages.chromium import NARROW, Chromium, Window
from tests.pages.open_service import OpenService
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.world import World

SLOW_BYTES_A_SECOND: Final = 50_000 / 8
MOST: Final = 60_000

WORDS: Final = {
    "vi": {
        "product": "Măng khô Mẫu 1",
        "price": "Giá (đ)",
        "count": "Số hàng hiện có",
        "save": "Lưu giá và số lượng",
        "asked": "Chưa lưu gì",
        "yes": "Đúng, lưu giá",
        "saved": "Đã lưu.",
        "waits": "đang chờ gửi lên sàn",
        "again": "Xem lại",
        "shown": "sàn đã hiện đúng",
        "see_pause": "Xem trước khi tạm ngừng",
        "pause": "Tạm ngừng bán",
        "paused": "Đã tạm ngừng bán",
        "see_resume": "Xem trước khi bán tiếp",
        "resume": "Bán tiếp",
        "resumed": "Đã cho bán tiếp",
        "qr": "Xem mã cỡ lớn để in",
    },
    "en": {
        "product": "Măng khô Mẫu 1",
        "price": "Price (đ)",
        "count": "Number in store",
        "save": "Save price and stock",
        "asked": "Nothing was saved yet",
        "yes": "Yes, save the price",
        "saved": "Saved.",
        "waits": "waits to be sent",
        "again": "Look again",
        "shown": "shown as saved",
        "see_pause": "See before pausing",
        "pause": "Pause the sale",
        "paused": "The sale is paused.",
        "see_resume": "See before the sale goes on",
        "resume": "Sell again",
        "resumed": "The sale goes on.",
        "qr": "See it large, to print it",
    },
}
"""What stands on the pages, in both languages."""


async def sign_in_maker(window: Window, service: OpenService) -> None:
    """Sign the maker of the first product in."""
    await service.sign_in(window, Role.PRODUCER, "Bà Mẫu")


def ensure_good(page: Page) -> None:
    """Ensure that nobody is kept out, and that nothing is cut off at the side."""
    assert faults_of(page) == [], page.url
    assert not is_wider_than_the_window(page), page.url


@pytest.mark.parametrize(
    ("language", "has_script"), [("vi", True), ("en", True), ("vi", False)]
)
async def test_a_producer_changes_a_price_sees_it_arrive_pauses_and_resumes(
    chromium: Chromium,
    service: OpenService,
    world: World,
    language: str,
    has_script: bool,
) -> None:
    words = WORDS[language]

    def save(page: Page) -> None:
        page.goto(f"/p?lang={language}")
        page.get_by_role("link", name=words["product"], exact=True).click()
        page.get_by_label(words["price"]).fill("4600")
        page.get_by_role("button", name=words["save"]).click()
        page.get_by_text(words["asked"]).wait_for()
        if has_script:
            ensure_good(page)
        page.get_by_label(words["price"]).fill("46.000 đ")
        page.get_by_label(words["count"]).fill("15")
        page.get_by_role("button", name=words["save"]).click()
        page.get_by_role("status").filter(has_text=words["saved"]).wait_for()
        told = page.locator("#arrivals-1")
        assert words["waits"] in told.inner_text()
        expect(told).to_be_in_viewport(ratio=0.5)

    def see(page: Page) -> None:
        if not has_script:
            page.get_by_role("link", name=words["again"]).click()
        page.get_by_text(words["shown"]).wait_for()
        told = page.locator("#arrivals-1").inner_text()
        assert re.search(r"46[.,]000", told)
        assert "15" in told
        for act in ("pause", "resume"):
            page.get_by_role("link", name=words[f"see_{act}"]).click()
            page.get_by_role("button", name=words[act]).click()
            page.get_by_role("status").filter(has_text=words[f"{act}d"]).wait_for()
        page.get_by_role("link", name=words["qr"]).click()
        page.locator("svg.qr").wait_for()
        printed = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1

    async with chromium.visit(
        service.url, size=NARROW, java_script_enabled=has_script
    ) as window:
        await sign_in_maker(window, service)
        await window.do(save)
        await world.sync()
        await window.do(see)

    refused = [each for each in window.seen.complaints if "409" in each]
    assert window.seen.complaints == refused
    assert window.seen.hosts == {service.url.split("/")[2]}


async def test_a_price_is_changed_and_seen_to_arrive_on_a_line_of_50_kbit(
    chromium: Chromium, service: OpenService, world: World
) -> None:
    sizes: list[float] = []
    words = WORDS["vi"]

    def save(page: Page) -> None:
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": 400,
                "downloadThroughput": SLOW_BYTES_A_SECOND,
                "uploadThroughput": SLOW_BYTES_A_SECOND,
            },
        )
        line.on(
            "Network.loadingFinished",
            lambda loaded: sizes.append(loaded["encodedDataLength"]),
        )
        page.goto("/p", wait_until="commit")
        # Before the rest of the page is there.
        page.get_by_role("link", name=words["product"], exact=True).click()
        page.get_by_label(words["price"]).fill("46.000")
        page.get_by_role("button", name=words["save"]).click()
        page.get_by_role("status").filter(has_text=words["saved"]).wait_for()

    def see(page: Page) -> None:
        page.get_by_text(words["shown"]).wait_for()
        page.wait_for_load_state("networkidle")

    async with chromium.visit(service.url, size=NARROW) as window:
        await sign_in_maker(window, service)
        await window.do(save)
        await world.sync()
        await window.do(see)

    assert window.seen.complaints == []
    assert 5 <= len(sizes) <= 12
    assert 10_000 < sum(sizes) <= MOST
