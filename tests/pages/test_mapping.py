"""The mapping of a marketplace as a page: seen, changed once changes were listed."""

from typing import Any

import pytest

from ocop_sync.service.decisions.mappings import adapter_in, mapping_of
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.pages.chromium import NARROW, Chromium
from tests.pages.open_service import OpenService
from tests.pages.parsed import Element
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_runs import rows_of
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry, listed

HERE = "/marketplaces/memory/mapping"
WHY = {"reason": "Sàn đổi ngành hàng"}


def fields_on(page: Element) -> dict[str, str]:
    """Return what the fields of the form hold."""
    found = {
        each.attributes["name"]: each.attributes["value"]
        for each in page.one("form").all("input")
    }
    for each in page.one("form").all("select"):
        chosen = each.one("option", selected="*")
        found[each.attributes["name"]] = chosen.attributes["value"]
    return found


async def send(browser: Browser, page: Element, **typed: str) -> Any:
    return await browser.post(HERE, fields_on(page) | WHY | typed, **HTML)


async def mapping(world: World) -> Any:
    adapter = adapter_in(world.deployment, "memory")
    return (await mapping_of(world.database, "memory", adapter)).mapping


async def acts(world: World) -> list[tuple[str, Any]]:
    found = [(kind, refs) for kind, _, refs in await acts_of(world.database)]
    return [each for each in found if each[0].endswith("_mapping")]


async def test_staff_see_the_mapping_and_change_nothing(
    door: Door, world: World
) -> None:
    page = await look(await signed_in(door, Role.OPERATOR), HERE)

    assert "Bảng kèm theo phần mềm" in page.text
    assert page.all("form") == []
    assert len(rows_of(page, 0)) == 26 + 1
    category = (await mapping(world)).categories["I.1.a"]
    assert rows_of(page, 0)[0].endswith(category)


async def test_what_becomes_another_is_listed_before_it_is_saved(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    page = await look(browser, HERE)
    before = await mapping(world)
    new: dict[str, str] = {
        "set-I.1.a": "",
        "set-VI": "du-lich",
        "title-max_length": "90",
    }

    listed = await page_of(await send(browser, page, **new))
    assert await mapping(world) == before
    other = await page_of(await send(browser, listed, **{"set-VI": "khac"}))
    assert await mapping(world) == before  # not what was listed
    done = await send(browser, other)
    after = await look(browser, done.headers["Location"])

    rows = rows_of(listed)
    assert len(rows) == 3
    assert any(each.endswith("không có") for each in rows)
    assert any(each.endswith(" 90") for each in rows)
    assert listed.one("button").text == "Lưu"
    assert any(each.endswith("khac") for each in rows_of(other))
    assert "dùng từ lần chạy tới" in after.one("div", role="status").text
    assert "Ng. Mẫu admin đặt lúc" in after.text
    now = await mapping(world)
    assert (now.title.max_length, now.categories["VI"]) == (90, "khac")
    assert "I.1.a" not in now.categories
    assert await acts(world) == [("set_mapping", {"marketplace": "memory"})]


async def test_products_that_can_be_listed_no_more_are_told_before_it_is_saved(
    door: Door, world: World
) -> None:
    await listed(world, 2)
    browser = await signed_in(door, Role.ADMIN)
    page = await look(browser, HERE)
    before = await mapping(world)
    bare = {name: "" for name in fields_on(page) if name.startswith("set-")}

    told = await page_of(await send(browser, page, **bare))
    await world.save(entry(3))
    more = await page_of(await send(browser, told))
    still = await mapping(world)
    done = await send(browser, more)

    assert products_told(told).startswith("2 sản phẩm không đăng được nữa")
    assert "2 tin đang bán giữ nguyên" in told.one("div", class_="is-wrong").text
    assert told.one("button", class_="is-wrong").text.startswith("Lưu, dù")
    assert products_told(more).startswith("3 sản phẩm không đăng được nữa")
    assert (still, done.headers["Location"]) == (before, f"{HERE}?done=set")
    assert (await mapping(world)).categories == {}


def products_told(page: Element) -> str:
    """Return what the page says of the products that a mapping takes."""
    return page.one("div", class_="is-wrong").all("li")[0].text


async def test_what_is_the_same_saves_nothing(door: Door, world: World) -> None:
    browser = await signed_in(door, Role.ADMIN)

    answer = await send(browser, await look(browser, HERE))

    assert answer.headers["Location"] == f"{HERE}?done=same"
    assert await acts(world) == []


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("set-I.1.a", "x" * 65, "Ghi mã ngành hàng"),
        ("title-max_length", "0", "Ghi một số nguyên, từ 1"),
        ("pictures-max_count", "101", "đến 100."),
        ("mapping_version", "hai", "Ghi một số nguyên"),
        ("reason", " ", "Ghi lý do"),
    ],
)
async def test_a_faulty_form_saves_nothing_and_says_it_at_the_field(
    door: Door, world: World, name: str, typed: str, told: str
) -> None:
    browser = await signed_in(door, Role.ADMIN)

    answer = await send(browser, await look(browser, HERE), **{name: typed})

    page = await page_of(answer, 422)
    link = page.one("div", class_="errors").one("a")
    assert link.attributes["href"] == f"#{name}"
    assert told in link.text
    assert page.one("input", name=name).attributes["value"] == typed
    assert await acts(world) == []


async def test_the_second_person_saves_nothing_and_sees_what_holds_now(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    page = await look(browser, HERE)
    first = await page_of(await send(browser, page, **{"title-max_length": "90"}))
    second = await page_of(await send(browser, page, **{"title-max_length": "80"}))
    await send(browser, first)
    await look(browser, HERE)

    late = await page_of(await send(browser, second), 409)

    assert (
        "người khác đã đổi trước" in late.one("div", role="alert", class_="notice").text
    )
    assert late.one("input", name="title-max_length").attributes["value"] == "90"
    assert len(await acts(world)) == 1


async def test_the_mapping_reads_well_in_a_browser(
    chromium: Chromium, service: OpenService
) -> None:
    async with chromium.visit(service.url, size=NARROW) as window:
        await service.sign_in(window, Role.ADMIN)
        await window.do(lambda page: page.goto(f"{HERE}?lang=en"))
        assert await window.do(faults_of) == []
        assert not await window.do(is_wider_than_the_window)
    assert window.seen.complaints == []
