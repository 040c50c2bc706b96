"""Checks of what an `Update` does to packs, and of their numbers afterwards."""

from dataclasses import replace
from typing import Final

from ocop_sync.marketplace.change import SetPrice, SetStock
from ocop_sync.marketplace.listing import Variant
from ocop_sync.marketplace.port import Applied
from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.bench import Bench, refused
from ocop_sync.testing.kit.check import NotTriedError, check, ensure, ensure_same

STAYS: Final = samples.pack(1, 1, stock=9, gtin="")
GOES: Final = samples.pack(1, 2, samples.LITRE)
COMES: Final = samples.pack(1, 3, samples.LITRE, price_vnd=290_000, stock=3)


async def _update(bench: Bench, ref: str, *packs: Variant) -> None:
    """Write these packs; a marketplace that cannot says so.

    Raises:
        NotTriedError: It refuses, and has left all as it was.
    """
    before = await bench.held(ref)
    sent = bench.listing(**bench.packs(*packs))
    (result,) = await bench.put(bench.update(ref, sent, "variants"))
    if refused(result):
        ensure_same(await bench.held(ref), before, "a listing whose update was refused")
        reason = f"the marketplace refuses it: {result!r}"
        raise NotTriedError(reason)
    ensure(isinstance(result, Applied), f"update of packs: {result!r}")


async def _ensure_packs(bench: Bench, ref: str, *packs: Variant) -> None:
    shown = bench.canonical((await bench.shown(ref)).shown).variants
    expected = bench.canonical(bench.listing(**bench.packs(*packs))).variants
    ensure_same(shown, expected, "packs, as read")
    there = {
        v.sku: (v.price_vnd, v.stock) for v in (await bench.held(ref)).shown.variants
    }
    ensure_same(there, {v.sku: (v.price_vnd, v.stock) for v in packs}, "packs there")


@check(
    "pack-stays", "A pack that stays keeps the price and the stock that show", "content"
)
async def pack_stays(bench: Bench) -> None:
    """Send other numbers along."""
    ref = await bench.publish(**bench.packs(STAYS))
    named = replace(STAYS, pack="Chai nửa lít", price_vnd=1_000, stock=99)

    await _update(bench, ref, named)

    await _ensure_packs(bench, ref, replace(STAYS, pack="Chai nửa lít"))


@check(
    "pack-replaced",
    "A replaced SKU is one gone and one added, with its own numbers",
    "content",
)
async def pack_replaced(bench: Bench) -> None:
    """Replace one of two, and try the one that is gone."""
    ref = await bench.publish(**bench.packs(STAYS, GOES))

    await _update(bench, ref, STAYS, COMES)

    await _ensure_packs(bench, ref, STAYS, COMES)
    if bench.has("stock"):
        gone = SetStock(client_ref="SP-00001", ref=ref, stocks={GOES.sku: 4})
        (result,) = await bench.put(gone)
        ensure(refused(result), f"a stock for a pack that is gone: {result!r}")
        await _ensure_packs(bench, ref, STAYS, COMES)


@check(
    "pack-added",
    "An added pack comes with its numbers, also with none to sell",
    "content",
)
async def pack_added(bench: Bench) -> None:
    """Add one without stock."""
    none = replace(COMES, stock=0)
    ref = await bench.publish(**bench.packs(STAYS))

    await _update(bench, ref, STAYS, none)

    await _ensure_packs(bench, ref, STAYS, none)


@check(
    "pack-removed",
    "A pack that is not named is gone, and comes back with new numbers",
    "content",
)
async def pack_removed(bench: Bench) -> None:
    """Remove one, and add it again."""
    again = replace(GOES, price_vnd=300_000, stock=1)
    ref = await bench.publish(**bench.packs(STAYS, GOES))

    await _update(bench, ref, STAYS)
    await _ensure_packs(bench, ref, STAYS)
    await _update(bench, ref, STAYS, again)

    await _ensure_packs(bench, ref, STAYS, again)


@check(
    "pack-numbers",
    "Prices and stocks are set on packs that an update has added",
    "content",
    "price",
    "stock",
)
async def pack_numbers(bench: Bench) -> None:
    """Replace a pack, then set its numbers."""
    ref = await bench.publish(**bench.packs(STAYS, GOES))
    await _update(bench, ref, STAYS, COMES)
    ours = {"client_ref": "SP-00001", "ref": ref}

    await bench.apply(SetPrice(**ours, prices={COMES.sku: 295_000}))
    await bench.apply(SetStock(**ours, stocks={COMES.sku: 1, STAYS.sku: 0}))

    now = replace(COMES, price_vnd=295_000, stock=1)
    await _ensure_packs(bench, ref, replace(STAYS, stock=0), now)


@check(
    "pack-unnamed", "An update that does not name packs leaves them alone", "content"
)
async def pack_unnamed(bench: Bench) -> None:
    """Update the title with other packs in the listing."""
    ref = await bench.publish(**bench.packs(STAYS, GOES))
    sent = bench.listing(title="Tên mới của hàng mẫu", **bench.packs(COMES))

    await bench.apply(bench.update(ref, sent, "title"))

    await _ensure_packs(bench, ref, STAYS, GOES)


CHECKS: Final = (
    *(pack_stays, pack_replaced, pack_added, pack_removed, pack_numbers, pack_unnamed),
)
