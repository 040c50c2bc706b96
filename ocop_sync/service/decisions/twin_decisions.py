"""A person's decision on a possible twin: our product, or another one."""

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.db.acts import record_act
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.values import replace
from ocop_sync.engine.matching.candidates import has
from ocop_sync.engine.matching.reference import KEY
from ocop_sync.errors import NoSuchDecisionError, PlanError
from ocop_sync.service.decisions.text_limits import ensure_named
from ocop_sync.service.deployment import Deployment
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.decisions.possible_twins import TwinRow
from ocop_sync.store.runs import accounts

_ACTS = {"adopted": "adopt_listing", "other": "tell_listing_apart"}
"""The name of the act that leads to each state."""


async def adopt(deployment: Deployment, twin_id: int, *, by: Actor) -> TwinRow:
    """Decide that a listing made by hand is our product: the next sync takes it over.

    The other possible twins of that product are closed.

    Raises:
        PlanError: There is no such twin, or it was decided, or it carries the
            reference of another product of ours, or *by* is empty or too long.
    """
    return await _decide_twin(deployment, twin_id, "adopted", by)


async def decide_other(deployment: Deployment, twin_id: int, *, by: Actor) -> TwinRow:
    """Decide that a listing is another product: it no longer holds ours back.

    Raises:
        PlanError: There is no such twin, or it was decided, or *by* is empty or too
            long.
    """
    return await _decide_twin(deployment, twin_id, "other", by)


async def _decide_twin(
    deployment: Deployment, twin_id: int, state: str, by: Actor
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
            raise NoSuchDecisionError(message)
        if state == "adopted":
            await _ensure_not_of_another(conn, row)
        if has(row.agrees_on, KEY):
            # A product that is not to be listed is only adopted by a read of all.
            await accounts.read_anew(conn, row.account)
        await possible_twins.decide(conn, row, state=state, by=by.name, now=now)
        done = Act(
            by=by,
            kind=_ACTS[state],
            at=now,
            subjects=[row.product_id],
            refs={"twin": str(row.id), "account": row.account, "listing": row.ref},
        )
        await record_act(conn, done)
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
