"""A sync of what has changed touches only that, and does it as a whole sync would."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db import reader
from catalog.model.paper import PaperKind
from catalog.values import replace
from ocop_sync.errors import SyncInProgressError
from ocop_sync.service.deployment import Site
from ocop_sync.service.evaluate.evaluator import Evaluator
from ocop_sync.service.run.report import Report
from ocop_sync.service.sync import leased_sync
from ocop_sync.service.sync import sync_changed as module
from ocop_sync.service.sync.sync_changed import RegularSync, sync_changed
from ocop_sync.store.listings import coverage
from ocop_sync.store.tables import seller
from ocop_sync.testing.memory import InMemoryMarketplace, offline_context
from tests.factories import NOT_SO, make_certificate, make_paper, make_producer
from tests.held import list_held
from tests.world import World, entry

pytestmark = pytest.mark.postgresql

WITHOUT_PAPER = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
SHOPS = InMemoryMarketplace.having(account_per_seller=True)


@pytest.fixture
async def listed(two: World) -> World:
    """Four products on sale at two marketplaces, and nothing to do."""
    await two.save(*[entry(n) for n in range(1, 5)])
    for _ in range(2):
        await two.sync()
    return two


async def revision_of(world: World) -> int:
    return await world.database.fetch(reader.current_revision)


async def sync_since(world: World, revision: int) -> Report | None:
    """Sync what has changed since; the logs of the markets are of that alone."""
    for market in world.markets.values():
        market.log.clear()
    return await sync_changed(
        world.deployment, revision, follow_for=timedelta(seconds=10)
    )


async def reprice(world: World, product_id: str, price: int) -> None:
    product, _ = entry(int(product_id[-5:]))
    packs = tuple(replace(each, price_vnd=price) for each in product.variants)
    await world.change(product_id, variants=packs)


def sent(world: World) -> dict[str, list[tuple[str, str]]]:
    """Return what each marketplace was sent: kind and product."""
    return {
        key: [(each.kind.value, each.client_ref) for each in market.written()]
        for key, market in world.markets.items()
    }


async def test_a_changed_price_is_sent_everywhere_and_nothing_else(
    listed: World,
) -> None:
    since = await revision_of(listed)
    await reprice(listed, "SP-00002", 91_000)

    await sync_since(listed, since)

    one = [("set_price", "SP-00002")]
    assert sent(listed) == {"memory": one, "other": one}
    await listed.sync()
    assert sent(listed) == {"memory": [], "other": []}


async def test_only_changed_products_are_evaluated(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = await revision_of(listed)
    await reprice(listed, "SP-00002", 91_000)
    drafted = set[str]()
    real = Evaluator.draft

    def noted(self: Evaluator, item: object) -> object:
        drafted.add(item[0].id)  # type: ignore[index]  # an entry
        return real(self, item)  # type: ignore[arg-type]

    monkeypatch.setattr(Evaluator, "draft", noted)
    await sync_since(listed, since)

    assert drafted == {"SP-00002"}


async def test_what_is_live_is_counted_by_whole_syncs_alone(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To count all listings takes longer than one change."""
    counted, real = list[str](), coverage.live_now

    async def note(conn: AsyncConnection, marketplace: str) -> int:
        counted.append(marketplace)
        return await real(conn, marketplace)

    monkeypatch.setattr(coverage, "live_now", note)
    since = await revision_of(listed)
    await reprice(listed, "SP-00002", 91_000)

    await sync_since(listed, since)
    assert counted == []

    await listed.sync()
    assert counted == ["memory", "other"]


async def test_the_erasure_of_old_values_is_left_to_whole_syncs(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased: list[str] = []

    async def note(*_: object) -> None:
        erased.append("old values")

    monkeypatch.setattr(leased_sync, "erase_old_values", note)
    since = await revision_of(listed)
    await reprice(listed, "SP-00002", 91_000)

    await sync_since(listed, since)
    assert erased == []

    await listed.sync()
    assert erased == ["old values"]


async def test_what_may_not_be_sold_any_more_is_withdrawn(listed: World) -> None:
    since = await revision_of(listed)
    await listed.change("SP-00003", papers=WITHOUT_PAPER)

    await sync_since(listed, since)

    one = [("withdraw", "SP-00003")]
    assert sent(listed) == {"memory": one, "other": one}


async def test_a_new_product_is_listed(listed: World) -> None:
    since = await revision_of(listed)
    await listed.save(entry(9))

    report = await sync_since(listed, since)

    assert report is not None
    assert not report.failed
    assert ("create", "SP-00009") in sent(listed)["memory"]


async def test_without_a_change_nobody_is_asked(listed: World) -> None:
    assert await sync_since(listed, await revision_of(listed)) is None
    assert [market.log for market in listed.markets.values()] == [[], []]


async def test_beyond_many_changes_everything_is_gone_through(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    since = await revision_of(listed)
    for id_ in ("SP-00001", "SP-00002"):
        await reprice(listed, id_, 91_000)

    report = await sync_since(listed, since)

    assert report is not None
    assert report.counts["memory"].listed == 4  # which only a whole one counts
    kinds = [("set_price", "SP-00001"), ("set_price", "SP-00002")]
    assert sorted(sent(listed)["memory"]) == kinds


async def test_the_budget_counts_and_holds_as_in_a_whole_sync(listed: World) -> None:
    await listed.save(*[entry(n) for n in range(5, 21)])
    for _ in range(2):
        await listed.sync()
    since = await revision_of(listed)
    ended = (make_certificate(decided_on=date(2020, 1, 1)),)
    for n in range(1, 8):
        await listed.change(f"SP-{n:05}", certificates=ended, papers=WITHOUT_PAPER)

    await sync_since(listed, since)
    assert "withdraw" not in {kind for kind, _ in sent(listed)["memory"]}

    await listed.sync()
    assert "withdraw" not in {kind for kind, _ in sent(listed)["memory"]}


async def test_groups_that_are_held_stay_so(listed: World) -> None:
    await listed.save(*[entry(n) for n in range(5, 21)])
    await listed.sync()
    for n in range(1, 8):
        await listed.change(f"SP-{n:05}", papers=WITHOUT_PAPER)
    await listed.sync()
    assert sent(listed)["memory"] == []
    since = await revision_of(listed)
    await reprice(listed, "SP-00012", 91_000)

    await sync_since(listed, since)
    assert sent(listed)["memory"] == [("set_price", "SP-00012")]

    await listed.sync()
    assert sent(listed)["memory"] == []


async def test_one_more_for_a_held_reason_joins_its_group(listed: World) -> None:
    await listed.save(*[entry(n) for n in range(5, 21)])
    await listed.sync()
    for n in range(1, 8):
        await listed.change(f"SP-{n:05}", papers=WITHOUT_PAPER)
    await listed.sync()
    since = await revision_of(listed)
    await listed.change("SP-00008", papers=WITHOUT_PAPER)

    await sync_since(listed, since)

    assert sent(listed) == {"memory": [], "other": []}
    sizes = [group.size for group, _ in await list_held(listed.deployment)]
    assert sizes == [8, 8]


# Accounts


async def open_shops(world: World) -> None:
    """Give each of two producers a shop of its own, with a product on sale."""
    accounts = [
        replace(world.market.account, key=f"shops:{n}", seller_ref=f"CS-{n:04}")
        for n in (1, 2)
    ]
    context = offline_context(world.time)
    world.markets.clear()
    world.markets.update({each.key: SHOPS(each, context) for each in accounts})
    site = Site("memory", SHOPS, accounts)
    world.deployment = replace(
        world.deployment,
        sites=(site,),
        open=lambda account: world.markets[account.key],
    )
    for n in (1, 2):
        product, _ = entry(n)
        maker = make_producer(id=f"CS-{n:04}", name=f"Cơ sở Mẫu {n:03}")
        await world.save((replace(product, producer_id=maker.id), maker))
    for _ in range(2):
        await world.sync()


async def test_only_accounts_that_are_concerned_are_asked(world: World) -> None:
    await open_shops(world)
    since = await revision_of(world)
    await reprice(world, "SP-00002", 91_000)

    await sync_since(world, since)

    logs = {key: bool(market.log) for key, market in world.markets.items()}
    assert logs == {"shops:1": False, "shops:2": True}
    assert sent(world)["shops:2"] == [("set_price", "SP-00002")]


async def test_a_product_that_has_moved_is_taken_from_its_old_shop(
    world: World,
) -> None:
    await open_shops(world)
    since = await revision_of(world)
    await world.change("SP-00002", producer_id="CS-0001")

    await sync_since(world, since)
    asked = {key for key, market in world.markets.items() if market.log}
    changed = sent(world)
    await world.sync()

    assert asked == {"shops:1", "shops:2"}
    assert [*changed["shops:2"], *sent(world)["shops:2"]] == changed["shops:2"]


async def test_sellers_are_looked_at_whose_products_have_changed(
    listed: World,
) -> None:
    async def forget(conn: AsyncConnection) -> None:
        named = seller.c.producer_id == "CS-0003"
        await conn.execute(update(seller).where(named).values(confirmed_fingerprint=""))

    since = await revision_of(listed)
    product, maker = entry(2)
    assert maker is not None
    await listed.save((product, replace(maker, name="HTX Mẫu")))
    await listed.database.write(forget)

    await sync_since(listed, since)
    assert [each for each in sent(listed)["memory"] if each[0] == "put_seller"] == [
        ("put_seller", "CS-0002")
    ]

    await listed.sync()
    assert ("put_seller", "CS-0003") in sent(listed)["memory"]


# Between regular times


async def test_a_regular_sync_goes_through_everything_first(listed: World) -> None:
    regular = RegularSync(listed.deployment, follow_for=timedelta(0))
    await reprice(listed, "SP-00002", 91_000)

    report = await regular.changed()

    assert report is not None
    assert report.counts["memory"].listed == 4
    assert await regular.changed() is None


async def test_a_change_during_a_sync_belongs_to_the_next(listed: World) -> None:
    regular = RegularSync(listed.deployment, follow_for=timedelta(0))
    await regular.whole()
    await reprice(listed, "SP-00001", 91_000)
    real = listed.market.set_price

    async def meanwhile(items: object) -> object:
        await reprice(listed, "SP-00004", 92_000)
        listed.market.set_price = real  # type: ignore[method-assign]
        return await real(items)  # type: ignore[arg-type]

    listed.market.set_price = meanwhile  # type: ignore[assignment,method-assign]
    await regular.changed()
    for market in listed.markets.values():
        market.log.clear()
    await regular.changed()

    shown = {
        ref.client_ref: ref.variants[0].price_vnd
        for ref in (each.shown for each in listed.market.shelf.listings.values())
    }
    assert (shown["SP-00001"], shown["SP-00004"]) == (91_000, 92_000)
    assert await regular.changed() is None


async def test_what_fails_is_synced_by_the_next_one(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    regular = RegularSync(listed.deployment, follow_for=timedelta(0))
    await regular.whole()
    await reprice(listed, "SP-00001", 91_000)

    busy = SyncInProgressError("memory", "máy khác")

    async def broken(*_: object, **__: object) -> None:
        raise busy

    with monkeypatch.context() as patch:
        patch.setattr(module, "sync_changed", broken)
        with pytest.raises(SyncInProgressError):
            await regular.changed()
    for market in listed.markets.values():
        market.log.clear()
    await regular.changed()

    assert sent(listed)["memory"] == [("set_price", "SP-00001")]
