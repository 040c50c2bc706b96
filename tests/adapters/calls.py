"""Every call of the port, on any marketplace, with its possible outcomes."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ocop_sync.errors import MarketplaceError
from ocop_sync.marketplace.change import (
    PutSeller,
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    StopSeller,
    Update,
)
from ocop_sync.marketplace.listing import Seller
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.testing.mocks.call_log import CALL_LOG, CallLog
from ocop_sync.testing.mocks.mock import open_mock
from tests.adapters.traits import Traits, traits_of


@dataclass(kw_only=True)
class Market:
    """One mock, its adapter, and one live listing of ours, number 1.

    Attributes:
        bench: The mock with its adapter, of any marketplace.
        ref: The listing.
    """

    name: str
    bench: Any
    ref: str = ""

    @property
    def adapter(self) -> Marketplace:
        """The adapter."""
        found: Marketplace = getattr(self.bench, self.name)
        return found

    @adapter.setter
    def adapter(self, adapter: Marketplace) -> None:
        setattr(self.bench, self.name, adapter)

    @property
    def traits(self) -> Traits:
        """What tests must know of the marketplace."""
        return traits_of(self.name)

    @property
    def support(self) -> Any:
        """What makes listings for it."""
        return self.traits.support

    def make_hasty(self, seconds: float) -> None:
        """Let the adapter wait no longer than *seconds* for an answer."""
        kind = type(self.adapter)
        limits = replace(kind.capabilities, call_timeout_s=seconds)
        hasty = type("Hasty", (kind,), {"capabilities": limits})
        self.adapter = hasty(self.adapter.account, self.adapter.context)

    async def log(self, after: int) -> list[dict[str, Any]]:
        """Return what the mock says of the calls after number *after*."""
        calls: list[dict[str, Any]] = (await self.bench.look(f"log?after={after}"))[
            "calls"
        ]
        return calls

    @property
    def secrets(self) -> set[str]:
        """What no error may show."""
        words = map(self.adapter.context.secrets, self.traits.secrets)
        return {*words, self.traits.token_of(self.adapter)} - {""}


async def open_market(name: str, **settings: Any) -> Market:
    """Serve a mock with one live listing, and open its adapter."""
    bench: Any = await traits_of(name).support.open_bench(**settings)
    return Market(name=name, bench=bench)


Call = Callable[[Market], Awaitable[Any]]
Open = Callable[..., Awaitable[Market]]

MOST_S: Final = 30
"""No call of the port takes longer, whatever it is answered."""

_SKU = "SP-00001-1"


def _update(market: Market) -> Update:
    return Update(
        client_ref="",
        ref=market.ref,
        listing=market.support.make_listing(title="Tên mới"),
        fields=frozenset({"title"}),
    )


READS: Final[Mapping[str, Call]] = {
    "page": lambda m: m.adapter.page(None),
    "read": lambda m: m.adapter.read([m.ref]),
    "find": lambda m: m.adapter.find(client_refs=["SP-00001"]),
    "follow": lambda m: m.adapter.follow([m.traits.ticket or m.ref]),
    "events": lambda m: m.adapter.events(None),
}

WRITES: Final[Mapping[str, Call]] = {
    "create": lambda m: m.adapter.create([m.support.make_create(2)]),
    "update": lambda m: m.adapter.update([_update(m)]),
    "set_price": lambda m: m.adapter.set_price(
        [SetPrice(client_ref="", ref=m.ref, prices={_SKU: 5_000})]
    ),
    "set_stock": lambda m: m.adapter.set_stock(
        [SetStock(client_ref="", ref=m.ref, stocks={_SKU: 5})]
    ),
    "set_stars": lambda m: m.adapter.set_stars(
        [SetStars(client_ref="", ref=m.ref, stars=None)]
    ),
    "withdraw": lambda m: m.adapter.withdraw([m.support.make_withdraw(m.ref)]),
    "republish": lambda m: m.adapter.republish([Republish(client_ref="", ref=m.ref)]),
    "put_sellers": lambda m: m.adapter.put_sellers([_put_seller(m)]),
    "stop_sellers": lambda m: m.adapter.stop_sellers(
        [StopSeller(client_ref="CS-0001", reason="")]
    ),
}
"""Each finds a live listing, and none keeps another from being made after it."""


def _put_seller(market: Market) -> PutSeller:
    code = market.traits.seller
    seller = Seller(client_ref=code, name="Cơ sở Mẫu 002", kind="HTX")
    return PutSeller(client_ref=code, seller=seller)


def everything_told(error: BaseException) -> str:
    """Return all that a log of *error* would show."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen:
        parts += [repr(seen), str(seen), *traceback.format_exception_only(seen)]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)


async def outcome_of(call: Call, market: Market) -> Any:
    """Return what comes of *call*: a value, or the error that was raised."""
    try:
        async with asyncio.timeout(MOST_S):
            return await call(market)
    except MarketplaceError as error:
        return error


def offered(adapter: type[Marketplace], calls: Iterable[str]) -> list[str]:
    """Return those of *calls* for which *adapter* has a method of its own.

    What it lacks by its capabilities is never called.
    """
    return [
        each
        for each in calls
        if getattr(adapter, each) is not getattr(Marketplace, each)
    ]


async def writes_after(market: Market, last: int) -> list[dict[str, Any]]:
    """Return what the mock says of the writes after call number *last*."""
    writes = open_mock(market.name).writes
    return [c for c in await market.log(last) if c["operation"] in writes]


def last_call(market: Market) -> int:
    """Return the number of the last call that the mock has answered."""
    log: CallLog = market.bench.server.app[CALL_LOG]
    return log.counts.total()


def ensure_no_secret(market: Market, came: Any) -> None:
    """Ensure that what came of a call shows no secret of the account."""
    told = everything_told(came) if isinstance(came, Exception) else repr(came)
    for secret in market.secrets:
        assert secret not in told
