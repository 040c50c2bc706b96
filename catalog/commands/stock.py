"""The stock of a pack: counted, or adjusted for a reason.

A count is absolute and says when it was made; the newest one counts. An adjustment is a
fact beside it (`catalog.model.adjustment`): neither another person's nor a sale in
between is lost. Functions over a connection in a transaction of the caller; none of
them commits.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import update
from catalog.commands.own import own_pack
from catalog.commands.update import CLOCK_SKEW, MAX_COUNT, required
from catalog.db.acts import record_act
from catalog.db.history import Author
from catalog.db.imports import lift_effects
from catalog.db.packs import Pack, add_adjustments
from catalog.db.writer import lock, revise
from catalog.errors import FieldProblem, FieldsError, OlderCountError, StockError
from catalog.model.act import Act
from catalog.model.actor import Actor
from catalog.model.adjustment import Adjustment, AdjustmentReason
from catalog.model.effect import EffectKind
from catalog.model.reach import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEntry:
    """A count that somebody enters.

    Attributes:
        sku: Of which pack.
        on_hand: How many there were.
        counted_at: When they were counted, aware; None for now.
    """

    sku: str
    on_hand: int
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentEntry:
    """An adjustment that somebody enters.

    Attributes:
        sku: Of which pack.
        quantity: How many came in or left, 1 or more; the reason says which.
        reason: Why.
    """

    sku: str
    quantity: int
    reason: AdjustmentReason


async def enter_count(
    conn: AsyncConnection, entry: CountEntry, *, reach: Reach, by: Actor, now: datetime
) -> bool:
    """Record a count; return whether anything changed.

    Raises:
        NotInCatalogError: There is no such pack within *reach*.
        FieldsError: The count cannot be.
        OlderCountError: A newer one is known.
        AttestationError: It is not said who.
    """
    await lock(conn)
    pack = await own_pack(conn, entry.sku, reach)
    counted_at = counted_at_of(pack, entry, now)
    return await update.set_stock(
        conn, entry.sku, entry.on_hand, counted_at, by=by, now=now
    )


def counted_at_of(pack: Pack, entry: CountEntry, now: datetime) -> datetime:
    """Return when a count was made: not after *now*, whatever a telephone's clock says.

    Sales and adjustments between now and a later instant would count as seen by it.

    Raises:
        FieldsError: The count is negative or absurd, or lies well in the future.
        OlderCountError: A newer one is known.
    """
    counted_at = entry.counted_at or now
    problems = []
    if not 0 <= entry.on_hand <= MAX_COUNT:
        vi, en = f"số đếm từ 0 đến {MAX_COUNT}", f"a count is from 0 to {MAX_COUNT}"
        problems.append(FieldProblem("on_hand", vi, en))
    if counted_at > now + CLOCK_SKEW:
        vi, en = "thời điểm đếm ở tương lai", "it lies in the future"
        problems.append(FieldProblem("counted_at", vi, en))
    if problems:
        raise FieldsError(problems)
    counted_at = min(counted_at, now)
    known = pack.variant
    if known.counted_at is not None and counted_at < known.counted_at:
        raise OlderCountError(entry.sku, known.on_hand, known.counted_at)
    return counted_at


async def enter_adjustment(
    conn: AsyncConnection,
    entry: AdjustmentEntry,
    *,
    reach: Reach,
    by: Actor,
    now: datetime,
) -> None:
    """Record that goods came in, or left otherwise than by an online sale.

    Raises:
        NotInCatalogError: There is no such pack within *reach*.
        FieldsError: The quantity cannot be.
        StockError: More would leave than are left, or nobody has ever counted.
        AttestationError: It is not said who.
    """
    who = required(by.name, "phải ghi tên người nhập / say who enters it")
    await lock(conn)
    pack = await own_pack(conn, entry.sku, reach)
    adjustment = adjustment_of(pack, entry, now)
    await lift_effects(conn, [(pack.product_id, EffectKind.EMPTIED, entry.sku)])
    await revise(conn, [pack.product_id])
    refs = {
        "sku": entry.sku,
        "delta": str(adjustment.delta),
        "reason": entry.reason.value,
    }
    done = Act(
        by=by, kind="adjust_stock", at=now, subjects=[pack.product_id], refs=refs
    )
    author = Author(who, now, await record_act(conn, done))
    await add_adjustments(conn, [(pack.product_id, adjustment)], author)


def adjustment_of(pack: Pack, entry: AdjustmentEntry, now: datetime) -> Adjustment:
    """Return the adjustment of a pack as it is kept.

    It happens now: a count whose clock was ahead has not seen it.

    Raises:
        FieldsError: The quantity cannot be.
        StockError: More would leave than are left, or nobody has ever counted.
    """
    if not 0 < entry.quantity <= MAX_COUNT:
        vi, en = f"số lượng từ 1 đến {MAX_COUNT}", f"from 1 to {MAX_COUNT}"
        raise FieldsError([FieldProblem("quantity", vi, en)])
    known = pack.variant
    if known.on_hand is None:
        raise StockError(entry.sku, None)
    if not entry.reason.adds and entry.quantity > known.left:
        raise StockError(entry.sku, known.left)
    if known.left + entry.quantity > MAX_COUNT and entry.reason.adds:
        raise StockError(entry.sku, known.left)
    return Adjustment(
        sku=entry.sku,
        delta=entry.quantity if entry.reason.adds else -entry.quantity,
        reason=entry.reason,
        happened_at=max(now, known.counted_at or now),
    )
