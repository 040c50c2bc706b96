"""An event loop on which time passes only when nothing else is left to do.

Everybody who sleeps, does so at the same time, as on a real clock, and nobody waits for
real. What is handed to a thread is done at once, on the loop. For code that waits for
nothing else: whoever waits for a socket or a file finds that hours have passed.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class _Skipping(selectors.BaseSelector):
    """Looks without waiting, and moves the clock instead of it."""

    def __init__(self, real: selectors.BaseSelector) -> None:
        self._real = real
        self.now = 0.0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            message = "everybody waits for ever"
            raise RuntimeError(message)
        if timeout <= 0:  # somebody has something to do
            return []
        self.now += timeout
        return self._real.select(0)

    def register(
        self, fileobj: Any, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class FakeLoop(asyncio.SelectorEventLoop):
    """The loop; its time begins at 0."""

    def __init__(self) -> None:
        self._skipping = _Skipping(selectors.DefaultSelector())
        super().__init__(self._skipping)

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._skipping.now

    def run_in_executor(  # type: ignore[override]
        self,
        executor: object,  # noqa: ARG002  (there is none)
        func: Callable[..., Any],
        *args: Any,
    ) -> asyncio.Future[Any]:
        """Do at once what would be done by a thread: no time passes for it."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001  (whoever waits for it is told)
            future.set_exception(error)
        return future


def run_in_fake_time(story: Coroutine[Any, Any, T]) -> T:
    """Run *story* to its end, in no real time."""
    with asyncio.Runner(loop_factory=FakeLoop) as runner:
        return runner.run(story)
