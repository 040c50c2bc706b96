"""One run as a page: while it goes on, once it has ended, cancelled, its changes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page

from catalog.eligibility import Text, load_rules
from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.pages.sent_words import reason_words, why_words
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import open_service
from tests.pages.parsed import Element, parse
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_runs import ask, rows_of, work
from tests.pages.visits import HTML, look, signed_in, token_on
from tests.world import World, entry, listed

PART = {"HX-Request": "true"}


def amid(world: World, method: str, act: Callable[[], Awaitable[Any]]) -> None:
    """Have *act* done at the second call of a marketplace's method, before it."""
    call, seen = getattr(world.market, method), list[None]()

    async def amid_it(changes: Any) -> Any:
        seen.append(None)
        if len(seen) == 2:
            await act()
        return await call(changes)

    setattr(world.market, method, amid_it)


async def work_in_steps(world: World) -> None:
    """Carry out what was asked for, one change at a time."""
    limits = replace(world.deployment.limits, slice_changes=1)
    await work(replace(world, deployment=replace(world.deployment, limits=limits)))


async def part_of(browser: Browser, path: str) -> tuple[str, Any]:
    answer = await browser.get(path, **PART)
    assert answer.status == 200
    return await answer.text(), answer.headers


async def test_a_run_that_goes_on_says_how_far_it_is_and_asks_for_itself(
    door: Door, world: World
) -> None:
    await world.save(*(entry(n) for n in (1, 2, 3)))
    asked = await ask(world)
    path = f"/runs/{asked.id}"
    browser = await signed_in(door, Role.OPERATOR)
    waiting = await look(browser, path)
    seen, parts = list[Element](), list[str]()

    async def look_amid() -> None:
        seen.append(await look(browser, path))
        parts.append((await part_of(browser, path))[0])

    amid(world, "create", look_amid)
    await work_in_steps(world)
    part, headers = await part_of(browser, path)
    ended = await look(browser, path)

    assert waiting.one("h1").text == "Đồng bộ: Đang chờ đến lượt"
    assert "lần chạy chờ đến lượt" in waiting.text
    (page,), (amid_part,) = seen, parts
    assert page.one("h1").text == "Đồng bộ: Đang chạy"
    assert "Bà Mẫu yêu cầu lúc" in page.text
    progress = page.one(id="progress")
    assert progress.attributes["hx-trigger"] == "every 2s"
    accounts, facets, kinds = (rows_of(progress, n) for n in range(3))
    assert accounts[0].startswith("memory Memory (mô phỏng) … Đang chạy")
    assert "Tin bán 2 1 0 0 1" in facets
    assert [each for each in kinds if each.startswith("Đăng mới 1")]
    assert page.one("a", href=path).text == "Xem lại ngay"
    assert parse(amid_part).one(id="progress").attributes == progress.attributes
    assert parse(amid_part).all("html") == []
    assert headers["HX-Refresh"] == "true"
    assert "hx-get" not in part
    assert ended.one("h1").text == "Đồng bộ: Đã xong"
    assert ended.all("script") == ended.all("button") == []
    assert "6 thay đổi đã gửi" in ended.text


@pytest.mark.parametrize(
    ("outcome", "said", "todo"),
    [
        (
            Refused((Problem(code="description_too_long", message="quá dài"),)),
            "Sàn trả lời: “quá dài”",
            "Sửa trong danh mục theo lời sàn",
        ),
        (UnavailableError("bảo trì"), "Chưa gửi được bảo trì", "tới gửi lại"),
    ],
    ids=["refused", "not sent"],
)
async def test_what_came_to_nothing_has_the_words_of_there_and_what_to_do(
    door: Door, world: World, outcome: Any, said: str, todo: str
) -> None:
    await listed(world, 1)
    await world.change(description="Bản mới.")
    world.market.script("update", outcome, times=99)
    asked = await ask(world)
    await work(world)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, f"/runs/{asked.id}")
    part, _ = await part_of(browser, f"/runs/{asked.id}?said=0")
    again, _ = await part_of(browser, f"/runs/{asked.id}?said=1")

    (row,) = rows_of(page, -1)
    assert row.startswith("Sửa nội dung")
    assert "Măng khô Mẫu 1" in row
    assert said in row
    assert todo in row
    assert "1 thay đổi không thành / changes failed" not in page.text
    assert "#standing" in part  # told to whoever does not see it
    assert "#standing" not in again


async def test_a_run_is_cancelled_once_and_the_second_person_is_told(
    door: Door, world: World
) -> None:
    await world.save(entry(1))
    asked = await ask(world)
    path = f"/runs/{asked.id}"
    first, second = (
        await signed_in(door, Role.OPERATOR),
        await signed_in(door, Role.ADMIN),
    )
    pages = [await look(each, path) for each in (first, second)]
    assert "Những gì đã gửi vẫn ở trên sàn" in pages[0].text

    answers = [
        await browser.post(
            f"{path}/cancellation", {"form_token": token_on(page)}, **HTML
        )
        for browser, page in zip((first, second), pages, strict=True)
    ]

    assert [each.headers["Location"] for each in answers] == [
        path,
        f"{path}?over=cancel",
    ]
    assert (await look(first, path)).one("h1").text == "Đồng bộ: Đã hủy"
    assert "Không hủy gì" in (await look(second, f"{path}?over=cancel")).text
    kinds = [kind for kind, _, _ in await acts_of(world.database)]
    assert kinds.count("cancel_run") == 1
    await work(world)
    assert world.written() == []


async def test_every_change_stands_with_its_answer_and_reason_page_by_page(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocop_sync.pages.run._SIZE", 3)
    await world.save(entry(1), entry(2))
    asked = await ask(world)
    await work(world)
    browser = await signed_in(door, Role.OPERATOR)
    path = f"/runs/{asked.id}/changes"

    first = await look(browser, path)
    second = await look(browser, first.one("a", rel="next").attributes["href"])
    none = await look(browser, f"{path}?outcome=failed")
    everything = await browser.get(f"{path}?outcome=all", **HTML)

    rows = [*rows_of(first), *rows_of(second)]
    assert len(rows) == 4
    assert (
        sum("Được bán theo danh mục, mà trên sàn chưa có tin" in e for e in rows) == 2
    )
    assert all("Sàn đã nhận" in each for each in rows)
    assert "Không có thay đổi nào như vậy" in none.text
    assert everything.headers["Location"] == path


async def test_accounts_beyond_the_first_ones_are_counted_until_they_are_asked_for(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocop_sync.pages.run._NAMED", 0)
    await world.save(entry(1))
    asked = await ask(world)
    await work(world)
    browser, path = await signed_in(door, Role.OPERATOR), f"/runs/{asked.id}"

    page = await look(browser, path)
    whole = await look(browser, f"{path}?accounts=all")

    assert "Ngoài ra: 1 tài khoản “Đã xong”" in page.text
    assert page.one("a", href=f"{path}?accounts=all").text.startswith("Xem mọi")
    assert rows_of(whole, 0)[0].startswith("memory ")
    assert "Ngoài ra" not in whole.text


@pytest.mark.parametrize("path", ["/runs/0000000000000000", "/runs/x/changes"])
async def test_a_run_that_is_not_there_is_not_found(door: Door, path: str) -> None:
    page = await look(await signed_in(door, Role.OPERATOR), path, 404)

    assert page.one("h1").text == "Không tìm thấy trang này"


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("E01: không có giấy (lần nạp 3) (nhóm 2)", "Không có giấy"),
        ("tin trùng M-1: giá khác / another price", "Giá khác"),
        ("E11: rút đồng ý / consent withdrawn", "Rút đồng ý"),
    ],
)
def test_a_stored_reason_is_told_without_a_code(stored: str, told: str) -> None:
    found = why_words(stored, load_rules())

    assert found.vi == told
    assert not {"E01", "E11", "/", "lần nạp"} & set(found.en.split())


def test_a_reason_of_a_run_has_counts_and_names_in_both_languages() -> None:
    stored = (
        "3 thay đổi không thành / changes failed; tài khoản không chạy được / accounts"
        " did not work: a-1, a-2"
    )

    assert reason_words("") is None
    assert reason_words(stored) == Text(
        "3 thay đổi không thành; tài khoản không chạy được: a-1, a-2",
        "3 changes failed; accounts did not work: a-1, a-2",
    )
    assert reason_words("a-1: đang giữ / held") == Text("A-1: đang giữ", "A-1: held")


def begin_in(page: Page) -> None:
    page.goto("/runs")
    page.get_by_role("link", name="Đồng bộ ngay…").click()
    page.get_by_role("button", name="Chạy ngay").click()
    page.wait_for_url("**/runs/*")
    assert page.locator("h1").inner_text() == "Đồng bộ: Đang chờ đến lượt"


def see_it_go_on(page: Page) -> None:
    page.locator("#progress table").first.wait_for()  # it came by itself
    assert faults_of(page) == []
    assert not is_wider_than_the_window(page)


def see_it_end(page: Page) -> None:
    page.get_by_role("heading", name="Đồng bộ: Đã xong").wait_for()
    path = page.url
    for language, (width, height) in (("en", NARROW), ("vi", NARROW), ("vi", WIDE)):
        page.set_viewport_size({"width": width, "height": height})
        for each in (path, f"{path}/changes", "/runs", "/runs/start"):
            page.goto(f"{each}?lang={language}")
            assert not is_wider_than_the_window(page), (each, width)
            if language == "en":
                assert faults_of(page) == [], each


async def test_a_run_is_asked_for_followed_to_its_end_and_read_in_a_browser(
    chromium: Chromium, world: World
) -> None:
    await world.save(*(entry(n) for n in (1, 2, 3)))
    going, may_end = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        going.set()
        await may_end.wait()

    amid(world, "create", wait)
    async with (
        open_service(world.deployment) as service,
        chromium.visit(service.url, size=NARROW) as window,
    ):
        await service.sign_in(window)
        await window.do(begin_in)
        task = asyncio.ensure_future(work_in_steps(world))
        await going.wait()
        await window.do(see_it_go_on)
        may_end.set()
        await task
        await window.do(see_it_end)
    assert window.seen.complaints == []
