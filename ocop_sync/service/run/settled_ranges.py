"""Pass over ranges of products of which nothing can have changed.

The walk through the catalog evaluates each product anew. Where it has found a whole
range of them settled, a digest is kept of all that this hung on: what the catalog has
of them, the fingerprints of their listings, and the terms by which they are evaluated.
As long as the digest is the same, and no verdict changes by itself, the next walk would
find the same: it reads only what is not settled. Nobody has to say that something has
changed.

What a walk has found open is often settled when its sync ends: in a first one, nearly
all. It is so if each listing has the fingerprint by then that the walk has worked out,
and the catalog has not changed since the walk came to that range.

Once a day all is evaluated all the same. A range that was to be passed over, and is not
settled then, is an error of ours, and is told.
"""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import json
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import digests
from catalog.db.digests import Content
from ocop_sync.engine.wanted.draft import Draft
from ocop_sync.engine.wanted.wanted import Wanted
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.terms_version import terms_version
from ocop_sync.store.db.database import see_anew
from ocop_sync.store.listings import records, settled_ranges
from ocop_sync.store.listings.settled_ranges import SettledRange

SIZE: Final = 1_000
"""Products of a range; one that has got twice as many is cut."""
AT_LEAST_EVERY: Final = timedelta(hours=24)
"""How often everything is evaluated, whatever has changed."""

_log = logging.getLogger(__name__)


class LongWay(StrEnum):
    """Why no range was passed over."""

    ASKED = "asked"
    DAILY = "daily"


@dataclass(slots=True)
class Part:
    """One range on the way of a walk.

    Attributes:
        after: Its products have greater ids than this.
        end: The last id of it; None if it has no end.
        passed: Where it is passed over: what is evaluated all the same, by marketplace.
        products: How many products it has, once that is known.
        until: When the first of its verdicts changes, as far as they were evaluated.
        open_at: The marketplaces where it was found to be not settled.
        may_leave: It need not be seen in one state of the database where nothing is
            kept of it: a digest is of all products as they were evaluated.
        content: What its products were made of before they were evaluated; None where
            it is passed over.
        prints: The fingerprints of all its wanted listings by product, as JSON, page by
            page and by marketplace.
    """

    after: str = ""
    end: str | None = None
    passed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    products: int = 0
    until: datetime | None = None
    open_at: set[str] = field(default_factory=set)
    may_leave: bool = False
    content: Content | None = None
    prints: dict[str, list[bytes]] = field(default_factory=dict)

    def note_drafts(self, drafts: Iterable[Draft | Wanted]) -> None:
        """Remember when the verdicts behind *drafts* change by themselves."""
        ends = [each.until for each in drafts if each.until is not None]
        self.until = min([*ends, *([self.until] if self.until else [])], default=None)

    def note_unsettled(
        self, site: Site, found: Sequence[Wanted], settled: Mapping[str, str]
    ) -> None:
        """Remember where something is to be evaluated that was thought to be settled.

        *found* are those to be evaluated; *settled* are the fingerprints that are kept.
        """
        if any(settled.get(each.product_id) != "" for each in found):
            self.open_at.add(site.name)
        if self.content is not None:
            wanted = {each.product_id: each.fingerprint for each in found}
            prints = json.encode({**settled, **wanted})
            self.prints.setdefault(site.name, []).append(prints)

    def is_left_at(self, sites: Iterable[Site]) -> bool:
        """Say whether the state is left in which it was seen: it is open at *sites*."""
        return self.may_leave and all(site.name in self.open_at for site in sites)


class Ranges:
    """The ranges of one walk: which may be passed over, and which it finds settled.

    Attributes:
        long_way: Why none is passed over, if so.
        passed: How many products were passed over, by marketplace.
    """

    def __init__(
        self,
        sites: Sequence[Site],
        terms: Mapping[str, bytes],
        known: Sequence[SettledRange],
        now: datetime,
        *,
        full: bool = False,
    ) -> None:
        self.sites = sites
        self.passed = dict.fromkeys([site.name for site in sites], 0)
        self._now = now
        self._known = {(each.marketplace, each.after_id): each for each in known}
        self._ends = sorted({each.end_id for each in known if each.end_id is not None})
        self._terms = terms  # their versions, by marketplace
        self._met: set[tuple[str, str]] = set()
        self._found: list[SettledRange] = []
        self._lost: list[SettledRange] = []
        self._open: list[Part] = []
        is_due = any(now - each.walked_at >= AT_LEAST_EVERY for each in known)
        self.long_way = LongWay.ASKED if full else LongWay.DAILY if is_due else None

    async def parts(self, conn: AsyncConnection) -> AsyncIterator[Part]:
        """Yield all ranges in order; what is noted with each is kept once it is over.

        *conn* is that of the walk, so that both see one state.
        """
        after, ends = "", [*self._ends, None]
        while True:
            end = ends[0]
            is_known = any(self._may_pass(each.name, after, end) for each in self.sites)
            if not is_known:
                end = await digests.cut(conn, after, end, SIZE)
            part = Part(after, end, may_leave=True)
            if is_known:
                fresh = await self._passing_over(conn, part)
                yield part
            else:
                part.content = await digests.content_of(conn, after, end)
                yield part
                # A digest takes a while, and is kept of what was found settled alone.
                settled = [site for site in self.sites if site.name not in part.open_at]
                fresh = [row for row, _ in await self._rows(conn, part, settled)]
            self._take(part, fresh)
            if end is None:
                return
            after = end
            if end == ends[0]:
                del ends[0]

    async def _passing_over(
        self, conn: AsyncConnection, part: Part
    ) -> list[SettledRange]:
        """Note where *part* is passed over; return what it is like elsewhere."""
        fresh: list[SettledRange] = []
        passed: dict[str, Sequence[str]] = {}
        for row, unsettled in await self._rows(conn, part, self.sites):
            if self._is_same(row) and self.long_way is None:
                passed[row.marketplace] = unsettled
                self.passed[row.marketplace] += part.products
            else:
                fresh.append(row)
        part.passed = passed
        return fresh

    async def _rows(
        self, conn: AsyncConnection, part: Part, sites: Sequence[Site]
    ) -> list[tuple[SettledRange, Sequence[str]]]:
        """Return what *part* is like at *sites*, and what is not settled there."""
        if not sites:
            return []
        after, end = part.after, part.end
        content = await digests.content_of(conn, after, end)
        part.products = content.products
        return await self._rows_of(conn, part, sites, content)

    async def _rows_of(
        self,
        conn: AsyncConnection,
        part: Part,
        sites: Sequence[Site],
        content: Content,
    ) -> list[tuple[SettledRange, Sequence[str]]]:
        after, end, rows = part.after, part.end, []
        for site in sites:
            settled = await settled_ranges.settled_in(conn, site.name, after, end)
            parts = (self._terms[site.name], content.digest, settled.digest)
            digest = digests.digest_of(parts).hex()
            row = SettledRange(site.name, after, end, digest, self._now, None)
            rows.append((row, settled.unsettled))
        return rows

    def _may_pass(self, name: str, after: str, end: str | None) -> bool:
        known = self._known.get((name, after))
        return known is not None and known.end_id == end and self._holds(known)

    def _holds(self, known: SettledRange) -> bool:
        """Say whether no verdict has changed by itself since *known* was evaluated."""
        is_past = known.until is not None and known.until <= self._now
        return known.walked_at <= self._now and not is_past

    def _is_same(self, row: SettledRange) -> bool:
        """Say whether everything was settled with the same data as those of *row*."""
        if not self._may_pass(row.marketplace, row.after_id, row.end_id):
            return False
        return self._known[row.marketplace, row.after_id].digest == row.digest

    def _take(self, part: Part, fresh: Sequence[SettledRange]) -> None:
        """Take in the outcome of evaluating a whole range."""
        self._met.update((name, part.after) for name in part.passed)
        part.prints = {name: part.prints.get(name, []) for name in part.open_at}
        if part.open_at and part.content is not None:
            self._open.append(part)
        for row in fresh:
            key = row.marketplace, row.after_id
            if row.marketplace not in part.open_at:
                self._met.add(key)
                self._found.append(row._replace(until=part.until))
            elif self._is_same(row):
                self._lost.append(row)

    @property
    def has_news(self) -> bool:
        """Say whether anything is to be written."""
        return bool(self._found) or bool(self._outdated())

    def _outdated(self) -> list[SettledRange]:
        return [each for key, each in self._known.items() if key not in self._met]

    async def store(self, conn: AsyncConnection) -> None:
        """Keep what was found, and forget what is no longer so.

        The walk must have come to its end.
        """
        await settled_ranges.forget(conn, self._outdated())
        await settled_ranges.keep(conn, self._found)

    async def settled_since(self, conn: AsyncConnection) -> list[SettledRange]:
        """Return the ranges that the walk has found open, and that are settled by now.

        Each is looked at in one state, of after the walk. A product has another
        revision after each change, so that content that is the same was so all the
        time.
        """
        rows: list[SettledRange] = []
        for part in self._open:
            await see_anew(conn)
            content = await digests.content_of(conn, part.after, part.end)
            if content != part.content:
                continue
            sites = [
                site
                for site in self.sites
                if site.name in part.open_at and await _is_settled(conn, site, part)
            ]
            found = await self._rows_of(conn, part, sites, content)
            rows += [row._replace(until=part.until) for row, _ in found]
        return rows

    def tell_lost(self) -> None:
        """Log the ranges that would have been passed over wrongly."""
        for each in self._lost:
            _log.error(
                "a range that would have been passed over is not settled",
                extra={
                    "marketplace": each.marketplace,
                    "after": each.after_id,
                    "end": each.end_id or "",
                },
            )


async def _is_settled(conn: AsyncConnection, site: Site, part: Part) -> bool:
    """Say whether nothing of *part* is to be evaluated, but what is not settled."""
    wanted: dict[str, str] = {}
    for page in part.prints[site.name]:
        wanted |= json.decode(page, type=dict[str, str])
    start, n = part.after, 0
    while settled := await records.settled_after(conn, site.name, start, part.end):
        start, n = max(settled), n + len(settled)
        if any(
            id_ not in wanted or print_ not in ("", wanted[id_])
            for id_, print_ in settled.items()
        ):
            return False
    return n == len(wanted)


async def ranges_of(
    conn: AsyncConnection,
    deployment: Deployment,
    sites: Sequence[Site],
    now: datetime,
    *,
    full: bool = False,
) -> Ranges:
    """Return the ranges for a walk; with *full* none of them is passed over."""
    known = await settled_ranges.stored(conn, [site.name for site in sites])
    terms = {site.name: await terms_version(deployment, site) for site in sites}
    return Ranges(sites, terms, known, now, full=full)
