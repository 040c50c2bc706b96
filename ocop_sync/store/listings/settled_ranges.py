"""Keep the ranges of products that were all settled, with what that hung on.

What is kept stays true whatever becomes of the data: that with data of this digest,
from that moment until the other, nothing was to be evaluated. When one may be passed
over is decided in `ocop_sync.service.run.settled_ranges`.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import LargeBinary, Select, Text, bindparam, cast, delete, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from catalog.db.digests import bounds, digest_of, within
from catalog.db.upsert import upsert
from ocop_sync.store.tables import listing, settled_range


class SettledRange(NamedTuple):
    """A range of products that were all settled at a marketplace.

    Attributes:
        after_id: The products have greater ids than this,
        end_id: and no greater one than this; None if it has no end.
        digest: Of all that this hangs on.
        walked_at: When each of them was last evaluated, in UTC.
        until: When the first verdict on them may change by itself, in UTC.
    """

    marketplace: str
    after_id: str
    end_id: str | None
    digest: str
    walked_at: datetime
    until: datetime | None


class Settled(NamedTuple):
    """What is settled in a range, and what is not.

    Attributes:
        digest: Of the fingerprints of all its listings.
        unsettled: The products whose listings have none.
    """

    digest: bytes
    unsettled: Sequence[str]


_ALL: Final = (
    select(*(settled_range.c[name] for name in SettledRange._fields))
    .where(settled_range.c.marketplace.in_(bindparam("names", expanding=True)))
    .order_by(settled_range.c.marketplace, settled_range.c.after_id)
)
_FORGET: Final = delete(settled_range).where(
    settled_range.c.marketplace == bindparam("of"),
    settled_range.c.after_id == bindparam("after"),
)


async def stored(
    conn: AsyncConnection, marketplaces: Sequence[str]
) -> list[SettledRange]:
    """Return all that are kept of *marketplaces*, in order."""
    rows = await conn.execute(_ALL, {"names": list(marketplaces)})
    return [SettledRange(*row) for row in rows.all()]


async def keep(conn: AsyncConnection, ranges: Iterable[SettledRange]) -> None:
    """Keep *ranges*, also instead of those that begin where they do."""
    rows = sorted(ranges, key=lambda each: each[:2])
    await execute_each(
        conn, upsert(conn, settled_range), [each._asdict() for each in rows]
    )


async def forget(conn: AsyncConnection, ranges: Iterable[SettledRange]) -> None:
    """Forget *ranges*."""
    rows = sorted((each.marketplace, each.after_id) for each in ranges)
    await execute_each(conn, _FORGET, [{"of": m, "after": a} for m, a in rows])


async def settled_in(
    conn: AsyncConnection, marketplace: str, after: str, end: str | None
) -> Settled:
    """Return what is settled at *marketplace* behind *after*, up to *end* if given."""
    statement = _settled(conn.dialect.name, is_open=end is None)
    values = {**bounds(after, end), "of": marketplace}
    prints, unsettled = (await conn.execute(statement, values)).one()
    return Settled(digest_of([prints]), _ids(unsettled))


def _ids(stored_ids: Any) -> list[str]:
    """Return the ids that the database has put together, in order."""
    return sorted(json.loads(stored_ids or "[]"))


@cache
def _settled(dialect: str, *, is_open: bool) -> Select[Any]:
    id_, print_ = listing.c.product_id, listing.c.settled_fingerprint
    if dialect == "sqlite":
        # They come by the key, in the order in which its index has them.
        pairs = func.json_group_array(func.json_array(id_, print_))
        every: Any = cast(pairs, LargeBinary)
        unsettled: Any = func.json_group_array(id_)
    else:
        pair = aggregate_order_by(func.json_build_array(id_, print_), id_)
        every = func.md5(cast(func.json_agg(pair), Text))
        unsettled = func.json_agg(id_)
    return select(every, cast(unsettled.filter(print_ == ""), Text)).where(
        listing.c.marketplace == bindparam("of"), within(id_, is_open=is_open)
    )
