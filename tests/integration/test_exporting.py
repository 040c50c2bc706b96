"""A catalog of several pages is exported whole, and its rows are counted."""

from functools import partial
from io import BytesIO

import pytest

from catalog.db.history import Author
from catalog.db.reader import pages
from catalog.db.writer import save
from catalog.feed.cells.stamp import Stamp
from catalog.queries import export as exporting
from catalog.queries.export import EXPORTS, export_as
from tests.catalog_database import open_catalog
from tests.factories import AT
from tests.world import entry


@pytest.mark.parametrize("kind", EXPORTS)
async def test_the_rows_of_all_pages_are_counted(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "pages", partial(pages, size=2))
    counted: list[int] = []
    async with open_catalog() as conn:
        await save(conn, [entry(n) for n in range(1, 6)], by=Author("kiểm thử", AT))

        stamp = Stamp(AT, "bảng mẫu")
        total = await export_as(conn, kind, BytesIO(), stamp, counted.append)

    assert (total, counted) == (5, [2, 2, 1])
