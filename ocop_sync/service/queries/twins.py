"""Listings that may be the same product as ours, and products with several of ours.

Which of several is proposed to stay is decided in `ocop_sync.engine.plan.doubles`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from catalog.db import reader
from catalog.model.product import Entry
from catalog.values import replace
from ocop_sync.engine.plan.doubles import double_name, kept_ref
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.state.state import State
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.decisions.double_decisions import print_of_doubled
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions import drift, drift_decided, possible_twins
from ocop_sync.store.decisions.drift import DriftEntry as Drifted
from ocop_sync.store.decisions.possible_twins import TwinRow
from ocop_sync.store.listings import records
from ocop_sync.store.listings.other_account_doubles import with_other_account_doubles


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One of several listings of a product; its stock is None if that is not known."""

    ref: str
    stock: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    """A product with several listings of ours, under its number in `drift list`.

    The one that stays is proposed, or chosen by the person in `kept_by` at `kept_at`.
    Those at another account than the product's are called "account/ref". `seen` stands
    for all that a person sees of it (`print_of_doubled`).
    """

    number: int
    marketplace: str
    account: str
    product_id: str
    stays: Offer
    others: tuple[Offer, ...] = field(default=())
    kept_by: str = ""
    kept_at: datetime | None = None
    seen: str = ""


async def list_doubled(deployment: Deployment) -> list[Doubled]:
    """Return the products with several listings of ours, by number."""
    found: list[Doubled] = []
    async with deployment.database.read() as conn:
        for site in deployment.sites:
            ids = await records.with_doubles(conn, site.name)
            known = await records.load(conn, site.name, ids)
            known = await with_other_account_doubles(conn, site.name, known)
            rows = {
                entry.product_id: entry
                for entry in await drift.open_of(conn, site.name, ids)
                if entry.kind is DriftKind.DOUBLED
            }
            now = deployment.clock()
            past = await drift_decided.past_of(conn, site.name, list(rows), now)
            found += [
                _doubled(replace(known[id_].state, past=past[id_]), entry)
                for id_, entry in rows.items()
            ]
    return sorted(found, key=lambda each: each.number)


def _doubled(state: State, entry: Drifted) -> Doubled:
    offers: dict[str, int | None] = {state.ref: _stock(state.shown)}
    offers |= {double.ref: _stock(double.values) for double in state.doubles}
    offers |= {
        double_name(double.account, double.ref): _stock(double.values)
        if double.values
        else None
        for double in state.other_account_doubles
    }
    if state.doubled_ref and state.doubled_ref not in offers:
        offers[state.doubled_ref] = None
    stays = kept_ref(state) or state.ref
    return Doubled(
        number=entry.id,
        marketplace=state.marketplace,
        account=state.account,
        product_id=state.product_id,
        stays=Offer(ref=stays, stock=offers[stays]),
        others=tuple(
            Offer(ref=ref, stock=n) for ref, n in offers.items() if ref != stays
        ),
        kept_by=entry.decided_by,
        kept_at=entry.decided_at,
        seen=print_of_doubled(entry, state),
    )


def _stock(values: Mapping[str, Mapping[str, int]]) -> int:
    return sum(values.get(Facet.STOCK, {}).values())


Row = TypeVar("Row", TwinRow, Doubled)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRow(Generic[Row]):
    """A row about a product, with the catalog's names of it; "" where it has none."""

    row: Row
    product_name: str
    producer_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllTwins:
    """All that may be there twice: twins the likeliest first, doubles by number."""

    simulated: bool
    twins: Sequence[NamedRow[TwinRow]]
    doubled: Sequence[NamedRow[Doubled]]


async def all_twins(deployment: Deployment, state: str | None = "open") -> AllTwins:
    """Return possible twins in *state*, None for all; and the products with doubles."""
    rows = await list_twins(deployment, state)
    twice = await list_doubled(deployment)
    ids = [row.product_id for row in rows] + [row.product_id for row in twice]
    async with deployment.database.read() as conn:
        entries = await reader.get(conn, sorted(set(ids)))
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


async def list_twins(
    deployment: Deployment, state: str | None = "open"
) -> list[TwinRow]:
    """Return possible twins: those that are open, or in *state*, or all.

    Of one product, the likeliest come first.
    """
    async with deployment.database.read() as conn:
        return await possible_twins.listed(conn, state)


async def one_twin(
    deployment: Deployment, twin_id: int
) -> tuple[NamedRow[TwinRow], Sequence[TwinRow]] | None:
    """Return a possible twin, decided or not, and the open ones of its product there.

    None if there is no such twin, or none any more.
    """
    async with deployment.database.read() as conn:
        row = await possible_twins.one(conn, twin_id)
        if row is None:
            return None
        entries = await reader.get(conn, [row.product_id])
        there = await possible_twins.listed(conn, "open")
    place = row.marketplace, row.product_id
    others = [
        each
        for each in there
        if each.id != row.id and (each.marketplace, each.product_id) == place
    ]
    return _named(row, entries), others
