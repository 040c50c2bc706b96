"""Push a mock's events to whoever has asked for it, signed and with retries.

An account has one address, on this computer only. A push that is not answered
with 2xx is tried again after each of the waits, with a new signature. Three
pushes in a row that came to nothing make the address dead: nothing more is sent
until it is registered anew. Pushes are sent one after the other, each with one
event; how they are signed is decided by each mock.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from ocop_sync.testing.mocks.loopback import leads_to_loopback
from ocop_sync.testing.mocks.state_file import Row

WAITS_S = (1.0, 5.0, 25.0)
"""Seconds before a push is tried again, each time."""
DEAD_AFTER = 3
"""Pushes in a row that came to nothing, each after all its tries."""
_TIMEOUT = aiohttp.ClientTimeout(total=5)

Signed = tuple[bytes, Mapping[str, str]]
Sign = Callable[[str, str, Sequence[Row]], Signed]
"""Makes body and headers of a push from account, address and events."""


@dataclass
class Address:
    """Where an account's pushes go.

    Attributes:
        account: Whose they are; "" where there is one account only.
        url: The address, as it is signed.
        is_dead: Nothing is sent any more.
        failures: Pushes in a row that came to nothing.
        sent: Pushes that were taken.
    """

    account: str
    url: str
    is_dead: bool = False
    failures: int = 0
    sent: int = 0


class Pushes:
    """The addresses of all accounts, and the pushes that wait.

    Args:
        sign: Signs as the marketplace's documents say.
        waits_s: Seconds before each further try.
        knows: Tells whether there is such an account; by default "" alone is one.
    """

    def __init__(
        self,
        sign: Sign,
        waits_s: Sequence[float] = WAITS_S,
        *,
        knows: Callable[[str], bool] = lambda account: account == "",
    ) -> None:
        self._sign = sign
        self._knows = knows
        self._waits_s = (0.0, *waits_s)
        self._addresses: dict[str, Address] = {}
        self._waiting: asyncio.Queue[tuple[Address, Row]] = asyncio.Queue()

    def register(self, account: str, url: str) -> None:
        """Push the events of *account* to *url* from now on.

        Raises:
            ValueError: It leads away from this computer.
            LookupError: There is no such account.
        """
        if not self._knows(account):
            raise LookupError(account)
        if not leads_to_loopback(url):
            message = f"url must be http://127.0.0.1:port/...: {url[:100]}"
            raise ValueError(message)
        self._addresses[account] = Address(account, url)

    @property
    def addresses(self) -> Sequence[Mapping[str, Any]]:
        """Every address and how it fares."""
        return [asdict(each) for each in self._addresses.values()]

    def tell(self, account: str, event: Row) -> None:
        """Push *event*, if the account has an address that is not dead."""
        address = self._addresses.get(account)
        if address is not None and not address.is_dead:
            self._waiting.put_nowait((address, event))

    async def run(self, _: web.Application) -> AsyncIterator[None]:
        """Send the waiting pushes as long as the application runs."""
        async with aiohttp.ClientSession(
            trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), timeout=_TIMEOUT
        ) as session:
            task = asyncio.create_task(self._send_all(session))
            yield
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _send_all(self, session: aiohttp.ClientSession) -> None:
        while True:
            address, event = await self._waiting.get()
            if not address.is_dead:
                await self._send(session, address, event)

    async def _send(
        self, session: aiohttp.ClientSession, address: Address, event: Row
    ) -> None:
        for wait_s in self._waits_s:
            await asyncio.sleep(wait_s)
            body, headers = self._sign(address.account, address.url, [event])
            if await _is_taken(session, address.url, body, headers):
                address.sent, address.failures = address.sent + 1, 0
                return
        address.failures += 1
        address.is_dead = address.failures >= DEAD_AFTER


async def _is_taken(
    session: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str]
) -> bool:
    headers = {**headers, "Content-Type": "application/json"}
    try:
        async with session.post(
            URL(url, encoded=True), data=body, headers=headers, allow_redirects=False
        ) as response:
            return 200 <= response.status < 300  # noqa: PLR2004 - 2xx
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return False
