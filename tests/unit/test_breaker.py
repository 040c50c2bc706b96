"""When calls to an account are held back, and how they begin again."""

import asyncio
from contextlib import suppress

import pytest

from ocop_sync.calls.breaker import Breaker
from ocop_sync.errors import (
    AuthenticationError,
    CallRefusedError,
    MarketplaceError,
    OutcomeUnknownError,
    RateLimitedError,
    RestingError,
    UnavailableError,
)

DOWN = UnavailableError("bảo trì")


def finish(error: BaseException | None) -> None:
    if error is not None:
        raise error


class Line:
    """A breaker of three failures and 30 s, and what was called through it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.called = 0
        self.breaker = Breaker(failures=3, cool_down_s=30, time=lambda: self.now)

    def call(self, error: BaseException | None = None) -> type[BaseException] | None:
        """Make one call that ends with *error*; return what came out."""
        try:
            with self.breaker.watch():
                self.called += 1
                finish(error)
        except BaseException as raised:  # noqa: BLE001 - also a cancellation
            return type(raised)
        return None


def opened() -> Line:
    line = Line()
    for _ in range(3):
        line.call(DOWN)
    line.called = 0
    return line


@pytest.mark.parametrize(
    "error", [DOWN, OutcomeUnknownError("?"), AuthenticationError("401")]
)
def test_it_opens_after_failures_in_a_row(error: MarketplaceError) -> None:
    line = Line()
    states = []
    for _ in range(3):
        line.call(error)
        states.append(line.breaker.is_open)

    assert states == [False, False, True]


@pytest.mark.parametrize(
    "well", [None, RateLimitedError("429"), CallRefusedError("413", code="http_413")]
)
def test_an_answer_in_between_starts_the_count_anew(
    well: MarketplaceError | None,
) -> None:
    line = Line()
    for error in (DOWN, DOWN, well, DOWN, DOWN):
        line.call(error)

    assert not line.breaker.is_open


@pytest.mark.parametrize("error", [ValueError("!"), asyncio.CancelledError()])
def test_what_is_not_the_marketplaces_fault_does_not_count(
    error: BaseException,
) -> None:
    line = Line()
    for _ in range(10):
        line.call(error)

    assert not line.breaker.is_open


def test_while_open_no_call_is_made_and_the_wait_is_told() -> None:
    line = opened()
    line.now = 10
    with pytest.raises(UnavailableError) as caught, line.breaker.watch():
        pytest.fail("the call was made")

    assert caught.value.retry_after == 20


def test_what_is_held_back_says_apart_which_call_has_failed() -> None:
    line = opened()
    with pytest.raises(UnavailableError) as caught, line.breaker.watch():
        pytest.fail("the call was made")

    own, _, other = str(caught.value).partition("; ")
    assert own.endswith("/ not tried, as calls to the account fail")
    assert "the last call that failed: «" in other


def test_after_the_cool_down_one_probe_goes_through_and_closes_it() -> None:
    line = opened()
    line.now = 30

    assert line.call() is None
    assert not line.breaker.is_open
    assert [line.call(DOWN), line.breaker.is_open] == [UnavailableError, False]


def test_a_probe_that_fails_opens_it_for_another_cool_down() -> None:
    line = opened()
    line.now = 30
    line.call(DOWN)
    line.now = 59
    line.call()
    early = line.called
    line.now = 60

    assert (early, line.call(), line.called) == (1, None, 2)


def test_after_a_probe_that_failed_the_account_is_left_alone_until_the_next() -> None:
    line = opened()
    line.now = 30
    probe = line.call(DOWN)
    line.now = 59

    assert (probe, line.call(), line.call()) == (
        UnavailableError,
        RestingError,
        RestingError,
    )
    line.now = 60
    assert (line.call(), line.breaker.is_open) == (None, False)
    for _ in range(3):
        line.call(DOWN)
    assert line.call() is UnavailableError


def test_whoever_is_held_back_is_told_what_has_failed() -> None:
    line = opened()
    wrong = AuthenticationError("401")
    line.now = 30
    line.call(wrong)

    resting, waiting = Line(), opened()
    for _ in range(3):
        resting.call(wrong)

    for found, cause in ((line, wrong), (resting, wrong), (waiting, DOWN)):
        with pytest.raises(MarketplaceError) as held, found.breaker.watch():
            pass
        assert held.value.__cause__ is cause


async def test_of_many_callers_at_once_only_one_probes() -> None:
    line = opened()
    line.now = 30
    answered = asyncio.Event()
    refused = 0

    async def call() -> None:
        nonlocal refused
        try:
            with line.breaker.watch():
                line.called += 1
                await answered.wait()
        except UnavailableError:
            refused += 1
            answered.set()

    await asyncio.gather(*(call() for _ in range(20)))

    assert (line.called, refused) == (1, 19)
    assert not line.breaker.is_open


@pytest.mark.parametrize("error", [ValueError("!"), asyncio.CancelledError()])
def test_a_probe_that_says_nothing_makes_room_for_another(
    error: BaseException,
) -> None:
    line = opened()
    line.now = 30
    line.call(error)

    assert line.breaker.is_open
    assert line.call() is None


@pytest.mark.parametrize("late", [None, DOWN])
def test_a_call_from_before_it_opened_changes_nothing(
    late: MarketplaceError | None,
) -> None:
    line = Line()
    old = line.breaker.watch()
    old.__enter__()
    for _ in range(3):
        line.call(DOWN)
    line.now = 29
    old.__exit__(type(late) if late else None, late, None)
    still_open = line.breaker.is_open
    line.now = 30

    assert still_open
    assert line.call() is None


def fail_beside(line: Line) -> None:
    with suppress(MarketplaceError), line.breaker.beside():
        finish(DOWN)


def test_failures_of_other_calls_open_it_as_well() -> None:
    line = Line()

    for _ in range(3):
        fail_beside(line)

    assert line.call() is UnavailableError


def test_a_call_beside_it_is_never_its_probe() -> None:
    line = opened()
    line.now = 30

    fail_beside(line)

    assert line.breaker.is_open
    assert (line.call(), line.breaker.is_open) == (None, False)


# What fails by itself


def call_apart(line: Line, error: BaseException | None = None) -> None:
    with suppress(MarketplaceError), line.breaker.watch(apart=True):
        line.called += 1
        finish(error)


def test_what_fails_by_itself_opens_nothing_while_others_succeed() -> None:
    line = Line()
    line.call()
    for _ in range(9):
        call_apart(line, DOWN)

    assert not line.breaker.is_open


def test_what_fails_by_itself_counts_where_nothing_else_succeeds() -> None:
    never, not_any_more = Line(), Line()
    not_any_more.call()
    not_any_more.call(DOWN)
    for line in (never, not_any_more):
        for _ in range(3):
            call_apart(line, DOWN)

    assert never.breaker.is_open
    assert not_any_more.breaker.is_open


def test_what_fails_by_itself_fails_as_a_probe_as_well() -> None:
    line = opened()
    line.now += 31
    call_apart(line, DOWN)

    assert (line.called, line.breaker.is_open) == (1, True)
    line.now += 31
    call_apart(line)
    assert not line.breaker.is_open
