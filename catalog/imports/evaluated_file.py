"""A file to import, and the result for it: evaluated, and then written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from itertools import groupby
from typing import Any, BinaryIO, NamedTuple

from catalog.db.kept_reports import KeptReport
from catalog.db.sources import Origin
from catalog.feed.headings.heading_answers import NO_HEADING_ANSWERS, HeadingAnswers
from catalog.feed.rows.open_feed import Feed
from catalog.feed.rows.row import Problem, ProblemKind
from catalog.feed.rows.table import Note
from catalog.imports.evaluated_feed import EvaluatedFeed
from catalog.imports.import_report import ImportReport, in_order
from catalog.model.actor import UNNAMED, Actor
from catalog.model.reach import Reach


class Content(NamedTuple):
    """The SHA-256 of a file, and how many bytes it has."""

    hash: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileToImport:
    """A file, and a person's answers on it.

    Attributes:
        stream: The file, open; it can be searched.
        name: Its name.
        source: The source that a person has named; "" if nobody has.
        sheets: Names of the sheets to read; () leaves the choice to `open_feed`.
        answers: The meaning of its headings, by heading.
    """

    stream: BinaryIO
    name: str
    source: str = ""
    sheets: Sequence[str] = ()
    answers: HeadingAnswers = field(default_factory=lambda: NO_HEADING_ANSWERS)


class RowsWithProblems(NamedTuple):
    """How many rows need a person.

    Attributes:
        wrong: Rows of which something is wrong.
        asked: Other rows, of which there are only questions.
    """

    wrong: int
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileImport:
    """The result for a file: its import, and the source that it was taken to be of.

    It *is_sure* of the source if nobody has to be asked. The notes are for a reader:
    nothing is wrong. It is *kept* as a report, unless it was only checked.
    """

    feed: Feed
    report: ImportReport
    origin: Origin
    is_sure: bool
    notes: Sequence[Note]
    kept: KeptReport | None = None

    @property
    def rows_with_problems(self) -> RowsWithProblems:
        """Count the rows with something wrong, and those with questions alone."""
        wrong = asked = 0
        for found in _by_row(self.report.problems):
            is_wrong = any(each.kind is ProblemKind.WRONG for each in found)
            wrong += is_wrong
            asked += not is_wrong
        return RowsWithProblems(wrong, asked)

    @property
    def rows_of_prices(self) -> int:
        """Count the rows of which nothing is asked but whether the price is right."""
        return sum(
            all(
                each.kind is ProblemKind.QUESTION and each.column == "price_vnd"
                for each in found
            )
            for found in _by_row(self.report.problems)
        )

    @property
    def totals(self) -> Mapping[str, int]:
        """Count rows, and the products that they name: one may take several rows."""
        report = self.report
        return {
            "rows": report.rows,
            "created": len(report.created),
            "changed": len(set(report.changed).difference(report.missing)),
            "unchanged": report.unchanged,
            "rows_with_problems": sum(self.rows_with_problems),
        }

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values; the problems come one by one."""
        report = self.report
        form = {each.name: getattr(report, each.name) for each in fields(report)}
        return form | {
            "report_id": self.kept.id if self.kept else None,
            "problems": iter(report.problems),
            "notes": self.notes,
            "counted": {"read": report.counted.read, **asdict(report.counted)},
            "totals": self.totals,
        }


def _by_row(problems: Iterable[Problem]) -> Iterator[list[Problem]]:
    rows = groupby(in_order(problems), key=lambda each: (each.sheet, each.row))
    return (list(found) for (_, row), found in rows if row)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedFile:
    """A file as it was evaluated: the result so far, and what is to be written.

    Attributes:
        found: The result, as it will be if nothing has moved.
        rows: Its rows as they were evaluated; None if they wait for its columns.
        file: The file.
        content: What tells its content from others; None of a mere check.
        answers: Answers on its headings to remember.
        reach: Whose products it may change.
        now: The instant of the evaluation.
        is_preview: Nothing of it is to be written but its report.
        by: Who has sent it, or answered.
    """

    found: FileImport
    rows: EvaluatedFeed | None
    file: FileToImport
    content: Content | None
    answers: HeadingAnswers
    reach: Reach
    now: datetime
    is_preview: bool = False
    by: Actor = UNNAMED

    @property
    def writes(self) -> bool:
        """Whether anything of it is to be written: of all but a check its report."""
        return self.content is not None
