"""The part of the catalog that a product is counted in: commune, stars, set, producer.

Figures by part are told as the facts were when they were counted, so the part goes with
the wanted listing: once it is another one, the product is evaluated again.
"""

from typing import NamedTuple

from catalog.eligibility import Verdict
from catalog.model.fact import Fact
from catalog.model.producer import Producer
from catalog.model.product import Product


class CatalogPart(NamedTuple):
    """All products that have these in common.

    Attributes:
        commune: Code of the producer's commune since 1 July 2025, or "".
        stars: Stars that are proven; 0 if none are.
        product_set: Code of the product set, or "".
        producer_kind: Legal form of the producer, as of `ProducerKind`; "" if it is
            not known.
    """

    commune: str = ""
    stars: int = 0
    product_set: str = ""
    producer_kind: str = ""


def part_of(
    product: Product, verdict: Verdict, producer: Producer | None
) -> CatalogPart:
    """Return the part that *product* is counted in by *verdict*."""
    return CatalogPart(
        producer.address.commune_code if producer else "",
        proven_stars(verdict),
        product.set_code,
        producer.kind.value if producer else "",
    )


def proven_stars(verdict: Verdict) -> int:
    """Return the stars that the certificate in force proves; 0 if there is none."""
    return verdict.stars or 0 if verdict.certified is Fact.YES else 0
