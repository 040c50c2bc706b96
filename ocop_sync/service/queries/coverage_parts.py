"""Coverage by commune, star, product set and producer type, at each marketplace.

How a product is counted is taken from the last sync, as the figures of the whole are:
the parts add up to them. Communes, sets and types are those of the catalog now, and
stars those that it proves now; for these the whole catalog is read and evaluated, so
that nobody asks for them every minute. No command shows it yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.db import reader
from catalog.eligibility import Rules
from catalog.model.producer import ProducerKind
from catalog.model.product import Entry
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.explain import verdict_of
from ocop_sync.store.listings import coverage
from ocop_sync.store.listings.coverage import Coverage, Tally


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CatalogPart:
    """A part of the catalog: all products that have these in common.

    Attributes:
        commune: Code of the producer's commune since 1 July 2025, or "".
        stars: Stars that are proven now; 0 if none are.
        product_set: Code of the product set, or "".
        producer_kind: Legal form of the producer; "" if it is not known.
    """

    commune: str
    stars: int
    product_set: str
    producer_kind: ProducerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCoverage:
    """The coverage of one part at one marketplace."""

    marketplace: str
    part: CatalogPart
    coverage: Coverage


_Alike = dict[tuple[str, str], Tally]
"""The tallies of a part, by how their products are counted."""


async def coverage_parts(deployment: Deployment) -> Sequence[PartCoverage]:
    """Return the coverage of each part of the catalog, by marketplace and part."""
    now, found = deployment.clock(), dict[tuple[str, CatalogPart], _Alike]()
    simulated = {
        site.name: site.adapter.capabilities.simulated for site in deployment.sites
    }
    async with deployment.database.read() as conn:
        async for page in reader.pages(conn):
            parts = {e[0].id: _part_of(e, now, deployment.rules) for e in page}
            for name in simulated:
                tallies = await coverage.tallies(conn, name, list(parts), now)
                for id_, tally in tallies.items():
                    _add(found.setdefault((name, parts[id_]), {}), tally)
    return [
        PartCoverage(
            marketplace=name,
            part=part,
            coverage=replace(
                coverage.coverage_of(alike.values()), simulated=simulated[name]
            ),
        )
        for (name, part), alike in sorted(found.items(), key=lambda each: each[0])
    ]


def _add(alike: _Alike, tally: Tally) -> None:
    key = tally.counted, tally.bucket
    known = alike.get(key, tally._replace(n=0, empty=0, live=0))
    alike[key] = known._replace(
        n=known.n + tally.n,
        empty=known.empty + tally.empty,
        live=known.live + tally.live,
    )


def _part_of(entry: Entry, now: datetime, rules: Rules) -> CatalogPart:
    product, producer = entry
    verdict = verdict_of(entry, now, rules)
    return CatalogPart(
        commune=producer.address.commune_code if producer else "",
        stars=(verdict.stars or 0) if verdict else 0,
        product_set=product.set_code,
        producer_kind=producer.kind if producer else ProducerKind.UNKNOWN,
    )
