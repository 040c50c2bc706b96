"""Batches are read side by side where the account has a pace, else one by one."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ocop_sync.errors import UnavailableError
from ocop_sync.service.observe import batches_at_once as module
from ocop_sync.service.observe.batches_at_once import batches_at_once
from ocop_sync.service.run.account_run import AccountRun

FEW = 3


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have that few batches in memory."""
    monkeypatch.setattr(module, "AT_ONCE", FEW)


def run_with(*, pace: float | None, has_search: bool) -> AccountRun:
    can = SimpleNamespace(has_search=has_search)
    return cast(
        "AccountRun",
        SimpleNamespace(
            site=SimpleNamespace(adapter=SimpleNamespace(capabilities=can)),
            places=SimpleNamespace(quota=SimpleNamespace(calls_per_s=pace)),
        ),
    )


class Reads:
    """Notes which batches are begun, and how many are read at a time."""

    def __init__(self, failing: int | None = None) -> None:
        self.begun, self.most = list[int](), 0
        self._failing, self._now = failing, 0

    async def __call__(self, batch: int) -> int:
        self.begun.append(batch)
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        if batch == self._failing:
            raise UnavailableError(str(batch))
        return 10 * batch


@pytest.mark.parametrize(
    ("run", "most"),
    [
        (run_with(pace=50, has_search=True), FEW),
        (run_with(pace=None, has_search=True), 1),
        (run_with(pace=50, has_search=False), 1),
    ],
    ids=["paced", "no pace", "no search"],
)
async def test_all_are_read_in_order_and_no_more_at_once_than_the_account_allows(
    run: Any, most: int
) -> None:
    reads = Reads()

    assert await batches_at_once(run, range(7), reads) == [10 * n for n in range(7)]
    assert reads.most == most


async def test_after_a_failure_no_further_batch_is_begun() -> None:
    reads = Reads(failing=1)

    with pytest.raises(UnavailableError, match="1"):
        await batches_at_once(run_with(pace=50, has_search=True), range(9), reads)

    assert reads.begun == [0, 1, 2]
