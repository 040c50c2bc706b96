"""An adapter that cannot be used stops its own accounts, and no other."""

from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from ocop_sync.bootstrap import open_deployment
from ocop_sync.engine.reasons.account_problem import TODO_UNUSABLE
from ocop_sync.errors import ConfigurationError
from ocop_sync.marketplace import registry
from ocop_sync.marketplace.registry import GROUP
from ocop_sync.service.deployment import Unusable
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.plan.scope import PlanScope
from ocop_sync.service.sync.reconcile import reconcile
from tests.factories import make_variant
from tests.integration.test_bootstrap import account, settings, shop
from tests.world import World, entry

WHY = "sàn other: viết cho phiên bản 0 / marketplace other: written for port version 0"


def lose(world: World, name: str, **differences: Any) -> None:
    """Let the adapter of one marketplace be of no use from now on."""
    kept = tuple(site for site in world.deployment.sites if site.name != name)
    lost = Unusable(key=name, marketplace=name, seller_ref="", why=WHY)
    world.deployment = replace(
        world.deployment, sites=kept, unusable={name: replace(lost, **differences)}
    )


def stock(world: World, name: str) -> int:
    (found,) = world.markets[name].shelf.of("SP-00001")
    return found.shown.variants[0].stock


async def change(world: World, **differences: Any) -> None:
    pack = make_variant(sku="SP-00001-1", gtin="", **differences)
    await world.change(variants=(pack,))


async def test_the_others_go_on_and_it_is_named_with_what_to_do(two: World) -> None:
    await two.save(entry(1))
    await two.sync()
    await change(two, price_vnd=77_000)
    lose(two, "other")

    report = await two.sync()

    assert two.written() == ["set_price"]
    assert (report.stopped, report.todo) == ({"other": WHY}, {"other": TODO_UNUSABLE})
    assert report.unheard == {}
    assert list(report.counts) == ["memory"]


async def test_its_listings_stay_and_keep_their_share_of_the_stock(two: World) -> None:
    """Buyers still order there: more would be on offer than there is."""
    await two.save(entry(1))
    await two.sync()
    lose(two, "other")
    await change(two, on_hand=15)

    await two.sync()

    assert (stock(two, "memory"), stock(two, "other")) == (8, 10)
    assert two.markets["other"].log == []


async def test_nothing_is_raised_while_nobody_knows_what_is_sold_there(
    two: World,
) -> None:
    await two.save(entry(1))
    await two.sync()
    lose(two, "other")
    await change(two, on_hand=100)

    await two.sync()

    assert stock(two, "memory") == 10


async def test_what_is_of_one_producer_takes_no_share_of_the_others(
    two: World,
) -> None:
    lose(two, "other", seller_ref="CS-0002")
    await two.save(entry(1), entry(2))

    await two.sync()

    shown = {
        item.shown.client_ref: item.shown.variants[0].stock
        for item in two.market.shelf.listings.values()
    }
    assert shown == {"SP-00001": 20, "SP-00002": 10}


async def test_only_a_command_about_just_that_marketplace_ends(two: World) -> None:
    lose(two, "other")

    both = await two.sync("memory", "other")
    alone = await two.sync("memory")

    assert (both.stopped, alone.stopped) == ({"other": WHY}, {})
    for work in (
        two.sync,
        lambda name: plan(two.deployment, PlanScope(marketplaces=(name,))),
    ):
        with pytest.raises(ConfigurationError, match="port version 0"):
            await work("other")
    done = await reconcile(two.deployment)
    assert done.report.stopped == {"other": WHY}


async def test_where_no_adapter_can_be_used_there_is_nothing_to_do(
    world: World,
) -> None:
    lose(world, "memory")

    with pytest.raises(ConfigurationError, match="port version 0"):
        await world.sync()


async def test_settings_keep_the_accounts_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = [
        EntryPoint("postmart", "adapters.postmart.adapter:Postmart", GROUP),
        EntryPoint("voso", "khong_co_mo_dun:Lop", GROUP),
    ]
    monkeypatch.setattr(registry, "_installed", lambda: tuple(points))
    made = settings(tmp_path, shop("CS-0002"), account())

    async with open_deployment(made) as deployment:
        assert [site.name for site in deployment.sites] == ["postmart"]
        (lost,) = deployment.unusable.values()
    assert (lost.key, lost.marketplace, lost.seller_ref) == (
        *("voso:CS-0002", "voso", "CS-0002"),
    )
    assert "khong_co_mo_dun" in lost.why


async def test_an_adapter_alone_makes_no_settings_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("voso", "khong_co_mo_dun:Lop", GROUP)
    monkeypatch.setattr(registry, "_installed", lambda: (point,))
    made = settings(tmp_path, shop("CS-0001"), shop("CS-0002"))

    async with open_deployment(made) as deployment:
        assert deployment.unusable.keys() == {"voso:CS-0001", "voso:CS-0002"}
        assert {lost.todo for lost in deployment.unusable.values()} == {TODO_UNUSABLE}


async def test_what_its_marketplace_offers_by_others_is_counted_once(
    two: World,
) -> None:
    """One account's options are wrong; the marketplace goes on with the others."""
    await change_after_save(two, on_hand=6)
    lost = Unusable(key="x", marketplace="other", seller_ref="CS-0009", why=WHY)
    two.deployment = replace(two.deployment, unusable={"x": lost})
    await change(two, on_hand=10, counted_at=two.time())

    await two.sync()

    assert [stock(two, name) for name in ("memory", "other")] == [5, 5]


async def change_after_save(world: World, **differences: Any) -> None:
    await world.save(entry(1))
    await change(world, counted_at=world.time(), **differences)
    await world.sync()
