"""The report of an attempt to import a file, kept and told again.

Each attempt has one, also one that was held, that asks, or that changed nothing: they
are those that a person comes back to. A mere check has none, nor has a file that cannot
be read at all. How long they are kept is said in `catalog.db.kept_reports`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.kept_reports import (
    PART,
    KeptReport,
    ensure_not_erased,
    erase_old_reports,
    file_parts,
    keep_file,
    keep_report,
    kept_report,
    no_report,
    preview_page,
    problems_page,
)
from catalog.db.overflow import Growing
from catalog.db.prepared import PreparedRows
from catalog.db.reader import names_of
from catalog.feed.headings.sheet_names import ColumnPlace
from catalog.feed.merge.bulk_change_check import ImportHold
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.rows.row import Problem, ProblemKind
from catalog.feed.rows.table import Note
from catalog.feed.write.annotated import annotate
from catalog.imports.evaluated_file import Content, EvaluatedFile, FileImport
from catalog.imports.import_report import ImportReport
from catalog.imports.many_effects import HeldEffects
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.places.commune import Communes


class Outcome(StrEnum):
    """What became of an attempt to import a file."""

    WRITTEN = "written"
    """It has changed something."""
    UNCHANGED = "unchanged"
    """There was nothing to change, or only in rows that were left out."""
    HELD = "held"
    """It waits for a person's confirmation."""
    ASKED = "asked"
    """It waits for an answer about the whole file."""
    PREVIEWED = "previewed"
    """It was only looked at first: nothing was to be written."""
    REFUSED = "refused"
    """A named person has refused it: nothing was written, and it waits no longer."""


NOTHING_CAME: Final = (Outcome.PREVIEWED, Outcome.REFUSED)
"""Nothing came of such a file: one of its source before it waits as if it was not."""


def outcome_of(report: ImportReport) -> Outcome:
    """Return what became of an import that was more than a check."""
    if report.written:
        return Outcome.UNCHANGED if report.import_id is None else Outcome.WRITTEN
    return Outcome.HELD if report.held else Outcome.ASKED


async def content_of(stream: BinaryIO) -> Content:
    """Return the hash of a file, and its size; others go on meanwhile."""
    digest, size = sha256(), 0
    for part in parts_of(stream):
        digest.update(part)
        size += len(part)
        await asyncio.sleep(0)
    return Content(digest.hexdigest(), size)


def parts_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield a file in parts."""
    stream.seek(0)
    while part := stream.read(PART):
        yield part


async def keep_attempt(
    conn: AsyncConnection,
    evaluated: EvaluatedFile,
    found: FileImport,
    rows: PreparedRows,
    preview: Mapping[str, int],
) -> KeptReport | None:
    """Keep the report of an attempt, its problems and its file; None of a check.

    Its problems are among *rows*, as `problem_documents` makes them, and so is its
    preview, which is counted. What has been kept for long enough is erased.
    """
    file, content = evaluated.file, evaluated.content
    if content is None:
        return None
    report = await keep_report(
        conn,
        {
            "source": found.report.source,
            "file": file.name,
            "outcome": _outcome(evaluated, found.report).value,
            "import_id": found.report.import_id,
            "content_hash": content.hash,
            "size": content.size,
            "told": _told(evaluated, found) | {"preview": dict(preview)},
            "producers": _producers_of(evaluated.reach),
        },
        now=evaluated.now,
    )
    await rows.bring_in_problems(report.id)
    await keep_file(conn, content.hash, parts_of(file.stream))
    await erase_old_reports(conn, evaluated.now)
    return report


def _outcome(evaluated: EvaluatedFile, report: ImportReport) -> Outcome:
    return Outcome.PREVIEWED if evaluated.is_preview else outcome_of(report)


def _producers_of(reach: Reach) -> list[str] | None:
    return None if reach.producers is None else sorted(reach.producers)


def _told(evaluated: EvaluatedFile, found: FileImport) -> dict[str, Any]:
    """Return all that is told of an import but its problems, as a document.

    Of long lists their length: the ids of changed products are in the history.
    """
    report = found.report
    wrong, asked = found.rows_with_problems
    return {
        "totals": dict(found.totals),
        "counted": {"read": report.counted.read, **asdict(report.counted)},
        "rows_wrong": wrong,
        "rows_asked": asked,
        "rows_of_prices": found.rows_of_prices,
        "missing": len(report.missing),
        "returned": len(report.returned),
        "ignored_counts": report.ignored_counts,
        "sick": report.sick,
        "held": [str(each) for each in report.held],
        "takes": dict(report.takes),
        "takes_later": dict(report.takes_later),
        "confirmed_by": report.confirmed_by,
        "token": report.token,
        "sources": [each.name for each in report.sources],
        "problems": len(report.problems),
        "notes": [
            dict(zip(("vi", "en"), each.placed, strict=True)) for each in found.notes
        ],
        "holds": [_hold(each) for each in report.held],
        "headings": dict(found.feed.told),
        "answers": dict(evaluated.file.answers),
        "named": evaluated.file.source,
        "by": evaluated.by.name or evaluated.by.ref,
        "sheets": list(evaluated.file.sheets),
        "copy_of": found.origin.name if found.is_sure else "",
    }


def _hold(hold: ImportHold) -> dict[str, Any]:
    """Return a hold as a document; one about what buyers lose says that alone."""
    if isinstance(hold, HeldEffects):
        return {"takes": hold.changed, "of": hold.of, "source": hold.source} | {
            "earlier": hold.earlier,
            "kinds": dict(hold.kinds),
            "decisions": list(hold.decisions),
        }
    return {
        "called": hold.called,
        "changed": hold.changed,
        "of": hold.of,
        "doubtful": hold.doubtful_prices,
        "examples": [[each.key, each.before, each.after] for each in hold.examples],
    }


def problem_documents(report: ImportReport) -> Iterator[dict[str, Any]]:
    """Yield the problems of a report as they are kept."""
    return map(_document, report.problems)


def _document(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), "kind": problem.kind.value}


def _problem(told: Mapping[str, Any]) -> Problem:
    place, kind = ColumnPlace(**told["place"]), ProblemKind(told["kind"])
    return Problem(**{**told, "place": place, "kind": kind})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAgain:
    """A kept report, with its problems as they are read."""

    report: KeptReport
    problems: AsyncIterator[Problem]

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values; the problems come one by one."""
        return {"report": self.report, "problems": self.problems}


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstProblems:
    """A kept report, with the first of its problems."""

    report: KeptReport
    problems: list[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemsPage:
    """A kept report, with a page of its problems by their place."""

    report: KeptReport
    problems: Sequence[tuple[int, Problem]]


async def report_page(
    conn: AsyncConnection, number: int, *, reach: Reach, after: int, size: int
) -> ProblemsPage:
    """Return report *number* with the *size* problems after one, if *reach* holds it.

    Raises:
        PastImportError: There is none within *reach*, or it is erased.
    """
    report = await _within(conn, number, reach)
    page = await problems_page(conn, number, after, size=size)
    found = [(n, _problem(told)) for n, told in page]
    return ProblemsPage(report=report, problems=found)


async def _within(conn: AsyncConnection, number: int, reach: Reach) -> KeptReport:
    """Return a report, if it is of a sheet of producers whom *reach* holds."""
    report = await kept_report(conn, number)
    of = report.producers
    is_theirs = of is not None and all(reach.holds(each) for each in of)
    if reach != WHOLE_CATALOG and not is_theirs:
        raise no_report(number)
    ensure_not_erased(report)
    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPart:
    """A part of what a report says that it would change, or take.

    Attributes:
        report: The report.
        entries: Its entries, as `catalog.imports.preview` keeps them, by place.
        names: Names of the products and producers that they are about, by id.
    """

    report: KeptReport
    entries: Sequence[tuple[int, Mapping[str, Any]]]
    names: Mapping[str, str]


async def preview_part(
    conn: AsyncConnection, number: int, *, first: int, last: int, size: int
) -> PreviewPart:
    """Return the *size* entries of report *number* from place *first* on, up to *last*.

    Raises:
        PastImportError: There is none, or it is erased.
    """
    report = await _not_erased(conn, number)
    entries = await preview_page(conn, number, first=first, last=last, size=size)
    ids = {e["where"][1] if "where" in e else e["product"] for _, e in entries}
    names = await names_of(conn, sorted(ids))
    return PreviewPart(report=report, entries=entries, names=names)


async def tell_again(conn: AsyncConnection, number: int) -> ToldAgain:
    """Return report *number* with all of its problems, read page by page.

    Raises:
        PastImportError: There is none, or it is erased.
    """
    report = await _not_erased(conn, number)
    return ToldAgain(report=report, problems=each_problem(conn, number))


async def first_problems(
    conn: AsyncConnection, number: int, *, size: int
) -> FirstProblems:
    """Return report *number* with its first problems.

    Raises:
        PastImportError: There is none, or it is erased.
    """
    report = await _not_erased(conn, number)
    page = await problems_page(conn, number, size=size)
    return FirstProblems(report=report, problems=[_problem(told) for _, told in page])


async def each_problem(conn: AsyncConnection, number: int) -> AsyncIterator[Problem]:
    """Yield the problems of report *number*, in their order."""
    last = 0
    while page := await problems_page(conn, number, last):
        for _, told in page:
            yield _problem(told)
        last = page[-1][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """An imported file with its report, out of the database.

    Attributes:
        report: The report.
        stream: The file; closed by whoever asked for it.
        problems: The problems; many of them lie on disk.
    """

    report: KeptReport
    stream: BinaryIO
    problems: Growing[Problem]


async def kept_file(
    conn: AsyncConnection, number: int, *, reach: Reach = WHOLE_CATALOG
) -> KeptFile:
    """Return the file of report *number*, as it was imported.

    Raises:
        PastImportError: There is none within *reach*, or it is erased.
    """
    report = await _within(conn, number, reach)
    stream = cast("BinaryIO", TemporaryFile())  # noqa: SIM115  (handed on, open)
    async for part in file_parts(conn, report.content_hash):
        stream.write(part)
    problems: Growing[Problem] = Growing()
    async for each in each_problem(conn, number):
        problems.append(each)
    return KeptFile(report=report, stream=stream, problems=problems)


def annotate_kept(
    kept: KeptFile, out: BinaryIO, communes: Communes | None = None
) -> Iterable[Note]:
    """Write a kept file with its problems beside its cells to *out*, a workbook.

    It takes seconds of work and no connection: a service does it in a thread.

    Returns:
        The parts of the file that the copy lacks.
    """
    told = kept.report.told or {}
    sheets = told["sheets"]
    feed = open_feed(
        kept.stream, sheets=sheets, told=told["headings"], communes=communes
    )
    return annotate(
        feed,
        kept.problems,
        out,
        original=kept.stream,
        sheets=sheets,
        source=told["copy_of"],
    )


async def _not_erased(conn: AsyncConnection, number: int) -> KeptReport:
    report = await kept_report(conn, number)
    ensure_not_erased(report)
    return report
