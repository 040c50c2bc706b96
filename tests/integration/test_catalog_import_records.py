"""JSON files with a bad record, imported: the others go in, nothing is concluded."""

import io
import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.feed.rows.open_feed import open_feed
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport
from tests.catalog_database import NOW

TEA = {"name": "Chè Mẫu", "producer_name": "Cơ sở Mẫu 001", "stars": 4}
RICE = {**TEA, "name": "Gạo Mẫu"}
HONEY = {**TEA, "name": "Mật Mẫu"}


async def import_json(conn: AsyncConnection, *records: Any) -> ImportReport:
    """Import *records*; a text is written as it is."""
    each = [r if isinstance(r, str) else json.dumps(r) for r in records]
    content = f"[{','.join(each)}]".encode()
    feed = open_feed(io.BytesIO(content))
    return await import_feed(conn, feed.rows, now=NOW, source="danh-muc.json")


async def test_the_other_records_go_in(conn: AsyncConnection) -> None:
    bad = {**RICE, "stars": {"value": 4}}

    report = await import_json(conn, TEA, bad, 7, '{"name": "Trà Mẫu",}', HONEY)

    assert (report.rows, len(report.created)) == (5, 2)
    assert [each.row for each in report.problems] == [2, 3, 4]
    assert report.has_bad_rows
    assert not report.waits


async def test_a_bad_record_still_names_its_product(conn: AsyncConnection) -> None:
    await import_json(conn, TEA, RICE, HONEY)

    report = await import_json(conn, TEA, {**RICE, "stars": [4]}, HONEY)

    assert (len(report.problems), report.missing) == (1, [])


async def test_a_record_that_may_be_about_any_product_makes_none_missing(
    conn: AsyncConnection,
) -> None:
    await import_json(conn, TEA, RICE, HONEY)

    damaged = await import_json(conn, TEA, RICE, {**HONEY, "name": None, "sku": [1]})
    whole = await import_json(conn, TEA, RICE)

    assert (damaged.missing, whole.missing) == ([], ["SP-00003"])
