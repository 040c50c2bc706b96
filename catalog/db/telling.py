"""Tell other processes of a change, in the transaction of that change.

PostgreSQL hands a message on when the transaction is committed, and never one of a
transaction that has failed. SQLite has no messages: nothing is sent there. A message
says no more than where to look; whoever misses one finds the change at the next look.
"""

from enum import StrEnum
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

CHANNEL: Final = "ocop_sync"
"""The channel of PostgreSQL that all messages go through."""


class Told(StrEnum):
    """Where to look."""

    CHANGES = "changes"
    """Products have changed, or a listing is to be read."""
    SCHEDULES = "schedules"
    """A schedule has changed, or waits to be run."""
    RUNS = "runs"
    """A person has asked for a run, or wants one to end."""
    RUN_EVENTS = "run_events"
    """Something is told of a run that goes on."""


async def tell(conn: AsyncConnection, what: Told) -> None:
    """Tell all who listen, once the transaction is committed."""
    if can_tell(conn.dialect.name):
        await conn.execute(_statement(what))


def can_tell(dialect: str) -> bool:
    """Say whether a database hands messages on."""
    return dialect == "postgresql"


@cache
def message(what: Told) -> ColumnElement[Any]:
    """Return the expression that sends a message, for a statement that is sent anyway.

    Several equal ones of a transaction are one.
    """
    return func.pg_notify(CHANNEL, what.value)


@cache
def _statement(what: Told) -> Select[Any]:
    return select(message(what))
