"""Imports that wait for a person: too much changed at once, and doubtful prices."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.tables import confirmation
from catalog.errors import AttestationError
from catalog.feed.rows.row import ProblemKind
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_report import ImportReport
from tests.catalog_database import NOW, import_rows
from tests.factories import person

Row = dict[str, object]


def rows(count: int, **cells: object) -> list[Row]:
    """Return *count* products of one pack; *cells* are the same in all."""
    return [
        {
            "name": f"Món Mẫu {n}",
            "producer_name": f"HTX Mẫu {n}",
            "pack": "Gói",
            "price_vnd": 50_000,
            "description": f"Món {n}",
            **cells,
        }
        for n in range(count)
    ]


def changed(base: Sequence[Row], count: int, **cells: object) -> list[Row]:
    """Return *base* with *cells* in the first *count* rows."""
    return [{**each, **(cells if n < count else {})} for n, each in enumerate(base)]


def by(token: str, who: str = "Bà Mẫu") -> Confirmation:
    """Return a person's word."""
    return Confirmation(token=token, by=person(who))


async def prices(conn: AsyncConnection) -> list[int | None]:
    """Return the prices of all packs, by product."""
    return [
        variant.price_vnd
        async for page in reader.pages(conn)
        for item, _ in page
        for variant in item.variants
    ]


async def confirmed(conn: AsyncConnection) -> list[tuple[str, str]]:
    """Return who has confirmed which token."""
    found = await conn.execute(select(confirmation.c.who, confirmation.c.token))
    return [(who, token) for who, token in found]


def held(report: ImportReport) -> list[tuple[str, int, int]]:
    """Return the columns that hold the import, and how many of how many change."""
    return [(each.column, each.changed, each.of) for each in report.held]


# A field that changes almost everywhere


@pytest.mark.parametrize(
    ("count", "cells", "column"),
    [
        pytest.param(11, {"description": "Khác"}, "description", id="changes"),
        pytest.param(11, {"description": "XÓA"}, "description", id="empties"),
        pytest.param(11, {"price_vnd": 60_000}, "price_vnd", id="of a pack"),
        pytest.param(11, {"paused": "yes"}, "paused", id="no to yes"),
        pytest.param(
            11, {"producer_kind": "HO (đúng)"}, "producer_kind", id="of a producer"
        ),
        pytest.param(11, {"stars": 3, "year": 2025}, "stars", id="of a certificate"),
        pytest.param(11, {"food_safety": "no"}, "food_safety", id="of a paper"),
        pytest.param(
            11,
            {"on_hand": 0, "counted_at": NOW.isoformat()},
            "on_hand",
            id="stock to nothing",
        ),
    ],
)
async def test_a_field_that_changes_in_more_than_a_fifth_holds_the_whole(
    conn: AsyncConnection, count: int, cells: Mapping[str, object], column: str
) -> None:
    counted_at = (NOW - timedelta(days=1)).isoformat()
    base = rows(
        50,
        stars=4,
        year=2025,
        food_safety="yes",
        producer_kind="HTX",
        on_hand=9,
        counted_at=counted_at,
    )
    await import_rows(conn, *base)
    before = await reader.current_revision(conn)
    new = {"name": "Mới Mẫu", "producer_name": "Cơ sở Mẫu"}

    report = await import_rows(conn, *changed(base, count, **cells), new)

    assert held(report) == [(column, count, 50)]
    assert (report.written, report.waits, report.created) == (False, True, ["SP-00051"])
    assert report.held[0].examples[0].key.startswith(("SP-00001", "CS-0001"))
    assert await reader.current_revision(conn) == before
    assert await reader.get(conn, ["SP-00051"]) == {}


@pytest.mark.parametrize(
    ("size", "count", "cells"),
    [
        pytest.param(50, 10, {"description": "Khác"}, id="a fifth"),
        pytest.param(12, 9, {"description": "Khác"}, id="fewer than ten"),
        pytest.param(50, 50, {"origin": "Việt Nam"}, id="what was empty"),
        pytest.param(50, 50, {"weight_g": 500}, id="a number that was not known"),
        pytest.param(50, 50, {"food_safety": "yes"}, id="a paper nobody had seen"),
        pytest.param(
            50, 50, {"on_hand": 3, "counted_at": NOW.isoformat()}, id="counts of stock"
        ),
    ],
)
async def test_what_changes_less_or_is_meant_to_goes_in(
    conn: AsyncConnection, size: int, count: int, cells: Mapping[str, object]
) -> None:
    counted_at = (NOW - timedelta(days=1)).isoformat()
    base = rows(size, on_hand=9, counted_at=counted_at)
    await import_rows(conn, *base)

    report = await import_rows(conn, *changed(base, count, **cells))

    assert (held(report), report.written, report.token) == ([], True, "")
    assert len(report.changed) == count


async def test_new_products_are_no_change(conn: AsyncConnection) -> None:
    report = await import_rows(conn, *rows(50))
    more = [{**each, "pack": "Hộp", "price_vnd": 70_000} for each in rows(50)]

    again = await import_rows(conn, *rows(50), *more)

    assert (held(report), held(again)) == ([], [])


async def test_a_confirmed_import_goes_in_and_is_recorded(
    conn: AsyncConnection,
) -> None:
    base = rows(20)
    await import_rows(conn, *base)
    sheet = changed(base, 15, description="Khác")
    token = (await import_rows(conn, *sheet)).token

    report = await import_rows(conn, *sheet, confirmed=by(token))
    again = await import_rows(conn, *sheet, confirmed=by(token))
    later = await import_rows(conn, *sheet)

    assert (report.written, len(report.changed), report.token) == (True, 15, "")
    assert not report.waits
    for each in (again, later):
        assert (each.written, each.changed, each.problems) == (True, [], [])
    assert await confirmed(conn) == [("Bà Mẫu", token)]


async def test_a_token_stands_for_this_file_and_this_catalog(
    conn: AsyncConnection,
) -> None:
    base = rows(20)
    await import_rows(conn, *base)
    sheet = changed(base, 15, description="Khác")
    token = (await import_rows(conn, *sheet)).token

    other = [*sheet[:-1], {**sheet[-1], "origin": "Việt Nam"}]
    of_another_file = await import_rows(conn, *other, confirmed=by(token))
    await import_rows(conn, {**base[0], "description": "Mới"})
    of_another_catalog = await import_rows(conn, *sheet, confirmed=by(token))

    for report in (of_another_file, of_another_catalog):
        assert (report.written, report.waits) == (False, True)
        assert report.token not in {"", token}
        assert [each.kind for each in report.problems] == [ProblemKind.QUESTION]
    assert await confirmed(conn) == []


@pytest.mark.parametrize("who", [" ", "N" * 201], ids=["nobody", "too long"])
async def test_nobody_confirms_nothing(conn: AsyncConnection, who: str) -> None:
    with pytest.raises(AttestationError, match="200"):
        await import_rows(conn, *rows(1), confirmed=by("x", who))


async def test_a_check_reports_and_writes_nothing(conn: AsyncConnection) -> None:
    report = await import_rows(conn, *rows(3), check=True)

    assert (report.written, len(report.created)) == (False, 3)
    assert await reader.current_revision(conn) == 0
    assert (await import_rows(conn, *rows(3))).created == report.created


# Prices


@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        pytest.param(50_000, 999, False, id="under a thousand"),
        pytest.param("", 999, False, id="the first, under a thousand"),
        pytest.param("", 1_000, True, id="a thousand"),
        pytest.param(50_000, 100_001, False, id="more than double"),
        pytest.param(50_000, 100_000, True, id="double"),
        pytest.param(50_000, 24_999, False, id="less than half"),
        pytest.param(50_000, 25_000, True, id="half"),
    ],
)
async def test_a_doubtful_price_waits_and_the_rest_of_its_row_does_not(
    conn: AsyncConnection, before: object, after: int, taken: bool
) -> None:
    await import_rows(conn, *rows(1, price_vnd=before))

    row = rows(1, price_vnd=after, description="Khác")
    report = await import_rows(conn, *row)

    item = (await reader.get(conn, ["SP-00001"]))["SP-00001"][0]
    assert item.description == "Khác"
    assert await prices(conn) == [after if taken else before or None]
    asked = [(each.row, each.column, each.kind) for each in report.problems]
    assert asked == ([] if taken else [(2, "price_vnd", ProblemKind.QUESTION)])
    assert bool(report.token) is report.waits is not taken
    assert report.written


@pytest.mark.postgresql
async def test_a_confirmed_price_goes_in_also_that_of_a_new_product(
    conn: AsyncConnection,
) -> None:
    sheet = rows(3, price_vnd=500)
    token = (await import_rows(conn, *sheet)).token
    assert await prices(conn) == [None] * 3

    report = await import_rows(conn, *sheet, confirmed=by(token))
    again = await import_rows(conn, *sheet)

    assert (report.problems, len(report.changed)) == ([], 3)
    assert await prices(conn) == [500] * 3
    assert (again.problems, again.changed) == ([], [])
    assert await confirmed(conn) == [("Bà Mẫu", token)]


@pytest.mark.parametrize(
    ("size", "count", "whole"),
    [
        pytest.param(99, 5, True, id="more than 5 %"),
        pytest.param(100, 5, False, id="5 %"),
        pytest.param(20, 4, False, id="fewer than five"),
    ],
)
async def test_many_doubtful_prices_hold_the_whole(
    conn: AsyncConnection, size: int, count: int, whole: bool
) -> None:
    base = rows(size)
    await import_rows(conn, *base)

    report = await import_rows(conn, *changed(base, count, price_vnd=150))

    assert held(report) == ([("price_vnd", count, size)] if whole else [])
    assert report.written is not whole
    assert len(report.problems) == count
    assert await prices(conn) == [50_000] * size


async def test_rows_that_differ_about_a_price_hold_none_of_them(
    conn: AsyncConnection,
) -> None:
    base = rows(1)
    for first, second in ((150, 200), (51_000, 200), (200, 51_000)):
        one, two = ({**base[0], "price_vnd": price} for price in (first, second))
        report = await import_rows(conn, *base, source="gốc")
        report = await import_rows(conn, one, two, source="gốc")

        told = [(each.row, each.column, each.kind) for each in report.problems]
        assert told == [(n, "price_vnd", ProblemKind.QUESTION) for n in (2, 3)]
