"""Show an uploaded picture to whoever may see it."""

from catalog.model.reach import Reach
from ocop_sync.store.db.database import Database
from ocop_sync.store.listings.served_pictures import (
    EVERYBODY,
    content_of,
    may_be_seen,
)


async def picture_for(
    database: Database, hash_: str, reach: Reach = EVERYBODY, *, is_known: bool = False
) -> bytes | None:
    """Return the JPEG with this hash; None if there is none such for this *reach*.

    To a caller who knows it, as *is_known* says, its bytes are not read: b"".
    """
    if not is_known:
        return await database.fetch(content_of, hash_, reach)
    return b"" if await database.fetch(may_be_seen, hash_, reach) else None
