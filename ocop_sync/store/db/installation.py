"""The place where a database belongs: a copy of it elsewhere writes to no marketplace.

A copy knows nothing of what came after it: what was listed since would be listed twice.
And two databases that both go on with the same accounts would fight. So the place
stands in the database, and is compared before anything is written.

On PostgreSQL it is the server (its identifier, and its timeline, which changes when a
server is recovered to a point in time or a standby takes over), the database, and this
very table: `pg_restore` makes tables anew, also in the same database. Rows that are put
back into tables that stand are not noticed. On SQLite a copy that `backup` has made
says so itself; of one made otherwise see `sent_beside`.
"""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Row, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.upsert import insert_into, upsert
from ocop_sync.errors import MovedDatabaseError
from ocop_sync.store.db import sent_beside
from ocop_sync.store.tables import installation

COPY: Final = "copy"
"""The place of a copy that `backup` has made: none."""
_SQLITE: Final = "sqlite"
_ONLY: Final = 1

_NOTED = select(installation.c.place)
_HERE: Final = (
    select(
        literal_column("oid", BigInteger),
        literal_column("CAST('installation' AS regclass)::oid", BigInteger),
        literal_column(
            "has_function_privilege('pg_catalog.pg_control_system()', 'execute') AND"
            " has_function_privilege('pg_catalog.pg_control_checkpoint()', 'execute')",
            Boolean,
        ).label("may_ask"),
    )
    .select_from(text("pg_catalog.pg_database"))
    .where(text("datname = current_database()"))
)
_SERVER: Final = select(
    literal_column("system_identifier", BigInteger),
    literal_column("timeline_id", BigInteger),
).select_from(
    text("pg_catalog.pg_control_system(), pg_catalog.pg_control_checkpoint()")
)


async def ensure_own(conn: AsyncConnection, file: Path | None) -> None:
    """See to it that the database is where it belongs; a new one belongs where it is.

    Args:
        conn: Its connection.
        file: Its file, where it has one.

    Raises:
        MovedDatabaseError: It was put back, or moved.
    """
    here, noted = await _place(conn), await _noted(conn)
    if noted is None:
        row = {"n": _ONLY, "place": here}
        statement = insert_into(conn, installation).on_conflict_do_nothing()
        await conn.execute(statement, row)
        sent_beside.forget(file)
    elif noted != here or await sent_beside.is_older(conn, file):
        raise MovedDatabaseError


async def is_own(conn: AsyncConnection, file: Path | None) -> bool:
    """Say whether the database is where it belongs; changes nothing."""
    noted = await _noted(conn)
    if noted is None:
        return True
    return noted == await _place(conn) and not await sent_beside.is_older(conn, file)


async def note_place(conn: AsyncConnection) -> None:
    """Let the database belong where it is."""
    row = {"n": _ONLY, "place": await _place(conn)}
    await conn.execute(upsert(conn, installation), [row])


async def _noted(conn: AsyncConnection) -> str | None:
    row: Row[Any] | None = (await conn.execute(_NOTED)).first()
    return None if row is None else str(row.place)


async def _place(conn: AsyncConnection) -> str:
    if conn.dialect.name == "sqlite":
        return _SQLITE
    *here, may_ask = (await conn.execute(_HERE)).one()
    # Danger: a managed server may keep its own identity to itself, and a refused
    # question would break the transaction.
    server: tuple[object, ...] = ("-", "-")
    if may_ask:
        server = tuple((await conn.execute(_SERVER)).one())
    return ":".join(map(str, ("postgresql", *server, *here)))
