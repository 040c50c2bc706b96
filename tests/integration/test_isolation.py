"""An account that is dead, slow or hangs slows no other.

Two accounts, at two marketplaces or at one, live through the same days in fake
time, once with the first one well and once not from the second day on: the second
one must be asked the same, and at the same times but for a moment. On SQLite only:
its statements run on the event loop itself, so that time can stand still meanwhile.
"""

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.db import writer
from catalog.db.history import Author
from catalog.eligibility import load_rules
from catalog.values import replace
from ocop_sync.errors import (
    AuthenticationError,
    OutcomeUnknownError,
    UnavailableError,
)
from ocop_sync.marketplace.account import Account
from ocop_sync.service.deployment import Deployment, RunLimits, Site
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.sync import GATHER_S, sync
from ocop_sync.store.db.database import Database
from ocop_sync.testing.memory import READS, InMemoryMarketplace, offline_context
from tests.factories import AT
from tests.fake_loop import run_in_fake_time
from tests.world import entry, make_tables

pytestmark = pytest.mark.postgresql

SHOPS = InMemoryMarketplace.having(account_per_seller=True)
CALL_S = 0.25
"""How long a call takes where all is well."""
TIMEOUT_S = 10.0
DAY_S = 86_400

Asked = list[tuple[str, float]]
"""What a marketplace was asked, and after how many seconds."""


def now() -> datetime:
    return AT + timedelta(seconds=asyncio.get_running_loop().time())


class Days:
    """Two accounts that live through some days."""

    def __init__(self, folder: Path, *, one_marketplace: bool, trouble: str) -> None:
        self.database = Database(f"sqlite:///{folder}/{trouble or 'well'}.db")
        self.trouble = trouble
        self.asked: Asked = []
        names = ("shops", "shops") if one_marketplace else ("a", "b")
        kind = SHOPS if one_marketplace else InMemoryMarketplace
        accounts = [
            Account(
                key=f"{name}:{n}",
                marketplace=name,
                base_url="http://localhost",
                seller_ref=f"CS-{n:04}" if one_marketplace else "",
            )
            for n, name in enumerate(names, start=1)
        ]
        self.bad, self.good = (kind(a, offline_context(now)) for a in accounts)
        self.markets = {m.account.key: m for m in (self.bad, self.good)}
        for market in self.markets.values():
            self._take_time(market)
        by_name: dict[str, list[Account]] = {}
        for account in accounts:
            by_name.setdefault(account.marketplace, []).append(account)
        self.deployment = Deployment(
            database=self.database,
            rules=load_rules(),
            sites=tuple(Site(name, kind, found) for name, found in by_name.items()),
            open=lambda account: self.markets[account.key],
            clock=now,
            sleep=asyncio.sleep,
            time=lambda: asyncio.get_running_loop().time(),
            random=random.Random(1),  # noqa: S311  (jitter is no secret)
            holder="kiểm thử",
            limits=RunLimits(accounts_at_once=1),
        )

    def _take_time(self, market: InMemoryMarketplace) -> None:
        real = market._receive

        async def receive(method: str, items: Sequence[Any]) -> None:
            if market is self.good:
                self.asked.append((method, asyncio.get_running_loop().time()))
            elif self.trouble and asyncio.get_running_loop().time() > DAY_S / 2:
                await self._go_wrong(method)
            await asyncio.sleep(CALL_S)
            await real(method, items)

        market._receive = receive  # type: ignore[method-assign]  # a real network

    async def _go_wrong(self, method: str) -> None:
        is_read = method in READS
        if self.trouble == "dead":
            message = "không kết nối được"
            raise UnavailableError(message)
        if self.trouble == "locked":
            message = "sai mật khẩu"
            raise AuthenticationError(message)
        if self.trouble == "slow":
            await asyncio.sleep(TIMEOUT_S - 1)
        if self.trouble == "hangs" or (
            self.trouble == "hangs in writes" and not is_read
        ):
            await asyncio.sleep(TIMEOUT_S)
            error = UnavailableError if is_read else OutcomeUnknownError
            message = "quá giờ"
            raise error(message)

    async def live(self) -> list[Report]:
        await make_tables(self.database)
        reports = []
        entries = [entry(1), entry(2)]
        for price in (50_000, 60_000, 70_000):
            entries = [_priced(each, price) for each in entries]
            await self.database.write(
                lambda conn, entries=entries: writer.save(  # type: ignore[misc]
                    conn, entries, by=Author("kiểm thử", now())
                )
            )
            # Each day begins at its own time, however long the last sync took.
            reports.append(await sync(self.deployment))
            day = len(reports) * DAY_S
            await asyncio.sleep(day - asyncio.get_running_loop().time())
        await self.database.close()
        return reports


def _priced(each: Any, price: int) -> Any:
    product, producer = each
    (variant,) = product.variants
    return replace(product, variants=(replace(variant, price_vnd=price),)), producer


def live(folder: Path, *, one_marketplace: bool, trouble: str) -> tuple[Days, Any]:
    async def story() -> tuple[Days, Any]:
        days = Days(folder, one_marketplace=one_marketplace, trouble=trouble)
        return days, await days.live()

    return run_in_fake_time(story())


@pytest.mark.parametrize("one_marketplace", [True, False], ids=["one", "two"])
@pytest.mark.parametrize(
    "trouble", ["dead", "locked", "slow", "hangs", "hangs in writes"]
)
def test_an_account_in_trouble_slows_no_other(
    tmp_path: Path, one_marketplace: bool, trouble: str
) -> None:
    well, _ = live(tmp_path, one_marketplace=one_marketplace, trouble="")

    days, reports = live(tmp_path, one_marketplace=one_marketplace, trouble=trouble)

    assert [method for method, _ in days.asked] == [m for m, _ in well.asked]
    # Whoever is ready waits for others that come just behind, once for each wave.
    late = [at - due for (_, at), (_, due) in zip(days.asked, well.asked, strict=True)]
    assert max(late) <= 2 * GATHER_S + 0.001
    assert len(days.asked) > 6
    assert all(days.good.account.key not in report.stopped for report in reports)
