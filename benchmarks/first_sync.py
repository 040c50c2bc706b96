"""How fast a full first sync is, beside a bare loop that keeps no records.

    python -m benchmarks.first_sync [--products 10000]
        [--database postgresql+asyncpg://...]

Every mock marketplace runs as a process of its own, without quota and without a
review. The sync is timed, with the next one, which looks new listings up once more: a
marketplace shows late ones by then, and to wait for that, some 13 s, is no work. The
calls of their adapters are kept; then a bare loop makes the same calls, with new
adapters and as many at once, to new mocks. The rates are those of one run on one
machine; what counts is their ratio. All run on uvloop where it is installed, as the
service does. A database that is named must be empty.
"""

import argparse
import asyncio
import gc
import inspect
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import aiohttp

from benchmarks.mocks import MockAccount, mocks, open_accounts
from benchmarks.stage import NOW, entries_of, fill, in_a_file
from catalog.eligibility import load_rules
from catalog.values import replace
from ocop_sync.bootstrap.databases import GARBAGE_STEPS
from ocop_sync.cli.app.event_loop import carry_out
from ocop_sync.clock import ShiftedClock, system_clock
from ocop_sync.errors import MarketplaceError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.port import Context, Marketplace
from ocop_sync.marketplace.quota import Quota
from ocop_sync.marketplace.stray_answers import open_session
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.sync import sync
from ocop_sync.store.db.database import Database
from ocop_sync.testing.mocks.mock import mocked_adapters

CALLS_AT_ONCE = 16
"""At a marketplace with one account for all."""
SHOPS_AT_ONCE = 8
"""At one with an account for each seller."""
LATE = timedelta(minutes=1)
"""So long after the first sync the next one finds what was made."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an adapter's method, as the sync made it."""

    account: str
    method: str
    arguments: tuple[Any, ...]
    named: dict[str, Any]


class Counting:
    """A session that counts its requests."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.requests = 0

    def request(self, method: str, url: Any, **options: Any) -> Any:
        """Count the request and send it."""
        self.requests += 1
        return self._session.request(method, url, **options)


@cache
def is_call(adapter: type[Marketplace], name: str) -> bool:
    """Say whether an attribute of an adapter is a method that makes calls.

    It is asked tens of thousands of times, and the bare loop does not ask.
    """
    return inspect.iscoroutinefunction(getattr(adapter, name, None))


class Recorded:
    """An adapter whose calls are kept."""

    def __init__(self, adapter: Marketplace, calls: list[Call]) -> None:
        self._adapter = adapter
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        if not is_call(type(self._adapter), name):
            return found

        async def call(*arguments: Any, **named: Any) -> Any:
            key = self._adapter.account.key
            self._calls.append(Call(key, name, arguments, named))
            return await found(*arguments, **named)

        return call


class Accounts:
    """The accounts of all producers at mocks that have just been started.

    Args:
        urls: The addresses of the mocks, by name.
        producers: The producers.
        session: Makes the requests.
    """

    def __init__(
        self, urls: Mapping[str, str], producers: Sequence[str], session: Counting
    ) -> None:
        self._opened = {each.key: each for each in open_accounts(urls, producers)}
        self._urls = urls
        self._session = session

    def sites(self) -> tuple[Site, ...]:
        """Return the marketplaces with their accounts."""
        return tuple(
            Site(name, adapter, [*map(self._account, self._at(name))])
            for name, adapter in sorted(mocked_adapters().items())
        )

    def open(self, key: str) -> Marketplace:
        """Return a new adapter of the account."""
        opened = self._opened[key]
        context = Context(
            clock=system_clock,
            quota=Quota(calls_per_s=None, time=time.monotonic, sleep=asyncio.sleep),
            session=cast("aiohttp.ClientSession", self._session),
            secrets=opened.secrets.__getitem__,
        )
        return mocked_adapters()[opened.marketplace](self._account(opened), context)

    def marketplace_of(self, key: str) -> str:
        """Return where the account is."""
        return self._opened[key].marketplace

    def _at(self, marketplace: str) -> Iterator[MockAccount]:
        every = self._opened.values()
        return (each for each in every if each.marketplace == marketplace)

    def _account(self, opened: MockAccount) -> Account:
        return Account(
            key=opened.key,
            marketplace=opened.marketplace,
            base_url=self._urls[opened.marketplace],
            seller_ref=opened.seller,
        )


@asynccontextmanager
async def accounts_at(
    urls: Mapping[str, str], producers: Sequence[str]
) -> AsyncIterator[tuple[Accounts, Counting]]:
    """Open the accounts, and the session of their adapters."""
    async with open_session() as session:
        counting = Counting(session)
        yield Accounts(urls, producers, counting), counting


def no_review(_: str) -> Sequence[str]:
    """Return the options of a mock: its reviews end at once, as `mock` has it."""
    return ()


async def timed_sync(
    count: int, producers: Sequence[str], url: str = ""
) -> tuple[float, Report, list[Call], int]:
    """Time a first sync of *count* products; return its calls and requests as well."""
    gc.set_threshold(*GARBAGE_STEPS)  # as the service does
    calls: list[Call] = []
    with tempfile.TemporaryDirectory() as folder, mocks(no_review) as urls:
        database = Database(url or in_a_file(Path(folder)))
        database.write_back_apart()  # as a worker does
        await fill(database, count)
        async with accounts_at(urls, producers) as (accounts, session):
            opened = cache(lambda key: Recorded(accounts.open(key), calls))
            open_ = cast("Callable[[Account], Marketplace]", lambda a: opened(a.key))
            first = Deployment(
                database=database,
                rules=load_rules(accept_published=True),
                sites=accounts.sites(),
                open=open_,
                clock=ShiftedClock(NOW - system_clock()),
                sleep=asyncio.sleep,
                time=time.monotonic,
                random=random.Random(1),  # noqa: S311  (jitter is no secret)
                holder="benchmark",
            )
            later = replace(first, clock=ShiftedClock(NOW - system_clock() + LATE))
            start = time.perf_counter()
            for each in first, later:
                report = await sync(each)
            seconds = time.perf_counter() - start
        await database.close()
    return seconds, report, calls, session.requests


async def timed_loop(
    calls: Sequence[Call], producers: Sequence[str]
) -> tuple[float, int]:
    """Time the bare loop; return its requests as well."""
    with mocks(no_review) as urls:
        async with accounts_at(urls, producers) as (accounts, session):
            start = time.perf_counter()
            await make(calls, accounts)
            return time.perf_counter() - start, session.requests


async def make(calls: Sequence[Call], accounts: Accounts) -> None:
    """Make the same calls again, and keep nothing."""
    opened = cache(accounts.open)

    async def work(queue: Iterator[Call]) -> None:
        for each in queue:
            method = getattr(opened(each.account), each.method)
            with suppress(MarketplaceError):  # a number may be another listing's here
                await method(*each.arguments, **each.named)

    async with asyncio.TaskGroup() as group:
        for name, adapter in mocked_adapters().items():
            queue = iter(
                [c for c in calls if accounts.marketplace_of(c.account) == name]
            )
            is_shop = adapter.capabilities.account_per_seller
            for _ in range(SHOPS_AT_ONCE if is_shop else CALLS_AT_ONCE):
                group.create_task(work(queue))


async def run(count: int, url: str) -> None:
    """Run the benchmark and print its figures."""
    producers = sorted({maker.id for _, maker in entries_of(count) if maker})
    seconds, report, calls, sent = await timed_sync(count, producers, url)
    listed = sum(figures.listed for figures in report.counts.values())
    print(
        f"sync: {sent} requests, {listed} listed, {seconds:.1f} s, "
        f"{sent / seconds:.0f} requests/s, {listed / seconds:.0f} listings/s"
    )
    bare, sent = await timed_loop(calls, producers)
    print(f"bare loop: {sent} requests, {bare:.1f} s, {sent / bare:.0f} requests/s")
    print(f"ratio: {bare / seconds:.2f}")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--database", default="", help="a new SQLite file if left out")
    args = parser.parse_args()
    carry_out(run(args.products, args.database))


if __name__ == "__main__":
    main()
