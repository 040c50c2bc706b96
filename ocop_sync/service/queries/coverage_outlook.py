"""What is ahead of coverage, and what should not be there: asked as of now.

Who drops out by a day is worked out by the rules on the catalog as it is: what people
will do until then is not known. The catalog is evaluated away from the event loop.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.eligibility import Rules, Text
from catalog.model.product import Entry
from catalog.queries.worklists import Ending, ending, in_order
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.engine.figure_words import CLAIM_ENDED
from ocop_sync.engine.terms import LISTABLE, NOT_CERTIFIED
from ocop_sync.engine.wanted.claim import has_claim
from ocop_sync.engine.wanted.from_verdict import counted_as
from ocop_sync.errors import QuestionError
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import LAST_DAY, end_of
from ocop_sync.service.queries.explain import verdict_of
from ocop_sync.service.queries.known_worklists import KnownWorklists
from ocop_sync.store.listings import coverage_days, records
from ocop_sync.store.listings.coverage_days import Instant
from ocop_sync.store.listings.records import Record

WITHIN: Final = (30, 60, 90)
"""Days ahead for which ends are counted."""

_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class DropsOut:
    """A product that is listable now and will not be so.

    Attributes:
        later: How it is counted then, as of `CountedAs`.
        rule: Code of the rule that decides then, or "".
        on_sale_at: The marketplaces where it is on sale now, by name.
    """

    product_id: str
    name: str
    producer: str
    later: str
    rule: str
    on_sale_at: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The catalog at the end of a day ahead, if nobody does anything.

    Attributes:
        as_of: The day in Vietnam.
        at: Its last instant.
        now: How many products are counted how now, as of `CountedAs`.
        then: The same of that day.
        drops_out: Those that are listable now and not then, by id.
        faulty: Products that cannot be evaluated.
        simulated: A marketplace is a mock.
    """

    as_of: date
    at: datetime
    now: Mapping[str, int]
    then: Mapping[str, int]
    drops_out: Sequence[DropsOut]
    faulty: Sequence[str]
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsComing:
    """Certificates that end soon.

    Attributes:
        within: How many end within so many days, by their number.
        rows: All of them, the first end first.
        faulty: Products that cannot be evaluated.
        simulated: A marketplace is a mock.
    """

    as_of: datetime
    within: Mapping[int, int]
    rows: Sequence[Ending]
    faulty: Sequence[str]
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimShown:
    """A listing on sale that claims OCOP though nothing proves it any more.

    Attributes:
        ends_on: ISO day on which the claim ended, or "".
        stars: The stars that it shows; 0 if only its text claims.
    """

    marketplace: str
    product_id: str
    ends_on: str
    stars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsEnded:
    """All listings on sale with a claim that has ended; there should be none."""

    as_of: datetime
    simulated: bool
    listings: Sequence[ClaimShown]

    @property
    def definition(self) -> Text:
        """Return what is counted, in words."""
        return CLAIM_ENDED


async def outlook(deployment: Deployment, as_of: date) -> Outlook:
    """Return who drops out until the end of *as_of*, a day from today on.

    Raises:
        QuestionError: That day is over.
    """
    at_now = deployment.clock()
    if as_of < day_in_vietnam(at_now):
        message = (
            f"ngày {as_of:%d/%m/%Y} đã qua: hỏi số liệu của ngày đó (day)"
            f" / {as_of:%Y-%m-%d} is over: ask for the figures of that day (day)"
        )
        raise QuestionError(message)
    if as_of > LAST_DAY:
        message = (
            f"chỉ xem trước đến năm {LAST_DAY.year} / days until {LAST_DAY.year} are"
            " looked ahead to"
        )
        raise QuestionError(message)
    at, walk = end_of(as_of), _Walk(deployment.rules)
    async with deployment.database.read() as conn:
        async for page in reader.pages(conn, size=_PAGE):
            await asyncio.to_thread(walk.take_in, page, at_now, at)
        on_sale = await _on_sale(
            conn, deployment, [each[0].id for each, *_ in walk.out]
        )
    return Outlook(
        as_of=as_of,
        at=at,
        now=dict(sorted(walk.now.items())),
        then=dict(sorted(walk.then.items())),
        drops_out=[_drop(*each, on_sale) for each in walk.out],
        faulty=walk.faulty,
        simulated=deployment.simulated,
    )


class _Walk:
    """The catalog, counted at two instants."""

    def __init__(self, rules: Rules) -> None:
        self.now, self.then = Counter[str](), Counter[str]()
        self.out: list[tuple[Entry, str, str]] = []
        self.faulty: list[str] = []
        self._rules = rules

    def take_in(self, page: Iterable[Entry], now: datetime, at: datetime) -> None:
        """Count the products of a page."""
        for entry in page:
            before = verdict_of(entry, now, self._rules)
            after = verdict_of(entry, at, self._rules)
            if before is None or after is None:
                self.faulty.append(entry[0].id)
                continue
            is_now, is_then = counted_as(before), counted_as(after)
            self.now[is_now] += 1
            self.then[is_then] += 1
            if is_now == LISTABLE != is_then:
                rule = after.decisive.code if after.decisive else ""
                self.out.append((entry, is_then, rule))


async def _on_sale(
    conn: AsyncConnection, deployment: Deployment, ids: Sequence[str]
) -> dict[str, list[str]]:
    """Return where each of some products is on sale as far as is known."""
    found: dict[str, list[str]] = {}
    for site in deployment.sites:
        for id_ in await coverage_days.live_among(conn, site.name, ids):
            found.setdefault(id_, []).append(site.name)
    return found


def _drop(
    entry: Entry, later: str, rule: str, on_sale: Mapping[str, Sequence[str]]
) -> DropsOut:
    product, producer = entry
    return DropsOut(
        product_id=product.id,
        name=product.name,
        producer=producer.name if producer else "",
        later=later,
        rule=rule,
        on_sale_at=tuple(on_sale.get(product.id, ())),
    )


async def ends_coming(
    deployment: Deployment, within: Sequence[int] = WITHIN
) -> EndsComing:
    """Return the certificates that end in the longest of *within* days."""
    now = deployment.clock()
    async with deployment.database.read() as conn:
        walk = _EndsWalk(deployment.rules, now, max(within))
        async for page in reader.pages(conn, size=_PAGE):
            await asyncio.to_thread(walk.take_in, page)
    return _coming(deployment, now, within, walk.found, walk.faulty)


async def ends_known(
    deployment: Deployment, known: KnownWorklists, within: Sequence[int] = WITHIN
) -> EndsComing:
    """Return what `ends_coming` does, with what is *known* of it already."""
    now, rules, days = deployment.clock(), deployment.rules, max(within)
    database = deployment.database
    found = await known.ends_and_lacks(database, rules=rules, at=now, days=days)
    return _coming(deployment, now, within, found.ends.rows, found.ends.faulty)


def _coming(
    deployment: Deployment,
    now: datetime,
    within: Sequence[int],
    found: Iterable[Ending],
    faulty: Sequence[str],
) -> EndsComing:
    rows = in_order(found)
    counts = {days: sum(each.days_left <= days for each in rows) for days in within}
    return EndsComing(
        as_of=now,
        within=counts,
        rows=rows,
        faulty=faulty,
        simulated=deployment.simulated,
    )


class _EndsWalk:
    """The ends of certificates within some days."""

    def __init__(self, rules: Rules, now: datetime, days: int) -> None:
        self.found: list[Ending] = []
        self.faulty: list[str] = []
        self._rules, self._now, self._days = rules, now, days

    def take_in(self, page: Iterable[Entry]) -> None:
        """Look for ends on a page."""
        today = day_in_vietnam(self._now)
        for entry in page:
            verdict = verdict_of(entry, self._now, self._rules)
            if verdict is None:
                self.faulty.append(entry[0].id)
            elif (end := ending(entry, verdict, today, self._days)) is not None:
                self.found.append(end)


async def claims_ended(deployment: Deployment) -> ClaimsEnded:
    """Return the listings on sale that claim OCOP with nothing behind it any more.

    A product of which it is not known whether its certificate is valid keeps its claim,
    and is none of them.
    """
    now = deployment.clock()
    async with deployment.database.read() as conn:
        found = [each async for each in _each_claim(conn, deployment, now)]
    return ClaimsEnded(as_of=now, simulated=deployment.simulated, listings=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsPage:
    """Some of the listings with a claim that has ended.

    Attributes:
        claims: The listings, by marketplace and product.
        last: Marketplace and product of the last one; None if no more follow.
    """

    claims: ClaimsEnded
    last: tuple[str, str] | None


async def claims_page(
    deployment: Deployment, after: tuple[str, str] | None, *, size: int
) -> ClaimsPage:
    """Return *size* of these listings behind *after*; None for the first ones."""
    now, found = deployment.clock(), list[ClaimShown]()
    async with deployment.database.read() as conn:
        claims = _each_claim(conn, deployment, now, after or ("", ""))
        async with aclosing(claims):
            async for each in claims:
                found.append(each)
                if len(found) > size:
                    break
    shown, end = found[:size], found[size - 1 : size]
    return ClaimsPage(
        claims=ClaimsEnded(as_of=now, simulated=deployment.simulated, listings=shown),
        last=(end[0].marketplace, end[0].product_id) if len(found) > size else None,
    )


async def _each_claim(
    conn: AsyncConnection,
    deployment: Deployment,
    now: datetime,
    behind: tuple[str, str] = ("", ""),
) -> AsyncGenerator[ClaimShown, None]:
    """Yield the listings with a claim that has ended, by marketplace and product."""
    instant = Instant(at=now, now=now)
    for site in deployment.sites:
        if site.name < behind[0]:
            continue
        after = behind[1] if site.name == behind[0] else ""
        while ids := await coverage_days.live_and_counted(
            conn, site.name, instant, counted=NOT_CERTIFIED, after=after, size=_PAGE
        ):
            after = ids[-1]
            known = await records.load(conn, site.name, ids)
            for each in _claims(site.name, (known[i] for i in ids if i in known)):
                yield each


def _claims(marketplace: str, known: Iterable[Record]) -> Iterable[ClaimShown]:
    for record in known:
        shown = record.state.shown
        stars = shown.get(Facet.STARS.value, {}).get("stars") or 0
        content = shown.get(Facet.CONTENT.value, {})
        texts = (str(content.get(name) or "") for name in ("title", "description"))
        if stars or any(map(has_claim, texts)):
            yield ClaimShown(
                marketplace=marketplace,
                product_id=record.state.product_id,
                ends_on=record.ends_on,
                stars=stars,
            )
