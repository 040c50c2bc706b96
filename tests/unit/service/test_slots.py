"""Who waits gives up the turn, and takes it again only when there is a place."""

import asyncio

from ocop_sync.service.run.slots import Slot
from tests.fake_loop import run_in_fake_time


def in_turn(*works: tuple[float, float], places: int = 1) -> list[float]:
    """Let some accounts wait and work, in seconds; return when each had ended."""

    async def story() -> list[float]:
        loop, semaphore = asyncio.get_running_loop(), asyncio.Semaphore(places)

        async def account(waits_s: float, works_s: float) -> float:
            turn = Slot(semaphore)
            async with turn.taken():
                async with turn.released():
                    await asyncio.sleep(waits_s)
                await asyncio.sleep(works_s)
                return loop.time()

        return await asyncio.gather(*(account(*each) for each in works))

    return run_in_fake_time(story())


def test_one_that_waits_keeps_no_other_from_its_turn() -> None:
    assert in_turn((100, 1), (0, 1), (0, 1)) == [101, 1, 2]


def test_only_so_many_work_at_once() -> None:
    assert in_turn(*[(0, 1)] * 6, places=2) == [1, 1, 2, 2, 3, 3]


def test_several_waits_at_once_take_the_turn_again_once() -> None:
    async def story() -> int:
        places = asyncio.Semaphore(2)
        turn = Slot(places)

        async def wait(seconds: float) -> None:
            async with turn.released():
                await asyncio.sleep(seconds)

        async with turn.taken():
            await asyncio.gather(*(wait(n) for n in (1, 1, 2, 3)))
            async with asyncio.timeout(1):  # the second place is free
                await places.acquire()
        await places.acquire()
        return int(not places.locked())

    assert run_in_fake_time(story()) == 0


def test_whoever_is_cancelled_while_it_waits_keeps_no_place() -> None:
    async def story() -> bool:
        places = asyncio.Semaphore(1)

        async def account() -> None:
            turn = Slot(places)
            async with turn.taken(), turn.released():
                await asyncio.sleep(100)

        task = asyncio.create_task(account())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return places.locked()

    assert not run_in_fake_time(story())


def test_whoever_is_cancelled_for_want_of_a_place_gives_none_away() -> None:
    async def story() -> bool:
        places = asyncio.Semaphore(1)
        turn = Slot(places)

        async def account() -> None:
            async with turn.taken(), turn.released():
                await asyncio.sleep(1)

        task = asyncio.create_task(account())
        await asyncio.sleep(0)
        await places.acquire()  # somebody else works for long
        await asyncio.sleep(5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return places.locked()

    assert run_in_fake_time(story())
