"""Look up again listings that may have come late or twice, when they are due.

Creates are looked up by our reference once the declared lag is over and again minutes
later, changes without an answer minutes after they were read back
(`ocop_sync.engine.state.look_up`). Whoever holds the account's lease when that is due
does it: this run, the next one or the worker. If the account does not answer, they stay
due.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.plan.doubles import double_name, fingerprint_of_kept
from ocop_sync.service.observe.read_trust import has_old_reads
from ocop_sync.service.observe.single_reads import look_for_more
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.send.slices import resume
from ocop_sync.store.decisions import drift_decided
from ocop_sync.store.listings import work_queue

TOGETHER = timedelta(seconds=30)
"""Look-ups due within so long are made at once, so that few runs begin for them."""

_log = logging.getLogger(__name__)


async def look_up_due(run: AccountRun) -> list[str]:
    """Look up the listings that are due by now.

    Returns:
        Ids of the products of which there is news; they have to be evaluated.
    """
    async with run.deployment.database.read() as conn:
        ids = await work_queue.looks(conn, run.key, run.deployment.clock())
        chosen = await chosen_otherwise(conn, [run.key])
        ids += [id_ for _, id_ in chosen if id_ not in ids]
    with run.reading(_log, "listings could not be looked up again"):
        return await look_for_more(run, ids)
    return []


async def chosen_otherwise(
    conn: AsyncConnection, keys: Sequence[str]
) -> list[tuple[str, str]]:
    """Return account and product where the listing a person chose is not in use yet."""
    return [
        (account, product_id)
        for account, product_id, ref, fingerprint_ in await drift_decided.kept(
            conn, keys
        )
        if fingerprint_
        not in (
            fingerprint_of_kept(ref),
            fingerprint_of_kept(double_name(account, ref)),
        )
    ]


async def look_up_made(run: AccountRun, until: datetime) -> None:
    """Look up the listings that this run has made, if due by *until*.

    Waiting for the last look-up, minutes later, is for the next run; and so is waiting
    for people, where reads may be old.
    """
    if has_old_reads(run):
        return
    at = await run.fetch(work_queue.first_looks_until, run.key, until)
    if at is None:
        return
    await run.pause_until(at)
    if ids := await look_up_due(run):
        await resume(run, ids)
