"""Which mapping of a marketplace is in force: the adapter's own, or a person's.

A run reads it once, at its start, and keeps to it. A new one holds from the next
run on.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.values import replace
from ocop_sync.clock import Clock
from ocop_sync.errors import ConfigurationError, NoSuchMarketplaceError
from ocop_sync.marketplace.mapping import ListingMapping, check_mapping
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.marketplace.registry import available, unusable
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.db.database import Database
from ocop_sync.store.decisions import mappings
from ocop_sync.store.decisions.mappings import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The mapping that is in force at a marketplace.

    `placed` is a person's last decision on it; None if nobody ever made one. `own` is
    the adapter's own.
    """

    marketplace: str
    mapping: ListingMapping
    own: ListingMapping
    placed: Placed | None

    @property
    def is_own(self) -> bool:
        """Say whether it is the adapter's own."""
        return self.placed is None or self.placed.values is None

    @property
    def version(self) -> str:
        """Return what becomes another with any decision on it."""
        return _version(self.own, self.placed)


def _version(own: ListingMapping, placed: Placed | None) -> str:
    values = repr((placed, own.model_dump_json()))
    return blake2b(values.encode(), digest_size=8).hexdigest()


def _whatever(version: str) -> None:
    """Take any version that is there."""


async def with_mappings(deployment: Deployment) -> Deployment:
    """Return *deployment* with the mappings that are in force now.

    Raises:
        ConfigurationError: A person's mapping is none that this version reads.
    """
    return await deployment.database.fetch(apply_mappings, deployment)


async def apply_mappings(conn: AsyncConnection, deployment: Deployment) -> Deployment:
    """Return the same over a connection that is open.

    Raises:
        ConfigurationError: As for `with_mappings`.
    """
    placed_by_name = await mappings.last(conn)
    sites = tuple(
        site.mapped(_in_force(site.adapter.mapping, site.name, placed_by_name).mapping)
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
        placed_by_name = await mappings.last(conn)
    return _in_force(adapter.mapping, name, placed_by_name)


async def _place(
    conn: AsyncConnection,
    name: str,
    mapping: ListingMapping | None,
    by: Actor,
    now: datetime,
) -> None:
    values = None if mapping is None else mapping.model_dump(mode="json")
    await mappings.place(conn, name, Placed(values=values, by=by.name.strip(), at=now))
    kind = "reset_mapping" if mapping is None else "set_mapping"
    await record_act(conn, Act(by=by, kind=kind, at=now, refs={"marketplace": name}))


async def replace_mapping(
    database: Database,
    name: str,
    new: ListingMapping | None,
    *,
    by: Actor,
    clock: Clock,
    adapter: type[Marketplace] | None = None,
    ensure_seen: Callable[[str], None] = _whatever,
) -> Sequence[str] | None:
    """Put *new* in force, unless it is in force already.

    None goes back to the adapter's own, whatever there is: a mapping that cannot be
    read is left behind so.

    Args:
        database: Where mappings are kept.
        name: The marketplace.
        new: The mapping.
        by: Who decides so.
        clock: The present instant.
        adapter: That of the marketplace; None for the one that is installed.
        ensure_seen: Called with the version of what is in force, in the transaction:
            raises if another one was seen.

    Returns:
        A line for each value that becomes another, none of the adapter's own mapping;
        None if *new* was in force already.

    Raises:
        ConfigurationError: There is no such marketplace, or its mapping cannot be
            read.
        PlanError: *by* is empty or too long.
    """
    ensure_named(by)
    own = (adapter or adapter_of(name)).mapping

    async def store(conn: AsyncConnection) -> Sequence[str] | None:
        await mappings.lock(conn)
        placed_by_name = await mappings.last(conn)
        ensure_seen(_version(own, placed_by_name.get(name)))
        changes: list[str] = []
        if new is not None:
            before = _in_force(own, name, placed_by_name)
            changes = list(changes_of(before.mapping, new))
            if not changes:
                return None
        await _place(conn, name, new, by, clock())
        return changes

    return await database.write(store)


def mapping_from(values: Mapping[str, Any], marketplace: str) -> ListingMapping:
    """Return a mapping that somebody has entered.

    Raises:
        ConfigurationError: Values are not as a mapping of *marketplace* has them.
    """
    return check_mapping(values, marketplace=marketplace, where=marketplace)


def adapter_in(deployment: Deployment, name: str) -> type[Marketplace]:
    """Return the adapter of a marketplace: of one with accounts, or of any installed.

    Raises:
        NoSuchMarketplaceError: None of that name is installed.
        ConfigurationError: It cannot be used.
    """
    for site in deployment.sites:
        if site.name == name:
            return site.adapter
    return adapter_of(name)


def adapter_of(name: str) -> type[Marketplace]:
    """Return the adapter of the marketplace *name*.

    Raises:
        NoSuchMarketplaceError: None of that name is installed.
        ConfigurationError: It cannot be used.
    """
    adapters, failing = available(), unusable()
    if name in failing:
        raise ConfigurationError(failing[name])
    if name not in adapters:
        known = ", ".join(adapters) or "-"
        message = (
            f"không có sàn {name!r}; đang có: {known}"
            f" / no such marketplace; known: {known}"
        )
        if (of := name.partition(":")[0]) in adapters:
            message = (
                f"{name} là một tài khoản, ở đây cần tên sàn: {of} / {name} is an"
                f" account, and the name of a marketplace is asked for: {of}"
            )
        raise NoSuchMarketplaceError(message)
    return adapters[name]


def changes_of(before: ListingMapping, after: ListingMapping) -> Iterator[str]:
    """Yield a line for each key whose value becomes another."""
    old, new = dict(_flat(before.model_dump())), dict(_flat(after.model_dump()))
    for key in {**old, **new}:
        if old.get(key) != new.get(key):
            yield f"{key}: {old.get(key, '-')} -> {new.get(key, '-')}"


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", "-" if value is None else value


def _in_force(
    own: ListingMapping, name: str, placed_by_name: Mapping[str, Placed]
) -> InForce:
    placed = placed_by_name.get(name)
    if placed is None or placed.values is None:
        return InForce(marketplace=name, mapping=own, own=own, placed=placed)
    where = (
        f"bảng quy đổi của {name} trong cơ sở dữ liệu, do {placed.by} đặt"
        f" / mapping of {name} in the database (`ocop-sync mapping reset {name}"
        " --by TÊN`)"
    )
    mapping = check_mapping(placed.values, marketplace=name, where=where)
    return InForce(marketplace=name, mapping=mapping, own=own, placed=placed)
