"""Refused listings as a page: in the marketplace's words, sent again with a reason."""

import pytest

from ocop_sync.marketplace.listing import Problem
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Door
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry

SAID = Problem(code="IMG", message="Ảnh nhỏ hơn 500", field="images")
BOTH = "/worklist/refused?marketplace=memory&product=SP-00003&product=SP-00004"


@pytest.fixture
async def refused(world: World) -> World:
    """Two products that the marketplace has refused."""
    await world.save(entry(3), entry(4))
    await world.sync()
    for product in ("SP-00003", "SP-00004"):
        (found,) = world.market.shelf.of(product)
        world.market.shelf.refuse(found.ref, SAID)
    await world.sync()
    return world


def form_on(page: Element, **typed: str) -> dict[str, str]:
    inputs = page.one("section", class_="question").one("form").all("input")
    found = {each.attributes["name"]: each.attributes["value"] for each in inputs}
    return found | typed


async def test_several_are_chosen_at_one_marketplace_and_sent_again(
    refused: World, door: Door
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    kind = "/worklist?kind=listing_refused"
    anywhere = await look(browser, kind)
    page = await look(browser, f"{kind}&marketplace=memory")
    boxes = [each.attributes["value"] for each in page.all("input", name="product")]
    chosen = await look(browser, BOTH)
    sent = form_on(chosen, answer="again", reason="Ảnh đã đủ lớn")

    faulty = await browser.post(BOTH, {**sent, "reason": ""}, **HTML)
    done = await browser.post(BOTH, sent, **HTML)

    assert anywhere.all("input", name="product") == []
    (first, _) = anywhere.all("li", class_="task")
    assert first.one("a").attributes["href"] == BOTH.partition("&product=SP-00004")[0]
    assert boxes == ["SP-00003", "SP-00004"]
    assert page.one("form", id="refused").attributes["action"] == "/worklist/refused"
    assert chosen.one("h1").text == "Memory (mô phỏng) từ chối 2 sản phẩm"
    assert "“Ảnh nhỏ hơn 500”" in chosen.one("tbody").text
    assert "IMG" not in chosen.text
    (button,) = chosen.one("div", class_="acts").all("button")
    assert button.text == "Gửi lại 2 sản phẩm tới Memory (mô phỏng)"
    assert "Ghi lý do" in (await page_of(faulty, 422)).text
    assert done.headers["Location"] == "/worklist?done=refused"
    told = (await look(browser, "/worklist?done=refused")).one("div", role="status")
    assert told.text.startswith("Quyết định đã được ghi")
    acts = await acts_of(refused.database)
    asked = [subjects for kind, subjects, _ in acts if kind == "retry"]
    assert asked == [["SP-00003", "SP-00004"]]


@pytest.mark.usefixtures("refused")
async def test_what_is_refused_no_longer_leads_to_the_worklist(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    for place in ("memory", "nowhere"):
        path = f"/worklist/refused?marketplace={place}&product=SP-00001"
        answer = await browser.get(path, **HTML)
        assert answer.headers["Location"] == "/worklist?over=refused"

    over = (await look(browser, "/worklist?over=refused")).one("div", role="status")
    assert over.text.startswith("Sàn không còn từ chối sản phẩm đó")
