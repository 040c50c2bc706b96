"""A producer's products at a glance: how many are on sale, and some of them with why.

Only those that are shown are evaluated. How many are on sale is counted of all, as the
last sync and the last read have left them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.own_pages import ids_after
from catalog.model.product import Entry
from catalog.model.reach import Reach
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.products import one_product
from ocop_sync.service.producer.reminders import Reminders, reminders_of
from ocop_sync.service.producer.why import (
    ProductStates,
    SaleState,
    state_shown,
    states_of,
)
from ocop_sync.store.listings import coverage

_MOST = 10_000
"""More products than any producer has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProduct:
    """A product, and how it stands at each marketplace."""

    entry: Entry
    states: ProductStates


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProducts:
    """Some products of all that somebody reaches.

    Attributes:
        shown: Those that are shown, by id.
        last: The id of the last one; None if no more follow.
        total: How many there are in all.
        on_sale: How many of them are on sale at one marketplace at least.
        reminders: The reminders about those that are shown.
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
    async with deployment.database.read() as conn:
        ids = await ids_after(conn, reach.producers, "", _MOST)
        behind = [each for each in ids if each > after]
        shown = behind[:size]
        entries = await reader.get(conn, shown)
        on_sale = await _on_sale(conn, deployment, ids)
    found = [entries[each] for each in shown if each in entries]
    return OwnProducts(
        shown=await _with_states(deployment, found),
        last=shown[-1] if len(behind) > size else None,
        total=len(ids),
        on_sale=len(on_sale),
        reminders=await reminders_of(deployment, found),
    )


async def _on_sale(
    conn: AsyncConnection, deployment: Deployment, ids: Sequence[str]
) -> set[str]:
    """Return those of *ids* that buyers can order at one marketplace at least."""
    found: set[str] = set()
    for site in deployment.sites:  # a handful of marketplaces
        tallies = await coverage.tallies(conn, site.name, ids, deployment.clock())
        found |= {
            id_ for id_, how in tallies.items() if state_shown(how) is SaleState.ON_SALE
        }
    return found


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
