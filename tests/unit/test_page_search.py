"""The listings of all pages of an account answer for any product."""

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime

from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    RemoteState,
    Unreadable,
    Variant,
)
from ocop_sync.marketplace.page_search import PageSearch
from ocop_sync.marketplace.port import Page

AT = datetime(2026, 11, 24, tzinfo=UTC)


def shown(ref: str, client_ref: str, *skus: str) -> RemoteListing:
    packs = tuple(Variant(sku=sku, pack="gói", price_vnd=1, stock=1) for sku in skus)
    listing = Listing(
        client_ref=client_ref,
        seller_ref="",
        title="Mẫu",
        description="",
        category="1",
        variants=packs,
    )
    return RemoteListing(ref=ref, state=RemoteState.LIVE, shown=listing)


def searched(*pages: Page) -> PageSearch:
    found = PageSearch(AT)
    for page in pages:
        found.note(page)
    return found


def test_every_listing_with_our_reference_is_found_once() -> None:
    one, two = shown("1", "SP-1", "A"), shown("2", "SP-1", "A")
    found = searched(Page((one,), "1"), Page((one, two), None))

    assert found.refs(["SP-1", "SP-2"], []) == {"1": "SP-1", "2": "SP-1"}


def test_a_stranger_is_found_by_its_sku() -> None:
    found = searched(Page((shown("1", "", "A", "B"), shown("2", "SP-1", "C")), None))

    assert found.refs([], ["B", "C"]) == {"1": ""}


def test_what_cannot_be_read_may_be_any_unless_it_says_which() -> None:
    odd = [
        Unreadable(ref="1", reason="?", client_ref="SP-1"),
        Unreadable(ref="2", reason="?", client_ref="SP-2"),
        Unreadable(ref="", reason="?"),
    ]
    found = searched(Page((), None, tuple(odd)))

    assert found.unreadable(["SP-2"]) == odd[1:]


def test_of_a_listing_no_more_is_kept_than_how_it_is_called() -> None:
    found = PageSearch(AT)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for n in range(2_000):
        item = shown(f"{n}", f"SP-{n}", f"SP-{n}-1")
        long = replace(item.shown, description=f"{n}" * 2_000)
        found.note(Page((replace(item, shown=long),), None))
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (after - before) / 2_000 < 500  # bytes
