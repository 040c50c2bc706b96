"""Tell which kinds of work are open at accounts, by one look at all of them.

In most runs most accounts have nothing open: asked for kind by kind, that would be a
transaction for each. Who finds a kind open reads its products
(`ocop_sync.store.listings.work_queue`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    TextClause,
    and_,
    bindparam,
    exists,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.tables import product
from ocop_sync.store.tables import account, elsewhere, listing, named


class OpenWork(NamedTuple):
    """The kinds of work that are open at an account.

    Attributes:
        due: A change is due.
        in_review: A submission is followed.
        awaiting: Something was sent and has no outcome.
        unread: A listing should be live, or was corrected, and was not read since.
        ended: A verdict may have changed by itself.
        named: An event has named a listing.
        doubled: A double of a product of another account is kept.
    """

    due: bool
    in_review: bool
    awaiting: bool
    unread: bool
    ended: bool
    named: bool
    doubled: bool


def _is_there(
    of: Column[Any], is_so: TextClause | ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Return whether an account has a row: one look into an index."""
    mine = of == account.c.key
    return exists().where(mine if is_so is None else and_(mine, is_so))


# As the indexes have it: a bound value would not be known to fit, and costs more.
_IS_OPEN: Mapping[str, TextClause | ColumnElement[bool]] = {
    "due": text("urgency IS NOT NULL"),
    "in_review": text("found = 'in_review'"),
    "awaiting": text("awaiting IS NOT NULL"),
    "unread": text("found IN ('live', 'refused') AND read_at IS NULL AND ref <> ''"),
    "ended": listing.c.until <= bindparam("now"),
}
_AT = select(
    account.c.key,
    *(
        _is_there(listing.c.account, is_so).label(name)
        for name, is_so in _IS_OPEN.items()
    ),
    _is_there(named.c.account).label("named"),
    _is_there(elsewhere.c.account).label("doubled"),
).where(account.c.key.in_(bindparam("keys", expanding=True)))


_VIA: BindParameter[str] = bindparam("via")
_NEWS = select(
    exists().where(product.c.revision > bindparam("since")),
    exists().where(listing.c.account == _VIA, listing.c.until <= bindparam("now")),
    exists().where(named.c.account == _VIA),
)


async def has_news(
    conn: AsyncConnection, key: str, revision: int, now: datetime
) -> bool:
    """Say whether there may be news at an account.

    A product has changed after *revision*, a verdict may have changed by itself by
    *now*, or an event has named a listing.
    """
    row = (await conn.execute(_NEWS, {"via": key, "since": revision, "now": now})).one()
    return any(row)


async def at(
    conn: AsyncConnection, keys: Sequence[str], now: datetime
) -> dict[str, OpenWork]:
    """Return the open work at each of *keys*, as of *now*."""
    rows = (await conn.execute(_AT, {"keys": list(keys), "now": now})).all()
    return {row.key: OpenWork(*row[1:]) for row in rows}
