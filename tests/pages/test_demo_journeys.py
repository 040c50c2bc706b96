"""What people come for, done in a real Chromium with the demonstration's data.

The service is open as `make demo` leaves it, with its workers and both marketplaces;
where a journey needs something that waits, it is made first, as a day's work makes it.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from catalog.db import reader
from catalog.db.history import Author
from catalog.db.writer import save
from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.service.identity.role import Role
from tests.demonstration import demonstrated
from tests.factories import NOT_SO, make_paper
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.demonstrated import Demo, open_copy
from tests.pages.guide_pictures import SHEET, write_sheet
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_product_journeys import press_until

pytestmark = pytest.mark.slow

BOTH: Final = [("vi", NARROW), ("en", WIDE)]
IDS: Final = ["vi-360", "en-1366"]
LONG: Final = 180_000
"""Milliseconds: what a busy computer needs for a sheet, a plan or a run."""


@pytest.fixture(scope="module")
async def demo(
    tmp_path_factory: pytest.TempPathFactory, chromium: Chromium
) -> AsyncIterator[Demo]:
    made = demonstrated(tmp_path_factory)
    to = tmp_path_factory.mktemp("demo") / "copy"
    async with open_copy(made.folder, to, chromium) as found:
        write_sheet(found.folder)
        yield found


def examine(page: Page) -> None:
    """See to it that the page fits at both widths, and keeps nobody out."""
    before = page.viewport_size
    for width, height in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": height})
        assert not is_wider_than_the_window(page), (page.url, width)
    assert faults_of(page) == [], page.url
    assert before is not None
    page.set_viewport_size(before)


def heading(page: Page) -> str:
    """Return the heading, with plain spaces."""
    return " ".join(page.locator("h1").inner_text().split())


def rows_at(page: Page) -> int:
    """Return how many rows a list has, on all its pages."""
    found = 0
    while True:
        found += page.locator("tbody tr").count()
        following = page.locator("a[rel=next]")
        if not following.count():
            return found
        address = page.url
        following.click()
        page.wait_for_function("before => location.href !== before", arg=address)


@pytest.mark.parametrize(("language", "size"), BOTH, ids=IDS)
async def test_a_leader_opens_what_a_figure_counts_a_past_day_and_the_report(
    demo: Demo, language: str, size: tuple[int, int]
) -> None:
    def journey(page: Page) -> None:
        page.goto("/")
        counted = page.locator("a[href$='marketplace=voso&figure=held']").first
        number = int(counted.inner_text())
        assert number > 0
        counted.click()
        page.wait_for_url("**figure=held")
        assert heading(page).startswith(f"{number} ")
        assert rows_at(page) == number
        page.locator("a[href='/']").last.click()
        page.wait_for_url("**/")
        today = heading(page)
        page.locator("#day").fill("2024-03-01")
        page.locator("form[action='/'] button").click()
        page.wait_for_url("**day=2024-03-01")
        assert re.match(r"11 (trong|of) 18 ", heading(page))
        page.locator("a[href='/report?day=2024-03-01']").click()
        page.wait_for_url("**/report?day=2024-03-01")
        assert "2024" in page.locator(".answer").inner_text()
        page.go_back()
        page.locator("form a[href='/']").click()
        page.wait_for_url("**/")
        assert heading(page) == today

    async with demo.visit(Role.VIEWER, language, size) as window:
        await window.do(journey)


async def test_a_leader_opens_a_list_and_a_day_by_keyboard_alone(demo: Demo) -> None:
    def journey(page: Page) -> None:
        page.goto("/")
        press_until(page, "document.activeElement.search?.includes('figure=held')")
        number = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        page.wait_for_url("**figure=held*")
        assert heading(page).startswith(f"{number} sản phẩm")
        press_until(page, "document.activeElement.localName === 'summary'")
        page.keyboard.press("Enter")
        press_until(page, "document.activeElement.name === 'stars'")
        page.keyboard.press("4")
        page.keyboard.press("Enter")
        press_until(page, "document.activeElement.localName === 'button'")
        page.keyboard.press("Enter")
        page.wait_for_url("**stars=4*")

    async with demo.visit(Role.VIEWER) as window:
        await window.do(journey)


@pytest.mark.parametrize(("language", "size"), BOTH, ids=IDS)
async def test_staff_go_from_what_waits_to_the_product_and_search_another(
    demo: Demo, language: str, size: tuple[int, int]
) -> None:
    def journey(page: Page) -> None:
        page.goto("/worklist")
        page.locator("main details summary").click()
        kind = page.locator(".legend a").first
        number = kind.inner_text()
        kind.click()
        page.wait_for_url("**kind=*")
        assert heading(page).startswith(f"{number} ")
        page.locator(".task a.button").first.click()
        page.wait_for_load_state()
        page.goto("/products")
        page.locator("#q").fill("ruou mo mau 013")
        page.locator("#q").press("Enter")
        page.wait_for_url("**q=*")
        page.get_by_role("link", name="Rượu mơ mẫu 013").click()
        page.wait_for_url("**/products/MAU-00013")
        assert page.locator(".timeline li").count() >= 1
        assert not is_wider_than_the_window(page)

    async with demo.visit(Role.OPERATOR, language, size) as window:
        await window.do(journey)


async def test_staff_send_a_sheet_answer_its_question_and_take_it_back(
    demo: Demo,
) -> None:
    def journey(page: Page) -> None:
        page.goto("/imports")
        page.locator("input[type=file]").set_input_files(demo.folder / SHEET)
        page.locator("main details summary").click()
        page.locator("select[name=source]").select_option("mau.csv")
        page.locator("main form button").click()
        page.wait_for_url("**/imports/*", timeout=LONG)
        page.locator(".question").first.wait_for(timeout=LONG)
        assert page.get_by_text("Phải sửa").count() >= 1
        examine(page)
        page.locator(".question input[name=reason]").first.fill("Đã gọi hỏi cơ sở")
        page.locator(".question button").first.click()
        page.get_by_role("heading", name="Đã nạp").wait_for(timeout=LONG)
        examine(page)
        page.locator("a[href$='/undo']").click()
        page.wait_for_url("**/undo")
        examine(page)
        page.locator("input[name=reason]").fill("Nhầm bảng")
        page.locator("main form button").click()
        page.get_by_text("Lần nạp này đã được hoàn tác.").wait_for(timeout=LONG)

    async with demo.visit(Role.OPERATOR) as window:
        await window.do(journey)


async def take_papers_from_many(demo: Demo) -> None:
    """Let eighty products have no paper of food safety, and the workers see it."""
    now, unsafe = demo.deployment.clock(), (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)

    async def store(conn: Any) -> None:
        ids = [f"MAU-{n:05}" for n in range(100, 180)]
        entries = (await reader.get(conn, ids)).values()
        changed = [
            (replace(product, papers=unsafe), maker) for product, maker in entries
        ]
        await save(conn, changed, by=Author("Kiểm thử", now))

    await demo.deployment.database.write(store)
    demo.look()


@pytest.fixture
async def changed(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Chromium
) -> AsyncIterator[Demo]:
    """A copy of its own: what many lost is not to be met by the other journeys."""
    made = demonstrated(tmp_path_factory)
    async with open_copy(made.folder, tmp_path / "copy", chromium) as found:
        await take_papers_from_many(found)
        yield found


async def test_a_held_group_is_seen_and_approved_without_a_script(
    changed: Demo,
) -> None:

    def journey(page: Page) -> None:
        page.goto("/worklist?kind=group_held&marketplace=postmart")
        ours = page.locator(".task", has_text="from Postmart")
        for _ in range(120):
            if ours.count():
                break
            page.wait_for_timeout(500)
            page.reload()
        ours.locator("a.button").first.click()
        page.wait_for_url("**/worklist/groups/*")
        assert re.match(r"To be approved: .*\bfrom Postmart", heading(page))
        for width, height in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": height})
            assert not is_wider_than_the_window(page), width
        page.locator("input[name=reason]").fill("Đoàn kiểm tra đã kết luận")
        page.locator("button[value=approve]").click()
        page.get_by_role("status").first.wait_for()
        assert heading(page).startswith("Approved: ")

    async with changed.visit(
        Role.OPERATOR, "en", NARROW, java_script_enabled=False
    ) as window:
        await window.do(journey)
