"""Inserts that meet rows which are there already, in the words of either database."""

from functools import cache

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def insert_into(
    conn: AsyncConnection, table: Table
) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that knows conflicts, in the words of this database."""
    return insert_in(conn.dialect.name, table)


def upsert(conn: AsyncConnection, table: Table) -> Insert:
    """Return a statement that inserts whole rows, or replaces those there are."""
    return _upsert(conn.dialect.name, table)


# To put a statement together takes longer than to carry it out.
@cache
def insert_in(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the same for a database by its name."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def _upsert(dialect: str, table: Table) -> Insert:
    insert = insert_in(dialect, table)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={c.name: insert.excluded[c.name] for c in table.c if not c.primary_key},
    )
