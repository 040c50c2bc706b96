"""The service with its real access, and browsers that sign in there."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ClientResponse
from pytest_aiohttp.plugin import AiohttpClient

from ocop_sync.api.access.entrances import entrances_of
from ocop_sync.api.app import make_app
from ocop_sync.api.typed.body import Pace
from ocop_sync.api.typed.idempotency import IdempotencyKeys
from ocop_sync.pages.app import page_routes
from ocop_sync.pages.problem_pages import problem_pages
from ocop_sync.service.identity import keys
from ocop_sync.service.identity.identity import Identity
from ocop_sync.service.identity.role import Role
from ocop_sync.settings import ServeSettings
from tests.api.served import Client
from tests.identity import BOSS, PASSWORD, Office, quick_passwords
from tests.world import World, entry

OURS: Final = "https://ocop.example"
PHONE: Final = "Điện thoại Mẫu"
NAME: Final = "Ng. Văn A"


@dataclass
class Browser:
    """Keeps cookies, and sends forms as browsers do.

    Attributes:
        client: Makes the calls.
        cookies: The cookies that it keeps.
        policy: The referrer policy of the page that is shown.
    """

    client: Client
    cookies: dict[str, str] = field(default_factory=dict)
    policy: str = ""

    async def get(self, path: str, **headers: str) -> ClientResponse:
        return await self._call("GET", path, None, headers)

    async def post(
        self,
        path: str,
        form: dict[str, str],
        origin: str | None = None,
        **headers: str,
    ) -> ClientResponse:
        """Send a form; from the page that is shown if no *origin* is given."""
        if origin is None:  # Fetch, "append a request Origin header"
            origin = "null" if self.policy == "no-referrer" else OURS
        sent = {"Origin": origin, **headers}
        sent = {name: value for name, value in sent.items() if value}
        return await self._call("POST", path, form, sent)

    async def form(self, path: str) -> dict[str, str]:
        """Return what stands hidden in the form of a page."""
        text = await (await self.get(path)).text()
        found = re.search(r'name="form_token" value="([0-9a-f]+)"', text)
        return {"form_token": found[1]} if found else {}

    async def sign_in(self, name: str = NAME, password: str = PASSWORD) -> int:
        form = await self.form("/login") | {"name": name, "password": password}
        return (await self.post("/login", form)).status

    async def _call(
        self, method: str, path: str, form: Any, headers: dict[str, str]
    ) -> ClientResponse:
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers |= {"Cookie": sent, "User-Agent": PHONE}
        answer = await self.client.request(
            method, path, data=form, headers=headers, allow_redirects=False
        )
        self.policy = answer.headers.get("Referrer-Policy", "")
        for each in answer.cookies.values():
            self.cookies[each.key] = each.value
            if not each.value:
                del self.cookies[each.key]
        return answer


@dataclass(repr=False)
class Door:
    """The service with its real access.

    Attributes:
        written: One entry for each time that something was written.
    """

    office: Office
    client: Client
    written: list[int]

    def browser(self) -> Browser:
        return Browser(self.client)

    async def bearer(self, token: str, path: str = "/api/v1/me", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
        method = more.pop("method", "GET")
        return await self.client.request(method, path, headers=headers, **more)

    async def key(self, role: Role = Role.VIEWER, **more: Any) -> str:
        made = await keys.make_key(
            self.office.identity, name="Bảng", role=role, by=BOSS, **more
        )
        return made.secret


def serve_settings(**more: Any) -> ServeSettings:
    return ServeSettings.model_validate({"public_url": OURS, **more})


async def open_door(
    world: World,
    aiohttp_client: AiohttpClient,
    settings: ServeSettings,
    *,
    pace: Pace | None = None,
    keys: IdempotencyKeys | None = None,
) -> Door:
    await world.save(*(entry(n) for n in (1, 2)))
    identity = Identity(
        database=world.database, clock=world.time, passwords=quick_passwords()
    )
    deployment = world.deployment
    entrances = entrances_of(
        identity, settings, seconds=deployment.time, sleep=deployment.sleep
    )
    written: list[int] = []
    app = make_app(
        deployment,
        entrances.access,
        identity=identity,
        pages=page_routes(entrances.browsers, shows_public=settings.public_figures),
        page_of=problem_pages(entrances.browsers),
        pace=pace,
        keys=keys,
        shows_public=settings.public_figures,
        on_written=lambda: written.append(1),
    )
    return Door(Office(identity, world.time), await aiohttp_client(app), written)
