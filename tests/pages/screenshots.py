"""Take the pictures of README and guides anew, with the demonstration's data.

    make demo ARGS=--once && .venv/bin/python -m tests.pages.screenshots .demo

Names after the folder take those pictures alone. Every figure on them is simulated, and
says so. The demonstration stays as it was: what is changed for a picture is changed in
a copy.
"""

import asyncio
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image
from playwright.sync_api import Page

from ocop_sync.bootstrap import open_deployment
from ocop_sync.service.identity.links import make_link
from ocop_sync.service.identity.role import Role
from ocop_sync.settings import load_settings
from tests.demonstration import copied
from tests.identity import BOSS
from tests.pages.chromium import NARROW, WIDE, Chromium, chromium_here
from tests.pages.guide_pictures import (
    MAKER,
    PICTURES,
    Picture,
    shoot,
    visit,
    write_sheet,
)
from tests.pages.open_service import OpenService, open_service

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
SHOTS: Final = {
    "overview": ("/", WIDE, 1000),
    "overview-phone": ("/", NARROW, 740),
    "list": ("/coverage/products?marketplace=voso&figure=held", WIDE, 700),
}
"""The pictures of the README: the page of each, the size of the window, its height."""
LINK: Final = "phone-link"
"""The picture of what a producer sees who has opened a link, and not used it yet."""
_LINK_HEIGHT: Final = 480
_NAMES: Final = {
    Role.VIEWER: "Người xem Mẫu",
    Role.OPERATOR: "Cán bộ Mẫu",
    Role.ADMIN: "Quản trị Mẫu",
}
_COLOURS: Final = 64


async def take_all(demonstration: Path, names: list[str]) -> None:
    """Take every picture, or those of *names* alone."""
    chromium = Chromium(chromium_here())
    wanted = names or [*SHOTS, LINK, *PICTURES]
    try:
        with TemporaryDirectory() as made:
            place = copied(demonstration, Path(made) / "demo")
            write_sheet(place.path)
            async with (
                open_deployment(load_settings(place.settings)) as deployment,
                open_service(deployment) as service,
            ):
                for name in wanted:
                    await take(name, chromium, service, place.path)
    finally:
        chromium.close()


async def take(
    name: str, chromium: Chromium, service: OpenService, folder: Path
) -> None:
    """Take one picture."""
    if name in SHOTS:
        path, (width, _), height = SHOTS[name]
        picture = Picture(Role.VIEWER, visit(path), height)
    elif name == LINK:
        picture = Picture(Role.PRODUCER, visit(await link(service)), _LINK_HEIGHT)
        width, height = picture.width, picture.height
    else:
        picture = PICTURES[name]
        width, height = picture.width, picture.height
    async with chromium.visit(service.url, size=(width, height)) as window:
        if picture.role is not Role.PRODUCER:
            await service.sign_in(window, picture.role, _NAMES[picture.role])
        elif name != LINK:
            await window.do(come_by(await link(service)))
        keep(name, await window.do(shoot(picture, folder)))


async def link(service: OpenService) -> str:
    """Return the address of a new link for the producer of the guide."""
    made = await make_link(service.identity, MAKER, by=BOSS)
    return f"/link/{made.token}"


def come_by(address: str) -> Callable[[Page], None]:
    """Return what signs a producer in by a link, as on a phone."""

    def come(page: Page) -> None:
        page.goto(address)
        page.get_by_role("button", name="Vào trang của cơ sở").click()
        page.wait_for_url("**/p")

    return come


def keep(name: str, taken: bytes) -> None:
    """Write a picture in few colours, which a page of plain areas needs."""
    IMAGES.mkdir(exist_ok=True)
    few = Image.open(BytesIO(taken)).convert("RGB").quantize(_COLOURS)
    few.save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1]), sys.argv[2:]))
