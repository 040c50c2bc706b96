"""A kept plan as a person reads it: what it takes from buyers first, then the rest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ocop_sync.service.deployment import Deployment
from ocop_sync.service.plan.kept_plans import (
    SeenPlan,
    confirmation_of,
    see_plan,
)
from ocop_sync.store.decisions import plans
from ocop_sync.store.decisions.plans import PlanChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPart:
    """Some changes of a plan; *last* is the place to go on from, if any."""

    changes: Sequence[PlanChange]
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanToDecide:
    """A plan as somebody decides on it.

    Attributes:
        plan: The plan.
        confirmation: Confirms what just this plan takes from buyers.
        taken: From how many products or producers it takes what, by marketplace and
            kind of change.
        changes: Some of the changes that do.
    """

    plan: SeenPlan
    confirmation: str
    taken: Mapping[tuple[str, str], int]
    changes: ChangesPart


async def changes_that(
    deployment: Deployment, number: int, *, take: bool, after: int, size: int
) -> ChangesPart:
    """Return *size* changes of a plan after a place, in the order in which they go.

    They are those that take something from buyers, or all others.
    """
    read = partial(
        plans.changes_page, plan_id=number, after=after, size=size + 1, takes=take
    )
    found = await deployment.database.fetch(read)
    last = found[size - 1].n if len(found) > size else None
    return ChangesPart(changes=found[:size], last=last)


async def plan_to_decide(
    deployment: Deployment, number: int, *, after: int, size: int
) -> PlanToDecide:
    """Return a plan with what it takes from buyers, and *size* of those changes.

    Raises:
        NoSuchPlanError: There is none of that number.
    """
    plan = (await see_plan(deployment, number, size=0)).plan
    removed = await deployment.database.fetch(plans.removed, number)
    taken = Counter[tuple[str, str]]()
    for each in removed:
        taken[each.marketplace, each.kind] += each.products
    return PlanToDecide(
        plan=plan,
        confirmation=confirmation_of(plan.row),
        taken=taken,
        changes=await changes_that(
            deployment, number, take=True, after=after, size=size
        ),
    )
