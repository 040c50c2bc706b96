"""Write an evaluated feed, in one transaction that is as short as it can be.

Its rows were made before, by `catalog.imports.prepare_import`. Functions over a
connection in a transaction of the caller; none of them commits. `unmoved` tells whether
the evaluation still holds.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import CHUNK, chunks
from catalog.db.counters import (
    PRODUCER,
    PRODUCT,
    REVISION,
    UNREVISED,
    all_counters,
    next_numbers,
)
from catalog.db.history import certified_after
from catalog.db.pictures import note_uses
from catalog.db.provenance import provenance_of
from catalog.db.reader import changed_since, get
from catalog.db.sources import remember_source
from catalog.imports.evaluated_feed import EvaluatedFeed
from catalog.imports.import_record import keep_confirmation, keep_record
from catalog.imports.import_report import ImportReport
from catalog.imports.prepare_import import PreparedFeed
from catalog.model.reach import WHOLE_CATALOG
from catalog.text import clean

_MOST_MOVED = 5 * CHUNK
"""So many products may have moved that are looked at one by one."""


async def unmoved(
    conn: AsyncConnection, feed: EvaluatedFeed, since: Mapping[str, int]
) -> Mapping[str, int] | None:
    """Return the counters of now; None if anything has changed since some earlier ones.

    An evaluation stands on the marks of all products, by which rows find them; of those
    that rows may be about, and of certificates of the same decisions, on the whole.
    """
    now = await all_counters(conn)
    return None if await _has_moved(conn, feed, since, now) else now


async def _has_moved(
    conn: AsyncConnection,
    feed: EvaluatedFeed,
    before: Mapping[str, int],
    now: Mapping[str, int],
) -> bool:
    moved = {name for name in now if now[name] != before.get(name, 0)}
    if moved & {PRODUCT, PRODUCER, UNREVISED}:
        return True
    since, seen = before.get(REVISION, 0), 0
    while REVISION in moved and (page := await changed_since(conn, since, limit=CHUNK)):
        seen += len(page)
        ids = [id_ for id_, _ in page]
        if seen > _MOST_MOVED or await _concerns(conn, feed, ids, since):
            return True
        since = page[-1][1]
    return False


async def _concerns(
    conn: AsyncConnection, feed: EvaluatedFeed, ids: Sequence[str], since: int
) -> bool:
    """Say whether changes of products after revision *since* concern the evaluation.

    A count or a sale of a product that no row is about never does, though a row may be
    about the same decision: then its certificates alone count.
    """
    others: list[str] = []
    view, identities = feed.view, feed.intake.identities
    touches = (await provenance_of(conn, ids)).by_product()
    for entry in (await get(conn, ids)).values():
        item = entry[0]
        if view.read.differs(entry, touches.get(entry[0].id, frozenset())):
            return True
        if item.id in view.read or not feed.intake.reach.holds(item.producer_id):
            continue
        marks = item.id, item.producer_id, item.name, item.ocop_code
        if not identities.knows_as(*marks):
            return True
        others.append(item.id)
    return bool(view.days and await certified_after(conn, others, since))


async def apply_feed(
    conn: AsyncConnection, feed: EvaluatedFeed, prepared: PreparedFeed
) -> ImportReport:
    """Write all that an evaluated feed changes; return its report.

    One that is held, or was only checked, changes nothing.
    """
    report = feed.report
    if not report.written:
        return report
    await prepared.rows.bring_in_products()
    for items in chunks(prepared.pictured):
        await note_uses(conn, items, now=feed.now)
    await feed.intake.mint.finish(conn)
    if feed.intake.reach == WHOLE_CATALOG:  # else it is no source of the department's
        await remember_source(conn, feed.origin, file=feed.file, now=feed.now)
    number = await _keep(conn, feed, prepared)
    await next_numbers(conn, UNREVISED, 1)
    return report.kept_as(number)


async def _keep(
    conn: AsyncConnection, feed: EvaluatedFeed, prepared: PreparedFeed
) -> int | None:
    """Keep the import, its changes and its effects; return its number.

    An import that changed nothing, and confirmed nothing, leaves no trace.
    """
    report, taken, accepted = feed.report, feed.intake.taken, feed.accepted
    if accepted is not None:
        await keep_confirmation(
            conn,
            feed.intake.tally,
            accepted.holds,
            source=report.source,
            token=accepted.token,
            who=accepted.by,
            now=feed.now,
        )
    changes = report.created or report.changed or taken.entered
    if not (changes or (accepted and taken.said_again)):
        return None
    return await keep_record(
        conn,
        source=report.source,
        file=clean(feed.file) or report.source,
        now=feed.now,
        by=feed.by,
        exported_at=feed.intake.guard.stamp,
        confirmed_by=accepted.by if accepted else "",
        created=len(report.created),
        changed=len(report.changed),
        taken=taken,
        rows=prepared.rows,
    )
