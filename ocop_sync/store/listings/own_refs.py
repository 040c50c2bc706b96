"""Find which of our listings a marketplace means, by its own refs.

It may be the listing of a product, a second one beside it, or a second one of a
product that is listed at another account.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.chunks import IDS, rows_of
from catalog.values import replace
from ocop_sync.engine.terms import Found
from ocop_sync.store.listings import other_account_doubles, records
from ocop_sync.store.listings.other_account_doubles import OtherAccountDouble
from ocop_sync.store.listings.records import Record
from ocop_sync.store.tables import listing

_DOUBLED = select(listing).where(
    # As the index has it: a value that is bound would not be known to fit.
    listing.c.marketplace == bindparam("of"),
    text("doubled_ref <> ''"),
    listing.c.account == bindparam("via"),
    listing.c.doubles.is_not(None),
)

_FOUND = select(listing.c.ref, listing.c.found).where(
    listing.c.account == bindparam("via"), listing.c.ref.in_(IDS)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """Our own listings among some refs at one account, each by its ref.

    Attributes:
        first: Records of the listings of products.
        second: Records whose product has a double there.
        away: Doubles of products of other accounts.
    """

    first: Mapping[str, Record]
    second: Mapping[str, Record]
    away: Mapping[str, OtherAccountDouble]

    @property
    def found(self) -> dict[str, Found]:
        """Return the known state of each of them."""
        return {
            **{ref: each.double.found for ref, each in self.away.items()},
            **{
                double.ref: double.found
                for record in self.second.values()
                for double in record.state.doubles
                if double.ref in self.second
            },
            **{ref: record.state.found for ref, record in self.first.items()},
        }


async def by_refs(
    conn: AsyncConnection, marketplace: str, account: str, refs: Sequence[str]
) -> Ours:
    """Return our own listings among *refs* at *account*."""
    first = await records.by_refs(conn, account, refs)
    left = [ref for ref in refs if ref not in first]
    return replace(await _others(conn, marketplace, account, left), first=first)


async def found_of(
    conn: AsyncConnection, marketplace: str, account: str, refs: Sequence[str]
) -> dict[str, Found]:
    """Return the known state of our own listings among *refs* at *account*.

    Nothing else of them is read: most events tell of what we have done ourselves.
    """
    rows = await rows_of(conn, _FOUND, refs, {"via": account})
    first = {ref: Found(found) for ref, found in rows}
    left = [ref for ref in refs if ref not in first]
    return {**(await _others(conn, marketplace, account, left)).found, **first}


async def _others(
    conn: AsyncConnection, marketplace: str, account: str, left: Sequence[str]
) -> Ours:
    """Return those of *left* that are no listing of a product at *account*."""
    if not left:
        return Ours(first={}, second={}, away={})
    rows = (await conn.execute(_DOUBLED, {"of": marketplace, "via": account})).all()
    second = _second(rows, set(left))
    away = await other_account_doubles.by_refs(conn, account, left)
    return Ours(first={}, second=second, away=away)


def _second(rows: Sequence[Row[Any]], refs: set[str]) -> dict[str, Record]:
    found = [records.to_record(row) for row in rows]
    return {
        double.ref: record
        for record in found
        for double in record.state.doubles
        if double.ref in refs
    }
