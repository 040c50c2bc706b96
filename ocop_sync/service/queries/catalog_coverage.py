"""The figures of a catalog that no marketplace was ever set for: as of now alone.

Nothing is on sale and nothing was counted, so there are no intervals to ask; but which
products are certified, and which may be listed, is known without a marketplace. The
catalog is evaluated for it, away from the event loop. Where an account is set, or was,
`ocop_sync.service.queries.coverage_figures` asks the intervals.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import CHUNK
from catalog.db.own_pages import ids_after
from catalog.db.reader import get
from catalog.eligibility import Rules
from catalog.model.product import Entry
from ocop_sync.engine.terms import LISTABLE, NOT_CERTIFIED, VALIDITY_UNKNOWN
from ocop_sync.engine.wanted.catalog_part import part_of
from ocop_sync.engine.wanted.from_verdict import counted_as
from ocop_sync.service.queries.explain import verdict_of
from ocop_sync.store.listings.coverage_days import (
    FIGURES,
    CellCounts,
    CountedProduct,
)

NOWHERE: Final = "-"
"""Stands where the name of a marketplace does: none can be called so."""

_PENDING: Final = "pending"
_PARTS: Final = {
    "commune": "commune",
    "stars": "stars",
    "set": "product_set",
    "kind": "producer_kind",
}
"""The facts of a counted product by the dimension that tells them apart."""


async def count_cells(
    conn: AsyncConnection, rules: Rules, now: datetime, by: str | None
) -> list[CellCounts]:
    """Return the figures of each part by *by*; None is the whole.

    A product that cannot be evaluated is in none of them.
    """
    counts: dict[str | int | None, Counter[str]] = {} if by else {None: Counter()}
    async for each in _counted(conn, rules, now, ""):
        part = getattr(each, _PARTS[by]) if by else None
        counts.setdefault(part, Counter()).update(_figures_of(each))
    return [
        CellCounts(
            part=part,
            simulated=False,
            figures={name: found[name] for name in FIGURES},
        )
        for part, found in sorted(counts.items(), key=lambda each: str(each[0]))
    ]


async def counted_products(
    conn: AsyncConnection,
    rules: Rules,
    now: datetime,
    *,
    figure: str,
    parts: Mapping[str, str | int],
    after: str,
    size: int,
) -> Sequence[CountedProduct]:
    """Return at most *size* products behind *after* that *figure* counts, by id."""
    found: list[CountedProduct] = []
    async for each in _counted(conn, rules, now, after):
        is_of = all(getattr(each, _PARTS[n]) == value for n, value in parts.items())
        if is_of and figure in _figures_of(each):
            found.append(each)
            if len(found) == size:
                break
    return found


async def _counted(
    conn: AsyncConnection, rules: Rules, now: datetime, after: str
) -> AsyncIterator[CountedProduct]:
    while ids := await ids_after(conn, None, after, CHUNK):
        after = ids[-1]
        entries = (await get(conn, ids)).values()
        for each in await asyncio.to_thread(_count, entries, rules, now):
            yield each


def _count(
    entries: Iterable[Entry], rules: Rules, now: datetime
) -> list[CountedProduct]:
    found: list[CountedProduct] = []
    for item, maker in entries:
        verdict = verdict_of((item, maker), now, rules)
        if verdict is None:
            continue
        counted, part = counted_as(verdict), part_of(item, verdict, maker)
        found.append(
            CountedProduct(
                product_id=item.id,
                counted=_PENDING if counted == LISTABLE else counted,
                live=False,
                reason=verdict.decisive.code if verdict.decisive else "",
                **part._asdict(),
                began_at=now,
                ended_at=None,
                simulated=False,
            )
        )
    return found


def _figures_of(each: CountedProduct) -> tuple[str, ...]:
    """Return the figures that count a product: it is on sale nowhere."""
    if each.counted == _PENDING:
        return "certified", "listable", _PENDING
    if each.counted in (VALIDITY_UNKNOWN, NOT_CERTIFIED):
        return (each.counted,)
    return "certified", "blocked"
