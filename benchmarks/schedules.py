"""Run schedules in three processes on one PostgreSQL; kill one, suspend another.

    python -m benchmarks.schedules [--firings 5000] [--schedules 20] [--seed 1]

Each schedule is due every second; its work writes down that it began and that it ended,
each in a transaction in which its run is still its own. Of three processes one is
killed by its number (SIGKILL) at random moments and started again; another is suspended
in the middle of a run (SIGSTOP) until that run was taken over, and resumed. In the end
one process runs what is left open.

Then each due time must have been dealt with once: by a run that was completed, perhaps
by whoever took it over, by one that stands for several that were missed, or skipped as
the run before still went on; no two runs of a schedule at once; and nothing written by
the suspended process for a run that another one had begun meanwhile. All is counted
from the tables; the exit code is 1 if anything is wrong. It also tells how long it
takes from `schedule run-now` in one process until another one has begun.
"""

import argparse
import asyncio
import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any, cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from catalog.eligibility import Rules
from catalog.model.actor import Actor, ActorKind
from ocop_sync.calls.stop import Stop
from ocop_sync.clock import system_clock
from ocop_sync.scheduler import Scheduler, scheduling, told_by_others
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.run.heartbeat import beating
from ocop_sync.service.schedules.kind import ScheduleKind
from ocop_sync.service.schedules.schedules import Office, run_schedule_now
from ocop_sync.service.schedules.works import DONE, AtWork, WorkEnd
from ocop_sync.store.db.database import Database
from ocop_sync.store.db.stuck_sessions import end_stuck_sessions
from ocop_sync.store.schedules import schedules
from tests.postgres import running_server

PROCESSES = 3
LEASE = timedelta(seconds=3)
LONGEST_WORK_S = 0.6
KILL_AFTER_S = (0.2, 2.5)
SUSPENDED = "suspended"
"""The process that is suspended and resumed."""
ASKED = 20
"""How often a run is asked for by hand, to see how soon it is begun."""
TELL_EVERY_S = 30

_NOTES = (
    "(schedule text, due_at timestamptz, holder text,"
    " at timestamptz DEFAULT clock_timestamp())"
)
TABLES = (
    f"CREATE TABLE work_begun {_NOTES}",
    f"CREATE TABLE work_done {_NOTES}",
    "CREATE TABLE work_at_once (schedule text, due_at timestamptz)",
)


def deployment_of(database: Database, holder: str, stop: Stop) -> Deployment:
    """Return a deployment that has schedules and nothing else."""

    def nothing(account: Any) -> Any:
        raise LookupError(account)

    return Deployment(
        database=database,
        rules=cast("Rules", None),  # nothing is evaluated
        sites=(),
        open=nothing,
        clock=system_clock,
        sleep=asyncio.sleep,
        time=time.monotonic,
        random=random.Random(1),  # noqa: S311  (no secret)
        holder=holder,
        stop=stop,
    )


async def write(database: Database, statement: str, **values: Any) -> Any:
    """Carry out one statement in a transaction of its own."""
    return await database.write(lambda conn: conn.execute(text(statement), values))


async def rows(database: Database, query: str) -> Sequence[Any]:
    """Return the rows of a query."""
    async with database.read() as conn:
        return (await conn.execute(text(query))).all()


async def until_none(database: Database, query: str, every_s: float) -> None:
    """Wait until a query has no rows."""
    while await rows(database, query):  # noqa: ASYNC110  (another process ends it)
        await asyncio.sleep(every_s)


# One process


async def worker(url: str, holder: str, lease: timedelta) -> None:
    """Run schedules until SIGTERM."""
    logging.disable()  # what is late or taken over is counted in the end
    stop, drawn = Stop(), random.Random()  # noqa: S311  (no secret)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.ask, "SIGTERM")
    database = Database(url)
    engine = cast("AsyncEngine", database.engine_apart())

    async def note(at: AtWork, table: str) -> None:
        named = {"schedule": at.schedule, "due_at": at.due_at, "holder": holder}
        statement = f"INSERT INTO {table} VALUES (:schedule, :due_at, :holder)"  # noqa: S608
        await at.write(lambda conn: conn.execute(text(statement), named))

    async def work(at: AtWork) -> WorkEnd:
        async with engine.connect() as conn:
            # Who is suspended keeps its lock: that it goes on with nothing is counted
            # otherwise.
            lock = text("SELECT pg_try_advisory_lock(hashtext(:name))")
            is_alone = holder == SUSPENDED or await conn.scalar(
                lock, {"name": at.schedule}
            )
            if not is_alone:
                await write(
                    database,
                    "INSERT INTO work_at_once VALUES (:schedule, :due_at)",
                    schedule=at.schedule,
                    due_at=at.due_at,
                )
            await note(at, "work_begun")
            await asyncio.sleep(drawn.uniform(0, LONGEST_WORK_S))
            await note(at, "work_done")
        return DONE

    deployment = deployment_of(database, holder, stop)
    async with told_by_others(deployment) as (_, wake):
        scheduler = Scheduler(
            AtWork(deployment=deployment),
            wake,
            dict.fromkeys(ScheduleKind, work),
            lease=lease,
        )

        async def end_stuck() -> None:
            await database.write(partial(end_stuck_sessions, after=lease))

        beats = beating(end_stuck, lease.total_seconds(), asyncio.sleep)
        async with scheduling(scheduler, stop), beats:
            await stop.wait()
    await engine.dispose()
    await database.close()


def start(url: str, holder: str, lease: timedelta) -> "subprocess.Popen[bytes]":
    """Start a process that runs schedules."""
    command = [
        *(sys.executable, "-m", "benchmarks.schedules", "--work", url, holder),
        *("--lease", str(lease.total_seconds())),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603


# The trial

AFTER_ANOTHER = """
SELECT 1 FROM work_done late
JOIN work_begun other USING (schedule, due_at)
WHERE other.holder <> late.holder AND other.at < late.at AND other.at > (
    SELECT max(mine.at) FROM work_begun mine
    WHERE mine.schedule = late.schedule AND mine.due_at = late.due_at
    AND mine.holder = late.holder AND mine.at < late.at)
"""
"""What a process has written for a run that another one had begun meanwhile: since it
began it last itself, as it may have taken it back from that one, by a new claim."""


@dataclass
class Trial:
    """One long trial."""

    url: str
    count: int
    firings: int
    drawn: random.Random
    lease: timedelta = LEASE
    kills: int = 0
    suspensions: int = 0
    waits: list[float] = field(default_factory=list)

    async def run(self) -> int:
        """Carry it out; return the exit code."""
        database = Database(self.url)
        try:
            for each in TABLES:
                await write(database, each)
            await self._add(database)
            await self._live(database)
            await self._finish(database)
            return await self._told(database)
        finally:
            for each in TABLES:
                await write(database, f"DROP TABLE IF EXISTS {each.split()[2]}")
            await database.close()

    def _start(self, holder: str) -> "subprocess.Popen[bytes]":
        return start(self.url, holder, self.lease)

    async def _add(self, database: Database) -> None:
        now = system_clock()

        async def add(conn: Any) -> None:
            for n in range(self.count):
                await schedules.add(
                    conn, name=f"s-{n:02}", kind="sync", cron="", every_s=1, now=now
                )
            # Only by hand: it is due in a year.
            await schedules.add(
                conn, name="hand", kind="sync", cron="", every_s=31_536_000, now=now
            )

        await database.write(add)

    async def _live(self, database: Database) -> None:
        """Let three processes work: kill one again and again, suspend another."""
        others = [self._start(name) for name in ("steady", SUSPENDED)]
        victim = self._start("victim")
        beside = [
            asyncio.ensure_future(self._ask(database)),
            asyncio.ensure_future(self._suspend(database, others[1].pid)),
        ]
        told_at = time.monotonic()
        try:
            while (done := await self._count(database)) < self.firings:
                if time.monotonic() - told_at > TELL_EVERY_S:
                    told_at = time.monotonic()
                    print(
                        f"{done} firings, {self.kills} kills,"
                        f" {self.suspensions} suspensions",
                        flush=True,
                    )
                await asyncio.sleep(self.drawn.uniform(*KILL_AFTER_S))
                if await self._has_begun(database):
                    os.kill(victim.pid, signal.SIGKILL)
                    victim.wait()
                    self.kills += 1
                    victim = self._start(f"victim {self.kills}")
        finally:
            for each in beside:
                each.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            os.kill(others[1].pid, signal.SIGCONT)
            for process in (*others, victim):
                process.terminate()
            for process in (*others, victim):
                process.wait()

    async def _suspend(self, database: Database, pid: int) -> None:
        """Suspend a process in the middle of a run until another one has that run."""
        ours = f"SELECT 1 FROM schedule_run WHERE holder = '{SUSPENDED}'"  # noqa: S608
        is_open = f"{ours} AND ended_at IS NULL AND token <> ''"
        while True:
            while not await rows(database, is_open):  # noqa: ASYNC110  (it begins one)
                await asyncio.sleep(0.01)
            os.kill(pid, signal.SIGSTOP)
            try:
                if await rows(database, is_open):
                    # Until all that it had open is another's.
                    await until_none(database, is_open, 0.1)
                    self.suspensions += 1
            finally:
                os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(self.drawn.uniform(*KILL_AFTER_S))

    async def _has_begun(self, database: Database) -> bool:
        """Say whether the present victim has run anything yet."""
        name = f"victim {self.kills}" if self.kills else "victim"
        found = await rows(
            database,
            f"SELECT 1 FROM work_begun WHERE holder = '{name}' LIMIT 1",  # noqa: S608
        )
        return bool(found)

    async def _count(self, database: Database) -> int:
        ((count,),) = await rows(database, "SELECT count(*) FROM schedule_run")
        return int(count)

    async def _ask(self, database: Database) -> None:
        """Ask for runs by hand now and then; note how soon they are begun."""
        office = Office(database=database, clock=system_clock)
        by = Actor(kind=ActorKind.SERVICE, name="benchmark")
        open_run = "SELECT 1 FROM schedule_run WHERE ended_at IS NULL AND by_hand"
        for _ in range(ASKED):
            await asyncio.sleep(5)
            began = time.monotonic()
            await run_schedule_now(office, "hand", by=by)
            await until_none(database, f"{open_run} AND began_at IS NULL", 0.01)
            self.waits.append(time.monotonic() - began)
            await until_none(database, open_run, 0.2)

    async def _finish(self, database: Database) -> None:
        """Let one process run what is left open; nothing new is due any more."""
        await write(database, "UPDATE schedule SET paused_at = now()")
        last = self._start("last")
        left = "SELECT 1 FROM schedule_run WHERE ended_at IS NULL"
        await until_none(database, left, 0.2)
        last.terminate()
        last.wait()

    async def _told(self, database: Database) -> int:
        """Count from the tables, print it, and return the exit code."""
        runs = await rows(
            database,
            "SELECT s.name, r.due_at, r.missed, r.tries, r.outcome,"
            " (SELECT count(*) FROM work_begun b"
            "  WHERE b.schedule = s.name AND b.due_at = r.due_at) AS begun,"
            " (SELECT count(*) FROM work_done d"
            "  WHERE d.schedule = s.name AND d.due_at = r.due_at) AS done"
            " FROM schedule_run r JOIN schedule s ON s.id = r.schedule_id"
            " ORDER BY s.name, r.due_at",
        )
        at_once = len(await rows(database, "SELECT 1 FROM work_at_once"))
        outcomes = Counter(each.outcome for each in runs)
        completed = [each for each in runs if each.outcome == "done"]
        again = sum(each.done > 1 for each in completed)
        not_done = sum(each.done == 0 for each in completed)
        too_often = sum(each.begun > each.tries for each in runs)
        gaps = await self._gaps(database, runs)
        late = len(await rows(database, AFTER_ANOTHER))
        print(
            f"{len(runs)} firings of {self.count} schedules in {PROCESSES} processes,"
            f" {self.kills} kills, {self.suspensions} suspensions beyond the claim's"
            f" {self.lease.total_seconds():g} s: {dict(outcomes)}, taken over"
            f" {sum(each.tries > 1 for each in runs)}, standing for missed ones"
            f" {sum(each.missed > 0 for each in runs)}, completed but killed before"
            f" that was stored, so completed again {again}"
        )
        if self.waits:
            print(
                f"from run-now to begun in another process: median"
                f" {1000 * median(self.waits):.0f} ms, longest"
                f" {1000 * max(self.waits):.0f} ms of {len(self.waits)}"
            )
        print(
            f"check: lost {not_done + outcomes['']}, begun without a claim {too_often},"
            f" at once {at_once}, due times without a run {gaps},"
            f" written after another had begun {late}"
        )
        # A process that was kept waiting for longer than its claim lasts may still be
        # at its work while another one has the run (at once): it writes no more.
        wrong = (not_done, outcomes[""], too_often, gaps, late)
        return int(any(wrong))

    async def _gaps(self, database: Database, runs: Sequence[Any]) -> int:
        """Return how many due times no run stands for."""
        found = 0
        query = "SELECT name, made_at, due_until FROM schedule WHERE name <> 'hand'"
        for name, made_at, until in await rows(database, query):
            due = (until - made_at) // timedelta(seconds=1)
            ours = [each for each in runs if each.name == name]
            found += abs(due - sum(1 + each.missed for each in ours))
        return found


def main() -> int:
    """Carry out what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--firings", type=int, default=5000)
    parser.add_argument("--schedules", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", nargs=2, metavar=("URL", "NAME"))
    parser.add_argument("--lease", type=float, default=LEASE.total_seconds())
    given = parser.parse_args()
    lease = timedelta(seconds=given.lease)
    if given.work:
        url, holder = given.work
        asyncio.run(worker(url, holder, lease))
        return 0
    began = datetime.now(UTC)
    with running_server() as server, server.database() as url:
        trial = Trial(
            url,
            given.schedules,
            given.firings,
            random.Random(given.seed),  # noqa: S311  (no secret)
            lease,
        )
        code = asyncio.run(trial.run())
    print(f"{(datetime.now(UTC) - began).total_seconds():.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
