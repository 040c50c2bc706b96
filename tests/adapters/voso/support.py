"""Make listings, changes and a served mock for the tests of Voso."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp.test_utils import TestServer

from adapters.voso.adapter import Voso
from adapters.voso.mock.app import make_app
from ocop_sync.marketplace.change import Create, PutSeller, Withdraw
from ocop_sync.marketplace.listing import (
    Listing,
    RemoteListing,
    Seller,
    StarClaim,
    Variant,
)
from ocop_sync.marketplace.port import Account, Context, Refused, Result, Submitted
from ocop_sync.marketplace.stray_answers import open_session
from ocop_sync.testing.mocks.clock import MockClock
from ocop_sync.testing.mocks.fault_rule import Rule
from ocop_sync.testing.mocks.faults import FAULTS
from tests.adapters.recording import RecordingQuota

NOW: Final = datetime(2026, 11, 24, 2, tzinfo=UTC)
SAMPLES: Final = Path(__file__).parent / "samples"
SHOP: Final = "CS-0001"
SELLER: Final = Seller(client_ref=SHOP, name="Cơ sở Mẫu 001", kind="HTX")


def sample(name: str) -> Any:
    """Return the JSON value of a sample."""
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def make_listing(number: int = 1, **differences: Any) -> Listing:
    """Return a listing with one pack and a claim of four stars."""
    listing = Listing(
        client_ref=f"SP-{number:05d}",
        seller_ref=SHOP,
        title=f"Mật ong hoa rừng mẫu {number}",
        description="Mật ong nguyên chất.\nĐóng chai thủy tinh.",
        category="10202",
        attributes=(("Khối lượng tịnh", "500 ml"), ("Xuất xứ", "Việt Nam")),
        pictures=("https://anh.example/1.jpg",),
        trace_url="https://truyxuat.example/1",
        variants=(make_variant(sku=f"SP-{number:05d}-1"),),
        stars=StarClaim(stars=4, decision="001/QĐ-MẪU", valid_to=date(2027, 5, 10)),
    )
    return replace(listing, **differences)


def make_variant(**differences: Any) -> Variant:
    """Return a bottle."""
    variant = Variant(
        sku="SP-00001-1",
        pack="Chai 500 ml",
        price_vnd=150_000,
        stock=12,
        gtin="2000000000015",
        weight_g=700,
    )
    return replace(variant, **differences)


def make_create(number: int = 1, **differences: Any) -> Create:
    """Return what publishes `make_listing` with the same arguments."""
    listing = make_listing(number, **differences)
    return Create(client_ref=listing.client_ref, listing=listing, key=f"k{number}")


def make_withdraw(ref: str, ticket: str = "") -> Withdraw:
    """Return what takes a listing down."""
    return Withdraw(client_ref="", ref=ref, reason="Hết hiệu lực", ticket=ticket)


def code_of(result: Result) -> str:
    """Return the code of the first problem of a refusal."""
    assert isinstance(result, Refused), result
    return result.problems[0].code


@dataclass(kw_only=True)
class Bench:
    """A mock that is served on loopback, and an adapter for one of its shops.

    Attributes:
        clock: The mock's and the adapter's; it stands still unless moved.
        skew: Moves the adapter's clock alone.
    """

    server: TestServer
    session: aiohttp.ClientSession
    clock: MockClock
    skew: MockClock
    quota: RecordingQuota
    voso: Voso

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

    async def calls(self, operation: str) -> int:
        """Return how often *operation* was called."""
        count: int = (await self.look("counts"))["calls"].get(operation, 0)
        return count

    async def row(self, ref: str) -> dict[str, Any]:
        """Return what the mock itself says of a listing."""
        rows = (await self.look("state"))["listings"]
        row: dict[str, Any] = next(row for row in rows if row["ref"] == ref)
        return row

    async def open_account(self, code: str) -> Voso:
        """Open a shop's account and return an adapter for it."""
        secrets = {name: f"{name}-{code}" for name in ("username", "password")}
        secrets["secret"] = f"bí mật {code}"
        await self.control("shops", code=code, **secrets)
        account = Account(
            key=f"voso:{code}",
            marketplace="voso",
            base_url=str(self.server.make_url("")),
            seller_ref=code,
        )

        def secret_of(name: str) -> str:
            return secrets[name]

        context = Context(
            clock=lambda: self.clock() + (self.skew() - NOW),
            quota=self.quota,
            session=self.session,
            secrets=secret_of,
        )
        return Voso(account, context)

    async def open_shop(self) -> None:
        """Give the shop its profile, so that it may sell."""
        await self.voso.put_sellers([PutSeller(client_ref=SHOP, seller=SELLER)])

    async def open_seller_again(self) -> None:
        """Open the shop if it was stopped."""
        await self.open_shop()

    async def submit(self, number: int = 1, **differences: Any) -> str:
        """Open the shop, submit `make_listing`, and return the ticket."""
        await self.open_shop()
        [result] = await self.voso.create([make_create(number, **differences)])
        assert isinstance(result, Submitted), result
        return result.ticket

    async def publish(self, number: int = 1, **differences: Any) -> str:
        """Submit a listing, let its review end, and return its ref."""
        ticket = await self.submit(number, **differences)
        self.clock.advance(3)
        return ticket

    async def shown(self, ref: str) -> RemoteListing:
        """Read one listing that exists."""
        [found] = await self.voso.read([ref])
        assert isinstance(found, RemoteListing)
        return found


async def open_bench(
    *, data: Path | None = None, seed: int | None = None, **settings: Any
) -> Bench:
    """Serve a mock and open an adapter for one shop; end with `close_bench`."""
    clock, skew = (MockClock(source=lambda: NOW) for _ in range(2))
    server = TestServer(make_app(data=data, seed=seed, clock=clock, **settings))
    await server.start_server()
    bench = Bench(
        server=server,
        session=open_session(),
        clock=clock,
        skew=skew,
        quota=RecordingQuota(),
        voso=None,  # type: ignore[arg-type] # set two lines below
    )
    bench.voso = await bench.open_account(SHOP)
    return bench


async def close_bench(benches: Sequence[Bench]) -> None:
    """Stop mocks and close their sessions; harmless when repeated."""
    for bench in benches:
        await bench.session.close()
        await bench.server.close()
