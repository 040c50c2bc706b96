"""Whether the values that an edit was made from are still there.

Edits are compared field by field (`catalog.db.history`): another revision alone refuses
none, as each sale and each count makes one. An edit is refused where a field that it
changes has changed since, and shows the present value. Functions over a connection that
the caller opened.
"""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.field_changes import Key
from catalog.db.history import changed_after
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
    """Do nothing if no field of *values* has changed since the revision *seen*.

    Args:
        conn: A connection in a transaction of the caller.
        product_id: Of which product.
        revision: Its present revision.
        seen: The revision that an edit was made from; None if it is not known.
        values: The present values of the fields that the edit changes.

    Raises:
        ChangedMeanwhileError: Some have; or *seen* is later than *revision*, so that
            nobody knows which.
    """
    if seen is None or seen == revision or not values:
        return
    if seen > revision:  # of another product, or from before a backup was restored
        raise ChangedMeanwhileError(revision, ())
    since = await changed_after(conn, product_id, seen)
    both = {place: value for place, value in values.items() if _is_in(place, since)}
    if not both:
        return
    touches = await provenance_of(conn, [product_id])
    changed = []
    for (sku, field), value in both.items():
        touch = touches.of(product_id, sku, field)
        at = touch.at if touch else None
        changed.append(ChangedField(_name_of(sku, field), show(value), at))
    raise ChangedMeanwhileError(revision, changed)


def _is_in(place: Field, since: Collection[Key]) -> bool:
    """Say whether a field, or all of the pack that it is of, is among *since*."""
    fields = {(sku, field) for _, sku, field in since}
    return place in fields or (place[0] != "" and (place[0], "") in fields)


_NAMES: Final = {
    (column.part is ColumnPart.VARIANT, column.path): name
    for name, column in COLUMNS.items()
    if column.part in {ColumnPart.PRODUCT, ColumnPart.VARIANT}
}


def _name_of(sku: str, field: str) -> str:
    """Return how a field is named in sheets, that of a pack behind its SKU."""
    name = _NAMES.get((bool(sku), field), field)
    return f"{sku}.{name}" if sku else name
