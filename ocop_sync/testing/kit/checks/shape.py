"""Checks of the adapter as a class, before any call."""

import unicodedata
from dataclasses import replace
from typing import Final

from ocop_sync.errors import AuthenticationError, MarketplaceError, ProtocolError
from ocop_sync.marketplace.capabilities import Capabilities
from ocop_sync.marketplace.features import features_of, lacking_methods
from ocop_sync.marketplace.listing import Listing
from ocop_sync.marketplace.mapping import ListingMapping
from ocop_sync.marketplace.port import PORT_VERSION, Marketplace
from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.bench import METHODS, Bench
from ocop_sync.testing.kit.check import NotTriedError, check, ensure, ensure_same


@check("shape", "The class is an adapter, and has each method that it claims")
async def shape(bench: Bench) -> None:
    """Look at the class as the registry does."""
    await bench.publish(99)
    adapter = type(bench.market)
    can = adapter.capabilities
    ensure(issubclass(adapter, Marketplace), "it is no class of Marketplace")
    ensure_same(adapter.port_version, PORT_VERSION, "port_version")
    ensure(isinstance(can, Capabilities), "capabilities are missing")
    ensure(isinstance(adapter.mapping, ListingMapping), "the mapping is missing")
    ensure_same(adapter.mapping.marketplace, adapter.name, "marketplace of the mapping")
    left = lacking_methods(adapter)
    ensure(not left, f"claimed and not there: {', '.join(left)}")
    ensure(can.has_events or not can.tells_sales, "tells_sales, but has no events")
    ensure(can.page_size >= 1 and can.read_batch >= 1, "a page or batch of none")
    ensure(can.calls_in_a_row >= 1 and can.call_timeout_s > 0, "calls without a bound")


@check("check", "Signing in is proved without a change")
async def signs_in(bench: Bench) -> None:
    """Sign in, and see that all is as it was."""
    ref = await bench.publish()
    before = await bench.held(ref)

    await bench.market.check()

    ensure_same(await bench.held(ref), before, "a listing after check()")
    if bench.wire is not None:
        calls = len(bench.wire.hops)
        await bench.market.check()
        made = bench.wire.hops[calls:]
        ensure(made, "check() makes no call, so it proves nothing")


@check("canonical", "canonical() is the same when it is applied once more")
async def canonical_twice(bench: Bench) -> None:
    """Try it on tidy and untidy listings."""
    await bench.publish(99)
    adapter = type(bench.market)
    for each in _untidy(bench):
        once = adapter.canonical(each)
        ensure_same(adapter.canonical(once), once, "canonical() applied twice")
        kept = (once.client_ref, once.seller_ref)
        if kept[0]:
            ensure_same(kept[0], each.client_ref, "client_ref in canonical()")


@check("canonical-empties", "canonical() empties what the marketplace has no place for")
async def canonical_empties(bench: Bench) -> None:
    """Try it on a listing that has everything."""
    await bench.publish(99)
    can, made = bench.can, bench.listing()
    full = replace(
        made,
        trace_url="https://truyxuat.example/1",
        stars=samples.CLAIM,
        variants=(samples.pack(1),),
    )
    plain = type(bench.market).canonical(full)
    has = features_of(can)
    ensure(has["stars"] or plain.stars is None, "stars are left, without a place")
    ensure(can.has_trace_page or plain.trace_url == "", "a trace_url is left")
    ensure(can.has_gtin or plain.variants[0].gtin == "", "a GTIN is left")


@check("canonical-read", "What is read back equals canonical() of what was sent")
async def canonical_read(bench: Bench) -> None:
    """Create tidy and untidy listings, and read them."""
    for number, each in enumerate(_untidy(bench), start=1):
        sent = replace(
            each,
            client_ref=samples.client_ref(number),
            variants=tuple(
                replace(v, sku=f"{samples.client_ref(number)}-{n}")
                for n, v in enumerate(each.variants, start=1)
            ),
        )
        create = bench.create(number)
        (ref,) = await bench.apply(replace(create, listing=sent))
        shown = await bench.shown(ref)
        ensure_same(
            bench.canonical(shown.shown), bench.canonical(sent), "read, by canonical()"
        )


@check("calls-pure", "calls() counts without a call, and counts nothing for nothing")
async def calls_pure(bench: Bench) -> None:
    """Count changes of each kind."""
    await bench.publish(99)
    adapter = type(bench.market)
    ensure_same(adapter.calls([]), 0, "calls([])")
    for name, change in bench.every_change("1").items():
        ensure(adapter.calls([change]) >= 1, f"calls() of one {name} is none")
        size = bench.can.write_batch.get(change.kind, 1)
        more = adapter.calls([change] * (size + 1))
        ensure(more > adapter.calls([change] * size), f"calls() of {name}: {more}")


@check("unclaimed", "What is not claimed is left out, and so is never called")
async def unclaimed(bench: Bench) -> None:
    """See that each method that is not claimed is the port's own."""
    await bench.publish(99)
    adapter = type(bench.market)
    names = [*METHODS.values(), "find", "follow", "events"]
    not_claimed = [name for name in names if not bench.offers(name)]
    if not not_claimed:
        reason = "everything is claimed"
        raise NotTriedError(reason)
    for name in not_claimed:
        ensure(
            getattr(adapter, name) is getattr(Marketplace, name),
            f"{name} is there, but its capability is not claimed",
        )


@check("push-unsigned", "A push without a signature is not believed")
async def push_unsigned(bench: Bench) -> None:
    """Hand in pushes that nobody signed."""
    await bench.publish(99)
    url = "https://example.org/pushes/1"
    for headers in ({}, {"Signature": "00", "X-Signature": "00"}):
        for body in (b"", b"{}", b'{"events": []}'):
            try:
                events = bench.market.verify_push(url, headers, body)
            except AuthenticationError:
                continue
            ensure(False, f"a push that nobody signed is believed: {events!r}")


@check("push-signed", "A signed push is read, and not under another address or body")
async def push_signed(bench: Bench) -> None:
    """Have a push made, and tamper with it."""
    await bench.publish(99)
    url = "https://example.org/pushes/1"
    headers, body = await bench.shop.push(url)
    ensure(bench.market.verify_push(url, headers, body), "a signed push holds no event")
    for other_url, other_body in ((f"{url}2", body), (url, body + b" ")):
        try:
            bench.market.verify_push(other_url, headers, other_body)
        except (AuthenticationError, ProtocolError) as error:
            ensure(isinstance(error, MarketplaceError), repr(error))
            continue
        ensure(False, "a push is believed that was tampered with")


def _untidy(bench: Bench) -> list[Listing]:
    """Return listings as people type them: spaces, other Unicode, any order."""
    tidy = bench.listing()
    rules = type(bench.market).mapping
    return [
        tidy,
        replace(
            tidy,
            title=unicodedata.normalize("NFD", tidy.title),
            description=f"  {tidy.description}\n\nDòng thứ hai.  ",
        ),
        replace(
            tidy,
            attributes=tuple(reversed(tidy.attributes)),
            pictures=tuple(
                f"https://anh.example/{n}.jpg" for n in range(rules.pictures.max_count)
            ),
        ),
        bench.listing(
            **bench.packs(
                samples.pack(1, 1), samples.pack(1, 2, samples.LITRE, weight_g=None)
            )
        ),
    ]


CHECKS: Final = (
    *(shape, unclaimed, signs_in, canonical_twice, canonical_empties, canonical_read),
    *(calls_pure, push_unsigned, push_signed),
)
