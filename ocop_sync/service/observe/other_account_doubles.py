"""Reads of doubles at another account than their product.

A whole read shows them page by page; single ones are read back. Only the run of their
account changes their rows (`ocop_sync.store.listings.other_account_doubles`); their
changes are decided and sent in `ocop_sync.service.sync.other_account_doubles`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import chunks
from catalog.values import replace
from ocop_sync.engine.plan.doubles import ON_SALE, as_seen
from ocop_sync.engine.state.look_up import AGAIN_AFTER
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.service.evaluate.drift_ledger import note_undoubled
from ocop_sync.service.evaluate.inferred_sales import note_inferred_at_other_accounts
from ocop_sync.service.observe.dated_reads import read_listings
from ocop_sync.service.observe.lost_answers import outcome_by_read
from ocop_sync.service.observe.read_trust import (
    has_old_reads,
    on_page,
    shows_at,
    so_at,
)
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.store.decisions.drift import THERE
from ocop_sync.store.listings import other_account_doubles
from ocop_sync.store.listings.other_account_doubles import OtherAccountDouble
from ocop_sync.store.runs import accounts, ledger, work_counts
from ocop_sync.store.runs.work_counts import Counted


async def note_other_account_doubles(
    conn: AsyncConnection,
    run: AccountRun,
    found: Mapping[str, Sequence[RemoteListing]],
    at: datetime | None,
) -> None:
    """Remember listings that a page, which was so *at*, shows of other accounts.

    *found* has them by product.
    """
    items = {item.ref: (id_, item) for id_, each in found.items() for item in each}
    known = (
        await other_account_doubles.by_refs(conn, run.account.key, list(items))
        if items
        else {}
    )
    seen = [
        _as_seen(run, known.get(ref), id_, item, on_page(run, item, at))
        for ref, (id_, item) in items.items()
        if item.state in ON_SALE
        and shows(run, known.get(ref))
        and _tells(run, known.get(ref), on_page(run, item, at))
    ]
    await _store(conn, run, known, seen, [])


async def keep_other_account_doubles(
    conn: AsyncConnection, run: AccountRun, refs: Sequence[str], at: datetime | None
) -> None:
    """Remember which of them a page has shown and nobody could read: they are there."""
    refs = [ref for ref in refs if ref]
    if refs:
        known = await other_account_doubles.by_refs(conn, run.account.key, refs)
        await other_account_doubles.save(
            conn,
            [
                _unreadable(run, each, so_at(run, at))
                for each in known.values()
                if _tells(run, each, so_at(run, at))
            ],
        )


async def forget_other_account_doubles(
    conn: AsyncConnection, run: AccountRun, started: datetime
) -> None:
    """Forget those that a whole read which was so at *started* has not shown."""
    known = {
        each.double.ref: each
        for each in await other_account_doubles.at(conn, run.account.key)
    }
    gone = [
        each
        for each in known.values()
        if (each.read_at is None or each.read_at < started)
        and (each.sent_at is None or run.site.lag_ends(each.sent_at) <= started)
    ]
    await _store(conn, run, known, [], gone)


async def read_other_account_doubles(
    run: AccountRun, found: Sequence[OtherAccountDouble]
) -> None:
    """Read *found* by their refs, and remember their state."""
    for batch in chunks(found, run.marketplace.capabilities.read_batch):
        await _look(run, {each.double.ref: each for each in batch})


async def _look(run: AccountRun, known: Mapping[str, OtherAccountDouble]) -> None:
    refs = list(known)
    await run.begin()
    read = await read_listings(run, refs)
    # Where reads may be old, only a whole read tells that one is gone.
    seen, there = list[OtherAccountDouble](), set(refs if has_old_reads(run) else ())
    for item in read:
        before = known.get(item.ref) if item is not None else None
        if item is None or before is None:
            continue
        at = so_at(run, item.read_at if isinstance(item, RemoteListing) else None)
        if isinstance(item, Unreadable):
            there.add(item.ref)
            seen.append(_unreadable(run, before, at))
        elif item.state in ON_SALE and _is_of(item, before.product_id):
            there.add(item.ref)
            if _tells(run, before, at):
                seen.append(_as_seen(run, before, before.product_id, item, at))
    gone = [each for ref, each in known.items() if ref not in there]

    async def store(conn: AsyncConnection) -> None:
        now = run.deployment.clock()
        await accounts.renew(conn, run.account.key, run.lease, now)
        await _store(conn, run, known, seen, gone)

    await run.deployment.database.write(store)
    run.shown.note_unreadable([item for item in read if isinstance(item, Unreadable)])


def _is_of(item: RemoteListing, product_id: str) -> bool:
    """Say whether a ref still leads to its product, and was not given out anew."""
    return item.shown.client_ref in ("", product_id)


def shows(run: AccountRun, known: OtherAccountDouble | None) -> bool:
    """Say whether a read shows the change that was sent to it, if any was."""
    if known is None or known.sent_at is None:
        return True
    ends = shows_at(run, known.sent_at, is_answered=not known.double.pending)
    return run.deployment.clock() >= ends


def _tells(run: AccountRun, known: OtherAccountDouble | None, at: datetime) -> bool:
    """Say whether a read of what was so *at* tells anything new of one."""
    if known is None or not has_old_reads(run):
        return True
    is_older = known.read_at is not None and at < known.read_at
    if is_older or known.sent_at is None:
        return not is_older
    return at >= shows_at(run, known.sent_at, is_answered=not known.double.pending)


def _as_seen(
    run: AccountRun,
    known: OtherAccountDouble | None,
    product_id: str,
    item: RemoteListing,
    at: datetime,
) -> OtherAccountDouble:
    key = run.account.key
    values = run.site.conditions.values(item.shown)
    double = as_seen(known.double if known else None, item, values, key)
    # Nobody tells that one has been approved.
    is_open = double.found is Found.IN_REVIEW
    return OtherAccountDouble(
        marketplace=run.site.name,
        product_id=product_id,
        double=double,
        read_at=at,
        sent_at=known.sent_at if known else None,
        look_at=at + AGAIN_AFTER if is_open else None,
    )


def _unreadable(
    run: AccountRun, known: OtherAccountDouble, at: datetime
) -> OtherAccountDouble:
    """Return *known* as unreadable: its state stays, and nothing is written to it."""
    now, double = run.deployment.clock(), replace(known.double, pending=True)
    return replace(known, double=double, read_at=at, look_at=now + AGAIN_AFTER)


async def _store(
    conn: AsyncConnection,
    run: AccountRun,
    known: Mapping[str, OtherAccountDouble],
    seen: Sequence[OtherAccountDouble],
    gone: Sequence[OtherAccountDouble],
) -> None:
    """Store the reads of *known*, and forget those that are gone."""
    now, key = run.deployment.clock(), run.account.key
    pairs = [
        (before, after)
        for after in seen
        if (before := known.get(after.double.ref)) is not None
    ]
    await other_account_doubles.save(conn, seen)
    await note_inferred_at_other_accounts(conn, run.site, pairs, now, run.sales)
    answers = [
        (
            before.product_id,
            *outcome_by_read(is_there=_shows_change(before, after), is_double=True),
        )
        for before, after in [*pairs, *((each, None) for each in gone)]
        if before.double.pending and (after is None or not after.double.pending)
    ]
    await ledger.settle_lost(conn, key, answers, now)
    came_of = [(key, run.site.name, outcome.value) for _, outcome, _ in answers]
    await work_counts.add(conn, Counted.OUTCOME, came_of)
    if gone:
        await end_other_account_doubles(conn, run, gone, by=THERE)


def _shows_change(before: OtherAccountDouble, after: OtherAccountDouble | None) -> bool:
    return after is None or after.double.values != before.double.values


async def end_other_account_doubles(
    conn: AsyncConnection,
    run: AccountRun,
    gone: Sequence[OtherAccountDouble],
    *,
    by: str,
) -> None:
    """Forget doubles that are not on sale any more.

    *by* says who has ended it, `US` or `THERE` of `ocop_sync.store.decisions.drift`.
    """
    ids = sorted({each.product_id for each in gone})
    await other_account_doubles.remove(
        conn, run.account.key, [each.double.ref for each in gone]
    )
    await other_account_doubles.point(conn, run.site.name, ids)
    await note_undoubled(conn, run.site.name, ids, run.deployment.clock(), by=by)
    run.case_cache.touched(ids)
