"""Checks of what calls cost: as counted, paced, and none that is not needed."""

from typing import Final

from ocop_sync.marketplace.change import Change, Kind
from ocop_sync.testing.kit.bench import METHODS, Bench
from ocop_sync.testing.kit.check import WIRE, check, ensure, ensure_same

_AFTER: Final = frozenset({"republish", "stop_sellers", "put_sellers"})


@check(
    "calls",
    "No more calls write than calls() has counted, and not less than can be",
    WIRE,
)
async def calls(bench: Bench) -> None:
    """Count the writes of a change of each kind, and of a batch of them."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    for name, change in bench.every_change(ref).items():
        counted = type(bench.market).calls([change])
        before = len(wire.hops)
        await bench.came_of(bench.send(change))
        made = sum(hop.is_write for hop in wire.hops[before:])
        _ensure_counted(bench, name, made, counted)
        await bench.shop.settle()
    creates = [bench.create(n) for n in range(20, 23)]
    counted = type(bench.market).calls(creates)
    if bench.has("sellers"):
        await bench.put(bench.put_seller())
    before = len(wire.hops)
    await bench.put(*creates)
    made = sum(hop.is_write for hop in wire.hops[before:])
    _ensure_counted(bench, "create of three", made, counted)


def _ensure_counted(bench: Bench, name: str, made: int, counted: int) -> None:
    row = bench.can.calls_in_a_row
    ensure(1 <= made <= counted, f"{name}: {made} calls, and calls() says {counted}")
    # A call that only some changes need counts for all.
    ensure(counted <= made * row, f"{name}: {made} calls, and calls() says {counted}")
    ensure(made <= counted, f"{name}: {made} calls in a row")


@check("paced", "The quota is asked once before each call", WIRE)
async def paced(bench: Bench) -> None:
    """Compare what the quota let through with what was called."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    await bench.pages()
    await bench.market.read([ref])
    if bench.has("search"):
        await bench.market.find(client_refs=["SP-00001"])
    for change in bench.every_change(ref).values():
        await bench.came_of(bench.send(change))

    ensure_same(bench.quota.taken, len(wire.hops), "calls that the quota let through")


@check(
    "no-waste", "Nothing is called for nothing, and a read of one is few calls", WIRE
)
async def no_waste(bench: Bench) -> None:
    """Ask for nothing in every way, then for a little."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    before = len(wire.hops)
    await bench.market.read([])
    if bench.has("search"):
        await bench.market.find()
    if bench.has("reviews"):
        await bench.market.follow([])
    for kind in Kind:
        if bench.offers(METHODS[kind]):
            nothing: list[Change] = []
            ensure_same(
                list(await getattr(bench.market, METHODS[kind])(nothing)), [], kind
            )
    ensure_same(len(wire.hops) - before, 0, "calls for nothing")
    before = len(wire.hops)
    await bench.market.read([ref])
    ensure_same(len(wire.hops) - before, 1, "calls to read one listing")
    before = len(wire.hops)
    await bench.market.page(None)
    ensure_same(len(wire.hops) - before, 1, "calls for the page of one listing")


@check("reads-harmless", "No read writes", WIRE)
async def reads_harmless(bench: Bench) -> None:
    """Read in every way, and look for writes on the wire."""
    from ocop_sync.testing.kit.checks.failing_reads import reads_of  # noqa: PLC0415 - no circle

    wire = bench.on_the_wire
    ref = await bench.publish()
    held, before = await bench.shop.holds(), len(wire.hops)
    for read in reads_of(bench, ref).values():
        await bench.came_of(read())
    writes = [hop.path for hop in wire.hops[before:] if hop.is_write]
    ensure_same(writes, [], "writes of reads")
    ensure_same(await bench.shop.holds(), held, "what is there after reading")


CHECKS: Final = (calls, paced, no_waste, reads_harmless)
