"""Reports of imports are kept, told again, and erased."""

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import kept_reports
from catalog.db.kept_reports import (
    KeptReport,
    erase_old_reports,
    erase_reports,
    list_reports,
    problems_page,
    report_of_import,
)
from catalog.db.tables import import_file as parts
from catalog.db.tables import import_problem
from catalog.errors import PastImportError
from catalog.feed.headings.heading_answers import read_heading_answer
from catalog.imports.evaluated_file import FileImport, FileToImport
from catalog.imports.import_file import annotate_file, import_file
from catalog.imports.kept_import import (
    annotate_kept,
    each_problem,
    first_problems,
    kept_file,
    tell_again,
)
from catalog.spreadsheet.workbook import open_workbook
from tests.catalog_database import NOW, as_csv
from tests.world import World

pytestmark = pytest.mark.postgresql

Row = Mapping[str, object]

TEA = {"name": "Trà Mẫu", "producer_name": "Cơ sở Mẫu 001", "pack": "Hộp"}
BAD = {"name": "Gạo Mẫu", "producer_name": "Cơ sở Mẫu 001", "stars": 9}


def sheet(*rows: Row, **kinds: Any) -> FileToImport:
    return FileToImport(stream=as_csv(*rows), name="so.csv", source="so", **kinds)


async def take_in(conn: AsyncConnection, *rows: Row, **kinds: Any) -> FileImport:
    return await import_file(conn, sheet(*rows), now=NOW, **kinds)


def cells_of(stream: BytesIO) -> list[Mapping[int, str]]:
    book = open_workbook(stream)
    return [line.cells for sheet in book.sheets for line in sheet.lines()]


async def the_only(conn: AsyncConnection) -> KeptReport:
    (report,) = await list_reports(conn, size=9)
    return report


async def test_a_report_is_told_again_as_it_was(conn: AsyncConnection) -> None:
    found = await take_in(conn, TEA, BAD)

    report = await the_only(conn)
    again = await first_problems(conn, report.id, size=9)
    assert found.kept == report == await report_of_import(conn, 1)
    assert (report.outcome, report.import_id) == ("written", 1)
    assert again.problems == list(found.report.problems)
    assert again.report.told is not None
    assert again.report.told["totals"] == found.totals
    assert again.report.told["counted"]["read"] == 2


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        pytest.param([BAD], "unchanged", id="only bad rows"),
        pytest.param(
            [{**TEA, "name": f"Trà {n}", "price_vnd": 9_000} for n in range(12)],
            "held",
            id="held",
        ),
    ],
)
async def test_an_attempt_without_a_number_among_imports_has_a_report(
    conn: AsyncConnection, rows: list[Row], outcome: str
) -> None:
    dear = [{**TEA, "name": f"Trà {n}", "price_vnd": 90_000} for n in range(12)]
    await take_in(conn, *dear)

    found = await take_in(conn, *rows)

    assert found.kept is not None
    assert (found.kept.outcome, found.kept.import_id) == (outcome, None)
    assert (await list_reports(conn, size=1)) == [found.kept]


async def test_a_file_that_asks_about_a_column_has_a_report(
    conn: AsyncConnection,
) -> None:
    stream = BytesIO("Tên sản phẩmm,producer_name\nTrà Mẫu,Cơ sở Mẫu 001\n".encode())
    file = FileToImport(stream=stream, name="so.csv", source="so")

    found = await import_file(conn, file, now=NOW)

    assert found.kept is not None
    assert found.kept.outcome == "asked"


async def test_a_mere_check_has_no_report(conn: AsyncConnection) -> None:
    found = await take_in(conn, TEA, check=True)

    assert found.kept is None
    assert await list_reports(conn, size=9) == []


async def test_the_annotated_copy_can_be_fetched_later(conn: AsyncConnection) -> None:
    told = dict([read_heading_answer("Món=ingredients")])
    text = "Món,name,producer_name,stars\nx,Trà Mẫu,Cơ sở Mẫu 001,9\n"
    file = FileToImport(
        stream=BytesIO(text.encode()), name="so.csv", source="so", answers=told
    )
    found = await import_file(conn, file, now=NOW)
    then, later = BytesIO(), BytesIO()
    annotate_file(found, file, then)

    kept = await kept_file(conn, 1)
    with kept.stream:
        annotate_kept(kept, later)
        kept.stream.seek(0)
        assert kept.stream.read().decode() == text

    assert cells_of(later) == cells_of(then)
    assert any("Lỗi cần sửa" in each.values() for each in cells_of(later))


async def test_a_long_report_is_written_and_read_in_parts(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_reports, "PAGE", 2)
    monkeypatch.setattr("catalog.imports.kept_import.PART", 64)
    bad = [{**BAD, "name": f"Gạo {n}"} for n in range(5)]
    found = await take_in(conn, *bad)

    told = await tell_again(conn, 1)
    problems = [each async for each in told.problems]
    page = await problems_page(conn, 1, 3)
    with (await kept_file(conn, 1)).stream as stream:
        stream.seek(0)
        content = stream.read()

    assert problems == list(found.report.problems)
    assert [n for n, _ in page] == [4, 5]
    assert content == as_csv(*bad).getvalue()
    count = await conn.scalar(select(func.count()).select_from(parts))
    assert count == -(-len(content) // 64)


async def test_a_file_that_comes_twice_is_kept_once(conn: AsyncConnection) -> None:
    await take_in(conn, TEA)
    await take_in(conn, TEA)

    assert len(await list_reports(conn, size=9)) == 2
    assert await conn.scalar(select(func.count()).select_from(parts)) == 1


async def test_reports_are_erased_after_thirty_days_but_for_the_fact(
    conn: AsyncConnection,
) -> None:
    await take_in(conn, TEA, BAD)

    await erase_old_reports(conn, NOW + timedelta(days=29))
    kept = await the_only(conn)
    await erase_old_reports(conn, NOW + timedelta(days=30))
    erased = await the_only(conn)

    assert kept.told is not None
    assert (erased.told, erased.outcome) == (None, "written")
    for table in (parts, import_problem):
        assert await conn.scalar(select(func.count()).select_from(table)) == 0
    with pytest.raises(PastImportError, match="were erased"):
        await first_problems(conn, erased.id, size=9)


async def test_a_sync_erases_what_has_been_kept_for_long_enough(world: World) -> None:
    await world.database.write(lambda conn: take_in(conn, TEA, BAD))
    world.time.now = NOW + timedelta(days=30)

    await world.sync()

    async with world.database.read() as conn:
        assert (await the_only(conn)).erased_at == world.time.now


async def test_a_file_stays_as_long_as_a_younger_report_needs_it(
    conn: AsyncConnection,
) -> None:
    await take_in(conn, TEA)
    later = NOW + timedelta(days=20)
    await import_file(conn, sheet(TEA), now=later)

    await erase_old_reports(conn, NOW + timedelta(days=30))

    with (await kept_file(conn, 2)).stream as stream:
        assert stream.tell() == len(as_csv(TEA).getvalue())


async def test_an_erasure_takes_all_reports(conn: AsyncConnection) -> None:
    await take_in(conn, TEA, BAD)

    await erase_reports(conn, NOW)

    report = await the_only(conn)
    assert report.erased_at == NOW
    assert [each async for each in each_problem(conn, report.id)] == []


async def test_an_unknown_report_is_said_to_be_so(conn: AsyncConnection) -> None:
    with pytest.raises(PastImportError, match="there is no report 7"):
        await tell_again(conn, 7)
