"""Open a deployment or its database, carry a use case out, and close it again.

Commands go through here: they parse, have one use case carried out, and print.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync import bootstrap
from ocop_sync.bootstrap import databases
from ocop_sync.cli.app.app import as_input, run, settings_with_accounts
from ocop_sync.cli.app.given_time import given_time, present
from ocop_sync.service.deployment import Deployment
from ocop_sync.settings import Settings
from ocop_sync.store.db.database import Database, Work

T = TypeVar("T")


async def in_deployment(
    settings: Settings,
    work: Callable[[Deployment], Awaitable[T]],
    *,
    needs_accounts: bool = True,
    makes_tables: bool = True,
) -> T:
    """Carry *work* out in a deployment, in the time that the command goes by.

    Args:
        settings: Its settings.
        work: Takes the deployment.
        needs_accounts: Refuse settings by which no account can be used.
        makes_tables: Make or upgrade the tables of SQLite if need be; False for
            whoever only asks how things are.
    """
    if not makes_tables:
        await databases.ensure_there(settings)
    time = given_time() or bootstrap.COMPUTER_TIME
    async with bootstrap.open_deployment(
        settings, time=time, needs_accounts=needs_accounts
    ) as deployment:
        return await work(deployment)


def ask(query: Callable[[Deployment], Awaitable[T]]) -> T:
    """Have a question answered that is of no use without an account."""
    return run(in_deployment(settings_with_accounts(), query))


def decide(act: Callable[[Deployment], Awaitable[T]]) -> T:
    """Carry a person's decision out; one that cannot be made is wrong input."""
    with as_input():
        return ask(act)


async def read_deployment(
    settings: Settings, work: Callable[[Deployment, AsyncConnection], Awaitable[T]]
) -> T:
    """Carry *work* out in a deployment, over a connection that sees one state."""

    async def read(deployment: Deployment) -> T:
        async with deployment.database.read() as conn:
            return await work(deployment, conn)

    return await in_deployment(settings, read)


async def in_database(
    settings: Settings,
    work: Callable[[Database], Awaitable[T]],
    *,
    makes_tables: bool = True,
) -> T:
    """Carry *work* out in the database alone; *makes_tables* as of a deployment."""
    open_ = (
        databases.open_database if makes_tables else databases.open_existing_database
    )
    async with open_(settings) as database:
        return await work(database)


async def read_catalog(settings: Settings, work: Work[T]) -> T:
    """Carry *work* out over a connection that sees one state of the catalog."""

    async def read(database: Database) -> T:
        async with database.read() as conn:
            return await work(conn)

    return await in_database(settings, read)


async def write_catalog(settings: Settings, work: Callable[..., Awaitable[T]]) -> T:
    """Carry *work* out in one transaction, committed if it returns.

    Args:
        settings: They name the database.
        work: Takes the connection, and `now`: what waits for another's transaction
            is of the instant at which its own has begun.
    """

    async def write(database: Database) -> T:
        return await database.write(lambda conn: work(conn, now=present()))

    return await in_database(settings, write)


def shown_while_read(
    query: Callable[..., Awaitable[T]], show: Callable[[T], Awaitable[None]]
) -> Callable[..., Awaitable[None]]:
    """Return *query* with its result shown before the database is closed.

    A result may be too long to be held: its rows are read as they are shown.
    """

    async def both(*opened: object) -> None:
        await show(await query(*opened))

    return both
