"""Sheets sent over the API: imported, reported, given back annotated."""

from typing import Annotated, Final

from pydantic import Field

from ocop_sync.api.access.reach import doing_of, reach_of
from ocop_sync.api.access.roles import STAFF_AND_PRODUCERS
from ocop_sync.api.context import asker_of, deployment_of, long_work_of
from ocop_sync.api.forms.imports import (
    ReportForm,
    ReportPage,
    problem_form,
    report_form,
)
from ocop_sync.api.problems import CATALOG_MOVES, CATALOG_REFUSED, FEED_REFUSED
from ocop_sync.api.typed.body import UploadRule
from ocop_sync.api.typed.call import Answer, Call, FileAnswer, Upload
from ocop_sync.api.typed.operation import operation
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import (
    Line,
    Model,
    Number,
    Page,
    PageQuery,
)
from ocop_sync.service.producer.uploads import (
    Sheet,
    annotated_sheet,
    import_sheet,
    reports_page,
    told_report,
)

TAG: Final = "imports"

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv"
MOST_BYTES: Final = 16_000_000
"""The largest sheet that is taken: larger catalogs are imported by the department."""


class UploadQuery(Model):
    """What is said of a sheet."""

    name: Line = "upload"
    """The name of the file, for people."""
    source: Annotated[str, Field(max_length=200)] = ""
    """Of which source it is; what the file says if empty. A producer's sheet is always
    that producer's."""
    confirm: Annotated[str, Field(max_length=64)] = ""
    """The token of a held report of the same sheet, which is confirmed by this."""
    sheets: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    """The sheets of a workbook that are read; the one that looks like a catalog if left
    out."""
    columns: Annotated[tuple[Line, ...], Field(max_length=100)] = ()
    """Answers about headings, such as "GIA BAN=price_vnd"; "-" passes a column over."""
    preview: bool = False
    """Write nothing but the report, which tells what the sheet would change."""


class ReportPath(Model):
    """Which report."""

    report: Number
    """Its number."""


@operation(
    "POST",
    "/api/v1/imports",
    summary="Import a sheet",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    status=201,
    takes_key=True,
    upload=UploadRule(media_types=(XLSX, CSV), most_bytes=MOST_BYTES),
    problems=(FEED_REFUSED, CATALOG_REFUSED, CATALOG_MOVES),
)
async def upload_import(
    call: Call, query: UploadQuery, upload: Upload
) -> Answer[ReportForm]:
    """Import an XLSX or CSV sheet, and return its report.

    Bad rows are left out and named; the others go in. A sheet that changes too much at
    once is held whole: send it again with the token as `confirm`. The sheet of a
    producer changes that producer's own products only; anything else in it is a
    problem of its row. With `preview` nothing is written but the report.
    """
    sheet = Sheet(
        path=upload.path,
        name=query.name,
        source=query.source,
        token=query.confirm,
        sheets=query.sheets,
        columns=query.columns,
        preview=query.preview,
    )
    doing = doing_of(asker_of(call))
    report = await long_work_of(call).do(import_sheet, sheet, doing)
    place = f"/api/v1/imports/{report.id}"
    return Answer(value=report_form(report), headers={"Location": place})


@operation(
    "GET",
    "/api/v1/imports",
    summary="The reports of imports",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
)
async def list_imports(call: Call, query: PageQuery) -> Page[ReportForm]:
    """List each attempt to import a sheet, the latest first: a producer's own ones.

    Also those that were held, that ask, or that changed nothing. What was told in one
    is kept for 30 days.
    """
    found = await reports_page(
        deployment_of(call),
        before=call.position(query, int),
        size=query.limit,
        reach=reach_of(asker_of(call)),
    )
    return call.page(tuple(map(report_form, found.reports)), found.last)


@operation(
    "GET",
    "/api/v1/imports/{report}",
    summary="The report of an import",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    problems=(NOT_FOUND,),
)
async def get_import(call: Call, path: ReportPath, query: PageQuery) -> ReportPage:
    """Return a report of the last 30 days, with its problems page by page."""
    found = await told_report(
        deployment_of(call),
        path.report,
        reach=reach_of(asker_of(call)),
        after=call.position(query, int) or 0,
        size=query.limit,
    )
    last = found.problems[-1][0] if len(found.problems) == query.limit else None
    page = call.page(tuple(problem_form(each) for _, each in found.problems), last)
    return ReportPage(
        report=report_form(found.report), problems=page.items, next=page.next
    )


@operation(
    "GET",
    "/api/v1/imports/{report}/annotated",
    summary="The imported sheet with its problems",
    allowed=STAFF_AND_PRODUCERS,
    tag=TAG,
    media_types=(XLSX,),
    problems=(NOT_FOUND,),
)
async def get_annotated_import(call: Call, path: ReportPath) -> FileAnswer:
    """Return the sheet as it was sent, with its problems beside its cells."""
    reach = reach_of(asker_of(call))
    content = await long_work_of(call).do(annotated_sheet, path.report, reach)
    name = f"import-{path.report}.xlsx"
    return FileAnswer(content=content, media_type=XLSX, name=name)


OPERATIONS: Final = (upload_import, list_imports, get_import, get_annotated_import)
