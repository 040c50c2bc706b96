"""Put a backup back in the place of a deployment's database."""

from datetime import datetime
from pathlib import Path

from catalog.model.actor import Actor
from ocop_sync.service.decisions.restoring import note_restored
from ocop_sync.settings import Settings
from ocop_sync.store.db.restore import restored
from ocop_sync.store.runs.restored import Restored


async def restore(
    settings: Settings, backup: Path, *, by: Actor, now: datetime
) -> tuple[Restored, Path | None]:
    """Put *backup* in place; the marks are in it before anybody can open it.

    Returns:
        What stands in it, and where the former database is kept, if there was one.

    Raises:
        ConfigurationError, NotWrittenError: As for `ocop_sync.store.db.restore`.
    """
    async with restored(settings.database.url, backup, now) as (database, kept):
        done = await note_restored(database, by=by, now=now)
    return done, kept
