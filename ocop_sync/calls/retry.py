"""Try a call to a marketplace again, as `decide_retry` says."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self, cast
from weakref import proxy

from tenacity import AsyncRetrying, RetryCallState

from ocop_sync.calls.retry_policy import Random, RetryPolicy, decide_retry


class _First(AbstractContextManager[None]):
    """The first attempt, which keeps its error."""

    error: Exception | None = None

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> bool:
        if isinstance(error, Exception):
            self.error = error
        return self.error is not None


class _Attempts:
    """Attempts at one call: the first one, and as many others as *others* makes.

    Nearly every call is made once, and tenacity's attempts take longer than all else
    that we do for one: so they begin with what has come of the first.
    """

    def __init__(self, others: Callable[[], AsyncRetrying]) -> None:
        self._begin_others = others
        self._others: AsyncRetrying | None = None
        self._first: _First | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AbstractContextManager[object]:
        if self._first is None:
            self._first = _First()
            return self._first
        if self._others is None:
            self._others = self._begin_others()
            await self._begin_with(self._first, self._others)
        return await anext(self._others)

    async def _begin_with(self, first: _First, others: AsyncRetrying) -> None:
        again = await anext(aiter(others))
        # They know each other in a circle: all that a call held would stay until
        # Python's collector comes by.
        again.retry_state.retry_object = cast("AsyncRetrying", proxy(others))
        with again:
            raise first.error or AssertionError
        first.error = None


def attempts(
    *,
    policy: RetryPolicy,
    sleep: Callable[[float], Awaitable[None]],
    random: Random,
    time: Callable[[], float],
    on_wait: Callable[[Exception, float], None],
) -> _Attempts:
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
        lambda: AsyncRetrying(
            sleep=sleep, retry=is_worth_it, wait=lambda _: wait_s, reraise=True
        )
    )
