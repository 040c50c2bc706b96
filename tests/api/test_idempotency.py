"""Calls that may be repeated: the same Idempotency-Key gives the same answer."""

import asyncio
from typing import Any, Final

import pytest
from aiohttp import ClientResponse
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.app import OPERATIONS, PUBLIC_OPERATIONS
from ocop_sync.api.kept_keys import KeptKeys
from ocop_sync.service.identity.role import Role
from tests.api.doors import Door
from tests.api.sample import DESK, Desk, HandTime, sample_app
from tests.api.served import Client
from tests.world import World

WITHOUT_KEY: Final = {
    "take_in_push": "A marketplace signs it, knows no header of ours, and repeats it as"
    " it likes: it leads to a read and to nothing else.",
}
"""The POST operations that take no key, by their id, and why."""


def test_whatever_creates_or_starts_something_takes_a_key_or_says_why_not() -> None:
    posts = [e for e in OPERATIONS + PUBLIC_OPERATIONS if e.method == "POST"]
    without = {each.id for each in posts if not each.takes_key}

    assert without == WITHOUT_KEY.keys()


@pytest.fixture
async def client(world: World, aiohttp_client: AiohttpClient) -> Client:
    keys = KeptKeys(world.database, world.time)
    return await aiohttp_client(sample_app(HandTime(), keys))


@pytest.fixture
def desk(client: Client) -> Desk:
    assert client.app is not None
    return client.app[DESK]


async def order(
    client: Client, name: str, key: str = "k1", who: str = "staff:a"
) -> ClientResponse:
    headers = {"Authorization": who, "Idempotency-Key": key}
    return await client.post("/orders", json={"name": name}, headers=headers)


async def code_of(answer: ClientResponse) -> tuple[int, Any]:
    return answer.status, (await answer.json()).get("code")


async def test_a_call_that_is_repeated_is_carried_out_once_and_answered_alike(
    client: Client, desk: Desk
) -> None:
    first = await order(client, "tea")
    again = await order(client, "tea")

    assert desk.begun == 1
    assert (first.status, again.status) == (201, 201)
    assert await again.read() == await first.read()
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


async def test_a_key_in_quotes_is_the_same_key(client: Client, desk: Desk) -> None:
    await order(client, "tea", "k1")
    await order(client, "tea", '"k1"')

    assert desk.begun == 1


async def test_a_call_without_a_key_is_carried_out_each_time(
    client: Client, desk: Desk
) -> None:
    for _ in range(2):
        await client.post(
            "/orders", json={"name": "tea"}, headers={"Authorization": "staff"}
        )

    assert desk.begun == 2


async def test_the_same_key_with_another_body_is_refused(
    client: Client, desk: Desk
) -> None:
    await order(client, "tea")

    other = await order(client, "rice")

    assert await code_of(other) == (422, "idempotency_key_reused")
    assert desk.begun == 1


async def test_keys_of_two_people_do_not_meet(client: Client, desk: Desk) -> None:
    await order(client, "tea", who="staff:a")
    other = await order(client, "rice", who="staff:b")

    assert (other.status, desk.begun) == (201, 2)


async def test_a_key_is_refused_while_its_first_call_is_under_way(
    client: Client, desk: Desk
) -> None:
    desk.goes_on.clear()
    first = asyncio.ensure_future(order(client, "tea"))
    await desk.has_begun.wait()

    second = await order(client, "tea")
    desk.goes_on.set()

    assert await code_of(second) == (409, "idempotency_key_in_use")
    assert (await first).status == 201
    assert (await order(client, "tea")).status == 201
    assert desk.begun == 1


async def test_a_refusal_frees_its_key_as_nothing_was_done(
    client: Client, desk: Desk
) -> None:
    refused = await order(client, "held")
    mended = await order(client, "tea")

    assert (refused.status, mended.status, desk.begun) == (409, 201, 2)


async def test_a_call_with_a_fault_does_not_take_its_key(client: Client) -> None:
    assert (await order(client, "")).status == 422
    assert (await order(client, "tea")).status == 201


async def test_after_a_failure_nobody_knows_and_nothing_is_done_twice(
    client: Client, desk: Desk
) -> None:
    failed = await order(client, "fails")
    again = await order(client, "fails")

    assert failed.status == 500
    assert await code_of(again) == (409, "idempotency_outcome_unknown")
    assert desk.begun == 1


async def test_of_a_call_whose_process_has_died_nobody_knows(
    client: Client, desk: Desk, world: World
) -> None:
    desk.goes_on.clear()
    dead = asyncio.ensure_future(order(client, "tea"))
    await desk.has_begun.wait()
    world.time.pass_(minutes=16)

    again = await order(client, "tea")
    desk.goes_on.set()
    await dead

    assert await code_of(again) == (409, "idempotency_outcome_unknown")


async def test_a_caller_who_hangs_up_does_not_end_the_call(
    client: Client, desk: Desk
) -> None:
    desk.goes_on.clear()
    first = asyncio.ensure_future(order(client, "tea"))
    await desk.has_begun.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    desk.goes_on.set()

    for _ in range(100):
        if (again := await order(client, "tea")).status != 409:
            break
    assert (again.status, desk.begun) == (201, 1)


async def test_a_key_is_kept_for_24_hours(
    client: Client, desk: Desk, world: World
) -> None:
    await order(client, "tea")
    world.time.pass_(hours=24)
    await order(client, "tea")
    assert desk.begun == 1

    world.time.pass_(seconds=1)
    await order(client, "tea")
    assert desk.begun == 2


async def test_an_answer_that_holds_a_secret_is_not_kept(
    client: Client, world: World
) -> None:
    first = await buy(client)
    again = await buy(client)

    assert (first.status, (await first.json())["code"]) == (200, "secret")
    assert await code_of(again) == (409, "answer_shown_once")
    async with world.database.read() as conn:
        driver = await conn.get_raw_connection()
        assert driver.driver_connection is not None
        rows = driver.driver_connection.execute("SELECT * FROM idempotency_key")
        assert "secret" not in str(rows.fetchall())


async def buy(client: Client) -> ClientResponse:
    headers = {"Authorization": "staff", "Idempotency-Key": "k1"}
    return await client.post("/keys", headers=headers)


@pytest.mark.parametrize("key", ["", "a b", "x" * 129, "ă", '"'])
async def test_a_key_has_a_form(client: Client, key: str) -> None:
    answer = await order(client, "tea", key)

    (fault,) = (await answer.json())["errors"]
    assert (answer.status, fault["code"]) == (422, "not_a_key")


async def test_a_call_that_is_repeated_after_an_erasure_is_not_made_twice(
    door: Door,
) -> None:
    key = await door.key(Role.OPERATOR)
    maker, product = "/api/v1/producers/CS-0001", "/api/v1/products/SP-00001"
    stock = f"{product}/packs/SP-00001-1/stock/adjustments"
    sent: dict[str, Any] = {
        "method": "POST",
        "json": {"quantity": 3, "reason": "made"},
        "headers": {"Idempotency-Key": "a"},
    }
    refused: dict[str, Any] = {"json": {"consent": False}, "headers": {"If-Match": "*"}}
    await door.bearer(key, f"{maker}/consent", method="PUT", **refused)
    door.office.time.pass_(hours=73)
    first = await door.bearer(key, stock, **sent)

    erased = await door.bearer(key, f"{maker}/erasure", method="POST")
    again = await door.bearer(key, stock, **sent)

    assert (first.status, erased.status) == (200, 200), await erased.text()
    assert await code_of(again) == (409, "answer_erased")
    found = await (await door.bearer(key, product)).json()
    assert found["packs"][0]["left"] == (await first.json())["left"]
