"""The groups above the budget, as a person sees them."""

from collections.abc import Sequence

from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.held import held_groups
from ocop_sync.store.decisions.held_groups import Group


async def list_held(deployment: Deployment) -> list[tuple[Group, Sequence[str]]]:
    """Return each group with its first products."""
    return [
        (each.group, [member.product_id for member in each.first])
        for each in await held_groups(deployment)
    ]
