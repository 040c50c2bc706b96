"""A clerk with a workbook: sent, corrected, sent again and taken back in a Chromium."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page

from catalog.feed.rows.open_feed import open_feed
from catalog.feed.write.csv_feed import write_csv
from catalog.fiction.generate import generate
from catalog.imports.import_feed import import_feed
from catalog.queries.export import export_catalog
from catalog.vietnam_time import day_in_vietnam
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import open_service
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.world import World

STARS, PRICE = "Hạng sao", "Giá bán (đồng)"
LOOKS = [("vi", NARROW), ("en", NARROW), ("en", WIDE), ("vi", WIDE)]


@pytest.fixture
async def sheet(world: World, tmp_path: Path) -> Path:
    """The export of a fictitious catalog, as the demonstration makes it."""
    now = world.time()
    made, out = BytesIO(), BytesIO()
    today = day_in_vietnam(now)
    write_csv(generate(count=12, seed=2024, today=today, settled=True), made)
    made.seek(0)

    async def load(conn: object) -> None:
        await import_feed(conn, open_feed(made).rows, now=now, source="giả.csv")  # type: ignore[arg-type]

    await world.database.write(load)
    async with world.database.read() as conn:
        await export_catalog(conn, stream=out, kind=".xlsx", now=now)
    path = tmp_path / "danh mục tháng 11.xlsx"
    path.write_bytes(out.getvalue())
    return path


def write(path: Path, row: int, heading: str, value: object) -> str:
    """Change a cell as a clerk does in Excel; return its place."""
    book: Any = load_workbook(path)
    page = book.active
    (top,) = [r for r in page.iter_rows() if heading in [c.value for c in r]]
    (cell,) = [c for c in top if c.value == heading]
    place = page.cell(top[0].row + row, cell.column)
    place.value = value
    book.save(path)
    return str(place.coordinate)


def examine(page: Page) -> None:
    """See to it that a page fits at both widths, in both languages; as axe says too."""
    address = page.url.split("?")[0]
    for language, (width, height) in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{address}?lang={language}")
        assert page.locator("html").get_attribute("lang") == language
        assert not is_wider_than_the_window(page), (address, language, width)
    assert faults_of(page) == [], address


def sent(page: Page, path: Path, mode: str) -> None:
    page.goto("/imports")
    page.get_by_label("Tệp bảng").set_input_files(path)
    page.get_by_label("Cách làm").select_option(mode)
    page.get_by_role("button", name="Gửi bảng").click()
    page.wait_for_url(ended)


def ended(url: str) -> bool:
    return "/imports/" in url and "/going/" not in url


async def test_a_sheet_is_sent_answered_corrected_sent_again_and_taken_back(
    chromium: Chromium, world: World, sheet: Path, tmp_path: Path
) -> None:
    wrong = write(sheet, 1, STARS, "9")
    write(sheet, 2, PRICE, 450)
    corrected = tmp_path / "sửa.xlsx"

    def look_first(page: Page) -> None:
        sent(page, sheet, "preview")
        assert page.locator("h1").inner_text().startswith("Nếu nạp")
        row = page.get_by_role("row").filter(has_text=f"Ô {wrong}")
        assert "Phải sửa" in row.inner_text()
        examine(page)

    def answer(page: Page) -> None:
        question = page.locator(".question")
        assert "450" in question.inner_text()
        page.get_by_role(
            "button", name="Nạp, nhận 1 giá trị đáng ngờ theo bảng"
        ).click()
        page.get_by_label("Lý do").fill("Đã hỏi cơ sở")
        page.get_by_role(
            "button", name="Nạp, nhận 1 giá trị đáng ngờ theo bảng"
        ).click()
        page.wait_for_url(ended)
        page.get_by_role("heading", name="Đã nạp “danh mục tháng 11.xlsx”").wait_for()
        examine(page)

    def download(page: Page) -> None:
        with page.expect_download() as coming:
            page.get_by_role("link", name="Tải bảng có ghi lỗi").click()
        coming.value.save_as(corrected)

    def send_again(page: Page) -> None:
        sent(page, corrected, "import")
        page.get_by_text("Bảng không có chỗ nào phải sửa.").wait_for()

    def take_back(page: Page) -> None:
        page.get_by_role("link", name="Hoàn tác lần nạp này").click()
        examine(page)
        page.get_by_label("Lý do").fill("Nhầm bảng")
        page.get_by_role("button", name="Hoàn tác").click()
        page.get_by_text("Lần nạp này đã được hoàn tác.").wait_for()
        page.goto("/imports")
        assert page.locator("tbody tr").count() == 3
        examine(page)

    steps: list[Callable[[Page], None]] = [look_first, answer, download]
    async with (
        open_service(world.deployment) as service,
        chromium.visit(service.url, accept_downloads=True) as window,
    ):
        await service.sign_in(window)
        for step in steps:
            await window.do(step)
        write(corrected, 1, STARS, "4")
        await window.do(send_again)
        await window.do(take_back)

    assert window.seen.complaints == []
    assert window.seen.hosts == {service.url.split("/")[2]}
