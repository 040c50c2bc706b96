"""Sellers as remembered: the profile of a producer that an account was sent."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import BindParameter, Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import execute_each, rows_of
from catalog.db.upsert import upsert
from ocop_sync.marketplace.listing import Problem
from ocop_sync.store.documents import from_problems, to_problems
from ocop_sync.store.rows import values_of
from ocop_sync.store.tables import seller


class SellerRecord(Struct, frozen=True, kw_only=True):
    """One producer's profile at one account.

    Putting a profile is idempotent: after a lost answer it is sent again, so
    there is nothing to read back.

    Attributes:
        producer_id: The producer.
        ref: The marketplace's own identifier, or "".
        sent_fingerprint: Fingerprint of the profile sent last, or "".
        confirmed_fingerprint: The same of the one answered as done, or "".
        refused_fingerprint: The same of the one refused, or "".
        submitted_fingerprint: The same of the one under verification, or "".
        problems: The marketplace's words of that refusal.
        sent_at: When it was sent, in UTC.
        stopped: We closed it.
    """

    account: str
    producer_id: str
    marketplace: str
    ref: str = ""
    sent_fingerprint: str = ""
    confirmed_fingerprint: str = ""
    refused_fingerprint: str = ""
    submitted_fingerprint: str = ""
    problems: tuple[Problem, ...] = ()
    sent_at: datetime | None = None
    stopped: bool = False


_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
_ALL = select(seller)
_AT = _ALL.where(seller.c.account == bindparam("via"))
_CHOSEN = _AT.where(seller.c.producer_id.in_(_IDS))
_OF_THESE = _ALL.where(seller.c.producer_id.in_(_IDS))
_OF_PRODUCERS = _ALL.where(
    seller.c.marketplace == bindparam("of"), seller.c.producer_id.in_(_IDS)
)


async def load(
    conn: AsyncConnection, account: str, producer_ids: Sequence[str] | None = None
) -> dict[str, SellerRecord]:
    """Return the sellers of *account* by producer; all, or those of the ids."""
    if producer_ids is None:
        rows = await conn.execute(_AT, {"via": account})
    else:
        chosen = {"via": account, "ids": list(producer_ids)}
        rows = await conn.execute(_CHOSEN, chosen)
    return {row.producer_id: _record(row) for row in rows.all()}


async def of_producers(
    conn: AsyncConnection, marketplace: str, producer_ids: Sequence[str]
) -> dict[tuple[str, str], SellerRecord]:
    """Return producers' sellers at *marketplace*, by account and producer."""
    rows = await rows_of(conn, _OF_PRODUCERS, producer_ids, {"of": marketplace})
    return {(row.account, row.producer_id): _record(row) for row in rows}


async def load_all(
    conn: AsyncConnection,
    accounts: Collection[str],
    producer_ids: Sequence[str] | None = None,
) -> list[SellerRecord]:
    """Return the sellers of all *accounts*; all, or those of the ids."""
    if producer_ids is None:
        rows = (await conn.execute(_ALL)).all()
    else:
        rows = await rows_of(conn, _OF_THESE, producer_ids)
    return [_record(row) for row in rows if row.account in accounts]


def _record(row: Row[Any]) -> SellerRecord:
    return SellerRecord(**row._asdict() | {"problems": to_problems(row.problems)})


def _row(record: SellerRecord) -> dict[str, Any]:
    return values_of(record) | {"problems": from_problems(record.problems)}


async def save(conn: AsyncConnection, sellers: Iterable[SellerRecord]) -> None:
    """Insert or replace *sellers*."""
    await execute_each(conn, upsert(conn, seller), map(_row, sellers))
