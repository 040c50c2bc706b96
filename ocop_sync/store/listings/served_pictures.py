"""Read one uploaded picture for one reader, in one statement.

Everybody may see a picture of a product of which a marketplace was sent a listing: it
is on sale there, or was. Also for as long as it is kept after it was taken from the
product, since the listing still shows it. Staff see each, a producer those of its own
products. Whoever may not see one is told nothing else than of one that is not there.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Boolean, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS
from catalog.db.tables import picture, picture_use, product
from catalog.model.reach import Reach
from ocop_sync.store.tables import listing

EVERYBODY: Final = Reach.of(())
"""Somebody who has not signed in: marketplaces and buyers."""

_THIS: Final = picture_use.c.hash == picture.c.hash
_LISTED: Final = exists(
    select(1).where(
        listing.c.product_id == picture_use.c.product_id,
        listing.c.sent_at.is_not(None),
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
_THERE: Final = select(picture.c.hash).where(*_SHOWN)


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
    return await conn.scalar(_THERE, _asked(hash_, reach)) is not None


def _asked(hash_: str, reach: Reach) -> Mapping[str, Any]:
    ids = sorted(reach.producers or ())
    return {"which": hash_, "all": reach.producers is None, "ids": ids}
