"""Carry a use case of the catalog out in the database that the settings name."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ocop_sync.bootstrap import open_database
from ocop_sync.cli.app.given_time import present
from ocop_sync.settings import Settings
from ocop_sync.store.db.database import Work

T = TypeVar("T")


async def read_catalog(settings: Settings, work: Work[T]) -> T:
    """Carry *work* out over a connection that sees one state of the catalog."""
    async with open_database(settings) as database, database.read() as conn:
        return await work(conn)


async def write_catalog(settings: Settings, work: Callable[..., Awaitable[T]]) -> T:
    """Carry *work* out in one transaction, committed if it returns.

    Args:
        settings: They name the database.
        work: Takes the connection, and `now`: what waits for another's transaction
            is of the instant at which its own has begun.
    """
    async with open_database(settings) as database:
        return await database.write(lambda conn: work(conn, now=present()))
