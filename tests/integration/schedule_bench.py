"""Schedules with works that only note when they begin, and processes that look."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from ocop_sync.calls.stop import Stop
from ocop_sync.scheduler import Scheduler
from ocop_sync.service.claims.claimant import Claimant
from ocop_sync.service.schedules.claim import claim
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import Office, WantedSchedule, add_schedule
from ocop_sync.service.schedules.show import SeenSchedule, see_schedule
from ocop_sync.service.schedules.works import DONE, AtWork, WorkEnd
from ocop_sync.store.schedule_tables import schedule, schedule_run
from ocop_sync.worker import Wake
from tests.factories import person
from tests.world import World

BY: Any = {"by": person("Bà Mẫu")}
HOURLY = WantedSchedule(name="gio", kind=ScheduleKind.SYNC, every=timedelta(hours=1))
NIGHTLY = WantedSchedule(name="dem", kind=ScheduleKind.SYNC, cron="30 2 * * *")


@dataclass
class Work:
    """Notes each time it is begun; the rest is what a test says."""

    began: list[str] = field(default_factory=list)
    ended: WorkEnd = DONE
    goes_on: asyncio.Event | None = None
    error: Exception | None = None

    async def __call__(self, at: AtWork) -> WorkEnd:
        self.began.append(at.deployment.holder)
        if self.goes_on is not None:
            await at.deployment.stop.while_going(self.wait(self.goes_on))
        if self.error is not None:
            raise self.error
        return self.ended

    async def wait(self, goes_on: asyncio.Event) -> None:
        await goes_on.wait()


@dataclass
class Bench:
    """A world with an office, and processes that look when a test says so."""

    world: World
    work: Work
    schedulers: list[Scheduler] = field(default_factory=list)

    @property
    def office(self) -> Office:
        return Office(database=self.world.database, clock=self.world.time)

    def process(self, holder: str = "một", **more: Any) -> Scheduler:
        deployment = replace(
            self.world.deployment, holder=holder, stop=more.pop("stop", Stop())
        )
        works = more.pop("works", {ScheduleKind.SYNC: self.work})
        made = Scheduler(AtWork(deployment=deployment), Wake(), works, **more)
        self.schedulers.append(made)
        return made

    async def look(self, *processes: Scheduler) -> None:
        """Let each of them look once, all at the same time, and finish."""
        await asyncio.gather(*(each.look() for each in processes))
        await asyncio.gather(*(each.finished() for each in processes))

    async def add(self, wanted: WantedSchedule = HOURLY) -> None:
        await add_schedule(self.office, wanted, **BY)

    async def see(self, name: str = HOURLY.name) -> SeenSchedule:
        return await see_schedule(self.office, name)

    async def rows(self) -> list[tuple[datetime, str, int]]:
        """Return due time, outcome and tries of all runs, by due time."""
        query = select(*schedule_run.c["due_at", "outcome", "tries"])
        async with self.world.database.read() as conn:
            found = await conn.execute(query.order_by(schedule_run.c.due_at))
            return [tuple(each) for each in found]

    async def claim_and_die(self, name: str = "chết") -> None:
        """Claim the run of the only schedule as a process that dies at once."""
        claimant = Claimant(holder=name, token=name, now=self.world.time())
        number = await self.number()
        act = partial(
            claim,
            schedule_id=number,
            claimant=claimant,
            deployment=self.world.deployment,
        )
        assert await self.world.database.write(act) is not None

    async def number(self) -> int:
        async with self.world.database.read() as conn:
            return int(await conn.scalar(select(schedule.c.id)) or 0)
