"""The work of people at an account, as a page: batches out, sheets and words in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import FormData
from playwright.sync_api import Page
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Browser, Door, open_door, serve_settings
from tests.hand_world import KEY, Desk, open_hand_world
from tests.kept_files import KeptFiles
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import open_service
from tests.pages.parsed import Element
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_plans import send
from tests.pages.visits import HTML, look, page_of, signed_in, token_on
from tests.world import World

WORK: Final = f"/accounts/{KEY}/work"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
async def world(
    kept_files: KeptFiles, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> AsyncIterator[World]:
    """A marketplace that people work."""
    monkeypatch.setattr("ocop_sync.store.db.database._sqlite", kept_files.open)
    with kept_files.database() as url:
        async with open_hand_world(url, desk.folder) as world:
            yield world


@pytest.fixture
async def door(world: World, aiohttp_client: AiohttpClient) -> Door:
    """Two products wait to be listed there."""
    return await open_door(world, aiohttp_client, serve_settings())


@pytest.fixture
async def browser(door: Door) -> Browser:
    return await signed_in(door, Role.OPERATOR)


async def synced(world: World) -> None:
    world.time.pass_(minutes=1)
    await world.sync(follow_s=0)


async def act(browser: Browser, path: str, **typed: str) -> Element:
    """Send a form of the page; return the page that it leads to."""
    answer = await send(browser, f"{WORK}{path}", await look(browser, WORK), **typed)
    assert answer.status == 303, await answer.text()
    return await look(browser, answer.headers["Location"])


async def hand_in(
    browser: Browser, content: bytes, status: int = 200, **typed: str
) -> Element:
    token = token_on(await look(browser, WORK))
    data: Any = FormData({"form_token": token, **typed}, quote_fields=False)
    data.add_field("sheet", content, filename="xong.xlsx" if content else "")
    answer = await browser.post(f"{WORK}/tellings", data, **HTML)
    return await page_of(answer, status)


async def handed_out(browser: Browser, world: World) -> Element:
    """Say that the account is empty, and hand out what is to be listed."""
    await act(browser, "/word", word="empty", word_as_of="")
    await synced(world)
    return await act(browser, "/close")


async def to_be_taken_down(browser: Browser, world: World, desk: Desk) -> None:
    """Have all listed, and a product stopped: its listing must go down by hand."""
    await handed_out(browser, world)
    workbook = await (await browser.get(f"{WORK}/1/workbook")).read()
    await hand_in(browser, desk.filled(workbook))
    await synced(world)
    await world.change(paused=True)
    await synced(world)


async def test_a_day_of_work_by_pages(
    browser: Browser, world: World, desk: Desk
) -> None:
    page = await look(browser, WORK)
    assert "Chưa ai nói tài khoản này đang có gì" in page.text

    page = await handed_out(browser, world)
    assert "Đã giao thành lô" in page.text
    assert "2 / 2" in page.text
    answer = await browser.get(f"{WORK}/1/workbook")
    filled = desk.filled(await answer.read())
    assert (await browser.get(f"{WORK}/1/pictures")).content_type == "application/zip"

    page = await hand_in(browser, filled)
    assert "Đã nhận: 2 xong, 0 không làm được" in page.text
    again = await hand_in(browser, filled)
    assert "0 xong, 0 không làm được, 2 đã báo trước" in again.text
    await synced(world)
    assert "2 sản phẩm được công nhận đang bán" in (await look(browser, "/")).text
    kinds = [kind for kind, _, _ in await acts_of(world.database)]
    assert kinds[-4:] == ["tell_account", "export_batch", *["import_batch"] * 2]


async def test_a_form_that_is_sent_twice_hands_one_batch_out(
    browser: Browser, world: World
) -> None:
    await act(browser, "/word", word="empty", word_as_of="")
    await synced(world)
    page = await look(browser, WORK)

    statuses = []
    for _ in range(2):
        statuses.append((await send(browser, f"{WORK}/close", page)).status)
        await look(browser, WORK)

    assert statuses == [303, 303]
    assert [kind for kind, _, _ in await acts_of(world.database)].count(
        "export_batch"
    ) == 1


async def test_what_was_not_taken_is_named_by_its_cell(
    browser: Browser, world: World, desk: Desk
) -> None:
    await handed_out(browser, world)
    workbook = await (await browser.get(f"{WORK}/1/workbook")).read()
    await hand_in(browser, desk.filled(workbook))
    other = Desk(desk.folder)
    other.staff.made = 7

    page = await hand_in(browser, other.filled(workbook))
    taken = await hand_in(browser, other.filled(workbook), correct="yes")

    assert "Chỗ dưới đây chưa nhận" in page.text
    assert "Việc phải làm 3" in page.text
    assert " / not " not in page.text
    assert "Chỗ dưới đây chưa nhận" not in taken.text


async def test_a_list_of_the_marketplace_needs_its_time(
    browser: Browser, world: World, desk: Desk
) -> None:
    await handed_out(browser, world)
    desk.filled(await (await browser.get(f"{WORK}/1/workbook")).read())
    world.time.pass_(hours=1)
    exported = desk.exported()

    without = await hand_in(browser, exported, 422)
    odd = await hand_in(browser, exported, 422, as_of="hôm qua")
    here = world.time() + timedelta(hours=7)
    at = here.strftime("%d/%m/%Y %H:%M")
    told = await hand_in(browser, exported, as_of=at)

    for page in (without, odd):
        errors = page.one("div", class_="errors")
        links = [each.attributes["href"] for each in errors.all("a")]
        assert links == ["#as_of"]
        assert " / " not in errors.text
    assert "Danh sách của sàn có 2 tin" in told.text
    assert f"Danh sách gần nhất: lúc {here:%H:%M, %d/%m/%Y}, Ng. Mẫu" in told.text


async def test_a_form_without_a_sheet_and_a_file_that_is_none_say_so(
    browser: Browser,
) -> None:
    for content in (b"", b"\x00\x01"):
        page = await hand_in(browser, content, 422)
        errors = page.one("div", class_="errors")
        links = [each.attributes["href"] for each in errors.all("a")]
        assert links == ["#sheet"]


async def test_no_word_is_given_by_leaving_a_choice_as_it_is(
    browser: Browser, world: World
) -> None:
    page = await look(browser, WORK)
    chosen = page.one("select", id="word").all("option")[0].attributes["value"]

    answer = await send(browser, f"{WORK}/word", page, word=chosen, word_as_of="")

    told = (await page_of(answer, 422)).one("div", class_="errors")
    assert [each.attributes["href"] for each in told.all("a")] == ["#word"]
    assert "tell_account" not in [kind for kind, _, _ in await acts_of(world.database)]


async def test_a_batch_that_is_lost_is_called_off(
    browser: Browser, world: World
) -> None:
    await handed_out(browser, world)

    page = await act(browser, "/1/call-off")

    assert "Đã bỏ lô đó" in page.text
    assert "2 việc đang chờ" in page.text
    assert (await browser.get(f"{WORK}/1/workbook", **HTML)).status == 404


async def test_what_must_go_down_stands_first_with_its_deadline(
    door: Door, browser: Browser, world: World, desk: Desk
) -> None:
    await to_be_taken_down(browser, world, desk)
    page = await look(browser, WORK)
    world.time.pass_(hours=25)
    late = await look(await signed_in(door, Role.ADMIN), WORK)

    assert "1 tin phải gỡ khỏi" in page.one("h1").text
    assert "quá hạn" not in page.text
    assert "1 đã quá hạn" in late.one("h1").text


async def test_the_worklist_names_what_must_go_down_by_hand_once(
    browser: Browser, world: World, desk: Desk
) -> None:
    await to_be_taken_down(browser, world, desk)

    page = await look(browser, "/worklist")

    title = "Gỡ Măng khô Mẫu 1 khỏi Postmart sheet bằng tay"
    assert page.text.count(title) == 1
    assert "dù không được bán" not in page.text
    assert WORK in {a.attributes.get("href") for a in page.all("a")}
    await act(browser, "/close")
    down = await (await browser.get(f"{WORK}/2/workbook")).read()
    await hand_in(browser, desk.filled(down))
    assert title not in (await look(browser, "/worklist")).text


async def test_the_page_of_an_account_leads_to_its_work(browser: Browser) -> None:
    page = await look(browser, f"/accounts/{KEY}")

    assert WORK in {a.attributes.get("href") for a in page.all("a")}


async def test_a_page_says_all_in_the_language_of_who_looks(
    browser: Browser, world: World
) -> None:
    await handed_out(browser, world)
    await browser.get(f"{WORK}?lang=en")

    page = await look(browser, WORK)

    assert "Work by hand at" in page.one("h1").text
    assert "Batches that are out" in page.text


async def test_the_page_fits_a_phone_and_keeps_nobody_out(
    chromium: Chromium, world: World, desk: Desk, browser: Browser
) -> None:
    await to_be_taken_down(browser, world, desk)
    await act(browser, "/close")

    def journey(page: Page) -> None:
        for language, (width, height) in (("en", NARROW), ("vi", NARROW), ("vi", WIDE)):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{WORK}?lang={language}")
            assert not is_wider_than_the_window(page), (language, width)
            if language == "en":
                assert faults_of(page) == []

    async with (
        open_service(world.deployment) as service,
        chromium.visit(service.url, size=NARROW) as window,
    ):
        await service.sign_in(window)
        await window.do(journey)
    assert window.seen.complaints == []
