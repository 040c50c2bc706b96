"""Imports: every attempt, the latest first, and the form that sends another sheet."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from catalog.eligibility import Text
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.api.access.reach import as_department, doing_of
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import IMPORTS as UNDER_WAY
from ocop_sync.api.context import LongWork
from ocop_sync.api.typed.body import kept_beyond_call
from ocop_sync.api.typed.form_parts import FilesRule
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.pages.import_file import IMPORTS_FILE
from ocop_sync.pages.import_going import begin_import, going_address
from ocop_sync.pages.import_words import OUTCOMES
from ocop_sync.pages.list_files import file_links, list_routes
from ocop_sync.pages.made_files import send_made
from ocop_sync.pages.navigation import IMPORTS, TEMPLATE
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.department.imports import sources
from ocop_sync.service.department.sheets import TEMPLATE_NAME, write_empty_sheet
from ocop_sync.service.producer.changes import Doing
from ocop_sync.service.producer.uploads import Sheet, import_sheet, reports_page

MOST_BYTES: Final = 16_000_000
"""The largest sheet that is taken here, as over the API."""
SHEET: Final = "sheet"
_SHOWN: Final = 30
_LONGEST: Final = 200
_FILES: Final = FilesRule(names=(SHEET,), most_bytes=MOST_BYTES)

_NO_FILE: Final = Text(
    "Chọn tệp bảng (Excel hoặc CSV) cần nạp.", "Choose the sheet: Excel or CSV."
)
_LONG_SOURCE: Final = Text(
    f"Rút ngắn tên nguồn: nhiều nhất {_LONGEST} chữ cái.",
    f"Shorten the name of the source to {_LONGEST} letters.",
)
_LONG_SHEETS: Final = Text(
    "Ghi nhiều nhất 20 tên trang, ngăn bằng dấu /.",
    "Name 20 sheets at most, with / between them.",
)


class ImportsQuery(Model):
    """Which imports."""

    before: Annotated[int, Field(ge=1, le=2**31 - 1), WHOLE] = 2**31 - 1
    """Those with numbers below this one."""
    over: Literal["report", "going"] | None = None
    """What was asked for, and is not there."""


async def show_imports(visit: Visit) -> web.Response:
    """Show the latest imports, those that go on, and the form for another sheet."""
    as_department(visit.asker)
    return await _page(visit, ())


async def send_sheet(visit: Visit) -> web.Response:
    """Take a sheet, and look at it or import it."""
    as_department(visit.asker)
    file, form = visit.files.get(SHEET), visit.form
    faults = _faults(visit)
    if file is None or faults:
        return await _page(visit, faults)
    sheet = Sheet(
        path=kept_beyond_call(file),
        name=file.name or SHEET,
        source=form.get("new_source", "").strip() or form.get("source", ""),
        sheets=_sheets(form.get("sheets", "")),
        preview=form.get("mode") != "import",
    )
    work = _imported(visit.long_work, sheet, doing_of(visit.asker))
    return await begin_import(visit, work, file=sheet.name)


async def _imported(long_work: LongWork, sheet: Sheet, doing: Doing) -> object:
    """Import a sheet that is ours alone; it is gone then."""
    try:
        return await long_work.do(import_sheet, sheet, doing)
    finally:
        sheet.path.unlink(missing_ok=True)


def _faults(visit: Visit) -> Sequence[tuple[str, Text]]:
    found = []
    if SHEET not in visit.files:
        found.append((SHEET, _NO_FILE))
    if len(visit.form.get("new_source", "").strip()) > _LONGEST:
        found.append(("new_source", _LONG_SOURCE))
    names = _sheets(visit.form.get("sheets", ""))
    if len(names) > 20 or any(len(each) > _LONGEST for each in names):  # noqa: PLR2004
        found.append(("sheets", _LONG_SHEETS))
    return found


def _sheets(text: str) -> tuple[str, ...]:
    """Return the names of sheets; Excel lets no name hold the sign between them."""
    return tuple(filter(None, (each.strip() for each in text.split("/"))))


async def _page(visit: Visit, faults: Sequence[tuple[str, Text]]) -> web.Response:
    query, deployment = visit.query(ImportsQuery), visit.deployment
    found = await reports_page(
        deployment, before=query.before, size=_SHOWN, reach=WHOLE_CATALOG
    )
    going = visit.request.app[UNDER_WAY].going_on()
    values = {
        "over": query.over,
        "rows": found.reports,
        "outcomes": OUTCOMES,
        "going": [(each, going_address(each)) for each in going],
        "sources": [each.name for each in await sources(deployment)],
        "faults": faults,
        "typed": visit.form,
        "address": IMPORTS,
        "template": TEMPLATE,
        "most": MOST_BYTES // 1_000_000,
        "first": IMPORTS if "before" in visit.request.query else "",
        "following": f"{IMPORTS}?before={found.last}" if found.last else "",
        "files": file_links(visit),
    }
    status = 422 if faults else 200
    return visit.page("imports.html", status=status, values=values)


async def send_template(visit: Visit) -> web.StreamResponse:
    """Send the empty sheet, with lists to choose from, help, and one example."""
    as_department(visit.asker)
    name, _, kind = TEMPLATE_NAME.rpartition(".")
    return await send_made(visit, name, kind, write_empty_sheet)


PAGES: Final = (
    PageRoute("GET", IMPORTS, STAFF, show_imports),
    PageRoute("POST", IMPORTS, STAFF, send_sheet, _FILES, makes=True),
)


def _chosen_of(visit: Visit) -> None:
    as_department(visit.asker)
    visit.query(ImportsQuery)


FILES: Final = (
    *list_routes(IMPORTS, STAFF, IMPORTS_FILE, _chosen_of),
    PageRoute("GET", TEMPLATE, STAFF, send_template),
)
"""The same list as files, and the sheet to be filled in."""
