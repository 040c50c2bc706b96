"""The API as it is served to tests: over a world, with roles that a test names."""

import asyncio
import json
import pickle
import re
from dataclasses import dataclass, replace
from functools import cache
from time import monotonic
from typing import Any, Final

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from catalog.errors import CatalogError
from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.reason import reason_in
from ocop_sync.api.access.roles import PRODUCER, SIGNED_IN
from ocop_sync.api.app import OPERATIONS, about
from ocop_sync.api.context import InPlace
from ocop_sync.api.typed.body import Pace
from ocop_sync.api.typed.openapi import document
from ocop_sync.api.typed.problem import MEDIA_TYPE, ProblemError
from ocop_sync.api.typed.problems import FORBIDDEN, UNAUTHENTICATED
from ocop_sync.cli.beside_api.frames import Raised, frame_of
from ocop_sync.errors import OcopSyncError
from tests.factories import person
from tests.world import World

Client = TestClient[web.Request, web.Application]


PACE: Final = Pace(seconds=monotonic, sleep=asyncio.sleep)
"""The computer's: that of a world passes at once, before a body comes."""


class ThroughFrames(InPlace):
    """Carries use cases out in place, and sends all there and back as to a process."""

    async def do(self, use_case: Any, *args: Any, **named: Any) -> Any:
        use_case, args, named = _sent((use_case, args, named))
        try:
            return _sent(await super().do(use_case, *args, **named))
        except (OcopSyncError, CatalogError) as error:
            raise _sent(Raised(error)).error() from None


def _sent(value: Any) -> Any:
    head, content = frame_of(value)[:8], frame_of(value)[8:]
    assert int.from_bytes(head) == len(content)
    return pickle.loads(content)  # noqa: S301 (it is ours)


class StandInAccess:
    """Believes every caller: the key of a role is its name.

    "producer" is the person of CS-0001, and "producer:CS-0002" of another producer.
    """

    async def admit(self, request: web.Request, allowed: frozenset[str]) -> Asker:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        role, _, producer = key.partition(":")
        if role not in SIGNED_IN:
            raise ProblemError(UNAUTHENTICATED)
        if role not in allowed:
            raise ProblemError(FORBIDDEN)
        its_own = frozenset({producer or "CS-0001"} if role == PRODUCER else ())
        actor = replace(person(key), reason=reason_in(request))
        return Asker(actor=actor, role=role, producers=its_own)

    async def still_admits(
        self, request: web.Request, allowed: frozenset[str], asker: object
    ) -> bool:
        del request, allowed, asker
        return True

    def let_in(self, request: web.Request, operation_id: str) -> None:
        """Let everybody in."""

    def scope_of(self, asker: object) -> str:
        assert isinstance(asker, Asker)
        return asker.actor.name


@cache
def _operations() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    """Return the method, the address and the answers of each documented operation."""
    return [
        (
            method.upper(),
            re.compile(re.sub(r"\{\w+\}", "[^/]+", path)),
            operation["responses"],
        )
        for path, methods in document(OPERATIONS, about())["paths"].items()
        for method, operation in methods.items()
    ]


async def ensure_documented(answer: ClientResponse) -> None:
    """See to it that the document names the answer's status, and its code."""
    asked = answer.method.replace("HEAD", "GET")
    for method, address, answers in _operations():
        if method == asked and address.fullmatch(answer.url.raw_path):
            assert str(answer.status) in answers, (answer.url, answer.status)
            if answer.content_type == MEDIA_TYPE and answer.method != "HEAD":
                problem = await answer.json()
                code = problem["code"]
                told = json.dumps(problem, ensure_ascii=False)
                assert "ocop-sync " not in told, (answer.url, told)
                described = answers[str(answer.status)]["description"]
                assert f"`{code}`" in described, (answer.url, code)


@dataclass(repr=False)
class Served:
    """A world, and the API over it.

    Attributes:
        world: What the API shows and changes.
        client: Makes calls.
    """

    world: World
    client: Client

    async def call(
        self, method: str, path: str, role: str = "", **more: Any
    ) -> ClientResponse:
        """Make a call as somebody of *role*; without one, as nobody."""
        headers = {**more.pop("headers", {})}
        if role:
            headers["Authorization"] = f"Bearer {role}"
        answer = await self.client.request(method, path, headers=headers, **more)
        await ensure_documented(answer)
        return answer

    async def get(self, path: str, role: str = "", **more: Any) -> Any:
        """Return the JSON of an answer that is 200."""
        answer = await self.call("GET", path, role, **more)
        assert answer.status == 200, await answer.text()
        return await answer.json()
