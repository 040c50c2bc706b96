"""Schedules over the API, for admins; what they do is tested with the use cases."""

from typing import Any

import pytest

from ocop_sync.service.identity.role import Role
from ocop_sync.service.schedules import works
from tests.acts import acts_of
from tests.api.doors import Door
from tests.api.served import Served

NIGHTLY: Any = {"name": "dem", "kind": "reconcile", "cron": "30 2 * * mon-sat"}


async def add(served: Served, **differences: Any) -> Any:
    """Add a schedule; return the answer's status and its JSON."""
    answer = await served.call(
        "POST",
        "/api/v1/schedules",
        "admin",
        json=NIGHTLY | differences,
        headers={"Idempotency-Key": f"khoa-{differences.get('name', 'dem')}-0001"},
    )
    return answer.status, await answer.json()


async def test_a_schedule_is_added_and_shown_with_its_next_runs(served: Served) -> None:
    status, added = await add(served)

    listed = await served.get("/api/v1/schedules", "admin")
    assert status == 201
    assert added["next"] == [
        "2024-03-01T19:30:00Z",
        "2024-03-03T19:30:00Z",
        "2024-03-04T19:30:00Z",
    ]
    assert listed == {"time_zone": "Asia/Ho_Chi_Minh", "schedules": [added]}
    assert await served.get("/api/v1/schedules/dem", "admin") == added
    ((kind, _, refs),) = await acts_of(served.world.database)
    assert (kind, refs) == ("add_schedule", {"schedule": "dem"})


async def test_it_says_when_a_schedule_would_run_before_it_is_added(
    served: Served,
) -> None:
    told = await served.get("/api/v1/schedule-times?every_s=21600", "admin")

    assert told["next"][:2] == ["2024-03-01T11:00:00Z", "2024-03-01T17:00:00Z"]
    assert (await served.get("/api/v1/schedules", "admin"))["schedules"] == []


@pytest.mark.parametrize(
    ("query", "pointer", "said"),
    [
        ("cron=0+2+*+*+1", "/cron", "Sunday to some programs"),
        ("cron=0+25+*+*+*", "/cron", "hour 0-23"),
        ("cron=0+2+*+*+*&every_s=60", "", "one of the two"),
        ("", "", "one of the two"),
    ],
)
async def test_a_timing_that_cannot_be_is_refused_with_the_reason(
    served: Served, query: str, pointer: str, said: str
) -> None:
    answer = await served.call(
        "GET",
        f"/api/v1/schedule-times?{query}",
        "admin",
        headers={"Accept-Language": "en"},
    )

    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "invalid")
    (fault,) = problem["errors"]
    assert (fault["in"], fault["pointer"]) == ("query", pointer)
    assert said in fault["detail"]


async def test_a_backup_that_could_be_kept_nowhere_is_not_scheduled(
    served: Served,
) -> None:
    status, problem = await add(served, kind="backup")

    assert (status, problem["code"]) == (409, "not_possible")
    assert "database.backup_folder" in problem["detail"]
    assert (await served.get("/api/v1/schedules", "admin"))["schedules"] == []


async def test_a_schedule_is_paused_run_and_removed(served: Served) -> None:
    await add(served)
    path = "/api/v1/schedules/dem"

    paused = await served.call("PUT", f"{path}/pause", "admin", json={"paused": True})
    asked = await served.call("POST", f"{path}/run", "admin")
    again = await served.call("POST", f"{path}/run", "admin")
    goes_on = await served.call("PUT", f"{path}/pause", "admin", json={"paused": False})
    removed = await served.call("DELETE", path, "admin")
    gone = await served.call("GET", path, "admin")

    assert (await paused.json())["paused_at"] == "2024-03-01T05:00:00Z"
    assert asked.status == 202
    assert (await asked.json())["running"]["by_hand"]
    assert again.status == 409
    assert (await goes_on.json())["paused_at"] is None
    assert (removed.status, gone.status) == (204, 404)


async def test_times_are_edited_as_they_were_seen(served: Served) -> None:
    await add(served)
    path = "/api/v1/schedules/dem/timing"
    seen = await served.call("GET", path, "admin")
    assert await seen.json() == {"cron": "30 2 * * mon-sat", "every_s": None}
    match = {"If-Match": seen.headers["ETag"]}

    async def put(**timing: Any) -> Any:
        return await served.call("PUT", path, "admin", json=timing, headers=match)

    wrong = await put(cron="0 3 * * 1")
    edited = await put(cron="0 3 * * mon")
    late = await put(every_s=3600)
    unseen = await served.call("PUT", path, "admin", json={"every_s": 3600})

    assert (wrong.status, edited.status, late.status) == (422, 200, 412)
    (fault,) = (await wrong.json())["errors"]
    assert (fault["in"], fault["pointer"]) == ("body", "/cron")
    assert unseen.status == 428
    form = await edited.json()
    assert (form["cron"], form["next"][0]) == ("0 3 * * mon", "2024-03-03T20:00:00Z")
    again = await served.call("GET", path, "admin")
    assert edited.headers["ETag"] == again.headers["ETag"] != seen.headers["ETag"]
    kinds = [kind for kind, _, _ in await acts_of(served.world.database)]
    assert kinds == ["add_schedule", "edit_schedule"]


async def test_a_kind_that_cannot_be_scheduled_yet_is_refused_with_those_that_can(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {k: work for k, work in works.WORKS.items() if k.value != "backup"}
    monkeypatch.setattr("ocop_sync.service.schedules.schedules.WORKS", known)

    status, problem = await add(served, kind="backup")

    assert (status, problem["code"]) == (409, "not_possible")
    assert "sync, reconcile, certificates" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "schedules", None),
        ("POST", "schedules", NIGHTLY | {"name": "khac"}),
        ("GET", "schedule-times?every_s=3600", None),
        ("GET", "schedules/dem", None),
        ("PUT", "schedules/dem/pause", {"paused": True}),
        ("GET", "schedules/dem/timing", None),
        ("POST", "schedules/dem/run", None),
        ("DELETE", "schedules/dem", None),
    ],
)
async def test_whoever_acts_for_a_producer_reaches_no_schedule(
    door: Door, method: str, path: str, body: Any
) -> None:
    key, sent = await door.key(Role.ADMIN), {} if body is None else {"json": body}
    at = "/api/v1/schedules"
    assert (await door.bearer(key, at, method="POST", json=NIGHTLY)).status == 201
    before = await (await door.bearer(key, at)).json()

    acting = {"headers": {"Acts-For": "CS-0001"}, "method": method}
    answer = await door.bearer(key, f"/api/v1/{path}", **acting, **sent)

    assert answer.status == 403
    assert await (await door.bearer(key, at)).json() == before
