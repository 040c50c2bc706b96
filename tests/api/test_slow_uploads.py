"""Slow senders of files: at least 1 KB a second, and a quarter of an hour at most.

Over sockets, at the service's own routes and with the pace that it has by itself.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from catalog.db.acts import head
from catalog.db.reader import current_revision
from ocop_sync.api.app import make_app
from ocop_sync.api.routes.imports import CSV
from tests.api.sample import HandTime
from tests.api.served import Client, StandInAccess
from tests.catalog_database import as_csv
from tests.pictures import make_picture
from tests.world import World, entry

SHEET: Final = as_csv({"sku": "SP-00001-1", "price_vnd": 46_000}).getvalue()
UPLOADS: Final = {
    "sheet": ("/api/v1/imports", CSV, SHEET),
    "picture": ("/api/v1/products/SP-00001/pictures", "image/jpeg", make_picture()),
}
GRACE_S: Final = 10
LONGEST_S: Final = 900


@dataclass
class Sender:
    """Sends a file as slowly as a test wants.

    Attributes:
        time: The service's time.
        client: Where the service listens.
        world: What it shows and changes.
        path: Where the file goes.
        media_type: Its type.
    """

    time: HandTime
    client: Client
    world: World
    path: str
    media_type: str

    async def begin(
        self, size: int, sent: bytes
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send the head of a call, and the beginning of its file of *size* bytes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.client.port)
        head_ = (
            f"POST {self.path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer producer"
            f"\r\nContent-Type: {self.media_type}\r\nContent-Length: {size}\r\n\r\n"
        )
        writer.write(head_.encode() + sent)
        await writer.drain()
        return reader, writer

    async def until_awaited(self, end: float) -> asyncio.Event:
        """Wait until the service waits for more until *end*; return what wakes it."""
        async with asyncio.timeout(10):  # it hangs where it fails
            return await self.time.until_asked(end)

    async def traces(self) -> tuple[Any, ...]:
        """Return what changes with any change of the catalog, and with any act."""
        async with self.world.database.read() as conn:
            return await current_revision(conn), await head(conn)


@pytest.fixture(params=UPLOADS)
async def sender(
    request: pytest.FixtureRequest, world: World, aiohttp_client: AiohttpClient
) -> Sender:
    """Somebody who sends a sheet, or a picture."""
    await world.save(entry(1))
    time = HandTime()
    deployment = replace(world.deployment, time=time.seconds, sleep=time.sleep)
    client = await aiohttp_client(make_app(deployment, StandInAccess()))
    path, media_type, _ = UPLOADS[request.param]
    return Sender(time, client, world, path, media_type)


def file_of(sender: Sender) -> bytes:
    (found,) = (content for path, _, content in UPLOADS.values() if path == sender.path)
    return found


async def ensure_cut_off(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """See to it that the call was refused as too slow, and its connection ends."""
    assert (await reader.readline()).split()[1] == b"408"
    rest = await reader.readuntil(b"}")  # it lingers until we have closed
    writer.close()
    await writer.wait_closed()
    assert b"Connection: close" in rest
    assert b'"code": "too_slow"' in rest


async def test_a_file_that_comes_below_1_kb_a_second_is_cut_off(sender: Sender) -> None:
    before = await sender.traces()
    reader, writer = await sender.begin(15_000, b"x" * 4096)
    end = await sender.until_awaited(GRACE_S + 4)

    sender.time.pass_(GRACE_S + 3.9)
    assert not end.is_set()
    sender.time.pass_(0.2)

    await ensure_cut_off(reader, writer)
    assert await sender.traces() == before


async def test_a_file_that_takes_longer_than_a_quarter_of_an_hour_is_cut_off(
    sender: Sender,
) -> None:
    before = await sender.traces()
    reader, writer = await sender.begin(2_000_000, b"x" * 1_000_000)
    end = await sender.until_awaited(LONGEST_S)

    sender.time.pass_(LONGEST_S - 0.1)
    assert not end.is_set()
    sender.time.pass_(0.2)

    await ensure_cut_off(reader, writer)
    assert await sender.traces() == before


async def test_a_file_that_comes_slowly_but_fast_enough_is_taken(
    sender: Sender,
) -> None:
    content = file_of(sender)
    reader, writer = await sender.begin(len(content), content[:8])
    await sender.until_awaited(GRACE_S + 8 / 1024)

    sender.time.pass_(GRACE_S - 0.1)
    writer.write(content[8:])

    assert (await reader.readline()).split()[1] == b"201"
    writer.close()
    await writer.wait_closed()
