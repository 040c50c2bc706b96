"""The conformance kit on ChoQue: every promise of the port is a test."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from aiohttp.test_utils import TestServer
from cho_que.adapter import ChoQue
from cho_que.convert import STATES
from tests.marketplace import KEY, Marketplace, Row

from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.listing import Listing, RemoteListing, StarClaim, Variant
from ocop_sync.testing.kit import Conformance, Shop


class ChoQueShop(Shop):
    """A fresh shop for each check; put the sandbox in the marketplace's place."""

    adapter = ChoQue
    secrets = {"api_key": KEY}

    async def open(self) -> Account:
        self.there = Marketplace()
        self.server = TestServer(self.there.app())
        await self.server.start_server()
        url = str(self.server.make_url(""))
        return Account(key="cho_que", marketplace="cho_que", base_url=url)

    async def close(self) -> None:
        await self.server.close()

    async def holds(self) -> Sequence[RemoteListing]:
        return [_listing(row) for row in self.there.rows.values()]

    async def raw(self, ref: str) -> Any:
        return self.there.rows[int(ref)]

    async def make_by_hand(self, title: str) -> str:
        return str(self.there.add("live", title=title)["id"])

    async def remove(self, ref: str) -> None:
        del self.there.rows[int(ref)]

    async def sell(self, ref: str, sku: str, quantity: int) -> None:
        packs = self.there.rows[int(ref)]["packs"]
        next(each for each in packs if each["sku"] == sku)["stock"] -= quantity


def _listing(row: Row) -> RemoteListing:
    claim = row["ocop"]
    return RemoteListing(
        ref=str(row["id"]),
        state=STATES[row["state"]],
        shown=Listing(
            client_ref=row.get("client_ref", ""),
            seller_ref="",
            title=row["title"],
            description=row.get("description", ""),
            category=row.get("category", ""),
            variants=tuple(
                Variant(sku=p["sku"], pack="", price_vnd=p["price"], stock=p["stock"])
                for p in row["packs"]
            ),
            stars=claim
            and StarClaim(
                stars=claim["stars"],
                decision=claim["decision"],
                valid_to=date.fromisoformat(claim["valid_to"]),
            ),
        ),
    )


class TestConformance(Conformance):
    """Tries every check on it."""

    shop = ChoQueShop
