"""SQLite on the event loop itself, without a thread.

A statement of ours takes some microseconds. To hand each one to a thread and wait for
it took five times as long as the statement with all that SQLAlchemy does for it. Only
another process's lock can take long, so no writer waits for one inside SQLite:
`transaction` asks for it again and again. Statements let other tasks go first
once the turn of the event loop has been long enough; those of a transaction that others
may wait for, once that has lasted as long by itself.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar, TypeVar

from sqlalchemy import URL, Connection, CursorResult, Pool, StaticPool, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncTransaction,
    create_async_engine,
)
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util.queue import AsyncAdaptedQueue

from catalog.turns import LONGEST_S, let_others
from ocop_sync.files import is_open_to_others, make_private
from ocop_sync.store.db import documents_as_json, known_statements
from ocop_sync.store.db.waiting_writers import ASK_AGAIN_S, WaitingWriters

T = TypeVar("T")

_logger = logging.getLogger(__name__)

_DRIVER = "sqlite+loop"
_BESIDE = ("-wal", "-shm", "-journal")
_PRIMARY_CODE = 0xFF
LOG_PAGES = 1000
"""SQLite's own bound of its log."""
_STATEMENTS = 1000
"""Distinct statements that stay prepared; there are fewer."""


class _Cursor(sqlite3.Cursor):
    """The cursor that SQLAlchemy's asynchronous engine expects."""

    server_side: ClassVar[bool] = False

    async def _async_soft_close(self) -> None:
        """Leave the cursor open: rows are fetched from itself."""


class _IdleConnections(AsyncAdaptedQueue[Any]):
    """Hands out one that is idle at once, and waits only if there is none."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if not self.empty():
            return self.get_nowait()
        return super().get(block, timeout)


class _Pool(AsyncAdaptedQueuePool):
    _queue_class = _IdleConnections


# Danger: SQLAlchemy names the logger of a pool after its class. Outside `sqlalchemy`,
# which it keeps at WARNING, every command would tell of its pools at INFO.
logging.getLogger(f"{__name__}.{_Pool.__name__}").setLevel(logging.WARNING)


class _Connection(sqlite3.Connection):
    """A connection.

    Attributes:
        prepares: Its transactions take no lock, whatever its engine says.
    """

    prepares = False

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


class Dialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's own dialect, for asynchronous engines."""

    driver = "loop"
    is_async = True
    supports_statement_cache = True

    def __init__(self, begin: str = "DEFERRED", **settings: Any) -> None:
        super().__init__(**settings)
        self._begin = f"BEGIN {begin}"

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction: the driver is told not to do so by itself."""
        begin = "BEGIN" if dbapi_connection.prepares else self._begin
        dbapi_connection.execute(begin).close()

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """Return the pool whose waiting is asynchronous too."""
        return _Pool if url.database else StaticPool

    def get_driver_connection(self, connection: Any) -> Any:
        """Return the connection itself: nothing is wrapped around it."""
        return connection


registry.register("sqlite.loop", __name__, Dialect.__name__)


class _Transaction(AsyncTransaction):
    """A transaction that begins and ends at once."""

    async def start(self, is_ctxmanager: bool = False) -> AsyncTransaction:
        if self.nested or is_ctxmanager:
            return await super().start(is_ctxmanager)
        connection = self.connection.sync_connection
        assert connection is not None  # noqa: S101  (it is open)
        self.sync_transaction = connection.begin()
        return self

    async def rollback(self) -> None:
        self._proxied.rollback()

    async def commit(self) -> None:
        self._proxied.commit()


class _LoopConnection(AsyncConnection):
    """A connection whose statements are carried out where they are asked for.

    SQLAlchemy has each of them, each end of a transaction, and each taking of a
    connection done by a greenlet, from which a driver can wait. Ours never waits, and
    to go there and back took as long as all the rest of a small statement. Only while
    all connections are taken is one waited for.

    Its statements share the turns of the event loop with all long work. Those of a
    transaction that others wait for do not: they end it first.
    """

    _by_itself_s: float | None = None
    _turns_from = 0.0

    def go_on_by_itself(self, seconds: float) -> None:
        """Let other tasks go first after so many *seconds*, and again after each."""
        self._by_itself_s = seconds
        self._turns_from = monotonic() + seconds

    async def _let_others(self) -> None:
        if self._by_itself_s is None:
            await let_others()
        elif monotonic() >= self._turns_from:
            await asyncio.sleep(0)
            self._turns_from = monotonic() + self._by_itself_s

    async def start(self, is_ctxmanager: bool = False) -> AsyncConnection:
        pool = self.sync_engine.pool
        if self.sync_connection or not (isinstance(pool, _Pool) and pool.checkedin()):
            return await super().start(is_ctxmanager)
        self.sync_connection = self._assign_proxied(self.sync_engine.connect())
        return self

    async def execute(self, *args: Any, **options: Any) -> Any:
        await self._let_others()
        if type(args[0]) in known_statements.KINDS and not any(options.values()):
            return known_statements.execute(self._proxied, *args)
        return self._proxied.execute(*args, **options)

    async def exec_driver_sql(self, *args: Any, **options: Any) -> CursorResult[Any]:
        await self._let_others()
        return self._proxied.exec_driver_sql(*args, **options)

    def begin(self) -> AsyncTransaction:
        return _Transaction(self)

    async def commit(self) -> None:
        self._proxied.commit()

    async def rollback(self) -> None:
        self._proxied.rollback()

    async def close(self) -> None:
        self._proxied.close()


class _LoopEngine(AsyncEngine):
    """An engine with such connections."""

    def connect(self) -> AsyncConnection:
        return _LoopConnection(self)


def keep_private(file: str) -> None:
    """Let only its owner read the database *file* and its log; make it if need be.

    SQLite gives its log (`-wal`) and the index of that (`-shm`) the mode of the
    database. Another user's file cannot be closed: that is said in the log.

    Args:
        file: As it stands in a URL; one in memory has no file.
    """
    if not file or file == ":memory:" or file.startswith("file:"):
        return
    path = Path(file).resolve()
    names = [path, *(path.with_name(f"{path.name}{end}") for end in _BESIDE)]
    was_open = [each for each in names if is_open_to_others(each)]
    try:
        make_private(path)
        for each in was_open:
            make_private(each)
    except OSError as error:
        if was_open:
            why = {"file": str(path), "why": error.strerror}
            _logger.warning("the database can be read by others", extra=why)
        return
    if was_open:
        _logger.warning("closed the database to others", extra={"file": str(path)})


def sqlite_engine(
    url: str,
    *,
    begin: str = "DEFERRED",
    pragmas: Sequence[str] = (),
    in_any_thread: bool = False,
    **settings: Any,
) -> AsyncEngine:
    """Open an engine on the SQLite file of *url*, such as "sqlite:///ocop.db".

    Args:
        url: Its address; "sqlite://" is a database in memory.
        begin: How transactions begin; "IMMEDIATE" takes the lock at once.
        pragmas: The settings of each new connection, in this order. Unless they say
            otherwise, a statement does not wait for a lock.
        in_any_thread: Its connections may go from one thread to another.
        settings: Further arguments of SQLAlchemy's `create_async_engine`.
    """
    made = create_async_engine(
        make_url(url).set(drivername=_DRIVER),
        begin=begin,
        json_serializer=documents_as_json.write,
        json_deserializer=documents_as_json.read,
        connect_args={
            "factory": _Connection,
            "timeout": 0,
            "cached_statements": _STATEMENTS,
            "check_same_thread": not in_any_thread,
        },
        **settings,
    )
    engine = _LoopEngine(made.sync_engine)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # else the driver begins transactions
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    return engine


async def give_back(connection: AsyncConnection) -> None:
    """Close a connection of either database, even if the task is cancelled meanwhile.

    SQLite's is given back without waiting, so that nothing comes in between. SQLAlchemy
    has each given back by a task of its own, which takes longer than a query.
    """
    if connection.dialect.name == "sqlite":
        await connection.close()
    else:
        await connection.__aexit__(None, None, None)


@asynccontextmanager
async def transaction(
    engine: AsyncEngine,
    *,
    waits_s: float,
    waiting: WaitingWriters | None = None,
    log_pages: int = LOG_PAGES,
) -> AsyncIterator[AsyncConnection]:
    """Open a transaction, committed unless something is raised inside.

    Args:
        engine: Of either database. On SQLite its transactions take the lock as
            they begin, and its statements do not wait for one.
        waits_s: How long the lock is asked for, while other tasks go on.
        waiting: Who waits for the lock, too; None where nobody does.
        log_pages: SQLite's log is written back when it has so many pages, and the
            commit waits for that.
    """
    connection = await engine.connect()
    try:
        is_sqlite, known = engine.dialect.name == "sqlite", connection.info
        if is_sqlite and known.get("log_pages", LOG_PAGES) != log_pages:
            await connection.run_sync(_let_grow, log_pages)
        async with begun(connection, waits_s=waits_s, waiting=waiting):
            yield connection
    finally:
        await give_back(connection)


@asynccontextmanager
async def begun(
    connection: AsyncConnection,
    *,
    waits_s: float,
    waiting: WaitingWriters | None = None,
    commits_apart: bool = False,
) -> AsyncIterator[AsyncConnection]:
    """Begin a transaction on a connection, committed unless something is raised.

    With *commits_apart* a thread commits it: to write many pages takes long.
    """
    opened = await _begin(connection, waits_s, waiting or WaitingWriters(None))
    if isinstance(connection, _LoopConnection):
        # Others wait for its lock, and those who have the turn compute meanwhile.
        connection.go_on_by_itself(LONGEST_S)
    try:
        yield connection
    except BaseException:
        await opened.rollback()
        raise
    if commits_apart and opened.sync_transaction is not None:
        await asyncio.to_thread(opened.sync_transaction.commit)
    else:
        await opened.commit()


async def prepare_apart(
    connection: AsyncConnection, work: Callable[[AsyncConnection], Awaitable[T]]
) -> T:
    """Carry *work* out in a transaction that takes no lock.

    It may read, in one state of the database, and write temporary tables.
    """
    raw = (await connection.get_raw_connection()).driver_connection
    assert raw is not None  # noqa: S101  (it is open)
    raw.prepares = True
    try:
        async with begun(connection, waits_s=0):
            return await work(connection)
    finally:
        raw.prepares = False


def _let_grow(connection: Connection, log_pages: int) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101  (it is open)
    driver.execute(f"PRAGMA wal_autocheckpoint={log_pages}").close()
    connection.info["log_pages"] = log_pages


async def _begin(
    connection: AsyncConnection, waits_s: float, waiting: WaitingWriters
) -> AsyncTransaction:
    loop = asyncio.get_running_loop()
    until = loop.time() + waits_s
    await waiting.let_first()
    with waiting.among_them():
        while True:
            try:
                return await connection.begin()
            except DBAPIError as error:
                if not _is_locked(error) or loop.time() >= until:
                    raise
            waiting.tell()
            await asyncio.sleep(ASK_AGAIN_S)


def _is_locked(error: DBAPIError) -> bool:
    """Say whether *error* means that somebody else holds the lock."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return bool(code & _PRIMARY_CODE == sqlite3.SQLITE_BUSY)
