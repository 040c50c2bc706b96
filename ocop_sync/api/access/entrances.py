"""The ways in, put together as settings say: Bearer for calls, pages for people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from aiohttp.typedefs import Middleware

from ocop_sync.api.access.admission import Admission
from ocop_sync.api.access.browsers import Browsers
from ocop_sync.api.access.client_address import Proxies
from ocop_sync.api.access.cookies import Cookies
from ocop_sync.api.access.crowds import bounds_of, one_crowd
from ocop_sync.api.access.forms import OwnForms
from ocop_sync.api.access.rates import Rates
from ocop_sync.api.access.slow_sign_in import SlowSignIn
from ocop_sync.api.typed.body import Pace
from ocop_sync.api.typed.connections import Bounds
from ocop_sync.service.identity.identity import Identity
from ocop_sync.settings import ServeSettings

_AT_ONCE: Final = 6
"""The part of a minute's calls that may be made at once: a sixth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrances:
    """The ways in.

    Attributes:
        access: Admits calls of the API.
        browsers: What pages believe browsers by.
        bounds: How many connections there may be.
        crowd: Bounds the calls that are under way for one address.
    """

    access: Admission
    browsers: Browsers
    bounds: Bounds
    crowd: Middleware


def entrances_of(
    identity: Identity,
    serve: ServeSettings,
    *,
    seconds: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> Entrances:
    """Return the ways in.

    Args:
        identity: Where people, keys, links and sessions are.
        serve: How the service is reached.
        seconds: Monotonic time in seconds.
        sleep: Waits for some seconds.
    """
    proxies = Proxies(trusted=serve.trusted_proxies, header=serve.forwarded_header)
    by_address = _rates(serve.calls_per_minute_of_an_address, seconds)
    by_credential = _rates(serve.calls_per_minute, seconds)
    # Its own: a page with pictures must keep nobody from signing in. And as fast as
    # a program: a marketplace fetches the pictures of all products from one place.
    of_open = _rates(serve.calls_per_minute, seconds)
    browsers = Browsers(
        identity=identity,
        cookies=Cookies(is_secure=serve.is_secure),
        forms=OwnForms(serve.public_url),
        slow=SlowSignIn(seconds, sleep),
        proxies=proxies,
        by_credential=by_credential,
        by_address=by_address,
        of_open=of_open,
        pace=Pace(seconds=seconds, sleep=sleep),
    )
    access = Admission(
        identity,
        proxies,
        by_credential=by_credential,
        by_address=by_address,
        of_open=of_open,
    )
    return Entrances(
        access=access,
        browsers=browsers,
        bounds=bounds_of(serve, proxies, by_address),
        crowd=one_crowd(proxies, serve.connections_of_an_address),
    )


def _rates(per_minute: int, seconds: Callable[[], float]) -> Rates:
    return Rates(per_minute, max(1, per_minute // _AT_ONCE), seconds)
