"""Failed sign-ins wait longer and longer, and nobody is locked out."""

import asyncio
from collections.abc import Iterator

import pytest

from ocop_sync.api.access.slow_sign_in import SlowSignIn, TooManyWaitingError


class Waits:
    """A clock whose waits pass at once, and are noted."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.waited: list[float] = []

    def seconds(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def slow(waits: Waits) -> SlowSignIn:
    return SlowSignIn(waits.seconds, waits.sleep)


async def fail(slow: SlowSignIn, name: str, address: str, times: int = 1) -> None:
    for _ in range(times):
        async with slow.attempt(name, address):
            pass


async def succeed(slow: SlowSignIn, name: str, address: str) -> None:
    async with slow.attempt(name, address) as attempt:
        attempt.succeeded = True


def addresses() -> Iterator[str]:
    return (f"192.0.2.{n}" for n in range(256))


async def test_after_three_failures_each_waits_twice_as_long(
    slow: SlowSignIn, waits: Waits
) -> None:
    await fail(slow, "lan", "192.0.2.1", times=11)

    assert waits.waited == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_a_name_that_is_tried_from_everywhere_waits_for_seconds_at_most(
    slow: SlowSignIn, waits: Waits
) -> None:
    for address in addresses():
        await fail(slow, "lan", address)

    assert max(waits.waited) == 8


async def test_an_address_that_tries_all_names_waits_all_the_same(
    slow: SlowSignIn, waits: Waits
) -> None:
    for n in range(10):
        await fail(slow, f"lan {n}", "192.0.2.1")

    assert waits.waited == [1, 2, 4, 8, 16, 32, 60]


async def test_a_success_frees_its_name_and_not_the_tries_on_others(
    slow: SlowSignIn, waits: Waits
) -> None:
    await fail(slow, "lan", "192.0.2.1", times=3)
    await succeed(slow, "lan", "192.0.2.2")
    waits.waited.clear()

    await fail(slow, "lan", "192.0.2.3")
    assert waits.waited == []
    await fail(slow, "hoa", "192.0.2.1")
    assert waits.waited == [1]


async def test_successes_alone_never_wait(slow: SlowSignIn, waits: Waits) -> None:
    for _ in range(20):
        await succeed(slow, "lan", "192.0.2.1")

    assert waits.waited == []


async def test_failures_are_forgotten_after_a_quarter_of_an_hour(
    slow: SlowSignIn, waits: Waits
) -> None:
    await fail(slow, "lan", "192.0.2.1", times=9)
    waits.waited.clear()
    waits.now += 15 * 60 + 1

    await fail(slow, "lan", "192.0.2.1")

    assert waits.waited == []


class Held:
    """Waits that last until the test lets them go."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        await self.over.wait()


async def test_attempts_side_by_side_wait_like_those_one_after_the_other() -> None:
    held = Held()
    slow = SlowSignIn(lambda: 0.0, held.sleep)
    tasks = [
        asyncio.ensure_future(fail(slow, "lan", address))
        for _, address in zip(range(8), addresses(), strict=False)
    ]
    await asyncio.sleep(0)

    assert held.waited == [1, 2, 4, 8, 8]
    held.over.set()
    await asyncio.gather(*tasks)


async def is_refused(slow: SlowSignIn, address: str, name: str = "hoa") -> bool:
    """Say whether an attempt is refused at once, and not let wait."""
    task = asyncio.ensure_future(fail(slow, name, address))
    await asyncio.sleep(0)
    if task.done():
        return isinstance(task.exception(), TooManyWaitingError)
    task.cancel()
    return False


async def test_one_address_cannot_fill_the_room_where_others_wait() -> None:
    held = Held()
    slow = SlowSignIn(lambda: 0.0, held.sleep)
    await fail(slow, "lan", "192.0.2.1", times=3)
    tasks = [asyncio.ensure_future(fail(slow, "lan", "192.0.2.1")) for _ in range(10)]
    await asyncio.sleep(0)

    assert await is_refused(slow, "192.0.2.1")
    await fail(slow, "hoa", "192.0.2.2")
    held.over.set()
    await asyncio.gather(*tasks)
    await fail(slow, "hoa", "192.0.2.1")


async def test_a_crowd_from_everywhere_is_asked_to_come_back() -> None:
    held = Held()
    slow = SlowSignIn(lambda: 0.0, held.sleep)
    await fail(slow, "lan", "192.0.2.1", times=3)
    tasks = [
        asyncio.ensure_future(fail(slow, "lan", address))
        for _, address in zip(range(200), addresses(), strict=False)
    ]
    await asyncio.sleep(0)

    assert await is_refused(slow, "203.0.113.1", "lan")
    assert not await is_refused(slow, "203.0.113.1", "hoa")
    held.over.set()
    await asyncio.gather(*tasks)
    await fail(slow, "lan", "203.0.113.1")


async def test_networks_that_fill_their_places_keep_no_one_else_from_signing_in() -> (
    None
):
    held = Held()
    slow = SlowSignIn(lambda: 0.0, held.sleep)
    tasks = [
        asyncio.ensure_future(fail(slow, f"{net} {n}", f"2001:db8:{net:x}::{n:x}"))
        for net in range(30)
        for n in range(13)
    ]
    await asyncio.sleep(0)
    assert len(held.waited) == 150

    assert await is_refused(slow, "2001:db8:1d::1", "other")
    await succeed(slow, "hoa", "203.0.113.1")
    await fail(slow, "lan", "203.0.113.1")
    await fail(slow, "lan", "203.0.113.2")
    await fail(slow, "lan", "203.0.113.3")
    assert not await is_refused(slow, "203.0.113.4", "lan")
    held.over.set()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_sites_of_one_network_share_its_places() -> None:
    held = Held()
    slow = SlowSignIn(lambda: 0.0, held.sleep)
    await fail(slow, "lan", "192.0.2.1", times=3)
    tasks = [
        asyncio.ensure_future(fail(slow, "lan", f"2001:db8:0:{site:x}::1"))
        for site in range(20)
    ]
    await asyncio.sleep(0)

    assert await is_refused(slow, "2001:db8:0:ffff::1")
    assert not await is_refused(slow, "2001:db8:1::1")
    held.over.set()
    await asyncio.gather(*tasks)


async def test_names_and_addresses_without_end_take_no_memory() -> None:
    waits = Waits()
    slow = SlowSignIn(waits.seconds, waits.sleep, most=5)

    for n in range(50):
        await fail(slow, f"lan {n}", f"192.0.2.{n}")

    assert len(slow._by_name) == len(slow._by_address) == len(slow._by_network) == 5
    assert not slow._of_address
    assert not slow._of_network
