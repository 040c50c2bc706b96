"""Make listings, changes and a served mock for the tests of Postmart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.postmart.adapter import Postmart
from adapters.postmart.mock.app import CLIENT_ID, CLIENT_SECRET, make_app
from ocop_sync.marketplace.change import Create, PutSeller, Withdraw
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    Seller,
    StarClaim,
    Variant,
)
from ocop_sync.marketplace.port import (
    Account,
    Context,
    Refused,
    Result,
    Submitted,
    Unreadable,
)
from ocop_sync.marketplace.stray_answers import open_session
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.fault_rule import Rule
from ocop_sync.testing.mocks.faults import FAULTS
from tests.adapters.recording import RecordingQuota

NOW: Final = datetime(2026, 11, 24, 2, tzinfo=UTC)
SECRETS: Final = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
SELLER: Final = Seller(client_ref="CS-0001", name="Cơ sở Mẫu 001", kind="HTX")


def make_listing(number: int = 1, **differences: Any) -> Listing:
    """Return a listing with one pack and a claim of four stars."""
    listing = Listing(
        client_ref=f"SP-{number:05d}",
        seller_ref=SELLER.client_ref,
        title=f"Mật ong hoa rừng mẫu {number}",
        description="Mật ong nguyên chất, đóng chai thủy tinh.",
        category="PM-1004",
        attributes=(("Khối lượng tịnh", "500 ml"), ("Xuất xứ", "Việt Nam")),
        pictures=("https://anh.example/1.jpg",),
        trace_url="https://truyxuat.example/1",
        variants=(
            Variant(
                sku=f"SP-{number:05d}-1",
                pack="Chai 500 ml",
                price_vnd=150_000,
                stock=12,
                gtin="2000000000015",
                weight_g=700,
            ),
        ),
        stars=StarClaim(stars=4, decision="001/QĐ-MẪU", valid_to=date(2027, 5, 10)),
    )
    return replace(listing, **differences)


def make_create(number: int = 1, **differences: Any) -> Create:
    """Return what publishes `make_listing` with the same arguments."""
    listing = make_listing(number, **differences)
    return Create(client_ref=listing.client_ref, listing=listing, key=f"k{number}")


def make_withdraw(ref: str, ticket: str = "") -> Withdraw:
    """Return what takes a listing down."""
    return Withdraw(client_ref="", ref=ref, reason="Hết hiệu lực", ticket=ticket)


def code_of(result: Result | Unreadable) -> str:
    """Return the code of the first problem of a refusal."""
    assert isinstance(result, Refused)
    return result.problems[0].code


def secret(name: str) -> str:
    """Return a secret of the mock's one client."""
    return SECRETS[name]


@dataclass(kw_only=True)
class Bench:
    """A mock that is served on loopback, and an adapter that talks to it.

    Attributes:
        clock: The mock's; it stands still unless moved.
        ours: The adapter's; the same.
    """

    server: TestServer
    session: aiohttp.ClientSession
    clock: MockClock
    ours: MockClock
    quota: RecordingQuota
    postmart: Postmart

    async def control(self, path: str, **body: Any) -> dict[str, Any]:
        """Post to a page under /_mock/."""
        url = self.server.make_url(f"/_mock/{path}")
        async with self.session.post(url, json=body) as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def look(self, path: str) -> dict[str, Any]:
        """Get a page under /_mock/."""
        async with self.session.get(self.server.make_url(f"/_mock/{path}")) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    def fault(
        self, operation: str, fault: str, count: int | None = 1, **how: Any
    ) -> None:
        """Let *fault* hit the next calls of *operation*."""
        rule = {"operation": operation, "fault": fault, "count": count, **how}
        self.server.app[FAULTS].add(Rule.model_validate(rule))

    def no_faults(self) -> None:
        """Take every fault back."""
        self.server.app[FAULTS].clear()

    async def row(self, ref: str) -> dict[str, Any]:
        """Return what the mock itself says of a listing."""
        rows = (await self.look("state"))["listings"]
        row: dict[str, Any] = next(row for row in rows if row["ref"] == ref)
        return row

    async def open_seller(self) -> None:
        """Open the seller that `make_listing` names."""
        change = PutSeller(client_ref=SELLER.client_ref, seller=SELLER)
        await self.postmart.put_sellers([change])

    async def open_seller_again(self) -> None:
        """Open every seller that was stopped."""
        await self.open_seller()

    async def submit(self, number: int = 1, **differences: Any) -> str:
        """Open the seller, submit `make_listing`, and return the ticket."""
        await self.open_seller()
        [result] = await self.postmart.create([make_create(number, **differences)])
        assert isinstance(result, Submitted), result
        return result.ticket

    async def publish(self, number: int = 1, **differences: Any) -> str:
        """Submit a listing, let its review end, and return its ref."""
        await self.submit(number, **differences)
        self.clock.advance(3)
        return (await self.found(number)).ref

    async def found(self, number: int = 1) -> RemoteListing:
        """Return the one listing with the reference of `make_listing`."""
        [found] = await self.postmart.find(client_refs=[f"SP-{number:05d}"])
        assert isinstance(found, RemoteListing)
        return found

    async def shown(self, ref: str) -> RemoteListing:
        """Read one listing that exists."""
        [found] = await self.postmart.read([ref])
        assert isinstance(found, RemoteListing)
        return found


async def open_bench(
    *, data: Path | None = None, seed: int | None = None, **settings: Any
) -> Bench:
    """Serve a mock and open an adapter for it; end with `close_bench`."""
    clock = MockClock(source=lambda: NOW)
    app = make_app(data=data, seed=seed, clock=clock, **settings)
    return await serve(app, clock)


async def serve(app: web.Application, clock: MockClock) -> Bench:
    """Serve *app* and open an adapter for it; end with `close_bench`."""
    server = TestServer(app)
    await server.start_server()
    session, quota, ours = (
        open_session(),
        RecordingQuota(),
        MockClock(source=lambda: NOW),
    )
    context = Context(clock=ours, quota=quota, session=session, secrets=secret)
    account = Account(
        key="postmart", marketplace="postmart", base_url=str(server.make_url(""))
    )
    return Bench(
        server=server,
        session=session,
        clock=clock,
        ours=ours,
        quota=quota,
        postmart=Postmart(account, context),
    )


async def close_bench(benches: Sequence[Bench]) -> None:
    """Stop mocks and close their sessions; harmless when repeated."""
    for bench in benches:
        await bench.session.close()
        await bench.server.close()
