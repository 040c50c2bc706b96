"""The lines of a plan: all that a person reads before a sync.

Its cost is tested in test_cost.py; that it is carried out as reviewed, in
test_reviewed.py.
"""

from datetime import date

import pytest
from sqlalchemy import update

from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.engine.plan.evaluation import Urgency
from ocop_sync.errors import UnavailableError
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.decisions import approvals
from ocop_sync.service.plan.cost import Cost
from ocop_sync.service.plan.plan import Plan, PlanLine, plan
from ocop_sync.service.plan.scope import PlanScope
from ocop_sync.store.tables import listing
from tests.factories import NOT_SO, make_certificate, make_paper, person
from tests.held import list_held
from tests.world import World, entry


async def shown_of(world: World, *names: str) -> Plan:
    """Return the plan of the one marketplace."""
    (shown,) = await plan(world.deployment, PlanScope(marketplaces=names))
    return shown


async def sell(world: World, count: int) -> None:
    await world.save(*(entry(n) for n in range(1, count + 1)))
    await world.sync()


def told(line: PlanLine) -> tuple[object, ...]:
    return (line.kind, line.product_id, line.name, line.urgency, line.removes)


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
    assert len({price.fingerprint, withdrawal.fingerprint}) == 2


async def test_sellers_go_before_what_waits_for_them_and_after_what_does_not(
    world: World,
) -> None:
    await sell(world, 2)
    (product, producer), (other, owner) = entry(1), entry(2)
    assert producer is not None
    assert owner is not None
    without_paper = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
    await world.save(
        (
            replace(product, papers=without_paper),
            replace(producer, name="Cơ sở Mẫu đổi tên"),
        ),
        (other, replace(owner, consent=NOT_SO)),
        entry(3),
    )

    lines = (await shown_of(world)).lines

    assert [told(line) for line in lines] == [
        ("withdraw", "SP-00001", "Măng khô Mẫu 1", Urgency.WITHDRAW, True),
        ("withdraw", "SP-00002", "Măng khô Mẫu 2", Urgency.WITHDRAW, True),
        ("stop_seller", "CS-0002", "", Urgency.WITHDRAW, True),
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
    assert {line.product_id: (line.cause, line.why.code) for line in lines} == {
        "SP-00001": ("E04", "E04"),
        "SP-00002": ("E11", "E11"),
        "CS-0002": ("E11", "E11"),
        "CS-0003": ("catalog", "catalog"),
        "SP-00003": ("catalog", "catalog"),
        "CS-0001": ("catalog", "catalog"),
    }
    sellers = [line for line in lines if line.kind.endswith("_seller")]
    assert {(each.marketplace, each.account) for each in sellers} == {
        ("memory", "memory")
    }
    assert {(each.before, each.after) for each in sellers} == {(None, None)}
    assert len({each.fingerprint for each in sellers}) == 3


async def test_a_plan_is_in_the_order_in_which_a_sync_sends_it(world: World) -> None:
    """All kinds of change, several of one product, and what needs a seller."""
    await sell(world, 9)
    await world.change("SP-00006", paused=True)
    await world.change("SP-00009", paused=True)
    await world.sync()
    (pack,) = entry(1)[0].variants
    cheap = replace(pack, price_vnd=70_000, on_hand=3)
    await world.change("SP-00001", variants=(cheap,), description="Bản mới.")
    await world.change("SP-00002", description="Bản mới.")
    await world.change("SP-00003", certificates=(make_certificate(stars=3),))
    await world.change("SP-00004", papers=(make_paper(PaperKind.FOOD_SAFETY, NOT_SO),))
    await world.change("SP-00006", paused=False, description="Bản mới.")
    await world.change("SP-00009", paused=False)
    (product, producer), (other, owner) = entry(7), entry(8)
    assert producer is not None
    assert owner is not None
    await world.save(
        (product, replace(producer, consent=NOT_SO)),
        (other, replace(owner, name="Cơ sở Mẫu đổi tên")),
        entry(10),
    )
    planned = [(line.kind, line.product_id) for line in (await shown_of(world)).lines]
    limits = replace(world.deployment.limits, slice_changes=1)
    world.deployment = replace(world.deployment, limits=limits)

    await world.sync()

    sent = [(c.kind.value, c.client_ref) for c in world.market.written()]
    assert {kind for kind, _ in planned} == {kind.value for kind in Kind}
    assert sent == planned


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


async def test_all_that_is_held_is_counted_whether_or_not_it_has_changed(
    world: World,
) -> None:
    await sell(world, 4)
    for product_id in ("SP-00001", "SP-00002", "SP-00003"):
        (found,) = world.market.shelf.of(product_id)
        world.market.shelf.take_down(found.ref)
    world.time.pass_(hours=25)
    await world.sync()
    as_left = await shown_of(world)
    await world.change("SP-00001", description="Bản mới.")
    await world.change("SP-00002", paused=True)
    await world.save(entry(5, variants=()))

    shown = await shown_of(world)
    await world.sync()

    assert (as_left.holds, as_left.lines) == ({"taken_down": 3}, [])
    assert shown.holds == {"no_price": 1, "taken_down": 2}
    assert (await shown_of(world)).holds == shown.holds


async def test_what_waits_for_a_person_is_one_group_before_and_after_an_approval(
    world: World,
) -> None:
    await sell(world, 8)
    without_paper = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
    for n in range(1, 7):
        await world.change(f"SP-{n:05}", papers=without_paper)
    unseen = await shown_of(world)
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    await approvals.approve(
        world.deployment, group.id, by=person("Bà Mẫu"), reason="đã xem"
    )
    approved = await shown_of(world)
    world.time.pass_(hours=72)
    ended = await shown_of(world)

    assert [(cause.cause, len(cause.members)) for cause in unseen.held] == [("E04", 6)]
    assert [line for line in unseen.lines if line.removes] == []
    assert approved.held == []
    assert [line.kind for line in approved.lines if line.removes] == ["withdraw"] * 6
    assert [(cause.cause, len(cause.members)) for cause in ended.held] == [("E04", 6)]


async def test_stock_that_no_sale_explains_is_planned_once_sales_were_heard(
    world: World,
) -> None:
    await sell(world, 1)
    (found,) = world.market.shelf.of("SP-00001")
    (pack,) = found.shown.variants
    world.market.shelf.edit(found.ref, variants=(replace(pack, stock=pack.stock - 8),))
    world.time.pass_(hours=25)
    world.market.script("set_stock", UnavailableError("x"), times=9)
    await world.sync()

    (line,) = (await shown_of(world)).lines

    assert (line.kind, line.after) == ("set_stock", {pack.sku: pack.stock})


async def test_ends_that_were_long_foreseen_wait_for_nobody(world: World) -> None:
    ending = make_certificate(decided_on=date(2021, 4, 1))
    await world.save(*(entry(n, certificates=(ending,)) for n in range(1, 9)))
    await world.sync()
    world.time.pass_(days=32)

    shown = await shown_of(world)

    assert shown.held == []
    claims = [line.product_id for line in shown.lines if line.kind == "set_stars"]
    assert claims == [f"SP-{n:05}" for n in range(1, 9)]


def test_without_a_quota_no_minutes_are_told() -> None:
    effort = Cost(account="memory", calls=3, reads=1, minutes=None)

    shown = Plan(marketplace="memory", simulated=True, costs=[effort])

    assert (shown.calls, shown.reads, shown.minutes) == (3, 1, None)


async def test_what_comes_up_goes_behind_what_was_due_before(world: World) -> None:
    await sell(world, 3)
    of = {n: entry(n)[0].variants[0] for n in (1, 2, 3)}
    for n in (1, 2):
        both = replace(of[n], price_vnd=70_000, on_hand=50)
        await world.change(f"SP-{n:05}", variants=(both,))
    await world.change("SP-00003", variants=(replace(of[3], on_hand=50),))

    lines = (await shown_of(world)).lines

    assert [(line.kind, line.product_id) for line in lines] == [
        ("set_price", "SP-00001"),
        ("set_price", "SP-00002"),
        ("set_stock", "SP-00003"),
        ("set_stock", "SP-00001"),
        ("set_stock", "SP-00002"),
    ]


@pytest.mark.postgresql
async def test_of_one_urgency_what_waits_longest_goes_first(world: World) -> None:
    await sell(world, 2)
    for n in (1, 2):
        (pack,) = entry(n)[0].variants
        both = replace(pack, price_vnd=70_000, on_hand=50)
        await world.change(f"SP-{n:05}", variants=(both,))
    waits = {"urgency": Urgency.PRICE, "waiting_since": world.time()}
    second = update(listing).where(listing.c.product_id == "SP-00002").values(waits)
    await world.database.write(lambda conn: conn.execute(second))
    world.time.pass_(minutes=1)

    lines = (await shown_of(world)).lines

    assert [(line.kind, line.product_id) for line in lines] == [
        ("set_price", "SP-00002"),
        ("set_price", "SP-00001"),
        ("set_stock", "SP-00002"),
        ("set_stock", "SP-00001"),
    ]


async def test_sellers_that_nothing_waits_for_come_last(world: World) -> None:
    await sell(world, 2)
    for n in (1, 2):
        product, producer = entry(n)
        assert producer is not None
        await world.save((product, replace(producer, name=f"Cơ sở Mẫu đổi tên {n}")))

    lines = (await shown_of(world)).lines

    assert {(line.kind, line.product_id) for line in lines} == {
        ("put_seller", "CS-0001"),
        ("put_seller", "CS-0002"),
    }
