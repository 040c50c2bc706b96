"""Listings that may be the same product as ours, and products with several of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from catalog.model.product import Entry
from ocop_sync.service.decisions import approvals
from ocop_sync.service.decisions.double_decisions import Doubled, list_doubled
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions.possible_twins import TwinRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something of a product, with the catalog's names of it.

    Attributes:
        product_name: Name of the product, or "" if the catalog does not have it.
        producer_name: Name of its producer, or "".
    """

    product_name: str
    producer_name: str

    def beside(self, row: TwinRow | Doubled) -> dict[str, Any]:
        """Return *row* as JSON's values, the names behind it."""
        values = {each.name: getattr(row, each.name) for each in fields(row)}
        return values | {
            "product_name": self.product_name,
            "producer_name": self.producer_name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTwin(Named):
    """A possible twin of a product.

    Attributes:
        row: The twin.
    """

    row: TwinRow

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return self.beside(self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDoubled(Named):
    """A product with several listings of ours.

    Attributes:
        row: Its listings.
    """

    row: Doubled

    def json_form(self) -> dict[str, Any]:
        """Return it as JSON's values."""
        return self.beside(self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllTwins:
    """All that may be there twice.

    Attributes:
        simulated: Some marketplace is a mock.
        twins: Possible twins, the likeliest of each product first.
        doubled: Products with several listings of ours, by number.
    """

    simulated: bool
    twins: Sequence[NamedTwin]
    doubled: Sequence[NamedDoubled]


async def all_twins(deployment: Deployment, state: str | None = "open") -> AllTwins:
    """Return possible twins that are open, in *state*, or all; and what is doubled."""
    rows = await approvals.list_twins(deployment, state)
    twice = await list_doubled(deployment)
    ids = [row.product_id for row in rows] + [row.product_id for row in twice]
    entries = await approvals.entries_of(deployment, ids)
    return AllTwins(
        simulated=deployment.simulated,
        twins=[NamedTwin(row=row, **_names(entries, row.product_id)) for row in rows],
        doubled=[
            NamedDoubled(row=row, **_names(entries, row.product_id)) for row in twice
        ],
    )


def _names(entries: Mapping[str, Entry], product_id: str) -> dict[str, str]:
    product, producer = entries.get(product_id, (None, None))
    return {
        "product_name": product.name if product else "",
        "producer_name": producer.name if producer else "",
    }
