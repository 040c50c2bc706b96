"""Failed sign-ins are slowed, and nobody is locked out.

An attempt waits before its password is looked at: the longer, the more have failed
before it, or are under way, for the same name or from the same address. A name waits
for seconds at most, as whoever bears it is not to blame; an address for longer. So many
may wait at once and no more, of one address only some of them: the others are asked to
come back.
"""

from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

_FREE: Final = 3
"""Attempts that fail before any waits: a slip, or capitals by mistake."""
_LONGEST_BY_NAME_S: Final = 8.0
_LONGEST_BY_ADDRESS_S: Final = 60.0
_FORGOTTEN_AFTER_S: Final = 15 * 60.0
_MOST: Final = 10_000
"""Names, and addresses, that are remembered."""
_MOST_WAITING: Final = 200
_MOST_WAITING_BY_ADDRESS: Final = 10


class TooManyWaitingError(Exception):
    """So many attempts wait that this one is not taken.

    Attributes:
        retry_after_s: After how many seconds to try again.
    """

    retry_after_s = 10


@dataclass(slots=True)
class Attempt:
    """An attempt that has waited; it counts as failed unless it says otherwise."""

    succeeded: bool = False


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class SlowSignIn:
    """Lets attempts to sign in wait.

    Args:
        seconds: Monotonic time in seconds.
        sleep: Waits for some seconds.
        most: Names, and addresses, that are remembered.
    """

    def __init__(
        self,
        seconds: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        most: int = _MOST,
    ) -> None:
        self._seconds = seconds
        self._sleep = sleep
        self._most = most
        self._by_name = OrderedDict[str, _Failures]()
        self._by_address = OrderedDict[str, _Failures]()
        self._waiting = Counter[str]()

    @asynccontextmanager
    async def attempt(self, name: str, address: str) -> AsyncIterator[Attempt]:
        """Wait, then let the block look at the password.

        An attempt counts as failed from its beginning: many side by side wait as long
        as one after the other. One that succeeds frees its name, and not its address:
        whoever knows one password may be trying others.

        Raises:
            TooManyWaitingError: Too many wait.
        """
        self._ensure_room(address)
        wait_s = max(
            self._note(self._by_name, name, _LONGEST_BY_NAME_S),
            self._note(self._by_address, address, _LONGEST_BY_ADDRESS_S),
        )
        attempt = Attempt()
        self._waiting[address] += 1
        try:
            if wait_s:
                await self._sleep(wait_s)
            yield attempt
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]
        if attempt.succeeded:
            self._by_name.pop(name, None)
            self._forgive(self._by_address, address)

    def _ensure_room(self, address: str) -> None:
        all_waiting = self._waiting.total()
        if (
            all_waiting >= _MOST_WAITING
            or self._waiting[address] >= _MOST_WAITING_BY_ADDRESS
        ):
            raise TooManyWaitingError

    def _note(
        self, failures: OrderedDict[str, _Failures], key: str, longest_s: float
    ) -> float:
        """Count one more and return how long it waits."""
        now = self._seconds()
        found = failures.pop(key, None)
        if found is None or now - found.last > _FORGOTTEN_AFTER_S:
            found = _Failures(0, now)
        before = found.count
        failures[key] = _Failures(before + 1, now)
        if len(failures) > self._most:
            failures.popitem(last=False)
        if before < _FREE:
            return 0.0
        return min(longest_s, 2.0 ** min(before - _FREE, _STEPS))

    def _forgive(self, failures: OrderedDict[str, _Failures], key: str) -> None:
        """Count this attempt no more."""
        found = failures.get(key)
        if found is not None:
            found.count = max(0, found.count - 1)


_STEPS: Final = 10
"""Doublings: more would exceed any bound."""
