"""A held group as a page: seen with its members, decided by form, by one person."""

import pytest
from aiohttp import ClientResponse
from playwright.sync_api import Page

from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.api.test_decisions import hold_a_group
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import open_service
from tests.pages.parsed import Element
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World

GROUP = "/worklist/groups/1"


def form_on(page: Element, **typed: str) -> dict[str, str]:
    """Return the fields of the question of a page, with what is *typed*."""
    inputs = page.one("section", class_="question").one("form").all("input")
    found = {each.attributes["name"]: each.attributes["value"] for each in inputs}
    return found | typed


async def decide(browser: Browser, page: Element, **typed: str) -> ClientResponse:
    return await browser.post(GROUP, form_on(page, **typed), **HTML)


async def test_a_group_says_what_it_does_why_and_to_which_products(
    door: Door, world: World
) -> None:
    await hold_a_group(world)

    page = await look(await signed_in(door, Role.OPERATOR), GROUP)

    effect = "gỡ 8 tin khỏi Memory (mô phỏng)"
    assert page.one("h1").text == f"Chờ duyệt: {effect}"
    buttons = [each.text for each in page.one("div", class_="acts").all("button")]
    assert buttons == [f"Duyệt: {effect}", "Không duyệt, không gửi gì"]
    (members, changes) = page.all("table")
    assert len(members.one("tbody").all("tr")) == 8
    assert "Măng khô Mẫu 1" in members.text
    assert "Tin trên sàn (8) còn trên sàn bị gỡ" in changes.text


async def test_an_approved_group_says_who_why_and_what_comes_and_is_sent(
    door: Door, world: World
) -> None:
    await hold_a_group(world)
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, GROUP)

    answer = await decide(browser, page, answer="approve", reason="Đã kiểm tra")

    assert (answer.status, answer.headers["Location"]) == (303, GROUP)
    page = await look(browser, GROUP)
    assert page.one("h1").text.startswith("Đã duyệt: gỡ 8 tin")
    told = page.one("div", role="status").text
    assert told.startswith("Ng. Mẫu operator đã quyết định lúc ")
    assert "Lý do: “Đã kiểm tra”" in told
    acts = [kind for kind, _, _ in await acts_of(world.database)]
    assert acts[-1] == "approve_group"
    await world.sync()
    assert world.written() == ["withdraw"] * 8
    over = await browser.get(GROUP, **HTML)
    assert over.headers["Location"] == "/worklist?over=group"
    assert "Nhóm đó không còn chờ" in (await look(browser, "/worklist?over=group")).text


async def test_a_refused_group_is_not_sent(door: Door, world: World) -> None:
    await hold_a_group(world)
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, GROUP)

    await decide(browser, page, answer="refuse", reason="Chờ cơ sở nộp giấy")
    await world.sync()

    assert "withdraw" not in world.written()
    assert (await look(browser, GROUP)).one("h1").text.startswith("Không duyệt: ")


@pytest.mark.parametrize("answer", ["approve", "refuse"])
async def test_the_second_person_at_a_group_decides_nothing_and_sees_who_was_first(
    door: Door, world: World, answer: str
) -> None:
    await hold_a_group(world)
    first = await signed_in(door, Role.ADMIN)
    second = await signed_in(door, Role.OPERATOR)
    seen = await look(second, GROUP)
    page = await look(first, GROUP)
    await decide(first, page, answer="approve", reason="Đã kiểm tra")

    late = await page_of(
        await decide(second, seen, answer=answer, reason="Chưa rõ"), 409
    )

    told = late.one("div", role="alert", class_="notice").text
    assert "người khác đã quyết định trước. Ng. Mẫu admin" in told
    assert late.one("h1").text.startswith("Đã duyệt: ")
    kinds = [kind for kind, _, _ in await acts_of(world.database)]
    assert kinds.count("approve_group") == 1
    assert "refuse_group" not in kinds


async def test_a_group_that_has_changed_is_looked_at_again(
    door: Door, world: World
) -> None:
    await hold_a_group(world)
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, GROUP)

    answer = await decide(
        browser, page, answer="refuse", reason="Chưa rõ", checksum="abc0"
    )

    told = (await page_of(answer, 409)).one("div", role="alert", class_="notice").text
    assert "nhóm đã thay đổi từ lúc bạn xem" in told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"answer": "approve", "reason": "  "}, "Ghi lý do"),
        ({"answer": "approve", "reason": "a" * 1001}, "Rút ngắn lý do"),
        ({"answer": "", "reason": "Đã kiểm tra"}, "Bấm một"),
    ],
)
async def test_a_faulty_form_decides_nothing_and_keeps_what_was_typed(
    door: Door, world: World, typed: dict[str, str], told: str
) -> None:
    await hold_a_group(world)
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, GROUP)

    shown = await page_of(await decide(browser, page, **typed), 422)

    assert told in shown.one("div", class_="errors").text
    field = shown.one("input", name="reason")
    assert field.attributes["value"] == typed["reason"]
    assert shown.one("h1").text.startswith("Chờ duyệt: ")


async def test_a_group_is_found_seen_and_refused_in_a_browser_without_a_script(
    chromium: Chromium, world: World
) -> None:
    await hold_a_group(world)

    def journey(page: Page) -> None:
        page.goto("/worklist?kind=group_held")
        page.get_by_role("link", name="Xem rồi quyết định").click()
        page.wait_for_url(f"**{GROUP}")
        for width, height in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": height})
            assert not is_wider_than_the_window(page), width
        page.get_by_label("Lý do").fill("Chờ cơ sở nộp giấy")
        page.get_by_role("button", name="Không duyệt").click()
        page.get_by_role("status").wait_for()
        assert page.locator("h1").inner_text().startswith("Không duyệt: ")

    def examined(page: Page) -> None:
        for width, height in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": height})
            for path in (GROUP, "/worklist"):
                page.goto(path)
                assert faults_of(page) == [], (path, width)

    async with open_service(world.deployment) as service:
        async with chromium.visit(service.url) as window:
            await service.sign_in(window)
            await window.do(examined)
        async with chromium.visit(service.url, java_script_enabled=False) as window:
            await service.sign_in(window)
            await window.do(journey)
        assert window.seen.complaints == []
