"""An import's notes name rows, names and the sheet's own columns, and no new id."""

import io
import re
from collections.abc import Sequence
from datetime import date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.feed.rows.open_feed import open_feed
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport
from tests.catalog_database import NOW
from tests.workbooks import Rows, make_workbook

HEADS = ["STT", "Sản phẩm OCOP", "Chủ thể sản xuất", "Mã số OCOP", "Đơn giá", "Số sao"]
ID = re.compile(r"\b(?:SP|CS)-[0-9]+")


async def import_sheet(
    conn: AsyncConnection, *rows: Sequence[object], check: bool = False
) -> ImportReport:
    """Import a workbook of *rows* under the headings of an office."""
    content = make_workbook({"Bảng": [["SỞ MẪU"], HEADS, *rows]})
    feed = open_feed(io.BytesIO(content))
    return await import_feed(conn, feed.rows, now=NOW, source="bang.xlsx", check=check)


def said(report: ImportReport) -> str:
    """Return all that people read of a report."""
    return "\n".join(map(str, [*report.problems, *report.held, *report.notes]))


@pytest.mark.parametrize("check", [True, False])
async def test_what_is_new_is_called_by_its_row_and_name(
    conn: AsyncConnection, check: bool
) -> None:
    report = await import_sheet(
        conn,
        [1, "Trà hoa vàng túi lọc", "HTX Mẫu 001", "A-1", 45_000, 4],
        [2, "Trà hoa vàngg túi lọc", "HTX Mẫu 001", None, 45_000, 4],
        [3, "Mật ong Mẫu", "HTX Mẫuu 001", None, 45_000, 4],
        check=check,
    )

    text = said(report)
    assert [each.row for each in report.problems] == [4, 5]
    assert ID.search(text) is None
    assert "gần giống dòng Bảng!3 “Trà hoa vàng túi lọc”" in text
    assert "ghi cột B “Sản phẩm OCOP” giống hệt như ở đó" in text
    assert "gần giống dòng Bảng!3 “HTX Mẫu 001”" in text


async def test_what_is_known_is_called_by_its_id_and_name(
    conn: AsyncConnection,
) -> None:
    known = [1, "Trà hoa vàng túi lọc", "HTX Mẫu 001", "A-1", 45_000, 4]
    await import_sheet(conn, known)

    report = await import_sheet(
        conn, known, [2, "Trà hoa vàngg túi lọc", "HTX Mẫuu 001", None, 45_000, 4]
    )

    assert "gần giống CS-0001 (HTX Mẫu 001)" in said(report)


async def test_prices_that_hold_a_sheet_are_named_by_row_and_heading(
    conn: AsyncConnection,
) -> None:
    rows = [[n, f"Món Mẫu {n}", "HTX Mẫu 001", None, 150, 4] for n in range(1, 7)]

    report = await import_sheet(conn, *rows)

    (hold,) = report.held
    assert ID.search(said(report)) is None
    assert "cột E “Đơn giá”: 6 trên 6 giá đáng ngờ" in str(hold)
    assert "dòng / row 3 Món Mẫu 1: “(trống)” → “150”" in str(hold)


async def test_a_changed_column_is_named_as_in_the_sheet_and_in_words(
    conn: AsyncConnection,
) -> None:
    heads = [*HEADS[1:3], "Căn cứ", "Quyết định", "Cấp công nhận", "Ngày ký"]
    rows = [
        [f"Món Mẫu {n}", "HTX Mẫu 001", "quyết định", "7/QĐ-UBND", "tỉnh", "06/04/2025"]
        for n in range(1, 13)
    ]
    reports = []
    for evidence in ("quyết định", "tin công bố"):
        sheet = [[*row[:2], evidence, *row[3:]] for row in rows]
        feed = open_feed(io.BytesIO(make_workbook({"Bảng": [heads, *sheet]})))
        reports.append(await import_feed(conn, feed.rows, now=NOW, source="bang.xlsx"))

    (hold,) = reports[1].held
    assert "cột C “Căn cứ”: 12 trên 12 đổi hoặc bị xóa" in str(hold)
    assert "“quyết định” → “tin công bố”" in str(hold)
    assert (hold.examples[0].before, hold.examples[0].after) == (
        "decision",
        "published",
    )


async def test_a_row_that_needs_another_column_names_the_one_of_the_sheet(
    conn: AsyncConnection,
) -> None:
    heads = [*HEADS[1:3], "Số lượng tồn", "Ngày giờ kiểm kê"]
    reports = []
    for count in (10, 12):
        sheet: Rows = [heads, ["Món Mẫu", "HTX Mẫu 001", count, None]]
        feed = open_feed(io.BytesIO(make_workbook({"Bảng": sheet})))
        reports.append(await import_feed(conn, feed.rows, now=NOW, source="bang.xlsx"))

    (problem,) = reports[1].problems
    assert "ghi thời điểm đếm vào cột D “Ngày giờ kiểm kê”" in problem.vi
    assert "in column D “Ngày giờ kiểm kê”" in problem.en


@pytest.mark.parametrize(
    ("counted", "shown"),
    [
        pytest.param(date(2026, 11, 20), "20/11/2026", id="a day without its time"),
        pytest.param(
            datetime(2027, 11, 24, 9, 30),  # noqa: DTZ001 (as sheets have them)
            "24/11/2027 09:30",
            id="a time to come",
        ),
    ],
)
async def test_a_day_is_shown_as_its_sheet_shows_it(
    conn: AsyncConnection, counted: date, shown: str
) -> None:
    heads = [*HEADS[1:3], "Số lượng tồn", "Ngày giờ kiểm kê"]
    sheet: Rows = [heads, ["Món Mẫu", "HTX Mẫu 001", 5, counted]]
    feed = open_feed(io.BytesIO(make_workbook({"Bảng": sheet})))

    report = await import_feed(conn, feed.rows, now=NOW, source="bang.xlsx")

    assert [each.value for each in report.problems] == [shown]
