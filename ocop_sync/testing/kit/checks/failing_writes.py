"""Checks of writes that fail: what comes of each is allowed, and true.

After each write the marketplace itself is asked whether anything has changed there.
"""

from typing import Any, Final

from ocop_sync.errors import (
    AuthenticationError,
    CallRefusedError,
    FatalError,
    OutcomeUnknownError,
    RateLimitedError,
    TransientError,
)
from ocop_sync.marketplace.port import Applied, Refused, Submitted, Unknown
from ocop_sync.testing.kit.bench import Bench
from ocop_sync.testing.kit.check import WIRE, Check, check, ensure, ensure_same
from ocop_sync.testing.kit.shown import ensure_shows_nothing
from ocop_sync.testing.kit.wire_faults import ELSEWHERE

Kinds = tuple[type, ...]
LOST: Final[Kinds] = (OutcomeUnknownError, Unknown)
DONE: Final[Kinds] = (Applied, Submitted)
NOT_APPLIED: Final[Kinds] = (TransientError, CallRefusedError, FatalError, Refused)


async def _fail(bench: Bench, fault: str, expected: Kinds, most: int) -> None:
    """Let *fault* hit every write; each must come to something expected."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    if fault == "slow":
        bench.make_hasty()
    await bench.sign_in()
    for name, change in bench.every_change(ref).items():
        there, before = await bench.shop.holds(), len(wire.hops)
        wire.break_calls(fault, only_writes=True)
        came = await bench.came_of(bench.send(change))
        wire.mend()
        found: Any = came if isinstance(came, Exception) else came[0]
        made = wire.hops[before:]
        writes = [hop for hop in made if hop.is_write]
        ensure(writes, f"{name}: made no call that writes")
        ensure(isinstance(found, expected), f"{name}, {fault}: {found!r}")
        ensure_shows_nothing(bench, found)
        ensure(len(writes) <= most, f"{name}, {fault}: sent {len(writes)} times")
        ensure(all(hop.path != ELSEWHERE for hop in made), f"{name} follows a redirect")
        if isinstance(found, NOT_APPLIED):
            await bench.shop.settle()
            ensure_same(
                await bench.shop.holds(), there, f"{name}, said to be not applied"
            )


def _write(fault: str, promise: str, expected: Kinds) -> Check:
    most = 2 if fault == "unauthorized" else 1

    async def run(bench: Bench) -> None:
        await _fail(bench, fault, expected, most)

    return check(f"write-{fault.replace('_', '-')}", promise, WIRE)(run)


_LOSSES: Final = {
    "lose_request": "that is cut off",
    "lose_answer": "whose answer is lost",
    "error_before": "that is answered 5xx",
    "error_after": "that is applied and answered 5xx",
    "slow": "without an answer",
    "cut_body": "whose answer breaks off",
    "garbage": "that is answered with broken JSON",
    "empty": "that is answered with nothing at all",
    "not_utf8": "whose answer is no UTF-8",
    "other_json": "that is answered with other JSON",
    "html": "that is answered with a page for people",
    "packed": "whose answer is compressed",
    "not_http": "that is answered with no HTTP",
    "oversize": "whose answer has no end",
    "redirect": "that is redirected is not followed, and",
    "talkative": "that fails shows no secret and no personal datum, and",
}
FAILURES: Final = [
    *(
        _write(fault, f"A write {words} is unknown, and not sent again", LOST)
        for fault, words in _LOSSES.items()
    ),
    _write(
        "rate_limited",
        "A write that is answered 429 is RateLimitedError",
        (RateLimitedError,),
    ),
    _write(
        "unauthorized",
        "A write that is answered 401 is tried once more, and then given up",
        (AuthenticationError,),
    ),
]


@check(
    "write-unreachable", "A write that cannot connect is known not to be applied", WIRE
)
async def unreachable(bench: Bench) -> None:
    """Unplug the marketplace before each write."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    await bench.market.page(None)
    for name, change in bench.every_change(ref).items():
        wire.break_calls("unplug", count=1)
        await bench.market.page(None)
        came = await bench.came_of(bench.send(change))
        wire.mend()
        await wire.plug_in()
        ensure(isinstance(came, TransientError), f"{name}, not connected: {came!r}")


@check("write-twice", "A write that arrives twice is told as it came to", WIRE)
async def twice(bench: Bench) -> None:
    """Deliver writes twice; the first answer is given."""
    wire = bench.on_the_wire
    ref = await bench.publish()
    for name, change in bench.every_change(ref).items():
        wire.break_calls("twice", only_writes=True)
        came = await bench.came_of(bench.send(change))
        wire.mend()
        found: Any = came if isinstance(came, Exception) else came[0]
        ensure(isinstance(found, (*DONE, *LOST, Refused)), f"{name}, twice: {found!r}")
    ensure_same((await bench.shown(ref)).ref, ref, "the listing afterwards")


@check(
    "write-late", "A write that arrives late was unknown, and is found afterwards", WIRE
)
async def late(bench: Bench) -> None:
    """Cut a create off, look for it, let it arrive, and look again."""
    wire = bench.on_the_wire
    await bench.publish(5)
    wire.break_calls("late", only_writes=True)
    came = await bench.came_of(bench.send(bench.create()))
    wire.mend()
    found: Any = came if isinstance(came, Exception) else came[0]
    ensure(isinstance(found, LOST), f"a create that is kept back: {found!r}")
    ensure_same(await bench.held_of(1), [], "listings before it arrives")
    await wire.deliver_late()
    await bench.shop.settle()

    held = await bench.held_of(1)
    ensure_same(len(held), 1, "listings after it arrived")
    if bench.has("search"):
        seen = await bench.market.find(client_refs=["SP-00001"])
    else:
        seen = [e for e in await bench.pages() if e.ref == held[0].ref]
    ensure_same([each.ref for each in seen], [held[0].ref], "what is found of it")


@check(
    "answers-apart",
    "An answer that comes twice is not taken for that of the next call",
    WIRE,
)
async def answers_apart(bench: Bench) -> None:
    """Answer every call twice, and change two listings in turn."""
    wire = bench.on_the_wire
    first, second = await bench.apply(bench.create(1), bench.create(2))
    wire.break_calls("answer_twice")
    for number, ref in ((1, first), (2, second)):
        title = f"Tên mới {number}"
        sent = bench.listing(number, title=title)
        came = await bench.came_of(bench.send(bench.update(ref, sent, "title")))
        if not isinstance(came, Exception):
            ensure_same(
                getattr(came[0], "ref", ref) or ref, ref, "the ref of an answer"
            )
        found = await bench.came_of(bench.market.read([ref]))
        if not isinstance(found, Exception):
            ensure_same(found[0].ref, ref, "the listing that is read")


@check(
    "sign-in-ends",
    "A sign-in that ends in the middle is renewed, and nothing is done twice",
)
async def sign_in_ends(bench: Bench) -> None:
    """End it before a read and before a write."""
    ref = await bench.publish()
    await bench.shop.end_sign_in()
    ensure_same((await bench.shown(ref)).ref, ref, "a read after the sign-in ended")
    await bench.shop.end_sign_in()
    came = await bench.came_of(bench.send(bench.create(2)))
    await bench.shop.settle()
    held = len(await bench.held_of(2))
    if isinstance(came, Exception):
        ensure(isinstance(came, AuthenticationError), f"a create: {came!r}")
        ensure_same(held, 0, "listings of a create that failed")
    else:
        ensure(isinstance(came[0], DONE), f"a create: {came!r}")
        ensure_same(held, 1, "listings of one create")


CHECKS: Final = (*FAILURES, unreachable, twice, late, answers_apart, sign_in_ends)
