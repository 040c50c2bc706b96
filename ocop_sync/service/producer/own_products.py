"""All products of a producer at a glance: how many are on sale, and some with why.

A producer has few. All of them are looked at for the count, some hundred at a time, and
only those that are shown are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from catalog.model.product import Entry
from catalog.model.reach import Reach
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.products import one_product, products_after
from ocop_sync.service.producer.reminders import Reminders, reminders_of
from ocop_sync.service.producer.why import ProductStates, SaleState, states_of

_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProduct:
    """A product, and how it stands at each marketplace."""

    entry: Entry
    states: ProductStates

    @property
    def is_on_sale(self) -> bool:
        """Say whether buyers can order it at one marketplace at least."""
        there = self.states.marketplaces
        return any(each.state is SaleState.ON_SALE for each in there)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProducts:
    """Some products of all that somebody reaches.

    Attributes:
        shown: Those that are shown, by id.
        last: The id of the last one; None if no more follow.
        total: How many there are in all.
        on_sale: How many of them are on sale at one marketplace at least.
        reminders: The reminders about all of them.
    """

    shown: Sequence[OwnProduct]
    last: str | None
    total: int
    on_sale: int
    reminders: Reminders


async def own_products(
    deployment: Deployment, *, reach: Reach, after: str, size: int
) -> OwnProducts:
    """Return the *size* products within *reach* behind the id *after*.

    Raises:
        ConfigurationError: A mapping cannot be read.
    """
    shown: list[OwnProduct] = []
    total, on_sale, reminders = 0, 0, Reminders()
    behind: str | None = ""
    while behind is not None:
        page = await deployment.database.fetch(
            partial(products_after, after=behind, reach=reach, limit=_AT_ONCE)
        )
        found = await _with_states(deployment, page.entries)
        reminders += await reminders_of(deployment, page.entries)
        total += len(found)
        on_sale += sum(each.is_on_sale for each in found)
        wanted = [each for each in found if each.entry[0].id > after]
        shown += wanted[: size + 1 - len(shown)]
        behind = page.last
    last = shown[size - 1].entry[0].id if len(shown) > size else None
    return OwnProducts(
        shown=shown[:size],
        last=last,
        total=total,
        on_sale=on_sale,
        reminders=reminders,
    )


async def _with_states(
    deployment: Deployment, entries: Sequence[Entry]
) -> list[OwnProduct]:
    states = await states_of(deployment, entries)
    return [
        OwnProduct(entry=entry, states=each)
        for entry, each in zip(entries, states, strict=True)
    ]


async def own_product(
    deployment: Deployment, product_id: str, *, reach: Reach
) -> OwnProduct:
    """Return one product, by its own id.

    Raises:
        NotInCatalogError: There is none within *reach*.
        ConfigurationError: A mapping cannot be read.
    """
    entry = await deployment.database.fetch(one_product, product_id, reach=reach)
    return (await _with_states(deployment, [entry]))[0]
