"""Find open work at accounts: due, ended, in review, not answered, not read.

Each is under an index of its own, so that finding it takes no longer the more
there is that is not open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    TextClause,
    and_,
    bindparam,
    exists,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.turns import in_turns
from ocop_sync.engine.state.state import Look
from ocop_sync.engine.terms import Found
from ocop_sync.store.listings.records import Record, to_record
from ocop_sync.store.tables import account, listing

_AT = listing.c.account == bindparam("via")
_SIZE: BindParameter[int] = bindparam("size")
_NOW: BindParameter[datetime] = bindparam("now")
_SINCE: BindParameter[datetime] = bindparam("since")
_OF_KEYS = account.c.key.in_(bindparam("keys", expanding=True))
_IS_DUE = listing.c.urgency.is_not(None)
# As the indexes have it: of a bound value SQLite finds out each time whether it fits.
_IS_IN_REVIEW = text("found = 'in_review'")
_IS_UNREAD = and_(
    listing.c.found.in_([Found.LIVE.value, Found.REFUSED.value]),
    listing.c.read_at.is_(None),
    text("ref <> ''"),
)
_BEHIND = tuple_(listing.c.marketplace, listing.c.product_id) > tuple_(
    bindparam("marketplace"), bindparam("product_id")
)


def _page_of(is_so: ColumnElement[bool] | TextClause) -> Select[Any]:
    by = listing.c.marketplace, listing.c.product_id
    return select(listing).where(is_so, _BEHIND).order_by(*by).limit(_SIZE)


def _first_of_each(column: Column[Any]) -> ScalarSelect[Any]:
    """Return the first moment in *column* for an account, by one look into an index.

    However much lies behind it, the query takes no longer.
    """
    chosen = select(column).where(listing.c.account == account.c.key, column > _SINCE)
    return chosen.order_by(column).limit(1).scalar_subquery()


def _with_past(column: Column[Any]) -> Select[tuple[str]]:
    is_there = exists().where(listing.c.account == account.c.key, column <= _NOW)
    return select(account.c.key).where(_OF_KEYS, is_there)


_DUE = select(listing.c.product_id).where(_AT, _IS_DUE).limit(_SIZE)
_MOST_URGENT = _DUE.order_by(
    listing.c.urgency, listing.c.waiting_since, listing.c.product_id
)
_OLDEST = _DUE.order_by(listing.c.waiting_since, listing.c.product_id)
# As the index has it: a value that is bound would not be known to fit.
_NOT_WITHDRAWN = _page_of(text("blocked AND found IN ('live', 'in_review')"))
_TRIED_AGAIN = _page_of(listing.c.next_try_at.is_not(None))
_ENDED = (
    select(listing.c.product_id)
    .where(_AT, listing.c.until.is_not(None), listing.c.until <= _NOW)
    .order_by(listing.c.until)
    .limit(_SIZE)
)
_FIRST_END, _FIRST_TRY, _FIRST_LOOK = (
    _first_of_each(listing.c[name]) for name in ("until", "next_try_at", "look_at")
)
_NEXT_END = select(func.min(_FIRST_END), func.min(_FIRST_TRY)).where(_OF_KEYS)
_WITH_LOOKS = _with_past(listing.c.look_at)
_LOOKS = (
    select(listing.c.product_id)
    .where(_AT, listing.c.look_at.is_not(None), listing.c.look_at <= _NOW)
    .order_by(listing.c.look_at, listing.c.product_id)
)
_FIRST_LOOKS = select(func.max(listing.c.look_at)).where(
    _AT,
    listing.c.look_at <= bindparam("until"),
    listing.c.look == Look.FIRST.value,
)
_NEXT_LOOK = select(func.min(_FIRST_LOOK)).where(_OF_KEYS)
_LAST_LOOK = (
    select(listing.c.look_at)
    .where(
        listing.c.account == account.c.key,
        listing.c.look_at > _SINCE,
        listing.c.look_at <= bindparam("until"),
    )
    .order_by(listing.c.look_at.desc())
    .limit(1)
    .scalar_subquery()
)
_LOOKS_BY = select(func.max(_LAST_LOOK)).where(_OF_KEYS)
_LOOKS_LEFT = (
    select(
        listing.c.account,
        func.count().label("n"),
        func.min(listing.c.look_at).label("first"),
        func.max(listing.c.look_at).label("last"),
    )
    .where(
        listing.c.account.in_(bindparam("keys", expanding=True)),
        listing.c.look_at.is_not(None),
    )
    .group_by(listing.c.account)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUps:
    """How many listings of an account are looked up again, and when.

    Attributes:
        left: How many.
        first_at: When the first is due, in UTC.
        last_at: When the last of those that are known now is due, in UTC.
    """

    left: int
    first_at: datetime
    last_at: datetime


class Open(StrEnum):
    """The kinds of open work at an account, each under an index of its own."""

    DUE = "due"
    IN_REVIEW = "in_review"
    """A submission that is followed."""
    AWAITING = "awaiting"
    """Something was sent and has no outcome."""
    UNREAD = "unread"
    """It should be live, or was corrected, and was not read since."""


_IS_OPEN: dict[Open, TextClause | ColumnElement[bool]] = {
    Open.DUE: _IS_DUE,
    Open.IN_REVIEW: _IS_IN_REVIEW,
    Open.AWAITING: listing.c.awaiting.is_not(None),
    Open.UNREAD: _IS_UNREAD,
}
_SENT_WITH = {
    what: select(listing.c.product_id, listing.c.sent_at).where(_AT, is_so)
    for what, is_so in _IS_OPEN.items()
}


async def due(conn: AsyncConnection, account: str, size: int) -> list[str]:
    """Return at most *size* products due at *account*, the most urgent first."""
    return list(await conn.scalars(_MOST_URGENT, {"via": account, "size": size}))


async def oldest(conn: AsyncConnection, account: str, size: int) -> list[str]:
    """Return at most *size* products that have waited longest at *account*."""
    return list(await conn.scalars(_OLDEST, {"via": account, "size": size}))


async def count_due(conn: AsyncConnection, account: str) -> int:
    """Return at how many products something is due at *account*."""
    found = await conn.scalar(
        select(func.count())
        .select_from(listing)
        .where(listing.c.account == account, _IS_DUE)
    )
    return int(found or 0)


class Find(Protocol):
    """Returns at most *size* listings behind *after*: a marketplace and a product."""

    async def __call__(
        self, conn: AsyncConnection, after: tuple[str, str], size: int
    ) -> list[Record]:
        """Return them, by marketplace and product."""


async def not_withdrawn(
    conn: AsyncConnection, after: tuple[str, str], size: int
) -> list[Record]:
    """Return listings that are on sale and may not be, with any hold."""
    return await _behind(conn, _NOT_WITHDRAWN, after, size)


async def tried_again(
    conn: AsyncConnection, after: tuple[str, str], size: int
) -> list[Record]:
    """Return listings of which something that is owed has come to nothing so far."""
    return await _behind(conn, _TRIED_AGAIN, after, size)


async def _behind(
    conn: AsyncConnection, statement: Select[Any], after: tuple[str, str], size: int
) -> list[Record]:
    marketplace, product_id = after
    values = {"marketplace": marketplace, "product_id": product_id, "size": size}
    return [to_record(row) for row in (await conn.execute(statement, values)).all()]


async def with_open(
    conn: AsyncConnection, account: str, what: Open
) -> Mapping[str, datetime | None]:
    """Return the products of *account* at which something is open, by id.

    Each with when something was last sent or answered, in UTC. After a first sync
    these are all: their records are loaded some at a time.
    """
    rows = await conn.execute(_SENT_WITH[what], {"via": account})
    return {row.product_id: row.sent_at async for row in in_turns(rows)}


async def last_sent(conn: AsyncConnection, account: str) -> datetime | None:
    """Return when something was last sent, or answered, at *account*; in UTC."""
    found: datetime | None = await conn.scalar(
        select(func.max(listing.c.sent_at)).where(listing.c.account == account)
    )
    return found


async def ended(
    conn: AsyncConnection, account: str, now: datetime, size: int
) -> list[str]:
    """Return products whose verdict may have changed by itself by *now*."""
    return list(await conn.scalars(_ENDED, {"via": account, "now": now, "size": size}))


async def next_end(
    conn: AsyncConnection, keys: Sequence[str], since: datetime
) -> datetime | None:
    """Return the first moment after *since* at which something is due by itself.

    A verdict may change then, or a failed change that is owed is tried again.
    """
    rows = await conn.execute(_NEXT_END, {"keys": list(keys), "since": since})
    return min((at for at in rows.one() if at is not None), default=None)


async def looks(conn: AsyncConnection, account: str, now: datetime) -> list[str]:
    """Return the products of *account* that are due to be looked up by *now*."""
    return list(await conn.scalars(_LOOKS, {"via": account, "now": now}))


async def first_looks_until(
    conn: AsyncConnection, account: str, until: datetime
) -> datetime | None:
    """Return when the last of the first look-ups at *account* by *until* is due."""
    found: datetime | None = await conn.scalar(
        _FIRST_LOOKS, {"via": account, "until": until}
    )
    return found


async def with_looks(
    conn: AsyncConnection, keys: Sequence[str], now: datetime
) -> set[str]:
    """Return the accounts of *keys* at which something is due to be looked up."""
    return set(await conn.scalars(_WITH_LOOKS, {"keys": list(keys), "now": now}))


async def next_look(
    conn: AsyncConnection, keys: Sequence[str], since: datetime, within: timedelta
) -> datetime | None:
    """Return when to look up the first due listings after *since*.

    Listings that are due up to *within* later are looked up together with it: that
    moment is the one of the last of these.
    """
    asked = {"keys": list(keys), "since": since}
    first: datetime | None = await conn.scalar(_NEXT_LOOK, asked)
    if first is None:
        return None
    last: datetime = await conn.scalar(_LOOKS_BY, {**asked, "until": first + within})
    return last


async def looks_left(
    conn: AsyncConnection, keys: Sequence[str]
) -> Mapping[str, LookUps]:
    """Return the look-ups that are left at accounts *keys*, where any are."""
    rows = await conn.execute(_LOOKS_LEFT, {"keys": list(keys)})
    return {
        row.account: LookUps(left=row.n, first_at=row.first, last_at=row.last)
        for row in rows.all()
    }
