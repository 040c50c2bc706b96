"""Turns of the event loop: work on many rows lets other tasks go on."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import perf_counter
from typing import Final, TypeVar

T = TypeVar("T")

_TURN_S: Final = 0.001
"""So long one works before others go on: some rows."""


async def in_turns(values: Iterable[T]) -> AsyncIterator[T]:
    """Yield *values*, and let every other task go on before one in a millisecond.

    A statement of another task takes a turn: its transaction takes as many
    milliseconds as it has statements.
    """
    due = 0.0
    for each in values:
        if perf_counter() >= due:
            await asyncio.sleep(0)
            due = perf_counter() + _TURN_S
        yield each
