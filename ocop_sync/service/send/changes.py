"""Close the difference at one account, slice by slice.

Between slices the due work is asked for again, the most urgent first, and products that
have changed meanwhile are evaluated anew. The intents of a slice are stored before its
calls, their outcomes after them; both only under the lease. Values are read when they
are sent, not when they were planned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.producer import Producer
from catalog.model.product import Entry
from ocop_sync.calls.send import NotSent, Outcome
from ocop_sync.engine.approval.budget import needs_approval
from ocop_sync.engine.approval.review import cause_of
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.plan.doubles import (
    after_failed,
    after_result_there,
    failure_of,
    is_of_double,
)
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.engine.plan.transitions import (
    after_intent,
    after_not_sent,
    after_result,
    fingerprint_of_sent,
)
from ocop_sync.engine.reasons.ledger_reason import reason_without_rule
from ocop_sync.engine.state.answer import believed
from ocop_sync.engine.state.look_up import to_look_up
from ocop_sync.engine.state.quarantine import Failure, Way, after_failure, goes_alone
from ocop_sync.engine.state.state import State
from ocop_sync.engine.state.stored_shape import Fingerprints
from ocop_sync.marketplace.change import Change, Create, Kind, Republish, SetStock
from ocop_sync.marketplace.result import Refused, Result, Unknown
from ocop_sync.service.evaluate.drift_ledger import note_answers
from ocop_sync.service.evaluate.evaluator import Case, Evaluator, lag_ends
from ocop_sync.service.observe.reread import reread
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_changed import evaluate_again, evaluate_changed
from ocop_sync.service.send.pipeline import send_slice
from ocop_sync.service.send.queue import Queue, withdraws
from ocop_sync.service.send.sellers import ensure_sellers, stop_sellers
from ocop_sync.service.send.stock_guard import (
    Due,
    changed_meanwhile,
    must_wait,
    no_longer_so,
    raises,
    read_first,
)
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.ledger import LedgerEntry

NEEDS_SELLER = (Create, Republish)
"""Changes before which the seller must be ready."""

_AT_MOST = 20
"""Changes of one product in one run; more mean that a loop goes round."""


@dataclass(frozen=True, slots=True)
class _Item:
    """One change of a slice."""

    case: Case
    planned: Planned
    intent: Record
    number: int

    @property
    def change(self) -> Change:
        return self.planned.change

    @property
    def again(self) -> bool:
        return self.planned.again

    @property
    def alone(self) -> bool:
        failure = failure_of(self.intent.state, self.change)
        fingerprints = fingerprints_of(self.case, self.planned)
        return failure is not None and goes_alone(failure, fingerprints)


async def drain(run: AccountRun) -> None:
    """Send due changes until none is left that can be sent."""
    done, queue = 0, Queue()
    while not run.stopped:
        if await _reread_named(run) or await evaluate_changed(run):
            queue.drop()
        ready = await queue.take(run)
        if changed := await _changed_meanwhile(run, ready):
            run.sent.note_sent(changed)  # not without end
            await evaluate_again(run, changed)
            queue.again()
            ready = [each for each in ready if each.id not in changed]
        if not all(withdraws(each.case) for each in ready):
            await stop_sellers(run)
        if not ready:
            if queue.is_done:
                return
            continue
        sent, urgency = await _send_slice(run, ready)
        queue.give_way(urgency)
        done += sent
        run.progress(run.account.key, done, queue.remaining)


async def resume(run: AccountRun, product_ids: Sequence[str]) -> None:
    """Evaluate products again, and send due changes, theirs included."""
    run.later.take_up(product_ids)
    await evaluate_again(run, product_ids)
    await drain(run)


async def _reread_named(run: AccountRun) -> bool:
    """Read listings that events have named meanwhile; return whether there is news."""
    changed = await reread(run)
    if changed:
        await evaluate_again(run, changed)
    return bool(changed)


async def _send_slice(run: AccountRun, due: Sequence[Due]) -> tuple[int, int | None]:
    """Send the next change of each case.

    Returns:
        How many were sent, and the most urgent of the changes that are due after it.
    """
    ready = await _ready(run, due)
    going = {case.record.state.product_id for case, _ in ready}
    idle = [d.case for d in due if d.case.record.state.product_id not in going]
    await _put_aside(run, idle)
    if not ready or run.stopped:
        return 0, None
    listings = _Listings(run)
    sent = await send_slice(run, _items(run, ready), listings)
    return len(sent), listings.urgency


def fingerprints_of(case: Case, planned: Planned) -> Fingerprints:
    """Return the fingerprints of *planned* as it is sent, by the shape's version."""
    version = case.evaluation.wanted.mapping_version
    return partial(fingerprint_of_sent, planned.change, planned.values, version)


async def _ready(run: AccountRun, due: Sequence[Due]) -> list[tuple[Case, Planned]]:
    """Return the next change of each case that may go now."""
    chosen = [
        (each.case, planned, each.producer)
        for each in due
        if (planned := _next(run, each.case)) is not None
        and not must_wait(run, each, planned)
    ]
    if not run.site.adapter.capabilities.has_sellers:
        return [(case, planned) for case, planned, _ in chosen]
    makers = {
        producer.id: producer
        for _, planned, producer in chosen
        if producer is not None and isinstance(planned.change, NEEDS_SELLER)
    }
    ready = await ensure_sellers(run, makers) if makers else {}
    return [
        (case, planned)
        for case, planned, producer in chosen
        if not isinstance(planned.change, NEEDS_SELLER) or _has_seller(producer, ready)
    ]


def _has_seller(producer: Producer | None, ready: Mapping[str, bool]) -> bool:
    return producer is not None and ready[producer.id]


def _raising(run: AccountRun, due: Sequence[Due]) -> list[Due]:
    """Return those of which more is about to be offered than now."""
    return [
        each
        for each in due
        if (planned := _next(run, each.case)) and raises(each.case, planned)
    ]


async def _changed_meanwhile(run: AccountRun, due: Sequence[Due]) -> list[str]:
    """Check changes once more before sending: their sales, and their listings."""
    changed = await changed_meanwhile(run, _raising(run, due))
    setting = [
        each
        for each in due
        if each.id not in changed
        and (planned := _next(run, each.case)) is not None
        and isinstance(planned.change, SetStock)
    ]
    return [*changed, *await read_first(run, setting)]


def _next(run: AccountRun, case: Case) -> Planned | None:
    """Return the first change that may go now."""
    if run.sent.sent_of(case.record.state.product_id) >= _AT_MOST:
        return None
    for planned in case.evaluation.changes:
        if run.may_send(case, planned):
            return planned
    return None


async def _put_aside(run: AccountRun, idle: Sequence[Case]) -> None:
    """Remember cases of which nothing can be sent now; the next run asks again."""
    if not idle:
        return
    waiting = [c for c in idle if c.evaluation.changes or run.reviewed is not None]
    run.later.defer(case.record.state.product_id for case in waiting)
    aside = [_waiting(run, case) for case in idle]

    async def store(conn: AsyncConnection) -> None:
        now = run.deployment.clock()
        await accounts.renew(conn, run.account.key, run.lease, now)
        await records.save(conn, aside)

    await run.deployment.database.write(store)


def _waiting(run: AccountRun, case: Case) -> Record:
    """A listing whose seller was refused is held; else it waits for the next run."""
    record, changes = case.record, case.evaluation.changes
    if record.state.product_id in run.later.must_reread:
        record = replace(record, state=replace(record.state, must_reread=True))
    refused = run.sellers.is_refused(case.evaluation.wanted.seller_ref)
    if refused and changes and isinstance(changes[0].change, NEEDS_SELLER):
        return replace(record, hold=record.hold or Hold.SELLER_REFUSED, urgency=None)
    return replace(record, urgency=None)


def _items(run: AccountRun, ready: Sequence[tuple[Case, Planned]]) -> list[_Item]:
    now = run.deployment.clock()
    return [
        _Item(
            case,
            planned,
            replace(
                case.record,
                settled_fingerprint="",
                state=_intended(run, case, planned, now),
            ),
            run.number(),
        )
        for case, planned in ready
    ]


class _Listings:
    """The stored state of listings around the calls of one slice.

    Attributes:
        urgency: The most urgent change due at these products afterwards, or None.
    """

    def __init__(self, run: AccountRun) -> None:
        self.urgency: int | None = None
        self._run = run
        self._raising: dict[str, Entry | None] = {}
        self._aside: list[Case] = []

    async def store_intents(
        self, conn: AsyncConnection, items: Sequence[_Item], now: datetime
    ) -> Sequence[_Item]:
        """Store intents that may still go; changed products are evaluated anew."""
        asked = {
            item.intent.state.product_id
            for item in items
            if needs_approval(item.case.evaluation, item.planned)
        }
        self._raising = {
            item.intent.state.product_id: item.case.entry
            for item in items
            if raises(item.case, item.planned)
        }
        changed = await no_longer_so(conn, self._raising)
        evaluated = [i for i in items if i.intent.state.product_id not in changed]
        stopped = await self._run.gate.stopped(conn, asked, now)
        going = [i for i in evaluated if i.intent.state.product_id not in stopped]
        await records.save_intents(conn, [item.intent for item in going])
        self._aside = [item.case for item in evaluated if item not in going]
        return going

    def entry(self, item: _Item, now: datetime) -> LedgerEntry:
        """Return the ledger's entry of a change before its call."""
        state, planned, run = item.intent.state, item.planned, self._run
        return LedgerEntry(
            run_id=run.id,
            n=item.number,
            marketplace=run.site.name,
            account=run.account.key,
            subject=state.product_id,
            kind=planned.change.kind.value,
            why=why_sent(run, item.case, planned),
            before=planned.before,
            after=planned.after,
            removes=planned.removes,
            in_budget=run.gate.is_in_budget(state.product_id),
            sent_at=state.sent_at or now,
        )

    async def begun(self, going: Sequence[_Item]) -> None:
        """Count the changes that go, and leave the others to later."""
        run = self._run
        run.sent.note_sent(item.intent.state.product_id for item in going)
        run.note_begun(item.change for item in going)
        if any(
            i.intent.state.product_id in self._raising
            and i.change.kind is Kind.SET_STOCK
            for i in going
        ):
            run.later.note_raised()
        await _put_aside(run, self._aside)

    def believed(self, item: _Item, outcome: Outcome) -> Outcome:
        """An answer that contradicts itself is none: the listing is read back."""
        if isinstance(outcome, NotSent):
            return outcome
        return believed(item.intent.state, item.change, outcome)

    async def store_outcomes(
        self,
        conn: AsyncConnection,
        pairs: Sequence[tuple[_Item, Outcome]],
        now: datetime,
    ) -> None:
        """Store the outcomes of a slice, and evaluate each product again."""
        run = self._run
        evaluator = Evaluator(run.deployment, run.looked, now)
        items = [item for item, _ in pairs]
        after = [_after(run, evaluator, item, outcome) for item, outcome in pairs]
        await _save(conn, items, after)
        states = [
            (item.intent.state, r.state) for item, r in zip(items, after, strict=True)
        ]
        await note_answers(conn, run.site.name, states, now)
        due = (r.urgency for r in after if r.urgency is not None)
        self.urgency = min(due, default=None)


def _intended(run: AccountRun, case: Case, planned: Planned, now: datetime) -> State:
    """Return the state with which an intent is stored.

    A change of a double is looked up even if this run ends here.
    """
    state = after_intent(
        case.record.state,
        planned.change,
        planned.values,
        run.account.key,
        now,
        mapping_version=case.evaluation.wanted.mapping_version,
    )
    if is_of_double(case.record.state, planned.change):
        return to_look_up(state, lag_ends(run.site, now))
    return state


def why_sent(run: AccountRun, case: Case, planned: Planned) -> str:
    """Say why a change is sent, and who has approved it, if somebody had to."""
    wanted, evaluation = case.evaluation.wanted, case.evaluation
    reason = wanted.reason
    if reason:
        why = f"{reason.code}: {reason.seen.vi}"
    else:
        why = reason_without_rule(evaluation, planned)
    if planned.removes:
        number = cause_of(evaluation, [planned]).import_id
        why = why if number is None else f"{why} (lần nạp {number})"
    if planned.account or is_of_double(evaluation.state, planned.change):
        why = f"tin trùng {_ref_of(planned.change)}: {why}"
    group = run.gate.approval_of(wanted.product_id)
    if group is None or not needs_approval(evaluation, planned):
        return why
    return f"{why} (nhóm {group.id}, {group.decided_by} duyệt: {group.reason})"


def _ref_of(change: Change) -> str:
    return getattr(change, "ref", "")


async def _save(
    conn: AsyncConnection, items: Sequence[_Item], after: Sequence[Record]
) -> None:
    """Store the outcomes of *items*, the sent values only if they differ now."""
    pairs = list(zip(items, after, strict=True))
    same = [r for item, r in pairs if r.state.sent is item.intent.state.sent]
    others = [r for item, r in pairs if r.state.sent is not item.intent.state.sent]
    await records.save_answered(conn, same)
    await records.save(conn, others)


def _after(
    run: AccountRun, evaluator: Evaluator, item: _Item, outcome: Outcome
) -> Record:
    """Return the record after an outcome, evaluated against the same wanted listing."""
    product_id = item.intent.state.product_id
    if isinstance(outcome, NotSent) or is_refused_for_now(outcome):
        run.later.defer([product_id])
        state = after_not_sent(item.case.record.state, item.intent.state)
        state = _to_look_up(run, item, outcome, state)
        if isinstance(outcome, Refused) and outcome.version_conflict:
            run.later.reread_first([product_id])
            state = replace(state, must_reread=True)
            return replace(item.intent, state=state, urgency=None)
        return _not_sent(run, evaluator, item, _failed(run, item, outcome, state))
    state = _after_result(item, outcome)
    if state.awaiting is not None:
        run.later.defer([product_id])
        state = _failed(run, item, outcome, state)
    elif isinstance(outcome, Unknown):  # of a double
        state = _failed(run, item, outcome, state)
    # A change that shows only after a lag shows that long after the answer.
    state = replace(state, sent_at=run.deployment.clock())
    state = _to_look_up(run, item, outcome, state)
    record = replace(item.intent, state=state)
    case = evaluator.evaluated(run.site, item.case.evaluation.wanted, record)
    return _gated(run, case)


def _after_result(item: _Item, outcome: Result) -> State:
    before, planned = item.intent.state, item.planned
    if is_of_double(before, planned.change):
        return after_result_there(before, planned.change, outcome, planned.values)
    return after_result(before, planned.change, outcome)


def _to_look_up(run: AccountRun, item: _Item, outcome: Outcome, state: State) -> State:
    """A create is looked up, also one that was not taken: it may come all the same.

    A change of a double is looked at in the same way.
    """
    handed_back = isinstance(outcome, NotSent) and outcome.handed_back
    there = is_of_double(item.intent.state, item.planned.change)
    if handed_back or not (there or isinstance(item.planned.change, Create)):
        return state
    return to_look_up(state, lag_ends(run.site, run.deployment.clock()))


def _not_sent(
    run: AccountRun, evaluator: Evaluator, item: _Item, state: State
) -> Record:
    """Return the record of a change that was not applied: the next run asks again.

    A change that has failed too often is held from now on.
    """
    record = replace(item.intent, state=state, urgency=None)
    case = evaluator.evaluated(run.site, item.case.evaluation.wanted, record)
    return replace(record, hold=case.record.hold, next_try_at=case.record.next_try_at)


def _failed(run: AccountRun, item: _Item, outcome: Outcome, state: State) -> State:
    """Remember how a change has failed, unless that says nothing of it."""
    change = item.planned.change
    known = failure_of(state, change)
    failure = failure_now(run, item.case, item.planned, outcome, known)
    if failure is None or failure is known:
        return state
    return after_failed(state, change, failure)


def failure_now(
    run: AccountRun,
    case: Case,
    planned: Planned,
    outcome: Outcome,
    known: Failure | None,
) -> Failure | None:
    """Return how a change fails by now.

    While an account rests, all fails there; so do changes over the quota, and
    those that a run hands back when it is told to stop.

    Args:
        run: The run.
        case: The case for which it was sent.
        planned: The change.
        outcome: Its outcome.
        known: How changes of its kind have failed there before, if they have.
    """
    way = _way_of(outcome)
    if way is None or run.is_resting:
        return known
    return after_failure(
        known,
        of=fingerprints_of(case, planned),
        way=way,
        now=run.deployment.clock(),
        problems=outcome.problems if isinstance(outcome, Refused | NotSent) else (),
        detail=outcome.detail if isinstance(outcome, NotSent | Unknown) else "",
        owed=case.evaluation.owes(planned),
    )


def _way_of(outcome: Outcome) -> Way | None:
    """Return in which way a change has failed; None if it is not its own fault."""
    if isinstance(outcome, Unknown):
        return Way.UNANSWERED
    if isinstance(outcome, Refused):
        return Way.FOR_NOW
    if not isinstance(outcome, NotSent):
        return None  # a withdrawal that was only taken in
    if outcome.fatal or outcome.handed_back or outcome.over_quota:
        return None
    return Way.REFUSED if outcome.problems else Way.NOT_TAKEN


def is_refused_for_now(outcome: Outcome) -> bool:
    """Say whether a change was refused, and may be taken as it is later."""
    return isinstance(outcome, Refused) and (
        outcome.for_now or outcome.version_conflict
    )


def _gated(run: AccountRun, case: Case) -> Record:
    """A change that the gate does not let pass is not due."""
    planned = _next(run, case)
    urgency = None if planned is None else int(planned.urgency)
    if urgency == case.record.urgency:
        return case.record
    return replace(case.record, urgency=urgency)
