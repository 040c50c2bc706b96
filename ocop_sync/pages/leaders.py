"""The first page, for one minute: how many of how many, at each marketplace."""

from typing import Final

from aiohttp import web

from ocop_sync.api.access.roles import VIEWERS
from ocop_sync.pages.navigation import HOME
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.queries.coverage_figures import coverage_of

SHOWN: Final = ("certified", "listable", "listed")
"""The figures of the first page, each part of the one before."""


async def show_leaders(visit: Visit) -> web.Response:
    """Show the figures of now."""
    found = await coverage_of(visit.deployment)
    values = {"found": found, "names": SHOWN}
    return visit.page("leaders.html", simulated=found.simulated, values=values)


PAGES: Final = (PageRoute("GET", HOME, VIEWERS, show_leaders),)
