"""The way of one call from a slice of changes to the adapter, traced as it runs."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from ocop_sync.marketplace.change import Create
from ocop_sync.marketplace.result import Result
from tests.world import World, entry

OURS = "ocop_sync"


def _awaiting(task: asyncio.Task[Any]) -> Iterator[str]:
    """Yield the functions of a task that waits, the outermost first."""
    part: Any = task.get_coro()
    while part is not None:
        code = getattr(part, "cr_code", None)
        if code is not None and OURS in code.co_filename:
            yield code.co_name
        part = getattr(part, "cr_await", None)


def _running() -> list[str]:
    """Return the functions of ours on the stack, the outermost first."""
    names, frame = list[str](), sys._getframe(2)
    while frame is not None:
        if OURS in frame.f_code.co_filename:
            names.insert(0, frame.f_code.co_name)
        frame = frame.f_back  # type: ignore[assignment]  # None at the end
    return names


async def test_a_slice_reaches_the_adapter_in_five_hops(world: World) -> None:
    await world.save(entry(1))
    ways: list[list[str]] = []
    real = world.market.create

    async def create(changes: Sequence[Create]) -> Sequence[Result]:
        waiting = [list(_awaiting(task)) for task in asyncio.all_tasks()]
        [before] = [names for names in waiting if "send_changes" in names]
        ways.append([*before[before.index("send_written") :], *_running()])
        return await real(changes)

    world.market.create = create  # type: ignore[method-assign]  # it is watched

    await world.sync()

    # The fifth hop is the one into the adapter.
    assert ways == [["send_written", "send_changes", "send", "call", "call_account"]]
