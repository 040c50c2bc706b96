"""The acts that stand in the audit, for tests that make some."""

from collections.abc import Mapping, Sequence

from catalog.db.acts import recorded_acts
from ocop_sync.store.db.database import Database

Told = tuple[str, Sequence[str], Mapping[str, str]]
"""The act, the ids of its subjects, further ids by name."""


async def acts_of(database: Database) -> list[Told]:
    """Return the acts in the audit, in order."""
    async with database.read() as conn:
        pages = [page async for page in recorded_acts(conn)]
    entries = (each.entry for page in pages for each in page)
    return [(each.kind, each.subjects, each.refs) for each in entries]
