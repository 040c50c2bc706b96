"""A possible twin as a page: both side by side, taken over or told apart."""

from dataclasses import replace

import pytest

from ocop_sync.service.identity.role import Role
from ocop_sync.service.queries.twins import list_twins
from tests.acts import acts_of
from tests.api.doors import Door
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry, listed


@pytest.fixture
async def likely(world: World) -> World:
    """Have two listings there that may be the second product."""
    await listed(world, 1)
    shown = world.market.shelf.of("SP-00001")[0].shown
    for n in (2, 3):
        pack = replace(shown.variants[0], sku=f"TAY-{n}", gtin="")
        there = replace(shown, title=f"Măng khô Mẫu {n}", client_ref="", seller_ref="")
        made = replace(there, variants=(pack,))
        world.market.shelf.add(made, seller_name=f"Cơ sở Mẫu {n:03}")
    world.time.pass_(hours=25)
    await world.sync()
    await world.save(entry(2))
    await world.sync()
    return world


def form_on(page: Element, **typed: str) -> dict[str, str]:
    inputs = page.one("section", class_="question").one("form").all("input")
    found = {each.attributes["name"]: each.attributes["value"] for each in inputs}
    return found | typed


@pytest.mark.parametrize(
    ("answer", "state", "act"),
    [
        ("approve", "adopted", "adopt_listing"),
        ("refuse", "other", "tell_listing_apart"),
    ],
)
async def test_a_twin_is_seen_beside_ours_and_decided_once(
    likely: World, door: Door, answer: str, state: str, act: str
) -> None:
    world = likely
    browser = await signed_in(door, Role.OPERATOR)
    (row,) = (await look(browser, "/worklist?kind=twin")).all("li", class_="task")
    path = row.one("a").attributes["href"]
    page = await look(browser, path)
    sent = form_on(page, answer=answer, reason="Đã hỏi cơ sở")

    faulty = await browser.post(path, {**sent, "reason": ""}, **HTML)
    done = await browser.post(path, {**sent}, **HTML)
    told = (await look(browser, "/worklist?done=twin")).one("div", role="status").text
    again = await browser.post(path, {**sent}, **HTML)

    cells = [each.text for each in page.one("tbody").all("td")]
    assert cells == ["Măng khô Mẫu 2"] * 2 + ["Cơ sở Mẫu 002"] * 2
    assert "Ghi lý do" in (await page_of(faulty, 422)).text
    assert (done.status, done.headers["Location"]) == (303, "/worklist?done=twin")
    second = (await page_of(again, 409)).one("div", class_="is-wrong").text
    assert "người khác đã quyết định trước. Ng. Mẫu operator đã" in second
    states = [each.state for each in await list_twins(world.deployment, None)]
    assert state in states
    assert [kind for kind, _, _ in await acts_of(world.database)].count(act) == 1
    assert told.startswith("Quyết định đã được ghi")
    later = await look(browser, path)
    assert later.one("div", role="status").text.startswith("Ng. Mẫu operator đã")
    assert later.all("section", class_="question") == []
    gone = await browser.get("/worklist/twins/99", **HTML)
    assert gone.headers["Location"] == "/worklist?over=twin"
    over = (await look(browser, "/worklist?over=twin")).one("div", role="status").text
    assert over.startswith("Tin đó không còn chờ")
