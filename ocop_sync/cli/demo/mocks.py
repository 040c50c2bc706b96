"""The simulated marketplaces as child processes on the loopback.

Every installed marketplace that ships a mock takes part. They end with us, however we
end: their input is a pipe from this process.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

from ocop_sync.cli.demo.folder import Folder
from ocop_sync.cli.mock import READY
from ocop_sync.errors import ConfigurationError
from ocop_sync.files import append_to
from ocop_sync.testing.mocks.mock import Mock, mocked_adapters, open_mock

QUOTA_PER_S = 50
_STARTS_WITHIN_S = 30
_ENDS_WITHIN_S = 10


@dataclass(frozen=True, kw_only=True)
class RunningMock:
    """One simulated marketplace, and the pages that play its staff.

    Attributes:
        url: Its address on the loopback.
        mock: Its mock.
        account_per_seller: Whether each producer has an account of its own there.
    """

    url: str
    mock: Mock
    account_per_seller: bool
    _session: aiohttp.ClientSession

    async def post(self, page: str, **body: object) -> dict[str, Any]:
        """Post to a page under /_mock/ and return its answer."""
        async with self._session.post(f"{self.url}/_mock/{page}", json=body) as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
            return found

    async def set_clock(self, now: datetime) -> None:
        """Let the marketplace live at *now*."""
        await self.post("clock", now=now.isoformat())

    async def writes(self) -> int:
        """Return how many writes the marketplace itself has counted since its start."""
        async with self._session.get(f"{self.url}/_mock/counts") as answer:
            counts: dict[str, Any] = await answer.json()
            return int(counts["writes"])


@asynccontextmanager
async def start_mocks(
    folder: Folder, *, moderation_s: float
) -> AsyncIterator[Mapping[str, RunningMock]]:
    """Start the marketplaces that ship a mock on free ports, and end them.

    Raises:
        ConfigurationError: One of them does not start.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        started = {}
        for name, adapter in mocked_adapters().items():
            child = _child(folder, name, moderation_s)
            started[name] = RunningMock(
                url=await stack.enter_async_context(child),
                mock=open_mock(name),
                account_per_seller=adapter.capabilities.account_per_seller,
                _session=session,
            )
        yield started


@asynccontextmanager
async def _child(folder: Folder, name: str, moderation_s: float) -> AsyncIterator[str]:
    command = [
        *(sys.executable, "-m", "ocop_sync", "mock", name, "--until-input-ends"),
        *("--data", str(folder.data_of(name)), "--moderation-s", str(moderation_s)),
        *("--quota", str(QUOTA_PER_S)),
    ]
    with append_to(folder.log) as log:
        # In a session of its own, so that Ctrl-C on the terminal reaches us
        # alone: a sync that is being finished still needs the marketplace.
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
    try:
        yield await _address(process, name, folder)
    finally:
        await _end(process)


async def _address(
    process: asyncio.subprocess.Process, name: str, folder: Folder
) -> str:
    assert process.stdout is not None  # noqa: S101  (it is a pipe)
    line = b""
    with suppress(TimeoutError):
        line = await asyncio.wait_for(process.stdout.readline(), _STARTS_WITHIN_S)
    _, found, address = line.decode().partition(READY)
    if not found:
        message = (
            f"sàn mô phỏng {name} không khởi động được, xem {folder.log}"
            f" / the simulated {name} does not start, see {folder.log}"
        )
        raise ConfigurationError(message)
    return address.strip()


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _ENDS_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()
