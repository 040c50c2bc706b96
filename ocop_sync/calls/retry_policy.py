"""Decide whether and when a failed call to a marketplace is made again.

Only a call that is known not to have been applied is ever repeated, and nobody
else decides so; `docs/operations.md` shows worked examples, and the tests work
them out. An adapter's two repeats inside one call (a token that ran out, a read
whose answer was garbage) are part of the port's contract. Waiting and calling
is the business of `ocop_sync.calls.retry`; stopping to call a marketplace
that is down, of `ocop_sync.calls.breaker`.
"""

from dataclasses import dataclass
from typing import Protocol

from ocop_sync.errors import TransientError


class Random(Protocol):
    """Draws numbers; `random.Random` does."""

    def uniform(self, a: float, b: float, /) -> float:
        """Return a number from *a* to *b*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How patiently a call is repeated.

    Attributes:
        attempts: Most calls in all, the first included. Five of them bridge a restart
            of the other side; a longer outage is left to the next run.
        first_wait_s: Longest wait after the first failure; it doubles after
            each one.
        longest_wait_s: The bound of that doubling.
        longest_asked_s: Longest wait that a marketplace may ask for. Beyond it
            we call earlier than asked: a wrong Retry-After of a day must not
            stop withdrawals for a day.
        give_up_after_s: No wait ends later than this after the first call, so that a
            run keeps coming back to the most urgent changes.
    """

    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 30
    longest_asked_s: float = 60
    give_up_after_s: float = 120


def decide_retry(
    error: Exception,
    *,
    calls_made: int,
    elapsed_s: float,
    policy: RetryPolicy,
    random: Random,
) -> float | None:
    """Return the seconds to wait before the next call, None to give up.

    The wait is drawn from zero to a bound that doubles (full jitter), so that
    accounts that failed together do not come back together. A marketplace that
    asked for more gets more.

    *calls_made* counts the first one as well.
    """
    if not isinstance(error, TransientError) or calls_made >= policy.attempts:
        return None
    doublings = min(calls_made - 1, 64)  # far beyond any bound, and no overflow
    bound_s = min(policy.first_wait_s * 2**doublings, policy.longest_wait_s)
    asked_s = min(error.retry_after or 0, policy.longest_asked_s)
    wait_s = max(random.uniform(0, bound_s), asked_s)
    return wait_s if elapsed_s + wait_s <= policy.give_up_after_s else None
