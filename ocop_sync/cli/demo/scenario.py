"""The way of the demonstration: March 2024, the jump, today.

First the real products of public reports, as they stood on 1 March 2024, go to
the marketplaces. Then time jumps to today, and the fictitious catalog joins
them. Later runs stay at today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.values import replace
from catalog.vietnam_time import VIETNAM, day_in_vietnam, moment
from ocop_sync.bootstrap import COMPUTER_TIME, open_deployment
from ocop_sync.bootstrap.databases import open_database
from ocop_sync.cli.demo import catalogs, narration
from ocop_sync.cli.demo.accounts import open_accounts
from ocop_sync.cli.demo.folder import Folder, Memory
from ocop_sync.cli.demo.later_catalog import count_real, show_what_changed
from ocop_sync.cli.demo.meanwhile import tell_what_waits, where_it_happens
from ocop_sync.cli.demo.mocks import RunningMock
from ocop_sync.cli.plan import show_plans
from ocop_sync.cli.views.progress import progress_bars
from ocop_sync.cli.views.tables import console, coverage_table
from ocop_sync.clock import Clock, ShiftedClock, system_clock
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.lease_wait import wait_for_leases
from ocop_sync.service.sync.sync import sync
from ocop_sync.settings import DatabaseSettings, Settings, load_settings

START = datetime(2024, 3, 1, 9, tzinfo=VIETNAM).astimezone(UTC)
"""When the public reports held: 9 in the morning of 1 March 2024 in Vietnam."""

_ROUNDS = 5
"""Syncs in a row before open changes count as not settled."""
_SHOWN = 5
"""Changes of a plan that are shown of each marketplace."""


@dataclass(slots=True, kw_only=True)
class Walk:
    """One walk through the demonstration.

    Attributes:
        folder: Where it keeps everything.
        mocks: The simulated marketplaces.
        count: Products of the fictitious catalog.
        seed: Its seed.
        follow_for: How long submissions are followed.
    """

    folder: Folder
    mocks: Mapping[str, RunningMock]
    count: int
    seed: int
    follow_for: timedelta
    _real: Sequence[str] = field(default_factory=tuple)
    _sent: int = 0

    async def in_march(self, memory: Memory) -> None:
        """Take the real products to the marketplaces in March 2024."""
        clock = ShiftedClock(START - datetime.fromisoformat(memory.began_at))
        await self._set_clocks(clock)
        narration.begin("march")
        marketplaces = narration.in_words(len(self.mocks))
        narration.tell("march_begins", now=moment(clock()), **marketplaces)
        await self._load_real(clock)
        await self._open_accounts()
        settings = load_settings(self.folder.settings)
        async with open_deployment(
            settings, time=replace(COMPUTER_TIME, clock=clock)
        ) as deployment:
            report = await self._sync(deployment)
            console().print(coverage_table(report.counts, moment(clock())))
            memory.before = await count_real(deployment, self._real)
        memory.is_today = True
        self.folder.remember(memory)

    async def prepare_today(self) -> Settings:
        """Jump to today and load the fictitious catalog; return the settings."""
        await self._set_clocks(system_clock)
        is_first = not self.folder.catalog.exists()
        narration.begin("first_today" if is_first else "today")
        narration.tell("today_begins", now=moment(system_clock()))
        await self._load_fictitious(system_clock)
        await self._open_accounts()
        return load_settings(self.folder.settings)

    async def today(self, deployment: Deployment, memory: Memory) -> bool:
        """Sync as of today and tell where it stands.

        Returns:
            Whether every product is settled or has its reason.
        """
        meanwhile = where_it_happens(self.mocks, self.folder.catalog.name)
        if meanwhile is not None and not memory.has_left:
            await meanwhile.enter_by_hand(deployment)
        report = await self._sync(deployment)
        if meanwhile is not None and not memory.has_left:
            if await meanwhile.lose_some(deployment):
                await self._find_out(deployment, meanwhile.name, report)
            memory.has_left = True
            self.folder.remember(memory)
        if self._sent:
            await show_what_changed(deployment, self._real, START, memory.before)
        await narration.show_where_it_stands(deployment, report)
        calls = sum([await mock.writes() for mock in self.mocks.values()])
        narration.tell_writes(self._sent, calls, len(self.mocks))
        await tell_what_waits(deployment)
        settled = narration.is_settled(report)
        if not settled:
            narration.tell_unsettled(report)
        return settled

    async def _find_out(
        self, deployment: Deployment, name: str, report: Report
    ) -> None:
        """Sync the marketplace *name* once more, and tell it with what is known."""
        for _ in range(_ROUNDS):
            later = await sync(deployment, [name], follow_for=self.follow_for)
            self._sent += later.writes
            report.counts |= later.counts
            report.overdue = later.overdue
            if narration.is_settled(later):
                break

    async def _set_clocks(self, clock: Clock) -> None:
        for mock in self.mocks.values():
            await mock.set_clock(clock())

    async def _load_real(self, clock: Clock) -> None:
        async with open_database(self._database()) as database:
            self._real = await database.write(
                lambda conn: catalogs.load_real(conn, clock())
            )
        narration.tell("real_loaded", count=len(self._real))

    async def _load_fictitious(self, clock: Clock) -> None:
        path, now = self.folder.catalog, clock()
        if not path.exists():
            today = day_in_vietnam(now)
            catalogs.write_fictitious(
                path, count=self.count, seed=self.seed, today=today
            )

        async def load(conn: AsyncConnection) -> None:
            report = await catalogs.load_fictitious(conn, path, now)
            narration.tell(
                "fictitious_loaded",
                file=path.name,
                rows=report.rows,
                new=len(report.created),
                problems=len(report.problems),
            )
            self._real = await catalogs.real_ids(conn)

        async with open_database(self._database()) as database:
            await database.write(load)

    async def _open_accounts(self) -> None:
        async with (
            open_database(self._database()) as database,
            database.read() as conn,
        ):
            producers = await catalogs.producer_ids(conn)
        await open_accounts(self.folder, self.mocks, producers)
        per_seller = {
            name: mock.account_per_seller for name, mock in self.mocks.items()
        }
        narration.tell_accounts(per_seller, len(producers))

    def _database(self) -> Settings:
        return Settings(database=DatabaseSettings(url=self.folder.database_url))

    async def _sync(self, deployment: Deployment) -> Report:
        """Show the plan and carry it out, until nothing more can be done now."""
        show_plans(await plan(deployment), _SHOWN)
        await wait_for_leases(deployment)
        for _ in range(_ROUNDS):
            with progress_bars(deployment) as progress:
                report = await sync(
                    deployment, follow_for=self.follow_for, progress=progress
                )
            self._sent += report.writes
            if narration.is_settled(report):
                break
        return report
