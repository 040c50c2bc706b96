"""The demonstration, open to a browser, with somebody of each role signed in."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

from ocop_sync.service.deployment import Deployment
from ocop_sync.service.identity.links import make_link
from ocop_sync.service.identity.role import Role
from tests.demonstration import at_work, copied, reopened
from tests.identity import BOSS
from tests.pages.chromium import WIDE, Chromium, Window
from tests.pages.guide_pictures import MAKER
from tests.pages.open_service import OpenService, open_service

PATIENCE_MS: Final = 120_000
"""What a busy computer needs for a page, beside the workers of this process."""
STAFF: Final = {
    Role.VIEWER: "Người xem Mẫu",
    Role.OPERATOR: "Cán bộ Mẫu",
    Role.ADMIN: "Quản trị Mẫu",
}
"""What the demonstration calls its staff."""


@dataclass(frozen=True)
class Demo:
    """A copy of the demonstration that is open.

    Attributes:
        folder: Where it is.
        deployment: What its use cases work with.
        service: How browsers reach it.
        chromium: The browser.
        look: Tells its workers that something was written.
    """

    folder: Path
    deployment: Deployment
    service: OpenService
    chromium: Chromium
    look: Callable[[], None]

    @asynccontextmanager
    async def visit(
        self,
        role: Role | None,
        language: str = "vi",
        size: tuple[int, int] = WIDE,
        **options: Any,
    ) -> AsyncIterator[Window]:
        """Open a window in which somebody of *role* is signed in, None is nobody.

        At its end nothing may stand in its console, and no other host be asked.
        """
        url = self.service.url
        async with self.chromium.visit(url, size=size, **options) as window:
            await window.do(lambda page: page.set_default_timeout(PATIENCE_MS))
            if role is Role.PRODUCER:
                await window.do(self._come_by(await self.link()))
            elif role is not None:
                await self.service.sign_in(window, role, STAFF[role])
            if language != "vi":
                await window.do(lambda page: page.goto(f"/login?lang={language}"))
            yield window
            assert window.seen.complaints == []
            assert window.seen.hosts == {url.split("/")[2]}

    async def link(self) -> str:
        """Return the address of a new link for the producer of the guide."""
        made = await make_link(self.service.identity, MAKER, by=BOSS)
        return f"/link/{made.token}"

    @staticmethod
    def _come_by(address: str) -> Any:
        def come(page: Page) -> None:
            page.goto(address)
            page.locator("main button").click()
            page.wait_for_url("**/p")

        return come


@asynccontextmanager
async def open_copy(
    demonstration: Path, to: Path, chromium: Chromium
) -> AsyncIterator[Demo]:
    """Copy a demonstration and open it, with the workers of `make demo`."""
    place = copied(demonstration, to)
    async with (
        reopened(place) as deployment,
        at_work(deployment) as look,
        open_service(deployment, look) as service,
    ):
        yield Demo(place.path, deployment, service, chromium, look)
