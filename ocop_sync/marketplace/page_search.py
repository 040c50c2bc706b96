"""Search an account's pages where its marketplace cannot search.

The listings of all pages are remembered as references alone, two short texts a listing:
one reading answers for any number of products. The listings themselves are read anew by
whoever asks. When a reading is too old to answer is the caller's to say.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from ocop_sync.marketplace.listing import Unreadable
from ocop_sync.marketplace.port import Page


class PageSearch:
    """Which listings there are, by our references and by SKUs.

    SKUs are kept of listings alone that carry no reference of ours: those that do
    are found by it.

    Args:
        started: When the first page was asked for, in UTC.

    Attributes:
        started: The same; or when the oldest page was so, if its adapter says that.
    """

    def __init__(self, started: datetime) -> None:
        self.started = started
        self._ours: dict[str, tuple[str, ...]] = {}
        self._others: dict[str, tuple[str, ...]] = {}
        self._unreadable: list[Unreadable] = []

    def note(self, page: Page) -> None:
        """Remember the listings of *page*, and when it was so."""
        if page.as_of is not None:
            self.started = min(self.started, page.as_of)
        for item in page.items:
            if item.shown.client_ref:
                _add(self._ours, item.shown.client_ref, item.ref)
                continue
            for variant in item.shown.variants:
                _add(self._others, variant.sku, item.ref)
        self._unreadable += page.unreadable

    def refs(
        self, client_refs: Collection[str], skus: Collection[str]
    ) -> Mapping[str, str]:
        """Return the listings with one of those, and our reference of each, or ""."""
        strangers = {ref: "" for sku in skus for ref in self._others.get(sku, ())}
        ours = {ref: id_ for id_ in client_refs for ref in self._ours.get(id_, ())}
        return strangers | ours

    def unreadable(self, client_refs: Collection[str]) -> list[Unreadable]:
        """Return the unreadable listings that are, or may be, one of *client_refs*."""
        asked = {*client_refs, ""}
        return [each for each in self._unreadable if each.client_ref in asked]


def _add(known: dict[str, tuple[str, ...]], name: str, ref: str) -> None:
    refs = known.get(name, ())
    if ref not in refs:
        known[name] = (*refs, ref)
