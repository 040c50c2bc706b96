"""Count the listings on sale."""

from typing import Any

from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.store.listings import coverage, foreign_listings


async def take_snapshot(deployment: Deployment, site: Site) -> dict[str, Any]:
    """Count a marketplace, keep the figures, and return them."""
    figures = await figures_of(deployment, site)
    now = deployment.clock()
    await deployment.database.write(
        lambda conn: coverage.keep(conn, site.name, figures, now)
    )
    return figures


async def figures_of(deployment: Deployment, site: Site) -> dict[str, Any]:
    """Return the figures of a marketplace, as the last sync left them."""
    async with deployment.database.read() as conn:
        figures = await coverage.count(conn, site.name, deployment.clock())
        figures["foreign"] = await foreign_listings.count(conn, list(site.accounts))
    simulated = site.adapter.capabilities.simulated
    certified, listed = figures["certified"], figures["listed"]
    share = round(listed / certified, 4) if certified else None
    return {"simulated": simulated, "share": share, **figures}
