"""A mapping that a person puts in force holds from the next run on, and no sooner."""

import pytest

from catalog.values import replace
from ocop_sync.engine.state.state import State
from ocop_sync.errors import ConfigurationError, PlanError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.service.decisions.mappings import (
    mapping_of,
    replace_mapping,
    with_mappings,
)
from ocop_sync.service.plan.plan import plan
from ocop_sync.store.decisions import mappings
from ocop_sync.store.decisions.mappings import Placed
from ocop_sync.store.listings import records
from ocop_sync.store.listings.records import Record
from ocop_sync.testing.memory import InMemoryMarketplace
from tests.acts import acts_of
from tests.factories import make_mapping, person
from tests.world import World, entry

UNKNOWN_CATEGORY = Problem(code="category", message="Ngành hàng không tồn tại")


async def place(world: World, mapping: ListingMapping | None, by: str = "Lan") -> None:
    await replace_mapping(
        world.database,
        "memory",
        mapping,
        by=person(by),
        clock=world.time,
        adapter=InMemoryMarketplace,
    )


def remapped(code: str, category: str, version: int = 1) -> ListingMapping:
    categories = {**make_mapping().categories, code: category}
    return make_mapping(categories=categories, mapping_version=version)


async def refuse(world: World) -> None:
    (found,) = world.market.shelf.of("SP-00001")
    world.market.shelf.refuse(found.ref, UNKNOWN_CATEGORY)
    await world.sync()


async def test_a_new_category_changes_its_products_and_no_others(world: World) -> None:
    tea = entry(2, set_code="I.5.a")
    await world.save(entry(1), tea)
    await world.sync()

    await place(world, remapped("I.5.a", "CHÈ"))
    (planned,) = await plan(world.deployment)
    await world.sync()

    assert [(line.kind, line.product_id) for line in planned.lines] == [
        ("update", "SP-00002")
    ]
    assert world.written() == ["update"]
    (found,) = world.market.shelf.of("SP-00002")
    assert found.shown.category == "CHÈ"


async def test_back_at_the_default_everything_is_as_it_was(world: World) -> None:
    await place(world, remapped("I.3.c", "KHÁC"))
    await world.save(entry())
    await world.sync()

    await place(world, None)
    await world.sync()

    assert world.written() == ["update"]
    (found,) = world.market.shelf.of("SP-00001")
    assert found.shown.category == "C-I.3.c"


async def test_who_put_a_mapping_in_force_and_when_is_remembered(world: World) -> None:
    mapping = remapped("I.3.c", "KHÁC")
    await place(world, mapping, by=" Lan ")
    await replace_mapping(
        world.database,
        "other",
        remapped("I.5.a", "CHÈ"),
        by=person("Hoa"),
        clock=world.time,
        adapter=InMemoryMarketplace,
    )

    found = await mapping_of(world.database, "memory", InMemoryMarketplace)
    assert (found.mapping, found.is_own) == (mapping, False)
    assert found.placed == Placed(
        values=mapping.model_dump(mode="json"), by="Lan", at=world.time()
    )

    await place(world, None, by="Minh")

    found = await mapping_of(world.database, "memory", InMemoryMarketplace)
    assert (found.mapping, found.is_own) == (InMemoryMarketplace.mapping, True)
    assert found.placed == Placed(values=None, by="Minh", at=world.time())
    assert await acts_of(world.database) == [
        ("set_mapping", [], {"marketplace": "memory"}),
        ("set_mapping", [], {"marketplace": "other"}),
        ("reset_mapping", [], {"marketplace": "memory"}),
    ]


async def test_nobody_puts_a_mapping_in_force_without_a_name(world: World) -> None:
    with pytest.raises(PlanError, match="--by"):
        await place(world, make_mapping(), by="  ")

    async with world.database.read() as conn:
        assert await mappings.last(conn) == {}


async def test_a_mapping_that_cannot_be_read_is_named_with_the_way_out(
    world: World,
) -> None:
    wrong = Placed(values={"marketplace": "memory"}, by="Lan", at=world.time())
    await world.database.write(lambda conn: mappings.place(conn, "memory", wrong))

    with pytest.raises(ConfigurationError, match=r"Lan.*mapping reset memory"):
        await world.sync()


async def test_a_run_keeps_to_the_mapping_that_it_began_with(world: World) -> None:
    deployment = await with_mappings(world.deployment)

    await place(world, remapped("I.3.c", "KHÁC"))

    assert deployment.site("memory").conditions.mapping == make_mapping()


async def test_what_was_refused_is_submitted_again_when_its_category_changes(
    moderated: World,
) -> None:
    await moderated.save(entry())
    await moderated.sync(follow_s=0)
    await refuse(moderated)
    assert (await moderated.record()).hold == "refused"

    await place(moderated, remapped("I.5.a", "CHÈ"))
    await moderated.sync()
    assert moderated.written() == []

    await place(moderated, remapped("I.3.c", "KHÁC"))
    await moderated.sync()
    assert moderated.written() == ["update"]


async def test_what_was_refused_is_submitted_once_more_by_a_new_version(
    moderated: World,
) -> None:
    await moderated.save(entry())
    await moderated.sync(follow_s=0)
    await refuse(moderated)

    await place(moderated, make_mapping(mapping_version=2))
    await moderated.sync()
    assert moderated.written() == ["update"]
    await refuse(moderated)
    assert moderated.written() == []

    await moderated.sync()
    assert moderated.written() == []
    assert (await moderated.record()).hold == "refused"


async def test_a_new_version_sends_nothing_of_what_is_as_it_should_be(
    world: World,
) -> None:
    await world.save(entry())
    await world.sync()

    await place(world, make_mapping(mapping_version=2))
    await world.sync()

    assert world.written() == []


async def test_a_mapping_that_has_no_place_left_holds_and_takes_nothing(
    world: World,
) -> None:
    await world.save(entry())
    await world.sync()

    await place(world, make_mapping(categories={}))
    await world.sync()

    assert world.written() == []
    record = await world.record()
    assert (record.hold, record.state.found) == ("no_category", "live")


async def test_an_intent_says_by_which_mapping_it_was_made(world: World) -> None:
    before = Record(state=State(product_id="SP-00001", marketplace="memory"))
    sent = replace(before, state=replace(before.state, mapping_version=3))

    await world.database.write(lambda conn: records.save(conn, [before]))
    await world.database.write(lambda conn: records.save_intents(conn, [sent]))

    assert (await world.record()).state.mapping_version == 3
