"""Take the pictures of the README anew, of the pages with the demonstration's data.

    make demo ARGS=--once && .venv/bin/python -m tests.pages.screenshots .demo

Every figure on them is simulated, and says so.
"""

import asyncio
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page

from ocop_sync.bootstrap import open_deployment
from ocop_sync.cli.demo.accounts import Vault
from ocop_sync.cli.demo.folder import Folder
from ocop_sync.service.identity.role import Role
from ocop_sync.settings import load_settings
from tests.pages.chromium import NARROW, WIDE, Chromium, chromium_here
from tests.pages.open_service import OpenService, open_service

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
SHOTS: Final = {
    "overview": ("/", WIDE, 1000),
    "overview-phone": ("/", NARROW, 740),
    "list": ("/coverage/products?marketplace=voso&figure=held", WIDE, 700),
}
"""The pictures: the page of each, the size of the window, and its height."""
_COLOURS: Final = 64


async def take_all(folder: Path) -> None:
    """Take every picture."""
    place = Folder(folder)
    vault = Vault(place)
    vault.load()
    vault.save()
    chromium = Chromium(chromium_here())
    try:
        async with (
            open_deployment(load_settings(place.settings)) as deployment,
            open_service(deployment) as service,
        ):
            for name in SHOTS:
                await take(name, chromium, service)
    finally:
        chromium.close()


async def take(name: str, chromium: Chromium, service: OpenService) -> None:
    """Take one picture, as somebody who looks only."""
    path, (width, _), height = SHOTS[name]

    def shoot(page: Page) -> bytes:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return page.screenshot()

    async with chromium.visit(service.url, size=(width, height)) as window:
        await service.sign_in(window, Role.VIEWER, "Người xem Mẫu")
        taken = await window.do(shoot)
    IMAGES.mkdir(exist_ok=True)
    few = Image.open(BytesIO(taken)).convert("RGB").quantize(_COLOURS)
    few.save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1])))
