"""Decisions that a later sheet names otherwise: corrected, or another one."""

from collections.abc import Mapping
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.feed.rows.row import ProblemKind
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_report import ImportReport
from catalog.model.certificate import Certificate
from catalog.model.product import Product
from tests.catalog_database import import_rows
from tests.factories import person

TEA = {
    "name": "Trà hoa vàng Mẫu",
    "producer_name": "Cơ sở Mẫu 001",
    "stars": 4,
    "decision": "7/QĐ-UBND",
    "body": "tỉnh",
}
FIRST = {**TEA, "decided_on": "2024-04-03"}
Row = Mapping[str, object]


async def product_of(conn: AsyncConnection) -> Product:
    """Return the one product."""
    return (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]


async def history(conn: AsyncConnection) -> tuple[Certificate, ...]:
    """Return its certificates."""
    return (await product_of(conn)).certificates


async def days(conn: AsyncConnection) -> list[date | None]:
    """Return the days of its decisions."""
    return [each.decided_on for each in await history(conn)]


def asked(report: ImportReport) -> list[tuple[int, str, ProblemKind]]:
    """Return what a person is told, without the words."""
    return [(each.row, each.column, each.kind) for each in report.problems]


QUESTION = (2, "decided_on", ProblemKind.QUESTION)


# Another day of the same year


@pytest.mark.parametrize("later", ["2024-03-04", "2024-06-01", "2024-12-31"])
async def test_a_corrected_day_waits_and_the_rest_of_its_row_does_not(
    conn: AsyncConnection, later: str
) -> None:
    await import_rows(conn, FIRST)

    report = await import_rows(conn, {**FIRST, "decided_on": later, "origin": "Mẫu"})

    assert asked(report) == [QUESTION]
    assert (report.written, report.waits, bool(report.token)) == (True, True, True)
    assert await days(conn) == [date(2024, 4, 3)]
    assert (await product_of(conn)).label.origin == "Mẫu"


async def test_a_day_and_month_that_change_places_are_named(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, FIRST)

    report = await import_rows(conn, {**FIRST, "decided_on": "2024-03-04"})

    assert "đổi chỗ" in report.problems[0].vi
    assert "change places" in report.problems[0].en


async def test_a_confirmed_correction_leaves_no_second_certificate(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, FIRST)
    later = {**FIRST, "decided_on": "2024-06-01"}
    token = (await import_rows(conn, later)).token

    by = Confirmation(token=token, by=person("Bà Mẫu"))
    report = await import_rows(conn, later, confirmed=by)
    again = await import_rows(conn, later)

    assert (asked(report), report.changed) == ([], ["SP-00001"])
    assert await days(conn) == [date(2024, 6, 1)]
    assert (again.changed, again.problems, again.token) == ([], [], "")


async def test_a_token_stands_for_the_day_that_was_read(conn: AsyncConnection) -> None:
    await import_rows(conn, FIRST)
    later = {**FIRST, "decided_on": "2024-06-01"}
    token = (await import_rows(conn, later)).token
    earlier = {**FIRST, "decided_on": "2024-05-01", "decision_is": "correction"}
    await import_rows(conn, earlier, source="khác")

    by = Confirmation(token=token, by=person("Bà Mẫu"))
    report = await import_rows(conn, later, confirmed=by)

    assert (report.written, report.token not in {"", token}) == (False, True)
    assert await days(conn) == [date(2024, 5, 1)]


@pytest.mark.parametrize("word", ["đính chính", "correction"])
async def test_a_correction_can_be_answered_in_the_sheet(
    conn: AsyncConnection, word: str
) -> None:
    await import_rows(conn, FIRST)
    later = {**FIRST, "decided_on": "2024-06-01", "decision_is": word}

    report = await import_rows(conn, later)
    again = await import_rows(conn, later)

    assert (asked(report), await days(conn)) == ([], [date(2024, 6, 1)])
    assert (again.changed, again.problems) == ([], [])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(TEA, FIRST, id="the first day"),
        pytest.param({**TEA, "year": 2024}, FIRST, id="a day of the known year"),
        pytest.param(
            {**FIRST, "stars": 2},
            {**FIRST, "stars": 2, "decided_on": "2024-06-01"},
            id="a decision that grants no certificate",
        ),
    ],
)
async def test_what_changes_nothing_that_is_valid_is_not_asked(
    conn: AsyncConnection, first: Row, second: Row
) -> None:
    await import_rows(conn, first)

    report = await import_rows(conn, second)

    assert (report.problems, len(await history(conn))) == ([], 1)
    assert (await days(conn))[0] == date.fromisoformat(str(second["decided_on"]))


async def test_a_revocation_that_moves_waits_as_well(conn: AsyncConnection) -> None:
    revoked = {"revoked_by": "9/QĐ-UBND", "revoked_on": "2025-01-10"}
    await import_rows(conn, {**FIRST, **revoked})
    later = {**FIRST, **revoked, "revoked_on": "2027-01-10"}

    report = await import_rows(conn, later)
    before = (await history(conn))[0].revoked_on
    by = Confirmation(token=report.token, by=person("Bà Mẫu"))
    await import_rows(conn, later, confirmed=by)

    assert asked(report) == [(2, "revoked_on", ProblemKind.QUESTION)]
    assert before == date(2025, 1, 10)
    assert (await history(conn))[0].revoked_on == date(2027, 1, 10)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"stars": 3}, id="stars"),
        pytest.param({"body": "huyện"}, id="authority on the same day"),
    ],
)
async def test_other_corrections_of_a_decision_make_no_second_one(
    conn: AsyncConnection, said: Row
) -> None:
    await import_rows(conn, FIRST)

    report = await import_rows(conn, {**FIRST, **said})

    assert (report.problems, len(await history(conn))) == ([], 1)
    assert {name: getattr((await history(conn))[0], name) for name in said} == said


# What may be a correction or another decision


@pytest.mark.parametrize(
    ("said", "column"),
    [
        pytest.param({"decided_on": "2021-04-03"}, "decided_on", id="another year"),
        pytest.param({"decision": "71/QĐ-UBND"}, "decision", id="another number"),
        pytest.param(
            {"decided_on": "2024-06-01", "body": "huyện"}, "body", id="authority"
        ),
    ],
)
async def test_a_certificate_is_left_out_until_a_person_has_said_what_it_is(
    conn: AsyncConnection, said: Row, column: str
) -> None:
    await import_rows(conn, FIRST)
    known = await history(conn)
    row = {**FIRST, **said, "stars": 5, "origin": "Mẫu"}

    report = await import_rows(conn, row)

    assert asked(report) == [(2, column, ProblemKind.QUESTION)]
    assert (report.written, report.token) == (True, "")
    assert await history(conn) == known
    assert (await product_of(conn)).label.origin == "Mẫu"

    new = await import_rows(conn, {**row, "decision_is": "mới"})

    assert (new.problems, len(await history(conn))) == ([], 2)
    again = await import_rows(conn, {**row, "decision_is": "mới"})
    unanswered = await import_rows(conn, row)
    for each in (again, unanswered):
        assert (each.changed, each.problems) == ([], [])


async def test_a_correction_may_be_one_of_the_year(conn: AsyncConnection) -> None:
    await import_rows(conn, FIRST)
    row = {**FIRST, "decided_on": "2023-04-03", "decision_is": "đính chính"}

    report = await import_rows(conn, row)

    assert (report.problems, await days(conn)) == ([], [date(2023, 4, 3)])


async def test_each_pack_of_a_product_asks_once(conn: AsyncConnection) -> None:
    for said in ({"decided_on": "2024-06-01"}, {"decided_on": "2021-06-01"}):
        await import_rows(conn, FIRST)
        packs = [{**FIRST, **said, "pack": f"Hộp {n} g"} for n in (50, 90)]

        report = await import_rows(conn, *packs)

        assert asked(report) == [QUESTION]
        assert len((await product_of(conn)).variants) == 2


# Days to come


async def test_a_decision_of_a_day_to_come_is_said_with_its_rows(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, FIRST)
    coming = {**FIRST, "decision": "8/QĐ-UBND", "decided_on": "2026-12-01"}
    today = {**FIRST, "decision": "9/QĐ-UBND", "decided_on": "2026-11-24"}

    packs = [{**coming, "pack": f"Hộp {n} g"} for n in (50, 90)]
    report = await import_rows(conn, *packs, today)

    (note,) = (each for each in report.notes if "8/QĐ-UBND" in each.vi)
    assert "dòng 2, 3" in note.vi
    assert "01/12/2026" in note.vi
    assert not any("9/QĐ-UBND" in each.vi for each in report.notes)
    assert (report.problems, len(await history(conn))) == ([], 3)
