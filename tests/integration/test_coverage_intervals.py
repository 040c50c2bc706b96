"""How each product is counted at each marketplace is kept, and never rewritten."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import product as combined
from typing import Any

import pytest
from sqlalchemy import select

from catalog.model.paper import PaperKind
from catalog.model.producer import Address, ProducerKind
from catalog.values import replace
from ocop_sync.store.listings import coverage_at_once, coverage_days
from ocop_sync.store.listings.coverage_days import Instant
from ocop_sync.store.tables import change_delay, coverage_interval
from tests.factories import AT, NOT_SO, make_certificate, make_paper, make_variant
from tests.world import World, a_day_later, entry, listed

pytestmark = pytest.mark.postgresql

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)


async def kept(world: World, product_id: str = "SP-00001") -> list[Any]:
    """Return the intervals of a product, the first one first."""
    asked = (
        select(coverage_interval)
        .where(coverage_interval.c.product_id == product_id)
        .order_by(coverage_interval.c.began_at)
    )
    async with world.database.read() as conn:
        return list((await conn.execute(asked)).all())


async def figures(world: World, at: datetime | None = None) -> dict[str, int]:
    """Return the figures that are not 0, at *at* or now."""
    now = world.time()
    instant = Instant(at=at or now, now=now)
    async with world.database.read() as conn:
        (cell,) = await coverage_days.count_cells(conn, "memory", instant)
    return {name: n for name, n in cell.figures.items() if n}


def answering(world: World) -> None:
    """Let the marketplace date each of its answers by the clock."""
    real, witness = world.market._receive, world.deployment.witness

    async def receive(method: str, items: Any) -> None:
        await real(method, items)
        dated = {"Date": format_datetime(world.time(), usegmt=True)}
        witness.hear("memory", dated, world.time())

    world.market._receive = receive  # type: ignore[method-assign]  # a real server


async def test_days_counted_at_once_are_those_of_each_whatever_an_interval_says(
    world: World,
) -> None:
    """Each beginning with each end, each turn of the verdict, and each last read."""
    begins, ends = (-1, 3), (None, 2, 9)
    turns, reads = (None, -2, 2, 9), (None, -1, 1, 6, 9)
    rows = [
        {
            "marketplace": "memory",
            "product_id": f"SP-{n:05}",
            "began_at": AT + timedelta(days=began),
            "ended_at": _day(ended),
            "until": _day(until),
            "live": live,
            "read_at": _day(read),
        }
        | _COUNTED
        for n, (began, ended, until, live, read) in enumerate(
            combined(begins, ends, turns, (True, False), reads)
        )
    ]
    now = AT + timedelta(days=7)
    days = [Instant(at=AT + timedelta(days=n), now=now) for n in range(8)]
    names = tuple(coverage_days.FIGURES)
    await world.database.write(
        lambda conn: conn.execute(coverage_interval.insert(), rows)
    )

    async with world.database.read() as conn:
        at_once = await coverage_at_once.count_days(conn, "memory", days, names)
        each = [await coverage_days.count_cells(conn, "memory", day) for day in days]

    assert at_once == [cell for (cell,) in each]
    assert len({tuple(cell.figures.items()) for cell in at_once}) == 4


_COUNTED = {
    "simulated": True,
    "counted": "listable",
    "rule": "",
    "hold": "",
    "word": "waiting",
    "commune": "",
    "stars": 4,
    "product_set": "",
    "producer_kind": "",
    "later_counted": "not_certified",
    "later_rule": "",
    "later_stars": 0,
}


def _day(n: int | None) -> datetime | None:
    return None if n is None else AT + timedelta(days=n)


async def test_a_new_listing_waits_until_a_read_has_shown_it(world: World) -> None:
    await world.save(entry())
    await world.sync()

    found = await kept(world)

    assert found[-1].ended_at is None
    assert found[-1].live
    assert found[-1].read_at is not None
    assert [each.ended_at for each in found[:-1]] == [e.began_at for e in found[1:]]
    assert await figures(world) == {"certified": 1, "listable": 1, "listed": 1}


async def test_a_run_that_finds_nothing_to_do_writes_no_interval(world: World) -> None:
    await listed(world)
    world.time.pass_(minutes=10)
    await world.sync()  # looks up what is new
    before = await kept(world)

    world.time.pass_(minutes=10)
    await world.sync()

    assert await kept(world) == before


async def test_a_daily_read_prolongs_the_interval(world: World) -> None:
    await listed(world, 1)
    before = await kept(world)

    await a_day_later(world)

    after = await kept(world)
    assert len(after) == len(before)
    assert after[-1].began_at == before[-1].began_at
    assert after[-1].read_at > before[-1].read_at


async def test_what_was_not_read_for_two_days_is_unconfirmed_though_nobody_wrote(
    world: World,
) -> None:
    await listed(world, 1)
    read_at = (await kept(world))[-1].read_at
    world.time.pass_(days=5)

    assert await figures(world) == {"certified": 1, "listable": 1, "unconfirmed": 1}
    assert "listed" in await figures(world, read_at + timedelta(hours=48))
    assert "unconfirmed" in await figures(world, read_at + timedelta(hours=49))


async def test_a_late_read_does_not_rewrite_the_days_without_one(world: World) -> None:
    await listed(world, 1)
    world.time.pass_(days=3)
    in_the_gap = world.time()
    world.time.pass_(days=3)
    await world.sync()

    assert "listed" in await figures(world)
    assert "unconfirmed" in await figures(world, in_the_gap)


async def test_a_certificate_that_ends_is_counted_though_nobody_wrote(
    world: World,
) -> None:
    await world.save(entry(certificates=(make_certificate(),)))
    await world.sync()
    (last,) = [each for each in await kept(world) if each.ended_at is None]
    assert last.until is not None
    world.time.now = last.until - timedelta(microseconds=1)

    assert "certified" in await figures(world)

    world.time.pass_(microseconds=1)
    assert await figures(world) == {"not_certified": 1, "live_not_listable": 1}
    assert "certified" in await figures(world, last.until - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("commune", "06733", "06760"),
        ("producer_kind", "HO", "HTX"),
        ("product_set", "I.5.a", "I.5.b"),
        ("stars", 4, 3),
    ],
)
async def test_another_part_begins_another_interval(
    world: World, name: str, before: object, after: object
) -> None:
    def part(value: object) -> Any:
        product, maker = entry(set_code="I.5.a")
        assert maker is not None
        if name == "stars":
            certificates = (make_certificate(stars=value),)
            return replace(product, certificates=certificates), maker
        if name == "product_set":
            return replace(product, set_code=str(value)), maker
        if name == "commune":
            return product, replace(maker, address=Address(commune_code=str(value)))
        return product, replace(maker, kind=ProducerKind(str(value)))

    await world.save(part(before))
    await world.sync()
    ends = world.time()
    world.time.pass_(hours=1)
    await world.save(part(after))
    await world.sync()

    found = await kept(world)

    assert getattr(found[-1], name) == after
    then = [e for e in found if e.began_at <= ends and (e.ended_at or ends) >= ends]
    assert {getattr(each, name) for each in then} == {before}


async def test_a_held_removal_is_counted_with_its_hold_and_its_rule(
    world: World,
) -> None:
    await listed(world, 8)
    for n in range(1, 8):
        await world.change(f"SP-{n:05}", papers=WITHOUT_PAPER)
    await world.sync()

    last = (await kept(world))[-1]

    assert (last.counted, last.hold, last.live) == ("blocked:E04", "budget", True)
    assert await figures(world) == {
        "certified": 8,
        "listable": 1,
        "listed": 1,
        "blocked": 7,
        "live_not_listable": 7,
    }


async def test_figures_of_now_are_those_of_the_status(world: World) -> None:
    await listed(world, 4)
    await world.change("SP-00002", paused=True)
    unpriced = make_variant(sku="SP-00003-1", gtin="", price_vnd=None)
    await world.change("SP-00003", variants=(unpriced,))
    await world.save(entry(5, certificates=()))
    report = await world.sync()

    counted, found = report.counts["memory"], await figures(world)

    for name in ("certified", "listable", "live_not_listable", *counted.buckets):
        assert found.get(name, 0) == getattr(counted, name), name
    assert found.get("blocked", 0) == sum(counted.blocked.values())


async def test_an_interval_of_a_clock_that_was_ahead_is_put_right(
    world: World,
) -> None:
    await listed(world, 1)
    world.time.now = AT + timedelta(days=3000)
    await world.change(paused=True)
    await world.sync()
    assert (await kept(world))[-1].began_at > AT + timedelta(days=2999)
    world.time.now = AT + timedelta(days=1)
    answering(world)
    await world.sync()

    found = await kept(world)
    async with world.database.read() as conn:
        delays = (await conn.execute(select(change_delay.c.changed_at))).scalars()
        assert all(at <= world.time() for at in delays)

    assert all(each.began_at <= world.time() for each in found)
    assert sum(each.ended_at is None for each in found) == 1
