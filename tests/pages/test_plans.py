"""Plans as pages: made, read, approved or refused, carried out, by one person each."""

from typing import Any

import pytest
from playwright.sync_api import Page

from catalog.db import reader
from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.service.identity.role import Role
from ocop_sync.service.plan.kept_plans import LASTS, make_plan
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.factories import NOT_SO, make_paper, make_variant, person
from tests.pages.chromium import NARROW, WIDE, Chromium
from tests.pages.open_service import open_service
from tests.pages.parsed import Element
from tests.pages.test_browser import faults_of, is_wider_than_the_window
from tests.pages.test_runs import ask, rows_of, work
from tests.pages.visits import HTML, look, page_of, signed_in, token_on
from tests.world import World, entry, listed

PLANS = "/plans"
PLAN = "/plans/1"
APPROVAL, REFUSAL = f"{PLAN}/approval", f"{PLAN}/refusal"
WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def differ(world: World, *, takes: bool) -> None:
    """Have a price and a text to send, and, with *takes*, a withdrawal."""
    await listed(world, 4)
    async with world.database.read() as conn:
        product, _ = (await reader.get(conn, ["SP-00001"]))["SP-00001"]
    dearer = replace(product.variants[0], price_vnd=99_000)
    await world.change("SP-00001", variants=(dearer,))
    await world.change("SP-00003", description="Bản mới.")
    if takes:
        await world.change("SP-00002", papers=WITHOUT_PAPER)
    world.market.log.clear()


async def planned(world: World, *, takes: bool = False) -> None:
    await differ(world, takes=takes)
    assert await make_plan(world.deployment, by=person("Bà Mẫu")) == 1


async def send(browser: Browser, path: str, page: Element, **typed: str) -> Any:
    """Send the form of a page, with what stands hidden there and what is *typed*."""
    hidden = {
        each.attributes["name"]: each.attributes["value"]
        for each in page.all("input", type="hidden")
    }
    return await browser.post(path, hidden | typed, **HTML)


async def decided(browser: Browser, path: str, reason: str = "Đã xem") -> Any:
    return await send(browser, path, await look(browser, path), reason=reason)


async def acts(world: World) -> list[str]:
    return [kind for kind, _, _ in await acts_of(world.database)]


async def test_a_plan_is_made_and_says_what_it_takes_first_and_what_it_costs(
    door: Door, world: World
) -> None:
    await differ(world, takes=True)
    browser = await signed_in(door, Role.OPERATOR)
    empty = await look(browser, PLANS)

    answer = await send(browser, PLANS, empty, marketplace="memory")
    listed_ = await look(browser, PLANS)
    page = await look(browser, PLAN)

    assert "Chưa có kế hoạch nào" in empty.text
    assert "Không gửi gì lên sàn" in empty.text
    assert answer.headers["Location"] == PLAN
    assert world.written() == []
    assert listed_.one("h1").text == "1 kế hoạch chờ người duyệt"
    assert "Ng. Mẫu operator" in rows_of(listed_)[0]
    heading = "Kế hoạch số 1: 3 thay đổi, 1 lấy khỏi người mua"
    assert page.one("h1").text == heading
    costs, takes, others = (rows_of(page, n) for n in range(3))
    assert "gỡ 1 tin khỏi Memory (mô phỏng), sửa nội dung 1 tin" in costs[0]
    assert costs[0].endswith("3 1 chưa rõ hạn mức")
    (row,) = takes
    assert row.startswith("Gỡ khỏi sàn")
    assert "Không có giấy chứng nhận cơ sở đủ điều kiện an toàn thực phẩm" in row
    assert any("45.000 đ → 99.000 đ" in each for each in others)
    assert any("“Bản mới.”" in each for each in others)


async def test_what_takes_from_buyers_is_approved_on_a_page_of_its_own_with_its_list(
    door: Door, world: World
) -> None:
    await planned(world, takes=True)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, APPROVAL)
    faulty = await page_of(await send(browser, APPROVAL, page, reason=" "), 422)
    blind = await page_of(
        await send(browser, APPROVAL, page, reason="Đã xem", token=""), 409
    )
    assert "approve_plan" not in await acts(world)
    answer = await send(browser, APPROVAL, page, reason="Đã xem từng tin")

    effect = "gỡ 1 tin khỏi Memory (mô phỏng)"
    assert page.one("h1").text == f"Duyệt kế hoạch số 1, và {effect}?"
    assert len(rows_of(page)) == 1
    assert page.one("button", class_="is-wrong").text == f"Duyệt: {effect}"
    assert "Ghi lý do" in faulty.one("div", class_="errors").text
    assert "Chưa duyệt" in blind.one("div", class_="notice", role="alert").text
    assert blind.one("input", name="reason").attributes["value"] == "Đã xem"
    assert answer.headers["Location"] == PLAN
    shown = await look(browser, PLAN)
    told = "Ng. Mẫu operator đã duyệt lúc"
    assert told in shown.one("div", role="status").text
    assert "Lý do: “Đã xem từng tin”" in shown.text
    assert (await browser.get(APPROVAL, **HTML)).headers["Location"] == PLAN


@pytest.mark.parametrize("is_held", [False, True])
async def test_a_plan_without_changes_says_that_nothing_is_to_be_approved(
    door: Door, world: World, *, is_held: bool
) -> None:
    await listed(world, 2)
    unpriced = make_variant(sku="SP-00003-1", gtin="", price_vnd=None)
    if is_held:
        await world.save(entry(3, variants=(unpriced,)))
    await make_plan(world.deployment, by=person("Bà Mẫu"))
    browser = await signed_in(door, Role.OPERATOR)

    page, plans = await look(browser, PLAN), await look(browser, PLANS)

    assert "Không có gì để duyệt" in page.one("div", class_="answer").text
    assert ("Trên sàn đã đúng như danh mục" in page.text) is not is_held
    assert ("1 sản phẩm đang tạm giữ" in page.text) is is_held
    assert page.all("div", class_="acts") == []
    assert plans.one("h1").text == "Không có kế hoạch nào chờ duyệt"
    for path in (APPROVAL, REFUSAL):
        assert (await browser.get(path, **HTML)).headers["Location"] == PLAN


async def test_an_approved_plan_is_carried_out_and_says_what_came_of_each_change(
    door: Door, world: World
) -> None:
    await planned(world)
    browser = await signed_in(door, Role.OPERATOR)
    await decided(browser, APPROVAL)
    page = await look(browser, PLAN)

    answer = await send(browser, f"{PLAN}/run", page)
    running = await look(browser, PLAN)
    await world.change("SP-00003", description="Lại khác.")
    await work(world)
    done = await look(browser, PLAN)
    run = await look(browser, answer.headers["Location"])

    assert page.all("button")[0].text == "Gửi 2 thay đổi này"
    assert "Đang thực hiện" in running.text
    assert running.all("button") == []
    (rows,) = [rows_of(done, 1)]
    assert any(each.endswith("✓ Đã gửi") for each in rows)
    assert any("Không còn đúng, không gửi" in each for each in rows)
    assert world.written() == ["set_price"]
    assert run.one("a", href=PLAN).text == "kế hoạch số 1"


async def test_a_refused_plan_is_carried_out_by_nobody(
    door: Door, world: World
) -> None:
    await planned(world)
    browser = await signed_in(door, Role.OPERATOR)
    await decided(browser, APPROVAL)
    before = await look(browser, PLAN)

    answer = await decided(browser, REFUSAL, "Chờ cơ sở")
    await look(browser, PLANS)
    late = await page_of(await send(browser, f"{PLAN}/run", before), 409)

    assert answer.headers["Location"] == PLAN
    assert "Chưa làm gì" in late.one("div", role="alert", class_="notice").text
    assert "Ng. Mẫu operator không duyệt lúc" in late.text
    assert "carry_out_plan" not in await acts(world)
    assert late.all("button") == []


@pytest.mark.parametrize("path", [APPROVAL, REFUSAL])
async def test_the_second_person_at_a_plan_decides_nothing_and_sees_who_was_first(
    door: Door, world: World, path: str
) -> None:
    await planned(world)
    first = await signed_in(door, Role.ADMIN)
    second = await signed_in(door, Role.OPERATOR)
    seen = await look(second, path)
    await decided(first, REFUSAL, "Chờ cơ sở")

    late = await page_of(await send(second, path, seen, reason="Đã xem"), 409)

    told = late.one("div", role="alert", class_="notice").text
    assert "Ng. Mẫu admin không duyệt lúc" in told
    assert "Lý do: “Chờ cơ sở”" in told
    assert [e for e in await acts(world) if e.endswith("_plan")] == [
        "make_plan",
        "refuse_plan",
    ]


async def test_a_plan_is_not_begun_beside_a_run_and_names_that(
    door: Door, world: World
) -> None:
    await planned(world)
    browser = await signed_in(door, Role.OPERATOR)
    await decided(browser, APPROVAL)
    page, asked = await look(browser, PLAN), await ask(world)

    late = await page_of(await send(browser, f"{PLAN}/run", page), 409)

    notice = late.one("div", role="alert", class_="notice")
    assert notice.one("a").attributes["href"] == f"/runs/{asked.id}"


async def test_an_expired_plan_asks_for_a_new_one(door: Door, world: World) -> None:
    await planned(world)
    world.time.pass_(seconds=LASTS.total_seconds() + 1)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, PLAN)

    assert "Lập kế hoạch mới" in page.text
    assert page.all("a", href=APPROVAL) == []


async def test_a_faulty_form_makes_no_plan_and_one_that_is_not_there_is_not_found(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    answer = await send(browser, PLANS, await look(browser, PLANS), marketplace="xa")

    errors = (await page_of(answer, 422)).one("div", class_="errors")
    assert errors.one("a").attributes["href"] == "#marketplace"
    for path in (PLAN, APPROVAL, REFUSAL):
        await look(browser, path, 404)
        form = {"form_token": token_on(await look(browser, PLANS)), "reason": "Đã xem"}
        target = f"{PLAN}/run" if path == PLAN else path
        await page_of(await browser.post(target, form, **HTML), 404)


async def test_plans_and_their_changes_come_in_pages(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocop_sync.pages.plans._SIZE", 1)
    monkeypatch.setattr("ocop_sync.pages.plan._SIZE", 1)
    await planned(world, takes=True)
    by = person("Bà Mẫu")
    await make_plan(world.deployment, by=by)
    browser = await signed_in(door, Role.OPERATOR)

    first = await look(browser, PLANS)
    second = await look(browser, first.one("a", rel="next").attributes["href"])
    plan = await look(browser, PLAN)
    others = await look(browser, plan.one("a", rel="next").attributes["href"])

    assert "Số 2" in rows_of(first)[0]
    assert "Số 1" in rows_of(second)[0]
    assert second.all("a", rel="next") == []
    assert len(plan.all("table")) == 3
    assert rows_of(others)[0] != rows_of(plan)[0]
    assert others.all("a", rel="next") == []


async def test_a_plan_is_approved_and_begun_in_a_browser_without_a_script(
    chromium: Chromium, world: World
) -> None:
    await differ(world, takes=True)

    def decide(page: Page) -> None:
        page.goto("/runs")
        page.get_by_role("link", name="Kế hoạch: xem trước").click()
        page.get_by_role("button", name="Lập kế hoạch").click()
        page.wait_for_url(f"**{PLAN}")
        page.get_by_role("link", name="Duyệt…", exact=True).click()
        page.get_by_label("Lý do").fill("Đã xem từng tin")
        page.get_by_role("button", name="Duyệt: gỡ 1 tin").click()
        page.get_by_role("button", name="Gửi 3 thay đổi này").click()
        page.wait_for_url("**/runs/*")
        page.get_by_role("link", name="Xem lại ngay").click()
        page.get_by_role("heading", name="Thực hiện kế hoạch: Đang chờ").wait_for()

    def examine(page: Page) -> None:
        for language, (width, height) in (("en", NARROW), ("vi", NARROW), ("vi", WIDE)):
            page.set_viewport_size({"width": width, "height": height})
            for path in (PLANS, PLAN, "/plans/2", "/plans/2/approval"):
                page.goto(f"{path}?lang={language}")
                assert not is_wider_than_the_window(page), (path, width)
                if language == "en":
                    assert faults_of(page) == [], path

    async with open_service(world.deployment) as service:
        async with chromium.visit(
            service.url, size=NARROW, java_script_enabled=False
        ) as window:
            await service.sign_in(window)
            await window.do(decide)
        await make_plan(world.deployment, by=person("Bà Mẫu"))
        async with chromium.visit(service.url) as window:
            await service.sign_in(window)
            await window.do(examine)
    assert window.seen.complaints == []
