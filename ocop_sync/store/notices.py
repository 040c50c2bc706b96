"""Notices as an outbox: written with what they tell, and sent later, by whoever claims.

A thing that stands is told once when it begins and once when it ends, however many
processes have seen it: its key is there once among those that stand. A notice is sent
at least once: whoever claims one and dies has it sent again by another.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    delete,
    exists,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.upsert import insert_into
from ocop_sync.store.notice_tables import notice, notice_delivery

MOST_CLAIMED: Final = 20
"""Deliveries that are claimed at once."""


class Part(StrEnum):
    """What a notice says of its thing."""

    BEGUN = "begun"
    ENDED = "ended"


class DeliveryState(StrEnum):
    """How far a delivery has got."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    """It was tried so often that nobody tries any more, until a person says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A thing that stands, and is to be told.

    Attributes:
        kind: Its kind.
        key: Its name among all that stand.
        details: Ids, numbers and days; no personal datum.
        simulated: It is one of a simulated marketplace.
    """

    kind: str
    key: str
    details: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Standing):
    """A notice as it is stored.

    Attributes:
        id: Its number.
        message_id: Its name for receivers.
        part: What it says.
        made_at: When it was made, in UTC.
        ended_at: When its thing has ended; None while it stands.
    """

    id: int
    message_id: str
    part: Part
    made_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A notice on one of its ways.

    Attributes:
        attempts: How often it was tried.
        next_at: When it is tried next, if it waits.
        error: The kind of the last error; "" if there was none.
    """

    notice_id: int
    sender: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    sent_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that nobody else makes meanwhile."""

    notice: Notice
    sender: str
    attempts: int


_N = notice.c
_D = notice_delivery.c
_STANDS = and_(
    # SQLite takes the index of a part for a question that says that part in words.
    _N.part == literal(Part.BEGUN.value, literal_execute=True),
    _N.ended_at.is_(None),
)
_WAITS = _D.state == literal(DeliveryState.WAITING.value, literal_execute=True)


async def begin(
    conn: AsyncConnection,
    thing: Standing,
    senders: Collection[str],
    now: datetime,
    *,
    quiet_for: timedelta = timedelta(0),
) -> bool:
    """Have it told that *thing* stands, unless it was; say whether it will be.

    It is not if it was told less than *quiet_for* ago, and has ended since.
    """
    if quiet_for:
        told = exists().where(_N.key == thing.key, _N.made_at > now - quiet_for)
        if await conn.scalar(select(told)):
            return False
    values = _values(thing, Part.BEGUN, now)
    made = insert_into(conn, notice).values(values).on_conflict_do_nothing()
    number = (await conn.execute(made.returning(_N.id))).scalar_one_or_none()
    if number is not None:
        await _send_by(conn, number, senders, now)
    return number is not None


async def end(
    conn: AsyncConnection,
    keys: Collection[str],
    senders: Collection[str],
    now: datetime,
    *,
    is_told: bool = True,
) -> int:
    """Note that the things of *keys* stand no more; return how many of them stood.

    Args:
        conn: An open transaction.
        keys: Their keys; few at a time.
        senders: The ways that it is told by.
        now: The present instant, in UTC.
        is_told: Whether it is told: not of what ends by its day.
    """
    ended = update(notice).where(_N.key.in_(sorted(keys)), _STANDS)
    rows = await conn.execute(ended.values(ended_at=now).returning(notice))
    found = [_notice(row) for row in rows.all()]
    for each in found if is_told else ():
        values = _values(each, Part.ENDED, now) | {"ended_at": now}
        made = await conn.execute(insert(notice).values(values).returning(_N.id))
        await _send_by(conn, made.scalar_one(), senders, now)
    return len(found)


async def standing(conn: AsyncConnection) -> Sequence[Notice]:
    """Return the notices of all that stands."""
    rows = await conn.execute(select(notice).where(_STANDS).order_by(_N.key))
    return [_notice(row) for row in rows.all()]


async def claim(
    conn: AsyncConnection, senders: Collection[str], now: datetime, until: datetime
) -> Sequence[Claimed]:
    """Claim the next deliveries that are due by *senders*, until *until*.

    Whoever else asks meanwhile gets others.
    """
    due = (
        select(_D.notice_id, _D.sender)
        .where(
            _WAITS,
            _D.next_at <= now,
            or_(_D.claimed_until.is_(None), _D.claimed_until <= now),
            _D.sender.in_(sorted(senders)),
        )
        .order_by(_D.next_at, _D.notice_id)
        .limit(MOST_CLAIMED)
        .with_for_update(skip_locked=True)
    )
    keys = [tuple(row) for row in (await conn.execute(due)).all()]
    if not keys:
        return []
    taken = update(notice_delivery).where(tuple_(_D.notice_id, _D.sender).in_(keys))
    await conn.execute(taken.values(claimed_until=until))
    query = (
        select(notice, _D.sender, _D.attempts)
        .join(notice_delivery, _D.notice_id == _N.id)
        .where(tuple_(_D.notice_id, _D.sender).in_(keys))
        .order_by(_N.id, _D.sender)
    )
    rows = (await conn.execute(query)).all()
    return [Claimed(_notice(row), row.sender, row.attempts) for row in rows]


async def settle(
    conn: AsyncConnection,
    claimed: Claimed,
    state: DeliveryState,
    now: datetime,
    *,
    error: str = "",
    next_at: datetime | None = None,
) -> None:
    """Store what became of a delivery, and give its claim back."""
    is_sent = state is DeliveryState.SENT
    values = {
        "state": state.value,
        "attempts": claimed.attempts + 1,
        "next_at": next_at or now,
        "claimed_until": None,
        "sent_at": now if is_sent else None,
        "error": error,
    }
    which = _of(claimed.notice.id, claimed.sender)
    await conn.execute(update(notice_delivery).where(which).values(values))


async def try_again(conn: AsyncConnection, number: int, now: datetime) -> int:
    """Have the deliveries of a notice that are not made tried now; return how many."""
    which = and_(_D.notice_id == number, _D.state != DeliveryState.SENT.value)
    values = {
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
        "next_at": now,
    }
    again = update(notice_delivery).where(which).values(values)
    return (await conn.execute(again)).rowcount


async def listed(
    conn: AsyncConnection, *, limit: int, before: int | None = None
) -> Sequence[Notice]:
    """Return the newest notices first, those with a number below *before*."""
    query = select(notice).order_by(_N.id.desc()).limit(limit)
    if before is not None:
        query = query.where(_N.id < before)
    return [_notice(row) for row in (await conn.execute(query)).all()]


async def find(conn: AsyncConnection, number: int) -> Notice | None:
    """Return the notice of that number; None if there is none."""
    row = (await conn.execute(select(notice).where(_N.id == number))).one_or_none()
    return None if row is None else _notice(row)


async def deliveries_of(
    conn: AsyncConnection, numbers: Collection[int]
) -> Sequence[Delivery]:
    """Return the deliveries of notices, by their numbers and ways; few at a time."""
    query = (
        select(notice_delivery)
        .where(_D.notice_id.in_(sorted(numbers)))
        .order_by(_D.notice_id, _D.sender)
    )
    return [_delivery(row) for row in (await conn.execute(query)).all()]


async def forget_before(conn: AsyncConnection, moment: datetime) -> None:
    """Forget the notices made before *moment*, but those of what still stands."""
    old = select(_N.id).where(_N.made_at < moment, ~_STANDS)
    await conn.execute(delete(notice_delivery).where(_D.notice_id.in_(old)))
    await conn.execute(delete(notice).where(_N.made_at < moment, ~_STANDS))


def _values(thing: Standing, part: Part, now: datetime) -> dict[str, Any]:
    return {
        "message_id": f"msg_{uuid4().hex}",
        "kind": thing.kind,
        "key": thing.key,
        "part": part.value,
        "made_at": now,
        "simulated": thing.simulated,
        "details": dict(thing.details),
    }


async def _send_by(
    conn: AsyncConnection, number: int, senders: Collection[str], now: datetime
) -> None:
    rows = [
        {
            "notice_id": number,
            "sender": each,
            "state": DeliveryState.WAITING.value,
            "attempts": 0,
            "next_at": now,
            "error": "",
        }
        for each in sorted(senders)
    ]
    if rows:
        await conn.execute(insert(notice_delivery), rows)


def _of(number: int, sender: str) -> ColumnElement[bool]:
    return and_(_D.notice_id == number, _D.sender == sender)


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        message_id=row.message_id,
        kind=row.kind,
        key=row.key,
        part=Part(row.part),
        made_at=row.made_at,
        ended_at=row.ended_at,
        simulated=row.simulated,
        details=row.details,
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        notice_id=row.notice_id,
        sender=row.sender,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        sent_at=row.sent_at,
        error=row.error,
    )
