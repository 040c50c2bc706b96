"""A producer's edit at the marketplace is never overwritten unasked."""

from dataclasses import replace
from typing import Any

import pytest

from ocop_sync.engine.plan.drift_policy import Policy
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.deployment import Site
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


async def test_another_policy_counts_for_what_was_edited_before_it(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    world.market.shelf.edit("M000001", title="Măng của tôi")
    world.time.pass_(hours=25)
    await world.sync()
    assert (world.written(), (await world.record()).hold) == ([], "edited_there")
    (site,) = world.deployment.sites
    repairing = Site(
        site.name,
        site.adapter,
        [*site.accounts.values()],
        policy=dict.fromkeys(Facet, Policy.REPAIR),
    )
    world.deployment = replace(world.deployment, sites=(repairing,))

    await world.sync()

    assert world.written() == ["update"]
