"""When, and by whom, the fields that are not the department's last changed.

A new product has one row as a whole, and one more for each field that has changed
since. It tells an import the changes after its sheet was exported, which the sheet
cannot know.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, rows_of
from catalog.db.tables import provenance
from catalog.db.upsert import upsert

_OF: Any = select(
    *provenance.c["product_id", "sku", "field", "changed_at", "changed_by"]
).where(provenance.c.product_id.in_(IDS))
_FORGET = delete(provenance).where(
    provenance.c.product_id == bindparam("product"),
    provenance.c.sku == bindparam("pack"),
    provenance.c.field == bindparam("what"),
)

Key = tuple[str, str, str]
"""Product id, SKU ("" for the product itself), field ("" for all of it)."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One change: when, in UTC, and by whom."""

    at: datetime
    by: str


Touches = frozenset[tuple[Key, Touch]]
"""The last changes of one product, by their place."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """The last changes of some products, by their place."""

    _touches: Mapping[Key, Touch]

    def of(self, product_id: str, sku: str, field: str) -> Touch | None:
        """Return the last change of a field; None if there is no trace of one."""
        touches = self._touches
        return touches.get((product_id, sku, field)) or touches.get(
            (product_id, sku, "")
        )

    def by_product(self) -> Mapping[str, Touches]:
        """Return the changes by product."""
        found: dict[str, set[tuple[Key, Touch]]] = {}
        for key, touch in self._touches.items():
            found.setdefault(key[0], set()).add((key, touch))
        return {id_: frozenset(some) for id_, some in found.items()}

    def touched(self, keys: Iterable[Key], touch: Touch) -> "Provenance":
        """Return these changes, and *touch* as the last one under *keys*."""
        return Provenance({**self._touches, **dict.fromkeys(keys, touch)})

    def exactly(self, key: Key) -> Touch | None:
        """Return the change under *key* itself."""
        return self._touches.get(key)


NOTHING_KNOWN = Provenance({})
"""Of no product."""


async def provenance_of(conn: AsyncConnection, ids: Sequence[str]) -> Provenance:
    """Return the last changes of the products *ids*."""
    rows = await rows_of(conn, _OF, ids)
    return Provenance(
        {(id_, sku, name): Touch(*rest) for id_, sku, name, *rest in rows}
    )


async def restore_provenance(
    conn: AsyncConnection, before: Mapping[Key, Touch | None]
) -> None:
    """Let fields have been changed last as *before* says; by nobody if None."""
    rows = [_row(key, touch) for key, touch in before.items() if touch is not None]
    await execute_each(conn, upsert(conn, provenance), rows)
    gone = [
        {"product": product_id, "pack": sku, "what": field}
        for product_id, sku, field in before
        if before[product_id, sku, field] is None
    ]
    await execute_each(conn, _FORGET, gone)


async def keep_provenance(
    conn: AsyncConnection, changed: Iterable[Key], *, now: datetime, who: str
) -> None:
    """Record that *who* has changed *changed* at *now*."""
    touch = Touch(now, who)
    rows = [_row(key, touch) for key in changed]
    await execute_each(conn, upsert(conn, provenance), rows)


def _row(key: Key, touch: Touch) -> dict[str, Any]:
    product_id, sku, field = key
    return {
        "product_id": product_id,
        "sku": sku,
        "field": field,
        "changed_at": touch.at,
        "changed_by": touch.by,
    }
