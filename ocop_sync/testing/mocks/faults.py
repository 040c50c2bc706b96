"""Play faults on chosen calls of a mock.

Four faults need no knowledge of the API: `lose_answer` (the call is carried
out, then the connection is cut), `garbage` (carried out, then answered with
what is no JSON), `status_500` (refused before anything is done) and `slow`
(answered late). A mock adds its own, such as `rate_limited`, as ready answers
given before anything is done.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ocop_sync.testing.mocks.calllog import FAULT

Answer = Callable[[], web.Response]
"""Makes the answer that is given instead of carrying out a call."""

ANY = "*"
"""Stands for every operation."""


def status_500() -> web.Response:
    """Return the answer of a server that has failed."""
    return web.Response(status=500, text="Lỗi hệ thống (mô phỏng)")


@dataclass(slots=True)
class Fault:
    """What to do to the next calls.

    Attributes:
        operation: Name of a route, or "*".
        fault: Name of the fault.
        count: How many calls are still to be hit.
        seconds: How late `slow` answers.
    """

    operation: str
    fault: str
    count: int = 1
    seconds: float = 1.0


class Faults:
    """The faults that wait for their calls.

    Args:
        answers: The mock's own faults by name.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = {"status_500": status_500, **answers}
        self._waiting: list[Fault] = []

    @property
    def names(self) -> frozenset[str]:
        """Every fault that can be played."""
        return frozenset({"lose_answer", "garbage", "slow", *self._answers})

    def add(self, fault: Fault) -> None:
        """Let *fault* wait for its calls, behind those that wait already.

        Raises:
            ValueError: There is no such fault, or nothing for it to hit.
        """
        if fault.fault not in self.names or fault.count < 1 or fault.seconds < 0:
            message = f"a fault is one of {sorted(self.names)}, its count 1 or more"
            raise ValueError(message)
        self._waiting.append(fault)

    def clear(self) -> None:
        """Forget the faults that still wait."""
        self._waiting.clear()

    def take(self, operation: str) -> Fault | None:
        """Return the fault that hits this call of *operation*, used up by one."""
        for fault in self._waiting:
            if fault.operation in (operation, ANY):
                fault.count -= 1
                if fault.count == 0:
                    self._waiting.remove(fault)
                return fault
        return None

    def middleware(self) -> Middleware:
        """Return the middleware that plays what waits."""

        @web.middleware
        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            fault = self._waiting and self.take(request.match_info.route.name or "")
            if not fault:
                return await handler(request)
            request[FAULT] = fault.fault
            return await self._play(fault, request, handler)

        return play

    async def _play(
        self, fault: Fault, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if answer := self._answers.get(fault.fault):
            return answer()
        if fault.fault == "slow":
            await asyncio.sleep(fault.seconds)
        response = await handler(request)
        if fault.fault == "garbage":
            return web.Response(body=b'{"cut short', content_type="application/json")
        if fault.fault == "lose_answer" and request.transport is not None:
            request.transport.abort()
        return response
