"""PostgreSQL through asyncpg, with statements that are known past SQLAlchemy.

An idle connection may have been lost. SQLAlchemy asks the server before each use, which
takes three round trips, and a transaction of ours six. One that has just been used is
believed to stand: had the server closed it meanwhile, the driver would know.
"""

from time import monotonic
from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from ocop_sync.store.db import known_statements

BELIEVED_S: Final = 10.0
"""So long after its last use a connection is believed to stand: a router forgets one
that is idle after minutes."""


class _Connection(AsyncConnection):
    """A connection that sends known statements as they are."""

    async def execute(self, *args: Any, **options: Any) -> Any:
        if type(args[0]) not in known_statements.KINDS or any(options.values()):
            return await super().execute(*args, **options)
        connection: Connection = self._proxied
        asked = known_statements.ask(connection, *args)
        if (known := asked.known) is not None:
            rows = known.rows(asked.values, is_many=asked.is_many)
            if rows is not None:
                cursor = await _carried_out(
                    connection, known.text, rows, is_many=asked.is_many
                )
                return known.result(cursor)
        learn = known_statements.execute_and_learn
        return await greenlet_spawn(learn, connection, asked)


async def _carried_out(
    connection: Connection, text: str, rows: Any, *, is_many: bool
) -> Any:
    """Return the cursor of a statement that was carried out, without a greenlet.

    Whatever goes wrong, SQLAlchemy tells of it, and lets go of a lost connection.
    """
    driver: Any = connection.connection.dbapi_connection
    dialect: Any = connection.dialect
    cursor = driver.cursor()
    cursor._invalidate_schema_cache_asof = dialect._invalidate_schema_cache_asof  # noqa: SLF001  (as its driver does)
    send = cursor._executemany if is_many else cursor._prepare_and_execute  # noqa: SLF001  (else by a greenlet)
    try:
        await send(text, rows)
    except BaseException as error:  # noqa: BLE001  (it is raised again)
        stale = dialect.dbapi.InvalidCachedStatementError
        if isinstance(error, stale | dialect.dbapi.InternalServerError):
            dialect._invalidate_schema_cache()  # noqa: SLF001  (as its driver does)
        await greenlet_spawn(_tell, connection, error, text, rows, cursor)
    return cursor


def _tell(
    connection: Connection, error: BaseException, text: str, rows: Any, cursor: Any
) -> None:
    try:
        raise error  # noqa: TRY301  (it is raised in the greenlet)
    except BaseException as again:  # noqa: BLE001  (SQLAlchemy raises its own)
        connection._handle_dbapi_exception(again, text, rows, cursor, None)  # noqa: SLF001  (in its words)


class _Engine(AsyncEngine):
    """An engine with such connections."""

    def connect(self) -> AsyncConnection:
        return _Connection(self)


class _Believing:
    """Believes a connection to stand that was used just now, and asks others."""

    def __init__(self, dialect: Any) -> None:
        self._ask = dialect.do_ping
        self._used_at: dict[int, float] = {}

    def note_use(self, connection: Any, _record: object) -> None:
        """Note that *connection* is given back."""
        self._used_at[id(connection)] = monotonic()

    def stands(self, connection: Any) -> bool:
        """Say whether an idle connection stands; if not, the pool opens another one."""
        if connection.driver_connection.is_closed():
            return False
        used_at = self._used_at.pop(id(connection), None)
        if used_at is not None and monotonic() < used_at + BELIEVED_S:
            return True
        return bool(self._ask(connection))


def postgresql_engine(url: str, **settings: Any) -> AsyncEngine:
    """Open an engine on the database of *url*, such as "postgresql+asyncpg://…".

    Args:
        url: Its address.
        settings: Arguments of SQLAlchemy's `create_async_engine`.
    """
    opened = create_async_engine(url, pool_pre_ping=True, **settings)
    engine = _Engine(opened.sync_engine)
    dialect: Any = engine.dialect
    believing = _Believing(dialect)
    dialect.do_ping = believing.stands
    event.listen(engine.sync_engine, "checkin", believing.note_use)
    return engine
