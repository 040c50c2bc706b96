"""Report honestly the outcome of a method that needs several calls.

Once the first of them may have been applied, nothing is known not to have been: any
later failure is `OutcomeUnknownError`, and a refusal is no `Refused`, as that means
that nothing was changed. Both are read back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from ocop_sync.errors import MarketplaceError, OutcomeUnknownError
from ocop_sync.marketplace.result import Refused, Result, Unknown


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
