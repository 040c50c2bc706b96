"""Reports of imports, and their problems, as they are shown."""

from collections.abc import Iterable
from typing import Any

from catalog.db.kept_reports import KeptReport
from catalog.feed.rows.row import Problem, ProblemKind
from catalog.imports.kept_import import Outcome
from ocop_sync.api.neutral_words import of_sheets
from ocop_sync.api.typed.values import Count, Instant, Model, Number


class TotalsForm(Model):
    """How many rows there were, and what became of the products that they name."""

    rows: Count
    created: Count
    changed: Count
    unchanged: Count
    rows_with_problems: Count


class ReportForm(Model):
    """The report of one attempt to import a sheet."""

    id: Number
    """Its number."""
    made_at: Instant
    file: str
    """The name of the file."""
    source: str
    outcome: Outcome
    """What became of it."""
    import_id: Number | None
    """The number of the import that it made; null if it changed nothing."""
    size: Count
    """The bytes of the file."""
    totals: TotalsForm | None
    """Rows and products; null once the report is erased, as are the next ones."""
    missing: Count | None
    """How many products of the source are not in the sheet any more."""
    returned: Count | None
    """How many are in it again."""
    problems: Count | None
    """How many problems there are."""
    takes: dict[str, int]
    """What it takes from buyers: how many products, by kind."""
    confirmed_by: str
    """Who has confirmed it, or empty."""
    sources: tuple[str, ...]
    """Sources between which a person has to choose first."""
    held: tuple[str, ...]
    """Why the whole of it waits for a confirmation."""
    token: str
    """The token that confirms it, sent as `confirm` with the same sheet; or empty."""
    notes: tuple[str, ...]
    """What is said besides; nothing is wrong."""
    answers: dict[str, str]
    """What was answered about headings with it: the column by the heading, "-" for a
    column that was passed over. Those about rows stand in the sheet itself."""
    kept_until: Instant
    """The end of keeping the report, its problems and the sheet."""
    erased_at: Instant | None
    """When these were erased; null as long as they are kept."""


class SheetProblemForm(Model):
    """One problem of a sheet."""

    sheet: str
    """Name of the sheet; empty where there are no sheets."""
    row: Count
    """Number of the row; 0 for the sheet as a whole."""
    column: str
    """Our name of the column; empty for the row as a whole."""
    cell: str
    """Letter of the column in the sheet."""
    value: str
    """The cell, cut short."""
    kind: ProblemKind
    """What is to be done: mend it, answer, or decide between two values."""
    vi: str
    """The fault and the advice, in Vietnamese."""
    en: str
    """The same in English."""


class ReportHead(Model):
    """A report, without its problems."""

    report: ReportForm


class ReportPage(ReportHead):
    """A report with a page of its problems."""

    problems: tuple[SheetProblemForm, ...]
    """Its problems, in the order of the sheet."""
    next: str | None
    """The cursor of the page after this one; null if this is the last."""


def report_form(report: KeptReport) -> ReportForm:
    """Return a report as it is shown; of an erased one only the fact of it is left."""
    told: Any = report.told or {}
    totals = told.get("totals")
    return ReportForm(
        id=report.id,
        made_at=report.made_at,
        file=report.file,
        source=report.source,
        outcome=Outcome(report.outcome),
        import_id=report.import_id,
        size=report.size,
        totals=None if totals is None else TotalsForm(**totals),
        missing=told.get("missing"),
        returned=told.get("returned"),
        problems=told.get("problems"),
        takes=told.get("takes", {}),
        confirmed_by=told.get("confirmed_by", ""),
        sources=tuple(told.get("sources", ())),
        held=tuple(told.get("held", ())),
        token=told.get("token", ""),
        notes=_notes(told.get("notes", ())),
        answers=told.get("answers", {}),
        kept_until=report.kept_until,
        erased_at=report.erased_at,
    )


def _notes(told: Iterable[Any]) -> tuple[str, ...]:
    """Return notes in both languages; one that only names a command is none."""
    both = ((of_sheets(each["vi"]), of_sheets(each["en"])) for each in told)
    return tuple(f"{vi} / {en}" for vi, en in both if vi)


def problem_form(problem: Problem) -> SheetProblemForm:
    """Return a problem of a sheet as it is shown."""
    return SheetProblemForm(
        sheet=problem.sheet,
        row=problem.row,
        column=problem.column,
        cell=problem.place.letter,
        value=problem.value,
        kind=problem.kind,
        vi=of_sheets(problem.vi),
        en=of_sheets(problem.en),
    )
