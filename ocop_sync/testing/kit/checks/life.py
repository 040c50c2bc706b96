"""Checks of the life of a listing: created, taken down, put on sale again."""

from typing import Final

from ocop_sync.marketplace.change import (
    Republish,
    SetPrice,
    SetStars,
    SetStock,
    Withdraw,
)
from ocop_sync.marketplace.features import features_of
from ocop_sync.marketplace.listing import Listing, RemoteListing, RemoteState
from ocop_sync.marketplace.port import Applied, Refused, Unknown
from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.bench import Bench, refused
from ocop_sync.testing.kit.check import NotTriedError, check, ensure, ensure_same

UNKNOWN: Final = ("999999999", "khong-co", "")
"""References of no listing; the last one is none at all."""


def withdraw(ref: str, number: int = 1, *, ticket: str = "") -> Withdraw:
    """Return what takes listing *number* down."""
    return Withdraw(
        client_ref=samples.client_ref(number),
        ref=ref,
        reason="Hết hiệu lực",
        ticket=ticket,
    )


def republish(ref: str, number: int = 1) -> Republish:
    """Return what puts listing *number* on sale again."""
    return Republish(client_ref=samples.client_ref(number), ref=ref)


@check("create", "A created listing is on sale, once and as it was sent")
async def create(bench: Bench) -> None:
    """Create one, and look from both sides."""
    sent = bench.listing()
    ref = await bench.publish()

    held = await bench.shop.holds()
    ensure_same([each.ref for each in held], [ref], "listings held after one create")
    ensure(await bench.is_live(ref), f"it is {held[0].state}, and not on sale")
    there = held[0].shown
    ensure_same(there.client_ref, sent.client_ref, "our reference there")
    ensure_same(numbers(there), numbers(sent), "SKUs, prices and stocks there")
    ensure_same(there.title, bench.canonical(sent).title, "the title there")
    ensure_same(there.category, sent.category, "the category there")
    if bench.has("stars"):
        ensure_same(there.stars, sent.stars, "the claim there")
    shown = (await bench.shown(ref)).shown
    ensure_same(shown.client_ref, sent.client_ref, "our reference, as read")
    ensure_same(bench.canonical(shown), bench.canonical(sent), "the listing, as read")


@check("create-apart", "Listings that are created together stay apart")
async def create_apart(bench: Bench) -> None:
    """Create three, of other content each."""
    changes = [
        bench.create(n, **bench.packs(samples.pack(n, price_vnd=100_000 + n, stock=n)))
        for n in (1, 2, 3)
    ]
    refs = await bench.apply(*changes)

    ensure(len(set(refs)) == len(refs), f"refs of three creates: {refs}")
    for ref, change in zip(refs, changes, strict=True):
        ensure_same(
            numbers((await bench.held(ref)).shown), numbers(change.listing), ref
        )
    shown = await bench.market.read(list(reversed(refs)))
    found = [each.ref for each in shown if isinstance(each, RemoteListing)]
    ensure_same(found, list(reversed(refs)), "read in the order that was asked for")


@check("withdraw", "A withdrawn listing is not on sale, and can be withdrawn again")
async def withdrawn(bench: Bench) -> None:
    """Withdraw one twice."""
    ref = await bench.publish()

    await bench.apply(withdraw(ref))
    ensure(not await bench.is_live(ref), "it is still on sale")
    ensure_same((await bench.shown(ref)).state, RemoteState.DOWN, "its state, as read")
    (again,) = await bench.put(withdraw(ref))

    ensure(isinstance(again, Applied), f"the second withdrawal: {again!r}")
    ensure(not await bench.is_live(ref), "it is on sale after two withdrawals")


@check("republish", "A withdrawn listing comes back as it was, and is no second one")
async def republished(bench: Bench) -> None:
    """Withdraw one, and put it on sale again."""
    ref = await bench.publish()
    before = await bench.held(ref)

    await bench.apply(withdraw(ref))
    await bench.apply(republish(ref))

    ensure(await bench.is_live(ref), "it is not on sale again")
    ensure_same(numbers((await bench.held(ref)).shown), numbers(before.shown), "packs")
    ensure_same((await bench.held(ref)).shown.stars, before.shown.stars, "the claim")
    ensure_same(len(await bench.held_of(1)), 1, "listings after coming back")


@check("applied-state", "A state that an answer names is the one that the listing has")
async def applied_state(bench: Bench) -> None:
    """Compare each answer to a change of one listing with its state there."""
    ref = await bench.publish()
    told = 0
    for change in (withdraw(ref), republish(ref), *_settings(bench, ref)):
        (result,) = await bench.put(change)
        ensure(isinstance(result, Applied), f"{change.kind}: {result!r}")
        if isinstance(result, Applied) and result.state is not None:
            told += 1
            held = (await bench.held(ref)).state
            ensure_same(result.state, held, f"state told by {change.kind}")
        version = result.version if isinstance(result, Applied) else ""
        shown = (await bench.shown(ref)).version
        if version and shown:
            ensure_same(version, shown, f"version told by {change.kind}")
    if not told:
        reason = "no answer of this adapter names a state"
        raise NotTriedError(reason)


@check(
    "unknown-ref",
    "A change of a listing that is not there is refused, and does nothing",
)
async def unknown_ref(bench: Bench) -> None:
    """Change what is not there, in every way."""
    ref = await bench.publish()
    before = await bench.shop.holds()
    for unknown in UNKNOWN:
        for name, change in bench.every_change(unknown).items():
            if name in {"create", "put_sellers", "stop_sellers"}:
                continue
            (result,) = await bench.put(change)
            ensure(
                refused(result) or isinstance(result, Unknown),
                f"{name} of a listing that is not there: {result!r}",
            )
    ensure_same(await bench.shop.holds(), before, "what is there afterwards")
    ensure(await bench.is_live(ref), "another listing went down")


@check("unknown-read", "A listing that is not there is read as none, in its place")
async def unknown_read(bench: Bench) -> None:
    """Read it between two that are there."""
    first, second = await bench.apply(bench.create(1), bench.create(2))

    found = await bench.market.read([first, UNKNOWN[0], second, UNKNOWN[1], first])

    refs = [each and each.ref for each in found]
    ensure_same(refs, [first, None, second, None, first], "refs that were read")
    ensure_same(list(await bench.market.read([])), [], "read of nothing")


@check("partial-batch", "One refused change in a batch keeps no other back")
async def partial_batch(bench: Bench) -> None:
    """Change two listings, and one between them that is not there."""
    first, second = await bench.apply(bench.create(1), bench.create(2))
    changes = [
        withdraw(first),
        withdraw(UNKNOWN[0], number=3),
        withdraw(second, number=2),
    ]

    results = await bench.put(*changes)

    kinds = [type(each) for each in results]
    ensure(
        kinds[0] is Applied and kinds[2] is Applied and kinds[1] in {Refused, Unknown},
        f"results of a batch with one unknown listing: {results!r}",
    )
    for ref in (first, second):
        ensure(
            not await bench.is_live(ref), f"{ref}, beside the refused one, is on sale"
        )


@check("refused-create", "A create that is refused says why, and leaves no listing")
async def refused_create(bench: Bench) -> None:
    """Send one that no marketplace takes, between two that are right."""
    bad = bench.create(2, **bench.packs(samples.pack(2, price_vnd=-1, stock=-1)))
    results = await bench.put(bench.create(1), bad, bench.create(3))

    if isinstance(results[1], Applied):
        reason = "the marketplace takes a negative price and stock"
        raise NotTriedError(reason)
    ensure(refused(results[1]), f"a create that cannot be right: {results[1]!r}")
    good = [isinstance(results[n], Applied) for n in (0, 2)]
    ensure(all(good), f"those beside it: {results!r}")
    held = [each for each in await bench.held_of(2) if each.state is RemoteState.LIVE]
    ensure(not held, "the refused listing is on sale")


def numbers(listing: Listing) -> list[tuple[str, int, int]]:
    """Return SKU, price and stock of each pack."""
    return sorted((v.sku, v.price_vnd, v.stock) for v in listing.variants)


def _settings(bench: Bench, ref: str) -> list[SetPrice | SetStock | SetStars]:
    has = features_of(bench.can)
    ours = {"client_ref": samples.client_ref(1), "ref": ref}
    sku = samples.pack(1).sku
    found: list[SetPrice | SetStock | SetStars] = []
    if has["price"]:
        found.append(SetPrice(**ours, prices={sku: 151_000}))
    if has["stock"]:
        found.append(SetStock(**ours, stocks={sku: 5}))
    if has["stars"]:
        found.append(SetStars(**ours, stars=None))
    return found


CHECKS: Final = (
    *(create, create_apart, withdrawn, republished, applied_state),
    *(unknown_ref, unknown_read, partial_batch, refused_create),
)
