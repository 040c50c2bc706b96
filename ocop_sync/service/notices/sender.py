"""A way that notices go, as the service sees it: `ocop_sync.senders` has some."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from catalog.eligibility import Text


class UndeliveredError(Exception):
    """A message did not arrive, or nobody knows whether it did.

    Args:
        kind: The kind of the error, without any word of the other side.
        is_final: The receiver wants no more of it: it is not tried again.
    """

    def __init__(self, kind: str, *, is_final: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.is_final = is_final


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice in words.

    Attributes:
        id: Its name for the receiver, the same at each attempt.
        type: Its kind, and whether its thing begins or ends: "account_down.begun".
        made_at: When its event was, in UTC.
        title: One line.
        text: More of it, and what to do.
        data: The same for programs.
    """

    id: str
    type: str
    made_at: datetime
    title: Text
    text: Text
    data: Mapping[str, Any]


class Sender(Protocol):
    """A way that notices go."""

    name: str
    """Its name, in settings and in the log of notices."""

    async def send(self, message: Message, at: datetime) -> None:
        """Send *message* at the instant *at*, within some seconds.

        Raises:
            UndeliveredError: It did not arrive.
        """
