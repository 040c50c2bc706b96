"""Walk the catalog once for all marketplaces, and hand each page's cases on.

A sync, a reconciliation, a reviewed plan and a plan differ in what they do with a
case: it is stored and asks to pass the gate, is only counted, is kept if it was
reviewed, or is only planned. That is an argument; the walk is the same.
"""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from ocop_sync.engine.wanted.wanted import no_product
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.evaluator import (
    Case,
    Evaluator,
    Freshness,
    unsettled_pages,
)
from ocop_sync.store.runs import accounts

TakeIn = Callable[[Site, Sequence[Case]], Awaitable[None]]
"""Takes in the cases of one page at one marketplace."""

Told = Callable[[int], object]
"""Told how many products more have been read."""

NAMED_AT_ONCE = 250
"""Products that are evaluated together where only some are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """How fresh the knowledge of a walk was.

    Attributes:
        revision: The catalog's revision up to which it has been looked at.
        looked: When the accounts were last read.
    """

    revision: int
    looked: Freshness


def untold(products: int) -> None:
    """Report no progress."""
    del products


async def evaluate_all(
    conn: AsyncConnection,
    deployment: Deployment,
    sites: Sequence[Site],
    take_in: TakeIn,
    *,
    now: datetime,
    only: Mapping[str, Collection[str]] | None = None,
    told: Told = untold,
) -> Walked:
    """Evaluate what is not settled at *sites*, page by page.

    Args:
        conn: A connection that sees one state of catalog and store.
        deployment: What it works with.
        sites: The marketplaces; what is evaluated at others is not handed on.
        take_in: Takes in the cases of each page.
        now: The instant, in UTC, as of which is evaluated.
        only: The products to evaluate, settled or not, by marketplace; None for all
            that are not settled.
        told: Told how many products more have been read.

    Raises:
        StoppedError: Told to stop.
    """
    revision = await reader.current_revision(conn)
    keys = [key for site in sites for key in site.accounts]
    looked = Freshness(
        at=await accounts.read_whole_at(conn, keys),
        heard=await accounts.heard_at(conn, keys),
    )
    evaluator = Evaluator(deployment, looked, now)
    names = {site.name for site in sites}
    if only is None:
        pages = unsettled_pages(conn, deployment, evaluator, told)
    else:
        pages = _named_pages(conn, sites, evaluator, only)
    async for site, cases in pages:
        deployment.stop.ensure_going()
        deployment.activity.note()
        if site.name in names:
            await take_in(site, cases)
    return Walked(revision=revision, looked=looked)


async def _named_pages(
    conn: AsyncConnection,
    sites: Sequence[Site],
    evaluator: Evaluator,
    only: Mapping[str, Collection[str]],
) -> AsyncIterator[tuple[Site, list[Case]]]:
    """Evaluate named products; one that the catalog lacks is no product."""
    ids = dict.fromkeys(id_ for some in only.values() for id_ in some)
    for some in reader.pieces([*ids], NAMED_AT_ONCE):
        entries = await reader.get(conn, some)
        drafts = {id_: evaluator.draft(entry) for id_, entry in entries.items()}
        for site in sites:
            wishes = [
                evaluator.placed(site, drafts[id_])
                if id_ in drafts
                else no_product(id_)
                for id_ in some
                if id_ in only.get(site.name, ())
            ]
            if wishes:
                yield site, await evaluator.cases(conn, site, wishes, entries)
