"""See the sent changes of an account through, and those that had to wait."""

from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.run.evaluate_changed import evaluate_again
from ocop_sync.service.send.changes import drain
from ocop_sync.service.sync.confirm import (
    confirm,
    follow_once,
    hear_after,
    reread_late,
    settle_lost,
    settle_shortfalls,
)
from ocop_sync.service.sync.elsewhere import settle_elsewhere
from ocop_sync.service.sync.leased_sync import LeasedSync
from ocop_sync.service.sync.look_up import look_up_made

POLL_S = 0.5
"""Between two looks at submissions in review."""


class Settling:
    """The end of the work at each account of one sync.

    Args:
        sync: The accounts.
    """

    def __init__(self, sync: LeasedSync) -> None:
        self._sync = sync
        self._progress = sync.progress

    async def settle(self, run: AccountRun) -> None:
        """See the sent changes of one account through, and those that had to wait."""
        await self._sync.at(run, self.see_through)
        if run.later.postponed:
            await self._sync.at(run, self.send_postponed)
            await self._sync.at(run, self.see_through)

    async def see_through(self, run: AccountRun) -> None:
        """Learn the outcomes of sent changes, and send the changes due after it."""
        until = self._sync.deployment.clock() + self._sync.follow_for
        await self._follow(run)
        await settle_lost(run, self._progress)
        await settle_elsewhere(run)
        await hear_after(run, self._progress)
        await confirm(run, self._progress)
        await reread_late(run, self._progress)
        await settle_shortfalls(run, self._progress)
        await look_up_made(run, until, self._progress)

    async def send_postponed(self, run: AccountRun) -> None:
        """Put stock up that had to be taken down elsewhere first."""
        waits_for = set[str]().union(*run.later.postponed.values())
        async with run.slot.released():
            for key in sorted(waits_for & self._sync.runs.keys()):
                await self._sync.runs[key].has_sent.wait()
        ids = run.later.take_up_postponed()
        await evaluate_again(run, ids)
        await drain(run, self._progress)

    async def _follow(self, run: AccountRun) -> None:
        """Follow submissions until all are decided, or the time is over."""
        deadline = self._sync.deployment.clock() + self._sync.follow_for
        while True:
            waiting = await follow_once(run, self._progress)
            if run.account.key in await self._sync.with_ends([run.account.key]):
                await drain(run, self._progress)
            if not waiting or self._sync.deployment.clock() >= deadline:
                return
            await run.pause(POLL_S)
