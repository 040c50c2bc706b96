"""Imports that go on: begun here, shown as going on, and left without harm."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, Final

from aiohttp import hdrs, web
from pydantic import Field

from catalog.eligibility import Text
from catalog.errors import FeedError
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.context import IMPORTS
from ocop_sync.api.problems import in_both_languages, problem_of
from ocop_sync.api.typed.values import Model
from ocop_sync.pages.import_words import told_words
from ocop_sync.pages.navigation import IMPORTS as LIST
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.department.imports_under_way import PATIENCE_S, ImportUnderWay

_GOING: Final = f"{LIST}/going"


class GoingPath(Model):
    """Which import that goes on."""

    going: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    """Its name."""


async def begin_import(
    visit: Visit, work: Coroutine[Any, Any, Any], *, file: str
) -> web.Response:
    """Begin an import, which goes on whoever leaves; lead to it, or to its report."""
    going = visit.request.app[IMPORTS].begin(
        work, file=file, by=as_department(visit.asker).name, now=visit.now
    )
    pause = asyncio.ensure_future(visit.deployment.sleep(PATIENCE_S))
    try:
        both = {going.task, pause}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        pause.cancel()
    return see(going_address(going))


def going_address(going: ImportUnderWay) -> str:
    """Return the address of an import that goes on."""
    return f"{_GOING}/{going.name}"


async def show_going(visit: Visit) -> web.Response:
    """Show that an import goes on; one that has ended leads to its report."""
    as_department(visit.asker)
    going = visit.request.app[IMPORTS].find(visit.path(GoingPath).going)
    if going is None:
        return see(f"{LIST}?over=going")
    faults: list[Text] = []
    if going.task.done():
        error = None if going.task.cancelled() else going.task.exception()
        if error is None and not going.task.cancelled():
            return _led_on(visit, f"{LIST}/{going.task.result().id}")
        faults = _told(error)
    values = {
        "going": going,
        "faults": faults,
        "address": going_address(going),
        "list": LIST,
    }
    return visit.page("import_going.html", status=200, values=values)


def _told(error: BaseException | None) -> list[Text]:
    """Return why nothing was imported.

    Raises:
        Exception: Nobody knows why: it is told as any failure is.
    """
    if not isinstance(error, Exception):
        return [Text("Dịch vụ đã dừng giữa chừng.", "The service has stopped.")]
    problem = problem_of(error)
    if problem is None:
        raise error
    said = error.problems if isinstance(error, FeedError) else ()
    texts = [told_words(*in_both_languages(each)) for each in said]
    return texts or [told_words(problem.vi, problem.en)]


def _led_on(visit: Visit, path: str) -> web.Response:
    if visit.is_part:
        headers = {"HX-Redirect": path, hdrs.CACHE_CONTROL: "no-store"}
        return web.Response(headers=headers)
    return see(path)


PAGES: Final = (PageRoute("GET", f"{_GOING}/{{going}}", STAFF, show_going),)
