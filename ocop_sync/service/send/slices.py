"""Close the difference at one account, slice by slice.

Between slices the due work is asked for again, the most urgent first, and products that
have changed meanwhile are evaluated anew. The intents of a slice are stored before its
calls, while those of the slice before are in flight, and their outcomes after them;
both only under the lease. Of all calls that wait, the most urgent is next. Values are
read when they are written down to be sent, not when they were planned.
"""

from collections.abc import Mapping, Sequence

from catalog.model.producer import Producer
from ocop_sync.marketplace.change import SetStock
from ocop_sync.service.observe.reread import reread
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_changed import (
    changed_at,
    evaluate_again,
    evaluate_changed,
)
from ocop_sync.service.send.hand_room import HandRoom
from ocop_sync.service.send.in_flight import InFlight, Landed, slices_in_flight
from ocop_sync.service.send.listings import (
    NEEDS_SELLER,
    Listings,
    items_of,
    put_aside,
)
from ocop_sync.service.send.pipeline import send_written, write_down
from ocop_sync.service.send.planned import PlannedItem
from ocop_sync.service.send.queue import Queue, withdraws
from ocop_sync.service.send.sellers import ensure_sellers, stop_sellers
from ocop_sync.service.send.stock_guard import (
    Due,
    DuePlanned,
    changed_meanwhile,
    must_wait,
    read_first,
)
from ocop_sync.store.listings import event_mentions, open_work
from ocop_sync.store.listings.records import Record


async def drain(run: AccountRun) -> None:
    """Send due changes until none is left that can be sent."""
    async with slices_in_flight(run) as in_flight:
        await _Draining(run, in_flight).work()


async def resume(run: AccountRun, product_ids: Sequence[str]) -> None:
    """Evaluate products again, and send due changes, theirs included."""
    run.later.take_up(product_ids)
    await evaluate_again(run, product_ids)
    await drain(run)


class _Draining:
    """The sending of all that is due: while some slices fly, the next is written down.

    A product of which a change is in flight is left alone until that has landed.
    """

    def __init__(self, run: AccountRun, in_flight: InFlight) -> None:
        self._run = run
        self._in_flight = in_flight
        self._queue = Queue()
        self._room = HandRoom(run)
        self._done = 0
        self._knows_all = run.evaluation.is_over  # the queue does, of what is due

    async def work(self) -> None:
        """Send slice after slice."""
        run, queue, in_flight = self._run, self._queue, self._in_flight
        while not run.stopped:
            await in_flight.until_room()
            is_all = run.evaluation.is_over  # as of before the queue looks
            if await self._has_news():
                queue.drop()
            await self._note_landed()
            if not self._knows_all:
                queue.expect_more()
            self._knows_all = is_all
            ready = await self._room.let_in(await queue.take(run, in_flight.products))
            if changed := await read_first(run, _setting(run, ready)):
                await self._begin_again(changed)
                ready = [each for each in ready if each.id not in changed]
            if not all(withdraws(each.case) for each in ready):
                await self._stop_sellers()
            if ready:
                await self._send(ready)
            elif queue.is_done:
                if in_flight:
                    await in_flight.one_has_landed()  # more may be due behind it
                    await self._note_landed()
                elif is_all:
                    return
                else:
                    await self._more_is_evaluated()
        await in_flight.all_have_landed()
        await self._note_landed()

    async def _more_is_evaluated(self) -> None:
        async with self._run.slot.released():
            await self._run.evaluation.some_more()

    async def _note_landed(self) -> None:
        """Note what has been sent, and what has become due after it."""
        run, queue = self._run, self._queue
        for landed in self._in_flight.pop_landed():
            queue.give_way(landed.urgency)
            self._done += landed.sent
            run.progress(run.key, self._done, queue.remaining)
            if landed.sent:
                await run.tell_progress(queue.remaining)

    async def _stop_sellers(self) -> None:
        if self._run.sellers.must_stop:
            await self._in_flight.all_have_landed()  # withdrawals come first
        await stop_sellers(self._run)

    async def _has_news(self) -> bool:
        """Evaluate anew what has changed or ended, there or in the catalog.

        Not before all has been evaluated once: that would be written over.
        """
        run, now = self._run, self._run.deployment.clock()
        async with run.deployment.database.read() as conn:
            if not await open_work.has_news(conn, run.key, run.revision, now):
                return False  # mostly none is there: one look, and no three
            found = await changed_at(conn, run)
            is_named = await event_mentions.any_to_read(conn, run.key, now)
        if is_named or found.product_ids:
            await self._in_flight.take_back(found.product_ids)
            while not run.evaluation.is_over:
                await self._more_is_evaluated()
        if is_named:
            await self._in_flight.all_have_landed()
            if await _reread_named(run):
                return True
            found = await run.fetch(changed_at, run)
        await self._in_flight.take_back(found.product_ids)
        return await evaluate_changed(run, found)

    async def _begin_again(self, changed: Sequence[str]) -> None:
        """Evaluate products anew that were about to be sent."""
        self._run.sent.note_sent(changed)  # counts towards `AT_MOST`: this ends
        await evaluate_again(self._run, changed)
        self._queue.expect_more()

    async def _send(self, due: Sequence[Due]) -> None:
        """Write the next change of each case down, and let those that may go fly."""
        run = self._run
        ready = await _with_sellers(run, _chosen(run, due))
        if changed := await changed_meanwhile(run, ready):
            await self._begin_again(changed)
            due = [each for each in due if each.id not in changed]
        going = {
            each.id: planned
            for each, planned in ready
            if each.id not in changed and not must_wait(run, each, planned)
        }
        await put_aside(run, [each.case for each in due if each.id not in going])
        if not going or run.stopped:
            return
        planned_of = [(each.case, going[each.id]) for each in due if each.id in going]
        listings = Listings(run)
        items = await write_down(run, items_of(run, planned_of), listings)
        self._in_flight.begin(
            self._sent(items, listings),
            [item.product_id for item in items],
            removes=any(item.planned.removes for item in items),
        )

    async def _sent(
        self, items: Sequence[PlannedItem[Record]], listings: Listings
    ) -> Landed:
        def may_go(item: PlannedItem[Record]) -> bool:
            return self._in_flight.may_go(item.product_id)

        sent = await send_written(self._run, items, listings, may_go=may_go)
        return Landed(len(sent), listings.urgency)


async def _reread_named(run: AccountRun) -> bool:
    """Read listings that events have named meanwhile; return whether there is news."""
    changed = await reread(run)
    if changed:
        await evaluate_again(run, changed)
    return bool(changed)


def _chosen(run: AccountRun, due: Sequence[Due]) -> list[DuePlanned]:
    """Return the next change of each that may go now, as far as is known."""
    return [
        (each, planned)
        for each in due
        if (planned := run.next_of(each.case)) is not None
        and not must_wait(run, each, planned)
    ]


async def _with_sellers(
    run: AccountRun, chosen: Sequence[DuePlanned]
) -> list[DuePlanned]:
    """Return those of *chosen* whose sellers are ready, once they are opened."""
    if not run.site.adapter.capabilities.has_sellers:
        return list(chosen)
    makers = {
        each.producer.id: each.producer
        for each, planned in chosen
        if each.producer is not None and isinstance(planned.change, NEEDS_SELLER)
    }
    ready = await ensure_sellers(run, makers) if makers else {}
    return [
        (each, planned)
        for each, planned in chosen
        if not isinstance(planned.change, NEEDS_SELLER)
        or _has_seller(each.producer, ready)
    ]


def _has_seller(producer: Producer | None, ready: Mapping[str, bool]) -> bool:
    return producer is not None and ready[producer.id]


def _setting(run: AccountRun, due: Sequence[Due]) -> list[Due]:
    """Return those of which the stock is set next."""
    return [
        each
        for each in due
        if (planned := run.next_of(each.case)) is not None
        and isinstance(planned.change, SetStock)
    ]
