"""Keep marketplaces right: read, evaluate, let pass, send, follow, count.

One run works on an account at a time. Work that it cannot finish is left to the next
one in a state that says so.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.progress import no_progress
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.observe.reread import reread
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.one_sync import Progress
from ocop_sync.service.run.report import Report
from ocop_sync.service.send.sellers import accounts_with_seller_work, reconcile_sellers
from ocop_sync.service.send.slices import drain, resume
from ocop_sync.service.sync.confirm import Confirmation
from ocop_sync.service.sync.contact import (
    accounts_to_read,
    look_back,
    look_up_again,
    meet,
    read_account,
)
from ocop_sync.service.sync.known_doubles import KnownDoubles
from ocop_sync.service.sync.leased_sync import LeasedSync
from ocop_sync.service.sync.look_up import chosen_otherwise, look_up_due
from ocop_sync.service.sync.other_account_doubles import (
    go_on_at_other_account,
    mend_other_account_doubles,
)
from ocop_sync.service.sync.store_and_gate import StoreAndGate, Work
from ocop_sync.store.listings import ever_known, open_work, work_queue
from ocop_sync.store.listings.open_work import OpenWork

GATHER_S = 0.1
"""How long those who are ready wait for others that come just behind: evaluating
everything costs more than that."""
GATHER_SHARE = 0.1
"""They wait for this share of the time that it took until now, if that is longer: where
hundreds of accounts are looked at on a busy computer, the next one comes later, and to
evaluate everything takes as much longer."""


class Sync:
    """The work of a sync at the accounts that it holds: all that is open there.

    With *reads_all* each account is read whole, whenever that was done last, and once
    all that was sent there would show. With *full* everything is evaluated, whether it
    may have changed or not. With *only_since* only the products are
    evaluated that have changed after that revision of the catalog, and nothing is
    counted; of sellers those of *makers* alone are looked at, the producers of these.
    """

    def __init__(
        self,
        sync: LeasedSync,
        *,
        reads_all: bool = False,
        full: bool = False,
        only_since: int | None = None,
        makers: Collection[str] | None = None,
    ) -> None:
        self._sync = sync
        self._makers = makers
        self._database = sync.deployment.database
        self._runs = sync.runs  # filled when it has its leases
        self._reads_all = reads_all
        self._confirmation = Confirmation(sync)
        self._doubles = KnownDoubles(sync)
        self._is_whole = only_since is None
        self._new: Collection[str] = ()  # marketplaces without any known product
        self._evaluation = StoreAndGate(sync, only_since, full=full)

    async def work(self) -> None:
        """Do all that is open at the accounts, those that are ready first."""
        to_read, lost = await self._prepare()
        failure: Exception | None = None
        async with asyncio.TaskGroup() as group:
            try:
                await self._begin(group, to_read, lost)
            except Exception as error:  # noqa: BLE001  (raised below, not in a group)
                failure = error
                for run in self._runs.values():
                    run.has_sent.set()
        if failure is not None:
            raise failure
        await self._catch_up()
        await self._catch_up_other_accounts()
        found = await self._sync.open_work(self._runs)
        await self._sync.each(drain, [key for key in found if found[key].ended])
        if self._is_whole:
            await self._evaluation.keep_settled()
            await self._sync.count()

    async def _prepare(self) -> tuple[set[str], set[str]]:
        """Have the gates prepared, and doubles gone on with.

        Returns:
            The accounts to read whole, and those where answers were lost.
        """
        async with self._database.read() as conn:
            await self._sync.prepare(conn)
            if self._is_whole:
                self._new = await ever_known.new_ones(conn, self._sync.gates)
            if not await self._doubles.note(conn):
                return await self._before_contact(conn)
        await go_on_at_other_account(self._runs)
        async with self._database.read() as conn:
            await self._doubles.note(conn)
            return await self._before_contact(conn)

    async def _begin(
        self, group: asyncio.TaskGroup, to_read: set[str], lost: set[str]
    ) -> None:
        """Evaluate accounts as soon as they have been looked at, and go on there.

        Those *to_read* are read whole first, and where answers were *lost* these are
        read back. Nobody waits for an account that is slow: it comes in a later wave.
        """
        meeting = {key: group.create_task(meet(run)) for key, run in self._runs.items()}
        await _gather(meeting.values())
        self._sync.sales.pop_new_sales()
        looks, named = await self._after_contact()
        named |= {key for key, task in meeting.items() if not task.done()}  # not known
        later = to_read | lost | looks | named
        looking = {
            group.create_task(
                self._sync.at(
                    run,
                    partial(
                        self._look,
                        meeting=meeting[key],
                        whole=key in to_read,
                        back=key in lost,
                        again=key in looks,
                        named=key in named,
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
            await self._evaluate({run.key: run for run in ready}, group)
            ready = []

    async def _look(
        self,
        run: AccountRun,
        *,
        meeting: asyncio.Task[None],
        whole: bool,
        back: bool,
        again: bool,
        named: bool,
    ) -> None:
        """Make the reads that are needed before anything is evaluated.

        *whole*: all of the account; *back*: what has no answer; *again*: what is to be
        looked up; *named*: what events have, or may have, named.
        """
        async with run.slot.released():
            await asyncio.wait([meeting])
        if run.stopped:
            return
        if whole:
            await read_account(run, after_lag=self._reads_all)
        if back:
            await look_back(run)
        if named:
            await reread(run)
        if again or (whole and run.shown.read):  # which may have found doubles
            await look_up_due(run)

    async def _evaluate(
        self, wave: Mapping[str, AccountRun], group: asyncio.TaskGroup
    ) -> None:
        """Evaluate all products of the accounts in *wave*; begin open work there.

        Where nothing of ours was ever known, all that can become due are creates, one
        as urgent as the other, and nothing can have to pass the gate: there it begins
        with what was evaluated first, as soon as that is a whole slice.
        """
        work, begun = Work(), set[str]()
        early = await self._new_among(wave)

        def note_due(due: Mapping[str, int]) -> None:
            for key in due.keys() & early:
                run = wave[key]
                run.evaluation.note_due(due[key])
                if key not in begun and run.evaluation.has_enough:
                    begun.add(key)
                    work.is_begun = True
                    group.create_task(self._keep_right(run, work, mends=False))

        for key in early:
            wave[key].evaluation.begin(at_least=wave[key].slice_changes)
        try:
            await self._evaluation.evaluate(wave, work, note_due)
            await self._evaluation.screen(work, wave)
        finally:
            for key in early:
                wave[key].evaluation.end()
        untended, found = await self._open_in(wave)
        for key, run in wave.items():
            run.sellers.expect_stops(are_due=key in untended)
            if key in begun:
                continue
            is_open = any(found[key]) or key in work.look_up or key in untended
            if is_open or run.later.stock_shortfalls:
                doing = self._keep_right(run, work, mends=found[key].doubled)
                group.create_task(doing)
            else:
                run.has_sent.set()

    async def _new_among(self, wave: Mapping[str, AccountRun]) -> set[str]:
        """Return the accounts of marketplaces of which nothing was known until now."""
        if not self._new:
            return set()
        # A read of the account may have found some.
        new = await self._database.fetch(ever_known.new_ones, self._new)
        untended, found = await self._open_in(wave)
        return {
            key
            for key, run in wave.items()
            if run.site.name in new and key not in untended and not any(found[key])
        }

    async def _open_in(
        self, wave: Collection[str]
    ) -> tuple[set[str], Mapping[str, OpenWork]]:
        """Return where a seller is not as it should be, and all other open work."""
        deployment = self._sync.deployment
        async with self._database.read() as conn:
            can = {key: deployment.capabilities_of(key) for key in wave}
            untended = await accounts_with_seller_work(conn, can, self._makers)
            return untended, await open_work.at(conn, list(wave), deployment.clock())

    async def _keep_right(self, run: AccountRun, work: Work, *, mends: bool) -> None:
        """Do at one account all that is open there, waiting for no other.

        *mends*: doubles of products of other accounts are there.
        """
        try:
            if mends:
                await self._sync.at(run, mend_other_account_doubles)
            await self._sync.at(run, partial(self._send, work=work))
        finally:
            run.has_sent.set()
        await self._confirmation.confirm(run)
        await self._sync.at(run, partial(reconcile_sellers, among=self._makers))

    async def _catch_up(self) -> None:
        """Take sales from while the run went on into account everywhere."""
        if not self._sync.sales.pop_new_sales():
            return
        await self._sync.each(drain, self._runs.keys())
        open_ = {
            key
            for key, run in self._runs.items()
            if run.later.must_reread | run.later.stock_shortfalls
        }
        await self._sync.each(self._confirmation.confirm_sent, open_)
        postponed = {key for key, run in self._runs.items() if run.later.postponed}
        await self._sync.each(self._confirmation.send_postponed, postponed)

    async def _catch_up_other_accounts(self) -> None:
        """Send changes that were held up where two accounts list one product.

        A removal has passed once its product's account was evaluated; and more is
        offered by one listing only once the other has stopped.
        """
        if not await self._database.fetch(self._doubles.note):
            return
        await self._evaluate_doubles()
        found = await self._sync.open_work(self._runs)
        if keys := [key for key in found if found[key].doubled]:
            await self._sync.each(mend_other_account_doubles, keys)
            await self._evaluate_doubles()

    async def _evaluate_doubles(self) -> None:
        """Evaluate products anew that have a double, or had one in this run."""
        for key, ids in (await self._doubles.products()).items():
            run = self._runs[key]
            await self._sync.at(run, partial(resume, product_ids=ids))

    async def _before_contact(self, conn: AsyncConnection) -> tuple[set[str], set[str]]:
        """Return the accounts to read whole, and those where answers were lost."""
        deployment, keys = self._sync.deployment, list(self._runs)
        to_read = await accounts_to_read(conn, deployment, keys)
        found = await open_work.at(conn, keys, deployment.clock())
        await self._sync.sales.note_cursors(conn, keys)
        lost = {key for key in keys if found[key].awaiting}
        return set(keys) if self._reads_all else to_read, lost

    async def _after_contact(self) -> tuple[set[str], set[str]]:
        """Return where something is looked up again, and where events name listings."""
        now, keys = self._sync.deployment.clock(), list(self._runs)
        async with self._database.read() as conn:
            due = await work_queue.with_looks(conn, keys, now)
            chosen = await chosen_otherwise(conn, keys)
            found = await open_work.at(conn, keys, now)
        looks = due | {account for account, _ in chosen}
        return looks, {key for key in keys if found[key].named}

    async def _send(self, run: AccountRun, work: Work) -> None:
        ids = work.look_up.pop(run.key, ())
        while True:
            if ids:
                await look_up_again(run, ids)
            await drain(run)
            if not (ids := work.look_up.pop(run.key, ())):
                return  # none was found while others were sent


async def _gather(tasks: Iterable[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Wait until one of *tasks* is done, and for those that come just behind it.

    Returns:
        Those that are done.
    """
    arrived = asyncio.Queue[asyncio.Task[None]]()
    time = asyncio.get_running_loop().time
    waiting, patience_s, start = set(tasks), None, time()
    # To ask hundreds of tasks again after each of them is slow.
    for task in waiting:
        task.add_done_callback(arrived.put_nowait)
    all_done = set[asyncio.Task[None]]()
    try:
        while waiting:
            async with asyncio.timeout(patience_s):
                task = await arrived.get()
            all_done.add(task)
            waiting.remove(task)
            patience_s = max(GATHER_S, (time() - start) * GATHER_SHARE)
    except TimeoutError:
        pass
    finally:
        for task in waiting:
            task.remove_done_callback(arrived.put_nowait)
    return all_done


async def sync(
    deployment: Deployment,
    names: Sequence[str] = (),
    *,
    full: bool = False,
    follow_for: timedelta = timedelta(0),
    progress: Progress = no_progress,
    run_id: str = "",
) -> Report:
    """Keep the marketplaces *names* right, or all of them.

    With *full* everything is evaluated, whether it may have changed or not. Submissions
    are followed for *follow_for*; *progress* is told how far each account is. It is
    called *run_id* in the ledger, or as it comes.

    Raises:
        ConfigurationError: A marketplace has no account, or a mapping that a
            person placed cannot be read.
        SyncInProgressError: Another run holds every account.
    """
    deployment = await as_decided(deployment)
    sites = deployment.chosen(names)
    leased = LeasedSync(
        deployment, sites, follow_for=follow_for, progress=progress, run_id=run_id
    )
    report = await leased.run(Sync(leased, full=full).work)
    return with_unusable(report, deployment, names)


def with_unusable(
    report: Report, deployment: Deployment, names: Collection[str]
) -> Report:
    """Name in *report* the unusable accounts at *names*, with the advice."""
    for each in deployment.unusable_at(names):
        report.stopped[each.key] = each.why
        report.todo[each.key] = each.todo
        report.wrong.append(each.key)
        report.unheard.pop(each.key, None)
    return report
