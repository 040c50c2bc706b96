"""Runs followed over the API, as server-sent events, for as long as one may."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import ClientResponse
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.api.context import STREAMS
from ocop_sync.api.typed import event_stream
from ocop_sync.api.typed.body import Pace
from ocop_sync.api.typed.event_stream import Streams
from ocop_sync.calls.stop import Stop
from ocop_sync.requested_runs import RequestedRuns
from ocop_sync.service.identity import keys, people
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import (
    end_sessions,
    sessions_of,
    sign_in,
)
from ocop_sync.service.requests.follow import RunNews
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.worker import Wake
from tests.api.doors import serve_settings
from tests.api.served import Client, Served, StandInAccess
from tests.identity import BOSS, PASSWORD, quick_passwords
from tests.world import World, entry

RUNS = "/api/v1/runs"
PATIENCE_S = 60


@dataclass
class Ticks:
    """The time of those who serve streams: it passes when a test says so."""

    now: float = 0.0
    news: RunNews = field(default_factory=RunNews)

    def seconds(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        del seconds
        await asyncio.get_running_loop().create_future()

    def pass_(self, seconds: float) -> None:
        """Have time pass, and whoever follows look again."""
        self.now += seconds
        self.news.tell()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def stop() -> Stop:
    return Stop()


def app_of(world: World, ticks: Ticks, stop: Stop, access: Any, **more: Any) -> Any:
    deployment = replace(world.deployment, sleep=ticks.sleep, stop=stop)
    pace = Pace(seconds=ticks.seconds, sleep=asyncio.sleep)
    return make_app(deployment, access, pace=pace, run_news=ticks.news, **more)


@pytest.fixture
async def served(
    world: World, ticks: Ticks, stop: Stop, aiohttp_client: AiohttpClient
) -> Served:
    client = await aiohttp_client(app_of(world, ticks, stop, StandInAccess()))
    return Served(world, client)


async def started(served: Served) -> str:
    answer = await served.call("POST", RUNS, "operator", json={"kind": "sync"})
    run: str = (await answer.json())["run"]
    return run


async def work(world: World) -> None:
    await RequestedRuns(AtWork(deployment=world.deployment), Wake()).look()


@asynccontextmanager
async def followed(
    client: Client, run: str, key: str = "operator", **headers: str
) -> AsyncIterator[ClientResponse]:
    headers = {"Authorization": f"Bearer {key}", **headers}
    async with (
        asyncio.timeout(PATIENCE_S),
        client.get(f"{RUNS}/{run}/events", headers=headers) as answer,
    ):
        yield answer


async def next_event(answer: ClientResponse) -> dict[str, str]:
    """Return the fields of the next event, or the comment under ""."""
    fields: dict[str, str] = {}
    while line := (await answer.content.readline()).decode().rstrip("\n"):
        name, _, value = line.partition(":")
        fields[name] = value.strip()
    return fields


async def rest_of(answer: ClientResponse) -> list[dict[str, str]]:
    found = []
    while fields := await next_event(answer):
        found.append(fields)
    return found


async def test_a_run_is_followed_as_server_sent_events_to_its_end(
    served: Served, ticks: Ticks
) -> None:
    await served.world.save(entry(1))
    run = await started(served)

    async with followed(served.client, run) as answer:
        first, waiting = await next_event(answer), await next_event(answer)
        await work(served.world)
        ticks.news.tell()
        rest = await rest_of(answer)

    assert answer.status == 200
    assert answer.content_type == "text/event-stream"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert "no-transform" in answer.headers["Cache-Control"]
    assert first == {"retry": "3000"}
    assert json.loads(waiting["data"])["state"] == "waiting"
    names = [each["event"] for each in rest]
    assert (names[0], names[-2:]) == ("begun", ["ended", "end"])
    assert json.loads(rest[-1]["data"])["outcome"] == "done"
    progress = next(e for e in rest if e["event"] == "progress")
    told = json.loads(progress["data"])["progress"]
    assert {"sent", "failed", "left", "changes", "calls", "retries"} <= told.keys()
    assert {"listing", "seller"} & {each["facet"] for each in told["facets"]}
    assert sum(each["sent"] for each in told["facets"]) == told["sent"]


async def test_who_comes_back_goes_on_behind_the_last_event(
    served: Served,
) -> None:
    await served.world.save(entry(1))
    run = await started(served)
    await work(served.world)
    async with followed(served.client, run) as answer:
        whole = await rest_of(answer)
    numbered = [each for each in whole if "id" in each]

    last = {"Last-Event-ID": numbered[0]["id"]}
    async with followed(served.client, run, **last) as answer:
        rest = await rest_of(answer)

    assert [e["data"] for e in rest if "id" in e][:-1] == [
        e["data"] for e in numbered[1:-1]
    ]


async def test_a_comment_keeps_a_quiet_stream_alive(
    served: Served, ticks: Ticks
) -> None:
    run = await started(served)

    async with followed(served.client, run) as answer:
        await next_event(answer), await next_event(answer)
        ticks.pass_(event_stream.KEEP_ALIVE_S)
        comment = await next_event(answer)

    assert comment == {"": "keep-alive"}


async def test_a_stop_of_the_service_ends_a_stream_in_order(
    served: Served, stop: Stop
) -> None:
    run = await started(served)

    async with followed(served.client, run) as answer:
        await next_event(answer), await next_event(answer)
        stop.ask("kiểm thử")
        rest = await rest_of(answer)

    assert rest == []


async def test_a_run_that_there_is_not_is_not_found_and_a_head_has_no_stream(
    served: Served,
) -> None:
    run = await started(served)

    missing = await served.call("GET", f"{RUNS}/{'0' * 16}/events", "operator")
    head = await served.call("HEAD", f"{RUNS}/{run}/events", "operator")

    assert missing.status == 404
    assert (head.status, head.content_type) == (200, "text/event-stream")


async def test_of_one_caller_so_many_streams_go_on_and_of_all_so_many(
    served: Served,
) -> None:
    run = await started(served)
    assert served.client.app is not None
    streams = served.client.app[STREAMS]

    async with (
        followed(served.client, run) as first,
        followed(served.client, run, "admin") as other,
    ):
        await next_event(first), await next_event(other)
        streams._most_of_one = 1
        crowd = await served.call("GET", f"{RUNS}/{run}/events", "operator")
        streams._most, streams._most_of_one = 2, 6
        full = await served.call("GET", f"{RUNS}/{run}/events", "operator")

    assert [crowd.status, full.status] == [429, 429]
    assert crowd.headers["Retry-After"] == "30"


async def test_a_place_is_given_back_when_its_caller_goes(
    served: Served, ticks: Ticks
) -> None:
    run = await started(served)
    assert served.client.app is not None
    streams: Streams = served.client.app[STREAMS]

    async with followed(served.client, run) as answer:
        await next_event(answer)
        went_on = streams.count
        answer.close()
    async with asyncio.timeout(PATIENCE_S):
        while streams.count:
            ticks.news.tell()
            await asyncio.sleep(0)

    assert went_on == 1


async def with_real_access(
    world: World, ticks: Ticks, stop: Stop, aiohttp_client: AiohttpClient
) -> tuple[Client, Identity]:
    """Return the service with keys and sessions, and where they are."""
    await world.save(entry(1))
    identity = Identity(
        database=world.database, clock=world.time, passwords=quick_passwords()
    )
    entrances = entrances_of(
        identity, serve_settings(), seconds=ticks.seconds, sleep=ticks.sleep
    )
    app = app_of(world, ticks, stop, entrances.access, identity=identity)
    return await aiohttp_client(app), identity


async def begun(client: Client, key: str) -> str:
    headers = {"Authorization": f"Bearer {key}"}
    body = {"kind": "sync"}
    async with client.post(RUNS, json=body, headers=headers) as answer:
        run: str = (await answer.json())["run"]
        return run


async def test_a_revoked_key_ends_its_stream_within_seconds(
    world: World, ticks: Ticks, stop: Stop, aiohttp_client: AiohttpClient
) -> None:
    client, office = await with_real_access(world, ticks, stop, aiohttp_client)
    made = await keys.make_key(office, name="Bảng", role=Role.OPERATOR, by=BOSS)
    run = await begun(client, made.secret)

    async with followed(client, run, made.secret) as answer:
        await next_event(answer), await next_event(answer)
        await keys.revoke_key(office, made.secret.rpartition("_")[0], by=BOSS)
        ticks.pass_(event_stream.BELIEVED_S)
        rest = await rest_of(answer)

    assert rest == []
    assert event_stream.BELIEVED_S <= 5


@pytest.mark.parametrize("how", ["ended", "disabled", "over"])
async def test_a_session_that_ends_or_a_person_switched_off_ends_the_stream(
    world: World,
    ticks: Ticks,
    stop: Stop,
    aiohttp_client: AiohttpClient,
    how: str,
) -> None:
    client, office = await with_real_access(world, ticks, stop, aiohttp_client)
    added = await people.add_person(
        office, name="Lê B", role=Role.ADMIN, password=PASSWORD, by=BOSS
    )
    opened = await sign_in(office, name="Lê B", password=PASSWORD, device="", origin="")
    assert opened is not None
    run = await begun(client, opened.token)

    async with followed(client, run, opened.token) as answer:
        await next_event(answer), await next_event(answer)
        ticks.pass_(event_stream.BELIEVED_S)  # still believed
        if how == "ended":
            await end_sessions(office, added.id, by=BOSS)
        elif how == "disabled":
            await people.disable_person(office, added.id, by=BOSS)
        else:
            world.time.pass_(hours=12)
        ticks.pass_(event_stream.BELIEVED_S)
        rest = await rest_of(answer)

    assert rest == []


async def test_an_open_stream_is_no_use_that_keeps_a_session_alive(
    world: World, ticks: Ticks, stop: Stop, aiohttp_client: AiohttpClient
) -> None:
    client, office = await with_real_access(world, ticks, stop, aiohttp_client)
    added = await people.add_person(
        office, name="Lê B", role=Role.ADMIN, password=PASSWORD, by=BOSS
    )
    opened = await sign_in(office, name="Lê B", password=PASSWORD, device="", origin="")
    assert opened is not None
    run = await begun(client, opened.token)

    async with followed(client, run, opened.token) as answer:
        await next_event(answer), await next_event(answer)
        await office.last_use.finished()
        world.time.pass_(hours=2)
        ticks.pass_(event_stream.KEEP_ALIVE_S)
        comment = await next_event(answer)
        await office.last_use.finished()

    (session,) = await sessions_of(office, added.id)
    assert comment == {"": "keep-alive"}
    assert session.row.used_at == session.row.began_at
