"""Importing a feed again: histories, counts of stock, and missing products.

Identity and values are in test_catalog_import.py.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.feed.rows.open_feed import open_feed
from catalog.imports.confirmation import Confirmation
from catalog.imports.import_feed import import_feed
from catalog.model.certificate import Certificate
from catalog.model.product import Product
from tests.catalog_database import NOW, as_csv, import_rows
from tests.factories import person

TEA = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001"}
RICE = {"name": "Gạo nếp Mẫu", "producer_name": "HTX Mẫu 002"}
HONEY = {"name": "Mật ong Mẫu", "producer_name": "HTX Mẫu 002"}
THREE = (TEA, RICE, HONEY)


async def product_of(conn: AsyncConnection, id_: str = "SP-00001") -> Product:
    """Return a product; the first one by default."""
    return (await reader.get(conn, [id_]))[id_][0]


# Certificates


async def certificates_after(
    conn: AsyncConnection, *rows: Mapping[str, object]
) -> tuple[Certificate, ...]:
    """Import each of *rows* by itself and return the history of the product."""
    for row in rows:
        report = await import_rows(conn, {**TEA, **row})
        assert report.problems == []
    return (await product_of(conn)).certificates


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"decision": "1/QĐ"}, {"decision": "2/QĐ"}, id="another decision"),
        pytest.param({"year": 2021}, {"year": 2024}, id="another year"),
        pytest.param({"year": 2021}, {"decision": "1/QĐ"}, id="a decision at last"),
        pytest.param(
            {"decision": "1/QĐ", "body": "tỉnh", "decided_on": "2021-04-06"},
            {
                "decision": "1/QĐ",
                "body": "tỉnh",
                "decided_on": "2024-04-06",
                "decision_is": "mới",
            },
            id="the same number three years later",
        ),
    ],
)
async def test_a_new_recognition_joins_the_history(
    conn: AsyncConnection, first: Mapping[str, object], second: Mapping[str, object]
) -> None:
    found = await certificates_after(
        conn, {**first, "stars": 3}, {**second, "stars": 4}
    )

    assert [each.stars for each in found] == [3, 4]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"decision": "1/QĐ"}, {"decision": "1/qđ"}, id="number"),
        pytest.param(
            {"decision": "1/QĐ"},
            {"decision": "1/QĐ", "body": "tỉnh", "decided_on": "2024-04-06"},
            id="its day becomes known",
        ),
        pytest.param(
            {"decided_on": "2024-04-06"},
            {"decision": "1/QĐ", "body": "tỉnh", "decided_on": "2024-04-06"},
            id="its number becomes known",
        ),
        pytest.param({"year": 2024}, {"year": 2024, "body": "tỉnh"}, id="year"),
    ],
)
async def test_the_same_recognition_is_completed(
    conn: AsyncConnection, first: Mapping[str, object], second: Mapping[str, object]
) -> None:
    found = await certificates_after(
        conn, {**first, "stars": 3}, {**second, "stars": 4}
    )

    assert [each.stars for each in found] == [4]


async def test_a_number_that_fits_two_decisions_is_refused(
    conn: AsyncConnection,
) -> None:
    old = {"decision": "1/QĐ", "body": "tỉnh", "decided_on": "2021-04-06"}
    new = {**old, "decided_on": "2024-04-06", "decision_is": "mới"}
    await certificates_after(conn, old, new)

    report = await import_rows(conn, {**TEA, "decision": "1/QĐ", "stars": 5})

    assert [each.column for each in report.problems] == ["decided_on"]


# Stock


@pytest.mark.parametrize(
    ("counted_at", "on_hand", "ignored"),
    [
        pytest.param("2026-11-23T08:00:00+07:00", 20, 1, id="older"),
        pytest.param("2026-11-24T08:59:00+07:00", 7, 0, id="newer"),
    ],
)
async def test_an_older_count_never_replaces_a_newer_one(
    conn: AsyncConnection, counted_at: str, on_hand: int, ignored: int
) -> None:
    first = {"on_hand": 20, "counted_at": "2026-11-23T09:00:00+07:00", "reserved": 2}
    await import_rows(conn, {**TEA, **first})

    second = {"on_hand": 7, "counted_at": counted_at, "reserved": 0, "price_vnd": 5_000}
    report = await import_rows(conn, {**TEA, **second})

    found = (await product_of(conn)).variants[0]
    assert (found.on_hand, found.price_vnd) == (on_hand, 5_000)
    assert found.reserved == (2 if ignored else 0)
    assert (report.ignored_counts, report.problems) == (ignored, [])


async def test_the_first_count_may_lack_its_time_and_a_later_one_not(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, "on_hand": 20})
    again = await import_rows(conn, {**TEA, "on_hand": 20}, now=NOW + timedelta(days=1))
    other = await import_rows(conn, {**TEA, "on_hand": 30})

    found = (await product_of(conn)).variants[0]
    assert (found.on_hand, found.counted_at) == (20, NOW)
    assert again.problems == []
    assert [each.column for each in other.problems] == ["on_hand"]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"on_hand": 1, "counted_at": "2026-11-25T09:00:00Z"}, id="future"),
        pytest.param({"counted_at": "2026-11-23T09:00:00Z"}, id="without a count"),
    ],
)
async def test_a_time_of_counting_must_make_sense(
    conn: AsyncConnection, cells: Mapping[str, object]
) -> None:
    report = await import_rows(conn, {**TEA, **cells})

    assert [each.column for each in report.problems] == ["counted_at"]


# Absence


async def absent(conn: AsyncConnection) -> dict[str, date]:
    """Return since when products are in no source."""
    return {
        product.id: product.not_in_source_since
        async for page in reader.pages(conn)
        for product, _ in page
        if product.not_in_source_since is not None
    }


async def test_what_a_source_leaves_out_is_marked_and_stays(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, *THREE)
    report = await import_rows(conn, TEA, HONEY)

    assert (report.missing, report.changed) == (["SP-00002"], ["SP-00002"])
    assert await absent(conn) == {"SP-00002": date(2026, 11, 24)}
    assert len(await reader.get(conn, ["SP-00002"])) == 1


async def test_what_comes_back_is_no_longer_marked(conn: AsyncConnection) -> None:
    await import_rows(conn, *THREE)
    await import_rows(conn, TEA, HONEY)
    report = await import_rows(conn, *THREE, now=NOW + timedelta(days=9))

    assert (report.returned, report.changed) == (["SP-00002"], ["SP-00002"])
    assert await absent(conn) == {}


async def test_the_day_of_absence_is_that_of_the_first_import_without_it(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, *THREE)
    await import_rows(conn, TEA, HONEY)
    report = await import_rows(conn, TEA, HONEY, now=NOW + timedelta(days=9))

    assert report.changed == []
    assert await absent(conn) == {"SP-00002": date(2026, 11, 24)}


async def test_only_products_of_the_same_source_can_be_missing_from_it(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, *THREE)
    report = await import_rows(conn, TEA, source="bảng khác")

    assert report.missing == []
    assert await absent(conn) == {}


async def test_a_product_that_another_source_names_is_not_absent(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, *THREE)
    await import_rows(conn, RICE, source="bảng khác")
    one = await import_rows(conn, TEA, HONEY)
    both = await import_rows(conn, HONEY, source="bảng khác")

    assert (one.missing, one.changed) == (["SP-00002"], [])
    assert both.sick
    assert await absent(conn) == {}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param((), id="empty"),
        pytest.param((TEA,), id="fewer than half"),
        pytest.param(({**TEA, "name": "Khác"},) * 3, id="other products"),
    ],
)
async def test_a_sick_source_marks_nothing_as_missing(
    conn: AsyncConnection, rows: tuple[Mapping[str, object], ...]
) -> None:
    await import_rows(conn, *THREE)
    report = await import_feed(
        conn, open_feed(as_csv({"name": ""}, *rows)).rows, now=NOW, source="bảng mẫu"
    )

    assert report.sick
    assert [each.row for each in report.problems] == [0]
    assert report.missing == []
    assert await absent(conn) == {}


async def test_a_sick_source_tells_of_rows_that_were_left_out(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, *THREE)

    report = await import_rows(conn, TEA, {**TEA, "name": "Khác", "price_vnd": "?"})

    [sick] = [each for each in report.problems if not each.row]
    assert "chỉ nêu rõ 1 sản phẩm, còn 1 dòng bị bỏ lại" in sick.vi
    assert "1 product for certain, and 1 row was left out" in sick.en


async def test_a_sick_source_is_as_sick_the_next_time_until_it_is_confirmed(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, *THREE)
    others = [{**TEA, "name": f"Món khác {n}"} for n in range(4)]

    reports = [await import_rows(conn, *others) for _ in range(3)]
    assert [each.sick for each in reports] == [True] * 3
    assert all(each.waits and each.written for each in reports)
    assert await absent(conn) == {}

    confirmed = Confirmation(token=reports[-1].token, by=person("Bà Mẫu"))
    report = await import_rows(conn, *others, confirmed=confirmed)
    assert (report.sick, report.problems) == (False, [])
    assert report.missing == ["SP-00001", "SP-00002", "SP-00003"]
    assert (await import_rows(conn, *others)).changed == []


async def test_three_rows_of_three_hundred_withdraw_nothing(
    conn: AsyncConnection,
) -> None:
    many = [{**TEA, "name": f"Món Mẫu {n}"} for n in range(300)]
    await import_rows(conn, *many)

    report = await import_rows(conn, *many[:3])

    assert (report.sick, report.missing, report.changed) == (True, [], [])
    assert await absent(conn) == {}


async def test_a_first_feed_without_rows_is_told(conn: AsyncConnection) -> None:
    report = await import_rows(conn, {"name": ""})

    assert (report.rows, report.sick, report.token) == (0, True, "")
    assert "trống" in report.problems[0].vi


async def test_a_bad_row_still_names_its_product(conn: AsyncConnection) -> None:
    await import_rows(conn, *THREE)
    report = await import_rows(conn, TEA, HONEY, {**RICE, "price_vnd": "?"})

    assert (len(report.problems), report.missing) == (1, [])
    assert await absent(conn) == {}


async def test_an_exported_mark_of_absence_is_kept(conn: AsyncConnection) -> None:
    row = {**RICE, "not_in_source_since": "2026-05-01"}
    await import_rows(conn, TEA, row)
    again = await import_rows(conn, TEA, row)

    assert again.changed == []
    assert await absent(conn) == {"SP-00002": date(2026, 5, 1)}
