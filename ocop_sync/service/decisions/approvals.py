"""A person's decisions on groups and twins, and the request that a run ends."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.vietnam_time import moment
from ocop_sync.engine.matching.candidates import has
from ocop_sync.engine.matching.reference import KEY
from ocop_sync.errors import PlanError, StalePlanError
from ocop_sync.service.decisions.text_limits import LONGEST_NAME, LONGEST_REASON
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions import held_groups, possible_twins
from ocop_sync.store.decisions.held_groups import Group
from ocop_sync.store.decisions.possible_twins import TwinRow
from ocop_sync.store.runs import accounts
from ocop_sync.store.runs.accounts import HeldLease

_DECISIONS = {
    "approved": ("đã được duyệt", "was approved"),
    "refused": ("đã bị từ chối duyệt", "was refused"),
}
"""The name of each decision on a group."""
_NAME = ("--by", "tên người quyết định", "name", "who decides")
_REASON = ("--reason", "lý do", "reason", "why")
"""An option, its name in both languages, and the question that it answers."""


async def approve(
    deployment: Deployment,
    group_id: int,
    *,
    by: str,
    reason: str,
    checksum: str | None = None,
) -> Group:
    """Let a held group pass; the next sync sends it.

    The approval is for the members that the group has now, each as it is now, and it
    ends (`Budget.approval_lasts`): later members are asked about anew. With *checksum*
    it is for the group as it was seen.

    Raises:
        StalePlanError: The group has changed since it was seen.
        PlanError: There is no such group, it is closed or was decided so, or *by* or
            *reason* is empty or too long.
    """
    return await _decide(
        deployment, group_id, "approved", by=by, reason=reason, checksum=checksum
    )


async def refuse(
    deployment: Deployment, group_id: int, *, by: str, reason: str
) -> Group:
    """Keep a held group from being sent; it stays listed as refused.

    Its members stay refused as they are now: a changed or new one asks anew.

    Raises:
        PlanError: There is no such group, it is closed or was decided so, or *by* or
            *reason* is empty or too long.
    """
    return await _decide(deployment, group_id, "refused", by=by, reason=reason)


async def _decide(
    deployment: Deployment,
    group_id: int,
    state: str,
    *,
    by: str,
    reason: str,
    checksum: str | None = None,
) -> Group:
    ensure_named(by)
    _ensure_text(reason, LONGEST_REASON, _REASON)
    now = deployment.clock()
    until = now + deployment.budget.approval_lasts if state == "approved" else None

    async def store(conn: AsyncConnection) -> Group:
        group = await held_groups.find(conn, group_id)
        if group is None or group.state == "closed":
            raise no_group(group_id)
        if group.stands(now) == state:
            raise _decided_before(group)
        if checksum is not None and checksum != group.checksum:
            raise _seen_otherwise(group)
        await held_groups.decide(
            conn, group_id, state=state, by=by, reason=reason, now=now, until=until
        )
        return replace(
            group,
            state=state,
            decided_by=by,
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
    return PlanError(message)


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
        f" lại bằng `ocop-sync held show {group.id}` / group {group.id} is not what was"
        f" seen (its checksum is {group.checksum} now): look at it again"
    )


def ensure_named(by: str) -> None:
    """Do nothing if the person who decides is named.

    Raises:
        PlanError: Nobody is, or at too great length to be shown.
    """
    _ensure_text(by, LONGEST_NAME, _NAME)


def _ensure_text(text: str, longest: int, named: tuple[str, str, str, str]) -> None:
    option, vi, en, question = named
    if not text.strip():
        message = f"thiếu {vi} ({option}) / {question}? ({option})"
        raise PlanError(message)
    if len(text) > longest:
        message = (
            f"{vi} quá dài ({option}), nhiều nhất {longest} ký tự"
            f" / the {en} is too long ({option}): {longest} characters at most"
        )
        raise PlanError(message)


async def adopt(deployment: Deployment, twin_id: int, *, by: str) -> TwinRow:
    """Decide that a listing made by hand is our product: the next sync takes it over.

    The other possible twins of that product are closed.

    Raises:
        PlanError: There is no such twin, or it was decided, or it carries the
            reference of another product of ours, or *by* is empty or too long.
    """
    return await _decide_twin(deployment, twin_id, "adopted", by)


async def decide_other(deployment: Deployment, twin_id: int, *, by: str) -> TwinRow:
    """Decide that a listing is another product: it no longer holds ours back.

    Raises:
        PlanError: There is no such twin, or it was decided, or *by* is empty or too
            long.
    """
    return await _decide_twin(deployment, twin_id, "other", by)


async def _decide_twin(
    deployment: Deployment, twin_id: int, state: str, by: str
) -> TwinRow:
    ensure_named(by)
    now = deployment.clock()

    async def store(conn: AsyncConnection) -> TwinRow:
        row = await possible_twins.find(conn, twin_id)
        if row is None or row.state != "open":
            message = (
                f"không có mục {twin_id} đang chờ; xem: ocop-sync twins list"
                f" / no open twin {twin_id}; see that command"
            )
            raise PlanError(message)
        if state == "adopted":
            await _ensure_not_of_another(conn, row)
        if has(row.agrees_on, KEY):
            # A product that is not to be listed is only adopted by a read of all.
            await accounts.read_anew(conn, row.account)
        await possible_twins.decide(conn, row, state=state, by=by, now=now)
        return replace(row, state=state)

    return await deployment.database.write(store)


async def _ensure_not_of_another(conn: AsyncConnection, row: TwinRow) -> None:
    """Do nothing if a listing carries no reference of another product of ours.

    Taken over, it would be found as the listing of both.

    Raises:
        PlanError: It does.
    """
    ref = row.client_ref if row.client_ref.isprintable() else ""
    if ref == row.product_id or not await reader.revisions(conn, [ref]):
        return
    message = (
        f"tin {row.ref} mang mã của sản phẩm khác ({ref}): nếu sản phẩm đã bị đánh số"
        " lại, hãy nạp bản xuất cuối cùng có mã (export); nếu không, sửa mã"
        f" trên sàn / listing {row.ref} carries the reference of another product"
        f" ({ref}): if products were numbered anew, import the last export, which has"
        " the ids; else correct the reference there"
    )
    raise PlanError(message)


async def cancel(deployment: Deployment, name: str = "", *, by: str) -> list[HeldLease]:
    """Ask the runs at *name* to end; each does so at its next step.

    It is a marketplace or the key of an account, all accounts if empty. *by* stands in
    the ledger.

    Returns:
        The accounts at which something runs, each with who runs it.

    Raises:
        ConfigurationError: There is no such marketplace or account.
        PlanError: *by* is empty or too long.
    """
    ensure_named(by)
    keys = [key for site in deployment.sites for key in site.accounts]
    if name and name not in keys:
        keys = list(deployment.site(name).accounts)
    elif name:
        keys = [name]
    now = deployment.clock()
    return await deployment.database.write(
        lambda conn: accounts.cancel(conn, keys, by, now)
    )
