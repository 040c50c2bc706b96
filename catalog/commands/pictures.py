"""The pictures of a named product: uploaded, ordered, marked, taken out.

Functions over a connection in a transaction of the caller; none of them commits. Each
change gives the product a new revision. A picture is decoded and written anew before
(`catalog.pictures.reencoder`): nothing here looks into one, and nothing fetches any.
Which of a product's pictures a marketplace is shown is decided in
`ocop_sync.engine.wanted.pictures`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.meanwhile import ensure_as_seen
from catalog.commands.own import own_product
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.chunks import chunks
from catalog.db.history import Author
from catalog.db.pictures import (
    erase_unused_pictures,
    keep_picture,
    products_with_pictures,
)
from catalog.db.reader import get
from catalog.db.writer import lock, save
from catalog.errors import CatalogError
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.fact import Fact
from catalog.model.picture_address import shown
from catalog.model.product import Entry, Picture, Product, Size
from catalog.model.reach import WHOLE_CATALOG, Reach
from catalog.pictures.kept import KeptPicture, address_of, hash_in
from catalog.values import replace

MOST_PICTURES: Final = 20
"""Of one product, as in sheets; marketplaces take 10 and show the first ones."""
SHORTEST_ID: Final = 8
"""Letters of a picture's id by which it may be named, if they are enough."""

Pictures = tuple[Picture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPicture:
    """A picture of a product, for whoever looks at it.

    Attributes:
        place: Its place, from 1; the first one leads.
        id: Its name: its hash if it was uploaded, else that of its address.
        url: Its address.
        uploaded: This service keeps it; else it lies elsewhere.
        shows_ocop_mark: Whether the OCOP mark is to be seen on it.
        size: Its size, if known.
    """

    place: int
    id: str
    url: str
    uploaded: bool
    shows_ocop_mark: Fact
    size: Size | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPictures:
    """The pictures of a product, the leading one first.

    Attributes:
        product_id: Of which product.
        name: Its name.
        revision: The revision of the product in which it has them.
        pictures: The pictures.
    """

    product_id: str
    name: str
    revision: int
    pictures: Sequence[ProductPicture]

    @classmethod
    def of(cls, product: Product) -> "ProductPictures":
        """Return the pictures of *product*."""
        return cls(
            product_id=product.id,
            name=product.name,
            revision=product.revision,
            pictures=[
                ProductPicture(
                    place=n,
                    id=id_of(each),
                    url=each.url,
                    uploaded=bool(hash_in(each.url)),
                    shows_ocop_mark=each.shows_ocop_mark,
                    size=each.size,
                )
                for n, each in enumerate(product.pictures, start=1)
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureEdit:
    """Who changes the pictures of a product, and from what.

    Attributes:
        by: Who.
        reach: The products that they may change.
        seen: The revision of the product that they have seen; None if not known.
    """

    by: Actor
    reach: Reach = WHOLE_CATALOG
    seen: int | None = None


def id_of(picture: Picture) -> str:
    """Return the name of *picture* among those of its product: 64 letters of hex."""
    return hash_in(picture.url) or hashlib.sha256(picture.url.encode()).hexdigest()


async def pictures_of(
    conn: AsyncConnection, code: str, reach: Reach = WHOLE_CATALOG
) -> ProductPictures:
    """Return the pictures of the product with this id, or of this SKU.

    Raises:
        NotInCatalogError: There is no such product within *reach*.
    """
    return ProductPictures.of(await own_product(conn, code, reach))


async def add_picture(
    conn: AsyncConnection,
    code: str,
    kept: KeptPicture,
    *,
    public_url: str,
    shows_ocop_mark: Fact,
    edit: PictureEdit,
    now: datetime,
) -> ProductPictures:
    """Keep an uploaded picture, and put it behind those of the product.

    One that the product has already stays where it is; an answer of yes or no about the
    mark replaces the known one.

    Args:
        conn: A connection in a transaction of the caller.
        code: Id of the product, or one of its SKUs.
        kept: The picture, as `Reencoder` returns it.
        public_url: The address under which this service is reached.
        shows_ocop_mark: Whether the OCOP mark is to be seen on it; unknown stays so.
        edit: Who does so.
        now: The present instant.

    Raises:
        NotInCatalogError: There is no such product within reach.
        AttestationError: It is not said who.
        CatalogError: The product has as many pictures as it may.
        ChangedMeanwhileError: The pictures are no longer those that were seen.
    """
    added = Picture(
        url=address_of(public_url, kept.hash),
        shows_ocop_mark=shows_ocop_mark,
        size=kept.size,
    )

    def add(pictures: Pictures) -> Pictures:
        known = [each for each in pictures if id_of(each) == kept.hash]
        if known and shows_ocop_mark is not Fact.UNKNOWN:
            return _marked(pictures, known[0], shows_ocop_mark)
        if not known and len(pictures) >= MOST_PICTURES:
            raise CatalogError(_TOO_MANY)
        return pictures if known else (*pictures, added)

    found = await _change(conn, code, add, kind="add_picture", edit=edit, now=now)
    await keep_picture(conn, kept, now=now)
    return found


async def order_pictures(
    conn: AsyncConnection,
    code: str,
    order: Sequence[str],
    *,
    edit: PictureEdit,
    now: datetime,
) -> ProductPictures:
    """Put pictures in this *order* of their ids, the leading one first.

    Those that are not named keep their order behind them.

    Raises:
        NoSuchPictureError: A picture is not there; all else as for `add_picture`.
        CatalogError: One is named twice.
    """

    def put(pictures: Pictures) -> Pictures:
        first = [_named(pictures, each) for each in order]
        if len({each.url for each in first}) < len(first):
            raise CatalogError(_TWICE)
        return (*first, *(each for each in pictures if each not in first))

    return await _change(conn, code, put, kind="order_pictures", edit=edit, now=now)


async def mark_picture(
    conn: AsyncConnection,
    code: str,
    which: str,
    shows_ocop_mark: Fact,
    *,
    edit: PictureEdit,
    now: datetime,
) -> ProductPictures:
    """Record whether the OCOP mark is to be seen on a picture.

    Raises:
        NoSuchPictureError: The product has none such, or several that *which* may mean;
            all else as for `add_picture`.
    """

    def mark(pictures: Pictures) -> Pictures:
        return _marked(pictures, _named(pictures, which), shows_ocop_mark)

    return await _change(conn, code, mark, kind="mark_picture", edit=edit, now=now)


async def remove_picture(
    conn: AsyncConnection, code: str, which: str, *, edit: PictureEdit, now: datetime
) -> ProductPictures:
    """Take a picture from a product.

    Listings lose it with the next sync. An uploaded one is kept for some time
    (`catalog.db.pictures`): a marketplace may still show it.

    Raises:
        NoSuchPictureError: The product has none such, or several that *which* may mean;
            all else as for `add_picture`.
    """

    def remove(pictures: Pictures) -> Pictures:
        gone = _named(pictures, which)
        return tuple(each for each in pictures if each is not gone)

    return await _change(conn, code, remove, kind="remove_picture", edit=edit, now=now)


async def move_pictures(
    conn: AsyncConnection, *, public_url: str, by: Actor, now: datetime
) -> Sequence[str]:
    """Let the addresses of all uploaded pictures begin with *public_url*.

    Returns:
        Ids of the products that got a new revision, sorted.

    Raises:
        AttestationError: It is not said who.
    """
    who = required(by.name, _WHO)
    await lock(conn)
    ids = await products_with_pictures(conn)
    done = Act(by=by, kind="move_pictures", at=now, refs={"to": public_url})
    author = Author(who, now, await record_act(conn, done))
    moved: list[str] = []
    for some in chunks(ids):
        known = (await get(conn, some)).values()
        entries: list[Entry] = [(_moved(each, public_url), None) for each, _ in known]
        moved += await save(conn, entries, by=author)
    return sorted(moved)


def _moved(product: Product, public_url: str) -> Product:
    pictures = tuple(
        replace(each, url=address_of(public_url, hash_))
        if (hash_ := hash_in(each.url))
        else each
        for each in product.pictures
    )
    return replace(product, pictures=pictures)


async def _change(
    conn: AsyncConnection,
    code: str,
    change: Callable[[Pictures], Pictures],
    *,
    kind: str,
    edit: PictureEdit,
    now: datetime,
) -> ProductPictures:
    who = required(edit.by.name, _WHO)
    await lock(conn)
    known = await own_product(conn, code, edit.reach)
    pictures = change(known.pictures)
    if pictures == known.pictures:
        return ProductPictures.of(known)
    before = {("", "pictures"): tuple(each.url for each in known.pictures)}
    await ensure_as_seen(conn, known.id, known.revision, edit.seen, before)
    done = Act(by=edit.by, kind=kind, at=now, subjects=[known.id])
    author = Author(who, now, await record_act(conn, done))
    await save(conn, [(replace(known, pictures=pictures), None)], by=author)
    await erase_unused_pictures(conn, now)
    return ProductPictures.of(await own_product(conn, known.id, edit.reach))


class NoSuchPictureError(CatalogError):
    """A product has no such picture, or several that may be meant."""

    def __init__(self, which: str, there: str) -> None:
        super().__init__(
            f"sản phẩm không có đúng một ảnh như vậy ({shown(which)}); đang có: {there}"
            " / the product has not exactly one such picture"
        )


def _marked(pictures: Pictures, which: Picture, mark: Fact) -> Pictures:
    return tuple(
        replace(each, shows_ocop_mark=mark) if each is which else each
        for each in pictures
    )


def _named(pictures: Pictures, which: str) -> Picture:
    """Return the picture that *which* names: an address, an id or its beginning.

    Raises:
        NoSuchPictureError: None, or several.
    """
    exact = [each for each in pictures if which in (each.url, id_of(each))]
    begun = [
        each
        for each in pictures
        if len(which) >= SHORTEST_ID and id_of(each).startswith(which.lower())
    ]
    found = exact or begun
    if len(found) == 1:
        return found[0]
    some = "; ".join(shown(each.url) for each in pictures) or "-"
    raise NoSuchPictureError(which, some)


_TOO_MANY: Final = (
    f"sản phẩm đã có {MOST_PICTURES} ảnh, hãy bỏ bớt trước / the product has"
    f" {MOST_PICTURES} pictures, remove one first"
)
_WHO: Final = "phải ghi tên người / say who"
_TWICE: Final = "một ảnh được nêu hai lần / a picture is named twice"
