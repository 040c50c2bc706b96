"""Read a whole account, page by page, and remember its listings.

Which listings are ours is decided in `ocop_sync.service.observe.first_contact`, the
transition by a read in `ocop_sync.engine.plan.after_read`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.chunks import chunks
from catalog.values import replace
from ocop_sync.engine.plan.after_read import (
    after_read,
    after_unreadable,
    after_unreadable_gone,
)
from ocop_sync.engine.plan.doubles import ON_SALE, double_name, is_at_other_account
from ocop_sync.engine.state.drift import drifts_of
from ocop_sync.engine.state.look_up import to_look_up
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Base
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.page_search import PageSearch
from ocop_sync.marketplace.read_age import NEVER_TOLD
from ocop_sync.service.evaluate.coverage_facts import note_counted
from ocop_sync.service.evaluate.delays import note_shown
from ocop_sync.service.evaluate.drift_ledger import note_read
from ocop_sync.service.evaluate.inferred_sales import with_inferred_sales
from ocop_sync.service.observe.dated_reads import pages_of
from ocop_sync.service.observe.first_contact import ours_among, unmarked
from ocop_sync.service.observe.lost_answers import settle_by_read
from ocop_sync.service.observe.other_account_doubles import (
    forget_other_account_doubles,
    keep_other_account_doubles,
    note_other_account_doubles,
)
from ocop_sync.service.observe.read_trust import (
    has_old_reads,
    is_believable,
    is_news,
    on_page,
    read_times,
    so_at,
    tells,
    visible_after,
)
from ocop_sync.service.observe.reviews import note_refused, refused_now
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.store.decisions import drift
from ocop_sync.store.listings import (
    event_mentions,
    foreign_listings,
    records,
    whole_reads,
)
from ocop_sync.store.listings.records import Record
from ocop_sync.store.listings.whole_reads import NEED_NOT_SHOW
from ocop_sync.store.runs import accounts


@dataclass(slots=True)
class _Sight:
    """The listings that a whole read has seen so far.

    Attributes:
        refs: A listing of each product of ours, by product id.
        on_sale: The first one on sale, by product id.
        doubles: A second one on sale, by product id.
        sold_at_other_account: Products of another account that are on sale here, too.
        met: Products of which the first listing was met by this read.
        others: Unreadable listings that are of no product of ours.
        nameless: How many unreadable listings do not name themselves.
    """

    refs: dict[str, str] = field(default_factory=dict)
    on_sale: dict[str, str] = field(default_factory=dict)
    doubles: dict[str, str] = field(default_factory=dict)
    sold_at_other_account: set[str] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    nameless: int = 0

    @property
    def unreadable(self) -> int:
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

    Where reads may be old, each sync asks for the first page, and goes on only if that
    is newer than the last whole read: the same list once more is no second look.
    """
    if has_old_reads(run):
        before = await run.fetch(accounts.read_whole_at, run.account.key)
        at = so_at(run, (await anext(pages_of(run))).as_of)
        if at == NEVER_TOLD or (before is not None and at <= before):
            run.shown.note_nothing_newer()
            return
    await _read_all(run)


async def _read_all(run: AccountRun) -> None:
    await run.begin()
    started, sight = run.deployment.clock(), _Sight()
    key, pages = run.account.key, PageSearch(started)
    can_search = run.site.adapter.capabilities.has_search
    async for page in pages_of(run):
        if not can_search:
            pages.note(page)
        at = None if page.as_of is None else so_at(run, page.as_of)
        if page.items:
            await _take_in(run, page.items, sight, started, at)
        if page.unreadable:
            await _take_in_unreadable(run, page.unreadable, sight, started, at)
    is_old = has_old_reads(run)
    at = so_at(run, pages.started) if is_old else started

    async def finish(conn: AsyncConnection) -> None:
        await accounts.renew(conn, key, run.lease, run.deployment.clock())
        if not sight.nameless:  # such a one may be any listing that is missing
            await whole_reads.seen_whole(conn, key, at, at - visible_after(run))
            await _miss(conn, run, sight, at)
            await foreign_listings.forget(conn, key, started)
            await forget_other_account_doubles(conn, run, at)
            await whole_reads.undouble(
                conn, key, sight.doubles.keys() | sight.sold_at_other_account
            )
        await drift.heal_undoubled(conn, run.site.name, run.deployment.clock())
        await event_mentions.tick_off_all(conn, key, at)
        await accounts.was_read_whole(
            conn, key, at, unreadable=sight.unreadable, is_old=is_old
        )
        # What waited for this read after a restore may be written from now on.
        await accounts.renew(conn, key, run.lease, run.deployment.clock())

    await run.deployment.database.write(finish)
    run.shown.note_end(None if can_search else pages)


async def _take_in(
    run: AccountRun,
    items: Sequence[RemoteListing],
    sight: _Sight,
    started: datetime,
    at: datetime | None,
) -> None:
    """Remember one page, which was so *at*: our own listings, and all others."""

    async def store(conn: AsyncConnection) -> int:
        now = run.deployment.clock()
        await accounts.renew(conn, run.account.key, run.lease, now)
        ours = await ours_among(conn, run, items, sight.met)
        by_product: dict[str, list[RemoteListing]] = {}
        for item in items:
            if item.ref in ours:
                by_product.setdefault(ours[item.ref], []).append(item)
        known = await records.load(conn, run.site.name, list(by_product))
        seen = [
            record
            for id_, found in by_product.items()
            if (
                record := _seen(
                    run, known.get(id_) or _unknown(run, id_), found, sight, at
                )
            )
        ]
        away = [r for r in seen if _is_at_another_account(run, r.state)]
        # Another run may be sending there, and nothing there was read.
        await records.mark_double(conn, away)
        ids = {record.state.product_id for record in away}
        await note_other_account_doubles(
            conn, run, {id_: by_product[id_] for id_ in ids}, at
        )
        seen = await _store_seen(conn, run, known, seen, ids)
        foreign = [item for item in items if item.ref not in ours]
        await foreign_listings.remember(conn, run.account.key, foreign, started)
        run.shown.note_unmarked(await unmarked(conn, run, items, ours, known))
        return sum(not drifts_of(record.state) for record in seen)

    equal = await run.deployment.database.write(store)
    run.shown.note_page(len(items), equal=equal)


async def _store_seen(
    conn: AsyncConnection,
    run: AccountRun,
    known: Mapping[str, Record],
    seen: Sequence[Record],
    away: set[str],
) -> list[Record]:
    """Store the records of a page, those of products *away* apart; return all."""
    now, name = run.deployment.clock(), run.site.name
    news = [r for r in seen if _is_changed(known.get(r.state.product_id), r)]
    news = await with_inferred_sales(conn, run.site, news, now, run.sales)
    with_news = {record.state.product_id: record for record in news}
    seen = [with_news.get(r.state.product_id, r) for r in seen]
    await records.save(conn, [r for r in news if r.state.product_id not in away])
    pairs = [
        (known[r.state.product_id], r) for r in news if r.state.product_id in known
    ]
    await settle_by_read(conn, run, pairs)
    await note_refused(conn, run, refused_now(pairs))
    states = [(_state_of(known.get(r.state.product_id)), r.state) for r in seen]
    await note_read(conn, name, states, now)
    new = away.union(with_news)
    proven = [record for record in seen if record.state.product_id not in new]
    read_at = read_times(run, proven, now)
    await records.touch_read_at(conn, name, read_at)
    await note_counted(conn, name, read_at, news, now)
    own = (record for record in seen if record.state.product_id not in away)
    await note_shown(conn, name, own, now)
    return seen


async def _take_in_unreadable(
    run: AccountRun,
    items: Sequence[Unreadable],
    sight: _Sight,
    started: datetime,
    at: datetime | None,
) -> None:
    """Remember the unreadable listings of a page, which was so *at*: they are there."""

    async def store(conn: AsyncConnection) -> list[Unreadable]:
        now, key = run.deployment.clock(), run.account.key
        await accounts.renew(conn, key, run.lease, now)
        # Without a ref are also products of ours that have no listing: none of them.
        refs = [each.ref for each in items if each.ref]
        known = await records.by_refs(conn, key, refs)
        refs = [each.client_ref for each in items if each.client_ref.isprintable()]
        products = await reader.revisions(conn, refs)
        by_id = await records.load(conn, run.site.name, list(products))
        news, others = [], []
        for each in items:
            record = known.get(each.ref) or by_id.get(each.client_ref)
            if record is None and each.client_ref in products:
                record = _unknown(run, each.client_ref)
            if record is None or _is_at_another_account(run, record.state):
                others.append(each)
                continue
            _note_there(sight, record.state, each.ref)
            if not tells(run, record.state, at or now):
                continue
            if record.state.ref in ("", each.ref):
                state = after_unreadable(record.state, each)
                news.append(record.unsettled(replace(state, account=key)))
            else:
                others.append(each)
        await records.save(conn, news)
        await note_counted(conn, run.site.name, {}, news, now)
        refs = [each.ref for each in others]
        await foreign_listings.touch(conn, key, refs, started)
        await keep_other_account_doubles(conn, run, refs, at)
        return others

    others = await run.deployment.database.write(store)
    refs = [each.ref or each.client_ref for each in others]
    sight.others.update(filter(None, refs))
    sight.nameless += refs.count("")
    run.shown.note_unreadable(items)
    run.shown.note_page(len(items))


def _note_there(sight: _Sight, state: State, ref: str) -> None:
    """Remember that a listing of ours is there, though nobody can read it."""
    sight.refs.setdefault(state.product_id, ref)
    if ref and ref == state.doubled_ref:
        sight.doubles.setdefault(state.product_id, ref)
    if ref and ref == state.ref:
        sight.note_on_sale(state.product_id, ref)


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


def _seen(
    run: AccountRun,
    record: Record,
    found: Sequence[RemoteListing],
    sight: _Sight,
    page_at: datetime | None,
) -> Record | None:
    """Return the record after a page, which was so *page_at*, has shown *found*."""
    product_id = record.state.product_id
    before = record.state
    on_sale = [item.ref for item in found if item.state in ON_SALE]
    if _is_at_another_account(run, before):
        return _seen_at_other_account(run, record, on_sale, sight)
    sight.refs.setdefault(product_id, found[0].ref)
    for ref in on_sale:
        sight.note_on_sale(product_id, ref)
    if not is_believable(run, before):
        return None
    main = _main(before, found)
    at = on_page(run, main, page_at)
    if not tells(run, before, at):
        return None
    if before.ref and main.ref != before.ref:
        if main.state not in ON_SALE:
            return None
        # The one that we know is on another page, or gone: a look at all will tell.
        state = replace(before, doubled_ref=main.ref)
        return _changed(record, to_look_up(state, at))
    state = after_read(before, main, run.site.conditions.values(main.shown), at)
    double = sight.doubles.get(product_id, before.doubled_ref)
    if double == state.ref:  # then the first one on sale is the other
        double = sight.on_sale.get(product_id, "")
    double = double if double != state.ref else ""
    state = replace(state, account=run.account.key, doubled_ref=double)
    if double and not is_at_other_account(double):
        state = to_look_up(state, at)  # its content is not known yet
    return _changed(record, state)


def _seen_at_other_account(
    run: AccountRun, record: Record, on_sale: Sequence[str], sight: _Sight
) -> Record | None:
    """Return the record of a product of another account that is on sale here, too."""
    if not on_sale:
        return None
    sight.sold_at_other_account.add(record.state.product_id)
    ref = record.state.doubled_ref
    if ref and not is_at_other_account(ref):
        return record  # that there are several, it says already
    double = double_name(run.account.key, on_sale[0])
    return record.unsettled(replace(record.state, doubled_ref=double))


def _is_at_another_account(run: AccountRun, state: State) -> bool:
    is_other = state.account in run.site.accounts and state.account != run.account.key
    return is_other and state.base is not Base.NEVER_SENT


def _changed(record: Record, state: State) -> Record:
    """Return the record with *state*, unsettled only if the read shows news."""
    if is_news(record, state):
        return record.unsettled(state)
    return replace(record, state=state)


def _is_changed(known: Record | None, record: Record) -> bool:
    return known is None or is_news(known, record.state)


def _main(before: State, found: Sequence[RemoteListing]) -> RemoteListing:
    """Return one on sale if any is, and of several the one that we know."""
    on_sale = [item for item in found if item.state in ON_SALE]
    candidates = on_sale or list(found)
    known = [item for item in candidates if item.ref == before.ref]
    return (known or candidates)[0]


async def _miss(
    conn: AsyncConnection, run: AccountRun, sight: _Sight, at: datetime
) -> None:
    """Count our listings that had to show *at*, and were not found, as absent."""
    sent_by = at - visible_after(run)
    old_at = at if has_old_reads(run) else None
    must_show = await whole_reads.must_show(conn, run.account.key, sent_by, old_at)
    missed = [id_ for id_ in must_show if id_ not in sight.refs]
    now = run.deployment.clock()
    for ids in chunks(missed):
        known = await records.load(conn, run.site.name, ids)
        gone = [
            record.unsettled(
                _missed(record.state, sent_by, now if old_at is None else at)
            )
            for record in known.values()
        ]
        await records.save(conn, gone)
        await note_counted(conn, run.site.name, {}, gone, now)


def _missed(state: State, sent_by: datetime, now: datetime) -> State:
    """Return the state of a listing that should show; others were only unreadable."""
    is_new = state.sent_at is None or state.sent_at > sent_by
    if state.base is Base.NEVER_SENT or is_new or state.found in NEED_NOT_SHOW:
        return after_unreadable_gone(state)
    return after_read(state, None, {}, now)
