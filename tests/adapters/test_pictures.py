"""The mocks look at pictures themselves, and refuse those that will not do."""

import io
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from ocop_sync.marketplace.change import Update
from ocop_sync.marketplace.port import Applied, Refused, Submitted
from ocop_sync.testing.mocks.pictures import Flaw, measure
from tests.adapters.calls import Market, open_market
from tests.adapters.traits import NAMES, names_with


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    """Return a grey picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "grey").save(out, kind)
    return out.getvalue()


def bomb() -> bytes:
    """Return a small file that claims to be a picture of 10^10 pixels."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    data = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data)


PICTURES: Final = {
    "good.png": picture(600, 700),
    "good.jpg": picture(500, 500, "JPEG"),
    "good.webp": picture(640, 500, "WEBP"),
    "small.png": picture(600, 120),
    "cut.png": picture(600, 700)[:-2_00],
    "page.jpg": b"<html>404</html>",
    "animation.gif": picture(600, 600, "GIF"),
    "bomb.png": bomb(),
    "huge.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 6_000_000,
    "empty.png": b"",
}


async def _send(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name == "moved.png":
        raise web.HTTPFound(location="/good.png")
    if name not in PICTURES:
        raise web.HTTPNotFound
    return web.Response(body=PICTURES[name], content_type="image/png")


@asynccontextmanager
async def gallery(name: str) -> AsyncIterator[tuple[Market, str]]:
    """Serve a mock that looks at pictures, and pictures."""
    app = web.Application()
    app.router.add_get("/{name}", _send)
    async with TestServer(app) as server:
        market = await open_market(name, check_pictures=True)
        try:
            await market.bench.open_seller_again()
            yield market, str(server.make_url("/"))
        finally:
            await market.support.close_bench([market.bench])


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("good.png", ""),
        ("good.jpg", ""),
        ("good.webp", ""),
        ("small.png", "image_too_small"),
        ("cut.png", "image_not_a_picture"),
        ("page.jpg", "image_not_a_picture"),
        ("animation.gif", "image_not_a_picture"),
        ("empty.png", "image_not_a_picture"),
        ("bomb.png", "image_too_large"),
        ("huge.png", "image_too_large"),
        ("missing.png", "image_unreachable"),
        ("moved.png", "image_unreachable"),
        ("http://203.0.113.5/a.png", "image_unreachable"),
        ("http://127.0.0.1:1/a.png", "image_unreachable"),
        ("http://xn--/a.png", "image_unreachable"),
        ("http://[::1/a.png", "image_unreachable"),
        ("http://127.0.0.1:99999/a.png", "image_unreachable"),
    ],
)
@pytest.mark.parametrize("name", names_with("reviews"))
async def test_a_review_ends_as_the_pictures_are(
    name: str, file: str, code: str
) -> None:
    async with gallery(name) as (market, base):
        url = file if "://" in file else base + file
        create = market.support.make_create(1, pictures=(base + "good.png", url))

        [submitted] = await market.adapter.create([create])
        market.bench.clock.advance(3)
        assert isinstance(submitted, Submitted)
        [result] = await market.adapter.follow([submitted.ticket])

        if code:
            assert isinstance(result, Refused)
            assert [each.code.lower() for each in result.problems] == [code]
            assert "nh" in result.problems[0].message
        else:
            assert isinstance(result, Applied)


@pytest.mark.parametrize("name", names_with("reviews"))
async def test_a_bad_picture_is_refused_at_once_on_what_is_on_sale(name: str) -> None:
    async with gallery(name) as (market, base):
        pictures = (base + "good.png",)
        await market.adapter.create([market.support.make_create(1, pictures=pictures)])
        market.bench.clock.advance(3)
        [live] = await market.adapter.find(client_refs=["SP-00001"])
        fields = frozenset({"pictures"})

        async def show(file: str) -> object:
            listing = market.support.make_listing(pictures=(base + file,))
            update = Update(client_ref="", ref=live.ref, listing=listing, fields=fields)
            [result] = await market.adapter.update([update])
            return result

        assert isinstance(await show("small.png"), Refused)
        assert (await market.bench.shown(live.ref)).shown.pictures == pictures
        assert isinstance(await show("good.jpg"), Applied)


@pytest.mark.parametrize("name", NAMES)
async def test_pictures_are_believed_where_nothing_is_said(name: str) -> None:
    market = await open_market(name)
    try:
        market.ref = await market.bench.publish()  # of https://anh.example
        assert (await market.bench.shown(market.ref)).state.value == "live"
    finally:
        await market.support.close_bench([market.bench])


def test_a_picture_is_measured_by_what_is_in_it() -> None:
    assert measure(picture(31, 17)) == (31, 17)
    assert measure(bomb()) is Flaw.TOO_LARGE
