"""Confirm the sent changes of an account, and send those that had to wait.

Submissions are followed until all are decided or the time is over; each other step is
done once. The steps are in `confirmation_steps`, `other_account_doubles` and
`look_up`, their order is here.
"""

from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.send.slices import drain, resume
from ocop_sync.service.sync.confirmation_steps import (
    check_shortfalls,
    follow_once,
    read_back_lost,
    read_sales_after_raise,
    read_unconfirmed,
    reread_named,
)
from ocop_sync.service.sync.leased_sync import LeasedSync
from ocop_sync.service.sync.look_up import look_up_made
from ocop_sync.service.sync.other_account_doubles import read_back_other_account_doubles

POLL_S = 0.5
"""Between two looks at submissions in review."""


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
        await self._follow(run)
        await read_back_lost(run)
        await read_back_other_account_doubles(run)
        await read_sales_after_raise(run)
        await read_unconfirmed(run)
        await reread_named(run)
        await check_shortfalls(run)
        await look_up_made(run, until)

    async def send_postponed(self, run: AccountRun) -> None:
        """Raise stock that had to be lower at other accounts first."""
        waits_for = set[str]().union(*run.later.postponed.values())
        async with run.slot.released():
            for key in sorted(waits_for & self._sync.runs.keys()):
                await self._sync.runs[key].has_sent.wait()
        await resume(run, run.later.take_up_postponed())

    async def _follow(self, run: AccountRun) -> None:
        """Follow submissions until all are decided, or the time is over."""
        deadline = self._sync.deployment.clock() + self._sync.follow_for
        while True:
            waiting = await follow_once(run)
            if run.key in await self._sync.with_ends([run.key]):
                await drain(run)
            if not waiting or self._sync.deployment.clock() >= deadline:
                return
            await run.pause(POLL_S)
