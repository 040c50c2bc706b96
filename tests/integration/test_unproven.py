"""No claim without a decision: the shown stars that nobody proves."""

import pytest

from catalog.model.certificate import Certificate, Evidence
from catalog.values import replace
from ocop_sync.engine.hold import Hold
from tests.factories import make_certificate
from tests.world import World, entry

WHOLE = make_certificate()
HALF = [
    pytest.param(make_certificate(decision=""), id="no number"),
    pytest.param(make_certificate(body=""), id="no authority"),
    pytest.param(make_certificate(decided_on=None, year=2023), id="only a year"),
    pytest.param(make_certificate(evidence=Evidence.PUBLISHED), id="published"),
]


@pytest.mark.parametrize("certificate", HALF)
async def test_a_product_is_not_listed_while_its_decision_is_half_known(
    world: World, certificate: Certificate
) -> None:
    await world.save(entry(1, certificates=(certificate,)))

    await world.sync()

    assert world.written() == []
    assert (await world.record()).hold is Hold.UNKNOWN_FACT


@pytest.mark.parametrize("certificate", HALF)
async def test_what_is_live_keeps_its_claim_and_the_rest_is_kept_right(
    world: World, certificate: Certificate
) -> None:
    sold = entry(1, certificates=(WHOLE,))
    await world.save(sold)
    await world.sync()
    (before,) = world.market.shelf.of("SP-00001")
    assert before.shown.stars is not None

    dearer = tuple(replace(each, price_vnd=99_000) for each in sold[0].variants)
    await world.change(certificates=(certificate,), variants=dearer)
    await world.sync()

    (after,) = world.market.shelf.of("SP-00001")
    assert after.shown.stars == before.shown.stars
    assert world.written() == ["set_price"]


async def test_a_claim_that_nobody_proves_goes_on_its_stated_last_day(
    world: World,
) -> None:
    await world.save(entry(1, certificates=(WHOLE,)))
    await world.sync()
    await world.change(certificates=(make_certificate(body=""),))
    await world.sync()

    world.time.pass_(days=3 * 366)
    await world.sync()

    (after,) = world.market.shelf.of("SP-00001")
    assert after.shown.stars is None
