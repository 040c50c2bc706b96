"""The service on the loopback, over http, as browsers of this computer reach it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from aiohttp.test_utils import TestServer
from playwright.sync_api import Page

from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.pages.app import page_routes
from ocop_sync.pages.problem_pages import problem_pages
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.people import add_person, sign_in_name
from ocop_sync.service.identity.role import Role
from ocop_sync.service.identity.sessions import open_for
from ocop_sync.settings import ServeSettings
from ocop_sync.store.identity import people
from tests.identity import BOSS, PASSWORD, quick_passwords
from tests.pages.chromium import Window


@dataclass
class OpenService:
    """A service that is open to browsers.

    Attributes:
        url: Its address.
        identity: Who may sign in.
    """

    url: str
    identity: Identity

    async def add(self, name: str, role: Role) -> str:
        """Add somebody, unless they are there; return their id.

        Who makes products is the maker of the first one.
        """
        fetch = self.identity.database.fetch
        if known := await fetch(people.named, sign_in_name(name)):
            return known[0].id
        added = await add_person(
            self.identity,
            name=name,
            role=role,
            by=BOSS,
            password=PASSWORD if role.is_staff else "",
            producers=[] if role.is_staff else ["CS-0001"],
        )
        return added.id

    async def sign_in(
        self, window: Window, role: Role = Role.OPERATOR, name: str = "Ng. Mẫu"
    ) -> None:
        """Let somebody of *role* be signed in, without the way through the pages."""
        person = await self.add(name, role)
        opened = await open_for(self.identity, person, device="", origin="")
        assert opened is not None
        cookie = {"name": "ocop", "value": opened.token, "url": self.url}

        def keep(page: Page) -> None:
            page.context.add_cookies([cookie])  # type: ignore[list-item]

        await window.do(keep)


@asynccontextmanager
async def open_service(
    deployment: Deployment, on_written: Callable[[], None] = lambda: None
) -> AsyncIterator[OpenService]:
    """Serve *deployment* until the block ends; *on_written* is told of each write."""
    identity = Identity(
        database=deployment.database,
        clock=deployment.clock,
        passwords=quick_passwords(),
    )
    settings = ServeSettings(
        calls_per_minute=100_000, calls_per_minute_of_an_address=100_000
    )
    # A browser takes real time to send a form: by time that stands it is too slow.
    entrances = entrances_of(identity, settings, seconds=monotonic, sleep=asyncio.sleep)
    app = make_app(
        deployment,
        entrances.access,
        identity=identity,
        pages=page_routes(entrances.browsers, shows_public=True),
        page_of=problem_pages(entrances.browsers),
        on_written=on_written,
    )
    async with TestServer(app, host="127.0.0.1") as server:
        yield OpenService(str(server.make_url("/")), identity)
