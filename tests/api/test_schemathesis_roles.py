"""Schemathesis as those who are no admins: each operation by the least who may.

One example each, in one run. What a role may not is refused before anything is read,
which `test_roles.py` tries; `test_schemathesis.py` has an admin, more examples, calls
that follow others, and the reason of each exclusion.
"""

from pathlib import Path
from typing import Final

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.access.asker import Asker
from ocop_sync.api.access.roles import OPERATOR, PRODUCER, VIEWER
from ocop_sync.api.app import OPERATIONS, make_app
from ocop_sync.api.typed import handling
from tests.api.served import PACE, StandInAccess
from tests.api.test_schemathesis import ForgetfulKeys, Run, any_version
from tests.factories import person
from tests.world import World, listed

pytestmark = pytest.mark.slow

LEAST_FIRST: Final = (PRODUCER, VIEWER, OPERATOR)


class LeastAccess(StandInAccess):
    """Takes every caller who shows a key for the least who may."""

    async def admit(self, request: web.Request, allowed: frozenset[str]) -> Asker:
        await super().admit(request, allowed | set(LEAST_FIRST))
        role = next(each for each in LEAST_FIRST if each in allowed)
        its_own = frozenset({"CS-0001"} if role == PRODUCER else ())
        return Asker(actor=person(role), role=role, producers=its_own)


async def test_the_api_keeps_what_its_document_says_to_those_who_are_no_admins(
    world: World,
    aiohttp_client: AiohttpClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handling, "tags_of", any_version)
    await listed(world)
    keys = ForgetfulKeys(world.database, world.time)
    app = make_app(world.deployment, LeastAccess(), pace=PACE, keys=keys)
    url = str((await aiohttp_client(app)).make_url("/"))
    run = Run(url, f"{url}openapi.json", OPERATOR, tmp_path)
    theirs = [e.id for e in OPERATIONS if e.allowed & set(LEAST_FIRST)]

    report = await run.report(
        1, "--phases", "fuzzing", *(f"--include-operation-id={e}" for e in theirs)
    )

    assert not report, report
