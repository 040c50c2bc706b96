"""What a failed call means for the changes that it carried."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from ocop_sync.apply.carry import NotSent, carry
from ocop_sync.errors import (
    AuthenticationError,
    ConfigurationError,
    OutcomeUnknownError,
    SyncInProgressError,
    UnavailableError,
)
from ocop_sync.marketplace.change import Change, Republish
from ocop_sync.marketplace.result import Result, Unknown
from ocop_sync.testing.memory import InMemoryMarketplace

CHANGES: list[Change] = [Republish(client_ref=f"SP-{n}", ref=f"M{n}") for n in range(3)]


async def once(call: Callable[[], Awaitable[Sequence[Result]]]) -> Sequence[Result]:
    return await call()


def failing(error: Exception) -> InMemoryMarketplace:
    market = InMemoryMarketplace()

    async def republish(changes: Sequence[Republish]) -> Sequence[Result]:
        del changes
        raise error

    market.republish = republish  # type: ignore[method-assign]  # it fails
    return market


@pytest.mark.parametrize(
    ("error", "fatal"),
    [
        pytest.param(UnavailableError("bảo trì"), False, id="not applied"),
        pytest.param(AuthenticationError("sai"), True, id="no access"),
        pytest.param(ConfigurationError("thiếu"), True, id="no secret"),
        pytest.param(SyncInProgressError("a", "b"), True, id="no lease"),
    ],
)
async def test_what_was_not_applied_is_not_sent(error: Exception, fatal: bool) -> None:
    outcomes = await carry(CHANGES, failing(error), once, concurrency=1)

    assert outcomes == [NotSent(str(error), fatal=fatal)] * 3


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(OutcomeUnknownError("mất"), id="lost answer"),
        pytest.param(KeyError("field"), id="mistake of an adapter"),
    ],
)
async def test_what_may_have_been_applied_is_unknown(error: Exception) -> None:
    outcomes = await carry(CHANGES, failing(error), once, concurrency=1)

    assert [type(each) for each in outcomes] == [Unknown] * 3


async def test_an_answer_for_too_few_changes_is_none() -> None:
    market = InMemoryMarketplace()

    async def republish(changes: Sequence[Republish]) -> Sequence[Result]:
        del changes
        return []

    market.republish = republish  # type: ignore[method-assign]  # it answers short

    outcomes = await carry(CHANGES, market, once, concurrency=1)

    assert [type(each) for each in outcomes] == [Unknown] * 3
