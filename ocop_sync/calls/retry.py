"""Try a call to a marketplace again, as `decide_retry` says."""

from collections.abc import Awaitable, Callable
from typing import cast
from weakref import proxy

from tenacity import AsyncRetrying, AttemptManager, RetryCallState

from ocop_sync.calls.retry_policy import Random, RetryPolicy, decide_retry


class _Attempts(AsyncRetrying):
    """Attempts that are gone as soon as nobody needs them any more.

    Those of tenacity know each other in a circle: all that a call held would stay until
    Python's collector comes by.
    """

    async def __anext__(self) -> AttemptManager:
        attempt = await super().__anext__()
        attempt.retry_state.retry_object = cast("AsyncRetrying", proxy(self))
        return attempt


def attempts(
    *,
    policy: RetryPolicy,
    sleep: Callable[[float], Awaitable[None]],
    random: Random,
    time: Callable[[], float],
    on_wait: Callable[[Exception, float], None],
) -> AsyncRetrying:
    """Return as many attempts at one call as are worth it, with the waits between.

    Each of them is a context in which the call is made anew. The error of the last
    one comes out unchanged. *on_wait* is told of each other failure, and of the seconds
    before the next attempt.
    """
    start, wait_s = time(), 0.0

    def is_worth_it(state: RetryCallState) -> bool:
        nonlocal wait_s
        error = state.outcome and state.outcome.exception()
        if not isinstance(error, Exception):
            return False
        decided = decide_retry(
            error,
            calls_made=state.attempt_number,
            elapsed_s=time() - start,
            policy=policy,
            random=random,
        )
        if decided is None:
            return False
        wait_s = decided
        on_wait(error, wait_s)
        return True

    # A new object for each call: concurrent ones would share its state.
    return _Attempts(
        sleep=sleep, retry=is_worth_it, wait=lambda _: wait_s, reraise=True
    )
