"""Accounts over the API: listed, checked, paused; never a secret or an address."""

from dataclasses import replace
from typing import Any, Final

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from catalog.model.reach import Reach
from ocop_sync.api.app import make_app
from ocop_sync.engine.reasons.account_problem import TODO_UNUSABLE
from ocop_sync.errors import (
    AuthenticationError,
    FatalError,
    MarketplaceError,
    UnreachableError,
)
from ocop_sync.service.decisions.pauses import pause_accounts, pauses_at
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.identity.role import Role
from ocop_sync.service.queries.accounts import accounts_seen
from tests.acts import acts_of
from tests.api.doors import Door
from tests.api.served import PACE, Served, StandInAccess
from tests.factories import person
from tests.world import World, entry

ACCOUNTS: Final = "/api/v1/accounts"
ONE: Final = f"{ACCOUNTS}/memory"
PAUSE: Final = {"paused": True, "reason": "sàn làm hỏng ảnh"}
ON: Final = {"paused": False, "reason": "sàn đã sửa xong"}

ADDRESS: Final = "http://localhost"
PRIVATE: Final = "cong-rieng.example"
FILE: Final = "/run/secrets/memory"
PASSWORD: Final = "mat-khau-mau"  # noqa: S105  (made up)
TOLD: Final = f"{ADDRESS} https://{PRIVATE}/api {FILE} {PASSWORD}"
"""An error that says all that nobody may read."""


@pytest.fixture
async def outspoken(world: World, aiohttp_client: AiohttpClient) -> Served:
    """Two accounts of which one is of no use, and words that name what is private."""
    lost = Unusable(
        key="hong",
        marketplace="memory",
        seller_ref="CS-0001",
        why=TOLD,
        of_settings=True,
    )
    world.deployment = replace(
        world.deployment, unusable={"hong": lost}, secrets_at={"memory": FILE}
    )
    app = make_app(world.deployment, StandInAccess(), pace=PACE)
    return Served(world, await aiohttp_client(app))


def private_in(text: str) -> list[str]:
    return [e for e in (ADDRESS, PRIVATE, FILE, PASSWORD, "localhost") if e in text]


async def put(
    served: Served, body: Any, role: str = "operator", path: str = ONE
) -> tuple[int, Any]:
    answer = await served.call("PUT", f"{path}/pause", role, json=body)
    return answer.status, await answer.json()


async def check(served: Served, path: str = ONE) -> tuple[int, Any]:
    answer = await served.call("POST", f"{path}/check", "operator")
    return answer.status, await answer.json()


async def test_accounts_are_listed_with_their_last_run(served: Served) -> None:
    await served.world.save(entry(1))
    (fresh,) = (await served.get(ACCOUNTS, "viewer"))["accounts"]
    await served.world.sync()

    (found,) = (await served.get(ACCOUNTS, "viewer"))["accounts"]

    assert (fresh["last_run"], fresh["may_be_old"]) == (None, True)
    assert (found["key"], found["marketplace"]) == ("memory", "memory")
    assert (found["seller"], found["unusable"], found["paused"]) == (None, None, None)
    assert (found["cause"], found["may_be_old"]) == ("", False)
    assert (found["last_run"]["outcome"], found["last_run"]["failed"]) == ("done", 0)
    assert found["last_run"]["writes"] > 0
    assert found["last_run"]["ended_at"] == found["worked_at"]
    assert found == await served.get(ONE, "viewer")


async def test_accounts_come_in_pages_by_marketplace_and_key(
    outspoken: Served,
) -> None:
    whole = await outspoken.get(ACCOUNTS, "viewer")
    first = await outspoken.get(ACCOUNTS, "viewer", params={"limit": "1"})
    rest = await outspoken.get(ACCOUNTS, "viewer", params={"cursor": first["next"]})

    assert [each["key"] for each in first["accounts"]] == ["hong"]
    assert [each["key"] for each in rest["accounts"]] == ["memory"]
    assert first["accounts"] + rest["accounts"] == whole["accounts"]
    assert (whole["next"], rest["next"]) == (None, None)


async def test_accounts_are_found_by_words_and_by_how_they_stand(
    outspoken: Served,
) -> None:
    await outspoken.world.save(entry(1))

    async def found(**query: str) -> list[str]:
        told = await outspoken.get(ACCOUNTS, "viewer", params=query)
        return [each["key"] for each in told["accounts"]]

    states = await outspoken.get(ACCOUNTS, "viewer")
    assert {each["key"]: each["state"] for each in states["accounts"]} == {
        "hong": "unusable",
        "memory": "never_run",
    }
    assert await found(q="co so MAU 001") == ["hong"], "by the producer's name"
    assert await found(q="memory cs-0001") == ["hong"]
    assert await found(q="khong co") == []
    assert await found(state="never_run") == ["memory"]
    assert await found(state="never_run", q="hong") == []
    first = await outspoken.get(ACCOUNTS, "viewer", params={"q": "mem", "limit": "1"})
    other = {"q": "memory", "cursor": first["next"]}
    answer = await outspoken.call("GET", ACCOUNTS, "viewer", params=other)
    assert answer.status == 422, "the place in another list"


async def test_an_account_of_no_use_says_which_kind_of_thing_is_wrong(
    outspoken: Served,
) -> None:
    found = await outspoken.get(f"{ACCOUNTS}/hong", "viewer")

    todo = {"vi": TODO_UNUSABLE.vi, "en": TODO_UNUSABLE.en}
    assert found["unusable"] == {"cause": "settings", "todo": todo}
    assert (found["seller"], found["last_run"]) == ("CS-0001", None)


@pytest.mark.parametrize(
    "fault",
    [AuthenticationError(TOLD), UnreachableError(TOLD), FatalError(TOLD)],
    ids=lambda each: type(each).__name__,
)
async def test_no_answer_holds_a_secret_an_address_or_where_secrets_are_kept(
    outspoken: Served, fault: MarketplaceError
) -> None:
    await outspoken.world.save(entry(1))
    for call in ("check", "page", "events"):
        outspoken.world.market.script(call, fault, times=9)
    report = await outspoken.world.sync()

    texts = [
        await (await outspoken.call(method, path, "admin", **more)).text()
        for method, path, more in (
            ("GET", ACCOUNTS, {}),
            ("GET", ONE, {}),
            ("GET", f"{ACCOUNTS}/hong", {}),
            ("POST", f"{ONE}/check", {}),
            ("POST", f"{ACCOUNTS}/hong/check", {}),
            ("PUT", f"{ONE}/pause", {"json": PAUSE}),
            ("PUT", f"{ACCOUNTS}/hong/pause", {"json": PAUSE}),
        )
    ]

    assert private_in(str(report.stopped))  # so it was told to whoever runs it
    assert [private_in(text) for text in texts] == [[]] * len(texts)


async def test_a_run_that_failed_is_told_by_its_kind(outspoken: Served) -> None:
    await outspoken.world.save(entry(1))
    outspoken.world.market.script("check", AuthenticationError(TOLD), times=9)
    await outspoken.world.sync()

    found = await outspoken.get(ONE, "viewer")

    assert (found["cause"], found["last_run"]["outcome"]) == ("credentials", "failed")
    assert found["failing_since"] == found["last_run"]["began_at"]
    assert found["last_run"]["are_sales_known"] is False


async def test_a_paused_account_is_not_written_to_until_it_goes_on(
    served: Served,
) -> None:
    await served.world.save(entry(1))
    since = served.world.time().isoformat().replace("+00:00", "Z")

    paused = await put(served, PAUSE)
    await served.world.sync()
    held_back = served.world.written()
    gone_on = await put(served, ON)
    await served.world.sync()

    assert paused[0] == 200
    assert paused[1]["paused"] == {
        "since": since,
        "by": "operator",
        "reason": PAUSE["reason"],
    }
    assert held_back == []
    assert (gone_on[0], gone_on[1]["paused"]) == (200, None)
    assert served.world.written() != []


async def test_each_pause_and_its_end_is_an_act_once(served: Served) -> None:
    for body in (PAUSE, {**PAUSE, "reason": "khác"}, ON, ON):
        assert (await put(served, body))[0] == 200

    acts = await acts_of(served.world.database)
    assert [(kind, list(of)) for kind, of, _ in acts] == [
        ("pause_accounts", ["memory"]),
        ("resume_accounts", ["memory"]),
    ]


async def test_viewers_see_a_pause_and_not_who_said_so(served: Served) -> None:
    await pause_accounts(
        served.world.deployment, ["memory"], by=person("Ng. Văn A"), reason="vì sao"
    )

    seen = (await served.get(ONE, "viewer"))["paused"]
    (listed,) = (await served.get(ACCOUNTS, "viewer"))["accounts"]
    of_staff = (await served.get(ONE, "operator"))["paused"]

    assert (seen["by"], seen["reason"], listed["paused"]) == (None, "vì sao", seen)
    assert of_staff["by"] == "Ng. Văn A"


@pytest.mark.parametrize(
    "body",
    [{"paused": True}, {**PAUSE, "reason": ""}, {**PAUSE, "reason": " "}],
    ids=["none", "empty", "blank"],
)
async def test_nothing_is_paused_without_a_reason(served: Served, body: Any) -> None:
    status, said = await put(served, body)

    assert (status, said["code"]) == (422, "invalid")
    assert await pauses_at(served.world.deployment) == []


async def test_an_account_of_no_use_is_not_paused(outspoken: Served) -> None:
    status, said = await put(outspoken, PAUSE, path=f"{ACCOUNTS}/hong")

    assert (status, said["code"]) == (409, "not_possible")


async def test_a_check_signs_in_once_and_changes_nothing(served: Served) -> None:
    status, found = await check(served)

    assert (status, found["result"], found["todo"]) == (200, "ok", None)
    assert (served.world.market.checks, served.world.market.log) == (1, [])
    assert await acts_of(served.world.database) == []


@pytest.mark.parametrize(
    ("fault", "result", "todo"),
    [
        (AuthenticationError(TOLD), "wrong_credentials", "accounts.secrets"),
        (UnreachableError(TOLD), "unreachable", "base_url"),
        (FatalError(TOLD), "misconfigured", "accounts.options"),
    ],
    ids=["credentials", "unreachable", "options"],
)
async def test_a_check_that_fails_is_an_answer_with_advice(
    outspoken: Served, fault: Any, result: str, todo: str
) -> None:
    outspoken.world.market.script("check", fault)

    status, found = await check(outspoken)

    assert (status, found["result"]) == (200, result)
    assert todo in found["todo"]["en"]


@pytest.mark.parametrize("key", ["khong-co", "Memory", "%20"])
async def test_an_account_that_is_not_set_is_not_found(
    served: Served, key: str
) -> None:
    path = f"{ACCOUNTS}/{key}"
    gotten = await served.call("GET", path, "admin")

    assert gotten.status == 404
    assert (await put(served, PAUSE, path=path))[0] == 404
    assert (await check(served, path))[0] == 404
    assert served.world.market.checks == 0


async def test_who_acts_for_a_producer_reaches_its_own_accounts_alone(
    door: Door,
) -> None:
    headers = {"Acts-For": "CS-0001"}
    key = await door.key(Role.OPERATOR)
    before = await door.office.acts()

    listed = await door.bearer(key, ACCOUNTS, headers=headers)
    paused = await door.bearer(
        key, f"{ONE}/pause", method="PUT", headers=headers, json=PAUSE
    )
    checked = await door.bearer(key, f"{ONE}/check", method="POST", headers=headers)

    assert (await listed.json())["accounts"] == []
    assert (paused.status, checked.status) == (404, 404)
    assert await door.office.acts() == before


async def test_the_account_of_one_producer_is_within_the_reach_of_that_one(
    outspoken: Served,
) -> None:
    deployment = outspoken.world.deployment

    own = await accounts_seen(deployment, Reach.of(["CS-0001"]))
    others = await accounts_seen(deployment, Reach.of(["CS-0002"]))

    assert ([each.status.key for each in own], others) == (["hong"], [])
