"""What must be told: recorded with the event, told once, sent until it arrives."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from catalog.model.paper import PaperKind
from ocop_sync.errors import AuthenticationError, PlanError, UnavailableError
from ocop_sync.service.decisions import approvals
from ocop_sync.service.notices.deliver import WAITS, Delivering
from ocop_sync.service.notices.log import NoticeEntry, notice_log, send_again
from ocop_sync.service.notices.sender import Message, UndeliveredError
from ocop_sync.service.watch.look import Look
from ocop_sync.service.watch.telling import telling
from ocop_sync.store import notices
from ocop_sync.store.notices import DeliveryState, Standing
from tests.acts import acts_of
from tests.factories import NOT_SO, make_certificate, make_paper, person
from tests.world import World, entry, listed

pytestmark = pytest.mark.postgresql

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
THING = Standing(kind="account_down", key="account_down:a", details={"account": "a"})
BY = ("webhook",)


@dataclass
class Receiver:
    """A way that notices go, and what has arrived by it."""

    name: str = "webhook"
    got: list[Message] = field(default_factory=list)
    fails: list[UndeliveredError] = field(default_factory=list)

    async def send(self, message: Message, at: datetime) -> None:
        del at
        if self.fails:
            raise self.fails.pop(0)
        self.got.append(message)

    @property
    def types(self) -> list[str]:
        return [each.type for each in self.got]


@pytest.fixture
def receiver(world: World) -> Receiver:
    """A receiver; whatever happens is told from now on."""
    world.deployment = replace(world.deployment, told_by=BY)
    return Receiver()


async def deliver(world: World, *receivers: Receiver) -> int:
    return await Delivering(world.database, world.time, receivers).deliver()


async def told(world: World, receiver: Receiver) -> list[str]:
    """Look at what stands, send what is due, and return the types that came."""
    await Look(world.deployment).look()
    receiver.got.clear()
    await deliver(world, receiver)
    return receiver.types


async def begin(world: World, thing: Standing = THING, **more: Any) -> bool:
    work = partial(notices.begin, thing=thing, senders=BY, now=world.time(), **more)
    return await world.database.write(work)


async def end(world: World, *keys: str) -> int:
    work = partial(notices.end, keys=keys, senders=BY, now=world.time())
    return await world.database.write(work)


async def the_only(world: World) -> NoticeEntry:
    (found,) = await notice_log(world.database)
    return found


async def fail(world: World) -> None:
    error = AuthenticationError("sai mật khẩu của bà Mẫu")
    world.market.script("page", error, times=9)
    await world.sync()
    world.market.forget_scripts()


async def test_what_stands_is_told_once_and_once_more_when_it_ends(
    world: World, receiver: Receiver
) -> None:
    assert await begin(world)
    assert not await begin(world)
    assert await end(world, THING.key) == 1
    assert await end(world, THING.key) == 0
    await deliver(world, receiver)

    assert sorted(receiver.types) == ["account_down.begun", "account_down.ended"]
    assert await begin(world), "it may begin again"


async def test_what_comes_and_goes_is_quiet_for_a_while(world: World) -> None:
    hour = timedelta(hours=1)
    await begin(world, quiet_for=hour)
    await end(world, THING.key)

    assert not await begin(world, quiet_for=hour)
    world.time.pass_(hours=1, seconds=1)
    assert await begin(world, quiet_for=hour)


async def test_a_notice_that_is_claimed_is_sent_by_nobody_else(
    world: World, receiver: Receiver
) -> None:
    await begin(world)
    now = world.time()
    claim = partial(
        notices.claim, senders=BY, now=now, until=now + timedelta(minutes=5)
    )

    claims = await asyncio.gather(*(world.database.write(claim) for _ in range(3)))

    assert sum(map(len, claims)) == 1
    assert await deliver(world, receiver) == 0
    world.time.pass_(minutes=5)  # who claimed it has died
    assert await deliver(world, receiver) == 1
    assert await deliver(world, receiver) == 0


async def test_a_notice_is_sent_again_by_the_same_id_until_it_arrives(
    world: World, receiver: Receiver
) -> None:
    await begin(world)
    receiver.fails += [UndeliveredError("HTTP 500"), UndeliveredError("TimeoutError")]

    assert await deliver(world, receiver) == 0
    first = (await the_only(world)).deliveries[0]
    assert (first.state, first.attempts, first.error) == ("waiting", 1, "HTTP 500")
    assert first.next_at == world.time() + timedelta(minutes=1)
    for minutes in (1, 5):
        world.time.pass_(minutes=minutes, seconds=-1)
        assert await deliver(world, receiver) == 0
        world.time.pass_(seconds=1)
        await deliver(world, receiver)

    (message,) = receiver.got
    found = await the_only(world)
    assert message.id == found.notice.message_id
    assert (found.deliveries[0].state, found.deliveries[0].attempts) == ("sent", 3)


async def test_a_notice_that_never_arrives_is_given_up_until_somebody_asks(
    world: World, receiver: Receiver
) -> None:
    await begin(world)
    receiver.fails += [UndeliveredError("HTTP 500")] * (len(WAITS) + 1)
    for wait in (timedelta(0), *WAITS):
        world.time.now += wait
        await deliver(world, receiver)
    found = await the_only(world)
    assert found.deliveries[0].state is DeliveryState.DEAD
    world.time.pass_(days=9)
    assert await deliver(world, receiver) == 0

    who = person("Bà Mẫu")
    count = await send_again(world.database, world.time, found.notice.id, who)

    assert count == 1
    assert await deliver(world, receiver) == 1
    refs = {"notice": str(found.notice.id)}
    assert await acts_of(world.database) == [("retry_notice", [], refs)]
    assert await send_again(world.database, world.time, found.notice.id, who) == 0


async def test_a_receiver_that_wants_no_more_gets_no_more(
    world: World, receiver: Receiver
) -> None:
    await begin(world)
    receiver.fails.append(UndeliveredError("HTTP 410", is_final=True))
    await deliver(world, receiver)

    assert (await the_only(world)).deliveries[0].state is DeliveryState.DEAD


async def test_a_number_that_no_notice_has_is_refused(world: World) -> None:
    with pytest.raises(PlanError, match="no notice 5"):
        await send_again(world.database, world.time, 5, person("Bà Mẫu"))


async def test_one_way_that_fails_keeps_no_other_back(
    world: World, receiver: Receiver
) -> None:
    mail = Receiver("mail", fails=[UndeliveredError("SMTP 421")])
    world.deployment = replace(world.deployment, told_by=("webhook", "mail"))
    await fail(world)

    await deliver(world, receiver, mail)

    assert (len(receiver.got), len(mail.got)) == (1, 0)
    world.time.pass_(minutes=1)
    await deliver(world, receiver, mail)
    assert (len(receiver.got), len(mail.got)) == (1, 1)


async def test_a_run_that_fails_is_told_once_and_that_it_works_again(
    world: World, receiver: Receiver
) -> None:
    for _ in range(3):
        await fail(world)
        world.time.pass_(minutes=1)
    await deliver(world, receiver)
    assert receiver.types == ["run_failed.begun"]
    (message,) = receiver.got
    assert message.data["account"] == "memory"
    assert message.data["cause"] == "credentials"
    assert "bà Mẫu" not in str(message), "the words of an error are nobody's business"

    receiver.got.clear()
    await world.sync()
    await deliver(world, receiver)
    assert receiver.types == ["run_failed.ended"]

    receiver.got.clear()
    world.market.script("events", UnavailableError("bảo trì"), times=9)
    await world.sync()
    await deliver(world, receiver)
    assert receiver.types == [], "it is told once an hour at most"
    world.time.pass_(hours=1)
    await world.sync()
    await deliver(world, receiver)
    assert receiver.types == ["run_failed.begun"]


async def test_where_no_way_is_set_nothing_is_recorded(world: World) -> None:
    await fail(world)

    assert await notice_log(world.database) == []


async def test_an_account_that_is_down_for_an_hour_is_told(
    world: World, receiver: Receiver
) -> None:
    await fail(world)
    await deliver(world, receiver)
    world.time.pass_(minutes=59)
    await fail(world)
    assert await told(world, receiver) == []
    world.time.pass_(minutes=1)
    assert await told(world, receiver) == ["account_down.begun"]
    assert await told(world, receiver) == []

    await world.sync()

    assert sorted(await told(world, receiver)) == [
        "account_down.ended",
        "run_failed.ended",
    ]


async def test_a_held_group_is_told_with_its_number_and_its_end(
    world: World, receiver: Receiver
) -> None:
    await listed(world, 8)
    for n in range(1, 7):
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)
    await world.sync()
    await deliver(world, receiver)
    (message,) = receiver.got
    assert (message.type, message.data["size"]) == ("group_held.begun", 6)
    assert message.data["simulated"]
    assert message.title.vi.startswith("[MÔ PHỎNG] ")
    assert await told(world, receiver) == [], "the event has recorded it"

    number = message.data["group"]
    await approvals.approve(world.deployment, number, by=person("Bà Mẫu"), reason="x")

    assert await told(world, receiver) == ["group_held.ended"]


async def test_certificates_are_told_of_90_60_and_30_days_before_their_end(
    world: World, receiver: Receiver
) -> None:
    certificate = make_certificate(decided_on=date(2021, 6, 1))
    await world.save(entry(1, certificates=(certificate,)))
    end, seen = datetime(2024, 6, 1, 5, tzinfo=UTC), []
    for days in (91, 90, 89, 61, 60, 31, 30, 1, -1, -2):
        world.time.now = end - timedelta(days=days)
        for each in await told(world, receiver):
            assert each == "certificates_end.begun"
            seen.append((days, receiver.got[0].data["days"]))

    assert seen == [(90, 90), (60, 60), (30, 30)]
    found = (await notice_log(world.database))[0]
    products = [{"product": "SP-00001", "ends_on": "2024-06-01"}]
    assert found.notice.details["products"] == products
    assert "SP-00001 (01/06/2024)" in found.message.text.vi
    assert found.notice.ended_at is not None


async def test_a_certificate_that_is_entered_late_is_told_alone(
    world: World, receiver: Receiver
) -> None:
    certificate = make_certificate(decided_on=date(2021, 3, 20))
    await world.save(entry(1, certificates=(certificate,)))
    await told(world, receiver)
    await world.save(entry(2, certificates=(certificate,)))
    world.time.pass_(hours=7)

    assert await told(world, receiver) == ["certificates_end.begun"]
    (message,) = receiver.got
    assert [each["product"] for each in message.data["products"]] == ["SP-00002"]


async def test_listings_that_claim_what_has_ended_are_told(
    world: World, receiver: Receiver
) -> None:
    certificate = make_certificate(decided_on=date(2021, 3, 20))
    await world.save(entry(1, certificates=(certificate,)))
    await world.sync()
    world.time.pass_(days=40)  # and no run

    assert "claims_shown.begun" in await told(world, receiver)
    assert await told(world, receiver) == []
    await world.sync()
    assert await told(world, receiver) == ["claims_shown.ended"]


async def test_many_processes_look_and_each_thing_is_told_once(
    world: World, receiver: Receiver
) -> None:
    await fail(world)
    world.time.pass_(hours=1)
    first, second = Look(world.deployment), Look(world.deployment)
    await first.look()
    await second.look()
    await deliver(world, receiver)

    assert sorted(receiver.types) == ["account_down.begun", "run_failed.begun"]


async def test_telling_goes_on_beside_the_work_and_ends_with_it(
    world: World, receiver: Receiver
) -> None:
    await fail(world)
    slept = asyncio.Event()

    async def sleep(seconds: float) -> None:
        del seconds
        slept.set()
        await asyncio.Event().wait()

    world.deployment = replace(world.deployment, sleep=sleep)
    async with telling(world.deployment, [receiver]):
        await slept.wait()

    assert receiver.types == ["run_failed.begun"]


async def test_telling_outlives_what_goes_wrong(
    world: World, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    await fail(world)
    receiver.fails.append(OSError("a mistake of ours"))  # type: ignore[arg-type]
    slept = asyncio.Queue[float]()
    go_on = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.put_nowait(seconds)
        await go_on.wait()
        go_on.clear()

    world.deployment = replace(world.deployment, sleep=sleep)
    async with telling(world.deployment, [receiver]):
        await slept.get()
        assert receiver.types == []
        world.time.pass_(minutes=5)  # the claim ends
        go_on.set()
        await slept.get()

    assert receiver.types == ["run_failed.begun"]
    assert "notices failed" in caplog.text
