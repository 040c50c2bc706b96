"""Read marketplaces: whole accounts, unanswered changes, reviews.

The transition by a read is decided in `ocop_sync.engine.plan.transitions`. Nothing here
writes to a marketplace.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import chunks
from ocop_sync.engine.facet import Values
from ocop_sync.engine.plan.adoption import is_taking_over
from ocop_sync.engine.plan.doubles import (
    called,
    going_on_with,
    is_done,
    is_elsewhere,
    is_settled,
    proposed,
    with_doubles,
)
from ocop_sync.engine.plan.transitions import (
    after_approval,
    after_follow,
    after_odd_gone,
    after_read,
    after_unreadable,
    is_applied,
)
from ocop_sync.engine.state.drift import DriftKind, drifts_of
from ocop_sync.engine.state.look_up import after_look, to_look_up
from ocop_sync.engine.state.problem_words import noted
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Base, Decision, Found, Twin
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import RemoteListing, RemoteState, Unreadable
from ocop_sync.marketplace.page_search import PageSearch
from ocop_sync.marketplace.result import Applied
from ocop_sync.service.evaluate.drift_ledger import note_read
from ocop_sync.service.evaluate.evaluator import lag_ends
from ocop_sync.service.evaluate.inferred_sales import with_drops
from ocop_sync.service.evaluate.sales import with_heard
from ocop_sync.service.observe.elsewhere_seen import (
    forget_elsewhere,
    keep_elsewhere,
    note_elsewhere,
)
from ocop_sync.service.observe.first_contact import not_of_their_products
from ocop_sync.service.observe.search import find
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.failed_changes import Failed
from ocop_sync.store.decisions import drift
from ocop_sync.store.listings import (
    event_mentions,
    foreign_listings,
    records,
    whole_reads,
)
from ocop_sync.store.listings.records import Record
from ocop_sync.store.listings.whole_reads import NEED_NOT_SHOW
from ocop_sync.store.runs import accounts, ledger
from ocop_sync.store.runs.ledger import Answer

_ON_SALE = frozenset({RemoteState.LIVE, RemoteState.IN_REVIEW})
_DECIDED = frozenset({Found.IN_REVIEW, Found.REFUSED})
"""The states of a submission without a ticket, before its listing is read."""


@dataclass(slots=True)
class _Sight:
    """The listings that a whole read has seen so far.

    Attributes:
        refs: A listing of each product of ours, by product id.
        on_sale: The first one on sale, by product id.
        doubles: A second one on sale, by product id.
        elsewhere: Products of another account that are on sale here as well.
        met: Products of which the first listing was met by this read.
        others: Unreadable listings that are of no product of ours.
        nameless: How many unreadable listings do not name themselves.
    """

    refs: dict[str, str] = field(default_factory=dict)
    on_sale: dict[str, str] = field(default_factory=dict)
    doubles: dict[str, str] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    nameless: int = 0

    @property
    def is_blurred(self) -> bool:
        """Whether something could not be read that may be any listing."""
        return self.nameless > 0

    @property
    def odd(self) -> int:
        """How many could not be read, the listings of our products left out."""
        return len(self.others) + self.nameless

    def note_on_sale(self, product_id: str, ref: str) -> None:
        """Remember a listing of ours that is, or may be, on sale."""
        if self.on_sale.setdefault(product_id, ref) != ref:
            self.doubles[product_id] = ref


async def read_whole(run: AccountRun) -> None:
    """Read all of an account, page by page, and remember its listings.

    Listings that are not ours are remembered as such. A listing of ours that was not
    found counts as absent once: only a second look makes it vanished. Foreign listings
    that were not seen are forgotten at the end only: a read may fail.
    """
    await run.begin()
    started, sight = run.deployment.clock(), _Sight()
    key, pages = run.account.key, PageSearch(started)
    can_search = run.site.adapter.capabilities.has_search
    cursor: str | None = None
    while True:
        page = await run.call(partial(run.marketplace.page, cursor))
        if not can_search:
            pages.note(page)
        await _take_in(run, page.items, sight, started)
        if page.unreadable:
            await _take_in_unreadable(run, page.unreadable, sight, started)
        if page.next is None:
            break
        cursor = page.next

    async def finish(conn: AsyncConnection) -> None:
        await accounts.renew(conn, key, run.lease, run.deployment.clock())
        if not sight.is_blurred:  # what is missing may be what could not be read
            await whole_reads.seen_whole(
                conn, key, started, started - _visible_after(run)
            )
            await _miss(conn, run, sight, started)
            await foreign_listings.forget(conn, key, started)
            await forget_elsewhere(conn, run, started)
            await whole_reads.undouble(
                conn, key, sight.doubles.keys() | sight.elsewhere
            )
        await drift.heal_undoubled(conn, run.site.name, run.deployment.clock())
        await event_mentions.tick_off_all(conn, key, started)
        await accounts.was_read_whole(conn, key, started, unreadable=sight.odd)

    await run.deployment.database.write(finish)
    run.shown.note_end(None if can_search else pages)


async def _take_in(
    run: AccountRun, items: Sequence[RemoteListing], sight: _Sight, started: datetime
) -> None:
    """Remember one page: our own listings, and all others."""

    async def store(conn: AsyncConnection) -> int:
        now = run.deployment.clock()
        await accounts.renew(conn, run.account.key, run.lease, now)
        ours = await _ours(conn, run, items, sight.met)
        by_product: dict[str, list[RemoteListing]] = {}
        for item in items:
            if item.ref in ours:
                by_product.setdefault(ours[item.ref], []).append(item)
        known = await records.load(conn, run.site.name, list(by_product))
        seen = [
            record
            for id_, found in by_product.items()
            if (record := _seen(run, known.get(id_), id_, found, sight))
        ]
        news = [r for r in seen if _is_changed(known.get(r.state.product_id), r)]
        news = await with_drops(conn, run.site, news, now, run.selling)
        with_news = {record.state.product_id: record for record in news}
        seen = [with_news.get(r.state.product_id, r) for r in seen]
        away = [r for r in seen if _is_at_another_account(run, r.state)]
        doubled = {record.state.product_id for record in away}
        await records.save(conn, [r for r in news if r.state.product_id not in doubled])
        # Another run may be sending there, and nothing there was read.
        await records.mark_double(conn, away)
        await note_elsewhere(conn, run, {id_: by_product[id_] for id_ in doubled})
        pairs = [
            (known[r.state.product_id], r) for r in news if r.state.product_id in known
        ]
        await _answer_lost(conn, run, pairs)
        states = [(_state_of(known.get(r.state.product_id)), r.state) for r in seen]
        await note_read(conn, run.site.name, states, now)
        new = doubled.union(record.state.product_id for record in news)
        proven = [record for record in seen if record.state.product_id not in new]
        await records.touch_read_at(conn, run.site.name, proven, now)
        foreign = [item for item in items if item.ref not in ours]
        await foreign_listings.remember(conn, run.account.key, foreign, started)
        run.shown.note_unmarked(await _unmarked(conn, run, items, ours, known))
        return sum(not drifts_of(record.state) for record in seen)

    equal = await run.deployment.database.write(store)
    run.shown.note_page(len(items), equal=equal)


async def _unmarked(
    conn: AsyncConnection,
    run: AccountRun,
    items: Sequence[RemoteListing],
    ours: Mapping[str, str],
    known: Mapping[str, Record],
) -> dict[str, str]:
    """Return the references on our listings that are not ours, by product.

    One that was adopted carries none where none can be written onto it.
    """
    found: dict[str, str] = {}
    for item in items:
        record = known.get(ours.get(item.ref, ""))
        if record is None or item.shown.client_ref == record.state.product_id:
            continue
        state = record.state
        is_ours = state.ref == item.ref and not is_taking_over(state)
        if is_ours and state.awaiting is None:
            found[state.product_id] = item.shown.client_ref
    if not found or run.site.adapter.capabilities.writes_reference:
        return found
    made = await ledger.made_by_us(conn, run.site.name, list(found))
    return {id_: carried for id_, carried in found.items() if id_ in made}


async def _take_in_unreadable(
    run: AccountRun, odd: Sequence[Unreadable], sight: _Sight, started: datetime
) -> None:
    """Remember the unreadable listings of a page: they are there."""

    async def store(conn: AsyncConnection) -> list[Unreadable]:
        now, key = run.deployment.clock(), run.account.key
        await accounts.renew(conn, key, run.lease, now)
        known = await records.by_refs(conn, key, [each.ref for each in odd])
        refs = [each.client_ref for each in odd if each.client_ref.isprintable()]
        products = await reader.revisions(conn, refs)
        by_id = await records.load(conn, run.site.name, list(products))
        news, others = [], []
        for each in odd:
            record = known.get(each.ref) or by_id.get(each.client_ref)
            if record is None and each.client_ref in products:
                record = _unknown(run, each.client_ref)
            if record is None or _is_at_another_account(run, record.state):
                others.append(each)
                continue
            sight.refs.setdefault(record.state.product_id, each.ref)
            if each.ref and each.ref == record.state.doubled_ref:
                sight.doubles.setdefault(record.state.product_id, each.ref)
            if each.ref and each.ref == record.state.ref:
                sight.note_on_sale(record.state.product_id, each.ref)
            if record.state.ref in ("", each.ref):
                state = after_unreadable(record.state, each)
                news.append(record.unsettled(replace(state, account=key)))
            else:
                others.append(each)
        await records.save(conn, news)
        refs = [each.ref for each in others]
        await foreign_listings.touch(conn, key, refs, started)
        await keep_elsewhere(conn, run, refs)
        return others

    others = await run.deployment.database.write(store)
    refs = [each.ref or each.client_ref for each in others]
    sight.others.update(filter(None, refs))
    sight.nameless += refs.count("")
    run.shown.note_unreadable(odd)
    run.shown.note_page(len(odd))


def _unknown(run: AccountRun, product_id: str) -> Record:
    """Return the record of a product of which nothing is known at a marketplace."""
    return Record(
        state=State(
            product_id=product_id,
            marketplace=run.site.name,
            account=run.account.key,
        )
    )


def _state_of(record: Record | None) -> State | None:
    return record.state if record else None


async def _ours(
    conn: AsyncConnection,
    run: AccountRun,
    items: Sequence[RemoteListing],
    met: set[str],
) -> dict[str, str]:
    """Return the product of each listing that is ours, by its ref.

    It is ours if we know its ref, or if it carries the reference of one of our
    products: only this service writes those. But ids may have been given out anew, so
    listings that we never sent are looked at
    (`ocop_sync.service.observe.first_contact`).
    """
    known = await records.by_refs(conn, run.account.key, [item.ref for item in items])
    # A reference that is not printable is none of ours, and not for a database to
    # compare.
    refs = [ref for item in items if (ref := item.shown.client_ref).isprintable()]
    products = await reader.revisions(conn, refs)
    ours = {ref: record.state.product_id for ref, record in known.items()}
    named = [
        item
        for item in items
        if item.ref not in ours and item.shown.client_ref in products
    ]
    strange = await not_of_their_products(conn, run, named, met)
    for item in named:
        if item.ref not in strange:
            ours[item.ref] = item.shown.client_ref
    return ours


def _seen(
    run: AccountRun,
    record: Record | None,
    product_id: str,
    found: Sequence[RemoteListing],
    sight: _Sight,
) -> Record | None:
    """Return the record after a page has shown *found* of a product."""
    record = record or _unknown(run, product_id)
    before = record.state
    on_sale = [item.ref for item in found if item.state in _ON_SALE]
    if _is_at_another_account(run, before):
        return _seen_elsewhere(run, record, on_sale, sight)
    sight.refs.setdefault(product_id, found[0].ref)
    for ref in on_sale:
        sight.note_on_sale(product_id, ref)
    if not is_believable(run, before):
        return None
    now, main = run.deployment.clock(), _main(before, found)
    if before.ref and main.ref != before.ref:
        if main.state not in _ON_SALE:
            return None
        # The one that we know is on another page, or gone: a look at all will tell.
        state = replace(before, doubled_ref=main.ref)
        return _changed(record, to_look_up(state, now))
    state = after_read(before, main, run.site.place.values(main.shown), now)
    double = sight.doubles.get(product_id, before.doubled_ref)
    if double == state.ref:  # then the first one on sale is the other
        double = sight.on_sale.get(product_id, "")
    double = double if double != state.ref else ""
    state = replace(state, account=run.account.key, doubled_ref=double)
    if double and not is_elsewhere(double):
        state = to_look_up(state, now)  # what it shows now is not known yet
    return _changed(record, state)


def _seen_elsewhere(
    run: AccountRun, record: Record, on_sale: Sequence[str], sight: _Sight
) -> Record | None:
    """Return the record of a product of another account that is on sale here, too."""
    if not on_sale:
        return None
    sight.elsewhere.add(record.state.product_id)
    ref = record.state.doubled_ref
    if ref and not is_elsewhere(ref):
        return record  # that there are several, it says already
    double = called(run.account.key, on_sale[0])
    return record.unsettled(replace(record.state, doubled_ref=double))


def _is_at_another_account(run: AccountRun, state: State) -> bool:
    is_other = state.account in run.site.accounts and state.account != run.account.key
    return is_other and state.base is not Base.NEVER_SENT


def _changed(record: Record, state: State) -> Record:
    """A read that shows nothing new leaves a settled product settled."""
    if _is_news(record, state):
        return record.unsettled(state)
    return replace(record, state=state)


def _is_changed(known: Record | None, record: Record) -> bool:
    return known is None or _is_news(known, record.state)


def _is_only_looked_up(before: State, after: State) -> bool:
    """Say whether nothing is new but that the listing was looked up."""
    return before == replace(
        after,
        read_at=before.read_at,
        look=before.look,
        look_at=before.look_at,
        lost=before.lost,
    )


def _is_news(record: Record, state: State) -> bool:
    return replace(state, read_at=record.state.read_at) != record.state


def _main(before: State, found: Sequence[RemoteListing]) -> RemoteListing:
    """Return the one on sale, of several the one that we know."""
    on_sale = [item for item in found if item.state in _ON_SALE]
    candidates = on_sale or list(found)
    known = [item for item in candidates if item.ref == before.ref]
    return (known or candidates)[0]


def is_believable(run: AccountRun, state: State) -> bool:
    """A change that was sent or answered a moment ago may not show yet."""
    if state.sent_at is None:
        return True
    ends = lag_ends(run.site, state.sent_at)
    if state.awaiting is None:
        ends = state.sent_at + _visible_after(run)
    return run.deployment.clock() >= ends


def _visible_after(run: AccountRun) -> timedelta:
    return timedelta(seconds=run.site.adapter.capabilities.visible_within_s)


async def _miss(
    conn: AsyncConnection, run: AccountRun, sight: _Sight, started: datetime
) -> None:
    """Count our listings that were old enough to show, and not found, as absent."""
    sent_by = started - _visible_after(run)
    must_show = await whole_reads.must_show(conn, run.account.key, sent_by)
    missed = [id_ for id_ in must_show if id_ not in sight.refs]
    now = run.deployment.clock()
    for ids in chunks(missed):
        known = await records.load(conn, run.site.name, ids)
        gone = [
            record.unsettled(_missed(record.state, sent_by, now))
            for record in known.values()
        ]
        await records.save(conn, gone)


def _missed(state: State, sent_by: datetime, now: datetime) -> State:
    """Return the state of a listing that should show; others were only unreadable."""
    is_new = state.sent_at is None or state.sent_at > sent_by
    if state.base is Base.NEVER_SENT or is_new or state.found in NEED_NOT_SHOW:
        return after_odd_gone(state)
    return after_read(state, None, {}, now)


async def look_again(run: AccountRun, found: Iterable[Record]) -> list[str]:
    """Read the listings of single products by ref, and remember them.

    Those in doubt are searched by our reference.

    For unanswered changes, for listings that were absent once, for those that should be
    live by now, and for twins that are adopted.

    Returns:
        Ids of the products of which there is news.
    """
    wanted = [record for record in found if is_believable(run, record.state)]
    changed: list[str] = []
    for batch in chunks(wanted, run.marketplace.capabilities.read_batch):
        await run.begin()
        changed += await _remember(run, batch, await _look_up(run, batch))
    return changed


async def look_again_at(
    run: AccountRun, ids: Sequence[str], *, with_sales: bool = False
) -> list[str]:
    """Look up products by id, as `look_again` does, some of them in memory at a time.

    Args:
        run: The run.
        ids: The products.
        with_sales: Take the sales there into account meanwhile.

    Returns:
        Ids of the products of which there is news.
    """
    changed: list[str] = []
    for batch in chunks(ids, run.marketplace.capabilities.read_batch):
        async with run.deployment.database.read() as conn:
            known = await records.load(conn, run.site.name, batch)
            if with_sales:
                known = await with_heard(conn, known)
        changed += await look_again(run, known.values())
    return changed


async def look_for_more(run: AccountRun, ids: Sequence[str]) -> list[str]:
    """Look products up by our reference: some may be there twice, or come late.

    A product with a change or an answer of a moment ago is left out: it may not show
    yet.

    Returns:
        Ids of the products of which there is news.
    """
    changed: list[str] = []
    for batch in chunks(ids, run.marketplace.capabilities.read_batch):
        async with run.deployment.database.read() as conn:
            known = await records.load(conn, run.site.name, batch)
        wanted = [r for r in known.values() if is_believable(run, r.state)]
        if wanted:
            await run.begin()
            changed += await _remember(run, wanted, await _find_all(run, wanted))
    return changed


@dataclass(slots=True)
class _Found:
    """The listings that a look-up of some products has shown.

    Attributes:
        ours: The listings of each product, by product id and ref.
        searched: Products that were looked for by our reference: all that there
            is of them is known.
        kept: The fingerprint of the one of two listings that a person has chosen, by
            product.
        strangers: Listings that share an SKU with them and are not ours.
        unreadable: The unreadable listing of a product, by product id.
        odd: All listings that could not be read.
    """

    ours: dict[str, dict[str, RemoteListing]] = field(default_factory=dict)
    searched: set[str] = field(default_factory=set)
    kept: Mapping[str, str] = field(default_factory=dict)
    strangers: list[RemoteListing] = field(default_factory=list)
    unreadable: dict[str, Unreadable] = field(default_factory=dict)
    odd: set[str] = field(default_factory=set)

    def of(self, product_id: str) -> list[RemoteListing]:
        """Return the listings of one product."""
        return list(self.ours.get(product_id, {}).values())


async def _look_up(run: AccountRun, batch: Sequence[Record]) -> _Found:
    """Read listings by their refs, and look for others where one is in doubt."""
    refs = {_ref_of(record): record.state.product_id for record in batch}
    refs.pop("", None)
    found = _Found()
    if refs:
        await _read_into(run, found, refs)
    doubtful = [r for r in batch if not _is_plain(r, found)]
    if not doubtful:
        return found
    ids = [record.state.product_id for record in doubtful]
    found.searched.update(ids)
    found.kept = await _kept(run, doubtful)
    skus = sorted({sku for record in doubtful for sku in _skus(record)})
    for item in await find(run, [record.state for record in doubtful], skus):
        if isinstance(item, Unreadable):
            found.odd.add(item.ref)
            for id_ in _may_be_of(item, doubtful):
                found.unreadable.setdefault(id_, item)
        elif item.shown.client_ref in ids:
            found.ours.setdefault(item.shown.client_ref, {})[item.ref] = item
        elif item.ref not in refs and not item.shown.client_ref:
            found.strangers.append(item)
    return found


async def _find_all(run: AccountRun, batch: Sequence[Record]) -> _Found:
    """Find all listings with our references, and read those that lost theirs."""
    ids = [record.state.product_id for record in batch]
    found = _Found(searched=set(ids), kept=await _kept(run, batch))
    for item in await find(run, [record.state for record in batch]):
        if isinstance(item, Unreadable):
            found.odd.add(item.ref)
            for id_ in _may_be_of(item, batch):
                found.unreadable.setdefault(id_, item)
        elif item.shown.client_ref in found.searched:
            found.ours.setdefault(item.shown.client_ref, {})[item.ref] = item
    left = {
        record.state.ref: record.state.product_id
        for record in batch
        if record.state.ref
        and record.state.ref not in found.ours.get(record.state.product_id, {})
    }
    if left:
        await _read_into(run, found, left)
    return found


async def _kept(run: AccountRun, batch: Sequence[Record]) -> Mapping[str, str]:
    """Return which of two listings persons have chosen, as of `fingerprint_of_kept`."""
    ids = [r.state.product_id for r in batch if r.state.doubled_ref]
    if not ids:
        return {}
    async with run.deployment.database.read() as conn:
        past = await drift.past_of(conn, run.site.name, ids, run.deployment.clock())
    words = {id_: told.decisions.get(DriftKind.DOUBLED) for id_, told in past.items()}
    return {id_: word.fingerprint for id_, word in words.items() if word}


async def _read_into(run: AccountRun, found: _Found, refs: Mapping[str, str]) -> None:
    """Read listings that should be those of products, by ref, into *found*."""
    known = list(refs)
    items = await run.call(lambda: run.marketplace.read(known))
    others = await _others(run, items, refs)
    for item in items:
        if isinstance(item, Unreadable):
            found.unreadable[refs[item.ref]] = item
        elif item is not None and item.ref not in others:
            found.ours.setdefault(refs[item.ref], {})[item.ref] = item


def _may_be_of(odd: Unreadable, doubtful: Sequence[Record]) -> list[str]:
    """Return the products of ours that something may be that nobody can read.

    A listing that names no product may be any that was sent without an answer: made
    again, there might be two.
    """
    return [
        record.state.product_id
        for record in doubtful
        if odd.client_ref == record.state.product_id
        or (not odd.client_ref and record.state.awaiting is Kind.CREATE)
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
    """A listing that was made with an answer, and is there, has no double."""
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
    pairs = [(record, _looked_at(run, record, found)) for record in batch]
    news: list[tuple[Record, Record]] = []
    proven: list[Record] = []
    looked: list[Record] = []
    for before, after in pairs:
        if not _is_news(before, after.state):
            if not after.state.unreadable:  # that it is there proves nothing of it
                proven.append(after)
        elif _is_only_looked_up(before.state, after.state):
            looked.append(after)
        else:
            news.append((before, after))
    # Where an event told first that a review is over, nobody follows it any more.
    await _note_refused(run, [a.state for b, a in news if _is_refused_now(b, a)])

    async def store(conn: AsyncConnection) -> None:
        now = run.deployment.clock()
        await accounts.renew(conn, run.account.key, run.lease, now)
        read = await with_drops(
            conn, run.site, [after for _, after in news], now, run.selling
        )
        await records.save(conn, read)
        await records.touch_read_at(conn, run.site.name, proven, now)
        await records.save_looked(conn, looked)
        await foreign_listings.remember(conn, run.account.key, found.strangers, now)
        await _answer_lost(conn, run, news)
        now_known = {a.state.product_id: a for _, a in pairs}
        now_known |= {record.state.product_id: record for record in read}
        states = [
            (before.state, now_known[before.state.product_id].state)
            for before, _ in pairs
        ]
        await note_read(conn, run.site.name, states, now)
        adopted = [
            after.state.ref
            for before, after in news
            if before.decision is Decision.ADOPT and after.state.ref
        ]
        if adopted:
            await foreign_listings.not_foreign(conn, run.account.key, adopted)

    await run.deployment.database.write(store)
    run.shown.note_unreadable(found.unreadable.values())
    return [after.state.product_id for _, after in news]


def _looked_at(run: AccountRun, record: Record, found: _Found) -> Record:
    """Return the record after looking a product up."""
    now, before = run.deployment.clock(), record.state
    items = found.of(before.product_id)
    odd = found.unreadable.get(before.product_id)
    if odd is not None and (not items or odd.ref == before.ref):
        state = after_unreadable(before, odd)
        if before.product_id not in found.searched:
            return record.unsettled(state)
        if items:
            state = with_doubles(before, state, _valued(run, items), found.odd)
        return record.unsettled(after_look(state, now))
    if _adopts(record):
        return record.unsettled(_adopted(run, before, items))
    if not items:
        state = after_read(before, None, {}, now) if _is_expected(before) else before
        return record.unsettled(after_look(state, now))
    main = proposed(before, items, found.kept.get(before.product_id, ""))
    known = going_on_with(before, main.ref)
    state = after_read(known, main, run.site.place.values(main.shown), now)
    if before.product_id not in found.searched:
        return record.unsettled(state)
    others = [item for item in items if item.ref != main.ref]
    state = with_doubles(before, state, _valued(run, others), found.odd)
    return record.unsettled(after_look(state, now))


def _valued(
    run: AccountRun, items: Sequence[RemoteListing]
) -> list[tuple[RemoteListing, Values]]:
    return [(item, run.site.place.values(item.shown)) for item in items]


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
    shown = run.site.place.values(found[0].shown)
    bare = replace(state, ref=found[0].ref, sent=None, confirmed=None, edited=None)
    state = after_read(bare, found[0], shown, run.deployment.clock())
    if found[0].shown.client_ref == state.product_id:
        return state
    return replace(state, twin=Twin.TAKING_OVER, twin_ref=state.ref)


async def _answer_lost(
    conn: AsyncConnection, run: AccountRun, pairs: Sequence[tuple[Record, Record]]
) -> None:
    """Write down the outcomes that a read shows of unanswered changes."""
    answers = [
        (before.state.product_id, *_what_came_of(before.state, after.state))
        for before, after in pairs
        if before.state.awaiting is not None and after.state.awaiting is None
    ]
    answers += [
        (before.state.product_id, *_what_came_of_double(before.state, after.state))
        for before, after in pairs
        if before.state.awaiting is None and is_settled(before.state, after.state)
    ]
    await ledger.settle_lost(conn, run.account.key, answers, run.deployment.clock())
    for before, after in pairs:
        lost = before.state.awaiting
        if lost and not after.state.awaiting and is_applied(before.state, after.state):
            run.sent.note_applied(before.state.product_id, lost)


def _what_came_of(before: State, after: State) -> tuple[Answer, str]:
    """Return the outcome that a read shows of an unanswered change."""
    if is_applied(before, after):
        return Answer.APPLIED, "đọc lại: đã có / read back: there"
    return Answer.NOT_SENT, "đọc lại: chưa có / read back: not there"


def _what_came_of_double(before: State, after: State) -> tuple[Answer, str]:
    if is_done(before, after):
        return Answer.APPLIED, "đọc lại tin trùng: đã có / read back: there"
    return Answer.NOT_SENT, "đọc lại tin trùng: chưa có / read back: not there"


async def follow(run: AccountRun, found: Sequence[Record]) -> dict[str, Record]:
    """Ask for the outcome of submissions, and read those that are decided.

    Returns:
        The changed records, by product id; to be evaluated and stored.
    """
    changed: dict[str, Record] = {}
    for batch in chunks(found, run.marketplace.capabilities.read_batch):
        changed |= await _follow_batch(run, batch)
    return changed


async def _follow_batch(run: AccountRun, batch: Sequence[Record]) -> dict[str, Record]:
    after = {record.state.product_id: record.state for record in batch}
    with_ticket = [record for record in batch if record.state.ticket]
    if not run.site.adapter.capabilities.has_reviews:
        # A ticket is of earlier days: only a read tells its outcome.
        after = {id_: replace(state, ticket="") for id_, state in after.items()}
        with_ticket = []
    approved = set[str]()
    if with_ticket:
        tickets = [record.state.ticket for record in with_ticket]
        results = await run.call(lambda: run.marketplace.follow(tickets))
        for record, result in zip(with_ticket, results, strict=True):
            if isinstance(result, Unreadable):  # it is followed on
                ref = record.state.ref or record.state.ticket
                run.shown.note_unreadable([replace(result, ref=ref)])
                odd = replace(record.state, review_unreadable=result.reason or "?")
                after[record.state.product_id] = odd
                continue
            known = replace(record.state, review_unreadable="")
            state = after_follow(known, result, run.deployment.clock())
            after[record.state.product_id] = state
            if isinstance(result, Applied):
                after[record.state.product_id] = replace(state, ticket="")
                approved.add(record.state.product_id)
    await _read_decided(run, after, approved)
    await _find_refused(run, after)
    before = {record.state.product_id: record for record in batch}
    await _note_refused(run, [s for s in after.values() if s.found is Found.REFUSED])
    return {
        id_: before[id_].unsettled(state)
        for id_, state in after.items()
        if _is_news(before[id_], state)
    }


def _is_refused_now(before: Record, after: Record) -> bool:
    was_in_review = before.state.found is Found.IN_REVIEW
    return was_in_review and after.state.found is Found.REFUSED


async def _note_refused(run: AccountRun, refused: Sequence[State]) -> None:
    """Remember that reviews have ended with a refusal.

    The first one of a listing is a create's; later ones are about its content.
    """
    for state in refused:
        kind = Kind.CREATE if state.confirmed is None else Kind.UPDATE
        words, said = noted(state.problems), tuple(state.problems)
        run.sent.note_failed(
            state.product_id, kind, Failed.REFUSED_IN_REVIEW, words, said
        )
    words_of = [(state.product_id, noted(state.problems)) for state in refused]
    if words_of:
        await run.deployment.database.write(
            lambda conn: ledger.note_refused_reviews(conn, run.account.key, words_of)
        )


async def _read_decided(
    run: AccountRun, after: dict[str, State], approved: Collection[str]
) -> None:
    """Read the listings that are no longer in review, or have no ticket.

    One that was on sale may be so again, or still, after a refusal.
    """
    refs = {
        state.ref: id_
        for id_, state in after.items()
        if state.ref and not state.ticket and state.found in _DECIDED
    }
    if not refs:
        return
    known = list(refs)
    for item in await run.call(lambda: run.marketplace.read(known)):
        if isinstance(item, Unreadable):
            after[refs[item.ref]] = after_unreadable(after[refs[item.ref]], item)
        elif item is not None:
            id_ = refs[item.ref]
            evaluated = after_approval if id_ in approved else after_read
            after[id_] = evaluated(
                after[id_],
                item,
                run.site.place.values(item.shown),
                run.deployment.clock(),
            )


async def _find_refused(run: AccountRun, after: dict[str, State]) -> None:
    """Look for the listings that refusals have left behind.

    Corrections go into those; a second listing is never made.
    """
    ids = [
        id_
        for id_, state in after.items()
        if state.found is Found.REFUSED and not state.ref
    ]
    if not ids:
        return
    for item in await find(run, [after[id_] for id_ in ids]):
        if isinstance(item, Unreadable):
            if item.client_ref in ids:
                state = after[item.client_ref]
                after[item.client_ref] = after_unreadable(state, item)
            continue
        id_ = item.shown.client_ref
        if id_ in ids:
            after[id_] = after_read(
                after[id_],
                item,
                run.site.place.values(item.shown),
                run.deployment.clock(),
            )
