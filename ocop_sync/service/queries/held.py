"""Changes that wait for a person: groups above the budget, and single products."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocop_sync.service.decisions import held_groups
from ocop_sync.service.decisions.held_groups import HeldGroup, NamedMember, Spent
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.explain import Explained, each_unsold
from ocop_sync.service.run.overdue import AllOverdue, overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class AllHeld:
    """All that waits for a person: groups by number, products each by itself.

    `overdue` are listings on sale that should not be so, `budgets` by marketplace.
    """

    simulated: bool
    overdue: AllOverdue
    budgets: Mapping[str, Spent]
    groups: Sequence[HeldGroup]
    products: Sequence[Explained]

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return {
            "simulated": self.simulated,
            **self.overdue.json_form(),
            "budgets": self.budgets,
            "groups": self.groups,
            "products": self.products,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAndMembers:
    """One group, with the budget of its marketplace where that is set up.

    The pages of its members, by product, are read as they are asked for.
    """

    simulated: bool
    group: HeldGroup
    spent: Spent | None
    pages: AsyncIterator[list[NamedMember]]

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values; the members come one by one."""
        return {
            "simulated": self.simulated,
            "group": self.group,
            "members": self.members(),
        }

    async def members(self) -> AsyncIterator[NamedMember]:
        """Yield its members by product."""
        async for page in self.pages:
            for each in page:
                yield each


async def all_held(deployment: Deployment) -> AllHeld:
    """Return all that waits for a person."""
    return AllHeld(
        simulated=deployment.simulated,
        overdue=await overdue(deployment),
        groups=await held_groups.held_groups(deployment),
        budgets=await held_groups.spent(deployment),
        products=[row async for row in each_unsold(deployment) if row.hold],
    )


async def group_and_members(deployment: Deployment, group_id: int) -> GroupAndMembers:
    """Return one group with its members.

    Raises:
        PlanError: There is none that is not closed.
    """
    group = await held_groups.held_group(deployment, group_id)
    budgets = await held_groups.spent(deployment)
    return GroupAndMembers(
        simulated=deployment.simulated,
        group=group,
        spent=budgets.get(group.group.marketplace),
        pages=held_groups.members_of(deployment, group_id),
    )
