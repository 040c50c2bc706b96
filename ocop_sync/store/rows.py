"""Entries as rows of the table whose columns are called as their fields."""

from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def values_of(entry: "DataclassInstance") -> dict[str, Any]:
    """Return the fields of *entry* by name, each as it is."""
    return {each.name: getattr(entry, each.name) for each in fields(entry)}


async def execute_each(
    conn: AsyncConnection, statement: Executable, rows: Iterable[dict[str, Any]]
) -> None:
    """Execute *statement* with each of *rows*, all at once; not at all without any."""
    if values := list(rows):
        await conn.execute(statement, values)
