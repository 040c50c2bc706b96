"""`ocop-sync marketplaces policy`: set, shown with its origin, let go of."""

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ocop_sync import bootstrap
from ocop_sync.api.app import make_app
from ocop_sync.settings import load_settings
from tests.api.served import PACE, StandInAccess
from tests.e2e.served import Desk, good

WHO = ("--by", "Bà Mẫu", "--reason", "họp ngày 12/11")


def test_a_policy_that_protects_less_is_told_confirmed_and_shown(desk: Desk) -> None:
    desk.write_settings()
    desk.import_(good(1))
    desk.run("sync")
    more = ("marketplaces", "policy", "set", "drift.price", "repair")

    held = desk.run(*more, "--marketplace", "postmart", *WHO)
    told = desk.run_json(*more, "--marketplace", "postmart", *WHO)
    token = told["held"]["token"]
    done = desk.run(*more, "--marketplace", "postmart", "--confirm", token, *WHO)

    words = " ".join(held.stdout.split())
    assert (held.exit_code, done.exit_code) == (3, 0)
    assert "prices that others edit there are written over by ours" in words
    assert f"add: --confirm {token}" in words
    assert "postmart: drift.price: ask -> repair" in done.stdout
    shown = desk.run("marketplaces", "policy", "show")
    assert "Bà Mẫu" in shown.stdout
    assert "mặc định / default" in " ".join(shown.stdout.split())
    (of,) = (
        each
        for each in desk.run_json(
            "marketplaces", "policy", "show", "--account", "postmart"
        )["policies"]
        if each["name"] == "drift.price"
    )
    assert (of["value"], of["source"]) == ("repair", "person")
    assert of["decided"]["set_by"] == "Bà Mẫu"
    assert of["decided"]["set_for"] == {"marketplace": "postmart", "account": ""}

    back = desk.run(
        *("marketplaces", "policy", "reset", "drift.price"),
        *("--marketplace", "postmart", *WHO),
    )
    again = desk.run(
        *("marketplaces", "policy", "reset", "drift.price"),
        *("--marketplace", "postmart", *WHO),
    )

    assert "postmart: drift.price: repair -> ask" in back.stdout
    assert "nothing to do" in again.stdout


def test_without_an_account_what_people_have_set_is_shown_all_the_same(
    desk: Desk,
) -> None:
    desk.write_settings()
    of_all = ("marketplaces", "policy", "set", "safety.known_end_days", "30", *WHO)
    of_one = ("marketplaces", "policy", "set", "safety.window_h", "48", *WHO)
    assert desk.run(*of_all).exit_code == 0
    assert desk.run(*of_one, "--marketplace", "postmart").exit_code == 0
    desk.write_settings(postmart=False)

    found = desk.run_json("marketplaces", "policy", "show")
    shown = desk.run("marketplaces", "policy", "show")
    nowhere = desk.run("marketplaces", "policy", "show", "--marketplace", "postmart")

    (policy,) = found["for_all"]["policies"]
    assert (policy["name"], policy["value"]) == ("safety.known_end_days", 30)
    assert found["marketplaces"] == []
    (unused,) = found["unused"]
    assert (unused["name"], unused["value"]) == ("safety.window_h", 48)
    assert (shown.exit_code, nowhere.exit_code) == (0, 2)
    assert "safety.known_end_days" in shown.stdout
    assert "no account at any marketplace: add [[accounts]]" in shown.stdout
    assert asyncio.run(policies_over_the_api(desk)) == found


async def policies_over_the_api(desk: Desk) -> Any:
    async with (
        bootstrap.open_deployment(
            load_settings(desk.settings),
            time=desk.time.for_commands(),
            needs_accounts=False,
        ) as deployment,
        TestClient(
            TestServer(make_app(deployment, StandInAccess(), pace=PACE))
        ) as client,
        client.get(
            "/api/v1/policies", headers={"Authorization": "Bearer admin"}
        ) as answer,
    ):
        assert answer.status == 200
        return await answer.json()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set", "drift.price", "often"), "'repair', 'accept' or 'ask'"),
        (("set", "safety.share", "0.1", "--account", "postmart"), "never set for one"),
        (("set", "drift.price", "ask", "--account", "voso"), "there is no account"),
        (("set", "retry.attempts", "3"), "retry.attempts"),
        (
            ("reset", "drift.price", "--account", "a", "--marketplace", "b"),
            "only one of the two",
        ),
    ],
)
def test_a_policy_that_cannot_be_set_is_wrong_input(
    desk: Desk, words: tuple[str, ...], told: str
) -> None:
    desk.write_settings()

    refused = desk.run("marketplaces", "policy", *words, *WHO)

    assert refused.exit_code == 2
    assert told in " ".join(refused.stderr.split())
