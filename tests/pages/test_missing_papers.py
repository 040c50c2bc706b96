"""Missing papers as a page: by producer, each count as long as its list."""

import pytest

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.factories import NOT_SO, make_paper, make_producer
from tests.pages.parsed import Element
from tests.pages.visits import look, signed_in
from tests.world import World, entry

WITHOUT = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
PAGE = "/worklist/papers"


def rows_of(page: Element) -> list[list[str]]:
    return [
        [cell.text for cell in row.all("td")]
        for body in page.all("tbody")
        for row in body.all("tr")
    ]


async def lack_some(world: World) -> None:
    """Save a product that is well, and two that lack papers."""
    other, _ = entry(4)
    await world.save(
        entry(1),
        *((replace(p, papers=WITHOUT), maker) for p, maker in map(entry, (3, 2))),
        (replace(other, producer_id="CS-0002", papers=WITHOUT), entry(2)[1]),
    )


async def test_where_no_paper_is_missing_the_page_says_so(
    door: Door, world: World
) -> None:
    await world.save(entry(1))

    page = await look(await signed_in(door, Role.OPERATOR), PAGE)

    assert page.one("h1").text == "Không thiếu giấy tờ nào"
    assert page.all("table") == []


async def test_the_page_says_what_to_ask_of_whom_and_each_count_opens_its_list(
    door: Door, world: World
) -> None:
    await lack_some(world)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, PAGE)

    rows = rows_of(page)
    assert page.one("h1").text == f"{len(rows)} giấy tờ phải hỏi 2 cơ sở"
    asked = [row[0] for row in rows]
    assert asked == ["Cơ sở Mẫu 002 CS-0002"] * 4 + ["Cơ sở Mẫu 003 CS-0003"] * 2
    assert "an toàn thực phẩm" in " ".join(rows[0] + rows[1])
    links = page.one("p", class_="quiet").all("a")[:-1]
    assert sum(int(each.text) for each in links) == len(rows)
    for link in links:
        listed = rows_of(await look(browser, link.attributes["href"]))
        assert len(listed) == int(link.text)


async def test_the_pages_of_a_long_list_hold_all_of_it_once(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lack_some(world)
    browser = await signed_in(door, Role.OPERATOR)
    whole = rows_of(await look(browser, PAGE))
    monkeypatch.setattr("ocop_sync.pages.missing_papers._SIZE", 3)

    first = await look(browser, PAGE)
    (following,) = first.all("a", rel="next")
    second = await look(browser, following.attributes["href"])

    assert rows_of(first) + rows_of(second) == whole
    assert second.all("a", rel="next") == []


async def test_a_row_of_the_worklist_leads_to_the_papers(
    door: Door, world: World
) -> None:
    await lack_some(world)
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, "/worklist?kind=paper_blocks")

    (first, *_) = page.all("li", class_="task")
    assert first.one("a").attributes["href"] == PAGE


async def test_two_producers_of_one_name_are_asked_one_after_the_other(
    door: Door, world: World
) -> None:
    for n in (1, 2, 3, 4):
        of = f"CS-{2 - n % 2:04}"
        maker = make_producer(id=of, name="Cơ sở Mẫu")
        await world.save((entry(n, papers=WITHOUT, producer_id=of)[0], maker))

    page = await look(await signed_in(door, Role.OPERATOR), PAGE)

    asked = [row[0] for row in rows_of(page)]
    assert asked == sorted(asked)
    assert set(asked) == {"Cơ sở Mẫu CS-0001", "Cơ sở Mẫu CS-0002"}
    assert page.one("h1").text.endswith("phải hỏi 2 cơ sở")
