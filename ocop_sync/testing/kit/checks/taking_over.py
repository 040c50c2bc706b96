"""Checks of listings that nobody made through this service."""

from typing import Final

from ocop_sync.marketplace.listing import RemoteListing
from ocop_sync.marketplace.port import Applied
from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import NotTriedError, check, ensure, ensure_same

_TITLE: Final = "Hàng bán sẵn từ trước"


@check("by-hand", "A listing made by hand is read, and what it lacks is empty")
async def by_hand(bench: Bench) -> None:
    """Read one without reference, stock or category."""
    ref = await bench.shop.make_by_hand(_TITLE)
    await bench.shop.settle()

    found = await bench.shown(ref)
    ensure_same(found.shown.client_ref, "", "our reference on a listing made by hand")
    ensure_same(found.shown.title, _TITLE, "its title")
    in_pages = [e.ref for e in await bench.pages() if isinstance(e, RemoteListing)]
    ensure_same(in_pages, [ref], "the listings of all pages")


@check(
    "taking-over",
    "A listing made by hand is taken over by one update, with our reference",
    "content",
)
async def taking_over(bench: Bench) -> None:
    """Write content, packs and reference onto it, then its numbers."""
    ref = await bench.shop.make_by_hand(_TITLE)
    await bench.shop.settle()
    sent = bench.listing()
    fields = {"title", "description", "category", "variants"}
    if bench.can.writes_reference:
        fields.add("client_ref")
    (result,) = await bench.put(bench.update(ref, sent, *fields))

    ensure(isinstance(result, Applied), f"taking a listing over: {result!r}")
    shown = (await bench.shown(ref)).shown
    ensure_same(shown.title, bench.canonical(sent).title, "its title")
    ensure_same(shown.category, sent.category, "its category")
    ensure_same([v.sku for v in shown.variants], [samples.pack(1).sku], "its SKUs")
    if bench.can.writes_reference:
        ensure_same(shown.client_ref, sent.client_ref, "our reference on it")
    held = await bench.held(ref)
    ensure_same([v.sku for v in held.shown.variants], [samples.pack(1).sku], "there")


@check("reference", "Another reference of ours is written onto a listing", "content")
async def reference(bench: Bench) -> None:
    """Write it, where that is claimed; else it is never asked for."""
    if not bench.can.writes_reference:
        reason = "not claimed: writes_reference"
        raise NotTriedError(reason)
    ref = await bench.publish()
    ours = samples.client_ref(9)
    sent = bench.listing(client_ref=ours, title="Tên mới của hàng mẫu")

    await bench.apply(bench.update(ref, sent, "title", "client_ref"))

    held = (await bench.held(ref)).shown
    ensure_same((held.client_ref, held.title), (ours, sent.title), "there")
    ensure_same((await bench.shown(ref)).shown.client_ref, ours, "as read")


CHECKS: Final = (by_hand, taking_over, reference)
