"""Let a test or a demonstration open accounts.

An account is one shop, and no call of the API opens one: at the marketplace a
person does. This page stands beside those of `ocop_sync.testing.mocks.control`,
with the same rules and answers:

    POST /_mock/shops     {code, username, password, secret}  -> {"new"}

It is idempotent by *code*.
"""

import json
from collections.abc import Callable, Sequence

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.voso.mock.state import Market
from ocop_sync.testing.mocks.acts import Body, text
from ocop_sync.testing.mocks.control import PREFIX
from ocop_sync.testing.mocks.loopback import is_loopback


def account_pages(market: Market) -> Sequence[web.RouteDef]:
    """Return the pages that open accounts."""

    def open_account(body: Body) -> Body:
        code, username = text(body, "code"), text(body, "username")
        password, secret = text(body, "password"), text(body, "secret")
        new = market.open_account(
            code, username=username, password=password, secret=secret
        )
        return {"new": new}

    return [web.post(f"{PREFIX}/shops", _page(open_account))]


def _page(act: Callable[[Body], Body]) -> Handler:
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


def _object(body: bytes) -> Body:
    value = json.loads(body or b"{}")
    if not isinstance(value, dict):
        message = "the body must be an object"
        raise ValueError(message)  # noqa: TRY004 - answered with 422
    return value
