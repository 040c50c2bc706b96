"""Counters: numbers that are given out once, of revisions, products, producers, acts.

They stand in rows of the database, so that a number given out in a transaction
that fails is given out again, and one that was committed never is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Self

from sqlalchemy import ColumnElement, Executable, bindparam, case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.tables import counter
from catalog.db.telling import Told, can_tell, message
from catalog.db.upsert import insert_in
from catalog.model.product import Variant

REVISION, PRODUCT, PRODUCER, ACT = "revision", "product", "producer", "act"
UNREVISED = "unrevised"
"""It moves with all that imports stand on and no product's revision tells: producers,
sources and their products, answers on columns, effects of imports."""
_ALL = select(counter.c.name, counter.c.value)

_GIVEN: ColumnElement[int] = bindparam("count")
_FURTHER = counter.c.value + _GIVEN
_AT_LEAST = case((counter.c.value < _GIVEN, _GIVEN), else_=counter.c.value)


async def next_numbers(conn: AsyncConnection, name: str, count: int) -> range:
    """Return the next *count* numbers of the counter *name*.

    The counter stays locked to the end of the transaction, so that whoever
    takes revisions before reading writes alone, and revisions are committed in
    the order in which they grow. Other processes are told of new revisions.
    """
    last = await _set(conn, name, count, is_further=True)
    return range(last - count + 1, last + 1)


async def all_counters(conn: AsyncConnection) -> dict[str, int]:
    """Return the last number that each counter has given out."""
    rows = await conn.execute(_ALL)
    return {row[0]: row[1] for row in rows}


async def raise_to(conn: AsyncConnection, name: str, value: int) -> None:
    """See to it that numbers up to *value* are never given out again."""
    await _set(conn, name, value, is_further=False)


async def _set(
    conn: AsyncConnection, name: str, count: int, *, is_further: bool
) -> int:
    is_change = name == REVISION and is_further and count > 0
    tells = is_change and can_tell(conn.dialect.name)
    statement = _setting(conn.dialect.name, is_further, tells)
    result = await conn.execute(statement, {"key": name, "count": count})
    return int(result.scalar_one())


@cache
def _setting(dialect: str, is_further: bool, tells: bool) -> Executable:
    insert = insert_in(dialect, counter).values(name=bindparam("key"), value=_GIVEN)
    value = _FURTHER if is_further else _AT_LEAST
    told = [message(Told.CHANGES)] if tells else []
    return insert.on_conflict_do_update(
        index_elements=[counter.c.name], set_={"value": value}
    ).returning(counter.c.value, *told)


@dataclass(slots=True)
class Mint:
    """Gives out ids of products and producers.

    Whoever stores them ensures that nobody else has given out any meanwhile.

    Attributes:
        last_product: Number of the last product id given out.
        last_producer: Number of the last producer id given out.
    """

    last_product: int = 0
    last_producer: int = 0

    @classmethod
    async def start(cls, conn: AsyncConnection) -> Self:
        """Go on where the last import left off."""
        last = await all_counters(conn)
        return cls(last.get(PRODUCT, 0), last.get(PRODUCER, 0))

    def product_id(self, wanted: str) -> str:
        """Return *wanted*, the id of an export, or a new id if it is ""."""
        self.last_product = _next(self.last_product, wanted, "SP-")
        return wanted or f"SP-{self.last_product:05d}"

    def producer_id(self, wanted: str) -> str:
        """Return *wanted*, the id of an export, or a new id if it is ""."""
        self.last_producer = _next(self.last_producer, wanted, "CS-")
        return wanted or f"CS-{self.last_producer:04d}"

    async def finish(self, conn: AsyncConnection) -> None:
        """Store the last numbers that were given out."""
        await raise_to(conn, PRODUCT, self.last_product)
        await raise_to(conn, PRODUCER, self.last_producer)


def next_sku(product_id: str, known: Iterable[Variant]) -> str:
    """Return the SKU of the next variant of a product that has those *known*.

    Variants are never removed, so that the highest number was the last one.
    """
    numbers = [int(each.sku.rpartition("-")[2]) for each in known]
    return f"{product_id}-{max(numbers, default=0) + 1}"


def _next(last: int, wanted: str, prefix: str) -> int:
    """Return the last number given out once *wanted* is in use."""
    if not wanted:
        return last + 1
    ours = wanted.startswith(prefix)
    return max(last, int(wanted.removeprefix(prefix))) if ours else last
