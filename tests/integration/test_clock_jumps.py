"""A clock that jumps takes nothing from buyers and puts nothing on sale.

The marketplaces' own clocks go on as they should, and say so in each answer; where none
of them says anything, instants that were stored before are the witness.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.testing.memory import LostAnswer
from tests.factories import make_certificate, make_variant
from tests.world import World, entry

ENDS_SOON = make_certificate(decided_on=date(2021, 4, 1))
"""It ends a month after the tests begin."""


def answering(world: World, there: Callable[[], datetime]) -> None:
    """Let the marketplace date each of its answers."""
    real, witness = world.market._receive, world.deployment.witness

    async def receive(method: str, items: Any) -> None:
        await real(method, items)
        dated = {"Date": format_datetime(there(), usegmt=True)}
        witness.hear("memory", dated, world.time())

    world.market._receive = receive  # type: ignore[method-assign]  # a real server


def states(world: World) -> list[RemoteState]:
    return [each.state for each in world.market.shelf.listings.values()]


async def listed(world: World) -> None:
    await world.save(*(entry(n, certificates=(ENDS_SOON,)) for n in (1, 2, 3)))
    await world.sync()
    assert states(world) == [RemoteState.LIVE] * 3


async def price(world: World, price_vnd: int) -> None:
    pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=price_vnd)
    await world.change(variants=(pack,))


async def test_a_clock_that_jumps_ahead_takes_nothing_from_buyers(world: World) -> None:
    await listed(world)
    right = world.time()
    answering(world, lambda: right)
    world.time.pass_(days=3_650)
    await price(world, 77_000)

    report = await world.sync()

    assert world.written() == ["set_price"]
    assert "lệch với đồng hồ các sàn" in str(report.clock)
    assert "Chỉnh đồng hồ" in str(report.clock)
    world.time.now = right
    assert (await world.sync()).clock is None
    assert world.written() == []
    assert states(world) == [RemoteState.LIVE] * 3


async def test_an_end_that_the_marketplaces_agree_on_is_carried_out(
    world: World,
) -> None:
    await listed(world)
    answering(world, world.time)
    world.time.pass_(days=40)

    report = await world.sync()

    assert report.clock is None
    assert "set_stars" in world.written()


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "no answer"])
async def test_a_clock_that_jumps_back_puts_nothing_on_sale(
    world: World, answers: bool
) -> None:
    await listed(world)
    right = world.time()
    if answers:
        answering(world, lambda: right)
    world.time.now = right - timedelta(hours=9)
    await world.save(entry(4))

    report = await world.sync()

    assert world.written() == []
    assert report.clock is not None
    world.time.now = right + timedelta(minutes=1)
    await world.sync()
    assert world.written().count("create") == 1


async def test_one_marketplace_with_a_wrong_clock_is_no_reason_to_doubt_ours(
    two: World,
) -> None:
    witness = two.deployment.witness
    off = two.time() + timedelta(days=400)
    for name, market in two.markets.items():
        there = off if name == "other" else two.time()
        real = market._receive

        async def receive(
            method: str, items: Any, there: datetime = there, real: Any = real
        ) -> None:
            await real(method, items)
            dated = {"Date": format_datetime(there, usegmt=True)}
            witness.hear(str(there), dated, two.time())

        market._receive = receive  # type: ignore[method-assign]  # a real server
    await two.save(entry(1))

    report = await two.sync()

    assert report.clock is None
    assert two.written().count("create") == 2


async def test_what_an_ill_clock_stored_is_not_waited_for(world: World) -> None:
    """The marketplaces say that the clock is right again: they are believed."""
    await listed(world)
    right = world.time()
    answering(world, world.time)
    world.time.pass_(days=3_650)
    await world.sync()
    world.time.now = right
    await world.save(entry(4))

    report = await world.sync()

    assert report.clock is None
    assert "create" in world.written()


async def test_a_lost_answer_that_a_wrong_clock_has_dated_is_read_back(
    world: World,
) -> None:
    await world.save(entry(1))
    right = world.time()
    world.time.pass_(days=20)
    answering(world, world.time)
    world.market.script("create", LostAnswer(applied=True))
    for read in ("find", "read"):
        world.market.script(read, UnavailableError("bảo trì"), times=99)
    await world.sync(follow_s=0)
    assert (await world.record()).state.awaiting is not None
    world.market.forget_scripts()
    world.time.now = right

    await world.sync()  # it puts right what has been dated
    world.time.pass_(minutes=2)
    await world.sync()

    assert len(world.market.shelf.listings) == 1
    assert (await world.record()).state.awaiting is None


@pytest.mark.parametrize(
    "erasure",
    [
        *("erase_old_values", "erase_old_reports"),
        *("erase_unused_pictures", "erase_old_delays"),
    ],
)
async def test_nothing_is_erased_as_old_while_the_clock_is_doubted(
    world: World, monkeypatch: pytest.MonkeyPatch, erasure: str
) -> None:
    forgotten = list[datetime]()

    async def forget(conn: Any, now: datetime) -> None:
        del conn
        forgotten.append(now)

    where = f"ocop_sync.service.sync.leased_sync.{erasure}"
    monkeypatch.setattr(where, forget)
    await listed(world)
    right = world.time()
    answering(world, lambda: right)
    world.time.pass_(days=3_650)

    await world.sync()

    assert all(now < right + timedelta(days=1) for now in forgotten)
    assert forgotten
