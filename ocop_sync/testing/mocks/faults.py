"""Choose which calls of a mock go wrong, and how.

A rule names calls (an operation, or a method and a path, with "*" for any letters),
their faults, and how often they are hit: the next so many, each with a probability from
a seed, after so many were spared. Several faults at once are joined by "+", the
outermost first: "stale+lose_answer" is applied, not shown yet, and not answered.

The effect of each fault is decided in `fault_actions`; a mock adds its own.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ocop_sync.testing.mocks.call_log import FAULT
from ocop_sync.testing.mocks.chance import seeded
from ocop_sync.testing.mocks.fault_actions import FAULT_ACTIONS, FaultAction
from ocop_sync.testing.mocks.fault_rule import Rule
from ocop_sync.testing.mocks.hit_call import HitCall, MockParts, Proceed


@dataclass
class _Waiting:
    """A rule with its remaining hits."""

    rule: Rule
    number: int
    hits: int = 0
    spared: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = seeded(self.rule.seed, self.rule.operation, self.rule.fault)

    def wants(self, operation: str, call: str) -> bool:
        """Say whether this call is hit, and count it."""
        pattern = self.rule.operation
        if not (fnmatchcase(operation, pattern) or fnmatchcase(call, pattern)):
            return False
        if self.spared < self.rule.skip:
            self.spared += 1
            return False
        if self.chance.random() >= self.rule.probability:
            return False
        self.hits += 1
        return True

    @property
    def is_over(self) -> bool:
        return self.rule.count is not None and self.hits >= self.rule.count

    def shown(self) -> Mapping[str, Any]:
        return {"id": self.number, "hits": self.hits, **self.rule.model_dump()}


class Faults:
    """The faults that wait for their calls: every mock's, and its own *actions*."""

    def __init__(self, mock: MockParts, actions: Mapping[str, FaultAction]) -> None:
        self._mock = mock
        self._actions = {**FAULT_ACTIONS, **actions}
        self._waiting: list[_Waiting] = []
        self._numbers = 0

    @property
    def about(self) -> Mapping[str, str]:
        """The effect of each fault, by its name."""
        return {
            name: (play.__doc__ or "").partition("\n")[0]
            for name, play in sorted(self._actions.items())
        }

    @property
    def waiting(self) -> list[Mapping[str, Any]]:
        """The rules that still wait, with their numbers and hits."""
        return [each.shown() for each in self._waiting]

    def add(self, rule: Rule) -> int:
        """Let *rule* wait behind those that wait already; return its number.

        Raises:
            ValueError: There is no such fault or act.
        """
        names = rule.fault.split("+")
        if unknown := sorted(set(names) - self._actions.keys()):
            message = f"no such fault: {unknown}; there are {sorted(self._actions)}"
            raise ValueError(message)
        if rule.act and rule.act.get("act") not in self._mock.acts:
            message = f"no such act; there are {sorted(self._mock.acts)}"
            raise ValueError(message)
        self._numbers += 1
        self._waiting.append(_Waiting(rule, self._numbers))
        return self._numbers

    def remove(self, number: int) -> None:
        """Take the rule *number* back; harmless if it is over."""
        self._waiting = [each for each in self._waiting if each.number != number]

    def clear(self) -> None:
        """Take every rule back. Delayed calls stay delayed."""
        self._waiting.clear()

    def take(self, operation: str, call: str) -> tuple[Rule, random.Random] | None:
        """Return the first rule that hits this call, and its chance."""
        for each in self._waiting:
            if each.wants(operation, call):
                if each.is_over:
                    self._waiting.remove(each)
                return each.rule, each.chance
        return None

    def middleware(self) -> Middleware:
        """Return the middleware that plays the waiting faults."""

        @web.middleware
        async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
            await self._mock.later.settle()
            operation = request.match_info.route.name or ""
            taken = self._waiting and self.take(
                operation, f"{request.method} {request.path}"
            )
            if not taken:
                return await handler(request)
            rule, chance = taken
            request[FAULT] = rule.fault
            await request.read()
            return await self._play(rule, chance, request, handler)

        return play

    async def _play(
        self, rule: Rule, chance: random.Random, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        proceed: Proceed = partial(handler, request)
        for name in reversed(rule.fault.split("+")):
            hit = HitCall(
                rule=rule,
                request=request,
                proceed=proceed,
                chance=chance,
                mock=self._mock,
            )
            proceed = partial(self._actions[name], hit)
        return await proceed()


FAULTS = web.AppKey("faults", Faults)
"""Where an application keeps them."""
