"""The evidence for certificates that a sheet brings: no claim without a decision."""

from collections.abc import Mapping
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.certificate_history import amendments_of
from catalog.commands.certify.which import Which
from catalog.db import reader
from catalog.eligibility import evaluate, load_rules
from catalog.errors import AttestationError, NotInCatalogError
from catalog.feed.rows.row import ProblemKind
from catalog.feed.write.to_rows import rows_of
from catalog.imports.answers import answer_authority
from catalog.imports.import_report import ImportReport
from catalog.model.certificate import Certificate, Evidence
from catalog.model.fact import Fact
from tests.catalog_database import NOW, import_rows
from tests.certified import correct_day, void
from tests.factories import person

TEA = {
    "name": "Trà hoa vàng Mẫu",
    "producer_name": "Cơ sở Mẫu 001",
    "stars": "4 sao",
}
RICE = {**TEA, "name": "Gạo nếp Mẫu"}
WHOLE = {"decision": "7/QĐ-UBND", "body": "tỉnh", "decided_on": "2024-04-03"}
DISTRICT = {"stars": "3 sao", "decision": "7/QĐ-UBND", "decided_on": "2024-04-03"}
"""Of a time in which districts granted three stars."""
Row = Mapping[str, object]


async def certificates(conn: AsyncConnection) -> list[Certificate]:
    """Return the certificates of all products, by id of the product."""
    found = [each async for page in reader.pages(conn) for each, _ in page]
    return [each for product in found for each in product.certificates]


async def evidence(conn: AsyncConnection) -> list[tuple[str, Evidence]]:
    """Return who decided, and what stands behind it."""
    return [(each.body, each.evidence) for each in await certificates(conn)]


def asked(report: ImportReport) -> list[tuple[int, str, ProblemKind]]:
    """Return what a person is told, without the words."""
    return [(each.row, each.column, each.kind) for each in report.problems]


def told(report: ImportReport) -> str:
    """Return all that is said and is no problem."""
    return "\n".join(note.en for note in report.notes)


# Less than a decision


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        pytest.param({"year": 2024}, "number 1, authority 1, day 1", id="only a year"),
        pytest.param({}, "number 1, authority 1, day 1", id="only stars"),
        pytest.param(
            {**WHOLE, "decision": ""}, "number 1, authority 0, day 0", id="no number"
        ),
        pytest.param(
            {**WHOLE, "decided_on": "", "year": 2024},
            "number 0, authority 0, day 1",
            id="no day",
        ),
    ],
)
async def test_stars_without_a_whole_decision_are_published_at_best(
    conn: AsyncConnection, said: Row, lacking: str
) -> None:
    report = await import_rows(conn, {**TEA, **said})

    assert [each for _, each in await evidence(conn)] == [Evidence.PUBLISHED]
    assert f"1 row (2): no whole recognising decision (lacking {lacking})" in told(
        report
    )
    async for page in reader.pages(conn):
        for product, producer in page:
            verdict = evaluate(product, producer, NOW, load_rules())
            assert verdict.certified is Fact.UNKNOWN


async def test_a_sheet_that_calls_less_a_decision_is_overruled_and_told(
    conn: AsyncConnection,
) -> None:
    row = {**TEA, "evidence": "quyết định", "year": 2024}

    report = await import_rows(conn, row, {**row, "pack": "Hộp 500 g"})

    assert [each for _, each in await evidence(conn)] == [Evidence.PUBLISHED]
    assert "2 of them though they say decision" in told(report)
    assert report.problems == []


async def test_a_revoking_decision_without_its_day_is_told(
    conn: AsyncConnection,
) -> None:
    row = {**TEA, **WHOLE, "revoked_by": "9/QĐ-UBND"}
    words = "a revoking decision without its day"

    first = await import_rows(conn, row, {**row, "pack": "Hộp 500 g"})
    again = await import_rows(conn, {**TEA, **WHOLE})
    dated = await import_rows(conn, {**row, "revoked_on": "2026-05-06"})

    assert f"rows 2, 3: {words}" in told(first)
    assert f"rows 2: {words}" in told(again)
    assert words not in told(dated)


async def test_a_sheet_that_says_published_is_told_nothing(
    conn: AsyncConnection,
) -> None:
    report = await import_rows(conn, {**TEA, "evidence": "published", "year": 2024})

    assert report.notes == []


async def test_number_authority_and_day_make_a_decision(conn: AsyncConnection) -> None:
    report = await import_rows(conn, {**TEA, **WHOLE})

    assert await evidence(conn) == [("tỉnh", Evidence.DECISION)]
    assert report.notes == []


async def test_what_lacked_makes_a_decision_once_it_is_filled_in(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, **WHOLE, "decision": ""})

    await import_rows(conn, {**TEA, **WHOLE})

    assert await evidence(conn) == [("tỉnh", Evidence.DECISION)]


async def test_a_row_that_was_exported_needs_only_what_lacked(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, **WHOLE, "decision": ""})
    (row,) = [row async for page in reader.pages(conn) for row in rows_of(page)]

    report = await import_rows(conn, {**row, "decision": "7/QĐ-UBND"})

    assert report.problems == []
    assert await evidence(conn) == [("tỉnh", Evidence.DECISION)]


async def test_a_whole_decision_that_was_only_published_is_none_and_told(
    conn: AsyncConnection,
) -> None:
    row = {**TEA, **WHOLE, "evidence": "published"}

    report = await import_rows(conn, row)

    assert await evidence(conn) == [("tỉnh", Evidence.PUBLISHED)]
    assert told(report).startswith("rows 2: number, authority and day are known")
    await import_rows(conn, {**row, "evidence": "decision"})
    assert await evidence(conn) == [("tỉnh", Evidence.DECISION)]


async def test_what_is_cleared_leaves_no_decision(conn: AsyncConnection) -> None:
    await import_rows(conn, {**TEA, **DISTRICT, "body": "huyện"})

    await import_rows(conn, {**TEA, **DISTRICT, "body": "XÓA"})

    assert await evidence(conn) == [("", Evidence.PUBLISHED)]


# The authority


@pytest.mark.parametrize(
    ("stars", "number", "day", "body"),
    [
        (3, "7/QĐ-UBND", "2023-02-23", "tỉnh"),
        (3, "7/QĐ-UBND", "2025-07-06", "tỉnh"),
        (4, "7/QĐ-UBND", "2024-04-03", "tỉnh"),
        (5, "7/QĐ-BNN-VPĐP", "2024-04-03", "trung ương"),
        (3, "7/QĐ-BNNMT", "2024-04-03", "trung ương"),
    ],
)
async def test_the_authority_follows_where_number_and_day_leave_no_other(
    conn: AsyncConnection, stars: int, number: str, day: str, body: str
) -> None:
    row = {**TEA, "stars": stars, "decision": number, "decided_on": day}

    report = await import_rows(conn, row)

    assert await evidence(conn) == [(body, Evidence.DECISION)]
    assert report.problems == []
    assert told(report).startswith(f"1 certificate: decided at the level {body}")


@pytest.mark.parametrize(
    ("stars", "number", "day"),
    [
        pytest.param(3, "7/QĐ-UBND", "2023-02-24", id="a district's time"),
        pytest.param(3, "7/QĐ-UBND", "2025-07-05", id="the last day of districts"),
        pytest.param(5, "7/QĐ-UBND", "2024-04-03", id="not for a committee to grant"),
        pytest.param(4, "7/QĐ-UBND", "2019-08-20", id="before the table begins"),
        pytest.param(4, "7/QĐ-SNN", "2024-04-03", id="another office"),
    ],
)
async def test_the_authority_is_asked_where_it_is_not_certain(
    conn: AsyncConnection, stars: int, number: str, day: str
) -> None:
    row = {**TEA, "stars": stars, "decision": number, "decided_on": day}

    report = await import_rows(conn, row)

    assert await evidence(conn) == [("", Evidence.PUBLISHED)]
    assert asked(report) == [(2, "body", ProblemKind.QUESTION)]
    assert report.waits


async def test_the_authority_is_asked_once_for_each_decision(
    conn: AsyncConnection,
) -> None:
    other = {**DISTRICT, "decision": "8/QĐ-UBND"}
    rows = [
        {**TEA, **DISTRICT},
        {**RICE, **DISTRICT, "decision": "07/qđ-ubnd"},
        {**TEA, "name": "Mật ong Mẫu", **other},
    ]

    report = await import_rows(conn, *rows)

    assert asked(report) == [
        (2, "body", ProblemKind.QUESTION),
        (4, "body", ProblemKind.QUESTION),
    ]
    assert "(rows 2, 3)" in report.problems[0].en


@pytest.mark.parametrize("order", [1, -1])
async def test_one_answer_serves_all_rows_of_its_decision(
    conn: AsyncConnection, order: int
) -> None:
    rows = [{**TEA, **DISTRICT}, {**RICE, **DISTRICT, "body": "UBND huyện Mẫu"}]

    report = await import_rows(conn, *rows[::order])

    assert await evidence(conn) == [("huyện", Evidence.DECISION)] * 2
    assert report.problems == []
    assert told(report) == (
        "1 certificate: decided at the level huyện, as is known of the same decision"
    )


async def test_an_answer_is_remembered(conn: AsyncConnection) -> None:
    await import_rows(conn, {**TEA, **DISTRICT, "body": "huyện"})

    report = await import_rows(conn, {**RICE, **DISTRICT}, source="bảng khác")

    assert await evidence(conn) == [("huyện", Evidence.DECISION)] * 2
    assert report.problems == []


async def test_a_voided_certificate_answers_nothing(conn: AsyncConnection) -> None:
    await import_rows(conn, {**TEA, **DISTRICT, "body": "huyện"})
    which = Which(decision="7/QĐ-UBND")
    await void(conn, "SP-00001", which, by=person("Bà Mẫu"), reason="ghi nhầm", now=NOW)

    report = await import_rows(conn, {**RICE, **DISTRICT}, source="bảng khác")

    assert asked(report) == [(2, "body", ProblemKind.QUESTION)]


async def test_what_is_filled_in_stays_when_the_sheet_comes_again(
    conn: AsyncConnection,
) -> None:
    rows = [{**TEA, **DISTRICT, "body": "huyện"}, {**RICE, **DISTRICT}]
    await import_rows(conn, *rows)

    report = await import_rows(conn, *rows)

    assert (report.changed, report.created, report.problems) == ([], [], [])
    assert report.notes == []


async def test_two_answers_for_one_decision_are_none(conn: AsyncConnection) -> None:
    rows = [
        {**TEA, **DISTRICT, "body": "huyện"},
        {**RICE, **DISTRICT, "body": "tỉnh"},
        {**TEA, **DISTRICT, "name": "Mật ong Mẫu"},
    ]

    report = await import_rows(conn, *rows)

    assert asked(report) == [(4, "body", ProblemKind.QUESTION)]
    assert "đang lưu các cơ quan khác nhau (huyện, tỉnh)" in report.problems[0].vi


async def test_an_authority_that_a_sheet_states_is_never_replaced(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, **WHOLE, "body": "huyện"})

    report = await import_rows(conn, {**TEA, **WHOLE, "body": ""})

    assert await evidence(conn) == [("huyện", Evidence.DECISION)]
    assert report.changed == []


# A person's word


async def test_a_person_says_once_who_took_a_decision(conn: AsyncConnection) -> None:
    await import_rows(conn, {**TEA, **DISTRICT}, {**RICE, **DISTRICT})

    changed = await say(conn, "07/qđ-ubnd", "huyện")

    assert changed == ["SP-00001", "SP-00002"]
    assert await evidence(conn) == [("huyện", Evidence.DECISION)] * 2
    assert (await amendments_of(conn, "SP-00001"))[-1].who == "Bà Mẫu"
    again = await import_rows(conn, {**TEA, **DISTRICT}, {**RICE, **DISTRICT})
    assert (again.problems, again.changed) == ([], [])


@pytest.mark.postgresql
async def test_what_says_another_authority_or_lacks_more_stays(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, **DISTRICT, "body": "tỉnh"})
    await import_rows(conn, {**RICE, **DISTRICT, "decision": ""})

    assert await say(conn, "7/QĐ-UBND", "huyện") == []
    assert await evidence(conn) == [
        ("tỉnh", Evidence.DECISION),
        ("", Evidence.PUBLISHED),
    ]


@pytest.mark.parametrize("number", ["8/QĐ-UBND", "7/QĐ-BNN"])
async def test_a_decision_that_nobody_knows_is_named(
    conn: AsyncConnection, number: str
) -> None:
    await import_rows(conn, {**TEA, **DISTRICT})

    with pytest.raises(NotInCatalogError, match=number):
        await say(conn, number, "huyện")


@pytest.mark.parametrize(("number", "by"), [("Đang trình", "Bà Mẫu"), ("7/QĐ", " ")])
async def test_who_took_a_decision_is_said_by_somebody_of_a_number(
    conn: AsyncConnection, number: str, by: str
) -> None:
    with pytest.raises(AttestationError, match="1114/QĐ-UBND"):
        await say(conn, number, "huyện", by=by)


async def say(
    conn: AsyncConnection, number: str, body: str, by: str = "Bà Mẫu"
) -> list[str]:
    """Say who took a decision of the day of `DISTRICT`."""
    day = date(2024, 4, 3)
    return list(await answer_authority(conn, number, day, body, by=person(by), now=NOW))


async def test_a_day_that_a_person_adds_completes_a_decision(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, **WHOLE, "decided_on": ""})

    which, day = Which(decision="7/QĐ-UBND"), date(2024, 4, 3)
    await correct_day(conn, "SP-00001", which, day, by=person("Bà Mẫu"), now=NOW)

    assert await evidence(conn) == [("tỉnh", Evidence.DECISION)]
