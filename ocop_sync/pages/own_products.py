"""A producer's own products, on a phone: where each is on sale, or why it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import hdrs, web
from pydantic import Field

from catalog.pictures.kept import hash_in
from catalog.queries.worklists import Lack
from ocop_sync.api.access.reach import reach_of
from ocop_sync.api.access.roles import PRODUCERS
from ocop_sync.api.context import THUMBNAILS
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import NOT_FOUND
from ocop_sync.api.typed.values import Model
from ocop_sync.pages.navigation import OWN, OWN_PICTURE
from ocop_sync.pages.sale_words import LACKS, Stand, stands_of
from ocop_sync.pages.visit import PageRoute, Visit
from ocop_sync.service.producer.own_products import OwnProduct, own_products
from ocop_sync.service.producer.reminders import Reminders

_SHOWN: Final = 10
_KEPT: Final = "private, max-age=31536000, immutable"


class OwnQuery(Model):
    """Which products."""

    after: Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Those behind this one."""


class ThumbnailPath(Model):
    """Which picture."""

    picture: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """The SHA-256 of its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A product as a card."""

    found: OwnProduct
    stands: Sequence[Stand]
    address: str
    lacks: Sequence[Lack] = ()

    @property
    def tells_pause(self) -> bool:
        """Say whether what is told of marketplaces says that the sale is paused."""
        if any(each.is_going for each in self.stands):
            return True
        return all(each.is_paused for each in self.stands)

    @property
    def thumbnail(self) -> str:
        """Return the address of its leading picture; "" if that lies elsewhere."""
        pictures = self.found.entry[0].pictures
        hash_ = hash_in(pictures[0].url) if pictures else ""
        return OWN_PICTURE.format(picture=hash_) if hash_ else ""


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
        "cards": [card_of(each, found.reminders) for each in found.shown],
        "producers": sorted(
            {each.entry[1].name for each in found.shown if each.entry[1]}
        ),
        "reminders": found.reminders,
        "own": OWN,
        "lack_states": LACKS,
        "first": OWN if chosen.after else "",
        "following": f"{OWN}?{urlencode({'after': found.last})}" if found.last else "",
    }
    simulated = visit.deployment.simulated
    return visit.page("own_products.html", simulated=simulated, values=values)


def card_of(found: OwnProduct, reminders: Reminders) -> Card:
    """Return a product as a card, with the papers that are to be brought for it."""
    product = found.entry[0]
    lacks = [each for each in reminders.lacks if each.product_id == product.id]
    papers = {each.rule for each in lacks}
    return Card(
        found=found,
        stands=stands_of(found.states.marketplaces, papers),
        address=f"{OWN}/{product.id}",
        lacks=lacks,
    )


async def show_thumbnail(visit: Visit) -> web.StreamResponse:
    """Show a picture of a product of the producer, as small as its card has it."""
    hash_ = visit.path(ThumbnailPath).picture
    thumbnails = visit.request.app[THUMBNAILS]
    database = visit.deployment.database
    content = await thumbnails.of(database, hash_, reach_of(visit.asker))
    if content is None:
        raise ProblemError(NOT_FOUND)
    headers = {hdrs.CACHE_CONTROL: _KEPT}
    return web.Response(body=content, content_type="image/jpeg", headers=headers)


PAGES: Final = (PageRoute("GET", OWN, PRODUCERS, show_own),)

FILES: Final = (PageRoute("GET", OWN_PICTURE, PRODUCERS, show_thumbnail),)
"""What these pages refer to, and is no page."""
