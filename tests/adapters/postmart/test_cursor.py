"""Which page comes next, on the way from the last one to the first."""

import pytest

from adapters.postmart.cursor import PagePlace


def test_a_place_is_handed_on_and_read_again() -> None:
    place = PagePlace(4, 50)

    assert place.cursor == "4/50"
    assert PagePlace.read(place.cursor) == place


@pytest.mark.parametrize(
    ("place", "last", "follows"),
    [
        pytest.param(PagePlace(4, 50), 4, PagePlace(3, 50), id="one by one"),
        pytest.param(PagePlace(4, 50), 2, PagePlace(2, 50), id="fewer are left"),
        pytest.param(PagePlace(4, 50), 0, PagePlace(1, 50), id="none is left"),
        pytest.param(PagePlace(1, 50), 9, None, id="the first is the end"),
    ],
)
def test_pages_are_read_from_the_last_to_the_first(
    place: PagePlace, last: int, follows: PagePlace | None
) -> None:
    assert place.before(last) == follows


@pytest.mark.parametrize(
    ("place", "follows"),
    [
        (PagePlace(2, 50), PagePlace(10, 10)),
        (PagePlace(2, 10), PagePlace(10, 2)),
        (PagePlace(2, 2), PagePlace(4, 1)),
        (PagePlace(2, 7), PagePlace(14, 1)),
    ],
)
def test_a_page_that_is_too_long_becomes_whole_smaller_ones(
    place: PagePlace, follows: PagePlace
) -> None:
    assert place.smaller() == follows
    assert not place.is_smallest


def test_pages_of_a_size_that_nobody_asked_for_are_asked_for_as_whole_ones() -> None:
    assert [PagePlace(1, size).per_page for size in (50, 10, 7, 1)] == [50, 10, 50, 1]
