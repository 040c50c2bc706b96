"""Where a product is on sale, and why it is not, as its producer asks."""

import pytest

from catalog.errors import NotInCatalogError
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.values import replace
from ocop_sync.api.forms.products import why_form
from ocop_sync.engine.reasons.for_producer import Doer
from ocop_sync.marketplace.listing import Problem
from ocop_sync.service.producer.why import ProductStates, SaleState, StateThere, why
from tests.factories import NOT_SO, make_paper, make_producer, make_variant
from tests.world import World, entry

OWN = Reach.of(["CS-0001"])
NO_PAPERS = tuple(make_paper(each.kind, NOT_SO) for each in entry()[0].papers)
BLURRED = Problem(code="image", message="Ảnh mờ")


async def ask(world: World, code: str = "SP-00001") -> ProductStates:
    return await why(world.deployment, code, reach=OWN)


async def there(world: World) -> StateThere:
    (found,) = (await ask(world)).marketplaces
    return found


def codes(found: StateThere) -> list[str]:
    return [each.code for each in found.reasons]


@pytest.mark.postgresql
async def test_a_product_is_told_at_each_marketplace(two: World) -> None:
    await two.save(entry(1))
    await two.sync("memory")

    found = await ask(two, "SP-00001-1")

    assert (found.product_id, found.name) == ("SP-00001", "Măng khô Mẫu 1")
    assert [(each.marketplace, each.state) for each in found.marketplaces] == [
        ("memory", SaleState.ON_SALE),
        ("other", SaleState.WAITING),
    ]
    assert codes(found.marketplaces[1]) == ["pending"]


async def test_another_producers_product_is_not_there(world: World) -> None:
    await world.save(entry(1), entry(2))

    with pytest.raises(NotInCatalogError):
        await ask(world, "SP-00002")


async def test_a_missing_paper_is_told_with_who_supplies_it(world: World) -> None:
    await world.save(entry(1, papers=NO_PAPERS))
    await world.sync()

    found = await there(world)

    assert (found.state, codes(found)) == (SaleState.NOT_ELIGIBLE, ["E04", "E05"])
    assert {each.who for each in found.reasons} == {Doer.PRODUCER}
    assert all(each.known for each in found.reasons)


async def test_a_fact_that_is_not_known_keeps_it_off_sale_and_says_so(
    world: World,
) -> None:
    await world.save(entry(1, papers=()))
    await world.sync()

    found = await there(world)

    assert found.state is SaleState.NOT_ELIGIBLE
    assert [each.known for each in found.reasons] == [False, False]


async def test_a_refusal_keeps_the_marketplaces_words_by_themselves(
    moderated: World,
) -> None:
    await moderated.save(entry(1))
    await moderated.sync(follow_s=0)
    assert (await there(moderated)).state is SaleState.IN_REVIEW
    moderated.market.shelf.refuse(moderated.market.shelf.of("SP-00001")[0].ref, BLURRED)
    await moderated.sync()

    found = await there(moderated)

    assert (found.state, found.said) == (SaleState.REFUSED, (BLURRED,))
    assert codes(found) == ["refused"]


async def test_a_stop_of_what_is_on_sale_is_told_until_it_is_carried_out(
    world: World,
) -> None:
    await world.save(entry(1))
    await world.sync()
    await world.change(paused=True)

    before = await there(world)
    await world.sync()
    after = await there(world)

    assert (before.state, codes(before)) == (SaleState.ON_SALE, ["E15"])
    assert (after.state, codes(after)) == (SaleState.NOT_ELIGIBLE, ["E15"])


async def test_what_was_supplied_since_the_last_sync_waits_for_the_next(
    world: World,
) -> None:
    await world.save(entry(1, papers=NO_PAPERS))
    await world.sync()
    await world.save(entry(1))

    found = await there(world)

    assert (found.state, codes(found)) == (SaleState.WAITING, ["pending"])


async def test_nothing_left_to_order_is_told_apart(world: World) -> None:
    counted = make_variant(on_hand=0, counted_at=world.time())
    await world.save(entry(1))
    await world.sync()
    await world.save(entry(1, variants=(replace(counted, sku="SP-00001-1"),)))
    await world.sync()

    assert (await there(world)).state is SaleState.SOLD_OUT


async def test_a_price_that_lacks_is_the_producers_to_enter(world: World) -> None:
    await world.save(entry(1, variants=(make_variant(price_vnd=None),)))
    await world.sync()

    found = await there(world)

    assert (found.state, codes(found)) == (SaleState.HELD, ["no_price"])
    assert found.reasons[0].who is Doer.PRODUCER


async def test_withdrawn_consent_says_so(world: World) -> None:
    product, _ = entry(1)
    await world.save((product, make_producer(consent=NOT_SO)))
    await world.sync()

    found = await there(world)

    assert (found.state, codes(found)) == (SaleState.NOT_ELIGIBLE, ["E11"])


async def test_an_old_read_proves_nothing(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    world.time.pass_(hours=49)

    found = await there(world)

    assert (found.state, codes(found)) == (SaleState.UNCONFIRMED, ["unconfirmed"])


async def test_the_json_is_of_both_languages(world: World) -> None:
    await world.save(entry(1, papers=NO_PAPERS))
    found = await why(world.deployment, "SP-00001", reach=WHOLE_CATALOG)

    (form,) = why_form(found).json_form()["marketplaces"]
    assert form["reasons"][0]["code"] == "E04"
    assert set(form["reasons"][0]["todo"]) == {"vi", "en"}
