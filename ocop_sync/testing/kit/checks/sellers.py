"""Checks of sellers: opened twice, stopped with all that they sell."""

from dataclasses import replace
from typing import Final

from ocop_sync.marketplace.change import StopSeller
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.port import Applied
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import check, ensure, ensure_same


@check(
    "seller", "A seller is opened again and brought up to date without harm", "sellers"
)
async def seller(bench: Bench) -> None:
    """Put it twice, with a listing on sale."""
    ref = await bench.publish()
    profile = bench.put_seller()
    moved = replace(profile, seller=replace(profile.seller, name="Cơ sở Mẫu 001 mới"))

    for change in (profile, moved, moved):
        await bench.apply(change)

    ensure(await bench.is_live(ref), "its listing went down")


@check(
    "seller-stopped",
    "Nothing of a stopped seller is on sale, and it stops twice",
    "seller_stop",
)
async def seller_stopped(bench: Bench) -> None:
    """Stop it, twice."""
    await bench.publish()
    stop = StopSeller(client_ref=bench.shop.seller.client_ref, reason="Ngừng bán")

    for _ in range(2):
        (result,) = await bench.put(stop)
        ensure(isinstance(result, Applied), f"stopping a seller: {result!r}")
        states = [each.state for each in await bench.shop.holds()]
        ensure(RemoteState.LIVE not in states, f"states there: {states}")
    shown = [getattr(each, "state", None) for each in await bench.pages()]
    ensure_same(RemoteState.LIVE in shown, False, "on sale, as read")


CHECKS: Final = (seller, seller_stopped)
