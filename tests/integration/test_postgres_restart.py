"""PostgreSQL stops under a running sync, and comes back: nothing is lost.

It is stopped in order ("fast") and as by a crash ("immediate"), between two
steps of a run and inside a transaction. Either it is back at once, or only
after the run has ended.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.errors import StorageError
from ocop_sync.marketplace.listing import Listing, RemoteState
from tests.integration.dying import READS, WRITES
from tests.integration.test_death import look_for_left_over
from tests.postgres import NoServerError, Own, own_server
from tests.world import World, entry, open_world

SAID = (SQLAlchemyError, OSError, StorageError)
"""What the command line says in a sentence; see `ocop_sync.cli.app.app`."""
COUNT = 3


@pytest.fixture(scope="module")
def own() -> Iterator[Own]:
    try:
        with own_server() as own:
            yield own
    except NoServerError as error:
        pytest.skip(str(error))


@dataclass(slots=True)
class Outage:
    """Stops the server at one step of a run.

    Args:
        own: The server.
        at: The step, from 1: before, inside and after each transaction that
            writes, before and after each call to the marketplace.
        mode: How it stops.
        back: It is back at once.

    Attributes:
        steps: How many steps there have been.
    """

    own: Own
    at: int
    mode: str
    back: bool
    steps: int = 0

    @asynccontextmanager
    async def watching(self, world: World) -> AsyncIterator[None]:
        write, market = world.database.write, world.market
        setattr(world.database, "write", self._in_three_steps(write))  # noqa: B010
        for name in (*READS, *WRITES):
            setattr(market, name, self._between(getattr(market, name)))
        try:
            yield
        finally:
            for owner, name in [(market, n) for n in (*READS, *WRITES)]:
                delattr(owner, name)
            delattr(world.database, "write")

    def _in_three_steps(self, write: Callable[..., Awaitable[Any]]) -> Any:
        async def watched(work: Callable[[AsyncConnection], Awaitable[Any]]) -> Any:
            async def inside(conn: AsyncConnection) -> Any:
                result = await work(conn)
                self._step()
                return result

            self._step()
            result = await write(inside)
            self._step()
            return result

        return watched

    def _between(self, call: Callable[..., Awaitable[Any]]) -> Any:
        async def watched(*args: Any, **kwargs: Any) -> Any:
            self._step()
            result = await call(*args, **kwargs)
            self._step()
            return result

        return watched

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            self.own.stop(self.mode)
            if self.back:
                self.own.start()


def shown(world: World) -> list[tuple[str, RemoteState, Listing]]:
    """Return what there is at the marketplace, by our reference."""
    found = world.market.shelf.listings.values()
    return sorted(
        ((each.shown.client_ref, each.state, each.shown) for each in found),
        key=lambda each: each[0],
    )


async def first_sync(own: Own, at: int, mode: str, *, back: bool) -> tuple[int, Any]:
    """Sync products for the first time while the server stops at step *at*.

    Returns:
        How many steps the run had, and what there is when another run has gone
        on with what it left.
    """
    with own.server.database() as url:
        async with open_world(url) as world:
            await world.save(*(entry(n) for n in range(1, COUNT + 1)))
            outage = Outage(own, at, mode, back)
            try:
                async with outage.watching(world):
                    await world.sync(follow_s=0)
            except* SAID:
                pass
            if outage.steps >= at and not back:
                own.start()
            world.time.pass_(minutes=2)
            await world.sync(follow_s=0)
            await world.sync(follow_s=0)
            left = await look_for_left_over(world)
            return outage.steps, (shown(world), left, world.written())


@pytest.fixture(scope="module")
def undisturbed(own: Own) -> tuple[int, Any]:
    return asyncio.run(first_sync(own, 1_000_000, "fast", back=True))


# Not every step of some fifty, as a restart takes half a second: those that
# follow each other differ in what was stored, sent and answered. Each is tried with
# both modes and with both ways to come back, the pairs in turn.
PAIRS = [("fast", True), ("immediate", False), ("fast", False), ("immediate", True)]
CASES = [
    (share, *pair)
    for n, share in enumerate((0.05, 0.3, 0.45, 0.6, 0.75, 0.95))
    for pair in (PAIRS[:2] if n % 2 else PAIRS[2:])
]


@pytest.mark.parametrize(("share", "mode", "back"), CASES)
async def test_what_was_cut_off_by_the_database_is_gone_on_with(
    own: Own, undisturbed: tuple[int, Any], share: float, mode: str, back: bool
) -> None:
    steps, intact = undisturbed

    struck, end = await first_sync(own, max(1, int(share * steps)), mode, back=back)

    assert struck > 0
    assert [len(shown) for shown in (intact[0], end[0])] == [COUNT, COUNT]
    assert end == intact
