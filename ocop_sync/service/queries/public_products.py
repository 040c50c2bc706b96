"""The certified products for everybody: as they are counted now, and where to buy them.

Nothing personal is among the values. A household is called by the name of a person, and
so may a group be: their names are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.db import reader
from catalog.db.chunks import CHUNK
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
class PublicFilter:
    """Which certified products are meant; what is left out narrows nothing.

    Attributes:
        text: Words, each of which stands in the product's own name, whatever its
            accents and case. Names of producers are not searched: what is found by
            the name of a person would tell whose product it is.
        commune: Of producers in this commune; "" is of none that is known.
        stars: With so many stars.
    """

    text: str = ""
    commune: str | None = None
    stars: int | None = None

    @property
    def parts(self) -> dict[str, str | int]:
        """Return the value of each dimension that matters."""
        values = {"commune": self.commune, "stars": self.stars}
        return {name: value for name, value in values.items() if value is not None}


ALL: Final = PublicFilter()
"""Every certified product."""


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

    @property
    def sold_at(self) -> tuple[str, ...]:
        """Return the marketplaces where it can be bought: those that are no mocks."""
        return tuple(each.marketplace for each in self.on_sale if not each.simulated)


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
    deployment: Deployment, *, chosen: PublicFilter = ALL, after: str, size: int
) -> PublicProducts:
    """Return at most *size* certified products behind *after*, "" for the first.

    They are those of the figure `certified` of any marketplace that is set.
    """
    now = deployment.clock()
    mocks = _mocks(deployment)
    found: dict[str, dict[str, CountedProduct]] = {}
    async with deployment.database.read() as conn:
        for marketplace in sorted(mocks):
            # One more than a page of each: the first ones of all are among them.
            for each in await coverage_days.counted_products(
                conn,
                marketplace,
                Instant(at=now, now=now),
                figure=_CERTIFIED,
                parts=chosen.parts,
                text=chosen.text,
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


async def count_public_products(
    deployment: Deployment, chosen: PublicFilter = ALL
) -> int:
    """Return how many products `public_products` returns on all its pages."""
    now = deployment.clock()
    async with deployment.database.read() as conn:
        return await coverage_days.count_products(
            conn,
            sorted(_mocks(deployment)),
            Instant(at=now, now=now),
            figure=_CERTIFIED,
            parts=chosen.parts,
            text=chosen.text,
        )


async def all_public_products(deployment: Deployment) -> list[PublicProduct]:
    """Return every certified product, page by page."""
    found: list[PublicProduct] = []
    after: str | None = ""
    while after is not None:
        page = await public_products(deployment, after=after, size=CHUNK)
        found += page.products
        after = page.last
    return found


def marketplaces_to_buy_at(deployment: Deployment) -> list[str]:
    """Return the marketplaces that are set and no mocks, by name."""
    return sorted(name for name, is_mock in _mocks(deployment).items() if not is_mock)


def _mocks(deployment: Deployment) -> dict[str, bool]:
    """Return the marketplaces that are set, each with whether it is a mock."""
    return {e.name: e.adapter.capabilities.simulated for e in deployment.sites}


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
