"""Policies as pages: in force with their source, set with what follows said first."""

from typing import Any

import pytest
from playwright.sync_api import Page

from ocop_sync.service.decisions.policies import policies_at
from ocop_sync.service.decisions.policy_scope import scope_of
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import OpenService
from tests.pages.parsed import Element
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_plans import send
from tests.pages.test_runs import rows_of
from tests.pages.visits import look, page_of, signed_in
from tests.world import World, listed

HERE = "/marketplaces/memory/policies"
ACCOUNT = "/accounts/memory/policies"


async def set_(browser: Browser, path: str, page: Element, **typed: str) -> Any:
    return await send(browser, path, page, **{"reason": "Họp ngày 12/11", **typed})


async def value_of(world: World, name: str, account: str = "") -> object:
    scope = scope_of(world.deployment, "memory", account)
    found = (await policies_at(world.deployment, scope)).policies
    return next(each.value for each in found if each.name == name)


async def acts(world: World) -> list[str]:
    found = [kind for kind, _, _ in await acts_of(world.database)]
    return [each for each in found if each.endswith("_policy")]


async def test_staff_see_what_holds_and_where_it_comes_from_and_set_nothing(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, HERE)
    of_account = await look(browser, ACCOUNT)

    rows = rows_of(page)
    assert len(rows) == 10
    assert "Người khác sửa giá trên sàn Hỏi người (mặc định)" in rows
    assert any("10 % (mặc định)" in each for each in rows)
    assert any("24 (mặc định)" in each for each in rows)
    assert len(rows_of(of_account)) == 4  # the budget is the marketplace's
    assert page.all("form") == of_account.all("form") == []


async def test_what_protects_more_is_set_and_let_go_of_again_with_a_reason(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    page = await look(browser, HERE)

    answer = await set_(browser, HERE, page, **{"safety-share": "2,5"})
    set_page = await look(browser, answer.headers["Location"])
    same = await set_(browser, HERE, set_page)
    assert await value_of(world, "safety.share") == 0.025
    await look(browser, HERE)
    held = await set_(browser, HERE, set_page, **{"safety-share": ""})
    again = await page_of(held, 409)
    await set_(browser, HERE, again, **{"safety-share": ""})

    assert answer.headers["Location"] == f"{HERE}?done=set"
    assert "dùng từ lần chạy tới" in set_page.one("div", role="status").text
    assert "Ng. Mẫu admin: “Họp ngày 12/11”" in set_page.text
    own = set_page.one("input", name="safety-share").attributes["value"]
    assert own == "2,5"
    assert same.headers["Location"] == f"{HERE}?done=same"
    assert (
        "không hỏi ai vẫn gỡ được"
        in again.one("div", role="alert", class_="notice").text
    )
    assert await value_of(world, "safety.share") == 0.1
    assert await acts(world) == ["set_policy", "reset_policy"]


async def test_what_protects_less_is_told_first_and_set_by_a_second_press(
    door: Door, world: World
) -> None:
    await listed(world, 1)
    browser = await signed_in(door, Role.ADMIN)
    page = await look(browser, ACCOUNT)

    first = await set_(browser, ACCOUNT, page, **{"drift-content": "repair"})
    told = await page_of(first, 409)
    assert await acts(world) == []
    done = await set_(browser, ACCOUNT, told, **{"drift-content": "repair"})

    (effect,) = told.one("div", role="alert", class_="notice").all("li")
    assert effect.text.startswith("memory: tên, mô tả, ảnh, quy cách người khác sửa")
    assert told.one("button", class_="is-wrong").text == "Đổi, dù bảo vệ kém hơn"
    chosen = told.one("select", name="drift-content").one("option", selected="*")
    assert chosen.attributes["value"] == "repair"
    assert told.one("input", name="reason").attributes["value"] == "Họp ngày 12/11"
    assert done.status == 303
    assert await value_of(world, "drift.content", "memory") == "repair"
    assert await value_of(world, "drift.content") == "ask"


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("safety-share", "nhiều", "Ghi phần trăm"),
        ("safety-share", "101", "Ghi phần trăm"),
        ("safety-window_h", "0", "Ghi số giờ"),
        ("safety-min_changes", "2,5", "Ghi số sản phẩm"),
        ("safety-known_end_days", "-1", "Ghi số ngày"),
        ("drift-price", "x", "Chọn một mục"),
        ("reason", " ", "Ghi lý do"),
    ],
)
async def test_a_faulty_form_sets_nothing_and_says_it_at_the_field(
    door: Door, world: World, name: str, typed: str, told: str
) -> None:
    browser = await signed_in(door, Role.ADMIN)

    answer = await set_(browser, HERE, await look(browser, HERE), **{name: typed})

    link = (await page_of(answer, 422)).one("div", class_="errors").one("a")
    assert link.attributes["href"] == f"#{name}"
    assert told in link.text
    assert await acts(world) == []


async def test_the_second_person_sets_nothing_and_sees_what_holds_now(
    door: Door, world: World
) -> None:
    browser = await signed_in(door, Role.ADMIN)
    first, second = await look(browser, HERE), await look(browser, HERE)
    await set_(browser, HERE, first, **{"safety-share": "5"})
    await look(browser, HERE)

    late = await page_of(
        await set_(browser, HERE, second, **{"safety-share": "1"}), 409
    )

    assert (
        "người khác đã đổi trước" in late.one("div", role="alert", class_="notice").text
    )
    assert late.one("input", name="safety-share").attributes["value"] == "5"
    assert await acts(world) == ["set_policy"]


async def test_where_there_is_no_marketplace_or_account_there_are_no_policies(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    for path in ("/marketplaces/xa/policies", "/accounts/xa/policies"):
        await look(browser, path, 404)


async def test_policies_read_well_in_a_browser(
    chromium: Chromium, service: OpenService
) -> None:
    def journey(page: Page) -> None:
        page.goto("/accounts/memory")
        page.get_by_role("link", name="Cách xử lý khi người khác sửa").click()
        page.get_by_label("Người khác sửa giá trên sàn").select_option("accept")
        page.get_by_label("Lý do").fill("Họp ngày 12/11")
        page.get_by_role("button", name="Lưu").click()
        page.get_by_role("button", name="Đổi, dù bảo vệ kém hơn").click()
        page.get_by_text("Đã lưu: dùng từ lần chạy tới.").wait_for()
        for language, (width, height) in (("en", NARROW), ("vi", NARROW), ("vi", WIDE)):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{HERE}?lang={language}")
            assert not is_wider_than_the_window(page), width
            if language == "en":
                assert faults_of(page) == []

    async with chromium.visit(service.url) as window:
        await service.sign_in(window, Role.ADMIN)
        await window.do(journey)
    assert [each for each in window.seen.complaints if "409" not in each] == []
