"""Names of producers and their legal forms, where one contradicts the other."""

from collections.abc import Mapping

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.feed.cells.cell import show
from catalog.feed.rows.row import ProblemKind
from catalog.feed.write.to_rows import rows_of
from catalog.imports.import_report import ImportReport
from catalog.model.producer import Producer, ProducerKind
from catalog.model.product import Entry
from tests.catalog_database import import_rows, open_catalog

Row = Mapping[str, object]
FIRM, GROUP, COOP = "Công ty TNHH Mẫu 001", "Tổ hợp tác Mẫu 002", "HTX Mẫu 003"


async def entries(conn: AsyncConnection) -> list[Entry]:
    """Return all products with their producers."""
    return [each async for page in reader.pages(conn) for each in page]


async def maker_of(conn: AsyncConnection) -> Producer:
    """Return the producer of the first product."""
    maker = (await entries(conn))[0][1]
    assert maker is not None
    return maker


def asked(report: ImportReport) -> list[tuple[int, str]]:
    """Return row and column of each question; there is nothing else."""
    assert {each.kind for each in report.problems} <= {ProblemKind.QUESTION}
    return [(each.row, each.column) for each in report.problems]


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        pytest.param(FIRM, "HTX", ("doanh nghiệp", "hợp tác xã"), id="firm"),
        pytest.param(GROUP, "Hộ kinh doanh", ("tổ hợp tác", "hộ"), id="group"),
        pytest.param(COOP, "Công ty", ("hợp tác xã", "doanh nghiệp"), id="cooperative"),
        pytest.param("Hộ Mẫu 004", "DN", ("hộ", "doanh nghiệp"), id="household"),
    ],
)
async def test_a_name_that_states_another_form_is_asked_about(
    conn: AsyncConnection, name: str, kind: str, words: tuple[str, str]
) -> None:
    row = {"name": "Trà Mẫu", "producer_name": name, "producer_kind": kind}

    report = await import_rows(conn, row)
    revision = await reader.current_revision(conn)
    again = await import_rows(conn, row)

    assert asked(report) == asked(again) == [(2, "producer_kind")]
    assert await reader.current_revision(conn) == revision
    assert all(word in report.problems[0].vi for word in words)
    assert (await maker_of(conn)).kind is ProducerKind.UNKNOWN


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param(FIRM, "DN", id="the form it states"),
        pytest.param("Cơ sở Mẫu 004", "HTX", id="a name without a form"),
        pytest.param("Hồ Mẫu 005", "DN", id="no household"),
        pytest.param(COOP, "", id="no form"),
    ],
)
async def test_what_agrees_is_taken(
    conn: AsyncConnection, name: str, kind: str
) -> None:
    row = {"name": "Trà Mẫu", "producer_name": name, "producer_kind": kind}

    assert asked(await import_rows(conn, row)) == []
    assert (await maker_of(conn)).kind.value == kind


async def test_the_answer_that_the_question_names_is_taken(
    conn: AsyncConnection,
) -> None:
    row = {"name": "Trà Mẫu", "producer_name": GROUP, "producer_kind": "HTX"}
    [problem] = (await import_rows(conn, row)).problems
    answer = "Hợp tác xã (HTX), đúng"
    assert f"ghi “{answer}” vào cột " in problem.vi
    assert answer in problem.en

    again = await import_rows(conn, {**row, "producer_kind": answer})

    assert asked(again) == []
    assert (await maker_of(conn)).kind is ProducerKind.COOPERATIVE


@pytest.mark.parametrize("answer", ["HO (đúng)", "Hộ kinh doanh, đúng", "ho right"])
@pytest.mark.parametrize("order", [1, -1], ids=["forwards", "backwards"])
async def test_who_says_that_the_form_is_right_is_asked_no_more(
    conn: AsyncConnection, answer: str, order: int
) -> None:
    row = {"name": "Trà Mẫu", "producer_name": GROUP, "producer_kind": "HO"}
    told = {**row, "name": "Rượu Mẫu", "producer_kind": answer}
    await import_rows(conn, row)

    report = await import_rows(conn, *[row, told][::order])
    again = await import_rows(conn, row)

    assert (asked(report), asked(again)) == ([], [])
    assert (await maker_of(conn)).kind is ProducerKind.HOUSEHOLD


async def test_many_rows_of_one_producer_are_one_question(
    conn: AsyncConnection,
) -> None:
    maker = {"producer_name": GROUP, "producer_kind": "HO"}

    report = await import_rows(conn, *({**maker, "name": f"Món {n}"} for n in range(3)))

    assert (asked(report), len(report.created)) == ([(2, "producer_kind")], 3)


async def test_a_new_name_that_contradicts_the_known_form_is_asked_about(
    conn: AsyncConnection,
) -> None:
    first = {"name": "Trà Mẫu", "producer_name": COOP, "producer_kind": "HTX"}
    await import_rows(conn, first)
    named = {"product_id": "SP-00001", "producer_id": "CS-0001", "producer_name": FIRM}

    report = await import_rows(conn, named)
    kept = await maker_of(conn)
    both = await import_rows(conn, {**named, "producer_kind": "DN"})

    assert (asked(report), asked(both)) == ([(2, "producer_name")], [])
    assert kept.name == COOP
    maker = await maker_of(conn)
    assert (maker.name, maker.kind.value) == (FIRM, "DN")


async def test_an_export_asks_nothing_where_it_is_imported(
    conn: AsyncConnection,
) -> None:
    row = {"name": "Trà Mẫu", "producer_name": GROUP, "producer_kind": "HO (đúng)"}
    await import_rows(conn, row)
    exported = [
        {name: show(value) for name, value in each.items()}
        for each in rows_of(await entries(conn))
    ]

    async with open_catalog() as other:
        report = await import_rows(other, *exported)
        kind = (await maker_of(other)).kind

    assert (asked(report), kind) == ([], ProducerKind.HOUSEHOLD)
    assert asked(await import_rows(conn, *exported)) == []
