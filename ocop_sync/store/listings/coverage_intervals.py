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
from msgspec.structs import astuple
from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, chunks, execute_each, execute_for
from ocop_sync.store.listings.coverage import FRESH, IS_LIVE, UNREAD_BUCKET
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
_NO_PART: Final = {"commune": "", "stars": 0, "product_set": "", "producer_kind": ""}

_OPEN = and_(
    interval.c.marketplace == bindparam("of"),
    # Said of both tables: as long as PostgreSQL knows neither well, as in a first sync,
    # it would go through all intervals of the marketplace for each slice.
    interval.c.product_id.in_(IDS),
    interval.c.product_id == listing.c.product_id,
    interval.c.ended_at.is_(None),
)
_HOLD = func.coalesce(listing.c.hold, "")
_OF_LISTING: Final[Mapping[str, ColumnElement[Any]]] = {
    "counted": listing.c.counted,
    "hold": _HOLD,
    "word": UNREAD_BUCKET,
    "live": IS_LIVE,
    # Only what is on sale ages.
    "read_at": case((IS_LIVE, listing.c.read_at)),
}
"""The columns that follow from the row of `listing`."""
_OF_FACTS: Final = CountedFacts.__struct_fields__
_COLUMNS: Final = (*_OF_LISTING, *_OF_FACTS)
"""The columns that begin a new interval when they change, but for reads."""
_READ: Final = _COLUMNS.index("read_at")

_SEEN = (
    select(
        listing.c.product_id,
        interval.c.began_at,
        *(value.label(f"new_{name}") for name, value in _OF_LISTING.items()),
        *(interval.c[name] for name in _COLUMNS),
    )
    .select_from(listing.outerjoin(interval, _OPEN))
    .where(listing.c.marketplace == bindparam("of"), listing.c.product_id.in_(IDS))
)
_AT_NEW: Final = slice(2, 2 + len(_OF_LISTING))
_AT_BEFORE: Final = slice(2 + len(_OF_LISTING), None)
"""Where the values of a row of `_SEEN` are: the new ones of its listing, and those of
its interval."""
_STAYS = and_(
    interval.c.counted == listing.c.counted,
    interval.c.hold == _HOLD,
    interval.c.word == UNREAD_BUCKET,
    interval.c.live == IS_LIVE,
)
_CHANGED = and_(
    interval.c.marketplace == bindparam("of"),
    listing.c.marketplace == bindparam("of"),
    interval.c.product_id.in_(IDS),
    interval.c.product_id == listing.c.product_id,
    interval.c.ended_at.is_(None),
    or_(
        not_(_STAYS),
        and_(IS_LIVE, interval.c.read_at.is_distinct_from(listing.c.read_at)),
    ),
)
_GOES_ON_CHANGED = (
    update(interval)
    .where(
        _CHANGED,
        or_(
            # In the same instant, or before it by a clock that was put back: it has
            # lasted no time.
            interval.c.began_at >= bindparam("at"),
            # A read shows what was fresh still.
            and_(
                _STAYS,
                interval.c.read_at >= bindparam("fresh_from"),
                interval.c.read_at <= _OF_LISTING["read_at"],
            ),
        ),
    )
    .values(dict(_OF_LISTING))
)
_END_CHANGED = update(interval).where(_CHANGED).values(ended_at=bindparam("at"))
_OPEN_NOW = interval.alias("open_now")
_BEGIN_CHANGED = insert(interval).from_select(
    ["marketplace", "product_id", "began_at", *_OF_LISTING, *_OF_FACTS],
    select(
        interval.c.marketplace,
        interval.c.product_id,
        interval.c.ended_at,
        *_OF_LISTING.values(),
        *(interval.c[name] for name in _OF_FACTS),
    ).where(
        interval.c.marketplace == bindparam("of"),
        listing.c.marketplace == bindparam("of"),
        interval.c.product_id.in_(IDS),
        interval.c.product_id == listing.c.product_id,
        interval.c.ended_at == bindparam("at"),
        ~exists().where(
            _OPEN_NOW.c.marketplace == interval.c.marketplace,
            _OPEN_NOW.c.product_id == interval.c.product_id,
            _OPEN_NOW.c.ended_at.is_(None),
        ),
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
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)
_BEGIN = insert(interval)
_OVER: Final = tuple(f"new_{name}" for name in _COLUMNS)
_GOES_ON = (
    update(interval)
    .where(
        interval.c.marketplace == bindparam("of"),
        interval.c.ended_at.is_(None),
        interval.c.live,
        interval.c.read_at >= bindparam("fresh_from"),
        interval.c.read_at <= bindparam("at"),
    )
    .values(read_at=bindparam("at"))
)
_STILL_FRESH = _GOES_ON.where(interval.c.product_id.in_(IDS))
_ONE_STILL_FRESH = _GOES_ON.where(interval.c.product_id == bindparam("id_"))


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
    for part in chunks([id_ for id_ in ids if id_ in facts]):
        rows = await conn.execute(_SEEN, {"of": marketplace, "ids": part})
        await _write(conn, marketplace, rows.all(), now, facts)
    for part in chunks([id_ for id_ in ids if id_ not in facts]):
        await _write_changed(conn, marketplace, part, now)


async def note_read(
    conn: AsyncConnection,
    marketplace: str,
    read_at: Mapping[str, datetime],
    now: datetime,
) -> None:
    """Remember that products were read *now* as they were known; when so, by id."""
    values = {"of": marketplace, "fresh_from": now - FRESH}
    fresh = [id_ for id_, at in read_at.items() if at == now]
    await execute_for(conn, _STILL_FRESH, fresh, {**values, "at": now})
    old = ({**values, "id_": id_, "at": at} for id_, at in read_at.items() if at != now)
    await execute_each(conn, _ONE_STILL_FRESH, old)
    await note(conn, marketplace, read_at, now)


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


async def _write_changed(
    conn: AsyncConnection, marketplace: str, ids: Sequence[str], now: datetime
) -> None:
    """Write what `_write` does, of products whose facts are as they were."""
    values = {"of": marketplace, "ids": ids, "at": now}
    await conn.execute(_GOES_ON_CHANGED, {**values, "fresh_from": now - FRESH})
    ended = await conn.execute(_END_CHANGED, values)
    if ended.rowcount:
        await conn.execute(_BEGIN_CHANGED, values)


async def _write(
    conn: AsyncConnection,
    marketplace: str,
    rows: Sequence[Row[*tuple[Any, ...]]],
    now: datetime,
    facts: Mapping[str, CountedFacts],
) -> None:
    """Write what is new in *rows*: a read, or that one interval ends and one begins."""
    again: list[dict[str, Any]] = []
    ended: list[dict[str, Any]] = []
    over: list[dict[str, Any]] = []
    begun: list[dict[str, Any]] = []
    for row in rows:
        id_, began_at, before = row[0], row[1], row[_AT_BEFORE]
        new = (
            *row[_AT_NEW],
            *_facts(facts.get(id_), before, is_first=began_at is None),
        )
        this = {"of": marketplace, "id_": id_, "since": began_at}
        if began_at is not None and _is_but_read(before, new):
            was, read_at = before[_READ], new[_READ]
            if read_at == was:
                continue
            if _goes_on(was, read_at, now):
                again.append({**this, "at": read_at})
                continue
        if began_at is not None and now <= began_at:
            # In the same instant, or before it by a clock that was put back: it has
            # lasted no time.
            over.append({**this, **dict(zip(_OVER, new, strict=True))})
            continue
        if began_at is not None:
            ended.append({**this, "at": now})
        key = {"marketplace": marketplace, "product_id": id_, "began_at": now}
        values = dict(zip(_COLUMNS, new, strict=True))
        begun.append({**key, "ended_at": None, **values})
    await execute_each(conn, _READ_AGAIN, again)
    await execute_each(conn, _END, ended)
    await execute_each(conn, _WRITE_OVER, over)
    await execute_each(conn, _BEGIN, begun)


def _facts(
    facts: CountedFacts | None, before: Sequence[Any], *, is_first: bool
) -> Sequence[Any]:
    """Return the values of *facts* in the order of the columns.

    What they do not know stays as it was *before*, in `_COLUMNS`.
    """
    known = before[len(_OF_LISTING) :]
    if facts is None:
        return known
    new = astuple(facts)
    if None not in new:
        return new
    return [
        value
        if value is not None or name not in _NO_PART
        else (_NO_PART[name] if is_first else was)
        for name, value, was in zip(_OF_FACTS, new, known, strict=True)
    ]


def _is_but_read(before: Sequence[Any], new: Sequence[Any]) -> bool:
    """Say whether all but the read is as it was."""
    after = _READ + 1
    return before[:_READ] == new[:_READ] and before[after:] == new[after:]


def _goes_on(before: datetime | None, read_at: datetime | None, now: datetime) -> bool:
    """Say whether a read shows what was fresh still; else it had aged meanwhile."""
    if before is None or read_at is None:
        return False
    return before <= read_at and now - before <= FRESH
