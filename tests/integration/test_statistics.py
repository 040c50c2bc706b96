"""PostgreSQL is told in time how many rows a first sync has made."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ocop_sync.store.db import statistics
from tests.world import World, entry

ROWS = text("SELECT reltuples FROM pg_class WHERE relname = 'listing'")


async def rows(conn: AsyncConnection) -> float:
    return float(await conn.scalar(ROWS) or 0)


@pytest.mark.postgresql
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_postgresql_plans_by_the_listings_of_a_first_sync(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "_FIRST", 6)
    await world.save(*(entry(n) for n in range(1, 9)))

    await world.sync()

    assert await world.database.fetch(rows) == 8


async def test_it_is_told_ever_more_seldom(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, stored = list[int](), 0

    async def note(_: Any) -> None:
        at.append(stored)

    monkeypatch.setattr(statistics, "_look", note)
    growth = statistics.Growth(world.database)
    for _ in range(40):
        stored += 100
        await growth.note(100)

    expected = [200, 800, 3200] if world.database.dialect == "postgresql" else []
    assert at == expected
