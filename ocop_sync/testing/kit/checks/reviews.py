"""Checks of submissions: followed to their end, refused in words, cancelled."""

from typing import Final

from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.marketplace.port import Applied, Refused, Submitted, Unknown
from ocop_sync.testing.kit.bench import Bench, refused
from ocop_sync.testing.kit.check import NotTriedError, check, ensure, ensure_same
from ocop_sync.testing.kit.checks.life import withdraw


async def _submitted(bench: Bench) -> Submitted:
    """Create a listing that is reviewed.

    Raises:
        NotTriedError: Nothing is reviewed here.
    """
    (result,) = await bench.send(bench.create())
    if isinstance(result, Applied):
        reason = "this shop lists without a review"
        raise NotTriedError(reason)
    ensure(isinstance(result, Submitted), f"create: {result!r}")
    assert isinstance(result, Submitted)  # noqa: S101 - for the types
    ensure(result.ticket, "a submission has no ticket")
    return result


@check(
    "submission",
    "A submission is followed to its end, which names the listing",
    "reviews",
)
async def submission(bench: Bench) -> None:
    """Follow one, before and after its end."""
    submitted = await _submitted(bench)
    (before,) = await bench.market.follow([submitted.ticket])
    ensure(isinstance(before, Submitted), f"before its end: {before!r}")

    await bench.shop.settle()
    (after,) = await bench.market.follow([submitted.ticket])

    ensure(isinstance(after, Applied), f"after its end: {after!r}")
    held, *more = await bench.held_of(1)
    ensure(not more, "listings of one submission")
    ensure_same(after.ref if isinstance(after, Applied) else "", held.ref, "the ref")
    ensure_same(list(await bench.market.follow([])), [], "follow of nothing")


@check(
    "submission-unknown",
    "A ticket that is not known is unknown, in its place",
    "reviews",
)
async def submission_unknown(bench: Bench) -> None:
    """Follow one that nobody gave out, beside one that is known."""
    submitted = await _submitted(bench)
    await bench.shop.settle()

    found = await bench.market.follow(["999999999", submitted.ticket])

    kinds = [type(each) for each in found]
    ensure_same(kinds, [Unknown, Applied], "an unknown ticket beside a known one")


@check(
    "submission-refused", "A refused submission says why, and is not on sale", "reviews"
)
async def submission_refused(bench: Bench) -> None:
    """Let a moderator refuse one."""
    submitted = await _submitted(bench)
    held = await bench.held_of(1)
    await bench.shop.refuse(held[0].ref if held else submitted.ticket)

    (result,) = await bench.market.follow([submitted.ticket])

    ensure(refused(result), f"a refused submission: {result!r}")
    ensure(isinstance(result, Refused) and result.problems[0].message, "without words")
    for each in await bench.held_of(1):
        shown = await bench.shown(each.ref)
        ensure_same(shown.state, RemoteState.REFUSED, "its state, as read")


@check(
    "submission-cancelled",
    "A submission that is withdrawn never goes on sale",
    "reviews",
)
async def submission_cancelled(bench: Bench) -> None:
    """Cancel one by its ticket, and let the review end."""
    submitted = await _submitted(bench)
    (result,) = await bench.send(withdraw(submitted.ref, ticket=submitted.ticket))
    await bench.shop.settle()

    ensure(isinstance(result, Applied | Submitted), f"cancelling: {result!r}")
    states = [each.state for each in await bench.held_of(1)]
    ensure(RemoteState.LIVE not in states, "it is on sale all the same")
    ensure(RemoteState.IN_REVIEW not in states, "its review goes on")


@check(
    "in-review", "A listing in review is read as such, and not as on sale", "reviews"
)
async def in_review(bench: Bench) -> None:
    """Read one before its end."""
    await _submitted(bench)
    waiting = await bench.held_of(1)
    if not waiting:
        reason = "nothing is there before a submission has ended"
        raise NotTriedError(reason)
    (held,) = waiting

    shown = await bench.shown(held.ref)

    ensure_same(held.state, RemoteState.IN_REVIEW, "its state there")
    ensure_same(shown.state, RemoteState.IN_REVIEW, "its state, as read")


CHECKS: Final = (
    *(submission, submission_unknown, submission_refused, submission_cancelled),
    in_review,
)
