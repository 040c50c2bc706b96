"""Make a call to a marketplace, and make it again as `decide_retry` says."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from ocop_sync.calls.retry_policy import Random, RetryPolicy, decide_retry
from ocop_sync.errors import TransientError

T = TypeVar("T")


def _say_nothing(error: TransientError, wait_s: float) -> None:
    del error, wait_s


class _Decisions:
    """The decision on each failure, made once, read as a wait and as a stop."""

    def __init__(
        self, policy: RetryPolicy, random: Random, time: Callable[[], float]
    ) -> None:
        self._policy = policy
        self._random = random
        self._time = time
        self._start = time()
        self._decided: tuple[int, float | None] = (0, None)

    def wait(self, state: RetryCallState) -> float:
        return self._wait_s(state) or 0.0

    def stop(self, state: RetryCallState) -> bool:
        return self._wait_s(state) is None

    def _wait_s(self, state: RetryCallState) -> float | None:
        if self._decided[0] != state.attempt_number:
            wait_s = decide_retry(
                _error_of(state),
                calls_made=state.attempt_number,
                elapsed_s=self._time() - self._start,
                policy=self._policy,
                random=self._random,
            )
            self._decided = (state.attempt_number, wait_s)
        return self._decided[1]


async def call_again(
    call: Callable[[], Awaitable[T]],
    *,
    policy: RetryPolicy,
    sleep: Callable[[float], Awaitable[None]],
    random: Random,
    time: Callable[[], float],
    on_wait: Callable[[TransientError, float], None] = _say_nothing,
) -> T:
    """Return the result of *call*, after as many tries as are worth it.

    Args:
        call: Makes the call anew each time: it reads its values when called.
        policy: How patient we are.
        sleep: Waits for some seconds.
        random: Draws the jitter.
        time: Monotonic seconds.
        on_wait: Told of each failure, and of the seconds before the next try;
            for a log, and to pause the account's quota.

    Raises:
        Exception: The error of the last try, unchanged.
    """
    decisions = _Decisions(policy, random, time)

    async def once() -> T:  # tenacity awaits nothing but what "async def" made
        return await call()

    def tell(state: RetryCallState) -> None:
        error = _error_of(state)
        if isinstance(error, TransientError):
            on_wait(error, state.upcoming_sleep)

    # A new object for each call: concurrent ones would share its state.
    retrying = AsyncRetrying(
        sleep=sleep,
        retry=retry_if_exception_type(TransientError),
        wait=decisions.wait,
        stop=decisions.stop,
        before_sleep=tell,
        reraise=True,
    )
    return await retrying(once)


def _error_of(state: RetryCallState) -> Exception:
    error = state.outcome and state.outcome.exception()
    return error if isinstance(error, Exception) else RuntimeError("no failure")
