"""Run migrations on the connection that is handed in, or on one of our own.

One linear history covers the tables of the catalog and of the store. The time of an
upgrade is decided in `ocop_sync.store.db.schema`; developers come here through
`alembic.ini`.
"""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection

from ocop_sync.store.db.schema import METADATA, upgrading_engine


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_by_itself() -> None:
    engine = upgrading_engine(os.environ["OCOP_SYNC_DATABASE__URL"])
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_by_itself())
else:
    run(given)
