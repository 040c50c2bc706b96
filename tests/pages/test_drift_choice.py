"""A difference at a marketplace as a page: both versions, one chosen by one person."""

from datetime import date
from typing import Any

import pytest
from aiohttp import ClientResponse

from catalog.eligibility import Text
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.pages.drift_choice import differences_of
from ocop_sync.pages.listing_words import Shown
from ocop_sync.service.identity.role import Role
from ocop_sync.service.queries.drift import NamedDrift
from ocop_sync.store.decisions.drift import DriftEntry
from tests.acts import acts_of
from tests.api.doors import Browser, Door
from tests.factories import AT
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, listed

DRIFT = "/worklist/drift/1"


async def edited(world: World, **fields: Any) -> None:
    """Have somebody edit a listing, so that a person is asked."""
    await listed(world, 1)
    (found,) = world.market.shelf.of("SP-00001")
    world.market.shelf.edit(found.ref, **fields or {"title": "Người khác sửa"})
    world.time.pass_(hours=25)
    await world.sync()


@pytest.mark.parametrize(
    ("field", "ours", "there", "told"),
    [
        ("price", {"A": 85000}, {"A": 58000}, [("Giá của A", 85000, 58000)]),
        ("stock", {"A": 3}, {}, [("Tồn kho của A", 3, "không ghi")]),
        (
            "stars",
            {"stars": 4, "decision": "1/QĐ", "valid_to": "2026-12-05"},
            {"stars": 5, "decision": "1/QĐ", "valid_to": ""},
            [
                ("Hạng sao", 4, 5),
                ("Còn hạn đến", date(2026, 12, 5), "không ghi"),
            ],
        ),
        ("stars", {}, {"stars": 3}, [("Hạng sao", "không ghi", 3)]),
        ("content.pictures", ["a", "b"], ["c"], [("Số ảnh", 2, 1)]),
        (
            "content.attributes",
            [["Vị", "ngọt"]],
            [],
            [("Thông tin thêm", "Vị: ngọt", "không ghi")],
        ),
        (
            "content.packs",
            {"A": {"pack": "Gói 1 kg", "weight_g": 1000}},
            {"A": {"pack": "Gói 2 kg", "weight_g": 1000}},
            [("Quy cách A", "Gói 1 kg", "Gói 2 kg")],
        ),
    ],
)
def test_a_difference_is_told_part_by_part_and_never_as_a_program_keeps_it(
    field: str, ours: Any, there: Any, told: list[tuple[Any, ...]]
) -> None:
    found = NamedDrift(entry=drifted(field, ours, there), name="")

    assert [
        (each.what.vi.strip(), plain(each.ours), plain(each.there))
        for each in differences_of(found)
    ] == told


def plain(shown: Shown) -> Any:
    return shown.value.vi if isinstance(shown.value, Text) else shown.value


def drifted(field: str, ours: Any, there: Any) -> DriftEntry:
    return DriftEntry(
        id=1,
        marketplace="voso",
        account="voso",
        product_id="SP-00001",
        kind=DriftKind.EDITED,
        field=field,
        expected=ours,
        found=there,
        first_seen_at=AT,
        last_seen_at=AT,
        times=1,
        recurred=0,
        healed_at=None,
        healed_by="",
        decision="",
        decided_by="",
        decided_at=None,
    )


async def choose(browser: Browser, page: Element, **typed: str) -> ClientResponse:
    inputs = page.one("section", class_="question").one("form").all("input")
    sent = {each.attributes["name"]: each.attributes["value"] for each in inputs}
    return await browser.post(DRIFT, sent | typed, **HTML)


async def test_both_versions_stand_side_by_side_and_the_worklist_leads_there(
    door: Door, world: World
) -> None:
    await edited(world)
    browser = await signed_in(door, Role.OPERATOR)
    (row,) = (await look(browser, "/worklist")).all("li", class_="task")

    page = await look(browser, row.one("a").attributes["href"])

    assert row.one("a").attributes["href"] == DRIFT
    cells = [each.text for each in page.one("tbody").all("td")]
    assert cells == ["Măng khô Mẫu 1", "Người khác sửa"]
    assert page.one("tbody").one("th").text == "Tên"
    buttons = [each.text for each in page.one("div", class_="acts").all("button")]
    assert buttons == ["Ghi lại bản của ta ở Memory (mô phỏng)", "Để như trên sàn"]


@pytest.mark.parametrize(
    ("answer", "title", "told"),
    [
        ("approve", "Măng khô Mẫu 1", "đã chọn bản của ta"),
        ("refuse", "Người khác sửa", "đã chọn để như trên sàn"),
    ],
)
async def test_the_chosen_version_stands_there_after_the_next_sync(
    door: Door, world: World, answer: str, title: str, told: str
) -> None:
    await edited(world)
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, DRIFT)

    done = await choose(browser, page, answer=answer, reason="Đã hỏi cơ sở")

    assert (done.status, done.headers["Location"]) == (303, DRIFT)
    assert told in (await look(browser, DRIFT)).one("div", role="status").text
    assert (await look(browser, "/worklist")).all("li", class_="task") == []
    await world.sync()
    assert world.market.shelf.of("SP-00001")[0].shown.title.startswith(title)
    assert "decide_drift" in [kind for kind, _, _ in await acts_of(world.database)]


async def test_the_second_person_at_a_difference_decides_nothing_and_sees_who_was_first(
    door: Door, world: World
) -> None:
    await edited(world)
    first, second = (
        await signed_in(door, Role.ADMIN),
        await signed_in(door, Role.OPERATOR),
    )
    seen = await look(second, DRIFT)
    await choose(first, await look(first, DRIFT), answer="refuse", reason="Đúng vậy")

    late = await page_of(
        await choose(second, seen, answer="approve", reason="Chưa rõ"), 409
    )

    told = late.one("div", role="alert", class_="notice").text
    assert "Người khác đã quyết định trước. Ng. Mẫu admin đã chọn để như" in told
    await world.sync()
    assert world.written() == []


async def test_a_difference_that_is_another_one_now_is_compared_again(
    door: Door, world: World
) -> None:
    await edited(world)
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, DRIFT)
    (found,) = world.market.shelf.of("SP-00001")
    world.market.shelf.edit(found.ref, title="Lại sửa nữa")
    world.time.pass_(hours=7)
    await world.sync()

    answer = await choose(browser, page, answer="refuse", reason="Đúng vậy")

    shown = await page_of(answer, 409)
    assert "Một trong hai bên đã thay đổi" in shown.text
    assert "Lại sửa nữa" in shown.one("tbody").text


async def test_a_form_without_a_reason_decides_nothing(
    door: Door, world: World
) -> None:
    await edited(world)
    browser = await signed_in(door, Role.OPERATOR)

    answer = await choose(browser, await look(browser, DRIFT), answer="approve")

    shown = await page_of(answer, 422)
    assert "Ghi lý do" in shown.one("div", class_="errors").text
    assert len(shown.all("section", class_="question")) == 1


async def test_a_difference_that_is_gone_leads_to_what_is_left(door: Door) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    answer = await browser.get(DRIFT, **HTML)

    assert answer.headers["Location"] == "/worklist?over=drift"
    assert (
        "Khác biệt đó không còn" in (await look(browser, "/worklist?over=drift")).text
    )
