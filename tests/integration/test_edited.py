"""What a producer has edited at the marketplace is never overwritten unasked."""

from typing import Any

import pytest

from tests.world import World, entry


@pytest.mark.parametrize("edit", [{"title": "Măng của tôi"}, {"description": "Mới"}])
async def test_republishing_asks_about_what_was_edited_meanwhile(
    world: World, edit: dict[str, Any]
) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)
    await world.sync()
    world.market.shelf.edit("M000001", **edit)
    world.time.pass_(hours=25)
    await world.sync()
    await world.change(paused=False)

    await world.sync()

    assert world.written() == []
    assert (await world.record()).hold == "edited_there"
