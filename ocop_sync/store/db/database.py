"""One database: a writer, readers, and transactions that end.

SQLite is used in the one way that loses nothing: write-ahead log, `BEGIN
IMMEDIATE`, one writer connection, readers apart. On PostgreSQL readers see one
state as well, and writers lock the rows that they rely on. A transaction that
has begun is finished even if the task that asked for it is cancelled: a
cancelled write would keep SQLite's lock until the garbage collector comes by.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Concatenate, Final, Literal, ParamSpec, TypeVar

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from ocop_sync.errors import ConfigurationError, DatabaseGoneError
from ocop_sync.store.db import documents_as_json
from ocop_sync.store.db.log_on_disk import LogOnDisk
from ocop_sync.store.db.outage import told_in_a_sentence
from ocop_sync.store.db.postgresql import postgresql_engine
from ocop_sync.store.db.reading_apart import ReadingApart
from ocop_sync.store.db.sqlite import (
    LOG_PAGES,
    begun,
    give_back,
    prepare_apart,
    sqlite_engine,
    transaction,
)
from ocop_sync.store.db.waiting_writers import WaitingWriters
from ocop_sync.store.db.written_back import PAGES, WritingBack

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]
"""Works over a connection that the database opens."""
Isolation = Literal["READ COMMITTED", "REPEATABLE READ"]

BUSY_S = 15
"""How long a writer waits for another process; its transactions are short."""
_CACHE_KB = 32_000
"""So many changed pages of a large transaction stay in memory until it ends. To write
them out before, and read them again, takes a sixth longer."""
NAME = "ocop-sync"
"""How our sessions are called at PostgreSQL."""
_PLANS: Final = "force_custom_plan"
"""PostgreSQL plans a statement each time. It would else keep the plan of its first
calls as long as it has not analysed the tables: that of a first sync, made when there
was nothing yet, compares each of its rows with each of a slice, for seconds."""
IDLE_S = 60
"""After that, PostgreSQL undoes a transaction that a writer has let go of. A process
that is stopped or cut off would else keep its rows locked for hours, long after its
lease has ended."""


class Database:
    """The database of one deployment, given by its URL.

    Attributes:
        dialect: "sqlite" or "postgresql".
    """

    def __init__(self, url: str) -> None:
        self.dialect = _dialect(url)
        self._url = url
        self._file = _file_of(url) if self.dialect == "sqlite" else None
        self._identity = _identity_of(self._file) if self._file else None
        if self.dialect == "sqlite":
            self._writer = _sqlite(url, "IMMEDIATE", waits_s=0, pool_size=1)
            self._reader = _sqlite(url, "DEFERRED", waits_s=BUSY_S, pool_size=4)
        else:
            self._writer = _postgresql(
                url,
                "READ COMMITTED",
                lock_timeout=f"{BUSY_S}s",
                idle_in_transaction_session_timeout=f"{IDLE_S}s",
                # A server may be set up to forget the last commits in a crash: the
                # intent must not be forgotten, or its change is sent twice.
                synchronous_commit="on",
            )
            self._reader = _postgresql(
                url, "REPEATABLE READ", default_transaction_read_only="on"
            )
        self._waiting = WaitingWriters(self._file)
        self._on_disk = LogOnDisk(self._file) if self._file else None
        self._writing_back: WritingBack | None = None
        self._reading_apart: ReadingApart | None = None
        self._running: set[asyncio.Future[Any]] = set()

    @property
    def file(self) -> Path | None:
        """Return the file of SQLite; None in memory, and of PostgreSQL."""
        return self._file

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a connection that sees one state of the database."""
        return self._opened(self._reader)

    @asynccontextmanager
    async def _opened(self, reader: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        self._ensure_there()
        with told_in_a_sentence(connecting=True):
            connection = await reader.connect()
        try:
            with told_in_a_sentence():
                yield connection
        finally:
            await give_back(connection)

    async def fetch(
        self,
        query: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """Return the result of one query, which sees one state of the database."""
        async with self.read() as conn:
            return await query(conn, *args, **named)

    async def fetch_apart(
        self,
        query: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        """Return what `fetch` does, of a query that counts much in the database.

        On SQLite a thread carries it out, one such query after the other, so that
        others go on: *query* touches nothing that belongs to the event loop.
        """
        if self._file is None:
            return await self.fetch(query, *args, **named)
        if self._reading_apart is None:
            engine = _sqlite(self._url, "DEFERRED", waits_s=BUSY_S, pool_size=1)
            self._reading_apart = ReadingApart(engine)
        apart = self._reading_apart

        async def fetched() -> T:
            async with self._opened(apart.engine) as conn:
                return await query(conn, *args, **named)

        return await apart.carry_out(fetched)

    async def write(
        self,
        work: Work[T],
        *,
        lasts: bool = False,
    ) -> T:
        """Carry *work* out in one transaction, committed if it returns.

        It must be short and must not wait for anything but the database. If
        the calling task is cancelled, it is carried out all the same.

        Args:
            work: The work in the transaction.
            lasts: It must outlive a power cut, together with all before it: so must
                each intent, or its change would be sent twice.
        """
        return await self._finish(self._transact(work, lasts=lasts))

    async def write_prepared(
        self,
        prepare: Work[R],
        work: Callable[[AsyncConnection, R], Awaitable[T]],
    ) -> T:
        """Carry *work* out as `write` does, with what *prepare* has prepared.

        On SQLite, *prepare* is carried out before the lock is taken, over the very
        connection that takes it then: it may read, and fill temporary tables. Others
        write meanwhile, so *work* has to look whether anything has moved. On
        PostgreSQL nobody waits for a transaction until it meets the same rows: there
        both are one.
        """
        if self._file is None:

            async def both(conn: AsyncConnection) -> T:
                return await work(conn, await prepare(conn))

            return await self.write(both)
        self._ensure_there()
        apart = _sqlite_apart(self._url)
        try:
            with told_in_a_sentence(connecting=True):
                connection = await apart.connect()
                ready = await prepare_apart(connection, prepare)
        except BaseException:
            await apart.dispose()
            raise
        return await self._finish(self._bring_in(apart, connection, work, ready))

    async def _bring_in(
        self,
        apart: AsyncEngine,
        connection: AsyncConnection,
        work: Callable[[AsyncConnection, R], Awaitable[T]],
        ready: R,
    ) -> T:
        try:
            self._ensure_there()
            with told_in_a_sentence(connecting=True):
                waiting = self._waiting
                async with begun(
                    connection, waits_s=BUSY_S, waiting=waiting, commits_apart=True
                ):
                    return await work(connection, ready)
        finally:
            await give_back(connection)
            await asyncio.to_thread(apart.sync_engine.dispose)

    async def _finish(self, transacting: Coroutine[Any, Any, T]) -> T:
        """Carry a transaction out, even if the calling task is cancelled."""
        task = asyncio.ensure_future(transacting)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _transact(self, work: Work[T], *, lasts: bool) -> T:
        self._ensure_there()
        back = self._writing_back
        opened = transaction(
            self._writer,
            waits_s=BUSY_S,
            waiting=self._waiting,
            log_pages=LOG_PAGES if back is None else PAGES,
        )
        with told_in_a_sentence(connecting=True):
            async with opened as connection:
                found = await work(connection)
        if back is not None:
            back.note_write()
        if lasts and self._on_disk is not None:
            await self._on_disk.wait()
        return found

    def _ensure_there(self) -> None:
        """Stop at a file that is not the one that was opened.

        SQLite goes on with a deleted file as if nothing had happened, and all that is
        written to it is lost with the process.

        Raises:
            DatabaseGoneError: It was deleted, or another one has taken its place.
        """
        if self._file is None:
            return
        found = _identity_of(self._file)
        if self._identity is None:
            self._identity = found
        elif found != self._identity:
            raise _gone(self._file)

    def write_back_apart(self) -> None:
        """Have SQLite's log written back by a thread: others wait for this process."""
        if self._file is not None and self._writing_back is None:
            self._writing_back = WritingBack(self._file)

    def engine_apart(self) -> AsyncEngine | None:
        """Return an engine for connections that stay open; None on SQLite.

        It keeps none back: whoever takes one has it alone. The caller disposes of it.
        """
        if self.dialect == "sqlite":
            return None
        name = {"server_settings": {"application_name": "ocop-sync, listening"}}
        return create_async_engine(self._url, poolclass=NullPool, connect_args=name)

    async def close(self) -> None:
        """Finish open transactions and close all connections."""
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._writing_back is not None:
            await self._writing_back.aclose()
        apart, self._reading_apart = self._reading_apart, None
        if apart is not None:
            await apart.aclose()
        await self._writer.dispose()
        await self._reader.dispose()
        self._waiting.close()


async def see_anew(reading: AsyncConnection) -> None:
    """Have a connection that `Database.read` gave see another state from now on.

    It is the one that is there when it is used again.
    """
    await reading.rollback()


def _file_of(url: str) -> Path | None:
    """Return the file of an SQLite database; None if it is in memory."""
    named = make_url(url).database or ""
    in_memory = named in ("", ":memory:") or named.startswith("file:")
    return None if in_memory else Path(named).absolute()


def _identity_of(file: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116  (before each transaction: half the time)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _gone(file: Path) -> DatabaseGoneError:
    return DatabaseGoneError(
        f"tệp cơ sở dữ liệu {file} đã bị xóa hoặc bị thay: dừng lại, không gửi gì nữa;"
        " đưa tệp cũ trở lại hoặc khôi phục bản sao lưu, rồi chạy lại / the database"
        f" file {file} was deleted or replaced: stopped, nothing more is sent; put it"
        " back or restore a backup, then run again"
    )


def _dialect(url: str) -> str:
    drivers = {"sqlite": "sqlite", "postgresql+asyncpg": "postgresql"}
    try:
        return drivers[make_url(url).drivername]
    except Exception as error:
        message = (
            "database.url: phải bắt đầu bằng sqlite:// hoặc"
            " postgresql+asyncpg:// / must begin with one of these"
        )
        raise ConfigurationError(message) from error


def _postgresql(url: str, isolation: Isolation, **settings: str) -> AsyncEngine:
    """Open an engine whose transactions are isolated as *isolation* says."""
    return postgresql_engine(
        url,
        isolation_level=isolation,
        json_serializer=documents_as_json.write,
        json_deserializer=documents_as_json.read,
        pool_size=8,
        pool_use_lifo=True,  # the last one used knows the statements
        max_overflow=0,
        pool_timeout=60,
        connect_args={
            "server_settings": {
                "application_name": NAME,
                "plan_cache_mode": _PLANS,
                **settings,
            }
        },
    )


def _sqlite_apart(url: str) -> AsyncEngine:
    """Open an engine for one connection that writes much in one transaction."""
    pragmas = (*_pragmas(0), f"cache_size=-{_CACHE_KB}")
    return sqlite_engine(
        url, begin="IMMEDIATE", pragmas=pragmas, pool_size=1, in_any_thread=True
    )


def _pragmas(waits_s: int) -> Sequence[str]:
    return (
        f"busy_timeout={BUSY_S * 1000}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={waits_s * 1000}",
    )


def _sqlite(url: str, begin: str, *, waits_s: int, pool_size: int) -> AsyncEngine:
    """Open an engine whose transactions begin as *begin* says.

    Its statements wait at most *waits_s* seconds for another process.
    """
    return sqlite_engine(
        url,
        begin=begin,
        pragmas=_pragmas(waits_s),
        pool_size=pool_size,
        pool_use_lifo=True,  # the last one used knows the statements
        max_overflow=0,
        pool_timeout=60,
    )
