"""What there was at a step is of one instant, though others go on meanwhile."""

from pathlib import Path

import pytest

from tests.integration.dying import Keeper, Kept, keeper_of, scene_of
from tests.world import World, entry

MADE = 3


class Overtaken:
    """Has another listing made whenever all rows have been read, until there are all.

    Args:
        keeper: Reads them.
    """

    def __init__(self, keeper: Keeper, world: World) -> None:
        self._keeper = keeper
        self._world = world
        self._made = 0

    async def keep(self) -> Kept:
        kept = await self._keeper.keep()
        if self._made < MADE:
            self._made += 1
            await self._world.save(entry(self._made))
            await self._world.sync()
        return kept


@pytest.mark.postgresql
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_no_listing_is_kept_without_the_intent_that_was_stored_before_it(
    world: World, tmp_path: Path
) -> None:
    scene = await scene_of(world, Overtaken(keeper_of(world, tmp_path), world))
    await world.save(entry(MADE + 1))
    await world.sync()

    await scene.bring_back()

    assert len(world.market.shelf.listings) == MADE
    assert await world.answers("create") == ["applied"] * MADE
