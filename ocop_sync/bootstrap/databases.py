"""The database of a deployment: opened, and its tables made or looked at.

SQLite serves one computer: its tables are made and upgraded here without being asked,
so that a first start needs no command. PostgreSQL may serve several processes, not all
of them of this version: there a person upgrades, with `ocop-sync db upgrade`.
"""

import gc
from collections.abc import (
    AsyncIterator,
)
from contextlib import asynccontextmanager
from typing import Final

from ocop_sync.errors import ConfigurationError, StorageError
from ocop_sync.settings import (
    Settings,
)
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.schema import (
    NOT_WRITABLE,
    Tables,
    look,
    missing_file,
    unknown_tables,
    unwritable_file,
    upgrade,
)

GARBAGE_STEPS: Final = (2_000, 1, 5_000)
"""After so many new objects Python looks for garbage among them, after each second time
also among those before, and among all after so many times.

Everybody waits meanwhile: so the steps are short. An evaluation makes millions of
values and no cycles; with Python's own steps a tenth of its time goes into looking.
"""


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database alone, for commands that need no marketplace.

    Raises:
        ConfigurationError: As for `open_deployment`.
    """
    gc.set_threshold(*GARBAGE_STEPS)
    await ensure_tables(settings.database.url)
    async with _open_database(settings.database.url) as database:
        yield database


@asynccontextmanager
async def open_existing_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database for whoever only asks how things are.

    Raises:
        ConfigurationError: As for `ensure_there`.
    """
    await ensure_there(settings)
    async with _open_database(settings.database.url) as database:
        yield database


async def ensure_tables(url: str) -> None:
    """See to it that the database at *url* has the tables that are needed.

    Raises:
        ConfigurationError: It cannot be reached; a person must upgrade it; or
            a newer version made it.
    """
    found = await look(url)
    if found in (Tables.NONE, Tables.OLDER) and _is_sqlite(url):
        await upgrade(url)
        return
    if found is Tables.UNKNOWN:
        raise unknown_tables()
    if found is not Tables.CURRENT:
        message = (
            "cơ sở dữ liệu chưa có bảng của phiên bản này: chạy `ocop-sync db upgrade`"
            " / the database lacks this version's tables: run `ocop-sync db upgrade`"
        )
        raise ConfigurationError(message)


async def ensure_there(settings: Settings) -> None:
    """See to it that the database is there and current; make and upgrade nothing.

    For whoever only asks how things are: opening an SQLite file that is gone would
    make an empty one, which says that all is well.

    Raises:
        ConfigurationError: It is not there, cannot be reached, or its tables are
            not those of this version.
        StorageError: Nothing can be written to it: no sync works.
    """
    ensure_not_lost(settings)
    if (file := unwritable_file(settings.database.url)) is not None:
        message = f"database.url: {file}: {NOT_WRITABLE}"
        raise StorageError(message)
    found = await look(settings.database.url)
    if found is Tables.UNKNOWN:
        raise unknown_tables()
    if found is not Tables.CURRENT:
        message = (
            "cơ sở dữ liệu chưa có bảng của phiên bản này: khởi động worker, hoặc chạy"
            " `ocop-sync db upgrade` / the database lacks this version's tables: start"
            " the worker, or run `ocop-sync db upgrade`"
        )
        raise ConfigurationError(message)


def ensure_not_lost(settings: Settings) -> None:
    """See to it that the file of an SQLite database is there; make none.

    For the worker, too: whoever starts it again after its file was lost would have it
    begin with an empty one, and go on as if all were well.

    Raises:
        ConfigurationError: It is not there.
    """
    if (file := missing_file(settings.database.url)) is not None:
        message = (
            f"database.url: không có tệp {file}: phục hồi bản sao lưu, hoặc lập cơ sở"
            " dữ liệu mới bằng `ocop-sync db upgrade`"
            f" / the file {file} is not there: restore a backup, or make a new database"
            " with `ocop-sync db upgrade`"
        )
        raise ConfigurationError(message)


@asynccontextmanager
async def _open_database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")
