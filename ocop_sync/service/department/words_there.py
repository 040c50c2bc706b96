"""What marketplaces have said on products that they refuse, for a page of work."""

from collections.abc import Collection, Mapping

from catalog.db import reader
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.explain import REFUSALS, Explained, explain

Subject = tuple[str, str]
"""A marketplace, and a product there."""


async def words_there(
    deployment: Deployment, subjects: Collection[Subject]
) -> Mapping[Subject, tuple[str, ...]]:
    """Return the marketplace's own words on each subject that it has refused.

    They are fit to be shown (`Problem`). A marketplace that is no longer set says
    nothing.
    """
    there = {site.name for site in deployment.sites}
    found: dict[Subject, tuple[str, ...]] = {}
    for name in sorted({place for place, _ in subjects if place in there}):
        ids = sorted(id_ for place, id_ in subjects if place == name)
        entries = await deployment.database.fetch(reader.get, ids)
        for each in await explain(deployment, name, list(entries.values())):
            said = tuple(problem.message for problem in each.said if problem.message)
            found[name, each.entry[0].id] = said
    return found


async def refused_there(
    deployment: Deployment, marketplace: str, product_ids: Collection[str]
) -> list[Explained]:
    """Return those of some products of which a marketplace refuses something, by id.

    A marketplace that is no longer set refuses nothing.
    """
    if marketplace not in {site.name for site in deployment.sites}:
        return []
    ids = sorted(set(product_ids))
    entries = await deployment.database.fetch(reader.get, ids)
    found = await explain(deployment, marketplace, list(entries.values()))
    refused = [each for each in found if each.hold in REFUSALS]
    return sorted(refused, key=lambda each: each.entry[0].id)
