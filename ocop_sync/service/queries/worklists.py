"""Go through the catalog for people's worklists.

The entries of a list are decided in `catalog.queries.worklists`. A product that cannot
be evaluated is named beside the list, and keeps no other from it.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.provenance import Provenance, provenance_of
from catalog.eligibility import Rules, Verdict
from catalog.model.product import Entry
from catalog.queries.worklists import (
    Ended,
    Ending,
    Lack,
    ended,
    ending,
    in_order,
    lacks,
)
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.service.queries.explain import verdict_of

Each = TypeVar("Each", bound=Ending | Lack)
"""An entry of a worklist."""

Evaluated = tuple[Entry, Verdict]
"""A product with its producer, and the verdict on it."""


@dataclass(frozen=True, slots=True)
class Worklist(Generic[Each]):
    """A worklist for people, and ids of products that could not be evaluated."""

    as_of: datetime
    rows: Sequence[Each]
    faulty: Sequence[str]


@dataclass(frozen=True, slots=True)
class EndsAndLacks:
    """Both worklists, and what has ended, found in one go through the catalog."""

    ends: Worklist[Ending]
    lacks: Worklist[Lack]
    ended: Sequence[Ended]


@dataclass(frozen=True, slots=True)
class OfProducts(EndsAndLacks):
    """What these worklists hold of some products.

    Attributes:
        changes_at: When the verdict on each changes by itself, in UTC; those are left
            out that stay as they are, and those that could not be evaluated.
    """

    changes_at: Mapping[str, datetime]


async def expiring(
    conn: AsyncConnection, *, rules: Rules, at: datetime, days: int
) -> Worklist[Ending]:
    """Return the certificates that end within *days* days, the first end first."""
    today = day_in_vietnam(at)
    found: list[Ending] = []
    faulty: list[str] = []
    async for page in reader.pages(conn):
        evaluated = await _evaluated(page, rules, at, faulty)
        found += _ends(evaluated, today, days)
    return Worklist(at, in_order(found), faulty)


async def missing_papers(
    conn: AsyncConnection, *, rules: Rules, at: datetime
) -> Worklist[Lack]:
    """Return the papers for want of which products are held or blocked."""
    found: list[Lack] = []
    faulty: list[str] = []
    async for page in reader.pages(conn):
        evaluated = await _evaluated(page, rules, at, faulty)
        found += await _lacks(conn, evaluated, rules)
    return Worklist(at, found, faulty)


async def lacking_products(
    conn: AsyncConnection,
    *,
    rules: Rules,
    at: datetime,
    chosen: Callable[[Entry, Lack], bool],
) -> list[str]:
    """Return the ids of the products of which *chosen* takes a lack, sorted.

    One that cannot be evaluated lacks nothing that is known.
    """
    found: list[str] = []
    nothing = Provenance({})  # since when it lacks is asked by nobody here
    async for page in reader.pages(conn):
        for entry, verdict in await _evaluated(page, rules, at, []):
            missing = lacks(entry, verdict, nothing, rules.tables.papers)
            if any(chosen(entry, lack) for lack in missing):
                found.append(entry[0].id)
    return found


async def ends_and_lacks(
    conn: AsyncConnection, *, rules: Rules, at: datetime, days: int
) -> EndsAndLacks:
    """Return what `expiring` and `missing_papers` return."""
    ends: list[Ending] = []
    missing: list[Lack] = []
    over: list[Ended] = []
    faulty: list[str] = []
    async for page in reader.pages(conn):
        found = await of_products(conn, page, rules=rules, at=at, days=days)
        ends += found.ends.rows
        missing += found.lacks.rows
        over += found.ended
        faulty += found.ends.faulty
    return EndsAndLacks(
        ends=Worklist(at, in_order(ends), faulty),
        lacks=Worklist(at, missing, faulty),
        ended=over,
    )


async def of_products(
    conn: AsyncConnection,
    page: Sequence[Entry],
    *,
    rules: Rules,
    at: datetime,
    days: int,
) -> OfProducts:
    """Return what these worklists hold of some products."""
    faulty: list[str] = []
    evaluated = await _evaluated(page, rules, at, faulty)
    ends = list(_ends(evaluated, day_in_vietnam(at), days))
    missing = await _lacks(conn, evaluated, rules)
    over = [found for each in evaluated if (found := ended(*each)) is not None]
    return OfProducts(
        ends=Worklist(at, ends, faulty),
        lacks=Worklist(at, missing, faulty),
        ended=over,
        changes_at={
            verdict.product_id: verdict.changes_at
            for _, verdict in evaluated
            if verdict.changes_at is not None
        },
    )


def _ends(evaluated: Iterable[Evaluated], today: date, days: int) -> Iterator[Ending]:
    for entry, verdict in evaluated:
        if (end := ending(entry, verdict, today, days)) is not None:
            yield end


async def _lacks(
    conn: AsyncConnection, evaluated: Sequence[Evaluated], rules: Rules
) -> list[Lack]:
    known = await provenance_of(conn, [product.id for (product, _), _ in evaluated])
    return [
        lack
        for entry, verdict in evaluated
        for lack in lacks(entry, verdict, known, rules.tables.papers)
    ]


async def _evaluated(
    page: Sequence[Entry], rules: Rules, at: datetime, faulty: list[str]
) -> list[Evaluated]:
    """Return entries with their verdicts, worked out away from the event loop."""
    return await asyncio.to_thread(lambda: list(_each(page, rules, at, faulty)))


def _each(
    page: Sequence[Entry], rules: Rules, at: datetime, faulty: list[str]
) -> Iterator[Evaluated]:
    """Yield entries with their verdicts; those that fail go to *faulty*."""
    for entry in page:
        verdict = verdict_of(entry, at, rules)
        if verdict is None:
            faulty.append(entry[0].id)
        else:
            yield entry, verdict
