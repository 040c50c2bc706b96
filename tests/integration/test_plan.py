"""What a plan says of each change: all that a person reads before a sync.

What it costs is tested in test_effort.py; that it is carried out as reviewed, in
test_reviewed.py.
"""

from dataclasses import replace

from catalog.paper import PaperKind
from ocop_sync.engine.diff import Urgency
from ocop_sync.service.plan import Line, Plan, plan
from tests.factories import NOT_SO, make_paper
from tests.world import World, entry


async def shown_of(world: World, *names: str) -> Plan:
    """Return the plan of the one marketplace."""
    (shown,) = await plan(world.deployment, names)
    return shown


async def sell(world: World, count: int) -> None:
    await world.save(*(entry(n) for n in range(1, count + 1)))
    await world.sync()


def told(line: Line) -> tuple[object, ...]:
    return (line.kind, line.product_id, line.name, line.urgency, line.takes)


async def test_a_change_is_told_with_what_it_replaces_and_why(world: World) -> None:
    await sell(world, 2)
    (pack,) = entry(1)[0].variants
    await world.change(variants=(replace(pack, price_vnd=70_000),))
    await world.change("SP-00002", papers=(make_paper(PaperKind.FOOD_SAFETY, NOT_SO),))

    withdrawal, price = (await shown_of(world)).lines

    assert told(withdrawal) == (
        "withdraw",
        "SP-00002",
        "Măng khô Mẫu 2",
        Urgency.WITHDRAW,
        True,
    )
    assert (withdrawal.cause, withdrawal.why.code) == ("E04", "E04")
    assert (withdrawal.before, withdrawal.after) == (
        {"found": "live"},
        {"found": "down_by_us"},
    )
    assert told(price) == (
        "set_price",
        "SP-00001",
        "Măng khô Mẫu 1",
        Urgency.PRICE,
        False,
    )
    assert (price.cause, price.why.code) == ("catalog", "catalog")
    assert (price.before, price.after) == (
        {"SP-00001-1": pack.price_vnd},
        {"SP-00001-1": 70_000},
    )
    assert (price.marketplace, price.account) == ("memory", "memory")
    assert len({price.print, withdrawal.print}) == 2


async def test_sellers_go_before_what_waits_for_them_and_after_what_does_not(
    world: World,
) -> None:
    await sell(world, 2)
    (product, producer), (other, owner) = entry(1), entry(2)
    assert producer is not None
    assert owner is not None
    await world.save(
        (product, replace(producer, name="Cơ sở Mẫu đổi tên")),
        (other, replace(owner, consent=NOT_SO)),
        entry(3),
    )

    lines = (await shown_of(world)).lines

    assert {told(line) for line in lines[:2]} == {
        ("withdraw", "SP-00002", "Măng khô Mẫu 2", Urgency.WITHDRAW, True),
        ("stop_seller", "CS-0002", "", Urgency.WITHDRAW, True),
    }
    assert [told(line) for line in lines[2:]] == [
        (
            "put_seller",
            "CS-0003",
            "Cơ sở Mẫu 003",
            Urgency.SELLER_FOR_CREATE,
            False,
        ),
        ("create", "SP-00003", "Măng khô Mẫu 3", Urgency.CREATE, False),
        ("put_seller", "CS-0001", "Cơ sở Mẫu đổi tên", Urgency.SELLER, False),
    ]
    assert [(line.cause, line.why.code) for line in lines] == [
        ("E11", "E11"),
        ("E11", "E11"),
        ("catalog", "catalog"),
        ("catalog", "catalog"),
        ("catalog", "catalog"),
    ]
    sellers = [line for line in lines if line.kind.endswith("_seller")]
    assert {(each.marketplace, each.account) for each in sellers} == {
        ("memory", "memory")
    }
    assert {(each.before, each.after) for each in sellers} == {(None, None)}
    assert len({each.print for each in sellers}) == 3


async def test_a_plan_of_one_marketplace_says_nothing_of_the_other(two: World) -> None:
    await two.save(entry(1))

    both = await plan(two.deployment)
    shown = await shown_of(two, "other")

    assert [each.marketplace for each in both] == ["memory", "other"]
    assert [line.marketplace for line in shown.lines] == ["other", "other"]
    assert (shown.marketplace, shown.unread) == ("other", ["other"])
    assert shown.simulated


async def test_what_has_changed_and_is_held_is_counted_by_why(world: World) -> None:
    await sell(world, 3)
    for product_id in ("SP-00001", "SP-00002"):
        (found,) = world.market.shelf.of(product_id)
        world.market.shelf.take_down(found.ref)
    world.time.pass_(hours=25)
    await world.sync()
    for product_id in ("SP-00001", "SP-00002"):
        await world.change(product_id, description="Bản mới.")

    shown = await shown_of(world)

    assert (shown.holds, shown.unread, shown.lines) == ({"taken_down": 2}, [], [])
