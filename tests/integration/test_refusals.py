"""What a marketplace has refused is not asked for again until it has changed."""

from collections.abc import Sequence
from typing import Any

import pytest

from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.testing.memory import LostAnswer
from tests.factories import make_variant
from tests.world import World, entry

REFUSAL = Refused((Problem(code="locked", message="Gian hàng đang bị kiểm tra"),))


async def a_day_later(world: World) -> list[str]:
    """Sync a day later, when the account is read whole; return what was sent."""
    world.time.pass_(hours=25)
    await world.sync()
    return world.written()


@pytest.fixture
async def down(world: World) -> World:
    """A product that we took down, and may go up again."""
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    await world.sync()
    await world.change(paused=False)
    return world


async def test_a_refused_republication_is_not_sent_daily(down: World) -> None:
    down.market.script("republish", REFUSAL, times=99)
    await down.sync()

    assert await a_day_later(down) == []
    record = await down.record()
    assert (record.hold, record.state.problems) == ("change_refused", REFUSAL.problems)


async def test_a_refused_republication_is_sent_again_when_its_content_has_changed(
    down: World,
) -> None:
    down.market.script("republish", REFUSAL)
    await down.sync()
    await down.change(description="Măng khô, phơi nắng.")

    assert await a_day_later(down) == ["update", "republish"]


async def test_a_refused_withdrawal_is_not_sent_daily(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    world.market.script("withdraw", REFUSAL, times=99)
    await world.sync()

    assert await a_day_later(world) == []
    assert (await world.record()).hold == "change_refused"


async def test_a_price_that_was_refused_in_a_refused_listing_is_not_sent_daily(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    await moderated.sync()
    moderated.market.shelf.refuse("M000001", *REFUSAL.problems)
    await moderated.sync()
    cheap = make_variant(sku="SP-00001-1", gtin="", price_vnd=1)
    await moderated.change(variants=(cheap,))
    moderated.market.script("set_price", REFUSAL, times=99)
    await moderated.sync()
    first = moderated.written()

    assert (first, await a_day_later(moderated)) == (["set_price"], [])


async def test_a_lost_listing_that_was_changed_and_refused_is_not_sent_daily(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    moderated.market.script("create", LostAnswer(applied=True))
    real = moderated.market.create

    async def create(changes: Sequence[Any]) -> Any:
        try:
            return await real(changes)
        finally:
            moderated.market.shelf.edit("M000001", title="Măng")
            moderated.market.shelf.refuse("M000001", *REFUSAL.problems)

    moderated.market.create = create  # type: ignore[method-assign]  # staff at work
    await moderated.sync()

    assert await a_day_later(moderated) == []
    assert (await moderated.record()).hold == "refused"


@pytest.mark.parametrize(("for_now", "sent"), [(True, ["set_stock"]), (False, [])])
async def test_what_is_refused_for_now_is_sent_again_in_the_next_run(
    world: World, for_now: bool, sent: list[str]
) -> None:
    await world.save(entry(1))
    await world.sync()
    fewer = make_variant(sku="SP-00001-1", gtin="", on_hand=3)
    await world.change(variants=(fewer,))
    world.market.script("set_stock", Refused(REFUSAL.problems, for_now=for_now))
    report = await world.sync()
    assert (world.written(), report.failed) == (["set_stock"], 1)

    await world.sync()

    assert world.written() == sent
    await world.sync()
    assert world.written() == []
