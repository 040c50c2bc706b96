"""Several listings of ours for one product: show them, and say which one stays.

The proposal is decided in `ocop_sync.engine.plan.doubles`, the changes of the others in
`ocop_sync.engine.plan.doubled_changes`. A person's decision stands in the ledger of
drift: a run that is under way cannot write over it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.plan.doubles import (
    called,
    fingerprint_of_kept,
    kept_ref,
    names_of,
)
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.state.state import State
from ocop_sync.errors import PlanError
from ocop_sync.marketplace.listing import Facet
from ocop_sync.service.decisions.approvals import ensure_named
from ocop_sync.service.decisions.drift_decisions import store_decision
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions import drift
from ocop_sync.store.decisions.drift import DriftEntry as Drifted
from ocop_sync.store.listings import records
from ocop_sync.store.listings.elsewhere import with_elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One of several listings of a product.

    Attributes:
        ref: The marketplace's own identifier.
        stock: How many it offers in all; None if that is not known.
    """

    ref: str
    stock: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    """A product with several listings of ours.

    Attributes:
        number: By which a person names it, as in `drift list`.
        marketplace: Name of the marketplace.
        account: Key of the account.
        product_id: The product.
        stays: The listing that is proposed to stay, or that a person has chosen.
        others: The other ones; at another account as "account/ref".
        kept_by: Who has said which one stays, or "".
    """

    number: int
    marketplace: str
    account: str
    product_id: str
    stays: Offer
    others: tuple[Offer, ...] = field(default=())
    kept_by: str = ""


async def list_doubled(deployment: Deployment) -> list[Doubled]:
    """Return the products with several listings of ours, by number."""
    found: list[Doubled] = []
    async with deployment.database.read() as conn:
        for site in deployment.sites:
            ids = await records.with_doubles(conn, site.name)
            known = await records.load(conn, site.name, ids)
            known = await with_elsewhere(conn, site.name, known)
            rows = {
                entry.product_id: entry
                for entry in await drift.open_of(conn, site.name, ids)
                if entry.kind is DriftKind.DOUBLED
            }
            now = deployment.clock()
            past = await drift.past_of(conn, site.name, list(rows), now)
            found += [
                _doubled(replace(known[id_].state, past=past[id_]), entry)
                for id_, entry in rows.items()
            ]
    return sorted(found, key=lambda each: each.number)


def _doubled(state: State, entry: Drifted) -> Doubled:
    offers: dict[str, int | None] = {state.ref: _stock(state.shown)}
    offers |= {double.ref: _stock(double.values) for double in state.doubles}
    offers |= {
        called(double.account, double.ref): _stock(double.values)
        if double.values
        else None
        for double in state.elsewhere
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
    )


def _stock(values: Mapping[str, Mapping[str, int]]) -> int:
    return sum(values.get(Facet.STOCK, {}).values())


async def keep(deployment: Deployment, product: str, ref: str, *, by: str) -> Drifted:
    """Decide which of several listings of a product stays; the others are withdrawn.

    The product is named by its id, or by the number of its drift; the listing by the
    marketplace's own identifier, one at another account than the product's as
    "account/ref".

    Raises:
        PlanError: No such product is there twice, or *ref* is none of its listings;
            or *by* is empty.
    """
    ensure_named(by)
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> Drifted:
        for entry in await drift.doubled(conn, product):
            known = await records.load(conn, entry.marketplace, [entry.product_id])
            known = await with_elsewhere(conn, entry.marketplace, known)
            if name := _name_of(known[entry.product_id].state, ref):
                chosen = fingerprint_of_kept(name)
                return await store_decision(
                    conn, entry, drift.OURS, chosen, by=by, now=now
                )
        raise _not_doubled(product, ref)

    return await deployment.database.write(store)


def _name_of(state: State, ref: str) -> str:
    """Return the name that binds a person's decision to a listing, or "".

    Two accounts may call two listings the same.
    """
    main = called(state.account, state.ref)
    if state.elsewhere and ref in (state.ref, main):
        return main
    return ref if ref in names_of(state) else ""


def _not_doubled(product: str, ref: str) -> PlanError:
    return PlanError(
        f"{product} không có hai tin của ta mà một là {ref}; xem: ocop-sync twins list"
        f" / {product} has no two listings of ours of which {ref} is one; see that"
        " command"
    )
