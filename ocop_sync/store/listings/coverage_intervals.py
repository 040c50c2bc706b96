"""Keep since when each product is counted as it is, at each marketplace.

An interval lasts until any of it changes: it is ended then, the next one begins, and
what has ended is never changed. It is noted in the transaction that changes a listing,
after the listing's row is written: whoever holds that row is alone with its intervals.

Time passes without a write, too. So an interval holds when the listing was read last,
and how the product is counted from the moment on when its verdict changes by itself.
Both are worked out for a day when its figures are asked (`coverage_days`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, chunks, execute_each, execute_for
from ocop_sync.store.listings.coverage import FRESH, IS_LIVE, UNREAD_BUCKET
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import coverage_interval as interval
from ocop_sync.store.tables import listing


class CountedFacts(Struct, frozen=True, kw_only=True):
    """The facts of an evaluation by which a product is counted.

    Attributes:
        simulated: The marketplace is a mock.
        rule: Code of the rule that decides, or "".
        commune: As of `CatalogPart`, and so the next three; None if nobody knows: it
            stays as it was.
        until: When the verdict changes by itself, in UTC; None if it does not.
        later_counted: How the product is counted from then on.
        later_rule: Which rule decides then, or "".
        later_stars: The stars that are proven then.
    """

    simulated: bool
    rule: str = ""
    commune: str | None = None
    stars: int | None = None
    product_set: str | None = None
    producer_kind: str | None = None
    until: datetime | None = None
    later_counted: str = ""
    later_rule: str = ""
    later_stars: int = 0


_NO_FACTS: Final[Mapping[str, CountedFacts]] = MappingProxyType({})
_NO_PART = {"commune": "", "stars": 0, "product_set": "", "producer_kind": ""}
_FACTS = CountedFacts.__struct_fields__
_OF_LISTING = ("counted", "hold", "word", "live")
_COMPARED = (*_OF_LISTING, *_FACTS)
"""The columns that begin a new interval when they change."""

_OPEN = and_(
    interval.c.marketplace == listing.c.marketplace,
    interval.c.product_id == listing.c.product_id,
    interval.c.ended_at.is_(None),
)
_HOLD = func.coalesce(listing.c.hold, "")
_SEEN = (
    select(
        listing.c.product_id,
        listing.c.counted,
        _HOLD.label("hold"),
        UNREAD_BUCKET.label("word"),
        IS_LIVE.label("live"),
        listing.c.read_at,
        interval.c.began_at,
        *(interval.c[name].label(f"old_{name}") for name in (*_COMPARED, "read_at")),
    )
    .select_from(listing.outerjoin(interval, _OPEN))
    .where(listing.c.marketplace == bindparam("of"), listing.c.product_id.in_(IDS))
)
_CHANGED = _SEEN.where(
    interval.c.began_at.is_not(None),
    or_(
        interval.c.counted != listing.c.counted,
        interval.c.hold != _HOLD,
        interval.c.word != UNREAD_BUCKET,
        interval.c.live != IS_LIVE,
        and_(IS_LIVE, interval.c.read_at.is_distinct_from(listing.c.read_at)),
    ),
)
_THIS = (
    interval.c.marketplace == bindparam("of"),
    interval.c.product_id == bindparam("id_"),
    interval.c.began_at == bindparam("since"),
)
_END = update(interval).where(*_THIS).values(ended_at=bindparam("at"))
_READ_AGAIN = update(interval).where(*_THIS).values(read_at=bindparam("at"))
_WRITE_OVER = (
    update(interval)
    .where(*_THIS)
    .values({name: bindparam(f"new_{name}") for name in (*_COMPARED, "read_at")})
)
_STILL_FRESH = (
    update(interval)
    .where(
        interval.c.marketplace == bindparam("of"),
        interval.c.product_id.in_(IDS),
        interval.c.ended_at.is_(None),
        interval.c.live,
        interval.c.read_at >= bindparam("fresh_from"),
        interval.c.read_at <= bindparam("at"),
    )
    .values(read_at=bindparam("at"))
)


async def note(
    conn: AsyncConnection,
    marketplace: str,
    product_ids: Iterable[str],
    now: datetime,
    facts: Mapping[str, CountedFacts] = _NO_FACTS,
) -> None:
    """Begin a new interval for each product that is counted otherwise now.

    Its row of `listing` is written already. A product without *facts* keeps those of
    its interval; one without an interval has its first one once there are facts.
    """
    ids = [*dict.fromkeys(product_ids)]
    for query, some in (
        (_SEEN, [id_ for id_ in ids if id_ in facts]),
        (_CHANGED, [id_ for id_ in ids if id_ not in facts]),
    ):
        for part in chunks(some):
            rows = await conn.execute(query, {"of": marketplace, "ids": part})
            await _write(conn, marketplace, rows.all(), now, facts)


async def note_read(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str], now: datetime
) -> None:
    """Remember that products were read as they were known, at *now*."""
    values = {"of": marketplace, "at": now, "fresh_from": now - FRESH}
    await execute_for(conn, _STILL_FRESH, product_ids, values)
    await note(conn, marketplace, product_ids, now)


async def put_right(conn: AsyncConnection, now: datetime, latest: datetime) -> None:
    """Let no interval begin or end after *latest*: a wrong clock has written that.

    Those of one that lasts still begin *now*. Nobody knows when they really were.
    """
    await conn.execute(
        delete(interval).where(
            interval.c.began_at > latest, interval.c.ended_at.is_not(None)
        )
    )
    for name in ("began_at", "ended_at", "read_at"):
        column = interval.c[name]
        is_ill = update(interval).where(column > latest)
        await conn.execute(is_ill.values({name: now}))


async def _write(
    conn: AsyncConnection,
    marketplace: str,
    rows: Sequence[Row[Any]],
    now: datetime,
    facts: Mapping[str, CountedFacts],
) -> None:
    """Write what is new in *rows*: a read, or that one interval ends and one begins."""
    again: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    over: list[dict[str, Any]] = []
    begun: list[dict[str, Any]] = []
    for row in rows:
        new = _new(row, facts.get(row.product_id))
        this = {"of": marketplace, "id_": row.product_id, "since": row.began_at}
        if row.began_at is not None and not _differs(row, new):
            if new["read_at"] == row.old_read_at:
                continue
            if _goes_on(row.old_read_at, new["read_at"], now):
                again.append({**this, "at": new["read_at"]})
                continue
        if row.began_at is not None and now <= row.began_at:
            # In the same instant, or before it by a clock that was put back: it has
            # lasted no time.
            over.append({**this, **{f"new_{k}": v for k, v in new.items()}})
            continue
        if row.began_at is not None:
            ended.append({**this, "at": now})
        key = {"marketplace": marketplace, "product_id": row.product_id}
        begun.append({**key, "began_at": now, "ended_at": None, **new})
    await execute_each(conn, _READ_AGAIN, again)
    await execute_each(conn, _END, ended)
    await execute_each(conn, _WRITE_OVER, over)
    await execute_each(conn, insert(interval), begun)


def _new(row: Row[Any], facts: CountedFacts | None) -> dict[str, Any]:
    """Return the values of the interval that a row of `_SEEN` is in now."""
    values = {name: getattr(row, name) for name in _OF_LISTING}
    values["live"] = bool(row.live)
    # Only what is on sale ages.
    values["read_at"] = row.read_at if row.live else None
    before = {name: getattr(row, f"old_{name}") for name in _FACTS}
    if facts is None:
        return values | before
    values |= values_of(facts)
    for name, empty in _NO_PART.items():
        if values[name] is None:
            values[name] = empty if row.began_at is None else before[name]
    return values


def _differs(row: Row[Any], new: Mapping[str, Any]) -> bool:
    return any(getattr(row, f"old_{name}") != new[name] for name in _COMPARED)


def _goes_on(before: datetime | None, read_at: datetime | None, now: datetime) -> bool:
    """Say whether a read shows what was fresh still; else it had aged meanwhile."""
    if before is None or read_at is None:
        return False
    return before <= read_at and now - before <= FRESH
