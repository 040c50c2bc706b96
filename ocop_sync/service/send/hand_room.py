"""How much an account takes that people work: a batch is what they do in a day.

Withdrawals are always taken. Of all else the most urgent goes, as much as there is room
for; the rest stays due, and is sent with the values of then once a batch was handed
out. Nothing has failed with it.
"""

from collections.abc import Sequence

from ocop_sync.marketplace.by_hand import NEW, ByHand
from ocop_sync.service.run.account_run import AccountRun
from ocop_sync.service.send.queue import withdraws
from ocop_sync.service.send.stock_guard import Due


class HandRoom:
    """The room at the account of one run; there is no bound where nobody works it."""

    def __init__(self, run: AccountRun) -> None:
        self._run = run
        self._left: dict[bool, int] | None = None

    async def let_in(self, ready: Sequence[Due]) -> list[Due]:
        """Return those of *ready* that are taken, and leave the others to later."""
        if not ready or not issubclass(self._run.site.adapter, ByHand):
            return list(ready)
        left = await self._room()
        found, over = list[Due](), list[str]()
        for each in ready:
            planned = self._run.next_of(each.case)
            is_new = planned is not None and planned.change.kind in NEW
            if withdraws(each.case) or planned is None:
                found.append(each)
            elif left[is_new] > 0:
                left[is_new] -= 1
                found.append(each)
            else:
                over.append(each.id)
        self._run.later.defer(over)
        return found

    async def _room(self) -> dict[bool, int]:
        """Return how many more are taken, of new listings and of others."""
        if self._left is None:
            opened = self._run.marketplace
            assert isinstance(opened, ByHand)  # noqa: S101 - as its class says
            room = await opened.room()
            self._left = {True: room.new, False: room.others}
        return self._left
