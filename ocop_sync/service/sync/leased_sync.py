"""The frame of every sync around its work: it holds accounts, from lease to report.

The work meanwhile is an argument: all open work, a report of possible changes, or a
reviewed plan.
"""

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.history import erase_old_values
from catalog.db.kept_reports import erase_old_reports
from catalog.db.pictures import erase_unused_pictures
from catalog.progress import no_progress
from ocop_sync.engine.reasons.account_problem import todo_of
from ocop_sync.errors import OcopSyncError, StoppedError, SyncInProgressError
from ocop_sync.marketplace.account import Account
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.event_feed import Sales
from ocop_sync.service.notices.record import record_runs
from ocop_sync.service.run.account_run import AccountRun, run_id_of
from ocop_sync.service.run.approval_gate import Gate
from ocop_sync.service.run.case_cache import CaseCache
from ocop_sync.service.run.clock_check import ClockCheck
from ocop_sync.service.run.coverage import figures_of, take_snapshot
from ocop_sync.service.run.failed_changes import with_names
from ocop_sync.service.run.heartbeat import beating
from ocop_sync.service.run.one_sync import OneSync, Progress
from ocop_sync.service.run.overdue import overdue_at
from ocop_sync.service.run.read_ages import read_ages
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.run_events import RunEvents
from ocop_sync.service.run.run_log import log_failures
from ocop_sync.service.run.slots import Slot
from ocop_sync.service.run.unlike import unlike_at
from ocop_sync.store.db import sent_beside
from ocop_sync.store.db.installation import ensure_own
from ocop_sync.store.decisions import retry_requests
from ocop_sync.store.listings import open_work, records, work_queue
from ocop_sync.store.listings.change_delays import erase_old_delays
from ocop_sync.store.listings.open_work import OpenWork
from ocop_sync.store.runs import (
    accounts,
    last_runs,
    leases,
    ledger,
    pauses,
    work_counts,
)
from ocop_sync.store.runs.accounts import HeldLease, Lease
from ocop_sync.store.runs.last_runs import Begun
from ocop_sync.store.runs.work_counts import Counted
from ocop_sync.subject import about

_log = logging.getLogger(__name__)


class LeasedSync:
    """The accounts that one sync holds, and its report at the end.

    One that is not *is_whole* comes between others, for single changes: it leaves the
    erasure of old values to them. If *run_id* is given, it is called so in the ledger.

    Attributes:
        runs: The runs at the accounts that it holds, by key; none before `run`.
        gates: The approval gates, by marketplace.
        case_caches: The cases that were evaluated there already, by marketplace.
        sales: The sales that were read, at all accounts.
    """

    def __init__(
        self,
        deployment: Deployment,
        sites: Sequence[Site],
        *,
        follow_for: timedelta = timedelta(0),
        progress: Progress = no_progress,
        is_whole: bool = True,
        run_id: str = "",
    ) -> None:
        self.deployment = deployment
        self._is_whole = is_whole
        self.sites = tuple(sites)
        self.follow_for = follow_for
        self.progress = progress
        self.gates = {site.name: Gate(deployment, site) for site in sites}
        self.case_caches = {site.name: CaseCache() for site in sites}
        self.runs: dict[str, AccountRun] = {}
        self.sales = Sales(deployment)
        self.report = Report()
        self._clock_check = ClockCheck(deployment)
        self._lease = Lease(
            token=run_id or secrets.token_hex(8),
            holder=deployment.holder,
            lasts=deployment.limits.lease_lasts,
        )
        self._events = RunEvents(deployment, self._lease.token)
        self.report.run = self._lease.token
        self._began_at = deployment.clock()

    async def run(self, work: Callable[[], Awaitable[None]]) -> Report:
        """Carry *work* out while the accounts are held, and return the report.

        That *work* was told to stop is no error.

        Raises:
            SyncInProgressError: Another run holds every account.
            MovedDatabaseError: The database was put back or moved.
        """
        with about(run=self._lease.token):
            return await self._run(work)

    async def _run(self, work: Callable[[], Awaitable[None]]) -> Report:
        try:
            await self._take_leases()
            async with self._keep_leases():
                with suppress(StoppedError):
                    await work()
            await self._note_account_states()
            self._sum_up()
            await self.deployment.database.fetch(self._note_the_rest)
            for run in self.runs.values():
                log_failures(run)
        except BaseException as error:
            for run in self.runs.values():
                run.ending.break_off(error)
            raise
        finally:
            if told := [e.told_at_end() for e in self.runs.values() if e.has_row]:
                await self._events.tell_ends(told)
            await self.deployment.database.write(self._give_back)
            if any(run.has_row for run in self.runs.values()):
                database = self.deployment.database
                await database.fetch(sent_beside.note, database.file)
        return self.report

    async def _give_back(self, conn: AsyncConnection) -> None:
        """Write down how the run of each account has ended, and free them all.

        One that neither read listings nor sent anything has a row in the ledger only
        where an account begins to fail, or works again.
        """
        now = self.deployment.clock()
        ended = [run.ended() for run in self.runs.values()]
        turned = await last_runs.turned(conn, ended)
        rows = [
            run.row(self._began_at)
            for key, run in self.runs.items()
            if key in turned and not run.has_row
        ]
        await ledger.keep_runs(conn, rows)
        closed = (run.closed() for run in self.runs.values() if run.has_row)
        await ledger.close_runs(conn, closed, now)
        await last_runs.end(conn, ended, now)
        came_of = [run.counted_as(run.ended().ending) for run in self.runs.values()]
        await work_counts.add(conn, Counted.RUN, came_of)
        await record_runs(conn, self.deployment, ended)
        await accounts.give_back(conn, self._lease)
        if self.report.clock is None:  # else all of it would seem to be old
            await self._clock_check.put_right(conn, sorted(self.runs))
            if self._is_whole:
                await _erase_old(conn, now)

    async def _take_leases(self) -> None:
        named = [each for site in self.sites for each in site.accounts.values()]
        now = self._began_at = self.deployment.clock()

        async def take(conn: AsyncConnection) -> list[HeldLease]:
            # Danger: a process that was suspended for longer than its claim lasts would
            # begin a second run here, after that of whoever has the claim now.
            await self.deployment.fence(conn)
            await ensure_own(conn, self.deployment.database.file)
            self._clock_check.begin(await accounts.know(conn, named))
            keys = [account.key for account in named]
            busy = await leases.take(conn, keys, self._lease, now)
            self._lease.paused = {*await accounts.spared(conn, keys)}
            ours = set(keys) - {held.key for held in busy}
            await last_runs.begin(conn, self._begun(named, ours), now)
            return busy

        busy = await self.deployment.database.write(take)
        theirs = {held.key for held in busy}
        self.report.busy = busy
        if named and len(theirs) == len(named):
            raise SyncInProgressError(busy[0].key, busy[0].holder)
        shared = OneSync(
            deployment=self.deployment,
            lease=self._lease,
            sales=self.sales,
            clock_check=self._clock_check,
            progress=self.progress,
            events=self._events,
        )
        slots = asyncio.Semaphore(self.deployment.limits.accounts_at_once)
        self.runs |= {
            account.key: AccountRun(
                shared,
                site,
                account,
                gate=self.gates[site.name],
                case_cache=self.case_caches[site.name],
                slot=Slot(slots),
            )
            for site in self.sites
            for account in site.accounts.values()
            if account.key not in theirs
        }

    def _begun(self, named: Sequence[Account], ours: set[str]) -> list[Begun]:
        """Return the runs that begin: at those of *named* whose lease is ours."""
        return [
            Begun(
                account=each.key,
                marketplace=each.marketplace,
                run_id=run_id_of(self._lease, each),
            )
            for each in named
            if each.key in ours
        ]

    @asynccontextmanager
    async def _keep_leases(self) -> AsyncIterator[None]:
        """Renew the lease three times in its time, as long as the work lasts."""
        database = self.deployment.database
        pause_s = self._lease.lasts.total_seconds() / 3

        async def beat() -> None:
            try:
                await database.write(self._renew)
            except OcopSyncError as error:
                _log.warning("lease not renewed", extra={"reason": str(error)})
            except Exception:  # noqa: BLE001  (whatever it was: try again)
                # The lease itself stops the run if it ends.
                _log.exception("the lease could not be renewed")

        async with beating(beat, pause_s, self.deployment.sleep):
            yield

    async def _renew(self, conn: AsyncConnection) -> None:
        """Renew the lease: one renewal is for all its accounts."""
        key = next(iter(self.runs))
        await accounts.renew(conn, key, self._lease, self.deployment.clock())

    async def prepare(self, conn: AsyncConnection) -> None:
        """Have the gates read earlier removals, and the decisions of people.

        Single changes mostly take nothing: there they are read once something asks.
        """
        if self._is_whole:
            for gate in self.gates.values():
                await gate.prepare(conn, self.deployment.clock())

    async def each(
        self, work: Callable[[AccountRun], Awaitable[object]], keys: Collection[str]
    ) -> None:
        """Do *work* at accounts *keys*, side by side; return when all is done."""
        async with asyncio.TaskGroup() as group:
            for key in sorted(keys):
                group.create_task(self.at(self.runs[key], work))

    async def at(
        self, run: AccountRun, work: Callable[[AccountRun], Awaitable[object]]
    ) -> None:
        """Do *work* at an account; its failure never stops another."""
        with about(run=run.id, account=run.key):
            await self._at(run, work)

    async def _at(
        self, run: AccountRun, work: Callable[[AccountRun], Awaitable[object]]
    ) -> None:
        async with run.slot.taken():
            if run.stopped:
                return
            try:
                await work(run)
            except StoppedError:
                return  # whoever stopped it has noted the reason
            except OcopSyncError as error:
                run.ending.leave(error)
                _log.warning(
                    "account left alone until the next run",
                    extra={"account": run.key, "reason": run.stopped},
                )
            except Exception as error:  # noqa: BLE001  (see below)
                # A mistake of ours or of an adapter at one account must
                # not keep the others from being right.
                run.ending.leave(error)
                run.sent.count_fault()
                _log.exception(
                    "account left alone after an unexpected error",
                    extra={"account": run.key},
                )

    async def open_work(self, keys: Collection[str]) -> dict[str, OpenWork]:
        """Return the kinds of open work at each of *keys*."""
        async with self.deployment.database.read() as conn:
            return await open_work.at(conn, list(keys), self.deployment.clock())

    async def _note_account_states(self) -> None:
        """Remember which accounts are of no use, and which have recovered."""
        runs, now = self.runs.values(), self.deployment.clock()
        down = {run.key for run in runs if run.is_down}
        well = {run.key for run in runs if run.sent.accepted} - down
        if down or well:
            await self.deployment.database.write(
                lambda conn: retry_requests.note_health(
                    conn, down=down, well=well, now=now
                )
            )

    async def _note_the_rest(self, conn: AsyncConnection) -> None:
        """Report listings that are looked up later, doubled, left alone or overdue.

        Products of all that failed are named.
        """
        report, names = self.report, [site.name for site in self.sites]
        report.unlike = await unlike_at(conn, self.deployment, names)
        keys = [key for site in self.sites for key in site.accounts]
        report.paused = {e.account: e for e in await pauses.paused(conn, keys)}
        report.look_ups = dict(await work_queue.looks_left(conn, list(self.runs)))
        now = self.deployment.clock()
        ages = await read_ages(conn, self.deployment, now, names)
        report.read_ages = dict(ages)
        for name in names:
            if ids := await records.with_doubles(conn, name):
                report.doubled[name] = ids
        if report.failures:
            report.failures = await with_names(conn, report.failures)
        ending = [run.ended() for run in self.runs.values()]
        report.overdue = await overdue_at(conn, self.deployment, ending)

    def _sum_up(self) -> None:
        """Report the work at each account."""
        report, sales = self.report, self.sales
        report.events = {
            key: taken.counts
            for key, taken in sorted(sales.taken.items())
            if any(taken.counts.values())
        }
        report.dropped = sales.inferred()
        for run in self.runs.values():
            run.ending.note_never_met()
            _add_run(report, run)
        wrong = {key for key, run in self.runs.items() if run.ending.is_wrong}
        report.wrong += sorted(wrong | sales.wrong & self.runs.keys())
        report.right = len(self.runs) + len(report.busy) - len(report.wrong)
        for held in report.busy:
            report.todo[held.key] = todo_of(SyncInProgressError(held.key, held.holder))
        if not self.deployment.stop.reason:
            report.unheard = dict(sales.unread)
            report.todo = {**sales.todo, **report.todo}
        report.clock = self._clock_check.warning()
        for name, gate in self.gates.items():
            self.report.ended += sorted(gate.groups.ended)
            if gate.not_as_approved:
                why = Counter(each.value for each in gate.not_as_approved.values())
                self.report.not_as_approved[name] = dict(sorted(why.items()))

    async def count(self) -> None:
        """Close empty groups and count the listings on sale, unless told to stop."""
        self.deployment.stop.ensure_going()
        self.report.as_of = self.deployment.clock()
        for gate in self.gates.values():
            if gate.groups.are_there:
                await self.deployment.database.write(gate.groups.close_empty)
        for site in self.sites:
            # Figures by a wrong clock would stay in the trend.
            count = figures_of if self._clock_check.warning() else take_snapshot
            figures = await count(self.deployment, site)
            self.report.counts[site.name] = figures


async def _erase_old(conn: AsyncConnection, now: datetime) -> None:
    """Erase all that has been kept for as long as it may be."""
    await erase_old_values(conn, now)
    await erase_old_reports(conn, now)
    await erase_unused_pictures(conn, now)
    await erase_old_delays(conn, now)


def _add_run(report: Report, run: AccountRun) -> None:
    """Add the work at one account to *report*."""
    key, sent, shown, ending = run.key, run.sent, run.shown, run.ending
    report.writes += sent.writes
    report.failed += sent.failed
    report.failures += sent.failures
    if ending.stopped:
        report.stopped[key] = ending.stopped
    if ending.unread:
        report.unread[key] = ending.unread
    if ending.todo is not None and not ending.told:
        report.todo[key] = ending.todo
    if shown.unreadable:
        report.unreadable[key] = dict(shown.unreadable)
    if shown.unmarked:
        report.unmarked[key] = dict(shown.unmarked)
