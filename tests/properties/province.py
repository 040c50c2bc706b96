"""A province in miniature, with everything that a machine of rules does in it.

Two marketplaces that are watched (`tests.properties.watched`), one of which
reviews first; six products of three makers. Which act comes when is drawn in
`tests/properties/test_service_machine.py`.
"""

import random
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Mapping,
    Sequence,
)
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import update
from catalog.db import reader
from catalog.eligibility import load_rules
from catalog.model.paper import PaperKind
from catalog.model.product import Entry, Variant
from catalog.values import replace
from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.clock import VIETNAM
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.errors import PlanError, SyncInProgressError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.change import StopSeller
from ocop_sync.marketplace.listing import Listing, RemoteListing, RemoteState
from ocop_sync.marketplace.listing import Variant as Offered
from ocop_sync.service.decisions import approvals, drift_decisions, twin_decisions
from ocop_sync.service.deployment import Deployment, RunLimits, Site
from ocop_sync.service.queries.drift import list_drift
from ocop_sync.service.queries.twins import list_twins
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.reconcile import reconcile
from ocop_sync.store.db.database import Database
from ocop_sync.store.decisions.possible_twins import TwinRow
from ocop_sync.testing.memory import offline_context
from tests.certified import revoke_if_it_can_be
from tests.factories import (
    AT,
    NOT_SO,
    make_certificate,
    make_paper,
    make_producer,
    person,
)
from tests.held import list_held
from tests.integration.dying import Death, Interruption, PowerCutError
from tests.properties import settled
from tests.properties.passing import ensure_none_is_missed
from tests.properties.shared import Shared
from tests.properties.watched import Watch, WatchedMarketplace
from tests.world import FakeTime, World, entry, pace

T = TypeVar("T")

Edit = Callable[["Province", str], Awaitable[None]]
"""What somebody does to a product while a sync goes on."""

Meanwhile = tuple[str, Collection[str]]
"""The name of an edit, and the products to which it is done."""

PLACES = ("memory", "other")
ACCOUNTS = {
    name: Account(key=name, marketplace=name, base_url="http://localhost")
    for name in PLACES
}
RULES = load_rules()
COUNT = 6
IDS = tuple(f"SP-{n:05}" for n in range(1, COUNT + 1))
SLICE = 4
"""Changes in one slice: more are due at first, so that there is a between."""
BUDGET = Budget(min_changes=2)
FEW = 12
"""Runs within which all must come to rest."""

BY = person("Cán bộ Mẫu")
"""Who decides."""


class Stage:
    """What all examples share: an event loop and a database, emptied for each.

    Args:
        shared: The loop, and where databases are lent.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._lent = ExitStack()
        self.clear()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._shared.run(work)

    def clear(self) -> None:
        """Give back what was lent, and begin with nothing."""
        self.close()
        self.database = Database(self._lent.enter_context(self._shared.database()))
        self._lent.callback(lambda: self.run(self.database.close()))

    def close(self) -> None:
        self._lent.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A listing that somebody made.

    Attributes:
        made: As it was made.
        of: The product that it is like, or that it is not.
        is_sure: It has that product's SKU and seller, so that nobody need look.
    """

    made: RemoteListing
    of: str
    is_sure: bool


class Province:
    """All that there is, and what anybody does in it.

    Args:
        stage: What it is played on.

    Attributes:
        time: The clock of everybody.
        watch: Looks at every change that arrives at a marketplace.
        markets: The marketplaces, by name.
        world: Catalog, service and marketplaces.
        by_hand: What is not ours, by marketplace and reference.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stage.clear()
        # Not on a second: what is sold as it is written is told as such.
        self.time = FakeTime(AT + timedelta(milliseconds=400))
        self.watch = Watch(self._stage.database, RULES, BUDGET, PLACES, self.time)
        self.markets = {
            name: WatchedMarketplace(
                account,
                replace(offline_context(self.time), quota=pace(self.time)),
                self.watch,
                moderated=name == "other",
            )
            for name, account in ACCOUNTS.items()
        }
        self.world = World(
            database=stage.database,
            time=self.time,
            deployment=self._deployment(),
            markets=dict(self.markets),
        )
        self.by_hand: dict[tuple[str, str], ByHand] = {}
        self._adopted: set[tuple[str, str]] = set()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what takes time, to its end."""
        return self._stage.run(work)

    def write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Carry *work* out in a transaction."""
        return self.run(self.world.database.write(work))

    def save(self, *entries: Entry) -> None:
        """Let the catalog hold *entries*."""
        self.run(self.world.save(*entries))

    def change(self, id_: str, **differences: Any) -> None:
        """Change fields of a product."""
        self.run(self.world.change(id_, **differences))

    def sync_now(self, name: str = "") -> None:
        """Keep one marketplace right, or all."""
        self.run(self.sync(*([name] if name else [])))

    def open(self, by_hand: Collection[tuple[str, str, str]] = ()) -> None:
        """Fill the catalog; three certificates end on one day, five days off.

        Args:
            by_hand: What somebody has listed before: place, product and likeness,
                as of `make_by_hand`.
        """
        ends = {2: 5, 3: 5, 4: 20, 5: 5}
        entries = []
        for n in range(1, COUNT + 1):
            product, _ = entry(n)
            producer = make_producer(id=f"CS-{n % 3:04}", name=f"Cơ sở Mẫu {n % 3}")
            granted = date(2021, 3, 1) + timedelta(days=ends.get(n, 800))
            certificate = make_certificate(decided_on=granted, body="tỉnh")
            entries.append(
                (
                    replace(
                        product, producer_id=producer.id, certificates=(certificate,)
                    ),
                    producer,
                )
            )
        self.save(*entries)
        self.note_ends()
        for place, id_, like in by_hand:
            self.make_by_hand(place, id_, like)

    def put_on_sale(self, at: int = 0, meanwhile: Meanwhile | None = None) -> None:
        """Put on sale what there is, in two syncs.

        Args:
            at: The step of the first one at which something comes between, a
                transaction or a change that is sent; 0: none.
            meanwhile: What then becomes of the catalog; else it is told to stop.
        """
        if not at:
            self.run(self.sync())
        elif meanwhile is None:
            self.run(self.be_stopped(at))
        else:
            for place in PLACES:
                self.run(self.sync_while(place, at, meanwhile))
            self.note_ends()
        self._approve_all()
        self.run(self.sync())

    def make_by_hand(self, place: str, id_: str, like: str) -> None:
        """Let somebody list a product, or something like it.

        Args:
            place: The marketplace.
            id_: The product.
            like: What is the same as ours: words such as "sku and seller".
        """
        product, producer = self.entry(id_)
        sku = f"{id_}-1" if "sku" in like else "HÀNG-1"
        listing = Listing(
            client_ref="",
            seller_ref=producer.id if "seller" in like else "",
            title=product.name if "name" in like else "Hàng của người khác",
            description="Bán tại chợ",
            category="C-I.3.c",
            variants=(Offered(sku=sku, pack="Gói", price_vnd=39_000, stock=3),),
        )
        shelf = self.markets[place].shelf
        ref = shelf.add(listing, seller_name="Người bán Mẫu")
        self.by_hand[place, ref] = ByHand(
            made=shelf.listings[ref],
            of=id_,
            is_sure="sku" in like and "seller" in like,
        )

    def _deployment(self) -> Deployment:
        return Deployment(
            database=self._stage.database,
            rules=RULES,
            sites=tuple(
                Site(name, WatchedMarketplace, [account])
                for name, account in ACCOUNTS.items()
            ),
            open=lambda account: self.markets[account.marketplace],
            clock=self.time,
            sleep=self.time.sleep,
            time=self.time.seconds,
            random=random.Random(1),  # noqa: S311  (jitter is no secret)
            holder="kiểm thử",
            limits=RunLimits(slice_changes=SLICE),
            budget=BUDGET,
            retry=RetryPolicy(attempts=3),
        )

    def entry(self, id_: str) -> Any:
        async def get() -> Any:
            async with self.world.database.read() as conn:
                return (await reader.get(conn, [id_]))[id_]

        return self.run(get())

    def change_pack(self, id_: str, **differences: Any) -> None:
        product, _ = self.entry(id_)
        packs: tuple[Variant, ...] = product.variants
        changed = (replace(packs[0], **differences), *packs[1:])
        self.change(id_, variants=changed)

    def note_ends(self) -> None:
        """Remember since when the catalog says when each claim ends."""
        for id_, entry_ in self.run(self.watch.entries(IDS)).items():
            ends = self.watch.verdict(entry_).claim_ends_on
            if ends is not None:
                key = id_, ends.isoformat()
                self.watch.ends_known.setdefault(key, self.time())

    def pick(self, place: str, pick: int, *states: RemoteState) -> str | None:
        """Return one of our listings in some state, if there is any."""
        found = [
            ref
            for ref, each in self.markets[place].shelf.listings.items()
            if each.state in states and (place, ref) not in self.by_hand
        ]
        return found[pick % len(found)] if found else None

    async def sync(self, *names: str) -> Report | None:
        try:
            report = await self.world.sync(*names, follow_s=0)
        except SyncInProgressError:
            return None  # the lease of a run that died has not ended yet
        for name, figures in report.counts.items():
            assert list(settled.unequal(name, figures)) == []
        await ensure_none_is_missed(self.world.deployment)
        return report

    def restart(self) -> None:
        """Let another process go on: all that it has is the database."""
        self.world.deployment = self._deployment()

    async def die(self, at: int) -> None:
        death = Death(at)
        shown = {name: market.shown() for name, market in self.markets.items()}
        try:
            with death.watching(self.world):
                await self.sync()
        except* PowerCutError:
            for name, market in self.markets.items():
                market.forget_shown(shown[name])
        self.restart()

    async def be_stopped(self, at: int) -> None:
        """Sync, be told to stop upon a change that was sent, and sync at once."""

        async def ask() -> None:
            self.world.deployment.stop.ask("SIGTERM")

        with Interruption(at, ask).after_writes(self.world):
            await self.sync()
        self.restart()
        await self.sync()

    async def sync_while(self, place: str, at: int, meanwhile: Meanwhile) -> None:
        """Sync one marketplace while somebody acts upon the catalog.

        It comes before a transaction, never between one and the call that it is
        for: nobody can hear of that in time. So one marketplace is synced alone.
        """
        with Interruption(at, partial(self.edit, meanwhile)).before_transactions(
            self.world
        ):
            await self.sync(place)

    async def edit(self, meanwhile: Meanwhile) -> None:
        """Let something become of some products."""
        what, ids = meanwhile
        for id_ in ids:
            await EDITS[what](self, id_)

    async def decide_group(self, pick: int, *, yes: bool) -> None:
        found = await list_held(self.world.deployment)
        if not found:
            return
        group, members = found[pick % len(found)]
        decide = approvals.approve if yes else approvals.refuse
        try:
            await decide(
                self.world.deployment,
                group.id,
                by=BY,
                reason="đã xem",
            )
        except PlanError:
            return
        if yes:
            taken = self.watch.taken[group.marketplace]
            until = self.time() + timedelta(hours=72)
            taken.approved |= dict.fromkeys(members, until)

    async def reconcile(self, *, report_only: bool) -> None:
        for market in self.markets.values():
            market.log.clear()
        try:
            await reconcile(self.world.deployment, report_only=report_only)
        except SyncInProgressError:
            return
        assert not (report_only and self.world.written())

    async def decide_drift(self, pick: int, *, ours: bool) -> None:
        found = await list_drift(self.world.deployment)
        if not found:
            return
        said = found[pick % len(found)]
        try:
            await drift_decisions.decide_drift(
                self.world.deployment, said.id, ours=ours, by=BY
            )
        except PlanError:
            return  # not all of it can be put right by us
        key = place, id_, field = said.marketplace, said.product_id, said.field
        self.watch.left.pop(key, None)
        if not ours and field:
            sight = await settled.look(self.world, self.markets[place])
            left = settled.as_decided(sight, self.world, id_, field)
            self.watch.left[key] = left

    async def decide_twin(self, pick: int, *, yes: bool) -> None:
        found = await list_twins(self.world.deployment)
        if not found:
            return
        decide = twin_decisions.adopt if yes else twin_decisions.decide_other
        twin = await decide(
            self.world.deployment, found[pick % len(found)].id, by=person("Cán bộ Mẫu")
        )
        if yes:
            self._adopted.add((twin.marketplace, twin.ref))
        about = [twin] if not yes else [t for t in found if _is_beside(t, twin)]
        self.watch.others |= {(t.marketplace, t.product_id, t.ref) for t in about}

    async def check(self) -> None:
        assert self.watch.broken == [], self.watch.broken[0]
        sights = [await settled.look(self.world, m) for m in self.markets.values()]
        self._check_untouched(sights)
        for sight in sights:
            assert list(settled.doubles(sight)) == []
            assert await settled.not_kept(self.world, sight.market.place) == []

    def _check_untouched(self, sights: Sequence[settled.Sight]) -> None:
        """What was made by hand is left alone, but for what is ours for certain."""
        owners = {
            (sight.market.place, record.state.ref): id_
            for sight in sights
            for id_, record in sight.records.items()
        }
        for (place, ref), each in list(self.by_hand.items()):
            owner = owners.get((place, ref))
            if owner is not None:
                is_sure = each.is_sure and each.of == owner
                is_ours = is_sure or (place, ref) in self._adopted
                assert is_ours, f"{ref} at {place} was adopted, and nobody said so"
                del self.by_hand[place, ref]
                continue
            found = self.markets[place].shelf.listings.get(ref)
            is_left = found == each.made or self._was_closed(place, each.made, found)
            assert is_left, f"{ref} at {place} is not ours, and was changed"

    def _was_closed(
        self, place: str, before: RemoteListing, found: RemoteListing | None
    ) -> bool:
        """Say whether a listing only went down with its seller, who was stopped."""
        stopped = {
            change.client_ref
            for change in self.watch.effects[place]
            if isinstance(change, StopSeller)
        }
        return (
            before.shown.seller_ref in stopped
            and found is not None
            and found.state is RemoteState.DOWN
            and found.shown == before.shown
        )

    async def come_to_rest(self) -> None:
        """Let nothing more go wrong, and see that all comes right."""
        if not IDS or not await self.watch.entries(IDS):
            return
        for market in self.markets.values():
            market.calm_down()
        self.time.pass_(minutes=2)
        report = await self._settle()
        sights = [await settled.look(self.world, m) for m in self.markets.values()]
        for sight in sights:
            market, name = sight.market, sight.market.place
            wrong = [
                *self.watch.broken,
                *settled.doubles(sight, is_quiet=True),
                *settled.still_on_sale(sight, self.watch),
                *settled.out_of_sync(sight, self.world, self.watch),
                *settled.miscounted(sight, self.watch, report.counts[name]),
                *await settled.not_in_ledger(self.world, market, self.watch),
            ]
            assert wrong == [], "\n".join(wrong)
        self._check_untouched(sights)

    async def _settle(self) -> Report:
        """Sync on and on until nothing is left to do; then nothing is written."""
        for _ in range(FEW):
            self.time.pass_(hours=25)
            await self.sync()
            approved = self._approve_all()
            written = self.world.written()
            if not written and not approved:
                break
        else:
            pytest.fail(f"never comes to rest: {written}")
        self.time.pass_(minutes=1)
        report = await self.sync()
        assert report is not None
        assert self.world.written() == []
        assert report.stopped == {}
        return report

    def _approve_all(self) -> bool:
        found = False
        for market in self.markets.values():
            for ref, each in list(market.shelf.listings.items()):
                if each.state is RemoteState.IN_REVIEW:
                    market.shelf.approve(ref)
                    found = True
        return found


def _is_beside(twin: TwinRow, chosen: TwinRow) -> bool:
    """Say whether two are offered for the same product: then one is closed."""
    return (twin.marketplace, twin.product_id) == (
        chosen.marketplace,
        chosen.product_id,
    )


def _pack_becomes(**differences: Any) -> Edit:
    async def edit(province: Province, id_: str) -> None:
        (product, _) = (await province.watch.entries([id_]))[id_]
        packs = (replace(product.variants[0], **differences), *product.variants[1:])
        await province.world.change(id_, variants=packs)

    return edit


def _becomes(**differences: Any) -> Edit:
    async def edit(province: Province, id_: str) -> None:
        await province.world.change(id_, **differences)

    return edit


def _counted(n: int) -> Edit:
    async def edit(province: Province, id_: str) -> None:
        now = province.time()
        await province.world.database.write(
            lambda conn: update.set_stock(
                conn, f"{id_}-1", n, now, by=person("Kho Mẫu"), now=now
            )
        )

    return edit


async def _revoke(province: Province, id_: str) -> None:
    now = province.time()
    day = now.astimezone(VIETNAM).date()
    await province.world.database.write(
        lambda conn: revoke_if_it_can_be(
            conn, [id_], "9/QĐ-MẪU", day, by=person("Cán bộ Mẫu"), now=now
        )
    )


UNSAFE = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO), make_paper(PaperKind.DECLARATION))

EDITS: Mapping[str, Edit] = {
    "dearer": _pack_becomes(price_vnd=61_000),
    "cheaper": _pack_becomes(price_vnd=41_000),
    "two left": _counted(2),
    "forty left": _counted(40),
    "paused": _becomes(paused=True),
    "unsafe": _becomes(papers=UNSAFE),
    "renamed": _becomes(name="Măng Mẫu loại ba"),
    "revoked": _revoke,
}
"""What may become of a product in the midst of a run."""
