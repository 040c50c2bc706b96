"""A marketplace's words are stored, with any content.

PostgreSQL keeps no NUL, no text that is longer than its column and no number
that is larger; no database keeps half of a surrogate pair, which JSON may hold.
"""

from dataclasses import replace
from enum import StrEnum

import pytest
from sqlalchemy import Column

from ocop_sync.engine.hold import Hold
from ocop_sync.engine.matching.candidates import NewProduct
from ocop_sync.engine.terms import Decision, Found, Twin
from ocop_sync.marketplace.change import Kind
from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.marketplace.result import Refused
from ocop_sync.store.decisions import possible_twins
from ocop_sync.store.listings import foreign_listings
from ocop_sync.store.runs.ledger import Answer
from ocop_sync.store.tables import change, listing, remote
from tests.factories import make_variant
from tests.world import World, entry

pytestmark = pytest.mark.postgresql

STRANGE = "Măng\x00 \ud800 " + "dài " * 200


async def test_a_listing_that_no_database_keeps_stops_no_other(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    shown = world.market.shelf.of("SP-00001")[0].shown
    variants = tuple(replace(each, sku=STRANGE, gtin="") for each in shown.variants)
    strange = replace(shown, client_ref="", title=STRANGE, variants=variants)
    world.market.shelf.add(replace(strange, seller_ref=STRANGE), seller_name=STRANGE)
    world.time.pass_(hours=25)

    report = await world.sync()

    assert report.stopped == {}
    assert report.counts["memory"].listed == report.counts["memory"].foreign == 1


async def test_a_refusal_that_no_database_keeps_is_written_down(world: World) -> None:
    await world.save(entry(1), entry(2))
    refusal = Refused((Problem(code=STRANGE, message=STRANGE),))
    world.market.script("create", refusal, client_ref="SP-00001")

    report = await world.sync()

    assert report.counts["memory"].refused == report.counts["memory"].listed == 1
    (problem,) = (await world.record()).state.problems
    assert problem == refusal.problems[0]
    assert "\ud800" in problem.message


async def test_stock_beyond_what_a_column_holds_is_sent(world: World) -> None:
    packs = [f"SP-00001-{n}" for n in range(1, 4)]
    variants = [make_variant(sku=sku, gtin="", on_hand=10**9) for sku in packs]
    await world.save(entry(1, variants=tuple(variants)))

    report = await world.sync()

    assert report.counts["memory"].listed == 1


async def test_what_is_known_by_strange_words_is_found_by_them(world: World) -> None:
    await world.save(entry(1))
    await world.sync()
    item = world.market.shelf.of("SP-00001")[0]
    strange = replace(item, ref="R\x001", shown=replace(item.shown, title="Tên\x00lạ"))
    wanted = {"SP-00001": NewProduct(listing=strange.shown)}

    async with world.database.read() as conn:
        before = await possible_twins.alike(conn, "memory", wanted)
    await world.database.write(
        lambda conn: foreign_listings.remember(conn, "memory", [strange], world.time())
    )
    async with world.database.read() as conn:
        after = await possible_twins.alike(conn, "memory", wanted)

    assert before == []
    assert [each.ref for each in after] == ["R\ufffd1"]


@pytest.mark.parametrize(
    ("words", "column"),
    [
        (Found, listing.c.found),
        (Kind, listing.c.awaiting),
        (Kind, change.c.kind),
        (Decision, listing.c.decision),
        (Hold, listing.c.hold),
        (Twin, listing.c.twin),
        (Answer, change.c.outcome),
        (RemoteState, remote.c.state),
    ],
    ids=lambda value: str(value) if isinstance(value, Column) else "",
)
def test_every_word_of_ours_fits_its_column(
    words: type[StrEnum], column: Column[str]
) -> None:
    length = getattr(column.type, "length", 0)

    assert length >= max(len(each.value) for each in words)
