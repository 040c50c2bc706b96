"""Whether an account can be worked with is known before anything else is called."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ocop_sync.cli.worker import check_at_start
from ocop_sync.errors import (
    AuthenticationError,
    ConfigurationError,
    FatalError,
    ProtocolError,
    RateLimitedError,
    StoppedError,
    UnavailableError,
    UnreachableError,
)
from ocop_sync.marketplace.change import Create
from ocop_sync.marketplace.result import Result
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.sync.check_accounts import Checked, check_accounts
from ocop_sync.service.sync.reconcile import reconcile
from ocop_sync.service.sync.sync import sync
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.world import World, entry, open_world

DARK = UnavailableError("tắt")
WRONG = AuthenticationError("sai mật khẩu / wrong password")


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (None, Checked.OK),
        (WRONG, Checked.WRONG_CREDENTIALS),
        (UnreachableError("không gọi được"), Checked.UNREACHABLE),
        (UnavailableError("bảo trì"), Checked.UNAVAILABLE),
        (FatalError("403: shop_id 8"), Checked.MISCONFIGURED),
        (ProtocolError("lạ"), Checked.UNEXPECTED),
    ],
    ids=lambda value: str(value) if isinstance(value, Checked) else "",
)
async def test_an_account_is_signed_in_to_once_and_nothing_is_changed(
    world: World, fault: Any, result: Checked
) -> None:
    if fault is not None:
        world.market.script("check", fault, times=9)

    [found] = await check_accounts(world.deployment)

    assert (found.account, found.marketplace) == ("memory", "memory")
    assert (found.result, found.why) == (result, str(fault or ""))
    assert bool(found.todo) == (fault is not None)
    assert (world.market.checks, world.market.log) == (1, [])


class WithoutSecret(InMemoryMarketplace):
    async def check(self) -> None:
        message = "secrets.password: chưa khai báo"
        raise ConfigurationError(message)


async def test_a_missing_secret_is_a_setting_to_put_right(url: str) -> None:
    async with open_world(url, kind=WithoutSecret) as world:
        [found] = await check_accounts(world.deployment)

    assert found.result is Checked.MISCONFIGURED
    assert "secrets.password" in found.why


async def test_accounts_are_checked_as_named_and_those_of_no_use_are_told(
    two: World,
) -> None:
    lost = Unusable(key="x", marketplace="x", seller_ref="", why="hỏng")
    two.deployment = replace(two.deployment, unusable={"x": lost})

    all_ = await check_accounts(two.deployment)
    some = await check_accounts(two.deployment, ["other"])

    assert [each.account for each in all_] == ["memory", "other", "x"]
    assert (all_[-1].result, all_[-1].why) == (Checked.MISCONFIGURED, "hỏng")
    assert [each.account for each in some] == ["other"]
    with pytest.raises(ConfigurationError, match=r"no account y; .*memory, other, x"):
        await check_accounts(two.deployment, ["y"])


async def test_who_is_told_to_stop_signs_in_nowhere(world: World) -> None:
    world.deployment.stop.ask("dừng")

    with pytest.raises(StoppedError):
        await check_accounts(world.deployment)

    assert world.market.checks == 0


async def test_a_run_signs_in_once_until_credentials_are_refused(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.sync()
    known = world.market.checks
    world.market.script("events", WRONG)
    await world.sync()
    await world.sync()

    assert known == 1
    assert world.market.checks == 2


@pytest.fixture
async def refusing(two: World) -> World:
    """Two marketplaces, the first of which refuses our credentials."""
    two.market.script("check", WRONG, times=99)
    await two.save(entry(1))
    return two


async def test_refused_credentials_are_tried_once_in_a_run_and_stop_no_other(
    refusing: World,
) -> None:
    report = await refusing.sync()

    assert (refusing.market.checks, refusing.market.log) == (1, [])
    assert report.stopped == {"memory": str(WRONG)}
    assert report.unheard == {"memory": str(WRONG)}
    assert "secrets" in str(report.todo["memory"])
    assert report.counts["other"].listed == 1
    assert report.failed == 0


async def test_what_is_put_right_is_taken_up_by_the_next_run(refusing: World) -> None:
    await refusing.sync()
    refusing.market.forget_scripts()

    report = await refusing.sync()

    assert report.stopped == {}
    assert report.counts["memory"].listed == 1


async def test_a_reconciliation_that_only_reports_signs_in_first(
    refusing: World,
) -> None:
    found = await reconcile(refusing.deployment, report_only=True)

    assert (refusing.market.checks, refusing.market.log) == (1, [])
    assert found.report.stopped == {"memory": str(WRONG)}


@pytest.mark.parametrize("fault", [DARK, ProtocolError("lạ")])
async def test_any_other_failure_keeps_no_withdrawal_back(
    world: World, fault: Exception
) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    world.deployment.signed_in.clear()
    world.market.script("check", fault, times=9)  # type: ignore[arg-type]

    await world.sync()

    assert world.written() == ["withdraw"]


async def test_any_call_that_succeeds_shows_that_credentials_work(
    world: World,
) -> None:
    world.market.script("check", DARK)
    await world.save(entry(1))
    await world.sync()
    await world.sync()

    assert world.market.checks == 1


async def test_an_account_that_is_slow_to_refuse_us_is_left_alone_as_well(
    url: str,
) -> None:
    others_sent = asyncio.Event()

    class Slow(InMemoryMarketplace):
        async def check(self) -> None:
            await others_sent.wait()
            raise WRONG

    class Fast(InMemoryMarketplace):
        async def create(self, changes: Sequence[Create]) -> Sequence[Result]:
            others_sent.set()
            return await super().create(changes)

    names, others = ("memory", "other"), {"memory": Slow}
    async with open_world(url, names, kind=Fast, others=others) as world:
        await world.save(entry(1))

        report = await world.sync()

        assert world.market.log == []
        assert report.stopped == {"memory": str(WRONG)}
        assert report.counts["other"].listed == 1


async def test_an_account_that_rests_is_not_signed_in_to(world: World) -> None:
    breaker = world.deployment.breaker("memory")
    for _ in range(world.deployment.limits.breaker_failures):
        with pytest.raises(UnavailableError), breaker.watch():
            raise DARK

    await sync(world.deployment)

    assert world.market.checks == 0


async def test_a_worker_signs_in_at_each_account_as_it_starts_and_logs_it(
    refusing: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await check_at_start(refusing.deployment)

    said = {getattr(each, "account", ""): each for each in caplog.records}
    assert {key: each.levelname for key, each in said.items()} == {
        "memory": "WARNING",
        "other": "INFO",
    }
    assert "wrong password" in getattr(said["memory"], "reason", "")
    assert [market.log for market in refusing.markets.values()] == [[], []]


async def test_a_worker_that_is_told_to_stop_as_it_starts_does_not_fail(
    world: World,
) -> None:
    world.deployment.stop.ask("dừng")

    await check_at_start(world.deployment)

    assert world.market.checks == 0


async def test_how_long_a_busy_marketplace_asks_us_to_wait_is_told(
    world: World,
) -> None:
    world.market.script("check", RateLimitedError("429", retry_after=30))

    [found] = await check_accounts(world.deployment)

    assert found.result is Checked.UNAVAILABLE
    assert found.why == "429; Retry-After: 30 s"
