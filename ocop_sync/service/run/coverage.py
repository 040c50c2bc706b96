"""Count the listings on sale, and keep the count."""

from catalog.values import replace
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.store.listings import coverage, foreign_listings
from ocop_sync.store.listings.coverage import Coverage


async def take_snapshot(deployment: Deployment, site: Site) -> Coverage:
    """Count a marketplace, keep the figures, and return them."""
    figures = await figures_of(deployment, site)
    now = deployment.clock()
    await deployment.database.write(
        lambda conn: coverage.keep(conn, site.name, figures, now)
    )
    return figures


async def figures_of(deployment: Deployment, site: Site) -> Coverage:
    """Return the figures of a marketplace, as the last sync left them."""
    async with deployment.database.read() as conn:
        figures = await coverage.count(conn, site.name, deployment.clock())
        foreign = await foreign_listings.count(conn, list(site.accounts))
    simulated = site.adapter.capabilities.simulated
    return replace(figures, simulated=simulated, foreign=foreign)
