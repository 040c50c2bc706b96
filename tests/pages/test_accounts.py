"""Marketplaces and accounts as pages: health in words, a check, a pause."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.errors import (
    AuthenticationError,
    FatalError,
    MarketplaceError,
    UnavailableError,
    UnreachableError,
)
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions.pauses import pause_accounts
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Browser, Door, open_door, serve_settings
from tests.api.test_accounts import TOLD, private_in
from tests.factories import person
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import OpenService
from tests.pages.parsed import Element
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_plans import send
from tests.pages.test_runs import rows_of
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry, listed

ACCOUNTS = "/accounts"
ONE = "/accounts/memory"


@pytest.fixture
async def outspoken(world: World, aiohttp_client: AiohttpClient) -> Door:
    """Two accounts of which one is of no use, and words that name what is private."""
    lost = Unusable(
        key="hong", marketplace="memory", seller_ref="", why=TOLD, of_settings=True
    )
    world.deployment = replace(world.deployment, unusable={"hong": lost})
    return await open_door(world, aiohttp_client, serve_settings())


def account_row(page: Element, key: str = "memory") -> str:
    return next(each for each in rows_of(page) if each.startswith(f"{key} "))


async def pause_(browser: Browser, reason: str) -> int:
    page = await look(browser, ONE)
    status: int = (await send(browser, f"{ONE}/pause", page, reason=reason)).status
    return status


async def test_each_account_says_how_it_stands_and_when_it_was_read(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.VIEWER)
    fresh = account_row(await look(browser, ACCOUNTS))
    await world.save(entry(1))
    report = await world.sync()
    world.time.pass_(minutes=12)

    found = account_row(await look(browser, ACCOUNTS))
    page = await look(browser, ONE)
    world.time.pass_(hours=3)
    old = account_row(await look(browser, ACCOUNTS))

    assert "… Chưa chạy lần nào" in fresh
    assert "✓ Đang tốt 12 phút trước 12 phút trước 0" in found
    assert page.one("h1").text == "Tài khoản memory ở Memory (mô phỏng): Đang tốt"
    assert re.search(r"Đã xong, [1-9] thay đổi đã gửi, 0 không thành", page.text)
    assert page.all("form") == []  # a viewer changes nothing
    assert page.all("a", href=f"/runs/{report.run}:memory") == []
    assert "… Số liệu có thể cũ" in old


async def test_staff_are_led_from_an_account_to_its_last_run(
    door: Door, world: World
) -> None:
    await world.save(entry(1))
    await world.sync()
    browser = await signed_in(door, Role.OPERATOR)

    (link,) = [
        each.attributes["href"]
        for each in (await look(browser, ONE)).all("a")
        if each.attributes["href"].startswith("/runs/")
    ]

    assert "đã gửi" in (await look(browser, link)).text


@pytest.mark.parametrize(
    ("fault", "why", "checked"),
    [
        (
            AuthenticationError(TOLD),
            "Sàn không nhận tên, mật khẩu hoặc khóa của tài khoản",
            "Sàn không nhận tên, mật khẩu hoặc khóa của tài khoản",
        ),
        (UnreachableError(TOLD), "Không tới được sàn", "Không tới được sàn"),
        (UnavailableError(TOLD), "Không tới được sàn", "Sàn đang bận hoặc bảo trì"),
        (FatalError(TOLD), "Không tới được sàn", "Thiết lập của tài khoản chưa đúng"),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else None,
)
async def test_what_fails_is_said_in_words_with_what_to_do_and_nothing_private(
    outspoken: Door,
    world: World,
    fault: MarketplaceError,
    why: str,
    checked: str,
) -> None:
    await world.save(entry(1))
    for call in ("check", "page", "events", "create", "put_sellers"):
        world.market.script(call, fault, times=9)
    await world.sync()
    browser = await signed_in(outspoken, Role.OPERATOR)

    all_ = await look(browser, ACCOUNTS)
    page = await look(browser, ONE)
    told = await page_of(await send(browser, f"{ONE}/check", page))
    lost = await look(browser, "/accounts/hong")
    of_lost = await page_of(await send(browser, "/accounts/hong/check", lost))

    assert all_.one("h1").text == "2 tài khoản đang lỗi"
    assert f"! Đang lỗi {why}" in account_row(all_)
    assert f"{why}" in page.one("p", class_="is-wrong").text
    assert f"Vừa kiểm tra: {checked}" in told.one("div", class_="notice").text
    assert lost.one("h1").text.endswith("Chưa dùng được")
    assert lost.all("input", name="reason") == []
    for each in (all_, page, told, lost, of_lost):
        assert private_in(each.text.replace("localhost:", "")) == []


async def test_accounts_are_found_by_words_and_state_among_all_of_which_it_tells(
    outspoken: Door,
) -> None:
    browser = await signed_in(outspoken, Role.VIEWER)

    page = await look(browser, f"{ACCOUNTS}?q=mem&state=never_run")
    lost = await look(browser, f"{ACCOUNTS}?state=unusable")
    none = await look(browser, f"{ACCOUNTS}?q=khong+co")
    empty = await browser.get(f"{ACCOUNTS}?q=&state=all", **HTML)
    file = await browser.get(f"{ACCOUNTS}.csv?state=unusable", **HTML)

    assert account_row(page)
    assert len(rows_of(page)) == len(rows_of(lost)) == 1
    assert page.one("h1").text == "1 tài khoản đang lỗi", "of all, not of those shown"
    assert account_row(lost, "hong")
    assert "Không có tài khoản nào như vậy" in none.text
    assert empty.headers["Location"] == ACCOUNTS
    (_, row) = (await file.text()).splitlines()
    assert row.startswith("hong,Memory,,Chưa dùng được,Thiết lập của tài khoản")
    assert private_in(row) == []


async def test_a_refused_change_is_no_fault_of_its_account(
    door: Door, world: World
) -> None:
    await listed(world, 1)
    await world.change(description="Bản mới.")
    refusal = Refused((Problem(code="description_too_long", message="quá dài"),))
    world.market.script("update", refusal)
    await world.sync()
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, ONE)

    assert "… Có việc không thành" in account_row(await look(browser, ACCOUNTS))
    why = "Tài khoản dùng được, nhưng lần chạy cuối có thay đổi không thành"
    assert why in page.text
    assert page.all("p", class_="is-wrong") == []


async def test_a_check_that_succeeds_says_so(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    page = await page_of(await send(browser, f"{ONE}/check", await look(browser, ONE)))

    assert page.one("div", role="status").text == "Vừa kiểm tra: Đăng nhập được."


async def test_an_account_is_paused_with_a_reason_and_goes_on_again(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, ONE)
    faulty = await page_of(await send(browser, f"{ONE}/pause", page, reason=" "), 422)

    assert await pause_(browser, "Sàn làm hỏng ảnh") == 303
    paused = await look(browser, f"{ONE}?done=paused")
    row = account_row(await look(browser, ACCOUNTS))
    assert await pause_(browser, "Sàn đã sửa") == 303
    going = await look(browser, f"{ONE}?done=resumed")

    assert "sản phẩm không còn được bán vẫn nằm trên sàn" in page.text
    assert "Ghi lý do" in faulty.one("div", class_="errors").text
    assert "Ng. Mẫu operator: “Sàn làm hỏng ảnh”" in paused.text
    assert "không gì được gửi" in paused.one("div", role="status").text
    assert "… Đang tạm dừng “Sàn làm hỏng ảnh”" in row
    assert "gửi những gì đang chờ" in going.one("div", role="status").text
    kinds = [kind for kind, _, _ in await acts_of(world.database)]
    assert kinds[-2:] == ["pause_accounts", "resume_accounts"]
    assert kinds.count("pause_accounts") == 1  # nothing was done without a reason


async def test_the_second_person_pauses_nothing_and_sees_who_was_first(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, ONE)
    by = person("Bà Mẫu")
    await pause_accounts(world.deployment, ["memory"], by=by, reason="Chờ sàn")

    answer = await send(browser, f"{ONE}/pause", page, reason="Sàn hỏng")

    late = await page_of(answer, 409)
    told = late.one("div", role="alert", class_="notice").text
    assert "Bà Mẫu đã tạm dừng trước, lúc" in told
    assert "Chờ sàn" in late.text


async def test_accounts_come_in_pages_and_who_may_not_know_one_finds_none(
    outspoken: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocop_sync.pages.accounts._SIZE", 1)
    browser = await signed_in(outspoken, Role.VIEWER)

    first = await look(browser, ACCOUNTS)
    second = await look(browser, first.one("a", rel="next").attributes["href"])

    assert account_row(first, "hong")
    assert account_row(second, "memory")
    assert second.all("a", rel="next") == []
    await look(browser, "/accounts/khong-co", 404)


async def test_accounts_are_read_and_paused_in_a_browser(
    chromium: Chromium, service: OpenService
) -> None:
    def journey(page: Page) -> None:
        page.goto("/worklist")
        page.get_by_role("link", name="Sàn", exact=True).click()
        page.get_by_role("link", name="memory", exact=True).click()
        page.get_by_role("button", name="Kiểm tra ngay").click()
        page.get_by_text("Vừa kiểm tra: Đăng nhập được.").wait_for()
        page.get_by_label("Lý do").fill("Sàn làm hỏng ảnh")
        page.get_by_role("button", name="Tạm dừng tài khoản này").click()
        page.get_by_text("Đã tạm dừng").wait_for()
        for language, (width, height) in (("en", NARROW), ("vi", NARROW), ("vi", WIDE)):
            page.set_viewport_size({"width": width, "height": height})
            for path in (ACCOUNTS, ONE):
                page.goto(f"{path}?lang={language}")
                assert not is_wider_than_the_window(page), (path, width)
                if language == "en":
                    assert faults_of(page) == [], path

    async with chromium.visit(service.url, size=NARROW) as window:
        await service.sign_in(window)
        await window.do(journey)
    assert window.seen.complaints == []
