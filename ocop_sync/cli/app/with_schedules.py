"""Carry out a use case about schedules for a command."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ocop_sync.cli.app.app import as_input, run, settings_of
from ocop_sync.cli.app.given_time import present
from ocop_sync.cli.app.opened import in_database
from ocop_sync.service.schedules.schedules import Office
from ocop_sync.store.db.database import Database

T = TypeVar("T")


def with_schedules(act: Callable[[Office], Awaitable[T]]) -> T:
    """Carry *act* out; what cannot be done as it was asked for is wrong input."""
    settings = settings_of()

    async def in_it(database: Database) -> T:
        office = Office(
            database=database,
            clock=present,
            has_backup_folder=settings.database.backup_folder is not None,
        )
        return await act(office)

    with as_input():
        return run(in_database(settings, in_it))
