"""Read many listings of an account in calls side by side, as its pace lets them go.

One call after the other would use no more of a quota than one answer's time lets
through.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from ocop_sync.service.run.account_run import AccountRun

B = TypeVar("B")
T = TypeVar("T")

AT_ONCE = 32
"""Batches in memory at a time, each with its call."""


async def batches_at_once(
    run: AccountRun, batches: Iterable[B], work: Callable[[B], Awaitable[T]]
) -> list[T]:
    """Return what has come of *work* at each batch, in their order.

    Without a known pace, or where a search reads all pages, they go one by one. After a
    failure none is begun.

    Raises:
        Exception: The first failure, once those under way have ended.
    """
    has_search = run.site.adapter.capabilities.has_search
    is_paced = run.places.quota.calls_per_s is not None
    places = asyncio.Semaphore(AT_ONCE if is_paced and has_search else 1)
    failures: list[Exception] = []

    async def one(batch: B) -> T | None:
        async with places:
            if failures:
                return None
            try:
                return await work(batch)
            except Exception as error:  # noqa: BLE001  (raised below, not in a group)
                failures.append(error)
                return None

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(batch)) for batch in batches]
    if failures:
        raise failures[0]
    return [found for task in tasks if (found := task.result()) is not None]
