"""An account that people work, its staff, and the clock: all without the engine."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.sheet.adapter import Sheet
from adapters.sheet.examples import PostmartSheet
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.by_hand import HandFault, Table, Taken, Word
from ocop_sync.marketplace.change import Create, SetPrice, Withdraw
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.options import read_options
from ocop_sync.marketplace.result import Applied, Refused, Submitted
from ocop_sync.testing.kit import samples
from ocop_sync.testing.memory import offline_context
from tests.contract.staff import Staff

BY = "Cán bộ Mẫu"


class HandBench:
    """One account, opened as often as asked, with its staff."""

    def __init__(self, folder: Path, adapter: type[Sheet] = PostmartSheet) -> None:
        self.adapter = adapter
        self.folder = folder
        self.now = datetime(2026, 11, 24, 2, tzinfo=UTC)
        self.staff = Staff(adapter.template)
        self.market = self.opened()

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def opened(self, key: str = "hand", **options: Any) -> Sheet:
        """Open the account, as another process would."""
        values = {"folder": str(self.folder), "rows_a_day": 100, **options}
        account = Account(
            key=key,
            marketplace=self.adapter.name,
            base_url="https://san.example",
            options=read_options(self.adapter, values),
        )
        return self.adapter(account, offline_context(self.clock))

    def create(self, number: int, **differences: Any) -> Create:
        made = samples.listing(self.adapter, "CS-0001", number)
        made = replace(made, **differences)
        return Create(client_ref=made.client_ref, listing=made, key=f"k-{number}")

    async def asked(self, number: int) -> Submitted:
        """Ask for a listing."""
        (result,) = await self.market.create([self.create(number)])
        assert isinstance(result, Submitted), result
        return result

    async def listed(self, number: int) -> str:
        """Have a listing put up; return its ref."""
        asked = await self.asked(number)
        await self.day()
        return asked.ref

    async def day(self) -> Taken:
        """Hand a batch out, carry it out, and take it in."""
        batch = await self.market.close_batch(by=BY)
        assert batch is not None
        return await self.take(self.staff.fill(batch.sheets))

    async def take(self, tables: Sequence[Table], **more: Any) -> Taken:
        return await self.market.take_in(tables, by=BY, **more)

    async def tell(self) -> Taken:
        """Take in the marketplace's own export, of now."""
        return await self.take([self.staff.export()], as_of=self.clock())

    async def tell_empty(self) -> Taken:
        return await self.market.take_word(Word.EMPTY, by=BY, as_of=self.clock())

    async def follow(self, ticket: str) -> object:
        (found,) = await self.market.follow([ticket])
        return found

    async def shown(self, ref: str) -> RemoteListing:
        (found,) = await self.market.read([ref])
        assert isinstance(found, RemoteListing), found
        return found


def price(number: int, ref: str, vnd: int) -> SetPrice:
    sku = samples.pack(number).sku
    return SetPrice(client_ref=samples.client_ref(number), ref=ref, prices={sku: vnd})


def withdrawal(number: int, ref: str, ticket: str = "") -> Withdraw:
    return Withdraw(
        client_ref=samples.client_ref(number), ref=ref, reason="Thu hồi", ticket=ticket
    )


def only(taken: Taken) -> HandFault:
    """Return the one fault of a file."""
    (fault,) = taken.faults
    return fault


def is_refused(result: object) -> bool:
    return isinstance(result, Refused)


def is_applied(result: object) -> bool:
    return isinstance(result, Applied)
