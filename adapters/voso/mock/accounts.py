"""Let a test or a demonstration open accounts and fill shops by hand.

An account is one shop, and no call of the API opens one: at the marketplace a
person does. These two pages stand beside those of
`ocop_sync.testing.mocks.control`, with the same rules and answers:

    POST /_mock/shops     {code, username, password, secret}  -> {"new"}
    POST /_mock/hand_made {code, names, skus}                 -> {"refs"}

The first is idempotent by *code*. The second enters products that no client
made, each with one variant; *skus* may be left out.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.voso.mock.seeds import add_by_hand
from adapters.voso.mock.state import Market
from ocop_sync.testing.mocks.control import PREFIX, is_loopback

_Object = dict[str, Any]


def account_pages(market: Market) -> Sequence[web.RouteDef]:
    """Return the pages that open accounts and fill shops."""

    def open_account(body: _Object) -> _Object:
        code, username = _text(body, "code"), _text(body, "username")
        password, secret = _text(body, "password"), _text(body, "secret")
        new = market.open_account(
            code, username=username, password=password, secret=secret
        )
        return {"new": new}

    def hand_made(body: _Object) -> _Object:
        shop = market.shops.get(_text(body, "code"))
        if shop is None:
            raise LookupError(body["code"])
        names, skus = _texts(body, "names"), _texts(body, "skus")
        products = add_by_hand(market, shop, names, skus)
        return {"refs": [str(each["ID"]) for each in products]}

    return [
        web.post(f"{PREFIX}/shops", _page(open_account)),
        web.post(f"{PREFIX}/hand_made", _page(hand_made)),
    ]


def _page(act: Callable[[_Object], _Object]) -> Handler:
    async def page(request: web.Request) -> web.Response:
        if "Origin" in request.headers or not is_loopback(request.remote):
            return web.json_response({"error": "loopback only"}, status=403)
        try:
            body = _object(await request.read())
            return web.json_response({"ok": True, **act(body)})
        except LookupError as error:
            return web.json_response({"error": f"unknown: {error}"}, status=404)
        except (ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=422)

    return page


def _object(body: bytes) -> _Object:
    value = json.loads(body or b"{}")
    if not isinstance(value, dict):
        message = "the body must be an object"
        raise ValueError(message)  # noqa: TRY004 - answered with 422
    return value


def _text(body: _Object, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        message = f"{name} must be a text"
        raise ValueError(message)
    return value


def _texts(body: _Object, name: str) -> list[str]:
    values = body.get(name, [])
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        message = f"{name} must be a list of texts"
        raise ValueError(message)
    return values
