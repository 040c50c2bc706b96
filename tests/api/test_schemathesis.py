"""Schemathesis on the document as it is served: all checks, calls that follow others.

It runs as a program. Its settings and the few exclusions, each with its reason, stand
in `schemathesis.toml`, and what it cannot know in `schemathesis_hooks.py`. The same
examples come in each run; for others, and more of them:

    make test ARGS='-n 0 tests/api/test_schemathesis.py' API_EXAMPLES=200
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api import app
from ocop_sync.api.kept_keys import KeptKeys
from ocop_sync.api.typed import handling
from ocop_sync.api.typed.etag import tags_of
from ocop_sync.api.typed.idempotency import KeptAnswer, KeyUse
from ocop_sync.api.typed.openapi import document
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.tokens import key_id_of
from tests.api.doors import open_door, serve_settings
from tests.api.sample import ABOUT, OPERATIONS, HandTime, sample_app
from tests.api.served import PACE
from tests.world import World, listed

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("API_EXAMPLES", "")
LINKS_FOLLOWED = 12
"""So many of the document's links lead to success at least; nearly twice as many do."""


@dataclass(frozen=True)
class Run:
    """A run of Schemathesis.

    Attributes:
        url: The address of the API.
        document: The address or the file of its document.
        key: The key that is sent.
        folder: What it writes goes here.
        key_id: The visible beginning of that key, if it has one.
    """

    url: str
    document: str
    key: str
    folder: Path
    key_id: str = ""

    async def report(self, examples: int, *more: str) -> str:
        """Return what it reports of *examples* of each operation; "" if all is well.

        *more* are further arguments of the program.
        """
        extent = ["--max-examples", EXAMPLES or str(examples)]
        program = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", str(HERE / "schemathesis.toml"), "--no-color"),
            *("run", self.document, "--url", self.url, "--checks", "all"),
            *("--header", f"Authorization: Bearer {self.key}", "--warnings", "off"),
            *extent,
            *(() if EXAMPLES else ("--seed", "1")),
            *more,
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(HERE), "OCOP_TEST_KEY_ID": self.key_id},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await program.communicate()
        return said.decode() if program.returncode else ""

    @property
    def events(self) -> Path:
        """The file of all that it has done, where it is told to write one."""
        return self.folder / "events.ndjson"

    def links_followed(self) -> set[str]:
        """Return the document's links by which a call was made and answered as it asks.

        Their names are those of operations; others are inferred.
        """
        ids = {each.id for each in app.OPERATIONS}
        found = set()
        for line in self.events.read_text("utf-8").splitlines():
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for case_id, case in recorder.get("cases", {}).items():
                call = recorder["interactions"].get(case_id, {})
                status = (call.get("response") or {}).get("status_code", 0)
                if case["is_transition_applied"] and 200 <= status < 400:
                    link = case["transition"]["id"]
                    found |= (
                        {link} if link.split(" -> ")[1].split()[-1] in ids else set()
                    )
        return found


async def test_the_layer_keeps_what_its_document_says(
    aiohttp_client: AiohttpClient, tmp_path: Path
) -> None:
    client = await aiohttp_client(sample_app(HandTime()))
    file = tmp_path / "openapi.json"
    whole = [each for each in OPERATIONS if each.id != "fail"]
    file.write_text(json.dumps(document(whole, ABOUT)), "utf-8")

    run = Run(str(client.make_url("/")), str(file), "staff", tmp_path)

    report = await run.report(examples=3)
    assert not report, report


UNLIMITED: Final = serve_settings(
    public_figures=True,
    calls_per_minute=10_000_000,
    calls_per_minute_of_an_address=10_000_000,
)
"""Time stands still there: no call would ever be allowed again."""


class ForgetfulKeys(KeptKeys):
    """Keys that are taken as new ones each time.

    Schemathesis sends one key with many requests, and 422 is right for those.
    """

    async def begin(self, use: KeyUse) -> KeptAnswer | None:
        await self.release(use)
        return await super().begin(use)


def any_version(header: str) -> frozenset[str]:
    """Take an `If-Match` that is no tag for "*": nobody would ever guess a version."""
    return tags_of(header) or frozenset("*")


async def test_the_api_keeps_what_its_document_says(
    world: World,
    aiohttp_client: AiohttpClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handling, "tags_of", any_version)
    keys = ForgetfulKeys(world.database, world.time)
    door = await open_door(world, aiohttp_client, UNLIMITED, pace=PACE, keys=keys)
    await listed(world)
    key, url = await door.key(Role.ADMIN), str(door.client.make_url("/"))

    run = Run(url, f"{url}openapi.json", key, tmp_path, key_id=key_id_of(key) or "")

    report = await run.report(2, "--report-ndjson-path", str(run.events))
    assert not report, report
    followed = run.links_followed()
    assert len(followed) >= LINKS_FOLLOWED, sorted(followed)
    assert (await door.bearer(key)).status == 200, "it was let in to the end"
