"""Answer the calls of Mock P: REST with honest status codes.

The effect of a call is decided in `state`, the form of its body in `content` and
`bodies`.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.postmart.mock import bodies, content, moderation
from adapters.postmart.mock.checks import parse_form, parse_number, parse_object
from adapters.postmart.mock.refusal import Problem, RefusalError, no_track, problem
from adapters.postmart.mock.rows import Ended, Product
from adapters.postmart.mock.state import Shop
from adapters.postmart.mock.tokens import Tokens
from ocop_sync.testing.mocks.call_log import note_applied
from ocop_sync.testing.mocks.fault_actions import PAGE_SIZE
from ocop_sync.testing.mocks.pictures import Pictures

PER_PAGE = 20
MAX_PER_PAGE = 50
MAX_ITEMS = 50
MAX_EVENTS = 200
MAX_KEY = 200
"""Characters of an Idempotency-Key."""

WRITES = frozenset(
    {
        "submit_product",
        "cancel_request",
        "set_content",
        "set_prices",
        "set_inventory",
        "set_claim",
        "clear_claim",
        "unpublish",
        "publish",
        "put_seller",
        "stop_seller",
    }
)
"""Operations that write."""

_PRIVATE = frozenset(
    {
        "flaws",
        "once_approved",
        "submitted",
        "due",
        "by_hand",
        "api_writes",
        "key",
        "digest",
    }
)


class Api:
    """The handlers."""

    def __init__(self, shop: Shop, tokens: Tokens, pictures: Pictures) -> None:
        self._shop = shop
        self._tokens = tokens
        self._pictures = pictures

    def routes(self) -> list[web.RouteDef]:
        """Return every route; its name is the name of its operation."""
        product = "/v1/products/{id:[0-9]+}"
        return [
            web.post("/oauth2/token", self.token, name="token"),
            web.post("/v1/product-requests", self.submit, name="submit_product"),
            web.post(
                "/v1/product-requests/{track_id}/cancel",
                self.cancel,
                name="cancel_request",
            ),
            _get("/v1/tracking", self.track_many, name="track"),
            _get("/v1/tracking/{track_id}", self.track_one, name="track_one"),
            _get("/v1/products", self.list_products, name="list_products"),
            web.put(f"{product}/content", self.set_content, name="set_content"),
            web.patch(f"{product}/prices", self.set_prices, name="set_prices"),
            web.post(f"{product}/inventory", self.set_inventory, name="set_inventory"),
            web.put(f"{product}/ocop-claim", self.set_claim, name="set_claim"),
            web.delete(f"{product}/ocop-claim", self.clear_claim, name="clear_claim"),
            web.post(f"{product}/unpublish", self.unpublish, name="unpublish"),
            web.post(f"{product}/publish", self.publish, name="publish"),
            web.put("/v1/sellers/{client_ref}", self.put_seller, name="put_seller"),
            web.post(
                "/v1/sellers/{client_ref}/stop", self.stop_seller, name="stop_seller"
            ),
            _get("/v1/events", self.events, name="events"),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """Sign a client in."""
        return web.json_response(self._tokens.issue(parse_form(await request.read())))

    async def submit(self, request: web.Request) -> web.Response:
        """Take a product in for review."""
        body = await request.read()
        row = content.submission_of(parse_object(body))
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > MAX_KEY:
            message = f"Idempotency-Key dài quá {MAX_KEY} ký tự."
            raise RefusalError(422, problem("too_long", message, "Idempotency-Key"))
        digest = hashlib.sha256(body).hexdigest()
        flaws = await self._flaws(row["images"])
        product = self._shop.submit(row, key, digest, flaws)
        return self._in_review(request, product)

    async def cancel(self, request: web.Request) -> web.Response:
        """End a review; a listing that came of it meanwhile goes down as well."""
        track_id = request.match_info["track_id"]
        track = self._shop.track(track_id)
        if track is None:
            raise no_track()
        product = self._shop.products.get(str(track["product_id"]))
        if product is None or product["track_id"] != track_id:
            return web.json_response(
                {"id": track["product_id"], "state": track["state"], "version": 0}
            )
        self._shop.unpublish(product)
        return self._changed(request, product)

    async def track_many(self, request: web.Request) -> web.Response:
        """Tell how reviews stand; unknown ones are left out."""
        track_ids = _items(request.query, "ids")
        tracks = {each: self._shop.track(each) for each in track_ids}
        found = [_track(each, track) for each, track in tracks.items() if track]
        return web.json_response({"data": found})

    async def track_one(self, request: web.Request) -> web.Response:
        """Tell how one review stands."""
        track_id = request.match_info["track_id"]
        if track := self._shop.track(track_id):
            return web.json_response(_track(track_id, track))
        raise no_track()

    async def list_products(self, request: web.Request) -> web.Response:
        """Return one page of products, of all or of those asked for."""
        page = parse_number(request.query, "page", 1, 1)
        most = request.get(PAGE_SIZE, MAX_PER_PAGE)
        per_page = min(parse_number(request.query, "per_page", PER_PAGE, 1), most)
        chosen = self._chosen(request.query)
        start = (page - 1) * per_page
        shown = chosen[start : start + per_page]
        paging = {
            "total": len(chosen),
            "current_page": page,
            "from": start + 1 if shown else 0,
            "to": start + len(shown) if shown else 0,
            "per_page": per_page,
            "last_page": max(1, -(-len(chosen) // per_page)),
        }
        data = [self._shown(product) for product in shown]
        return web.json_response({"data": data, "paging": paging})

    async def set_content(self, request: web.Request) -> web.Response:
        """Change content; a rejected product is submitted again by that."""
        self._product(request)
        shown = content.content_of(parse_object(await request.read()))
        flaws = await self._flaws(shown.get("images", []))
        product = self._product(request)  # it may be gone by now
        self._shop.set_content(product, shown, flaws)
        if product["state"] == "in_review":
            return self._in_review(request, product)
        return self._changed(request, product)

    async def set_prices(self, request: web.Request) -> web.Response:
        """Change prices."""
        product = self._product(request)
        prices = bodies.prices_of(parse_object(await request.read()))
        self._shop.set_prices(product, prices)
        return self._changed(request, product)

    async def set_inventory(self, request: web.Request) -> web.Response:
        """Set absolute quantities."""
        product = self._product(request)
        quantities = bodies.quantities_of(parse_object(await request.read()))
        self._shop.set_quantities(product, quantities)
        return self._changed(request, product)

    async def set_claim(self, request: web.Request) -> web.Response:
        """Set the claim of OCOP stars."""
        product = self._product(request)
        claim = content.claim_of(parse_object(await request.read()))
        self._shop.set_claim(product, claim)
        return self._changed(request, product)

    async def clear_claim(self, request: web.Request) -> web.Response:
        """Clear the claim of OCOP stars."""
        product = self._product(request)
        self._shop.set_claim(product, None)
        return self._changed(request, product)

    async def unpublish(self, request: web.Request) -> web.Response:
        """Take from sale, or end the review."""
        product = self._product(request)
        bodies.reason_of(parse_object(await request.read()))
        self._shop.unpublish(product)
        return self._changed(request, product)

    async def publish(self, request: web.Request) -> web.Response:
        """Put back on sale."""
        product = self._product(request)
        self._shop.publish(product)
        if product["state"] == "in_review":
            return self._in_review(request, product)
        return self._changed(request, product)

    async def put_seller(self, request: web.Request) -> web.Response:
        """Open a seller or replace its profile."""
        external_id = request.match_info["client_ref"]
        seller = bodies.seller_of(external_id, parse_object(await request.read()))
        new = self._shop.put_seller(seller)
        note_applied(request, external_id)
        answer = {"external_id": external_id, "state": seller["state"]}
        return web.json_response(answer, status=201 if new else 200)

    async def stop_seller(self, request: web.Request) -> web.Response:
        """Close a seller."""
        external_id = request.match_info["client_ref"]
        self._shop.seller(external_id)
        bodies.reason_of(parse_object(await request.read()))
        down = self._shop.stop_seller(external_id)
        note_applied(request, external_id, *(str(each["id"]) for each in down))
        return web.json_response({"external_id": external_id, "state": "stopped"})

    async def events(self, request: web.Request) -> web.Response:
        """Acknowledge events and return the next ones."""
        newest = self._shop.event_log.newest
        acknowledged = min(parse_number(request.query, "ack_id", 0, 0), newest)
        limit = parse_number(request.query, "limit", MAX_EVENTS, 1)
        events = self._shop.event_log.read(acknowledged, min(limit, MAX_EVENTS))
        last = events[-1]["id"] if events else acknowledged
        return web.json_response({"events": events, "ack_id": last})

    async def _flaws(self, images: Sequence[str]) -> list[Problem]:
        """Return the flaws of pictures."""
        least = self._pictures.least
        return [
            moderation.picture_flaw(place, flaw, least)
            for place, flaw in await self._pictures.flaws(images)
        ]

    def _product(self, request: web.Request) -> Product:
        return self._shop.product(request.match_info["id"])

    def _in_review(self, request: web.Request, product: Product) -> web.Response:
        note_applied(request, str(product["id"]))
        state = self._shop.review_state(product)
        answer = {"track_id": product["track_id"], "state": state}
        return web.json_response(answer, status=202)

    def _changed(self, request: web.Request, product: Product) -> web.Response:
        note_applied(request, str(product["id"]))
        answer = {key: product[key] for key in ("id", "state", "version")}
        if product["state"] == "in_review":
            answer["state"] = self._shop.review_state(product)
        return web.json_response(answer)

    def _chosen(self, query: Mapping[str, str]) -> list[Product]:
        """Return the products asked for; a filter without a value asks for all."""
        finders: dict[str, Callable[[str], list[Product]]] = {
            "ids": lambda each: [p for p in [self._shop.products.get(each)] if p],
            "client_refs": self._shop.by_client_ref,
            "skus": self._shop.by_sku,
        }
        for name, find in finders.items():
            if items := _items(query, name):
                found = {p["id"]: p for each in items for p in find(each)}
                return self._seen(found.values())
        return self._seen(self._shop.products.values())

    def _seen(self, products: Iterable[Product]) -> list[Product]:
        """Return *products* by growing id, as readers are shown them at present."""
        seen = (self._shop.lag.seen(str(each["id"]), each) for each in products)
        return sorted((each for each in seen if each), key=itemgetter("id"))

    def _shown(self, product: Product) -> dict[str, Any]:
        shown = {k: v for k, v in product.items() if k not in _PRIVATE}
        if product["state"] == "in_review":
            shown["state"] = self._shop.review_state(product)
        if seller := self._shop.sellers.get(product["seller_external_id"]):
            shown["seller_name"] = seller["name"]
        return shown


def _get(path: str, handler: Handler, *, name: str) -> web.RouteDef:
    """Return a route that is read; HEAD is none, as it would acknowledge events."""
    return web.get(path, handler, name=name, allow_head=False)


def _track(track_id: str, track: Ended) -> dict[str, Any]:
    approved = track["state"] == "approved"
    cancelled = track["state"] == "cancelled"
    return {
        "track_id": track_id,
        "state": track["state"],
        "product_id": track["product_id"] if approved or cancelled else None,
        "reasons": track["reasons"],
    }


def _items(query: Mapping[str, str], name: str) -> list[str]:
    items = [item for item in query.get(name, "").split(",") if item]
    if len(items) > MAX_ITEMS:
        message = f"{name} có tối đa {MAX_ITEMS} mục."
        raise RefusalError(422, problem("too_many", message, name))
    return items
