"""What comes at the same time is stored in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import pytest

from ocop_sync.store.db.database import Database
from ocop_sync.store.db.together import Together


class _Writes:
    """A database of which each transaction takes a turn of the event loop."""

    def __init__(self) -> None:
        self.stored: list[list[str]] = []
        self.fails = False

    async def write(self, work: Callable[[Any], Awaitable[None]]) -> None:
        await asyncio.sleep(0)
        if self.fails:
            self.fails = False
            raise OSError
        await work(None)

    async def store(self, _: object, things: Sequence[str]) -> None:
        self.stored.append(list(things))


@pytest.fixture
def writes() -> _Writes:
    return _Writes()


@pytest.fixture
def together(writes: _Writes) -> Together[str]:
    return Together(cast("Database", writes), writes.store)


async def test_what_comes_at_the_same_time_is_stored_at_once(
    writes: _Writes, together: Together[str]
) -> None:
    await asyncio.gather(*map(together.store, "abc"))

    assert writes.stored == [["a", "b", "c"]]


async def test_what_comes_meanwhile_is_stored_next(
    writes: _Writes, together: Together[str]
) -> None:
    first = asyncio.ensure_future(together.store("a"))
    for _ in range(2):
        await asyncio.sleep(0)
    await asyncio.gather(first, together.store("b"))

    assert writes.stored == [["a"], ["b"]]


async def test_a_failure_is_told_to_one_and_the_others_are_stored(
    writes: _Writes, together: Together[str]
) -> None:
    writes.fails = True

    ends = await asyncio.gather(*map(together.store, "ab"), return_exceptions=True)

    assert [type(each) for each in ends] == [OSError, type(None)]
    assert "b" in writes.stored[0]
