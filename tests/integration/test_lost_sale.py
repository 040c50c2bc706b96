"""Sales between a change and its read-back are never sold a second time."""

from collections.abc import Sequence
from typing import Any

import pytest

from ocop_sync.marketplace.listing import Listing
from ocop_sync.testing.memory import LostAnswer
from tests.factories import make_variant
from tests.world import World, entry

pytestmark = pytest.mark.postgresql


def sell_after(world: World, method: str) -> None:
    """Let one pack be sold as soon as a call of *method* has come in."""
    real = getattr(world.market, method)

    async def call(changes: Sequence[Any]) -> Any:
        try:
            return await real(changes)
        finally:
            (found,) = world.market.shelf.of("SP-00001")
            world.market.shelf.sell(found.ref, "SP-00001-1", 1, "D-1")

    setattr(world.market, method, call)


def shown_by(world: World) -> Listing:
    (found,) = world.market.shelf.of("SP-00001")
    return found.shown


@pytest.mark.parametrize("whole_call", [True, False])
async def test_a_sale_after_a_lost_stock_is_not_sold_again(
    world: World, *, whole_call: bool
) -> None:
    await world.save(entry(1))
    await world.sync()
    more = make_variant(sku="SP-00001-1", gtin="", on_hand=30)
    await world.change(variants=(more,))
    world.market.script("set_stock", LostAnswer(applied=True, whole_call=whole_call))
    sell_after(world, "set_stock")

    await world.sync()
    written = world.written()
    await world.sync()

    assert (written, world.written()) == (["set_stock"], [])
    assert shown_by(world).variants[0].stock == 29
    assert (await world.record()).hold is None


async def test_a_sale_after_a_lost_create_is_not_sold_again(world: World) -> None:
    await world.save(entry(1))
    world.market.script("create", LostAnswer(applied=True))
    sell_after(world, "create")

    await world.sync()

    assert world.written() == ["put_seller", "create"]
    assert shown_by(world).variants[0].stock == 19


async def test_the_ledger_says_that_a_lost_stock_of_which_one_was_sold_was_applied(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    more = make_variant(sku="SP-00001-1", gtin="", on_hand=30)
    await world.change(variants=(more,))
    world.market.script("set_stock", LostAnswer(applied=True))
    sell_after(world, "set_stock")

    await world.sync()

    assert await world.answers("set_stock") == ["applied"]
