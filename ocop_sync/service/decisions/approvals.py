"""A person's approval of a held group, or the refusal of it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.values import replace
from catalog.vietnam_time import moment
from ocop_sync.errors import NoSuchDecisionError, PlanError, StalePlanError
from ocop_sync.service.decisions.policies import budget_at
from ocop_sync.service.decisions.text_limits import (
    LONGEST_REASON,
    ensure_named,
    ensure_text,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions import held_groups, policies
from ocop_sync.store.decisions.held_groups import Group

_DECISIONS = {
    "approved": ("đã được duyệt", "was approved"),
    "refused": ("đã bị từ chối duyệt", "was refused"),
}
"""The name of each decision on a group."""
_ACTS = {"approved": "approve_group", "refused": "refuse_group"}
"""The name of the act of each decision."""
_REASON = ("--reason", "lý do", "reason", "why")
"""The option, its name in both languages, and the question that it answers."""


async def approve(
    deployment: Deployment,
    group_id: int,
    *,
    by: Actor,
    reason: str,
    checksum: str | None = None,
    seen: str | None = None,
) -> Group:
    """Let a held group pass; the next sync sends it.

    The approval is for the members that the group has now, each as it is now, and it
    ends (`Budget.approval_lasts`): later members are asked about anew. With *checksum*
    it is for the group as it was seen, with *seen* only if it still stands so
    (`Group.stands`): whoever comes second is told who was first.

    Raises:
        StalePlanError: The group has changed since it was seen.
        PlanError: There is no such group, it is closed or was decided so, or *by* or
            *reason* is empty or too long.
    """
    return await _decide(
        deployment,
        group_id,
        "approved",
        by=by,
        reason=reason,
        checksum=checksum,
        seen=seen,
    )


async def refuse(
    deployment: Deployment,
    group_id: int,
    *,
    by: Actor,
    reason: str,
    checksum: str | None = None,
    seen: str | None = None,
) -> Group:
    """Keep a held group from being sent; it stays listed as refused.

    Its members stay refused as they are now: a changed or new one asks anew.
    *checksum* and *seen* are those of `approve`.

    Raises:
        StalePlanError: The group has changed since it was seen.
        PlanError: There is no such group, it is closed or was decided so, or *by* or
            *reason* is empty or too long.
    """
    return await _decide(
        deployment,
        group_id,
        "refused",
        by=by,
        reason=reason,
        checksum=checksum,
        seen=seen,
    )


async def _decide(
    deployment: Deployment,
    group_id: int,
    state: str,
    *,
    by: Actor,
    reason: str,
    checksum: str | None = None,
    seen: str | None = None,
) -> Group:
    ensure_named(by)
    ensure_text(reason, LONGEST_REASON, _REASON)
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> Group:
        group = await held_groups.find(conn, group_id)
        if group is None or group.state == "closed":
            raise no_group(group_id)
        stands = group.stands(now)
        if group.state in _DECISIONS and (
            stands == state or seen not in {None, stands}
        ):
            raise _decided_before(group)
        if checksum is not None and checksum != group.checksum:
            raise _seen_otherwise(group)
        until = None
        if state == "approved":
            decided = await policies.last(conn)
            budget = budget_at(deployment, group.marketplace, decided)
            until = now + budget.approval_lasts
        await held_groups.decide(
            conn,
            group_id,
            state=state,
            by=by.name,
            reason=reason,
            now=now,
            until=until,
        )
        done = Act(
            by=by,
            kind=_ACTS[state],
            at=now,
            refs={
                "group": str(group_id),
                "marketplace": group.marketplace,
                "checksum": group.checksum,
            },
            reason=reason,
        )
        await record_act(conn, done)
        return replace(
            group,
            state=state,
            decided_by=by.name,
            reason=reason,
            decided_at=now,
            approved_until=until,
        )

    return await deployment.database.write(store)


def no_group(group_id: int) -> PlanError:
    """Return the error for a group that is not there, or is closed."""
    message = (
        f"không có nhóm {group_id}; xem: ocop-sync held list"
        f" / there is no open group {group_id}; see that command"
    )
    return NoSuchDecisionError(message)


def _decided_before(group: Group) -> PlanError:
    """Return the error for a group on which a person has decided the same."""
    vi, en = _DECISIONS[group.state]
    when = moment(group.decided_at) if group.decided_at else "?"
    why = f" ({group.reason})" if group.reason else ""
    return PlanError(
        f"nhóm {group.id} {vi} bởi {group.decided_by} lúc {when}{why}"
        f" / group {group.id} {en} by {group.decided_by} at {when}, Vietnam's time"
    )


def _seen_otherwise(group: Group) -> StalePlanError:
    return StalePlanError(
        f"nhóm {group.id} đã khác bản được xem (mã kiểm nay là {group.checksum}): xem"
        f" lại nhóm đó (`ocop-sync held show {group.id}`) / group {group.id} is not as"
        f" it was seen (its checksum is {group.checksum} now): look at it again"
        f" (`ocop-sync held show {group.id}`)"
    )
