"""A paper that somebody has looked at, when an older list says otherwise later."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.feed.rows.row import ProblemKind
from catalog.model.fact import Fact
from catalog.model.paper import Paper
from tests.catalog_database import import_rows

SEEN = "2026-11-20"
ROW: Mapping[str, object] = {
    "product_id": "SP-00001",
    "name": "Trà hoa vàng Mẫu",
    "producer_id": "CS-0001",
    "producer_name": "Cơ sở Mẫu 001",
    "declaration": "có",
    "declaration_by": "Cán bộ Mẫu",
    "declaration_on": "2026-02-27",
}
GONE: Mapping[str, object] = {
    "product_id": "SP-00001",
    "declaration": "không",
    "declaration_by": "Lê Mẫu",
    "declaration_on": SEEN,
}


async def declaration(conn: AsyncConnection) -> Paper:
    product, _ = (await reader.get(conn, ["SP-00001"]))["SP-00001"]
    (paper,) = product.papers
    return paper


async def seen(conn: AsyncConnection) -> None:
    """Import the list, and let somebody see since that the paper is not there."""
    await import_rows(conn, ROW)
    await import_rows(conn, GONE, source="Lê Mẫu")


@pytest.mark.postgresql
async def test_an_older_list_does_not_bring_back_a_paper_that_somebody_found_missing(
    conn: AsyncConnection,
) -> None:
    await seen(conn)

    report = await import_rows(conn, ROW, source="bảng khác")

    (problem,) = report.problems
    assert (problem.kind, problem.column) == (ProblemKind.CONFLICT, "declaration")
    assert "20/11/2026" in problem.vi
    held = (await declaration(conn)).held
    assert (held.value, held.by, held.on) == (Fact.NO, "Lê Mẫu", date(2026, 11, 20))


async def test_a_list_without_days_does_not_bring_it_back_either(
    conn: AsyncConnection,
) -> None:
    undated = {name: value for name, value in ROW.items() if name[-3:] != "_on"}
    await import_rows(conn, undated)
    await import_rows(conn, GONE, source="Lê Mẫu")

    report = await import_rows(conn, undated, source="bảng khác")

    (problem,) = report.problems
    assert (problem.kind, problem.column) == (ProblemKind.CONFLICT, "declaration")
    assert (await declaration(conn)).held.value is Fact.NO


async def test_a_list_without_days_may_say_that_a_paper_is_missing(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, ROW)

    gone = {**GONE, "declaration_on": None}
    report = await import_rows(conn, gone, source="bảng khác")

    assert list(report.problems) == []
    assert (await declaration(conn)).held.value is Fact.NO


async def test_whoever_looks_again_says_otherwise(conn: AsyncConnection) -> None:
    await seen(conn)

    row = {**ROW, "declaration_on": "2026-11-22"}
    report = await import_rows(conn, row)

    assert list(report.problems) == []
    assert (await declaration(conn)).held.value is Fact.YES


async def test_a_sheet_that_was_exported_since_may_say_otherwise(
    conn: AsyncConnection,
) -> None:
    await seen(conn)
    stamp = datetime(2026, 11, 22, tzinfo=UTC)

    report = await import_rows(conn, ROW, stamp=stamp)

    assert list(report.problems) == []
    assert (await declaration(conn)).held.value is Fact.YES


async def test_an_older_list_does_not_bring_back_another_end(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**ROW, "declaration_expires_on": "2027-01-01"})
    ended = {**GONE, "declaration": "có", "declaration_expires_on": "2026-12-31"}
    await import_rows(conn, ended, source="Lê Mẫu")

    late = {**ROW, "declaration_expires_on": "2030-01-01"}
    report = await import_rows(conn, late, source="bảng khác")

    (problem,) = report.problems
    assert problem.kind is ProblemKind.CONFLICT
    assert problem.column == "declaration_expires_on"
    assert (await declaration(conn)).expires_on == date(2026, 12, 31)
