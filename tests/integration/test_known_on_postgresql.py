"""What is known of a statement is of one database, and PostgreSQL tells its faults."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db import database
from ocop_sync.store.db.sqlite import sqlite_engine
from tests.integration.test_known_statements import (
    PACK,
    ROWS,
    all_kinds,
    answers_by_lists,
    answers_of_change,
    by_list,
    refuse,
)
from tests.postgres import Server

pytestmark = pytest.mark.postgresql
OFTEN = range(4)


@pytest.fixture
async def conn(postgres: Server) -> AsyncIterator[AsyncConnection]:
    with postgres.empty_database() as url:
        engine = database._postgresql(url, "READ COMMITTED")
        async with engine.connect() as conn:
            await conn.run_sync(PACK.metadata.create_all)
            await conn.execute(insert(PACK), ROWS)
            await conn.commit()
            yield conn
        await engine.dispose()


async def test_a_known_query_answers_the_same(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = by_list()
    for _ in OFTEN:
        await conn.execute(query, {"ids": [1], "of": "b"})
    monkeypatch.setattr(Connection, "execute", refuse)

    for ids in ([], [1], [1, 2, 3], (4, 5), list(range(100))):
        found = (await conn.execute(query, {"ids": ids, "of": "b"})).all()

        assert [(each.n, each.more) for each in found] == [
            (n, {"n": [n]}) for n in range(1, 8, 2) if n in ids
        ]


async def test_a_list_has_one_place_however_long_it_is(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answers_by_lists(conn, monkeypatch)


async def test_a_known_change_answers_with_rows(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answers_of_change(conn, monkeypatch)


async def test_a_known_change_says_how_many_rows_it_has_changed(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing = update(PACK).where(PACK.c.kind == "b")
    for _ in OFTEN:
        await conn.execute(changing, {"kind": "b"})
    monkeypatch.setattr(Connection, "execute", refuse)

    assert (await conn.execute(changing, {"kind": "c"})).rowcount == 4
    rows = [{"n": n, "kind": "d", "more": None} for n in range(10, 40)]
    await conn.execute(insert(PACK), rows)

    monkeypatch.undo()
    kinds = [kind for _, kind in await all_kinds(conn)]
    assert (kinds.count("c"), kinds.count("d")) == (4, 30)


async def test_a_fault_is_told_once_and_ends_the_transaction(
    conn: AsyncConnection,
) -> None:
    rows = [{"n": n, "kind": "d", "more": None} for n in range(30, 0, -1)]
    with pytest.raises(IntegrityError, match="duplicate key"):
        await conn.execute(insert(PACK), rows)
    with pytest.raises(DBAPIError, match="transaction is aborted"):
        await all_kinds(conn)
    await conn.rollback()

    assert len(await all_kinds(conn)) == len(ROWS)


async def test_a_known_statement_whose_table_is_gone_fails_as_before(
    conn: AsyncConnection,
) -> None:
    query = by_list()
    for _ in OFTEN:
        await conn.execute(query, {"ids": [1], "of": "b"})
    await conn.run_sync(PACK.metadata.drop_all)

    with pytest.raises(ProgrammingError, match="does not exist"):
        await conn.execute(query, {"ids": [1, 2], "of": "b"})


async def test_what_is_known_on_one_database_is_not_sent_to_the_other(
    conn: AsyncConnection,
) -> None:
    query, engine = by_list(), sqlite_engine("sqlite://")
    async with engine.connect() as here:
        await here.run_sync(PACK.metadata.create_all)
        for _ in OFTEN:
            assert (await here.scalars(query, {"ids": [1], "of": "b"})).all() == []
    await engine.dispose()

    assert (await conn.scalars(query, {"ids": [1], "of": "b"})).all() == [1]


async def test_no_plan_is_kept_that_was_made_while_there_was_little(
    conn: AsyncConnection,
) -> None:
    query = by_list()
    for _ in range(12):  # it would be kept from the sixth on
        await conn.execute(query, {"ids": [1], "of": "b"})

    plans = """
        SELECT sum(generic_plans), sum(custom_plans) >= 12
        FROM pg_prepared_statements WHERE cardinality(parameter_types) > 0
    """
    made = (await conn.exec_driver_sql(plans)).one()
    assert tuple(made) == (0, True)
