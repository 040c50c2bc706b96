"""Watched marketplaces in memory, and the events that must never happen there.

Each call is held, as it arrives, against the catalog as it is at that moment and
against the ledger. A finding is noted and not raised: a sync takes an exception for a
fault of the marketplace. The promises once all is quiet are in
`tests.properties.settled`.
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import func, select

from catalog.db import reader
from catalog.eligibility import Reason, Rules, Standing, Verdict, evaluate
from catalog.eligibility.load import RULES_FOLDER
from catalog.model.fact import Fact
from catalog.model.product import Entry, Product, StockPolicy
from catalog.model.product import Variant as Pack
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.change import (
    Change,
    Create,
    SetPrice,
    SetStars,
    SetStock,
    StopSeller,
    Withdraw,
)
from ocop_sync.marketplace.listing import (
    Facet,
    RemoteListing,
    RemoteState,
    StarClaim,
    Unreadable,
)
from ocop_sync.marketplace.port import Context, Page
from ocop_sync.marketplace.result import Result, Unknown
from ocop_sync.store import tables
from ocop_sync.store.db.database import Database
from ocop_sync.testing.memory import Fault, InMemoryMarketplace, LostAnswer
from ocop_sync.testing.memory_store import Shelf

_BY_PERSON = {
    file.stem
    for file in RULES_FOLDER.glob("E*.toml")
    if tomllib.loads(file.read_text("utf-8"))["by_person"]
}
"""Rules whose findings a named person has entered, as their files say."""

ON_SALE = frozenset({RemoteState.LIVE, RemoteState.IN_REVIEW})
LONGEST_S = 5
"""How long an effect may come after its call: as long as a call may last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateEffect(LostAnswer):
    """A fault: no answer arrives, and the change is made *after_s* seconds later."""

    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice(LostAnswer):
    """A fault: the change is made twice, and answered once."""

    applied: bool = True
    whole_call: bool = False


@dataclass(slots=True)
class Taken:
    """What was taken from buyers at one marketplace, and what people allowed.

    Attributes:
        at: When something was taken within the budget, and of which product.
        approved: Until when a person lets more be taken of a product.
    """

    at: list[tuple[datetime, str]] = field(default_factory=list)
    approved: dict[str, datetime] = field(default_factory=dict)

    def within(self, window: timedelta, now: datetime) -> set[str]:
        """Return of which products something was taken since *window* ago."""
        return {id_ for at, id_ in self.at if at > now - window}


@dataclass(frozen=True, slots=True)
class Sold:
    """That buyers have bought some of a pack, wherever."""

    sku: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Adjusted:
    """That some of a pack came in, or left otherwise than by an online sale."""

    sku: str
    delta: int
    at: datetime


class Watch:
    """Looks at every change that arrives at some marketplaces.

    Args:
        database: Of catalog and store.
        rules: The eligibility rules.
        budget: What may be taken without a person.
        places: Names of the marketplaces, sorted.
        clock: The present instant, in UTC.

    Attributes:
        markets: Those that it watches.
        broken: Every promise that was broken, as a sentence.
        sales: Whatever was sold.
        adjusted: Whatever came in or left without a count.
        effects: Every change that was made, by marketplace, in order.
        taken: What was taken, by marketplace.
        ends_known: Since when the catalog says that a claim ends on a day, by
            product and day.
        others: What a person called another product, or no matter any more: by
            marketplace, product and reference.
        left: What a person leaves as somebody edited it: by marketplace, product
            and field, what was wanted then and what was read.
    """

    def __init__(
        self,
        database: Database,
        rules: Rules,
        budget: Budget,
        places: Sequence[str],
        clock: Callable[[], datetime],
    ) -> None:
        self.broken: list[str] = []
        self.markets: list[WatchedMarketplace] = []
        self.sales: list[Sold] = []
        self.adjusted: list[Adjusted] = []
        self.effects: dict[str, list[Change]] = {name: [] for name in places}
        self.taken: dict[str, Taken] = {name: Taken() for name in places}
        self.ends_known: dict[tuple[str, str], datetime] = {}
        self.others: set[tuple[str, str, str]] = set()
        self.left: dict[tuple[str, str, str], tuple[Any, Any]] = {}
        self._database = database
        self._rules = rules
        self._budget = budget
        self._places = tuple(places)
        self._clock = clock

    def verdict(self, entry: Entry) -> Verdict:
        """Return what the catalog says of *entry* now."""
        return evaluate(*entry, self._clock(), self._rules)

    def is_left(
        self, place: str, product_id: str, field: str, *, wanted: Any, shown: Any
    ) -> bool:
        """Say whether a person leaves *field* as it shows, and nothing has changed."""
        return self.left.get((place, product_id, field)) == (wanted, shown)

    async def entries(self, ids: Iterable[str]) -> dict[str, Entry]:
        """Return what the catalog has now of products."""
        async with self._database.read() as conn:
            return await reader.get(conn, sorted(set(ids)))

    async def arrives(
        self, market: "WatchedMarketplace", changes: Sequence[Change]
    ) -> None:
        """Look at *changes* before they are made."""
        await self._is_written_down(market, changes)
        entries = await self.entries(each.client_ref for each in changes)
        creates = [each for each in changes if isinstance(each, Create)]
        if creates:
            await self._have_no_twin(market, creates)
        for change in changes:
            entry = entries.get(change.client_ref)
            self._is_well_founded(market, change, entry)
            self._is_of_now(market, change, entry)
            self._is_not_left(market, change, entry)
            self._is_in_stock(market, change, entry)
            self._is_within_budget(market, change, entry)

    def took_effect(self, market: "WatchedMarketplace", change: Change) -> None:
        """Note that a change was made."""
        self.effects[market.place].append(change)

    def note(self, market: "WatchedMarketplace", what: str, change: Change) -> None:
        """Note that a promise is broken by *change*."""
        self.broken.append(
            f"{what}: {change.kind} {change.client_ref} at {market.place}"
        )

    async def _is_written_down(
        self, market: "WatchedMarketplace", changes: Sequence[Change]
    ) -> None:
        """Whatever is sent stands in the ledger, without an answer yet."""
        row = tables.change.c
        statement = select(func.count()).where(
            row.account == market.account.key, row.outcome.is_(None)
        )
        async with self._database.read() as conn:
            for change in changes:
                of_it = (row.subject == change.client_ref, row.kind == change.kind)
                if not await conn.scalar(statement.where(*of_it)):
                    self.note(market, "sent without an entry in the ledger", change)

    async def _have_no_twin(
        self, market: "WatchedMarketplace", creates: Sequence[Create]
    ) -> None:
        """Nothing is made beside what was shown to us and may be the same."""
        shown = market.strangers()
        row = tables.listing.c
        statement = select(row.ref).where(
            row.account == market.account.key, row.ref.in_(list(shown))
        )
        async with self._database.read() as conn:
            ours = set((await conn.scalars(statement)).all())
        for change in creates:
            skus = {each.sku for each in change.listing.variants}
            for ref, found in shown.items():
                is_same = found.shown.title == change.listing.title or any(
                    each.sku in skus for each in found.shown.variants
                )
                said = (market.place, change.client_ref, ref) in self.others
                if is_same and not said and ref not in ours:
                    self.note(market, f"made beside {ref}, which may be it", change)

    def _is_well_founded(
        self, market: "WatchedMarketplace", change: Change, entry: Entry | None
    ) -> None:
        """A verdict of now stands behind what is made, claimed or taken down."""
        if isinstance(change, Withdraw | StopSeller) and not change.reason.strip():
            self.note(market, "taken down without a reason", change)
        if isinstance(change, StopSeller):
            return
        verdict = self.verdict(entry) if entry else None
        standing = verdict.standing if verdict else None
        if isinstance(change, Withdraw) and not _may_end(market, change, verdict):
            self.note(market, f"taken down though {standing}", change)
        if isinstance(change, Create) and standing is not Standing.LISTED:
            self.note(market, f"made though {standing}", change)
        if isinstance(change, SetStars) and change.stars is None:
            if standing is not Standing.WITHOUT_CLAIM:
                self.note(market, f"claim taken off though {standing}", change)
        elif (claim := _claim_of(change)) and not _supports(verdict, claim):
            self.note(market, f"claimed without a certificate: {claim}", change)

    def _is_of_now(
        self, market: "WatchedMarketplace", change: Change, entry: Entry | None
    ) -> None:
        """Prices are read when they are sent, not when they were planned."""
        prices = {p.sku: p.price_vnd for p in entry[0].variants} if entry else {}
        for sku, price in _prices_of(change).items():
            if price != prices.get(sku):
                self.note(market, f"a price of {price} for {sku} is old", change)

    def _is_not_left(
        self, market: "WatchedMarketplace", change: Change, entry: Entry | None
    ) -> None:
        """A price that a person leaves as it stands there is not written over."""
        found = market.shelf.listings.get(getattr(change, "ref", ""))
        if not isinstance(change, SetPrice) or found is None or entry is None:
            return
        wanted = {pack.sku: pack.price_vnd for pack in entry[0].variants}
        shown = {each.sku: each.price_vnd for each in found.shown.variants}
        place, id_, field = market.place, change.client_ref, Facet.PRICE.value
        if self.is_left(place, id_, field, wanted=wanted, shown=shown):
            self.note(market, "a price was written that a person leaves", change)

    def _is_in_stock(
        self, market: "WatchedMarketplace", change: Change, entry: Entry | None
    ) -> None:
        """No stock is written above what the catalog allows at this moment."""
        stocks = _stocks_of(change)
        packs = {pack.sku: pack for pack in entry[0].variants} if entry else {}
        for sku, n in stocks.items():
            if entry is None or n > self._share(market, packs[sku], entry[0]):
                self.note(market, f"stock {n} of {sku} is above its share", change)
            elif entry[0].stock_policy is StockPolicy.SPLIT and n > 0:
                self._is_free(market, change, packs[sku], n)

    def _share(self, market: "WatchedMarketplace", pack: Pack, product: Product) -> int:
        """Return how many may be offered here, the rest going to the first place."""
        if product.stock_policy is StockPolicy.MIRROR:
            return pack.available
        share = pack.available // len(self._places)
        rest = pack.available - share * len(self._places)
        return share + (rest if market.place == self._places[0] else 0)

    def _is_free(
        self, market: "WatchedMarketplace", change: Change, pack: Pack, n: int
    ) -> None:
        """What is put up here was taken down elsewhere before."""
        if any(each.is_stock_strange(change.client_ref) for each in self.markets):
            return
        if any(each.is_doubled(change.client_ref) for each in self.markets):
            return  # until it is found, nobody knows what the second one offers
        mine = [  # what was adopted has no reference of ours
            found
            for ref, found in market.shelf.listings.items()
            if ref == getattr(change, "ref", "")
            or found.shown.client_ref == change.client_ref
        ]
        if not mine and not isinstance(change, Create):
            return  # somebody has deleted it: nothing is offered there
        if n <= max((_stock(each, pack.sku) for each in mine), default=0):
            return
        elsewhere = sum(
            _stock(found, pack.sku)
            for other in self.markets
            for found in other.shelf.of(change.client_ref)
            if found.state in ON_SALE
            if other is not market
        )
        left = self._left(pack)
        if n + elsewhere > left:
            what = f"stock {n} of {pack.sku} besides {elsewhere} elsewhere, of {left}"
            self.note(market, what, change)

    def _left(self, pack: Pack) -> int:
        """Return how many of *pack* nobody has bought since the last count."""
        at = pack.counted_at
        sold = [s for s in self.sales if s.sku == pack.sku and (not at or s.at >= at)]
        kept = pack.reserved + pack.buffer + sum(each.quantity for each in sold)
        came = sum(
            each.delta
            for each in self.adjusted
            if each.sku == pack.sku and (not at or each.at >= at)
        )
        return max((pack.on_hand or 0) + came - kept, 0)

    def _is_within_budget(
        self, market: "WatchedMarketplace", change: Change, entry: Entry | None
    ) -> None:
        if not _takes(market, change) or self._is_exempt(market, change, entry):
            return
        if isinstance(change, SetStock) and market.is_doubled(change.client_ref):
            return  # one of them goes on selling
        taken, now = self.taken[market.place], self._clock()
        taken.at.append((now, change.client_ref))
        products = taken.within(self._budget.window, now)
        if len(products) > self._budget.min_changes:
            self.note(market, f"taken beyond the budget of {products}", change)

    def _is_exempt(
        self, market: "WatchedMarketplace", change: Change, entry: Entry | None
    ) -> bool:
        now, taken = self._clock(), self.taken[market.place]
        if taken.approved.get(change.client_ref, now) > now:
            return True
        if entry is None:
            return False
        if isinstance(change, SetStock):
            counted = {p.sku for p in entry[0].variants if p.counted_at is not None}
            return {sku for sku, n in change.stocks.items() if n == 0} <= counted
        reasons = [each for each in self.verdict(entry).reasons if each.known]
        return any(self._is_of_a_person(each) for each in reasons) or any(
            self._is_no_surprise(change.client_ref, each) for each in reasons
        )

    def _is_of_a_person(self, reason: Reason) -> bool:
        number = dict(reason.details).get("number", "-")
        revoked = reason.code == "E03" and number != "-"
        return revoked or reason.code in _BY_PERSON

    def _is_no_surprise(self, product_id: str, reason: Reason) -> bool:
        if (reason.code, reason.key) != ("E02", "ended"):
            return False
        now, end = self._clock(), str(dict(reason.details)["day"])
        known = self.ends_known.get((product_id, end), now)
        return now - known >= self._budget.known_end


def _claim_of(change: Change) -> StarClaim | None:
    if isinstance(change, Create):
        return change.listing.stars
    return change.stars if isinstance(change, SetStars) else None


def _supports(verdict: Verdict | None, claim: StarClaim) -> bool:
    """Say whether a certificate that is in force stands behind *claim*."""
    return (
        verdict is not None
        and verdict.certified is Fact.YES
        and (verdict.stars, verdict.claim_ends_on) == (claim.stars, claim.valid_to)
    )


def _stocks_of(change: Change) -> dict[str, int]:
    if isinstance(change, SetStock):
        return dict(change.stocks)
    if isinstance(change, Create):
        return {each.sku: each.stock for each in change.listing.variants}
    return {}


def _prices_of(change: Change) -> dict[str, int]:
    if isinstance(change, SetPrice):
        return dict(change.prices)
    if isinstance(change, Create):
        return {each.sku: each.price_vnd for each in change.listing.variants}
    return {}


def _stock(found: RemoteListing, sku: str) -> int:
    return sum(each.stock for each in found.shown.variants if each.sku == sku)


def _may_end(
    market: "WatchedMarketplace", change: Withdraw, verdict: Verdict | None
) -> bool:
    """Only what is known ends a listing; what is unknown or absent never does."""
    if verdict is None:
        return False
    found = market.shelf.listings.get(change.ref)
    in_review = found is None or found.state is RemoteState.IN_REVIEW
    return verdict.standing is Standing.NOT_LISTED or (
        verdict.standing is Standing.WITHOUT_CLAIM and in_review
    )


def _takes(market: "WatchedMarketplace", change: Change) -> bool:
    """Say whether *change* takes something from buyers, as things are."""
    if isinstance(change, Withdraw | SetStock | SetStars):
        found = market.shelf.listings.get(change.ref)
        if found is None or found.state not in ON_SALE:
            return False
        if isinstance(change, SetStars):
            return change.stars is None and found.shown.stars is not None
        if isinstance(change, SetStock):
            shown = {each.sku: each.stock for each in found.shown.variants}
            return any(n == 0 < shown.get(s, 0) for s, n in change.stocks.items())
        return True
    return False


class _WatchedShelf(Shelf):
    """A shelf whose changes are told."""

    def __init__(self, market: "WatchedMarketplace", *, moderated: bool) -> None:
        super().__init__(market.canonical, market.context.clock, moderated=moderated)
        self._market = market

    def apply(self, change: Change) -> Result:
        before = dict(self.listings)
        result = super().apply(change)
        self._market.has_changed(change, before)
        return result


class WatchedMarketplace(InMemoryMarketplace):
    """A marketplace in memory that shows late, and lets effects come late.

    What a call of ours changes shows in reads only after the declared lag.

    Attributes:
        place: Its name.
    """

    capabilities: ClassVar[Capabilities] = replace(
        InMemoryMarketplace.capabilities,
        visible_within_s=3,
        call_timeout_s=LONGEST_S,
        page_size=4,
    )

    def __init__(
        self, account: Account, context: Context, watch: Watch, *, moderated: bool
    ) -> None:
        super().__init__(account, context, moderated=moderated)
        self.place = account.marketplace
        self.shelf = _WatchedShelf(self, moderated=moderated)
        self._watch = watch
        watch.markets.append(self)
        self._stock_edited: set[str] = set()
        self._doubled: set[str] = set()
        self._written: dict[tuple[str, str], tuple[Change, str]] = {}
        self._made_at: datetime | None = None
        self._late: list[tuple[datetime, Change]] = []
        self._seen: set[str] = set()
        self._hidden: dict[str, tuple[datetime, RemoteListing | None]] = {}

    async def page(self, cursor: str | None) -> Page:
        """Return a page, and note whom it shows."""
        page = await super().page(cursor)
        self._seen.update(each.ref for each in page.items)
        return page

    async def find(
        self, *, client_refs: Sequence[str] = (), skus: Sequence[str] = ()
    ) -> Sequence[RemoteListing | Unreadable]:
        """Return what is found, and note whom it shows."""
        found = await super().find(client_refs=client_refs, skus=skus)
        self._seen.update(each.ref for each in found)
        return found

    def strangers(self) -> dict[str, RemoteListing]:
        """Return what is on sale, carries no reference of ours and was shown to us."""
        return {
            ref: each
            for ref, each in self.shelf.listings.items()
            if ref in self._seen and each.state in ON_SALE and not each.shown.client_ref
        }

    def forget_shown(self, seen: Collection[str]) -> None:
        """The process died: what it was shown since, it may not have stored."""
        self._seen &= set(seen)

    def shown(self) -> frozenset[str]:
        """Return what was shown to us so far."""
        return frozenset(self._seen)

    def calm_down(self) -> None:
        """Let nothing go wrong from now on, but for what is still to come."""
        self._scripts.clear()
        self._stale_reads = 0

    def edit_stock(self, ref: str, left: int) -> None:
        """Let somebody there write a stock of their own into a listing of ours."""
        shown = self.shelf.listings[ref].shown
        variants = tuple(replace(each, stock=left) for each in shown.variants)
        self.shelf.edit(ref, variants=variants)
        self._stock_edited.add(shown.client_ref)

    def sell(self, ref: str, quantity: int, order_line: str) -> None:
        """Sell some of the first pack of a listing."""
        sku = self.shelf.listings[ref].shown.variants[0].sku
        self.shelf.sell(ref, sku, quantity, order_line)
        self._watch.sales.append(Sold(sku, quantity, self.context.clock()))

    def is_stock_strange(self, product_id: str) -> bool:
        """Say whether others have changed the stock of a product since we wrote it."""
        return product_id in self._stock_edited

    def is_doubled(self, product_id: str) -> bool:
        """Say whether a listing of a product was made twice."""
        return product_id in self._doubled

    def settle(self) -> None:
        """Make the late changes whose time has come."""
        now = self.context.clock()
        due = [each for each in self._late if each[0] <= now]
        self._late = [each for each in self._late if each[0] > now]
        for at, change in due:
            self._made_at = at
            self.shelf.apply(change)
        self._made_at = None

    def has_changed(self, change: Change, before: dict[str, RemoteListing]) -> None:
        """Note that *change* was made, and hide for a while what it did."""
        at = self._made_at or self.context.clock()
        until = at + timedelta(seconds=self.capabilities.visible_within_s)
        for ref, found in self.shelf.listings.items():
            if before.get(ref) != found:
                self._hidden[ref] = until, before.get(ref)
        if isinstance(change, SetStock):
            self._stock_edited.discard(change.client_ref)
        self._watch.took_effect(self, change)
        self._is_needed(change)

    def _is_needed(self, change: Change) -> None:
        """Nothing is written again while it stands there as it was written."""
        if not isinstance(change, SetPrice | SetStock | SetStars):
            return
        found = self.shelf.listings.get(change.ref)
        if found is None:
            return
        if self._written.get((change.ref, change.kind)) == (change, found.version):
            self._watch.note(self, "written again, though it stands there", change)
        self._written[change.ref, change.kind] = change, found.version

    async def _call(self, method: str, batch: Sequence[Change]) -> list[Result]:
        self.settle()
        await self._watch.arrives(self, batch)
        return await super()._call(method, batch)

    def _apply(self, change: Change, fault: Fault | None) -> Result:
        if isinstance(fault, LateEffect):
            at = self.context.clock() + timedelta(seconds=fault.after_s)
            self._late.append((at, change))
            return Unknown("lost, made later")
        if isinstance(fault, Twice):
            self._doubled.add(change.client_ref)
            result = super()._apply(change, None)
            self.shelf.apply(change)
            return result
        return super()._apply(change, fault)

    def _visible(self) -> dict[str, RemoteListing]:
        self.settle()
        now, shown = self.context.clock(), dict[str, RemoteListing]()
        for ref, found in super()._visible().items():
            until, old = self._hidden.get(ref, (now, None))
            item: Any = found if until <= now else old
            if item is not None:
                shown[ref] = item
        return shown
