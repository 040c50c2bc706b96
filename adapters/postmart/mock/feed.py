"""Keep the feed of events of Mock P until its reader has acknowledged them."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice, takewhile

from adapters.postmart.mock.rows import Event, Product
from ocop_sync.testing.mocks.state_file import StateFile


class Feed:
    """The events, oldest first.

    Args:
        file: Where they are kept.
        now: The mock's present instant in UTC.
        next_number: Gives the next running number of an event.

    Attributes:
        listener: Told of each event as it happens.
    """

    def __init__(
        self,
        file: StateFile,
        now: Callable[[], datetime],
        next_number: Callable[[], int],
    ) -> None:
        self._file = file
        self._now = now
        self._next_number = next_number
        self.listener: Callable[[Event], None] = lambda _: None
        self._events: dict[str, Event] = file.table("events")

    def read(self, acknowledged: int, limit: int) -> list[Event]:
        """Forget the events up to *acknowledged*; return the oldest others."""
        for key in [*takewhile(lambda key: int(key) <= acknowledged, self._events)]:
            self._file.remove("events", key)
        return list(islice(self._events.values(), limit))

    def tell(
        self,
        kind: str,
        product: Product,
        *,
        at: datetime | None = None,
        sku: str = "",
        quantity: int = 0,
        order_line: str = "",
    ) -> None:
        """Add an event that happened *at*, None for now."""
        event = Event(
            id=self._next_number(),
            type=kind,
            product_id=product["id"],
            at=(at or self._now()).isoformat(),
            sku=sku,
            quantity=quantity,
            order_line=order_line,
        )
        self._file.put("events", str(event["id"]), event)
        self.listener(event)
