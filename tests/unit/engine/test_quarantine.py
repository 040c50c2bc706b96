"""When a change that fails again and again is no longer sent, and when it is again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ocop_sync.engine.state.quarantine import (
    MOST,
    RESTS,
    Failure,
    Way,
    after_failure,
    goes_alone,
    is_of_the_account,
    is_quarantined,
    next_try,
)
from ocop_sync.engine.state.stored_shape import Fingerprints
from ocop_sync.marketplace.listing import Problem
from tests.factories import AT

PICTURE = Problem(code="image", message="Ảnh mờ", field="images")


def sent(what: str) -> Fingerprints:
    """Return the fingerprint of what is sent, which is the same in every shape."""
    return lambda _: what


def fail(*tries: dict[str, Any]) -> Failure:
    """Return what is remembered after some tries, each a few differences."""
    failure: Failure | None = None
    for differences in tries:
        asked: dict[str, Any] = {
            "of": "a",
            "way": Way.REFUSED,
            "now": AT,
            "problems": (PICTURE,),
        }
        asked |= differences
        failure = after_failure(failure, **asked | {"of": sent(asked["of"])})
    assert failure is not None
    return failure


@pytest.mark.parametrize(
    ("tries", "quarantined"),
    [
        pytest.param([{}, {}], False, id="twice"),
        pytest.param([{}, {}, {}], True, id="three times"),
        pytest.param([{}, {}, {}, {}], True, id="four times"),
        pytest.param([{}, {}, {"of": "b"}], False, id="something else was sent"),
        pytest.param([{}, {}, {"way": Way.UNANSWERED}], False, id="another way"),
        pytest.param(
            [{}, {}, {"problems": (replace(PICTURE, code="name"),)}],
            False,
            id="another code",
        ),
        pytest.param(
            [{}, {}, {"problems": (replace(PICTURE, field="title"),)}],
            False,
            id="another field",
        ),
        pytest.param(
            [{}, {}, {"problems": (replace(PICTURE, message="Ảnh tối"),)}],
            True,
            id="the same code in other words",
        ),
        pytest.param(
            [{"problems": (PICTURE, Problem(code="b", message=""))}] * 2
            + [{"problems": (Problem(code="b", message=""), PICTURE)}],
            True,
            id="the same problems in another order",
        ),
        pytest.param(
            [
                {"problems": (Problem(code="", message=f"Lỗi lúc {n}:0{n}"),)}
                for n in range(3)
            ],
            True,
            id="words that differ in numbers",
        ),
        pytest.param(
            [{"problems": (Problem(code="", message=w),)} for w in ("a", "a", "b")],
            False,
            id="other words where there is no code",
        ),
        pytest.param(
            [{"way": Way.UNANSWERED, "problems": (), "detail": d} for d in "abc"],
            True,
            id="answers that were lost in whatever way",
        ),
    ],
)
def test_three_failures_alike_are_enough(
    tries: Sequence[dict[str, Any]], quarantined: bool
) -> None:
    assert is_quarantined(fail(*tries), sent("a"), AT) == quarantined


def test_what_has_changed_is_sent_again() -> None:
    failure = fail({}, {}, {})

    assert is_quarantined(failure, sent("a"), AT)
    assert not is_quarantined(failure, sent("b"), AT)


def test_what_never_failed_is_sent() -> None:
    assert not is_quarantined(None, sent("a"), AT)


@pytest.mark.parametrize(
    ("way", "rest"),
    [
        (Way.FOR_NOW, timedelta(hours=1)),
        (Way.UNANSWERED, timedelta(days=1)),
        (Way.NOT_TAKEN, timedelta(days=1)),
    ],
)
def test_what_may_pass_unseen_is_tried_again_after_a_rest(
    way: Way, rest: timedelta
) -> None:
    failure = fail(*[{"way": way}] * 3)

    assert RESTS[way] == rest
    assert is_quarantined(failure, sent("a"), AT + rest - timedelta(seconds=1))
    assert not is_quarantined(failure, sent("a"), AT + rest)


def test_what_was_tried_again_in_vain_rests_once_more() -> None:
    later = AT + timedelta(hours=1)
    failure = fail(*[{"way": Way.FOR_NOW}] * 3, {"way": Way.FOR_NOW, "now": later})

    assert is_quarantined(failure, sent("a"), later + timedelta(minutes=59))


def test_what_is_refused_with_its_whole_call_waits_for_its_cause_to_change() -> None:
    assert is_quarantined(fail({}, {}, {}), sent("a"), AT + timedelta(days=365))


@pytest.mark.parametrize(("times", "alone"), [(1, False), (2, True), (3, True)])
def test_the_last_try_before_a_quarantine_is_made_alone(
    times: int, alone: bool
) -> None:
    failure = fail(*[{}] * times)

    assert goes_alone(failure, sent("a")) == alone
    assert not goes_alone(failure, sent("b"))
    assert not goes_alone(None, sent("a"))


def test_the_marketplaces_words_are_kept_within_bounds() -> None:
    long = Problem(code="x", message="dài " * 1000)

    assert fail({}).words == "images: Ảnh mờ"
    assert fail({"problems": (Problem(code="E7", message=""),)}).words == "E7"
    assert fail({"problems": (), "detail": "HTTP 502"}).words == "HTTP 502"
    assert len(fail({"problems": (long,)}).words) == 500


@pytest.mark.parametrize(
    ("accepted", "failed", "expected"),
    [(0, 0, False), (0, 1, False), (0, 2, True), (1, 9, False)],
)
def test_where_nothing_is_taken_and_several_fail_the_account_is_at_fault(
    accepted: int, failed: int, expected: bool
) -> None:
    assert is_of_the_account(accepted, failed) == expected


def test_a_change_is_quarantined_after_as_many_failures_as_is_said() -> None:
    assert MOST == 3


def test_the_words_of_a_failure_are_those_of_all_its_problems() -> None:
    coded = Problem(code="b", message="")

    assert fail({"problems": (PICTURE, coded)}).words == "images: Ảnh mờ; b"
    assert fail({"problems": (), "detail": "x"}).words == "x"
    assert fail({"problems": ()}).words == ""


# What takes something that must not stay


@pytest.mark.parametrize("way", [Way.FOR_NOW, Way.UNANSWERED, Way.NOT_TAKEN])
def test_what_is_owed_rests_a_minute_and_then_ever_longer_up_to_half_an_hour(
    way: Way,
) -> None:
    rests = []
    for times in range(1, 12):
        failure = fail(*[{"way": way, "owed": True}] * times)
        at = next_try(failure)
        assert at is not None
        rests.append((at - AT) / timedelta(minutes=1))
        assert is_quarantined(failure, sent("a"), AT, owed=True) == (times >= MOST)
        assert not is_quarantined(failure, sent("a"), at, owed=True)

    assert rests == [1, 1, 1, 2, 4, 8, 16, 30, 30, 30, 30]


def test_what_is_owed_fails_alike_in_whatever_way_it_comes_to_nothing() -> None:
    ways = [Way.UNANSWERED, Way.FOR_NOW, Way.NOT_TAKEN]

    failure = fail(*[{"way": way, "owed": True} for way in ways])

    assert (failure.times, failure.way) == (3, Way.NOT_TAKEN)


def test_what_is_owed_and_refused_with_its_whole_call_stays_held() -> None:
    failure = fail(*[{"owed": True}] * 3)

    assert next_try(failure) is None
    assert is_quarantined(failure, sent("a"), AT + timedelta(days=365), owed=True)


def test_a_rest_is_as_long_as_what_would_be_sent_now_demands() -> None:
    failure = fail(*[{"way": Way.UNANSWERED}] * 3)
    later = AT + timedelta(minutes=2)

    assert is_quarantined(failure, sent("a"), later)
    assert not is_quarantined(failure, sent("a"), later, owed=True)


def test_what_is_not_owed_has_no_moment_of_its_own_before_it_is_quarantined() -> None:
    twice = fail(*[{"way": Way.UNANSWERED}] * 2)
    often = fail(*[{"way": Way.UNANSWERED}] * 3)

    assert next_try(twice) is None
    assert next_try(often) == AT + timedelta(days=1)


def test_what_a_wrong_clock_has_written_is_not_waited_for() -> None:
    failure = fail(*[{"way": Way.UNANSWERED, "now": AT + timedelta(days=3_650)}] * MOST)

    assert not is_quarantined(failure, sent("a"), AT)
    assert is_quarantined(failure, sent("a"), AT + timedelta(days=3_650))
