"""Tell a database that it was put back from a backup."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.store.db.database import Database
from ocop_sync.store.runs.restored import Restored, mark_restored


async def note_restored(database: Database, *, by: Actor, now: datetime) -> Restored:
    """Let nothing be written to any account before it is read whole anew.

    What was listed after the backup would be listed a second time, and what was
    changed since would be overwritten unseen. Sessions and unused links end, as they
    may have been ended since. The audit names the act: its entries of after the backup
    are gone.
    """

    async def store(conn: AsyncConnection) -> Restored:
        done = await mark_restored(conn, now)
        await record_act(conn, Act(by=by, kind="restore_database", at=now))
        return done

    return await database.write(store)
