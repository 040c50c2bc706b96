"""A province in miniature, with everything that a machine of rules does in it.

Two marketplaces that are watched (`tests.properties.watched`), one of which
reviews first; six products of three makers. Which act comes when is drawn in
`tests/properties/test_service_machine.py`.
"""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog import repository
from catalog.assembly import Entry
from catalog.eligibility import load_rules
from catalog.product import Variant
from ocop_sync.engine.retry import RetryPolicy
from ocop_sync.engine.safety import Budget
from ocop_sync.errors import PlanError, SyncInProgressError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.change import StopSeller
from ocop_sync.marketplace.listing import RemoteListing, RemoteState
from ocop_sync.service import people, word
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.reconciling import reconcile
from ocop_sync.service.sync import Report
from ocop_sync.store.database import Database
from ocop_sync.testing.memory import offline_context
from tests.factories import make_certificate, make_producer
from tests.integration.dying import FILE, Death, PowerCutError, copy_database
from tests.properties import settled
from tests.properties.watched import Watch, WatchedMarketplace
from tests.world import FakeTime, World, entry, make_tables

T = TypeVar("T")

PLACES = ("memory", "other")
ACCOUNTS = {
    name: Account(key=name, marketplace=name, base_url="http://localhost")
    for name in PLACES
}
RULES = load_rules()
COUNT = 6
IDS = tuple(f"SP-{n:05}" for n in range(1, COUNT + 1))
BUDGET = Budget(least=2)
FEW = 12
"""Runs within which all must come to rest."""


class Stage:
    """What all examples share: an event loop and a database, emptied for each."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ocop-machine-"))
        self._runner = asyncio.Runner()
        self.database = Database(f"sqlite:///{self._folder}/{FILE}")
        self.run(make_tables(self.database))
        copy_database(self._folder / FILE, self._folder / "empty.db")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def clear(self) -> None:
        copy_database(self._folder / "empty.db", self._folder / FILE)

    def close(self) -> None:
        self.run(self.database.close())
        self._runner.close()
        shutil.rmtree(self._folder)


class Province:
    """All that there is, and what anybody does in it.

    Args:
        stage: What it is played on.

    Attributes:
        time: The clock of everybody.
        watch: Looks at every change that arrives at a marketplace.
        markets: The marketplaces, by name.
        world: Catalog, service and marketplaces.
        by_hand: What is not ours, as it was made: by marketplace and reference.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stage.clear()
        self.time = FakeTime()
        self.watch = Watch(self._stage.database, RULES, BUDGET, PLACES, self.time)
        self.markets = {
            name: WatchedMarketplace(
                account,
                offline_context(self.time),
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
        self.by_hand: dict[tuple[str, str], RemoteListing] = {}

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

    def open(self, *, on_sale: bool) -> None:
        """Fill the catalog; three certificates end on one day, five days off."""
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
        if on_sale:
            self.run(self.sync())
            self._approve_all()
            self.run(self.sync())

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
            budget=BUDGET,
            retry=RetryPolicy(attempts=3),
        )

    def entry(self, id_: str) -> Any:
        async def get() -> Any:
            async with self.world.database.read() as conn:
                return (await repository.get(conn, [id_]))[id_]

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
        return report

    def restart(self) -> None:
        """Let another process go on: all that it has is the database."""
        self.world.deployment = self._deployment()

    async def die(self, at: int) -> None:
        death = Death(at)
        try:
            with death.watching(self.world):
                await self.sync()
        except* PowerCutError:
            pass
        self.restart()

    async def decide_group(self, pick: int, *, yes: bool) -> None:
        found = await people.list_held(self.world.deployment)
        if not found:
            return
        group, members = found[pick % len(found)]
        decide = people.approve if yes else people.refuse
        try:
            await decide(
                self.world.deployment, group.id, by="Cán bộ Mẫu", reason="đã xem"
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
        found = await word.list_drift(self.world.deployment)
        if not found:
            return
        number = found[pick % len(found)].id
        with suppress(PlanError):  # not all of it can be put right by us
            await word.say(self.world.deployment, number, ours=ours, by="Cán bộ Mẫu")

    async def decide_twin(self, pick: int, *, yes: bool) -> None:
        found = await people.list_twins(self.world.deployment)
        if not found:
            return
        decide = people.adopt if yes else people.say_other
        await decide(
            self.world.deployment, found[pick % len(found)].id, by="Cán bộ Mẫu"
        )

    async def check(self) -> None:
        assert self.watch.broken == [], self.watch.broken[0]
        await self._check_untouched()
        for market in self.markets.values():
            sight = await settled.look(self.world, market)
            assert list(settled.doubles(sight)) == []

    async def _check_untouched(self) -> None:
        for (place, ref), before in list(self.by_hand.items()):
            market = self.markets[place]
            found = market.shelf.listings.get(ref)
            if found == before or self._was_closed(place, before, found):
                continue
            sight = await settled.look(self.world, market)
            ours = {each.state.ref for each in sight.records.values()}
            assert ref in ours, f"{ref} at {place} is not ours, and was changed"
            del self.by_hand[place, ref]

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
        for name, market in self.markets.items():
            sight = await settled.look(self.world, market)
            wrong = [
                *self.watch.broken,
                *settled.doubles(sight),
                *settled.still_on_sale(sight, self.watch),
                *settled.out_of_sync(sight, self.world),
                *settled.miscounted(sight, self.watch, report.counts[name]),
                *await settled.not_in_ledger(self.world, market, self.watch),
            ]
            assert wrong == [], "\n".join(wrong)
        await self._check_untouched()

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
