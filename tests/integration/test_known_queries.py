"""A query that was sent some times goes past SQLAlchemy, and nobody sees it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    event,
    insert,
    select,
)
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db.sqlite import sqlite_engine

PACK = Table(
    "pack",
    MetaData(),
    Column("n", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("more", JSON, nullable=False),
)
ROWS = [{"n": n, "kind": "ab"[n % 2], "more": {"n": [n]}} for n in range(1, 8)]
OFTEN = range(8)


@pytest.fixture
async def conn() -> AsyncIterator[AsyncConnection]:
    engine = sqlite_engine("sqlite://")
    async with engine.connect() as conn:
        await conn.run_sync(PACK.metadata.create_all)
        await conn.execute(insert(PACK), ROWS)
        await conn.commit()
        yield conn
    await engine.dispose()


def by_list() -> Any:
    wanted = PACK.c.n.in_(bindparam("ids", expanding=True))
    return select(PACK).where(wanted, PACK.c.kind == bindparam("of")).order_by(PACK.c.n)


def refuse(*_: object) -> None:
    raise AssertionError


async def test_a_query_answers_the_same_however_often_it_is_sent(
    conn: AsyncConnection,
) -> None:
    query = by_list()
    for ids in [*([], [1], [1, 2, 3], (4, 5), list(range(100))) * 3]:
        values = {"ids": ids, "of": "b", "beside": 1}

        found = (await conn.execute(query, values)).all()

        expected = [n for n in range(1, 8, 2) if n in ids]
        assert [(each.n, each.kind, each.more) for each in found] == [
            (n, "b", {"n": [n]}) for n in expected
        ]
        assert [each._mapping[PACK.c.n] for each in found] == expected


async def test_one_that_was_sent_often_is_known(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = by_list()
    for _ in OFTEN:
        await conn.execute(query, {"ids": [1, 3], "of": "b"})
    monkeypatch.setattr(Connection, "execute", refuse)

    values = {"ids": [3, 5, 6], "of": "b"}

    assert [row.n for row in await conn.execute(query, values)] == [3, 5]
    assert (await conn.scalars(query, values)).all() == [3, 5]
    assert await conn.scalar(query, values) == 3


async def test_one_that_is_made_of_a_known_one_is_its_own(
    conn: AsyncConnection,
) -> None:
    query = select(PACK.c.n).where(PACK.c.kind == "b").order_by(PACK.c.n)
    for _ in OFTEN:
        assert (await conn.scalars(query)).all() == [1, 3, 5, 7]
    narrower = query.where(PACK.c.n > 3)

    for _ in OFTEN:
        assert (await conn.scalars(narrower)).all() == [5, 7]


async def test_a_value_that_is_computed_when_it_is_sent_is_computed_each_time(
    conn: AsyncConnection,
) -> None:
    numbers = iter(range(1, 9))
    query: Any = select(bindparam("next", callable_=lambda: next(numbers)))

    assert [await conn.scalar(query) for _ in OFTEN] == list(range(1, 9))


async def test_a_fault_is_told_as_before(conn: AsyncConnection) -> None:
    query = by_list()
    for _ in OFTEN:
        await conn.execute(query, {"ids": [1], "of": "b"})

    with pytest.raises(StatementError, match="'of'"):
        await conn.execute(query, {"ids": [1]})
    await conn.run_sync(PACK.metadata.drop_all)
    with pytest.raises(OperationalError, match="no such table"):
        await conn.execute(query, {"ids": [1], "of": "b"})


async def test_whoever_listens_hears_of_each(conn: AsyncConnection) -> None:
    query = by_list()
    for _ in OFTEN:
        await conn.execute(query, {"ids": [1], "of": "b"})
    heard: list[str] = []

    def note(*args: Any) -> None:
        heard.append(args[2])

    event.listen(conn.sync_connection, "before_cursor_execute", note)
    await conn.execute(query, {"ids": [1], "of": "b"})

    assert len(heard) == 1


async def test_it_begins_a_transaction_and_sees_one_state(
    conn: AsyncConnection,
) -> None:
    query = by_list()
    for _ in OFTEN:
        await conn.execute(query, {"ids": [1], "of": "b"})
    await conn.rollback()
    assert not conn.in_transaction()

    await conn.execute(query, {"ids": [1], "of": "b"})

    assert conn.in_transaction()
    driver = (await conn.get_raw_connection()).driver_connection
    assert driver is not None
    assert driver.in_transaction
