"""Tell a database that it was put back from a backup, or only moved."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.errors import MovedDatabaseError
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.db import sent_beside
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.installation import is_own, note_place
from ocop_sync.store.decisions import held_groups, plans
from ocop_sync.store.runs.restored import Restored, mark_restored


async def note_restored(database: Database, *, by: Actor, now: datetime) -> Restored:
    """Let nothing be written to any account before it is read whole anew.

    What was listed after the backup would be listed a second time, and what was
    changed since would be overwritten unseen. Sessions and unused links end, as they
    may have been ended since. Plans and held groups that were approved wait for
    approval anew: they may have been carried out since, or refused. The audit names the
    act: its entries of after the backup are gone.
    """

    async def store(conn: AsyncConnection) -> Restored:
        marked = await mark_restored(conn, now)
        done = marked._replace(
            plans=await plans.reopen(conn, now),
            groups=await held_groups.end_approvals(conn, now),
        )
        await note_place(conn)
        await record_act(conn, Act(by=by, kind="restore_database", at=now))
        return done

    done = await database.write(store)
    sent_beside.forget(database.file)
    return done


async def ensure_in_place(deployment: Deployment) -> None:
    """See to it that the database was neither put back nor moved unsaid.

    Raises:
        MovedDatabaseError: It was.
    """
    database = deployment.database
    if not await database.fetch(is_own, database.file):
        raise MovedDatabaseError


async def note_moved(database: Database, *, by: Actor, now: datetime) -> None:
    """Let a database work in its present place; it lacks nothing, says *by*.

    The audit names the act: what was listed after a copy would be listed twice.
    """

    async def store(conn: AsyncConnection) -> None:
        await note_place(conn)
        await record_act(conn, Act(by=by, kind="move_database", at=now))

    await database.write(store)
    sent_beside.forget(database.file)
