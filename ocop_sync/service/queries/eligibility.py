"""Evaluate products by the rules, each as soon as it is read.

The catalog may be larger than memory: entries are read page by page, and evaluated
when whoever asked takes them.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.own_pages import ids_after
from catalog.eligibility import Rules, Standing, Verdict
from catalog.errors import NotInCatalogError
from catalog.model.product import Entry
from catalog.progress import Count, no_progress
from ocop_sync.engine.reasons.reason import Reason
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.explain import explain, verdict_and_reasons


@dataclass(frozen=True, slots=True)
class EvaluatedEntry:
    """A product with its verdict and every reason.

    The reasons of a marketplace are among them, if they are asked for; then `counted`
    says how the product is counted there.
    """

    entry: Entry
    verdict: Verdict
    reasons: Sequence[Reason]
    counted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMarketplace:
    """The marketplace whose reasons are asked for."""

    marketplace: str
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Products as they are evaluated; to be gone through once.

    They are read while the connection is open; `counts` by standing are complete once
    all were taken.
    """

    as_of: datetime
    rules: Rules
    there: AtMarketplace | None
    entries: AsyncIterator[EvaluatedEntry]
    counts: Counter[Standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityPart:
    """Some products that were evaluated, by id.

    Attributes:
        last: The id of the last one; None if no more follow.
    """

    as_of: datetime
    rules: Rules
    there: AtMarketplace | None
    entries: Sequence[EvaluatedEntry]
    last: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The products that are asked for, by SKU or id; () for the whole catalog.

    `count` is called with how many more of the catalog have been read.
    """

    codes: Sequence[str] = ()
    count: Count = no_progress


async def eligibility_of(
    conn: AsyncConnection, asked: Asked, *, rules: Rules, at: datetime
) -> Eligibility:
    """Evaluate products by the rules alone.

    Raises:
        NotInCatalogError: Some codes are none of the catalog; all of them are named.
    """
    pages = await _pages(conn, asked)
    return _counted(evaluate_pages(pages, rules, at), rules, at)


async def eligibility_at(
    deployment: Deployment,
    conn: AsyncConnection,
    asked: Asked,
    *,
    marketplace: str,
    at: datetime | None,
) -> Eligibility:
    """Evaluate products, with the reasons why they are not on sale at a marketplace.

    At another instant than now only catalog and mapping can speak.

    Raises:
        ConfigurationError: No account is set for it, or its mapping cannot be read.
        NotInCatalogError: Some codes are none of the catalog; all of them are named.
    """
    deployment = await as_decided(deployment)
    there = _at(deployment, marketplace)
    entries = _explain_pages(deployment, marketplace, await _pages(conn, asked), at)
    return _counted(entries, deployment.rules, at or deployment.clock(), there)


async def eligibility_page(
    deployment: Deployment,
    *,
    after: str,
    size: int,
    at: datetime | None,
    marketplace: str | None,
) -> EligibilityPart:
    """Evaluate the *size* products behind an id, away from the event loop.

    With *marketplace* the reasons there are among those of the rules.

    Raises:
        NoSuchMarketplaceError: No account is set for it.
    """
    deployment = await as_decided(deployment)
    there = None if marketplace is None else _at(deployment, marketplace)
    async with deployment.database.read() as conn:
        ids = await ids_after(conn, None, after, size + 1)
        found = await reader.get(conn, ids[:size])
    entries = [found[each] for each in ids[:size] if each in found]
    now = at or deployment.clock()
    return EligibilityPart(
        as_of=now,
        rules=deployment.rules,
        there=there,
        entries=await asyncio.to_thread(_evaluated, entries, deployment.rules, now)
        if marketplace is None
        else await _explained(deployment, marketplace, entries, at),
        last=ids[size - 1] if len(ids) > size else None,
    )


def _at(deployment: Deployment, marketplace: str) -> AtMarketplace:
    adapter = deployment.site(marketplace).adapter
    return AtMarketplace(
        marketplace=marketplace, simulated=adapter.capabilities.simulated
    )


def _evaluated(
    entries: Sequence[Entry], rules: Rules, at: datetime
) -> list[EvaluatedEntry]:
    return [EvaluatedEntry(e, *verdict_and_reasons(e, at, rules)) for e in entries]


async def _explained(
    deployment: Deployment,
    marketplace: str,
    entries: Sequence[Entry],
    at: datetime | None,
) -> list[EvaluatedEntry]:
    return [
        EvaluatedEntry(each.entry, each.verdict, each.reasons, each.counted)
        for each in await explain(deployment, marketplace, entries, at)
    ]


def _counted(
    entries: AsyncIterator[EvaluatedEntry],
    rules: Rules,
    at: datetime,
    there: AtMarketplace | None = None,
) -> Eligibility:
    counts = Counter[Standing]()

    async def counting() -> AsyncIterator[EvaluatedEntry]:
        async for each in entries:
            counts[each.verdict.standing] += 1
            yield each

    return Eligibility(
        as_of=at, rules=rules, there=there, entries=counting(), counts=counts
    )


async def evaluate_pages(
    pages: AsyncIterator[Sequence[Entry]], rules: Rules, at: datetime
) -> AsyncIterator[EvaluatedEntry]:
    """Evaluate *pages*, each when the one before has been taken."""
    async for page in pages:
        for entry in page:
            yield EvaluatedEntry(entry, *verdict_and_reasons(entry, at, rules))


async def _explain_pages(
    deployment: Deployment,
    marketplace: str,
    pages: AsyncIterator[Sequence[Entry]],
    at: datetime | None,
) -> AsyncIterator[EvaluatedEntry]:
    async for page in pages:
        for each in await _explained(deployment, marketplace, page, at):
            yield each


async def _pages(conn: AsyncConnection, asked: Asked) -> AsyncIterator[Sequence[Entry]]:
    """Return the entries that are asked for, in pages; wrong codes raise at once."""
    named = await _named(conn, asked.codes) if asked.codes else []

    async def pages() -> AsyncIterator[Sequence[Entry]]:
        if named:
            yield named
            return
        async for page in reader.pages(conn):
            yield page
            asked.count(len(page))

    return pages()


async def _named(conn: AsyncConnection, codes: Sequence[str]) -> list[Entry]:
    """Return the products with these SKUs or product ids, each once, as asked.

    Raises:
        NotInCatalogError: Some codes are neither; all of them are named.
    """
    owners = await reader.products_by_sku(conn, codes)
    ids = {code: owners.get(code, code) for code in codes}
    found = await reader.get(conn, list(dict.fromkeys(ids.values())))
    if unknown := [code for code, id_ in ids.items() if id_ not in found]:
        raise NotInCatalogError(unknown)
    return [found[id_] for id_ in dict.fromkeys(ids.values())]
