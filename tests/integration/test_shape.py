"""After an upgrade that changes a listing's fields, only differences are sent.

The version before is the present one, with its values spelled otherwise; the upgrade is
a step of `ocop_sync.engine.state.stored_shape`, and both run against one marketplace.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from catalog.model.paper import PaperKind
from catalog.model.product import Variant
from ocop_sync.engine.approval.budget import Budget
from ocop_sync.engine.facet import Values, facet_values
from ocop_sync.engine.state import stored_shape
from ocop_sync.engine.state.stored_shape import (
    Step,
    added,
    added_to_packs,
    dropped,
    renamed,
)
from ocop_sync.engine.wanted import draft
from ocop_sync.errors import CallRefusedError, UnavailableError
from ocop_sync.marketplace.change import Kind, Update
from ocop_sync.marketplace.listing import Facet, Listing, Problem
from ocop_sync.marketplace.result import Refused
from ocop_sync.service.decisions import approvals
from ocop_sync.service.decisions.drift_decisions import decide_drift
from ocop_sync.service.evaluate import terms_version
from ocop_sync.service.queries.drift import list_drift
from ocop_sync.store import tables
from ocop_sync.store.decisions import drift
from ocop_sync.testing.memory import LostAnswer
from tests.factories import NOT_SO, make_paper, make_variant, person
from tests.held import list_held
from tests.world import World, entry

CONTENT = Facet.CONTENT
WORDS = Refused((Problem(code="words", message="Từ cấm"),))
TOO_BAD = CallRefusedError("không đọc được", code="BODY_INVALID")
APPROVED = ["SP-00006", "SP-00007"]

Spell = Callable[[Values], Values]


@dataclass(frozen=True)
class Upgrade:
    """How the version before spelled its values, and the step that leads from it."""

    before: Spell
    step: Step


def content(spell: Callable[[dict[str, object]], dict[str, object]]) -> Spell:
    return lambda values: (
        {**values, "content": spell(values["content"])}
        if "content" in values
        else values
    )


def without(name: str) -> Spell:
    return content(lambda had: {n: v for n, v in had.items() if n != name})


def called(name: str, before: str) -> Spell:
    return content(lambda had: {before if n == name else n: v for n, v in had.items()})


def packs_without(name: str) -> Spell:
    return added_to_packs(name).down


UPGRADES = {
    "a field is added": Upgrade(without("trace_url"), added(CONTENT, "trace_url")),
    "a field of packs is added": Upgrade(packs_without("gtin"), added_to_packs("gtin")),
    "a field is renamed": Upgrade(
        called("trace_url", "trace_page"), renamed(CONTENT, "trace_page", "trace_url")
    ),
    "a field is dropped": Upgrade(
        content(lambda had: {"old": "x", **had}), dropped(CONTENT, "old")
    ),
}


@pytest.fixture(params=UPGRADES)
async def upgraded(
    request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch
) -> World:
    """A world with something of everything, by the version before; upgraded since."""
    upgrade = UPGRADES[request.param]
    await by_the_version_before(world, upgrade, monkeypatch)
    now_by_this_one(upgrade, monkeypatch)
    return world


async def by_the_version_before(
    world: World, upgrade: Upgrade, patch: pytest.MonkeyPatch
) -> None:
    def spelled(listing: Listing) -> Values:
        return upgrade.before(facet_values(listing))

    patch.setattr(draft, "facet_values", spelled)
    await fill(world)


def now_by_this_one(upgrade: Upgrade, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(draft, "facet_values", facet_values)
    patch.setattr(stored_shape, "STEPS", (*stored_shape.STEPS, upgrade.step))
    # Files that have changed: what was settled by the others is evaluated again.
    patch.setattr(terms_version, "_code_of", lambda package: f"new {package}".encode())


def pack(product_id: str, **differences: Any) -> tuple[Variant, ...]:
    return (make_variant(sku=f"{product_id}-1", gtin="", **differences),)


async def fill(world: World) -> None:
    """List products, and have something of everything happen to them."""
    budget = Budget(min_changes=1, share=0)
    world.deployment = replace(world.deployment, budget=budget)
    market, shelf = world.market, world.market.shelf
    await world.save(*(entry(n) for n in range(1, 10)))
    await world.sync()
    ref = {n: shelf.of(f"SP-{n:05}")[0].ref for n in range(1, 10)}
    shelf.edit(ref[2], title="Măng của tôi")
    shelf.take_down(ref[3])
    packs = shelf.listings[ref[8]].shown.variants
    shelf.edit(ref[8], variants=(replace(packs[0], pack="Túi"),))
    await world.change("SP-00004", description="Từ cấm.")
    market.script("update", WORDS, client_ref="SP-00004")
    await world.change("SP-00005", variants=pack("SP-00005", price_vnd=77_000))
    market.script("set_price", TOO_BAD, client_ref="SP-00005", times=10_000)
    for id_ in APPROVED:
        unsafe = (make_paper(PaperKind.FOOD_SAFETY, NOT_SO),)
        await world.change(id_, papers=unsafe)
    world.time.pass_(hours=25)
    for _ in range(3):
        world.time.pass_(minutes=1)
        await world.sync()
    for each in await list_drift(world.deployment):
        if each.product_id in ("SP-00003", "SP-00008"):
            await decide_drift(
                world.deployment, each.id, ours=False, by=person("Bà Mẫu")
            )
    await world.sync()
    ((group, _),) = await list_held(world.deployment)
    await approvals.approve(
        world.deployment, group.id, by=person("Bà Mẫu"), reason="đã xem"
    )
    market.forget_scripts()
    world.time.pass_(minutes=10)


async def holds(world: World) -> dict[str, str]:
    query = select(tables.listing.c.product_id, tables.listing.c.hold)
    async with world.database.read() as conn:
        rows = (await conn.execute(query)).all()
    return {id_: hold for id_, hold in rows if hold is not None}


async def drift_in(world: World) -> list[tuple[str, str]]:
    """Return what stands there otherwise than we left it: product, field or kind."""
    async with world.database.read() as conn:
        found = await drift.listed(conn, ["memory"])
    return [(each.product_id, each.field or each.kind.value) for each in found]


def sent(world: World) -> dict[str, str]:
    """Return what was sent since the last sync began: kind and fields, by product."""
    return {
        change.client_ref: ",".join(sorted(change.fields))
        if isinstance(change, Update)
        else change.kind.value
        for change in world.market.written()
    }


DRIFT = [
    ("SP-00002", "content.title"),
    ("SP-00003", "taken_down"),
    ("SP-00008", "content.variants"),
]
HOLDS = {
    "SP-00002": "edited_there",
    "SP-00003": "left",
    "SP-00004": "change_refused",
    "SP-00005": "quarantined",
}
"""SP-00008 is not held: a person has said that it stays so."""


async def test_the_version_before_leaves_what_is_to_be_upgraded(world: World) -> None:
    await fill(world)

    assert await drift_in(world) == DRIFT
    assert await holds(world) == HOLDS | dict.fromkeys(APPROVED, "budget")


@pytest.mark.parametrize(
    "upgraded", [name for name in UPGRADES if "dropped" not in name], indirect=True
)
async def test_nothing_is_edited_or_asked_again_because_fields_are_others(
    upgraded: World,
) -> None:
    await upgraded.sync()

    assert sent(upgraded) == dict.fromkeys(APPROVED, "withdraw")
    assert await drift_in(upgraded) == DRIFT
    assert await holds(upgraded) == HOLDS

    upgraded.time.pass_(hours=25)
    await upgraded.sync()

    assert sent(upgraded) == {}
    assert await drift_in(upgraded) == DRIFT
    assert await holds(upgraded) == HOLDS


@pytest.mark.postgresql
@pytest.mark.parametrize("upgraded", ["a field is dropped"], indirect=True)
async def test_what_was_decided_of_a_field_that_is_gone_is_asked_once_more(
    upgraded: World,
) -> None:
    """What it held is lost: a fingerprint of it cannot be taken again."""
    await upgraded.sync()

    assert sent(upgraded) == {"SP-00004": "description"}
    assert await drift_in(upgraded) == DRIFT
    held = {"SP-00002": "edited_there", "SP-00005": "quarantined"}
    asked = {"SP-00003": "taken_down", **dict.fromkeys(APPROVED, "budget")}
    assert await holds(upgraded) == held | asked


@pytest.mark.parametrize(
    ("name", "differences"),
    [
        ("a field is added", {"trace_url": ""}),
        ("a field of packs is added", {"variants": "with another gtin"}),
    ],
)
async def test_a_field_that_is_added_and_shows_otherwise_is_written_once_it_is_read(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    differences: dict[str, Any],
) -> None:
    await by_the_version_before(world, UPGRADES[name], monkeypatch)
    shelf = world.market.shelf
    (shown,) = shelf.of("SP-00001")
    if "variants" in differences:
        packs = tuple(replace(each, gtin="1") for each in shown.shown.variants)
        differences = {"variants": packs}
    shelf.edit(shown.ref, **differences)
    shelf.events.clear()  # else it would be read at once
    now_by_this_one(UPGRADES[name], monkeypatch)

    await world.sync()
    unread = sent(world)
    world.time.pass_(hours=25)
    await world.sync()

    (field,) = differences
    assert unread == dict.fromkeys(APPROVED, "withdraw")
    assert sent(world) == {"SP-00001": field}
    assert await drift_in(world) == DRIFT
    assert shelf.of("SP-00001")[0].shown == shown.shown

    await world.sync()
    assert sent(world) == {}


@pytest.mark.parametrize("upgraded", ["a field is added"], indirect=True)
async def test_what_is_written_of_others_says_nothing_of_a_field_that_is_not_known(
    upgraded: World,
) -> None:
    """Else what shows in it would be an edit, once it is read."""
    shelf = upgraded.market.shelf
    shelf.edit(shelf.of("SP-00001")[0].ref, trace_url="")
    shelf.events.clear()  # else it would be read at once
    await upgraded.change(description="Khác.")
    await upgraded.sync()
    assert sent(upgraded)["SP-00001"] == "description"
    upgraded.time.pass_(hours=25)

    await upgraded.sync()

    assert sent(upgraded) == {"SP-00001": "trace_url"}
    assert await drift_in(upgraded) == DRIFT


@pytest.mark.parametrize("name", ["a field is added", "a field is renamed"])
@pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
async def test_what_has_no_answer_is_read_back_as_it_was_sent(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str, applied: bool
) -> None:
    await by_the_version_before(world, UPGRADES[name], monkeypatch)
    await world.change("SP-00009", name="Măng Mẫu mới")
    lost = LostAnswer(applied=applied)
    world.market.script("update", lost, client_ref="SP-00009")
    for method in ("read", "find"):
        world.market.script(method, UnavailableError("bảo trì"), times=10_000)
    await world.sync()
    assert (await world.record("SP-00009")).state.awaiting is Kind.UPDATE
    world.market.forget_scripts()
    world.time.pass_(minutes=10)
    now_by_this_one(UPGRADES[name], monkeypatch)

    await world.sync()

    assert sent(world).get("SP-00009") == (None if applied else "title")
    assert await drift_in(world) == DRIFT
    assert (await world.record("SP-00009")).decision == "in_sync"
