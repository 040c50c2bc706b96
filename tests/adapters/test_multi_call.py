"""The outcome of a method that breaks after one of its calls, and their number.

Each call is broken in a way that is known not to have been applied: after an earlier
one that was, or may have been, that says nothing of the whole.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from ocop_sync.errors import (
    AuthenticationError,
    CallRefusedError,
    MarketplaceError,
    OutcomeUnknownError,
    RateLimitedError,
    UnavailableError,
)
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.multi_call import after_a_step, ensure_applied, in_turn
from ocop_sync.marketplace.port import Applied, Refused, Result, Unknown
from ocop_sync.testing.mocks.mock import mocked_adapters
from tests.adapters.calls import (
    WRITES,
    Call,
    Market,
    Open,
    last_call,
    offered,
    outcome_of,
    writes_after,
)
from tests.adapters.traits import NAMES

CALLS: dict[str, Call] = {
    **WRITES,
    "cancel": lambda m: m.adapter.withdraw([m.support.make_withdraw("", m.ref)]),
    "cancel or withdraw": lambda m: m.adapter.withdraw(
        [m.support.make_withdraw(m.ref, "TR-LA")]
    ),
}


def cases() -> list[tuple[str, str]]:
    return [
        (name, call)
        for name, adapter in mocked_adapters().items()
        if name in NAMES
        for call in CALLS
        if call in offered(adapter, WRITES)
        or (call not in WRITES and adapter.capabilities.has_reviews)
    ]


@pytest.mark.parametrize(("name", "call"), cases())
async def test_after_an_applied_call_nothing_is_known_not_to_be(
    opened: Open, name: str, call: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    for step in range(3):
        last = last_call(market)
        market.bench.fault("*", "rate_limited", skip=step)

        came = await outcome_of(CALLS[call], market)

        market.bench.no_faults()
        made = await writes_after(market, last)
        was_hit = any(each["fault"] for each in made)
        if was_hit and any(each["applied"] for each in made):
            [result] = came if isinstance(came, Sequence) else [came]
            assert isinstance(result, OutcomeUnknownError | Unknown)


@pytest.mark.parametrize(("name", "call"), cases())
async def test_no_more_calls_write_than_were_counted(
    opened: Open, name: str, call: str
) -> None:
    market = await opened(name)
    market.ref = await market.bench.publish()
    counted = count(market)
    last = last_call(market)

    await outcome_of(CALLS[call], market)

    made = await writes_after(market, last)
    assert (len(made), *counted) in {(1, 1), (2, 2), (1, 2)}
    assert len(made) <= market.adapter.capabilities.calls_in_a_row


def count(market: Market) -> list[int]:
    """Return a list that will hold what the adapter counts of the changes sent."""
    found: list[int] = []
    for method in offered(type(market.adapter), WRITES):
        real = getattr(market.adapter, method)

        async def told(changes: Any, real: Any = real) -> Any:
            found.append(market.adapter.calls(changes))
            return await real(changes)

        setattr(market.adapter, method, told)
    return found


@pytest.mark.parametrize("broken", ["rate_limited", "error", "drop", "too_long"])
async def test_a_submission_that_may_be_cancelled_is_read_back_whatever_follows(
    opened: Open, broken: str
) -> None:
    market = await opened("postmart")
    ticket = await market.bench.submit()
    ref = (await market.bench.found()).ref
    market.bench.fault("cancel_request", "missing_field", field="state")
    size = {"size": 1} if broken == "too_long" else {}
    market.bench.fault("unpublish", broken, **size)

    with pytest.raises(OutcomeUnknownError):
        await market.adapter.withdraw([market.support.make_withdraw(ref, ticket)])


async def test_a_refusal_after_a_step_that_may_be_done_is_none(opened: Open) -> None:
    market = await opened("postmart")
    ticket = await market.bench.submit()
    ref = (await market.bench.found()).ref
    market.bench.fault("cancel_request", "missing_field", field="state")
    gone = {"act": "delete", "ref": ref}
    market.bench.fault("unpublish", "act_before", act=gone)

    [result] = await market.adapter.withdraw(
        [market.support.make_withdraw(ref, ticket)]
    )

    assert isinstance(result, Unknown)


async def test_what_failed_before_anything_was_applied_is_not_applied(
    opened: Open,
) -> None:
    market = await opened("postmart")
    ref = await market.bench.publish()
    market.bench.fault("unpublish", "rate_limited")

    with pytest.raises(RateLimitedError):
        await market.adapter.withdraw([market.support.make_withdraw(ref, "TR-LA")])


@pytest.mark.parametrize(
    "error",
    [
        UnavailableError("bảo trì"),
        RateLimitedError("vượt hạn mức"),
        AuthenticationError("sai mật khẩu"),
        CallRefusedError("quá lớn", code="http_413"),
        OutcomeUnknownError("mất trả lời"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_fails_after_a_step_is_unknown(error: MarketplaceError) -> None:
    with pytest.raises(OutcomeUnknownError) as caught, after_a_step("bước một"):
        raise error

    assert str(error) in str(caught.value)


def test_only_a_refusal_is_another_result_after_a_step() -> None:
    refused = Refused((Problem(code="gone", message="Không còn"),))

    found = ensure_applied(refused)

    assert isinstance(found, Unknown)
    assert "Không còn" in found.detail
    assert ensure_applied(Applied("1")) == Applied("1")


async def test_a_call_that_fails_leaves_the_results_of_those_before() -> None:
    async def send(run: Sequence[int]) -> Sequence[Result]:
        if 3 in run:
            message = "mất kết nối"
            raise UnavailableError(message)
        return [Applied(str(each)) for each in run]

    results = await in_turn([1, 2, 3, 4, 5], 2, send)

    assert results == [Applied("1"), Applied("2"), *[Unknown("mất kết nối")] * 3]
    with pytest.raises(UnavailableError):
        await in_turn([3, 1], 2, send)
