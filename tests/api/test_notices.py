"""Notices over the API: what was told, what waits, and sent again."""

from datetime import datetime
from functools import partial

from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.app import make_app
from ocop_sync.service.notices.sender import Message, Sender, UndeliveredError
from ocop_sync.store import notices
from ocop_sync.store.notices import DeliveryState, Standing
from tests.acts import acts_of
from tests.api.served import PACE, Served, StandInAccess
from tests.world import World


async def begin(world: World, *accounts: str) -> None:
    """Have it told of each account that it is down, by a webhook that fails."""
    now = world.time()
    for each in accounts:
        down = Standing(
            kind="account_down",
            key=f"account_down:{each}",
            details={"account": each, "cause": "credentials"},
            simulated=True,
        )
        work = partial(notices.begin, thing=down, senders=["webhook"], now=now)
        await world.database.write(work)
    claim = partial(notices.claim, senders=["webhook"], now=now, until=now)
    for claimed in await world.database.write(claim):
        settle = partial(
            notices.settle,
            claimed=claimed,
            state=DeliveryState.DEAD,
            now=now,
            error="HTTP 500",
        )
        await world.database.write(settle)


async def test_notices_are_listed_the_newest_first_page_by_page(served: Served) -> None:
    await begin(served.world, "a", "b", "c")

    first = await served.get("/api/v1/notices?limit=2", "operator")
    rest = await served.get(f"/api/v1/notices?cursor={first['next']}", "operator")

    listed = [*first["items"], *rest["items"]]
    assert [each["details"]["account"] for each in listed] == ["c", "b", "a"]
    assert (len(first["items"]), rest["next"]) == (2, None)
    assert listed[0]["title_vi"] == "[MÔ PHỎNG] Tài khoản không hoạt động: c"


async def test_a_notice_that_was_given_up_is_sent_again(served: Served) -> None:
    await begin(served.world, "a")
    (listed,) = (await served.get("/api/v1/notices", "operator"))["items"]
    path = f"/api/v1/notices/{listed['id']}"
    found = await served.get(path, "operator")
    assert found == listed
    assert found["deliveries"][0]["state"] == "dead"

    answer = await served.call("POST", f"{path}/retry", "operator")

    assert answer.status == 200
    (delivery,) = (await answer.json())["deliveries"]
    assert (delivery["state"], delivery["attempts"]) == ("waiting", 0)
    refs = {"notice": str(found["id"])}
    assert await acts_of(served.world.database) == [("retry_notice", [], refs)]


async def test_a_notice_that_is_not_there_is_not_found(served: Served) -> None:
    assert (await served.call("GET", "/api/v1/notices/9", "operator")).status == 404
    answer = await served.call("POST", "/api/v1/notices/9/retry", "operator")
    assert answer.status == 404


class Way:
    """A way of notices that a test looks into."""

    def __init__(self, name: str, error: str = "") -> None:
        self.name = name
        self.sent: list[Message] = []
        self._error = error

    async def send(self, message: Message, now: datetime) -> None:
        del now
        if self._error:
            raise UndeliveredError(self._error)
        self.sent.append(message)


async def test_a_notice_to_try_goes_by_each_way_that_is_set(
    served: Served, aiohttp_client: AiohttpClient
) -> None:
    webhook, mail = Way("webhook"), Way("mail", error="SMTP 421")
    deployment, path = served.world.deployment, "/api/v1/notices/test"
    ways: tuple[Sender, ...] = (webhook, mail)
    app = make_app(deployment, StandInAccess(), pace=PACE, senders=ways)
    telling = Served(served.world, await aiohttp_client(app))

    without = await served.call("POST", path, "operator")
    tried = await telling.call("POST", path, "operator")

    assert (without.status, (await without.json())["code"]) == (409, "not_possible")
    assert await tried.json() == {
        "ways": [
            {"sender": "webhook", "error": None},
            {"sender": "mail", "error": "SMTP 421"},
        ]
    }
    assert len(webhook.sent) == 1
    assert await acts_of(served.world.database) == []
