"""The subject of a call: its identifier, and the product or account in its address."""

import re
from contextlib import AbstractContextManager
from typing import Final

from aiohttp import web

from ocop_sync.api.typed.frame import request_id_of, route_of
from ocop_sync.subject import about

_PRODUCT: Final = "/api/v1/products/{code}"
_ACCOUNTS: Final = ("/api/v1/accounts/{key}", "/push/{marketplace}/{account}")

_PLAIN: Final = re.compile(r"[\w.:-]{1,64}")
"""What an identifier of ours looks like; anything else stays out of the log."""


def about_call(request: web.Request) -> AbstractContextManager[None]:
    """Name the subject of a call to all that is logged while it is answered."""
    route, values = route_of(request), request.match_info
    product = values["code"] if route.startswith(_PRODUCT) else ""
    named = values.get("key") or values.get("account", "")
    account = named if route.startswith(_ACCOUNTS) else ""
    return about(
        request_id=request_id_of(request),
        product=product if _PLAIN.fullmatch(product) else "",
        account=account if _PLAIN.fullmatch(account) else "",
    )
