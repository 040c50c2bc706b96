"""Let the process die at one chosen step of a run, as a power cut does."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from tests.world import World

P = ParamSpec("P")
T = TypeVar("T")

CALLS = (
    "page",
    "read",
    "find",
    "follow",
    "create",
    "update",
    "set_price",
    "set_stock",
    "set_stars",
    "withdraw",
    "republish",
    "put_sellers",
    "stop_sellers",
)


class PowerCutError(BaseException):
    """The process is gone; nothing after it runs."""


class Death:
    """Strikes before or after a transaction or a call, and then for good.

    Args:
        at: The step, from 1: each transaction that writes and each call to a
            marketplace is two, one before it and one after.

    Attributes:
        struck: Whether the run came that far.
    """

    def __init__(self, at: int) -> None:
        self.struck = False
        self._left = at

    @contextmanager
    def watching(self, world: World) -> Iterator[None]:
        """Count the steps of *world* until the block ends."""
        acts: list[tuple[Any, str]] = [(world.database, "write")]
        acts += [(market, name) for market in world.markets.values() for name in CALLS]
        for owner, name in acts:
            setattr(owner, name, self._between(getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name in acts:
                delattr(owner, name)

    def _between(self, act: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        async def watched(*args: P.args, **kwargs: P.kwargs) -> T:
            self._step()
            result = await act(*args, **kwargs)
            self._step()
            return result

        return watched

    def _step(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.struck = True
            raise PowerCutError


async def dies(world: World, at: int) -> bool:
    """Sync until death comes at step *at*; return whether the run had that many."""
    death = Death(at)
    try:
        with death.watching(world):
            await world.sync(follow_s=0)
    except* PowerCutError:
        pass
    return death.struck
