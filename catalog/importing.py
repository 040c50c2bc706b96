"""Take a feed in: add what is new, update what it says, delete nothing.

All rows of one call belong to one transaction of the caller. A row with a
problem is left out whole and reported; the others go in. What a row means is
decided in `catalog.feed.intake`, what a source no longer names in
`catalog.absence`; here is what both need from the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.absence import Absence, settle_absence
from catalog.counting import Mint
from catalog.errors import CatalogError
from catalog.feed.identity import Identities
from catalog.feed.intake import Intake
from catalog.feed.reading import read_values
from catalog.feed.row import FeedRow, Problem
from catalog.repository import get, get_producers
from catalog.saving import lock, save
from catalog.tables import producer, product
from catalog.text import clean

_CHUNK = 250
"""Rows between two turns of the event loop: less than a tenth of a second."""
_MAX_SOURCE = 200

_PRODUCTS = select(
    product.c.id, product.c.producer_id, product.c.name_folded, product.c.ocop_code
)
_PRODUCERS = select(producer.c.id, producer.c.name_folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What one import did.

    Attributes:
        source: Name of the source.
        rows: How many rows were read; empty ones are not counted.
        created: Ids of new products.
        changed: Ids of other products that got a new revision.
        unchanged: How many products it named that stay as they were.
        missing: Ids that this source named before and no longer does.
        returned: Ids that it names again.
        ignored_counts: Counts of stock that were older than those known.
        sick: The source was empty, or named fewer than half of its products:
            nothing was marked as missing.
        problems: All that a person must put right.
    """

    source: str
    rows: int
    created: Sequence[str]
    changed: Sequence[str]
    unchanged: int
    missing: Sequence[str]
    returned: Sequence[str]
    ignored_counts: int
    sick: bool
    problems: Sequence[Problem]


async def import_feed(
    conn: AsyncConnection, rows: Iterable[FeedRow], *, now: datetime, source: str
) -> ImportReport:
    """Take *rows* in as the present state of *source*.

    Importing the same rows twice changes nothing, and moves no revision.

    Args:
        conn: A connection in a transaction of the caller.
        rows: As `read_csv` or `read_json` returns them; read once.
        now: The present instant.
        source: Under which name the feed is known, such as its file's name:
            the next feed of that name is compared with this one.

    Raises:
        FeedError: The feed as a whole cannot be read; roll back.
        CatalogError: *source* is empty or too long.
    """
    name = clean(source)
    if not 0 < len(name) <= _MAX_SOURCE:
        message = "nguồn cần có tên ngắn / the source needs a short name"
        raise CatalogError(message)
    await lock(conn)
    intake = Intake(
        now=now, mint=await Mint.start(conn), identities=await _identities(conn)
    )
    changed: set[str] = set()
    rest = iter(rows)
    while chunk := list(islice(rest, _CHUNK)):
        await _take(conn, intake, chunk)
        who = f"import {name}"
        changed |= set(await save(conn, intake.entries(), now=now, who=who))
    await intake.mint.finish(conn)
    absence = await settle_absence(
        conn,
        source=name,
        named=intake.named,
        declared=intake.declared,
        empty=not intake.rows,
        now=now,
    )
    return _report(name, intake, absence, changed)


async def _identities(conn: AsyncConnection) -> Identities:
    found = Identities()
    for id_, producer_id, folded, ocop_code in (await conn.execute(_PRODUCTS)).all():
        found.know_product(id_, producer_id, folded, ocop_code)
    for id_, folded in (await conn.execute(_PRODUCERS)).all():
        found.know_producer(id_, folded)
    return found


async def _take(conn: AsyncConnection, intake: Intake, rows: Sequence[FeedRow]) -> None:
    """Load what *rows* may be about, then take them in."""
    read = [(row, *read_values(row)) for row in rows]
    known = intake.identities
    ids = {id_ for _, given, _ in read for id_ in known.candidates(given)}
    makers = {id_ for _, given, _ in read for id_ in known.maker_candidates(given)}
    entries = await get(conn, sorted(ids))
    intake.load(entries.values(), (await get_producers(conn, sorted(makers))).values())
    for row, given, problems in read:
        intake.note_columns(row)
        intake.take(row, given, problems)


def _report(
    source: str, intake: Intake, absence: Absence, changed: set[str]
) -> ImportReport:
    problems = list(intake.problems)
    if absence.sick:
        problems.append(_sick(intake))
    return ImportReport(
        source=source,
        rows=intake.rows,
        created=intake.created,
        changed=sorted(changed.union(absence.changed).difference(intake.created)),
        unchanged=len(intake.named.difference(intake.created, changed)),
        missing=absence.missing,
        returned=absence.returned,
        ignored_counts=intake.ignored_counts,
        sick=absence.sick,
        problems=problems,
    )


def _sick(intake: Intake) -> Problem:
    count = len(intake.named)
    return Problem(
        row=0,
        vi=f"nguồn chỉ nêu {count} sản phẩm: trống, hoặc thiếu hơn một nửa số đã nêu"
        " trước đây. Không đánh dấu sản phẩm nào là vắng; hãy kiểm tra tệp",
        en=f"the source names {count} products: it is empty, or lacks more than half"
        " of those it named before. None is marked as missing; check the file",
    )
