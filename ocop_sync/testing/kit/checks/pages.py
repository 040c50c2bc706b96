"""Checks of pages: nothing is left out, whatever happens between them."""

from typing import Final

from ocop_sync.marketplace.listing import RemoteListing, Unreadable
from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import NotTriedError, check, ensure, ensure_same
from ocop_sync.testing.kit.shop import NotOffered


async def _fill(bench: Bench) -> list[str]:
    """Publish more than two pages of listings; return their refs."""
    number = 2 * bench.can.page_size + 1
    if number > bench.shop.most_listings:
        reason = f"three pages would be {number} listings: over `most_listings`"
        raise NotTriedError(reason)
    creates = [bench.create(n) for n in range(1, number + 1)]
    return await bench.apply(*creates)


@check("pages-empty", "A shop without listings has one empty page")
async def pages_empty(bench: Bench) -> None:
    """Read the pages of a fresh shop."""
    ensure_same(await bench.pages(), [], "listings of a fresh shop")
    ref = await bench.publish()
    found = [each.ref for each in await bench.pages()]
    ensure_same(found, [ref], "listings of a shop with one")


@check("pages", "Every listing comes in some page, while others come and go")
async def pages(bench: Bench) -> None:
    """Read three pages; listings come, and go where the shop can play that."""
    refs = await _fill(bench)
    whole = [each.ref for each in await bench.pages()]
    ensure_same(sorted(set(whole)), sorted(refs), "refs of all pages")
    gone = set[str]()
    found = list[str]()
    cursor: str | None = None
    for n in range(len(refs)):
        page = await bench.market.page(cursor)
        found += [each.ref for each in page.items]
        if page.next is None:
            break
        ensure(page.next != cursor, "a page leads to itself")
        cursor = page.next
        if n < 2:  # noqa: PLR2004 - between the first three pages
            await bench.apply(bench.create(10_000 + n))
            try:
                await bench.shop.remove(refs[n])
                gone.add(refs[n])
            except NotOffered:
                continue
    there_all_along = set(refs) - gone
    missed = sorted(there_all_along - set(found))
    ensure(not missed, f"left out of the pages: {missed[:5]} of {len(missed)}")


@check("pages-down", "Listings that are down come in pages as well")
async def pages_down(bench: Bench) -> None:
    """Take one of two down."""
    from ocop_sync.testing.kit.checks.life import withdraw  # noqa: PLC0415 - no circle

    down, live = await bench.apply(bench.create(1), bench.create(2))
    await bench.apply(withdraw(down))

    found = {
        e.ref: e.state for e in await bench.pages() if isinstance(e, RemoteListing)
    }

    ensure_same(set(found), {down, live}, "refs of all pages")
    ensure(found[down] is not found[live], f"states by page: {found}")


@check("odd-item", "A listing that cannot be read keeps no other back")
async def odd_item(bench: Bench) -> None:
    """Damage one of three, on the way or over there."""
    refs = await bench.apply(*[bench.create(n) for n in (1, 2, 3)])
    if bench.wire is not None:
        bench.wire.spoil(samples.client_ref(2))
    else:
        await bench.shop.garble(refs[1])

    found = await bench.pages()
    read = await bench.market.read(refs)

    good = {each.ref for each in found if isinstance(each, RemoteListing)}
    if good == set(refs):
        reason = "no answer could be damaged: it is no JSON with our reference"
        raise NotTriedError(reason)
    odd = [each for each in found if isinstance(each, Unreadable)]
    ensure_same(good, {refs[0], refs[2]}, "listings beside an odd one")
    ensure(odd, "the odd one is not told of")
    ensure(all(each.reason for each in odd), "an odd one has no reason")
    kinds = [isinstance(each, RemoteListing) for each in read]
    ensure_same(kinds, [True, False, True], "which of three are read")
    ensure(isinstance(read[1], Unreadable), f"the odd one, as read: {read[1]!r}")


CHECKS: Final = (pages_empty, pages, pages_down, odd_item)
