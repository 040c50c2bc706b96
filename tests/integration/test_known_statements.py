"""A statement that was sent some times goes past SQLAlchemy, and nobody sees it."""

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
    and_,
    bindparam,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db import known_statements
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


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a statement be known once it was sent four times."""
    monkeypatch.setattr(known_statements, "_OFTEN", 4)


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


def by_lists() -> Any:
    wanted = PACK.c.n.in_(bindparam("ids", expanding=True))
    other = PACK.alias("other")
    return (
        select(PACK.c.n)
        .join(other, and_(other.c.n.in_(bindparam("ids", expanding=True))))
        .where(wanted, PACK.c.kind.not_in(bindparam("not", expanding=True)))
        .where(PACK.c.kind.in_(["a", "b", "'?"]), other.c.n == PACK.c.n)
        .order_by(PACK.c.n)
    )


async def answers_by_lists(conn: AsyncConnection, patch: pytest.MonkeyPatch) -> None:
    """Ask by two lists, one of them twice, which are of any length."""
    query = by_lists()
    for n in OFTEN:
        if n > 5:  # it is known by then
            patch.setattr(Connection, "execute", refuse)
        for without, found in [
            ([], [1, 2, 3]),
            (["a"], [1, 3]),
            ({"a", "b"}, []),
            (["é\u2028'\"\\", "?"], [1, 2, 3]),
        ]:
            values = {"ids": [*range(1, 4), *range(20, 20 + n)], "not": without}
            assert (await conn.scalars(query, values)).all() == found
        assert (await conn.scalars(query, {"ids": [], "not": []})).all() == []


async def test_a_list_has_one_place_however_long_it_is(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answers_by_lists(conn, monkeypatch)


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


CHANGE = update(PACK).where(PACK.c.n == bindparam("of"))


async def all_kinds(conn: AsyncConnection) -> list[tuple[int, str]]:
    rows = await conn.execute(select(PACK.c.n, PACK.c.kind).order_by(PACK.c.n))
    return [(n, kind) for n, kind in rows]


async def test_a_change_says_how_many_rows_it_has_changed_each_time(
    conn: AsyncConnection,
) -> None:
    named = CHANGE.values(kind=bindparam("new"))
    for n in [1, 2, 3, 4, 5, 6, 7, 8, 9]:
        done = await conn.execute(named, {"of": n, "new": "c"})

        assert done.rowcount == (n <= 7)
    assert await all_kinds(conn) == [(n, "c") for n in range(1, 8)]


async def test_a_change_sets_what_its_values_name(conn: AsyncConnection) -> None:
    for n in OFTEN:
        await conn.execute(CHANGE, {"of": 1, "kind": f"{n}"})
        await conn.execute(CHANGE, {"more": n, "of": 2})
        await conn.execute(CHANGE, [{"of": 3, "kind": f"{n}", "more": n}])

        rows = (await conn.execute(select(PACK).where(PACK.c.n < 4))).all()
        assert {(each.n, each.kind, str(each.more)) for each in rows} == {
            (1, f"{n}", "{'n': [1]}"),
            (2, "a", f"{n}"),
            (3, f"{n}", f"{n}"),
        }


async def test_many_rows_are_written_at_once(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = insert(PACK)
    for n in range(10, 100, 10):
        rows = [{"n": n + k, "kind": "c", "more": {"k": k}} for k in range(n // 10)]
        with monkeypatch.context() as patch:
            if n > 60:  # it is known by then
                patch.setattr(Connection, "execute", refuse)
            await conn.execute(written, rows)

    found = await conn.execute(select(PACK.c.more).where(PACK.c.n == 98))
    assert found.scalars().all() == [{"k": 8}]
    assert len(await all_kinds(conn)) == len(ROWS) + sum(range(1, 10))


async def test_a_change_of_many_rows_is_known_before_it_is_sent(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"n": n, "kind": "c", "more": n} for n in range(10, 40)]
    monkeypatch.setattr(Connection, "execute", refuse)

    assert (await conn.execute(insert(PACK), rows)).rowcount == 30

    monkeypatch.undo()
    assert len(await all_kinds(conn)) == len(ROWS) + 30


async def test_a_row_that_is_refused_is_told_and_those_before_it_are_sent_once(
    conn: AsyncConnection,
) -> None:
    written = insert(PACK)
    for _ in OFTEN:
        await conn.execute(written, [{"kind": "c", "more": 0}] * 2)

    with pytest.raises(IntegrityError, match="NOT NULL"):
        await conn.execute(written, [{"kind": k, "more": 0} for k in ("d", None, "d")])
    with pytest.raises(StatementError, match="'kind'"):
        await conn.execute(written, [{"kind": "d", "more": 0}, {"more": 0}])

    assert [kind for _, kind in await all_kinds(conn)].count("d") == 1


async def test_a_change_that_answers_with_rows_does_so_each_time(
    conn: AsyncConnection,
) -> None:
    made = insert(PACK).returning(PACK.c.n)

    found = [await conn.scalar(made, {"kind": "c", "more": n}) for n in OFTEN]

    assert found == list(range(8, 16))


async def answers_of_change(conn: AsyncConnection, patch: pytest.MonkeyPatch) -> None:
    """Change rows by a statement that answers with them."""
    named = CHANGE.values(more=bindparam("new")).returning(PACK.c.kind, PACK.c.more)
    for n in OFTEN:
        if n > 5:  # it is known by then
            patch.setattr(Connection, "execute", refuse)
        rows = (await conn.execute(named, {"of": 2, "new": {"n": n}})).all()
        assert [(each.kind, each.more) for each in rows] == [("a", {"n": n})]
        assert (await conn.execute(named, {"of": 99, "new": n})).all() == []
    patch.undo()
    assert await conn.scalar(select(PACK.c.more).where(PACK.c.n == 2)) == {"n": n}


async def test_a_known_change_answers_with_rows(
    conn: AsyncConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answers_of_change(conn, monkeypatch)


async def test_a_value_that_is_made_for_each_row_is_made_each_time(
    conn: AsyncConnection,
) -> None:
    numbers = iter(OFTEN)
    made = Table(
        "made", MetaData(), Column("n", Integer, default=lambda: next(numbers))
    )
    await conn.run_sync(made.create)
    written = insert(made)

    for _ in OFTEN:
        await conn.execute(written)

    rows = await conn.execute(select(made.c.n).order_by(made.c.n))
    assert rows.scalars().all() == list(OFTEN)


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
