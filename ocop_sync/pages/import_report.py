"""One attempt to import a sheet: what came of it, its problems, and its questions.

The file is kept with its report: an answer imports it once more, and leads to the new
report. What takes from buyers is asked on a page of its own, with the list.
"""

from typing import Any, Final

from aiohttp import hdrs, web

from catalog.errors import PastImportError
from catalog.imports.kept_import import Outcome
from catalog.imports.preview import CHANGES, TAKES
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.api.access.reach import as_department
from ocop_sync.api.access.roles import STAFF
from ocop_sync.api.routes.imports import XLSX
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Model, Number
from ocop_sync.pages.decision_forms import FIELD, Attempt, faulty
from ocop_sync.pages.import_going import begin_import
from ocop_sync.pages.import_values import (
    AfterQuery,
    ChangesQuery,
    asked_values,
    changes_of,
    first_changes,
    holds_of,
)
from ocop_sync.pages.import_words import (
    OUTCOMES,
    PROBLEMS,
    effect_name,
    is_about_heading,
    meaning_words,
    problem_words,
    takes_words,
    told_words,
)
from ocop_sync.pages.navigation import IMPORTS
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.department.imports import (
    ImportAnswers,
    ImportReading,
    import_again,
    import_preview,
    import_reading,
    kept_of,
    preview_counts,
    refuse,
)
from ocop_sync.service.producer.uploads import annotated_sheet

_ONE: Final = f"{IMPORTS}/{{report}}"
_GONE: Final = f"{IMPORTS}?over=report"
_SHOWN: Final = 50
_OPEN: Final = frozenset({Outcome.PREVIEWED, Outcome.HELD, Outcome.ASKED})
"""Of these nothing was written."""


class ReportPath(Model):
    """Which report."""

    report: Number
    """Its number."""

    @property
    def address(self) -> str:
        """Return its address."""
        return f"{IMPORTS}/{self.report}"


async def show_report(visit: Visit) -> web.Response:
    """Show a report, with some of its problems, and what may be answered."""
    as_department(visit.asker)
    return await _page(visit, None)


async def answer_report(visit: Visit) -> web.Response:
    """Import the file once more with an answer, or refuse it."""
    by, path, form = as_department(visit.asker), visit.path(ReportPath), visit.form
    found = await _found(visit, path.report, after=0)
    if found is None:
        return see(_GONE)
    report = found.page.report
    if not _may_answer(found):
        return await _page(visit, Attempt(status=409, kind="second"))
    act = form.get("act", "")
    if act not in {"choose", "take"}:
        if (attempt := faulty(form)) is not None:
            of = _takes if form.get("of") == TAKES else _page
            return await of(visit, attempt)
        if form["answer"] == "refuse":
            return await _refused(visit)
    told = report.told or {}
    answers = ImportAnswers(
        token=form.get("token", "")[:64] if not act else "",
        source=(form.get("new_source", "").strip() or form.get("source", ""))[:200],
        sheets=tuple(told.get("sheets", ())),
        columns=tuple(v for k, v in form.items() if k.startswith("column-") and v),
        preview=act == "choose" and report.outcome == Outcome.PREVIEWED,
    )
    work = visit.long_work.do(import_again, report.id, answers, by)
    return await begin_import(visit, _awaited(work), file=report.file)


async def _awaited(work: Any) -> Any:
    return await work


async def _refused(visit: Visit) -> web.Response:
    path = visit.path(ReportPath)
    try:
        await refuse(visit.deployment, path.report, as_department(visit.asker))
    except PastImportError:
        return await _page(visit, Attempt(status=409, kind="second"))
    return see(path.address)


def _may_answer(found: ImportReading) -> bool:
    """Say whether an answer still has its matter: nobody else was first.

    What was only looked at is nobody's matter, and may be carried out at any time.
    """
    outcome = found.page.report.outcome
    if outcome == Outcome.PREVIEWED:
        return True
    return found.is_latest and outcome != Outcome.REFUSED


async def show_takes(visit: Visit) -> web.Response:
    """Show all that a file takes from buyers, and ask whether that is right."""
    as_department(visit.asker)
    return await _takes(visit, None)


async def _takes(visit: Visit, attempt: Attempt | None) -> web.Response:
    path, after = visit.path(ReportPath), _after(visit)
    found = await _found(visit, path.report, after=0)
    if found is None:
        return see(_GONE)
    report = found.page.report
    part = await import_preview(
        visit.deployment, path.report, TAKES, after=after, size=_SHOWN
    )
    counts = preview_counts(report)
    if not counts[TAKES] or not _may_answer(found):
        return see(path.address)
    rows = [(each, effect_name(each["kind"])) for _, each in part.entries]
    last = after + len(rows)
    values = {
        **_decision(visit, attempt),
        "report": report,
        "told": report.told,
        "rows": rows,
        "total": counts[TAKES],
        "counts": counts,
        "asked": await asked_values(visit, found),
        "takes": takes_words((report.told or {})["takes"]),
        "holds": holds_of(found),
        "is_open": report.outcome in _OPEN,
        "is_previewed": report.outcome == Outcome.PREVIEWED,
        "address": path.address,
        "first": f"{path.address}/takes" if after else "",
        "following": f"{path.address}/takes?after={last}"
        if last < counts[TAKES]
        else "",
    }
    status = attempt.status if attempt else 200
    return visit.page("import_takes.html", status=status, values=values)


async def show_changes(visit: Visit) -> web.Response:
    """Show each value that an import has changed, or that a file would change."""
    as_department(visit.asker)
    path, query = visit.path(ReportPath), visit.query(ChangesQuery)
    found = await _found(visit, path.report, after=0)
    if found is None:
        return see(_GONE)
    address = f"{path.address}/changes"
    rows, following = await changes_of(visit, found, query, _SHOWN)
    values = {
        "report": found.page.report,
        "is_made": found.made is not None,
        "rows": rows,
        "total": preview_counts(found.page.report)[CHANGES],
        "kept": kept_of(found.page.report, CHANGES),
        "address": path.address,
        "first": address if visit.request.query else "",
        "following": f"{address}?{following}" if following else "",
    }
    return visit.page("import_changes.html", values=values)


async def get_annotated(visit: Visit) -> web.Response:
    """Send the sheet back with its problems beside its cells, to be saved."""
    as_department(visit.asker)
    number = visit.path(ReportPath).report
    try:
        content = await visit.long_work.do(annotated_sheet, number, WHOLE_CATALOG)
    except PastImportError as error:
        raise ProblemError(NOT_FOUND) from error
    headers = {
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="import-{number}.xlsx"',
        hdrs.CACHE_CONTROL: "no-store",
    }
    return web.Response(body=content, content_type=XLSX, headers=headers)


async def _found(visit: Visit, number: int, *, after: int) -> ImportReading | None:
    """Return a report; None if it is not there, or erased."""
    try:
        return await import_reading(
            visit.deployment, number, after=after, size=_SHOWN + 1
        )
    except PastImportError:
        return None


def _after(visit: Visit) -> int:
    return 0 if visit.request.method == "POST" else visit.query(AfterQuery).after


def _decision(visit: Visit, attempt: Attempt | None) -> dict[str, Any]:
    return {
        "attempt": attempt,
        "faults": attempt.faults if attempt else (),
        "typed": visit.form.get(FIELD, "") if attempt else "",
    }


async def _page(visit: Visit, attempt: Attempt | None) -> web.Response:
    path, after = visit.path(ReportPath), _after(visit)
    found = await _found(visit, path.report, after=after)
    if found is None:
        return see(_GONE)
    report, problems = found.page.report, found.page.problems
    shown, counts = problems[:_SHOWN], preview_counts(report)
    told: Any = report.told or {}
    is_open = report.outcome in _OPEN
    values = {
        **_decision(visit, attempt),
        "report": report,
        "told": told,
        "state_words": OUTCOMES[report.outcome],
        "notes": [
            note
            for each in told.get("notes", ())
            if (note := told_words(each["vi"], each["en"])).vi
        ],
        "made": found.made,
        "latest": found.latest,
        "may_answer": not after and _may_answer(found),
        "is_open": is_open,
        "is_previewed": report.outcome == Outcome.PREVIEWED,
        "problems": [(e, problem_words(e), PROBLEMS[e.kind]) for _, e in shown],
        "headings": [
            (n, e, meaning_words(e.column))
            for n, (_, e) in enumerate(shown)
            if is_about_heading(e)
        ],
        "sources": [each.name for each in found.sources],
        "counts": counts,
        "asked": await asked_values(visit, found) if told.get("token") else [],
        "holds": holds_of(found),
        "takes": takes_words(told.get("takes", {})),
        "changes": await first_changes(visit, found),
        "can_undo": found.made is not None and _can_undo(found, visit),
        "address": path.address,
        "list": IMPORTS,
        "first": path.address if after else "",
        "following": f"{path.address}?after={shown[-1][0]}"
        if len(problems) > _SHOWN
        else "",
    }
    status = attempt.status if attempt else 200
    return visit.page("import_report.html", status=status, values=values)


def _can_undo(found: ImportReading, visit: Visit) -> bool:
    made = found.made
    is_open = made is not None and made.undoes is None and made.undone_in is None
    until = made.changes_until if made else None
    return is_open and until is not None and until > visit.now


PAGES: Final = (
    PageRoute("GET", _ONE, STAFF, show_report),
    PageRoute("POST", _ONE, STAFF, answer_report),
    PageRoute("GET", f"{_ONE}/takes", STAFF, show_takes),
    PageRoute("GET", f"{_ONE}/changes", STAFF, show_changes),
)

FILES: Final = (PageRoute("GET", f"{_ONE}/annotated", STAFF, get_annotated),)
"""What these pages refer to, and is no page."""
