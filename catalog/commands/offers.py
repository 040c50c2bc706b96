"""Prices and stock of many packs at once, each with a result of its own.

One transaction, and a number of statements that does not depend on how many packs there
are. A wrong entry stops no other one; whoever sends them reads what became of each.
Functions over a connection in a transaction of the caller; none of them commits.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands.own import own_packs
from catalog.commands.price import PriceEntry, ensure_price
from catalog.commands.stock import (
    AdjustmentEntry,
    CountEntry,
    adjustment_of,
    counted_at_of,
)
from catalog.commands.update import required
from catalog.db.acts import record_act
from catalog.db.history import Author
from catalog.db.imports import lift_effects
from catalog.db.packs import Pack, add_adjustments
from catalog.db.reader import get
from catalog.db.writer import lock, revise, save
from catalog.errors import (
    CatalogError,
    ChangedPriceError,
    FieldProblem,
    FieldsError,
    HeldPriceError,
    NotInCatalogError,
)
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.adjustment import Adjustment
from catalog.model.effect import EffectKind
from catalog.model.product import Product, Variant
from catalog.model.reach import Reach
from catalog.values import replace

MOST: Final = 500
"""Entries at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEntry:
    """What somebody enters for one pack: a price, a count or an adjustment.

    A price may come with either of the others; a count and an adjustment do not go
    together.

    Attributes:
        sku: Of which pack.
        price: Its price.
        seen_price_vnd: The price that *price* was entered for, 0 for none; None if it
            is not known.
        count: Its count.
        adjustment: Its adjustment.
    """

    sku: str
    price: PriceEntry | None = None
    seen_price_vnd: int | None = None
    count: CountEntry | None = None
    adjustment: AdjustmentEntry | None = None


class OfferOutcome(StrEnum):
    """What became of an entry."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    """It is so already."""
    CHANGED_MEANWHILE = "changed_meanwhile"
    """Its price is no longer the one that was seen; nothing of it was taken."""
    HELD = "held"
    """Its price is doubtful; nothing of it was taken."""
    NOT_FOUND = "not_found"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferResult:
    """One entry, and what became of it.

    Attributes:
        sku: Of which pack.
        outcome: What became of it.
        error: Why it was not taken; None if it was.
    """

    sku: str
    outcome: OfferOutcome
    error: CatalogError | None = None


@dataclass(frozen=True, slots=True)
class _Accepted:
    """An entry that is to be written: the pack as it will be, and an adjustment."""

    pack: Pack
    variant: Variant
    adjustment: Adjustment | None

    @property
    def is_change(self) -> bool:
        return self.variant != self.pack.variant or self.adjustment is not None

    @property
    def is_counted(self) -> bool:
        """Say whether a person stands for the stock now."""
        before, after = self.pack.variant, self.variant
        count = (before.on_hand, before.counted_at) != (after.on_hand, after.counted_at)
        return count or self.adjustment is not None


async def enter_offers(
    conn: AsyncConnection,
    entries: Sequence[OfferEntry],
    *,
    reach: Reach,
    by: Actor,
    now: datetime,
) -> list[OfferResult]:
    """Take prices and stock of packs in; return the result of each, in order.

    Raises:
        FieldsError: There are more than `MOST`.
        AttestationError: It is not said who.
    """
    who = required(by.name, "phải ghi tên người nhập / say who enters it")
    if len(entries) > MOST:
        vi, en = f"nhiều nhất {MOST} mã một lần", f"{MOST} at once at most"
        raise FieldsError([FieldProblem("items", vi, en)])
    await lock(conn)
    packs = await own_packs(conn, [each.sku for each in entries], reach)
    named = Counter(each.sku for each in entries)
    results: list[OfferResult] = []
    accepted: list[_Accepted] = []
    for entry in entries:
        try:
            if named[entry.sku] > 1:
                raise FieldsError([FieldProblem("sku", *_TWICE)])
            found = _accept(packs, entry, now)
        except CatalogError as error:
            results.append(OfferResult(sku=entry.sku, outcome=_of(error), error=error))
            continue
        if found.is_change:
            accepted.append(found)
        outcome = OfferOutcome.APPLIED if found.is_change else OfferOutcome.UNCHANGED
        results.append(OfferResult(sku=entry.sku, outcome=outcome))
    if accepted:
        subjects = sorted({each.pack.product_id for each in accepted})
        refs = {"skus": " ".join(each.variant.sku for each in accepted)}
        done = Act(by=by, kind="enter_offers", at=now, subjects=subjects, refs=refs)
        author = Author(who, now, await record_act(conn, done))
        await _write(conn, accepted, author)
    return results


_TWICE: Final = ("mã này có hai lần", "this SKU is named twice")
_EMPTY: Final = ("chưa ghi giá hoặc số lượng", "neither a price nor stock")
_BOTH: Final = (
    "số đếm và số tăng giảm không đi cùng nhau",
    "a count and an adjustment do not go together",
)


def _of(error: CatalogError) -> OfferOutcome:
    if isinstance(error, NotInCatalogError):
        return OfferOutcome.NOT_FOUND
    if isinstance(error, ChangedPriceError):
        return OfferOutcome.CHANGED_MEANWHILE
    if isinstance(error, HeldPriceError):
        return OfferOutcome.HELD
    return OfferOutcome.REFUSED


def _accept(packs: Mapping[str, Pack], entry: OfferEntry, now: datetime) -> _Accepted:
    """Return what an entry makes of its pack.

    Raises:
        CatalogError: It cannot be taken; nothing of it is.
    """
    if entry.sku not in packs:
        raise NotInCatalogError([entry.sku])
    if entry.price is None and entry.count is None and entry.adjustment is None:
        raise FieldsError([FieldProblem("sku", *_EMPTY)])
    if entry.count is not None and entry.adjustment is not None:
        raise FieldsError([FieldProblem("count", *_BOTH)])
    pack = packs[entry.sku]
    values: dict[str, Any] = {}
    if entry.price is not None:
        _ensure_as_seen(pack, entry.price, entry.seen_price_vnd)
        ensure_price(pack, entry.price)
        values["price_vnd"] = entry.price.price_vnd
    if entry.count is not None:
        values["counted_at"] = counted_at_of(pack, entry.count, now)
        values["on_hand"] = entry.count.on_hand
    made = None
    if entry.adjustment is not None:
        made = adjustment_of(pack, entry.adjustment, now)
    return _Accepted(pack, replace(pack.variant, **values), made)


def _ensure_as_seen(pack: Pack, entry: PriceEntry, seen: int | None) -> None:
    """Do nothing if the price is the one that was seen, or is to be as it is already.

    It comes before the guard: whoever confirms a held price has to know which one
    stands.

    Raises:
        ChangedPriceError: It is another one.
    """
    stands = pack.variant.price_vnd
    if seen is not None and entry.price_vnd != stands and seen != (stands or 0):
        raise ChangedPriceError(entry.sku, pack.revision, stands)


async def _write(
    conn: AsyncConnection, accepted: Sequence[_Accepted], by: Author
) -> None:
    emptied = [
        (each.pack.product_id, EffectKind.EMPTIED, each.variant.sku)
        for each in accepted
        if each.is_counted
    ]
    await lift_effects(conn, emptied)
    variants = {each.variant.sku: each.variant for each in accepted}
    ids = sorted({each.pack.product_id for each in accepted})
    known = await get(conn, ids)
    entries = [(_with(product, variants), None) for product, _ in known.values()]
    changed = set(await save(conn, entries, by=by))
    made = [
        (each.pack.product_id, each.adjustment)
        for each in accepted
        if each.adjustment is not None
    ]
    await revise(conn, {product_id for product_id, _ in made} - changed)
    await add_adjustments(conn, made, by)


def _with(product: Product, variants: Mapping[str, Variant]) -> Product:
    packs = tuple(variants.get(each.sku, each) for each in product.variants)
    return replace(product, variants=packs)
