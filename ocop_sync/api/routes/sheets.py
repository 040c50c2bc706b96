"""Sheets: the catalog, worklists, one to fill in; lists of products that are sent."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from catalog.vietnam_time import start_of
from ocop_sync.api.access.reach import ensure_whole
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import asker_of, long_work_of
from ocop_sync.api.problems import FEED_REFUSED
from ocop_sync.api.routes.imports import CSV, MOST_BYTES, XLSX
from ocop_sync.api.routes.worklist import Ahead, AsOf
from ocop_sync.api.typed.body import JSON, UploadRule
from ocop_sync.api.typed.call import Call, Upload
from ocop_sync.api.typed.file_sending import StoredFile
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.values import Model
from ocop_sync.service.department.sheets import (
    TEMPLATE_NAME,
    CatalogKind,
    TableKind,
    codes_in,
    write_catalog,
    write_empty_sheet,
    write_expiring,
    write_missing_papers,
)

TAG: Final = "sheets"

ZIP: Final = "application/zip"
_TYPES: Final = {"xlsx": XLSX, "csv": CSV, "json": JSON, "zip": ZIP}


class CatalogQuery(Model):
    """Which kind of file."""

    format: CatalogKind = "xlsx"
    """A workbook, CSV as spreadsheets read it, or JSON."""


class ProductListForm(Model):
    """The products that a sheet lists."""

    products: tuple[str, ...]
    """Their codes, in the order of the lines; nobody has looked whether they are
    known."""


class LacksTableQuery(Model):
    """Which kind of table, and of which day."""

    format: TableKind = "xlsx"
    """A workbook, or CSV as spreadsheets read it."""
    as_of: AsOf = None
    """As of the beginning of this day in Vietnam; now if left out."""


class ExpiringTableQuery(LacksTableQuery):
    """How far ahead."""

    days: Ahead = 90
    """So many days ahead."""


@operation(
    "GET",
    "/api/v1/catalog-export",
    summary="The whole catalog as a file",
    allowed=STAFF,
    tag=TAG,
    media_types=(XLSX, CSV, JSON),
)
async def export_whole_catalog(call: Call, query: CatalogQuery) -> StoredFile:
    """Return all products with their producers, by code, one row for each pack.

    The file can be imported again. It holds names of those who have seen papers.
    """
    return await made_file(call, "danh-muc", query.format, write_catalog, query.format)


@operation(
    "GET",
    "/api/v1/catalog-template",
    summary="An empty sheet to fill in",
    allowed=STAFF,
    tag=TAG,
    media_types=(XLSX,),
)
async def get_empty_sheet(call: Call) -> StoredFile:
    """Return a workbook with lists to choose from, help, and one example.

    The example is not imported.
    """
    name, _, kind = TEMPLATE_NAME.rpartition(".")
    return await made_file(call, name, kind, write_empty_sheet)


@operation(
    "GET",
    "/api/v1/expiring/table",
    summary="Certificates that end soon, as a file",
    allowed=STAFF,
    tag=TAG,
    media_types=(XLSX, CSV),
)
async def get_expiring_table(call: Call, query: ExpiringTableQuery) -> StoredFile:
    """Return what `GET /expiring` lists, whole, as a table."""
    return await made_file(
        call,
        "sap-het-han",
        query.format,
        write_expiring,
        query.format,
        days=query.days,
        at=_instant(query),
    )


@operation(
    "GET",
    "/api/v1/missing-papers/table",
    summary="Papers that are missing, as a file",
    allowed=STAFF,
    tag=TAG,
    media_types=(XLSX, CSV),
)
async def get_missing_papers_table(call: Call, query: LacksTableQuery) -> StoredFile:
    """Return what `GET /missing-papers` lists, whole, as a table."""
    at = _instant(query)
    return await made_file(
        call, "thieu-giay-to", query.format, write_missing_papers, query.format, at=at
    )


@operation(
    "POST",
    "/api/v1/product-lists",
    summary="The codes of products that a sheet lists",
    allowed=STAFF,
    tag=TAG,
    upload=UploadRule(media_types=(XLSX, CSV), most_bytes=MOST_BYTES),
    problems=(FEED_REFUSED,),
    takes_key=True,
)
async def read_product_list(call: Call, upload: Upload) -> ProductListForm:
    """Read a sheet with a code on each line, for one decision on many products.

    They stand under the heading of a product's code or an SKU, or first in each line.
    Nothing is kept: the codes go into `products` of the decision, 500 at a time.
    """
    ensure_whole(asker_of(call))
    return ProductListForm(products=tuple(await codes_in(upload.path)))


OPERATIONS: Final = (
    read_product_list,
    export_whole_catalog,
    get_empty_sheet,
    get_expiring_table,
    get_missing_papers_table,
)


def _instant(query: LacksTableQuery) -> datetime | None:
    return start_of(query.as_of) if query.as_of else None


async def made_file(
    call: Call,
    name: str,
    kind: str,
    write: Callable[..., Awaitable[object]],
    *args: Any,
    **named: Any,
) -> StoredFile:
    """Return the file that *write* writes; it has no name any more on disk.

    Raises:
        ProblemError: Who asks acts for a producer: it is of all.
    """
    ensure_whole(asker_of(call))
    with NamedTemporaryFile(prefix="ocop-sync-sheet-") as named_file:
        path = Path(named_file.name)
        await long_work_of(call).do(write, path, *args, **named)
        return StoredFile.at(path, _TYPES[kind], f"{name}.{kind}")
