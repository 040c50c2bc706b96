"""A sync in which calls fail, answers get lost, or that dies."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from catalog.values import replace
from ocop_sync.errors import (
    AuthenticationError,
    CallRefusedError,
    OutcomeUnknownError,
    SyncInProgressError,
    UnavailableError,
)
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.sync.sync import sync
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import Lease
from ocop_sync.testing.memory import LostAnswer
from tests.world import World, entry

pytestmark = pytest.mark.postgresql

ANOTHER = Lease(token="t-2", holder="máy khác", lasts=timedelta(minutes=1))  # noqa: S106  (names a run)
TOO_BAD = CallRefusedError("lời gọi không hợp lệ", code="BODY_INVALID")
REFUSAL = Refused((Problem(code="image", message="Ảnh mờ"),))


class PowerCutError(BaseException):
    """The process is gone; nothing after it runs."""


async def _die_after(world: World, method: str) -> None:
    """Let the process die when a call of *method* was applied."""
    real = getattr(world.market, method)

    async def call(changes: Sequence[Any]) -> Any:
        await real(changes)
        raise PowerCutError

    setattr(world.market, method, call)
    with pytest.raises(BaseException) as caught:  # noqa: PT011 (a group holds it)
        await world.sync()
    setattr(world.market, method, real)
    assert caught.value is not None
    world.time.pass_(minutes=2)


@pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
@pytest.mark.parametrize("whole_call", [True, False], ids=["call", "item"])
async def test_a_lost_answer_never_leaves_a_second_listing(
    world: World, applied: bool, whole_call: bool
) -> None:
    await world.save(entry(1), entry(2))
    lost = LostAnswer(applied=applied, whole_call=whole_call)
    world.market.script("create", lost)

    await world.sync()

    assert len(world.market.shelf.of("SP-00001")) == 1
    assert len(world.market.shelf.of("SP-00002")) == 1


async def test_a_lost_answer_is_waited_out_before_it_is_read_back(
    world: World,
) -> None:
    await world.save(entry(1))
    world.market.script("create", LostAnswer(applied=True))
    before = world.time.now

    await world.sync()

    methods = [call.method for call in world.market.log]
    waited = world.market.capabilities.call_timeout_s
    assert methods[-1] == "find"
    assert world.time.now - before >= timedelta(seconds=waited)


async def test_an_answer_lost_by_a_withdrawal_is_settled(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    world.market.script("withdraw", LostAnswer(applied=True))
    await world.sync()
    await world.change(paused=False)

    await world.sync()

    assert world.written() == ["republish"]


@pytest.mark.parametrize(
    "method", ["create", "set_price", "set_stock", "set_stars", "update", "withdraw"]
)
async def test_a_process_that_dies_after_a_call_is_carried_on(
    world: World, method: str
) -> None:
    await world.save(entry(1), entry(2))
    if method == "create":
        await _die_after(world, method)
    else:
        await world.sync()
        await _change_for(world, method)
        await _die_after(world, method)

    await world.sync()
    await world.sync()

    assert world.written() == []
    assert len(world.market.shelf.of("SP-00001")) == 1
    assert (await world.record()).state.awaiting is None


async def _change_for(world: World, method: str) -> None:
    product, _ = entry(1)
    (variant,), (certificate,) = product.variants, product.certificates
    changes: dict[str, dict[str, Any]] = {
        "set_price": {"variants": (replace(variant, price_vnd=60_000),)},
        "set_stock": {"variants": (replace(variant, on_hand=3),)},
        "set_stars": {"certificates": (replace(certificate, stars=5),)},
        "update": {"description": "Măng ngọt."},
        "withdraw": {"paused": True},
    }
    await world.change(**changes[method])


async def test_one_refused_listing_blocks_no_other(world: World) -> None:
    await world.save(entry(1), entry(2), entry(3))
    world.market.script("create", REFUSAL, client_ref="SP-00002", times=9)

    report = await world.sync()

    assert report.counts["memory"].listed == 2
    assert report.counts["memory"].refused == 1


@pytest.mark.parametrize("culprits", [["SP-00017"], ["SP-00001", "SP-00030"]])
async def test_a_call_that_is_refused_as_a_whole_keeps_back_only_its_culprits(
    world: World, culprits: list[str]
) -> None:
    await world.save(*(entry(n) for n in range(1, 31)))
    for culprit in culprits:
        world.market.script("create", TOO_BAD, client_ref=culprit, times=99)

    report = await world.sync()

    assert report.counts["memory"].listed == 30 - len(culprits)
    assert (report.stopped, report.failed) == ({}, len(culprits))
    answers = await world.answers("create")
    assert answers.count("refused") == len(culprits)
    for n in range(1, 31):
        assert len(world.market.shelf.of(f"SP-{n:05}")) <= 1


async def test_a_refused_price_does_not_keep_stock_from_being_lowered(
    world: World,
) -> None:
    product, _ = entry(1)
    await world.save(entry(1))
    await world.sync()
    variant = replace(product.variants[0], price_vnd=90_000, on_hand=2)
    await world.change(variants=(variant,))
    world.market.script("set_price", REFUSAL, times=9)

    await world.sync()
    await world.sync()

    assert world.written() == []
    assert (await world.record()).hold == "change_refused"
    assert world.market.shelf.of("SP-00001")[0].shown.variants[0].stock == 2


async def test_what_is_known_not_applied_is_tried_again(world: World) -> None:
    await world.save(entry(1))
    world.market.script("create", UnavailableError("bảo trì"))

    report = await world.sync()

    assert report.counts["memory"].listed == 1


async def test_a_marketplace_that_stays_down_is_left_to_the_next_run(
    world: World,
) -> None:
    await world.save(entry(1))
    world.market.script("create", UnavailableError("bảo trì"), times=99)
    await world.sync()
    world.market._scripts.clear()

    report = await world.sync()

    assert report.counts["memory"].listed == 1
    assert len(world.market.shelf.of("SP-00001")) == 1


async def test_an_account_without_access_stops_no_other(two: World) -> None:
    await two.save(entry(1))
    two.market.script("page", AuthenticationError("sai mật khẩu"), times=99)

    report = await two.sync()

    assert list(report.stopped) == ["memory"]
    assert report.counts["other"].listed == 1


async def test_a_reading_that_fails_creates_nothing(world: World) -> None:
    await world.save(entry(1))
    world.market.script("page", OutcomeUnknownError("mất kết nối"), times=99)

    await world.sync()

    assert world.written() == []


async def test_a_second_run_at_the_same_account_is_turned_away(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.database.write(
        lambda conn: accounts.take(conn, ["memory"], ANOTHER, world.time())
    )

    with pytest.raises(SyncInProgressError, match="máy khác"):
        await sync(world.deployment)


async def test_a_lease_that_ended_is_taken_over(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.database.write(
        lambda conn: accounts.take(conn, ["memory"], ANOTHER, world.time())
    )
    world.time.pass_(minutes=2)

    report = await world.sync()

    assert report.busy == []


async def test_a_run_that_lost_its_lease_writes_nothing_more(world: World) -> None:
    await world.save(entry(1), entry(2))
    real = world.market.put_sellers

    async def slow(changes: Sequence[Any]) -> Any:
        world.time.pass_(minutes=2)
        await world.database.write(
            lambda conn: accounts.take(conn, ["memory"], ANOTHER, world.time())
        )
        return await real(changes)

    world.market.put_sellers = slow  # type: ignore[method-assign]  # a slow network

    report = await world.sync()

    assert "máy khác" in report.stopped["memory"]
    assert world.written() == ["put_seller", "put_seller"]


async def test_two_runs_at_once_make_each_listing_once(world: World) -> None:
    await world.save(*(entry(n) for n in range(1, 30)))

    real, refused = world.market.put_sellers, asyncio.Event()

    async def slow(changes: Sequence[Any]) -> Any:
        await refused.wait()  # so that neither has ended before the other begins
        return await real(changes)

    async def run() -> bool:
        try:
            await sync(world.deployment)
        except SyncInProgressError:
            refused.set()
            return False
        return True

    world.market.put_sellers = slow  # type: ignore[method-assign]

    results = await asyncio.gather(run(), run())

    assert sorted(results) == [False, True]
    assert all(len(world.market.shelf.of(f"SP-{n:05}")) == 1 for n in range(1, 30))
