"""An import reads known products some at a time, and knows all of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import identities, source_products
from tests.catalog_database import import_rows, open_catalog

pytestmark = pytest.mark.postgresql

ROWS = [
    {"name": f"Món Mẫu {n}", "producer_name": f"Cơ sở Mẫu {n:03}", "pack": "Gói 1 kg"}
    for n in range(5)
]


@pytest.fixture
async def conn(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncConnection]:
    """A catalog with five products, of which two are a page."""
    for module in (identities, source_products):
        monkeypatch.setattr(module, "CHUNK", 2)
    async with open_catalog(url) as conn:
        await import_rows(conn, *ROWS)
        yield conn


async def test_what_is_on_a_later_page_is_known(conn: AsyncConnection) -> None:
    report = await import_rows(conn, *reversed(ROWS))

    assert (report.created, report.changed, report.unchanged) == ([], [], 5)


async def test_what_is_missing_is_found_on_the_first_and_the_last_page(
    conn: AsyncConnection,
) -> None:
    report = await import_rows(conn, *ROWS[1:4])
    again = await import_rows(conn, *ROWS)

    assert (report.sick, report.missing) == (False, ["SP-00001", "SP-00005"])
    assert again.returned == ["SP-00001", "SP-00005"]


async def test_no_query_of_an_import_reads_all_that_is_known(
    conn: AsyncConnection,
) -> None:
    said: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(" ".join(statement.split()))

    event.listen(conn.sync_connection, "before_cursor_execute", note)
    await import_rows(conn, *ROWS[1:], {**ROWS[0], "description": "Ngon."})

    read = [each for each in said if each.startswith("SELECT")]
    known = [
        each
        for each in read
        if any(f" FROM {name} " in each for name in ("product", "producer", "naming"))
    ]
    assert known
    assert [each for each in known if " IN (" not in each and "LIMIT" not in each] == []
