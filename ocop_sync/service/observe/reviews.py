"""Follow submissions in review, and report those that were refused.

A refusal may show in the answer about a submission, after an event, or first in a read
of a whole account: it is reported alike.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.engine.plan.after_read import (
    after_approval,
    after_follow,
    after_read,
    after_unreadable,
)
from ocop_sync.engine.state.problem_words import as_stored
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Unreadable
from ocop_sync.marketplace.result import Applied
from ocop_sync.service.observe.dated_reads import read_listings
from ocop_sync.service.observe.read_trust import (
    has_old_reads,
    is_news,
    so_at,
    tells,
)
from ocop_sync.service.observe.search import find
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.failed_changes import Failed
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import ledger

_DECIDED = frozenset({Found.IN_REVIEW, Found.REFUSED})


async def follow(run: AccountRun, batch: Sequence[Record]) -> dict[str, Record]:
    """Ask for the outcome of submissions, and read those that are decided.

    They are no more than one call reads.

    Returns:
        The changed records, by product id; to be evaluated and stored.
    """
    before = {record.state.product_id: record for record in batch}
    after = {id_: record.state for id_, record in before.items()}
    approved = set[str]()
    if run.site.adapter.capabilities.has_reviews:
        approved = await _ask_outcomes(run, after)
    else:  # a ticket is of earlier days: only a read tells its outcome
        after = {id_: replace(state, ticket="") for id_, state in after.items()}
    await _read_decided(run, after, approved)
    await _find_refused(run, after)
    if refused := [state for state in after.values() if state.found is Found.REFUSED]:
        await run.deployment.database.write(
            lambda conn: note_refused(conn, run, refused)
        )
    return {
        id_: before[id_].unsettled(state)
        for id_, state in after.items()
        if is_news(before[id_], state)
    }


async def _ask_outcomes(run: AccountRun, states: dict[str, State]) -> set[str]:
    """Ask for the outcomes of submissions with a ticket; return the approved ones.

    One that cannot be read is followed on.
    """
    approved = set[str]()
    asked = [(id_, state) for id_, state in states.items() if state.ticket]
    if not asked:
        return approved
    tickets = [state.ticket for _, state in asked]
    results = await run.call(lambda: run.marketplace.follow(tickets))
    for (id_, state), result in zip(asked, results, strict=True):
        if isinstance(result, Unreadable):
            ref = state.ref or state.ticket
            run.shown.note_unreadable([replace(result, ref=ref)])
            states[id_] = replace(state, review_unreadable=result.reason or "?")
            continue
        known = replace(state, review_unreadable="")
        states[id_] = after_follow(known, result, run.deployment.clock())
        if has_old_reads(run):  # the listing itself says when it was so
            states[id_] = replace(states[id_], read_at=state.read_at)
        if isinstance(result, Applied):
            states[id_] = replace(states[id_], ticket="")
            approved.add(id_)
    return approved


def refused_now(pairs: Iterable[tuple[Record, Record]]) -> list[State]:
    """Return the states of listings that a read shows as refused, and first does so.

    One was in review before, or a change of it was without an answer: then its review
    may have begun and ended meanwhile.
    """
    return [
        after.state
        for before, after in pairs
        if after.state.found is Found.REFUSED
        and before.state.found is not Found.REFUSED
        and (before.state.found is Found.IN_REVIEW or before.state.awaiting is not None)
    ]


async def note_refused(
    conn: AsyncConnection, run: AccountRun, refused: Sequence[State]
) -> None:
    """Report refusals after a review, in the ledger and in the run's report.

    The first one of a listing is a create's; later ones are about its content.
    """
    words_of = [(state.product_id, as_stored(state.problems)) for state in refused]
    await ledger.note_refused_reviews(conn, run.account.key, words_of)
    for state, (id_, words) in zip(refused, words_of, strict=True):
        kind = Kind.CREATE if state.confirmed is None else Kind.UPDATE
        said = tuple(state.problems)
        run.sent.note_failed(id_, kind, Failed.REFUSED_IN_REVIEW, words, said)


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
    for item in await read_listings(run, known):
        if isinstance(item, Unreadable):
            after[refs[item.ref]] = after_unreadable(after[refs[item.ref]], item)
        elif item is not None:
            id_, at = refs[item.ref], so_at(run, item.read_at)
            if not tells(run, after[id_], at):
                continue
            shown = run.site.conditions.values(item.shown)
            transition = after_approval if id_ in approved else after_read
            after[id_] = transition(after[id_], item, shown, at)


async def _find_refused(run: AccountRun, after: dict[str, State]) -> None:
    """Look for the listings that refusals have left behind.

    Corrections go into those; a double is never made.
    """
    ids = [
        id_
        for id_, state in after.items()
        if state.found is Found.REFUSED and not state.ref
    ]
    if not ids:
        return
    for item in (await find(run, [after[id_] for id_ in ids])).items:
        if isinstance(item, Unreadable):
            if item.client_ref in ids:
                state = after[item.client_ref]
                after[item.client_ref] = after_unreadable(state, item)
            continue
        id_, at = item.shown.client_ref, so_at(run, item.read_at)
        if id_ in ids and tells(run, after[id_], at):
            shown = run.site.conditions.values(item.shown)
            after[id_] = after_read(after[id_], item, shown, at)
