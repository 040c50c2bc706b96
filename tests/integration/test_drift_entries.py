"""The entries of the drift ledger, state by state.

How states come about, and a person's view of them, are tested in test_drift_ledger.py.
"""

from collections.abc import AsyncIterator

import pytest

from catalog.values import replace
from ocop_sync.engine.facet import facet_values
from ocop_sync.engine.state.state import State
from ocop_sync.engine.terms import Found
from ocop_sync.marketplace.change import Kind
from ocop_sync.service.evaluate.drift_ledger import note_answers, note_read
from ocop_sync.store.db.database import Database
from ocop_sync.store.decisions import drift
from tests.factories import AT
from tests.unit.engine.examples import edited_there, make_listing, make_state
from tests.world import make_tables

TITLE = make_listing(title="Sửa")
EDITED = edited_there(TITLE)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """A ledger in which one edit is open."""
    database = Database(url)
    await make_tables(database)
    await read(database, make_state(), EDITED)
    assert await still_open(database) == ["content.title"]
    yield database
    await database.close()


async def read(database: Database, before: State | None, after: State) -> None:
    await database.write(lambda conn: note_read(conn, "memory", [(before, after)], AT))


async def answer(database: Database, before: State, after: State) -> None:
    await database.write(
        lambda conn: note_answers(conn, "memory", [(before, after)], AT)
    )


async def still_open(database: Database) -> list[str]:
    async with database.read() as conn:
        return [entry.field for entry in await drift.listed(conn, ["memory"])]


async def test_what_is_right_again_is_closed(database: Database) -> None:
    await read(database, EDITED, make_state())

    assert await still_open(database) == []


@pytest.mark.parametrize(
    "after",
    [
        make_state(found=Found.ABSENT, absent_reads=1),
        replace(EDITED, found=Found.IN_REVIEW),
        replace(EDITED, found=Found.REFUSED),
    ],
    ids=["not found once", "in review", "refused"],
)
async def test_an_edit_of_what_shows_nothing_certain_stays_open(
    database: Database, after: State
) -> None:
    await read(database, EDITED, after)

    assert await still_open(database) == ["content.title"]


async def test_an_answer_closes_what_it_wrote(database: Database) -> None:
    sent = replace(EDITED, awaiting=Kind.UPDATE, sent=facet_values(make_listing()))

    await answer(database, sent, make_state())

    assert await still_open(database) == []


async def test_an_answer_about_something_else_closes_nothing(
    database: Database,
) -> None:
    """The title is as wanted now, and no edit any more: a read will say so."""
    sent = replace(EDITED, awaiting=Kind.SET_STARS, sent=facet_values(TITLE))

    await answer(database, sent, make_state(TITLE))

    assert await still_open(database) == ["content.title"]
