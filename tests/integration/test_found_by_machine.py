"""What `tests/properties/test_service_machine.py` has found, each made short."""

from catalog.fact import UNATTESTED
from catalog.paper import PaperKind
from ocop_sync.engine.hold import Hold
from tests.factories import make_paper
from tests.world import World, entry

UNKNOWN_PAPER = (make_paper(PaperKind.FOOD_SAFETY, UNATTESTED),)


async def test_what_vanished_while_a_fact_is_unknown_is_held_and_not_pending(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(papers=UNKNOWN_PAPER)
    world.market.shelf.delete(world.market.shelf.of("SP-00001")[0].ref)
    world.time.pass_(hours=25)

    report = await world.sync()

    counts = report.counts["memory"]
    assert (counts["held"], counts["pending"]) == (1, 0)
    assert (await world.record()).hold is Hold.UNKNOWN_FACT
