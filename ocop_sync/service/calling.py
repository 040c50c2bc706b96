"""Call an account: in one way, whoever calls, in a run at it or from outside.

All calls of an account in this process share its pace, as `Deployment.open` opens
it once, and its breakers. What else must be so before a call (a lease, that nobody
has told us to stop) is the caller's to say.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ocop_sync.apply.attempt import attempt
from ocop_sync.apply.breaker import Breaker
from ocop_sync.errors import TransientError
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.service.deployment import Deployment

T = TypeVar("T")


async def call_account(
    deployment: Deployment,
    marketplace: Marketplace,
    make: Callable[[], Awaitable[T]],
    *,
    breaker: Breaker,
    ensure: Callable[[], None],
    apart: bool = False,
) -> T:
    """Make a call, and make it again as long as that is safe and worth it.

    Args:
        deployment: What it works with.
        marketplace: The opened account that is called.
        make: Makes the call.
        breaker: Holds the call back while calls like it fail.
        ensure: Raises if no call may be made now; asked before each one.
        apart: As of `Breaker.watch`.

    Raises:
        Exception: What *ensure* raised, or the last call.
    """

    async def once() -> T:
        async with deployment.slot(marketplace.account.key):
            ensure()  # whoever waited for a slot may have been told to stop
            deployment.activity.note()
            with breaker.watch(apart=apart):
                return await _noted(deployment, marketplace.account.key, make)

    def on_wait(error: TransientError, wait_s: float) -> None:
        """What one call is told to wait, all calls of the account wait."""
        if error.retry_after is not None:
            marketplace.context.quota.pause(wait_s)

    return await attempt(
        once,
        policy=deployment.retry,
        sleep=deployment.pause,
        random=deployment.random,
        time=deployment.time,
        on_wait=on_wait,
    )


async def _noted(
    deployment: Deployment, key: str, make: Callable[[], Awaitable[T]]
) -> T:
    """Make one call, and remember what it says of the account's credentials."""
    try:
        answer = await deployment.stop.finish(make())
    except Exception as error:
        deployment.note_call(key, error)
        raise
    deployment.note_call(key, None)
    return answer
