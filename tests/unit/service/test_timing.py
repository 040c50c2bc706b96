"""When a schedule is due: cron in Vietnam's time, intervals, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from ocop_sync.service.schedules.timing import (
    MOST_COUNTED,
    DueTimes,
    Timing,
    read_cron,
    read_every,
)

MONDAY = datetime(2026, 11, 30, 2, tzinfo=UTC)
"""09:00 in Vietnam."""


def cron(text: str) -> Timing:
    return Timing(cron=read_cron(text), every=None, since=MONDAY)


def every(**delta: int) -> Timing:
    return Timing(cron="", every=timedelta(**delta), since=MONDAY)


def test_cron_goes_by_the_time_of_vietnam() -> None:
    assert cron("30 2 * * *").next_times(MONDAY, 2) == [
        datetime(2026, 11, 30, 19, 30, tzinfo=UTC),
        datetime(2026, 12, 1, 19, 30, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("weekday", "day"),
    [("sun", 6), ("mon", 7), ("tue-thu", 1), ("SAT,sun", 5), ("fri-sun", 4)],
)
def test_days_of_the_week_are_those_of_their_names(weekday: str, day: int) -> None:
    (found,) = cron(f"0 12 * * {weekday}").next_times(
        datetime(2026, 12, 1, 1, tzinfo=UTC), 1
    )

    assert found == datetime(2026, 12, day, 5, tzinfo=UTC)


def test_the_last_day_of_a_month_has_a_name() -> None:
    found = cron("0 12 last * *").next_times(MONDAY - timedelta(days=1), 2)

    assert [each.day for each in found] == [30, 31]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("0 2 * * 1", "Sunday to some programs and Monday", id="number"),
        pytest.param("0 2 * * */2", "Sunday to some programs and Monday", id="step"),
        pytest.param("0 2 * * 0", "Sunday to some programs and Monday", id="zero"),
        pytest.param("0 2 * * mon-", "named", id="half a range"),
        pytest.param("0 2 * * lundi", "named", id="no day"),
        pytest.param("0 2 * * sat-mon", "over the end of the week", id="over"),
        pytest.param("0 2 1 * mon", "do not go together", id="both days"),
        pytest.param("0 2 * *", "five fields", id="four"),
        pytest.param("0 0 2 * * *", "five fields", id="six"),
        pytest.param("", "five fields", id="none"),
        pytest.param("@daily", "five fields", id="a word"),
        pytest.param("60 2 * * *", "minute 0-59", id="minute"),
        pytest.param("0 24 * * *", "minute 0-59", id="hour"),
        pytest.param("0 22-6 * * *", "minute 0-59", id="backwards"),
        pytest.param("0x 2 * * *", "minute 0-59", id="something behind"),
        pytest.param("*/0 2 * * *", "minute 0-59", id="no step"),
        pytest.param("0 2 32 * *", "minute 0-59", id="day"),
        pytest.param("0 2 31 2 *", "no such day", id="never"),
        pytest.param("0 2\n* * *", "five fields", id="a line end"),
        pytest.param("0 2 * * " + "mon," * 60 + "mon", "five fields", id="long"),
    ],
)
def test_a_cron_that_may_mean_something_else_is_refused_with_the_reason(
    text: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        read_cron(text)


def test_a_cron_is_kept_with_small_letters_and_single_spaces() -> None:
    assert read_cron("  0  2 * * Mon-FRI ") == "0 2 * * mon-fri"


@pytest.mark.parametrize("wrong", [timedelta(seconds=59), timedelta(days=367)])
def test_an_interval_is_at_least_a_minute_and_at_most_a_year(wrong: timedelta) -> None:
    with pytest.raises(ValueError, match="1 minute to 366 days"):
        read_every(wrong)


def test_an_interval_counts_from_when_it_was_made_to_the_microsecond() -> None:
    since = MONDAY + timedelta(microseconds=7)
    timing = Timing(cron="", every=timedelta(seconds=61), since=since)

    due = timing.next_after(since + timedelta(days=900))

    assert due is not None
    assert (due - since) % timedelta(seconds=61) == timedelta(0)
    assert timedelta(0) < due - (since + timedelta(days=900)) <= timedelta(seconds=61)
    assert timing.next_after(since) == since + timedelta(seconds=61)


def test_a_due_time_belongs_to_the_stretch_that_ends_with_it() -> None:
    six, seven = MONDAY + timedelta(hours=6), MONDAY + timedelta(hours=7)

    assert every(hours=6).passed(MONDAY, six) == DueTimes(six, 1)
    assert every(hours=6).passed(six, seven) is None


@pytest.mark.parametrize(
    "timing", [cron("*/7 3,4 * * *"), every(hours=5), cron("0 2 * * mon")]
)
def test_the_last_due_time_of_years_is_the_same_counted_or_not(timing: Timing) -> None:
    until = MONDAY + timedelta(days=3000, hours=1)
    all_of_them = timing.next_times(until - timedelta(days=20), 500)

    found = timing.passed(MONDAY, until)

    assert found is not None
    assert found.last == max(each for each in all_of_them if each <= until)
    assert found.count <= MOST_COUNTED
