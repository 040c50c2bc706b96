"""The events of a marketplace, as values.

How they reach us is in `ocop_sync.marketplace.port`; what follows from one is decided
in `ocop_sync.service.evaluate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """The kind of an event at a marketplace."""

    APPROVED = "approved"
    REFUSED = "refused"
    EDITED = "edited"
    BANNED = "banned"
    """Locked by the marketplace, by any name for it."""
    DOWN = "down"
    SOLD = "sold"
    OTHER = "other"
    """A kind that the marketplace's documents do not name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a listing; a hint to read it, not a fact.

    Attributes:
        kind: The kind of the event.
        ref: The marketplace's own identifier of the listing.
        at: When, in UTC.
        sku: The variant that was sold, or "".
        quantity: How many were sold, or 0.
        order_line: Identifies a sale, so that it is counted once; or "".
    """

    kind: EventKind
    ref: str
    at: datetime
    sku: str = ""
    quantity: int = 0
    order_line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableEvent:
    """An event that cannot be read. It keeps no other back.

    Attributes:
        reason: The fault, such as "at: missing"; without any value of the event.
        may_be_sale: True if it tells of a sale, or may do so: then nobody knows how
            many are left.
        ref: The listing that it names, as far as that can be read, or "".
    """

    reason: str
    may_be_sale: bool
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """Part of an account's feed of events.

    Attributes:
        items: The events, oldest first. They may come more than once.
        next: Cursor to ask with next time; asking acknowledges the events before it.
        unreadable: Events of this part that cannot be read.
    """

    items: tuple[Event, ...]
    next: str
    unreadable: tuple[UnreadableEvent, ...] = ()

    @classmethod
    def of(cls, found: Sequence[Event | UnreadableEvent], following: str) -> "Events":
        """Return a part of a feed with all that it tells, readable or not."""
        return cls(
            tuple(each for each in found if isinstance(each, Event)),
            following,
            tuple(each for each in found if isinstance(each, UnreadableEvent)),
        )
