"""Which calls of a mock are hit by a fault, and the log of each.

On a mock of two calls, whose state is the written text. Adapters under each fault are
tested in `tests/adapters/test_nastiness.py`.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ocop_sync.testing.mocks.app_factory import assemble
from ocop_sync.testing.mocks.call_log import note_applied
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.lag import Lag
from ocop_sync.testing.mocks.pushes import Pushes
from ocop_sync.testing.mocks.staff import Staff
from ocop_sync.testing.mocks.state_file import StateFile

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class People:
    """Staff of the mock: they can do one thing."""

    def __init__(self, rows: dict[str, Any]) -> None:
        self.rows = rows

    def ban(self, ref: str, reason: str) -> None:
        """Forbid a row."""
        self.rows[ref] = {"value": reason}


class Bench:
    """A mock that is served, with its state."""

    def __init__(self) -> None:
        self.clock = MockClock(source=lambda: NOW)
        self.rows: dict[str, Any] = {}
        self.lag = Lag(self.clock)
        self.server: Any
        self.session: aiohttp.ClientSession

    async def put(self, request: web.Request) -> web.Response:
        """Keep a value; it adds up, so that doing it twice shows."""
        key, value = request.match_info["key"], json.loads(await request.read())
        old = self.rows.get(key, {"value": 0})["value"]
        self.rows[key] = {"value": old + value}
        note_applied(request, key)
        return web.json_response({"at": self.clock().isoformat()})

    async def get(self, request: web.Request) -> web.Response:
        """Show a value."""
        key = request.match_info["key"]
        return web.json_response(self.lag.seen(key, self.rows.get(key, {})))

    def app(self) -> web.Application:
        """Return the mock."""
        return assemble(
            routes=[
                web.post("/v1/rows/{key}", self.put, name="put"),
                web.get("/v1/rows/{key}", self.get, name="get"),
            ],
            staff=cast("Staff", People(self.rows)),
            clock=self.clock,
            file=StateFile(None),
            writes=["put"],
            rows=self.rows,
            lag=self.lag,
            actions={},
            pushes=Pushes(lambda *_: (b"", {})),
        )

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the answer's JSON, or "cut"."""
        url = self.server.make_url(path)
        try:
            async with self.session.request(method, url, json=body) as response:
                return json.loads(await response.read())
        except aiohttp.ClientError:
            return "cut"
        except ValueError:
            return "no JSON"

    async def fault(self, **rule: Any) -> Any:
        """Let a fault wait."""
        return await self.ask("POST", "/_mock/faults", rule)

    async def log(self) -> list[tuple[str, list[str], bool, str]]:
        """Return operation, applied, answered and fault of each call."""
        calls = (await self.ask("GET", "/_mock/log"))["calls"]
        names = ("operation", "applied", "answered", "fault")
        return [tuple(call[name] for name in names) for call in calls]


@asynccontextmanager
async def opened() -> AsyncIterator[Bench]:
    bench = Bench()
    async with TestServer(bench.app()) as server, aiohttp.ClientSession() as session:
        bench.server, bench.session = server, session
        yield bench


@pytest.mark.parametrize(
    ("operation", "hit"),
    [
        ("put", True),
        ("*", True),
        ("p*", True),
        ("POST /v1/rows/*", True),
        ("POST /v1/rows/b", False),
        ("GET /v1/*", False),
        ("get", False),
    ],
)
async def test_a_fault_hits_an_operation_or_a_method_and_a_path(
    operation: str, hit: bool
) -> None:
    async with opened() as bench:
        await bench.fault(operation=operation, fault="drop")

        answer = await bench.ask("POST", "/v1/rows/a", 1)

        assert (answer == "cut") is hit


async def test_faults_wait_for_their_turn_and_end() -> None:
    async with opened() as bench:
        await bench.fault(operation="put", fault="drop", count=2, skip=1)
        await bench.fault(operation="put", fault="error", count=1)

        faults = []
        for _ in range(5):
            await bench.ask("POST", "/v1/rows/a", 1)
        faults = [fault for _, _, _, fault in await bench.log()]

        assert faults == ["error", "drop", "drop", "", ""]
        assert (await bench.ask("GET", "/_mock/faults"))["waiting"] == []


async def test_chance_is_the_same_for_the_same_seed() -> None:
    patterns = []
    for seed in (1, 1, 2):
        async with opened() as bench:
            await bench.fault(fault="error", count=None, probability=0.5, seed=seed)
            for _ in range(40):
                await bench.ask("GET", "/v1/rows/a")
            patterns.append([fault for _, _, _, fault in await bench.log()])

    assert patterns[0] == patterns[1] != patterns[2]
    assert 5 < patterns[0].count("error") < 35


async def test_what_waits_is_shown_and_can_be_taken_back() -> None:
    async with opened() as bench:
        first = await bench.fault(operation="put", fault="drop", count=None)
        await bench.fault(operation="get", fault="error")
        await bench.ask("POST", "/v1/rows/a", 1)

        shown = (await bench.ask("GET", "/_mock/faults"))["waiting"]
        await bench.ask("DELETE", f"/_mock/faults/{first['id']}")
        after_one = (await bench.ask("GET", "/_mock/faults"))["waiting"]
        await bench.ask("DELETE", "/_mock/faults")

        assert [(each["fault"], each["hits"]) for each in shown] == [
            ("drop", 1),
            ("error", 0),
        ]
        assert [each["fault"] for each in after_one] == ["error"]
        assert (await bench.ask("GET", "/_mock/faults"))["waiting"] == []


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "magic"},
        {"fault": "drop+magic"},
        {"fault": "drop", "count": 0},
        {"fault": "drop", "probability": 0},
        {"fault": "drop", "often": True},
        {"fault": "act_after", "act": {"act": "magic"}},
        {"fault": "act_after", "act": {"ref": "a"}},
        {},
    ],
)
async def test_a_senseless_rule_is_refused(rule: dict[str, Any]) -> None:
    async with opened() as bench:
        answer = await bench.fault(**rule)

        assert "error" in answer
        assert (await bench.ask("GET", "/_mock/faults"))["waiting"] == []


@pytest.mark.parametrize(
    ("fault", "value", "applied", "answered"),
    [
        ("drop", 0, [], False),
        ("lose_answer", 1, ["a"], False),
        ("error", 0, [], True),
        ("error_after", 1, ["a"], False),
        ("redirect", 0, [], True),
        ("twice", 2, ["a", "a"], True),
        ("twice+lose_answer", 2, ["a", "a"], False),
        ("slow", 1, ["a"], True),
        ("garbage", 1, ["a"], False),
        ("cut_body", 1, ["a"], False),
        ("not_http", 1, ["a"], False),
        ("wrong_type", 1, ["a"], True),
        ("unknown_field", 1, ["a"], True),
        ("wrong_values", 1, ["a"], False),
    ],
)
async def test_the_log_says_what_was_really_applied_and_answered(
    fault: str, value: int, applied: list[str], answered: bool
) -> None:
    async with opened() as bench:
        await bench.fault(operation="put", fault=fault, seconds=0)

        await bench.ask("POST", "/v1/rows/a", 1)

        assert bench.rows.get("a", {"value": 0})["value"] == value
        assert await bench.log() == [("put", applied, answered, fault)]


async def test_what_is_late_is_carried_out_by_the_mocks_clock() -> None:
    async with opened() as bench:
        await bench.fault(operation="put", fault="late", seconds=60)
        answer = await bench.ask("POST", "/v1/rows/a", 1)
        bench.clock.advance(59)
        before = await bench.ask("GET", "/v1/rows/a")
        bench.clock.advance(1)

        after = await bench.ask("GET", "/v1/rows/a")

        assert (answer, before, after) == ("cut", {}, {"value": 1})
        assert (await bench.log())[2] == ("put", ["a"], False, "late")


async def test_what_is_stale_shows_later_and_may_be_lost_as_well() -> None:
    async with opened() as bench:
        await bench.ask("POST", "/v1/rows/a", 1)
        await bench.fault(operation="put", fault="stale+lose_answer", seconds=60)
        answer = await bench.ask("POST", "/v1/rows/a", 5)
        await bench.ask("POST", "/v1/rows/b", 7)

        before = [await bench.ask("GET", f"/v1/rows/{key}") for key in "ab"]
        bench.clock.advance(60)
        after = [await bench.ask("GET", f"/v1/rows/{key}") for key in "ab"]

        assert answer == "cut"
        assert before == [{"value": 1}, {"value": 7}]
        assert after == [{"value": 6}, {"value": 7}]


async def test_a_clock_is_off_for_one_call() -> None:
    async with opened() as bench:
        await bench.fault(operation="put", fault="skew", seconds=600)

        off = await bench.ask("POST", "/v1/rows/a", 1)
        right = await bench.ask("POST", "/v1/rows/a", 1)

        assert off["at"] == "2026-11-24T00:10:00+00:00"
        assert right["at"] == "2026-11-24T00:00:00+00:00"


async def test_people_act_before_or_after_a_call() -> None:
    async with opened() as bench:
        ban = {"act": "ban", "ref": "$applied", "reason": "cấm"}
        await bench.fault(operation="put", fault="act_after", act=ban)
        other = {"act": "ban", "ref": "b", "reason": "khác"}
        await bench.fault(operation="get", fault="act_before", act=other)

        await bench.ask("POST", "/v1/rows/a", 1)

        assert await bench.ask("GET", "/v1/rows/a") == {"value": "cấm"}
        assert await bench.ask("GET", "/v1/rows/b") == {"value": "khác"}


async def test_pages_under_mock_are_never_hit() -> None:
    async with opened() as bench:
        await bench.fault(fault="drop", count=None)

        assert (await bench.ask("GET", "/_mock/clock"))["now"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        pytest.param(413, "Request Entity Too Large", id="changed in Python 3.13"),
        pytest.param(422, "Unprocessable Entity", id="changed there, too"),
        pytest.param(418, "", id="known to Python, not said by any mock"),
        pytest.param(599, "", id="known to nobody"),
    ],
)
async def test_the_words_beside_a_status_are_the_mocks_own(
    status: int, words: str
) -> None:
    async with opened() as bench:
        await bench.fault(fault="error", status=status)
        url = bench.server.make_url("/v1/rows/a")
        async with bench.session.get(url) as response:
            said = (response.status, response.reason)

    assert said == (status, words)
