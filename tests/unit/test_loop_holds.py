"""The share of waits that a benchmark tells of, by hand."""

import pytest

from benchmarks.loop_holds import waits_at_most


@pytest.mark.parametrize(
    ("holds", "share", "s"),
    [
        pytest.param([1.0] * 10, 0.1, 0.9, id="equal ones: a tenth of the time"),
        pytest.param([9.0, 1.0], 0.1, 8.0, id="one tenth of all, in the longest"),
        pytest.param([4.0, 4.0, 2.0], 0.7, 1.0, id="from several"),
        pytest.param([], 0.1, 0.0, id="none"),
    ],
)
def test_waits_are_weighted_by_the_time_in_which_they_begin(
    holds: list[float], share: float, s: float
) -> None:
    assert waits_at_most(holds, share) == pytest.approx(s)
