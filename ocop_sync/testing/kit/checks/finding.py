"""Checks of `find`: by our reference and by SKU, whatever state a listing is in."""

from typing import Final

from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import check, ensure_same
from ocop_sync.testing.kit.checks.life import withdraw


async def _found(bench: Bench, **asked: list[str]) -> list[str]:
    found = await bench.market.find(**asked)
    return sorted(each.ref for each in found)


@check(
    "find-reference", "A listing is found by our reference, and no other is", "search"
)
async def find_reference(bench: Bench) -> None:
    """Look for one of two, and for one that is not there."""
    first, _ = await bench.apply(bench.create(1), bench.create(2))
    ours = samples.client_ref(1)

    ensure_same(await _found(bench, client_refs=[ours]), [first], "by our reference")
    ensure_same(await _found(bench, client_refs=[ours[:-1]]), [], "by half a reference")
    ensure_same(await _found(bench, client_refs=["SP-99999"]), [], "by another one")


@check(
    "find-sku",
    "A listing of several packs is found by each of its SKUs, once",
    "search",
)
async def find_sku(bench: Bench) -> None:
    """Look for a pack inside."""
    packs = [
        samples.pack(1, 1),
        samples.pack(1, 2, samples.LITRE),
        samples.pack(1, 3, samples.CASE),
    ]
    ref, other = await bench.apply(
        bench.create(1, **bench.packs(*packs)), bench.create(2)
    )
    for each in packs:
        ensure_same(await _found(bench, skus=[each.sku]), [ref], f"by SKU {each.sku}")
    every = [each.sku for each in packs]
    ensure_same(await _found(bench, skus=every), [ref], "by all its SKUs")
    both = await _found(bench, client_refs=[samples.client_ref(1)], skus=[every[1]])
    ensure_same(both, [ref], "by our reference and an SKU of it")
    mixed = await _found(bench, client_refs=[samples.client_ref(2)], skus=[every[2]])
    ensure_same(mixed, sorted([ref, other]), "two, by one name each")


@check(
    "find-nothing", "A search for nothing finds nothing, and not everything", "search"
)
async def find_nothing(bench: Bench) -> None:
    """Ask without names, and for an empty one."""
    await bench.publish()

    ensure_same(await _found(bench), [], "by nothing")
    ensure_same(await _found(bench, client_refs=[""], skus=[""]), [], "by empty names")


@check("find-down", "A listing that is down is found", "search")
async def find_down(bench: Bench) -> None:
    """Withdraw one, and look for it."""
    ref = await bench.publish()
    await bench.apply(withdraw(ref))

    ensure_same(await _found(bench, client_refs=[samples.client_ref(1)]), [ref], "ref")
    ensure_same(await _found(bench, skus=[samples.pack(1).sku]), [ref], "SKU")


CHECKS: Final = (find_reference, find_sku, find_nothing, find_down)
