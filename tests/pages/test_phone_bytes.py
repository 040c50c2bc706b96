"""The first page of a phone: small pictures of one's own, and few bytes in all."""

import random
import re

import pytest
from PIL import Image

from catalog.commands.pictures import PictureEdit, add_picture
from catalog.db import reader
from catalog.model.fact import Fact
from catalog.pictures.kept import KeptPicture
from catalog.pictures.reencode import (
    MOST_OF_THUMBNAIL,
    THUMBNAIL_SIDE,
    reencode,
    thumbnail,
)
from catalog.pictures.reencoder import THUMBNAILS, Reencoder
from ocop_sync.service.identity.role import Role
from tests.api.doors import OURS, Browser, Door
from tests.factories import person
from tests.pages.test_own_cards import own_more
from tests.pages.visits import HTML, look, signed_in
from tests.pictures import read, written
from tests.world import World

MOST = 60_000
REFERRED = re.compile(r'(?:src|href)="(/(?:static|p/pictures|manifest)[^"]*)"')
PHONE = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like"
    " Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "vi-VN,vi;q=0.9,en-US;q=0.8,en;q=0.7",
    "Accept": HTML["Accept"],
    "Referer": f"{OURS}/p",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Dest": "image",
}
"""The headers of a call, as a phone sends them."""


def noise(n: int) -> bytes:
    """Return a picture that is as hard to compress as any."""
    size = (320, 240)
    dots = random.Random(n).randbytes(3 * size[0] * size[1])  # noqa: S311
    return written(Image.frombytes("RGB", size, dots), "JPEG", quality=85)


async def put_on(world: World, product_id: str, content: bytes) -> str:
    """Keep a picture of a product; return its hash."""
    made = reencode(content)
    kept = KeptPicture.of(made.content, made.width, made.height)
    edit = PictureEdit(by=person("Bà Mẫu"))
    await world.database.write(
        lambda conn: add_picture(
            conn,
            product_id,
            kept,
            public_url=OURS,
            shows_ocop_mark=Fact.NO,
            edit=edit,
            now=world.time(),
        )
    )
    return kept.hash


async def lead_with(world: World, product_id: str, hash_: str) -> None:
    """Let the uploaded picture be the only one of its product."""
    async with world.database.read() as conn:
        product, _ = (await reader.get(conn, [product_id]))[product_id]
    own = tuple(each for each in product.pictures if hash_ in each.url)
    await world.change(product_id, pictures=own)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make thumbnails without a process for each: these pictures are our own."""

    async def reencode_here(_: Reencoder, content: bytes) -> KeptPicture:
        made = thumbnail(content)
        return KeptPicture.of(made.content, made.width, made.height)

    monkeypatch.setattr(Reencoder, "reencode", reencode_here)


async def test_a_thumbnail_is_small_whatever_is_on_the_picture() -> None:
    found = await Reencoder(command=THUMBNAILS).reencode(noise(1))

    assert read(found.content).size == (THUMBNAIL_SIDE, THUMBNAIL_SIDE * 3 // 4)
    assert len(found.content) <= MOST_OF_THUMBNAIL


@pytest.mark.usefixtures("in_this_process")
async def test_a_picture_is_shown_small_to_its_producer_alone(
    door: Door, world: World
) -> None:
    own = await put_on(world, "SP-00001", noise(1))
    other = await put_on(world, "SP-00002", noise(2))
    await lead_with(world, "SP-00001", own)
    browser = await signed_in(door, Role.PRODUCER)
    theirs = door.browser()

    page = await look(browser, "/p")
    address = page.one("img").attributes["src"]
    for _ in range(2):  # made, then kept
        answer = await browser.get(address)
        assert (answer.status, answer.content_type) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"].startswith("private")
        assert read(await answer.read()).size[0] == THUMBNAIL_SIDE

    assert (await browser.get(f"/p/pictures/{other}.jpg")).status == 404
    assert (await theirs.get(address)).status == 401
    for role in (Role.VIEWER, Role.OPERATOR):
        assert (await (await signed_in(door, role)).get(address)).status == 403
    await world.change("SP-00001", producer_id="CS-0002")
    assert (await browser.get(address)).status == 404


async def bytes_of(browser: Browser, path: str) -> tuple[int, str]:
    """Return how many bytes a call takes in both directions, and its text."""
    answer = await browser.client.get(
        path,
        headers=PHONE | {"Cookie": "; ".join(map("=".join, browser.cookies.items()))},
        auto_decompress=False,
    )
    body = await answer.read()
    assert answer.status == 200
    sent = sum(len(k) + len(v) + 4 for k, v in answer.request_info.headers.items())
    got = sum(len(k) + len(v) + 4 for k, v in answer.raw_headers)
    lines = len(f"GET {path} HTTP/1.1\r\n\r\n") + len("HTTP/1.1 200 OK\r\n\r\n")
    text = await (await browser.get(path, **HTML)).text() if path == "/p" else ""
    return sent + got + lines + len(body), text


@pytest.mark.usefixtures("in_this_process")
async def test_the_first_page_with_ten_cards_takes_60_kb_cold_with_every_byte(
    door: Door, world: World
) -> None:
    await own_more(world, 9)
    for n in (1, *range(3, 12)):
        product_id = f"SP-{n:05}"
        await lead_with(world, product_id, await put_on(world, product_id, noise(n)))
    await world.sync()
    browser = await signed_in(door, Role.PRODUCER)

    total, page = await bytes_of(browser, "/p")
    referred = set(REFERRED.findall(page))
    for path in referred:
        total += (await bytes_of(browser, path))[0]

    assert page.count("<article") == 10
    assert sum(path.startswith("/p/pictures/") for path in referred) == 10
    assert any(path.endswith(".css") for path in referred)
    assert total <= MOST
    assert any(path.endswith(".webmanifest") for path in referred)


async def test_the_pages_of_a_producer_can_be_put_on_a_phone(door: Door) -> None:
    browser = await signed_in(door, Role.PRODUCER)
    for path in ("/p", "/p/SP-00001", "/p/SP-00001/pause"):
        link = (await look(browser, path)).one("link", rel="manifest")

    answer = await browser.client.get(link.attributes["href"])
    manifest = await answer.json(content_type="application/manifest+json")

    assert (manifest["start_url"], manifest["display"]) == ("/p", "standalone")
    (icon,) = manifest["icons"]
    assert (await browser.client.get(icon["src"])).content_type == icon["type"]
