"""Confirm the sent changes of an account, and send those that had to wait.

Submissions are followed until all are decided or the time is over. Then each open end
is closed once: lost answers are read back, listings that were put on sale or named by
an event are read, and sales are read once more where stock is missing or was raised.
Each of these waits at most as long as the marketplace declares to lag, plus the
time-out of a call, and the changes that are due after it are sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from catalog.db.chunks import chunks
from ocop_sync.service.observe.batches_at_once import batches_at_once
from ocop_sync.service.observe.reread import reread
from ocop_sync.service.observe.reviews import follow
from ocop_sync.service.observe.single_reads import look_again_at
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_changed import (
    AT_ONCE,
    AfterRead,
    evaluate_again,
)
from ocop_sync.service.run.left_to_later import LeftToLater
from ocop_sync.service.run.standing_groups import RemovalRequest
from ocop_sync.service.send.slices import drain, resume
from ocop_sync.service.sync.leased_sync import LeasedSync
from ocop_sync.service.sync.look_up import look_up_made
from ocop_sync.service.sync.other_account_doubles import read_back_other_account_doubles
from ocop_sync.store.listings import event_mentions, records, work_queue
from ocop_sync.store.listings.open_work import OpenWork
from ocop_sync.store.listings.work_queue import Open
from ocop_sync.store.runs import accounts

_IsOpen = Callable[[OpenWork, LeftToLater], bool]
_Step = Callable[[AccountRun], Awaitable[OpenWork | None]]
"""Closes one kind of open end; returns what is open now, if that is known."""

POLL_S = 0.5
"""Between two looks at submissions in review."""

A_MOMENT = timedelta(seconds=1)
"""Sales are read so much later than the possible sale: times are rounded."""


class Confirmation:
    """The end of the work at each account of one sync."""

    def __init__(self, sync: LeasedSync) -> None:
        self._sync = sync

    async def confirm(self, run: AccountRun) -> None:
        """Confirm the sent changes of one account, and send those that had to wait."""
        await self._sync.at(run, self.confirm_sent)
        if run.later.postponed:
            await self._sync.at(run, self.send_postponed)
            await self._sync.at(run, self.confirm_sent)

    async def confirm_sent(self, run: AccountRun) -> None:
        """Learn the outcomes of sent changes, and send the changes due after it."""
        until = self._sync.deployment.clock() + self._sync.follow_for
        found: OpenWork | None = None
        for is_open, step in self._steps():
            if found is None:
                found = (await self._sync.open_work([run.key]))[run.key]
            if is_open(found, run.later):
                found = await step(run)  # it may have opened the next one
        await look_up_made(run, until)

    def _steps(self) -> Iterable[tuple[_IsOpen, _Step]]:
        """Return the steps in their order, each with the question if it is needed."""
        return (
            (lambda found, _: found.in_review or found.ended, self._follow),
            (lambda found, _: found.awaiting, _read_back_lost),
            (lambda found, _: found.doubled, read_back_other_account_doubles),
            (lambda _, later: later.has_raised, _read_sales_after_raise),
            (
                lambda found, later: found.unread or bool(later.must_reread),
                _read_unconfirmed,
            ),
            (lambda found, _: found.named, _reread_named),
            (lambda _, later: bool(later.stock_shortfalls), _check_shortfalls),
        )

    async def send_postponed(self, run: AccountRun) -> None:
        """Raise stock that had to be lower at other accounts first."""
        waits_for = set[str]().union(*run.later.postponed.values())
        async with run.slot.released():
            for key in sorted(waits_for & self._sync.runs.keys()):
                await self._sync.runs[key].has_sent.wait()
        await resume(run, run.later.take_up_postponed())

    async def _follow(self, run: AccountRun) -> OpenWork | None:
        """Follow submissions until all are decided, or the time is over."""
        deadline = self._sync.deployment.clock() + self._sync.follow_for
        while True:
            waiting = await _follow_once(run)
            found = (await self._sync.open_work([run.key]))[run.key]
            if found.ended:
                await drain(run)
            if not waiting or self._sync.deployment.clock() >= deadline:
                return None if found.ended else found
            await run.pause(POLL_S)


class _Followed:
    """The submissions that are followed at once, and what has come of them.

    While some are evaluated, others are asked about; what has come of those meanwhile
    is evaluated together, as far as that goes in one transaction: whoever waits for
    that asks about no more.

    Attributes:
        changed: Of how many there was news.
        asked: Their removals, to be weighed together.
    """

    def __init__(self, run: AccountRun) -> None:
        self.changed = 0
        self.asked: list[RemovalRequest] = []
        self._run = run
        self._news: dict[str, AfterRead] = {}
        self._evaluating = asyncio.Lock()

    async def follow(self, ids: Sequence[str]) -> None:
        """Follow some, and have them evaluated."""
        run = self._run
        found = await run.fetch(records.load, run.site.name, ids)
        news = await follow(run, list(found.values()))
        for id_, shown in news.items():
            self._news[id_] = AfterRead(found[id_], shown)
        async with self._evaluating:  # whose turn it is, its own come first
            read = dict(islice(self._news.items(), AT_ONCE))  # those by now
            for id_ in read:
                del self._news[id_]
            if read:
                await run.begin()
                self.changed += len(read)
                asked = await evaluate_again(run, list(read), read=read, screen=False)
                self.asked.extend(asked)


async def _follow_once(run: AccountRun) -> int:
    """Follow the submissions once, and send the changes that are due after it.

    Returns:
        How many submissions are still in review.
    """
    ids = list(await run.fetch(work_queue.with_open, run.key, Open.IN_REVIEW))
    followed = _Followed(run)
    batches = chunks(ids, run.marketplace.capabilities.read_batch)
    await batches_at_once(run, batches, followed.follow)
    if followed.asked:  # weighed together, when all have been asked about
        await evaluate_again(run, (), asked=followed.asked)
    if followed.changed:
        await drain(run)
    return len(ids) - followed.changed


async def _read_back_lost(run: AccountRun) -> None:
    """Wait until unanswered changes must show, read them, and send what is due then."""
    async with run.deployment.database.read() as conn:
        lost = await work_queue.with_open(conn, run.key, Open.AWAITING)
        ends = [run.site.lag_ends(sent_at) for sent_at in lost.values() if sent_at]
        if ends and not run.site.adapter.capabilities.has_search:
            # All pages are read: once, for creates with an answer as well.
            until = run.site.lag_ends(run.deployment.clock())
            at = await work_queue.first_looks_until(conn, run.key, until)
            ends += [at] if at else []
    at = max(ends, default=None)
    if at is not None:
        await _wait_for(run, at)
        await resume(run, await look_again_at(run, list(lost)))


async def _read_sales_after_raise(run: AccountRun) -> None:
    """Read the sales from while stock was raised: the raise may have undone them.

    A marketplace that compares versions refuses such a raise.
    """
    if not run.site.adapter.capabilities.compare_and_set and run.later.pop_raised():
        await _read_sales(run)
        await drain(run)


async def _read_unconfirmed(run: AccountRun) -> None:
    """Read listings that were put on sale, or that have changed there meanwhile.

    Only a read makes a listing listed.
    """
    must_reread = run.later.pop_must_reread()
    new = dict(await run.fetch(work_queue.with_open, run.key, Open.UNREAD))
    for some in chunks(must_reread, AT_ONCE):
        known = await run.fetch(records.load, run.site.name, some)
        new |= {id_: record.state.sent_at for id_, record in known.items()}
    if sent := [*filter(None, new.values())]:
        await _wait_for(run, max(sent) + run.site.lag)
        news = await look_again_at(run, list(new), with_sales=True)
        await resume(run, news)


async def _reread_named(run: AccountRun) -> None:
    """Read listings that events have named once they show the event for certain."""
    at = await run.fetch(event_mentions.last_shows, run.key)
    if at is None:
        return
    await run.pause_until(min(at, run.deployment.clock() + run.site.lag))
    await resume(run, await reread(run))


async def _check_shortfalls(run: AccountRun) -> None:
    """Read sales once more, later than the read of missing stock.

    Stock that is still missing then was not sold.
    """
    ids, key = sorted(run.later.stock_shortfalls), run.key
    reads = [await _last_read(run, some) for some in chunks(ids, AT_ONCE)]
    now, longest = run.deployment.clock(), run.site.lag + A_MOMENT
    last = max(filter(None, reads), default=now)
    await run.pause_until(min(now, last) + longest)
    await _read_sales(run)
    run.note_sales_known(await run.fetch(accounts.sales_known_at, [key]))
    await resume(run, ids)


async def _last_read(run: AccountRun, ids: Sequence[str]) -> datetime | None:
    """Return when one of these products was last read; None if none was."""
    known = await run.fetch(records.load, run.site.name, ids)
    reads = (record.state.read_at for record in known.values())
    return max(filter(None, reads), default=None)


async def _wait_for(run: AccountRun, at: datetime) -> None:
    """Wait until *at*, but no longer than a change of now may take to show."""
    await run.pause_until(min(at, run.site.lag_ends(run.deployment.clock())))


async def _read_sales(run: AccountRun) -> None:
    async with run.slot.released():
        await run.sales.read([run.key])
