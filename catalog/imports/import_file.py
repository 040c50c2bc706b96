"""Take a file in: find its source, read it, import its rows, and tell of it all.

It is evaluated and written by two functions over connections, whoever asks for them;
`catalog.imports.import_apart` has nobody wait for the first. The changes of its rows
are decided in `catalog.imports.evaluate_feed`, its format in
`catalog.feed.rows.open_feed`, and its source in `catalog.db.sources`.
"""

from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, BinaryIO

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.column_answers import keep_columns, known_columns
from catalog.db.counters import UNREVISED, next_numbers
from catalog.db.prepared import PreparedRows
from catalog.db.sources import Origin, may_be_asked, origin_of
from catalog.db.writer import lock
from catalog.eligibility.authority import Bodies
from catalog.feed.headings.heading_answers import NO_HEADING_ANSWERS
from catalog.feed.rows.open_feed import Feed, open_feed
from catalog.feed.rows.table import refuse_unknown
from catalog.feed.write.annotated import annotate
from catalog.imports.answers import known_answers
from catalog.imports.apply_import import apply_feed
from catalog.imports.confirmation import Confirmation
from catalog.imports.evaluate_feed import evaluate_feed
from catalog.imports.evaluated_file import EvaluatedFile, FileImport, FileToImport
from catalog.imports.file_notes import first_import_notes, origin_notes
from catalog.imports.import_report import ImportReport, in_order
from catalog.imports.kept_import import content_of, keep_attempt, problem_documents
from catalog.imports.prepare_import import PreparedFeed, prepare_feed
from catalog.imports.preview import preview_of
from catalog.model.actor import UNNAMED, Actor
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.places.commune import Communes
from catalog.progress import Count, no_progress
from catalog.text import clean
from catalog.values import replace


async def evaluate_file(
    conn: AsyncConnection,
    file: FileToImport,
    *,
    now: datetime,
    by: Actor = UNNAMED,
    reach: Reach = WHOLE_CATALOG,
    confirmed: Confirmation | None = None,
    check: bool = False,
    preview: bool = False,
    may_be_listed: bool = False,
    communes: Communes | None = None,
    bodies: Bodies | None = None,
    progress: Count = no_progress,
) -> EvaluatedFile:
    """Work out the changes of *file*, the present state of its source.

    Nothing is written; `prepare_file` and `apply_file` do.

    Args:
        conn: A connection that sees one state of the catalog.
        file: The file.
        now: The present instant.
        by: Who imports it; the person who confirms, if one does.
        reach: Whose products it may change.
        confirmed: A person's confirmation of the report of an earlier call.
        check: Only report: keep nothing.
        preview: Only report, and keep the report, with what it would change.
        may_be_listed: Whether marketplaces may know products by ids of another
            database: who fills an empty catalog is warned.
        communes: The communes of the province; those that ship if None.
        bodies: Who grants how many stars; that of the rules that ship if None.
        progress: Called with how many rows more have been read; each is read twice.

    Raises:
        FeedError: It cannot be read.
        CatalogError: Its source has no usable name, or it has no such heading.
        AttestationError: It is not said who confirms, or at too great length.
    """
    feed, origin = await _open(conn, file, communes)
    # Of a feed that waits no row is read: its questions are about columns that would
    # identify them.
    rows, report = None, ImportReport(source=clean(origin.name), problems=feed.problems)
    if not feed.waits:
        feed.notes += await first_import_notes(conn, feed) if may_be_listed else ()
        rows = await evaluate_feed(
            conn,
            feed.rows,
            now=now,
            source=origin.name,
            basis=origin.basis,
            file=file.name,
            stamp=feed.stamp,
            by=by,
            reach=reach,
            confirmed=confirmed,
            check=check or preview,
            bodies=bodies,
            progress=progress,
        )
        report = replace(
            rows.report,
            problems=in_order(chain(feed.problems, rows.report.problems)),
            counted=rows.report.counted.passing_over(feed.passed_over),
        )
    is_asked = report.sources or (feed.waits and await may_be_asked(conn, origin))
    on_origin = origin_notes(origin, report, feed.source)
    found = FileImport(
        feed=feed,
        report=report,
        origin=origin,
        is_sure=not is_asked,
        notes=[*feed.notes, *report.notes, *on_origin],
    )
    is_told = not (check or preview or report.sources)
    answers = file.answers if is_told else NO_HEADING_ANSWERS
    content = None if check else await content_of(file.stream)
    return EvaluatedFile(
        found=found,
        rows=rows,
        file=file,
        content=content,
        answers=answers,
        reach=reach,
        now=now,
        is_preview=preview,
        by=by,
    )


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """All that an evaluated file writes row by row; *feed* is None if its rows wait.

    *preview* counts what it would change and take (`catalog.imports.preview`).
    """

    rows: PreparedRows
    feed: PreparedFeed | None
    preview: Mapping[str, int]


async def prepare_file(conn: AsyncConnection, file: EvaluatedFile) -> PreparedFile:
    """Make all that an evaluated file changes into rows; the catalog stays as it is.

    Raises:
        CatalogError: An entry lacks a variant that the catalog holds.
    """
    rows, feed, preview = PreparedRows(conn), None, dict[str, int]()
    if file.rows is not None:
        feed = await prepare_feed(conn, file.rows, rows)
    if file.writes:
        await rows.add_problems(problem_documents(file.found.report))
    if file.writes and file.rows is not None:
        found = await preview_of(conn, file.rows)
        await rows.add_preview(found.documents())
        preview = found.counts()
    return PreparedFile(rows, feed, preview)


async def apply_file(
    conn: AsyncConnection, file: EvaluatedFile, prepared: PreparedFile
) -> FileImport:
    """Write all that an evaluated file changes; return its result.

    A person's answers on its headings are remembered for the source, and the report is
    kept with the file.

    Args:
        conn: A connection in a transaction of the caller, which holds the lock of the
            catalog: nothing on which the evaluation stands has moved.
        file: The file as it was evaluated.
        prepared: Its rows.
    """
    found = file.found
    if file.rows is not None and prepared.feed is not None:
        written = await apply_feed(conn, file.rows, prepared.feed)
        found = replace(found, report=found.report.kept_as(written.import_id))
    if file.answers:
        await keep_columns(conn, found.origin.name, file.answers, now=file.now)
        await next_numbers(conn, UNREVISED, 1)
    kept = await keep_attempt(conn, file, found, prepared.rows, prepared.preview)
    return replace(found, kept=kept)


async def import_file(
    conn: AsyncConnection, file: FileToImport, **options: Any
) -> FileImport:
    """Take *file* in as the present state of its source, in one transaction.

    Args:
        conn: A connection in a transaction of the caller.
        file: The file.
        options: Those of `evaluate_file`.

    Raises:
        FeedError: It cannot be read; roll back.
        CatalogError: Its source has no usable name, or it has no such heading.
        AttestationError: It is not said who confirms, or at too great length.
    """
    await lock(conn)
    evaluated = await evaluate_file(conn, file, **options)
    prepared = await prepare_file(conn, evaluated)
    found = await apply_file(conn, evaluated, prepared)
    await prepared.rows.clear()
    return found


async def _open(
    conn: AsyncConnection, file: FileToImport, communes: Communes | None
) -> tuple[Feed, Origin]:
    """Open a file with the stored answers of its source, which it may name itself."""
    answers = await known_answers(conn)
    opened = partial(
        open_feed, file.stream, sheets=file.sheets, answers=answers, communes=communes
    )
    of = partial(origin_of, conn, named=file.source, file=file.name)
    known = await known_columns(conn, (await of(stamped="")).name)
    # In a thread: to look at the whole file takes a second where it is large.
    feed = await to_thread(opened, told={**known, **file.answers})
    origin = await of(stamped=feed.source)
    if (theirs := await known_columns(conn, origin.name)) != known:
        feed = await to_thread(opened, told={**theirs, **file.answers})
    refuse_unknown(file.answers, feed.tables)
    return feed, origin


def annotate_file(found: FileImport, file: FileToImport, out: BinaryIO) -> FileImport:
    """Write *file* with its problems beside its cells to *out*, a workbook.

    The result is returned with notes on the parts that the copy lacks.
    """
    source = found.origin.name if found.is_sure else ""
    unkept = annotate(
        found.feed,
        found.report.problems,
        out,
        original=file.stream,
        sheets=file.sheets,
        source=source,
    )
    return replace(found, notes=[*found.notes, *unkept])
