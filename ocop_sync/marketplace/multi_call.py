"""Report honestly the outcome of a method that needs several calls.

Of several items: a call that fails as a whole ends the method, and leaves the results
of those before. Of one item: once the first call may have been applied, nothing is
known not to have been. Any later failure is `OutcomeUnknownError`, and a refusal is no
`Refused`, as that means that nothing was changed. Both are read back.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from ocop_sync.errors import MarketplaceError, OutcomeUnknownError
from ocop_sync.marketplace.result import Refused, Result, Unknown

_C = TypeVar("_C")


async def in_turn(
    changes: Sequence[_C],
    size: int,
    send: Callable[[Sequence[_C]], Awaitable[Sequence[Result]]],
) -> Sequence[Result]:
    """Pass *changes* to *send* in runs of *size*; return all results in order.

    After a run that failed as a whole no further one is sent: its items and
    those after it are unknown, to be read back. If it is the first, it raises.
    """
    results: list[Result] = []
    for start in range(0, len(changes), size):
        try:
            results += await send(changes[start : start + size])
        except MarketplaceError as error:
            if start == 0:
                raise
            missing = len(changes) - len(results)
            return [*results, *[Unknown(str(error))] * missing]
    return results


@contextmanager
def after_a_step(step: str) -> Iterator[None]:
    """Let every failure in here say that *step*, before it, may have been applied.

    Args:
        step: The call before, in a word or two.

    Raises:
        OutcomeUnknownError: Something failed.
    """
    try:
        yield
    except OutcomeUnknownError:
        raise
    except MarketplaceError as error:
        message = f"{step}: đã gửi, bước sau hỏng / sent, a later step failed: {error}"
        raise OutcomeUnknownError(message) from error


def ensure_applied(result: Result) -> Result:
    """Return the *result* of a later step, a refusal as `Unknown`."""
    if not isinstance(result, Refused):
        return result
    words = "; ".join(each.message or each.code for each in result.problems)
    return Unknown(f"bước sau bị từ chối / a later step was refused: {words[:300]}")
