"""The price and the count of a pack, entered together by who looked at both.

Both are taken, or neither. What the person has not seen refuses it: another price, or
another stock, than the one that the values were entered for. A price that looks like a
slip and a count of none are asked about first, once for both. Functions over a
connection in a transaction of the caller; none of them commits.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.meanwhile import ensure_as_seen
from catalog.commands.own import own_pack
from catalog.commands.price import PriceEntry, ensure_price, enter_price
from catalog.commands.stock import CountEntry, counted_at_of, enter_count
from catalog.db.packs import Pack
from catalog.db.writer import lock
from catalog.errors import (
    ChangedField,
    ChangedMeanwhileError,
    FieldProblem,
    FieldsError,
    HeldEditError,
    HeldPriceError,
)
from catalog.feed.cells.cell import show
from catalog.model.actor import Actor
from catalog.model.reach import Reach
from catalog.values import replace

PRICE = "price_vnd"
COUNT = "on_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEntry:
    """A price and a count that somebody enters for a pack.

    Attributes:
        sku: Of which pack.
        price_vnd: The price in đồng, VAT included; None leaves it as it is.
        on_hand: How many there are now; None leaves them as they are.
        seen: The revision of the product that the values were entered for.
        seen_left: How many were left as far as was told then; None if that was not
            known.
        token: Confirms an entry that was held; "" if it is not confirmed.
    """

    sku: str
    price_vnd: int | None
    on_hand: int | None
    seen: int
    seen_left: int | None
    token: str = ""


async def enter_pack(
    conn: AsyncConnection, entry: PackEntry, *, reach: Reach, by: Actor, now: datetime
) -> bool:
    """Set the price of a pack and record its count; return whether anything changed.

    A number that is as it was shown enters nothing: it is no new count.

    Raises:
        NotInCatalogError: There is no such pack within *reach*.
        FieldsError: A value cannot be; every one that cannot is named.
        ChangedMeanwhileError: Price or stock is no longer as it was shown.
        HeldEditError: It is asked about first, and *token* is not its token.
        AttestationError: It is not said who.
    """
    await lock(conn)
    pack = await own_pack(conn, entry.sku, reach)
    known = pack.variant
    price = _price(pack, entry)
    count = _count(entry)
    _ensure_possible(pack, price, count, now)
    await _ensure_as_seen(conn, pack, entry, price, count)
    price = _ensure_confirmed(pack, entry, price, count)
    is_changed = False
    if price is not None and price.price_vnd != known.price_vnd:
        is_changed = await enter_price(conn, price, reach=reach, by=by, now=now)
    if count is not None:
        counted = await enter_count(conn, count, reach=reach, by=by, now=now)
        is_changed = is_changed or counted
    return is_changed


def left_of(pack: Pack) -> int | None:
    """Return how many of a pack are left; None if they were never counted."""
    return None if pack.variant.on_hand is None else pack.variant.left


def _price(pack: Pack, entry: PackEntry) -> PriceEntry | None:
    if entry.price_vnd is None or entry.price_vnd == pack.variant.price_vnd:
        return None
    return PriceEntry(sku=entry.sku, price_vnd=entry.price_vnd)


def _count(entry: PackEntry) -> CountEntry | None:
    if entry.on_hand is None or entry.on_hand == entry.seen_left:
        return None
    return CountEntry(sku=entry.sku, on_hand=entry.on_hand)


def _ensure_possible(
    pack: Pack, price: PriceEntry | None, count: CountEntry | None, now: datetime
) -> None:
    """Do nothing unless a value cannot be; a doubtful price is asked about later."""
    problems: list[FieldProblem] = []
    try:
        if price is not None:
            ensure_price(pack, price)
    except FieldsError as error:
        problems += error.problems
    except HeldPriceError:
        pass
    try:
        if count is not None:
            counted_at_of(pack, count, now)
    except FieldsError as error:
        problems += error.problems
    if problems:
        raise FieldsError(problems)


async def _ensure_as_seen(
    conn: AsyncConnection,
    pack: Pack,
    entry: PackEntry,
    price: PriceEntry | None,
    count: CountEntry | None,
) -> None:
    """Do nothing if what is changed is as it was shown."""
    changed: list[ChangedField] = []
    if price is not None:
        values = {(entry.sku, PRICE): pack.variant.price_vnd}
        of = (pack.product_id, pack.revision, entry.seen, values)
        try:
            await ensure_as_seen(conn, *of)
        except ChangedMeanwhileError as error:
            changed += error.changed
            if not changed:  # nobody knows which: a backup was put back
                raise
    left = left_of(pack)
    if count is not None and left != entry.seen_left:
        at = pack.variant.counted_at
        changed.append(ChangedField(f"{entry.sku}.{COUNT}", show(left), at))
    if changed:
        raise ChangedMeanwhileError(pack.revision, changed)


def _ensure_confirmed(
    pack: Pack, entry: PackEntry, price: PriceEntry | None, count: CountEntry | None
) -> PriceEntry | None:
    """Return the price as it may be set, if nothing is left to ask."""
    questions: list[FieldProblem] = []
    if price is not None:
        try:
            ensure_price(pack, price)
        except HeldPriceError as error:
            questions.append(FieldProblem(PRICE, *error.why))
            price = replace(price, token=error.token)
    if count is not None and count.on_hand == 0 and left_of(pack):
        vi = "hết hàng: người mua không đặt được nữa ở mọi sàn"
        en = "sold out: buyers cannot order it anywhere any more"
        questions.append(FieldProblem(COUNT, vi, en))
    token = _token(pack, entry)
    if questions and entry.token != token:
        raise HeldEditError(questions, token)
    return price


def _token(pack: Pack, entry: PackEntry) -> str:
    before = (pack.variant.price_vnd, left_of(pack))
    after = (entry.price_vnd, entry.on_hand)
    values = repr((entry.sku, before, after)).encode()
    return blake2b(values, digest_size=6).hexdigest()
