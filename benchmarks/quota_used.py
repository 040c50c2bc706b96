"""How much of a quota a first sync uses, when each answer takes its time.

    python -m benchmarks.quota_used [--listings 5000] [--latency-ms 20 150 400]
        [--hearing] [--database postgresql+asyncpg://...]

The mock marketplace whose one account serves all producers runs as a process of its
own, takes so many calls a second, and is reached over a line that delays each answer.
What counts is the share of the requests that it allows, from the first to the last one,
that were needed. A read that was made before, another look at events, and a repeated or
refused request were not. With `--hearing` all mocks are synced instead, and it is told
how many calls were made to hear sales. A database that is named must be empty.
"""

import argparse
import asyncio
import gc
import inspect
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

import aiohttp

from benchmarks.first_sync import Accounts, Counting
from benchmarks.mocks import mock
from benchmarks.slow_line import slow_line
from benchmarks.stage import NOW, entries_of, fill, in_a_file
from catalog.eligibility import load_rules
from ocop_sync.bootstrap.databases import GARBAGE_STEPS
from ocop_sync.clock import ShiftedClock, system_clock
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.port import Context, Marketplace
from ocop_sync.marketplace.quota import Quota
from ocop_sync.marketplace.stray_answers import open_session
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.sync.sync import sync
from ocop_sync.store.db.database import Database
from ocop_sync.testing.mocks.mock import mocked_adapters

CALLS_PER_S = 50
"""The quota of each account."""
PRODUCTS_A_LISTING = 1.6
"""Of so many generated products, one is listable."""
LIMITED = ("--quota", str(CALLS_PER_S))
"""The options of a mock that takes so many calls a second."""
_TOO_MANY = 429


@dataclass(eq=False, slots=True)
class Made:
    """One call of an adapter's method."""

    account: str
    method: str
    is_needed: bool


@dataclass(slots=True)
class Log:
    """The calls and requests of one sync.

    Attributes:
        requests: When each request was begun, in seconds, with its call and its status.
    """

    calls: list[Made] = field(default_factory=list)
    requests: list[tuple[float, Made | None, int]] = field(default_factory=list)
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def call(self, account: str, method: str, asked: object) -> Made:
        """Note a call; it is needed if no other has asked the same."""
        # Events are needed once: what was sold before anything was sent.
        this = account, method, "" if method == "events" else repr(asked)
        made = Made(account, method, this not in self.seen)
        self.seen.add(this)
        self.calls.append(made)
        return made


_NOW: ContextVar[Made | None] = ContextVar("_NOW", default=None)


class Timed:
    """A session that notes its requests."""

    def __init__(self, session: aiohttp.ClientSession, log: Log) -> None:
        self._session = session
        self._log = log
        self.requests = 0

    @asynccontextmanager
    async def request(
        self, method: str, url: Any, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Note the request and send it."""
        begun, call = time.perf_counter(), _NOW.get()
        async with self._session.request(method, url, **options) as response:
            self._log.requests.append((begun, call, response.status))
            yield response


class Noted:
    """An adapter whose calls are noted."""

    def __init__(self, adapter: Marketplace, log: Log) -> None:
        self._adapter = adapter
        self._log = log

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def call(*arguments: Any, **named: Any) -> Any:
            key = self._adapter.account.key
            _NOW.set(self._log.call(key, name, (arguments, named)))
            try:
                return await found(*arguments, **named)
            finally:
                _NOW.set(None)

        return call


class Paced(Accounts):
    """Accounts that keep to the quota, as they do in the service, over slow lines.

    Args:
        urls: The addresses of the mocks, by name: accounts are opened there.
        far: The same over the lines.
        producers: The producers.
        session: Makes the requests.
    """

    def __init__(
        self,
        urls: Mapping[str, str],
        far: Mapping[str, str],
        producers: Sequence[str],
        session: Counting,
    ) -> None:
        super().__init__(urls, producers, session)
        self._urls = far

    def open(self, key: str) -> Marketplace:
        """Return a new adapter of the account."""
        opened = self._opened[key]
        adapter = mocked_adapters()[opened.marketplace]
        quota = Quota(
            calls_per_s=CALLS_PER_S,
            burst=adapter.capabilities.burst,
            time=time.monotonic,
            sleep=asyncio.sleep,
        )
        context = Context(
            clock=system_clock,
            quota=quota,
            session=cast("aiohttp.ClientSession", self._session),
            secrets=lambda name: opened.secrets[name],
        )
        return adapter(self._account(opened), context)


def serves_all(name: str) -> bool:
    """Say whether a marketplace has one account for all producers."""
    return not mocked_adapters()[name].capabilities.account_per_seller


@contextmanager
def far_mocks(
    latency_ms: int, *, everywhere: bool
) -> Iterator[tuple[Mapping[str, str], Mapping[str, str]]]:
    """Run mocks at the other end of slow lines; yield their addresses, near and far."""
    names = [name for name in mocked_adapters() if everywhere or serves_all(name)]
    with ExitStack() as stack:
        near = {n: stack.enter_context(mock(n, *LIMITED)) for n in names}
        far = {
            name: stack.enter_context(slow_line(url, latency_ms))
            for name, url in near.items()
        }
        yield near, far


async def synced(
    database: Database,
    count: int,
    producers: Sequence[str],
    latency_ms: int,
    *,
    everywhere: bool,
) -> tuple[Log, int]:
    """Sync *count* products for the first time; return what was asked and listed.

    Raises:
        SystemExit: Something has failed: the figures would say nothing.
    """
    gc.set_threshold(*GARBAGE_STEPS)  # as the service does
    log = Log()
    await fill(database, count)
    with far_mocks(latency_ms, everywhere=everywhere) as urls:
        async with open_session() as session:
            timed = Timed(session, log)
            accounts = Paced(*urls, producers, cast("Any", timed))
            opened = cache(lambda key: Noted(accounts.open(key), log))
            open_ = cast("Callable[[Account], Marketplace]", lambda a: opened(a.key))
            deployment = Deployment(
                database=database,
                rules=load_rules(accept_published=True),
                sites=tuple(site for site in accounts.sites() if site.name in urls[0]),
                open=open_,
                clock=ShiftedClock(NOW - system_clock()),
                sleep=asyncio.sleep,
                time=time.monotonic,
                random=random.Random(1),  # noqa: S311  (jitter is no secret)
                holder="benchmark",
            )
            report = await sync(deployment)
    await database.close()
    if report.stopped or report.failed:
        message = f"stopped: {report.stopped}, failed: {report.failed}"
        raise SystemExit(message)
    listed = sum(figures.listed for figures in report.counts.values())
    return log, listed


def quota_used(log: Log) -> str:
    """Return how much of the quota was used at the one account."""
    begun = [at for at, _, _ in log.requests]
    seconds = max(begun) - min(begun)
    refused = sum(status == _TOO_MANY for _, _, status in log.requests)
    needed = sum(
        call is not None and call.is_needed and status != _TOO_MANY
        for _, call, status in log.requests
    )
    used = needed / (seconds * CALLS_PER_S)
    return (
        f"{len(begun)} requests in {seconds:.1f} s, refused for the quota: {refused},"
        f" quota used: {used:.1%}"
    )


def hearing(log: Log) -> str:
    """Return how many calls were made to hear sales, besides one at each account."""
    asked = [each for each in log.calls if each.method == "events"]
    again, calls = sum(not each.is_needed for each in asked), len(log.calls)
    return (
        f"for hearing sales: {again} of {calls} calls ({again / calls:.1%}), with the"
        f" first look at each account {len(asked) / calls:.1%}"
    )


async def run(
    listings: int, latencies_ms: Sequence[int], database: str, *, everywhere: bool
) -> None:
    """Run the benchmark and print its figures."""
    count = int(listings * PRODUCTS_A_LISTING)
    producers = sorted({maker.id for _, maker in entries_of(count) if maker})
    for latency_ms in latencies_ms:
        with tempfile.TemporaryDirectory() as folder:
            url = database or in_a_file(Path(folder))
            cpu_s = time.process_time()
            log, listed = await synced(
                Database(url), count, producers, latency_ms, everywhere=everywhere
            )
            cpu_s = time.process_time() - cpu_s
        figures = hearing(log) if everywhere else quota_used(log)
        print(
            f"latency {latency_ms} ms: {listed} listings, {figures};"
            f" own CPU {cpu_s:.1f} s",
            flush=True,
        )


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, default=5_000)
    parser.add_argument("--latency-ms", type=int, nargs="+", default=[20, 150, 400])
    parser.add_argument("--hearing", action="store_true")
    parser.add_argument("--database", default="", help="a new SQLite file if left out")
    given = parser.parse_args()
    how = given.listings, given.latency_ms, given.database
    asyncio.run(run(*how, everywhere=given.hearing))


if __name__ == "__main__":
    main()
