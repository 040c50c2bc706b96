"""The certified products for everybody: as they are counted now, and where to buy them.

Nothing personal is among the values. A household is called by the name of a person, and
so may a group be: their names are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.db import reader
from catalog.model.producer import Producer, ProducerKind
from catalog.model.product import Entry
from catalog.names.legal_form import contradicts
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.listings import coverage_days
from ocop_sync.store.listings.coverage_days import CountedProduct, Instant

_CERTIFIED: Final = "certified"
_LISTED: Final = "listed"
_NAMED: Final = {ProducerKind.FIRM, ProducerKind.COOPERATIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSale:
    """A marketplace where a product is on sale.

    Attributes:
        marketplace: Its name.
        simulated: It is a mock, or was one when the product was counted.
    """

    marketplace: str
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicProduct:
    """A certified product, as everybody may read of it.

    Attributes:
        name: Its name; "" if the catalog has it no more.
        producer: The name of its producer; None unless that is a firm or a cooperative.
        commune: The code of its producer's commune, or "".
        stars: Its stars; 0 if none are proven.
        on_sale: Where it is counted as listed, by name.
    """

    name: str
    producer: str | None
    commune: str
    stars: int
    on_sale: tuple[OnSale, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicProducts:
    """Some certified products, in the order of the catalog.

    Attributes:
        products: They themselves.
        simulated: A marketplace is a mock, or was one when a product was counted.
        last: The place of the last one; None if no further page follows.
    """

    products: Sequence[PublicProduct]
    simulated: bool
    last: str | None


async def public_products(
    deployment: Deployment, *, after: str, size: int
) -> PublicProducts:
    """Return at most *size* certified products behind *after*, "" for the first.

    They are those of the figure `certified` of any marketplace that is set.
    """
    now = deployment.clock()
    mocks = {e.name: e.adapter.capabilities.simulated for e in deployment.sites}
    found: dict[str, dict[str, CountedProduct]] = {}
    async with deployment.database.read() as conn:
        for marketplace in sorted(mocks):
            # One more than a page of each: the first ones of all are among them.
            for each in await coverage_days.counted_products(
                conn,
                marketplace,
                Instant(at=now, now=now),
                figure=_CERTIFIED,
                parts={},
                after=after,
                size=size + 1,
            ):
                found.setdefault(each.product_id, {})[marketplace] = each
        ids = sorted(found)
        shown = ids[:size]
        entries = await reader.get(conn, shown)
    products = [_public(entries.get(each), found[each], mocks) for each in shown]
    was_mock = any(each.simulated for id_ in shown for each in found[id_].values())
    return PublicProducts(
        products=products,
        simulated=was_mock or any(mocks.values()),
        last=shown[-1] if len(ids) > size else None,
    )


def _public(
    entry: Entry | None,
    counted: Mapping[str, CountedProduct],
    mocks: Mapping[str, bool],
) -> PublicProduct:
    product, producer = entry or (None, None)
    anywhere = next(iter(counted.values()))
    return PublicProduct(
        name=product.name if product else "",
        producer=_public_name(producer),
        commune=anywhere.commune,
        stars=anywhere.stars,
        on_sale=tuple(
            OnSale(marketplace=name, simulated=each.simulated or mocks[name])
            for name, each in counted.items()
            if each.counted == _LISTED
        ),
    )


def _public_name(producer: Producer | None) -> str | None:
    """Return the name of a firm or cooperative, and of nobody else.

    Danger: a household that is entered as a firm still bears the name of a person.
    """
    if producer is None or producer.kind not in _NAMED:
        return None
    return None if contradicts(producer.name, producer.kind) else producer.name
