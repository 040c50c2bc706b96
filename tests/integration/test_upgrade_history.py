"""The changes of imports that an earlier version kept, in the history."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.columns import UtcDateTime, document
from catalog.commands import update
from catalog.db.field_changes import Change, Touch
from catalog.db.history import erase_old_values
from catalog.db.kept_changes import changes_page
from catalog.db.provenance import provenance_of
from catalog.queries.timeline import timeline_page
from ocop_sync.cli.views.import_changes import change_in_words
from ocop_sync.store.db import schema, upgrade
from ocop_sync.store.db.database import Database
from tests.factories import person
from tests.stored import inside, load

pytestmark = pytest.mark.postgresql

BEFORE = "0029"
"""The version before the history."""
MADE = datetime(2024, 3, 1, tzinfo=UTC)
TOUCHED = datetime(2024, 2, 1, tzinfo=UTC)
UNTIL = datetime(2024, 3, 31, tzinfo=UTC)
PAPER = {"held": "yes", "held_by": "Bà Mẫu", "held_on": None, "expires_on": None}
KEPT: list[tuple[str, str, str, str, Any, Any]] = [
    ("effect", "SP-00011", "stopped  1", "", {"stands": True}, {"stands": False}),
    ("naming", "SP-00011", "bảng", "", None, {"missing_since": None}),
    ("paper", "SP-00011", "food_safety", "", None, PAPER),
    ("producer", "CS-0001", "", "name", "Hộ cũ Mẫu", "Hộ Mẫu"),
    ("product", "SP-00011", "", "description", "", "Bà Mẫu kể"),
    ("product", "SP-00011", "", "paused", True, False),
    ("variant", "SP-00011", "SP-00011-1", "price_vnd", 1, 2),
]

_IMPORT = text(
    "INSERT INTO catalog_import (id, source, file, imported_at, confirmed_by, created,"
    " changed, changes_until) VALUES (700, 'bảng', 'bảng.csv', :made, '', 0, 1, :until)"
).bindparams(
    bindparam("made", type_=UtcDateTime), bindparam("until", type_=UtcDateTime)
)
_CHANGE = text(
    "INSERT INTO import_change (import_id, entity, subject, key, field, before, after,"
    " touched_at, touched_by) VALUES (700, :entity, :subject, :key, :field, :before,"
    " :after, :touched, 'Ông Mẫu')"
).bindparams(
    bindparam("before", type_=document()),
    bindparam("after", type_=document()),
    bindparam("touched", type_=UtcDateTime),
)

BY_SHEET = "import bảng 2024-02-28T00:00:00+00:00"
LAST = [
    ("SP-00011", "", "description", MADE, BY_SHEET),
    ("SP-00011", "SP-00011-1", "price_vnd", MADE, BY_SHEET),
    ("SP-00011", "", "label.origin", TOUCHED, "Ông Mẫu"),
    ("SP-00011", "SP-00011-1", "on_hand", TOUCHED, "Bà Mẫu"),
]
"""Who changed what last: product, SKU, field, when and by whom."""
_FORGET = text("DELETE FROM provenance WHERE product_id = 'SP-00011' AND field <> ''")
_TOUCH = text(
    "INSERT INTO provenance (product_id, sku, field, changed_at, changed_by)"
    " VALUES (:id, :sku, :field, :at, :by)"
).bindparams(bindparam("at", type_=UtcDateTime))


async def load_with_changes(url: str) -> None:
    """Load a database of the version before, with an import and its changes."""
    await load(url)
    await inside(url, lambda conn: _move(conn, command.upgrade, BEFORE))
    await inside(url, _fill)


def _fill(conn: Connection) -> None:
    times = {"made": MADE, "until": UNTIL}
    conn.execute(_IMPORT, times)
    for entity, subject, key, field, before, after in KEPT:
        place = {"entity": entity, "subject": subject, "key": key, "field": field}
        values = {"before": before, "after": after, "touched": TOUCHED}
        conn.execute(_CHANGE, place | values)
    conn.execute(
        text("DELETE FROM provenance WHERE product_id = 'SP-00011' AND field <> ''")
    )
    for id_, sku, field, at, by in LAST:
        conn.execute(
            _TOUCH, {"id": id_, "sku": sku, "field": field, "at": at, "by": by}
        )


def _move(connection: Connection, how: Any, version: str) -> None:
    config = upgrade.configuration()
    config.attributes["connection"] = connection
    how(config, version)


@asynccontextmanager
async def upgraded(url: str) -> AsyncIterator[AsyncConnection]:
    await load_with_changes(url)
    await schema.upgrade(url)
    database = Database(url)
    try:
        async with database.read() as conn:
            yield conn
    finally:
        await database.close()


def as_kept(changes: list[Change]) -> list[tuple[str, str, str, str, Any, Any]]:
    return [(*each.where, each.before, each.after) for each in changes]


async def test_all_of_them_are_carried_over(url: str) -> None:
    async with upgraded(url) as conn:
        found = list(await changes_page(conn, 700))

    assert as_kept(found) == KEPT
    assert {(e.touch.at.day, e.touch.by) for e in found if e.touch} == {(1, "Ông Mẫu")}


async def test_what_may_tell_of_a_person_is_erased_when_it_was_promised(
    url: str,
) -> None:
    await load_with_changes(url)
    await schema.upgrade(url)
    database = Database(url)
    try:
        await database.write(lambda conn: erase_old_values(conn, UNTIL))
        async with database.read() as conn:
            found = list(await changes_page(conn, 700))
    finally:
        await database.close()

    erased = [each.where.entity.value for each in found if each.erased]
    assert erased == ["paper", "producer", "product"]
    assert [each.after for each in found if each.erased] == [None, None, None]
    assert {e.where.field: e.after for e in found if not e.erased} == {
        "": {"missing_since": None},
        "paused": False,
        "price_vnd": 2,
    }


async def test_a_downgrade_has_them_as_before(url: str) -> None:
    await load_with_changes(url)
    await schema.upgrade(url)

    await inside(url, lambda conn: _move(conn, command.downgrade, BEFORE))

    query = text(
        "SELECT entity, subject, key, field FROM import_change"
        " ORDER BY entity, subject, key, field"
    )
    rows = await inside(url, lambda conn: conn.execute(query).all())
    assert [tuple(row) for row in rows] == [each[:4] for each in KEPT]


_PROVENANCE = text(
    "SELECT product_id, sku, field, changed_at, changed_by FROM provenance"
).columns(changed_at=UtcDateTime)


async def test_who_changed_a_field_last_is_known_as_before(url: str) -> None:
    await load_with_changes(url)
    before = await inside(url, lambda conn: conn.execute(_PROVENANCE).all())
    await schema.upgrade(url)
    database = Database(url)
    try:
        async with database.read() as conn:
            known = await provenance_of(conn, sorted({row[0] for row in before}))
    finally:
        await database.close()

    assert len(before) > len(LAST)
    for id_, sku, field, at, by in before:
        assert known.of(id_, sku, field) == Touch(at, by)


async def test_the_timeline_tells_that_those_values_were_not_kept(url: str) -> None:
    async with upgraded(url) as conn:
        page = await timeline_page(conn, "SP-00011")

    assert len({each.at for each in page.changes}) > 2
    assert [each.at for each in page.changes] == sorted(
        (each.at for each in page.changes), reverse=True
    )
    assert min(each.n for each in page.changes) > 0
    told = {
        each.change.where.field: (each.author, change_in_words(each.change))
        for each in page.changes
        if each.import_id is None
    }
    for field, by in (("label_origin", "Ông Mẫu"), ("count", "Bà Mẫu")):
        assert told[field][0] == by
        assert "giá trị không được lưu" in told[field][1]


async def test_a_downgrade_knows_who_changed_a_field_last(url: str) -> None:
    await load_with_changes(url)
    before = await inside(url, lambda conn: conn.execute(_PROVENANCE).all())
    await schema.upgrade(url)

    await inside(url, lambda conn: _move(conn, command.downgrade, BEFORE))

    after = await inside(url, lambda conn: conn.execute(_PROVENANCE).all())
    fields = {tuple(row) for row in after}
    assert {tuple(row) for row in before if row.field or not row.sku} <= fields


async def test_the_history_goes_on_behind_what_was_carried_over(url: str) -> None:
    await load_with_changes(url)
    await schema.upgrade(url)
    database = Database(url)
    by: Any = {"by": person("Bà Mẫu"), "now": UNTIL}
    try:
        await database.write(
            lambda conn: update.set_price(conn, "SP-00011-1", 9_000, **by)
        )
        async with database.read() as conn:
            page = await timeline_page(conn, "SP-00011")
    finally:
        await database.close()

    assert page.changes[0].change.after == 9_000
    assert page.changes[0].change.supersedes is not None
