"""How many of one address are let in at once: connections, and calls under way.

A connection comes from a neighbour: where that is a proxy that settings name, it speaks
for many, and its connections are bounded all together only. Calls tell for whom it
speaks, and those are counted then. Mobile networks share addresses, so the bounds are
wide.
"""

from collections import Counter
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ocop_sync.api.access.client_address import Proxies, site_of
from ocop_sync.api.access.rates import Rates
from ocop_sync.api.typed.connections import Bounds
from ocop_sync.api.typed.problem import ProblemError
from ocop_sync.api.typed.problems import TOO_MANY_CALLS
from ocop_sync.settings import ServeSettings

_SOON: Final = "5"
"""After how many seconds to call again."""


def bounds_of(serve: ServeSettings, proxies: Proxies, by_address: Rates) -> Bounds:
    """Return how many connections there may be.

    Args:
        serve: The settings.
        proxies: The proxies that stand before the service.
        by_address: The rates of addresses from which nobody is believed: those of
            whoever sends what is no HTTP. A proxy has none.
    """

    def caller_at(peer: str) -> str:
        return "" if proxies.is_trusted(peer) else site_of(peer)

    def hears(caller: str) -> bool:
        return not caller or not by_address.take(f"unreadable {caller}")

    return Bounds(
        most=serve.connections,
        most_of_one=serve.connections_of_an_address,
        caller_at=caller_at,
        hears=hears,
    )


def one_crowd(proxies: Proxies, most: int) -> Middleware:
    """Return the middleware that bounds the calls under way for one address."""
    under_way = Counter[str]()

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        site = site_of(proxies.address_of(request))
        if under_way[site] >= most:
            raise ProblemError(
                TOO_MANY_CALLS,
                vi="Quá nhiều lượt gọi cùng lúc từ một địa chỉ: chờ rồi gọi lại",
                en="Too many calls of one address at once: wait, then call again",
                headers={"Retry-After": _SOON},
            )
        under_way[site] += 1
        try:
            return await handler(request)
        finally:
            under_way[site] -= 1
            if not under_way[site]:
                del under_way[site]

    return counted
