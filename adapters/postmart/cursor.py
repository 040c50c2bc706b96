"""Keep one's place among the numbered pages of Postmart, and make them smaller.

Numbered pages shift: a product that vanishes while they are read moves later
products to earlier pages. They are therefore read from the last one to the first,
which is read again at the end: a product may come twice, and none is missed.
"""

from typing import Final, NamedTuple

BATCH: Final = 50
"""Listings that a page holds, and references that one read takes."""

_SMALLER: Final = {BATCH: 10, 10: 2}
"""The sizes of pages instead, where one of them is too long to be read: a divisor, so
that a page becomes so many whole ones. Of any other size, one."""

SIZES: Final = (BATCH, 10, 2, 1)
"""The sizes of page that we ask for, the largest first."""


class PagePlace(NamedTuple):
    """A page, and how many products pages hold."""

    number: int
    size: int

    @classmethod
    def read(cls, cursor: str) -> "PagePlace":
        """Return the place that `cursor` has written."""
        number, _, size = cursor.partition("/")
        return cls(int(number), int(size))

    @property
    def cursor(self) -> str:
        """The place as the port hands it on."""
        return f"{self.number}/{self.size}"

    @property
    def per_page(self) -> int:
        """The size to ask for: pages of another one are Postmart's own doing."""
        return self.size if self.size in SIZES else BATCH

    @property
    def is_smallest(self) -> bool:
        """Whether a page holds one product, so that none is smaller."""
        return self.size == 1

    def smaller(self) -> "PagePlace":
        """Return the last of the smaller pages that this one becomes."""
        size = _SMALLER.get(self.size, 1)
        return PagePlace(self.number * (self.size // size), size)

    def before(self, last: int) -> "PagePlace | None":
        """Return the page to read after this one; None if this is the first.

        Args:
            last: The number of the last page, as it is now.
        """
        if self.number <= 1:
            return None
        return PagePlace(min(self.number - 1, max(last, 1)), self.size)
