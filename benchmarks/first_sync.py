"""How fast a full first sync is, beside a bare loop that keeps no records.

    python -m benchmarks.first_sync [--products 10000]

Both mock marketplaces run as processes of their own, without quota and without
a review. The sync is timed and its requests are kept; then a bare aiohttp loop
sends the same requests, with the same concurrency, to two new mocks. The rates
are those of one run on one machine; what counts is their ratio. The bare loop signs in
as these two marketplaces want it, so this benchmark names them.
"""

import argparse
import asyncio
import gc
import json
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, cast

import aiohttp

from adapters.postmart.adapter import Postmart
from adapters.postmart.mock.app import CLIENT_ID, CLIENT_SECRET
from adapters.voso.adapter import Voso
from adapters.voso.signature import sign_call
from benchmarks.mocks import mock
from benchmarks.stage import NOW
from catalog.db import writer
from catalog.db.tables import metadata as catalog_metadata
from catalog.eligibility import load_rules
from catalog.fiction.generate import generate
from catalog.vietnam_time import day_in_vietnam
from ocop_sync.bootstrap.databases import YOUNG_OBJECTS
from ocop_sync.clock import ShiftedClock, system_clock
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.http import open_session
from ocop_sync.marketplace.port import Context, Marketplace
from ocop_sync.marketplace.quota import Quota
from ocop_sync.service.deployment import Deployment, Site
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync.sync import sync
from ocop_sync.store.db.database import Database
from ocop_sync.store.tables import metadata as store_metadata

PRODUCERS = 200
CALLS_AT_POSTMART = 16
SHOPS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Sent:
    """One request, as it was sent."""

    method: str
    url: str
    options: dict[str, Any]


class Recording:
    """A session that keeps what it sends."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.sent: list[Sent] = []

    def request(self, method: str, url: object, **options: Any) -> Any:
        """Keep the request and send it."""
        self.sent.append(Sent(method, str(url), options))
        return self._session.request(method, cast("str", url), **options)


async def open_shops(
    session: aiohttp.ClientSession, url: str, producers: Sequence[str]
) -> None:
    """Make an account for each of *producers* at the Voso mock."""
    for code in producers:
        body = {"code": code, "username": code, "password": "p", "secret": "s"}
        async with session.post(f"{url}/_mock/shops", json=body) as answer:
            answer.raise_for_status()


def secret(account: Account) -> Any:
    """Return what looks the secrets of *account* up."""
    found = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "username": account.seller_ref,
        "password": "p",
        "secret": "s",
    }
    return found.__getitem__


@asynccontextmanager
async def deployed(
    path: Path, session: Any, urls: dict[str, str], count: int
) -> AsyncIterator[Deployment]:
    """Open a deployment with *count* generated products on a new SQLite file."""
    gc.set_threshold(YOUNG_OBJECTS)  # as the service does
    clock = ShiftedClock(NOW - system_clock())
    database = Database(f"sqlite:///{path}")
    for metadata in (catalog_metadata, store_metadata):
        await database.write(lambda c, m=metadata: c.run_sync(m.create_all))
    producers: set[str] = set()
    today = day_in_vietnam(NOW)
    entries = iter(generate(count=count, seed=1, today=today, producers=PRODUCERS))
    while page := list(islice(entries, 1000)):
        producers |= {maker.id for _, maker in page if maker}
        await database.write(
            lambda c, p=page: writer.save(c, p, now=NOW, who="benchmark")
        )
    async with open_session() as plain:
        await open_shops(plain, urls["voso"], sorted(producers))
    postmart = [
        Account(key="postmart", marketplace="postmart", base_url=urls["postmart"])
    ]
    voso = [
        Account(
            key=f"voso:{p}", marketplace="voso", base_url=urls["voso"], seller_ref=p
        )
        for p in sorted(producers)
    ]
    opened: dict[str, Marketplace] = {}

    def open_(account: Account) -> Marketplace:
        kind = Postmart if account.marketplace == "postmart" else Voso
        context = Context(
            clock=system_clock,
            quota=Quota(calls_per_s=None, time=time.monotonic, sleep=asyncio.sleep),
            session=session,
            secrets=secret(account),
        )
        return opened.setdefault(account.key, kind(account, context))

    yield Deployment(
        database=database,
        rules=load_rules(accept_published=True),
        sites=(Site("postmart", Postmart, postmart), Site("voso", Voso, voso)),
        open=open_,
        clock=clock,
        sleep=asyncio.sleep,
        time=time.monotonic,
        random=random.Random(1),  # noqa: S311  (jitter is no secret)
        holder="benchmark",
    )
    await database.close()


async def replay(
    session: aiohttp.ClientSession, sent: Sequence[Sent], urls: dict[str, str]
) -> None:
    """Send the same requests again, and keep nothing."""
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    async with session.post(f"{urls['postmart']}/oauth2/token", data=form) as answer:
        bearer = (await answer.json())["access_token"]
    tokens: dict[str, str] = {}
    old = {each.url.split("/", 3)[2] for each in sent}
    assert len(old) == len(urls)  # noqa: S101
    queues = _queues(sent)

    async def work(queue: Iterator[Sent], name: str) -> None:
        for each in queue:
            path = "/" + each.url.split("/", 3)[3]
            options = dict(each.options)
            headers = dict(options.get("headers") or {})
            if name == "postmart":
                headers["Authorization"] = f"Bearer {bearer}"
            elif not path.endswith("/Login"):
                _sign(headers, path, options["data"], tokens)
            options["headers"] = headers
            async with session.request(
                each.method, urls[name] + path, **options
            ) as answer:
                body = await answer.read()
            if path.endswith("/Login"):
                data = json.loads(options["data"])
                tokens[data["USERNAME"]] = json.loads(body)["data"]["token"]

    async with asyncio.TaskGroup() as group:
        for name, queue, workers in queues:
            for _ in range(workers):
                group.create_task(work(queue, name))


def _queues(sent: Sequence[Sent]) -> list[tuple[str, Iterator[Sent], int]]:
    at_voso = [each for each in sent if "/v2/" in each.url]
    at_postmart = [each for each in sent if "/v1/" in each.url]
    logins = [each for each in at_voso if each.url.endswith("/Login")]
    rest = [each for each in at_voso if not each.url.endswith("/Login")]
    return [
        ("postmart", iter(at_postmart), CALLS_AT_POSTMART),
        ("voso", iter([*logins, *rest]), SHOPS_AT_ONCE),
    ]


def _sign(
    headers: dict[str, str], path: str, body: bytes, tokens: dict[str, str]
) -> None:
    """Sign a call anew: a signature is good for five minutes only."""
    now_ms = int(time.time() * 1000)
    headers["Token"] = next(iter(tokens.values()), "")
    headers["Timestamp"] = str(now_ms)
    headers["Signature"] = sign_call("s", path, now_ms, body)


async def timed_sync(count: int) -> tuple[float, Report, list[Sent]]:
    """Time a first sync of *count* products; return its requests as well."""
    with (
        tempfile.TemporaryDirectory() as folder,
        mock("postmart") as postmart,
        mock("voso") as voso,
    ):
        urls = {"postmart": postmart, "voso": voso}
        async with open_session() as session:
            recording = Recording(session)
            path = Path(folder) / "ocop.db"
            async with deployed(path, recording, urls, count) as deployment:
                start = time.perf_counter()
                report = await sync(deployment, follow_for=timedelta(minutes=5))
                return time.perf_counter() - start, report, recording.sent


async def timed_replay(sent: Sequence[Sent]) -> float:
    """Time the bare loop."""
    with mock("postmart") as postmart, mock("voso") as voso:
        urls = {"postmart": postmart, "voso": voso}
        async with open_session() as session:
            users = {
                json.loads(s.options["data"])["USERNAME"]
                for s in sent
                if s.url.endswith("/Login")
            }
            await open_shops(session, voso, sorted(users))
            start = time.perf_counter()
            await replay(session, sent, urls)
            return time.perf_counter() - start


async def run(count: int) -> None:
    """Run the benchmark and print its figures."""
    seconds, report, sent = await timed_sync(count)
    listed = sum(figures.listed for figures in report.counts.values())
    print(
        f"sync: {len(sent)} requests, {listed} listed, {seconds:.1f} s, "
        f"{len(sent) / seconds:.0f} requests/s, {listed / seconds:.0f} listings/s"
    )
    bare = await timed_replay(sent)
    print(f"bare loop: {bare:.1f} s, {len(sent) / bare:.0f} requests/s")
    print(f"ratio: {bare / seconds:.2f}")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=10_000)
    asyncio.run(run(parser.parse_args().products))


if __name__ == "__main__":
    main()
