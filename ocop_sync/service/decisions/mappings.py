"""Which mapping of a marketplace is in force: the adapter's own, or a person's.

A run reads it once, at its start, and keeps to it. A new one holds from the next
run on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.clock import Clock
from ocop_sync.marketplace.mapping import ListingMapping, check_mapping
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.service.decisions.approvals import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.db.database import Database
from ocop_sync.store.decisions import mappings
from ocop_sync.store.decisions.mappings import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The mapping that is in force at a marketplace.

    Attributes:
        mapping: The mapping.
        placed: A person's last decision on it; None if nobody ever made one.
    """

    mapping: ListingMapping
    placed: Placed | None

    @property
    def is_own(self) -> bool:
        """Say whether it is the adapter's own."""
        return self.placed is None or self.placed.values is None


async def with_mappings(deployment: Deployment) -> Deployment:
    """Return *deployment* with the mappings that are in force now.

    Raises:
        ConfigurationError: A person's mapping is none that this version reads.
    """
    async with deployment.database.read() as conn:
        said = await mappings.last(conn)
    sites = tuple(
        site.mapped(_in_force(site.adapter.mapping, site.name, said).mapping)
        for site in deployment.sites
    )
    return replace(deployment, sites=sites)


async def mapping_of(
    database: Database, name: str, adapter: type[Marketplace]
) -> InForce:
    """Return the mapping of the marketplace *name* that is in force now.

    Raises:
        ConfigurationError: As for `with_mappings`.
    """
    async with database.read() as conn:
        said = await mappings.last(conn)
    return _in_force(adapter.mapping, name, said)


async def place_mapping(
    database: Database,
    name: str,
    mapping: ListingMapping | None,
    *,
    by: str,
    clock: Clock,
) -> None:
    """Put *mapping* in force at the marketplace *name*.

    Args:
        database: Where it is kept, with who said so and when.
        name: Name of the marketplace.
        mapping: The mapping; None to go back to the adapter's own.
        by: Who says so.
        clock: The present instant, in UTC.

    Raises:
        PlanError: *by* is empty or too long.
    """
    ensure_named(by)
    values = None if mapping is None else mapping.model_dump(mode="json")
    placed = Placed(values=values, by=by.strip(), at=clock())

    async def store(conn: AsyncConnection) -> None:
        await mappings.place(conn, name, placed)

    await database.write(store)


def _in_force(own: ListingMapping, name: str, said: Mapping[str, Placed]) -> InForce:
    placed = said.get(name)
    if placed is None or placed.values is None:
        return InForce(mapping=own, placed=placed)
    where = (
        f"bảng quy đổi của {name} trong cơ sở dữ liệu, do {placed.by} đặt"
        f" / mapping of {name} in the database (`ocop-sync mapping reset {name}"
        " --by TÊN`)"
    )
    mapping = check_mapping(placed.values, marketplace=name, where=where)
    return InForce(mapping=mapping, placed=placed)
