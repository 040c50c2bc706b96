"""A catalog of several pages is exported whole, and its rows are counted."""

from functools import partial
from io import BytesIO
from typing import Any

import pytest

from catalog.db.reader import pages
from catalog.db.writer import save
from catalog.feed.cells.stamp import Stamp
from catalog.queries import export as exporting
from catalog.queries.export import export_csv, export_json, export_xlsx
from tests.catalog_database import open_catalog
from tests.factories import AT
from tests.world import entry


@pytest.mark.parametrize("export", [export_csv, export_json, export_xlsx])
async def test_the_rows_of_all_pages_are_counted(
    export: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "pages", partial(pages, size=2))
    counted: list[int] = []
    async with open_catalog() as conn:
        await save(conn, [entry(n) for n in range(1, 6)], now=AT, who="kiểm thử")

        total = await export(conn, BytesIO(), Stamp(AT, "bảng mẫu"), counted.append)

    assert (total, counted) == (5, [2, 2, 1])
