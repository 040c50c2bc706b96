"""Look at an account before anything is evaluated: sign in, read sales and listings."""

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.errors import StoppedError
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.case import freshness_of
from ocop_sync.service.observe.single_reads import look_again_at
from ocop_sync.service.observe.whole_read import read_whole
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_changed import evaluate_again
from ocop_sync.service.sync.check_accounts import FOR_A_PERSON, check_account
from ocop_sync.store.listings import work_queue
from ocop_sync.store.listings.work_queue import Open
from ocop_sync.subject import about

_log = logging.getLogger(__name__)


async def accounts_to_read(
    conn: AsyncConnection, deployment: Deployment, keys: Collection[str]
) -> set[str]:
    """Return those of *keys* never read whole, or not within `read_whole_every`.

    Where reads may be old, each sync looks whether something newer was told.
    """
    freshness = await freshness_of(conn, list(keys))
    every, now = deployment.limits.read_whole_every, deployment.clock()
    return {
        key
        for key in keys
        if deployment.capabilities_of(key).has_old_reads
        or not freshness.recently(key, now, every)
    }


async def meet(run: AccountRun) -> None:
    """Read the sales at an account, once its credentials are not known to be bad."""
    with about(run=run.id, account=run.key):
        await sign_in(run)
        if not run.stopped:
            await run.sales.read([run.key])
            run.sales.note_held(run.key)


async def sign_in(run: AccountRun) -> None:
    """Sign in where that is not known to work; leave an account that refuses it.

    Any other failure is no reason: a withdrawal may go all the same.
    """
    key = run.key
    if key in run.deployment.signed_in or run.is_resting:
        return
    with suppress(StoppedError):
        found = await check_account(run.deployment, run.account)
        run.ending.note_not_met(found.error)
        if found.result in FOR_A_PERSON and found.error is not None:
            run.ending.leave(found.error)
            run.sales.note_unread(key, found.error)
            _log.warning(
                "account left alone until the next run",
                extra={"account": key, "reason": found.why},
            )


async def read_account(run: AccountRun, *, after_lag: bool = False) -> None:
    """Read an account whole; if that fails, only new listings have to wait.

    *after_lag*: wait until all that was sent there would show.
    """
    if after_lag:
        await _wait_for_the_lag(run)
    with run.reading(_log, "account could not be read whole"):
        await read_whole(run)


async def _wait_for_the_lag(run: AccountRun) -> None:
    last = await run.fetch(work_queue.last_sent, run.key)
    if last is not None:
        await run.pause_until(last + run.site.lag)


async def look_back(run: AccountRun) -> None:
    """Read back the unanswered changes of an earlier run."""
    lost = await run.fetch(work_queue.with_open, run.key, Open.AWAITING)
    await look_again_at(run, list(lost))


async def look_up_again(run: AccountRun, ids: Sequence[str]) -> None:
    """Look again for absent listings, for adopted ones, and for sold ones.

    If that fails, it is left as it is: nothing of it is made or raised.
    """
    with run.reading(_log, "listings could not be looked up"):
        await look_again_at(run, ids, with_sales=True)
    run.case_cache.all_touched()  # what was found may be a twin of any product
    await evaluate_again(run, ids)
