"""What has come of a product's prices and counts, for a page that asks again by itself.

Without a script nobody asks: the page has a link to itself.
"""

from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import PRODUCERS
from ocop_sync.api.typed.values import Identifier, Model
from ocop_sync.pages.navigation import OWN
from ocop_sync.pages.sale_progress import WAITS_S, next_wait, progress_of
from ocop_sync.pages.sale_words import ARRIVALS
from ocop_sync.pages.visit import PageRoute, Visit, see
from ocop_sync.service.producer.own_products import own_product

PROGRESS: Final = f"{OWN}/{{code}}/progress"


class ProgressPath(Model):
    """Of which product."""

    code: Identifier
    """Its code."""


class ProgressQuery(Model):
    """What the page that asks knows."""

    step: Annotated[int, Field(ge=1, le=len(WAITS_S))] = len(WAITS_S)
    """The how-manieth time it asks."""
    seen: Annotated[str, Field(pattern="^(?:[0-9a-f]{16})?$")] = ""
    """The digest of what it shows; "" for nothing."""


async def show_progress(visit: Visit) -> web.StreamResponse:
    """Tell what has changed since, and when to ask again."""
    code, asked = visit.path(ProgressPath).code, visit.query(ProgressQuery)
    reach = reach_of(visit.asker)
    found = await own_product(visit.deployment, code, reach=reach)
    product = found.entry[0]
    address = f"{OWN}/{product.id}"
    if not visit.is_part:
        return see(address)
    progress = progress_of(found.states)
    values = {
        "progress": progress,
        "is_other": progress.digest != asked.seen,
        "step": asked.step + 1,
        "wait_s": next_wait(progress, asked.step),
        "skus": [each.sku for each in product.variants],
        "arrivals": ARRIVALS,
        "address": address,
    }
    return visit.page("progress_part.html", values=values)


PARTS: Final = (PageRoute("GET", PROGRESS, PRODUCERS, show_progress),)
"""Parts of pages, which are no pages themselves."""
