"""Keep one's place among the pages of Voso, and see that they come to an end.

Products come by growing number. Pages that lead in circles, or on for ever, are
no answer: whoever followed them would never come back.
"""

from typing import Final, NamedTuple

from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.port import Page

MOST_PAGES: Final = 20_000
"""Pages of 50: a million products, far more than one shop has."""


class PagePlace(NamedTuple):
    """Where to read on.

    Attributes:
        pages: How many pages were read before.
        number: The greatest number that was on them.
        token: The cursor that Voso itself asks for; "" for the first page.
    """

    pages: int
    number: int
    token: str

    @classmethod
    def read(cls, cursor: str | None) -> "PagePlace":
        """Return the place that `after` has written; None for the beginning."""
        pages, number, token = (cursor or "0/0/").split("/", 2)
        return cls(int(pages), int(number), token)

    def after(self, page: Page, *, most: int = MOST_PAGES) -> str | None:
        """Return where to read on after *page*, which was read here; None at the end.

        Args:
            page: The page that was read.
            most: Pages after which it must have ended.

        Raises:
            ProtocolError: Its products come before those that were read already,
                it leads back to itself, or there are too many pages.
        """
        if page.next is None:
            return None
        numbers = [int(item.ref) for item in page.items]
        numbers += [int(item.ref) for item in page.unreadable if item.ref]
        if (
            min(numbers, default=self.number + 1) <= self.number
            or page.next == self.token
            or self.pages >= most
        ):
            message = "Voso: trang không có điểm dừng / the pages do not come to an end"
            raise ProtocolError(message)
        number = max(numbers, default=self.number)
        return f"{self.pages + 1}/{number}/{page.next}"
