"""The held groups of a marketplace on which people decide, kept as they are stored.

`ocop_sync.service.run.approval_gate` decides which removals pass, and which are held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from ocop_sync.engine.approval.budget import HeldCause, Removal
from ocop_sync.engine.approval.review import ReaskReason
from ocop_sync.service.notices.record import record_group
from ocop_sync.store.decisions import held_groups, held_members
from ocop_sync.store.decisions.held_groups import Group
from ocop_sync.store.decisions.held_members import Member


@dataclass(frozen=True, slots=True)
class RemovalRequest:
    """A product from which something would be taken, before the gate.

    Attributes:
        harmless: Urgency of the first change that takes nothing, if any.
        refused: The group that a person has refused with just this, if any.
        reask_reason: Why a person is asked once more, if so: it is held under any
            budget.
        before: How it waits already, if it does.
    """

    removal: Removal
    harmless: int | None
    refused: int | None = None
    reask_reason: ReaskReason | None = None
    before: Member | None = None

    @property
    def product_id(self) -> str:
        """Return the product's id."""
        return self.removal.product_id


class StandingGroups:
    """The groups of one marketplace that are open, approved or refused.

    Attributes:
        ended: Groups whose approval has ended before all was sent.

    Args:
        marketplace: The marketplace.
        told_by: The ways by which it is told that a group waits.
        simulated: It is a mock.
    """

    def __init__(
        self,
        marketplace: str,
        told_by: Sequence[str] = (),
        *,
        simulated: bool = False,
    ) -> None:
        self.ended: set[int] = set()
        self._marketplace = marketplace
        self._told_by = told_by
        self._simulated = simulated
        self._groups: dict[int, Group] = {}

    async def read(self, conn: AsyncConnection, *, locked: bool = False) -> None:
        """Read the groups and the decisions on them; lock them if they may change."""
        found = await held_groups.standing(conn, self._marketplace, locked=locked)
        self._groups = {group.id: group for group in found}

    @property
    def are_there(self) -> bool:
        """Say whether any group stands."""
        return bool(self._groups)

    def states(self, now: datetime) -> dict[int, str]:
        """Return the state of each group, by number."""
        return {id_: group.stands(now) for id_, group in self._groups.items()}

    def get(self, number: int | None) -> Group | None:
        """Return a group that stands; None if there is none of that number."""
        return None if number is None else self._groups.get(number)

    def causes(self, state: str, now: datetime) -> set[str]:
        """Return the causes for which a group stands in *state*."""
        return {g.cause for g in self._groups.values() if g.stands(now) == state}

    async def members(
        self, conn: AsyncConnection, product_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Member]]:
        """Return the members of these groups, by product."""
        found: dict[str, list[Member]] = {}
        if self._groups and product_ids:
            for each in await held_members.of_products(conn, self._groups, product_ids):
                found.setdefault(each.product_id, []).append(each)
        return found

    async def reopen(self, conn: AsyncConnection, now: datetime) -> None:
        """Ask anew about approved changes that were not sent in time.

        If a group is open for the same cause, its products join that one.
        """
        causes = self.causes("open", now)
        for group in list(self._groups.values()):
            if group.stands(now) != "ended":
                continue
            self.ended.add(group.id)
            if group.cause not in causes:
                causes.add(group.cause)
                await held_groups.reopen(conn, group.id)
                self._groups[group.id] = replace(group, state="open")

    async def close_empty(self, conn: AsyncConnection) -> None:
        """Close groups of which nothing is left, so that they answer nothing new."""
        if self._groups:
            await held_groups.close_empty(conn, self._marketplace)

    async def hold(
        self,
        conn: AsyncConnection,
        cause: HeldCause,
        requests: Mapping[str, RemovalRequest],
        now: datetime,
        *,
        whole: bool,
    ) -> int:
        """Store a held group with its present members, and return its number.

        *whole*: products that are not in *cause* do not ask any more.
        """
        number = self._open_group(cause) or await self._open(conn, cause, now)
        held = [
            Member(
                group_id=number,
                product_id=removal.product_id,
                kinds=removal.kinds,
                why=removal.why,
                fingerprint=removal.fingerprint,
                reask_reason=requests[removal.product_id].reask_reason,
                asked_at=_since(requests[removal.product_id], number, now),
            )
            for removal in cause.members
        ]
        news = [each for each in held if each != requests[each.product_id].before]
        await held_members.put(conn, news)
        if whole:
            await held_members.leave_out(conn, number, cause.product_ids)
        await held_groups.measure(conn, number)
        return number

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
            marketplace=self._marketplace,
            cause=cause.cause,
            hold=cause.hold,
            size=len(cause.members),
            checksum=cause.checksum,
            opened_at=now,
        )
        number = await held_groups.open_group(conn, group)
        self._groups[number] = opened = replace(group, id=number)
        await record_group(conn, self._told_by, opened, simulated=self._simulated)
        return number


def _since(request: RemovalRequest, group_id: int, now: datetime) -> datetime:
    """Return since when a product waits in that group."""
    before = request.before
    return before.asked_at if before and before.group_id == group_id else now
