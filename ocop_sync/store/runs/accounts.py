"""Accounts as remembered: the lease, and when each was last read whole.

One run works on an account at a time. It holds a lease that ends by itself; a run that
died loses it, and whoever takes it over treats changes that were sent without an
outcome as unknown.

On PostgreSQL the row of an account is locked from where its lease is taken or
renewed until the transaction ends; those who want several rows lock them in
the order of their keys, or pass over those that are locked.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each
from catalog.db.upsert import insert_into
from ocop_sync.errors import SyncInProgressError
from ocop_sync.marketplace.account import Account
from ocop_sync.store.tables import account


@dataclass(slots=True, kw_only=True)
class Lease:
    """The right to work on some accounts, until it ends.

    Attributes:
        token: Unique to one run of one process.
        holder: How that process names itself, for people.
        lasts: How long it lasts after each renewal; longer than any call.
        until: When the first of its accounts is free for others unless it is
            renewed, in UTC.
        cancelled_by: Who wants the run to end, by account; seen at each renewal.
        paused: The accounts at which nothing is written for now; seen likewise.
    """

    token: str
    holder: str
    lasts: timedelta
    until: datetime | None = None
    cancelled_by: dict[str, str] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)

    def note_pause(self, key: str, *, is_paused: bool) -> None:
        """Remember whether nothing may be written to an account, as was just read."""
        (self.paused.add if is_paused else self.paused.discard)(key)


class HeldLease(NamedTuple):
    """An account whose lease another run holds.

    Attributes:
        key: The account.
        holder: Who holds it.
        until: When the lease ends unless it is renewed, in UTC.
    """

    key: str
    holder: str
    until: datetime


class LockedAccount(NamedTuple):
    """An account whose row is locked, with its lease.

    Attributes:
        key: The account.
        holder: Who holds it, or "".
        token: The run that holds it, or "".
        until: When the lease ends unless it is renewed, in UTC; None without one.
    """

    key: str
    holder: str
    token: str
    until: datetime | None


class LastLook(NamedTuple):
    """When an account was last looked at.

    Attributes:
        key: The account.
        read_whole_at: When it was last read whole, in UTC.
        sales_known_at: When all its sales were last known, in UTC.
    """

    key: str
    read_whole_at: datetime | None
    sales_known_at: datetime | None


class EventsEnd(NamedTuple):
    """The end of an account's events, behind which nothing was told.

    Attributes:
        key: The account.
        before: The cursor from which was read, or None.
        after: The cursor of the end.
        asked_at: When the marketplace was asked, in UTC.
    """

    key: str
    before: str | None
    after: str
    asked_at: datetime


class RunningLease(NamedTuple):
    """A lease that has not ended: renewed, it is another one.

    Attributes:
        token: The run that holds it.
        until: When it ends unless it is renewed, in UTC.
    """

    token: str
    until: datetime


_FARTHEST = timedelta(hours=1)
_RENEWED_AFTER = timedelta(seconds=1)
"""Whoever waits for a lease sees as soon that its run lives."""


def farthest_end(now: datetime, lasts: timedelta) -> datetime:
    """Return the latest moment to which a lease that is taken *now* can last.

    One that ends later was taken while a clock was wrong, and would be waited for
    until then.
    """
    return now + max(_FARTHEST, 2 * lasts)


_KEYS: BindParameter[list[str]] = bindparam("keys", expanding=True)
_TAKE = (
    update(account)
    .where(account.c.key.in_(_KEYS))
    .values(
        holder=bindparam("new_holder"),
        token=bindparam("new_token"),
        lease_until=bindparam("new_until"),
        cancelled_by="",
    )
)
_IS_MINE = (account.c.token == bindparam("mine")) & (
    account.c.lease_until > bindparam("now")
)
_IS_SPARED = or_(account.c.paused_at.is_not(None), account.c.restored_at.is_not(None))
_WRITES_NOTHING = _IS_SPARED.label("writes_nothing")
_HELD = (
    select(
        account.c.key, account.c.cancelled_by, _WRITES_NOTHING, account.c.lease_until
    )
    .where(account.c.key == bindparam("this"), _IS_MINE)
    .with_for_update(key_share=True)
)
_RENEW = (
    update(account)
    .where(account.c.key == bindparam("this"))
    .values(lease_until=bindparam("new_until"))
)
_RENEW_OTHERS = (
    update(account)
    .where(
        account.c.key.in_(
            select(account.c.key).where(_IS_MINE).with_for_update(skip_locked=True)
        )
    )
    .values(lease_until=bindparam("new_until"))
    .returning(account.c.key, account.c.cancelled_by, _WRITES_NOTHING)
)
_EARLIEST = select(func.min(account.c.lease_until)).where(
    account.c.token == bindparam("mine")
)
_CURSORS = select(account.c.key, account.c.event_cursor).where(
    account.c.key.in_(bindparam("keys", expanding=True))
)
_MOVE = (
    update(account)
    .where(
        account.c.key == bindparam("this"),
        account.c.event_cursor.is_not_distinct_from(bindparam("before")),
    )
    .values(event_cursor=bindparam("after"))
)
_NOTE_SALES_KNOWN = (
    update(account)
    .where(account.c.key == bindparam("this"))
    .values(sales_known_at=bindparam("at"))
)
_READ_WHOLE = (
    update(account)
    .where(account.c.key == bindparam("this"))
    .values(
        read_whole_at=bindparam("at"),
        unreadable=bindparam("odd"),
        restored_at=None,
    )
)
_READ_WHOLE_AS_TOLD = _READ_WHOLE.values(
    restored_at=case((account.c.restored_at > bindparam("at"), account.c.restored_at))
)
_READ_WHOLE_AT = select(account.c.read_whole_at).where(
    account.c.key == bindparam("this")
)
_KNOWN = select(account.c.key).where(account.c.key.in_(_KEYS))
_SPARED = _KNOWN.where(_IS_SPARED)
_GIVE_BACK = (
    update(account)
    .where(account.c.token == bindparam("mine"))
    .values(holder="", token="", lease_until=None, cancelled_by="")
)


def _locking(which: ColumnElement[bool]) -> Select[tuple[Any, ...]]:
    """Return the statement that waits for these accounts and locks them."""
    leases = account.c["key", "holder", "token", "lease_until"]
    return select(*leases).where(which).order_by(account.c.key).with_for_update()


_LOCK = _locking(account.c.key.in_(_KEYS))
_LOCK_MINE = _locking(account.c.token == bindparam("mine"))
_SALES_KNOWN_AT = select(account.c.key, account.c.sales_known_at).where(
    account.c.key.in_(_KEYS)
)
_LAST_LOOKS = select(
    account.c.key, account.c.read_whole_at, account.c.sales_known_at
).where(account.c.key.in_(_KEYS))
_LAST_STORED = select(
    func.max(account.c.sales_known_at), func.max(account.c.read_whole_at)
).where(account.c.key.in_(_KEYS))


async def know(conn: AsyncConnection, accounts: Sequence[Account]) -> list[LastLook]:
    """Make a row for each of *accounts* that has none.

    Returns:
        When each of the others was last looked at.
    """
    looks = await last_looks(conn, [each.key for each in accounts])
    there = {each.key for each in looks}
    free = {"holder": "", "token": "", "cancelled_by": ""}
    new = (each for each in accounts if each.key not in there)
    rows = ({"key": each.key, "marketplace": each.marketplace} | free for each in new)
    # Another run may have made them meanwhile, and hold them.
    statement = insert_into(conn, account).on_conflict_do_nothing()
    await execute_each(conn, statement, rows)
    return looks


async def known(conn: AsyncConnection, keys: Sequence[str]) -> set[str]:
    """Return those of *keys* that an account has, or once had."""
    return set(await conn.scalars(_KNOWN, {"keys": list(keys)}))


async def lock(conn: AsyncConnection, keys: Sequence[str]) -> list[LockedAccount]:
    """Wait for accounts *keys*, lock them, and return them as they are."""
    rows = await conn.execute(_LOCK, {"keys": list(keys)})
    return [LockedAccount(*row) for row in rows.all()]


async def take(
    conn: AsyncConnection, keys: Sequence[str], lease: Lease, now: datetime
) -> list[HeldLease]:
    """Take the lease of each of *keys* that nobody holds.

    Returns:
        The accounts that another run holds.
    """
    return await take_locked(conn, await lock(conn, keys), lease, now)


async def take_locked(
    conn: AsyncConnection, locked: Iterable[LockedAccount], lease: Lease, now: datetime
) -> list[HeldLease]:
    """Take the lease of each account that is *locked* and held by nobody.

    Returns:
        The accounts that another run holds.
    """
    farthest = farthest_end(now, lease.lasts)
    held = [
        HeldLease(each.key, each.holder, each.until)
        for each in locked
        if each.until is not None
        and now < each.until <= farthest
        and each.token != lease.token
    ]
    taken = {each.key for each in locked} - {each.key for each in held}
    until = now + lease.lasts
    new = {"new_holder": lease.holder, "new_token": lease.token, "new_until": until}
    await conn.execute(_TAKE, {"keys": sorted(taken), **new})
    lease.until = until
    return held


async def renew(conn: AsyncConnection, key: str, lease: Lease, now: datetime) -> None:
    """Make sure of the lease, in the transaction that relies on it, and renew it.

    That of *key* is renewed once a second, those of its other accounts more seldom.
    A request to cancel is read with it, into `lease.cancelled_by`, and whether the
    account is paused, or must be read whole first.

    Raises:
        SyncInProgressError: It has ended, and may be held by another run: the
            transaction must not go on.
    """
    mine, until = {"mine": lease.token, "now": now}, now + lease.lasts
    held = (await conn.execute(_HELD, {"this": key, **mine})).all()
    if not held:
        holder = select(account.c.holder).where(account.c.key == key)
        raise SyncInProgressError(key, (await conn.execute(holder)).scalar_one())
    found: list[Row[*tuple[Any, ...]]] = list(held)
    # It may end too late as well: the clock was put back.
    if not until - _RENEWED_AFTER <= held[0].lease_until <= until:
        await conn.execute(_RENEW, {"this": key, "new_until": until})
    if lease.until is None or lease.until < now + lease.lasts * 3 / 4:
        new = {**mine, "new_until": until}
        found += (await conn.execute(_RENEW_OTHERS, new)).all()
        earliest = await conn.execute(_EARLIEST, {"mine": lease.token})
        lease.until = earliest.scalar_one()
    lease.cancelled_by.update(
        {row.key: by for row in found if (by := row.cancelled_by)}
    )
    for row in found:
        lease.note_pause(row.key, is_paused=bool(row.writes_nothing))


async def running_leases(
    conn: AsyncConnection, now: datetime, farthest: datetime
) -> dict[str, RunningLease]:
    """Return the leases that end after *now* and not after *farthest*, by account."""
    rows = await conn.execute(
        select(account.c.key, account.c.token, account.c.lease_until).where(
            account.c.lease_until > now, account.c.lease_until <= farthest
        )
    )
    return {key: RunningLease(token, until) for key, token, until in rows.all()}


async def cancel(
    conn: AsyncConnection, keys: Sequence[str], by: str, now: datetime
) -> list[HeldLease]:
    """Ask the runs that hold accounts *keys* to end; each sees it when it renews.

    Returns:
        The accounts that are held, each with its holder.
    """
    held = account.c.key.in_(list(keys)) & (account.c.lease_until > now)
    await conn.execute(_locking(held))
    rows = await conn.execute(
        update(account)
        .where(held)
        .values(cancelled_by=by)
        .returning(account.c.key, account.c.holder, account.c.lease_until)
    )
    return sorted(HeldLease(*row) for row in rows.all())


async def cancel_run(
    conn: AsyncConnection, run_id: str, by: str, now: datetime
) -> list[HeldLease]:
    """Ask one run to end, or all runs of a sync; each sees it when it renews.

    Returns:
        The accounts that it holds.
    """
    token = account.c.token
    is_its = or_(
        token == run_id,
        # All that is called so before a ":", which ";" comes right after.
        (token >= f"{run_id}:") & (token < f"{run_id};"),
        token + ":" + account.c.key == run_id,
    )
    held = is_its & (account.c.lease_until > now)
    keys = [row.key for row in await conn.execute(_locking(held))]
    return await cancel(conn, keys, by, now) if keys else []


async def give_back(conn: AsyncConnection, lease: Lease) -> None:
    """End the lease of all accounts that it holds."""
    for statement in (_LOCK_MINE, _GIVE_BACK):
        await conn.execute(statement, {"mine": lease.token})


async def event_cursors(
    conn: AsyncConnection, keys: Sequence[str]
) -> dict[str, str | None]:
    """Return the cursors up to which the events of *keys* were taken in."""
    rows = await conn.execute(_CURSORS, {"keys": list(keys)})
    return {row.key: row.event_cursor for row in rows.all()}


async def move_cursor(
    conn: AsyncConnection, key: str, before: str | None, after: str | None
) -> bool:
    """Move the cursor of *key*, if it still stands where it was read.

    Returns:
        Whether it did; else somebody else has taken the same events in.
    """
    values = {"this": key, "before": before, "after": after}
    return (await conn.execute(_MOVE, values)).rowcount > 0


async def note_ends(conn: AsyncConnection, ends: Sequence[EventsEnd]) -> None:
    """Remember that all sales were known then, and move the cursors, as `move_cursor`.

    That somebody else has moved one meanwhile takes nothing from it.
    """
    moved = [each for each in ends if each.after != each.before]
    await execute_each(
        conn,
        _MOVE,
        [{"this": e.key, "before": e.before, "after": e.after} for e in moved],
    )
    known = [{"this": each.key, "at": each.asked_at} for each in ends]
    await execute_each(conn, _NOTE_SALES_KNOWN, known)


async def sales_known_at(
    conn: AsyncConnection, keys: Sequence[str]
) -> dict[str, datetime | None]:
    """Return when all sales at each of *keys* were last known, in UTC."""
    rows = await conn.execute(_SALES_KNOWN_AT, {"keys": list(keys)})
    return {row.key: row.sales_known_at for row in rows.all()}


async def read_anew(conn: AsyncConnection, key: str) -> None:
    """Have an account read whole by the next sync, however lately that was done."""
    await conn.execute(
        update(account).where(account.c.key == key).values(read_whole_at=None)
    )


async def spared(conn: AsyncConnection, keys: Sequence[str]) -> Sequence[str]:
    """Return those of *keys* at which nothing is written for now.

    They are paused, or must be read whole first.
    """
    return (await conn.scalars(_SPARED, {"keys": list(keys)})).all()


async def last_looks(conn: AsyncConnection, keys: Sequence[str]) -> list[LastLook]:
    """Return when each of *keys* was last looked at."""
    rows = await conn.execute(_LAST_LOOKS, {"keys": list(keys)})
    return [LastLook(*row) for row in rows.all()]


async def last_stored(conn: AsyncConnection, keys: Collection[str]) -> datetime | None:
    """Return when a run last stored that it had looked at one of *keys*, in UTC."""
    found = (await conn.execute(_LAST_STORED, {"keys": list(keys)})).one()
    return max((at for at in found if at is not None), default=None)


async def read_whole_at(conn: AsyncConnection, key: str) -> datetime | None:
    """Return when *key* was last read whole, in UTC; None if it never was."""
    found: datetime | None = await conn.scalar(_READ_WHOLE_AT, {"this": key})
    return found


async def was_read_whole(
    conn: AsyncConnection,
    key: str,
    at: datetime,
    *,
    unreadable: int = 0,
    is_old: bool = False,
) -> None:
    """Remember that a read of all of *key* began, or was so, at *at*, in UTC.

    Of the listings that are not of our products, *unreadable* could not be read. One
    that *is_old* lets nothing be written that has waited for a read since a restore
    which came later.
    """
    statement = _READ_WHOLE_AS_TOLD if is_old else _READ_WHOLE
    await conn.execute(statement, {"this": key, "at": at, "odd": unreadable})
