"""Keep the drift ledger: the findings of reads, and the healing of drift.

Which drift a state shows is decided in `ocop_sync.engine.state.drift`. Everything here
runs in the transaction that stores the read or the answers, so that the ledger always
agrees with the stored states.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.model.sale import Sold
from ocop_sync.engine.plan.drift_policy import FIGHT_WINDOW
from ocop_sync.engine.state.drift import (
    Drift,
    DriftKind,
    drifts_of,
    is_ours,
    is_reviewed,
    may_be_sold,
)
from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stock import CLOCKS_DIFFER, with_doubtful
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.listing import Facet
from ocop_sync.store.decisions import drift
from ocop_sync.store.decisions.drift import OURS, SOLD, THERE, US, DriftEntry, Sighting
from ocop_sync.store.listings import records

Pairs = Sequence[tuple[State | None, State]]
"""States before and after; None if nothing was known before, or no drift is open."""


async def drifted(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[str, State]:
    """Return the stored states of those of *product_ids* with open drift.

    `note_read` needs the state before for no others.
    """
    open_ = await drift.open_of(conn, marketplace, product_ids)
    ids = sorted({entry.product_id for entry in open_})
    found = await records.load(conn, marketplace, ids)
    return {id_: record.state for id_, record in found.items()}


async def note_read(
    conn: AsyncConnection, marketplace: str, pairs: Pairs, now: datetime
) -> None:
    """Write down the findings of reads: new drift, drift again, or none any more.

    A listing that was not found once is believed neither gone nor healed, and stock
    that may have been sold is neither drift nor healed: see `note_missing`.
    """
    believed = [each for each in pairs if not _is_doubtful(each[1])]
    ids = [after.product_id for _, after in believed]
    entries = await _open(conn, marketplace, ids)
    new: list[Sighting] = []
    again, healed = [], []
    for before, after in believed:
        known = dict(entries.get(after.product_id, {}))
        for each in drifts_of(after):
            entry = known.pop(each.key, None)
            if entry is not None:
                again.append((entry.id, each))
            else:
                new.append(_sighting(after, each))
        maybe = {each.key for each in drifts_of(after, sales_known=True)}
        healed += [
            (entry.id, _healer(before, after, entry))
            for key, entry in known.items()
            if key not in maybe
            and not (entry.kind is DriftKind.EDITED and is_reviewed(after))
        ]
    await drift.see(conn, new, now)
    await drift.see_again(conn, again, now)
    await drift.heal(conn, healed, now)


async def note_answers(
    conn: AsyncConnection,
    marketplace: str,
    pairs: Sequence[tuple[State, State]],
    now: datetime,
) -> None:
    """Write down the drift that our own changes have healed.

    *pairs* are the states with the intents, and after the answers.
    """
    drifted = [
        (before, after)
        for before, after in pairs
        if drifts_of(before, sales_known=True)
    ]
    ids = [after.product_id for _, after in drifted]
    entries = await _open(conn, marketplace, ids)
    healed = []
    for before, after in drifted:
        still = {each.key for each in drifts_of(after, sales_known=True)}
        healed += [
            (entry.id, _healer(before, after, entry))
            for key, entry in entries.get(after.product_id, {}).items()
            if key not in still and is_ours(before, after, entry.drift)
        ]
    await drift.heal(conn, healed, now)


async def note_missing(
    conn: AsyncConnection, marketplace: str, states: Sequence[State], now: datetime
) -> None:
    """Write down stock that is missing and was not sold.

    All sales until the last read are taken off *states*.
    """
    states = [state for state in states if may_be_sold(state)]
    states = [state for state in await _doubted(conn, states) if may_be_sold(state)]
    entries = await _open(conn, marketplace, [state.product_id for state in states])
    new: list[Sighting] = []
    again = []
    for state in states:
        known = entries.get(state.product_id, {})
        for each in drifts_of(state, sales_known=True):
            if each.field != Facet.STOCK:
                continue
            entry = known.get(each.key)
            if entry is None:
                new.append(_sighting(state, each))
            elif state.read_at is not None and entry.last_seen_at < state.read_at:
                again.append((entry.id, each))
    await drift.see(conn, new, now)
    await drift.see_again(conn, again, now)


async def _doubted(conn: AsyncConnection, states: Sequence[State]) -> list[State]:
    """Return *states*, less stock that an apparently too early sale may explain."""
    at = [at for state in states for at in state.stock_at.values()]
    if not at:
        return list(states)
    skus = sorted({sku for state in states for sku in state.stock_at})
    since, until = min(at) - CLOCKS_DIFFER, max(at)
    sales = await reader.sales_between(conn, skus, since, until)
    by_sku: dict[str, list[Sold]] = {}
    for each in sales:
        by_sku.setdefault(each.sku, []).append(each)
    return [
        with_doubtful(
            state, [each for sku in state.stock_at for each in by_sku.get(sku, ())]
        )
        for state in states
    ]


async def note_undoubled(
    conn: AsyncConnection,
    marketplace: str,
    product_ids: Sequence[str],
    now: datetime,
    *,
    by: str,
) -> None:
    """Write down that products have no double any more, if they have none.

    *by* is `US` or `THERE`. Where a person has chosen, and we have ended it, it is by
    that person.
    """
    known = await records.load(conn, marketplace, product_ids)
    healed = [
        (entry.id, entry.decided_by if by == US and entry.decision == OURS else by)
        for entry in await drift.open_of(conn, marketplace, product_ids)
        if entry.kind is DriftKind.DOUBLED
        and not known[entry.product_id].state.doubled_ref
    ]
    await drift.heal(conn, healed, now)


async def note_sales(
    conn: AsyncConnection,
    marketplace: str,
    account: str,
    product_ids: Sequence[str],
    now: datetime,
) -> None:
    """Write down that missing stock was sold after all: it was told late.

    A repair of such stock meanwhile was no drift either, and counts as no fight.
    """
    since = now - FIGHT_WINDOW
    entries = await drift.stocks_of(conn, marketplace, account, product_ids, since)
    if not entries:
        return
    skus = sorted({sku for entry in entries for sku in entry.expected})
    seen = [entry.first_seen_at for entry in entries]
    since, until = min(seen) - FIGHT_WINDOW, max(seen) + CLOCKS_DIFFER
    sales = await reader.sales_between(conn, skus, since, until)
    found = [(each.id, SOLD) for each in entries if _is_sold(each, sales)]
    await drift.heal(conn, found, now)


def _is_sold(entry: DriftEntry, sales: Sequence[Sold]) -> bool:
    """Say whether all that was missing is in sales that became known later."""
    seen = entry.first_seen_at
    told: dict[str, int] = {}
    for sold in sales:
        is_late = sold.sold_at <= seen + CLOCKS_DIFFER and sold.heard_at > seen
        if sold.channel == entry.account and is_late:
            told[sold.sku] = told.get(sold.sku, 0) + sold.quantity
    return all(
        0 < n - entry.found[sku] <= told.get(sku, 0)
        for sku, n in entry.expected.items()
    )


def _sighting(state: State, shown: Drift) -> Sighting:
    return Sighting(
        marketplace=state.marketplace,
        account=state.account,
        product_id=state.product_id,
        drift=shown,
    )


def _is_doubtful(state: State) -> bool:
    """Say whether a listing was not found for the first time."""
    return state.found is Found.ABSENT and state.absent_reads <= 1


async def _open(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str]
) -> dict[str, dict[tuple[str, str], DriftEntry]]:
    """Return the open drift, by product and by its key."""
    found: dict[str, dict[tuple[str, str], DriftEntry]] = {}
    for entry in await drift.open_of(conn, marketplace, product_ids):
        found.setdefault(entry.product_id, {})[entry.drift.key] = entry
    return found


def _healer(before: State | None, after: State, entry: DriftEntry) -> str:
    """Return who has healed this drift."""
    if before is None or not is_ours(before, after, entry.drift):
        return THERE
    return entry.decided_by if entry.decision == OURS else US
