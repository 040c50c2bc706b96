"""The promises at marketplaces once all is quiet.

Each check returns the broken ones, as sentences. The events that must never happen
while a sync runs are in `tests.properties.watched`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from catalog.db import reader
from catalog.eligibility import Standing
from catalog.model.fact import Fact
from catalog.model.product import Entry
from ocop_sync.engine.facet import (
    Values,
    differing_facets,
    differing_fields,
    facet_values,
)
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.state.drift import field_of, part_of
from ocop_sync.engine.terms import Decision, Found
from ocop_sync.marketplace.change import (
    Change,
    SetPrice,
    SetStars,
    SetStock,
)
from ocop_sync.marketplace.listing import Facet, RemoteListing, RemoteState
from ocop_sync.service.evaluate.case import Freshness
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.store import tables
from ocop_sync.store.listings import records
from ocop_sync.store.listings.coverage import UNREAD_BUCKET, Coverage
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs.ledger import Answer
from tests.properties.watched import ON_SALE, Watch, WatchedMarketplace
from tests.world import World

_DONE = (Answer.APPLIED.value, Answer.SUBMITTED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """All that there is at one marketplace, and what is known of it.

    Attributes:
        market: The marketplace.
        entries: What the catalog has, by product.
        records: What the store knows, by product.
    """

    market: WatchedMarketplace
    entries: Mapping[str, Entry]
    records: Mapping[str, Record]

    def ours(self, product_id: str) -> list[RemoteListing]:
        """Return our listings of a product: those we made, and one taken over."""
        record = self.records.get(product_id)
        ref = record.state.ref if record else ""
        return [
            found
            for found in self.market.shelf.listings.values()
            if found.shown.client_ref == product_id
            or (found.ref == ref and not found.shown.client_ref)
        ]

    def on_sale(self, product_id: str) -> list[RemoteListing]:
        """Return those of them that are on sale, or about to be."""
        return [each for each in self.ours(product_id) if each.state in ON_SALE]

    def hold(self, product_id: str) -> Hold | None:
        """Return why a person decides about a product, if so."""
        record = self.records.get(product_id)
        return record.hold if record else None


async def look(world: World, market: WatchedMarketplace) -> Sight:
    """Look at a marketplace, at the catalog and at the store."""
    async with world.database.read() as conn:
        entries = {
            entry[0].id: entry async for page in reader.pages(conn) for entry in page
        }
        known = await records.load(conn, market.place, list(entries))
    return Sight(market=market, entries=entries, records=known)


def doubles(sight: Sight, *, is_quiet: bool = False) -> Iterator[str]:
    """Find products that are on sale twice through us, and not held as such.

    What a marketplace has made twice is found minutes later: then one of them sells.
    """
    for product_id in sight.entries:
        found = sight.on_sale(product_id)
        if sight.market.is_doubled(product_id):
            selling = [each for each in found if _offers(each)]
            if is_quiet and len(selling) > 1:
                yield f"{product_id} sells twice at {sight.market.place}"
            continue
        if len(found) > 1 and sight.hold(product_id) is not Hold.DOUBLED:
            refs = ", ".join(each.ref for each in found)
            yield f"{product_id} is on sale twice at {sight.market.place}: {refs}"


def _offers(found: RemoteListing) -> bool:
    return any(each.stock for each in found.shown.variants)


def still_on_sale(sight: Sight, watch: Watch) -> Iterator[str]:
    """Find what is blocked and live, or claims without right, and is not held."""
    for product_id, entry in sight.entries.items():
        standing = watch.verdict(entry).standing
        live = [e for e in sight.ours(product_id) if e.state is RemoteState.LIVE]
        if not live or sight.hold(product_id) is not None:
            continue
        where = f"{product_id} at {sight.market.place}"
        if standing is Standing.NOT_LISTED:
            yield f"blocked, live and not held: {where}"
        if standing is Standing.WITHOUT_CLAIM and live[0].shown.stars:
            yield f"ended, and claimed still: {where}"


def out_of_sync(sight: Sight, world: World, watch: Watch) -> Iterator[str]:
    """Find what is not as the catalog wants it, not held, and not left by a person."""
    evaluator = Evaluator(world.deployment, Freshness(read_at={}), world.time())
    site = world.deployment.site(sight.market.place)
    for product_id, entry in sight.entries.items():
        if sight.hold(product_id) is not None:
            continue
        where = f"{product_id} at {sight.market.place}"
        standing = evaluator.draft(entry).want
        found = sight.on_sale(product_id)
        wanted = evaluator.placed(site, evaluator.draft(entry))
        if standing.value == "listed" and not found:
            yield f"wanted, not there and not held: {where}"
        if found and wanted.values is not None:
            shown = facet_values(found[0].shown)
            differ = [
                field
                for field in _differing(wanted.values, shown)
                if not watch.is_left(
                    sight.market.place,
                    product_id,
                    field,
                    wanted=part_of(wanted.values, field),
                    shown=part_of(shown, field),
                )
            ]
            if differ:
                yield f"not as wanted, and not held: {where}: {differ}"


def _differing(wanted: Values, shown: Values) -> Iterator[str]:
    """Yield what differs, as drift is called: content field by field."""
    for facet in sorted(differing_facets(wanted, shown)):
        if facet is Facet.CONTENT:
            names = sorted(differing_fields(wanted[facet], shown.get(facet, {})))
            yield from (field_of(facet, name) for name in names)
        else:
            yield field_of(facet)


def as_decided(
    sight: Sight, world: World, product_id: str, field: str
) -> tuple[Any, Any]:
    """Return what a person's word on *field* is about: the wish, and what was read."""
    evaluator = Evaluator(world.deployment, Freshness(read_at={}), world.time())
    site = world.deployment.site(sight.market.place)
    draft = evaluator.draft(sight.entries[product_id])
    values = evaluator.placed(site, draft).values
    shown = sight.records[product_id].state.shown
    return part_of(values, field), part_of(shown, field)


def miscounted(sight: Sight, watch: Watch, figures: Coverage) -> Iterator[str]:
    """Hold figures against each other and against what there is."""
    where = sight.market.place
    verdicts = [watch.verdict(entry) for entry in sight.entries.values()]
    certified = sum(each.certified is Fact.YES for each in verdicts)
    if figures.certified != certified:
        yield f"{where}: certified {figures.certified}, not {certified}"
    yield from unequal(where, figures)
    for bucket in ("pending", "unconfirmed"):
        if figures.buckets[bucket]:
            yield f"{where}: {figures.buckets[bucket]} {bucket} though all is quiet"
            for id_, record in sight.records.items():
                if record.hold is None and record.decision is not Decision.IN_SYNC:
                    yield f"{id_}: {record.decision}, {record.state.found}"
    live = sum(
        any(e.state is RemoteState.LIVE for e in sight.ours(id_))
        for id_ in sight.entries
    )
    if figures.live != live:
        yield f"{where}: live {figures.live}, not {live}"


async def not_kept(world: World, marketplace: str) -> list[str]:
    """Find listings that are counted otherwise than their open interval says."""
    listing, kept = tables.listing, tables.coverage_interval
    is_its = and_(
        kept.c.marketplace == listing.c.marketplace,
        kept.c.product_id == listing.c.product_id,
        kept.c.ended_at.is_(None),
    )
    asked = (
        select(
            listing.c.product_id,
            listing.c.waiting_since,
            listing.c.counted,
            func.coalesce(listing.c.hold, "").label("hold"),
            (listing.c.found == Found.LIVE.value).label("live"),
            UNREAD_BUCKET.label("word"),
            kept.c.counted.label("kept_counted"),
            kept.c.hold.label("kept_hold"),
            kept.c.live.label("kept_live"),
            kept.c.word.label("kept_word"),
        )
        .select_from(listing.outerjoin(kept, is_its))
        .where(listing.c.marketplace == marketplace)
    )
    async with world.database.read() as conn:
        rows = (await conn.execute(asked)).all()
    names = ("counted", "hold", "live", "word")
    return [
        f"{row.product_id} at {marketplace}: {name} is {getattr(row, name)!r},"
        f" kept is {getattr(row, f'kept_{name}')!r}"
        for row in rows
        for name in names
        if row.waiting_since is not None
        and getattr(row, name) != getattr(row, f"kept_{name}")
    ]


def unequal(where: str, figures: Coverage) -> Iterator[str]:
    """Find sums that are not those of their parts."""
    if figures.listable != sum(figures.buckets.values()):
        yield f"{where}: listable is not the sum of its figures: {figures}"
    if figures.certified != figures.listable + sum(figures.blocked.values()):
        yield f"{where}: certified is not listable + blocked: {figures}"


async def not_in_ledger(
    world: World, market: WatchedMarketplace, watch: Watch
) -> list[str]:
    """Hold the ledger against what was done, change by change."""
    row = tables.change.c
    statement = select(row.subject, row.kind, row.after, row.outcome, row.detail).where(
        row.marketplace == market.place
    )
    async with world.database.read() as conn:
        entries = (await conn.execute(statement)).all()
    done = [_told(each) for each in watch.effects[market.place]]
    said = [(e.subject, e.kind, _plain(e.kind, e.after)) for e in entries]
    found = [f"made and not in the ledger: {e}" for e in done if e not in said]
    sent = {(subject, kind) for subject, kind, _ in done}
    found += [
        f"in the ledger as {entry.outcome}, and not made: {entry.subject} {entry.kind}"
        for entry in entries
        if entry.outcome in _DONE
        and (entry.subject, entry.kind) not in sent
        # A read shows what is so, not who made it so.
        and not entry.detail.startswith("đọc lại")
    ]
    sellers = ("put_seller", "stop_seller")
    found += [
        f"in the ledger without an answer: {entry.subject} {entry.kind}"
        for entry in entries
        if entry.outcome in (None, "unknown") and entry.kind not in sellers
    ]
    return found


def _told(change: Change) -> tuple[str, str, Any]:
    """Return what the ledger has to say of a change, as far as it is simple."""
    payload: Any = None
    if isinstance(change, SetPrice):
        payload = dict(change.prices)
    elif isinstance(change, SetStock):
        payload = dict(change.stocks)
    elif isinstance(change, SetStars):
        payload = change.stars.stars if change.stars else 0
    return change.client_ref, change.kind.value, payload


def _plain(kind: str, after: Any) -> Any:
    if kind in ("set_price", "set_stock"):
        return after
    return (after or {}).get("stars", 0) if kind == "set_stars" else None
