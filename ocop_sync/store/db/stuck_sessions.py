"""End sessions of PostgreSQL whose process was suspended in the middle of a statement.

Such a session holds its rows locked for as long as its process sleeps. The server ends
one that is idle in a transaction (`IDLE_S`); but one that is in the middle of the
protocol, where half of a statement was sent, counts as active to it.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db.database import IDLE_S, NAME

_END: Final = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user"
    " AND application_name = :name AND pid <> pg_backend_pid()"
    " AND state = 'active' AND wait_event = 'ClientRead'"
    " AND xact_start IS NOT NULL AND state_change < now() - CAST(:long AS interval)"
)


async def end_stuck_sessions(
    conn: AsyncConnection, after: timedelta = timedelta(seconds=IDLE_S)
) -> int:
    """End our sessions that have waited *after* for the rest of a statement.

    Returns:
        How many there were; none on SQLite, where nobody waits for half a statement.
    """
    if conn.dialect.name == "sqlite":
        return 0
    rows = await conn.execute(_END, {"name": NAME, "long": after})
    return int(rows.scalar_one())
