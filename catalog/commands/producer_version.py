"""The version of a producer: the number of its last change in the history.

Edits are compared field by field, as those of products are. Functions over a connection
that the caller opened.
"""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.producer_changes import fields_changed_after, last_change_of
from catalog.errors import ChangedField, ChangedMeanwhileError
from catalog.feed.cells.cell import show
from catalog.feed.headings.column import COLUMNS
from catalog.model.producer import Producer


async def ensure_producer_as_seen(
    conn: AsyncConnection,
    known: Producer,
    seen: int | None,
    values: Mapping[str, object],
) -> None:
    """Do nothing if no field of *values* has changed since the version *seen*.

    Args:
        conn: A connection in a transaction of the caller.
        known: The producer as it is.
        seen: The version that an edit was made from; None if it is not known.
        values: The present values of the fields that the edit changes, by the names of
            sheets.

    Raises:
        ChangedMeanwhileError: Some have; or *seen* is later than the last change, so
            that nobody knows which.
    """
    if seen is None or not values:
        return
    version = await last_change_of(conn, known.id)
    if seen == version:
        return
    if seen > version:
        raise ChangedMeanwhileError(version, ())
    since = await fields_changed_after(conn, known.id, seen)
    changed = [
        ChangedField(name, show(value), since[field])
        for name, value in values.items()
        if (field := COLUMNS[name].path.partition(".")[0]) in since
    ]
    if changed:
        raise ChangedMeanwhileError(version, changed)
