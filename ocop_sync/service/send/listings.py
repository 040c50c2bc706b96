"""The stored state of listings around the calls of one slice.

Intents are stored as far as the gate and the catalog still let them pass; an outcome
becomes the new state, which is evaluated against the same wanted listing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.calls.send import NotSent, Outcome
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.doubles import (
    after_failed,
    after_result_there,
    failure_of,
    is_of_double,
)
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.engine.plan.transitions import after_intent, after_not_sent, after_result
from ocop_sync.engine.state.answer import believed
from ocop_sync.engine.state.look_up import to_look_up
from ocop_sync.engine.state.state import State
from ocop_sync.marketplace.change import Create, Kind, Republish
from ocop_sync.marketplace.result import Applied, Refused, Result, Unknown
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.evaluate.coverage_facts import note_counted
from ocop_sync.service.evaluate.delays import note_taken
from ocop_sync.service.evaluate.drift_ledger import note_answers
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.send.pipeline import Outcomes
from ocop_sync.service.send.planned import (
    PlannedItem,
    entry_of,
    failure_now,
    is_refused_for_now,
    item_of,
    stopped_by_gate,
)
from ocop_sync.service.send.stock_guard import (
    no_longer_so,
    raises,
)
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs.ledger import LedgerEntry

NEEDS_SELLER = (Create, Republish)
"""Changes before which the seller must be ready."""

_Item = PlannedItem[Record]
"""A change with the intent that is stored before it."""


class Listings:
    """The stored state of listings around the calls of one slice.

    Attributes:
        urgency: The most urgent change due at these products afterwards, or None.
    """

    def __init__(self, run: AccountRun) -> None:
        self.urgency: int | None = None
        self._run = run
        self._raising: set[str] = set()
        self._aside: list[Case] = []

    async def store_intents(
        self, conn: AsyncConnection, items: Sequence[_Item], now: datetime
    ) -> Sequence[_Item]:
        """Store the intents that may still go; of changed products none may."""
        entries = {item.product_id: item.case.entry for item in items}
        self._raising = {i.product_id for i in items if raises(i.case, i.planned)}
        changed = await no_longer_so(conn, entries, self._raising)
        evaluated = [i for i in items if i.product_id not in changed]
        stopped = await stopped_by_gate(self._run, conn, items, now)
        going = [i for i in evaluated if i.product_id not in stopped]
        intended = [item.known for item in going]
        await records.save_intents(conn, intended)
        await note_counted(conn, self._run.site.name, {}, intended, now)
        self._aside = [i.case for i in evaluated if i.product_id in stopped]
        return going

    def entry(self, item: _Item, now: datetime) -> LedgerEntry:
        """Return the ledger's entry of a change before its call."""
        return entry_of(self._run, item, item.known.state.sent_at or now)

    async def begun(self, going: Sequence[_Item]) -> None:
        """Count the changes that go, and leave the others to later."""
        run = self._run
        run.sent.note_sent(item.product_id for item in going)
        run.note_begun(item.change for item in going)
        if any(
            i.product_id in self._raising and i.change.kind is Kind.SET_STOCK
            for i in going
        ):
            run.later.note_raised()
        await put_aside(run, self._aside)

    def believed(self, item: _Item, result: Result) -> Result:
        """Return *result*; one that contradicts itself is unknown, to be read back."""
        return believed(item.known.state, item.change, result)

    async def store_outcomes(
        self, conn: AsyncConnection, pairs: Outcomes[_Item], now: datetime
    ) -> None:
        """Store the outcomes of a slice, and evaluate each product again."""
        run = self._run
        evaluator = Evaluator(run.deployment, run.freshness, now)
        items = [item for item, _ in pairs]
        after = [_after(run, evaluator, item, outcome, now) for item, outcome in pairs]
        known = [item.known for item in items]
        await records.save_answered(conn, zip(known, after, strict=True))
        await note_counted(conn, run.site.name, {}, after, now)
        applied = [
            (item.product_id, item.change.kind)
            for item, outcome in pairs
            if isinstance(outcome, Applied)
        ]
        await note_taken(conn, run.site.name, applied, now)
        states = [(k.state, r.state) for k, r in zip(known, after, strict=True)]
        await note_answers(conn, run.site.name, states, now)
        due = (r.urgency for r in after if r.urgency is not None)
        self.urgency = min(due, default=None)


def _intended(run: AccountRun, case: Case, planned: Planned, now: datetime) -> State:
    """Return the state with which an intent is stored.

    A change of a double is looked up even if this run ends here.
    """
    state = after_intent(
        case.state,
        planned.change,
        planned.values,
        run.key,
        now,
        mapping_version=case.evaluation.wanted.mapping_version,
    )
    if is_of_double(case.state, planned.change):
        return to_look_up(state, run.site.lag_ends(now))
    return state


def _after(
    run: AccountRun, evaluator: Evaluator, item: _Item, outcome: Outcome, now: datetime
) -> Record:
    """Return the record after an outcome, evaluated against the same wanted listing.

    *now* is later than the answer.
    """
    product_id = item.product_id
    if isinstance(outcome, NotSent) and outcome.taken_back:
        return item.case.record  # it is due, as if it had never been written down
    if isinstance(outcome, NotSent) or is_refused_for_now(outcome):
        run.later.defer([product_id])
        state = after_not_sent(item.case.state, item.known.state)
        state = _to_look_up(run, item, outcome, state, now)
        if isinstance(outcome, Refused) and outcome.version_conflict:
            run.later.reread_first([product_id])
            state = replace(state, must_reread=True)
            return replace(item.known, state=state, urgency=None)
        return _not_sent(run, evaluator, item, _failed(run, item, outcome, state))
    state = _after_result(item, outcome)
    if state.awaiting is not None:
        run.later.defer([product_id])
        state = _failed(run, item, outcome, state)
    elif isinstance(outcome, Unknown):  # of a double
        state = _failed(run, item, outcome, state)
    # A change that shows only after a lag shows that long after the answer.
    state = replace(state, sent_at=now)
    state = _to_look_up(run, item, outcome, state, now)
    record = replace(item.known, state=state)
    case = evaluator.evaluated(run.site, item.case.evaluation.wanted, record)
    return _gated(run, case)


def _after_result(item: _Item, outcome: Result) -> State:
    before, planned = item.known.state, item.planned
    if is_of_double(before, planned.change):
        return after_result_there(before, planned.change, outcome, planned.values)
    return after_result(before, planned.change, outcome)


def _to_look_up(
    run: AccountRun, item: _Item, outcome: Outcome, state: State, now: datetime
) -> State:
    """Return *state*, to be looked up if a create or a change of a double was sent.

    Also one that was not taken: it may come all the same.
    """
    handed_back = isinstance(outcome, NotSent) and outcome.handed_back
    there = is_of_double(item.known.state, item.planned.change)
    if handed_back or not (there or isinstance(item.planned.change, Create)):
        return state
    return to_look_up(state, run.site.lag_ends(now))


def _not_sent(
    run: AccountRun, evaluator: Evaluator, item: _Item, state: State
) -> Record:
    """Return the record of a change that was not applied: the next run asks again.

    A change that has failed too often is held from now on.
    """
    record = replace(item.known, state=state, urgency=None)
    case = evaluator.evaluated(run.site, item.case.evaluation.wanted, record)
    return replace(record, hold=case.record.hold, next_try_at=case.record.next_try_at)


def _failed(run: AccountRun, item: _Item, outcome: Outcome, state: State) -> State:
    """Remember how a change has failed, unless that says nothing of it."""
    change = item.planned.change
    known = failure_of(state, change)
    failure = failure_now(run, item, outcome, known)
    if failure is None or failure is known:
        return state
    return after_failed(state, change, failure)


def _gated(run: AccountRun, case: Case) -> Record:
    """Return the record of *case*: a change that may not be sent now is not due."""
    planned = run.next_of(case)
    urgency = None if planned is None else int(planned.urgency)
    if urgency == case.record.urgency:
        return case.record
    return replace(case.record, urgency=urgency)


def items_of(run: AccountRun, ready: Sequence[tuple[Case, Planned]]) -> list[_Item]:
    """Return the items of a slice, with the intents to store."""
    now = run.deployment.clock()
    items = []
    for case, planned in ready:
        state = _intended(run, case, planned, now)
        intent = replace(case.record, settled_fingerprint="", state=state)
        failure = failure_of(state, planned.change)
        items.append(item_of(run, case, planned, intent, failure))
    return items


async def put_aside(run: AccountRun, idle: Sequence[Case]) -> None:
    """Remember cases of which nothing can be sent now; the next run asks again."""
    if not idle:
        return
    waiting = [c for c in idle if c.evaluation.changes or run.reviewed is not None]
    run.later.defer(case.product_id for case in waiting)
    aside = [_waiting(run, case) for case in idle]

    async def store(conn: AsyncConnection, now: datetime) -> None:
        await records.save(conn, aside)
        await note_counted(conn, run.site.name, {}, aside, now)

    await run.write(store)


def _waiting(run: AccountRun, case: Case) -> Record:
    """Return the record of a case put aside: held if its seller was refused."""
    record, changes = case.record, case.evaluation.changes
    if record.state.product_id in run.later.must_reread:
        record = replace(record, state=replace(record.state, must_reread=True))
    refused = run.sellers.is_refused(case.evaluation.wanted.seller_ref)
    if refused and changes and isinstance(changes[0].change, NEEDS_SELLER):
        return replace(record, hold=record.hold or Hold.SELLER_REFUSED, urgency=None)
    return replace(record, urgency=None)
