"""Each import keeps its changes for 30 days, and nobody else tells of them.

That it can be taken back is in test_import_undo.py.
"""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.commands import update
from catalog.db.field_changes import Change, Entity
from catalog.db.imports import Import, import_made, list_imports
from catalog.db.kept_changes import (
    changes_page,
    count_changes,
    ensure_recorded,
    ensure_whole,
    imports_touching,
)
from catalog.db.reader import names_of
from catalog.db.retention import KEPT_FOR
from catalog.db.tables import field_change
from catalog.errors import PastImportError
from catalog.imports.confirmation import Confirmation
from tests.catalog_database import NOW, import_rows
from tests.factories import person
from tests.world import World

TEA = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001"}
RICE = {"name": "Gạo nếp Mẫu", "producer_name": "HTX Mẫu 002"}
LATER = NOW + timedelta(hours=1)


async def kept(conn: AsyncConnection, number: int) -> list[Change]:
    return list(await changes_page(conn, number))


def in_short(changes: list[Change]) -> dict[str, tuple[object, object]]:
    """Return what was changed, by entity, key and field."""
    return {
        " ".join(filter(None, (each.where.entity, *each.where[2:]))): (
            each.before,
            each.after,
        )
        for each in changes
    }


async def test_an_import_keeps_each_value_that_it_changed_with_its_part(
    conn: AsyncConnection,
) -> None:
    count = {"on_hand": 5, "counted_at": NOW.isoformat()}
    first = {**TEA, "pack": "A", "price_vnd": 50_000, "decision": "1/QĐ-UBND", **count}
    await import_rows(conn, {**first, "decided_on": "2025-05-10", "stars": 3})

    recount = {"on_hand": 7, "counted_at": LATER.isoformat()}
    second = {
        **first,
        **recount,
        "price_vnd": 60_000,
        "description": "Mới",
        "stars": 4,
        "food_safety": "yes",
        "consent": "yes",
        "consent_by": "Bà Mẫu",
        "consent_on": "2026-11-20",
    }
    new = {**TEA, "pack": "B", "price_vnd": 90_000}
    report = await import_rows(conn, second, new, now=LATER)

    found = in_short(await kept(conn, 2))
    assert report.problems == []
    assert found["variant SP-00001-1 price_vnd"] == (50_000, 60_000)
    assert found["variant SP-00001-1 count"] == (
        {"on_hand": 5, "counted_at": NOW.isoformat()},
        {"on_hand": 7, "counted_at": LATER.isoformat()},
    )
    assert found["product description"] == ("", "Mới")
    before, after = found["certificate 0 recognition"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (before["stars"], after["stars"]) == (3, 4)
    assert after["decided_on"] == "2025-05-10"
    assert found["producer consent"][1] == {
        "consent": "yes",
        "consent_by": "Bà Mẫu",
        "consent_on": "2026-11-20",
    }
    assert found["paper food_safety"][0] is None
    pack_before, pack = found["variant SP-00001-2"]
    assert isinstance(pack, dict)
    assert (pack_before, pack["price_vnd"]) == (None, 90_000)
    assert set(found) == {
        "variant SP-00001-1 price_vnd",
        "variant SP-00001-1 count",
        "variant SP-00001-2",
        "product description",
        "certificate 0 recognition",
        "producer consent",
        "paper food_safety",
    }


async def test_of_what_is_new_it_is_kept_that_it_is_new(conn: AsyncConnection) -> None:
    await import_rows(conn, {**TEA, "price_vnd": 50_000}, {**TEA, "pack": "B"}, RICE)

    found = [(each.where.entity, each.where.subject) for each in await kept(conn, 1)]

    assert found == [
        (Entity.PRODUCER, "CS-0001"),
        (Entity.PRODUCER, "CS-0002"),
        (Entity.PRODUCT, "SP-00001"),
        (Entity.PRODUCT, "SP-00002"),
    ]


async def test_what_two_rows_or_steps_change_is_one_change(
    conn: AsyncConnection,
) -> None:
    tea = {**TEA, "price_vnd": 50_000}
    await import_rows(conn, tea)
    # The doubtful price is held first, and taken in with the person's word.
    looked = await import_rows(conn, {**tea, "price_vnd": 500_000}, check=True)
    word = Confirmation(token=looked.token, by=person("Bà Mẫu"))
    await import_rows(conn, {**tea, "price_vnd": 500_000}, confirmed=word)

    (change,) = await kept(conn, 2)

    assert (change.before, change.after) == (50_000, 500_000)


async def test_the_provenance_that_a_field_had_is_kept_beside_it(
    conn: AsyncConnection,
) -> None:
    tea = {**TEA, "price_vnd": 50_000}
    await import_rows(conn, tea)
    await update.set_price(conn, "SP-00001-1", 40_000, by=person("Bà Mẫu"), now=NOW)
    stamped = {"stamp": LATER, "now": LATER}
    await import_rows(conn, tea, source="bảng xuất", **stamped)

    (change,) = [e for e in await kept(conn, 2) if e.where.entity is Entity.VARIANT]

    assert change.touch is not None
    assert (change.touch.by, change.touch.at) == ("Bà Mẫu", NOW)


@pytest.mark.postgresql
async def test_what_a_source_names_is_kept(conn: AsyncConnection) -> None:
    await import_rows(conn, TEA, RICE, {**RICE, "name": "Mật ong Mẫu"})
    await import_rows(conn, TEA, RICE, now=LATER)

    (change,) = await kept(conn, 2)

    assert change.where == (Entity.NAMING, "SP-00003", "bảng mẫu", "")
    assert change.before == {"missing_since": None}
    assert change.after == {"missing_since": "2026-11-24"}


async def test_an_effect_of_an_earlier_import_that_ends_is_kept(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, TEA)
    await import_rows(conn, {**TEA, "paused": "yes", "consent": "no"})
    await import_rows(conn, {**TEA, "paused": "no"})

    found = in_short(await kept(conn, 3))

    # The other one stands as before.
    assert found == {
        "product paused": (True, False),
        "effect stopped  2": (
            {"stands": True, "confirmed_in": None},
            {"stands": False, "confirmed_in": None},
        ),
    }


@pytest.mark.postgresql
@pytest.mark.parametrize("how", ["checked", "held", "again"])
async def test_an_import_that_keeps_nothing_of_its_rows_keeps_no_change(
    conn: AsyncConnection, how: str
) -> None:
    teas = [{**TEA, "name": f"Trà Mẫu {n} bông"} for n in range(1, 30)]
    await import_rows(conn, *teas)
    rows = {"held": [{**each, "paused": "yes"} for each in teas], "again": teas}
    report = await import_rows(
        conn, *rows.get(how, [{**TEA, "name": "Rượu Mẫu"}]), check=how == "checked"
    )

    kept_of = await conn.execute(select(field_change.c.import_id).distinct())
    assert report.import_id is None
    assert kept_of.scalars().all() == [1]


@pytest.mark.postgresql
async def test_imports_are_listed_with_what_they_made_and_until_when_it_is_kept(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, TEA, RICE, file="một.csv")
    await import_rows(conn, {**TEA, "description": "Mới"}, RICE, now=LATER)

    second, first = await list_imports(conn, limit=10)

    assert (first.file, first.created, first.changed) == ("một.csv", 2, 0)
    assert (second.created, second.changed) == (0, 1)
    assert second.changes_until == LATER + KEPT_FOR
    assert [each.id for each in await list_imports(conn, limit=1)] == [2]


async def test_pages_of_changes_follow_each_other(conn: AsyncConnection) -> None:
    await import_rows(conn, *[{**TEA, "name": f"Trà Mẫu {n}"} for n in range(7)])

    found: list[Change] = []
    while page := await changes_page(
        conn, 1, found[-1].where if found else None, size=3
    ):
        assert len(page) <= 3
        found += page

    assert found == await kept(conn, 1)
    assert await count_changes(conn, 1) == len(found) == 8


@pytest.mark.postgresql
async def test_values_that_may_tell_of_a_person_are_erased_after_thirty_days(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, {**TEA, "price_vnd": 50_000})
    told = {"description": "Bà Mẫu kể", "consent": "yes", "consent_by": "Bà Mẫu"}
    told["consent_on"] = "2026-11-20"
    await import_rows(conn, {**TEA, "price_vnd": 51_000, **told}, now=LATER)
    await import_rows(conn, RICE, source="khác", now=LATER + KEPT_FOR / 2)
    before = in_short(await kept(conn, 2))

    await import_rows(conn, {**RICE, "price_vnd": 9_000}, now=LATER + KEPT_FOR)

    after = in_short(await kept(conn, 2))
    assert before["product description"] == ("", "Bà Mẫu kể")
    assert after["product description"] == ("", None)
    assert before["variant SP-00001-1 price_vnd"] == (50_000, 51_000)
    assert after["variant SP-00001-1 price_vnd"] == (50_000, 51_000)
    assert after["producer consent"][1] == {
        "consent": "yes",
        "consent_on": "2026-11-20",
    }
    erased = {each.where.field for each in await kept(conn, 2) if each.erased}
    assert erased == {"description", "consent"}
    made = {each.where.entity: each for each in await kept(conn, 1)}
    assert made[Entity.PRODUCER].erased
    assert made[Entity.PRODUCER].after is None
    assert made[Entity.PRODUCT].after == {"name": TEA["name"]}
    with pytest.raises(PastImportError, match="30 ngày, đến 24/12/2026"):
        ensure_whole(await import_made(conn, 1), LATER + KEPT_FOR)


async def test_a_sync_erases_what_is_over_as_well(world: World) -> None:
    async def take_in(conn: AsyncConnection) -> None:
        await import_rows(conn, TEA, now=world.time())

    await world.database.write(take_in)
    world.time.pass_(days=31)
    await world.sync()

    async with world.database.read() as conn:
        changes = {each.where.entity: each for each in await kept(conn, 1)}
    assert changes[Entity.PRODUCER].erased
    assert not changes[Entity.PRODUCT].erased


@pytest.mark.postgresql
async def test_which_imports_have_changed_a_product_is_told_from_a_day_on(
    conn: AsyncConnection,
) -> None:
    tea = {**TEA, "price_vnd": 50_000}
    await import_rows(conn, tea)
    await import_rows(conn, {**tea, "price_vnd": 51_000}, now=LATER)

    both = await imports_touching(conn, ["SP-00001"], NOW)
    last = await imports_touching(conn, ["SP-00001"], LATER)

    assert [each.import_id for each in both] == [2, 1]
    assert [each.import_id for each in last] == [2]


def test_of_an_import_of_an_earlier_version_nothing_was_kept() -> None:
    old = Import(id=1, source="s", file="f", imported_at=NOW, confirmed_by="")

    with pytest.raises(PastImportError, match="phiên bản trước"):
        ensure_recorded(old)


async def test_an_import_that_there_is_not_is_refused(conn: AsyncConnection) -> None:
    with pytest.raises(PastImportError, match="không có lần nạp 7"):
        await import_made(conn, 7)


async def test_no_log_tells_what_an_import_changed(
    conn: AsyncConnection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await import_rows(conn, TEA)
    await import_rows(conn, {**TEA, "address": "Nhà bà Mẫu, thôn Mẫu"})

    assert "thôn Mẫu" not in caplog.text


@pytest.mark.postgresql
async def test_names_are_those_of_products_and_producers(conn: AsyncConnection) -> None:
    await import_rows(conn, TEA)

    assert await names_of(conn, ["SP-00001", "CS-0001", "SP-00009"]) == {
        "SP-00001": "Trà hoa vàng Mẫu",
        "CS-0001": "Cơ sở Mẫu 001",
    }
