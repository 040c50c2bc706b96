"""Read the listings of single products, and remember them.

They are read by their references; those in doubt are searched by ours. The transition
by a read is decided in `ocop_sync.engine.plan.after_read`, which of several listings
stays in `ocop_sync.engine.plan.doubles`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import chunks
from catalog.values import replace
from ocop_sync.engine.facet import Values
from ocop_sync.engine.plan.adoption import is_taking_over
from ocop_sync.engine.plan.after_read import after_read, after_unreadable
from ocop_sync.engine.plan.doubles import going_on_with, proposed, with_doubles
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.state.look_up import after_look
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Base, Decision, Found, Twin
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.service.evaluate.coverage_facts import note_counted
from ocop_sync.service.evaluate.delays import note_shown
from ocop_sync.service.evaluate.drift_ledger import note_read
from ocop_sync.service.evaluate.event_feed import with_read_sales
from ocop_sync.service.evaluate.inferred_sales import with_inferred_sales
from ocop_sync.service.observe.batches_at_once import batches_at_once
from ocop_sync.service.observe.dated_reads import read_listings
from ocop_sync.service.observe.lost_answers import settle_by_read
from ocop_sync.service.observe.read_trust import (
    has_old_reads,
    is_believable,
    is_news,
    read_times,
    so_at,
    tells,
)
from ocop_sync.service.observe.reviews import note_refused, refused_now
from ocop_sync.service.observe.search import find
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.store.decisions import drift_decided
from ocop_sync.store.listings import foreign_listings, records
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import accounts


async def look_again(run: AccountRun, found: Iterable[Record]) -> list[str]:
    """Read the listings of single products by ref, and remember them.

    Those in doubt are searched by our reference.

    For unanswered changes, for listings that were absent once, for those that should be
    live by now, and for twins that are adopted.

    Returns:
        Ids of the products of which there is news.
    """
    wanted = [record for record in found if is_believable(run, record.state)]

    async def look(batch: Sequence[Record]) -> list[str]:
        await run.begin()
        return await _remember(run, batch, await _look_up(run, batch))

    batches = chunks(wanted, run.marketplace.capabilities.read_batch)
    return [*chain.from_iterable(await batches_at_once(run, batches, look))]


async def look_again_at(
    run: AccountRun, ids: Sequence[str], *, with_sales: bool = False
) -> list[str]:
    """Look up products by id, as `look_again` does, some of them in memory at a time.

    *with_sales*, the known sales there are taken into account.
    """

    async def look(batch: Sequence[str]) -> list[str]:
        async with run.deployment.database.read() as conn:
            known = await records.load(conn, run.site.name, batch)
            if with_sales:
                known = await with_read_sales(conn, known)
        return await look_again(run, known.values())

    batches = chunks(ids, run.marketplace.capabilities.read_batch)
    return [*chain.from_iterable(await batches_at_once(run, batches, look))]


async def look_for_more(run: AccountRun, ids: Sequence[str]) -> list[str]:
    """Look products up by our reference: some may be there twice, or come late.

    A product with a change or an answer of a moment ago is left out: it may not show
    yet.

    Returns:
        Ids of the products of which there is news.
    """

    async def look(batch: Sequence[str]) -> list[str]:
        async with run.deployment.database.read() as conn:
            known = await records.load(conn, run.site.name, batch)
        wanted = [r for r in known.values() if is_believable(run, r.state)]
        if not wanted:
            return []
        await run.begin()
        return await _remember(run, wanted, await _find_all(run, wanted))

    batches = chunks(ids, run.marketplace.capabilities.read_batch)
    return [*chain.from_iterable(await batches_at_once(run, batches, look))]


@dataclass(slots=True)
class _Found:
    """The listings that a look-up of some products has shown.

    Attributes:
        ours: The listings of each product, by product id and ref.
        searched: Products that were looked for by our reference: all that there
            is of them is known, as it was *at*.
        at: When what the search has shown was so; None is now.
        kept: The fingerprint of the one of two listings that a person has chosen, by
            product.
        strangers: Listings that share an SKU with them and are not ours.
        unreadable: The unreadable listing of a product, by product id.
        unreadable_refs: All listings that could not be read.
    """

    ours: dict[str, dict[str, RemoteListing]] = field(default_factory=dict)
    searched: set[str] = field(default_factory=set)
    at: datetime | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    strangers: list[RemoteListing] = field(default_factory=list)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)
    unreadable_refs: set[str] = field(default_factory=set)

    def of(self, product_id: str) -> list[RemoteListing]:
        """Return the listings of one product."""
        return list(self.ours.get(product_id, {}).values())


async def _look_up(run: AccountRun, batch: Sequence[Record]) -> _Found:
    """Read listings by their refs, and look for others where one is in doubt."""
    refs = {_ref_of(record): record.state.product_id for record in batch}
    refs.pop("", None)
    found = _Found()
    await _read_into(run, found, refs)
    doubtful = [r for r in batch if not _is_plain(r, found)]
    if doubtful:
        skus = sorted({sku for record in doubtful for sku in _skus(record)})
        await _search_into(run, found, doubtful, skus, refs)
    return found


async def _find_all(run: AccountRun, batch: Sequence[Record]) -> _Found:
    """Find all listings with our references, and read those that lost theirs."""
    found = _Found()
    await _search_into(run, found, batch)
    left = {
        record.state.ref: record.state.product_id
        for record in batch
        if record.state.ref
        and record.state.ref not in found.ours.get(record.state.product_id, {})
    }
    await _read_into(run, found, left)
    return found


async def _search_into(
    run: AccountRun,
    found: _Found,
    batch: Sequence[Record],
    skus: Sequence[str] = (),
    known: Collection[str] = (),
) -> None:
    """Find the listings of products, and others with *skus*, into *found*.

    A listing without our reference is a stranger, unless its ref is one of *known*.
    """
    asked = {record.state.product_id for record in batch}
    found.kept = await _kept(run, batch)
    searched = await find(run, [record.state for record in batch], skus)
    found.searched.update(asked - searched.untold)
    found.at = searched.at
    for item in searched.items:
        client_ref = "" if isinstance(item, Unreadable) else item.shown.client_ref
        if isinstance(item, Unreadable):
            found.unreadable_refs.add(item.ref)
            for id_ in _may_be_of(item, batch):
                found.unreadable.setdefault(id_, item)
        elif client_ref in asked:
            found.ours.setdefault(client_ref, {})[item.ref] = item
        elif item.ref not in known and not client_ref:
            found.strangers.append(item)


async def _kept(run: AccountRun, batch: Sequence[Record]) -> Mapping[str, str]:
    """Return which of two listings persons have chosen, as of `fingerprint_of_kept`."""
    ids = [r.state.product_id for r in batch if r.state.doubled_ref]
    if not ids:
        return {}
    async with run.deployment.database.read() as conn:
        past = await drift_decided.past_of(
            conn, run.site.name, ids, run.deployment.clock()
        )
    decisions = [
        (id_, each.decisions.get(DriftKind.DOUBLED)) for id_, each in past.items()
    ]
    return {id_: decision.fingerprint for id_, decision in decisions if decision}


async def _read_into(run: AccountRun, found: _Found, refs: Mapping[str, str]) -> None:
    """Read listings that should be those of products, by ref, into *found*."""
    if not refs:
        return
    known = list(refs)
    items = await read_listings(run, known)
    others = await _others(run, items, refs)
    for item in items:
        if isinstance(item, Unreadable):
            found.unreadable[refs[item.ref]] = item
        elif item is not None and item.ref not in others:
            found.ours.setdefault(refs[item.ref], {})[item.ref] = item


def _may_be_of(unreadable: Unreadable, doubtful: Sequence[Record]) -> list[str]:
    """Return the products of ours that an unreadable listing may be of.

    A listing that names no product may be any that was sent without an answer: made
    again, there might be two.
    """
    return [
        record.state.product_id
        for record in doubtful
        if unreadable.client_ref == record.state.product_id
        or (not unreadable.client_ref and record.state.awaiting is Kind.CREATE)
    ]


async def _others(
    run: AccountRun,
    items: Sequence[RemoteListing | Unreadable | None],
    refs: Mapping[str, str],
) -> set[str]:
    """Return the refs that lead to another product of ours: they were given out anew.

    A reference that is none of ours is its seller's own: such a listing may have been
    taken over.
    """
    named = {
        item.ref: item.shown.client_ref
        for item in items
        if isinstance(item, RemoteListing)
        and item.shown.client_ref not in ("", refs[item.ref])
    }
    ours = [ref for ref in named.values() if ref.isprintable()]
    if not ours:
        return set()
    async with run.deployment.database.read() as conn:
        products = await reader.revisions(conn, ours)
    return {ref for ref, client_ref in named.items() if client_ref in products}


def _is_plain(record: Record, found: _Found) -> bool:
    """Say whether a listing is there, and no change of it is without an answer."""
    there = record.state.product_id in found.ours
    return there and record.state.awaiting is None


def _ref_of(record: Record) -> str:
    return record.state.twin_ref if _adopts(record) else record.state.ref


def _adopts(record: Record) -> bool:
    """Say whether a listing is to be taken over, and was not looked at yet."""
    return record.decision is Decision.ADOPT and not is_taking_over(record.state)


def _skus(record: Record) -> Iterable[str]:
    """Return the sent SKUs: another listing with one may be a twin."""
    return (record.state.sent or {}).get("price", {})


async def _remember(
    run: AccountRun, batch: Sequence[Record], found: _Found
) -> list[str]:
    """Store the looked-up listings; return the products of which there is news."""
    looked_at = [(record, _looked_at(run, record, found)) for record in batch]
    pairs = [(before, after) for before, after in looked_at if after is not None]
    news: list[tuple[Record, Record]] = []
    proven: list[Record] = []
    looked: list[Record] = []
    for before, after in pairs:
        if not is_news(before, after.state):
            if not after.state.unreadable:  # that it is there proves nothing of it
                proven.append(after)
        elif _is_only_looked_up(before.state, after.state):
            looked.append(after)
        else:
            news.append((before, after))

    async def store(conn: AsyncConnection) -> None:
        now = run.deployment.clock()
        await accounts.renew(conn, run.account.key, run.lease, now)
        read_at = read_times(run, proven, now)
        await records.touch_read_at(conn, run.site.name, read_at)
        await records.save_looked(conn, looked)
        await foreign_listings.remember(conn, run.account.key, found.strangers, now)
        with_sales = await _store_news(conn, run, news)
        changed = [*looked, *(after for _, after in news)]
        await note_counted(conn, run.site.name, read_at, changed, now)
        await note_shown(conn, run.site.name, (after for _, after in pairs), now)
        now_known = {a.state.product_id: a for _, a in pairs} | with_sales
        states = [
            (before.state, now_known[before.state.product_id].state)
            for before, _ in pairs
        ]
        await note_read(conn, run.site.name, states, now)

    async with run.remembering:
        await run.deployment.database.write(store)
    run.shown.note_unreadable(found.unreadable.values())
    return [after.state.product_id for _, after in news]


async def _store_news(
    conn: AsyncConnection, run: AccountRun, news: Sequence[tuple[Record, Record]]
) -> dict[str, Record]:
    """Store listings that have changed, with their inferred sales; return them."""
    changed, now = [after for _, after in news], run.deployment.clock()
    read = await with_inferred_sales(conn, run.site, changed, now, run.sales)
    await records.save(conn, read)
    await settle_by_read(conn, run, news)
    # Where an event was first to say that a review is over, nobody follows it any more.
    await note_refused(conn, run, refused_now(news))
    adopted = [
        after.state.ref
        for before, after in news
        if before.decision is Decision.ADOPT and after.state.ref
    ]
    if adopted:
        await foreign_listings.not_foreign(conn, run.account.key, adopted)
    return {record.state.product_id: record for record in read}


def _is_only_looked_up(before: State, after: State) -> bool:
    """Say whether nothing is new but that the listing was looked up."""
    return before == replace(
        after,
        read_at=before.read_at,
        look=before.look,
        look_at=before.look_at,
        lost=before.lost,
    )


def _looked_at(run: AccountRun, record: Record, found: _Found) -> Record | None:
    """Return the record after looking a product up; None if that tells nothing of it.

    Where reads may be old, what is older than our last change, or than what is known,
    tells nothing; and that a listing is absent, only the pages tell.
    """
    before = record.state
    items = found.of(before.product_id)
    if has_old_reads(run):
        told = [item for item in items if tells(run, before, so_at(run, item.read_at))]
        is_known = {*found.searched, *found.unreadable}
        if not told and (items or before.product_id not in is_known):
            return None
        items = told
    return record.unsettled(_state_looked_at(run, record, items, found))


def _state_looked_at(
    run: AccountRun, record: Record, items: Sequence[RemoteListing], found: _Found
) -> State:
    """Return the state after looking a product up, which has shown *items*."""
    before = record.state
    is_searched = before.product_id in found.searched
    now = so_at(run, found.at if is_searched else None)
    unreadable = found.unreadable.get(before.product_id)
    if unreadable is not None and (not items or unreadable.ref == before.ref):
        state = after_unreadable(before, unreadable)
        if not is_searched:
            return state
        if items:
            state = with_doubles(
                before, state, _valued(run, items), found.unreadable_refs
            )
        return after_look(state, now)
    if _adopts(record):
        return _adopted(run, before, items)
    if not items:
        state = after_read(before, None, {}, now) if _is_expected(before) else before
        return after_look(state, now)
    main = proposed(before, items, found.kept.get(before.product_id, ""))
    known, at = going_on_with(before, main.ref), so_at(run, main.read_at)
    state = after_read(known, main, run.site.conditions.values(main.shown), at)
    if not is_searched:
        return state
    others = [item for item in items if item.ref != main.ref]
    state = with_doubles(before, state, _valued(run, others), found.unreadable_refs)
    return after_look(state, now)


def _valued(
    run: AccountRun, items: Sequence[RemoteListing]
) -> list[tuple[RemoteListing, Values]]:
    return [(item, run.site.conditions.values(item.shown)) for item in items]


def _is_expected(state: State) -> bool:
    """Say whether a listing should be there, for all that was answered."""
    return state.base is not Base.NEVER_SENT and not (
        state.found in (Found.REFUSED, Found.ABSENT)
        and state.awaiting is None
        and not state.ref
    )


def _adopted(run: AccountRun, before: State, items: Sequence[RemoteListing]) -> State:
    """Return the state once a listing is known that is taken over, or it is gone.

    It is ours only once its content is (`ocop_sync.engine.plan.adoption`).
    """
    found = [item for item in items if item.ref == before.twin_ref]
    state = replace(before, twin=Twin.NONE, twin_ref="")
    if not found:
        return state
    shown = run.site.conditions.values(found[0].shown)
    bare = replace(state, ref=found[0].ref, sent=None, confirmed=None, edited=None)
    state = after_read(bare, found[0], shown, so_at(run, found[0].read_at))
    if found[0].shown.client_ref == state.product_id:
        return state
    return replace(state, twin=Twin.TAKING_OVER, twin_ref=state.ref)
