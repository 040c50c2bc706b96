"""Whether the values that an edit was made from are still there.

An edit names the revision that it was made from. Where there is another one, whoever
edits is shown the present values of the fields. Functions over a connection that the
caller opened.
"""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.provenance import provenance_of
from catalog.errors import ChangedField, ChangedMeanwhileError
from catalog.feed.cells.cell import show
from catalog.feed.headings.column import COLUMNS, ColumnPart

Field = tuple[str, str]
"""A SKU, "" for the product itself, and a field as `catalog.model.ownership` has it."""


async def ensure_as_seen(
    conn: AsyncConnection,
    product_id: str,
    revision: int,
    seen: int | None,
    values: Mapping[Field, object],
) -> None:
    """Do nothing if fields are as they were at the revision *seen*.

    Args:
        conn: A connection in a transaction of the caller.
        product_id: Of which product.
        revision: Its present revision.
        seen: The revision that an edit was made from; None if it is not known.
        values: The present values of the fields that the edit changes.

    Raises:
        ChangedMeanwhileError: There is another revision.
    """
    if seen is None or seen == revision or not values:
        return
    touches = await provenance_of(conn, [product_id])
    changed = []
    for (sku, field), value in values.items():
        touch = touches.of(product_id, sku, field)
        at = touch.at if touch else None
        changed.append(ChangedField(_name_of(sku, field), show(value), at))
    raise ChangedMeanwhileError(revision, changed)


_NAMES: Final = {
    (column.part is ColumnPart.VARIANT, column.path): name
    for name, column in COLUMNS.items()
    if column.part in {ColumnPart.PRODUCT, ColumnPart.VARIANT}
}


def _name_of(sku: str, field: str) -> str:
    """Return how a field is named in sheets, that of a pack behind its SKU."""
    name = _NAMES.get((bool(sku), field), field)
    return f"{sku}.{name}" if sku else name
