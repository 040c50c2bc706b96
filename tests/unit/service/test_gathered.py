"""Those who are ready wait for others that come just behind, and for no others."""

import asyncio

import pytest

from ocop_sync.service.sync.sync import GATHER_S, _gather
from tests.fake_loop import run_in_fake_time


@pytest.mark.parametrize(
    ("ends", "together"),
    [
        ([0, GATHER_S / 2, 10], 2),
        ([0, GATHER_S * 2], 1),
        ([10, 10.9, 20], 2),  # whoever has waited for long waits somewhat longer
        ([10, 11.1], 1),
        ([3, 3, 3], 3),
        ([], 0),
    ],
)
def test_those_that_come_just_behind_go_together(
    ends: list[float], together: int
) -> None:
    async def story() -> int:
        tasks = [asyncio.ensure_future(asyncio.sleep(end)) for end in ends]
        found = await _gather(tasks)
        assert all(task.done() for task in found)
        for task in tasks:
            task.cancel()
        return len(found)

    assert run_in_fake_time(story()) == together
