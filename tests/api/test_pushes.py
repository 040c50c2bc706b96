"""Pushes over HTTP: taken quickly, refused without a word, bounded."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ocop_sync.api.app import HERE
from ocop_sync.api.context import PUSHES
from ocop_sync.marketplace.port import Event, EventKind
from ocop_sync.service.evaluate.take_push import MOST_BYTES, PushOutcome
from tests.api.served import Served
from tests.world import entry

PATH = "/push/memory/memory"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def listed(served: Served) -> Served:
    await served.world.save(entry(1))
    await served.world.sync()
    return served


def sent(served: Served, path: str = PATH, **more: Any) -> tuple[Any, bytes]:
    """Return a push that the marketplace has signed for an address of ours."""
    event = Event(
        **{
            "kind": EventKind.BANNED,
            "ref": "M000001",
            "at": served.world.time.now,
            **more,
        }
    )
    return served.world.market.push(f"{HERE}{path}", event)


async def test_a_signed_push_is_taken_without_a_key(listed: Served) -> None:
    headers, body = sent(listed)

    answer = await listed.call("POST", PATH, data=body, headers={**JSON, **headers})
    again = await listed.call("POST", PATH, data=body, headers={**JSON, **headers})

    assert (answer.status, await answer.read()) == (204, b"")
    assert again.status == 204, "who sends it again need not try once more"
    app = listed.client.app
    assert app is not None
    assert app[PUSHES].by_outcome == {PushOutcome.TAKEN: 1, PushOutcome.KNOWN: 1}


async def test_a_query_is_a_part_of_the_signed_address(listed: Served) -> None:
    path = "/push/memory/memory?a=%20b"
    headers, body = sent(listed, path)

    answer = await listed.call("POST", PATH, data=body, headers={**JSON, **headers})

    assert answer.status == 403


async def test_all_refusals_are_alike(listed: Served) -> None:
    headers, body = sent(listed)
    told = []
    for path, given, content in (
        (PATH, {}, body),
        (PATH, headers, body + b" "),
        ("/push/memory/other", headers, body),
        ("/push/other/memory", headers, body),
    ):
        answer = await listed.call(
            "POST", path, data=content, headers={**JSON, **given}
        )
        problem = await answer.json()
        problem.pop("instance", None)
        problem.pop("request_id", None)
        told.append((answer.status, problem))

    assert told[0][0] == 403
    assert told[0][1]["code"] == "push_refused"
    assert [each for each in told if each != told[0]] == []


@pytest.mark.parametrize("path", ["/push/memory/other", "/push/other/memory"])
async def test_a_push_for_no_account_of_ours_is_refused_before_its_body_is_read(
    listed: Served, path: str
) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = await listed.call("POST", path, data=body(), headers=JSON)

    assert answer.status == 403
    assert (await answer.json())["code"] == "push_refused"
    assert answer.headers["Connection"] == "close"
    app = listed.client.app
    assert app is not None
    assert app[PUSHES].by_outcome == {PushOutcome.REFUSED: 1}


async def test_a_push_is_bounded(listed: Served) -> None:
    long = b"x" * (MOST_BYTES + 1)

    large = await listed.call("POST", PATH, data=long, headers=JSON)
    other = await listed.call("POST", PATH, data=b"x", headers={"Content-Type": "a/b"})
    read = await listed.call("GET", PATH)

    assert (large.status, other.status, read.status) == (413, 415, 405)
