"""Two listings of one product as a page: one is kept, and the second person is told."""

import pytest

from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Door
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry


@pytest.fixture
async def doubled(world: World) -> World:
    """One product, whose create was made twice; the run has seen it."""
    world.market.deliver_twice()
    await world.save(entry(1))
    await world.sync()
    world.market._delivers_twice = False
    return world


def form_on(page: Element, **typed: str) -> dict[str, str]:
    inputs = page.one("section", class_="question").one("form").all("input")
    found = {each.attributes["name"]: each.attributes["value"] for each in inputs}
    return found | typed


async def test_the_one_that_is_chosen_stays_and_the_second_person_is_told(
    doubled: World, door: Door
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    (row,) = (await look(browser, "/worklist")).all("li", class_="task")
    assert row.one("h2").text.endswith("có hai tin của ta ở Memory (mô phỏng)")
    path = row.one("a").attributes["href"]
    page = await look(browser, path)
    buttons = page.one("section", class_="question").all("button")
    refs = [each.attributes["value"] for each in buttons]
    assert [each.text for each in buttons] == [
        f"Giữ tin {ref}, gỡ 1 tin còn lại khỏi Memory (mô phỏng)" for ref in refs
    ]
    sent = form_on(page, answer=refs[1], reason="Tin có đánh giá")

    faulty = await browser.post(path, {**sent, "reason": ""}, **HTML)
    no_answer = await browser.post(path, {**sent, "answer": "M9"}, **HTML)
    done = await browser.post(path, {**sent}, **HTML)
    shown = (await look(browser, path)).one("div", role="status").text
    second = await browser.post(path, {**sent, "answer": refs[0]}, **HTML)

    assert "Ghi lý do" in (await page_of(faulty, 422)).text
    assert "Bấm một trong các nút" in (await page_of(no_answer, 422)).text
    assert (done.status, done.headers["Location"]) == (303, path)
    told = (await page_of(second, 409)).one("div", class_="is-wrong").text
    assert "Người khác đã quyết định trước" in told
    for each in (shown, told):
        assert f"Ng. Mẫu operator đã chọn giữ tin {refs[1]}" in each
    acts = [kind for kind, _, _ in await acts_of(doubled.database)]
    assert acts.count("keep_listing") == 1
    assert (await look(browser, "/worklist")).all("li", class_="task") == []
    doubled.time.pass_(minutes=7)
    await doubled.sync(follow_s=0)
    live = [
        each.ref
        for each in doubled.market.shelf.of("SP-00001")
        if each.state is RemoteState.LIVE
    ]
    assert live == [refs[1]]
    over = (await browser.get(path, **HTML)).headers["Location"]
    gone = (await look(browser, over)).one("div", role="status").text
    assert gone.startswith("Sản phẩm đó chỉ còn một tin")


async def test_listings_that_have_changed_meanwhile_are_shown_again(
    doubled: World, door: Door
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    (row,) = (await look(browser, "/worklist")).all("li", class_="task")
    path = row.one("a").attributes["href"]
    sent = form_on(await look(browser, path), answer="M000001", reason="x")

    answer = await browser.post(path, {**sent, "seen": "0"}, **HTML)

    told = (await page_of(answer, 409)).one("div", class_="is-wrong").text
    assert "Các tin trên sàn đã khác lúc bạn xem" in told
    acts = [kind for kind, _, _ in await acts_of(doubled.database)]
    assert "keep_listing" not in acts


@pytest.mark.usefixtures("doubled")
async def test_its_number_among_the_differences_leads_there(
    door: Door,
) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    answer = await browser.get("/worklist/drift/1", **HTML)

    assert answer.headers["Location"] == "/worklist/doubles/1"
