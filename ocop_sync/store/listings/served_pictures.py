"""Read one uploaded picture for one reader, in one statement.

Everybody may see a picture while a listing of ours uses it. An intent is stored before
its call, so one that is about to be sent uses its pictures: a marketplace that fetches
late, days after the call, finds them as long as the listing is there. One that was
replaced is still shown until the marketplace was read after that. A listing that is
taken off uses none. Staff see each, a producer those of its own products. Whoever may
not see one is told nothing else than of one that is not there.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS
from catalog.db.tables import picture, picture_use, product
from catalog.model.reach import Reach
from ocop_sync.engine.terms import Found
from ocop_sync.store.tables import change, elsewhere, listing

EVERYBODY: Final = Reach.of(())
"""Somebody who has not signed in: marketplaces and buyers."""

_THIS: Final = picture_use.c.hash == picture.c.hash
_THERE: Final = (Found.LIVE.value, Found.IN_REVIEW.value, Found.UNREADABLE.value)
"""The states of a listing that shows its pictures, to buyers or to who reviews it."""


def _holds(document: Column[Any]) -> ColumnElement[bool]:
    """Say whether stored values name the picture: its hash stands in its address."""
    return cast(document, Text).like(bindparam("named"))


_REPLACED: Final = exists(
    select(1).where(
        change.c.subject == listing.c.product_id,
        change.c.marketplace == listing.c.marketplace,
        or_(listing.c.read_at.is_(None), change.c.sent_at >= listing.c.read_at),
        _holds(change.c.before),
    )
)
"""It was replaced since the listing was read last."""
_USES: Final = and_(
    or_(listing.c.awaiting.is_not(None), listing.c.found.in_(_THERE)),
    or_(
        # What is confirmed may be stored as "that is as it was sent".
        _holds(listing.c.sent),
        _holds(listing.c.confirmed),
        _holds(listing.c.edited),
        _holds(listing.c.doubles),
        _REPLACED,
    ),
)
_ELSEWHERE: Final = exists(
    select(1).where(
        elsewhere.c.marketplace == listing.c.marketplace,
        elsewhere.c.product_id == listing.c.product_id,
        elsewhere.c.found.in_(_THERE),
        _holds(elsewhere.c.shown),
    )
)
"""A double of ours at another account uses it."""
_LISTED: Final = exists(
    select(1).where(
        listing.c.product_id == picture_use.c.product_id,
        listing.c.sent_at.is_not(None),
        or_(_USES, _ELSEWHERE),
    )
)
# One inside the other: joined, SQLite would begin with all listings.
_IS_SENT: Final = exists(select(1).where(_THIS, _LISTED))
_IS_OWN: Final = exists(
    select(1).where(
        _THIS,
        exists(
            select(1).where(
                product.c.id == picture_use.c.product_id,
                product.c.producer_id.in_(IDS),
            )
        ),
    )
)
_SHOWN: Final = (
    picture.c.hash == bindparam("which"),
    or_(bindparam("all", type_=Boolean()), _IS_SENT, _IS_OWN),
)
_CONTENT: Final = select(picture.c.content).where(*_SHOWN)
_IS_SHOWN: Final = select(picture.c.hash).where(*_SHOWN)


async def content_of(
    conn: AsyncConnection, hash_: str, reach: Reach = EVERYBODY
) -> bytes | None:
    """Return the JPEG with this hash; None if *reach* has none such."""
    found: bytes | None = await conn.scalar(_CONTENT, _asked(hash_, reach))
    return found


async def may_be_seen(
    conn: AsyncConnection, hash_: str, reach: Reach = EVERYBODY
) -> bool:
    """Say whether somebody of this *reach* may see a picture, without reading it."""
    return await conn.scalar(_IS_SHOWN, _asked(hash_, reach)) is not None


def _asked(hash_: str, reach: Reach) -> Mapping[str, Any]:
    ids = sorted(reach.producers or ())
    return {
        "which": hash_,
        "named": f"%{hash_}%",
        "all": reach.producers is None,
        "ids": ids,
    }
