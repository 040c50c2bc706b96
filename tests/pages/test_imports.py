"""Imports on pages: sent, looked at, answered, refused, downloaded, taken back."""

import asyncio
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from openpyxl import Workbook

from catalog.db import reader, writer
from catalog.db.history import Author
from catalog.db.kept_reports import erase_reports
from catalog.model.product import Entry, Product
from catalog.spreadsheet.workbook import open_workbook
from ocop_sync.api.context import InPlace
from ocop_sync.pages.imports import MOST_BYTES
from ocop_sync.service.department.imports_under_way import ImportsUnderWay
from ocop_sync.service.identity.role import Role
from tests.api.doors import Browser, Door
from tests.catalog_database import as_csv
from tests.factories import AT, make_variant
from tests.pages.parsed import Element
from tests.pages.visits import HTML, look, page_of, signed_in, token_on
from tests.world import entry

SETS = [{"sku": f"SP-{n:05}-1", "set_code": "I.1.a"} for n in range(1, 11)]
"""Another product set for ten products: so many at once are asked about."""
CHEAP = {"sku": "SP-00001-1", "price_vnd": 450}
REFUSES = {"sku": "SP-00002-1", "consent": "no"}
WRONG = {"sku": "SP-00001-1", "stars": 9}


def unpriced(n: int) -> Entry:
    """A product of which no price is known, so that any sheet may bring one."""
    sku = f"SP-{n:05}-1"
    return entry(n, variants=(make_variant(sku=sku, gtin="", price_vnd=None),))


class Desk:
    """A clerk at the pages of imports."""

    def __init__(self, door: Door, browser: Browser) -> None:
        self.door = door
        self.browser = browser

    async def look(self, path: str, status: int = 200) -> Element:
        return await look(self.browser, path, status)

    async def send(
        self, *rows: Any, name: str = "bảng.csv", content: bytes = b"", **form: str
    ) -> str:
        """Send a sheet; return the address that it leads to."""
        token = token_on(await self.look("/imports"))
        data: Any = FormData(
            {"form_token": token, "source": "sở", **form}, quote_fields=False
        )
        sheet = content or as_csv(*rows).getvalue()
        data.add_field("sheet", sheet, filename=name, content_type="text/csv")
        answer = await self.browser.post("/imports", data, **HTML)
        assert answer.status == 303, await answer.text()
        return await self.ended(answer.headers["Location"])

    async def ended(self, going: str) -> str:
        """Return where an import that goes on leads; itself if it has failed."""
        for _ in range(200):
            self.door.office.time.pass_(seconds=0.1)  # for so many a minute are taken
            answer = await self.browser.get(going, **HTML)
            if answer.status == 303:
                return answer.headers["Location"]
            page = await page_of(answer)
            if page.all("div", role="alert")[1:]:
                return going
        raise AssertionError(going)

    async def answer(self, path: str, to: str = "", **form: str) -> tuple[int, str]:
        """Answer on a page; return the status and the address of what follows."""
        page = await self.look(path)
        hidden = {"form_token": token_on(await self.look("/imports"))} | {
            each.attributes["name"]: each.attributes["value"]
            for each in page.all("input", type="hidden")
            if each.attributes["name"] in {"token", "of"}
        }
        answer = await self.browser.post(to or path, {**hidden, **form}, **HTML)
        if answer.status != 303:
            return answer.status, (await page_of(answer, answer.status)).text
        place = answer.headers["Location"]
        return 303, await self.ended(place) if "/going/" in place else place

    async def stored(self, n: int = 1) -> Product:
        id_ = f"SP-{n:05}"
        async with self.door.office.identity.database.read() as conn:
            return (await reader.get(conn, [id_]))[id_][0]


@pytest.fixture
async def desk(door: Door) -> Desk:
    return Desk(door, await signed_in(door, Role.OPERATOR))


async def save(desk: Desk, *entries: Entry) -> None:
    office = desk.door.office
    by = Author("kiểm thử", office.time())
    await office.identity.database.write(lambda conn: writer.save(conn, entries, by=by))


async def test_an_empty_list_says_what_to_do(desk: Desk) -> None:
    page = await desk.look("/imports")

    assert "Chưa có lần nạp nào" in page.text
    form = page.one("form", enctype="multipart/form-data")
    assert form.one("input", type="file").attributes["name"] == "sheet"


async def test_a_sheet_is_looked_at_first_and_then_imported(desk: Desk) -> None:
    await save(desk, unpriced(7))
    address = await desk.send({"sku": "SP-00007-1", "price_vnd": 46_000})

    page = await desk.look(address)
    assert page.one("h1").text.startswith("Nếu nạp “bảng.csv”: 0 sản phẩm mới")
    assert "Giá" in page.text
    assert "46.000" in page.text
    assert (await desk.stored(7)).variants[0].price_vnd is None
    status, made = await desk.answer(address, act="take")

    assert (status, (await desk.stored(7)).variants[0].price_vnd) == (303, 46_000)
    page = await desk.look(made)
    assert page.one("h1").text.startswith("Đã nạp “bảng.csv”: 0 sản phẩm mới")
    assert "Ng. Mẫu operator" in page.one("div", class_="answer").text
    listed = await desk.look("/imports")
    assert [each.text for each in listed.all("a") if "bảng.csv" in each.text] == [
        "bảng.csv",
        "bảng.csv",
    ]


async def test_a_problem_is_told_with_its_cell_and_comes_back_in_the_sheet(
    desk: Desk,
) -> None:
    address = await desk.send(WRONG, mode="import")

    page = await desk.look(address)
    (row,) = [r for r in page.all("tr") if "Ô B2" in r.text]
    assert "9" in row.text
    assert "Phải sửa" in row.text
    answer = await desk.browser.get(f"{address}/annotated", **HTML)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type.endswith("spreadsheetml.sheet")
    book = open_workbook(BytesIO(await answer.read()))
    cells = [v for s in book.sheets for line in s.lines() for v in line.cells.values()]
    assert "Lỗi cần sửa" in cells


async def test_no_word_of_a_page_names_a_command(desk: Desk) -> None:
    await save(desk, unpriced(1))
    for rows in ([WRONG], [{"sku": "SP-00001-1", "Giá bánn": 1}], [CHEAP]):
        text = (await desk.look(await desk.send(*rows, source=""))).text

        assert "--" not in text
        assert "ocop-sync" not in text
        assert "mã xác nhận" not in text


async def test_a_sheet_that_is_not_read_is_named(desk: Desk) -> None:
    await save(desk, unpriced(1))
    book, content = Workbook(), BytesIO()
    book.worksheets[0].append(["sku", "price_vnd"])
    book.worksheets[0].append(["SP-00001-1", 46_000])
    book.create_sheet("Điện thoại").append(["Họ tên", "Số"])
    book.save(content)

    address = await desk.send(name="bảng.xlsx", content=content.getvalue())

    page = await desk.look(address)
    assert 'trang "Điện thoại": không có tiêu đề' in page.text


async def test_a_held_sheet_is_approved_by_a_named_person_with_a_reason(
    desk: Desk,
) -> None:
    await save(desk, *(entry(n) for n in range(1, 11)))
    address = await desk.send(*SETS, mode="import")
    page = await desk.look(address)
    assert "bị giữ lại" in page.one("h1").text
    assert "10/10 đổi hoặc bị xóa" in page.text

    status, text = await desk.answer(address, answer="approve")
    assert (status, "Ghi lý do" in text) == (422, True)
    status, made = await desk.answer(address, answer="approve", reason="Đúng bảng")

    assert status == 303
    assert (await desk.stored()).set_code == "I.1.a"
    assert "Đã nạp" in (await desk.look(made)).one("h1").text
    second, text = await desk.answer(address, answer="approve", reason="Nữa")
    assert (second, "người khác đã làm trước" in text) == (409, True)


async def test_a_held_sheet_is_refused_and_waits_no_longer(desk: Desk) -> None:
    await save(desk, *(entry(n) for n in range(1, 11)))
    address = await desk.send(*SETS, mode="import")

    status, place = await desk.answer(address, answer="refuse", reason="Lệch cột")

    page = await desk.look(address)
    assert (status, place) == (303, address)
    assert "Ng. Mẫu operator không nhận bảng này" in page.text
    assert page.all("section", class_="question") == []
    assert (await desk.stored()).set_code == "I.3.c"


async def test_what_takes_from_buyers_is_asked_on_a_page_of_its_own(
    desk: Desk,
) -> None:
    await save(desk, unpriced(1))
    address = await desk.send(REFUSES, CHEAP)

    page = await desk.look(address)
    assert page.all("section", class_="question") == []
    takes = await desk.look(f"{address}/takes")
    assert "rút đồng ý: 1 sản phẩm" in takes.one("h1").text
    assert "Măng khô Mẫu 2" in takes.all("table")[0].text
    assert "450" in takes.one("section", class_="question").text
    status, text = await desk.answer(f"{address}/takes", address, answer="approve")
    assert (status, "Ghi lý do" in text, "Măng khô Mẫu 2" in text) == (422, True, True)
    status, made = await desk.answer(
        f"{address}/takes", address, answer="approve", reason="Đơn của cơ sở"
    )

    page = await desk.look(made)
    assert "Đã nạp" in page.one("h1").text
    (first, *_) = [r for t in page.all("tbody") for r in t.all("tr")]
    assert "Có tên trong bảng" not in first.text
    assert (await desk.browser.get(f"{made}/takes", **HTML)).status == 303


async def test_it_may_be_imported_before_that_is_confirmed(desk: Desk) -> None:
    address = await desk.send(REFUSES)

    _, made = await desk.answer(f"{address}/takes", address, act="take")

    page = await desk.look(made)
    assert "Đã nạp" in page.one("h1").text
    assert "Xem danh sách, rồi quyết định" in page.text
    _, confirmed = await desk.answer(
        f"{made}/takes", made, answer="approve", reason="Đúng"
    )
    assert "Xem danh sách" not in (await desk.look(confirmed)).text


async def test_doubtful_prices_are_shown_side_by_side_and_confirmed(
    desk: Desk,
) -> None:
    await save(desk, unpriced(1))
    address = await desk.send(CHEAP)

    page = await desk.look(address)
    assert "450 đ" in page.one("section", class_="question").text
    acts = [b for b in page.all("button") if "Nạp" in b.text]
    assert [(b.text, b.attributes["class"]) for b in acts] == [
        ("Nạp, nhận 1 giá trị đáng ngờ theo bảng", "is-done"),
        ("Nạp những dòng đúng, giữ 1 giá trị đáng ngờ như cũ", "is-plain"),
    ]
    _, made = await desk.answer(address, answer="approve", reason="Đã hỏi")

    assert (await desk.stored()).variants[0].price_vnd == 450
    assert (await desk.look(made)).all("section", class_="question") == []


async def test_what_a_heading_means_is_chosen_on_the_page(desk: Desk) -> None:
    await save(desk, unpriced(1))
    address = await desk.send({"sku": "SP-00001-1", "Giá bánn": 46_000})
    page = await desk.look(address)
    (choice,) = [s for s in page.all("select") if s.attributes["id"] == "column-0"]
    values = [each.attributes["value"] for each in choice.all("option")]

    answers = {"act": "choose", "column-0": values[1]}
    _, second = await desk.answer(address, **answers)
    _, made = await desk.answer(second, act="take")

    assert "46.000" in (await desk.look(second)).text
    assert "Đã nạp" in (await desk.look(made)).one("h1").text
    assert (await desk.stored()).variants[0].price_vnd == 46_000


async def test_of_which_source_a_sheet_is_is_chosen_on_the_page(desk: Desk) -> None:
    await desk.send({"sku": "SP-00001-1", "set_code": "I.1.a"}, mode="import")
    rows = {"sku": "SP-00001-1", "set_code": "I.1.b"}
    address = await desk.send(rows, name="khác.csv", source="", mode="import")
    page = await desk.look(address)
    assert "chờ câu trả lời" in page.one("h1").text
    assert "sở" in page.one("select", id="source").text

    _, made = await desk.answer(address, act="choose", source="sở")

    assert "Đã nạp" in (await desk.look(made)).one("h1").text
    assert (await desk.stored()).set_code == "I.1.b"


async def test_an_import_is_taken_back_once_it_was_said_what_that_does(
    desk: Desk,
) -> None:
    row = {"sku": "SP-00001-1", "set_code": "I.1.a"}
    address = await desk.send(row, mode="import")

    page = await desk.look(f"{address}/undo")
    assert "trở lại như trước" in page.one("h1").text
    assert "I.1.a" in page.text
    status, text = await desk.answer(f"{address}/undo")
    assert (status, "Ghi lý do" in text) == (422, True)
    status, place = await desk.answer(f"{address}/undo", reason="Nhầm bảng")

    assert (status, place) == (303, address)
    assert (await desk.stored()).set_code == "I.3.c"
    assert "đã được hoàn tác" in (await desk.look(address)).text
    page = await desk.look(f"{address}/undo")
    assert "không hoàn tác được" in page.one("h1").text
    assert "đã được Ng. Mẫu operator hoàn tác" in page.text
    assert page.all("form") == [f for f in page.all("form") if "logout" in str(f)]


async def test_an_undoing_names_what_stays_and_who_has_changed_it(desk: Desk) -> None:
    address = await desk.send({"sku": "SP-00001-1", "set_code": "I.1.a"}, mode="import")
    await desk.send({"sku": "SP-00001-1", "set_code": "I.1.b"}, mode="import")

    page = await desk.look(f"{address}/undo")

    (stays,) = [t for t in page.all("table") if "Giữ nguyên, vì" in t.text]
    assert "lần nạp" in stays.text or "import" in stays.text


async def test_a_stale_undoing_does_nothing(desk: Desk) -> None:
    address = await desk.send({"sku": "SP-00001-1", "set_code": "I.1.a"}, mode="import")
    form = {"token": "0" * 32, "reason": "Nhầm"}

    token = token_on(await desk.look(f"{address}/undo"))
    answer = await desk.browser.post(
        f"{address}/undo", {**form, "form_token": token}, **HTML
    )

    page = await page_of(answer, 409)
    assert "danh mục đã thay đổi từ lúc bạn xem" in page.text
    assert (await desk.stored()).set_code == "I.1.a"


async def test_each_change_is_listed_page_by_page_before_and_after(desk: Desk) -> None:
    await save(desk, *(entry(n) for n in range(1, 61)))
    rows = [{"sku": f"SP-{n:05}-1", "declaration": "no"} for n in range(1, 5)]
    rows += [{"sku": f"SP-{n:05}-1", "Nguồn": ""} for n in range(5, 61)]
    for mode in ("preview", "import"):
        address = await desk.send(*rows, mode=mode)
        seen: list[str] = []
        path = f"{address}/changes"
        while path:
            page = await desk.look(path)
            seen += [r.text for t in page.all("tbody") for r in t.all("tr")]
            (*_, path) = [
                "",
                *(a.attributes["href"] for a in page.all("a", rel="next")),
            ]

        assert len(seen) > 50
        assert len(set(seen)) == len(seen)


async def test_what_is_no_sheet_says_so_and_nothing_is_kept(desk: Desk) -> None:
    going = await desk.send(content=b"PK\x03\x04 no workbook", name="hỏng.xlsx")

    page = await desk.look(going)
    assert page.one("h1").text == "Bảng “hỏng.xlsx” chưa được nạp"
    assert " / " not in page.one("div", class_="notice").text
    assert "Chưa có lần nạp nào" in (await desk.look("/imports")).text


async def test_a_form_without_a_sheet_says_what_is_missing(desk: Desk) -> None:
    token = token_on(await desk.look("/imports"))
    sent: Any = FormData({"form_token": token, "new_source": "x" * 300})
    sent.add_field("sheet", b"", filename="")

    page = await page_of(await desk.browser.post("/imports", sent, **HTML), 422)

    links = [a.attributes["href"] for a in page.one("div", class_="errors").all("a")]
    assert links == ["#sheet", "#new_source"]
    assert page.one("input", id="new_source").attributes["value"] == "x" * 300


async def test_a_sheet_that_is_too_large_is_told_by_a_page(desk: Desk) -> None:
    token = token_on(await desk.look("/imports"))
    sent: Any = FormData({"form_token": token})
    sent.add_field("sheet", BytesIO(b"x" * (MOST_BYTES + 1)), filename="lớn.csv")

    page = await page_of(await desk.browser.post("/imports", sent, **HTML), 413)

    assert "nhiều nhất 16 MB" in page.text


async def test_what_is_erased_is_listed_and_not_shown(desk: Desk) -> None:
    address = await desk.send(WRONG)
    office = desk.door.office
    await office.identity.database.write(
        lambda conn: erase_reports(conn, office.time())
    )

    assert "nội dung đã xóa" in (await desk.look("/imports")).text
    for path in (address, f"{address}/changes", f"{address}/takes", "/imports/99"):
        answer = await desk.browser.get(path, **HTML)
        assert answer.headers["Location"] == "/imports?over=report"
    assert "giữ 30 ngày" in (await desk.look("/imports?over=report")).text
    await desk.look(f"{address}/annotated", 404)


async def test_what_goes_on_is_shown_until_it_has_ended(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, do = asyncio.Event(), InPlace.do

    async def slowly(self: InPlace, *args: Any, **named: Any) -> Any:
        await go.wait()
        return await do(self, *args, **named)

    monkeypatch.setattr(InPlace, "do", slowly)
    token = token_on(await desk.look("/imports"))
    data: Any = FormData({"form_token": token}, quote_fields=False)
    data.add_field("sheet", as_csv(WRONG).getvalue(), filename="lâu.csv")
    answer = await desk.browser.post("/imports", data, **HTML)
    going = answer.headers["Location"]

    page = await desk.look(going)
    assert page.one("h1").text == "Đang xét bảng “lâu.csv”"
    listed = await desk.look("/imports")
    assert going in [each.attributes["href"] for each in listed.all("a")]
    go.set()
    report = await desk.ended(going)

    asked = await desk.browser.get(going, **{"HX-Request": "true"})
    assert asked.headers["HX-Redirect"] == report
    assert "Đang xét" not in (await desk.look("/imports")).text
    unknown = await desk.browser.get(f"/imports/going/{'0' * 32}", **HTML)
    assert unknown.headers["Location"] == "/imports?over=going"


async def test_nothing_of_a_sent_sheet_is_left_on_the_disk(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    await desk.send(WRONG, mode="import")
    await desk.send(content=b"PK\x03\x04 no workbook", name="hỏng.xlsx")

    left = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    assert left == []


async def test_the_end_of_the_service_ends_what_goes_on() -> None:
    known, never = ImportsUnderWay(), asyncio.Event()
    work: Any = never.wait()

    made = known.begin(work, file="a.csv", by="Cán bộ Mẫu", now=AT)
    await asyncio.sleep(0)
    assert known.going_on() == [made]
    await known.aclose()

    assert made.task.cancelled()
    assert known.going_on() == []


async def test_of_those_that_have_ended_the_last_hundred_are_known() -> None:
    async def done() -> Any:
        return None

    known = ImportsUnderWay()
    first, *_ = [known.begin(done(), file="a.csv", by="", now=AT) for _ in range(150)]
    assert known.find(first.name) is first
    await asyncio.gather(*(each.task for each in [first]))
    await asyncio.sleep(0)
    last = known.begin(done(), file="a.csv", by="", now=AT)
    await last.task

    assert known.find(first.name) is None
    assert known.find(last.name) is last
