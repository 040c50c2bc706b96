"""Try a call to a marketplace again, as `decide_retry` says."""

from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from ocop_sync.calls.retry_policy import Random, RetryPolicy, decide_retry
from ocop_sync.errors import TransientError


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


def attempts(
    *,
    policy: RetryPolicy,
    sleep: Callable[[float], Awaitable[None]],
    random: Random,
    time: Callable[[], float],
    on_wait: Callable[[TransientError, float], None],
) -> AsyncRetrying:
    """Return as many attempts at one call as are worth it, with the waits between.

    Each of them is a context in which the call is made anew. The error of the last
    one comes out unchanged.

    *on_wait* is told of each failure, and of the seconds before the next attempt.
    """
    decisions = _Decisions(policy, random, time)

    def tell(state: RetryCallState) -> None:
        error = _error_of(state)
        if isinstance(error, TransientError):
            on_wait(error, state.upcoming_sleep)

    # A new object for each call: concurrent ones would share its state.
    return AsyncRetrying(
        sleep=sleep,
        retry=retry_if_exception_type(TransientError),
        wait=decisions.wait,
        stop=decisions.stop,
        before_sleep=tell,
        reraise=True,
    )


def _error_of(state: RetryCallState) -> Exception:
    error = state.outcome and state.outcome.exception()
    return error if isinstance(error, Exception) else RuntimeError("no failure")
