"""Go through the catalog for people's worklists.

The entries of a list are decided in `catalog.queries.worklists`. A product that cannot
be evaluated is named beside the list, and keeps no other from it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.provenance import provenance_of
from catalog.eligibility import Rules, Verdict
from catalog.model.product import Entry
from catalog.queries.worklists import Ending, Lack, ending, in_order, lacks
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.service.queries.explain import verdict_of

Each = TypeVar("Each", bound=Ending | Lack)
"""An entry of a worklist."""


@dataclass(frozen=True, slots=True)
class Worklist(Generic[Each]):
    """A worklist for people, and ids of products that could not be evaluated."""

    as_of: datetime
    rows: Sequence[Each]
    faulty: Sequence[str]

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values; the rows come one by one."""
        return {"as_of": self.as_of, "rows": iter(self.rows), "faulty": self.faulty}


async def expiring(
    conn: AsyncConnection, *, rules: Rules, at: datetime, days: int
) -> Worklist[Ending]:
    """Return the certificates that end within *days* days, the first end first."""
    today = day_in_vietnam(at)
    found: list[Ending] = []
    faulty: list[str] = []
    async for page in reader.pages(conn):
        for entry, verdict in _evaluated(page, rules, at, faulty):
            if (end := ending(entry, verdict, today, days)) is not None:
                found.append(end)
    return Worklist(at, in_order(found), faulty)


async def missing_papers(
    conn: AsyncConnection, *, rules: Rules, at: datetime
) -> Worklist[Lack]:
    """Return the papers for want of which products are held or blocked."""
    found: list[Lack] = []
    faulty: list[str] = []
    async for page in reader.pages(conn):
        known = await provenance_of(conn, [product.id for product, _ in page])
        for entry, verdict in _evaluated(page, rules, at, faulty):
            found += lacks(entry, verdict, known, rules.tables.papers)
    return Worklist(at, found, faulty)


def _evaluated(
    page: Sequence[Entry], rules: Rules, at: datetime, faulty: list[str]
) -> Iterator[tuple[Entry, Verdict]]:
    """Yield entries with their verdicts; those that fail go to *faulty*."""
    for entry in page:
        verdict = verdict_of(entry, at, rules)
        if verdict is None:
            faulty.append(entry[0].id)
        else:
            yield entry, verdict
