"""Uploaded pictures in the database, and which products have them.

The bytes lie in a table of their own and are read one picture at a time, by hash: no
list of products touches them. Beside it stands which product has, or lately had, which
picture; that follows whatever writes a product (`catalog.db.writer`). A picture that no
product has had for `KEPT_FOR` is erased, and at once where its producer's data are.
Functions over a connection that the caller opened; none of them commits.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, execute_each, execute_for
from catalog.db.retention import KEPT_FOR
from catalog.db.tables import picture, picture_use
from catalog.db.upsert import insert_into, upsert
from catalog.model.product import Product
from catalog.pictures.kept import KeptPicture, hashes_in

_ERASED_AT_ONCE: Final = 100
"""Pictures in one transaction; the rest is left to the next one."""

_USE: Final = picture_use.c
_TAKE_OUT = (
    update(picture_use)
    .where(_USE.product_id == bindparam("product"), _USE.removed_at.is_(None))
    .values(removed_at=bindparam("now"))
)
_PRODUCTS = (
    select(_USE.product_id)
    .where(_USE.removed_at.is_(None))
    .distinct()
    .order_by(_USE.product_id)
)
_OVER = (
    select(_USE.hash, _USE.product_id)
    .where(_USE.removed_at <= bindparam("until"))
    .order_by(_USE.removed_at, _USE.hash, _USE.product_id)
    .limit(_ERASED_AT_ONCE)
)
_FORGET_USE = delete(picture_use).where(
    _USE.hash == bindparam("which"), _USE.product_id == bindparam("product")
)
_OF_PRODUCTS = select(_USE.hash).where(_USE.product_id.in_(IDS)).distinct()
_FORGET_ALL = delete(picture_use).where(_USE.product_id.in_(IDS))
_IS_USED = exists(select(1).where(_USE.hash == picture.c.hash))
_ERASE = delete(picture).where(picture.c.hash.in_(IDS), ~_IS_USED)


async def keep_picture(
    conn: AsyncConnection, kept: KeptPicture, *, now: datetime
) -> None:
    """Keep a picture; the same one twice is kept once."""
    insert = insert_into(conn, picture).on_conflict_do_nothing()
    row = {
        "hash": kept.hash,
        "width": kept.size.width,
        "height": kept.size.height,
        "added_at": now,
        "content": kept.content,
    }
    await conn.execute(insert, row)


async def note_uses(
    conn: AsyncConnection, products: Sequence[Product], *, now: datetime
) -> None:
    """Write down which pictures of ours *products* have from now on."""
    taken_out = [{"product": each.id, "now": now} for each in products]
    await execute_each(conn, _TAKE_OUT, taken_out)
    rows = [
        {"hash": hash_, "product_id": each.id, "removed_at": None}
        for each in products
        for hash_ in sorted(hashes_in(each.pictures))
    ]
    await execute_each(conn, upsert(conn, picture_use), rows)


async def products_with_pictures(conn: AsyncConnection) -> Sequence[str]:
    """Return which products have uploaded pictures, sorted."""
    return list(await conn.scalars(_PRODUCTS))


async def erase_unused_pictures(conn: AsyncConnection, now: datetime) -> None:
    """Erase pictures that no product has had for `KEPT_FOR`.

    So long an import can be undone, and a marketplace may still show them.
    """
    found = await conn.execute(_OVER, {"until": now - KEPT_FOR})
    over = [{"which": row.hash, "product": row.product_id} for row in found]
    await execute_each(conn, _FORGET_USE, over)
    await execute_for(conn, _ERASE, sorted({each["which"] for each in over}))


async def erase_pictures_of(conn: AsyncConnection, product_ids: Sequence[str]) -> None:
    """Erase the pictures that products have or had, but those of other products too."""
    hashes = list(await conn.scalars(_OF_PRODUCTS, {"ids": product_ids}))
    await execute_for(conn, _FORGET_ALL, product_ids)
    await execute_for(conn, _ERASE, hashes)
