"""Walk the catalog once for all marketplaces, and hand each page's cases on.

A sync, a reconciliation, a reviewed plan and a plan differ in their use of a case: it
is stored and asks to pass the gate, is only counted, is kept if it was reviewed, or is
only planned. That is an argument; the walk is the same.
"""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import chunks
from catalog.progress import Count, no_progress
from catalog.turns import in_turns
from ocop_sync.engine.wanted.draft import Draft
from ocop_sync.engine.wanted.wanted import Wanted, no_product
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.case import Case, Freshness, freshness_of
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.run.settled_ranges import Part, Ranges
from ocop_sync.store.db.database import see_anew
from ocop_sync.store.listings import records

TakeIn = Callable[[Site, Sequence[Case]], Awaitable[None]]
"""Takes in the cases of one page at one marketplace."""

NAMED_AT_ONCE = 100
"""Products that are evaluated together where only some are asked for."""
_PAGE = 100
"""Products that are read together: other tasks wait while they are made of rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """How fresh the knowledge of a walk was.

    Attributes:
        revision: The catalog's revision up to which it has been looked at.
        freshness: When the accounts were last read.
    """

    revision: int
    freshness: Freshness


async def evaluate_all(
    conn: AsyncConnection,
    deployment: Deployment,
    sites: Sequence[Site],
    take_in: TakeIn,
    *,
    now: datetime,
    only: Mapping[str, Collection[str]] | None = None,
    count: Count = no_progress,
    ranges: Ranges | None = None,
    begun: Callable[[Walked], None] = lambda _: None,
) -> Walked:
    """Evaluate the products that are not settled at *sites*, page by page.

    *conn* sees one state of catalog and store; with *ranges*, later ones as it goes on.
    Cases at other marketplaces are not handed on. *only* names the products to
    evaluate, settled or not, by marketplace; None stands for all that are not settled.
    Those of *ranges* may be passed over. *begun* is told how fresh the knowledge is,
    before the first case.

    Raises:
        StoppedError: Told to stop.
    """
    revision = await reader.current_revision(conn)
    keys = [key for site in sites for key in site.accounts]
    freshness = await freshness_of(conn, keys)
    walked = Walked(revision=revision, freshness=freshness)
    begun(walked)
    evaluator = Evaluator(deployment, freshness, now)
    names = {site.name for site in sites}
    if only is None:
        pages = unsettled_pages(conn, deployment, evaluator, count, ranges)
    else:
        pages = _named_pages(conn, sites, evaluator, only)
    async for site, cases in pages:
        deployment.stop.ensure_going()
        deployment.activity.note()
        if site.name in names:
            await take_in(site, cases)
    return walked


async def _named_pages(
    conn: AsyncConnection,
    sites: Sequence[Site],
    evaluator: Evaluator,
    only: Mapping[str, Collection[str]],
) -> AsyncIterator[tuple[Site, list[Case]]]:
    """Evaluate named products; one that the catalog lacks is no product."""
    ids = dict.fromkeys(id_ for some in only.values() for id_ in some)
    for some in chunks([*ids], NAMED_AT_ONCE):
        entries = await reader.get(conn, some)
        drafts = {
            id_: evaluator.draft(entry)
            async for id_, entry in in_turns(entries.items())
        }
        for site in sites:
            listings = [
                evaluator.placed(site, drafts[id_])
                if id_ in drafts
                else no_product(id_)
                async for id_ in in_turns(some)
                if id_ in only.get(site.name, ())
            ]
            if listings:
                yield site, await evaluator.cases(conn, site, listings, entries)


async def unsettled_pages(
    conn: AsyncConnection,
    deployment: Deployment,
    evaluator: Evaluator,
    count: Count = no_progress,
    ranges: Ranges | None = None,
) -> AsyncIterator[tuple[Site, list[Case]]]:
    """Evaluate the products that are not settled, and yield their cases page by page.

    Of the *ranges* that may be passed over only what is known to be not settled is
    evaluated. Without any, everything is worked out anew.
    """
    if ranges is None:
        async for page in _pages(conn, deployment.sites, evaluator, count, Part()):
            yield page
        return
    async for part in ranges.parts(conn):
        anew = [site for site in ranges.sites if site.name not in part.passed]
        if anew:
            async for page in _pages(conn, anew, evaluator, count, part):
                yield page
        else:
            count(part.products)
        if any(part.passed.values()):
            passed = _named_pages(conn, ranges.sites, evaluator, part.passed)
            async for page in passed:
                yield page


async def _pages(
    conn: AsyncConnection,
    sites: Sequence[Site],
    evaluator: Evaluator,
    count: Count,
    part: Part,
) -> AsyncIterator[tuple[Site, list[Case]]]:
    """Evaluate all of one part of the catalog that is not settled, page by page.

    The catalog is read once for all marketplaces. A settled product whose wanted
    listing is unchanged costs no more than its fingerprint.

    Where nothing is kept of the part, no state of the database is seen while the cases
    of a page are taken in: what is stored and sent meanwhile would all stay in SQLite's
    log.
    """
    after = part.after
    async for page in reader.pages(conn, size=_PAGE, after=after, end=part.end):
        last = page[-1][0].id
        drafts = [evaluator.draft(entry) async for entry in in_turns(page)]
        part.note_drafts(drafts)
        entries = {entry[0].id: entry for entry in page}
        found: list[tuple[Site, list[Case]]] = []
        for site in sites:
            settled = await records.settled(conn, site.name, after, last)
            listings = await _unsettled(evaluator, site, drafts, settled)
            listings += _orphans(settled, entries)
            part.note_unsettled(site, listings, settled)
            if listings:
                cases = await evaluator.cases(conn, site, listings, entries)
                found.append((site, cases))
        after = last
        count(len(page))
        if part.is_left_at(sites):
            await see_anew(conn)
        for each in found:
            yield each
    # Danger: in the state of the last page, which had none. In a later one, products
    # that have come behind it would be taken for lost ones.
    async for site, listings in _tail(conn, sites, after, part):
        yield site, await evaluator.cases(conn, site, listings, {})


async def _unsettled(
    evaluator: Evaluator,
    site: Site,
    drafts: Iterable[Draft | Wanted],
    settled: Mapping[str, str],
) -> list[Wanted]:
    return [
        wanted
        async for draft in in_turns(drafts)
        if (wanted := evaluator.placed(site, draft)).fingerprint
        != settled.get(wanted.product_id)
    ]


def _orphans(settled: Mapping[str, str], known: Iterable[str]) -> list[Wanted]:
    """Return the wanted listings of stored products that the catalog lacks."""
    lost = settled.keys() - set(known)
    listings = (no_product(product_id) for product_id in sorted(lost))
    return [w for w in listings if settled[w.product_id] != w.fingerprint]


async def _tail(
    conn: AsyncConnection, sites: Sequence[Site], after: str, part: Part
) -> AsyncIterator[tuple[Site, list[Wanted]]]:
    """Yield stored products behind the last one that the catalog has in this part."""
    for site in sites:
        start = after
        while settled := await records.settled_after(conn, site.name, start, part.end):
            start = max(settled)
            listings = _orphans(settled, ())
            part.note_unsettled(site, listings, settled)
            if listings:
                yield site, listings
