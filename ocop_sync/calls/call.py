"""Call an account: in one way, whoever calls, in a run at it or from outside.

All calls of an account in this process share its pace, as `Deployment.open` opens it
once, and its breakers. Further conditions of a call (a lease, no request to stop) are
the caller's to check.
"""

import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from ocop_sync.calls.activity import Activity
from ocop_sync.calls.breaker import Breaker
from ocop_sync.calls.places import Places
from ocop_sync.calls.retry import attempts
from ocop_sync.calls.retry_policy import RetryPolicy
from ocop_sync.calls.stop import Stop
from ocop_sync.errors import TransientError
from ocop_sync.marketplace.port import Marketplace

T = TypeVar("T")

READ = 3
"""The urgency of a read: it serves what comes behind withdrawals and less stock."""


class Caller(Protocol):
    """All that calls need of whoever makes them; a deployment has it."""

    @property
    def retry(self) -> RetryPolicy:
        """How patiently a call is repeated."""

    @property
    def random(self) -> random.Random:
        """For jitter."""

    @property
    def time(self) -> Callable[[], float]:
        """Monotonic seconds."""

    @property
    def stop(self) -> Stop:
        """Asked before a call, and heard while one is under way."""

    @property
    def activity(self) -> Activity:
        """Grows with each call."""

    def places(self, marketplace: Marketplace) -> Places:
        """Return the places for calls to an account, the same for all."""

    async def pause(self, seconds: float) -> None:
        """Wait, as long as nobody asks to stop."""

    def note_call(self, key: str, error: Exception | None) -> None:
        """Remember the outcome of a call for the credentials of account *key*."""

    def note_retry(self, key: str) -> None:
        """Count that a call of account *key* is made again."""


async def call_account(
    caller: Caller,
    marketplace: Marketplace,
    make: Callable[[], Awaitable[T]],
    *,
    breaker: Breaker,
    ensure: Callable[[], None],
    apart: bool = False,
    urgency: int = READ,
) -> T:
    """Make a call, and make it again as long as that is safe and worth it.

    *ensure* raises if no call may be made now, and is asked before each one; *apart* is
    as of `Breaker.watch`. Of those that wait, the one of the lowest *urgency* is next.

    Raises:
        Exception: The error of *ensure*, or of the last call.
    """

    def on_wait(error: Exception, wait_s: float) -> None:
        """When one call is told to wait, all calls of the account wait."""
        caller.note_retry(key)
        if isinstance(error, TransientError) and error.retry_after is not None:
            marketplace.context.quota.pause(wait_s)

    key = marketplace.account.key
    async for attempt in attempts(
        policy=caller.retry,
        sleep=caller.pause,
        random=caller.random,
        time=caller.time,
        on_wait=on_wait,
    ):
        with attempt:
            async with caller.places(marketplace).place(urgency, caller.stop):
                ensure()  # whoever waited for a turn may have been told to stop
                caller.activity.note()
                with breaker.watch(apart=apart), _noted(caller, key):
                    async with caller.stop.finishing():
                        return await make()
    raise AssertionError  # the last attempt returns, or raises


@contextmanager
def _noted(caller: Caller, key: str) -> Iterator[None]:
    """Remember the outcome of the call inside for the account's credentials."""
    try:
        yield
    except Exception as error:
        caller.note_call(key, error)
        raise
    caller.note_call(key, None)
