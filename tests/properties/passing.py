"""What a sync passes over is what the long way finds settled, case by case."""

from catalog.progress import no_progress
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.case import Case, freshness_of
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.run.evaluate_all import unsettled_pages
from ocop_sync.service.run.settled_ranges import ranges_of


async def ensure_none_is_missed(deployment: Deployment) -> None:
    """See that a walk by ranges hands on the same cases as one without, now."""
    short, full = await both_ways(deployment)
    assert short == full


async def both_ways(
    deployment: Deployment,
) -> tuple[dict[tuple[str, str], Case], dict[tuple[str, str], Case]]:
    """Return the cases of a walk by ranges, and of one without, over one state."""
    deployment = await as_decided(deployment)
    sites, now = deployment.sites, deployment.clock()
    keys = [key for site in sites for key in site.accounts]
    found: list[dict[tuple[str, str], Case]] = []
    async with deployment.database.read() as conn:
        evaluator = Evaluator(deployment, await freshness_of(conn, keys), now)
        for ranges in (await ranges_of(conn, deployment, sites, now), None):
            pages = unsettled_pages(conn, deployment, evaluator, no_progress, ranges)
            cases = {
                (site.name, case.product_id): case
                async for site, some in pages
                for case in some
            }
            found.append(cases)
    return found[0], found[1]
