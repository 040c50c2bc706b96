"""Turns of the event loop: work on many rows lets other tasks go on."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")


async def in_turns(values: Iterable[T]) -> AsyncIterator[T]:
    """Yield *values*, and let every other task go on before each.

    A row costs a millisecond or two, and a statement of another task a turn: its
    transaction takes as many rows as it has statements.
    """
    for each in values:
        await asyncio.sleep(0)
        yield each
