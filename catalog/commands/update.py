"""The acts of people on named products: stock, price, a stop.

Functions over a connection in a transaction of the caller; none of them commits. Each
gives the changed products a new revision, and leaves that of all others. Papers and
consent are attested in `catalog.commands.attest`, certificates are decided in
`catalog.commands.certify`.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.acts import record_act
from catalog.db.history import Author
from catalog.db.imports import lift_effects
from catalog.db.reader import get
from catalog.db.single_values import (
    Offer,
    offer_of,
    set_count_of,
    set_paused,
    set_price_of,
)
from catalog.db.writer import lock
from catalog.errors import AttestationError, CatalogError, NotInCatalogError
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.effect import EffectKind, Key
from catalog.model.product import Product
from catalog.text import clean

MAX_PRICE_VND = 9_999_999_999
MAX_COUNT = 1_000_000_000
CLOCK_SKEW = timedelta(minutes=5)
"""How far a count may lie in the future: clocks of telephones differ."""


async def set_stock(
    conn: AsyncConnection,
    sku: str,
    on_hand: int,
    counted_at: datetime,
    *,
    by: Actor,
    now: datetime,
) -> bool:
    """Record a count, unless a newer one is known; return whether anything changed.

    *counted_at* is aware.

    Raises:
        NotInCatalogError: There is no such SKU.
        CatalogError: The count is negative, absurd, or lies in the future.
        AttestationError: It is not said who.
    """
    if not 0 <= on_hand <= MAX_COUNT or counted_at > now + CLOCK_SKEW:
        message = (
            "số đếm phải từ 0 trở lên, thời điểm đếm không ở tương lai"
            " / a count is 0 or more and was not made in the future"
        )
        raise CatalogError(message)
    who = _named(by.name)
    known = await _lock_offer(conn, sku)
    is_older = known.counted_at is not None and counted_at < known.counted_at
    if is_older or (known.on_hand, known.counted_at) == (on_hand, counted_at):
        return False
    await lift_effects(conn, [(known.product_id, EffectKind.EMPTIED, sku)])
    act = await _record(conn, "set_stock", known, by, now)
    author = Author(who, now, act)
    await set_count_of(conn, known, on_hand, counted_at, author)
    return True


async def set_price(
    conn: AsyncConnection, sku: str, price_vnd: int, *, by: Actor, now: datetime
) -> bool:
    """Set the price of a variant in đồng, VAT included; return whether it changed.

    Raises:
        NotInCatalogError: There is no such SKU.
        CatalogError: The price is 0, negative or absurd.
        AttestationError: It is not said who.
    """
    if not 0 < price_vnd <= MAX_PRICE_VND:
        message = f"giá phải từ 1 đến {MAX_PRICE_VND} đồng / not a price: {price_vnd}"
        raise CatalogError(message)
    who = _named(by.name)
    known = await _lock_offer(conn, sku)
    if known.price_vnd == price_vnd:
        return False
    act = await _record(conn, "set_price", known, by, now)
    await set_price_of(conn, known, price_vnd, Author(who, now, act))
    return True


async def pause(
    conn: AsyncConnection, product_id: str, paused: bool, *, by: Actor, now: datetime
) -> bool:
    """Stop the sale of a product for now, or let it go on; return whether it changed.

    Raises:
        NotInCatalogError: There is no such product.
        AttestationError: It is not said who.
    """
    who = _named(by.name)
    await lock(conn)
    known = (await _require(conn, [product_id]))[0]
    doubtful = _doubtful(known, EffectKind.STOPPED)
    if known.paused == paused and not doubtful:
        return False
    await lift_effects(conn, doubtful)
    kind = "pause" if paused else "resume"
    done = Act(by=by, kind=kind, at=now, subjects=[product_id])
    author = Author(who, now, await record_act(conn, done))
    await set_paused(conn, product_id, was=known.paused, paused=paused, by=author)
    return True


def _doubtful(known: Product, kind: EffectKind) -> list[Key]:
    """Return the unconfirmed effects of a sheet: now a person stands for them."""
    return [
        (known.id, effect.kind, effect.key)
        for effect in known.effects
        if effect.kind is kind and not effect.confirmed
    ]


async def _lock_offer(conn: AsyncConnection, sku: str) -> Offer:
    """Keep all other writers out; return the pack as it is offered."""
    await lock(conn)
    if (known := await offer_of(conn, sku)) is None:
        raise NotInCatalogError([sku])
    return known


async def _record(
    conn: AsyncConnection, kind: str, known: Offer, by: Actor, now: datetime
) -> int:
    """Record an act on a pack; return its number."""
    subjects, refs = [known.product_id], {"sku": known.sku}
    done = Act(by=by, kind=kind, at=now, subjects=subjects, refs=refs)
    return await record_act(conn, done)


async def _require(conn: AsyncConnection, ids: Sequence[str]) -> list[Product]:
    """Return the products of *ids*; none may be missing."""
    found = await get(conn, ids)
    ensure_known(ids, found)
    return [found[each][0] for each in ids]


def ensure_known(ids: Iterable[str], known: Collection[str]) -> None:
    """Raise `NotInCatalogError` if one of *ids* is not among the *known* ones."""
    if missing := [each for each in ids if each not in known]:
        raise NotInCatalogError(missing)


def _named(text: str) -> str:
    return required(
        text, "phải ghi tên người và số quyết định / a name or number is missing"
    )


def required(text: str, message: str) -> str:
    """Return *text* without needless space; `AttestationError` if there is none."""
    if not (name := clean(text)):
        raise AttestationError(message)
    return name
