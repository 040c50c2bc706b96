"""Marketplaces as they are found: full of listings that others made by hand.

The mocks are served on the loopback, the adapters are the real ones, and all of
them go by one clock that moves when told, or when somebody waits.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from catalog.db import writer
from catalog.db.history import Author
from catalog.eligibility import Verdict, evaluate
from catalog.fiction.generate import generate
from catalog.model.product import Entry
from catalog.values import replace
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.bootstrap import COMPUTER_TIME, open_deployment
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.sync.sync import sync
from ocop_sync.settings import Settings
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.mock import mocked_adapters, open_mock
from tests.e2e.served import NAMES
from tests.migrated import put_database
from tests.world import FakeTime

NOW: Final = datetime(2026, 11, 24, 2, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one marketplace itself says at one moment.

    Attributes:
        counts: Its own count.
        ours: The listings that clients made, by our reference.
        by_hand: Those made by hand as they are kept, each as one text.
        verdicts: What eligibility says of each product at that moment.
        asked: The operations that were called since it was last seen.
    """

    counts: Mapping[str, Any]
    ours: Mapping[str, Sequence[Mapping[str, Any]]]
    by_hand: Sequence[str]
    verdicts: Mapping[str, Verdict]
    asked: Sequence[str]

    @property
    def live(self) -> dict[str, Mapping[str, Any]]:
        """The one live listing of each product that has one."""
        rows = [row for found in self.ours.values() for row in found]
        return {row["client_ref"]: row for row in rows if row["state"] == "live"}


@dataclass(kw_only=True)
class Stand:
    """One mock: its pages under /_mock/, and the bodies that the API was sent."""

    server: TestServer
    session: aiohttp.ClientSession
    bodies: list[bytes] = field(default_factory=list)
    _last_call: int = 0

    @property
    def url(self) -> str:
        """Where it is served."""
        return str(self.server.make_url("")).rstrip("/")

    async def look(self, page: str) -> Any:
        """Get a page under /_mock/."""
        async with self.session.get(f"{self.url}/_mock/{page}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def post(self, page: str, **body: object) -> Any:
        """Post to a page under /_mock/."""
        async with self.session.post(f"{self.url}/_mock/{page}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def asked(self) -> list[str]:
        """Return the operations that were called since this was last asked."""
        calls = (await self.look(f"log?after={self._last_call}&limit=10000"))["calls"]
        self._last_call = max([call["n"] for call in calls], default=self._last_call)
        return [call["operation"] for call in calls]


@dataclass(kw_only=True)
class Fair:
    """A catalog, marketplaces and the service between them.

    Attributes:
        catalog: What was saved last, by product id.
    """

    time: FakeTime
    deployment: Deployment
    stands: Mapping[str, Stand]
    catalog: dict[str, Entry]

    async def save(self, *entries: Entry) -> None:
        """Put *entries* into the catalog."""
        await self.deployment.database.write(
            lambda conn: writer.save(conn, entries, by=Author("kiểm thử", self.time()))
        )
        self.catalog.update({product.id: (product, m) for product, m in entries})

    async def sync(self) -> None:
        """Sync all marketplaces; no account may be left alone."""
        report = await sync(self.deployment, follow_for=timedelta(seconds=10))
        assert (report.stopped, report.busy) == ({}, [])

    async def see(self, name: str) -> Seen:
        """Ask marketplace *name* itself, and eligibility."""
        stand = self.stands[name]
        rows = (await stand.look("state"))["listings"]
        ours: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            if not row["by_hand"]:
                ours.setdefault(row["client_ref"], []).append(row)
        return Seen(
            counts=await stand.look("counts"),
            ours=ours,
            by_hand=[json.dumps(row["own"]) for row in rows if row["by_hand"]],
            verdicts=self.evaluate(),
            asked=await stand.asked(),
        )

    def evaluate(self) -> dict[str, Verdict]:
        """Return what eligibility says of each product now."""
        rules = self.deployment.rules
        return {
            id_: evaluate(product, producer, self.time(), rules)
            for id_, (product, producer) in self.catalog.items()
        }


def make_catalog(count: int = 60) -> list[Entry]:
    """Make up *count* products; every text of every one of them claims OCOP."""
    day = day_in_vietnam(NOW)
    return [
        _claiming(entry)
        for entry in generate(count=count, seed=3, today=day, producers=12)
    ]


def _claiming(entry: Entry) -> Entry:
    product, producer = entry
    decision = product.certificates[-1].decision
    claim = f"Hàng đạt OCOP 4 sao ★★★★.\nTheo Quyết định {decision}."
    return replace(
        product,
        description=f"{product.description}\n{claim}",
        label=replace(product.label, warnings="Sản phẩm bốn sao cấp tỉnh"),
    ), producer


@asynccontextmanager
async def open_fair(
    folder: Path, entries: Sequence[Entry], names: Sequence[str] = NAMES
) -> AsyncIterator[Fair]:
    """Serve the marketplaces *names*, with an account for all who could have one."""
    time = FakeTime(NOW)
    clock = MockClock(source=time)
    async with AsyncExitStack() as stack:
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        accounts = [(n, seller) for n in names for seller in _sellers(n, entries)]
        for name, seller in accounts:
            for word, value in _secrets(name, seller).items():
                environment.setenv(_variable(name, word, seller), value)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        stands = {
            name: await _serve(
                stack, session, open_mock(name).make_app(seed=1, clock=clock)
            )
            for name in names
        }
        settings = await _settings(folder, stands, accounts)
        await asyncio.to_thread(put_database, folder / "ocop.db")
        deployment = await stack.enter_async_context(
            open_deployment(settings, time=replace(COMPUTER_TIME, clock=time))
        )
        fair = Fair(
            time=time,
            deployment=replace(deployment, sleep=time.sleep),
            stands=stands,
            catalog={},
        )
        await fair.save(*entries)
        yield fair


async def _serve(
    stack: AsyncExitStack, session: aiohttp.ClientSession, app: web.Application
) -> Stand:
    stand = Stand(server=TestServer(app), session=session)

    @web.middleware
    async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/_mock/"):
            stand.bodies.append(await request.read())
        return await handler(request)

    app.middlewares.insert(0, keep)
    await stack.enter_async_context(stand.server)
    return stand


def has_account_per_seller(name: str) -> bool:
    """Say whether each producer has an account of its own at a marketplace."""
    return mocked_adapters()[name].capabilities.account_per_seller


def _sellers(name: str, entries: Sequence[Entry]) -> list[str]:
    """Return whose accounts there are at a marketplace; "" is all producers'."""
    if not has_account_per_seller(name):
        return [""]
    return sorted({producer.id for _, producer in entries if producer})


async def _settings(
    folder: Path, stands: Mapping[str, Stand], accounts: Sequence[tuple[str, str]]
) -> Settings:
    for name, code in accounts:
        if open_mock(name).opens_accounts:
            await stands[name].post("shops", code=code, **_secrets(name, code))
    return Settings.model_validate(
        {
            "database": {"url": f"sqlite:///{folder}/ocop.db"},
            "accounts": [_account(name, stands, seller) for name, seller in accounts],
            # Where nobody beats, time that is waited for must not end a lease.
            "sync": {"lease_s": 100_000},
        }
    )


def _account(name: str, stands: Mapping[str, Stand], seller: str) -> dict[str, Any]:
    return {
        "key": f"{name}:{seller}" if seller else name,
        "marketplace": name,
        "base_url": stands[name].url,
        "seller_ref": seller,
        "calls_per_s": 1000,
        "burst": 100,
        "options": open_mock(name).options,
        "secrets": {
            word: {"env": _variable(name, word, seller)}
            for word in open_mock(name).secrets
        },
    }


def _variable(name: str, word: str, seller: str) -> str:
    return f"THU_{name}_{word}_{seller}".upper()


def _secrets(name: str, seller: str) -> dict[str, str]:
    """Return what an account signs in with: what the mock says, or chosen here."""
    given = open_mock(name).secrets
    return {word: value or f"{word} {seller}" for word, value in given.items()}
