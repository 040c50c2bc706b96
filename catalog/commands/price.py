"""The price of a pack, with the guard that imports have.

A price that an import would hold (`catalog.feed.merge.price`) is not taken until
whoever entered it confirms it by its token. The token is of the price before and the
price after: once either has changed, it confirms nothing. Functions over a connection
in a transaction of the caller; none of them commits.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import update
from catalog.commands.meanwhile import ensure_as_seen
from catalog.commands.own import own_pack
from catalog.db.packs import Pack
from catalog.db.writer import lock
from catalog.errors import FieldProblem, FieldsError, HeldPriceError
from catalog.feed.merge.price import doubt
from catalog.model.actor import Actor
from catalog.model.reach import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEntry:
    """A price that somebody enters for a pack.

    Attributes:
        sku: Of which pack.
        price_vnd: The price in đồng, VAT included.
        token: Confirms a doubtful one; "" if it is not confirmed.
    """

    sku: str
    price_vnd: int
    token: str = ""


async def enter_price(
    conn: AsyncConnection,
    entry: PriceEntry,
    *,
    reach: Reach,
    by: Actor,
    now: datetime,
    seen: int | None = None,
) -> bool:
    """Set the price of a pack; return whether it changed.

    *seen* is the revision of the product that the price was entered for; None if it
    is not known.

    Raises:
        NotInCatalogError: There is no such pack within *reach*.
        FieldsError: It is no price.
        HeldPriceError: It is doubtful, and *token* is not its token.
        ChangedMeanwhileError: The price has changed since *seen*.
        AttestationError: It is not said who.
    """
    await lock(conn)
    pack = await own_pack(conn, entry.sku, reach)
    ensure_price(pack, entry)
    if pack.variant.price_vnd != entry.price_vnd:
        field = (entry.sku, "price_vnd")
        values = {field: pack.variant.price_vnd}
        await ensure_as_seen(conn, pack.product_id, pack.revision, seen, values)
    return await update.set_price(conn, entry.sku, entry.price_vnd, by=by, now=now)


def ensure_price(pack: Pack, entry: PriceEntry) -> None:
    """Do nothing if the price of a pack may be set so.

    Raises:
        FieldsError: It is no price.
        HeldPriceError: It is doubtful, and *token* is not its token.
    """
    if not 0 < entry.price_vnd <= update.MAX_PRICE_VND:
        problem = FieldProblem(
            "price_vnd",
            f"giá phải từ 1 đến {update.MAX_PRICE_VND} đồng",
            f"a price is from 1 to {update.MAX_PRICE_VND} đồng",
        )
        raise FieldsError([problem])
    before = pack.variant.price_vnd
    why = doubt(entry.price_vnd, before)
    token = token_of_price(entry.sku, before, entry.price_vnd)
    if why is not None and entry.token != token:
        raise HeldPriceError(
            entry.sku, before=before, after=entry.price_vnd, why=why, token=token
        )


def token_of_price(sku: str, before: int | None, after: int) -> str:
    """Return what confirms just the price *after* over just the one *before*."""
    values = repr((sku, before, after)).encode()
    return blake2b(values, digest_size=6).hexdigest()
