"""A person's decision which of several listings of ours of one product stays.

The proposal is decided in `ocop_sync.engine.plan.doubles`, the changes of the others in
`ocop_sync.engine.plan.doubled_changes`. A person's decision stands in the ledger of
drift: a run that is under way cannot write over it.
"""

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.engine.facet import fingerprint
from ocop_sync.engine.plan.doubles import (
    double_name,
    fingerprint_of_kept,
    names_of,
)
from ocop_sync.engine.state.state import State
from ocop_sync.errors import NoSuchDecisionError, PlanError, StalePlanError
from ocop_sync.service.decisions.drift_decisions import store_decision
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions import drift
from ocop_sync.store.decisions.drift import DriftEntry as Drifted
from ocop_sync.store.listings import records
from ocop_sync.store.listings.other_account_doubles import with_other_account_doubles


async def keep(
    deployment: Deployment,
    product: str,
    ref: str,
    *,
    by: Actor,
    seen: str | None = None,
) -> Drifted:
    """Decide which of several listings of a product stays; the others are withdrawn.

    The product is named by its id, or by the number of its drift; the listing by the
    marketplace's own identifier, one at another account than the product's as
    "account/ref". With *seen*, of `print_of_doubled`, it is for the listings as they
    were seen: whoever comes second is told who was first.

    Raises:
        StalePlanError: Other listings are there now, or somebody has decided.
        PlanError: No such product is there twice, or *ref* is none of its listings;
            or *by* is empty or too long.
    """
    ensure_named(by)
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> Drifted:
        for entry in await drift.doubled(conn, product):
            known = await records.load(conn, entry.marketplace, [entry.product_id])
            known = await with_other_account_doubles(conn, entry.marketplace, known)
            state = known[entry.product_id].state
            if seen is not None and seen != print_of_doubled(entry, state):
                raise _seen_otherwise(entry.product_id)
            if name := _name_of(state, ref):
                chosen = fingerprint_of_kept(name)
                done = Act(
                    by=by,
                    kind="keep_listing",
                    at=now,
                    subjects=[entry.product_id],
                    refs={"marketplace": entry.marketplace, "listing": ref},
                )
                await record_act(conn, done)
                return await store_decision(
                    conn, entry, drift.OURS, chosen, by=by.name, now=now
                )
        raise _not_doubled(product, ref)

    return await deployment.database.write(store)


def print_of_doubled(entry: Drifted, state: State) -> str:
    """Return what stands for all that a person sees before they decide.

    *state* has the listings at other accounts as well.
    """
    decided = entry.decided_at.isoformat() if entry.decided_at else ""
    return fingerprint([sorted(names_of(state)), entry.decision, decided])


def _seen_otherwise(product: str) -> StalePlanError:
    return StalePlanError(
        f"các tin của {product} đã khác bản được xem: xem lại"
        f" / the listings of {product} are not what was seen: look at them again"
    )


def _name_of(state: State, ref: str) -> str:
    """Return the name that binds a person's decision to a listing, or "".

    Two accounts may call two listings the same.
    """
    main = double_name(state.account, state.ref)
    if state.other_account_doubles and ref in (state.ref, main):
        return main
    return ref if ref in names_of(state) else ""


def _not_doubled(product: str, ref: str) -> PlanError:
    return NoSuchDecisionError(
        f"{product} không có hai tin của ta mà một là {ref}; xem: ocop-sync twins list"
        f" / {product} has no two listings of ours of which {ref} is one; see that"
        " command"
    )
