"""Close the difference at one account, slice by slice.

Between slices the due work is asked for again, the most urgent first, and products that
have changed meanwhile are evaluated anew. The intents of a slice are stored before its
calls, their outcomes after them; both only under the lease. Values are read when they
are sent, not when they were planned.
"""

from collections.abc import Mapping, Sequence

from catalog.model.producer import Producer
from ocop_sync.engine.plan.evaluation import Planned
from ocop_sync.marketplace.change import SetStock
from ocop_sync.service.evaluate.case import Case
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
    changed_meanwhile,
    must_wait,
    raises,
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
        if changed := await _changed_meanwhile(run, ready):
            run.sent.note_sent(changed)  # counts towards `AT_MOST`: this ends
            await evaluate_again(run, changed)
            queue.expect_more()
            ready = [each for each in ready if each.id not in changed]
        if not all(withdraws(each.case) for each in ready):
            await stop_sellers(run)
        if not ready:
            if queue.is_done:
                return
            continue
        sent, urgency = await _send_slice(run, ready)
        queue.give_way(urgency)
        done += sent
        run.progress(run.key, done, queue.remaining)
        if sent:
            await run.tell_progress(queue.remaining)


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


async def _send_slice(run: AccountRun, due: Sequence[Due]) -> tuple[int, int | None]:
    """Send the next change of each case.

    Returns:
        How many were sent, and the most urgent of the changes that are due after it.
    """
    ready = await _ready(run, due)
    going = {case.product_id for case, _ in ready}
    idle = [d.case for d in due if d.case.product_id not in going]
    await put_aside(run, idle)
    if not ready or run.stopped:
        return 0, None
    listings = Listings(run)
    sent = await send_slice(run, items_of(run, ready), listings)
    return len(sent), listings.urgency


async def _ready(run: AccountRun, due: Sequence[Due]) -> list[tuple[Case, Planned]]:
    """Return the next change of each case that may go now."""
    chosen = [
        (each.case, planned, each.producer)
        for each in due
        if (planned := run.next_of(each.case)) is not None
        and not must_wait(run, each, planned)
    ]
    if not run.site.adapter.capabilities.has_sellers:
        return [(case, planned) for case, planned, _ in chosen]
    makers = {
        producer.id: producer
        for _, planned, producer in chosen
        if producer is not None and isinstance(planned.change, NEEDS_SELLER)
    }
    ready = await ensure_sellers(run, makers) if makers else {}
    return [
        (case, planned)
        for case, planned, producer in chosen
        if not isinstance(planned.change, NEEDS_SELLER) or _has_seller(producer, ready)
    ]


def _has_seller(producer: Producer | None, ready: Mapping[str, bool]) -> bool:
    return producer is not None and ready[producer.id]


def _raising(run: AccountRun, due: Sequence[Due]) -> list[Due]:
    """Return those of which more is about to be offered than now."""
    return [
        each
        for each in due
        if (planned := run.next_of(each.case)) and raises(each.case, planned)
    ]


async def _changed_meanwhile(run: AccountRun, due: Sequence[Due]) -> list[str]:
    """Check changes once more before sending: their sales, and their listings."""
    changed = await changed_meanwhile(run, _raising(run, due))
    setting = [
        each
        for each in due
        if each.id not in changed
        and (planned := run.next_of(each.case)) is not None
        and isinstance(planned.change, SetStock)
    ]
    return [*changed, *await read_first(run, setting)]
