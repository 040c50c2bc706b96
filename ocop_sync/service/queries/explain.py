"""Say why products are not on sale at a marketplace, in one list of reasons.

The reasons of catalog and mapping are worked out anew, as of now; the events at the
marketplace are those that the last sync has stored.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.eligibility import Rules, Standing, Verdict, evaluate
from catalog.model.fact import Fact
from catalog.model.product import Entry
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.packs import packs_held
from ocop_sync.engine.reasons.reason import (
    Reason,
    Wait,
    at_place,
    held_of,
    of_obstacle,
    reasons_of,
    with_hand_work,
    with_old_reads,
)
from ocop_sync.engine.terms import LISTABLE, NOT_COUNTED, Decision, Found
from ocop_sync.engine.wanted.draft import lacking_of
from ocop_sync.engine.wanted.from_verdict import draft_wanted
from ocop_sync.engine.wanted.wanted import Obstacle
from ocop_sync.marketplace.by_hand import ByHand
from ocop_sync.marketplace.listing import Problem
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.run.account_trouble import AccountTrouble, account_troubles
from ocop_sync.store.listings import coverage, records, sellers
from ocop_sync.store.listings.coverage import Tally
from ocop_sync.store.listings.records import Record
from ocop_sync.store.listings.sellers import SellerRecord

_log = logging.getLogger(__name__)

_NOT_SYNCED = Tally(NOT_COUNTED, "pending", n=1, empty=0, live=0)
"""How a product is counted that no sync has looked at."""

_WAITS = {
    "in_review": Wait.IN_REVIEW,
    "unconfirmed": Wait.UNCONFIRMED,
    "held": Wait.PENDING,
    "pending": Wait.PENDING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A product at a marketplace, with every reason for how it stands there.

    Attributes:
        entry: The product and its producer.
        verdict: The catalog's verdict on it.
        marketplace: Name of the marketplace.
        counted: How it is counted there: listed, held, "blocked:" and the code
            of a rule, and so on; "" if no sync has counted it yet.
        hold: Why it is held there, as the last sync left it, if so.
        reasons: Every reason, the strongest first.
        how: How the last sync and the last read have left it there.
        said: The marketplace's words on what it has refused, of the listing or of its
            seller.
        record: What is remembered of it there; None if nothing is.
    """

    entry: Entry
    verdict: Verdict
    marketplace: str
    counted: str
    hold: Hold | None
    reasons: tuple[Reason, ...]
    how: Tally = _NOT_SYNCED
    said: tuple[Problem, ...] = ()
    record: Record | None = None

    @property
    def product_id(self) -> str:
        """Return the id of the product."""
        return self.entry[0].id

    @property
    def name(self) -> str:
        """Return the name of the product."""
        return self.entry[0].name

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        producer = self.entry[1]
        return {
            "product": self.product_id,
            "name": self.name,
            "producer": producer.name if producer else None,
            "marketplace": self.marketplace,
            "counted": self.counted or None,
            "hold": self.hold,
            "reasons": self.reasons,
        }


@dataclass(frozen=True, slots=True)
class _Known:
    """The stored data of some products at one marketplace."""

    records: Mapping[str, Record]
    counted: Mapping[str, Tally]
    sellers: Mapping[tuple[str, str], SellerRecord]
    failing: Mapping[str, AccountTrouble]


REFUSALS = frozenset(
    {Hold.REFUSED, Hold.CHANGE_REFUSED, Hold.BANNED, Hold.SELLER_REFUSED}
)
"""Holds on which the marketplace has said something."""

_NOTHING = _Known({}, {}, {}, {})
"""Of another instant than now nothing is stored."""


async def not_on_sale(
    deployment: Deployment, site: Site, after: str = "", size: int = 500
) -> AsyncIterator[Explained]:
    """Yield every product that is not simply on sale, by product id behind *after*."""
    while True:
        async with deployment.database.read() as conn:
            now = deployment.clock()
            ids = await coverage.not_on_sale(conn, site.name, after, size)
            found = await reader.get(conn, ids)
            entries = [found[id_] for id_ in ids if id_ in found]
            explained = await _explain(conn, deployment, site, entries, now)
        for each in explained:
            yield each
        if len(ids) < size:
            return
        after = ids[-1]


async def each_unsold(
    deployment: Deployment, behind: tuple[str, str] = ("", "")
) -> AsyncGenerator[Explained, None]:
    """Yield all products that are not simply on sale, by marketplace and id.

    They are those after the marketplace and the product of *behind*.
    """
    deployment = await as_decided(deployment)
    marketplace, product_id = behind
    for site in sorted(deployment.sites, key=lambda each: each.name):
        if site.name < marketplace:
            continue
        after = product_id if site.name == marketplace else ""
        async for row in not_on_sale(deployment, site, after):
            yield row


async def explain(
    deployment: Deployment,
    name: str,
    entries: Sequence[Entry],
    at: datetime | None = None,
) -> list[Explained]:
    """Say how products stand at the marketplace *name*, and why.

    At another instant than now, aware, only the catalog and the mapping can speak, as
    they are now.

    Raises:
        ConfigurationError: No account is set for it, or its mapping cannot be read.
    """
    deployment = await as_decided(deployment)
    site = deployment.site(name)
    if at is not None:
        return [_one(deployment, site, each, at, _NOTHING) for each in entries]
    async with deployment.database.read() as conn:
        return await _explain(conn, deployment, site, entries, deployment.clock())


async def _explain(
    conn: AsyncConnection,
    deployment: Deployment,
    site: Site,
    entries: Sequence[Entry],
    now: datetime,
) -> list[Explained]:
    ids = [product.id for product, _ in entries]
    makers = sorted({maker.id for _, maker in entries if maker})
    known = _Known(
        await records.load(conn, site.name, ids),
        await coverage.tallies(conn, site.name, ids, now),
        await sellers.of_producers(conn, site.name, makers),
        await account_troubles(conn, deployment),
    )
    # Away from the event loop: others are answered meanwhile.
    return await asyncio.to_thread(
        lambda: [_one(deployment, site, entry, now, known) for entry in entries]
    )


def _one(
    deployment: Deployment,
    site: Site,
    entry: Entry,
    at: datetime,
    known: _Known,
) -> Explained:
    """Explain one product; where that fails, the failure is the explanation."""
    try:
        return _explained(deployment, site, entry, at, known)
    except Exception:  # noqa: BLE001  (a fault in one product)
        id_ = entry[0].id
        _log.exception("a product could not be evaluated", extra={"product": id_})
        return Explained(
            entry=entry,
            verdict=_no_verdict(id_),
            marketplace=site.name,
            counted=_bucket(_counted(known, id_)),
            hold=Hold.FAULT,
            reasons=(of_obstacle(Obstacle(Hold.FAULT)),),
            how=_counted(known, id_),
        )


def _explained(
    deployment: Deployment, site: Site, entry: Entry, at: datetime, known: _Known
) -> Explained:
    id_, producer_id = entry[0].id, entry[0].producer_id or ""
    verdict = evaluate(*entry, at, deployment.rules)
    obstacles = _obstacles(deployment, site, entry, verdict)
    account, record = site.account_for(producer_id), known.records.get(id_)
    if record is not None and not obstacles:
        obstacles = _packs_held(record, entry)
    key = account.key if account else ""
    seller, how = known.sellers.get((key, producer_id)), _counted(known, id_)
    wait = None if known is _NOTHING else _wait(how, seller)
    is_old = site.adapter.capabilities.has_old_reads
    if is_old and wait is Wait.PENDING and _needs_read(record):
        wait = Wait.LIST_TOO_OLD
    reasons = reasons_of(verdict, obstacles, _held(record, seller), wait)
    if is_old:
        reasons = tuple(map(with_old_reads, reasons))
    if issubclass(site.adapter, ByHand) and _is_asked(record):
        reasons = tuple(map(with_hand_work, reasons))
    if (failing := known.failing.get(key)) is not None:
        reasons = tuple(map(failing.told_with, reasons))
    return Explained(
        entry=entry,
        verdict=verdict,
        marketplace=site.name,
        counted=_bucket(how),
        hold=record.hold if record else None,
        reasons=tuple(at_place(each, site.name, id_) for each in reasons),
        how=how,
        said=_said(record, seller),
        record=record,
    )


def _is_asked(record: Record | None) -> bool:
    """Say whether a change of a product is under way."""
    return record is not None and (
        record.state.awaiting is not None or record.state.found is Found.IN_REVIEW
    )


def _needs_read(record: Record | None) -> bool:
    """Say whether a product is not listed before its account has been read whole."""
    return record is not None and record.decision is Decision.READ_WHOLE


def _said(record: Record | None, seller: SellerRecord | None) -> tuple[Problem, ...]:
    """Return the marketplace's words on what it refuses, as long as it is held."""
    if record is None or record.hold not in REFUSALS:
        return ()
    if record.hold is Hold.SELLER_REFUSED:
        return tuple(seller.problems) if seller else ()
    return tuple(record.state.problems)


def _counted(known: _Known, product_id: str) -> Tally:
    return known.counted.get(product_id, _NOT_SYNCED)


def verdict_of(entry: Entry, at: datetime, rules: Rules) -> Verdict | None:
    """Return the catalog's verdict on a product; None where that fails."""
    try:
        return evaluate(*entry, at, rules)
    except Exception:  # noqa: BLE001  (a fault in one product)
        _log.exception(
            "a product could not be evaluated", extra={"product": entry[0].id}
        )
        return None


def verdict_and_reasons(
    entry: Entry, at: datetime, rules: Rules
) -> tuple[Verdict, tuple[Reason, ...]]:
    """Return the verdict on a product and its reasons; a fault is one, too."""
    verdict = verdict_of(entry, at, rules)
    if verdict is None:
        return _no_verdict(entry[0].id), (of_obstacle(Obstacle(Hold.FAULT)),)
    return verdict, tuple(reasons_of(verdict))


def _bucket(how: Tally) -> str:
    return how.bucket if how.counted == LISTABLE else how.counted


def _no_verdict(product_id: str) -> Verdict:
    """Return the stand-in for a verdict that could not be worked out."""
    return Verdict(
        product_id=product_id,
        standing=Standing.UNKNOWN,
        reasons=(),
        certified=Fact.UNKNOWN,
        stars_stated=False,
        stars=None,
        certificate=None,
        claim_ends_on=None,
        trace_page="",
        changes_at=None,
    )


def _obstacles(
    deployment: Deployment, site: Site, entry: Entry, verdict: Verdict
) -> tuple[Obstacle, ...]:
    """Return the obstacles to a listing, unless the product is out of scope there."""
    if verdict.standing is Standing.OUT_OF_SCOPE:
        return ()
    marketplaces = deployment.marketplaces_of(entry[0].producer_id)
    draft = draft_wanted(entry[0], verdict)
    return draft.obstacles(
        site.conditions, marketplaces, has_account=site.name in marketplaces
    )


def _packs_held(record: Record, entry: Entry) -> tuple[Obstacle, ...]:
    """Return the gaps of packs that are on sale, each once, with the packs."""
    there = packs_held(lacking_of(entry[0]), record.state)
    return tuple(
        Obstacle(hold, ", ".join(sku for sku, lacks in there.items() if lacks is hold))
        for hold in dict.fromkeys(there.values())
    )


def _held(record: Record | None, seller: SellerRecord | None) -> Obstacle | None:
    if record is None or record.hold is None:
        return None
    return held_of(
        record.hold,
        record.state,
        group=record.held_group,
        seller=seller.problems if seller else (),
    )


def _wait(counted: Tally, seller: SellerRecord | None) -> Wait | None:
    if counted.counted not in (LISTABLE, NOT_COUNTED):
        return None
    wait = _WAITS.get(counted.bucket)
    is_verified = seller is None or not seller.submitted_fingerprint
    return wait if wait is not Wait.PENDING or is_verified else Wait.SELLER_IN_REVIEW
