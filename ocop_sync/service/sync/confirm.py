"""Settle what sending has left open, and send what is due because of it.

Submissions are followed, lost answers read back, what was put on sale is read,
so is what an event named, and sales are read once more where stock is missing or
was raised. Each of these waits at most as long as the marketplace declares to lag.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ocop_sync.service.evaluate.evaluator import lag_ends
from ocop_sync.service.evaluate.sales import with_heard
from ocop_sync.service.observe.read_accounts import follow, look_again
from ocop_sync.service.observe.reread import reread
from ocop_sync.service.run.account_run import AccountRun, Progress
from ocop_sync.service.run.evaluate_changed import rejudge
from ocop_sync.service.send.changes import drain
from ocop_sync.store.listings import event_mentions, records, work_queue
from ocop_sync.store.listings.records import Record
from ocop_sync.store.runs import accounts

A_MOMENT = timedelta(seconds=1)
"""Sales are read so much later than what may have been sold: times are rounded."""


async def follow_once(run: AccountRun, progress: Progress) -> list[str]:
    """Follow what is in review once, and send what is due because of it.

    Returns:
        The tickets of what is still in review.
    """
    async with run.deployment.database.read() as conn:
        found = await work_queue.in_review(conn, run.account.key)
    changed = await follow(run, found)
    if changed:
        await run.begin()
        await rejudge(run, list(changed), read=changed)
        await drain(run, progress)
    return [r.state.ticket for r in found if r.state.product_id not in changed]


async def settle_lost(run: AccountRun, progress: Progress) -> None:
    """Read back what this run has sent without an outcome, in time."""
    async with run.deployment.database.read() as conn:
        lost = await work_queue.awaiting(conn, run.account.key)
        ends = [lag_ends(run.site, r.state.sent_at) for r in lost if r.state.sent_at]
        if ends and not run.site.adapter.capabilities.has_search:
            # All pages are read: once, for what was made with an answer as well.
            until = lag_ends(run.site, run.deployment.clock())
            at = await work_queue.first_looks_until(conn, run.account.key, until)
            ends += [at] if at else []
    await _read_at(run, lost, max(ends, default=None), progress)


async def hear_after(run: AccountRun, progress: Progress) -> None:
    """Hear of what was sold while stock was raised: it was written over.

    Where a marketplace compares versions, nothing is.
    """
    if run.has_raised and not run.site.adapter.capabilities.compare_and_set:
        run.has_raised = False
        await _hear(run)
        await drain(run, progress)


async def confirm(run: AccountRun, progress: Progress) -> None:
    """Read what was put on sale, and what has changed there meanwhile.

    Only a read makes a listing listed.
    """
    stale = sorted(run.stale)
    run.stale.clear()
    async with run.deployment.database.read() as conn:
        new = await work_queue.unread(conn, run.account.key)
        known = {record.state.product_id: record for record in new}
        known |= await records.load(conn, run.site.name, stale)
        new = list((await with_heard(conn, known)).values())
    ends = [r.state.sent_at + _lag(run) for r in new if r.state.sent_at]
    await _read_at(run, new, max(ends, default=None), progress)


async def reread_late(run: AccountRun, progress: Progress) -> None:
    """Read what events have named once it shows what happened for certain."""
    async with run.deployment.database.read() as conn:
        at = await event_mentions.last_shows(conn, run.account.key)
    if at is None:
        return
    now = run.deployment.clock()
    await _pause(run, min(at, now + _lag(run)) - now)
    await _send_again(run, await reread(run), progress)


async def find_missing(run: AccountRun, progress: Progress) -> None:
    """Read sales once more, later than what shows less than it should.

    What is still missing then was no sale.
    """
    if not run.missing:
        return
    ids, key = sorted(run.missing), run.account.key
    async with run.deployment.database.read() as conn:
        found = await records.load(conn, run.site.name, ids)
    now, longest = run.deployment.clock(), _lag(run) + A_MOMENT
    reads = [r.state.read_at for r in found.values() if r.state.read_at]
    await _pause(run, min(longest, max(reads, default=now) + longest - now))
    await _hear(run)
    async with run.deployment.database.read() as conn:
        heard = await accounts.heard_at(conn, [key])
    run.looked = replace(run.looked, heard={**run.looked.heard, **heard})
    await _send_again(run, ids, progress)


async def _read_at(
    run: AccountRun, found: Sequence[Record], at: datetime | None, progress: Progress
) -> None:
    """Read *found* once it is *at*, and send what is due because of it."""
    if at is None:
        return
    now = run.deployment.clock()
    await _pause(run, min(at, lag_ends(run.site, now)) - now)
    await _send_again(run, await look_again(run, found), progress)


async def _send_again(run: AccountRun, ids: Sequence[str], progress: Progress) -> None:
    run.given_up -= set(ids)
    await rejudge(run, ids)
    await drain(run, progress)


async def _hear(run: AccountRun) -> None:
    async with run.turn.given_up():
        await run.selling.hear([run.account.key])


async def _pause(run: AccountRun, wait: timedelta) -> None:
    await run.pause(max(0.0, wait.total_seconds()))


def _lag(run: AccountRun) -> timedelta:
    return timedelta(seconds=run.site.adapter.capabilities.visible_within_s)
