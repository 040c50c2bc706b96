"""The listings that an account has shown to one run that read it."""

import logging
from collections.abc import Iterable, Mapping

from ocop_sync.marketplace.listing import Unreadable
from ocop_sync.marketplace.page_search import PageSearch

_log = logging.getLogger(__name__)


class AccountShown:
    """The result of reading one account; only its methods change it.

    Attributes:
        read: Listings that were shown, ours and others.
        equal: Those of ours that stand as we left them.
        whole: It was read to the end.
        pages: The listings of all pages, where the marketplace cannot search.
        nothing_newer: Nobody has told anything since the last whole read.
    """

    def __init__(self, key: str) -> None:
        self.read = 0
        self.equal = 0
        self.whole = False
        self.pages: PageSearch | None = None
        self.nothing_newer = False
        self._key = key
        self._unreadable: dict[str, str] = {}
        self._unmarked: dict[str, str] = {}

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Return why listings could not be read, by the marketplace's identifier."""
        return self._unreadable

    @property
    def unmarked(self) -> Mapping[str, str]:
        """Return the other references on our listings, by product."""
        return self._unmarked

    def note_page(self, read: int, *, equal: int = 0) -> None:
        """Count the listings of one page, and those that stand as we left them."""
        self.read += read
        self.equal += equal

    def note_end(self, pages: PageSearch | None) -> None:
        """Remember that the account was read to its end."""
        self.whole = True
        self.pages = pages

    def note_nothing_newer(self) -> None:
        """Remember that nothing was told since the last whole read."""
        self.nothing_newer = True

    def keep_pages(self, pages: PageSearch) -> None:
        """Keep the listings of all pages: they answer later searches."""
        self.pages = pages

    def note_unmarked(self, carried: Mapping[str, str]) -> None:
        """Remember the other references on our listings."""
        self._unmarked.update(carried)

    def note_unreadable(self, odd: Iterable[Unreadable]) -> None:
        """Remember which listings could not be read."""
        for each in odd:
            ref = each.ref or each.client_ref or "?"
            if ref not in self._unreadable:
                _log.warning(
                    "a listing cannot be read",
                    extra={"account": self._key, "ref": ref} | {"reason": each.reason},
                )
            self._unreadable[ref] = each.reason
