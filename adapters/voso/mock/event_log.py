"""Keep the events of Mock V: one feed for each shop, the oldest first."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime
from itertools import islice

from adapters.voso.mock.refusal import local
from adapters.voso.mock.rows import Event, Product
from ocop_sync.testing.mocks.state_file import StateFile


class EventLog:
    """The events of all shops.

    Attributes:
        listener: Told of each event as it happens.
    """

    def __init__(self, file: StateFile, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self.listener: Callable[[Event], None] = lambda _: None
        self._events: dict[str, Event] = file.table("events")
        self._numbers: dict[str, list[int]] = {}
        for event in self._events.values():
            self._numbers.setdefault(event["SHOP_CODE"], []).append(event["ID"])

    def read(self, code: str, after: int, limit: int) -> list[Event]:
        """Return the first *limit* events of shop *code* after number *after*."""
        numbers = self._numbers.get(code, [])
        start = bisect_right(numbers, after)
        return [self._events[str(n)] for n in islice(numbers, start, start + limit)]

    def tell(
        self,
        kind: str,
        product: Product,
        *,
        at: datetime | None = None,
        sku: str = "",
        quantity: int = 0,
    ) -> Event:
        """Add an event that happened *at*, None for now, and return it."""
        line = f"DH{self._file.next_number('order'):08d}" if kind == "SOLD" else ""
        event = Event(
            ID=self._file.next_number("event"),
            SHOP_CODE=product["SHOP_CODE"],
            TYPE=kind,
            PRODUCT_ID=product["ID"],
            AT=local(at or self._now()),
            SKU=sku,
            QUANTITY=quantity,
            ORDER_LINE=line,
        )
        self._file.put("events", str(event["ID"]), event)
        self._numbers.setdefault(event["SHOP_CODE"], []).append(event["ID"])
        self.listener(event)
        return event
