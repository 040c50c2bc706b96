"""Failed sign-ins are slowed, and nobody is locked out.

An attempt waits before its password is looked at: the longer, the more have failed
before it, or are under way, for the same name or from the same address. A name waits
for seconds at most, as whoever bears it is not to blame; an address for longer. So many
may wait at once and no more, of one address or network only some of them: the others
are asked to come back. Whoever need not wait takes no place of theirs, and some places
are kept for those who wait for their name alone, as others try it.
"""

from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

from ocop_sync.api.access.client_address import network_of, site_of

_FREE: Final = 3
"""Attempts that fail before any waits: a slip, or capitals by mistake."""
_LONGEST_BY_NAME_S: Final = 8.0
_LONGEST_BY_ADDRESS_S: Final = 60.0
_FORGOTTEN_AFTER_S: Final = 15 * 60.0
_MOST: Final = 10_000
"""Names, addresses and networks that are remembered, of each."""
_MOST_WAITING: Final = 200
_MOST_PASSING: Final = 200
"""Attempts that need not wait; each lasts as long as its password is looked at."""
_KEPT_PLACES: Final = 50
"""Those of the waiting that no network gets from which many have failed."""
_MOST_OF_ADDRESS: Final = 10
_MOST_OF_NETWORK: Final = 20


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
        most: Names, addresses and networks that are remembered, of each.
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
        self._by_network = OrderedDict[str, _Failures]()
        self._of_address = Counter[str]()
        self._of_network = Counter[str]()
        self._passing = 0

    @asynccontextmanager
    async def attempt(self, name: str, address: str) -> AsyncIterator[Attempt]:
        """Wait, then let the block look at the password.

        An attempt counts as failed from its beginning: many side by side wait as long
        as one after the other. One that succeeds frees its name, and not its address:
        whoever knows one password may be trying others.

        Args:
            name: The name that is tried.
            address: Where the attempt comes from.

        Raises:
            TooManyWaitingError: Too many wait.
        """
        site, network = site_of(address), network_of(address)
        wait_s = max(
            self._wait_s(self._by_name, name, _LONGEST_BY_NAME_S),
            self._wait_s(self._by_address, site, _LONGEST_BY_ADDRESS_S),
        )
        self._ensure_room(site, network, waits=wait_s > 0)
        self._note(self._by_name, name)
        self._note(self._by_address, site)
        self._note(self._by_network, network)
        attempt = Attempt()
        with self._place(site, network, waits=wait_s > 0):
            if wait_s:
                await self._sleep(wait_s)
            yield attempt
        if attempt.succeeded:
            self._by_name.pop(name, None)
            self._forgive(self._by_address, site)
            self._forgive(self._by_network, network)

    def _ensure_room(self, site: str, network: str, *, waits: bool) -> None:
        is_crowd = self._failed(self._by_network, network) >= _FREE
        waiting = self._of_address.total() - self._passing
        if waits:
            is_full = waiting >= _MOST_WAITING - (_KEPT_PLACES if is_crowd else 0)
        else:
            is_full = self._passing >= _MOST_PASSING
        if (
            is_full
            or self._of_address[site] >= _MOST_OF_ADDRESS
            or self._of_network[network] >= _MOST_OF_NETWORK
        ):
            raise TooManyWaitingError

    @contextmanager
    def _place(self, site: str, network: str, *, waits: bool) -> Iterator[None]:
        """Take a place, and give it back."""
        counts = ((self._of_address, site), (self._of_network, network))
        for count, key in counts:
            count[key] += 1
        self._passing += not waits
        try:
            yield
        finally:
            self._passing -= not waits
            for count, key in counts:
                count[key] -= 1
                if not count[key]:
                    del count[key]

    def _failed(self, failures: OrderedDict[str, _Failures], key: str) -> int:
        """Return how many have failed lately, or are under way."""
        found = failures.get(key)
        if found is None or self._seconds() - found.last > _FORGOTTEN_AFTER_S:
            return 0
        return found.count

    def _wait_s(
        self, failures: OrderedDict[str, _Failures], key: str, longest_s: float
    ) -> float:
        """Return how long one more waits."""
        before = self._failed(failures, key)
        if before < _FREE:
            return 0.0
        return min(longest_s, 2.0 ** min(before - _FREE, _STEPS))

    def _note(self, failures: OrderedDict[str, _Failures], key: str) -> None:
        """Count one more."""
        count = self._failed(failures, key) + 1
        failures[key] = _Failures(count, self._seconds())
        failures.move_to_end(key)
        if len(failures) > self._most:
            failures.popitem(last=False)

    def _forgive(self, failures: OrderedDict[str, _Failures], key: str) -> None:
        """Count this attempt no more."""
        found = failures.get(key)
        if found is not None:
            found.count = max(0, found.count - 1)


_STEPS: Final = 10
"""Doublings: more would exceed any bound."""
