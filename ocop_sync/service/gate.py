"""Let pass what may be taken from buyers now, and hold the rest for a person.

One gate for each marketplace and run. What the budget is and how groups are
held is decided in `ocop_sync.engine.safety`; here it meets what was done in
the last 24 hours and what people have approved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.diff import Planned
from ocop_sync.engine.safety import (
    VANISHED,
    HeldCause,
    Taking,
    hold_groups,
    hold_of,
    is_exempt,
    taking_of,
)
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.judging import Case, urgency_of
from ocop_sync.store import counts, groups, ledger, records
from ocop_sync.store.groups import Group
from ocop_sync.store.records import Record


@dataclass(frozen=True, slots=True)
class Asking:
    """A product from which something would be taken, before the gate.

    Attributes:
        taking: What would be taken.
        harmless: Urgency of the first change that takes nothing, if any.
        group: The group that held it before, if any.
    """

    taking: Taking
    harmless: int | None
    group: int | None


class Gate:
    """What may pass at one marketplace, in one run.

    Args:
        deployment: What it works with.
        site: The marketplace.
    """

    def __init__(self, deployment: Deployment, site: Site) -> None:
        self._deployment = deployment
        self._site = site
        self._allowance = 0
        self._limit = 0
        self._vanishing = 0
        self._groups: list[Group] = []
        self._counted: dict[str, str] = {}
        self._passed: dict[str, str] = {}

    async def prepare(self, conn: AsyncConnection, now: datetime) -> None:
        """Read what was done in the window, and what people decided."""
        budget, name = self._deployment.budget, self._site.name
        start = now - budget.window
        taken = await ledger.taken_since(conn, name, start)
        live = await counts.live_at(conn, name, start)
        self._limit = budget.allowance(live)
        self._allowance = self._limit - taken
        self._vanishing = budget.vanishing(await counts.live_now(conn, name))
        self._groups = await groups.standing(conn, name)

    def all_asking(self, cases: Iterable[Case], now: datetime) -> list[Asking]:
        """Return what *cases* ask of the gate."""
        return [ask for case in cases if (ask := self.asking(case, now))]

    def asking(self, case: Case, now: datetime) -> Asking | None:
        """Return what *case* asks of the gate; None if it may pass as it is."""
        product_id = case.record.state.product_id
        taking = taking_of(case.judgement)
        if taking is None or self._has_passed(taking):
            return None
        budget = self._deployment.budget
        if is_exempt(case.judgement, case.record.ends_seen_at, now, budget):
            self._passed[product_id] = taking.content
            return None
        group = self._group_of(case.record.held_group, taking.cause)
        if group in self._ids("approved", now):
            self._passed[product_id] = taking.content
            return None
        harmless = [each for each in case.judgement.changes if not each.takes]
        if taking.cause == VANISHED:
            harmless = []
        return Asking(taking, urgency_of(harmless), group)

    def _group_of(self, number: int | None, cause: str) -> int | None:
        """Return a group by its number, if it is about *cause*."""
        for group in self._groups:
            if group.id == number and group.cause == cause:
                return number
        return None

    def allows(self, case: Case, planned: Planned) -> bool:
        """Say whether one change may be sent now."""
        taking = taking_of(case.judgement)
        if taking is None or not (planned.takes or taking.cause == VANISHED):
            return True
        return self._has_passed(taking)

    def _has_passed(self, taking: Taking) -> bool:
        """Say whether this very taking has passed: another one asks again."""
        known = (
            self._counted.get(taking.product_id),
            self._passed.get(taking.product_id),
        )
        return taking.content in known

    def is_in_budget(self, product_id: str) -> bool:
        """Say whether what is taken of a product counts against the budget."""
        return product_id in self._counted

    async def fits(
        self, conn: AsyncConnection, product_ids: Iterable[str], now: datetime
    ) -> bool:
        """Say whether what is taken of some products still fits the budget.

        Asked in the transaction that writes the intents down: another run at
        another account of this marketplace may have taken something since.
        """
        counted = self._counted.keys() & set(product_ids)
        if not counted:
            return True
        start = now - self._deployment.budget.window
        done = await ledger.taken_since(conn, self._site.name, start, counted)
        return done + len(counted) <= self._limit

    def let_pass(self, asking: Sequence[Asking], now: datetime) -> list[HeldCause]:
        """Let pass what fits, without storing anything.

        Returns:
            The groups that do not fit; what was refused before is in none.
        """
        refused = self._ids("refused", now)
        open_to = [each for each in asking if each.group not in refused]
        held = hold_groups(
            (each.taking for each in open_to),
            allowance=self._allowance,
            vanishing=self._vanishing,
        )
        self._let_pass(open_to, held)
        return held

    async def screen(
        self,
        conn: AsyncConnection,
        asking: Sequence[Asking],
        now: datetime,
        *,
        whole: bool,
    ) -> None:
        """Let groups pass that fit, and hold the others whole.

        Args:
            conn: A connection in a transaction.
            asking: What asks to pass.
            now: The present instant, in UTC.
            whole: It is all that asks at this marketplace, so that groups that
                hold nothing any more can be closed.
        """
        held = self.let_pass(asking, now)
        numbers = {each.taking.product_id: each.group for each in asking}
        for group in held:
            number = await self._hold(conn, group, now, whole=whole)
            numbers |= dict.fromkeys(group.product_ids, number)
        await self._mark(conn, asking, numbers)
        if whole:
            await groups.close_empty(conn, self._site.name)

    def _let_pass(self, asking: Iterable[Asking], held: Iterable[HeldCause]) -> None:
        stopped = {id_ for group in held for id_ in group.product_ids}
        for each in asking:
            id_ = each.taking.product_id
            if id_ in stopped:
                continue
            if each.taking.cause == VANISHED:
                self._passed[id_] = each.taking.content
            else:
                self._counted[id_] = each.taking.content
                self._allowance -= 1

    async def _hold(
        self, conn: AsyncConnection, cause: HeldCause, now: datetime, *, whole: bool
    ) -> int:
        """Store a held group, as what it holds now, and return its number."""
        for group in self._groups:
            if group.cause == cause.cause and group.state == "open":
                if whole:
                    await groups.change_group(conn, group.id, cause)
                return group.id
        group = Group(
            marketplace=self._site.name,
            cause=cause.cause,
            hold=cause.hold,
            size=len(cause.product_ids),
            checksum=cause.checksum,
            opened_at=now,
        )
        number = await groups.open_group(conn, group)
        self._groups.append(replace(group, id=number))
        return number

    async def _mark(
        self,
        conn: AsyncConnection,
        asking: Sequence[Asking],
        numbers: dict[str, int | None],
    ) -> None:
        """Mark what is held: only what takes nothing stays due."""
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

    def _ids(self, state: str, now: datetime) -> set[int]:
        return {
            group.id
            for group in self._groups
            if group.state == state
            and (group.approved_until is None or group.approved_until > now)
        }
