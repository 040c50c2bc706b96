"""The report for superiors: a page whose figures lead to lists, and a workbook."""

import io
import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from aiohttp import ClientResponse
from openpyxl import load_workbook
from playwright.sync_api import Page
from pytest_aiohttp.plugin import AiohttpClient

from catalog.vietnam_time import day_in_vietnam
from ocop_sync.pages import counted_lists
from ocop_sync.pages.report_words import SIGNERS
from ocop_sync.service.identity.role import Role
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.api.doors import Browser, Door, open_door, serve_settings
from tests.factories import make_certificate
from tests.kept_files import KeptFiles
from tests.pages.chromium import Chromium
from tests.pages.open_service import open_service
from tests.pages.test_browser import full_province
from tests.pages.test_leaders import WITHOUT_PAPER, figures_on, length_of, save_seven
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry, open_world

REAL = InMemoryMarketplace.having(simulated=False)
MANY = {"calls_per_minute": 100_000, "calls_per_minute_of_an_address": 100_000}


@pytest.fixture
async def world(
    kept_files: KeptFiles,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> AsyncIterator[World]:
    """Two marketplaces that publish at once; of another kind where a test says so."""
    kind = getattr(request, "param", InMemoryMarketplace)
    monkeypatch.setattr("ocop_sync.store.db.database._sqlite", kept_files.open)
    with kept_files.database() as url:
        async with open_world(url, ["postmart", "voso"], kind=kind) as world:
            yield world


@pytest.fixture
async def door(world: World, aiohttp_client: AiohttpClient) -> Door:
    return await open_door(world, aiohttp_client, serve_settings(**MANY))


async def cells_of(browser: Browser, path: str) -> dict[str, list[list[Any]]]:
    """Return the rows of each sheet of a workbook, without empty cells at the end."""
    answer: ClientResponse = await browser.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    book = load_workbook(io.BytesIO(await answer.read()))
    sheets = {}
    for sheet in book.worksheets:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        sheets[sheet.title] = rows
    return sheets


def below(rows: list[list[Any]], heading: str) -> list[list[Any]]:
    """Return the rows between a heading and the next empty row."""
    first = next(n for n, row in enumerate(rows) if row[:1] == [heading]) + 1
    length = next(
        (n for n, row in enumerate(rows[first:]) if not row), len(rows) - first
    )
    return rows[first : first + length]


@pytest.mark.parametrize("is_past", [False, True], ids=["now", "a past day"])
async def test_every_figure_of_the_report_is_as_long_as_its_list(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch, is_past: bool
) -> None:
    monkeypatch.setattr(counted_lists, "_SIZE", 2)
    await save_seven(world)
    day, path = day_in_vietnam(world.time()), "/report"
    if is_past:
        world.time.pass_(days=1)
        await world.change(papers=WITHOUT_PAPER)
        await world.sync()
        path = f"/report?day={day}"
    browser = await signed_in(door)

    page = await look(browser, path)

    figures = figures_on(page)
    lengths = {each: await length_of(browser, each) for each in figures}
    assert figures == lengths
    assert len(figures) == 2 * 2 * (1 + 3) + (0 if is_past else 2)
    first_page = await look(browser, path.replace("/report", "/"))
    assert figures.items() <= figures_on(first_page).items()


async def test_the_workbook_says_the_same_cell_by_cell(
    door: Door, world: World
) -> None:
    await save_seven(world)
    ends_soon = make_certificate(decided_on=date(2021, 4, 1))
    await world.save(entry(8, certificates=(ends_soon,)))
    await world.sync()
    browser = await signed_in(door)

    sheets = await cells_of(browser, "/report.xlsx")

    whole, communes = sheets["Báo cáo"], sheets["Theo xã"]
    assert whole[0] == ["Báo cáo sản phẩm OCOP trên sàn thương mại điện tử"]
    assert whole[1][0].startswith("SỐ LIỆU MÔ PHỎNG")
    assert whole[2] == ["Đơn vị", "Tỉnh Quảng Ninh"]
    assert whole[3][0] == "Số liệu lúc"
    assert below(whole, "Sàn") == [
        ["Postmart", 7, 5, 71.43],
        ["Voso", 7, 5, 71.43],
    ]
    assert whole[10] == ["Giấy chứng nhận hết hạn trong 90 ngày tới", 1]
    assert whole[11] == ["Tin đang bán còn ghi OCOP đã hết hạn (phải bằng 0)", 0]
    assert len(below(whole, "Đếm gì")) == 5
    assert all(len(row) == 2 for row in below(whole, "Đếm gì"))
    said = {cell for row in whole for cell in row}
    assert not said & {each.vi for each in SIGNERS}
    assert communes[1][:3] == [
        "Xã, phường, đặc khu",
        "Postmart: Được công nhận",
        "Postmart: Đang bán",
    ]
    rows = communes[2:]
    assert rows[-1][0] == "Chưa rõ"
    assert [sum(row[n] for row in rows) for n in (1, 2, 4, 5)] == [7, 5, 7, 5]


async def test_of_a_past_day_the_workbook_leaves_out_what_is_asked_of_now(
    door: Door, world: World
) -> None:
    await save_seven(world)
    day = day_in_vietnam(world.time())
    world.time.pass_(days=2)
    browser = await signed_in(door)

    rows = (await cells_of(browser, f"/report.xlsx?day={day}"))["Báo cáo"]

    assert rows[10][1] == rows[11][1] == "chỉ hỏi được của hiện tại"
    assert below(rows, "Sàn")[0] == ["Postmart", 6, 4, 66.67]
    answer = await browser.get("/report.xlsx?day=2090-01-01", **HTML)
    await page_of(answer, 404)


async def test_nobody_signs_what_is_simulated(door: Door, world: World) -> None:
    await save_seven(world)

    page = await look(await signed_in(door), "/report")

    assert "SỐ LIỆU MÔ PHỎNG" in page.one("p", class_="notice").text
    assert page.all("p", class_="signature") == []


@pytest.mark.parametrize("world", [REAL], indirect=True)
async def test_real_figures_have_a_place_for_two_signatures(
    door: Door, world: World
) -> None:
    await save_seven(world)
    browser = await signed_in(door)

    page = await look(browser, "/report")
    rows = (await cells_of(browser, "/report.xlsx"))["Báo cáo"]

    assert "MÔ PHỎNG" not in page.text
    names = [each.text.split(" (")[0] for each in page.all("p", class_="signature")]
    assert names == [each.vi for each in SIGNERS]
    assert rows[-1] == [names[0], None, names[1]]
    nothing = await look(browser, "/report?day=2021-01-01")
    assert nothing.all("p", class_="signature") == [], "there are no figures"
    assert "đó không phải số 0" in nothing.text


@pytest.mark.parametrize("role", list(Role))
async def test_the_workbook_is_sent_to_those_who_see_the_page(
    door: Door, role: Role
) -> None:
    browser = await signed_in(door, role)

    answers = [await browser.get(path, **HTML) for path in ("/report", "/report.xlsx")]

    wanted = 403 if role is Role.PRODUCER else 200
    assert [each.status for each in answers] == [wanted, wanted]


async def test_who_is_not_signed_in_is_led_there_from_the_workbook(door: Door) -> None:
    answer = await door.browser().get("/report.xlsx", **HTML)

    assert (answer.status, answer.headers["Location"]) == (
        303,
        "/login?next=/report.xlsx",
    )


@pytest.mark.parametrize("world", [REAL], indirect=True)
async def test_it_prints_on_one_sheet_with_its_signatures_whatever_the_province_has(
    chromium: Chromium, world: World
) -> None:
    await full_province(world)

    def printed(page: Page) -> bytes:
        page.goto("/report")
        assert page.locator(".parts tbody tr").count() == 54 + 1
        assert page.locator(".signature").count() == 2
        return page.pdf(prefer_css_page_size=True)

    async with (
        open_service(world.deployment) as service,
        chromium.visit(service.url) as window,
    ):
        await service.sign_in(window, Role.VIEWER)
        document = await window.do(printed)

    assert len(re.findall(rb"/Type\s*/Page\b", document)) == 1
    (box,) = set(re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", document))
    assert (abs(int(box[0]) - 595) <= 1, abs(int(box[1]) - 842) <= 1) == (True, True)
