"""Checks of methods of several calls that break off after each of them."""

from typing import Any, Final

from ocop_sync.errors import OutcomeUnknownError
from ocop_sync.marketplace.change import (
    Change,
    SetPrice,
    SetStars,
    SetStock,
    Update,
)
from ocop_sync.marketplace.listing import RemoteListing, RemoteState
from ocop_sync.marketplace.port import Applied, Submitted, Unknown
from ocop_sync.testing.kit import samples
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import WIRE, NotTriedError, check, ensure, ensure_same
from ocop_sync.testing.kit.checks.life import numbers, republish

_MOST_STEPS: Final = 8
_ON_ITS_WAY: Final = frozenset({RemoteState.LIVE, RemoteState.IN_REVIEW})


async def _find(bench: Bench, number: int) -> list[Any]:
    """Look for a listing by our reference, by search or by pages."""
    ours = samples.client_ref(number)
    if bench.has("search"):
        return list(await bench.market.find(client_refs=[ours]))
    return [
        each
        for each in await bench.pages()
        if isinstance(each, RemoteListing) and each.shown.client_ref == ours
    ]


async def _resume(bench: Bench, number: int) -> None:
    """Do what the service does with a create whose outcome is unknown."""
    await bench.shop.settle()
    found = await _find(bench, number)
    ensure(len(found) <= 1, f"a create that broke off left {len(found)} listings")
    if not found:
        await bench.apply(bench.create(number))
        return
    (half,) = found
    ensure(isinstance(half, RemoteListing), f"half made, it cannot be read: {half!r}")
    whole = bench.canonical(bench.listing(number))
    if half.state in _ON_ITS_WAY:
        said = f"half made, it is {half.state}"
        ensure_same(bench.canonical(half.shown), whole, said)
        return
    ensure_same(half.state, RemoteState.DOWN, "the state of a half made listing")
    state: RemoteState | None = None
    for change in _rest(bench, half.ref, number):
        (result,) = await bench.put(change)
        ensure(isinstance(result, Applied), f"{change.kind} of the rest: {result!r}")
        state = result.state if isinstance(result, Applied) else None
    if state is not RemoteState.LIVE:
        await bench.apply(republish(half.ref, number))


def _rest(bench: Bench, ref: str, number: int) -> list[Change]:
    sent = bench.listing(number)
    ours = {"client_ref": sent.client_ref, "ref": ref}
    fields = {"title", "description", "category", "attributes", "pictures", "variants"}
    changes: list[Change] = [
        Update(**ours, listing=sent, fields=frozenset(fields)),
    ]
    if bench.has("price"):
        prices = {v.sku: v.price_vnd for v in sent.variants}
        changes.append(SetPrice(**ours, prices=prices))
    if bench.has("stars"):
        changes.append(SetStars(**ours, stars=sent.stars))
    if bench.has("stock"):
        stocks = {v.sku: v.stock for v in sent.variants}
        changes.append(SetStock(**ours, stocks=stocks))
    return changes


def _has(found: RemoteListing, sku: str) -> bool:
    return any(each.sku == sku for each in found.shown.variants)


async def _break_creates(bench: Bench, fault: str) -> int:
    """Break a create in each of its calls in turn; return how many it has."""
    wire = bench.on_the_wire
    await bench.publish(90)
    for step in range(_MOST_STEPS):
        number = step + 1
        before = len(wire.hops)
        wire.break_calls(fault, only_writes=True, skip=step, count=1)
        came = await bench.came_of(bench.send(bench.create(number)))
        wire.mend()
        made = [hop for hop in wire.hops[before:] if hop.is_write]
        if not any(hop.hit for hop in made):
            return step
        found: Any = came if isinstance(came, Exception) else came[0]
        is_unknown = isinstance(found, OutcomeUnknownError | Unknown)
        ensure(is_unknown, f"broken in call {step + 1}: {found!r}")
        await _resume(bench, number)
        held = await bench.held_of(number)
        ensure_same(len(held), 1, f"listings after call {step + 1} broke off")
        sku = samples.pack(number).sku
        same = [e for e in await bench.shop.holds() if _has(e, sku)]
        ensure_same(len(same), 1, f"listings of its pack after call {step + 1} broke")
        (ref,) = [each.ref for each in held]
        ensure(await bench.is_live(ref), f"not on sale, broken in call {step + 1}")
        expected = numbers(bench.listing(number))
        ensure_same(numbers(held[0].shown), expected, "packs there, after all")
    ensure(False, f"a create has more than {_MOST_STEPS} calls")
    return 0


@check(
    "create-broken",
    "A create whose answer is lost in any of its calls is resumed, and not doubled",
    WIRE,
)
async def create_broken(bench: Bench) -> None:
    """Lose the answer of each call in turn."""
    await _break_creates(bench, "lose_answer")


@check(
    "create-cut",
    "A create that is cut off before any of its calls is resumed, and not doubled",
    WIRE,
)
async def create_cut(bench: Bench) -> None:
    """Let each call in turn never arrive."""
    await _break_creates(bench, "lose_request")


@check(
    "second-step",
    "A method whose second call cannot connect is unknown, after the first",
    WIRE,
)
async def second_step(bench: Bench) -> None:
    """Unplug the marketplace after the first call that writes, in each method."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    tried = list[str]()
    for name, change in bench.every_change(ref).items():
        there = await bench.shop.holds()
        wire.break_calls("unplug", only_writes=True, count=1)
        came = await bench.came_of(bench.send(change))
        wire.mend()
        await wire.plug_in()
        found: Any = came if isinstance(came, Exception) else came[0]
        if isinstance(found, Applied | Submitted):
            continue  # it has one call that writes
        await bench.shop.settle()
        if await bench.shop.holds() != there:
            tried.append(name)
            is_unknown = isinstance(found, OutcomeUnknownError | Unknown)
            ensure(is_unknown, f"{name}, second call not connected: {found!r}")
    if not tried:
        reason = "no method of this adapter has made a second call that writes"
        raise NotTriedError(reason)


CHECKS: Final = (create_broken, create_cut, second_step)
