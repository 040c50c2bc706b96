"""A paused account is read, and nothing is written there; every command says so."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import func, select

from catalog.model.product import Entry
from catalog.progress import no_progress
from catalog.values import replace
from ocop_sync.engine.reasons.reason import Reason
from ocop_sync.errors import ConfigurationError, PlanError
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.service.decisions.pauses import (
    PauseDecision,
    pause_accounts,
    pauses_at,
    resume_accounts,
)
from ocop_sync.service.plan.preview import preview
from ocop_sync.service.plan.scope import EVERYTHING
from ocop_sync.service.queries.monitor import Level, watch
from ocop_sync.service.queries.status import status
from ocop_sync.service.send.queue import AHEAD
from ocop_sync.store.db.database import Database
from ocop_sync.store.tables import change as ledger
from tests.acts import acts_of
from tests.factories import person
from tests.world import World, entry, open_world

pytestmark = pytest.mark.postgresql

Act = Callable[[Sequence[Any]], Awaitable[Any]]

WHY: Any = {"by": person("Bà Mẫu"), "reason": "sàn làm hỏng ảnh"}


async def pause(world: World, *keys: str, **other: Any) -> PauseDecision:
    return await pause_accounts(
        world.deployment, keys or ["memory"], **{**WHY, **other}
    )


async def resume(world: World) -> PauseDecision:
    return await resume_accounts(world.deployment, ["memory"], **WHY)


async def sent(world: World) -> int:
    """Return how many changes the ledger holds."""
    async with world.database.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(ledger)) or 0)


async def waits_of(world: World) -> Reason:
    """Return why the only product that should be withdrawn is still on sale."""
    (late,) = (await status(world.deployment)).overdue.not_withdrawn
    return late.reason


async def test_nothing_is_written_to_a_paused_account_and_it_is_named(
    world: World,
) -> None:
    await world.save(entry(1), entry(2))
    await pause(world)

    report = await world.sync()

    assert world.written() == []
    assert await sent(world) == 0
    assert world.market.log  # it was read all the same
    assert report.paused["memory"].reason == "sàn làm hỏng ảnh"
    assert report.paused["memory"].by == "Bà Mẫu"
    assert (report.failed, report.stopped) == (0, {})


async def test_a_sync_ends_though_more_waits_than_is_read_ahead(world: World) -> None:
    numbers = range(1, AHEAD + 3)
    await world.save(*map(entry, numbers))
    await world.sync()
    limits = replace(world.deployment.limits, slice_changes=1)
    world.deployment = replace(world.deployment, limits=limits)
    await pause(world)
    await world.save(*(dearer(n) for n in numbers))

    report = await world.sync()

    assert (world.written(), report.writes) == ([], 0)


def dearer(n: int) -> Entry:
    item, maker = entry(n)
    (pack,) = item.variants
    return replace(item, variants=(replace(pack, price_vnd=60_000),)), maker


async def test_all_that_waited_goes_once_the_account_goes_on(world: World) -> None:
    await world.save(entry(1), entry(2))
    await pause(world)
    await world.sync()

    decided = await resume(world)
    report = await world.sync()

    assert (decided.changed, decided.paused) == (["memory"], [])
    assert (report.paused, report.counts["memory"].listed) == ({}, 2)


async def test_a_withdrawal_waits_and_is_said_to_wait_for_that(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await pause(world)
    await world.change(paused=True)

    report = await world.sync()

    (late,) = report.overdue.not_withdrawn
    assert world.market.shelf.of("SP-00001")[0].state is RemoteState.LIVE
    assert (
        "account memory is paused, and nothing is written there" in late.reason.seen.en
    )
    assert "Bà Mẫu" in late.reason.seen.en
    assert late.reason.todo.en.startswith("Once it may go on")
    assert (await waits_of(world)).seen == late.reason.seen

    await resume(world)
    await world.sync()
    assert world.written() == ["withdraw"]


async def test_a_run_that_goes_on_sends_nothing_once_its_account_is_paused(
    world: World, url: str
) -> None:
    await world.save(*(entry(n) for n in range(1, 7)))
    world.deployment = replace(
        world.deployment, limits=replace(world.deployment.limits, slice_changes=2)
    )
    real: Act = world.market.create
    calls = list[object]()

    async def meanwhile(changes: Sequence[Any]) -> Any:
        calls.append(changes)
        if len(calls) == 1:
            there = Database(url)
            theirs = replace(world.deployment, database=there)
            await pause_accounts(theirs, ["memory"], **WHY)
            await there.close()
        return await real(changes)

    world.market.create = meanwhile  # type: ignore[method-assign]
    report = await world.sync()

    assert len(calls) == 1
    assert world.written().count("create") == 2
    assert await world.answers("create") == ["applied", "applied"]
    assert list(report.paused) == ["memory"]


async def test_a_pause_is_an_act_and_a_second_one_changes_nothing(
    world: World,
) -> None:
    first = await pause(world)
    again = await pause(world, reason="khác")

    assert (first.changed, again.changed, again.unchanged) == (
        ["memory"],
        [],
        ["memory"],
    )
    assert [each.reason for each in again.paused] == ["sàn làm hỏng ảnh"]
    await resume(world)
    assert [
        (kind, subjects) for kind, subjects, _ in await acts_of(world.database)
    ] == [
        ("pause_accounts", ["memory"]),
        ("resume_accounts", ["memory"]),
    ]


async def test_status_plan_and_monitor_name_a_paused_account(world: World) -> None:
    await world.save(entry(1))
    await pause(world)

    found = await status(world.deployment)
    planned = await preview(world.deployment, EVERYTHING, no_progress)
    health = await watch(world.deployment)

    assert found.accounts[0].pause == planned.pauses[0]
    assert planned.pauses == await pauses_at(world.deployment, ["memory"])
    (alarm,) = [each for each in health.alarms if each.code == "paused"]
    assert (alarm.level, alarm.where) == (Level.WARNING, "memory")
    assert alarm.why == "Bà Mẫu: sàn làm hỏng ảnh"


async def test_other_accounts_go_on(url: str) -> None:
    async with open_world(url, ["memory", "other"]) as world:
        await world.save(entry(1))
        await pause(world)

        report = await world.sync()

        assert list(report.paused) == ["memory"]
        assert world.markets["memory"].written() == []
        assert report.counts["other"].listed == 1


async def test_sales_at_a_paused_account_are_still_read(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await pause(world)
    world.market.log.clear()
    world.time.pass_(minutes=5)

    await world.sync()

    assert "events" in [call.method for call in world.market.log]


async def test_the_seller_of_a_paused_account_is_left_alone(world: World) -> None:
    item, maker = entry(1)
    assert maker is not None
    await world.save((item, maker))
    await world.sync()
    await pause(world)
    await world.save((item, replace(maker, name="Cơ sở Mẫu đổi tên")))

    await world.sync()
    assert world.written() == []

    await resume(world)
    await world.sync()
    assert "put_seller" in world.written()


async def test_the_transaction_of_the_intents_is_the_last_look(
    world: World, url: str
) -> None:
    await world.save(entry(1))
    real = world.database.write
    there = Database(url)

    async def write(work: Callable[[Any], Awaitable[Any]], **how: Any) -> Any:
        parts = [c.cell_contents for c in getattr(work, "__closure__", None) or ()]
        names = [getattr(part, "__qualname__", "") for part in parts]
        if any("_store_intents" in name for name in names):
            theirs = replace(world.deployment, database=there)
            await pause_accounts(theirs, ["memory"], **WHY)
        return await real(work, **how)

    world.database.write = write  # type: ignore[method-assign]
    report = await world.sync()
    world.database.write = real  # type: ignore[method-assign]
    await there.close()

    assert (world.written(), await sent(world)) == ([], 0)
    assert list(report.paused) == ["memory"]


@pytest.mark.parametrize(
    ("keys", "other", "error"),
    [
        pytest.param(["nowhere"], {}, ConfigurationError, id="no such account"),
        pytest.param(["memory"], {"reason": " "}, PlanError, id="no reason"),
        pytest.param(["memory"], {"by": person("")}, PlanError, id="nobody"),
    ],
)
async def test_a_pause_needs_an_account_a_person_and_a_reason(
    world: World, keys: list[str], other: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await pause(world, *keys, **other)

    assert await pauses_at(world.deployment) == []
