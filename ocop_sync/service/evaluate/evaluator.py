"""Evaluate products at a marketplace: from catalog and store to a decision.

The same evaluation serves a plan, a walk through all of the catalog, and single
products between two slices; the walk is the truth.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.eligibility import Outlook, evaluate
from catalog.model.product import Entry
from catalog.turns import in_turns
from catalog.values import replace
from ocop_sync.engine.approval.budget import has_removals, is_exempt
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.matching.candidates import Likeness
from ocop_sync.engine.plan.adoption import once_taken_over
from ocop_sync.engine.plan.drift_policy import FIGHT_WINDOW
from ocop_sync.engine.plan.evaluate import evaluate_listing
from ocop_sync.engine.plan.evaluation import Evaluation
from ocop_sync.engine.state.confirmed import as_agreed
from ocop_sync.engine.state.quarantine import next_try
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import (
    BLOCKED,
    LISTABLE,
    NOT_COUNTED,
    Base,
    CountedAs,
    Decision,
    Twin,
)
from ocop_sync.engine.wanted.draft import Draft
from ocop_sync.engine.wanted.from_verdict import draft_wanted
from ocop_sync.engine.wanted.wanted import Wanted, faulty
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.case import Case, Freshness, urgency_of
from ocop_sync.service.evaluate.event_feed import with_doubts, with_read_sales
from ocop_sync.service.evaluate.inferred_sales import with_capped
from ocop_sync.service.evaluate.twin_search import twins_of, with_twin
from ocop_sync.store.decisions import drift_decided
from ocop_sync.store.listings import records
from ocop_sync.store.listings.other_account_doubles import with_other_account_doubles
from ocop_sync.store.listings.records import Record

_log = logging.getLogger(__name__)

_OPEN = frozenset(
    {
        Decision.WAIT,
        Decision.READ_BACK,
        Decision.READ_WHOLE,
        Decision.READ_AGAIN,
        Decision.ADOPT,
        Hold.TWIN,
        Hold.UNLIKE,
    }
)
"""Decisions and holds that the next run looks at again, though nothing is due."""

_NEVER_SETTLED = frozenset({Hold.QUARANTINED, Hold.NO_ACCOUNT, Hold.UNREADABLE})
"""Holds that end by facts outside the wanted listing."""

_STILL_HELD = frozenset(
    {
        Decision.WAIT,
        Decision.READ_BACK,
        Decision.READ_AGAIN,
        Hold.DOUBLED,
    }
)
"""Decisions, and a hold, with which a product stays in its held group."""

_NOTHING_OPEN = frozenset({Decision.IN_SYNC, Decision.NOTHING})
"""Decisions after which no entry into the catalog waits to be shown."""

_GATES = frozenset({Hold.BUDGET, Hold.VANISHED_MANY})
"""Holds of the approval gate: for removals alone."""


class Evaluator:
    """Evaluates the products of one deployment at one instant."""

    def __init__(
        self, deployment: Deployment, freshness: Freshness, now: datetime
    ) -> None:
        self._deployment = deployment
        self._freshness = freshness
        self._now = now

    def draft(self, entry: Entry) -> Draft | Wanted:
        """Return the wanted listing of every marketplace, by the catalog's verdict.

        Where that fails, it is a stand-in for all of them.
        """
        try:
            rules = self._deployment.rules
            verdict = evaluate(*entry, self._now, rules)
            outlook = Outlook(*entry, verdict, rules)
            return draft_wanted(entry[0], verdict, entry[1], outlook)
        except Exception:  # noqa: BLE001  (a fault in one product)
            return _faulty(entry[0].id)

    def placed(self, site: Site, draft: Draft | Wanted) -> Wanted:
        """Return the wanted listing of *site* from a draft."""
        if isinstance(draft, Wanted):
            return draft
        try:
            producer_id = draft.product.producer_id
            marketplaces = self._deployment.marketplaces_of(producer_id)
            return draft.at(
                site.conditions, marketplaces, has_account=site.name in marketplaces
            )
        except Exception:  # noqa: BLE001  (a fault in one product)
            return _faulty(draft.product.id, draft.counted)

    async def cases(
        self,
        conn: AsyncConnection,
        site: Site,
        listings: Sequence[Wanted],
        entries: Mapping[str, Entry],
        read: Mapping[str, Record] = MappingProxyType({}),
    ) -> list[Case]:
        """Evaluate wanted listings, each with its record.

        *entries* are their products, and *read* their records that are not stored yet,
        by id.
        """
        ids = [w.product_id for w in listings if w.product_id not in read]
        known = {**await records.load(conn, site.name, ids), **read}
        known = await with_doubts(conn, await with_read_sales(conn, known))
        since = self._now - FIGHT_WINDOW
        past = await drift_decided.past_of(conn, site.name, list(known), since)
        for id_, told in past.items():
            state = replace(known[id_].state, past=told)
            known[id_] = replace(known[id_], state=state)
        known = await with_capped(conn, site, known)
        known = await with_other_account_doubles(conn, site.name, known)
        cases = [
            self.case(site, wanted, known.get(id_), entries.get(id_))
            async for wanted in in_turns(listings)
            if (id_ := wanted.product_id)
        ]
        found = await twins_of(conn, cases)
        return [
            self._twinned(site, case, found[case.product_id], known)
            if case.product_id in found
            else case
            for case in cases
        ]

    def case(
        self,
        site: Site,
        wanted: Wanted,
        known: Record | None,
        entry: Entry | None,
    ) -> Case:
        """Evaluate one wanted listing, with its *known* record."""
        account = site.account_for(entry[0].producer_id if entry else None)
        key = account.key if account else ""
        if known is None:
            state = State(
                product_id=wanted.product_id, marketplace=site.name, account=key
            )
            return self.evaluated(site, wanted, Record(state=state), entry)
        state = known.state
        had_twins = state.twin in (Twin.POSSIBLE, Twin.SURE, Twin.UNLIKE)
        if had_twins:  # looked for anew
            state = replace(state, twin=Twin.NONE, twin_ref="")
        is_free = state.base is Base.NEVER_SENT or state.account not in site.accounts
        if is_free and key not in ("", state.account):
            # It is new, or its account was renamed or removed.
            state = replace(state, account=key)
        record = known if state is known.state else replace(known, state=state)
        evaluated = self.evaluated(site, wanted, record, entry)
        return replace(evaluated, had_twins=True) if had_twins else evaluated

    def evaluated(
        self, site: Site, wanted: Wanted, record: Record, entry: Entry | None = None
    ) -> Case:
        """Evaluate one wanted listing against a record, whatever was decided before.

        Where that fails, the product is held: its fault keeps no other back.
        """
        try:
            return self._evaluated(site, wanted, record, entry)
        except Exception:  # noqa: BLE001  (a fault in one product)
            stands = _faulty(wanted.product_id, wanted.counted)
            return self._evaluated(site, stands, record, entry)

    def _evaluated(
        self, site: Site, wanted: Wanted, record: Record, entry: Entry | None
    ) -> Case:
        can = site.adapter.capabilities
        state = once_taken_over(
            wanted, record.state, writes_reference=can.writes_reference
        )
        if state is not record.state:
            record = replace(record, state=state)
        evaluation = evaluate_listing(
            wanted,
            record.state,
            read_whole=self._freshness.recently(
                record.state.account,
                self._now,
                self._deployment.limits.read_whole_every,
            ),
            lag_over=self._lag_over(site, record.state),
            now=self._now,
            policy=site.policy_at(record.state.account),
            sales_known=self._are_sales_known(site, record.state),
            writes_reference=can.writes_reference,
        )
        if record.state.account not in site.accounts and evaluation.changes:
            evaluation = replace(evaluation, changes=(), hold=Hold.NO_ACCOUNT)
        agreed = (
            evaluation.decision is Decision.IN_SYNC and record.state.edited is not None
        )
        if agreed and wanted.values is not None:
            state = as_agreed(record.state, wanted.values)
            record = replace(record, state=state)
        evaluation = self._with_next_try(site, evaluation)
        remembered = self._remembered(evaluation, record)
        if entry is not None and _is_asked(evaluation):
            revision = entry[0].revision
            remembered = replace(remembered, evaluated_revision=revision)
        return Case(evaluation, remembered, entry, agreed=agreed)

    def _with_next_try(self, site: Site, evaluation: Evaluation) -> Evaluation:
        """Return *evaluation* with the next try of an owed change without an answer."""
        state = evaluation.state
        lost = state.failures.get(state.awaiting) if state.awaiting else None
        at = next_try(lost) if lost is not None and lost.owed else None
        if at is None or state.sent_at is None:
            return evaluation
        return replace(evaluation, next_try_at=max(at, site.lag_ends(state.sent_at)))

    def _lag_over(self, site: Site, state: State) -> bool:
        return state.sent_at is None or self._now >= site.lag_ends(state.sent_at)

    def _are_sales_known(self, site: Site, state: State) -> bool:
        """Say whether all sales before the last read of a listing are known by now.

        Where nobody tells of sales, missing stock has been written down as sold.
        """
        if not site.adapter.capabilities.tells_sales:
            return True
        seen = state.read_at + site.lag if state.read_at else None
        return self._freshness.sales_since(state.account, seen)

    def _remembered(self, evaluation: Evaluation, before: Record) -> Record:
        """Return the record of an evaluation."""
        wanted = evaluation.wanted
        if evaluation.hold is Hold.FAULT:
            return self._held_for_fault(evaluation, before)
        urgency = urgency_of(evaluation.changes)
        waits = urgency is not None and before.urgency == urgency
        is_new_end = bool(wanted.ends_on) and wanted.ends_on != before.ends_on
        ends_seen_at = self._now if is_new_end else before.ends_seen_at
        asks = has_removals(evaluation)
        passes = asks and self._is_exempt(evaluation, ends_seen_at)
        gated = asks and before.hold in _GATES and not passes
        belongs = (
            evaluation.everywhere
            or evaluation.decision in _STILL_HELD
            or evaluation.hold is Hold.NO_ACCOUNT  # it may be set again
        )
        settles = _settles(evaluation, before.state)
        return replace(
            before,
            settled_fingerprint=wanted.fingerprint if settles else "",
            counted=wanted.counted,
            decision=evaluation.decision,
            hold=before.hold if gated else evaluation.hold,
            held_group=before.held_group if belongs and not passes else None,
            urgency=urgency,
            waiting_since=before.waiting_since if waits else self._now,
            until=wanted.until,
            ends_on=wanted.ends_on or before.ends_on,
            ends_seen_at=ends_seen_at,
            blocked=wanted.want in BLOCKED,
            next_try_at=evaluation.next_try_at,
        )

    def _held_for_fault(self, evaluation: Evaluation, before: Record) -> Record:
        """Return the record of a product that failed to evaluate: the rest stays.

        It is evaluated again in each run, and not whenever something ends.
        """
        is_new = before.waiting_since is None
        return replace(
            before,
            settled_fingerprint="",
            counted=evaluation.wanted.counted
            or (LISTABLE if is_new else before.counted),
            decision=evaluation.decision,
            hold=Hold.FAULT,
            urgency=None,
            waiting_since=self._now,
            until=None,
        )

    def _is_exempt(self, evaluation: Evaluation, ends_seen_at: datetime | None) -> bool:
        budget = self._deployment.budget_at(evaluation.state.marketplace)
        return is_exempt(evaluation, ends_seen_at, self._now, budget)

    def _twinned(
        self,
        site: Site,
        case: Case,
        found: Sequence[Likeness],
        known: Mapping[str, Record],
    ) -> Case:
        """Evaluate again, with the listings that may be the same product."""
        before = known.get(case.product_id)
        record = replace(
            case.record,
            state=with_twin(case.state, found),
            evaluated_revision=before.evaluated_revision if before else 0,
        )
        evaluated = self.evaluated(site, case.evaluation.wanted, record, case.entry)
        return replace(evaluated, twins=tuple(found), had_twins=case.had_twins)


def _is_asked(evaluation: Evaluation) -> bool:
    """Say whether all that was entered of a product is asked for, or needs nothing.

    While a change waits for a read, a review or a person, its entry is pending.
    """
    is_right = evaluation.hold is None and evaluation.decision in _NOTHING_OPEN
    return is_right or bool(evaluation.changes)


def _faulty(product_id: str, counted: CountedAs = NOT_COUNTED) -> Wanted:
    """Log the failure, and return the stand-in for the wanted listing."""
    _log.exception("a product could not be evaluated", extra={"product": product_id})
    return faulty(product_id, counted)


def _settles(evaluation: Evaluation, state: State) -> bool:
    """Say whether the next run may pass it over while the wanted listing is the same.

    Not so where more than the wanted listing decides: for an edit there, time and the
    policy; for a quarantined change, the outcome of others like it; for stock that may
    have been sold, sales that are not known yet; and for a listing at an account that
    is not set up, whether it is set up again.
    """
    return (
        not evaluation.everywhere
        and evaluation.decision not in _OPEN
        and evaluation.hold not in _NEVER_SETTLED
        and state.edited is None
        and not evaluation.waits
        and not state.must_reread
    )
