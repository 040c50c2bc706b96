"""Several held groups as a page: chosen on the worklist, decided with one reason."""

import pytest

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.service.decisions.approvals import refuse
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.factories import NOT_SO, make_paper, person
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.properties.province import UNSAFE
from tests.world import World, entry, listed

UNDECLARED = (
    make_paper(PaperKind.FOOD_SAFETY),
    make_paper(PaperKind.DECLARATION, NOT_SO),
)
BOTH = "/worklist/groups?group=1&group=2"


@pytest.fixture
async def two_groups(world: World) -> World:
    """Have two groups of seven withdrawals each wait, for two reasons."""
    await listed(world, 16)
    for first, papers in ((3, UNSAFE), (10, UNDECLARED)):
        found = (entry(n) for n in range(first, first + 7))
        await world.save(*((replace(p, papers=papers), maker) for p, maker in found))
    await world.sync()
    return world


def form_on(page: Element, **typed: str) -> dict[str, str]:
    inputs = page.one("section", class_="question").one("form").all("input")
    found = {each.attributes["name"]: each.attributes["value"] for each in inputs}
    return found | typed


async def decided(world: World) -> list[str]:
    acts = [kind for kind, _, _ in await acts_of(world.database)]
    return [each for each in acts if each.endswith("_group")]


async def chosen(browser: Browser) -> str:
    """Return where the form of the worklist leads with every group chosen."""
    page = await look(browser, "/worklist")
    numbers = [each.attributes["value"] for each in page.all("input", name="group")]
    action = page.one("form", id="groups").attributes["action"]
    return f"{action}?{'&'.join(f'group={each}' for each in numbers)}"


async def test_groups_are_chosen_on_the_worklist_and_approved_with_one_reason(
    two_groups: World, door: Door
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    address = await chosen(browser)
    page = await look(browser, address)
    sent = form_on(page, answer="approve", reason="Đã kiểm tra")

    faulty = await browser.post(address, {**sent, "reason": ""}, **HTML)
    done = await browser.post(address, sent, **HTML)

    assert address == BOTH
    effect = "gỡ 14 tin khỏi Memory (mô phỏng)"
    assert page.one("h1").text == f"2 nhóm chờ duyệt: {effect}"
    buttons = [each.text for each in page.one("div", class_="acts").all("button")]
    assert buttons == [
        f"Duyệt 2 nhóm: {effect}",
        "Không duyệt 2 nhóm, không gửi gì",
    ]
    assert "Ghi lý do" in (await page_of(faulty, 422)).text
    assert done.headers["Location"] == "/worklist?done=groups"
    told = (await look(browser, "/worklist?done=groups")).one("div", role="status")
    assert told.text.startswith("Quyết định đã được ghi")
    assert await decided(two_groups) == ["approve_group"] * 2
    await two_groups.sync()
    assert two_groups.written() == ["withdraw"] * 14


async def test_a_group_that_somebody_else_has_decided_is_left_alone_and_named(
    two_groups: World, door: Door
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    sent = form_on(await look(browser, BOTH), answer="approve", reason="Đã xem")
    by = person("Ng. Văn B")
    await refuse(two_groups.deployment, 1, by=by, reason="Chưa chắc")

    answer = await browser.post(BOTH, sent, **HTML)

    page = await page_of(answer, 409)
    told = page.one("div", class_="is-wrong").text
    assert "Đã ghi quyết định cho 1 nhóm." in told
    assert "Chưa ghi cho 1 nhóm: người khác đã quyết định trước." in told
    assert "Ng. Văn B đã không duyệt lúc" in page.one("tbody").text
    assert await decided(two_groups) == ["refuse_group", "approve_group"]
    assert page.all("section", class_="question") == []


async def test_a_group_that_has_changed_meanwhile_is_shown_again(
    two_groups: World, door: Door
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    sent = form_on(await look(browser, BOTH), answer="refuse", reason="Chưa chắc")
    await two_groups.change("SP-00003", papers=entry(1)[0].papers)
    await two_groups.sync()

    answer = await browser.post(BOTH, sent, **HTML)

    page = await page_of(answer, 409)
    told = page.one("div", class_="is-wrong").text
    assert "nhóm đã thay đổi từ lúc bạn xem" in told
    assert page.one("h1").text == "1 nhóm chờ duyệt: gỡ 6 tin khỏi Memory (mô phỏng)"
    assert await decided(two_groups) == ["refuse_group"]


@pytest.mark.usefixtures("two_groups")
async def test_groups_that_are_not_there_lead_to_the_worklist(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    gone = await browser.get("/worklist/groups?group=99", **HTML)
    none = await browser.get("/worklist/groups", **HTML)

    assert gone.headers["Location"] == "/worklist?over=group"
    assert none.headers["Location"] == "/worklist"
