"""Listings that may be the same product as ours, and products with several of ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from catalog.model.product import Entry
from ocop_sync.service.decisions import approvals
from ocop_sync.service.decisions.double_decisions import Doubled, list_doubled
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions.possible_twins import TwinRow

Row = TypeVar("Row", TwinRow, Doubled)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRow(Generic[Row]):
    """A row about a product, with the catalog's names of it; "" where it has none."""

    row: Row
    product_name: str
    producer_name: str

    def json_form(self) -> dict[str, Any]:
        """Return the row as JSON's values, the names behind it."""
        values = {each.name: getattr(self.row, each.name) for each in fields(self.row)}
        return values | {
            "product_name": self.product_name,
            "producer_name": self.producer_name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AllTwins:
    """All that may be there twice: twins the likeliest first, doubles by number."""

    simulated: bool
    twins: Sequence[NamedRow[TwinRow]]
    doubled: Sequence[NamedRow[Doubled]]


async def all_twins(deployment: Deployment, state: str | None = "open") -> AllTwins:
    """Return possible twins in *state*, None for all; and the products with doubles."""
    rows = await approvals.list_twins(deployment, state)
    twice = await list_doubled(deployment)
    ids = [row.product_id for row in rows] + [row.product_id for row in twice]
    entries = await approvals.entries_of(deployment, ids)
    return AllTwins(
        simulated=deployment.simulated,
        twins=[_named(row, entries) for row in rows],
        doubled=[_named(row, entries) for row in twice],
    )


def _named(row: Row, entries: Mapping[str, Entry]) -> NamedRow[Row]:
    product, producer = entries.get(row.product_id, (None, None))
    return NamedRow(
        row=row,
        product_name=product.name if product else "",
        producer_name=producer.name if producer else "",
    )
