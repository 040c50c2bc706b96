"""A fault in evaluating one product holds that product, and keeps back no other."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from catalog.eligibility import evaluate
from ocop_sync.engine.plan.evaluate import evaluate_listing
from ocop_sync.engine.wanted.draft import Draft
from ocop_sync.service.evaluate import evaluator
from ocop_sync.service.plan import plan as planning
from ocop_sync.service.plan.plan import plan
from ocop_sync.service.queries import explain as explaining
from ocop_sync.service.queries.explain import explain
from ocop_sync.service.sync import next_due
from ocop_sync.service.sync.next_due import Ends
from ocop_sync.service.sync.reconcile import reconcile
from tests.factories import make_variant
from tests.world import World, entry, listed

BAD = "SP-00002"


def fails(work: Callable[..., Any], named: Callable[..., str]) -> Callable[..., Any]:
    """Return *work*, which fails for one product."""

    def failing(*args: Any, **more: Any) -> Any:
        if named(*args) == BAD:
            message = "hỏng"
            raise ZeroDivisionError(message)
        return work(*args, **more)

    return failing


PLACES: dict[str, tuple[Any, str, Callable[..., str]]] = {
    "verdict": (evaluator, "evaluate", lambda product, *_: product.id),
    "draft": (evaluator, "draft_wanted", lambda product, *_: product.id),
    "wish": (Draft, "at", lambda draft, *_: draft.product.id),
    "diff": (evaluator, "evaluate_listing", lambda wanted, *_: ok(wanted)),
}
"""Where it may fail: a module or class, its function, and how that tells of what."""


def ok(wanted: Any) -> str:
    """Return of which product a wish is; not of what stands for a faulty one."""
    return "" if wanted.problem == "fault" else wanted.product_id


@contextmanager
def fault(place: str) -> Iterator[None]:
    owner, name, named = PLACES[place]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, fails(getattr(owner, name), named))
        yield


async def change_all(world: World, price: int) -> None:
    for n in (1, 2, 3):
        id_ = f"SP-{n:05}"
        pack = make_variant(sku=f"{id_}-1", gtin="", price_vnd=price)
        await world.change(id_, variants=(pack,))


def sent(world: World) -> list[str]:
    return sorted(change.client_ref for change in world.market.written())


@pytest.mark.parametrize("place", PLACES)
async def test_the_others_go_on_and_it_is_held_until_the_fault_is_gone(
    world: World, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    await listed(world)
    await change_all(world, 77_000)
    with fault(place), caplog.at_level(logging.ERROR):
        report = await world.sync()

        record = await world.record(BAD)
        assert sent(world) == ["SP-00001", "SP-00003"]
        assert (record.hold, record.counted, record.settled_fingerprint) == (
            *("fault", "listable", ""),
        )
        assert report.counts["memory"].listed == 3
        (said,) = {getattr(each, "product", None) for each in caplog.records}
        assert said == BAD
        assert all(each.exc_info for each in caplog.records)

        await world.sync()
        assert sent(world) == []

    await world.sync()

    assert sent(world) == [BAD]
    assert (await world.record(BAD)).hold is None


@pytest.mark.parametrize("place", PLACES)
async def test_what_was_never_on_sale_is_counted_as_held(
    world: World, place: str
) -> None:
    await world.save(*(entry(n) for n in (1, 2, 3)))
    with fault(place):
        report = await world.sync()

    counts = report.counts["memory"]
    assert (counts.listed, counts.held, counts.listable) == (2, 1, 3)
    assert (await world.record(BAD)).hold == "fault"


@pytest.mark.parametrize("place", PLACES)
async def test_it_may_fail_in_the_midst_of_a_run(world: World, place: str) -> None:
    """Products that have changed are evaluated again between slices."""
    await listed(world)
    with fault(place):
        original = world.market.set_price
        pack = make_variant(sku="SP-00001-1", gtin="", price_vnd=66_000)
        await world.change("SP-00001", variants=(pack,))

        async def meanwhile(changes: Any) -> Any:
            world.market.set_price = original  # type: ignore[method-assign]
            await change_all(world, 77_000)
            return await original(changes)

        world.market.set_price = meanwhile  # type: ignore[method-assign]
        await world.sync()

    assert sent(world) == ["SP-00001", "SP-00001", "SP-00003"]
    assert (await world.record(BAD)).hold == "fault"


@pytest.mark.parametrize("place", PLACES)
async def test_a_plan_a_reconciliation_and_an_explanation_name_it(
    world: World, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listed(world)
    await change_all(world, 77_000)
    named = PLACES["verdict"][2]
    monkeypatch.setattr(explaining, "evaluate", fails(evaluate, named))
    monkeypatch.setattr(
        planning, "evaluate_listing", fails(evaluate_listing, PLACES["diff"][2])
    )
    world.market.log.clear()
    entries = [entry(n) for n in (1, 2, 3)]
    with fault(place):
        (made,) = await plan(world.deployment)
        await reconcile(world.deployment)
        explained = await explain(world.deployment, "memory", entries)

    assert sorted(line.product_id for line in made.lines) == ["SP-00001", "SP-00003"]
    assert made.holds == {"fault": 1}
    assert sent(world) == ["SP-00001", "SP-00003"]
    codes = [[reason.code for reason in each.reasons] for each in explained]
    assert [("fault" in each) for each in codes] == [False, True, False]


@pytest.mark.postgresql
async def test_an_end_that_cannot_be_worked_out_keeps_back_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listed(world)
    found = Ends(world.deployment)
    await found.watch()
    await change_all(world, 77_000)
    monkeypatch.setattr(next_due, "evaluate", fails(evaluate, PLACES["verdict"][2]))

    assert await found.next(world.time()) is not None


async def test_a_plan_names_what_it_cannot_evaluate_at_an_account_that_was_never_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.save(*(entry(n) for n in (1, 2, 3)))
    monkeypatch.setattr(
        planning, "evaluate_listing", fails(evaluate_listing, PLACES["diff"][2])
    )

    (made,) = await plan(world.deployment)

    assert made.holds == {"fault": 1}
    ids = {line.product_id for line in made.lines if line.kind == "create"}
    assert ids == {"SP-00001", "SP-00003"}
