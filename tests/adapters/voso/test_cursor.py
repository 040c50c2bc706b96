"""Pages that do not come to an end are not followed."""

import pytest

from adapters.voso.cursor import PagePlace
from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.listing import RemoteListing, RemoteState
from ocop_sync.marketplace.port import Page
from tests.adapters.voso.support import make_listing


def page(*numbers: int, then: str | None) -> Page:
    items = tuple(
        RemoteListing(
            ref=str(number),
            state=RemoteState.LIVE,
            shown=make_listing(),
            version="1",
            problems=(),
            seller_name="",
        )
        for number in numbers
    )
    return Page(items, then)


def test_pages_are_followed_to_their_end() -> None:
    first = PagePlace.read(None)
    cursor = first.after(page(3, 5, then="a/b"))

    second = PagePlace.read(cursor)

    assert (first.token, second.token) == ("", "a/b")
    assert second.after(page(6, then=None)) is None


def test_a_page_on_which_nothing_shows_yet_is_no_end() -> None:
    assert PagePlace(1, 5, "a").after(page(then="b")) == "2/5/b"


@pytest.mark.parametrize(
    ("place", "found"),
    [
        pytest.param(PagePlace(1, 5, "a"), page(6, then="a"), id="leads to itself"),
        pytest.param(PagePlace(1, 5, "a"), page(5, then="b"), id="comes again"),
        pytest.param(PagePlace(1, 5, "a"), page(9, 2, then="b"), id="goes back"),
        pytest.param(
            PagePlace(20_000, 5, "a"), page(6, then="b"), id="goes on for ever"
        ),
    ],
)
def test_pages_that_do_not_end_are_an_error(place: PagePlace, found: Page) -> None:
    with pytest.raises(ProtocolError):
        place.after(found)


def test_what_few_values_find_fills_few_pages() -> None:
    with pytest.raises(ProtocolError):
        PagePlace(60, 5, "a").after(page(6, then="b"), most=60)
