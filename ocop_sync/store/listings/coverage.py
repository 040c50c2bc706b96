"""Count products at each marketplace, and keep the figures.

The figures and their names: certified = listable + blocked, and listable =
listed + unconfirmed + in_review + refused + held + pending, always. Each
listable product counts once, the first that fits.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import rows_of
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.terms import LISTABLE, VALIDITY_UNKNOWN, CountedAs, Found
from ocop_sync.store.tables import listing, remote, snapshot

FRESH = timedelta(hours=48)
"""A read older than that proves nothing any more."""

BUCKETS = ("listed", "unconfirmed", "in_review", "refused", "held", "pending")
"""The figures of a listable product, the first that fits."""


IS_LIVE = listing.c.found == Found.LIVE.value

# A read of the future proves nothing: the clock was wrong then, or is now.
_IS_FRESH = and_(
    listing.c.read_at >= bindparam("fresh_from"),
    listing.c.read_at <= bindparam("now"),
)
_UNLESS_LISTED = (
    # A person has to look: to wait for an outcome is no help.
    (listing.c.hold == Hold.UNREADABLE.value, "held"),
    (or_(IS_LIVE, listing.c.awaiting.is_not(None)), "unconfirmed"),
    (listing.c.found == Found.IN_REVIEW.value, "in_review"),
    (listing.c.found == Found.REFUSED.value, "refused"),
    (listing.c.hold.is_not(None), "held"),
)
UNREAD_BUCKET = case(*_UNLESS_LISTED, else_="pending")
"""The bucket of a row, as if it had not been read lately."""

_BUCKET = case((and_(IS_LIVE, _IS_FRESH), "listed"), *_UNLESS_LISTED, else_="pending")
"""The bucket of a row at "now"."""

_COUNT = (
    select(
        listing.c.counted,
        _BUCKET.label("bucket"),
        func.count().label("n"),
        func.sum(case((listing.c.stock_shown == 0, 1), else_=0)).label("empty"),
        func.sum(case((listing.c.found == Found.LIVE.value, 1), else_=0)).label("live"),
    )
    .where(listing.c.marketplace == bindparam("of"))
    .group_by(listing.c.counted, _BUCKET)
)
_TALLIES = select(
    listing.c.product_id,
    listing.c.counted,
    _BUCKET.label("bucket"),
    literal_column("1").label("n"),
    case((listing.c.stock_shown == 0, 1), else_=0).label("empty"),
    case((listing.c.found == Found.LIVE.value, 1), else_=0).label("live"),
).where(
    listing.c.marketplace == bindparam("of"),
    listing.c.product_id.in_(bindparam("ids", expanding=True)),
)
_LAST = (
    select(snapshot.c.at, snapshot.c.counts)
    .where(snapshot.c.marketplace == bindparam("of"))
    .order_by(snapshot.c.at.desc())
    .limit(1)
)
_LAST_AT = (
    select(snapshot.c.counts)
    .where(snapshot.c.marketplace == bindparam("of"), snapshot.c.at <= bindparam("by"))
    .order_by(snapshot.c.at.desc())
    .limit(1)
)
_LIVE_NOW = (
    select(func.count())
    .select_from(listing)
    .where(
        listing.c.marketplace == bindparam("of"),
        # As the index has it: a value that is bound would not be known to fit.
        text(f"found = '{Found.LIVE.value}'"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many products are on sale, and of how many: at a marketplace, or of a part.

    Attributes:
        simulated: The marketplace is a mock.
        share: Listed of certified, to four places; None where none is certified.
        certified: Listable and blocked ones.
        listable: The sum of the next six.
        listed: On sale, as a read of the last two days has shown.
        unconfirmed: On sale or sent, and not read back lately.
        in_review: The marketplace reviews them.
        refused: The marketplace has refused them.
        held: They wait for a person.
        pending: None of these.
        out_of_stock: Listed ones of which nothing is left.
        validity_unknown: Nobody knows whether their certificate is valid.
        live: On sale as far as is known, whatever they are counted as.
        live_not_listable: Those of them that are not listable.
        blocked: How many each rule blocks, by its code.
        foreign: Listings of others; of a part of the catalog always 0.
    """

    simulated: bool = False
    share: float | None = None
    certified: int = 0
    listable: int = 0
    listed: int = 0
    unconfirmed: int = 0
    in_review: int = 0
    refused: int = 0
    held: int = 0
    pending: int = 0
    out_of_stock: int = 0
    validity_unknown: int = 0
    live: int = 0
    live_not_listable: int = 0
    blocked: Mapping[str, int] = field(default_factory=dict)
    foreign: int = 0

    @property
    def buckets(self) -> Mapping[str, int]:
        """Return how many listable products are in each of `BUCKETS`."""
        return {name: getattr(self, name) for name in BUCKETS}


class Tally(NamedTuple):
    """Products that are counted alike.

    Attributes:
        counted: As of `Wanted.counted`.
        bucket: Which of `BUCKETS` they are in, if that is "listable".
        n: How many.
        empty: Of how many nothing is left to sell.
        live: How many are on sale as far as is known.
    """

    counted: CountedAs
    bucket: str
    n: int
    empty: int
    live: int


async def count(conn: AsyncConnection, marketplace: str, now: datetime) -> Coverage:
    """Return the figures of one marketplace, as the last evaluation left them.

    Reads age by *now*.
    """
    rows = await conn.execute(_COUNT, {"of": marketplace, **_at(now)})
    return coverage_of(_tally(*row) for row in rows.all())


async def tallies(
    conn: AsyncConnection, marketplace: str, product_ids: Sequence[str], now: datetime
) -> dict[str, Tally]:
    """Return how each product is counted; those never seen are left out."""
    at = {"of": marketplace, **_at(now)}
    rows = await rows_of(conn, _TALLIES, product_ids, at)
    return {id_: _tally(*row) for id_, *row in rows}


def _tally(counted: str, *figures: Any) -> Tally:
    return Tally(CountedAs(counted), *figures)


def _at(now: datetime) -> dict[str, datetime]:
    return {"fresh_from": now - FRESH, "now": now}


_FIGURES = (
    *("listable", *BUCKETS, "out_of_stock"),
    *("validity_unknown", "live", "live_not_listable"),
)
"""The figures that are sums of tallies."""


def coverage_of(found: Iterable[Tally]) -> Coverage:
    """Return the figures of all that was counted."""
    figures: dict[str, Any] = dict.fromkeys(_FIGURES, 0)
    blocked: Counter[str] = Counter()
    for each in found:
        figures["live"] += each.live
        if each.counted == LISTABLE:
            figures["listable"] += each.n
            figures[each.bucket] += each.n
            figures["out_of_stock"] += each.empty if each.bucket == "listed" else 0
            continue
        figures["live_not_listable"] += each.live
        if each.counted == VALIDITY_UNKNOWN:
            figures["validity_unknown"] += each.n
        elif rule := each.counted.blocked_by:
            blocked[rule] += each.n
    certified = figures["listable"] + blocked.total()
    share = round(figures["listed"] / certified, 4) if certified else None
    return Coverage(
        share=share,
        certified=certified,
        blocked=dict(sorted(blocked.items())),
        **figures,
    )


async def not_on_sale(
    conn: AsyncConnection, marketplace: str, after: str, size: int
) -> list[str]:
    """Return at most *size* products behind *after* that are not simply on sale."""
    rows = await conn.scalars(
        select(listing.c.product_id)
        .where(
            listing.c.marketplace == marketplace,
            listing.c.product_id > after,
            or_(
                listing.c.found != Found.LIVE.value,
                listing.c.hold.is_not(None),
                listing.c.counted != LISTABLE,
            ),
        )
        .order_by(listing.c.product_id)
        .limit(size)
    )
    return list(rows)


async def holds(
    conn: AsyncConnection,
    marketplace: str,
    product_ids: Sequence[str] | None = None,
    accounts: Sequence[str] | None = None,
) -> Counter[str]:
    """Return how many products were held at last, by why.

    Only *product_ids* count, at most `catalog.db.chunks.CHUNK`, and only what belongs
    to *accounts*; all if None.
    """
    asked = [listing.c.marketplace == marketplace, listing.c.hold.is_not(None)]
    if product_ids is not None:
        asked.append(listing.c.product_id.in_(product_ids))
    if accounts is not None:
        asked.append(listing.c.account.in_(accounts))
    rows = await conn.execute(
        select(listing.c.hold, func.count().label("n"))
        .where(*asked)
        .group_by(listing.c.hold)
    )
    return Counter({row.hold: row.n for row in rows.all()})


async def keep(
    conn: AsyncConnection, marketplace: str, figures: Coverage, now: datetime
) -> None:
    """Keep the figures; if they equal the last ones, nothing is kept.

    A marketplace's figures are kept at least once a day all the same, so that
    "unchanged" can be told from "not counted".
    """
    row = (await conn.execute(_LAST, {"of": marketplace})).one_or_none()
    counts, day = asdict(figures), timedelta(days=1)
    if row is not None and row.counts == counts and now - row.at < day:
        return
    await conn.execute(
        insert(snapshot), {"at": now, "marketplace": marketplace, "counts": counts}
    )


async def last_kept(conn: AsyncConnection, marketplace: str) -> Mapping[str, Any]:
    """Return the figures that were kept last, by name; none if it was never counted."""
    row = (await conn.execute(_LAST, {"of": marketplace})).one_or_none()
    return {} if row is None else row.counts


async def live_at(conn: AsyncConnection, marketplace: str, at: datetime) -> int:
    """Return how many of our listings were live at *at*; 0 if never counted."""
    counts = await conn.scalar(_LAST_AT, {"of": marketplace, "by": at})
    return int(counts["live"]) if counts else 0


async def live_now(conn: AsyncConnection, marketplace: str) -> int:
    """Return how many of our listings are live as far as is known."""
    return int(await conn.scalar(_LIVE_NOW, {"of": marketplace}) or 0)


async def known_at(conn: AsyncConnection, keys: Sequence[str]) -> dict[str, int]:
    """Return how many listings are known at each of *keys*, ours and others'."""
    known: dict[str, int] = {}
    for table in (listing, remote):
        rows = await conn.execute(
            select(table.c.account, func.count())
            .where(table.c.account.in_(list(keys)), table.c.ref != "")
            .group_by(table.c.account)
        )
        for key, number in rows.all():
            known[key] = known.get(key, 0) + number
    return known


async def awaiting_at(conn: AsyncConnection, keys: Sequence[str]) -> dict[str, int]:
    """Return at how many products there is no outcome yet, for each of *keys*."""
    rows = await conn.execute(
        select(listing.c.account, func.count().label("n"))
        .where(listing.c.account.in_(list(keys)), listing.c.awaiting.is_not(None))
        .group_by(listing.c.account)
    )
    return {row.account: row.n for row in rows}
