"""Taking an import back: what goes back, what stays and why, and what buyers lose."""

from collections.abc import Iterable
from typing import Any, Final

from aiohttp import web

from catalog.errors import PastImportError
from catalog.undo.undo import NamedUndo
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.problems import in_both_languages
from ocop_sync.api.typed.values import Model, Number
from ocop_sync.pages.decision_forms import FIELD, Attempt, faulty
from ocop_sync.pages.import_words import (
    ChangeRow,
    change_rows,
    takes_words,
    told_words,
)
from ocop_sync.pages.navigation import IMPORTS
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.department.imports import import_reading, undo

_UNDO: Final = f"{IMPORTS}/{{report}}/undo"
_SHOWN: Final = 100
"""Values of each list that are named; all of them are counted."""


class UndonePath(Model):
    """The report of which import."""

    report: Number
    """Its number."""


async def show_undo(visit: Visit) -> web.Response:
    """Say what taking an import back would do; nothing is changed."""
    return await _page(visit, None)


async def carry_out(visit: Visit) -> web.Response:
    """Take an import back as it was shown, with a reason."""
    by, form = as_department(visit.asker), visit.form
    if (attempt := faulty({**form, "answer": "approve"})) is not None:
        return await _page(visit, attempt)
    number = visit.path(UndonePath).report
    made = await _import_of(visit, number)
    if made is None:
        return see(f"{IMPORTS}/{number}")
    try:
        found = await undo(
            visit.deployment, made, token=form.get("token", ""), by=by, named=_SHOWN
        )
    except PastImportError:
        return await _page(visit, Attempt(status=409, kind="second"))
    if not found.report.written:
        return await _page(visit, Attempt(status=409, kind="changed"))
    return see(f"{IMPORTS}/{number}")


async def _import_of(visit: Visit, number: int) -> int | None:
    """Return the import that a report tells of; None if there is none."""
    try:
        found = await import_reading(visit.deployment, number, after=0, size=0)
    except PastImportError:
        return None
    return found.made.id if found.made else None


async def _page(visit: Visit, attempt: Attempt | None) -> web.Response:
    by, number = as_department(visit.asker), visit.path(UndonePath).report
    made = await _import_of(visit, number)
    if made is None:
        return see(f"{IMPORTS}/{number}")
    values: dict[str, Any] = {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": visit.form.get(FIELD, "") if attempt else "",
        "address": f"{IMPORTS}/{number}",
    }
    try:
        found = await undo(visit.deployment, made, token="", by=by, named=_SHOWN)
    except PastImportError as error:
        values |= {
            "hindrance": told_words(*in_both_languages(str(error))),
            "found": None,
        }
    else:
        values |= {"hindrance": None, "found": found.report, **_lists(found)}
    status = attempt.status if attempt else 200
    return visit.page("import_undo.html", status=status, values=values)


def _lists(found: NamedUndo) -> dict[str, Any]:
    report, names = found.report, found.names
    back = [
        row
        for each in report.back[:_SHOWN]
        for row in change_rows(tuple(map(str, each.where)), each.now, each.then, names)
    ]
    return {
        "back": back,
        "stays": list(_staying(found)),
        "created": [(id_, names.get(id_, "")) for id_ in report.created[:_SHOWN]],
        "takes": takes_words(report.takes),
    }


def _staying(found: NamedUndo) -> Iterable[tuple[ChangeRow, Any]]:
    """Yield what stays, and who has changed it since, if that is known."""
    for each in found.report.stays[:_SHOWN]:
        where = tuple(map(str, each.where))
        is_same = each.imported == each.now
        before = None if is_same else each.imported
        for row in change_rows(where, before, each.now, found.names):
            yield row, each.since


PAGES: Final = (
    PageRoute("GET", _UNDO, STAFF, show_undo),
    PageRoute("POST", _UNDO, STAFF, carry_out),
)
