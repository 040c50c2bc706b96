"""Counts in English."""

import pytest

from catalog.counted import counted


@pytest.mark.parametrize(
    ("n", "words", "said"),
    [
        (0, ("product",), "0 products"),
        (1, ("product",), "1 product"),
        (2, ("product",), "2 products"),
        (1.0, ("day",), "1 day"),
        (1.5, ("day",), "1.5 days"),
        (1, ("row was", "rows were"), "1 row was"),
        (1_000_000, ("row was", "rows were"), "1000000 rows were"),
    ],
)
def test_one_is_counted_as_one(n: float, words: tuple[str, ...], said: str) -> None:
    assert counted(n, *words) == said
