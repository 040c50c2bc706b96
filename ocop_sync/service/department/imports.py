"""Imports as the department sees and answers them: their reports, and what came of it.

An answer imports the file that was sent once more, as it was kept: nobody sends it
again. Sheets are sent by `ocop_sync.service.producer.uploads`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import ChangedField, Entity
from catalog.db.imports import Import, import_made
from catalog.db.kept_reports import KeptReport, latest_of_source
from catalog.db.reader import names_of
from catalog.db.sources import Source, known_sources
from catalog.feed.headings.heading_answers import read_heading_answer
from catalog.imports.confirmation import Confirmation
from catalog.imports.evaluated_file import FileToImport
from catalog.imports.import_history import ChangesPart, changes_behind
from catalog.imports.kept_import import (
    NOTHING_CAME,
    PreviewPart,
    ProblemsPage,
    kept_file,
    preview_part,
    report_page,
)
from catalog.imports.preview import CHANGES, DAYS, PRICES, TAKES
from catalog.imports.refuse_import import refuse_import
from catalog.model.actor import Actor
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.undo.undo import NamedUndo, undo_and_name
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.changes import Doing
from ocop_sync.service.producer.uploads import import_stream

PARTS: Final = (TAKES, PRICES, DAYS, CHANGES)
"""The parts of what a file would change, in the order in which they are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReading:
    """A report with what stands around it.

    Attributes:
        page: The report, with some of its problems.
        made: The import that it made; None if it changed nothing.
        latest: The number of the last report of its source: somebody may have sent a
            newer sheet, or answered.
        sources: The sources that there are, the last one used first.
    """

    page: ProblemsPage
    made: Import | None
    latest: int
    sources: Sequence[Source]

    @property
    def is_latest(self) -> bool:
        """Whether nothing has come of its source since."""
        return self.latest <= self.page.report.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAnswers:
    """A person's answers on a file that was sent.

    Attributes:
        token: The token that is confirmed; "" if none is.
        source: Of which source it is; "" if that was not asked.
        sheets: The sheets to read; () if that was not asked.
        columns: Answers about headings, as of `read_heading_answer`.
        preview: Nothing is written yet: it is looked at with these answers.
    """

    token: str = ""
    source: str = ""
    sheets: Sequence[str] = ()
    columns: Sequence[str] = ()
    preview: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportChanges:
    """Some of what an import has changed, with the names of what it is about, by id."""

    part: ChangesPart
    names: Mapping[str, str]


async def import_reading(
    deployment: Deployment, number: int, *, after: int, size: int
) -> ImportReading:
    """Return report *number* with the *size* problems after one.

    Raises:
        PastImportError: There is none, or it is erased.
    """

    async def read(conn: AsyncConnection) -> ImportReading:
        page = await report_page(
            conn, number, reach=WHOLE_CATALOG, after=after, size=size
        )
        made, report = page.report.import_id, page.report
        return ImportReading(
            page=page,
            made=None if made is None else await import_made(conn, made),
            latest=await latest_of_source(conn, report.source, without=NOTHING_CAME),
            sources=await known_sources(conn),
        )

    return await deployment.database.fetch(read)


async def import_preview(
    deployment: Deployment, number: int, part: str, *, after: int, size: int
) -> PreviewPart:
    """Return the *size* entries of one of `PARTS` of report *number* after some.

    Raises:
        PastImportError: There is none, or it is erased.
    """

    async def read(conn: AsyncConnection) -> PreviewPart:
        head = await report_page(conn, number, reach=WHOLE_CATALOG, after=0, size=0)
        counts = preview_counts(head.report)
        before = sum(counts[each] for each in PARTS[: PARTS.index(part)])
        return await preview_part(
            conn,
            number,
            first=before + after + 1,
            last=before + kept_of(head.report, part),
            size=size,
        )

    return await deployment.database.fetch(read)


def preview_counts(report: KeptReport) -> dict[str, int]:
    """Return how much a report says that it would change, by part."""
    told = (report.told or {}).get("preview", {})
    return {part: int(told.get(part, 0)) for part in PARTS}


def kept_of(report: KeptReport, part: str) -> int:
    """Return how many entries of a part are kept: of many changes, the first ones."""
    if part == CHANGES:
        return int((report.told or {}).get("preview", {}).get("kept", 0))
    return preview_counts(report)[part]


async def sources(deployment: Deployment) -> Sequence[Source]:
    """Return the sources that are known, the last one used first."""
    return await deployment.database.fetch(known_sources)


async def import_again(
    deployment: Deployment, number: int, answers: ImportAnswers, by: Actor
) -> KeptReport:
    """Import the file of report *number* with a person's answers; return the new one.

    What was said of it before still holds: source, sheets, meanings of headings.

    Raises:
        PastImportError: There is none, or it is erased.
        CatalogError: An answer has no meaning.
    """
    kept = await deployment.database.fetch(kept_file, number)
    told, of = kept.report.told or {}, kept.report.producers
    given = dict(map(read_heading_answer, answers.columns))
    with kept.stream:
        file = FileToImport(
            stream=kept.stream,
            name=kept.report.file,
            source=answers.source or told.get("named", kept.report.source),
            sheets=tuple(answers.sheets or told["sheets"]),
            answers={**told.get("answers", {}), **given},
        )
        return await import_stream(
            deployment,
            file,
            Doing(by=by, reach=WHOLE_CATALOG if of is None else Reach.of(of)),
            token=answers.token,
            preview=answers.preview,
        )


async def refuse(deployment: Deployment, number: int, by: Actor) -> None:
    """Refuse the file of report *number*, of which nothing was written.

    Raises:
        PastImportError: There is none, it is erased, or it waits no longer.
        AttestationError: It is not said who refuses.
    """
    await deployment.database.write(
        partial(refuse_import, number=number, by=by, now=deployment.clock())
    )


async def import_changes(
    deployment: Deployment,
    number: int,
    after: tuple[str, str, str, str] | None,
    *,
    size: int,
) -> ImportChanges:
    """Return what import *number* has changed: the *size* changes after a place.

    Raises:
        PastImportError: There is no such import, or its changes are not kept.
    """
    place = ChangedField(Entity(after[0]), *after[1:]) if after else None

    async def read(conn: AsyncConnection) -> ImportChanges:
        found = await changes_behind(conn, number, place, size=size)
        ids = sorted({each.where.subject for each in found.changes})
        names = await names_of(conn, ids)
        return ImportChanges(part=found, names=names)

    return await deployment.database.fetch(read)


async def undo(
    deployment: Deployment, number: int, *, token: str, by: Actor, named: int
) -> NamedUndo:
    """Tell what taking import *number* back changes; with its token, do so.

    Raises:
        PastImportError: It cannot be taken back.
        AttestationError: It is not said who confirms.
    """
    return await deployment.database.write(
        partial(
            undo_and_name,
            number=number,
            now=deployment.clock(),
            rules=deployment.rules,
            confirmed=Confirmation(token=token, by=by) if token else None,
            named=named,
        )
    )
