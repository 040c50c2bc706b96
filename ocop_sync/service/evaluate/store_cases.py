"""Store evaluated cases, with the drift that reads have shown, and possible twins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Rules
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.matching.candidates import Likeness
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.service.deployment import Site
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.evaluate.coverage_facts import note_evaluated
from ocop_sync.service.evaluate.delays import note_shown, note_wanted
from ocop_sync.service.evaluate.drift_ledger import drifted, note_missing, note_read
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record

_ASKS = frozenset({Hold.TWIN, Hold.UNLIKE})
"""Decisions by which possible twins are put before a person."""


async def store_cases(
    conn: AsyncConnection,
    site: Site,
    cases: Sequence[Case],
    now: datetime,
    read: Mapping[str, Record] = MappingProxyType({}),
    *,
    rules: Rules,
) -> None:
    """Store the evaluated cases, and put possible twins before a person.

    *read* are the stored records of those of which more than the evaluation is new, as
    they were read, by product. How each product is counted from now on is noted, by
    *rules* also for when its verdict changes.
    """
    await note_wanted(conn, site.name, cases, rules, now)
    whole = [c.record for c in cases if _is_whole(c, read)]
    before = await drifted(conn, site.name, [r.state.product_id for r in whole])
    await records.save_read(
        conn,
        [(read[id_], r) for r in whole if (id_ := r.state.product_id) in read],
    )
    await records.save(conn, [r for r in whole if r.state.product_id not in read])
    await records.save_evaluated(
        conn, [c.record for c in cases if not _is_whole(c, read)]
    )
    await note_evaluated(conn, site, cases, now)
    pairs = [(before.get(r.state.product_id), r.state) for r in whole]
    await note_read(conn, site.name, pairs, now)
    await note_shown(conn, site.name, _shown_live(cases, read), now)
    await note_missing(conn, site.name, _with_known_sales(cases), now)
    await _note_twins(conn, site, cases)


def _shown_live(cases: Sequence[Case], read: Mapping[str, Record]) -> list[Record]:
    """Return the records of listings that a read has shown on sale.

    Only a read shows that: of a refusal the answer about a submission may tell.
    """
    return [
        case.record
        for case in cases
        if case.product_id in read and case.state.found is Found.LIVE
    ]


def _with_known_sales(cases: Sequence[Case]) -> list[State]:
    """Return the states from which all that was sold there has been taken off.

    A listing that is read again, or has no answer yet, is not known well enough.
    """
    return [
        case.state
        for case in cases
        if case.evaluation.sales_known
        and not case.state.must_reread
        and case.state.awaiting is None
    ]


async def _note_twins(conn: AsyncConnection, site: Site, cases: Sequence[Case]) -> None:
    """Put the candidates of held products before a person; forget the others."""
    held: dict[str, list[Likeness]] = {}
    over: dict[str, list[str]] = {}
    for case in cases:
        state = case.state
        if case.evaluation.decision in _ASKS:
            held.setdefault(state.account, []).extend(case.twins)
        elif case.had_twins and case.evaluation.hold is not Hold.FAULT:
            over.setdefault(state.account, []).append(state.product_id)
    for account, found in held.items():
        await possible_twins.note(conn, site.name, account, found)
    for account, product_ids in over.items():
        await possible_twins.close(conn, account, product_ids)


def _is_whole(case: Case, read: Mapping[str, Record]) -> bool:
    """Say whether more than the evaluation of a case is new."""
    return case.agreed or case.product_id in read
