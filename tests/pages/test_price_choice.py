"""A price of a sheet that looks like a slip, as a page: taken or left by one person."""

from pathlib import Path
from typing import Any

import pytest

from catalog.db import reader
from catalog.imports.kept_import import Outcome
from catalog.model.product import Entry
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.engine.reasons.work import WorkKind
from ocop_sync.service.department.all_work import all_work
from ocop_sync.service.identity.role import Role
from ocop_sync.service.producer.changes import Doing
from ocop_sync.service.producer.uploads import Sheet, import_sheet
from tests.acts import acts_of
from tests.api.doors import Door
from tests.catalog_database import as_csv
from tests.factories import make_variant, person
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry

PATH = "/worklist/prices/2/SP-00003-1"
OLD, NEW = "45.000 đ", "450 đ"
DONE = "/worklist?done=price"


async def send(world: World, folder: Path, *rows: Any) -> None:
    path = folder / "bảng.csv"
    path.write_bytes(as_csv(*rows).getvalue())
    sheet = Sheet(path=path, name="bảng.csv", source="sở")
    doing = Doing(by=person("Cán bộ Mẫu"), reach=WHOLE_CATALOG)
    report = await import_sheet(world.deployment, sheet, doing)
    assert report.outcome == Outcome.WRITTEN


def unpriced(n: int) -> Entry:
    """A product of which no price is known, so that any sheet may bring one."""
    sku = f"SP-{n:05}-1"
    return entry(n, variants=(make_variant(sku=sku, gtin="", price_vnd=None),))


@pytest.fixture
async def slip(world: World, tmp_path: Path) -> World:
    """A second sheet has a price that is a hundredth of the one of the first."""
    await world.save(unpriced(3), unpriced(4))
    skus = ("SP-00003-1", "SP-00004-1")
    await send(world, tmp_path, *({"sku": sku, "price_vnd": 45_000} for sku in skus))
    rows = ({"sku": skus[0], "price_vnd": 450}, {"sku": skus[1], "price_vnd": 46_000})
    await send(world, tmp_path, *rows)
    return world


async def price(world: World) -> int | None:
    found = await world.database.fetch(reader.get, ["SP-00003"])
    return found["SP-00003"][0].variants[0].price_vnd


def form_on(page: Element, **typed: str) -> dict[str, str]:
    inputs = page.one("section", class_="question").one("form").all("input")
    found = {each.attributes["name"]: each.attributes["value"] for each in inputs}
    return found | typed


async def test_the_price_alone_waits_and_its_row_asks_nothing_else(
    slip: World,
) -> None:
    (found,) = (await all_work(slip.deployment)).items

    assert (found.kind, found.subject) == (WorkKind.PRICE_HELD, "SP-00003")
    assert (found.sku, found.number) == ("SP-00003-1", 2)
    assert (found.producer, found.since) == ("CS-0003", slip.time())
    assert found.seen.vi == "Giá trong bảng: 450 đ, đang là 45.000 đ"


@pytest.mark.parametrize(
    ("answer", "done"),
    [
        ("approve", (450, "set_price", f"đã nhận {NEW} lúc")),
        ("refuse", (45_000, "keep_price", f"đã giữ {OLD} lúc")),
    ],
)
async def test_it_is_decided_once_with_a_reason_and_the_second_person_is_told(
    slip: World, door: Door, answer: str, done: tuple[int, str, str]
) -> None:
    after, act, told = done
    browser = await signed_in(door, Role.OPERATOR)
    (row,) = (await look(browser, "/worklist?kind=price_held")).all("li", class_="task")
    assert row.one("a").attributes["href"] == PATH
    page = await look(browser, PATH)
    buttons = [each.text for each in page.one("div", class_="acts").all("button")]
    sent = form_on(page, answer=answer, reason="Đã hỏi cơ sở")

    faulty = await browser.post(PATH, {**sent, "reason": ""}, **HTML)
    before = await price(slip)
    first = await browser.post(PATH, sent, **HTML)
    over = await look(browser, DONE)
    second = await browser.post(PATH, {**sent, "answer": "approve"}, **HTML)

    assert buttons == [f"Nhận {NEW}", f"Giữ {OLD}"]
    assert "Ghi lý do" in (await page_of(faulty, 422)).text
    assert (before, await price(slip)) == (45_000, after)
    assert first.headers["Location"] == DONE
    assert over.one("div", role="status").text.startswith("Quyết định đã được ghi")
    assert over.all("li", class_="task") == []
    page = await page_of(second, 409)
    said = page.one("div", class_="is-wrong").text
    assert "Quyết định của bạn chưa được ghi. Ng. Mẫu operator" in said
    assert told in said
    assert page.all("section", class_="question") == []
    acts = [kind for kind, _, _ in await acts_of(slip.database)]
    assert [each for each in acts if each.endswith("_price")] == [act]


async def test_it_waits_no_more_once_the_pack_has_another_price_or_a_newer_sheet_came(
    slip: World, door: Door, tmp_path: Path
) -> None:
    browser = await signed_in(door, Role.OPERATOR)
    sent = form_on(await look(browser, PATH), answer="approve", reason="x")
    await send(slip, tmp_path, {"sku": "SP-00004-1", "price_vnd": 47_000})

    newer = await browser.post(PATH, sent, **HTML)

    told = (await page_of(newer, 409)).one("div", class_="is-wrong").text
    assert "Nguồn này đã gửi bảng mới hơn" in told
    assert (await look(browser, "/worklist")).all("li", class_="task") == []
    assert await price(slip) == 45_000


async def test_a_price_that_no_sheet_has_held_leads_to_the_worklist(
    slip: World, door: Door
) -> None:
    browser = await signed_in(door, Role.OPERATOR)

    for path in ("/worklist/prices/2/SP-00004-1", "/worklist/prices/9/SP-00003-1"):
        answer = await browser.get(path, **HTML)
        assert answer.headers["Location"] == "/worklist?over=price"
    over = await look(browser, "/worklist?over=price")
    assert "Giá đó không còn ai phải xác nhận" in over.text
    assert await price(slip) == 45_000
