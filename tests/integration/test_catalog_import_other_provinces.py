"""Rows of other provinces: left out, said once, never given communes of ours."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.feed.cells.stamp import Stamp
from catalog.feed.rows.open_feed import open_feed
from catalog.imports.answers import known_answers
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport
from catalog.model.producer import Producer
from catalog.queries.export import export_as
from tests.catalog_database import NOW, as_csv, import_rows
from tests.workbooks import make_workbook

HERE = {
    "name": "Trà hoa vàng Mẫu",
    "producer_name": "Cơ sở Mẫu 001",
    "address": "Thôn 1, xã Đồng Rui, huyện Tiên Yên, tỉnh Quảng Ninh",
}
# The commune exists in both provinces.
THERE = {
    "name": "Gạo nếp Mẫu",
    "producer_name": "Cơ sở Mẫu 002",
    "address": "Thôn 2, xã Quảng Long, huyện Quảng Trạch, tỉnh Quảng Bình",
}
Row = Mapping[str, object]


async def makers(conn: AsyncConnection) -> dict[str, Producer]:
    """Return all producers by name."""
    found = [each async for page in reader.pages(conn) for _, each in page if each]
    return {each.name: each for each in found}


def said(report: ImportReport) -> list[str]:
    """Return what was said, in Vietnamese."""
    return [note.vi for note in report.notes]


def as_json(*rows: Row) -> BinaryIO:
    return io.BytesIO(json.dumps({"rows": rows}).encode())


def as_sheet(*rows: Row) -> BinaryIO:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines: list[Sequence[object]] = [names]
    lines += [[row.get(name) for name in names] for row in rows]
    return io.BytesIO(make_workbook({"Bảng": lines}))


@pytest.mark.parametrize(
    ("write", "rows"),
    [(as_csv, "2, 4-6"), (as_sheet, "2, 4-6"), (as_json, "1, 3-5")],
)
async def test_rows_of_another_province_are_left_out_and_said_once(
    conn: AsyncConnection, write: Callable[..., BinaryIO], rows: str
) -> None:
    other = {"producer_name": "Cơ sở Mẫu 003", "province": "Hải Dương"}
    others = [{**other, "name": f"Gạo Mẫu {n}"} for n in range(1, 4)]
    feed = open_feed(write(THERE, HERE, *others))

    report = await import_feed(conn, feed.rows, now=NOW, source="bảng mẫu")

    assert [*feed.problems, *report.problems] == []
    assert (report.rows, report.counted.elsewhere, len(report.created)) == (5, 4, 1)
    assert len(said(report)) == 1
    assert "4 dòng thuộc tỉnh khác" in said(report)[0]
    assert f": {rows} (Hải Dương 3, Quảng Bình 1)" in said(report)[0]
    (maker,) = (await makers(conn)).values()
    assert maker.address.old_commune_code == "06892"


async def test_a_misspelt_commune_stays_a_problem_of_its_row(
    conn: AsyncConnection,
) -> None:
    wrong = {"name": "Chè Mẫu", "commune": "Xã Đồng Ruy", "province": "Quảng Ninh"}

    report = await import_rows(conn, wrong, {**THERE, "commune": "Xã Đồng Ruy"})

    assert [(each.row, each.column) for each in report.problems] == [(2, "commune")]
    assert report.counted.elsewhere == 1


async def test_a_left_out_row_has_no_other_problem(conn: AsyncConnection) -> None:
    report = await import_rows(conn, {**THERE, "stars": "9 sao", "commune": "Không Có"})

    assert (report.problems, report.counted.elsewhere) == ([], 1)


async def test_the_same_file_again_leaves_the_same_rows_out(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, HERE, THERE)

    again = await import_rows(conn, HERE, THERE)

    assert (again.created, again.changed, again.counted.elsewhere) == ([], [], 1)


async def test_a_known_product_is_changed_by_its_id_wherever_its_row_says_it_is(
    conn: AsyncConnection,
) -> None:
    (id_,) = (await import_rows(conn, HERE)).created
    moved = {"product_id": id_, "set_code": "I.5.a", "address": "Số 1, Hà Nội"}

    report = await import_rows(conn, moved)

    assert (report.changed, report.counted.elsewhere) == ([id_], 0)


@pytest.mark.parametrize(
    "also",
    [
        pytest.param({}, id="another name, another producer"),
        pytest.param({"name": HERE["name"]}, id="another producer of the same name"),
        pytest.param({"producer_name": HERE["producer_name"]}, id="another name"),
    ],
)
async def test_an_id_that_another_province_gave_out_changes_nothing_of_ours(
    conn: AsyncConnection, also: Row
) -> None:
    (id_,) = (await import_rows(conn, HERE)).created

    row = {**THERE, **also, "product_id": id_}
    report = await import_rows(conn, row, source="tỉnh bạn")

    assert (report.changed, report.counted.elsewhere, report.problems) == ([], 1, [])


async def test_an_export_of_a_producer_elsewhere_is_taken_in_as_it_is(
    conn: AsyncConnection,
) -> None:
    (id_,) = (await import_rows(conn, HERE)).created
    await import_rows(conn, {"product_id": id_, "address": "Số 1, Hà Nội"})
    out = io.BytesIO()
    await export_as(conn, ".xlsx", out, Stamp(NOW))

    feed = open_feed(out)
    report = await import_feed(conn, feed.rows, now=NOW, source="bảng mẫu")

    assert (report.counted.elsewhere, report.changed, report.problems) == (0, [], [])


async def test_doubtful_prices_are_held_against_the_rows_that_are_ours(
    conn: AsyncConnection,
) -> None:
    ours = [{**HERE, "name": f"Chè Mẫu {n}", "pack": "hộp"} for n in range(20)]
    theirs = [{**THERE, "name": f"Gạo Mẫu {n}"} for n in range(100)]
    await import_rows(conn, *ours)

    cheap = [{**row, "price_vnd": 150} for row in ours[:5]]
    report = await import_rows(conn, *cheap, *ours[5:], *theirs)

    assert [(each.column, each.changed, each.of) for each in report.held] == [
        ("price_vnd", 5, 20)
    ]


async def test_a_product_that_is_now_said_to_be_elsewhere_is_not_missing(
    conn: AsyncConnection,
) -> None:
    rows = [{**HERE, "name": f"Chè Mẫu {n}"} for n in range(3)]
    await import_rows(conn, *rows)

    moved = {**rows[2], "address": "xã Mẫu, huyện Thanh Hà, Hải Dương"}
    report = await import_rows(conn, *rows[:2], moved)

    assert (report.counted.elsewhere, report.missing) == (1, [])


async def test_a_file_that_leaves_everything_out_names_too_little_to_be_believed(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, HERE)

    report = await import_rows(conn, THERE)

    assert report.sick
    assert (report.missing, report.waits) == ([], True)


@pytest.mark.postgresql
async def test_an_answer_is_kept_with_its_producer(conn: AsyncConnection) -> None:
    place = {"address": "Thôn 1", "old_commune": "Đồng Lâm", "district": "Hạ Long"}
    first = {"name": "Chè Mẫu", "producer_name": "Cơ sở Mẫu 001", **place}
    second = {"name": "Gạo Mẫu", "producer_name": "Cơ sở Mẫu 002", **place}
    await import_rows(conn, {**first, "new_commune": "Xã Thống Nhất"})

    answers = await known_answers(conn)
    feed = open_feed(as_csv(first, second), answers=answers)
    found = [row.cells.get("commune_code") for row in feed.rows]

    assert found == ["07060", None]
    assert [each.row for each in feed.problems] == [3]


async def test_a_row_of_another_province_contradicts_none_of_ours(
    conn: AsyncConnection,
) -> None:
    ours = {**HERE, "ocop_code": "22-001", "set_code": "I.5.a"}
    theirs = {**THERE, "ocop_code": "22-001", "set_code": "I.1.a"}

    report = await import_rows(conn, ours, theirs)

    assert (report.problems, len(report.created)) == ([], 1)
    assert report.counted.elsewhere == 1
