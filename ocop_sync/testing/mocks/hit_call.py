"""One call that a fault hits, and the parts of its mock that the fault can reach."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from aiohttp import web

from ocop_sync.testing.mocks.call_log import APPLIED, CallLog
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.fault_rule import Rule
from ocop_sync.testing.mocks.lag import Lag
from ocop_sync.testing.mocks.staff_actions import Act

Proceed = Callable[[], Awaitable[web.StreamResponse]]
"""Carries a call out."""


class Later:
    """Calls that are carried out, and logged, later by the mock's clock."""

    def __init__(self, clock: MockClock, log: CallLog) -> None:
        self._clock = clock
        self._log = log
        self._due: list[tuple[datetime, int, web.Request, Proceed]] = []
        self._count = 0

    def put_off(self, seconds: float, request: web.Request, proceed: Proceed) -> None:
        """Carry a call out *seconds* from now."""
        self._count += 1
        due = self._clock() + timedelta(seconds=seconds)
        heappush(self._due, (due, self._count, request, proceed))

    async def settle(self) -> None:
        """Carry out the calls that are due, the earliest first.

        Nobody hears the answers.
        """
        while self._due and self._due[0][0] <= self._clock():
            _, _, request, proceed = heappop(self._due)
            request[APPLIED] = []
            response = await proceed()
            self._log.add(request, response.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class MockParts:
    """The parts of a mock that a fault can reach.

    Attributes:
        clock: Its clock.
        acts: The acts of its people, by name.
        rows: Its listings as they are kept, by the identifiers in the log.
        lag: The rows that readers see late.
        later: The calls that are carried out late.
    """

    clock: MockClock
    acts: Mapping[str, Act]
    rows: Mapping[str, Any]
    lag: Lag
    later: Later


@dataclass(frozen=True, slots=True, kw_only=True)
class HitCall:
    """One call that is hit.

    Attributes:
        rule: The rule that hits it, with its parameters.
        request: The call; its body is read already.
        proceed: Carries it out, or plays the next fault around that.
        chance: Draws all made-up values.
        mock: The parts of the mock that can be reached.
    """

    rule: Rule
    request: web.Request
    proceed: Proceed
    chance: random.Random
    mock: MockParts
