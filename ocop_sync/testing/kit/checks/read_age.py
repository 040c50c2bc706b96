"""Checks of how old a read is: said where it may be old, and nowhere else."""

from datetime import datetime, timedelta
from typing import Final

from ocop_sync.marketplace.read_age import NEVER_TOLD
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import NotTriedError, check, ensure, ensure_same


@check("read-age", "A read that may be old says when it was so, and never goes back")
async def read_age(bench: Bench) -> None:
    """Look at the pages of a shop before and after it has told what is there."""
    if not bench.can.has_old_reads:
        reason = "not claimed: read_age_s"
        raise NotTriedError(reason)
    first = await _as_of(bench, "an empty shop")
    ref = await bench.publish(1)
    told = await _as_of(bench, "a shop that has told of a listing")
    now = bench.shop.clock()
    age = timedelta(seconds=bench.can.read_age_s)
    ensure(told != NEVER_TOLD, "as_of is NEVER_TOLD, and the page shows a listing")
    ensure(now - told <= age, f"told just now, as_of is {now - told} old")
    ensure(first <= told, f"as_of went back, from {first} to {told}")
    again = await _as_of(bench, "the same, once more")
    ensure_same(again, told, "as_of, though nobody has told anything since")
    shown = (await bench.shown(ref)).read_at
    if shown is None:
        ensure(False, "read_at of a listing that is read is None")
    else:
        ensure(shown <= bench.shop.clock(), f"read_at is in the future: {shown}")
    await bench.publish(2)
    later = await _as_of(bench, "a shop that has told of two")
    ensure(told <= later, f"as_of went back, from {told} to {later}")


@check("read-now", "A read of what is so now does not say when")
async def read_now(bench: Bench) -> None:
    """Look at a page and a listing."""
    if bench.can.has_old_reads:
        reason = "its reads may be old (read_age_s)"
        raise NotTriedError(reason)
    ref = await bench.publish()
    page = await bench.market.page(None)
    ensure_same(page.as_of, None, "as_of, and read_age_s is not claimed")
    found = [*page.items, await bench.shown(ref)]
    said = {each.ref: each.read_at for each in found if each.read_at}
    ensure(not said, f"read_at, and read_age_s is not claimed: {said}")


async def _as_of(bench: Bench, shop: str) -> datetime:
    """Return since when the pages are so; all say it, and none before it is so."""
    found = list[datetime]()
    cursor: str | None = None
    while True:
        page = await bench.market.page(cursor)
        if page.as_of is None:
            ensure(False, f"as_of of a page of {shop} is None")
        else:
            found.append(page.as_of)
        now = bench.shop.clock()
        times = [*found, *(e.read_at for e in page.items if e.read_at is not None)]
        ensure(max(times, default=now) <= now, f"in the future: {times}")
        if page.next is None:
            return min(found)
        cursor = page.next


CHECKS: Final = (read_age, read_now)
