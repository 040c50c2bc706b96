"""The report for superiors, as a page to print and as a workbook.

Both show the same figures in the same words; each figure of the page opens the list
that it counts. There is a place for signatures only where nothing is simulated.
"""

from datetime import date
from pathlib import Path
from typing import Final

from aiohttp import web

from ocop_sync.api.access.roles import VIEWERS
from ocop_sync.api.typed.problem import Language
from ocop_sync.api.typed.values import Date, Model
from ocop_sync.files import write_whole
from ocop_sync.pages.figure_words import (
    CLAIMS_ENDED,
    ENDS,
    ensure_day_has_come,
    list_address,
    marketplace_name,
)
from ocop_sync.pages.made_files import send_made
from ocop_sync.pages.navigation import HOME, REPORT
from ocop_sync.pages.report_words import (
    CLAIMS_NAME,
    DEFINED,
    ENDING_NAME,
    SIGNERS,
    SOURCE,
    by_commune,
)
from ocop_sync.pages.report_workbook import write_report
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_report import AHEAD, coverage_report


class ReportQuery(Model):
    """Of which day."""

    day: Date | None = None
    """The day in Vietnam at whose end is counted; now if left out."""


async def show_report(visit: Visit) -> web.Response:
    """Show the report of now, or of a past day."""
    day = visit.query(ReportQuery).day
    ensure_day_has_come(day, visit.now)
    found = await visit.long_work.do(coverage_report, day)
    values = {
        "found": found,
        "is_past": day is not None,
        "communes": by_commune(found, visit.deployment.communes),
        "defined": DEFINED,
        "ending_name": ENDING_NAME,
        "claims_name": CLAIMS_NAME,
        "source": SOURCE,
        "signers": SIGNERS,
        "address": list_address,
        "marketplace_name": marketplace_name,
        "ends_address": f"{ENDS}?within={AHEAD}",
        "claims_address": CLAIMS_ENDED,
        "file_address": f"{_FILE}?day={day}" if day else _FILE,
        "overview": f"{HOME}?day={day}" if day else HOME,
    }
    return visit.page("report.html", simulated=found.simulated, values=values)


async def send_report(visit: Visit) -> web.StreamResponse:
    """Send the same report as a workbook."""
    day = visit.query(ReportQuery).day
    ensure_day_has_come(day, visit.now)
    name = f"bao-cao-{day}" if day else "bao-cao"
    return await send_made(visit, name, "xlsx", write_workbook, day, visit.language)


async def write_workbook(
    deployment: Deployment, path: Path, day: date | None, language: Language
) -> None:
    """Write the report to *path*.

    Raises:
        NotWrittenError: The file cannot be written.
        QuestionError: The day has not come yet.
    """
    found = await coverage_report(deployment, day)
    with write_whole(path) as stream:
        write_report(stream, found, deployment.communes, language)


_FILE: Final = f"{REPORT}.xlsx"

PAGES: Final = (PageRoute("GET", REPORT, VIEWERS, show_report),)

FILES: Final = (PageRoute("GET", _FILE, VIEWERS, send_report),)
"""What this page leads to, and is no page."""
