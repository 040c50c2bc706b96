"""The shops on which the kit tries the bundled adapters."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.postmart.adapter import Postmart
from adapters.postmart.mock import push as postmart_push
from adapters.postmart.mock.app import MOCK as POSTMART_MOCK
from adapters.postmart.mock.rows import Event as PostmartEvent
from adapters.voso.adapter import Voso
from adapters.voso.mock import push as voso_push
from adapters.voso.mock.app import MOCK as VOSO_MOCK
from adapters.voso.mock.rows import Event as VosoEvent
from ocop_sync.clock import Clock
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.listing import (
    Listing,
    Problem,
    RemoteListing,
    RemoteState,
    StarClaim,
    Variant,
)
from ocop_sync.marketplace.port import Context, Event, EventKind, Marketplace
from ocop_sync.testing.kit import Shop
from ocop_sync.testing.memory import ACCOUNT, InMemoryMarketplace, offline_context
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.mock import Mock
from ocop_sync.testing.mocks.staff import ClaimRow, ListingRow
from tests.simple_marketplace import SimpleMarketplace

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


class MemoryShop(Shop):
    """The marketplace in memory: it is its own adapter."""

    adapter: ClassVar[type[Marketplace]] = InMemoryMarketplace
    has_wire = False
    moderated: ClassVar[bool] = False
    clock: Clock = staticmethod(lambda: NOW)
    market: InMemoryMarketplace

    async def open(self) -> Account:
        return ACCOUNT

    def connect(self, account: Account, context: Context) -> Marketplace:
        del context
        found = self.adapter(account, offline_context(self.clock))
        assert isinstance(found, InMemoryMarketplace)
        self.market = found
        return found

    async def holds(self) -> Sequence[RemoteListing]:
        return list(self.market.shelf.listings.values())

    async def settle(self) -> None:
        for each in list(self.market.shelf.listings.values()):
            if each.state is RemoteState.IN_REVIEW:
                self.market.shelf.approve(each.ref)

    async def make_by_hand(self, title: str) -> str:
        empty = Listing(
            client_ref="",
            seller_ref="",
            title=title,
            description="",
            category="",
            variants=(),
        )
        return self.market.shelf.add(empty)

    async def sell(self, ref: str, sku: str, quantity: int) -> None:
        line = f"L{len(self.market.shelf.events)}"
        self.market.shelf.sell(ref, sku, quantity, line)

    async def remove(self, ref: str) -> None:
        self.market.shelf.delete(ref)

    async def refuse(self, ref: str) -> None:
        self.market.shelf.refuse(ref, Problem(code="photo", message="Ảnh mờ"))

    async def garble(self, ref: str) -> None:
        self.market.garble(ref)

    async def push(self, url: str) -> tuple[Mapping[str, str], bytes]:
        return self.market.push(url, Event(kind=EventKind.EDITED, ref="M1", at=NOW))


class ModeratedMarketplace(InMemoryMarketplace):
    """The marketplace in memory, which reviews each new listing."""

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, context, moderated=True)


class ModeratedShop(MemoryShop):
    """The same, with reviews."""

    adapter = ModeratedMarketplace


class SimpleShop(Shop):
    """A marketplace that claims as little as it can."""

    adapter = SimpleMarketplace
    has_wire = False
    market: SimpleMarketplace

    async def open(self) -> Account:
        return replace(ACCOUNT, marketplace="simple")

    def connect(self, account: Account, context: Context) -> Marketplace:
        del context
        self.market = self.adapter(account)
        return self.market

    async def holds(self) -> Sequence[RemoteListing]:
        return list(self.market.listings.values())

    async def settle(self) -> None:
        return


class MockShop(Shop):
    """A marketplace with a mock of its own, served on loopback."""

    mock: ClassVar[Mock]
    category: ClassVar[str]
    by_hand: ClassVar[Mapping[str, str]] = {}
    server: TestServer
    time: MockClock

    async def open(self) -> Account:
        self.time = MockClock(source=lambda: NOW)
        self.clock = self.time
        self.server = TestServer(self.mock.make_app(seed=None, clock=self.time))
        await self.server.start_server()
        self.session = aiohttp.ClientSession()
        return await self.account(str(self.server.make_url("")))

    @abstractmethod
    async def account(self, base_url: str) -> Account: ...

    async def close(self) -> None:
        await self.session.close()
        await self.server.close()

    async def control(self, page: str, **body: Any) -> Any:
        url = self.server.make_url(f"/_mock/{page}")
        async with self.session.post(url, json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def rows(self) -> Sequence[ListingRow]:
        async with self.session.get(self.server.make_url("/_mock/state")) as response:
            rows: Sequence[ListingRow] = (await response.json())["listings"]
            return rows

    async def holds(self) -> Sequence[RemoteListing]:
        return [
            RemoteListing(
                ref=row["ref"], state=RemoteState(row["state"]), shown=self._shown(row)
            )
            for row in await self.rows()
        ]

    def _shown(self, row: ListingRow) -> Listing:
        own: Any = row["own"]
        return Listing(
            client_ref=row["client_ref"],
            seller_ref=row["seller_ref"],
            title=row["title"],
            description=row["description"],
            category=str(own[self.category] or ""),
            variants=tuple(Variant(**each, pack="") for each in row["variants"]),
            stars=row["ocop"] and _claim(row["ocop"]),
        )

    async def raw(self, ref: str) -> Any:
        return [row["own"] for row in await self.rows() if row["ref"] == ref]

    async def settle(self) -> None:
        self.time.advance(5)

    async def make_by_hand(self, title: str) -> str:
        made = await self.control("hand_made", names=[title], **self.by_hand)
        (ref,) = made["refs"]
        return str(ref)

    async def sell(self, ref: str, sku: str, quantity: int) -> None:
        await self.control("sell", ref=ref, sku=sku, quantity=quantity)

    async def remove(self, ref: str) -> None:
        await self.control("delete", ref=ref)

    async def refuse(self, ref: str) -> None:
        await self.control("refuse", ref=ref, reason="picture")

    async def end_sign_in(self) -> None:
        await self.control("end_tokens")


class PostmartShop(MockShop):
    """The mock of Postmart."""

    adapter = Postmart
    mock = POSTMART_MOCK
    category = "category"
    secrets = POSTMART_MOCK.secrets

    async def account(self, base_url: str) -> Account:
        return Account(key="postmart", marketplace="postmart", base_url=base_url)

    def is_write(self, method: str, path: str) -> bool:
        return method != "GET" and path != "/oauth2/token"

    async def push(self, url: str) -> tuple[Mapping[str, str], bytes]:
        body = postmart_push.push_body([_POSTMART_EVENT])
        secret = self.secrets["client_secret"]
        return postmart_push.push_headers(secret, url, body, self.time()), body


class VosoShop(MockShop):
    """The mock of Voso, with one shop."""

    adapter = Voso
    mock = VOSO_MOCK
    category = "CAT_ID"
    by_hand: ClassVar[Mapping[str, str]] = {"code": "CS-0001"}
    secrets: Mapping[str, str] = {
        "username": "username-01",
        "password": "password-01",
        "secret": "bí mật 01",
    }

    async def account(self, base_url: str) -> Account:
        code = self.seller.client_ref
        await self.control("shops", code=code, **self.secrets)
        return Account(
            key="voso", marketplace="voso", base_url=base_url, seller_ref=code
        )

    def is_write(self, method: str, path: str) -> bool:
        del method
        return not path.endswith(("/list", "/Login"))

    async def push(self, url: str) -> tuple[Mapping[str, str], bytes]:
        body = voso_push.push_body([_VOSO_EVENT])
        return voso_push.push_headers(self.secrets["secret"], url, body), body


def _claim(row: ClaimRow) -> StarClaim:
    valid_to = row["valid_to"]
    return StarClaim(
        stars=row["stars"],
        decision=row["decision"],
        valid_to=date.fromisoformat(valid_to) if valid_to else None,
    )


_POSTMART_EVENT: Final[PostmartEvent] = {
    "id": 1,
    "type": "approved",
    "product_id": 7,
    "at": NOW.isoformat(),
    "sku": "",
    "quantity": 0,
    "order_line": "",
}
_VOSO_EVENT: Final[VosoEvent] = {
    "ID": 1,
    "SHOP_CODE": "CS-0001",
    "TYPE": "APPROVED",
    "PRODUCT_ID": 7,
    "AT": "24/11/2026 09:00:00",
    "SKU": "",
    "QUANTITY": 0,
    "ORDER_LINE": "",
}
