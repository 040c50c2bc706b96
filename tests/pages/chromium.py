"""A real Chromium, one for each process of tests, in a thread of its own.

Playwright's synchronous interface must be used from one thread; tests hand it
functions, and serve the pages themselves meanwhile.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

T = TypeVar("T")

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
"""Programs that are a Chromium, the first choice first."""
GET_ONE: Final = (
    "no Chromium was found: apt-get install chromium fonts-noto-core, or name one in"
    " OCOP_TEST_CHROMIUM"
)
ARGUMENTS: Final = [
    "--no-sandbox",  # in containers there is no other user
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
WIDE: Final = (1366, 768)
NARROW: Final = (360, 740)


def chromium_here() -> str:
    """Return the path of a Chromium; "" if there is none."""
    named = os.environ.get("OCOP_TEST_CHROMIUM", "")
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((each for each in found if each), "")


@dataclass
class Seen:
    """What a browser has told beside the page.

    Attributes:
        complaints: What stands in the console as a warning or an error.
        hosts: The hosts that were asked.
    """

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def note(self, page: Page) -> None:
        """Note what *page* tells from now on."""
        page.on(
            "console",
            lambda told: (
                self.complaints.append(told.text)
                if told.type in {"error", "warning"}
                else None
            ),
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda sent: self.hosts.add(sent.url.split("/")[2]))


class Chromium:
    """A running browser; each visit has its own cookies."""

    def __init__(self, path: str) -> None:
        self._thread = ThreadPoolExecutor(1, "chromium")
        self._folder = TemporaryDirectory()
        self._thread.submit(self._start, path).result()

    def _start(self, path: str) -> None:
        self._playwright: Playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=path,
            headless=True,
            args=ARGUMENTS,
            env={**os.environ, "HOME": self._folder.name},
        )

    async def do(self, act: Callable[..., T], *args: Any) -> T:
        """Return the result of *act*, in the thread of the browser."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, act, *args)

    @asynccontextmanager
    async def visit(
        self, url: str, *, size: tuple[int, int] = WIDE, **options: Any
    ) -> AsyncIterator["Window"]:
        """Open a window of a new browser whose addresses begin with *url*."""
        window = await self.do(self._open, url, size, options)
        try:
            yield window
        finally:
            await self.do(window.context.close)

    def _open(
        self, url: str, size: tuple[int, int], options: dict[str, Any]
    ) -> "Window":
        context = self._browser.new_context(
            base_url=url, viewport={"width": size[0], "height": size[1]}, **options
        )
        context.set_default_timeout(30_000)
        page, seen = context.new_page(), Seen()
        seen.note(page)
        return Window(self, context, page, seen)

    def close(self) -> None:
        """End the browser."""
        self._thread.submit(self._end).result()
        self._thread.shutdown()
        self._folder.cleanup()

    def _end(self) -> None:
        self._browser.close()
        self._playwright.stop()


@dataclass
class Window:
    """One window of a browser."""

    browser: Chromium
    context: BrowserContext
    page: Page
    seen: Seen

    async def do(self, act: Callable[[Page], T]) -> T:
        """Return the result of *act* with the page, in the browser's thread."""
        return await self.browser.do(act, self.page)

    async def shoot(self, path: Path) -> None:
        """Take a picture of the whole page."""
        await self.do(lambda page: page.screenshot(path=path, full_page=True))
