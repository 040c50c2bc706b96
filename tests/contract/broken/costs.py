"""Adapters of Postmart with one fault each in what their calls cost."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from unittest.mock import Mock

from adapters.postmart.adapter import Postmart
from ocop_sync.marketplace.change import (
    Change,
    Withdraw,
)
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.port import (
    Account,
    Context,
    Events,
    Page,
    Unreadable,
)
from ocop_sync.testing.kit.bench import CountedQuota
from tests.contract.broken.fault import Broken, on
from tests.contract.shops import PostmartShop


class CountsOne(Postmart):
    """calls() says one, however many there are."""

    @classmethod
    def calls(cls, changes: Sequence[Change]) -> int:
        return min(len(changes), 1)


class AsksNoQuota(Postmart):
    """It paces itself, and asks no quota of ours."""

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, replace(context, quota=CountedQuota()))


class TellsNoQuota(Postmart):
    """It does not tell the quota of a 429."""

    def __init__(self, account: Account, context: Context) -> None:
        super().__init__(account, context)
        context.quota.over = Mock()  # type: ignore[method-assign]


class ReadsForNothing(Postmart):
    """To read nothing it reads a page."""

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        if not refs:
            await self.page(None)
        return await super().read(refs)


class WritesInReads(Postmart):
    """A read of events takes the listings down that it tells of."""

    async def events(self, cursor: str | None) -> Events:
        page = await self.page(None)
        for each in page.items:
            await self.withdraw([Withdraw(client_ref="", ref=each.ref, reason="")])
        return await super().events(cursor)


class ReadsTwice(Postmart):
    """It reads each listing twice."""

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        await super().read(refs)
        return await super().read(refs)


class PagesTwice(Postmart):
    """It reads each page twice."""

    async def page(self, cursor: str | None) -> Page:
        await super().page(cursor)
        return await super().page(cursor)


class CountsTooMany(Postmart):
    """calls() counts three calls where there is one."""

    @classmethod
    def calls(cls, changes: Sequence[Change]) -> int:
        return 3 * len(changes)


BROKEN: Final = [
    *on(
        PostmartShop,
        {
            CountsOne: "calls",
            AsksNoQuota: "paced",
            TellsNoQuota: "rate-limits",
            ReadsForNothing: "no-waste",
            WritesInReads: "reads-harmless",
        },
    ),
    Broken(ReadsTwice, PostmartShop, ("no-waste",), "to read one listing"),
    Broken(PagesTwice, PostmartShop, ("no-waste",), "the page of one listing"),
    Broken(CountsTooMany, PostmartShop, ("calls",), "and calls() says 3"),
]
