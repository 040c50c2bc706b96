"""Checks of stock: it never rises by itself, and sales are told."""

from typing import Final

from ocop_sync.marketplace.change import Change, SetPrice, SetStock
from ocop_sync.marketplace.event import Event, EventKind
from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.port import Refused
from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import NotTriedError, check, ensure, ensure_same
from ocop_sync.testing.kit.checks.life import republish, withdraw

_SKU: Final = samples.pack(1).sku
_MOST_CALLS: Final = 50


async def _stock(bench: Bench, ref: str) -> int:
    """Return the stock there; what is read must be the same."""
    (held,) = [v.stock for v in (await bench.held(ref)).shown.variants]
    (shown,) = [v.stock for v in (await bench.shown(ref)).shown.variants]
    ensure_same(shown, held, "the stock, as read")
    return held


@check("stock-stays", "No other change raises a stock", "stock")
async def stock_stays(bench: Bench) -> None:
    """Lower it, then change all else, with the first stock in the listing."""
    ref = await bench.publish()
    ours = {"client_ref": "SP-00001", "ref": ref}
    await bench.apply(SetStock(**ours, stocks={_SKU: 3}))
    titled = bench.listing(title="Tên mới của hàng mẫu")
    changes: list[Change] = [
        bench.update(ref, titled, "title", "variants"),
        withdraw(ref),
        republish(ref),
    ]
    if bench.has("price"):
        changes.insert(0, SetPrice(**ours, prices={_SKU: 160_000}))
    for change in changes:
        await bench.put(change)
        ensure_same(await _stock(bench, ref), 3, f"the stock after {change.kind}")


@check(
    "stock-sold",
    "A sale lowers the stock that is read, and nothing raises it again",
    "stock",
)
async def stock_sold(bench: Bench) -> None:
    """Sell some, and change the listing otherwise."""
    ref = await bench.publish()
    await bench.shop.sell(ref, _SKU, 5)
    await bench.shop.settle()
    ensure_same(await _stock(bench, ref), 7, "the stock after a sale of 5 of 12")

    sent = bench.listing(title="Tên mới của hàng mẫu")
    await bench.put(bench.update(ref, sent, "title", "variants"))

    ensure_same(await _stock(bench, ref), 7, "the stock after an update")


@check(
    "stock-version",
    "A stock that was meant for an earlier version is not written",
    "stock",
)
async def stock_version(bench: Bench) -> None:
    """Sell between the read and the write."""
    if not bench.can.compare_and_set:
        reason = "not claimed: compare_and_set"
        raise NotTriedError(reason)
    ref = await bench.publish()
    version = (await bench.shown(ref)).version
    ensure(version, "compare_and_set is claimed, and a listing has no version")
    ours = {"client_ref": "SP-00001", "ref": ref, "version": version}
    await bench.apply(SetStock(**ours, stocks={_SKU: 11}))
    (late,) = await bench.put(SetStock(**ours, stocks={_SKU: 12}))

    is_conflict = isinstance(late, Refused) and late.version_conflict
    ensure(is_conflict, f"a stock for an earlier version: {late!r}")
    ensure_same(await _stock(bench, ref), 11, "the stock")


async def _all_events(bench: Bench) -> tuple[list[Event], str | None]:
    """Return the events of the whole feed, and the cursor after them."""
    found: list[Event] = []
    cursor: str | None = None
    for _ in range(_MOST_CALLS):
        part = await bench.market.events(cursor)
        found += part.items
        if not part.items and not part.unreadable:
            return found, part.next
        ensure(part.next != cursor, "a feed that tells something stays where it is")
        cursor = part.next
    ensure(False, "the feed does not end")
    return found, cursor


@check(
    "events", "The feed ends, and is not told again from where it was left", "events"
)
async def events(bench: Bench) -> None:
    """Read it to its end, twice."""
    ref = await bench.publish()
    await bench.shop.sell(ref, _SKU, 1)
    await bench.shop.settle()

    found, cursor = await _all_events(bench)
    ensure(found, "a sale leaves no event")

    again = await bench.market.events(cursor)
    ensure_same(again.items, (), "events after the end of the feed")


@check(
    "events-sales", "A sale is told once, with its pack, count and order line", "events"
)
async def events_sales(bench: Bench) -> None:
    """Sell twice, and read the feed."""
    if not bench.can.tells_sales:
        reason = "not claimed: tells_sales"
        raise NotTriedError(reason)
    ref = await bench.publish()
    await bench.shop.sell(ref, _SKU, 2)
    await bench.shop.sell(ref, _SKU, 3)
    await bench.shop.settle()

    found, _ = await _all_events(bench)

    sales = [each for each in found if each.kind is EventKind.SOLD]
    told = [(each.ref, each.sku, each.quantity) for each in sales]
    ensure_same(told, [(ref, _SKU, 2), (ref, _SKU, 3)], "sales that are told")
    lines = {each.order_line for each in sales}
    ensure(len(lines) == 2 and "" not in lines, f"order lines: {lines}")  # noqa: PLR2004 - two sales
    ensure(all(each.at.tzinfo for each in sales), "the instant of a sale has no zone")


@check(
    "vanished",
    "A listing that has vanished is read as none, and changes of it are refused",
)
async def vanished(bench: Bench) -> None:
    """Let it vanish over there."""
    ref = await bench.publish()
    await bench.shop.remove(ref)
    await bench.shop.settle()

    (found,) = await bench.market.read([ref])
    ensure(
        not isinstance(found, RemoteListing), f"read of what has vanished: {found!r}"
    )
    (result,) = await bench.put(withdraw(ref))
    ensure(not hasattr(result, "state"), f"withdrawal of what has vanished: {result!r}")
    ensure(ref not in [each.ref for each in await bench.pages()], "a page still has it")


CHECKS: Final = (stock_stays, stock_sold, stock_version, events, events_sales, vanished)
