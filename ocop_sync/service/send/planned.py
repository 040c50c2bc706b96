"""One planned change of a slice: how it goes, why it is sent, and how it fails.

It is the same for a listing at its product's account and for a double at another one.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.calls.send import NotSent, Outcome
from ocop_sync.engine.approval.budget import needs_approval
from ocop_sync.engine.approval.review import cause_of
from ocop_sync.engine.plan.doubles import is_of_double
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.engine.reasons.ledger_reason import reason_without_rule
from ocop_sync.engine.state.fingerprints import fingerprint_of_sent
from ocop_sync.engine.state.quarantine import Failure, Way, after_failure, goes_alone
from ocop_sync.engine.state.stored_shape import Fingerprints
from ocop_sync.marketplace.result import Refused, Unknown
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.send.pipeline import Item
from ocop_sync.store.runs.ledger import LedgerEntry

T = TypeVar("T")


class PlannedItem(Item, Generic[T], frozen=True, kw_only=True):
    """One planned change of a slice.

    Attributes:
        case: The case for which it is sent.
        known: The stored state of its listing, by which its outcome is told.
    """

    case: Case
    planned: Planned
    known: T

    @property
    def product_id(self) -> str:
        """Return the product's id."""
        return self.case.product_id


def item_of(
    run: AccountRun, case: Case, planned: Planned, known: T, failure: Failure | None
) -> PlannedItem[T]:
    """Return the item of a planned change.

    *failure* is how changes of its kind have failed there before, if they have.
    """
    return PlannedItem(
        change=planned.change,
        number=run.number(),
        urgency=int(planned.urgency),
        again=planned.again,
        alone=goes_alone(failure, _fingerprints_of(case, planned)),
        case=case,
        planned=planned,
        known=known,
    )


async def stopped_by_gate(
    run: AccountRun,
    conn: AsyncConnection,
    items: Iterable[PlannedItem[T]],
    now: datetime,
) -> set[str]:
    """Return the products of *items* of which nothing may be removed after all."""
    asked = {
        item.product_id
        for item in items
        if needs_approval(item.case.evaluation, item.planned)
    }
    return await run.gate.stopped(conn, asked, now)


def _fingerprints_of(case: Case, planned: Planned) -> Fingerprints:
    """Return the fingerprints of *planned* as it is sent, by the shape's version."""
    version = case.evaluation.wanted.mapping_version
    return partial(fingerprint_of_sent, planned.change, planned.values, version)


def entry_of(run: AccountRun, item: PlannedItem[T], sent_at: datetime) -> LedgerEntry:
    """Return the ledger's entry of a change before its call."""
    planned = item.planned
    return LedgerEntry(
        run_id=run.id,
        n=item.number,
        marketplace=run.site.name,
        account=run.key,
        subject=item.product_id,
        kind=item.change.kind.value,
        why=why_sent(run, item.case, planned),
        before=planned.before,
        after=planned.after,
        removes=planned.removes,
        in_budget=run.gate.is_in_budget(item.product_id),
        sent_at=sent_at,
    )


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
        why = f"tin trùng {getattr(planned.change, 'ref', '')}: {why}"
    group = run.gate.approval_of(wanted.product_id)
    if group is None or not needs_approval(evaluation, planned):
        return why
    return f"{why} (nhóm {group.id}, {group.decided_by} duyệt: {group.reason})"


def failure_now(
    run: AccountRun, item: PlannedItem[T], outcome: Outcome, known: Failure | None
) -> Failure | None:
    """Return how a change fails by now.

    A failure says nothing of the change, and leaves *known*, while the account rests,
    over the quota, and if a run hands the change back as it is told to stop.

    *known* is how changes of its kind have failed there before, if they have.
    """
    way = _way_of(outcome)
    if way is None or run.is_resting:
        return known
    return after_failure(
        known,
        of=_fingerprints_of(item.case, item.planned),
        way=way,
        now=run.deployment.clock(),
        problems=outcome.problems if isinstance(outcome, Refused | NotSent) else (),
        detail=outcome.detail if isinstance(outcome, NotSent | Unknown) else "",
        owed=item.case.evaluation.owes(item.planned),
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
