"""Put Mock V together: a server in the style of Voso's sister firm.

It simulates a marketplace: no public seller API of Voso was found. `docs/mocks/voso.md`
describes its answers.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from aiohttp import web

from adapters.voso.mock.accounts import account_acts
from adapters.voso.mock.fault_actions import FAULT_ACTIONS
from adapters.voso.mock.gate import Gate
from adapters.voso.mock.push import push_body, push_headers
from adapters.voso.mock.routes import WRITES, Api
from adapters.voso.mock.rows import Event
from adapters.voso.mock.seeds import stock_by_hand
from adapters.voso.mock.staff import VosoStaff
from adapters.voso.mock.state import Market
from ocop_sync.testing.mocks.app_factory import assemble
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.mock import Mock
from ocop_sync.testing.mocks.pictures import Pictures
from ocop_sync.testing.mocks.pushes import WAITS_S, Pushes, Signed
from ocop_sync.testing.mocks.state_file import Row, StateFile

LEAST_PIXELS = 300
"""Of the shorter side of a picture."""


def make_app(
    *,
    data: Path | None = None,
    seed: int | None = 1,
    clock: MockClock | None = None,
    moderation_s: float = 2.0,
    quota_per_s: float | None = None,
    quota_burst: int = 5,
    token_s: float = 3_600.0,
    push_waits_s: Sequence[float] = WAITS_S,
    check_pictures: bool = False,
) -> web.Application:
    """Return Mock V as an application, as `MakeApp` says.

    Accounts are opened by `POST /_mock/shops`. The quota is that of each shop, which
    may make *quota_burst* calls at once. A token runs out after *token_s* seconds; a
    push is tried again after each of *push_waits_s* seconds.
    """
    clock = clock or MockClock()
    file = StateFile(data)
    market = Market(file, clock, moderation_s)
    if seed is not None and not market.products and not market.shops:
        stock_by_hand(market, seed)
    pictures = Pictures(least=LEAST_PIXELS, checks=check_pictures)
    gate = Gate(
        market, clock, token_s=token_s, quota_per_s=quota_per_s, burst=quota_burst
    )

    def sign(code: str, url: str, events: Sequence[Row]) -> Signed:
        body = push_body(cast("Sequence[Event]", events))
        return body, push_headers(market.shops[code]["secret"], url, body)

    pushes = Pushes(sign, push_waits_s, knows=lambda code: code in market.shops)
    market.event_log.listener = lambda event: pushes.tell(event["SHOP_CODE"], event)
    return assemble(
        routes=Api(market, gate, pictures).routes(),
        staff=VosoStaff(market, gate),
        clock=clock,
        file=file,
        writes=WRITES,
        rows=market.products,
        lag=market.lag,
        actions=FAULT_ACTIONS,
        pushes=pushes,
        middlewares=[gate.middleware()],
        own_acts=account_acts(market),
    )


MOCK = Mock(
    make_app=make_app,
    secrets=dict.fromkeys(("username", "password", "secret"), ""),
    writes=WRITES,
    creates="save_products",
    rating="RATING_AVERAGE",
)
