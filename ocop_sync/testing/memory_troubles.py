"""What a test can have go wrong at the marketplace in memory, and in front of it.

Calls fail as they are scripted, listings and events cannot be read, reads show an
earlier state, and writes arrive twice or late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ocop_sync.clock import Clock
from ocop_sync.errors import MarketplaceError
from ocop_sync.marketplace.change import Change
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.port import UnreadableEvent
from ocop_sync.marketplace.result import Refused
from ocop_sync.testing.memory_store import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class LostAnswer:
    """A fault: a write is perhaps applied, but no answer to it arrives.

    Attributes:
        applied: Whether this item's change was made.
        whole_call: True to raise `OutcomeUnknownError` for the whole call;
            False to answer `Unknown` for this one item.
    """

    applied: bool = True
    whole_call: bool = True


@dataclass(frozen=True, slots=True)
class Ignored:
    """A fault: a write is answered as done, with the state that stays as it was."""


Fault = Refused | LostAnswer | Ignored | MarketplaceError
"""The fault: nothing is applied, unless a lost answer says so."""


@dataclass(slots=True)
class _Script:
    method: str
    client_ref: str
    fault: Fault
    times: int


@dataclass(frozen=True, slots=True)
class _Late:
    at: datetime
    changes: tuple[Change, ...]


class MemoryTroubles:
    """The troubles of one marketplace; none before a test asks for them.

    Attributes:
        shelf: The listings of the marketplace, and the acts of people there.
    """

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self.shelf = shelf
        self._clock = clock
        self._scripts: list[_Script] = []
        self._stale: dict[str, RemoteListing] = {}
        self._stale_reads = 0
        self._shows_after = timedelta(0)
        self._delivers_twice = False
        self._on_their_way: list[_Late] = []
        self._odd: dict[str, str] = {}
        self._nameless: set[str] = set()
        self._odd_events: dict[int, UnreadableEvent] = {}

    def script(
        self, method: str, fault: Fault, *, client_ref: str = "", times: int = 1
    ) -> None:
        """Let the next *times* calls of *method* go wrong.

        Args:
            method: Name of the port's method, such as "create".
            fault: The fault that hits them. Reads know errors only.
            client_ref: Of the change that it happens to; "" for the first one
                of a call, whichever it is. Reads have none.
            times: How often.
        """
        self._scripts.append(_Script(method, client_ref, fault, times))

    def forget_scripts(self) -> None:
        """Let nothing go wrong any more."""
        self._scripts.clear()

    def garble(
        self, ref: str, reason: str = "state: unknown", *, nameless: bool = False
    ) -> None:
        """Make the content of a listing or a review unreadable, until `mend`.

        Args:
            ref: The listing, or the ticket of the review.
            reason: Its fault.
            nameless: A page does not even say which one it is.
        """
        self._odd[ref] = reason
        if nameless:
            self._nameless.add(ref)

    def garble_event(self, place: int, odd: UnreadableEvent) -> None:
        """Let nobody read an event of the feed, until `mend`; *odd* is seen of it."""
        self._odd_events[place] = odd

    def mend(self) -> None:
        """Let everything be readable again."""
        self._odd_events.clear()
        self._odd.clear()
        self._nameless.clear()

    def go_stale(self, reads: int) -> None:
        """Let the next *reads* page, read or find calls show the present state."""
        self._stale, self._stale_reads = dict(self.shelf.listings), reads

    def show_after(self, seconds: float) -> None:
        """Let all reads of listings show the state of *seconds* ago."""
        self.shelf.remember()
        self._shows_after = timedelta(seconds=seconds)

    def deliver_twice(self) -> None:
        """Let every write arrive twice, one right after the other.

        The first one is answered.
        """
        self._delivers_twice = True

    def deliver_late(self, changes: Sequence[Change], at: datetime) -> None:
        """Let *changes* arrive at *at*, in UTC; who sent them hears no answer."""
        self._on_their_way.append(_Late(at, tuple(changes)))

    def _fault(self, method: str, client_ref: str) -> Fault | None:
        for script in self._scripts:
            fits = script.method == method and script.client_ref in {"", client_ref}
            if fits and script.times > 0:
                script.times -= 1
                return script.fault
        return None

    def _let_arrive(self) -> None:
        """Let changes arrive that were delivered late and are due by now."""
        now = self._clock()
        due = [late for late in self._on_their_way if late.at <= now]
        self._on_their_way = [late for late in self._on_their_way if late.at > now]
        for late in due:
            for change in late.changes:
                self.shelf.apply(change)

    def _visible(self) -> Mapping[str, RemoteListing]:
        if self._shows_after:
            return self.shelf.as_of(self._clock() - self._shows_after)
        if self._stale_reads > 0:
            self._stale_reads -= 1
            return self._stale
        return self.shelf.listings
