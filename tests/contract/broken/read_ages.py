"""Adapters of marketplaces by people with one fault each: how old a read is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.marketplace.port import Page
from ocop_sync.marketplace.read_age import NEVER_TOLD
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.contract.broken.fault import Broken
from tests.contract.shops import NOW, MemoryShop
from tests.contract.test_by_people import PeopleShop
from tests.people_marketplace import ByPeople


class SaysNothing(ByPeople):
    """It claims old reads, and no page says when it was so."""

    async def page(self, cursor: str | None) -> Page:
        return replace(await super().page(cursor), as_of=None)


class SaysTomorrow(ByPeople):
    """Its pages are of tomorrow."""

    async def page(self, cursor: str | None) -> Page:
        tomorrow = self.context.clock() + timedelta(days=1)
        return replace(await super().page(cursor), as_of=tomorrow)


class ListsTomorrow(ByPeople):
    """Its listings are of tomorrow."""

    async def page(self, cursor: str | None) -> Page:
        found = await super().page(cursor)
        tomorrow = self.context.clock() + timedelta(days=1)
        items = tuple(replace(each, read_at=tomorrow) for each in found.items)
        return replace(found, items=items)


class SaysNow(ByPeople):
    """It takes the moment of the call for that of which people have told."""

    async def page(self, cursor: str | None) -> Page:
        return replace(await super().page(cursor), as_of=self.context.clock())


class NeverTold(ByPeople):
    """It shows listings, and says that nobody has told of any."""

    async def page(self, cursor: str | None) -> Page:
        return replace(await super().page(cursor), as_of=NEVER_TOLD)


class GoesBack(ByPeople):
    """The more it is told, the older its pages are."""

    async def page(self, cursor: str | None) -> Page:
        found = await super().page(cursor)
        ago = timedelta(hours=len(found.items))
        return replace(found, as_of=NOW - ago)


class ReadsWithoutTime(ByPeople):
    """A listing that is read does not say when it was so."""

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        found = await super().read(refs)
        return [
            replace(each, read_at=None) if isinstance(each, RemoteListing) else each
            for each in found
        ]


class IsLate(ByPeople):
    """Its pages are of the week before last, right after people have told."""

    async def page(self, cursor: str | None) -> Page:
        found = await super().page(cursor)
        old = self.told_at if self.told_at == NEVER_TOLD else NOW - timedelta(days=14)
        return replace(found, as_of=old)


class SaysWhatItDoesNotClaim(InMemoryMarketplace):
    """It claims no old reads, and says when a page was so."""

    async def page(self, cursor: str | None) -> Page:
        return replace(await super().page(cursor), as_of=NOW)


class DatesWhatItDoesNotClaim(InMemoryMarketplace):
    """It claims no old reads, and says when a listing was so."""

    async def read(
        self, refs: Sequence[str]
    ) -> Sequence[RemoteListing | Unreadable | None]:
        found = await super().read(refs)
        return [
            replace(each, read_at=NOW) if isinstance(each, RemoteListing) else each
            for each in found
        ]


BROKEN: Final = [
    Broken(SaysNothing, PeopleShop, ("read-age",), "as_of of a page"),
    Broken(SaysTomorrow, PeopleShop, ("read-age",), "in the future"),
    Broken(ListsTomorrow, PeopleShop, ("read-age",), "in the future"),
    Broken(SaysNow, PeopleShop, ("read-age",), "nobody has told anything since"),
    Broken(NeverTold, PeopleShop, ("read-age",), "as_of is NEVER_TOLD"),
    Broken(GoesBack, PeopleShop, ("read-age",), "went back"),
    Broken(ReadsWithoutTime, PeopleShop, ("read-age",), "read_at of a listing"),
    Broken(IsLate, PeopleShop, ("read-age",), "told just now"),
    Broken(SaysWhatItDoesNotClaim, MemoryShop, ("read-now",), "as_of"),
    Broken(DatesWhatItDoesNotClaim, MemoryShop, ("read-now",), "read_at"),
]
