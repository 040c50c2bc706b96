"""Apply a whole read of an account to the stored listings.

The listings that it must show are known here. It ends look-ups that were due, and
clears doubles that it has not seen.

What becomes of a state by it is decided in `ocop_sync.engine`; the read itself is in
`ocop_sync.service.observe.whole_read`.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from ocop_sync.engine.state.look_up import AGAIN_AFTER
from ocop_sync.engine.state.state import Look
from ocop_sync.engine.terms import Found
from ocop_sync.store.tables import listing

NEED_NOT_SHOW = frozenset({Found.ABSENT, Found.REFUSED})
"""The states of listings that a whole read may leave out."""

_MUST_SHOW = (
    select(listing.c.product_id)
    .where(
        listing.c.account == bindparam("via"),
        listing.c.awaiting.is_(None),
        or_(
            and_(
                listing.c.sent.is_not(None),
                listing.c.sent_at <= bindparam("sent_by"),
                listing.c.found.not_in([each.value for each in NEED_NOT_SHOW]),
            ),
            listing.c.unreadable != "",  # it was there when it was read last
        ),
    )
    .order_by(listing.c.product_id)
)
_MUST_SHOW_IN_OLD = _MUST_SHOW.where(
    # What people are at work on shows once they have told its end.
    listing.c.ticket == "",
    or_(listing.c.read_at.is_(None), listing.c.read_at < bindparam("so_at")),
)
_DUE = (
    listing.c.account == bindparam("via"),
    listing.c.look_at.is_not(None),
    listing.c.awaiting.is_(None),
    listing.c.sent_at <= bindparam("sent_by"),
    listing.c.doubled_ref == "",  # what the others show was not seen
)
_BY_NOW = listing.c.look_at <= bindparam("started")
_LOOKS_ARE_OVER = (
    update(listing)
    .where(
        *_DUE,
        or_(
            and_(listing.c.look == Look.LAST.value, _BY_NOW),
            listing.c.look_at <= bindparam("long_ago"),
        ),
    )
    .values(look=None, look_at=None, lost=None)
)
_LOOKED_FIRST = select(
    listing.c.product_id, listing.c.marketplace, listing.c.look_at
).where(*_DUE, _BY_NOW, listing.c.look == Look.FIRST.value)
_LOOK_LAST = (
    update(listing)
    .where(
        listing.c.marketplace == bindparam("of"),
        listing.c.product_id == bindparam("id_"),
    )
    .values(look=Look.LAST.value, look_at=bindparam("at"))
)
_DOUBLED = listing.c.doubled_ref
_HERE = func.substr(_DOUBLED, 1, func.length(bindparam("here"))) == bindparam("here")
# A bound pattern, or value of an index, has SQLite prepare a statement each time.
_OWN = and_(
    listing.c.account == bindparam("via"), _DOUBLED.not_like(literal_column("'%/%'"))
)
_UNDOUBLE = (
    update(listing)
    .where(
        text("doubled_ref <> ''"),
        or_(_HERE, _OWN),
        listing.c.product_id.not_in(bindparam("still", expanding=True)),
    )
    .values(doubled_ref="", doubles=None, settled_fingerprint="")
)


async def must_show(
    conn: AsyncConnection, account: str, sent_by: datetime, old_at: datetime | None
) -> list[str]:
    """Return the products of which a whole read of *account* must show a listing.

    A listing whose last change was sent after *sent_by* need not show yet. One that was
    unreadable when it was read last must show in any case. Where reads may be old,
    *old_at* is when this one was so: it must show none that was read later, nor what
    people are still at work on.
    """
    values: dict[str, object] = {"via": account, "sent_by": sent_by}
    if old_at is None:
        return list(await conn.scalars(_MUST_SHOW, values))
    return list(await conn.scalars(_MUST_SHOW_IN_OLD, {**values, "so_at": old_at}))


async def seen_whole(
    conn: AsyncConnection, account: str, started: datetime, sent_by: datetime
) -> None:
    """Count a whole read of *account* as each look-up that was due as it *started*.

    A look-up stays due if the last change was sent after *sent_by*: its effect may not
    have shown.
    """
    values = {"via": account, "sent_by": sent_by, "started": started}
    await conn.execute(_LOOKS_ARE_OVER, {**values, "long_ago": started - AGAIN_AFTER})
    rows = await conn.execute(_LOOKED_FIRST, values)
    looks = (
        {"of": row.marketplace, "id_": row.product_id, "at": row.look_at + AGAIN_AFTER}
        for row in rows.all()
    )
    await execute_each(conn, _LOOK_LAST, looks)


async def undouble(conn: AsyncConnection, account: str, still: Collection[str]) -> None:
    """Forget doubles at *account* that a whole read has not seen.

    *still* are the products of which it has seen a double.
    """
    values = {"via": account, "here": f"{account}/", "still": sorted(still)}
    await conn.execute(_UNDOUBLE, values)
