"""Runs that carry approved plans out: asked for, read from the plan, and their end."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from ocop_sync.errors import PlanError
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.plan.kept_plans import SeenPlan, ensure_open, locked
from ocop_sync.service.requests.run_requests import add_request
from ocop_sync.service.run.report import Skipped
from ocop_sync.service.schedules.works import AtWork
from ocop_sync.store.decisions import plans
from ocop_sync.store.decisions.plans import PlannedOutcome, PlanState
from ocop_sync.store.runs import run_requests
from ocop_sync.store.runs.run_requests import RunKind, RunRequest

_NOT_APPROVED: Final = (
    "kế hoạch chưa được duyệt: duyệt trước / the plan was not approved: do so first"
)


@dataclass(frozen=True, slots=True)
class KeptChange:
    """A change of a kept plan, as a reviewed plan has it."""

    account: str
    subject: str
    kind: Kind
    print: str


@dataclass(frozen=True, slots=True)
class KeptMarketplace:
    """The changes of a kept plan at one marketplace."""

    simulated: bool
    changes: list[KeptChange] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReviewedChanges:
    """The changes of a kept plan that are left to be sent, by marketplace.

    *tried_before* others may have been sent by an earlier try.
    """

    marketplaces: Mapping[str, KeptMarketplace]
    tried_before: int


async def carry_out_plan(
    deployment: Deployment, number: int, *, by: Actor
) -> RunRequest:
    """Have the next worker that is free carry an approved plan out.

    Raises:
        NoSuchPlanError: There is none of that number.
        PlanError: It is not approved, has expired, or was carried out.
        RunRequestedError: Another run was asked for there, and has not ended.
    """
    ensure_named(by)
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> RunRequest:
        seen = await locked(conn, number, now)
        ensure_ready(seen)
        names = [each["marketplace"] for each in seen.row.marketplaces]
        request = RunRequest(
            id=secrets.token_hex(8),
            kind=RunKind.PLAN,
            marketplaces=tuple(names),
            plan_id=number,
            asked_at=now,
        )
        await add_request(conn, request, names)
        await plans.refer(conn, number, request.id)
        refs = {"plan": str(number), "run": request.id}
        done = Act(by=by, kind="carry_out_plan", at=now, refs=refs)
        await run_requests.note_act(conn, request.id, await record_act(conn, done))
        return request

    return await deployment.database.write(store)


def ensure_ready(seen: SeenPlan) -> None:
    """See to it that a plan may be carried out.

    Raises:
        PlanError: It is not approved, has expired, or was carried out.
    """
    ensure_open(seen)
    if seen.row.state is not PlanState.APPROVED:
        raise PlanError(_NOT_APPROVED)


async def reviewed_changes(
    deployment: Deployment, request: RunRequest
) -> ReviewedChanges:
    """Return the changes of the plan that a run carries out.

    Those are left out that an earlier try may have sent: of this run, or of one before
    it that was broken off.

    Raises:
        PlanError: The plan was refused meanwhile, or has expired.
    """
    number, now = request.plan_id, deployment.clock()
    assert number is not None  # noqa: S101  (as its kind says)
    found: dict[str, KeptMarketplace] = {}
    async with deployment.database.read() as conn:
        row = await plans.find(conn, number)
        if row is None or row.state is not PlanState.APPROVED:
            raise PlanError(_NOT_APPROVED)
        ensure_open(SeenPlan(row, row.expires_at <= now, is_running=False))
        for each in row.marketplaces:
            found[each["marketplace"]] = KeptMarketplace(each["simulated"])
        tried, tried_before, after = set[tuple[str, str, str]](), 0, 0
        for run in await run_requests.of_plan(conn, number):
            tried |= await plans.tried(conn, run)
        while page := await plans.to_carry_out(conn, number, after):
            after = page[-1].n
            for line in page:
                if (line.account, line.subject, line.kind) in tried:
                    tried_before += 1
                    continue
                kind = Kind(line.kind)
                change = KeptChange(line.account, line.subject, kind, line.fingerprint)
                found[line.marketplace].changes.append(change)
    return ReviewedChanges(found, tried_before)


async def note_outcomes(
    at: AtWork,
    request: RunRequest,
    skipped: Sequence[Skipped],
    *,
    is_carried_out: bool,
) -> None:
    """Store with a plan what came of each change.

    Of one that was not carried out, only what no longer fitted is stored: it may be
    tried again until it expires.

    Raises:
        ClaimLostError: Another process carries it out now.
    """
    number = request.plan_id
    assert number is not None  # noqa: S101  (as its kind says)
    rows = [
        plans.Skipped(each.account, each.subject, each.kind, PlannedOutcome(each.why))
        for each in skipped
    ]
    await at.write(
        partial(
            plans.note_outcomes,
            plan_id=number,
            skipped=rows,
            is_carried_out=is_carried_out,
        )
    )
