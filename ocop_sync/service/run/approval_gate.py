"""Let removals pass that the budget allows, and hold the rest for a person.

One gate for each marketplace and run. The budget and the groups are decided in
`ocop_sync.engine.approval.budget`; here they meet the removals of its window and
the decisions of people. An approved removal passes only as that person saw it, each
product by itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.engine.approval.budget import (
    HeldCause,
    Removal,
    hold_groups,
    hold_of,
    is_exempt,
    needs_approval,
    removal_of,
)
from ocop_sync.engine.approval.review import ReaskReason
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.engine.wanted.origin import VANISHED
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.case import Case, urgency_of
from ocop_sync.service.run.standing_groups import RemovalRequest, StandingGroups
from ocop_sync.store.decisions import drift_counts, held_groups
from ocop_sync.store.decisions.held_groups import Group
from ocop_sync.store.decisions.held_members import Member
from ocop_sync.store.listings import coverage, coverage_intervals, records
from ocop_sync.store.runs import ledger


class Gate:
    """The removals that may pass at one marketplace, in one run.

    Attributes:
        not_as_approved: Products that did not pass because they are not as a
            person has seen them, with why.
        groups: The held groups on which people decide.
        vanishing: How many more vanished listings may be created anew.
    """

    def __init__(self, deployment: Deployment, site: Site) -> None:
        self._budget = deployment.budget_at(site.name)
        self._site = site
        self._is_measured = False
        self._allowance = 0
        self._limit = 0
        self.groups = StandingGroups(
            site.name,
            deployment.told_by,
            simulated=site.adapter.capabilities.simulated,
        )
        self._counted: dict[str, str] = {}
        self._passed: dict[str, str] = {}
        self._approved: dict[str, int] = {}
        self.vanishing = 0
        self.not_as_approved: dict[str, ReaskReason] = {}

    async def prepare(self, conn: AsyncConnection, now: datetime) -> None:
        """Read the removals of the window, and the decisions of people."""
        await self._measure(conn, now, await coverage.live_now(conn, self._site.name))
        await self.groups.read(conn)

    async def _measure(self, conn: AsyncConnection, now: datetime, live: int) -> None:
        """Read how much may be taken; *live* are now, as far as that is counted."""
        budget, name = self._budget, self._site.name
        start = now - budget.window
        taken = await ledger.removals_since(conn, name, start)
        self._limit = budget.allowance(await coverage.live_at(conn, name, start))
        self._allowance = self._limit - taken
        made = await drift_counts.made_anew_since(conn, name, start)
        self.vanishing = budget.vanishing(live) - made
        self._is_measured = True

    def removal_requests(
        self, cases: Iterable[Case], now: datetime
    ) -> list[RemovalRequest]:
        """Return the removal requests of *cases*, without those that may pass."""
        return [ask for case in cases if (ask := self._request_of(case, now))]

    def _request_of(self, case: Case, now: datetime) -> RemovalRequest | None:
        removal = removal_of(case.evaluation)
        if removal is None or self._has_passed(removal):
            return None
        if is_exempt(case.evaluation, case.record.ends_seen_at, now, self._budget):
            self._passed[removal.product_id] = removal.fingerprint
            return None
        harmless = [
            planned
            for planned in case.evaluation.changes
            if not needs_approval(case.evaluation, planned)
        ]
        return RemovalRequest(removal, urgency_of(harmless))

    async def _answered(
        self, conn: AsyncConnection, requests: Sequence[RemovalRequest], now: datetime
    ) -> list[RemovalRequest]:
        """Let approved removals pass, and note the other decisions of people.

        Returns:
            The requests that have not passed.
        """
        ids = [each.product_id for each in requests]
        known = await self.groups.members(conn, ids)
        states, approved = self.groups.states(now), self.groups.causes("approved", now)
        answered = [
            self._with_decision(
                each,
                [(states[m.group_id], m) for m in known.get(each.product_id, ())],
                is_new=each.removal.cause in approved,
            )
            for each in requests
        ]
        return [each for each in answered if each is not None]

    def _with_decision(
        self,
        request: RemovalRequest,
        known: Sequence[tuple[str, Member]],
        *,
        is_new: bool,
    ) -> RemovalRequest | None:
        """Return *request* with the decision of people on it; None if it passes.

        *known* says how its product stands in groups, each with the group's state;
        *is_new*, that a group of its cause is approved.
        """
        removal = request.removal
        decided = [(s, m) for s, m in known if s in ("approved", "refused")]
        for state, member in decided:
            if not removal.is_as(member.fingerprint):
                continue
            if state == "refused":
                return replace(request, refused=member.group_id)
            self._passed[removal.product_id] = removal.fingerprint
            self._approved[removal.product_id] = member.group_id
            return None
        reason = ReaskReason.NEW if is_new else None
        reason = ReaskReason.CHANGED if decided else reason
        waits = [member for state, member in known if state == "open"]
        if reason and not any(removal.is_as(member.fingerprint) for member in waits):
            self.not_as_approved[removal.product_id] = reason
        asked = next(
            (member.reask_reason for member in waits if member.reask_reason), None
        )
        before = waits[0] if waits else None
        return replace(request, reask_reason=reason or asked, before=before)

    def allows(self, case: Case, planned: Planned) -> bool:
        """Say whether one change may be sent now."""
        if not needs_approval(case.evaluation, planned):
            return True
        removal = removal_of(case.evaluation)
        return removal is None or self._has_passed(removal)

    def _has_passed(self, removal: Removal) -> bool:
        """Say whether this very removal has passed: another one asks again."""
        known = (each.get(removal.product_id) for each in (self._counted, self._passed))
        return removal.fingerprint in known

    def stopped_of(self, requests: Iterable[RemovalRequest]) -> list[RemovalRequest]:
        """Return those that have asked and not passed."""
        return [each for each in requests if not self._has_passed(each.removal)]

    def approval_of(self, product_id: str) -> Group | None:
        """Return the group with which a person has let a product pass, if one has."""
        number = self._approved.get(product_id)
        return self.groups.get(number)

    def is_in_budget(self, product_id: str) -> bool:
        """Say whether the removal of a product counts against the budget."""
        return product_id in self._counted

    async def stopped(
        self, conn: AsyncConnection, product_ids: Collection[str], now: datetime
    ) -> set[str]:
        """Return those of *product_ids* of which nothing may be taken after all.

        Asked in the transaction that writes the intents down: another run at
        another account of this marketplace may have taken something since, and
        takes nothing meanwhile; an approval may have ended or been taken back.
        """
        found = set[str]()
        if counted := self._counted.keys() & product_ids:
            start = now - self._budget.window
            await ledger.lock_budget(conn, self._site.name)
            done = await ledger.removals_since(conn, self._site.name, start, counted)
            if done + len(counted) > self._limit:
                found |= counted
        if approved := self._approved.keys() & product_ids:
            numbers = {self._approved[id_] for id_ in approved}
            valid = await held_groups.approved(conn, numbers, now)
            found |= {id_ for id_ in approved if self._approved[id_] not in valid}
        return found

    async def weigh(
        self, conn: AsyncConnection, requests: Sequence[RemovalRequest], now: datetime
    ) -> list[RemovalRequest]:
        """Let approved removals pass; return the rest, to be chosen from.

        The content for a person is left out of each, so that any number fits into
        memory.
        """
        rest = await self._answered(conn, requests, now)
        return [replace(e, removal=replace(e.removal, seen=None)) for e in rest]

    def choose(
        self,
        requests: Sequence[RemovalRequest],
        *,
        must_ask: Collection[str] = (),
        not_ready: Sequence[RemovalRequest] = (),
    ) -> list[HeldCause]:
        """Let removals pass that fit into the budget; return the groups that do not.

        Refused removals are in none of them.

        *must_ask* are causes that are held under any budget. Requests that are
        *not_ready* make a group larger, and neither pass now nor are in the result.
        """
        open_to = [each for each in requests if each.refused is None]
        counted = [*open_to, *(each for each in not_ready if each.refused is None)]
        reasked = {each.removal.cause for each in counted if each.reask_reason}
        held = hold_groups(
            (each.removal for each in counted),
            allowance=self._allowance,
            vanishing=self.vanishing,
            must_ask=reasked.union(must_ask),
        )
        self._let_pass(open_to, held)
        return _only(held, {each.product_id for each in open_to})

    async def screen(
        self,
        conn: AsyncConnection,
        requests: Sequence[RemovalRequest],
        now: datetime,
        *,
        whole: bool,
        not_ready: Sequence[RemovalRequest] = (),
    ) -> None:
        """Let groups pass that fit, and hold the others whole.

        *whole*: it is all that asks at this marketplace, so that groups that hold
        nothing any more can be closed. *not_ready* are the requests at accounts that
        come later.
        """
        await self.groups.read(conn, locked=True)
        if not self._is_measured:
            # Among single changes. It is enough how many were live when they were
            # counted last: to count them takes longer than a change.
            live = await coverage.live_at(conn, self._site.name, now)
            await self._measure(conn, now, live)
        await self.groups.reopen(conn, now)
        asked, requests = requests, await self._answered(conn, requests, now)
        not_ready = await self._answered(conn, not_ready, now)
        # A request in the midst of a run joins the group that is open.
        must_ask = () if whole else self.groups.causes("open", now)
        held = self.choose(requests, must_ask=must_ask, not_ready=not_ready)
        by_product = {each.product_id: each for each in requests}
        numbers = {id_: each.refused for id_, each in by_product.items()}
        for cause in held:
            number = await self.groups.hold(conn, cause, by_product, now, whole=whole)
            numbers |= dict.fromkeys(cause.product_ids, number)
        await self._mark(conn, requests, numbers)
        await self._release(conn, asked)
        ids = [each.product_id for each in asked]
        await coverage_intervals.note(conn, self._site.name, ids, now)
        if whole:
            await self.groups.close_empty(conn)

    async def _release(
        self, conn: AsyncConnection, asked: Sequence[RemovalRequest]
    ) -> None:
        """Release the removals that have passed, though their calls may fail."""
        passed = {e.product_id for e in asked if self._has_passed(e.removal)}
        name, approved = self._site.name, self._approved.keys()
        await held_groups.release(conn, name, sorted(passed & approved), approved=True)
        await held_groups.release(conn, name, sorted(passed - approved), approved=False)

    def _let_pass(
        self, requests: Iterable[RemovalRequest], held: Iterable[HeldCause]
    ) -> None:
        stopped = {id_ for group in held for id_ in group.product_ids}
        for each in requests:
            id_ = each.product_id
            if id_ in stopped:
                continue
            if each.removal.cause == VANISHED:
                self._passed[id_] = each.removal.fingerprint
                self.vanishing -= 1  # each account of a marketplace asks by itself
            else:
                self._counted[id_] = each.removal.fingerprint
                self._allowance -= 1

    async def _mark(
        self,
        conn: AsyncConnection,
        requests: Sequence[RemovalRequest],
        numbers: Mapping[str, int | None],
    ) -> None:
        """Mark the held products: only changes that take nothing stay due."""
        stopped = {each.product_id: each for each in self.stopped_of(requests)}
        known = await records.load(conn, self._site.name, list(stopped))
        marked = [
            replace(
                record,
                hold=hold_of(stopped[id_].removal.cause),
                held_group=numbers[id_],
                urgency=stopped[id_].harmless,
            )
            for id_, record in known.items()
        ]
        await records.save(conn, marked)


def _only(held: Iterable[HeldCause], product_ids: Collection[str]) -> list[HeldCause]:
    """Return the holds of *product_ids*."""
    found = [
        replace(
            cause,
            members=tuple(m for m in cause.members if m.product_id in product_ids),
        )
        for cause in held
    ]
    return [cause for cause in found if cause.members]
