"""Keep marketplaces right: read, evaluation, let pass, send, follow, count.

One run works on an account at a time. What it cannot finish, it leaves to the
next one in a state that says so.
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
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.kept_changes import forget_old_changes
from ocop_sync.engine.reasons.account_problem import todo_of
from ocop_sync.errors import (
    OcopSyncError,
    ProtocolError,
    StoppedError,
    SyncInProgressError,
    TransientError,
)
from ocop_sync.marketplace.account import Account
from ocop_sync.service.decisions.mappings import with_mappings
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.evaluate.evaluator import Freshness
from ocop_sync.service.evaluate.sales import Selling
from ocop_sync.service.observe.read_accounts import look_again_at, read_whole
from ocop_sync.service.observe.reread import reread
from ocop_sync.service.run.account_run import (
    AccountRun,
    Progress,
    run_id_of,
    say_nothing,
)
from ocop_sync.service.run.approval_gate import Gate
from ocop_sync.service.run.case_cache import CaseCache
from ocop_sync.service.run.clock_check import ClockCheck
from ocop_sync.service.run.coverage import figures_of, take_snapshot
from ocop_sync.service.run.evaluate_all import FullEvaluation, Work
from ocop_sync.service.run.evaluate_changed import evaluate_again
from ocop_sync.service.run.failed_changes import with_names
from ocop_sync.service.run.heartbeat import beating
from ocop_sync.service.run.overdue import overdue
from ocop_sync.service.run.report import Report
from ocop_sync.service.run.run_log import log_failures
from ocop_sync.service.run.slots import Slot
from ocop_sync.service.run.unlike import all_unlike
from ocop_sync.service.send.changes import drain
from ocop_sync.service.send.sellers import accounts_with_seller_work, reconcile_sellers
from ocop_sync.service.sync.check_accounts import FOR_A_PERSON, check_account
from ocop_sync.service.sync.confirm import (
    confirm,
    find_missing,
    follow_once,
    hear_after,
    reread_late,
    settle_lost,
)
from ocop_sync.service.sync.elsewhere import (
    go_on_elsewhere,
    settle_elsewhere,
    tend_elsewhere,
)
from ocop_sync.service.sync.elsewhere_known import DoubledElsewhere
from ocop_sync.service.sync.look_up import chosen_otherwise, look_up_due, look_up_made
from ocop_sync.store.decisions import retry_requests
from ocop_sync.store.listings import event_mentions, records, work_queue
from ocop_sync.store.listings.work_queue import Open
from ocop_sync.store.runs import accounts, dead_runs, last_runs, ledger
from ocop_sync.store.runs.accounts import HeldLease, Lease
from ocop_sync.store.runs.last_runs import Begun

_log = logging.getLogger(__name__)

GATHER_S = 0.1
"""How long those who are ready wait for others that come just behind: evaluating
everything costs more than that."""

POLL_S = 0.5
"""Between two looks at what is in review."""


class Sync:
    """One sync of some marketplaces, from lease to report.

    Args:
        deployment: What it works with.
        sites: The marketplaces to keep right.
        follow_for: How long submissions are followed before the next run
            goes on with it.
        progress: Told how far each account is.
    """

    def __init__(
        self,
        deployment: Deployment,
        sites: Sequence[Site],
        *,
        follow_for: timedelta = timedelta(0),
        progress: Progress = say_nothing,
    ) -> None:
        self._deployment = deployment
        self._sites = tuple(sites)
        self._follow_for = follow_for
        self._progress = progress
        self._gates = {site.name: Gate(deployment, site) for site in sites}
        self._case_caches = {site.name: CaseCache() for site in sites}
        self._runs: dict[str, AccountRun] = {}
        self._doubled = DoubledElsewhere(deployment, self._sites, self._runs)
        self._evaluate_all = FullEvaluation(
            deployment, self._sites, self._gates, self._case_caches, self._runs
        )
        self._selling = Selling(deployment)
        self._clock_check = ClockCheck(deployment)
        self._report = Report()
        self._lease = Lease(
            token=secrets.token_hex(8),
            holder=deployment.holder,
            lasts=deployment.options.lease_lasts,
        )
        self._report.run = self._lease.token
        self._began_at = deployment.clock()

    async def run(self) -> Report:
        """Carry the sync out.

        Raises:
            SyncInProgressError: Another run holds every account.
        """
        try:
            await self._take_leases()
            async with self._heartbeat():
                with suppress(StoppedError):
                    await self._work()
            await self._note_health()
            await self._note_looks()
            self._sum_up()
            await self._name_failures()
            ending = [run.ended() for run in self._runs.values()]
            self._report.overdue = await overdue(self._deployment, ending)
        except BaseException as error:
            for run in self._runs.values():
                run.break_off(error)
            raise
        finally:
            for run in self._runs.values():
                await run.end()
            await self._deployment.database.write(self._give_back)
        return self._report

    async def _give_back(self, conn: AsyncConnection) -> None:
        """Write down how the run of each account has ended, and free them all.

        One that sent nothing has a row in the ledger only where an account begins to
        fail, or works again.
        """
        now = self._deployment.clock()
        ended = [run.ended() for run in self._runs.values()]
        turned = await last_runs.turned(conn, ended)
        rows = [
            run.row(self._began_at)
            for key, run in self._runs.items()
            if key in turned and not run.has_row
        ]
        await ledger.keep_runs(conn, rows)
        await last_runs.end(conn, ended, now)
        await accounts.give_back(conn, self._lease)
        if self._report.clock is None:  # else all of it would seem to be old
            await self._clock_check.put_right(conn, sorted(self._runs))
            await forget_old_changes(conn, now)

    async def _take_leases(self) -> None:
        named = [each for site in self._sites for each in site.accounts.values()]
        await self._clock_check.begin([account.key for account in named])
        now = self._began_at = self._deployment.clock()

        async def take(conn: AsyncConnection) -> list[HeldLease]:
            await accounts.know(conn, named)
            keys = [account.key for account in named]
            busy = await dead_runs.take(conn, keys, self._lease, now)
            taken = set(keys) - {held.key for held in busy}
            await last_runs.begin(conn, self._begun(named, taken), now)
            return busy

        busy = await self._deployment.database.write(take)
        taken = {held.key for held in busy}
        self._report.busy = busy
        if named and len(taken) == len(named):
            raise SyncInProgressError(busy[0].key, busy[0].holder)
        places = asyncio.Semaphore(self._deployment.options.accounts_at_once)
        self._runs |= {
            account.key: AccountRun(
                self._deployment,
                site,
                account,
                self._lease,
                gate=self._gates[site.name],
                case_cache=self._case_caches[site.name],
                turn=Slot(places),
                selling=self._selling,
                clock_check=self._clock_check,
            )
            for site in self._sites
            for account in site.accounts.values()
            if account.key not in taken
        }

    def _begun(self, named: Sequence[Account], taken: set[str]) -> list[Begun]:
        """Return the runs that begin, at those of *named* whose lease is taken."""
        return [
            Begun(
                account=each.key,
                marketplace=each.marketplace,
                run_id=run_id_of(self._lease, each),
            )
            for each in named
            if each.key in taken
        ]

    @asynccontextmanager
    async def _heartbeat(self) -> AsyncIterator[None]:
        """Renew the lease while the run waits for a marketplace."""
        database = self._deployment.database
        pause_s = self._lease.lasts.total_seconds() / 3

        async def beat() -> None:
            try:
                await database.write(self._renew)
            except OcopSyncError as error:
                _log.warning("lease not renewed", extra={"reason": str(error)})
            except Exception:  # noqa: BLE001  (whatever it was: try again)
                # The lease itself stops the run if it ends.
                _log.exception("the lease could not be renewed")

        async with beating(beat, pause_s, self._deployment.sleep):
            yield

    async def _renew(self, conn: AsyncConnection) -> None:
        """Renew the lease of all accounts, whichever is asked about."""
        key = next(iter(self._runs))
        await accounts.renew(conn, key, self._lease, self._deployment.clock())

    async def _work(self) -> None:
        await self._prepare()
        await go_on_elsewhere(self._runs)
        await self._doubled.note()
        failure: Exception | None = None
        async with asyncio.TaskGroup() as group:
            try:
                await self._begin(group)
            except Exception as error:  # noqa: BLE001  (raised below, not in a group)
                failure = error
                for run in self._runs.values():
                    run.has_sent.set()
        if failure is not None:
            raise failure
        await self._catch_up()
        await self._catch_up_elsewhere()
        ended = await self._with_ends(self._runs)
        await self._each(partial(drain, progress=self._progress), ended)
        await self._count()

    async def _prepare(self) -> None:
        """Have the gates read what was done, and what people decided."""
        async with self._deployment.database.read() as conn:
            for gate in self._gates.values():
                await gate.prepare(conn, self._deployment.clock())

    async def _begin(self, group: asyncio.TaskGroup) -> None:
        """Evaluate accounts as soon as they have been looked at, and go on there.

        Nobody waits for an account that is slow: it comes in a later wave.
        """
        stale, lost = await self._stale(), await self._with(work_queue.Open.AWAITING)
        hearing = {
            key: group.create_task(self._meet(run)) for key, run in self._runs.items()
        }
        await _gather(hearing.values())
        self._selling.pop_new_sales()
        looks = await self._with_looks(self._runs)
        later = stale | lost | looks | await self._named()
        later |= {key for key, task in hearing.items() if not task.done()}
        looking = {
            group.create_task(
                self._at(
                    run,
                    partial(
                        self._look,
                        hearing=hearing[key],
                        whole=key in stale,
                        back=key in lost,
                        again=key in looks,
                    ),
                )
            ): run
            for key, run in self._runs.items()
            if key in later
        }
        ready = [run for key, run in self._runs.items() if key not in later]
        while ready or looking:
            if not ready:
                ready = [looking.pop(task) for task in await _gather(looking)]
            await self._evaluate({run.account.key: run for run in ready}, group)
            ready = []

    async def _meet(self, run: AccountRun) -> None:
        """Hear of sales at an account, once its credentials are not known to be bad."""
        await self._sign_in(run)
        if not run.stopped:
            await self._selling.hear([run.account.key])

    async def _sign_in(self, run: AccountRun) -> None:
        """Sign in where that is not known to work; leave an account that refuses it.

        Any other failure is no reason: a withdrawal may go all the same.
        """
        key = run.account.key
        if key in self._deployment.signed_in or run.is_resting:
            return
        with suppress(StoppedError):
            found = await check_account(self._deployment, run.account)
            run.not_met = found.error
            if found.result in FOR_A_PERSON and found.error is not None:
                run.leave(found.error)
                self._selling.note_deaf(key, found.error)
                _log.warning(
                    "account left alone until the next run",
                    extra={"account": key, "reason": found.why},
                )

    async def _look(
        self,
        run: AccountRun,
        *,
        hearing: asyncio.Task[None],
        whole: bool,
        back: bool,
        again: bool,
    ) -> None:
        """Read what has to be read before anything is evaluated."""
        async with run.turn.given_up():
            await asyncio.wait([hearing])
        if run.stopped:
            return
        if whole:
            await self._contact(run)
        if back:
            await self._look_back(run)
        await reread(run)
        if again or whole:  # which may have found second listings
            await look_up_due(run)

    async def _evaluate(
        self, wave: Mapping[str, AccountRun], group: asyncio.TaskGroup
    ) -> None:
        """Evaluate everything of the accounts in *wave*; begin what is open there."""
        work = await self._evaluate_all.evaluate(wave)
        await self._evaluate_all.screen(work, wave)
        accounts_with_seller_work = await self._untended(wave)
        is_open = {
            *work.look_up,
            *accounts_with_seller_work,
            *await self._with_ends(wave),
        }
        for what in work_queue.Open:
            is_open |= await self._with(what)
        is_open |= await self._named() | await self._doubled.accounts()
        is_open |= {key for key, run in wave.items() if run.missing}
        for key, run in wave.items():
            run.must_stop = key in accounts_with_seller_work
            if key in is_open:
                group.create_task(self._keep_right(run, work))
            else:
                run.has_sent.set()

    async def _keep_right(self, run: AccountRun, work: Work) -> None:
        """Do at one account all that is open there, waiting for no other."""
        try:
            await self._at(run, tend_elsewhere)
            await self._at(run, partial(self._send, work=work))
        finally:
            run.has_sent.set()
        await self._settle(run)
        await self._at(run, reconcile_sellers)

    async def _settle(self, run: AccountRun) -> None:
        """See through what was sent at one account, and what had to wait for it."""
        await self._at(run, self._see_through)
        if run.postponed:
            await self._at(run, self._send_postponed)
            await self._at(run, self._see_through)

    async def _catch_up(self) -> None:
        """Bring what was sold while the run went on into account everywhere."""
        if not self._selling.pop_new_sales():
            return
        await self._each(partial(drain, progress=self._progress), self._runs.keys())
        open_ = {key for key, run in self._runs.items() if run.stale | run.missing}
        await self._each(self._see_through, open_)
        postponed = {key for key, run in self._runs.items() if run.postponed}
        await self._each(self._send_postponed, postponed)

    async def _catch_up_elsewhere(self) -> None:
        """Send what was held up where two accounts list one product.

        What takes from buyers has passed once its product's account was evaluated; and
        more is offered by one listing only once the other has stopped.
        """
        if not await self._doubled.note():
            return
        await self._evaluate_doubled()
        if keys := await self._doubled.accounts():
            await self._each(tend_elsewhere, keys)
            await self._evaluate_doubled()

    async def _evaluate_doubled(self) -> None:
        """Evaluate products anew that have a second listing, or had one in this run."""
        for key, ids in (await self._doubled.products()).items():
            run = self._runs[key]
            run.given_up.difference_update(ids)
            await self._at(run, partial(evaluate_again, product_ids=ids))
            await self._at(run, partial(drain, progress=self._progress))

    async def _with(self, what: work_queue.Open) -> set[str]:
        """Return the accounts at which something is open."""
        async with self._deployment.database.read() as conn:
            return await work_queue.accounts_with(conn, what)

    async def _named(self) -> set[str]:
        """Return the accounts at which an event has named a listing."""
        async with self._deployment.database.read() as conn:
            return await event_mentions.accounts_with(conn)

    async def _with_ends(self, keys: Collection[str]) -> set[str]:
        """Return those of *keys* at which something has ended by itself."""
        async with self._deployment.database.read() as conn:
            now = self._deployment.clock()
            return await work_queue.with_ends(conn, list(keys), now)

    async def _with_looks(self, keys: Collection[str]) -> set[str]:
        """Return those of *keys* at which something is due to be looked up again."""
        async with self._deployment.database.read() as conn:
            now = self._deployment.clock()
            due = await work_queue.with_looks(conn, list(keys), now)
            chosen = await chosen_otherwise(conn, list(keys))
            return due | {account for account, _ in chosen}

    async def _stale(self) -> set[str]:
        """Return the accounts that must be read whole: new, or not for a day."""
        async with self._deployment.database.read() as conn:
            looked = Freshness(at=await accounts.read_whole_at(conn, list(self._runs)))
        every, now = self._deployment.options.read_whole_every, self._deployment.clock()
        return {key for key in self._runs if not looked.recently(key, now, every)}

    async def _untended(self, wave: Collection[str]) -> set[str]:
        """Return the accounts of *wave* where a seller is not as it should be."""
        async with self._deployment.database.read() as conn:
            return await accounts_with_seller_work(
                conn, {k: self._deployment.can(k) for k in wave}
            )

    async def _each(
        self, work: Callable[[AccountRun], Awaitable[object]], keys: Collection[str]
    ) -> None:
        """Do *work* at accounts *keys*, side by side; return when all is done."""
        async with asyncio.TaskGroup() as group:
            for key in sorted(keys):
                group.create_task(self._at(self._runs[key], work))

    async def _at(
        self, run: AccountRun, work: Callable[[AccountRun], Awaitable[object]]
    ) -> None:
        """Do *work* at an account; its failure never stops another."""
        async with run.turn.taken():
            if run.stopped:
                return
            try:
                await work(run)
            except StoppedError:
                return  # it says so itself
            except OcopSyncError as error:
                run.leave(error)
                _log.warning(
                    "account left alone until the next run",
                    extra={"account": run.account.key, "reason": run.stopped},
                )
            except Exception as error:  # noqa: BLE001  (see below)
                # A mistake of ours or of an adapter at one account must
                # not keep the others from being right.
                run.leave(error)
                run.failed += 1
                _log.exception(
                    "account left alone after an unexpected error",
                    extra={"account": run.account.key},
                )

    async def _contact(self, run: AccountRun) -> None:
        """Read an account whole; if that fails, only what is new has to wait."""
        try:
            await read_whole(run)
        except (TransientError, ProtocolError) as error:
            run.note_unread(error)
            _log.warning(
                "account could not be read whole",
                extra={"account": run.account.key, "reason": str(error)},
            )

    async def _look_back(self, run: AccountRun) -> None:
        """Read back what an earlier run sent without an outcome."""
        async with self._deployment.database.read() as conn:
            lost = await work_queue.with_open(conn, run.account.key, Open.AWAITING)
        await look_again_at(run, list(lost))

    async def _look_up(self, run: AccountRun, ids: Sequence[str]) -> None:
        """Look again for what was absent once, for what is adopted, for what was sold.

        If that fails, it is left as it is: nothing of it is made or raised.
        """
        try:
            await look_again_at(run, ids, with_sales=True)
        except (TransientError, ProtocolError) as error:
            run.note_unread(error)
            _log.warning(
                "listings could not be looked up",
                extra={"account": run.account.key, "reason": str(error)},
            )
        run.case_cache.all_touched()  # what was found may be a twin of any product
        await evaluate_again(run, ids)

    async def _send(self, run: AccountRun, work: Work) -> None:
        if ids := work.look_up.get(run.account.key):
            await self._look_up(run, ids)
        await drain(run, self._progress)

    async def _see_through(self, run: AccountRun) -> None:
        """Learn what came of what was sent, and send what is due because of it."""
        until = self._deployment.clock() + self._follow_for
        await self._follow(run)
        await settle_lost(run, self._progress)
        await settle_elsewhere(run)
        await hear_after(run, self._progress)
        await confirm(run, self._progress)
        await reread_late(run, self._progress)
        await find_missing(run, self._progress)
        await look_up_made(run, until, self._progress)

    async def _send_postponed(self, run: AccountRun) -> None:
        """Put stock up that had to be taken down elsewhere first."""
        elsewhere = set[str]().union(*run.postponed.values()) & self._runs.keys()
        async with run.turn.given_up():
            for key in sorted(elsewhere):
                await self._runs[key].has_sent.wait()
        ids = sorted(run.postponed)
        run.postponed.clear()
        run.given_up.difference_update(ids)
        await evaluate_again(run, ids)
        await drain(run, self._progress)

    async def _follow(self, run: AccountRun) -> None:
        """Follow submissions until all are decided, or the time is over."""
        deadline = self._deployment.clock() + self._follow_for
        while True:
            waiting = await follow_once(run, self._progress)
            if run.account.key in await self._with_ends([run.account.key]):
                await drain(run, self._progress)
            if not waiting or self._deployment.clock() >= deadline:
                return
            await run.pause(POLL_S)

    async def _note_health(self) -> None:
        """Remember which accounts are of no use, and which have recovered."""
        runs, now = self._runs.values(), self._deployment.clock()
        down = {run.account.key for run in runs if run.is_down}
        well = {run.account.key for run in runs if run.accepted} - down
        if down or well:
            await self._deployment.database.write(
                lambda conn: retry_requests.note_health(
                    conn, down=down, well=well, now=now
                )
            )

    async def _note_looks(self) -> None:
        """Say what is still to be looked up, what is there twice, or left alone."""
        report = self._report
        report.unlike = await all_unlike(
            self._deployment, [site.name for site in self._sites]
        )
        async with self._deployment.database.read() as conn:
            report.look_ups = dict(await work_queue.looks_left(conn, list(self._runs)))
            for site in self._sites:
                if ids := await records.doubled(conn, site.name):
                    report.doubled[site.name] = ids

    def _sum_up(self) -> None:
        """Say what was done at each account."""
        report, selling = self._report, self._selling
        report.events = {
            key: heard.counts
            for key, heard in sorted(selling.taken.items())
            if any(heard.counts.values())
        }
        self._note_not_met()
        report.dropped = selling.dropped()
        report.unmarked = {k: r.unmarked for k, r in self._runs.items() if r.unmarked}
        for key, run in self._runs.items():
            report.writes += run.writes
            report.failed += run.failed
            report.failures += run.failures
            if run.stopped:
                report.stopped[key] = run.stopped
            if run.unread:
                report.unread[key] = run.unread
            if run.unreadable:
                report.unreadable[key] = run.unreadable
            if run.todo is not None and not run.told:
                report.todo[key] = run.todo
        wrong = {key for key, run in self._runs.items() if run.is_wrong}
        report.wrong += sorted(wrong | selling.wrong & self._runs.keys())
        report.right = len(self._runs) + len(report.busy) - len(report.wrong)
        for held in report.busy:
            report.todo[held.key] = todo_of(SyncInProgressError(held.key, held.holder))
        if not self._deployment.stop.reason:
            report.unheard = dict(selling.unread_sales)
            report.todo = {**selling.todo, **report.todo}
        report.clock = self._clock_check.told()
        for name, gate in self._gates.items():
            self._report.ended += sorted(gate.ended)
            if gate.not_as_approved:
                why = Counter(each.value for each in gate.not_as_approved.values())
                self._report.not_as_approved[name] = dict(sorted(why.items()))

    def _note_not_met(self) -> None:
        """Say of accounts that have answered no call that nobody knows how they are."""
        for key, run in self._runs.items():
            is_told = run.stopped or run.unread or key in self._selling.unread_sales
            if key in self._deployment.signed_in or is_told or run.not_met is None:
                continue
            run.note_unread(run.not_met)

    async def _name_failures(self) -> None:
        """Name the products of all that failed, and tell the log."""
        if self._report.failures:
            async with self._deployment.database.read() as conn:
                self._report.failures = await with_names(conn, self._report.failures)
        for run in self._runs.values():
            log_failures(run)

    async def _count(self) -> None:
        """Count what is on sale now, unless told to stop."""
        self._deployment.stop.ensure_going()
        self._report.as_of = self._deployment.clock()
        for gate in self._gates.values():
            await self._deployment.database.write(gate.close)
        for site in self._sites:
            # What is counted by a clock that is wrong would stand in the trend.
            count = figures_of if self._clock_check.told() else take_snapshot
            figures = await count(self._deployment, site)
            self._report.counts[site.name] = figures


async def _gather(tasks: Iterable[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Wait until one of *tasks* is done, and for those that come just behind it.

    Returns:
        Those that are done.
    """
    left, all_done = set(tasks), set[asyncio.Task[None]]()
    patience_s: float | None = None
    while left:
        done, left = await asyncio.wait(
            left, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            break
        all_done |= done
        patience_s = GATHER_S
    return all_done


async def sync(
    deployment: Deployment,
    names: Sequence[str] = (),
    *,
    follow_for: timedelta = timedelta(0),
    progress: Progress = say_nothing,
) -> Report:
    """Keep the marketplaces *names* right, or all of them.

    Args:
        deployment: What it works with.
        names: Names of marketplaces; all if empty.
        follow_for: How long submissions are followed.
        progress: Told how far each account is.

    Raises:
        ConfigurationError: A marketplace has no account, or a mapping that a
            person placed cannot be read.
        SyncInProgressError: Another run holds every account.
    """
    deployment = await with_mappings(deployment)
    sites = deployment.chosen(names)
    report = await Sync(
        deployment, sites, follow_for=follow_for, progress=progress
    ).run()
    return with_unusable(report, deployment, names)


def with_unusable(
    report: Report, deployment: Deployment, names: Collection[str]
) -> Report:
    """Name in *report* the accounts at *names* that are of no use, and what to do."""
    for each in deployment.unusable_at(names):
        report.stopped[each.key] = each.why
        report.todo[each.key] = each.todo
        report.wrong.append(each.key)
        report.unheard.pop(each.key, None)
    return report
