"""How much drift there was, and who healed it: figures of the ledger.

The ledger itself is kept in `ocop_sync.store.decisions.drift`.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.engine.state.drift import DriftKind
from ocop_sync.store.decisions.drift import THERE
from ocop_sync.store.tables import drift


async def seen_since(
    conn: AsyncConnection, marketplace: str, accounts: Sequence[str], since: datetime
) -> dict[str, dict[str, int]]:
    """Return how much drift there has been since *since*, by kind and field.

    Drift that has been healed meanwhile is counted as well. At *accounts*, which have
    been read whole since, so are listings that are gone: no read shows them again.
    """
    gone = and_(drift.c.kind == DriftKind.VANISHED.value, drift.c.account.in_(accounts))
    found: dict[str, dict[str, int]] = {}
    for healed in (drift.c.healed_at.is_(None), drift.c.healed_at >= since):
        rows = await conn.execute(
            select(drift.c.kind, drift.c.field, func.count().label("n"))
            .where(
                drift.c.marketplace == marketplace,
                healed,
                or_(drift.c.last_seen_at >= since, gone),
            )
            .group_by(drift.c.kind, drift.c.field)
            .order_by(drift.c.kind, drift.c.field)
        )
        for row in rows.all():
            fields = found.setdefault(row.kind, {})
            fields[row.field] = fields.get(row.field, 0) + row.n
    return found


async def healed_since(
    conn: AsyncConnection, marketplace: str, since: datetime
) -> dict[str, int]:
    """Return how much drift was healed since *since*, by whom."""
    rows = await conn.execute(
        select(drift.c.healed_by, func.count().label("n"))
        .where(drift.c.marketplace == marketplace, drift.c.healed_at >= since)
        .group_by(drift.c.healed_by)
        .order_by(drift.c.healed_by)
    )
    return {row.healed_by: row.n for row in rows.all()}


_OPEN_EDITS = (
    select(drift.c.account, drift.c.field, func.count().label("n"))
    .where(
        drift.c.marketplace == bindparam("of"),
        drift.c.healed_at.is_(None),
        drift.c.kind == DriftKind.EDITED.value,
    )
    .group_by(drift.c.account, drift.c.field)
)


async def open_edits(
    conn: AsyncConnection, marketplace: str
) -> dict[tuple[str, str], int]:
    """Return how many edits stand at a marketplace, by account and field."""
    rows = await conn.execute(_OPEN_EDITS, {"of": marketplace})
    return {(row.account, row.field): row.n for row in rows.all()}


_MADE_ANEW = select(func.count()).where(
    drift.c.marketplace == bindparam("of"),
    drift.c.healed_at >= bindparam("since"),
    drift.c.kind == DriftKind.VANISHED.value,
    drift.c.healed_by != THERE,
)


async def made_anew_since(
    conn: AsyncConnection, marketplace: str, since: datetime
) -> int:
    """Return how many listings that had vanished were made anew since *since*."""
    values = {"of": marketplace, "since": since}
    return int(await conn.scalar(_MADE_ANEW, values) or 0)
