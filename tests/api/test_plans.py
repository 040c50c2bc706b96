"""Plans over the API: made, read page by page, decided on, carried out by a worker."""

from typing import Any

import pytest

from catalog.model.paper import PaperKind
from ocop_sync.requested_runs import RequestedRuns
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.worker import Wake
from tests.api.served import Served
from tests.factories import NOT_SO, make_paper
from tests.world import entry, listed

PLANS = "/api/v1/plans"
WHY = {"reason": "đã xem"}


async def make(served: Served, key: str = "ke-hoach-1", **body: Any) -> Any:
    headers = {"Idempotency-Key": key}
    answer = await served.call("POST", PLANS, "operator", json=body, headers=headers)
    assert answer.status == 201, await answer.text()
    made = await answer.json()
    assert answer.headers["Location"] == f"{PLANS}/{made['id']}"
    return made


async def post(served: Served, path: str, body: Any = None) -> Any:
    """Return the status of a call, and its JSON."""
    more = {} if body is None else {"json": body}
    headers = {"Accept-Language": "en"}
    answer = await served.call("POST", path, "operator", headers=headers, **more)
    return answer.status, await answer.json()


async def test_a_plan_of_a_part_says_what_it_is_of(served: Served) -> None:
    await served.world.save(entry(1), entry(2))

    made = await make(served, accounts=["memory"], products=["SP-00002"])
    bare = await make(served, "ke-hoach-2", facets=["price", "stock"])
    status, refused = await post(served, PLANS, {"products": ["SP-00009"]})
    wrong, _ = await post(served, PLANS, {"facets": ["màu"]})
    unknown, _ = await post(served, PLANS, {"accounts": ["khong-co"]})

    assert (made["accounts"], made["products"]) == (["memory"], ["SP-00002"])
    assert made["marketplaces"][0]["kinds"]["create"] == 1
    assert (bare["facets"], bare["changes"]) == (["price", "stock"], 0)
    assert (status, refused["code"]) == (409, "not_possible")
    assert (wrong, unknown) == (422, 404)


async def test_a_plan_is_made_approved_carried_out_and_says_what_came_of_each_change(
    served: Served,
) -> None:
    await served.world.save(entry(1), entry(2))

    made = await make(served, marketplaces=["memory"])
    path = f"{PLANS}/{made['id']}"
    read = await served.get(path, "operator")
    status, approved = await post(served, f"{path}/approval", WHY)
    ran, run = await post(served, f"{path}/run")
    running = await served.get(path, "operator")
    deployment = served.world.deployment
    await RequestedRuns(AtWork(deployment=deployment), Wake()).look()
    done = await served.get(path, "operator")

    assert (made["state"], made["changes"]) == ("waiting", len(read["items"]))
    (told,) = made["marketplaces"]
    assert (told["marketplace"], told["kinds"]["create"]) == ("memory", 2)
    assert told["calls"] > 0
    create = next(each for each in read["items"] if each["kind"] == "create")
    assert create["before"] is None
    assert "Măng khô Mẫu" in str(create["after"])
    assert create["listing"] == ""
    assert create["why"]["en"]
    assert (status, approved["state"]) == (200, "approved")
    assert (approved["decided_by"], approved["reason"]) == ("operator", "đã xem")
    assert (ran, run["kind"], run["plan"]) == (202, "plan", made["id"])
    assert (running["state"], running["run"]) == ("running", run["run"])
    assert done["state"] == "carried_out"
    assert {each["outcome"] for each in done["items"]} == {"sent"}
    request = (await served.get(f"/api/v1/runs/{run['run']}", "operator"))["request"]
    assert request["outcome"] == "done"


async def test_changes_of_a_plan_come_in_pages_and_so_do_plans(served: Served) -> None:
    await served.world.save(*(entry(n) for n in range(1, 4)))
    first = await make(served)
    second = await make(served, "ke-hoach-2")
    path = f"{PLANS}/{second['id']}"
    whole = (await served.get(path, "operator"))["items"]

    page = await served.get(f"{path}?limit=2", "operator")
    rest = await served.get(f"{path}?limit=50&cursor={page['next']}", "operator")
    plans = await served.get(f"{PLANS}?limit=1", "operator")
    more = await served.get(f"{PLANS}?limit=1&cursor={plans['next']}", "operator")

    assert [*page["items"], *rest["items"]] == whole
    assert rest["next"] is None
    assert [each["id"] for each in (*plans["items"], *more["items"])] == [
        second["id"],
        first["id"],
    ]


async def test_a_plan_that_is_asked_for_again_with_its_key_is_made_once(
    served: Served,
) -> None:
    await served.world.save(entry(1))

    first, again = await make(served), await make(served)

    assert first == again
    assert len((await served.get(PLANS, "operator"))["items"]) == 1


async def test_what_a_plan_takes_is_told_before_it_is_approved(served: Served) -> None:
    world = served.world
    await listed(world, 1)
    await world.change(papers=(make_paper(PaperKind.FOOD_SAFETY, NOT_SO),))
    path = f"{PLANS}/{(await make(served))['id']}/approval"

    status, held = await post(served, path, WHY)
    meant, approved = await post(served, path, WHY | {"token": held["token"]})

    assert (status, held["code"]) == (409, "plan_held")
    assert held["effects"][0]["en"].startswith("memory: 1 product is taken from sale")
    assert (meant, approved["state"], approved["takes"]) == (200, "approved", 1)


async def test_a_refused_plan_is_carried_out_by_nobody(served: Served) -> None:
    await served.world.save(entry(1))
    path = f"{PLANS}/{(await make(served))['id']}"

    status, refused = await post(served, f"{path}/refusal", WHY)
    ran, problem = await post(served, f"{path}/run")

    assert (status, refused["state"]) == (200, "refused")
    assert (ran, problem["code"]) == (409, "not_possible")


@pytest.mark.parametrize("way", ["", "/approval", "/refusal", "/run"])
async def test_a_plan_that_there_is_not_is_not_found(served: Served, way: str) -> None:
    method = "POST" if way else "GET"
    body = {} if way in ("", "/run") else {"json": WHY}

    answer = await served.call(method, f"{PLANS}/99{way}", "operator", **body)

    assert answer.status == 404
