"""The notes and questions of an import beside its rows, and their day."""

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.feed.rows.row import ProblemKind
from catalog.imports.import_report import ImportReport
from tests.catalog_database import NOW, import_rows

TEA = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001", "stars": "3 sao"}
RICE = {**TEA, "name": "Gạo nếp Mẫu"}
DISTRICT = {"decision": "7/QĐ-UBND", "decided_on": "2024-04-03", "body": "huyện"}
PROVINCE = {**DISTRICT, "body": "tỉnh"}


def told(report: ImportReport) -> str:
    """Return all that is said and is no problem."""
    return "\n".join(note.vi for note in report.notes)


async def test_another_authority_for_a_known_decision_is_said(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, **PROVINCE})

    same = await import_rows(conn, {**RICE, **PROVINCE}, source="bảng hai")
    other = await import_rows(conn, {**RICE, **DISTRICT}, source="bảng hai")

    words = "quyết định 7/QĐ-UBND ngày 03/04/2024: bảng ghi cơ quan “huyện” ở dòng 2"
    assert (words in told(same), words in told(other)) == (False, True)
    assert "(huyện, tỉnh)" in told(other)
    assert "xem lại cột F “body”" in told(other)  # as this sheet calls it


async def test_an_authority_that_corrects_the_only_one_known_is_not_at_odds(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, **PROVINCE})

    report = await import_rows(conn, {**TEA, **DISTRICT})

    assert "nhiều cơ quan" not in told(report)


@pytest.mark.parametrize(("count", "asked"), [(5, 0), (6, 1)])
async def test_revocations_without_a_day_in_many_rows_are_asked_about(
    conn: AsyncConnection, count: int, asked: int
) -> None:
    revoked = {**PROVINCE, "revoked_by": "9/QĐ-UBND"}
    rows = [{**TEA, **revoked, "name": f"Món Mẫu {n}"} for n in range(count)]

    report = await import_rows(conn, *rows)
    after = await import_rows(conn, *[{**row, "revoked_by": ""} for row in rows])

    assert [(each.kind, each.row) for each in report.problems] == [
        (ProblemKind.QUESTION, 2)
    ] * asked
    said = told(report) + "".join(each.vi for each in report.problems)
    assert said.count("có quyết định thu hồi nhưng chưa có ngày") == 1
    assert after.problems == []


async def test_a_first_end_that_lies_ahead_is_not_taken_from_buyers_yet(
    conn: AsyncConnection,
) -> None:
    undated = {**PROVINCE, "decided_on": ""}
    await import_rows(conn, {**TEA, **undated}, {**RICE, **undated})
    ahead = {**PROVINCE, "decided_on": "2025-04-03"}
    over = {**PROVINCE, "decided_on": "2020-04-03"}

    report = await import_rows(conn, {**TEA, **ahead}, {**RICE, **over})
    again = await import_rows(conn, {**TEA, **ahead}, {**RICE, **over})

    assert [(each.takes, each.takes_later) for each in (report, again)] == [
        ({"ended": 2}, {"ended": 1})
    ] * 2
    assert NOW.year == 2026
