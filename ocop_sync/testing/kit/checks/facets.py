"""Checks of each facet: a change of one writes that one, and no other."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ocop_sync.marketplace.change import Change, SetPrice, SetStars, SetStock
from ocop_sync.marketplace.listing import RemoteListing, StarClaim
from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import NotTriedError, check, ensure, ensure_same
from ocop_sync.testing.kit.checks.life import numbers


async def _changed(bench: Bench, ref: str, change: Change, **expected: Any) -> None:
    """Send a change; what is shown may differ in *expected* alone."""
    before = (await bench.shown(ref)).shown
    await bench.apply(change)
    after = await bench.shown(ref)
    ensure_same(
        bench.canonical(after.shown),
        bench.canonical(replace(before, **expected)),
        f"the listing after {change.kind}",
    )
    ensure(await bench.is_live(ref), f"{change.kind} took the listing from sale")


@check(
    "price", "A price is set for the packs that are named, and for no other", "price"
)
async def price(bench: Bench) -> None:
    """Set one of two prices."""
    first, second = samples.pack(1, 1), samples.pack(1, 2, samples.LITRE)
    ref = await bench.publish(**bench.packs(first, second))
    change = SetPrice(client_ref="SP-00001", ref=ref, prices={second.sku: 285_000})

    new = bench.packs(first, replace(second, price_vnd=285_000))
    await _changed(bench, ref, change, **new)

    there = numbers((await bench.held(ref)).shown)
    ensure_same(there, [(first.sku, 150_000, 12), (second.sku, 285_000, 4)], "there")


@check("stock", "A stock is set to the count, also to none, and no other is", "stock")
async def stock(bench: Bench) -> None:
    """Set one of two stocks, down, up and to none."""
    first, second = samples.pack(1, 1), samples.pack(1, 2, samples.LITRE)
    ref = await bench.publish(**bench.packs(first, second))
    for count in (2, 9, 0):
        change = SetStock(client_ref="SP-00001", ref=ref, stocks={first.sku: count})
        await bench.apply(change)
        there = numbers((await bench.held(ref)).shown)
        expected = [(first.sku, 150_000, count), (second.sku, 280_000, 4)]
        ensure_same(there, expected, f"packs there after a stock of {count}")
        shown = numbers((await bench.shown(ref)).shown)
        ensure_same(shown, expected, f"packs as read after a stock of {count}")


@check("stars", "Another claim takes the place of the earlier one", "stars")
async def stars(bench: Bench) -> None:
    """Change stars, decision and end."""
    ref = await bench.publish()
    claim = StarClaim(stars=5, decision="002/QĐ-MẪU", valid_to=samples.CLAIM.valid_to)
    change = SetStars(client_ref="SP-00001", ref=ref, stars=claim)

    await _changed(bench, ref, change, stars=claim)

    ensure_same((await bench.held(ref)).shown.stars, claim, "the claim there")
    words = str(await bench.shop.raw(ref))
    ensure(samples.CLAIM.decision not in words, "the earlier decision is still there")


@check("stars-cleared", "Of a claim that is cleared nothing is left anywhere", "stars")
async def stars_cleared(bench: Bench) -> None:
    """Clear it, also in what the marketplace stores."""
    ref = await bench.publish()
    change = SetStars(client_ref="SP-00001", ref=ref, stars=None)

    await _changed(bench, ref, change, stars=None)

    ensure_same((await bench.held(ref)).shown.stars, None, "the claim there")
    words = str(await bench.shop.raw(ref))
    ensure(samples.CLAIM.decision not in words, "its decision is still there")


CONTENT: Final[Mapping[str, Any]] = {
    "title": "Tên mới của hàng mẫu",
    "description": "Lời tả mới.",
    "attributes": (("Xuất xứ", "Việt Nam"),),
    "pictures": ("https://anh.example/2.jpg",),
    "trace_url": "https://truyxuat.example/2",
}


@check("content", "A field of content is written by itself, and no other is", "content")
async def content(bench: Bench) -> None:
    """Update each field that the marketplace has, one after the other."""
    ref = await bench.publish()
    tried = 0
    for field, value in CONTENT.items():
        sent = bench.listing(**{field: value})
        if bench.canonical(sent) == bench.canonical(bench.listing()):
            continue  # no place for it
        other = bench.listing(title="Không được ghi", description="Không được ghi")
        await _changed(
            bench, ref, bench.update(ref, replace(other, **{field: value}), field),
            **{field: value},
        )  # fmt: skip
        tried += 1
    ensure(tried, "no field of content can be changed, though it is claimed")
    there = (await bench.held(ref)).shown
    ensure_same(there.title, CONTENT["title"], "the title there")


@check("category", "Another category takes the place of the earlier one", "content")
async def category(bench: Bench) -> None:
    """Update the category alone."""
    ref = await bench.publish()
    other = samples.category(type(bench.market), 1)
    if not other:
        reason = "the mapping has one category only"
        raise NotTriedError(reason)
    sent = bench.listing(category=other)

    await _changed(bench, ref, bench.update(ref, sent, "category"), category=other)

    ensure_same((await bench.held(ref)).shown.category, other, "the category there")
    words = str(await bench.shop.raw(ref))
    former = samples.category(type(bench.market))
    is_part = former in other
    ensure(
        is_part or f"'{former}'" not in words, "the earlier category is there as well"
    )


@check("facet-apart", "A change of one listing leaves all others alone")
async def facet_apart(bench: Bench) -> None:
    """Change listing 1 in every way, and look at listing 2."""
    ref, other = await bench.apply(bench.create(1), bench.create(4))
    before: RemoteListing = await bench.held(other)
    skipped = {"create", "put_sellers", "stop_sellers"}
    for name, change in bench.every_change(ref).items():
        if name not in skipped:
            await bench.apply(change)
    ensure_same(await bench.held(other), before, "another listing")


CHECKS: Final = (price, stock, stars, stars_cleared, content, category, facet_apart)
