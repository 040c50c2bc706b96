"""Coverage of parts of the catalog: by commune, star, product set, producer type."""

from dataclasses import replace

import pytest

from catalog.model.producer import Address, ProducerKind
from ocop_sync.service.queries.coverage_parts import PartCoverage, coverage_parts
from ocop_sync.service.run.coverage import figures_of
from tests.factories import make_certificate
from tests.world import World, entry

pytestmark = pytest.mark.postgresql


async def save_four(world: World) -> None:
    """Save two products of a commune, one elsewhere, and a blocked one there."""
    for n, commune, kind, stars in (
        (1, "06733", ProducerKind.HOUSEHOLD, 4),
        (2, "06733", ProducerKind.HOUSEHOLD, 4),
        (3, "06760", ProducerKind.UNKNOWN, 3),
        (4, "06760", ProducerKind.UNKNOWN, 3),
    ):
        product, maker = entry(n, certificates=(make_certificate(stars=stars),))
        assert maker is not None
        there = replace(maker, kind=kind, address=Address(commune_code=commune))
        await world.save((replace(product, paused=n == 4), there))


def told(found: PartCoverage) -> tuple[object, ...]:
    part, figures = found.part, found.coverage
    return (
        (part.commune, part.stars, part.producer_kind),
        (figures.certified, figures.listed, dict(figures.blocked), figures.share),
    )


async def test_each_part_is_counted_as_the_whole_is(world: World) -> None:
    await save_four(world)
    await world.sync()

    found = await coverage_parts(world.deployment)

    assert list(map(told, found)) == [
        (("06733", 4, ProducerKind.HOUSEHOLD), (2, 2, {}, 1.0)),
        (("06760", 3, ProducerKind.UNKNOWN), (2, 1, {"E15": 1}, 0.5)),
    ]
    assert {each.part.product_set for each in found} == {entry(1)[0].set_code}
    assert {each.marketplace for each in found} == {"memory"}
    assert all(each.coverage.simulated for each in found)


async def test_the_parts_add_up_to_the_whole(two: World) -> None:
    await save_four(two)
    await two.sync()

    found = await coverage_parts(two.deployment)

    for site in two.deployment.sites:
        whole = await figures_of(two.deployment, site)
        parts = [each.coverage for each in found if each.marketplace == site.name]
        for name in ("certified", "listable", "live", "live_not_listable"):
            assert getattr(whole, name) == sum(getattr(each, name) for each in parts)
        buckets = [each.buckets for each in parts]
        assert whole.buckets == {
            name: sum(each[name] for each in buckets) for name in whole.buckets
        }


async def test_what_no_sync_has_counted_is_in_no_part(world: World) -> None:
    await save_four(world)

    assert await coverage_parts(world.deployment) == []
