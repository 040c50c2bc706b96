"""Every listing wrongly on sale is named, under any hold."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from ocop_sync.engine.plan import clock_doubt
from ocop_sync.engine.reasons.reason import WAIT
from ocop_sync.errors import AuthenticationError
from ocop_sync.marketplace.account import Account
from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.queries.explain import not_on_sale
from ocop_sync.service.run import overdue as module
from ocop_sync.service.run.overdue import AllOverdue, overdue
from ocop_sync.testing.memory import LostAnswer
from tests.factories import NOT_SO, make_certificate, make_paper, make_variant
from tests.integration.test_clock_jumps import answering
from tests.world import World, entry

ID = "SP-00001"
ALWAYS = 10_000


async def listed(world: World) -> None:
    await world.save(entry(1), entry(2))
    await world.sync()
    world.time.pass_(minutes=5)


async def block(world: World) -> None:
    """A paper is known not to be there."""
    papers = [each.kind for each in entry(1)[0].papers]
    await world.change(papers=tuple(make_paper(kind, NOT_SO) for kind in papers))


async def over_the_budget(world: World) -> None:
    nothing = replace(world.deployment.budget, min_changes=0, share=0.0)
    world.deployment = replace(world.deployment, budget=nothing)
    await block(world)


async def out_of_scope(world: World) -> None:
    await world.change(set_code="VI")


async def refused(world: World) -> None:
    no = Refused((Problem(code="kept", message="Đang có khuyến mại"),))
    world.market.script("withdraw", no, times=ALWAYS)
    await block(world)


async def never_answered(world: World) -> None:
    world.market.script("withdraw", LostAnswer(applied=False), times=ALWAYS)
    await block(world)


async def without_access(world: World) -> None:
    world.market.script("withdraw", AuthenticationError("401"), times=ALWAYS)
    await block(world)


async def at_an_account_that_is_not_set(world: World) -> None:
    (site,) = world.deployment.sites
    given = {"marketplace": "memory", "base_url": "http://localhost"}
    other = Account(key="another", seller_ref="CS-0002", **given)
    sites = (type(site)(site.name, site.adapter, [other]),)
    world.deployment = replace(world.deployment, sites=sites)
    # What is there is another shop's.
    world.market.script("page", AuthenticationError("401"), times=ALWAYS)
    await block(world)


async def twice_and_the_budget_spent(world: World) -> None:
    (found,) = world.market.shelf.of(ID)
    world.market.shelf.add(found.shown, state=RemoteState.LIVE)
    world.time.pass_(hours=25)
    await over_the_budget(world)


Trouble = Callable[[World], Awaitable[None]]

STUCK: dict[str, tuple[Trouble, str]] = {
    "budget": (over_the_budget, "budget"),
    "out of scope": (out_of_scope, "out_of_scope"),
    "refused": (refused, "change_refused"),
    "no answer": (never_answered, "unconfirmed"),
    "no access": (without_access, "pending"),
    "account not set": (at_an_account_that_is_not_set, "no_account"),
    "two of ours": (twice_and_the_budget_spent, "budget"),
}


def named(found: AllOverdue) -> list[tuple[str, str, str]]:
    return [
        (each.marketplace, each.product_id, each.reason.code)
        for each in found.not_withdrawn
    ]


@pytest.mark.parametrize("what", STUCK)
async def test_what_is_on_sale_and_may_not_be_is_named(world: World, what: str) -> None:
    trouble, code = STUCK[what]
    await listed(world)
    await trouble(world)

    report = await world.sync(follow_s=0)

    expected = [("memory", ID, code)]
    assert named(report.overdue) == named(await overdue(world.deployment)) == expected


async def test_it_is_named_though_its_marketplace_is_set_no_longer(
    world: World,
) -> None:
    await listed(world)
    await refused(world)
    await world.sync()
    nowhere = replace(world.deployment, sites=())

    assert named(await overdue(nowhere)) == [("memory", ID, "no_account")]


@pytest.mark.parametrize(
    "news",
    [
        {},
        {"certificates": (make_certificate(decided_on=None, year=2021),)},
        {"papers": ()},
    ],
    ids=["in order", "validity unknown", "a paper unknown"],
)
async def test_what_may_be_on_sale_is_not_named(
    world: World, news: dict[str, Any]
) -> None:
    await listed(world)
    if news:
        await world.change(**news)

    report = await world.sync()

    assert report.overdue == AllOverdue(not_withdrawn=[], not_lowered=[])


async def test_what_was_withdrawn_is_not_named(world: World) -> None:
    await listed(world)
    await block(world)

    report = await world.sync()

    assert world.written() == ["withdraw"]
    assert named(report.overdue) == []


async def test_stock_that_could_not_be_lowered_is_named_by_itself(
    world: World,
) -> None:
    await listed(world)
    fewer = make_variant(sku="SP-00001-1", gtin="", on_hand=2)
    await world.change(variants=(fewer,))
    world.market.script("set_stock", LostAnswer(applied=False), times=ALWAYS)

    report = await world.sync(follow_s=0)

    assert named(report.overdue) == []
    (late,) = report.overdue.not_lowered
    assert (late.marketplace, late.product_id) == ("memory", ID)


async def test_there_may_be_more_of_them_than_are_read_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocop_sync.service.run.overdue._AT_ONCE", 1)
    await listed(world)
    no = Refused((Problem(code="kept", message="Đang có khuyến mại"),))
    world.market.script("withdraw", no, times=ALWAYS)
    for n in (1, 2):
        await world.change(f"SP-{n:05}", paused=True)

    report = await world.sync()

    assert [id_ for _, id_, _ in named(report.overdue)] == ["SP-00001", "SP-00002"]


async def test_what_waits_for_an_account_that_fails_is_advised_by_its_cause(
    world: World,
) -> None:
    await listed(world)
    await block(world)
    world.market.script("events", AuthenticationError("sai mật khẩu"), times=ALWAYS)
    world.market.script("withdraw", AuthenticationError("sai mật khẩu"), times=ALWAYS)
    report = await world.sync()
    world.market.forget_scripts()
    world.market.script("withdraw", LostAnswer(applied=False), times=ALWAYS)

    (found,) = (await overdue(world.deployment)).not_withdrawn
    (in_report,) = report.overdue.not_withdrawn
    (later,) = (await world.sync()).overdue.not_withdrawn

    assert in_report.reason == found.reason
    assert "sai mật khẩu" not in later.reason.seen.en
    assert found.reason.outcome == WAIT
    assert "account memory fails" in found.reason.seen.en
    assert "sai mật khẩu" not in found.reason.seen.en
    assert "accounts.secrets" in found.reason.todo.en


async def test_a_product_that_waits_at_an_account_of_no_use_is_told_so(
    world: World,
) -> None:
    await world.save(entry(1))
    world.market.script("page", AuthenticationError("sai mật khẩu"), times=ALWAYS)
    await world.sync()

    (site,) = world.deployment.sites
    (found,) = [each async for each in not_on_sale(world.deployment, site)]
    (reason,) = found.reasons

    assert reason.code == "pending"
    assert "account memory fails" in reason.seen.en
    assert "accounts.secrets" in reason.todo.en


async def test_while_the_clock_is_doubted_what_waits_is_told_to_set_it(
    world: World,
) -> None:
    await listed(world)
    await block(world)
    right = world.time()
    answering(world, lambda: right)
    world.time.pass_(days=30)
    await world.sync()

    found = (await overdue(world.deployment)).not_withdrawn

    assert {each.reason.todo for each in found} == {clock_doubt.TODO}


async def test_where_nothing_is_named_no_account_is_asked_about(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    async def none_asked(*about: object) -> dict[str, object]:
        asked.append(about)
        return {}

    monkeypatch.setattr(module, "account_troubles", none_asked)
    await listed(world)
    assert (await overdue(world.deployment), asked) == (AllOverdue(), [])

    await over_the_budget(world)
    await world.sync()
    asked.clear()

    assert named(await overdue(world.deployment))
    assert len(asked) == 1
