"""Sheets that are sent to the service: taken in, reported, given back annotated.

A producer's sheet changes that producer's products only; staff send the department's.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from catalog.db.kept_reports import KeptReport, reports_behind
from catalog.feed.headings.heading_answers import read_heading_answer
from catalog.imports.confirmation import Confirmation
from catalog.imports.evaluated_file import FileToImport
from catalog.imports.import_apart import import_apart
from catalog.imports.kept_import import (
    ProblemsPage,
    annotate_kept,
    kept_file,
    report_page,
)
from catalog.model.reach import Reach
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.changes import Doing

LARGEST_NUMBER: Final = 2**31 - 1
"""The largest number that a column holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet that was sent, on disk.

    Attributes:
        path: Where it is.
        name: The name of the file, as its sender calls it.
        source: Of which source it is; "" for what its stamp or its name says. A
            producer's sheet is always of that producer.
        token: The token of an earlier report that is confirmed; "" if none is.
        sheets: The sheets that are read; () for the one that looks like a catalog.
        columns: Answers about headings, as of `read_heading_answer`.
        preview: Nothing is written but the report, with what it would change.
    """

    path: Path
    name: str
    source: str = ""
    token: str = ""
    sheets: Sequence[str] = ()
    columns: Sequence[str] = ()
    preview: bool = False


async def import_sheet(
    deployment: Deployment, sheet: Sheet, doing: Doing
) -> KeptReport:
    """Import a sheet within somebody's reach, or look at it; return its report.

    Raises:
        FeedError: It cannot be read.
        CatalogError: Its source has no usable name.
    """
    with sheet.path.open("rb") as stream:
        file = FileToImport(
            stream=stream,
            name=sheet.name,
            source=_source_of(sheet, doing.reach),
            sheets=tuple(sheet.sheets),
            answers=dict(map(read_heading_answer, sheet.columns)),
        )
        return await import_stream(
            deployment, file, doing, token=sheet.token, preview=sheet.preview
        )


async def import_stream(
    deployment: Deployment,
    file: FileToImport,
    doing: Doing,
    *,
    token: str,
    preview: bool = False,
) -> KeptReport:
    """Import an open file, or look at it; return its report.

    Args:
        deployment: The deployment.
        file: The file.
        doing: Who imports it, within which reach.
        token: The token that is confirmed; "" if none is.
        preview: Nothing is written but the report.

    Raises:
        FeedError: It cannot be read.
        CatalogError: Its source has no usable name, or it has no such heading.
    """
    found = await import_apart(
        deployment.database,
        file,
        now=deployment.clock,
        by=doing.by,
        reach=doing.reach,
        confirmed=Confirmation(token=token, by=doing.by) if token else None,
        preview=preview,
        may_be_listed=bool(deployment.sites),
        communes=deployment.communes,
        bodies=deployment.rules.tables.bodies,
    )
    assert found.kept is not None  # noqa: S101  (it was no mere check)
    return found.kept


def _source_of(sheet: Sheet, reach: Reach) -> str:
    if reach.producers is None:
        return sheet.source
    return ", ".join(sorted(reach.producers))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsPage:
    """Some reports, the latest first.

    Attributes:
        reports: The reports.
        last: The number of the last one; None if no more follow.
    """

    reports: Sequence[KeptReport]
    last: int | None


async def reports_page(
    deployment: Deployment, *, before: int | None, size: int, reach: Reach
) -> ReportsPage:
    """Return the *size* reports within *reach* with numbers below *before*."""
    found = await deployment.database.fetch(
        reports_behind, before or LARGEST_NUMBER, reach, size=size + 1
    )
    reports = found[:size]
    return ReportsPage(
        reports=reports, last=reports[-1].id if len(found) > size else None
    )


async def told_report(
    deployment: Deployment, number: int, *, reach: Reach, after: int, size: int
) -> ProblemsPage:
    """Return a report within *reach* with the *size* problems after one.

    Raises:
        PastImportError: There is none within *reach*, or it is erased.
    """
    return await deployment.database.fetch(
        report_page, number, reach=reach, after=after, size=size
    )


async def annotated_sheet(deployment: Deployment, number: int, reach: Reach) -> bytes:
    """Return the sheet of a report with its problems beside its cells, a workbook.

    Raises:
        PastImportError: There is none within *reach*, or it is erased.
    """
    kept = await deployment.database.fetch(kept_file, number, reach=reach)
    out = BytesIO()
    with kept.stream:
        await asyncio.to_thread(annotate_kept, kept, out, deployment.communes)
    return out.getvalue()
