"""Close the difference at one account, slice by slice.

Between slices the due work is asked for again, the most urgent first, and products that
have changed meanwhile are evaluated anew. The intents of a slice are stored before its
calls, their outcomes after them; both only under the lease. Values are read when they
are sent, not when they were planned.
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
from ocop_sync.service.send.listings import (
    NEEDS_SELLER,
    Listings,
    items_of,
    put_aside,
)
from ocop_sync.service.send.pipeline import send_slice
from ocop_sync.service.send.queue import Queue, withdraws
from ocop_sync.service.send.sellers import ensure_sellers, stop_sellers
from ocop_sync.service.send.stock_guard import (
    Due,
    DuePlanned,
    changed_meanwhile,
    must_wait,
    read_first,
)
from ocop_sync.store.listings import event_mentions


async def drain(run: AccountRun) -> None:
    """Send due changes until none is left that can be sent."""
    done, queue = 0, Queue()
    while not run.stopped:
        if await _has_news(run):
            queue.drop()
        ready = await queue.take(run)
        if changed := await read_first(run, _setting(run, ready)):
            await _begin_again(run, queue, changed)
            ready = [each for each in ready if each.id not in changed]
        if not all(withdraws(each.case) for each in ready):
            await stop_sellers(run)
        if not ready:
            if queue.is_done:
                return
            continue
        sent, urgency = await _send_slice(run, queue, ready)
        queue.give_way(urgency)
        done += sent
        run.progress(run.key, done, queue.remaining)
        if sent:
            await run.tell_progress(queue.remaining)


async def _begin_again(run: AccountRun, queue: Queue, changed: Sequence[str]) -> None:
    """Evaluate products anew that were about to be sent."""
    run.sent.note_sent(changed)  # counts towards `AT_MOST`: this ends
    await evaluate_again(run, changed)
    queue.expect_more()


async def resume(run: AccountRun, product_ids: Sequence[str]) -> None:
    """Evaluate products again, and send due changes, theirs included."""
    run.later.take_up(product_ids)
    await evaluate_again(run, product_ids)
    await drain(run)


async def _has_news(run: AccountRun) -> bool:
    """Evaluate anew what has changed or ended meanwhile, there or in the catalog."""
    async with run.deployment.database.read() as conn:
        found = await changed_at(conn, run)
        is_named = await event_mentions.any_to_read(
            conn, run.key, run.deployment.clock()
        )
    if is_named:
        if await _reread_named(run):
            return True
        found = await run.fetch(changed_at, run)
    return await evaluate_changed(run, found)


async def _reread_named(run: AccountRun) -> bool:
    """Read listings that events have named meanwhile; return whether there is news."""
    changed = await reread(run)
    if changed:
        await evaluate_again(run, changed)
    return bool(changed)


async def _send_slice(
    run: AccountRun, queue: Queue, due: Sequence[Due]
) -> tuple[int, int | None]:
    """Send the next change of each case.

    Returns:
        How many were sent, and the most urgent of the changes that are due after it.
    """
    ready = await _with_sellers(run, _chosen(run, due))
    if changed := await changed_meanwhile(run, ready):
        await _begin_again(run, queue, changed)
        due = [each for each in due if each.id not in changed]
    going = {
        each.id: planned
        for each, planned in ready
        if each.id not in changed and not must_wait(run, each, planned)
    }
    await put_aside(run, [each.case for each in due if each.id not in going])
    if not going or run.stopped:
        return 0, None
    listings = Listings(run)
    planned_of = [(each.case, going[each.id]) for each in due if each.id in going]
    sent = await send_slice(run, items_of(run, planned_of), listings)
    return len(sent), listings.urgency


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
