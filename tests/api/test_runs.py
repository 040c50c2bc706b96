"""Runs over the API: started, seen, cancelled; who carries one out is a worker."""

from typing import Any

import pytest

from ocop_sync.requested_runs import RequestedRuns
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.worker import Wake
from tests.api.served import Served
from tests.world import entry

RUNS = "/api/v1/runs"


async def start(served: Served, key: str = "chay-0001", **body: Any) -> Any:
    """Start a run; return the answer."""
    headers = {"Idempotency-Key": key, "Accept-Language": "en"}
    body = {"kind": "sync"} | body
    return await served.call("POST", RUNS, "operator", json=body, headers=headers)


async def work(served: Served) -> None:
    """Carry out what was asked for, as a worker does."""
    await RequestedRuns(AtWork(deployment=served.world.deployment), Wake()).look()


async def test_a_run_is_started_and_carried_out_by_a_worker_and_read_at_its_address(
    served: Served,
) -> None:
    await served.world.save(entry(1))

    answer = await start(served)
    location = answer.headers["Location"]
    waiting = await served.get(location, "operator")
    assert served.world.written() == []  # not by the API's own process
    await work(served)
    done = await served.get(location, "operator")

    asked = await answer.json()
    assert (answer.status, location) == (202, f"{RUNS}/{asked['run']}")
    assert waiting["request"] == asked
    assert waiting["runs"] == []
    assert (done["request"]["outcome"], done["request"]["tries"]) == ("done", 1)
    (run,) = done["runs"]
    assert (run["run"], run["outcome"]) == (f"{asked['run']}:memory", "done")
    assert [each["facet"] for each in run["facets"]] == ["listing", "seller"]
    assert sum(each["applied"] for each in run["facets"]) == run["changes"]["applied"]
    ledger = await served.get(f"/api/v1/ledger?run={asked['run']}", "operator")
    assert "create" in {each["kind"] for each in ledger["items"]}


async def test_a_start_that_is_repeated_with_its_key_starts_one_run(
    served: Served,
) -> None:
    first, again = await start(served), await start(served)

    assert await again.json() == await first.json()
    listed = await served.get(RUNS, "operator")
    assert [each["run"] for each in listed["requests"]] == [(await first.json())["run"]]


async def test_a_second_run_for_one_marketplace_is_refused_and_names_the_first(
    served: Served,
) -> None:
    first = await (await start(served)).json()

    answer = await start(served, "chay-0002", marketplaces=["memory"])

    problem = await answer.json()
    assert (answer.status, problem["code"]) == (409, "sync_in_progress")
    assert problem["run"] == first["run"]
    assert "has not ended" in problem["detail"]


async def test_a_run_is_cancelled_and_then_it_has_ended(served: Served) -> None:
    run = (await (await start(served)).json())["run"]
    path = f"{RUNS}/{run}/cancellation"

    answer = await served.call("POST", path, "operator")
    again = await served.call("POST", path, "operator")
    unknown = await served.call("POST", f"{RUNS}/{'0' * 16}/cancellation", "operator")
    await work(served)

    told = await answer.json()
    assert (answer.status, told["request"]["outcome"]) == (202, "cancelled")
    assert (again.status, unknown.status) == (409, 404)
    assert await served.get(f"{RUNS}/{run}", "operator") | {"next": None} == {
        **told,
        "failed": [],
        "next": None,
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "report"}, 422),
        ({"marketplaces": ["xa"]}, 404),
        ({"report_only": True}, 409),
        ({"kind": "reconcile", "full": True}, 409),
    ],
)
async def test_a_run_that_cannot_be_is_refused(
    served: Served, body: dict[str, Any], status: int
) -> None:
    answer = await start(served, **body)

    assert answer.status == status
    assert (await served.get(RUNS, "operator"))["requests"] == []


async def test_what_is_cancelled_is_said_also_before_an_account_is_held(
    served: Served,
) -> None:
    run = (await (await start(served)).json())["run"]
    path = f"{RUNS}/cancellation"

    answer = await served.call("POST", path, "operator", json={"at": "memory"})
    again = await served.call("POST", path, "operator", json={})
    await work(served)

    nothing: dict[str, Any] = {"accounts": [], "requests": [], "wider": []}
    cancelled = [{"run": run, "had_begun": False}]
    assert await answer.json() == nothing | {"requests": cancelled}
    assert await again.json() == nothing
    found = await served.get(f"{RUNS}/{run}", "operator")
    assert (found["request"]["outcome"], found["runs"]) == ("cancelled", [])
