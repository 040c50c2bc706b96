"""The outcome of one item of a call to a marketplace, as values."""

from dataclasses import dataclass
from typing import Self

from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.redaction import shown


@dataclass(frozen=True, slots=True)
class Applied:
    """The marketplace says that it did it.

    The new state is taken from *state*, where the answer names one: a change that this
    contradicts is read back (`ocop_sync.engine.state.answer`).

    Attributes:
        ref: The marketplace's own identifier of the listing or seller.
        version: Version after the change, or "".
        state: The listing's state after the change, as the answer itself says;
            None if it says none, or is about a seller.
    """

    ref: str
    version: str = ""
    state: RemoteState | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The marketplace took it in and will decide later.

    Attributes:
        ticket: The ticket to ask `Marketplace.follow` about.
        ref: The marketplace's own identifier, if it has one already.
    """

    ticket: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The marketplace said no; nothing was changed.

    Attributes:
        problems: At least one, in the marketplace's words.
        for_now: The change itself is right, and it may be taken later, such as a stock
            below the reserved quantity of running orders: the next run sends it again.
            Else it is sent again only once it has changed.
        version_conflict: The listing has changed since the named version: it has to be
            read before anything else is decided of it.
    """

    problems: tuple[Problem, ...]
    for_now: bool = False
    version_conflict: bool = False

    @classmethod
    def because(cls, code: str, message: str, *, field: str = "") -> Self:
        """Return a refusal for one reason, named by its *code*, or "" without any."""
        return cls((Problem(code=code, message=message, field=field),))


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, but this item's answer is missing or unreadable.

    Attributes:
        detail: The answer that came instead; made fit to be shown, as of `Problem`.
    """

    detail: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "detail", shown(self.detail, longest=500))


Result = Applied | Submitted | Refused | Unknown
"""The outcome of one item of a call."""
