"""A producer's own products, on a phone: where each is on sale, or why it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import web
from pydantic import Field

from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import PRODUCERS
from ocop_sync.api.typed.values import Model
from ocop_sync.pages.navigation import OWN
from ocop_sync.pages.sale_words import Stand, stands_of
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.producer.own_products import OwnProduct, own_products

_SHOWN: Final = 10


class OwnQuery(Model):
    """Which products."""

    after: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Those behind this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A product as a card."""

    found: OwnProduct
    stands: Sequence[Stand]
    address: str


async def show_own(visit: Visit) -> web.Response:
    """Show some products of the producer, with how many are on sale of all."""
    chosen = visit.query(OwnQuery)
    found = await own_products(
        visit.deployment,
        reach=reach_of(visit.asker),
        after=chosen.after,
        size=_SHOWN,
    )
    values: Mapping[str, object] = {
        "found": found,
        "cards": [card_of(each) for each in found.shown],
        "producers": sorted(
            {each.entry[1].name for each in found.shown if each.entry[1]}
        ),
        "first": OWN if chosen.after else "",
        "following": f"{OWN}?{urlencode({'after': found.last})}" if found.last else "",
    }
    simulated = visit.deployment.simulated
    return visit.page("own_products.html", simulated=simulated, values=values)


def card_of(found: OwnProduct) -> Card:
    """Return a product as a card."""
    return Card(
        found=found,
        stands=stands_of(found.states.marketplaces),
        address=f"{OWN}/{found.entry[0].id}",
    )


PAGES: Final = (PageRoute("GET", OWN, PRODUCERS, show_own),)
