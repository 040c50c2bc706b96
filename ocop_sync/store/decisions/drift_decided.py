"""Persons' decisions on drift, and the drift history of a listing.

The effect of a decision, and its end, are decided in
`ocop_sync.engine.plan.drift_policy`; the ledger itself is kept in
`ocop_sync.store.decisions.drift`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each, rows_of
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.state.state import DriftDecision, DriftHistory
from ocop_sync.store.decisions.drift import OURS, US, part_of_row
from ocop_sync.store.tables import drift, listing

_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)

_PAST = (
    select(drift)
    .where(
        drift.c.marketplace == bindparam("of"),
        drift.c.product_id.in_(_IDS),
        or_(drift.c.healed_at.is_(None), drift.c.healed_at >= bindparam("since")),
    )
    .order_by(drift.c.id)
)


async def past_of(
    conn: AsyncConnection,
    marketplace: str,
    product_ids: Sequence[str],
    since: datetime,
) -> dict[str, DriftHistory]:
    """Return the drift history of *product_ids*; most have none.

    Repairs are counted back to *since*, in UTC.
    """
    rows: dict[str, list[Row[Any]]] = {}
    asked = {"of": marketplace, "since": since}
    for row in await rows_of(conn, _PAST, product_ids, asked):
        rows.setdefault(row.product_id, []).append(row)
    return {id_: _past(found) for id_, found in rows.items()}


def _past(rows: Sequence[Row[Any]]) -> DriftHistory:
    """Return the past of one listing from its rows, oldest first."""
    decisions: dict[str, DriftDecision] = {}
    repairs: dict[str, int] = {}
    for row in rows:
        field, _ = part_of_row(row.field, None, row.shape)
        field = field or row.kind
        if row.decision:  # a person's decision starts the counting anew
            repairs[field] = 0
        if row.healed_at is None and row.decision:
            decisions[field] = DriftDecision(
                ours=row.decision == OURS, fingerprint=row.decision_fingerprint
            )
        if row.healed_by == US:
            repairs[field] = repairs.get(field, 0) + 1
    return DriftHistory(decisions=decisions, repairs=repairs)


async def decide(
    conn: AsyncConnection,
    number: int,
    *,
    decision: str,
    by: str,
    fingerprint_: str,
    now: datetime,
) -> None:
    """Write down a person's decision."""
    await conn.execute(
        update(drift)
        .where(drift.c.id == number)
        .values(
            decision=decision,
            decided_by=by,
            decided_at=now,
            decision_fingerprint=fingerprint_,
        )
    )


_DECIDED = select(drift.c.marketplace, drift.c.product_id).where(
    drift.c.marketplace.in_(_IDS), drift.c.healed_at.is_(None), drift.c.decision != ""
)


_UNSETTLE = (
    update(listing)
    .where(
        listing.c.marketplace == bindparam("of"),
        listing.c.product_id == bindparam("id_"),
        listing.c.settled_fingerprint != "",  # a run that sends has the others in hand
    )
    .values(settled_fingerprint="")
)


async def decided(
    conn: AsyncConnection, marketplaces: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the drift a person has decided on: marketplace and product of each."""
    rows = await conn.execute(_DECIDED, {"ids": list(marketplaces)})
    return [(marketplace, product_id) for marketplace, product_id in rows.all()]


async def unsettle(conn: AsyncConnection, marketplaces: Sequence[str]) -> None:
    """Have the listings evaluated again that a person has decided on.

    A run may have stored an evaluation from before the decision.
    """
    rows = await decided(conn, marketplaces)
    chosen = ({"of": name, "id_": product_id} for name, product_id in rows)
    await execute_each(conn, _UNSETTLE, chosen)


_DOUBLED = select(
    listing.c.marketplace, listing.c.account, listing.c.product_id, listing.c.ref
).where(
    # As the index has it: a value that is bound would not be known to fit.
    text("doubled_ref <> ''"),
)


_KEPT = select(
    drift.c.product_id, drift.c.decision_fingerprint, drift.c.healed_at
).where(
    drift.c.marketplace == bindparam("of"),
    drift.c.product_id.in_(_IDS),
    drift.c.kind == DriftKind.DOUBLED.value,
    drift.c.decision == OURS,
)


async def kept(
    conn: AsyncConnection, accounts: Collection[str]
) -> Sequence[tuple[str, str, str, str]]:
    """Return which of two listings persons have chosen at *accounts*.

    Returns:
        Account, product, the listing that is gone on with, and the fingerprint of the
        decision.
    """
    rows = (await conn.execute(_DOUBLED)).all()
    there: dict[str, dict[str, Any]] = {}
    # Few listings are doubled anywhere. Asked for with their accounts, SQLite would go
    # through all listings of these.
    for row in rows:
        if row.account not in accounts:
            continue
        there.setdefault(row.marketplace, {})[row.product_id] = row
    found = []
    for marketplace, doubled in there.items():
        decisions = await rows_of(conn, _KEPT, sorted(doubled), {"of": marketplace})
        for id_, fingerprint_, healed_at in decisions:
            if (
                healed_at is not None
            ):  # asked for that, SQLite would read all that stand
                continue
            found.append((doubled[id_].account, id_, doubled[id_].ref, fingerprint_))
    return found
