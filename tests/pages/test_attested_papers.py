"""Papers of many products attested by a page: chosen, told, and entered once."""

import pytest

from catalog.commands.paper_entry import PaperAct, PaperEntry
from catalog.commands.papers import PaperSubjects
from catalog.db.reader import get
from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.service.department.papers import enter
from ocop_sync.service.identity.role import Role
from ocop_sync.service.producer.changes import Doing
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.factories import make_paper, person
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry

DECLARED = (make_paper(PaperKind.DECLARATION),)
PAPERS = "/worklist/papers"
KIND = PaperKind.FOOD_SAFETY.value


@pytest.fixture
async def unknown(world: World) -> World:
    """Two products of which nobody knows whether they are safe food."""
    await world.save(*(entry(n, papers=DECLARED) for n in (3, 4)))
    return world


async def chosen(browser: Browser) -> str:
    """Return where the form of the list leads with all of its page chosen."""
    page = await look(browser, f"{PAPERS}?paper={KIND}&chosen=page")
    boxes = page.all("input", type="checkbox")
    assert all("checked" in each.attributes for each in boxes)
    form = page.one("form", id="chosen")
    picked = "&".join(f"product={each.attributes['value']}" for each in boxes)
    return f"{form.attributes['action']}?paper={KIND}&{picked}"


def form_on(page: Element, **typed: str) -> dict[str, str]:
    forms = [each for each in page.all("form") if each.all("input", name="seen")]
    inputs = forms[0].all("input")
    found = {each.attributes["name"]: each.attributes["value"] for each in inputs}
    return found | typed


async def held(world: World, product: str) -> Fact:
    found = await world.database.fetch(get, [product])
    papers = {each.kind: each for each in found[product][0].papers}
    kind = PaperKind.FOOD_SAFETY
    return papers[kind].held.value if kind in papers else Fact.UNKNOWN


@pytest.mark.usefixtures("unknown")
async def test_only_papers_of_one_kind_can_be_chosen_and_each_count_opens_its_list(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, PAPERS)

    assert page.all("input", type="checkbox") == []
    (link,) = page.one("ul", class_="legend").all("a")
    listed = await look(browser, link.attributes["href"])
    boxes = listed.all("input", type="checkbox")
    assert [each.attributes["value"] for each in boxes] == ["SP-00003", "SP-00004"]
    assert int(link.text) == len(boxes)
    assert not any("checked" in each.attributes for each in boxes)
    of_one = await look(browser, f"{PAPERS}?producer=CS-0004")
    assert "SP-00003" not in of_one.one("tbody").text


async def test_the_paper_of_all_that_are_chosen_is_entered_with_a_reason(
    unknown: World, door: Door
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    address = await chosen(browser)

    page = await look(browser, address)
    sent = form_on(page, answer="yes", reason="Đã xem bản gốc", expires_on="1/2/2030")
    faulty = await browser.post(address, {**sent, "expires_on": "mai"}, **HTML)
    nameless = await browser.post(address, {**sent, "reason": ""}, **HTML)
    before = await held(unknown, "SP-00003")
    done = await browser.post(address, sent, **HTML)

    assert page.one("h1").text.endswith("của 2 sản phẩm")
    assert "SP-00003" in page.one("tbody").text
    assert "chưa ai xác nhận" in page.one("tbody").text
    assert "Ghi ngày như 05/12/2026" in (await page_of(faulty, 422)).text
    assert "Ghi lý do" in (await page_of(nameless, 422)).text
    assert before is Fact.UNKNOWN
    assert (done.status, done.headers["Location"]) == (303, f"{PAPERS}?done=2")
    told = (await look(browser, f"{PAPERS}?done=2")).one("div", role="status").text
    assert told.startswith("Đã ghi giấy của 2 sản phẩm")
    for product in ("SP-00003", "SP-00004"):
        assert await held(unknown, product) is Fact.YES
    acts = [
        each for each in await acts_of(unknown.database) if each[0] == "attest_paper"
    ]
    assert [subjects for _, subjects, _ in acts] == [["SP-00003", "SP-00004"]]


@pytest.mark.parametrize("said_last", ["yes", "no"])
async def test_the_second_person_attests_nothing_and_sees_who_was_first(
    unknown: World, door: Door, said_last: str
) -> None:
    # "no" would be held in any case, as it takes from buyers; "yes" would be entered.
    browser = await signed_in(door, Role.OPERATOR)
    address = await chosen(browser)
    sent = form_on(await look(browser, address), answer=said_last, reason="Đã hỏi")
    said = PaperEntry(act=PaperAct.ATTEST, kind=PaperKind.FOOD_SAFETY)
    await enter(
        unknown.database,
        said,
        PaperSubjects(products=["SP-00003"]),
        Doing(by=person("Ng. Văn B"), reach=WHOLE_CATALOG),
        rules=unknown.deployment.rules,
        clock=unknown.deployment.clock,
    )

    answer = await browser.post(address, sent, **HTML)

    page = await page_of(answer, 409)
    told = page.one("div", class_="is-wrong").text
    assert "Chưa ghi gì: có người vừa đổi giấy tờ" in told
    assert "có (Ng. Văn B xem ngày" in page.one("tbody").text
    assert await held(unknown, "SP-00003") is Fact.YES
    assert await held(unknown, "SP-00004") is Fact.UNKNOWN


async def test_what_is_taken_off_sale_is_told_before_it_is_done(
    unknown: World, door: Door
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    address = await chosen(browser)
    page = await look(browser, address)
    sent = form_on(page, answer="no", reason="Cơ sở không có")

    asked = await page_of(await browser.post(address, sent, **HTML), 409)
    before = await held(unknown, "SP-00003")
    again = form_on(asked, answer="no", reason="Cơ sở không có")
    done = await browser.post(address, again, **HTML)

    assert "2 sản phẩm thôi được bán" in asked.one("div", class_="is-wrong").text
    (button,) = [b for b in asked.all("button") if b.attributes.get("name") == "answer"]
    assert button.text == "Vẫn ghi, 2 sản phẩm thôi được bán"
    assert button.attributes["value"] == "no"
    assert before is Fact.UNKNOWN
    assert done.status == 303
    assert await held(unknown, "SP-00004") is Fact.NO


@pytest.mark.usefixtures("unknown")
async def test_where_nothing_is_chosen_the_list_is_shown_again(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    address = f"{PAPERS}/attest?paper={KIND}"

    nothing = await browser.get(address, **HTML)
    unheard = await browser.get(f"{address}&product=SP-09999", **HTML)

    assert (nothing.status, nothing.headers["Location"]) == (303, PAPERS)
    assert unheard.status == 404
