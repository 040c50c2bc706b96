"""The certified products for everybody: there only while `serve.public_figures` is on.

Nobody signs in, and a session is not looked at: what is shown is the same for all, so
whoever stands between may keep it for a minute. Visits are limited by address.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import urlencode

from aiohttp import hdrs, web
from pydantic import Field

from ocop_sync.api.access.browsers import Browsers
from ocop_sync.api.context import DEPLOYMENT, LONG_WORK
from ocop_sync.api.typed.answering import conditional
from ocop_sync.api.typed.file_sending import saved_as
from ocop_sync.api.typed.problem import Language
from ocop_sync.api.typed.reading import read_query
from ocop_sync.api.typed.values import WHOLE, Model
from ocop_sync.pages.figure_words import (
    PART_WORDS,
    known_parts,
    marketplace_name,
    part_words,
)
from ocop_sync.pages.filters import Filter, filter_of, narrowed_address
from ocop_sync.pages.navigation import PUBLIC
from ocop_sync.pages.public_data import linked_data, products_table
from ocop_sync.pages.rendering import Head, html_response, rendered
from ocop_sync.pages.visit import Handler, in_chosen_language, see
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import Dimension
from ocop_sync.service.queries.public_products import (
    PublicFilter,
    count_public_products,
    marketplaces_to_buy_at,
    public_products,
)

TABLE: Final = f"{PUBLIC}/products.csv"
DATA: Final = f"{PUBLIC}/products"
"""The same products, as the API tells them."""

_SIZE: Final = 50
"""Products of one page."""
_KEPT_S: Final = 60
"""Seconds for which answers are kept, here and by whoever stands between."""
_HEADERS: Final[Mapping[str, str]] = {
    hdrs.CACHE_CONTROL: f"public, max-age={_KEPT_S}",
    # The language is that of a cookie.
    hdrs.VARY: f"{hdrs.ACCEPT_ENCODING}, {hdrs.COOKIE}",
}

Code = Annotated[str, Field(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]


class PublicQuery(Model):
    """Which products."""

    q: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Words of their names."""
    commune: Code | None = None
    """Only of this commune; empty of those of no known one."""
    stars: Annotated[int, Field(ge=0, le=5), WHOLE] | None = None
    """Only with so many stars."""
    after: Code = ""
    """The last product of the page before."""

    def chosen(self) -> PublicFilter:
        """Return the filter that is asked for."""
        return PublicFilter(text=self.q, commune=self.commune, stars=self.stars)

    def address(self, **more: str) -> str:
        """Return the address of the first page of this list, or with *more*."""
        values = self.model_dump(exclude={"after"}, exclude_defaults=True) | more
        return f"{PUBLIC}?{urlencode(values)}" if values else PUBLIC


@dataclass(slots=True)
class _KeptTable:
    """A table, and when it was made, in seconds of the deployment."""

    content: bytes
    made_at: float


@dataclass(frozen=True, slots=True)
class PublicPages:
    """The pages for everybody.

    Attributes:
        browsers: What tells their language, and how often they may ask.
        tables: The table of each language, as it was made last.
        making: Held while one is made: many who ask at once wait for the same one.
    """

    browsers: Browsers
    tables: dict[Language, _KeptTable] = field(default_factory=dict)
    making: asyncio.Lock = field(default_factory=asyncio.Lock)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of all pages."""
        return [
            web.get(PUBLIC, self._limited(self.show_products)),
            web.get(TABLE, self._limited(self.send_table)),
        ]

    async def show_products(self, request: web.Request) -> web.StreamResponse:
        """Show the certified products that are looked for."""
        if address := narrowed_address(request, texts=("q",)):
            return see(address)
        query = read_query(request, PublicQuery)
        assert query is not None  # noqa: S101  (there is a model)
        deployment, chosen = request.app[DEPLOYMENT], query.chosen()
        language = self.browsers.cookies.language_in(request)
        found = await public_products(
            deployment, chosen=chosen, after=query.after, size=_SIZE
        )
        communes = deployment.communes
        values = {
            "query": query,
            "narrows": query.address() != PUBLIC,
            "total": await count_public_products(deployment, chosen),
            "rows": [
                (
                    each,
                    part_words(Dimension.COMMUNE, each.commune, communes),
                    ", ".join(map(marketplace_name, each.sold_at)),
                )
                for each in found.products
            ],
            "sells": bool(marketplaces_to_buy_at(deployment)),
            "filters": _filters(deployment, query),
            "first": query.address() if query.after else "",
            "following": query.address(after=found.last) if found.last else "",
            "linked_data": linked_data(found.products, language, communes),
            "address": PUBLIC,
            "table_address": TABLE,
            "data": DATA,
        }
        head = Head(
            language=language,
            address=request.path_qs,
            home=PUBLIC,
            simulated=found.simulated,
        )
        text = rendered("public.html", head, values)
        return conditional(html_response(request, text, headers=_HEADERS), request)

    async def send_table(self, request: web.Request) -> web.StreamResponse:
        """Send all certified products as a table."""
        language = self.browsers.cookies.language_in(request)
        headers = {
            **_HEADERS,
            hdrs.CONTENT_TYPE: "text/csv; charset=utf-8",
            hdrs.CONTENT_DISPOSITION: saved_as("san-pham-ocop.csv"),
        }
        content = await self._table(request, language)
        return conditional(web.Response(body=content, headers=headers), request)

    async def _table(self, request: web.Request, language: Language) -> bytes:
        """Return the table in *language*; it is made once a minute, whoever asks."""
        seconds = request.app[DEPLOYMENT].time
        async with self.making:
            kept = self.tables.get(language)
            if kept is None or seconds() - kept.made_at >= _KEPT_S:
                made_at = seconds()
                content = await request.app[LONG_WORK].do(products_table, language)
                kept = self.tables[language] = _KeptTable(content, made_at)
        return kept.content

    def _limited(self, handler: Handler) -> Handler:
        async def limited(request: web.Request) -> web.StreamResponse:
            self.browsers.let_in(request)
            return await handler(request)

        return in_chosen_language(limited, self.browsers)


def _filters(deployment: Deployment, query: PublicQuery) -> list[Filter]:
    communes = deployment.communes
    return [
        filter_of(
            by.value,
            PART_WORDS[by],
            [
                (str(part), part_words(by, part, communes))
                for part in known_parts(by, communes)
            ],
            getattr(query, by.value),
        )
        for by in (Dimension.COMMUNE, Dimension.STARS)
    ]
