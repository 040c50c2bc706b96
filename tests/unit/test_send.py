"""The outcome of a failed call for the changes that it carried."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from ocop_sync.calls.send import NotSent, send_changes
from ocop_sync.errors import (
    AuthenticationError,
    CallRefusedError,
    ConfigurationError,
    OutcomeUnknownError,
    SyncInProgressError,
    UnavailableError,
)
from ocop_sync.marketplace.change import Change, Republish
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.result import Applied, Result, Unknown
from ocop_sync.testing.memory import InMemoryMarketplace

CHANGES: list[Change] = [Republish(client_ref=f"SP-{n}", ref=f"M{n}") for n in range(3)]


async def once(call: Callable[[], Awaitable[Sequence[Result]]]) -> Sequence[Result]:
    return await call()


def as_is(batch: Sequence[int]) -> Any:
    del batch
    return once


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
    outcomes = await send_changes(CHANGES, failing(error), as_is)

    assert outcomes == [NotSent(str(error), fatal=fatal)] * 3


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(OutcomeUnknownError("mất"), id="lost answer"),
        pytest.param(KeyError("field"), id="mistake of an adapter"),
    ],
)
async def test_what_may_have_been_applied_is_unknown(error: Exception) -> None:
    outcomes = await send_changes(CHANGES, failing(error), as_is)

    assert [type(each) for each in outcomes] == [Unknown] * 3


async def test_an_answer_for_too_few_changes_is_none() -> None:
    market = InMemoryMarketplace()

    async def republish(changes: Sequence[Republish]) -> Sequence[Result]:
        del changes
        return []

    market.republish = republish  # type: ignore[method-assign]  # it answers short

    outcomes = await send_changes(CHANGES, market, as_is)

    assert [type(each) for each in outcomes] == [Unknown] * 3


TOO_BAD = CallRefusedError("lời gọi bị từ chối", code="http_400")
MANY = [Republish(client_ref=f"SP-{n}", ref=f"M{n}") for n in range(50)]


class Picky(InMemoryMarketplace):
    """Refuses every call that holds more than it takes, or one of the bad ones."""

    def __init__(self, *bad: str, takes: int = 50) -> None:
        super().__init__()
        self.bad = {*bad}
        self.takes = takes
        self.asked: list[list[str]] = []

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        refs = [change.client_ref for change in changes]
        self.asked.append(refs)
        if len(refs) > self.takes or self.bad & {*refs}:
            raise TOO_BAD
        return [Applied(ref) for ref in refs]


class Losing(Picky):
    """Loses the answer to each call that it has taken and that holds SP-49."""

    async def republish(self, changes: Sequence[Republish]) -> Sequence[Result]:
        results = await super().republish(changes)
        if changes[-1].client_ref == "SP-49":
            message = "mất"
            raise OutcomeUnknownError(message)
        return results


@pytest.mark.parametrize("bad", range(50))
async def test_one_culprit_in_a_refused_call_is_found_at_the_cost_of_a_search(
    bad: int,
) -> None:
    market = Picky(f"SP-{bad}")

    outcomes = await send_changes(MANY, market, as_is)

    problem = Problem(code="http_400", message="lời gọi bị từ chối")
    refused = NotSent("lời gọi bị từ chối", problems=(problem,))
    assert outcomes[bad] == refused
    others = [each for i, each in enumerate(outcomes) if i != bad]
    assert others == [Applied(f"SP-{i}") for i in range(50) if i != bad]
    assert len(market.asked) <= 13


async def test_every_item_of_a_refused_call_is_applied_once() -> None:
    market = Picky("SP-3", "SP-4", "SP-49", takes=7)

    outcomes = await send_changes(MANY, market, as_is)

    applied = [
        ref
        for refs in market.asked
        if len(refs) <= market.takes and not market.bad & {*refs}
        for ref in refs
    ]
    assert len(applied) == len({*applied}) == 47
    bad = [i for i, each in enumerate(outcomes) if isinstance(each, NotSent)]
    assert bad == [3, 4, 49]


async def test_a_part_whose_answer_is_lost_is_not_sent_again() -> None:
    market = Losing(takes=30)

    outcomes = await send_changes(MANY, market, as_is)

    assert [len(refs) for refs in market.asked] == [50, 25, 25]
    assert [type(each) for each in outcomes] == [Applied] * 25 + [Unknown] * 25


async def test_what_is_to_go_alone_shares_its_call_with_none() -> None:
    market = Picky()

    outcomes = await send_changes(MANY[:5], market, as_is, alone={1, 3})

    assert market.asked == [["SP-0", "SP-2", "SP-4"], ["SP-1"], ["SP-3"]]
    assert outcomes == [Applied(f"SP-{i}") for i in range(5)]


async def test_what_stands_apart_is_called_in_its_own_way() -> None:
    called: list[str] = []

    def named(name: str) -> Any:
        async def call_again(
            call: Callable[[], Awaitable[Sequence[Result]]],
        ) -> Sequence[Result]:
            called.append(name)
            return await call()

        return call_again

    await send_changes(
        CHANGES,
        InMemoryMarketplace(),
        lambda batch: named("apart" if 2 in batch else "with others"),
        alone=[0, 2],
    )

    assert called == ["with others", "with others", "apart"]
