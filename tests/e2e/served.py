"""Mock marketplaces in a thread of their own, and commands run against them.

The commands run in this process, each with an event loop of its own, as a person would
run one after the other. Their waits pass at once, for them and for the mocks.
"""

import asyncio
import json
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from click.testing import CliRunner, Result

from catalog.db.history import Author
from catalog.db.writer import save
from catalog.feed.write.csv_feed import write_csv
from catalog.model.product import Entry
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.cli import main
from ocop_sync.cli.app.exits import Exit
from ocop_sync.clock import Time
from ocop_sync.store.db.database import Database
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.mock import mocked_adapters, open_mock
from tests.factories import make_certificate
from tests.migrated import put_database
from tests.world import entry

NAMES = tuple(mocked_adapters())
"""Every marketplace that ships a mock."""

_CHOSEN = {
    "username": "nguoi-thu",
    "password": "mat-khau-thu-4711",
    "secret": "khoa-thu-4711",
}


def secrets_of(marketplace: str) -> dict[str, str]:
    """Return what accounts there sign in with, by the adapter's own names."""
    given = open_mock(marketplace).secrets
    return {
        name: value or _CHOSEN.get(name, f"{name}-thu-4711")
        for name, value in given.items()
    }


def variable(marketplace: str, name: str) -> str:
    """Return the environment variable that holds a secret of accounts there."""
    return f"THU_{marketplace}_{name}".upper()


SECRETS = {
    variable(marketplace, name): value
    for marketplace in NAMES
    for name, value in secrets_of(marketplace).items()
}


@dataclass
class Served:
    """A mock that is served on the loopback."""

    url: str

    def look(self, page: str) -> dict[str, Any]:
        """Get a page under /_mock/."""
        with urllib.request.urlopen(f"{self.url}/_mock/{page}") as answer:  # noqa: S310 (loopback)
            found: dict[str, Any] = json.load(answer)
            return found

    def post(self, page: str, **body: object) -> dict[str, Any]:
        """Post to a page under /_mock/."""
        request = urllib.request.Request(  # noqa: S310 (loopback)
            f"{self.url}/_mock/{page}", json.dumps(body).encode(), method="POST"
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 (loopback)
            found: dict[str, Any] = json.load(answer)
            return found

    def delete(self, page: str) -> None:
        """Delete a page under /_mock/."""
        request = urllib.request.Request(  # noqa: S310 (loopback)
            f"{self.url}/_mock/{page}", method="DELETE"
        )
        with urllib.request.urlopen(request):  # noqa: S310 (loopback)
            pass

    @property
    def writes(self) -> int:
        """How many writing calls the marketplace itself has counted."""
        return int(self.look("counts")["writes"])

    def ours(self) -> dict[str, dict[str, Any]]:
        """Return the listings that clients made, by our reference."""
        rows = self.look("state")["listings"]
        return {row["client_ref"]: row for row in rows if not row["by_hand"]}


@contextmanager
def serve(app: web.Application) -> Iterator[Served]:
    """Serve *app* in a thread until the block ends."""
    loop, addresses, stop = asyncio.new_event_loop(), list[str](), asyncio.Event()
    ready = threading.Event()

    async def run() -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        addresses.append(f"http://{host}:{port}")
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    ready.wait(10)
    try:
        yield Served(addresses[0])
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


A_PAUSE_S = 15
"""Shorter waits are the work's own; a longer one is from one heartbeat to the next."""


class PassingTime:
    """The computer's time, but that a wait moves on at once.

    Attributes:
        is_real: Wait all the same: something else is under way meanwhile.
    """

    def __init__(self) -> None:
        self.is_real = False
        self._passed_s = 0.0

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._passed_s)

    def seconds(self) -> float:
        return time.monotonic() + self._passed_s

    def pass_(self, **delta: float) -> None:
        self._passed_s += timedelta(**delta).total_seconds()

    async def sleep(self, seconds: float) -> None:
        if seconds < A_PAUSE_S and not self.is_real:
            self._passed_s += max(0.0, seconds)
            seconds = 0
        await asyncio.sleep(seconds)

    def for_commands(self) -> Time:
        return Time(clock=self, seconds=self.seconds, sleep=self.sleep)


@dataclass
class Desk:
    """Where a person works: a folder with settings, and every marketplace.

    Attributes:
        folder: The folder.
        mocks: The marketplaces, by name.
        time: The time of commands and mocks.
    """

    folder: Path
    mocks: Mapping[str, Served]
    time: PassingTime = field(default_factory=PassingTime)

    @property
    def postmart(self) -> Served:
        """The one with one account for all."""
        return self.mocks["postmart"]

    @property
    def voso(self) -> Served:
        """The one with an account for each producer."""
        return self.mocks["voso"]

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.folder / "ocop-sync.toml"

    def run(self, *words: str, secrets: Mapping[str, str] = SECRETS) -> Result:
        """Run a command; what it prints is in the result."""
        return CliRunner(env=secrets).invoke(
            main,
            ["--settings", str(self.settings), *words],
            obj=self.time.for_commands(),
        )

    def confirm(self, *words: str) -> Result:
        """Run a command that tells first what it does, and mean it."""
        told = self.run(*words)
        assert told.exit_code == Exit.HELD, told.output
        token = told.output.rpartition("--confirm ")[2].split()[0]
        return self.run(*words, "--confirm", token)

    def run_json(self, *words: str) -> Any:
        """Run a command with --json and return what it says."""
        result = self.run(*words, "--json")
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        return json.loads(result.stdout)

    def write_settings(
        self, *, producers: Sequence[str] = (), postmart: bool = True, more: str = ""
    ) -> None:
        """Write the settings, with an account at Voso for each of *producers*."""
        accounts = [("postmart", "")] if postmart else []
        self._write(more, *accounts, *(("voso", code) for code in producers))

    def write_settings_at(self, marketplace: str, producer: str) -> None:
        """Write the settings, with the one account there that *producer* sells at."""
        adapter = mocked_adapters()[marketplace]
        is_own = adapter.capabilities.account_per_seller
        self._write("", (marketplace, producer if is_own else ""))

    def _write(self, more: str, *accounts: tuple[str, str]) -> None:
        parts = [f'database.url = "sqlite:///{self.folder}/ocop.db"', more]
        parts += [self._open(*account) for account in accounts]
        self.settings.write_text("\n".join(parts), "utf-8")

    def _open(self, marketplace: str, seller: str) -> str:
        """Open an account of *seller*, "" for all, and return its settings."""
        secrets, mock = secrets_of(marketplace), open_mock(marketplace)
        if mock.opens_accounts:
            self.mocks[marketplace].post("shops", code=seller, **secrets)
        lines = [
            "[[accounts]]",
            f'key = "{marketplace}:{seller}"' if seller else f'key = "{marketplace}"',
            f'marketplace = "{marketplace}"',
            f'base_url = "{self.mocks[marketplace].url}"',
            f'seller_ref = "{seller}"',
        ]
        lines += [
            f'secrets.{name}.env = "{variable(marketplace, name)}"' for name in secrets
        ]
        lines += [
            f"options.{name} = {json.dumps(value)}"
            for name, value in mock.options.items()
        ]
        return "\n".join(lines)

    def write_catalog(self, *entries: Entry, name: str = "danh-muc.csv") -> Path:
        """Write *entries* to a file that can be imported."""
        path = self.folder / name
        with path.open("wb") as stream:
            write_csv(entries, stream)
        return path

    def import_(self, *entries: Entry) -> None:
        """Import *entries* as the present state of one source."""
        result = self.run("import", str(self.write_catalog(*entries)))
        assert result.exit_code == 0, result.output

    def enter(self, *entries: Entry) -> None:
        """Make the catalog hold *entries* without an import, which would ask."""

        async def store() -> None:
            database = Database(f"sqlite:///{self.folder}/ocop.db")
            try:
                await database.write(
                    lambda conn: save(conn, entries, by=Author("kiểm thử", today()))
                )
            finally:
                await database.close()

        asyncio.run(store())


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """Serve every marketplace, empty and at once decided, and write settings.

    There is a database without any row: that a first command makes one is shown
    by `test_operations.py` and the demo.
    """
    put_database(folder / "ocop.db")
    time = PassingTime()
    clock = MockClock(source=time)
    with ExitStack() as stack:
        mocks = {}
        for name in NAMES:
            app = open_mock(name).make_app(seed=None, moderation_s=0, clock=clock)
            mocks[name] = stack.enter_context(serve(app))
        desk = Desk(folder, mocks, time)
        desk.write_settings()
        yield desk


def today() -> datetime:
    """Return the present instant: commands have no other clock."""
    return datetime.now(UTC)


def good(n: int = 1, **differences: Any) -> Entry:
    """Return product *n*, listed today, with a certificate of 100 days ago."""
    decided = day_in_vietnam(today()) - timedelta(days=100)
    product, producer = entry(n, certificates=(make_certificate(decided_on=decided),))
    return replace(product, **differences), producer
