"""One question before a sheet takes something from many products at once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.tables import catalog_import
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_report import ImportReport
from catalog.imports.many_effects import HeldEffects
from catalog.model.effect import EffectKind
from tests.catalog_database import NOW, import_rows
from tests.factories import person

Row = Mapping[str, object]

SIZE = 70
"""So many products the list has: seven may lose something within a day."""

DAY_BEFORE = (NOW - timedelta(days=1)).isoformat()
REVOKES = {
    "decision": "1/QĐ-UBND",
    "revoked_by": "9/QĐ-UBND",
    "revoked_on": "2026-11-20",
}
DECIDED = {
    "set_code": "I.3.c",
    "stars": 4,
    "decision": "1/QĐ-UBND",
    "decided_on": "2025-03-01",
    "consent": "yes",
    "food_safety": "yes",
    "declaration": "yes",
    "on_hand": 9,
    "counted_at": DAY_BEFORE,
}


def catalog(count: int = SIZE, **cells: object) -> list[Row]:
    """Return *count* products of one pack; *cells* are the same in all."""
    return [
        {
            "name": f"Món Mẫu {n:03}",
            "producer_name": f"Cơ sở Mẫu {n:03}",
            "pack": "Gói",
            "price_vnd": 50_000,
            **DECIDED,
            **cells,
        }
        for n in range(1, count + 1)
    ]


def sheet(numbers: Sequence[int], **cells: object) -> list[Row]:
    """Return a row for each of some products, with nothing but *cells*."""
    return [{"product_id": f"SP-{n:05}", **cells} for n in numbers]


@pytest.fixture
async def listed(conn: AsyncConnection) -> AsyncConnection:
    """A list of seventy products, imported by the department."""
    await import_rows(conn, *catalog(), source="danh-muc.csv")
    return conn


def question(report: ImportReport) -> HeldEffects:
    """Return the one question of an import."""
    (found,) = report.held
    assert isinstance(found, HeldEffects)
    return found


KINDS: dict[str, tuple[Row, EffectKind, str]] = {
    "revoked": (REVOKES, EffectKind.REVOKED, "revoked_by"),
    "revoked from tomorrow": (
        {**REVOKES, "revoked_on": "2026-11-26"},
        EffectKind.REVOKED,
        "revoked_by",
    ),
    "stopped": ({"paused": "yes"}, EffectKind.STOPPED, "paused"),
    "consent": ({"consent": "no"}, EffectKind.CONSENT, "consent"),
    "ended": (
        {
            "decision": "1/QĐ-UBND",
            "decided_on": "2022-03-01",
            "decision_is": "đính chính",
        },
        EffectKind.ENDED,
        "decided_on",
    ),
    "paper": ({"food_safety": "no"}, EffectKind.PAPER, "food_safety"),
    "paper over": (
        {"food_safety_expires_on": "2026-11-01"},
        EffectKind.PAPER,
        "food_safety",
    ),
    "stock": (
        {"on_hand": 0, "counted_at": NOW.isoformat()},
        EffectKind.EMPTIED,
        "on_hand",
    ),
    "other stars": (
        {
            "decision": "2/QĐ-BNN",
            "body": "trung ương",
            "decided_on": "2026-11-02",
            "stars": 5,
        },
        EffectKind.STARS,
        "stars",
    ),
}


@pytest.mark.parametrize(("cells", "kind", "column"), KINDS.values(), ids=KINDS)
async def test_what_takes_from_many_known_products_is_one_question(
    listed: AsyncConnection, cells: Row, kind: EffectKind, column: str
) -> None:
    numbers = range(1, 9)
    before = await reader.current_revision(listed)

    report = await import_rows(
        listed, *sheet(numbers, **cells), source="khác.csv", stamp=NOW
    )

    asked = question(report)
    assert (asked.column, asked.changed, asked.kinds) == (column, 8, {kind.value: 8})
    assert (asked.products[0], asked.more) == (("SP-00001", "Món Mẫu 001"), 0)
    assert (report.written, report.waits, report.import_id) == (False, True, None)
    assert await reader.current_revision(listed) == before


@pytest.mark.parametrize(
    ("cells", "kind"), [each[:2] for each in KINDS.values()], ids=KINDS
)
async def test_what_takes_from_few_is_not_asked_about_and_is_said(
    listed: AsyncConnection, cells: Row, kind: EffectKind
) -> None:
    report = await import_rows(
        listed, *sheet(range(1, 6), **cells), source="khác.csv", stamp=NOW
    )

    counted = {} if kind is EffectKind.STARS else {kind.value: 5}
    assert (report.held, report.written, report.takes) == ([], True, counted)
    assert bool(report.token) is bool(counted)
    assert (report.import_id, report.waits) == (2, False)


@pytest.mark.postgresql
async def test_a_filled_column_takes_nothing_off_sale_unasked(
    listed: AsyncConnection,
) -> None:
    rows = [{**row, **REVOKES} for row in catalog()]

    report = await import_rows(listed, *rows, source="danh-muc.csv")

    asked = question(report)
    assert (asked.changed, asked.of, asked.decisions) == (70, 70, ("9/QĐ-UBND",))
    assert (len(asked.products), asked.more) == (20, 50)
    for said in ("thu hồi 70", "quyết định: 9/QĐ-UBND", "SP-00001 Món Mẫu 001", "+50"):
        assert said in str(asked)

    word = Confirmation(token=report.token, by=person("Bà Mẫu"))
    confirmed = await import_rows(listed, *rows, source="danh-muc.csv", confirmed=word)
    again = await import_rows(listed, *rows, source="danh-muc.csv")

    assert (len(confirmed.changed), confirmed.held, confirmed.takes) == (70, [], {})
    assert (again.changed, again.token, again.import_id) == ([], "", None)
    kept = (await listed.execute(select(catalog_import).order_by("id"))).mappings()
    assert [(row["id"], row["confirmed_by"]) for row in kept] == [
        (1, ""),
        (2, "Bà Mẫu"),
    ]


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param(["danh-muc.csv"] * 14, id="the same name"),
        pytest.param([f"phần {n}.csv" for n in range(14)], id="another name each"),
    ],
)
async def test_a_file_that_is_split_adds_up(
    listed: AsyncConnection, sources: Sequence[str]
) -> None:
    held: list[ImportReport] = []
    taken = 0
    for n, source in enumerate(sources):
        numbers = range(5 * n + 1, 5 * n + 6)
        whole = catalog() if source == "danh-muc.csv" else []
        rows = [*whole, *sheet(numbers, **REVOKES)]
        now = NOW + timedelta(minutes=n)
        report = await import_rows(listed, *rows, source=source, now=now)
        held += [report] if report.held else []
        taken += 5 * report.written

    asked = question(held[0])
    assert (taken, len(held)) == (5, 13)
    assert (asked.changed, asked.of, asked.earlier) == (10, 70, 5)
    assert asked.source == "danh-muc.csv"


async def test_what_is_split_between_lists_of_one_product_each_adds_up(
    conn: AsyncConnection,
) -> None:
    for n, row in enumerate(catalog(12)):
        await import_rows(conn, row, source=f"xã {n}.csv")

    first = await import_rows(conn, *sheet(range(1, 6), **REVOKES), source="a.csv")
    second = await import_rows(conn, *sheet([6], **REVOKES), source="b.csv")

    assert first.held == []
    asked = question(second)
    assert (asked.source, asked.changed, asked.of) == ("", 6, 12)
    assert "cả danh mục" in str(asked)


async def test_a_day_later_the_count_begins_anew(listed: AsyncConnection) -> None:
    first, second = sheet(range(1, 8), **REVOKES), sheet(range(8, 15), **REVOKES)

    for hours, rows, asks in (
        (0, first, False),
        (23, second, True),
        (25, second, False),
    ):
        report = await import_rows(
            listed,
            *catalog(),
            *rows,
            source="danh-muc.csv",
            now=NOW + timedelta(hours=hours),
        )
        assert bool(report.held) is asks


async def test_what_a_person_has_confirmed_is_not_counted_again(
    listed: AsyncConnection,
) -> None:
    options: dict[str, Any] = {"source": "thu-hoi.csv"}
    rows = sheet(range(1, 31), **REVOKES)
    token = (await import_rows(listed, *rows, **options)).token
    word = Confirmation(token=token, by=person("Bà Mẫu"))
    await import_rows(listed, *rows, **options, confirmed=word)

    report = await import_rows(listed, *sheet([40], **REVOKES), source="thêm.csv")

    assert (report.held, report.takes) == ([], {"revoked": 1})


FILLS: dict[str, tuple[Row, Row]] = {
    "prices": ({"price_vnd": ""}, {"price_vnd": 60_000}),
    "papers": (
        {"food_safety": "", "declaration": ""},
        {"food_safety": "yes", "food_safety_expires_on": "2027-05-01"},
    ),
    "papers that nobody needs": ({}, {"alcohol_licence": "no"}),
    "first decisions": (
        {"stars": "", "decision": "", "decided_on": ""},
        {"stars": 4, "decision": "1/QĐ-UBND", "decided_on": "2025-03-01"},
    ),
    "the decision of stars that were published": (
        {"evidence": "published", "decision": "", "decided_on": "", "year": 2025},
        {"stars": 4, "decision": "1/QĐ-UBND", "decided_on": "2025-03-01"},
    ),
    "the same stars anew": (
        {},
        {"stars": 4, "decision": "2/QĐ-UBND", "decided_on": "2026-11-02"},
    ),
    "counts": (
        {"on_hand": "", "counted_at": ""},
        {"on_hand": 5, "counted_at": NOW.isoformat()},
    ),
    "first counts of nothing": (
        {"on_hand": "", "counted_at": ""},
        {"on_hand": 0, "counted_at": NOW.isoformat()},
    ),
    "consent": ({"consent": ""}, {"consent": "yes"}),
}


@pytest.mark.parametrize(("before", "after"), FILLS.values(), ids=FILLS)
async def test_what_fills_is_not_asked_about(
    conn: AsyncConnection, before: Row, after: Row
) -> None:
    await import_rows(conn, *catalog(40, **before), source="danh-muc.csv")

    numbers = range(1, 41)
    report = await import_rows(conn, *sheet(numbers, **after), source="bổ sung.csv")

    assert (report.held, report.written) == ([], True)
    assert [str(each) for each in report.problems] == []
    assert len(report.changed) == 40


async def test_new_products_that_come_revoked_or_ended_are_not_asked_about(
    conn: AsyncConnection,
) -> None:
    rows = catalog(40, **REVOKES, decided_on="2022-03-01", paused="yes", on_hand=0)

    report = await import_rows(conn, *rows, source="danh-muc.csv")

    assert (report.held, report.takes, report.token) == ([], {}, "")


async def test_a_producer_that_refuses_takes_all_its_products(
    conn: AsyncConnection,
) -> None:
    rows = [{**row, "producer_name": "Cơ sở Mẫu"} for row in catalog(40)]
    await import_rows(conn, *rows, source="danh-muc.csv")

    report = await import_rows(conn, *sheet([1], consent="no"), source="rút.csv")

    asked = question(report)
    assert (asked.changed, asked.of, asked.kinds) == (40, 40, {"consent": 40})


async def test_a_move_to_a_producer_that_refuses_is_counted(
    conn: AsyncConnection,
) -> None:
    refuses = {**catalog(1)[0], "name": "Khác", "producer_name": "Cơ sở Từ chối Mẫu"}
    await import_rows(conn, *catalog(8), {**refuses, "consent": "no"}, source="a.csv")

    report = await import_rows(
        conn, *sheet(range(1, 7), producer_name="Cơ sở Từ chối Mẫu"), source="b.csv"
    )

    assert question(report).kinds == {"consent": 6}


async def test_another_sheets_confirmation_does_not_cover_what_it_does_not_say(
    listed: AsyncConnection,
) -> None:
    stops, revokes = sheet([1, 2], paused="yes"), sheet([1, 2], **REVOKES)
    await import_rows(listed, *stops, source="a.csv", stamp=NOW)
    token = (await import_rows(listed, *revokes, source="b.csv", check=True)).token

    word = Confirmation(token=token, by=person("Bà Mẫu"))
    await import_rows(listed, *revokes, source="b.csv", confirmed=word)

    product, _ = (await reader.get(listed, ["SP-00001"]))["SP-00001"]
    assert [(e.kind, e.import_id, e.confirmed) for e in product.effects] == [
        (EffectKind.REVOKED, 3, True),
        (EffectKind.STOPPED, 2, False),
    ]


VOIDS = {
    "decision": "1/QĐ-UBND",
    "decided_on": "2025-03-01",
    "voided_by": "Bà Mẫu",
    "void_reason": "ghi nhầm",
}
OLDER: dict[str, tuple[Row, Row]] = {
    "an older count": (
        {"on_hand": 0, "counted_at": NOW.isoformat()},
        {"on_hand": 9, "counted_at": DAY_BEFORE, "buffer": 0},
    ),
    "a buffer beside a count of none": (
        {"on_hand": 0, "counted_at": NOW.isoformat()},
        {"buffer": 0},
    ),
    "a voided certificate": (
        VOIDS,
        {"stars": 4, "decision": "1/QĐ-UBND", "decided_on": "2025-03-01"},
    ),
    "the day as it was": (
        {
            "decision": "1/QĐ-UBND",
            "decided_on": "2025-02-01",
            "decision_is": "đính chính",
        },
        {"stars": 4, "decision": "1/QĐ-UBND", "decided_on": "2025-03-01"},
    ),
}
"""What a sheet takes, and what an old sheet says of the same."""


@pytest.mark.parametrize(("takes", "old"), OLDER.values(), ids=OLDER)
async def test_an_old_sheet_that_says_otherwise_does_not_take_the_same(
    listed: AsyncConnection, takes: Row, old: Row
) -> None:
    numbers = range(1, 4)
    earlier = {"stars": 4, "decision": "2/QĐ-UBND", "decided_on": "2024-05-06"}
    await import_rows(listed, *sheet(numbers, **earlier), source="2024.csv")
    rows = sheet(numbers, **takes)
    taken = await import_rows(listed, *rows, source="a.csv", stamp=NOW)
    assert sum(taken.takes.values()) == 3

    rows = [*sheet(numbers, **old), *sheet(numbers, **earlier)]
    report = await import_rows(listed, *rows, source="b.csv", stamp=NOW)

    assert (report.changed, report.takes) == ([], {})
