"""Policies over the API: staff see them, admins set them."""

from dataclasses import replace
from typing import Any, Final

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.app import make_app
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.identity.role import Role
from tests.acts import acts_of
from tests.api.doors import Door
from tests.api.served import PACE, Served, StandInAccess
from tests.world import World, listed

ALL: Final = "/api/v1/policies"
HERE: Final = "/api/v1/marketplaces/memory/policies"
ACCOUNT: Final = "/api/v1/accounts/memory/policies"
WHY: Final = {"reason": "họp ngày 12/11"}


async def patch(
    served: Served, path: str, body: Any, *, match: str = "*", role: str = "admin"
) -> tuple[int, Any]:
    answer = await served.call(
        "PATCH", path, role, json={**WHY, **body}, headers={"If-Match": match}
    )
    return answer.status, await answer.json()


async def of(served: Served, name: str, path: str = HERE) -> Any:
    found = await served.get(path, "operator")
    (policy,) = (each for each in found["policies"] if each["name"] == name)
    return policy


async def test_an_admin_sets_a_policy_and_staff_see_who_did(served: Served) -> None:
    status, _ = await patch(served, HERE, {"safety": {"approval_h": 12}})

    assert status == 200
    now = served.world.time().isoformat().replace("+00:00", "Z")
    assert await of(served, "safety.approval_h") == {
        "name": "safety.approval_h",
        "value": 12.0,
        "source": "person",
        "decided": {
            "set_for": {"marketplace": "memory", "account": ""},
            "set_by": "admin",
            "set_at": now,
            "reason": WHY["reason"],
        },
    }
    assert (await of(served, "safety.share"))["source"] == "default"
    assert await acts_of(served.world.database) == [
        (
            "set_policy",
            [],
            {"policy": "safety.approval_h", "marketplace": "memory", "value": "12.0"},
        )
    ]


async def test_what_protects_less_is_told_and_set_with_its_token(
    served: Served,
) -> None:
    await listed(served.world, 1)
    body = {"drift": {"content": "repair"}}

    status, told = await patch(served, ACCOUNT, body)
    before = await of(served, "drift.content", ACCOUNT)
    again, _ = await patch(served, ACCOUNT, {**body, "token": told["token"]})

    assert (status, told["code"], again) == (409, "policy_held", 200)
    assert "written over by ours" in told["effects"][0]["en"]
    assert (before["value"], before["source"]) == ("ask", "default")
    assert (await of(served, "drift.content", ACCOUNT))["value"] == "repair"
    assert (await of(served, "drift.content"))["value"] == "ask"


async def test_null_lets_go_of_a_policy_and_what_is_left_out_stays(
    served: Served,
) -> None:
    await patch(served, ALL, {"safety": {"share": 0.05, "min_changes": 2}})

    status, told = await patch(served, ALL, {"safety": {"share": None}})
    await patch(
        served, ALL, {"safety": {"share": None}, "token": told.get("token", "")}
    )

    assert status == 409  # back to a larger share
    found = await served.get(ALL, "operator")
    assert [each["name"] for each in found["for_all"]["policies"]] == [
        "safety.min_changes"
    ]
    (here,) = found["marketplaces"]
    values = {each["name"]: each["value"] for each in here["policies"]}
    assert (values["safety.min_changes"], values["safety.share"]) == (2, 0.1)
    assert (found["accounts"], found["unused"]) == ([], [])


@pytest.mark.parametrize("path", [ALL, HERE, ACCOUNT])
async def test_of_two_who_have_read_the_same_the_second_is_told(
    served: Served, path: str
) -> None:
    answer = await served.call("GET", path, "admin")
    match = answer.headers["ETag"]
    values = {"drift": {"price": "ask"}}

    first, _ = await patch(served, path, values, match=match)
    second, told = await patch(served, path, values, match=match)

    assert first == 200
    assert (second, told["code"]) == (412, "changed_meanwhile")


async def test_without_if_match_nothing_is_set(served: Served) -> None:
    body = {**WHY, "drift": {"price": "ask"}}

    answer = await served.call("PATCH", HERE, "admin", json=body)

    assert (answer.status, (await answer.json())["code"]) == (428, "if_match_required")


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        (HERE, {"drift": {"price": "often"}}, "/drift/price"),
        (HERE, {"safety": {"share": 1.5}}, "/safety/share"),
        (HERE, {"safety": {"window_h": 9000}}, "/safety/window_h"),
        (ACCOUNT, {"safety": {"share": 0.1}}, "/safety"),
        (HERE, {"base_url": "http://localhost"}, "/base_url"),
        (HERE, {"reason": " "}, "/reason"),
    ],
)
async def test_a_fault_names_its_field(
    served: Served, path: str, body: Any, pointer: str
) -> None:
    status, told = await patch(served, path, body)

    assert (status, told["code"]) == (422, "invalid")
    assert [each["pointer"] for each in told["errors"]] == [pointer]
    assert await acts_of(served.world.database) == []


@pytest.mark.parametrize(
    "path", ["/api/v1/marketplaces/voso/policies", "/api/v1/accounts/voso/policies"]
)
async def test_what_is_not_set_up_is_not_found(served: Served, path: str) -> None:
    answer = await served.call("GET", path, "admin")
    status, _ = await patch(served, path, {"drift": {"price": "ask"}})

    assert (answer.status, status) == (404, 404)


async def test_what_cannot_be_used_is_told_without_why(
    world: World, aiohttp_client: AiohttpClient
) -> None:
    why = "http://localhost/api /run/secrets/memory"
    lost = Unusable(key="hong", marketplace="shop", seller_ref="", why=why)
    world.deployment = replace(world.deployment, unusable={"hong": lost})
    app = make_app(world.deployment, StandInAccess(), pace=PACE)
    served = Served(world, await aiohttp_client(app))

    answers = [
        await served.call("GET", f"/api/v1/{path}/policies", "admin")
        for path in ("marketplaces/shop", "accounts/hong")
    ]

    texts = [await each.text() for each in answers]
    assert [each.status for each in answers] == [409, 409]
    assert [text for text in texts if "secrets" in text or "http:" in text] == []


@pytest.mark.parametrize(("path", "status"), [(ALL, 403), (HERE, 403), (ACCOUNT, 404)])
async def test_who_acts_for_a_producer_sets_nothing_that_is_of_all(
    door: Door, path: str, status: int
) -> None:
    key = await door.key(Role.ADMIN)
    headers = {"Acts-For": "CS-0001", "If-Match": "*"}
    body = {**WHY, "drift": {"price": "ask"}}
    before = await door.office.acts()

    read = await door.bearer(key, path, headers=headers)
    written = await door.bearer(key, path, method="PATCH", headers=headers, json=body)

    assert (read.status, written.status) == (status, status)
    assert await door.office.acts() == before
