"""While a long page is evaluated, other tasks go on."""

import asyncio

import pytest

from catalog.turns import LONGEST_S
from ocop_sync.service.evaluate.evaluator import Evaluator
from tests.slow_steps import STEP_S, SlowSteps
from tests.world import World, entry, listed

MANY = 40


@pytest.mark.parametrize("is_known", [False, True], ids=["first", "again"])
async def test_others_go_on_while_a_page_is_evaluated(
    world: World, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    if is_known:
        await listed(world, MANY)
        await world.save(*(entry(n, name=f"Măng Mẫu {n}") for n in range(1, MANY + 1)))
    else:
        await world.save(*(entry(n) for n in range(1, MANY + 1)))
    slow = SlowSteps(monkeypatch, Evaluator, "draft", "placed", "case")
    watching = asyncio.create_task(slow.watch())

    await world.sync()

    watching.cancel()
    assert slow.now > 100 + 3 * MANY * STEP_S  # all of it was evaluated
    assert slow.longest <= LONGEST_S + STEP_S
