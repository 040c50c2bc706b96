"""Whether a worker lives: its own loop and database, never a marketplace."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ocop_sync.cli.health import _line
from ocop_sync.errors import UnavailableError
from ocop_sync.service.run.heartbeat import Pulse, Trouble, pulse_of, trouble_of
from ocop_sync.store.runs.heartbeats import Doing, Heartbeat
from tests.factories import AT
from tests.world import World, entry

HOUR = timedelta(hours=1)
SYNCING = Heartbeat(
    name="w",
    holder="kiểm thử",
    at=AT,
    doing=Doing.SYNCING,
    since=AT,
    active_at=AT,
    every_s=60,
)


def pulse(world: World, every: timedelta = HOUR) -> Pulse:
    return Pulse(world.deployment, "w", every)


async def trouble(world: World) -> Trouble | None:
    found = await pulse_of(world.database, world.time, "w")
    return found.trouble


@pytest.mark.postgresql
async def test_a_worker_that_never_ran_is_not_healthy_and_others_are_named(
    world: World,
) -> None:
    await Pulse(world.deployment, "khác", HOUR).beat()
    world.time.pass_(minutes=1)
    await Pulse(world.deployment, "mới hơn", HOUR).beat()

    found = await pulse_of(world.database, world.time, "w")

    assert found.trouble is Trouble.NEVER
    assert found.others == ("mới hơn", "khác")
    assert _line(found).endswith("; có / there are (--name): mới hơn, khác")


async def test_a_worker_is_healthy_between_syncs_that_are_an_hour_apart(
    world: World,
) -> None:
    heart = pulse(world)
    found = []
    for _ in range(12):
        await heart.beat()
        found.append(await trouble(world))
        world.time.pass_(minutes=5)

    assert set(found) == {None}


async def test_a_loop_that_turns_no_more_is_not_healthy(world: World) -> None:
    await pulse(world).beat()
    world.time.pass_(minutes=5)
    lately = await trouble(world)
    world.time.pass_(seconds=1)

    assert lately is None
    assert await trouble(world) is Trouble.SILENT


async def test_a_sync_that_was_due_and_has_not_begun_is_not_healthy(
    world: World,
) -> None:
    heart = pulse(world)
    world.time.pass_(minutes=76)
    await heart.beat()

    assert await trouble(world) is Trouble.OVERDUE


async def test_a_sync_that_does_nothing_any_more_is_stuck(world: World) -> None:
    heart = pulse(world)
    heart.turn_to(Doing.SYNCING)
    found = []
    for _ in range(4):
        await heart.beat()
        found.append(await trouble(world))
        world.time.pass_(minutes=5, seconds=1)

    assert found == [None, None, None, Trouble.STUCK]


async def test_a_sync_of_many_hours_that_goes_on_is_healthy(world: World) -> None:
    heart = pulse(world)
    heart.turn_to(Doing.SYNCING)
    found = []
    for _ in range(20):
        world.time.pass_(minutes=14)
        world.deployment.activity.note()
        await heart.beat()
        found.append(await trouble(world))

    assert set(found) == {None}


@pytest.mark.parametrize("method", ["page", "events", "create"])
async def test_a_marketplace_that_is_down_leaves_the_worker_healthy(
    world: World, method: str
) -> None:
    await world.save(*(entry(n) for n in range(1, 4)))
    world.market.script(method, UnavailableError("bảo trì"), times=99)
    heart = pulse(world)
    found = []
    for _ in range(3):
        heart.turn_to(Doing.SYNCING)
        await world.sync()
        await heart.beat()
        heart.turn_to(Doing.IDLE)
        await heart.beat()
        found.append(await trouble(world))
        world.time.pass_(minutes=3)

    assert found == [None] * 3


async def test_calls_pauses_and_evaluated_products_are_signs_of_work(
    world: World,
) -> None:
    await world.save(entry(1))
    activity, seen = world.deployment.activity, list[int]()
    real = world.market.create

    async def create(changes: Any) -> Any:
        seen.append(activity.count)
        return await real(changes)

    world.market.create = create  # type: ignore[method-assign]
    await world.sync(follow_s=0)
    await world.deployment.pause(1)

    assert seen[0] > 1  # the page that was read, and the product that was evaluated
    assert activity.count > seen[0] + 1


@pytest.mark.postgresql
async def test_a_worker_that_was_told_to_stop_is_not_healthy(world: World) -> None:
    heart = pulse(world)
    heart.turn_to(Doing.ENDED)
    await heart.beat()

    assert await trouble(world) is Trouble.ENDED


async def test_a_database_that_takes_no_heartbeat_ends_nothing_and_is_logged_once(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked(*_: object, **__: object) -> None:
        message = "đang khóa"
        raise OSError(message)

    heart = pulse(world)
    await heart.beat()
    monkeypatch.setattr(world.database, "write", locked)
    await heart.beat()
    await heart.beat()

    assert [each.message for each in caplog.records] == ["no heartbeat could be stored"]


async def test_workers_that_have_long_been_gone_are_forgotten(world: World) -> None:
    await pulse(world).beat()
    world.time.pass_(days=8)
    await Pulse(world.deployment, "mới", HOUR).beat()

    assert await trouble(world) is Trouble.NEVER


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(timedelta(minutes=-5), None, id="put back a little"),
        pytest.param(timedelta(minutes=-6), Trouble.SILENT, id="put back"),
        pytest.param(timedelta(minutes=6), Trouble.SILENT, id="put on"),
    ],
)
def test_a_heartbeat_far_from_now_is_none(
    after: timedelta, expected: Trouble | None
) -> None:
    assert trouble_of(SYNCING, AT + after) is expected


def test_a_worker_that_syncs_is_never_overdue() -> None:
    late = replace(SYNCING, since=AT - 5 * HOUR, active_at=AT)

    assert trouble_of(late, AT) is None
