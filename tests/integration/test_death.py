"""A run that dies at any step is gone on with: nothing is lost, nothing doubled.

Every step is tried: before and after each transaction that writes and each call
to the marketplace. That a killed process is one that died is in `tests/e2e`;
what becomes of a single lost answer, in `test_faults.py`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ocop_sync.marketplace.listing import Listing, Problem, RemoteState
from ocop_sync.marketplace.result import Refused
from ocop_sync.store import tables
from tests.factories import NOT_SO, make_certificate, make_variant
from tests.integration.dying import dies
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
    """Leave nine listings that want nine different things."""
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


def approve_all(world: World) -> None:
    for found in list(world.market.shelf.listings.values()):
        if found.state is RemoteState.IN_REVIEW:
            world.market.shelf.approve(found.ref)


async def go_on(world: World) -> End:
    """Sync until nothing is left to do, on the day of the death."""
    world.time.pass_(minutes=2)
    await world.sync(follow_s=0)
    approve_all(world)
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


async def ends_of(folder: Path, scenario: Scenario, *, moderated: bool) -> list[End]:
    """Return how it ends after a death at each step, and last, after none."""
    ends: list[End] = []
    struck = True
    while struck:
        step = len(ends) + 1
        url = f"sqlite+aiosqlite:///{folder}/{step}.db"
        async with open_world(url, moderated=moderated) as world:
            await scenario(world)
            struck = await dies(world, at=step)
            ends.append(await go_on(world))
    return ends


@pytest.mark.parametrize("moderated", [False, True], ids=["at once", "moderated"])
@pytest.mark.parametrize("scenario", [a_first_sync, every_kind_of_change])
async def test_after_a_death_at_any_step_all_is_as_if_there_had_been_none(
    tmp_path: Path, scenario: Scenario, moderated: bool
) -> None:
    *ends, intact = await ends_of(tmp_path, scenario, moderated=moderated)

    assert (intact.left_over, intact.written) == ({}, [])
    assert [ref for ref, found in intact.shown.items() if len(found) != 1] == []
    assert len(ends) > 10
    assert {step: end for step, end in enumerate(ends, 1) if end != intact} == {}
