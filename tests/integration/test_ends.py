"""A certificate ends at its moment: midnight in Vietnam, after its last valid day.

The claim goes then, in every field. When a worker looks at the clock is tested
in `tests/unit/test_worker.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from catalog.model.fact import Fact
from catalog.model.paper import PaperKind
from catalog.model.product import Entry, Picture
from catalog.values import replace
from ocop_sync.cli.worker import sync_regularly
from ocop_sync.marketplace.listing import RemoteState
from ocop_sync.service.sync.next_due import next_end
from tests.factories import AT, make_certificate, make_paper, make_product, make_variant
from tests.world import World, entry

MIDNIGHT = datetime(2024, 3, 1, 17, tzinfo=UTC)
"""When 2 March 2024 begins in Vietnam."""

Act = Callable[[], Awaitable[None]]

BEFORE = timedelta(minutes=20)
"""A worker begins so long before midnight: it looks at the clock all the time."""

ENDS_TODAY = make_certificate(decided_on=date(2021, 3, 1))
CLEAN = Picture(url="https://mau.example/1.jpg", shows_ocop_mark=Fact.NO)
MARKED = Picture(url="https://mau.example/2.jpg", shows_ocop_mark=Fact.YES)
LONG_LEASE = timedelta(minutes=5)
"""Its heartbeat pauses longer than a worker between two looks at the clock."""


def ending(n: int = 1, **differences: Any) -> Entry:
    """Return a product whose claim stands in every field that it may stand in."""
    label = replace(make_product().label, warnings="Hàng OCOP 4 sao, không phơi ẩm")
    return entry(
        n,
        certificates=(ENDS_TODAY,),
        description="Măng khô. Đạt OCOP 4 sao.",
        pictures=(CLEAN, MARKED),
        label=label,
        **differences,
    )


class Sleep:
    """Sleeps for minutes in no time, and stops the worker at *until*.

    Attributes:
        then: What somebody does while the worker sleeps, halfway to midnight.
    """

    def __init__(self, world: World, until: datetime, then: Act | None) -> None:
        self._world = world
        self._until = until
        self._then, self._at = then, MIDNIGHT - BEFORE / 2

    async def __call__(self, seconds: float) -> None:
        if seconds > 60:  # a heartbeat's pause
            await asyncio.get_running_loop().create_future()
        self._world.time.pass_(seconds=seconds)
        if self._then is not None and self._world.time() >= self._at:
            then, self._then = self._then, None
            await then()
        if self._world.time() >= self._until:
            self._world.deployment.stop.ask("SIGTERM")


async def work(world: World, until: datetime, then: Act | None = None) -> None:
    """Let a worker, with a day from one sync to the next, run until *until*."""
    limits = replace(world.deployment.limits, lease_lasts=LONG_LEASE)
    sleep = Sleep(world, until, then)
    world.deployment = replace(world.deployment, limits=limits, sleep=sleep)
    async with asyncio.timeout(60):
        await sync_regularly(
            world.deployment, every=timedelta(days=1), follow_for=timedelta(0)
        )


def noting(world: World, method: str) -> list[datetime]:
    """Note when *method* is called."""
    real, at = getattr(world.market, method), list[datetime]()

    async def noted(changes: Sequence[Any]) -> Any:
        at.append(world.time())
        return await real(changes)

    setattr(world.market, method, noted)
    return at


async def test_a_worker_that_syncs_daily_takes_the_claim_off_at_midnight(
    world: World,
) -> None:
    world.time.now = MIDNIGHT - BEFORE
    await world.save(ending())
    stars, content = noting(world, "set_stars"), noting(world, "update")

    await work(world, until=MIDNIGHT + timedelta(minutes=5))

    assert (stars, content) == ([MIDNIGHT], [MIDNIGHT])


@pytest.mark.parametrize(
    ("decided_on", "at"),
    [
        pytest.param(date(2021, 3, 1), MIDNIGHT, id="to the next midnight"),
        pytest.param(date(2021, 2, 1), MIDNIGHT - BEFORE / 2, id="to the past"),
    ],
)
async def test_an_end_that_is_moved_forward_while_a_worker_sleeps_is_kept(
    world: World, decided_on: date, at: datetime
) -> None:
    world.time.now = MIDNIGHT - BEFORE
    await world.save(entry(1), entry(2))
    stars = noting(world, "set_stars")

    async def import_() -> None:
        await world.change(certificates=(make_certificate(decided_on=decided_on),))

    await work(world, MIDNIGHT + timedelta(minutes=5), then=import_)

    (taken_off,) = stars
    assert timedelta(0) <= taken_off - at <= timedelta(minutes=1)


async def test_what_changes_while_a_worker_sleeps_and_ends_as_before_is_left_for_later(
    world: World,
) -> None:
    world.time.now = MIDNIGHT - BEFORE
    ended = make_certificate(decided_on=date(2021, 2, 1))
    unpriced = make_variant(sku="SP-00002-1", gtin="", price_vnd=None)
    await world.save(entry(1), entry(2, variants=(unpriced,)))
    await world.sync()
    await world.change(certificates=(ended,))
    synced = noting(world, "events")

    async def import_() -> None:
        await world.change(description="Khác")
        await world.change("SP-00002", certificates=(ended,))

    await work(world, MIDNIGHT, then=import_)

    assert max(synced) < MIDNIGHT - BEFORE / 2
    assert world.market.shelf.of("SP-00001")[0].shown.description != "Khác"


async def test_the_claim_goes_from_every_field_and_the_listing_stays(
    world: World,
) -> None:
    await world.save(ending())
    await world.sync()
    (before,) = world.market.shelf.of("SP-00001")
    assert before.shown.stars is not None
    assert "OCOP" in before.shown.description
    assert "OCOP" in str(before.shown.attributes)
    assert len(before.shown.pictures) == 2

    world.time.now = MIDNIGHT
    await world.sync()

    (after,) = world.market.shelf.of("SP-00001")
    assert after.state is RemoteState.LIVE
    assert after.shown.stars is None
    assert after.shown.pictures == (CLEAN.url,)
    assert "OCOP" not in repr(replace(after.shown, client_ref=""))
    assert "sao" not in repr(after.shown)


async def test_the_last_valid_day_is_valid_to_its_last_second(world: World) -> None:
    await world.save(ending())
    await world.sync()
    world.time.now = MIDNIGHT - timedelta(seconds=1)

    await world.sync()

    assert world.written() == []


async def test_an_end_while_a_review_is_awaited_takes_the_claim_off_at_once(
    moderated: World,
) -> None:
    await moderated.save(ending(1))
    await moderated.sync(follow_s=0)
    moderated.market.shelf.approve(moderated.market.shelf.of("SP-00001")[0].ref)
    await moderated.sync(follow_s=0)
    await moderated.save(entry(2))  # waits for its review all the time
    moderated.time.now = MIDNIGHT - timedelta(seconds=3)
    stars = noting(moderated, "set_stars")

    await moderated.sync(follow_s=10)

    assert stars == [MIDNIGHT]


async def test_an_end_between_two_slices_is_seen_before_the_next_one(
    world: World,
) -> None:
    await world.save(ending(1))
    await world.sync()
    limits = replace(world.deployment.limits, slice_changes=1)
    world.deployment = replace(world.deployment, limits=limits)
    await world.save(entry(2), entry(3))
    world.time.now = MIDNIGHT - timedelta(seconds=1)
    real = world.market.create

    async def slowly(changes: Sequence[Any]) -> Any:
        world.time.pass_(seconds=2)
        return await real(changes)

    world.market.create = slowly  # type: ignore[method-assign]
    await world.sync()

    assert world.written()[:4] == ["put_seller", "create", "update", "set_stars"]
    assert world.written()[4:] == ["put_seller", "create"]


@pytest.mark.parametrize("days", [4, 40])
async def test_what_ends_earlier_than_was_known_is_waited_for(
    world: World, days: int
) -> None:
    """Nothing is due because of it, so nothing but the moment is news."""
    product = entry(1)
    await world.save(product)
    await world.sync()
    expires_on = (AT + timedelta(days=days)).date()
    safe = make_paper(PaperKind.FOOD_SAFETY, expires_on=expires_on)
    await world.change(papers=(safe, make_paper(PaperKind.DECLARATION)))

    await world.sync()

    found = await next_end(world.deployment, world.time())
    assert world.written() == []
    assert found is not None
    assert found <= datetime(2024, 3, 1, 17, tzinfo=UTC) + timedelta(days=days)


async def test_an_end_counts_only_after_the_last_look_and_where_we_have_an_account(
    world: World,
) -> None:
    await world.save(ending())
    await world.sync()
    nowhere = replace(world.deployment, sites=())

    assert await next_end(world.deployment, AT) == MIDNIGHT
    assert await next_end(world.deployment, MIDNIGHT) is None
    assert await next_end(nowhere, AT) is None


async def test_a_sold_out_listing_loses_its_claim_as_well(world: World) -> None:
    world.time.now = MIDNIGHT - BEFORE
    none = make_variant(sku="SP-00001-1", gtin="", on_hand=0)
    await world.save(ending(1, variants=(none,)))
    await world.sync()

    await work(world, until=MIDNIGHT + timedelta(minutes=1))

    assert world.market.shelf.of("SP-00001")[0].shown.stars is None
