"""The status of each account after its last run, and the messages to a monitor."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.model.paper import PaperKind
from ocop_sync.calls.stop import Stop
from ocop_sync.engine.plan import clock_doubt
from ocop_sync.errors import (
    AuthenticationError,
    ConfigurationError,
    RefusedClockError,
    UnavailableError,
)
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions import cancellations
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.queries.account_status import AccountStatus, account_statuses
from ocop_sync.service.queries.monitor import Health, Level, watch
from ocop_sync.store.runs import accounts, ill_dates, last_runs
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.store.runs.last_runs import Begun, Ending
from tests.factories import AT, NOT_SO, make_paper, person
from tests.integration.test_checking import WithoutSecret
from tests.integration.test_clock_jumps import answering
from tests.world import World, entry, open_world

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
WRONG = AuthenticationError("sai mật khẩu")
DOWN = UnavailableError("bảo trì")
REFUSAL = Refused((Problem(code="PRICE_RANGE", message="Giá ngoài khung"),))


async def status(world: World) -> AccountStatus:
    (found,) = await account_statuses(world.deployment)
    return found


async def sync_while(world: World, error: Exception) -> None:
    world.market.script("page", error, times=9)  # type: ignore[arg-type]
    await world.sync()
    world.market.forget_scripts()


async def sync_with_wrong_password(world: World) -> None:
    await sync_while(world, WRONG)


async def begin_and_die(world: World) -> None:
    """Take the lease as a run does, and never give it back."""
    minute = timedelta(seconds=60)
    lease = Lease(token="t", holder="khác", lasts=minute)  # noqa: S106
    begun = Begun(account="memory", marketplace="memory", run_id="t:memory")
    now = world.time()

    async def begin(conn: AsyncConnection) -> None:
        await accounts.know(conn, [world.market.account])
        await accounts.take(conn, ["memory"], lease, now)
        await last_runs.begin(conn, [begun], now)

    await world.database.write(begin)


async def test_an_account_that_never_ran_says_so(world: World) -> None:
    found = await status(world)

    assert (found.key, found.marketplace) == ("memory", "memory")
    assert (found.last_run, found.failing_since, found.error) == (None, None, "")
    assert found.may_be_old(world.time())


async def test_a_good_run_is_remembered_though_it_had_nothing_to_do(
    world: World,
) -> None:
    await world.sync()
    world.time.pass_(minutes=5)
    began = world.time()
    await world.sync()

    found = await status(world)

    assert found.last_run is not None
    assert (found.last_run.ending, found.last_run.began_at) == (Ending.DONE, began)
    assert found.worked_at == found.last_run.ended_at
    assert (found.read_whole_at, found.failing_since) == (AT, None)
    assert (found.last_run.writes, found.last_run.failed) == (0, 0)


async def test_a_run_at_an_account_of_no_use_has_failed_with_its_error(
    world: World,
) -> None:
    await sync_with_wrong_password(world)

    found = await status(world)

    assert found.last_run is not None
    assert found.last_run.ending is Ending.FAILED
    assert (found.error, found.failing_since) == ("sai mật khẩu", AT)
    assert found.todo is not None
    assert "secrets" in found.todo.en
    assert (found.worked_at, found.read_whole_at) == (None, None)


async def test_what_fails_again_fails_since_the_first_time(world: World) -> None:
    await sync_with_wrong_password(world)
    world.time.pass_(minutes=40)
    await sync_with_wrong_password(world)

    assert (await status(world)).failing_since == AT


async def test_an_account_that_recovers_is_not_failing(world: World) -> None:
    await sync_with_wrong_password(world)
    await world.sync()

    found = await status(world)

    assert (found.failing_since, found.error) == (None, "")


async def test_refused_changes_are_a_failed_run_that_has_worked(world: World) -> None:
    await world.save(entry(1), entry(2))
    world.market.script("create", REFUSAL, client_ref="SP-00001")
    await world.sync()

    found = await status(world)

    assert found.last_run is not None
    assert (found.last_run.ending, found.last_run.failed) == (Ending.FAILED, 1)
    assert found.error == "1 thay đổi không thành / changes failed: Giá ngoài khung"
    assert (found.held, found.worked_at) == (1, found.last_run.ended_at)


@pytest.mark.parametrize("what", ["page", "events"])
async def test_what_could_not_be_read_is_kept_back(world: World, what: str) -> None:
    world.market.script(what, UnavailableError("bảo trì"), times=9)
    await world.sync()

    found = await status(world)

    assert found.last_run is not None
    said = (found.last_run.unread, found.last_run.sales_unread)
    assert said == (("bảo trì", "") if what == "page" else ("", "bảo trì"))
    assert (found.error, found.worked_at) == ("bảo trì", None)


async def test_a_new_listing_is_left_to_be_looked_up(world: World) -> None:
    await world.save(entry(1))
    await world.sync(follow_s=0)

    found = await status(world)

    assert found.look_ups is not None
    assert found.look_ups.left == 1


async def test_a_run_whose_lease_is_renewed_is_still_running(world: World) -> None:
    await begin_and_die(world)
    world.time.pass_(seconds=30)

    found = await status(world)

    assert found.last_run is not None
    assert (found.last_run.ending, found.failing_since) == (Ending.RUNNING, None)


async def test_why_an_account_fails_is_told_while_the_next_run_goes_on(
    world: World,
) -> None:
    await sync_with_wrong_password(world)
    world.time.pass_(minutes=10)
    await begin_and_die(world)

    found = await status(world)

    assert found.last_run is not None
    assert found.last_run.ending is Ending.RUNNING
    assert (found.error, found.failing_since) == ("sai mật khẩu", AT)
    assert found.todo is not None


async def test_a_run_whose_lease_has_ended_has_died(world: World) -> None:
    await begin_and_die(world)
    world.time.pass_(seconds=61)

    found = await status(world)

    assert found.last_run is not None
    assert (found.last_run.ending, found.last_run.ended_at) == (Ending.DIED, None)
    assert (found.failing_since, found.is_failing) == (AT, True)


async def test_a_run_that_died_counts_as_failed_in_the_next_one(world: World) -> None:
    await begin_and_die(world)
    world.time.pass_(seconds=61)
    await sync_with_wrong_password(world)

    assert (await status(world)).failing_since == AT


async def test_what_was_taken_over_ends_nobody_elses_run(world: World) -> None:
    await begin_and_die(world)
    late = last_runs.Ended(account="memory", run_id="u:memory", ending=Ending.DONE)
    await world.database.write(lambda conn: last_runs.end(conn, [late], AT))

    found = await status(world)

    assert found.last_run is not None
    assert found.last_run.ending is Ending.RUNNING


@pytest.mark.parametrize("was_failing", [True, False])
async def test_a_run_that_was_told_to_stop_says_nothing_of_the_account(
    world: World, *, was_failing: bool
) -> None:
    if was_failing:
        await sync_with_wrong_password(world)
    world.time.pass_(minutes=1)
    stop = Stop(1)
    stop.ask("SIGTERM")
    world.deployment = replace(world.deployment, stop=stop)
    await world.sync()

    found = await status(world)

    assert found.last_run is not None
    assert (found.last_run.ending, found.error) == (Ending.STOPPED, "SIGTERM")
    assert found.failing_since == (AT if was_failing else None)


async def test_a_cancelled_run_says_so(world: World) -> None:
    await world.save(entry(1))
    begun = asyncio.Event()

    async def cancel(*_: object) -> None:
        if not begun.is_set():
            begun.set()
            await cancellations.cancel(world.deployment, by=person("Bà Mẫu"))

    real = world.market.create

    async def create(changes: object) -> object:
        await cancel()
        return await real(changes)  # type: ignore[arg-type]

    world.market.create = create  # type: ignore[method-assign,assignment]
    await world.sync()

    found = await status(world)

    assert found.last_run is not None
    assert found.last_run.ending is Ending.CANCELLED


async def test_a_sync_that_breaks_off_has_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        message = "mất cơ sở dữ liệu"
        raise ConfigurationError(message)

    monkeypatch.setattr("ocop_sync.service.sync.leased_sync.LeasedSync.prepare", broken)
    with pytest.raises(ConfigurationError):
        await world.sync()

    found = await status(world)

    assert (found.error, found.failing_since) == ("mất cơ sở dữ liệu", AT)


async def health(world: World) -> list[tuple[str, str]]:
    found = await watch(world.deployment)
    return [(each.level.name, each.code) for each in found.alarms]


async def test_a_monitor_is_told_that_all_is_well(world: World) -> None:
    await world.save(entry(1))
    await world.sync()

    found = await watch(world.deployment)

    assert found == Health(alarms=(), accounts=1)
    assert found.level is Level.OK


async def test_what_fails_for_long_is_critical_and_what_fails_lately_is_nothing(
    world: World,
) -> None:
    await world.sync()
    world.time.pass_(hours=25)
    await sync_while(world, DOWN)
    lately = [code for _, code in await health(world)]
    world.time.pass_(minutes=30)
    await sync_while(world, DOWN)

    (alarm, _) = (await watch(world.deployment)).alarms

    assert lately == ["counts_old"]
    assert (alarm.level, alarm.code) == (Level.CRITICAL, "failing")
    assert (alarm.where, alarm.why) == ("memory", "bảo trì")
    assert alarm.since == AT + timedelta(hours=25)


@pytest.mark.postgresql
async def test_wrong_credentials_are_never_right_by_themselves_and_alarm_at_once(
    world: World,
) -> None:
    await world.sync()
    world.time.pass_(hours=25)
    await sync_with_wrong_password(world)

    (alarm, *_) = (await watch(world.deployment)).alarms

    assert (alarm.level, alarm.code) == (Level.CRITICAL, "failing")
    assert (alarm.where, alarm.why) == ("memory", "sai mật khẩu")


async def test_a_missing_secret_alarms_at_once(url: str) -> None:
    async with open_world(url, kind=WithoutSecret) as world:
        await world.sync()

        (alarm, *_) = (await watch(world.deployment)).alarms

    assert (alarm.level, alarm.code) == (Level.CRITICAL, "failing")
    assert "secrets.password" in alarm.why


async def test_it_stays_an_alarm_while_the_next_run_goes_on(world: World) -> None:
    await world.sync()
    world.time.pass_(hours=25)
    await sync_with_wrong_password(world)
    await begin_and_die(world)  # it has not died yet

    assert ("CRITICAL", "failing") in await health(world)


async def test_a_wrong_clock_is_one_alarm_and_the_worst(world: World) -> None:
    await world.sync()
    right = world.time()
    world.time.now = right - timedelta(hours=9)
    before = await health(world)
    await sync_while(world, RefusedClockError("giờ của lời gọi"))
    (alarm, *others) = (await watch(world.deployment)).alarms

    assert before[0] == ("CRITICAL", "clock")
    assert (alarm.level, alarm.code, alarm.where) == (Level.CRITICAL, "clock", "")
    assert alarm.why == "giờ của lời gọi"
    assert "failing" not in {each.code for each in others}


async def test_a_clock_that_only_a_run_could_doubt_is_an_alarm_as_well(
    world: World,
) -> None:
    await world.sync()
    right = world.time()
    answering(world, lambda: right)
    world.time.pass_(days=3_650)
    await world.sync()

    (alarm, *_) = (await watch(world.deployment)).alarms
    found = await status(world)

    assert (alarm.code, alarm.where) == ("clock", "")
    assert "lệch với đồng hồ các sàn" in alarm.why
    assert found.todo == clock_doubt.TODO
    assert found.worked_at == AT


async def test_single_changes_that_fail_for_long_are_a_warning(world: World) -> None:
    await world.save(entry(1))
    for _ in range(2):
        world.market.script("create", UnavailableError("bận"), times=99)
        await world.sync()
        world.time.pass_(minutes=31)

    found = await watch(world.deployment, longer_than=timedelta(minutes=70))
    now = await health(world)

    assert found.alarms == ()
    assert now == [("WARNING", "changes_failing")]


async def test_counts_without_a_good_run_may_be_old(world: World) -> None:
    never = await health(world)
    await world.sync()
    world.time.pass_(minutes=119)
    lately = await health(world)
    world.time.pass_(minutes=2)

    assert never == [("WARNING", "counts_old")]
    assert lately == []
    assert await health(world) == [("WARNING", "counts_old")]


async def test_an_account_that_was_not_read_whole_for_long_is_a_warning(
    world: World,
) -> None:
    await world.sync()
    world.time.pass_(hours=49)
    limits = replace(world.deployment.limits, read_whole_every=timedelta(hours=99))
    now = replace(world.deployment, limits=limits)
    await world.sync()  # reads it whole
    world.time.pass_(hours=49)
    world.deployment = now
    await world.sync()
    limits = replace(limits, read_whole_every=timedelta(hours=24))
    world.deployment = replace(now, limits=limits)

    assert await health(world) == [("WARNING", "read_old")]


async def test_a_blocked_product_that_is_still_on_sale_is_critical(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    world.market.script("withdraw", REFUSAL)
    await world.sync()

    (alarm,) = (await watch(world.deployment)).alarms

    assert (alarm.level, alarm.code) == (Level.CRITICAL, "not_withdrawn")
    assert (alarm.where, alarm.why) == ("memory", "1: SP-00001")


async def test_what_a_run_is_about_to_withdraw_is_no_alarm_yet(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    seen: list[list[tuple[str, str]]] = []
    real = world.market.withdraw

    async def withdraw(changes: object) -> object:
        seen.append(await health(world))
        world.time.pass_(minutes=31)
        seen.append(await health(world))
        world.time.pass_(minutes=-31)
        return await real(changes)  # type: ignore[arg-type]

    world.market.withdraw = withdraw  # type: ignore[method-assign,assignment]
    await world.sync()

    assert world.written() == [Kind.WITHDRAW.value]
    # A lease that nobody has renewed for so long is that of a run that died.
    assert seen[0] == []
    assert ("CRITICAL", "not_withdrawn") in seen[1]


async def test_a_group_that_waits_for_long_is_a_warning(world: World) -> None:
    await world.save(*(entry(n) for n in range(1, 8)))
    await world.sync()
    for n in range(1, 8):
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)
    await world.sync()
    lately = [code for _, code in await health(world)]
    world.time.pass_(minutes=31)

    assert "group_waits" not in lately
    assert ("WARNING", "group_waits") in await health(world)


async def test_an_adapter_that_cannot_be_used_is_critical(world: World) -> None:
    lost = Unusable(key="x", marketplace="m", seller_ref="", why="hỏng / broken")
    await world.sync()
    world.deployment = replace(world.deployment, unusable={"x": lost})

    (alarm,) = (await watch(world.deployment)).alarms

    assert (alarm.level, alarm.code, alarm.where) == (Level.CRITICAL, "unusable", "x")


async def test_a_deployment_without_accounts_is_a_warning(world: World) -> None:
    world.deployment = replace(world.deployment, sites=())

    assert await health(world) == [("WARNING", "no_account")]


@pytest.mark.postgresql
async def test_what_a_wrong_clock_has_dated_fails_since_now(world: World) -> None:
    right = world.time()
    world.time.pass_(days=3_650)
    await sync_with_wrong_password(world)
    world.time.now = right
    await world.database.write(
        lambda conn: ill_dates.put_right(conn, ["memory"], right)
    )

    found = await status(world)

    assert found.failing_since == right
