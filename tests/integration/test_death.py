"""A run that dies at any step is gone on with: nothing is lost, nothing doubled.

Every step is tried: before and after each transaction that writes and each call
to the marketplace. That a killed process is one that died is in `tests/e2e`;
what becomes of a single lost answer, in `test_faults.py`.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Listing, Problem, RemoteState
from ocop_sync.marketplace.result import Refused
from ocop_sync.store import tables
from tests.factories import NOT_SO, make_certificate, make_variant
from tests.integration.dying import FILE, Scene, dies
from tests.world import World, entry, open_world

Scenario = Callable[[World], Awaitable[None]]
REFUSAL = Problem(code="name", message="Tên chưa rõ")
LEFT_OVER = {
    "awaiting": select(tables.listing.c.product_id).where(
        tables.listing.c.awaiting.is_not(None)
    ),
    "without outcome": select(tables.change.c.subject, tables.change.c.kind).where(
        tables.change.c.outcome.is_(None)
    ),
    "running": select(tables.run.c.id).where(tables.run.c.outcome == "running"),
    "not settled": select(tables.listing.c.product_id, tables.listing.c.decision).where(
        tables.listing.c.urgency.is_not(None)
    ),
}


@dataclass(frozen=True, kw_only=True)
class End:
    """What there is when runs have gone on with what another one left.

    Attributes:
        shown: State and content of the listings there, by our reference.
        sellers: Who is open there.
        left_over: What the store has not brought to an end, by what it is.
        written: What the last run still sent.
    """

    shown: dict[str, list[tuple[RemoteState, Listing]]]
    sellers: set[str]
    left_over: dict[str, list[Any]]
    written: list[str]


async def a_first_sync(world: World) -> None:
    await world.save(entry(1), entry(2))


async def every_kind_of_change(world: World) -> None:
    """Leave nine listings that want nine different things, and one to be made."""
    await world.save(*(entry(n) for n in range(1, 10)))
    await list_all_but_two(world)
    await world.change("SP-00008", paused=True)
    await world.sync(follow_s=0)

    cheap = make_variant(sku="SP-00001-1", gtin="", price_vnd=99_000, on_hand=4)
    await world.change("SP-00001", variants=(cheap,))
    await world.change("SP-00002", description="Măng mới.")
    await world.change("SP-00003", certificates=(make_certificate(stars=5),))
    await world.change("SP-00004", paused=True)
    await world.change("SP-00005", name="Măng khô Mẫu viết lại")
    world.market.shelf.delete(world.market.shelf.of("SP-00006")[0].ref)
    product, producer = entry(7)
    assert producer is not None
    await world.save((product, replace(producer, consent=NOT_SO)))
    await world.change("SP-00008", paused=False)
    await world.change("SP-00009", name="Măng khô Mẫu chép lại")
    await world.save(entry(10))
    world.time.pass_(hours=25)


async def list_all_but_two(world: World) -> None:
    """Let one be refused at once, and one in its review if there is any."""
    world.market.script("create", Refused((REFUSAL,)), client_ref="SP-00005")
    await world.sync(follow_s=0)
    (ninth,) = world.market.shelf.of("SP-00009")
    if ninth.state is RemoteState.IN_REVIEW:
        world.market.shelf.refuse(ninth.ref, REFUSAL)
    approve_all(world)
    await world.sync(follow_s=0)


def approve_all(world: World) -> bool:
    """Let all go live that is in review; return whether there was any."""
    found = [
        each.ref
        for each in world.market.shelf.listings.values()
        if each.state is RemoteState.IN_REVIEW
    ]
    for ref in found:
        world.market.shelf.approve(ref)
    return bool(found)


async def go_on(world: World) -> End:
    """Let a new run do what it can, on the day of the death, and then another."""
    world.time.pass_(minutes=2)
    await world.sync(follow_s=0)
    if approve_all(world):
        await world.sync(follow_s=0)
    await world.sync(follow_s=0)

    shown: dict[str, list[tuple[RemoteState, Listing]]] = {}
    for found in world.market.shelf.listings.values():
        state = (found.state, found.shown)
        shown.setdefault(found.shown.client_ref, []).append(state)
    return End(
        shown=shown,
        sellers=set(world.market.shelf.sellers),
        left_over=await look_for_left_over(world),
        written=world.written(),
    )


async def look_for_left_over(world: World) -> dict[str, list[Any]]:
    async with world.database.read() as conn:
        found = {
            what: [tuple(row) for row in await conn.execute(query)]
            for what, query in LEFT_OVER.items()
        }
    return {what: rows for what, rows in found.items() if rows}


async def ends_of(world: World, folder: Path, steps: Iterable[int]) -> dict[int, End]:
    """Return how it ends after a death at each of *steps*, the last one after none."""
    scene, ends = Scene(world, folder), dict[int, End]()
    for step in steps:
        scene.bring_back()
        struck = await dies(world, at=step)
        ends[step] = await go_on(world)
        if not struck:
            break
    return ends


# Steps come in pairs, before and after. Of the long run, one half is tried with
# and the other without a review: every step once, in half of the time.
@pytest.mark.parametrize(
    ("scenario", "moderated", "steps"),
    [
        pytest.param(a_first_sync, False, count(1), id="first, at once"),
        pytest.param(a_first_sync, True, count(1), id="first, moderated"),
        pytest.param(every_kind_of_change, False, count(1, 2), id="every, at once"),
        pytest.param(every_kind_of_change, True, count(2, 2), id="every, moderated"),
    ],
)
async def test_after_a_death_at_any_step_all_is_as_if_there_had_been_none(
    tmp_path: Path, scenario: Scenario, moderated: bool, steps: Iterable[int]
) -> None:
    url = f"sqlite:///{tmp_path}/{FILE}"
    async with open_world(url, moderated=moderated) as world:
        await scenario(world)
        ends = await ends_of(world, tmp_path, steps)

    _, intact = ends.popitem()
    assert (intact.left_over, intact.written) == ({}, [])
    assert [ref for ref, found in intact.shown.items() if len(found) != 1] == []
    assert len(ends) > 20
    assert {step: end for step, end in ends.items() if end != intact} == {}


async def test_the_long_run_sends_every_kind_of_change(tmp_path: Path) -> None:
    async with open_world(f"sqlite:///{tmp_path}/{FILE}") as world:
        await every_kind_of_change(world)

        await world.sync(follow_s=0)

        assert {*world.written()} == {*Kind}
