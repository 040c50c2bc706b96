"""Let removals pass that the budget allows, and hold the rest for a person.

One gate for each marketplace and run. The budget and the groups are decided in
`ocop_sync.engine.approval.budget`; here they meet the removals of the last 24 hours and
the decisions of people. An approved removal passes only as that person saw it, each
product by itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.approval.budget import (
    HeldCause,
    Removal,
    hold_groups,
    hold_of,
    is_exempt,
    needs_approval,
    removal_of,
)
from ocop_sync.engine.approval.review import VANISHED, ReaskReason
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.evaluator import Case, urgency_of
from ocop_sync.store.decisions import drift, held_groups, held_members
from ocop_sync.store.decisions.held_groups import Group
from ocop_sync.store.decisions.held_members import Member
from ocop_sync.store.listings import coverage, records
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import ledger


@dataclass(frozen=True, slots=True)
class RemovalRequest:
    """A product from which something would be taken, before the gate.

    Attributes:
        taking: The removal.
        harmless: Urgency of the first change that takes nothing, if any.
        refused: The group that a person has refused with just this, if any.
        reask_reason: Why a person is asked once more, if so: it is held under any
            budget.
        before: How it waits already, if it does.
    """

    taking: Removal
    harmless: int | None
    refused: int | None = None
    reask_reason: ReaskReason | None = None
    before: Member | None = None


class Gate:
    """The removals that may pass at one marketplace, in one run.

    Args:
        deployment: The deployment.
        site: The marketplace.

    Attributes:
        not_as_approved: Products that did not pass because they are not as a
            person has seen them, with why.
        ended: Groups whose approval has ended before all was sent.
    """

    def __init__(self, deployment: Deployment, site: Site) -> None:
        self._deployment = deployment
        self._site = site
        self._allowance = 0
        self._limit = 0
        self._vanishing = 0
        self._groups: dict[int, Group] = {}
        self._counted: dict[str, str] = {}
        self._passed: dict[str, str] = {}
        self._approved: dict[str, int] = {}
        self.not_as_approved: dict[str, ReaskReason] = {}
        self.ended: set[int] = set()

    @property
    def vanishing(self) -> int:
        """Return how many more vanished listings may be created anew."""
        return self._vanishing

    async def prepare(self, conn: AsyncConnection, now: datetime) -> None:
        """Read the removals of the window, and the decisions of people."""
        budget, name = self._deployment.budget, self._site.name
        start = now - budget.window
        taken = await ledger.taken_since(conn, name, start)
        live = await coverage.live_at(conn, name, start)
        self._limit = budget.allowance(live)
        self._allowance = self._limit - taken
        made = await drift.made_anew_since(conn, name, start)
        self._vanishing = budget.vanishing(await coverage.live_now(conn, name)) - made
        await self._know_groups(conn)

    async def _know_groups(
        self, conn: AsyncConnection, *, locked: bool = False
    ) -> None:
        found = await held_groups.standing(conn, self._site.name, locked=locked)
        self._groups = {group.id: group for group in found}

    def all_asking(self, cases: Iterable[Case], now: datetime) -> list[RemovalRequest]:
        """Return the removal requests of *cases*, without those that may pass."""
        return [ask for case in cases if (ask := self._asking(case, now))]

    def _asking(self, case: Case, now: datetime) -> RemovalRequest | None:
        taking = removal_of(case.evaluation)
        if taking is None or self._has_passed(taking):
            return None
        budget = self._deployment.budget
        if is_exempt(case.evaluation, case.record.ends_seen_at, now, budget):
            self._passed[taking.product_id] = taking.fingerprint
            return None
        harmless = [
            planned
            for planned in case.evaluation.changes
            if not needs_approval(case.evaluation, planned)
        ]
        return RemovalRequest(taking, urgency_of(harmless))

    async def _answered(
        self, conn: AsyncConnection, asking: Sequence[RemovalRequest], now: datetime
    ) -> list[RemovalRequest]:
        """Let approved removals pass, and note the other decisions of people.

        Returns:
            The requests that have not passed.
        """
        ids = [each.taking.product_id for each in asking]
        known = await self._members(conn, ids)
        states = {id_: group.stands(now) for id_, group in self._groups.items()}
        return [
            answered
            for each in asking
            if (
                answered := self._one(
                    each, known.get(each.taking.product_id, ()), states
                )
            )
        ]

    async def _members(
        self, conn: AsyncConnection, product_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Member]]:
        """Return the members of standing groups for products."""
        found: dict[str, list[Member]] = {}
        if self._groups and product_ids:
            for each in await held_members.of_products(conn, self._groups, product_ids):
                found.setdefault(each.product_id, []).append(each)
        return found

    def _one(
        self, asking: RemovalRequest, known: Sequence[Member], states: Mapping[int, str]
    ) -> RemovalRequest | None:
        """Return *asking* with the decision of people on it; None if it passes."""
        taking = asking.taking
        decided = [m for m in known if states[m.group_id] in ("approved", "refused")]
        for member in decided:
            if not taking.is_as(member.fingerprint):
                continue
            if states[member.group_id] == "refused":
                return replace(asking, refused=member.group_id)
            self._passed[taking.product_id] = taking.fingerprint
            self._approved[taking.product_id] = member.group_id
            return None
        anew = self._asked_anew(taking, decided, states)
        waits = [member for member in known if states[member.group_id] == "open"]
        if anew and not any(taking.is_as(member.fingerprint) for member in waits):
            self.not_as_approved[taking.product_id] = anew
        asked = next(
            (member.reask_reason for member in waits if member.reask_reason), None
        )
        before = waits[0] if waits else None
        return replace(asking, reask_reason=anew or asked, before=before)

    def _asked_anew(
        self, taking: Removal, decided: Sequence[Member], states: Mapping[int, str]
    ) -> ReaskReason | None:
        """Return why no decision of people covers *taking*, if so."""
        if decided:
            return ReaskReason.CHANGED
        is_new = any(
            states[group.id] == "approved" and group.cause == taking.cause
            for group in self._groups.values()
        )
        return ReaskReason.NEW if is_new else None

    def allows(self, case: Case, planned: Planned) -> bool:
        """Say whether one change may be sent now."""
        if not needs_approval(case.evaluation, planned):
            return True
        taking = removal_of(case.evaluation)
        return taking is None or self._has_passed(taking)

    def _has_passed(self, taking: Removal) -> bool:
        """Say whether this very taking has passed: another one asks again."""
        known = (
            self._counted.get(taking.product_id),
            self._passed.get(taking.product_id),
        )
        return taking.fingerprint in known

    def stopped_of(self, asking: Iterable[RemovalRequest]) -> list[RemovalRequest]:
        """Return those that have asked and not passed."""
        return [each for each in asking if not self._has_passed(each.taking)]

    def approval_of(self, product_id: str) -> Group | None:
        """Return the group with which a person has let a product pass, if one has."""
        number = self._approved.get(product_id)
        return None if number is None else self._groups.get(number)

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
            start = now - self._deployment.budget.window
            await ledger.lock_budget(conn, self._site.name)
            done = await ledger.taken_since(conn, self._site.name, start, counted)
            if done + len(counted) > self._limit:
                found |= counted
        if approved := self._approved.keys() & product_ids:
            numbers = {self._approved[id_] for id_ in approved}
            valid = await held_groups.approved(conn, numbers, now)
            found |= {id_ for id_ in approved if self._approved[id_] not in valid}
        return found

    async def let_pass(
        self, conn: AsyncConnection, asking: Sequence[RemovalRequest], now: datetime
    ) -> list[HeldCause]:
        """Let removals pass that fit or were approved, without storing anything.

        Returns:
            The groups that do not fit; refused removals are in none.
        """
        return self.choose(await self._answered(conn, asking, now))

    async def weigh(
        self, conn: AsyncConnection, asking: Sequence[RemovalRequest], now: datetime
    ) -> list[RemovalRequest]:
        """Let approved removals pass; return the rest, to be chosen from.

        For more requests than memory holds: the content for a person is left out of
        each.
        """
        rest = await self._answered(conn, asking, now)
        return [replace(e, taking=replace(e.taking, seen=None)) for e in rest]

    def choose(self, asking: Sequence[RemovalRequest]) -> list[HeldCause]:
        """Let removals pass that fit; return the groups that do not."""
        return self._choose(asking)

    def _choose(
        self,
        asking: Sequence[RemovalRequest],
        must_ask: Collection[str] = (),
        elsewhere: Sequence[RemovalRequest] = (),
    ) -> list[HeldCause]:
        """Let removals pass that fit into the budget; return the groups that do not.

        A request *elsewhere* makes a group larger, and neither passes now nor is in the
        result.
        """
        open_to = [each for each in asking if each.refused is None]
        counted = [*open_to, *(each for each in elsewhere if each.refused is None)]
        anew = {each.taking.cause for each in counted if each.reask_reason}
        held = hold_groups(
            (each.taking for each in counted),
            allowance=self._allowance,
            vanishing=self._vanishing,
            must_ask=anew.union(must_ask),
        )
        self._let_pass(open_to, held)
        return _only(held, {each.taking.product_id for each in open_to})

    async def screen(
        self,
        conn: AsyncConnection,
        asking: Sequence[RemovalRequest],
        now: datetime,
        *,
        whole: bool,
        elsewhere: Sequence[RemovalRequest] = (),
    ) -> None:
        """Let groups pass that fit, and hold the others whole.

        Args:
            conn: A connection in a transaction.
            asking: The removal requests.
            now: The present instant, in UTC.
            whole: It is all that asks at this marketplace, so that groups that
                hold nothing any more can be closed.
            elsewhere: The requests at accounts that are not ready yet.
        """
        await self._know_groups(conn, locked=True)
        await self._reopen(conn, now)
        asked, asking = asking, await self._answered(conn, asking, now)
        elsewhere = await self._answered(conn, elsewhere, now)
        # A request in the midst of a run joins the group that is open.
        must_ask = () if whole else self._open_causes()
        held = self._choose(asking, must_ask, elsewhere)
        by_product = {each.taking.product_id: each for each in asking}
        numbers = {id_: each.refused for id_, each in by_product.items()}
        for cause in held:
            number = await self._hold(conn, cause, by_product, now, whole=whole)
            numbers |= dict.fromkeys(cause.product_ids, number)
        await self._mark(conn, asking, numbers)
        await self._release(conn, asked)
        if whole:
            await self.close(conn)

    async def _release(
        self, conn: AsyncConnection, asked: Sequence[RemovalRequest]
    ) -> None:
        """A removal that has passed is held no longer, though its call may fail."""
        passed = {e.taking.product_id for e in asked if self._has_passed(e.taking)}
        name, approved = self._site.name, self._approved.keys()
        await held_groups.release(conn, name, sorted(passed & approved), approved=True)
        await held_groups.release(conn, name, sorted(passed - approved), approved=False)

    async def _reopen(self, conn: AsyncConnection, now: datetime) -> None:
        """Ask anew about approved changes that were not sent in time.

        If a group is open for the same cause, its products join that one.
        """
        causes = self._open_causes()
        for group in list(self._groups.values()):
            if group.stands(now) != "ended":
                continue
            self.ended.add(group.id)
            if group.cause not in causes:
                causes.add(group.cause)
                await held_groups.reopen(conn, group.id)
                self._groups[group.id] = replace(group, state="open")

    async def close(self, conn: AsyncConnection) -> None:
        """Close groups of which nothing is left, so that they answer nothing new."""
        if self._groups:
            await held_groups.close_empty(conn, self._site.name)

    def _let_pass(
        self, asking: Iterable[RemovalRequest], held: Iterable[HeldCause]
    ) -> None:
        stopped = {id_ for group in held for id_ in group.product_ids}
        for each in asking:
            id_ = each.taking.product_id
            if id_ in stopped:
                continue
            if each.taking.cause == VANISHED:
                self._passed[id_] = each.taking.fingerprint
                self._vanishing -= 1  # each account of a marketplace asks by itself
            else:
                self._counted[id_] = each.taking.fingerprint
                self._allowance -= 1

    async def _hold(
        self,
        conn: AsyncConnection,
        cause: HeldCause,
        asking: Mapping[str, RemovalRequest],
        now: datetime,
        *,
        whole: bool,
    ) -> int:
        """Store a held group with its present members, and return its number."""
        number = self._open_group(cause) or await self._open(conn, cause, now)
        held = [
            Member(
                group_id=number,
                product_id=taking.product_id,
                kinds=taking.kinds,
                why=taking.why,
                fingerprint=taking.fingerprint,
                reask_reason=asking[taking.product_id].reask_reason,
                asked_at=_since(asking[taking.product_id], number, now),
            )
            for taking in cause.members
        ]
        news = [each for each in held if each != asking[each.product_id].before]
        await held_members.put(conn, news)
        if whole:
            await held_members.leave_out(conn, number, cause.product_ids)
        await held_groups.measure(conn, number)
        return number

    def _open_causes(self) -> set[str]:
        return {each.cause for each in self._groups.values() if each.state == "open"}

    def _open_group(self, cause: HeldCause) -> int | None:
        """Return the number of the group that is open for the same cause, if any."""
        for group in self._groups.values():
            if group.cause == cause.cause and group.state == "open":
                return group.id
        return None

    async def _open(
        self, conn: AsyncConnection, cause: HeldCause, now: datetime
    ) -> int:
        group = Group(
            marketplace=self._site.name,
            cause=cause.cause,
            hold=cause.hold,
            size=len(cause.members),
            checksum=cause.checksum,
            opened_at=now,
        )
        number = await held_groups.open_group(conn, group)
        self._groups[number] = replace(group, id=number)
        return number

    async def _mark(
        self,
        conn: AsyncConnection,
        asking: Sequence[RemovalRequest],
        numbers: Mapping[str, int | None],
    ) -> None:
        """Mark the held products: only changes that take nothing stay due."""
        stopped = {
            each.taking.product_id: each
            for each in asking
            if not self._has_passed(each.taking)
        }
        known = await records.load(conn, self._site.name, list(stopped))
        marked: list[Record] = []
        for id_, record in known.items():
            marked.append(
                replace(
                    record,
                    hold=hold_of(stopped[id_].taking.cause),
                    held_group=numbers[id_],
                    urgency=stopped[id_].harmless,
                )
            )
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


def _since(asking: RemovalRequest, group_id: int, now: datetime) -> datetime:
    """Return since when a product waits in that group."""
    before = asking.before
    return before.asked_at if before and before.group_id == group_id else now
