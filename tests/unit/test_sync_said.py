"""What `sync` says of look-ups: since when they are due, or from when to when."""

from datetime import timedelta

import pytest

from ocop_sync.cli.sync import _when
from tests.factories import AT

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (-SECOND, -SECOND, "due since 11:59:59"),
        (-2 * DAY, -SECOND, "due since 28/02/2024 12:00"),
        (-DAY, SECOND, "some due since 29/02/2024 12:00, the others until 12:00:01"),
        (SECOND, SECOND, "at 12:00:01"),
        (SECOND, 2 * SECOND, "from 12:00:01 to 12:00:02"),
    ],
    ids=["past", "long past", "partly past", "one moment", "to come"],
)
def test_nothing_is_announced_for_the_past_nor_from_a_moment_to_the_same(
    first: timedelta, last: timedelta, said: str
) -> None:
    # AT is 12:00 in Vietnam.
    assert _when(AT + first, AT + last, AT)[1] == said
