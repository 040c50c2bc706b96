"""When our own clock is not believed."""

from datetime import UTC, datetime, timedelta

import pytest

from ocop_sync.engine.plan.clock_doubt import BEHIND, FARTHEST, doubt_of
from ocop_sync.marketplace.clock_witness import ClockWitness

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("sign", [1, -1], ids=["ahead", "behind"])
def test_so_far_it_may_be_from_those_of_the_marketplaces(sign: int) -> None:
    bound, beyond = sign * FARTHEST, sign * (FARTHEST + A_SECOND)

    assert doubt_of(NOW, ahead=bound, stored_at=None) is None
    doubt = doubt_of(NOW, ahead=beyond, stored_at=None)
    assert doubt is not None
    assert "24/11/2026 08:00" in doubt.vi


def test_without_an_answer_what_was_stored_is_the_witness() -> None:
    stored = NOW + BEHIND

    assert doubt_of(NOW, ahead=None, stored_at=stored) is None
    assert doubt_of(NOW, ahead=None, stored_at=stored + A_SECOND) is not None
    assert doubt_of(NOW, ahead=None, stored_at=None) is None
    assert doubt_of(NOW, ahead=A_SECOND, stored_at=NOW + timedelta(days=9)) is None


def test_the_witness_is_the_marketplace_that_agrees_most() -> None:
    witness = ClockWitness()

    assert witness.ahead is None
    witness.hear("a", {"Date": "Tue, 24 Nov 2026 05:00:00 GMT"}, NOW)
    assert witness.ahead == timedelta(hours=3)
    witness.hear("b", {"Date": "Tue, 24 Nov 2026 08:00:30 GMT"}, NOW)
    assert witness.ahead == timedelta(seconds=-30)
    witness.forget()
    assert witness.ahead is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Date": "hôm qua"},
        {"Date": "Tue, 24 Nov 2026 05:00:00 GMT", "Age": "90"},
    ],
    ids=["no date", "no date that can be read", "from a cache"],
)
def test_what_says_nothing_of_now_is_no_witness(headers: dict[str, str]) -> None:
    witness = ClockWitness()

    witness.hear("a", headers, NOW)

    assert witness.ahead is None
