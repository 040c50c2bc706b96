"""A person's decision on drift: ours is to stand there, or it stays as found.

The effect of a decision, and its end, are decided in
`ocop_sync.engine.plan.drift_policy`.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.values import replace
from ocop_sync.engine.facet import fingerprint
from ocop_sync.engine.plan.drift_policy import fingerprint_of_decision
from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.engine.wanted.wanted import no_product
from ocop_sync.errors import NoSuchDecisionError, PlanError, StalePlanError
from ocop_sync.service.decisions.as_decided import as_decided
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.evaluate.case import Freshness
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.store.decisions import drift, drift_decided
from ocop_sync.store.decisions.drift import DriftEntry
from ocop_sync.store.listings import records


async def decide_drift(
    deployment: Deployment,
    number: int,
    *,
    ours: bool,
    by: Actor,
    seen: str | None = None,
) -> DriftEntry:
    """Decide which value is to stand there: ours, repaired once, or theirs.

    The decision is void as soon as the wanted or the found value changes. With *seen*,
    of `print_of`, it is for the drift as it was seen.

    Raises:
        StalePlanError: Either value has changed since, or somebody has decided.
        PlanError: There is no such drift, or none any more; it is nothing that we
            could put right; or *by* is empty or too long.
        ConfigurationError: There is no account at its marketplace.
    """
    ensure_named(by)
    deployment = await as_decided(deployment)
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> DriftEntry:
        entry = await drift.find(conn, number)
        if entry is None or entry.healed_at is not None:
            raise no_drift(number)
        if why_not := _why_undecidable(entry):
            raise PlanError(why_not)
        if seen is not None and seen != print_of(entry):
            raise _seen_otherwise(number)
        decision = drift.OURS if ours else drift.THEIRS
        fingerprint_ = await _fingerprint_of(conn, deployment, entry)
        done = Act(
            by=by,
            kind="decide_drift",
            at=now,
            subjects=[entry.product_id],
            refs={
                "drift": str(number),
                "marketplace": entry.marketplace,
                "decision": decision,
            },
        )
        await record_act(conn, done)
        return await store_decision(
            conn, entry, decision, fingerprint_, by=by.name, now=now
        )

    return await deployment.database.write(store)


def no_drift(number: int) -> NoSuchDecisionError:
    """Return the error for drift that is not there, or not any more."""
    return NoSuchDecisionError(
        f"không có sai lệch {number}; xem: ocop-sync drift list"
        f" / there is no open drift {number}; see that command"
    )


def print_of(entry: DriftEntry) -> str:
    """Return what stands for all that a person sees of *entry* before they decide."""
    decided = entry.decided_at.isoformat() if entry.decided_at else ""
    return fingerprint([entry.expected, entry.found, entry.decision, decided])


def _seen_otherwise(number: int) -> StalePlanError:
    return StalePlanError(
        f"sai lệch {number} đã khác bản được xem: xem lại"
        f" / drift {number} is not what was seen: look at it again"
    )


async def store_decision(
    conn: AsyncConnection,
    entry: DriftEntry,
    decision: str,
    fingerprint_: str,
    *,
    by: str,
    now: datetime,
) -> DriftEntry:
    """Store a decision, and have the product evaluated by it; return it as stored."""
    await drift_decided.decide(
        conn, entry.id, decision=decision, by=by, fingerprint_=fingerprint_, now=now
    )
    await drift_decided.unsettle(conn, [entry.marketplace])
    return replace(entry, decision=decision, decided_by=by, decided_at=now)


def _why_undecidable(entry: DriftEntry) -> str:
    """Return why neither value can be chosen; "" if one can."""
    if entry.kind is DriftKind.DOUBLED:
        of = entry.product_id
        return (
            f"sai lệch {entry.id}: chọn tin được giữ (`ocop-sync twins keep {of} --ref"
            f" TIN --by TÊN`) / drift {entry.id}: say which one stays (`ocop-sync twins"
            f" keep {of} --ref LISTING --by NAME`)"
        )
    if entry.kind is DriftKind.BANNED:
        return (
            f"sai lệch {entry.id}: phải làm việc với sàn, ta không sửa được"
            f" / drift {entry.id}: only the marketplace can settle it"
        )
    return ""


async def _fingerprint_of(
    conn: AsyncConnection, deployment: Deployment, entry: DriftEntry
) -> str:
    """Return the fingerprint of a decision on *entry*, as things are now."""
    site, id_ = deployment.site(entry.marketplace), entry.product_id
    evaluator = Evaluator(deployment, Freshness(read_at={}), deployment.clock())
    known = (await records.load(conn, site.name, [id_]))[id_]
    found = await reader.get(conn, [id_])
    wanted = (
        evaluator.placed(site, evaluator.draft(found[id_]))
        if found
        else no_product(id_)
    )
    return fingerprint_of_decision(wanted, known.state, entry.field or entry.kind)
