"""What a sync needs no more is gone at once: nothing waits for Python's collector.

The collector looks through all that is there while everybody waits, and whatever only
it can free stays until then.
"""

import gc
from collections import Counter
from types import FunctionType

from tests.world import World, entry, listed


async def test_what_a_slice_held_is_gone_once_it_is_over(world: World) -> None:
    await listed(world, 1)  # what is found out at first stays
    await world.save(*(entry(n) for n in range(2, 12)))
    gc.collect()
    gc.disable()
    try:
        await world.sync()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = [each for each in gc.garbage if isinstance(each, FunctionType)]
        kinds = Counter(type(each).__name__ for each in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()

    assert world.written().count("create") == 10
    assert [each.__qualname__ for each in left] == []
    assert kinds.keys().isdisjoint({"State", "Record", "Case", "Create", "Task"})
