"""The due changes of an account, in the order in which they go.

The most urgent goes first, but for one place of ten; a change that has failed too often
to go with others goes by itself, at most one a slice. Whether a change may be sent now
is decided by its run (`AccountRun.next_of`).
"""

from collections.abc import Collection, Sequence
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.plan.evaluation import Urgency
from ocop_sync.service.evaluate.case import Case
from ocop_sync.service.evaluate.coverage_facts import note_counted
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_changed import evaluated
from ocop_sync.service.send.stock_guard import Due, offered
from ocop_sync.store.listings import records, work_queue

WAITED_LONGEST = 10
"""One of so many places goes to the longest wait, with any urgency."""

AHEAD = 5
"""Slices that are read ahead at once: no more than are judged while the calls that wait
keep the account's quota in use."""


class Queue:
    """The due changes of an account, the most urgent first, read ahead.

    Reading ahead saves queries, not looks: as soon as anything in the catalog has
    changed or ended, or something more urgent has come up, the products that were read
    ahead are dropped and read again. The one that has waited longest keeps its share
    all the same: places are counted from slice to slice.
    """

    def __init__(self) -> None:
        self._cases: list[Due] = []
        self._again: list[Due] = []  # failed too often to go with others
        self._oldest: dict[str, None] = {}  # the longest waits, in order
        self._places = 0  # taken since one went to the longest wait
        self._is_all = False  # nothing else was due when it was read
        self._came_up: int | None = None  # how urgent the most urgent since then is
        self.remaining = 0
        self.is_done = False

    def drop(self) -> None:
        """Forget the products that were read ahead."""
        self._cases.clear()
        self._again.clear()
        self._is_all = False
        self._came_up = None

    def expect_more(self) -> None:
        """Look again once it is empty: something that was read ahead is still due."""
        self._is_all = False
        self.is_done = False

    def give_way(self, urgency: int | None) -> None:
        """Drop the products read ahead as soon as something more urgent is due.

        Args:
            urgency: Of the most urgent change that the last slice has brought up, or
                None. It is remembered until the products that were read ahead are less
                urgent.
        """
        if urgency is not None:
            self._is_all = False
            known = urgency if self._came_up is None else self._came_up
            self._came_up = min(urgency, known)
        if self._came_up is not None and self._cases:
            first = self._cases[0].case.record.urgency
            if first is None or self._came_up < first:
                self.drop()

    async def take(self, run: AccountRun, in_flight: Collection[str]) -> list[Due]:
        """Return the next slice; none of the products *in_flight* is in it."""
        is_empty = not self._cases and not self._again
        if is_empty and self._is_all:
            self.is_done = True
        elif is_empty:
            await self._fill(run, in_flight)
        size = run.slice_changes
        if run.sellers.must_stop and (withdrawals := self._put_withdrawals_first()):
            size = min(size, withdrawals)  # sellers are stopped between two slices
        taken, self._cases = self._cases[:size], self._cases[size:]
        if self._is_turn_of_again(run):
            if len(taken) == size and not withdraws(taken[-1].case):
                self._cases.insert(0, taken.pop())
            if len(taken) < size:
                taken.append(self._again.pop(0))
        self.remaining = max(0, self.remaining - len(taken))
        for each in taken:
            is_oldest = each.id == next(iter(self._oldest), None)
            self._places = 0 if is_oldest else self._places + 1
            self._oldest.pop(each.id, None)
        return taken

    def _put_withdrawals_first(self) -> int:
        """Put withdrawals first, else in the same order; return how many there are."""
        self._cases.sort(key=lambda each: not withdraws(each.case))
        return sum(withdraws(each.case) for each in self._cases)

    def _is_turn_of_again(self, run: AccountRun) -> bool:
        """Say whether one of those that have failed too often goes with this slice.

        Withdrawals that have not failed go first; where the account rests, so
        does everything else: a change that fails by itself is not to be its probe.
        """
        if not self._again:
            return False
        if run.is_resting:
            return not self._cases
        return not any(withdraws(each.case) for each in self._cases)

    async def _fill(self, run: AccountRun, in_flight: Collection[str]) -> None:
        """Read due products ahead, evaluated as catalog and store are now."""
        self._came_up = None
        slice_ = run.slice_changes
        size = AHEAD * slice_
        async with run.deployment.database.read() as conn:
            left_out = run.later.deferred | set(in_flight)
            more = size + len(left_out)
            found = await _due(conn, run, more)
            self._is_all = len(found) < more
            self._oldest.clear()
            if len(found) > slice_ and run.reviewed is None:
                # More than goes at once: the longest wait has its share.
                share = size // WAITED_LONGEST + 1  # one at least
                oldest = await work_queue.oldest(conn, run.key, share)
                self._oldest = dict.fromkeys(oldest)
                found = _mixed(found, oldest, self._places)
            ids = [id_ for id_ in found if id_ not in left_out][:size]
            self.is_done = not ids
            if not ids:
                return
            self.remaining = (
                len(ids)
                if self._is_all or run.reviewed is not None
                else await work_queue.count_due(conn, run.key)
            )
            kept = run.case_cache.take(ids)
            rest = [id_ for id_ in ids if id_ not in kept]
            kept |= {
                case.product_id: case
                for case in (await evaluated(conn, run, rest) if rest else ())
            }
            cases = [kept[id_] for id_ in ids]
            mine = [c for c in cases if c.state.account == run.key]
            moved = [c for c in cases if c.state.account != run.key]
            ready = await offered(conn, run, mine)
            self._cases = [each for each in ready if not _is_again(run, each.case)]
            self._again = [each for each in ready if _is_again(run, each.case)]
        await _let_go(run, moved)


async def _due(conn: AsyncConnection, run: AccountRun, size: int) -> list[str]:
    """Return at most *size* products at which something is due, in order."""
    if run.reviewed is None:
        return await work_queue.due(conn, run.key, size)
    return list(islice(run.reviewed.products(), size))


def _mixed(urgent: Sequence[str], oldest: Sequence[str], taken: int = 0) -> list[str]:
    """Give every tenth place to the longest wait; name nothing twice.

    *taken* places were taken since one went to the longest wait.
    """
    others = WAITED_LONGEST - 1
    end = max(others - taken, 0)
    mixed = [*urgent[:end]]
    for id_ in oldest:
        mixed += [id_, *urgent[end : end + others]]
        end += others
    return list(dict.fromkeys([*mixed, *urgent[end:]]))


async def _let_go(run: AccountRun, cases: Sequence[Case]) -> None:
    """Leave products that now belong to another account to its run."""
    if not cases:
        return
    found = [case.record for case in cases]
    if run.reviewed is not None:
        run.later.defer(record.state.product_id for record in found)

    async def store(conn: AsyncConnection) -> None:
        await records.save(conn, found)
        now = run.deployment.clock()
        await note_counted(conn, run.site.name, {}, found, now)

    await run.deployment.database.write(store)


def _is_again(run: AccountRun, case: Case) -> bool:
    """Say whether the next change has failed too often to go with others."""
    first = run.next_of(case)
    return first is not None and first.again


def withdraws(case: Case) -> bool:
    """Say whether the due change of a case is its withdrawal."""
    return case.record.urgency == Urgency.WITHDRAW
