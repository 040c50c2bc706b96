"""Checks of reads that fail: each failure is the error that the port names."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from ocop_sync.errors import (
    AuthenticationError,
    MarketplaceError,
    ProtocolError,
    RateLimitedError,
    UnavailableError,
)
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import WIRE, Check, check, ensure, ensure_same
from ocop_sync.testing.kit.shown import ensure_shows_nothing
from ocop_sync.testing.kit.wire_faults import ELSEWHERE


def reads_of(bench: Bench, ref: str) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Return a read of each method that is claimed."""
    market = bench.market
    reads: dict[str, Callable[[], Awaitable[Any]]] = {
        "page": lambda: market.page(None),
        "read": lambda: market.read([ref]),
        "find": lambda: market.find(client_refs=["SP-00001"]),
        "follow": lambda: market.follow([ref]),
        "events": lambda: market.events(None),
    }
    return {name: each for name, each in reads.items() if bench.offers(name)}


async def _fail(
    bench: Bench, fault: str, expected: type[MarketplaceError] | None
) -> None:
    """Let *fault* hit every read; each must come to the expected error."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    calm = bench.market
    if fault == "slow":
        bench.make_hasty()
    await bench.sign_in()
    for name, read in reads_of(bench, ref).items():
        before = len(wire.hops)
        wire.break_calls(fault)
        came = await bench.came_of(read())
        wire.mend()
        made = wire.hops[before:]
        ensure(any(hop.hit for hop in made), f"{name}: made no call")
        if expected is None:
            ensure(not isinstance(came, Exception), f"{name}, {fault}: {came!r}")
        else:
            ensure(isinstance(came, expected), f"{name}, {fault}: {came!r}")
        ensure_shows_nothing(bench, came)
        ensure(not any(hop.is_write for hop in made), f"{name} writes")
        ensure(all(hop.path != ELSEWHERE for hop in made), f"{name} follows a redirect")
    bench.market = calm
    ensure(await bench.is_live(ref), "afterwards the listing cannot be read")


def _read(fault: str, words: str, error: type[MarketplaceError] | None) -> Check:
    async def run(bench: Bench) -> None:
        await _fail(bench, fault, error)

    name = f"read-{fault.replace('_', '-')}"
    promise = f"{words} is {error.__name__}" if error else words
    return check(name, promise, WIRE)(run)


_FAILURES: Final[Mapping[type[MarketplaceError] | None, Mapping[str, str]]] = {
    UnavailableError: {
        "error_before": "A read that is answered 5xx",
        "lose_answer": "A read whose answer is lost",
        "slow": "A read without an answer",
        "cut_body": "A read that breaks off",
        "talkative": "A failed read shows no secret and no personal datum, and",
    },
    ProtocolError: {
        "garbage": "A read of broken JSON",
        "empty": "A read of nothing at all",
        "not_utf8": "A read of what is no UTF-8",
        "other_json": "A read of other JSON",
        "html": "A read of a page for people",
        "packed": "A compressed answer to a read",
        "not_http": "A read of what is no HTTP",
        "redirect": "A redirected read is not followed, and",
    },
    RateLimitedError: {"rate_limited": "A read that is answered 429"},
    AuthenticationError: {"unauthorized": "A read that is answered 401"},
    None: {"answer_twice": "An answer that comes twice is taken once"},
}
FAILURES: Final = [
    _read(fault, words, error)
    for error, faults in _FAILURES.items()
    for fault, words in faults.items()
]


@check("read-oversize", "An answer without an end is not read to its end", WIRE)
async def oversize(bench: Bench) -> None:
    """Let a page be megabytes long."""
    wire = bench.on_the_wire
    await bench.publish()
    await bench.market.page(None)
    wire.break_calls("oversize")

    came = await bench.came_of(bench.market.page(None))

    wire.mend()
    no_listing = not isinstance(came, Exception) and not came.items
    ensure(no_listing or isinstance(came, ProtocolError), f"page: {came!r}")


@check(
    "read-repeated",
    "A read that cannot be understood is asked once more, and then read",
    WIRE,
)
async def repeated(bench: Bench) -> None:
    """Garble one answer of a page, and let the next one pass."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    await bench.market.page(None)
    wire.break_calls("garbage", count=1)

    page = await bench.market.page(None)

    ensure_same([each.ref for each in page.items], [ref], "the page, asked once more")


RETRY_AFTER: Final[Mapping[str, tuple[float, float] | None]] = {
    "7": (7, 7),
    "2.5": (2.5, 2.5),
    "0": (0, 0),
    "": None,
    "soon": None,
    "-5": (0, 0),
    "99999999999": (3_600, 3_600),
    "Wed, 21 Oct 2015 07:28:00 GMT": (0, 0),
}
"""What each form of Retry-After may come to, in seconds; None also fits."""


@check(
    "rate-limits",
    "Each form of Retry-After is understood or bounded, and the quota is told",
    WIRE,
)
async def rate_limits(bench: Bench) -> None:
    """Answer 429 in every form, to a read and to a write."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    change = bench.every_change(ref)["update"]
    for value, waits in RETRY_AFTER.items():
        calls: dict[str, Callable[[], Awaitable[Any]]] = {
            "page": lambda: bench.market.page(None),
            "update": lambda: bench.send(change),
        }
        for name, call in calls.items():
            bench.quota.pauses.clear()
            wire.break_calls("rate_limited", value=value)
            came = await bench.came_of(call())
            wire.mend()
            said = f"{name}, Retry-After {value!r}"
            ensure(isinstance(came, RateLimitedError), f"{said}: {came!r}")
            after = came.retry_after
            fits = after is None or (waits and waits[0] <= after <= waits[1])
            ensure(fits, f"{said}: retry_after is {after}")
            pauses = bench.quota.pauses
            ensure(len(pauses) == 1, f"{said}: the quota was told {len(pauses)} times")
            ensure(0 <= pauses[0] <= 3_600, f"{said}: a pause of {pauses[0]} s")  # noqa: PLR2004 - an hour


CHECKS: Final = (*FAILURES, oversize, repeated, rate_limits)
