"""Each broken adapter is caught by the check that names its fault.

`broken/` holds adapters with one fault each. Every check of the kit has one that it
must catch, so that none passes whatever it is given. Without the fault they pass: see
`test_memory.py` and the others beside this module.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import pytest

from ocop_sync import redaction
from ocop_sync.marketplace.port import Applied, Events, Marketplace, Page
from ocop_sync.testing.kit.check import Verdict, named
from ocop_sync.testing.kit.checks import CHECKS
from ocop_sync.testing.kit.conformance import try_check
from tests.contract.broken import (
    costs,
    finding_and_reviews,
    in_memory,
    on_the_wire,
    packs_and_stock,
    read_ages,
    spoils,
)
from tests.contract.broken.fault import Broken
from tests.contract.shops import MemoryShop, ModeratedShop, PostmartShop

BROKEN: Final = (
    *in_memory.BROKEN,
    *packs_and_stock.BROKEN,
    *finding_and_reviews.BROKEN,
    *read_ages.BROKEN,
    *spoils.BROKEN,
    *on_the_wire.BROKEN,
    *costs.BROKEN,
)
CASES: Final = [
    pytest.param(each, check, id=f"{each.adapter.__name__}-{check}-{each.words}")
    for each in BROKEN
    for check in each.checks
]


@pytest.fixture(autouse=True)
def nothing_known_as_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no error hide what other tests of this process have made known."""
    monkeypatch.setattr(redaction, "_known", set())


@pytest.mark.parametrize(("broken", "check"), CASES)
def test_a_fault_is_caught_by_the_check_that_names_it(
    broken: Broken, check: str
) -> None:
    outcome = asyncio.run(try_check(named(CHECKS, check), broken.make_shop))

    assert outcome.verdict is Verdict.FAILED, outcome
    assert outcome.words
    assert broken.words in outcome.words


def test_every_check_has_a_fault_that_it_catches() -> None:
    caught = {check for each in BROKEN for check in each.checks}

    assert {each.name for each in CHECKS} == caught
    assert len(BROKEN) >= 25


def idle(kind: type[Marketplace], answer: Any) -> type[Marketplace]:
    """Return an adapter that makes no call, and whose writes come to *answer*."""

    async def page(self: Any, cursor: str | None) -> Page:
        del self, cursor
        return Page((), None)

    async def read(self: Any, refs: Sequence[str]) -> Sequence[None]:
        del self
        return [None] * len(refs)

    async def find(self: Any, **asked: Any) -> Sequence[Any]:
        del self, asked
        return ()

    async def events(self: Any, cursor: str | None) -> Events:
        del self
        return Events((), cursor or "0")

    async def write(self: Any, changes: Sequence[Any]) -> Sequence[Any]:
        del self
        return [answer] * len(changes) if answer else []

    async def check(self: Any) -> None:
        del self

    reads = {"page": page, "read": read, "find": find, "events": events, "check": check}
    writes = dict.fromkeys((*on_the_wire.WRITES, "follow"), write)
    return type("Idle", (kind,), {**reads, **writes})


@pytest.mark.parametrize("answer", [None, Applied("1")], ids=["silent", "agreeing"])
@pytest.mark.parametrize("shop", [MemoryShop, ModeratedShop, PostmartShop])
def test_no_check_passes_on_an_adapter_that_does_nothing(
    shop: Any, answer: Any
) -> None:
    broken = Broken(idle(shop.adapter, answer), shop, ())

    async def passed() -> list[str]:
        found = list[str]()
        for each in CHECKS:
            outcome = await try_check(each, broken.make_shop)
            if outcome.verdict is Verdict.PROVED:
                found.append(each.name)
        return found

    assert asyncio.run(passed()) == []
