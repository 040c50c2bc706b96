"""PostgreSQL through asyncpg, with statements that are known past SQLAlchemy."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from ocop_sync.store.db import known_statements


class _Connection(AsyncConnection):
    """A connection that sends known statements as they are."""

    async def execute(self, *args: Any, **options: Any) -> Any:
        if type(args[0]) in known_statements.KINDS and not any(options.values()):
            execute = known_statements.execute
            return await greenlet_spawn(execute, self._proxied, *args)
        return await super().execute(*args, **options)


class _Engine(AsyncEngine):
    """An engine with such connections."""

    def connect(self) -> AsyncConnection:
        return _Connection(self)


def postgresql_engine(url: str, **settings: Any) -> AsyncEngine:
    """Open an engine on the database of *url*, such as "postgresql+asyncpg://…".

    Args:
        url: Its address.
        settings: Arguments of SQLAlchemy's `create_async_engine`.
    """
    return _Engine(create_async_engine(url, **settings).sync_engine)
