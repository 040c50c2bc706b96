"""How many calls a caller may make, and when again."""

from ocop_sync.api.access.rates import Rates
from tests.world import FakeTime


def test_a_burst_is_taken_and_then_the_stated_pace() -> None:
    time = FakeTime()
    rates = Rates(per_minute=60, burst=5, seconds=time.seconds)

    assert [rates.take("a") for _ in range(7)] == [0, 0, 0, 0, 0, 1, 1]
    time.pass_(seconds=1)
    assert [rates.take("a") for _ in range(2)] == [0, 1]
    time.pass_(seconds=60)
    assert [rates.take("a") for _ in range(6)] == [0, 0, 0, 0, 0, 1]


def test_after_the_stated_seconds_the_next_call_is_taken() -> None:
    time = FakeTime()
    rates = Rates(per_minute=6, burst=1, seconds=time.seconds)
    rates.take("a")

    wait_s = rates.take("a")
    time.pass_(seconds=wait_s)

    assert (wait_s, rates.take("a")) == (10, 0)


def test_callers_do_not_pay_for_each_other() -> None:
    rates = Rates(per_minute=1, burst=1, seconds=FakeTime().seconds)

    assert [rates.take(each) for each in "aab"] == [0, 60, 0]


def test_the_memory_is_bounded_and_forgets_who_was_quiet_longest() -> None:
    rates = Rates(per_minute=1, burst=1, seconds=FakeTime().seconds, most=3)

    for each in "abcd":
        rates.take(each)

    assert len(rates._until) == 3
    assert [rates.take(each) for each in "da"] == [60, 0]
