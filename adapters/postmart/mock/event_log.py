"""Keep the feed of events of Mock P until its reader has acknowledged them."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice, takewhile

from adapters.postmart.mock.rows import Event, Product
from ocop_sync.testing.mocks.state_file import StateFile


class EventLog:
    """The events, oldest first.

    Attributes:
        listener: Told of each event as it happens.
    """

    def __init__(self, file: StateFile, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self.listener: Callable[[Event], None] = lambda _: None
        self._events: dict[str, Event] = file.table("events")

    def read(self, acknowledged: int, limit: int) -> list[Event]:
        """Forget the events up to *acknowledged*; return the oldest others."""
        for key in [*takewhile(lambda key: int(key) <= acknowledged, self._events)]:
            self._file.remove("events", key)
        return list(islice(self._events.values(), limit))

    @property
    def newest(self) -> int:
        """The number of the last event, 0 if there was none."""
        return self._file.last_number("event")

    def tell_sale(self, product: Product, sku: str, quantity: int) -> str:
        """Add the event of a sale; return the identifier of its order line."""
        line = f"DH-{self._file.next_number('order'):08d}"
        self.tell("order.created", product, sku=sku, quantity=quantity, order_line=line)
        return line

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
            id=self._file.next_number("event"),
            type=kind,
            product_id=product["id"],
            at=(at or self._now()).isoformat(),
            sku=sku,
            quantity=quantity,
            order_line=order_line,
        )
        self._file.put("events", str(event["id"]), event)
        self.listener(event)
