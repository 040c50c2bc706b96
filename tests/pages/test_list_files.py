"""Lists as workbooks and as CSV: as long as their figures, with their filters, safe."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from catalog.values import replace
from catalog.vietnam_time import VIETNAM
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.pages import (
    accounts,
    counted_lists,
    imports,
    keys,
    missing_papers,
    people,
    plan,
    plans,
    products,
    run,
    runs,
    schedules,
    worklist,
    written_list,
)
from ocop_sync.pages.navigation import TEMPLATE
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.decisions.pauses import pause_accounts
from ocop_sync.service.identity.role import Role
from ocop_sync.service.plan.kept_plans import make_plan
from tests.api.doors import Browser, Door
from tests.api.served import ThroughFrames
from tests.factories import make_certificate, person
from tests.pages.parsed import Element
from tests.pages.test_imports import Desk
from tests.pages.test_leaders import WITHOUT_PAPER, length_of
from tests.pages.test_runs import ask, rows_of, work
from tests.pages.test_schedules import added
from tests.pages.visits import HTML, look, page_of, signed_in
from tests.world import World, entry, listed

FILES = [
    each
    for module in (
        accounts,
        counted_lists,
        imports,
        keys,
        missing_papers,
        people,
        plan,
        plans,
        products,
        run,
        runs,
        schedules,
        worklist,
    )
    for each in module.FILES
    if each.path != TEMPLATE
]
EVERY = sorted({each.path.rpartition(".")[0] for each in FILES})
LISTS = [each for each in EVERY if "{" not in each]
OF_ONE = {"run": "5a0f17c2b3d4e6f8", "plan": "99"}
"""Runs and plans that are not there."""
QUERIES = {"/coverage/products": "?marketplace=memory&figure=certified"}
OF_NO_MARKETPLACE = {
    "/imports",
    "/keys",
    "/people",
    "/schedules",
    "/worklist/papers",
}
DANGEROUS = ("=1+1", "+84 Mẫu", "-Mẫu", "@Mẫu")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files written as in another process: all that is needed is sent there."""
    there = property(lambda visit: ThroughFrames(visit.deployment))
    monkeypatch.setattr(Visit, "long_work", there)


async def workbook(browser: Browser, path: str) -> list[list[Any]]:
    """Return the rows of the one sheet of a workbook; its first row are headings."""
    answer = await browser.get(path)
    assert answer.status == 200, await answer.text()
    assert answer.headers["Content-Disposition"].endswith(".xlsx")
    book = load_workbook(io.BytesIO(await answer.read()))
    (sheet,) = book.worksheets
    for row in sheet.iter_rows():
        assert all(cell.data_type != "f" for cell in row), "a formula"
    return [list(row) for row in sheet.iter_rows(values_only=True)]


async def delimited(browser: Browser, path: str) -> list[list[str]]:
    """Return the rows of a CSV file."""
    answer = await browser.get(path)
    assert answer.headers["Content-Type"].startswith("text/csv")
    content = await answer.read()
    assert content.startswith(b"\xef\xbb\xbf"), "or Excel spoils every accent"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def links_on(page: Element) -> list[str]:
    """Return the addresses of the files of the list on a page."""
    files = {f"Tải {kind}" for kind in ("XLSX", "CSV")}
    return [e.attributes["href"] for e in page.all("a") if e.text in files]


def in_csv(cell: Any) -> str:
    """Return a cell of a workbook as CSV has it."""
    if cell is None:
        return ""
    text = str(cell.date() if hasattr(cell, "date") else cell)
    return f"'{text}" if text[:1] in "=+-@" else text


@pytest.mark.parametrize("path", LISTS)
async def test_each_page_of_a_list_leads_to_its_files_with_its_filters(
    door: Door, world: World, path: str
) -> None:
    await listed(world, 2)
    await something_of_everything(door, world)
    for n, day in ((3, date(2021, 4, 1)), (4, date(2021, 5, 20))):
        await world.save(entry(n, certificates=(make_certificate(decided_on=day),)))
    await world.sync()
    world.time.pass_(days=40)  # and no run
    query = QUERIES.get(path, "")
    browser = await signed_in(door, Role.ADMIN)

    page = await look(browser, f"{path}{query}")

    links = links_on(page)
    assert links == [f"{path}.xlsx{query}", f"{path}.csv{query}"]
    rows, lines = await workbook(browser, links[0]), await delimited(browser, links[1])
    assert [[in_csv(cell) for cell in row] for row in rows] == lines
    assert len(rows) > 1
    assert ("Mô phỏng" in rows[0]) is (path not in OF_NO_MARKETPLACE)
    if path not in OF_NO_MARKETPLACE:
        assert {row[-1] for row in rows[1:]} <= {"SỐ LIỆU MÔ PHỎNG"}


async def something_of_everything(door: Door, world: World) -> None:
    """Have a plan, an import, a schedule and a missing paper as well."""
    await world.save(entry(5, papers=WITHOUT_PAPER))
    await make_plan(world.deployment, by=person("Bà Mẫu"))
    await added(world)
    await door.key()
    desk = Desk(door, await signed_in(door, Role.OPERATOR))
    await desk.send({"sku": "SP-00001-1", "stars": 9}, name="=bảng.csv")


async def test_runs_plans_imports_and_schedules_are_written_as_their_lists_have_them(
    door: Door, world: World
) -> None:
    await listed(world, 1)
    await something_of_everything(door, world)
    asked = await ask(world)
    await work(world)
    world.time.pass_(days=2)
    await world.save(entry(2))
    await world.sync()
    browser = await signed_in(door, Role.ADMIN)

    every = await workbook(browser, "/runs.xlsx")
    some = await workbook(browser, "/runs.xlsx?only=asked")
    today = world.time().astimezone(VIETNAM).date()
    late = await workbook(browser, f"/runs.xlsx?day={today}&outcome=done")
    none = await workbook(browser, f"/runs.xlsx?day={today}&outcome=failed")
    plan = (await workbook(browser, "/plans.xlsx"))[1]
    sheet = (await workbook(browser, "/imports.xlsx"))[1]
    schedule = (await workbook(browser, "/schedules.xlsx"))[1]

    page = await look(browser, "/runs")
    assert len(every) - 1 == len(rows_of(page)) == 2
    assert every[1][2:7] == ["Tự chạy", None, "Memory", "memory", "Đã xong"]
    assert [row[2:7] for row in some[1:]] == [
        ["Đồng bộ", "Bà Mẫu", "Memory", None, "Đã xong"]
    ]
    assert some[1][-2] == asked.id
    assert (late[1:], none[1:]) == (every[1:2], [])
    assert len(rows_of(await look(browser, f"/runs?day={today}"))) == 1
    assert plan[2:6] == ["Bà Mẫu", "Không có gì để duyệt", "Memory", 0]
    assert sheet[2:5] == ["=bảng.csv", "sở", "Ng. Mẫu operator"]
    assert schedule[:3] == ["sang", "Đồng bộ mọi sàn", "mỗi ngày lúc 05:00"]


async def test_changes_of_a_run_are_written_as_narrowed_with_what_was_said(
    door: Door, world: World
) -> None:
    await listed(world, 2)
    problem = Problem(code="description_too_long", message="Mô tả quá dài")
    world.market.script("update", Refused((problem,)))
    await world.change(description="Bản mới.")
    await world.change("SP-00002", description="Bản khác.")
    report = await world.sync()
    browser = await signed_in(door, Role.OPERATOR)
    path = f"/runs/{report.run}/changes"

    page = await look(browser, f"{path}?outcome=refused")
    links = links_on(page)
    every = await workbook(browser, f"{path}.xlsx")
    (heads, row) = await workbook(browser, links[0])

    assert links == [f"{path}.{kind}?outcome=refused" for kind in ("xlsx", "csv")]
    assert len(every) - 1 == len(rows_of(await look(browser, path))) == 2
    told = dict(zip(heads, row, strict=True))
    assert told["Thay đổi"] == "Sửa nội dung"
    assert told["Trước và sau"].endswith("→ “Bản mới.”")
    assert told["Kết quả"] == "Sàn từ chối"
    assert "Mô tả quá dài" in told["Lời của sàn, hoặc việc đọc lại"]
    assert told["Phải làm"].startswith("Sửa trong danh mục")


async def test_changes_of_a_plan_are_written_what_takes_from_buyers_first(
    door: Door, world: World
) -> None:
    await listed(world, 2)
    product, maker = entry(1)
    dearer = (replace(product.variants[0], price_vnd=52_000),)
    await world.save(
        (replace(product, variants=dearer), maker), entry(2, papers=WITHOUT_PAPER)
    )
    number = await make_plan(world.deployment, by=person("Bà Mẫu"))
    browser = await signed_in(door, Role.OPERATOR)

    page = await look(browser, f"/plans/{number}")
    links = links_on(page)
    rows = await workbook(browser, links[0])

    assert links[0] == f"/plans/{number}/changes.xlsx"
    assert [(row[0], row[1]) for row in rows[1:]] == [
        ("Gỡ khỏi sàn", "có"),
        ("Đổi giá", None),
    ]
    assert "45.000" in rows[2][6]
    assert "52.000" in rows[2][6]


async def test_keys_are_written_by_their_visible_beginning_alone(
    door: Door,
) -> None:
    secret = await door.key(Role.PRODUCER, producers=["CS-0001"])
    browser = await signed_in(door, Role.ADMIN)

    (_, row) = await workbook(browser, "/keys.xlsx")

    assert row[0] == secret.rpartition("_")[0]
    assert row[1:4] == ["Bảng", "Cơ sở", "CS-0001"]
    assert not any(secret in str(cell) for cell in row)


async def test_an_instant_is_written_in_vietnams_time_and_sorts_as_text(
    door: Door, world: World
) -> None:
    await make_plan(world.deployment, by=person("Bà Mẫu"))
    browser = await signed_in(door, Role.OPERATOR)

    (_, row) = await workbook(browser, "/plans.xlsx")

    assert row[1] == f"{world.time().astimezone(VIETNAM):%Y-%m-%d %H:%M}"


async def test_missing_papers_are_written_as_narrowed_and_by_producer(
    door: Door, world: World
) -> None:
    await world.save(entry(1), *(entry(n, papers=WITHOUT_PAPER) for n in (3, 2)))
    browser = await signed_in(door, Role.OPERATOR)

    every = await workbook(browser, "/worklist/papers.xlsx")
    one = await workbook(browser, "/worklist/papers.xlsx?producer=CS-0003&after=0")

    assert [(row[1], row[6]) for row in every[1:]] == [
        (maker, state)
        for maker in ("CS-0002", "CS-0003")
        for state in ("chưa ai xác nhận", "không có")
    ]
    assert one[1:] == [each for each in every[1:] if each[1] == "CS-0003"]


async def test_people_are_written_without_anything_by_which_they_sign_in(
    door: Door, world: World
) -> None:
    await listed(world, 1)
    await signed_in(door, Role.PRODUCER)
    browser = await signed_in(door, Role.ADMIN)

    staff = await workbook(browser, "/people.xlsx")
    others = await workbook(browser, "/people.xlsx?who=producers")

    assert [row[1:3] for row in staff[1:]] == [["Ng. Mẫu admin", "Quản trị"]]
    assert [row[2:4] for row in others[1:]] == [["Cơ sở", "CS-0001"]]
    assert staff[0] == [
        "Mã người",
        "Tên",
        "Vai trò",
        "Mã cơ sở",
        "Đăng nhập lần cuối (giờ Việt Nam)",
        "Tình trạng",
        "Thêm lúc",
    ]


async def test_a_file_has_as_many_rows_as_the_figure_counts(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("counted_rows", "product_rows", "work_file"):
        monkeypatch.setattr(f"ocop_sync.pages.{module}.CHUNK", 2)
    await world.save(*(entry(n) for n in range(1, 6)), entry(6, papers=WITHOUT_PAPER))
    await world.sync()
    browser = await signed_in(door, Role.OPERATOR)

    for figure, count in (("certified", 6), ("listed", 5), ("blocked", 1)):
        query = f"?marketplace=memory&figure={figure}"
        rows = await workbook(browser, f"/coverage/products.xlsx{query}")
        assert len(rows) - 1 == count
        assert await length_of(browser, f"/coverage/products{query}") == count
    (row,) = rows[1:]
    assert row[:4] == ["Memory", "SP-00006", "Măng khô Mẫu 6", "Cơ sở Mẫu 006"]
    assert row[7].startswith("Chưa đạt: ")
    everything = await workbook(browser, "/products.xlsx")
    assert [row[0] for row in everything[1:]] == [f"SP-{n:05}" for n in range(1, 7)]
    assert everything[0][7] == "Memory (mô phỏng)"
    assert everything[1][7] == "Đang bán"
    found = await workbook(browser, "/products.xlsx?q=mau+6&after=SP-00006")
    assert found[1:] == everything[6:], "whole, whatever page was looked at"
    found = await workbook(browser, "/products.xlsx?q=khong+co")
    assert len(found) == 1, "its headings"


async def test_a_cell_that_begins_as_a_formula_stays_a_text(
    door: Door, world: World
) -> None:
    named = [entry(n, name=name) for n, name in enumerate(DANGEROUS, 1)]
    await world.save(*named)
    await world.sync()
    browser = await signed_in(door, Role.OPERATOR)

    for path in ("/products", "/coverage/products"):
        query = QUERIES.get(path, "")
        rows = await workbook(browser, f"{path}.xlsx{query}")
        column = rows[0].index("Sản phẩm")
        assert [row[column] for row in rows[1:]] == list(DANGEROUS)
        lines = await delimited(browser, f"{path}.csv{query}")
        assert [row[column] for row in lines[1:]] == [f"'{e}" for e in DANGEROUS]


async def test_ends_and_claims_are_as_long_as_their_figures(
    door: Door, world: World
) -> None:
    for n, day in ((3, date(2021, 3, 20)), (4, date(2021, 4, 20))):
        await world.save(entry(n, certificates=(make_certificate(decided_on=day),)))
    await world.sync()
    browser = await signed_in(door)

    within = [
        len(await workbook(browser, f"/coverage/ends.xlsx?within={n}")) - 1
        for n in (30, 60)
    ]
    assert within == [1, 2]
    world.time.pass_(days=60)  # and no run
    browser = await signed_in(door, Role.OPERATOR)
    rows = await workbook(browser, "/coverage/claims-ended.xlsx")
    assert len(rows) - 1 == await length_of(browser, "/coverage/claims-ended") == 2
    assert [row[:2] for row in rows[1:]] == [
        ["Memory", "SP-00003"],
        ["Memory", "SP-00004"],
    ]


async def test_the_worklist_is_written_in_its_sentences_and_as_it_is_narrowed(
    door: Door, world: World
) -> None:
    await world.save(entry(3, papers=WITHOUT_PAPER))
    await world.sync()
    by = person("Ng. Văn A")
    await pause_accounts(world.deployment, ["memory"], by=by, reason="thử")
    browser = await signed_in(door, Role.OPERATOR)
    page = await look(browser, "/worklist")
    titles = [each.text for each in page.all("h2")] or [
        each.text for each in page.all("h3")
    ]

    rows = await workbook(browser, "/worklist.xlsx")
    some = await workbook(browser, "/worklist.xlsx?kind=account_paused")

    assert len(rows) > 2
    assert [row[1] for row in rows[1:]] == titles
    assert len(some) == 2
    assert some[1] in rows
    answer = await browser.get("/worklist.xlsx?lang=en", **HTML)
    assert answer.status == 303
    english = await workbook(browser, "/worklist.xlsx")
    assert english[0][:2] == ["Kind", "Matter"]


async def test_a_list_that_is_too_long_is_refused_and_never_cut_off(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(*(entry(n) for n in range(1, 4)))
    browser = await signed_in(door, Role.OPERATOR)
    monkeypatch.setattr(written_list, "MOST_ROWS", 3)
    assert len(await workbook(browser, "/products.xlsx")) == 4

    monkeypatch.setattr(written_list, "MOST_ROWS", 2)
    page = await page_of(await browser.get("/products.xlsx", **HTML), 409)

    assert "hãy lọc bớt" in page.text


@pytest.mark.parametrize("role", list(Role))
async def test_a_file_is_sent_to_those_who_see_the_list(door: Door, role: Role) -> None:
    browser = await signed_in(door, role)

    statuses = {each.path: await status_of(browser, each) for each in FILES}

    there = {each.path: 404 if "{" in each.path else 200 for each in FILES}
    allowed = {
        each.path: there[each.path] if role in each.allowed else 403 for each in FILES
    }
    assert statuses == allowed
    assert set(allowed.values()) != {200} or role in {Role.OPERATOR, Role.ADMIN}


async def status_of(browser: Browser, route: PageRoute) -> int:
    query = QUERIES.get(route.path.rpartition(".")[0], "")
    path = route.path.format(**OF_ONE)
    return (await browser.get(f"{path}{query}", **HTML)).status


@pytest.mark.parametrize("path", EVERY)
async def test_who_is_not_signed_in_gets_no_file(door: Door, path: str) -> None:
    address = f"{path.format(**OF_ONE)}.xlsx{QUERIES.get(path, '')}"

    person_ = await door.browser().get(address, **HTML)
    program = await door.client.get(address, allow_redirects=False)

    assert (person_.status, program.status) == (303, 401)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/products.xlsx?other=1", 422),
        ("/coverage/products.csv", 422),
        ("/coverage/ends.csv?within=91", 422),
        ("/coverage/products.csv?marketplace=memory&figure=listed&day=2090-01-01", 404),
    ],
)
async def test_a_file_of_nothing_is_told_as_a_page(
    door: Door, path: str, status: int
) -> None:
    await look(await signed_in(door, Role.OPERATOR), path, status)
