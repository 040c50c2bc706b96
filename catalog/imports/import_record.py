"""The record of an import once it is made: its number, changes and effects.

Functions over a connection in the transaction of the import; none of them commits.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.db.field_changes import ChangeLog
from catalog.db.history import Author, erase_old_values, keep_changes
from catalog.db.imports import (
    confirm_effects,
    confirm_held,
    effects_about,
    keep_effects,
    keep_import,
    lift_consent_effects,
    lift_effects,
)
from catalog.db.pictures import erase_unused_pictures
from catalog.db.prepared import PreparedRows
from catalog.db.reader import products_by_producer
from catalog.db.writer import revise
from catalog.feed.cells.cell import show
from catalog.feed.merge.bulk_change_check import ImportHold, ImportTally
from catalog.feed.merge.buyer_effects import BuyerEffects
from catalog.model.act import Act
from catalog.model.actor import Actor


async def keep_record(
    conn: AsyncConnection,
    *,
    source: str,
    file: str,
    now: datetime,
    by: Actor,
    exported_at: datetime | None,
    confirmed_by: str,
    created: int,
    changed: int,
    taken: BuyerEffects,
    rows: PreparedRows,
) -> int:
    """Keep an import, its changes, its effects and the act; return its number.

    Its changes of products are among *rows*. Values that have been kept for long enough
    are erased.
    """
    number = await keep_import(
        conn,
        source=source,
        file=file,
        now=now,
        confirmed_by=confirmed_by,
        created=created,
        changed=changed,
        exported_at=exported_at,
    )
    about = await _concerned(conn, taken)
    before = await effects_about(conn, about)
    await lift_effects(conn, sorted(taken.lifted))
    await lift_consent_effects(conn, sorted(taken.consenting))
    effects = taken.entered.values()
    await keep_effects(conn, number, effects, confirmed=bool(confirmed_by))
    if confirmed_by:
        restated = sorted(taken.said_again)
        await confirm_effects(conn, number, restated)
        await revise(conn, {id_ for id_, *_ in restated})
    after, log = await effects_about(conn, about), ChangeLog()
    for (id_, key), state in before.items():
        log.note_effect(id_, key, state, after[id_, key])
    done = Act(by=by, kind="import", at=now, refs={"import": str(number)})
    act = await record_act(conn, done)
    await rows.bring_in_changes(import_id=number, act=act, at=now)
    author = Author(f"import {source}", now, act)
    await keep_changes(conn, log.changes(), author, import_id=number)
    await erase_old_values(conn, now)
    await erase_unused_pictures(conn, now)
    return number


async def keep_confirmation(
    conn: AsyncConnection,
    tally: ImportTally,
    holds: Sequence[ImportHold],
    *,
    source: str,
    token: str,
    who: str,
    now: datetime,
) -> None:
    """Keep a person's confirmation of a held import."""
    held = {each.column: f"{each.changed}/{each.of}" for each in holds}
    prices = {each.sku: [each.before, each.after] for each in tally.prices.values()}
    days = [
        [each.product_id, each.column, show(each.before), show(each.after)]
        for each in tally.days.values()
    ]
    seen = {"columns": held, "prices": prices, "days": days}
    await confirm_held(conn, seen, source=source, token=token, who=who, now=now)


async def _concerned(conn: AsyncConnection, taken: BuyerEffects) -> Sequence[str]:
    """Return the products for which effects of earlier imports may end now."""
    keys = taken.entered.keys() | taken.lifted | taken.said_again
    theirs = await products_by_producer(conn, sorted(taken.consenting))
    return sorted({id_ for id_, *_ in keys}.union(theirs))
