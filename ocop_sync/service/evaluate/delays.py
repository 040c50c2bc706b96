"""Note how long changes of facets take, as products are evaluated, sent and read.

What counts as a change, and when it has ended, is said in
`ocop_sync.store.listings.change_delays`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Rules
from ocop_sync.engine.facet import fingerprint
from ocop_sync.engine.plan.doubles import is_of_double
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.evaluate.coverage_facts import turned_at
from ocop_sync.service.evaluate.delay_beginnings import SALE, beginning_of
from ocop_sync.store.listings import change_delays
from ocop_sync.store.listings.change_delays import (
    DelayEnd,
    NewDelay,
    OpenDelay,
    PastDelay,
)
from ocop_sync.store.listings.pending_entries import (
    Pending,
    counted_since,
    pending_entries,
)
from ocop_sync.store.listings.records import Record

_UP, _DOWN = "up", "down"
_FACETS = {
    Kind.UPDATE: Facet.CONTENT.value,
    Kind.SET_PRICE: Facet.PRICE.value,
    Kind.SET_STOCK: Facet.STOCK.value,
    Kind.SET_STARS: Facet.STARS.value,
}
_SALES = {Kind.CREATE: _UP, Kind.REPUBLISH: _UP, Kind.WITHDRAW: _DOWN}


async def note_wanted(
    conn: AsyncConnection,
    marketplace: str,
    cases: Sequence[Case],
    rules: Rules,
    now: datetime,
) -> None:
    """Begin the delays of changes that *cases* ask for, and end those they replace.

    It is done before the cases are stored: the stored evaluation tells which entries
    into the catalog are new.
    """
    ids = [case.product_id for case in cases]
    known = await change_delays.open_delays(conn, marketplace, ids)
    new: list[tuple[Case, str, str]] = []
    ended: dict[int, DelayEnd] = {}
    for case in cases:
        asked = _asked(case)
        open_ = {each.facet: each for each in known.get(case.product_id, ())}
        for facet, wanted in asked.items():
            before = open_.get(facet)
            if before is not None and before.fingerprint == wanted:
                continue
            if before is not None:
                ended[before.id] = _replaced(case, before)
            new.append((case, facet, wanted))
        for facet, each in open_.items():
            if facet not in asked and _is_wanted_no_more(case, each):
                ended[each.id] = _replaced(case, each)
    await change_delays.end(conn, ended, now)
    await _begin(conn, marketplace, new, rules, now)


async def _begin(
    conn: AsyncConnection,
    marketplace: str,
    found: Sequence[tuple[Case, str, str]],
    rules: Rules,
    now: datetime,
) -> None:
    """Begin the delays *found*: each its case, facet and wanted fingerprint."""
    if not found:
        return
    first, pending = await counted_since(conn, marketplace), dict[str, Pending]()
    if first is not None:
        ids = sorted({case.product_id for case, _, _ in found})
        pending = await pending_entries(conn, marketplace, ids)
    new: list[NewDelay] = []
    past: list[PastDelay] = []
    for case, facet, wanted in found:
        id_, known = case.product_id, pending.get(case.product_id)
        began = beginning_of(
            facet,
            known,
            turned_at=turned_at(case, known.until if known else None, now, rules),
            goes_up=wanted == _UP,
            first=first,
            now=now,
        )
        new.append(
            NewDelay(
                product_id=id_,
                facet=facet,
                fingerprint=wanted,
                changed_at=began.at,
            )
        )
        past += (
            PastDelay(product_id=id_, facet=facet, changed_at=was, ended_at=then)
            for was, then in began.superseded
        )
    await change_delays.begin(conn, marketplace, new, now)
    await change_delays.keep_superseded(conn, marketplace, past, now)


async def note_taken(
    conn: AsyncConnection,
    marketplace: str,
    applied: Iterable[tuple[str, Kind]],
    now: datetime,
) -> None:
    """Write down which changes the marketplace has answered to have applied."""
    products: dict[str, set[str]] = {}
    for id_, kind in applied:
        products.setdefault(_facet_of(kind), set()).add(id_)
    for facet, ids in products.items():
        await change_delays.take(conn, marketplace, facet, sorted(ids), now)


async def note_shown(
    conn: AsyncConnection, marketplace: str, read: Iterable[Record], now: datetime
) -> None:
    """End the delays of which a read has shown the wanted value."""
    by_id = {record.state.product_id: record for record in read}
    known = await change_delays.open_delays(conn, marketplace, list(by_id))
    shown = {
        each.id: DelayEnd.CONFIRMED
        for id_, delays in known.items()
        for each in delays
        if _shows(by_id[id_], each)
    }
    await change_delays.end(conn, shown, now)


def _asked(case: Case) -> dict[str, str]:
    """Return the facets that a case would change, with fingerprints of the wanted."""
    values = case.evaluation.wanted.values or {}
    found: dict[str, str] = {}
    for planned in case.evaluation.changes:
        kind = planned.change.kind
        if is_of_double(case.state, planned.change):
            continue
        if kind in _SALES:
            found[SALE] = _SALES[kind]
        elif (facet := _FACETS.get(kind)) in values:
            found[str(facet)] = fingerprint(values[str(facet)])
    return found


def _facet_of(kind: Kind) -> str:
    return SALE if kind in _SALES else _FACETS.get(kind, "")


def _replaced(case: Case, before: OpenDelay) -> DelayEnd:
    sent_at = case.state.sent_at
    is_sent = sent_at is not None and sent_at >= before.found_at
    return DelayEnd.OVERTAKEN if is_sent else DelayEnd.SUPERSEDED


def _is_wanted_no_more(case: Case, before: OpenDelay) -> bool:
    """Say whether the value of an open delay is no longer wanted.

    That nothing is to be sent now is no proof: it may be held, or wait for a read.
    """
    if before.facet == SALE:
        is_up = case.state.found is Found.LIVE
        wants_up = case.evaluation.wanted.values is not None
        return (before.fingerprint == _UP) != wants_up and is_up == wants_up
    values = case.evaluation.wanted.values or {}
    if before.facet not in values:
        return True
    return fingerprint(values[before.facet]) != before.fingerprint


def _shows(record: Record, delay: OpenDelay) -> bool:
    state = record.state
    if state.awaiting is not None:
        return False
    is_live = state.found is Found.LIVE
    if delay.facet == SALE:
        return is_live == (delay.fingerprint == _UP)
    shown = state.shown.get(delay.facet)
    return is_live and shown is not None and fingerprint(shown) == delay.fingerprint
