"""The conformance kit on marketplaces without an API: people are their network."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from adapters.sheet.adapter import Sheet
from adapters.sheet.examples import PostmartSheet, VosoSheet
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.options import read_options
from ocop_sync.marketplace.port import Context, Marketplace
from ocop_sync.testing.kit import Conformance, Shop
from ocop_sync.testing.memory import offline_context
from tests.contract.staff import EMPTY, Staff, There

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


class Ticking:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class HandShop(Shop):
    """A shop that staff keep, with the sheets that the adapter hands out."""

    adapter: ClassVar[type[Sheet]]
    has_wire = False
    market: Sheet

    def __init__(self) -> None:
        self.clock = Ticking()
        self.staff = Staff(self.adapter.template)

    async def open(self) -> Account:
        self.scratch = TemporaryDirectory()
        values = {"folder": self.scratch.name, "rows_a_day": 1000}
        return Account(
            key="hand",
            marketplace=self.adapter.name,
            base_url="https://san.example",
            options=read_options(self.adapter, values),
        )

    def connect(self, account: Account, context: Context) -> Marketplace:
        del context
        self.market = self.adapter(account, offline_context(self.clock))
        return self.market

    async def close(self) -> None:
        self.scratch.cleanup()

    async def holds(self) -> Sequence[RemoteListing]:
        return self.staff.holds()

    async def settle(self) -> None:
        batch = await self.market.close_batch(by="Cán bộ Mẫu")
        if batch is not None:
            filled = self.staff.fill(batch.sheets)
            taken = await self.market.take_in(filled, by="Cán bộ Mẫu")
            assert not taken.faults, taken.faults
        await self._tell()

    async def _tell(self) -> None:
        await self.market.take_in(
            [self.staff.export()], by="Cán bộ Mẫu", as_of=self.clock()
        )

    async def make_by_hand(self, title: str) -> str:
        address = self.staff.new_address()
        shown = replace(EMPTY, title=title)
        self.staff.there[address] = There(address, address, shown)
        return address

    async def sell(self, ref: str, sku: str, quantity: int) -> None:
        there = self._of(ref)
        packs = [
            replace(each, stock=each.stock - quantity) if each.sku == sku else each
            for each in there.shown.variants
        ]
        there.shown = replace(there.shown, variants=tuple(packs))

    async def remove(self, ref: str) -> None:
        del self.staff.there[self._of(ref).address]

    async def refuse(self, ref: str) -> None:
        self.staff.refuses[ref] = "Ảnh mờ"
        await self.settle()

    async def garble(self, ref: str) -> None:
        self._of(ref).garbled = True
        await self._tell()

    async def raw(self, ref: str) -> Any:
        return [each.shown for each in self.staff.there.values() if each.ref == ref]

    def _of(self, ref: str) -> There:
        return next(each for each in self.staff.there.values() if each.ref == ref)


class PostmartHandShop(HandShop):
    adapter = PostmartSheet


class VosoHandShop(HandShop):
    adapter = VosoSheet


class TestPostmartSheet(Conformance):
    shop = PostmartHandShop


class TestVosoSheet(Conformance):
    shop = VosoHandShop
