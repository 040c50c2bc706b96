"""Between two slices one look tells whether there may be news at an account."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from ocop_sync.marketplace.port import EventKind
from ocop_sync.store.listings import event_mentions, open_work
from ocop_sync.store.listings.event_mentions import Named
from ocop_sync.store.tables import listing
from tests.world import World, listed

pytestmark = pytest.mark.postgresql

Act = Callable[[World], Awaitable[None]]


async def _change(world: World) -> None:
    await world.change("SP-00001", description="Bản mới")


async def _end(world: World) -> None:
    await _turn(world, timedelta())


async def _turn(world: World, in_: timedelta) -> None:
    at = world.time() + in_

    async def store(conn: AsyncConnection) -> None:
        await conn.execute(update(listing).values(until=at))

    await world.database.write(store)


async def _name(world: World) -> None:
    one = Named(ref="M000001", kind=EventKind.EDITED, shows_from=world.time())

    async def store(conn: AsyncConnection) -> None:
        await event_mentions.note(conn, "memory", [one])

    await world.database.write(store)


async def is_told(world: World, revision: int) -> bool:
    fetch, now = world.database.fetch, world.time()
    return await fetch(open_work.has_news, "memory", revision, now)


@pytest.mark.parametrize("act", [_change, _end, _name])
async def test_a_change_an_end_and_a_named_listing_are_news(
    world: World, act: Act
) -> None:
    await listed(world)
    await _turn(world, timedelta(seconds=1))
    revision = await world.database.fetch(reader.current_revision)
    assert not await is_told(world, revision)

    await act(world)

    assert await is_told(world, revision)
