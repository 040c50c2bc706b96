"""When a failed call is made again: the decision, and the loop that obeys it."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from ocop_sync.calls.retry import attempts
from ocop_sync.calls.retry_policy import RetryPolicy, decide_retry
from ocop_sync.errors import (
    AuthenticationError,
    OcopSyncError,
    OutcomeUnknownError,
    ProtocolError,
    RateLimitedError,
    UnavailableError,
)

ROOT = Path(__file__).parent.parent.parent
POLICY = RetryPolicy()
DOWN = UnavailableError("bảo trì")


class Draw:
    """A `random.Random` that always draws the same share of the range."""

    def __init__(self, share: float) -> None:
        self.share = share

    def uniform(self, a: float, b: float, /) -> float:
        return a + self.share * (b - a)


def limited(retry_after: float | None) -> RateLimitedError:
    return RateLimitedError("429", retry_after=retry_after)


@pytest.mark.parametrize(
    ("error", "attempts", "elapsed_s", "share", "expected"),
    [
        (DOWN, 1, 0.1, 1.0, 0.5),
        (DOWN, 2, 1, 1.0, 1),
        (DOWN, 3, 2, 1.0, 2),
        (DOWN, 4, 4, 1.0, 4),
        (DOWN, 5, 8, 1.0, None),
        (DOWN, 4, 4, 0.5, 2),
        (DOWN, 4, 4, 0.0, 0),
        (DOWN, 4, 116, 1.0, 4),
        (DOWN, 4, 116.1, 1.0, None),
        (limited(None), 1, 0, 1.0, 0.5),
        (limited(0), 1, 0, 1.0, 0.5),
        (limited(7), 1, 0, 0.0, 7),
        (limited(0.2), 1, 0, 1.0, 0.5),
        (limited(3600), 1, 0, 1.0, 60),
        (limited(3600), 1, 61, 1.0, None),
        (limited(7), 5, 0, 1.0, None),
        (UnavailableError("503", retry_after=9), 1, 0, 0.0, 9),
        (OutcomeUnknownError("mất câu trả lời"), 1, 0, 1.0, None),
        (AuthenticationError("401"), 1, 0, 1.0, None),
        (ProtocolError("rác"), 1, 0, 1.0, None),
        (OcopSyncError("khác"), 1, 0, 1.0, None),
        (ValueError("lỗi của ta"), 1, 0, 1.0, None),
    ],
)
def test_only_what_is_known_not_applied_is_repeated(
    error: Exception,
    attempts: int,
    elapsed_s: float,
    share: float,
    expected: float | None,
) -> None:
    waited = decide_retry(
        error,
        calls_made=attempts,
        elapsed_s=elapsed_s,
        policy=POLICY,
        random=Draw(share),
    )

    assert waited == expected


ENDINGS: dict[str, type[Exception]] = {
    "not connected": UnavailableError,
    "429": RateLimitedError,
    "maintenance": UnavailableError,
    "a lost answer": OutcomeUnknownError,
    "a password not accepted": AuthenticationError,
    "an unreadable answer": ProtocolError,
}
"""What the documented examples call the errors."""


def documented() -> list[list[str]]:
    """Return the rows of the worked examples in the documents."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+ \| .+) \|$", _section(text), re.MULTILINE)
    return [row.split(" | ") for row in rows]


def _section(text: str) -> str:
    start = text.index("## When a call fails")
    return text[start : text.index("\n## ", start + 1)]


def as_error(words: str) -> Exception:
    """Return the error that a documented example names."""
    name, _, asked = words.partition(", Retry-After ")
    kind = ENDINGS[name]
    return kind(name, retry_after=float(asked)) if asked else kind(name)  # type: ignore[call-arg]  # those that ask, take it


@pytest.mark.parametrize("row", documented(), ids=" ".join)
def test_the_documented_examples_are_right(row: list[str]) -> None:
    calls, ended, elapsed_s, *waits = row
    worked_out = [
        decide_retry(
            as_error(ended),
            calls_made=int(calls),
            elapsed_s=float(elapsed_s),
            policy=POLICY,
            random=Draw(share),
        )
        for share in (0.0, 1.0)
    ]

    given_up = [None if wait == "given up" else float(wait) for wait in waits]
    assert worked_out == given_up


def test_every_way_in_which_a_call_ends_has_an_example() -> None:
    named = {row[1].partition(", Retry-After ")[0] for row in documented()}

    assert named == ENDINGS.keys()


@pytest.mark.parametrize(("attempts", "bound_s"), [(7, 30), (5_000, 30)])
def test_the_doubling_ends(attempts: int, bound_s: float) -> None:
    patient = replace(POLICY, attempts=10_000)
    waited = decide_retry(
        DOWN, calls_made=attempts, elapsed_s=0, policy=patient, random=Draw(1)
    )

    assert waited == bound_s


class Caller:
    """Makes scripted calls on a clock that only its own sleep moves."""

    def __init__(self, *answers: Exception | str, call_takes_s: float = 0) -> None:
        self.answers = list(answers)
        self.call_takes_s = call_takes_s
        self.now = 500.0
        self.slept: list[float] = []
        self.told: list[tuple[Exception, float]] = []

    async def call(self) -> str:
        self.now += self.call_takes_s
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.slept.append(seconds)
        self.now += seconds

    async def call_again(self, policy: RetryPolicy = POLICY) -> str:
        async for attempt in attempts(
            policy=policy,
            sleep=self.sleep,
            random=Draw(1),
            time=lambda: self.now,
            on_wait=lambda error, wait_s: self.told.append((error, wait_s)),
        ):
            with attempt:
                return await self.call()
        raise AssertionError


async def test_a_call_that_recovers_is_answered() -> None:
    caller = Caller(DOWN, limited(7), "được")

    assert await caller.call_again() == "được"
    assert caller.slept == [0.5, 7]
    assert [wait_s for _, wait_s in caller.told] == [0.5, 7]


async def test_a_call_that_succeeds_is_made_once() -> None:
    caller = Caller("được", "lần nữa")

    assert await caller.call_again() == "được"
    assert caller.answers == ["lần nữa"]


async def test_the_last_error_comes_out_as_it_was() -> None:
    errors = [UnavailableError(str(number)) for number in range(5)]
    caller = Caller(*errors)
    with pytest.raises(UnavailableError) as caught:
        await caller.call_again()

    assert caught.value is errors[-1]
    assert caller.slept == [0.5, 1, 2, 4]


@pytest.mark.parametrize("error", [OutcomeUnknownError("?"), ValueError("!")])
async def test_what_may_have_been_applied_is_not_sent_again(error: Exception) -> None:
    caller = Caller(error, "lần nữa")
    with pytest.raises(type(error)):
        await caller.call_again()

    assert (caller.slept, caller.answers) == ([], ["lần nữa"])


async def test_slow_calls_use_up_the_patience() -> None:
    caller = Caller(DOWN, DOWN, DOWN, call_takes_s=59.5)
    with pytest.raises(UnavailableError):
        await caller.call_again()

    assert caller.slept == [0.5]


async def test_a_cancelled_wait_makes_no_further_call() -> None:
    caller = Caller(limited(7), "lần nữa")
    task = asyncio.create_task(caller.call_again())
    while not caller.told:  # noqa: ASYNC110 - nothing here sets an event
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert caller.answers == ["lần nữa"]
