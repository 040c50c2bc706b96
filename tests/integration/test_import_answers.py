"""Files that are looked at first, answered as they were kept, or refused."""

from collections.abc import Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from catalog.db import reader
from catalog.db.acts import acts_behind
from catalog.db.field_changes import Change, ChangedField, Entity
from catalog.db.kept_reports import KeptReport, erase_reports
from catalog.errors import AttestationError, PastImportError
from catalog.imports.kept_import import Outcome
from catalog.imports.preview import CHANGES, DAYS, PRICES, TAKES
from catalog.model.product import Entry
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.service.department.all_work import all_work
from ocop_sync.service.department.imports import (
    ImportAnswers,
    import_again,
    import_preview,
    import_reading,
    preview_counts,
    refuse,
)
from ocop_sync.service.producer.changes import Doing
from ocop_sync.service.producer.uploads import Sheet, import_sheet
from tests.catalog_database import as_csv
from tests.factories import make_variant, person
from tests.world import World, entry

BY = person("Cán bộ Mẫu")
CHEAP = {"sku": "SP-00001-1", "price_vnd": 450}
REFUSES = {"sku": "SP-00002-1", "consent": "no"}
SETS = [{"sku": f"SP-{n:05}-1", "set_code": "I.1.a"} for n in range(1, 11)]
"""Another product set for ten products: so many at once are asked about."""


def unpriced(n: int) -> Entry:
    """A product of which no price is known, so that any sheet may bring one."""
    sku = f"SP-{n:05}-1"
    return entry(n, variants=(make_variant(sku=sku, gtin="", price_vnd=None),))


async def sent(world: World, tmp_path: Path, *rows: Any, **more: Any) -> KeptReport:
    path = tmp_path / "bảng.csv"
    path.write_bytes(as_csv(*rows).getvalue())
    sheet = Sheet(path=path, name="bảng.csv", **{"source": "sở", **more})
    doing = Doing(by=BY, reach=WHOLE_CATALOG)
    return await import_sheet(world.deployment, sheet, doing)


async def price(world: World, n: int = 1) -> int | None:
    id_ = f"SP-0000{n}"
    async with world.database.read() as conn:
        return (await reader.get(conn, [id_]))[id_][0].variants[0].price_vnd


async def entries(world: World, number: int, part: str, **more: int) -> list[Any]:
    page = {"after": 0, "size": 50, **more}
    found = await import_preview(world.deployment, number, part, **page)
    return [each for _, each in found.entries]


def change_in(document: Mapping[str, Any]) -> Change:
    """Return a change as it was kept."""
    entity, *rest = document["where"]
    where = ChangedField(Entity(entity), *rest)
    return Change(where, document["before"], document["after"])


async def test_a_preview_writes_nothing_and_tells_each_value_that_would_change(
    world: World, tmp_path: Path
) -> None:
    await world.save(unpriced(7))
    rows = (
        {"sku": "SP-00007-1", "price_vnd": 46_000},
        {"name": "Món mới", "producer_name": "Cơ sở Mẫu 009", "stars": 4},
    )

    report = await sent(world, tmp_path, *rows, preview=True)

    assert report.outcome == Outcome.PREVIEWED
    assert (report.import_id, await price(world, 7)) == (None, None)
    changes = [
        change_in(e) for e in await entries(world, report.id, CHANGES) if "where" in e
    ]
    told = [
        (c.where.subject, c.before, c.after)
        for c in changes
        if c.where.field == "price_vnd"
    ]
    assert told == [("SP-00007", None, 46_000)]
    assert {"name": "Món mới"} in [each.after for each in changes]
    assert preview_counts(report)[CHANGES] == len(changes)


async def test_what_was_looked_at_is_carried_out_without_sending_it_again(
    world: World, tmp_path: Path
) -> None:
    await world.save(unpriced(1))
    row = {"sku": "SP-00001-1", "Giá bánn": 46_000}
    first = await sent(world, tmp_path, row, preview=True)
    looked = ImportAnswers(columns=("Giá bánn=Giá bán",), preview=True)

    second = await import_again(world.deployment, first.id, looked, BY)
    third = await import_again(world.deployment, second.id, ImportAnswers(), BY)

    assert preview_counts(first)[CHANGES] == 1  # that the source names it
    assert preview_counts(second)[CHANGES] == 2
    assert (third.outcome, await price(world)) == (Outcome.WRITTEN, 46_000)
    assert (third.source, third.file) == ("sở", "bảng.csv")


@pytest.mark.postgresql
async def test_what_a_sheet_asks_and_takes_is_told_until_a_person_confirms_it(
    world: World, tmp_path: Path
) -> None:
    await world.save(unpriced(1), entry(2))
    first = await sent(world, tmp_path, CHEAP, REFUSES)

    takes = await entries(world, first.id, TAKES)
    prices = await entries(world, first.id, PRICES)
    answers = ImportAnswers(token=(first.told or {})["token"])
    second = await import_again(world.deployment, first.id, answers, BY)

    assert [(e["product"], e["kind"]) for e in takes] == [("SP-00002", "consent")]
    assert [(e["before"], e["after"]) for e in prices] == [(None, 450)]
    assert await entries(world, first.id, DAYS) == []
    assert await entries(world, first.id, CHANGES) == []  # they were written
    assert (second.outcome, await price(world)) == (Outcome.WRITTEN, 450)
    assert (second.told or {})["confirmed_by"] == "Cán bộ Mẫu"
    assert set(preview_counts(second).values()) == {0}


async def test_parts_come_page_by_page(world: World, tmp_path: Path) -> None:
    await world.save(*(entry(n) for n in range(1, 6)))
    rows = SETS[:4]

    report = await sent(
        world, tmp_path, *rows, {**SETS[4], "consent": "no"}, preview=True
    )

    whole = await entries(world, report.id, CHANGES)
    assert len(whole) == preview_counts(report)[CHANGES] > 5
    parts = [
        await entries(world, report.id, CHANGES, after=n, size=4)
        for n in range(0, len(whole), 4)
    ]
    assert list(chain.from_iterable(parts)) == whole
    assert len(await entries(world, report.id, TAKES)) == 1


@pytest.mark.postgresql
async def test_a_preview_hides_no_sheet_that_waits(
    world: World, tmp_path: Path
) -> None:
    await world.save(*(entry(n) for n in range(1, 11)))
    held = await sent(world, tmp_path, *SETS)
    assert held.outcome == Outcome.HELD
    (hold,) = (held.told or {})["holds"]
    assert (hold["changed"], hold["of"], hold["doubtful"]) == (10, 10, False)

    await sent(world, tmp_path, SETS[0], preview=True)

    waits = [each.number for each in (await all_work(world.deployment)).items]
    assert held.id in waits
    found = await import_reading(world.deployment, held.id, after=0, size=10)
    assert found.is_latest
    later = await sent(world, tmp_path, SETS[0])
    found = await import_reading(world.deployment, held.id, after=0, size=10)
    assert (found.is_latest, found.latest) == (False, later.id)


@pytest.mark.postgresql
async def test_a_refused_sheet_hides_no_older_one_that_waits(
    world: World, tmp_path: Path
) -> None:
    await world.save(*(entry(n) for n in range(1, 11)))
    held = await sent(world, tmp_path, *SETS)
    newer = await sent(world, tmp_path, *SETS, SETS[0])
    hidden = await import_reading(world.deployment, held.id, after=0, size=10)

    await refuse(world.deployment, newer.id, BY)

    assert (newer.outcome, hidden.is_latest) == (Outcome.HELD, False)
    found = await import_reading(world.deployment, held.id, after=0, size=10)
    assert found.is_latest
    waits = [each.number for each in (await all_work(world.deployment)).items]
    assert held.id in waits


@pytest.mark.postgresql
async def test_a_refused_sheet_waits_no_longer_and_the_audit_says_who_and_why(
    world: World, tmp_path: Path
) -> None:
    await world.save(*(entry(n) for n in range(1, 11)))
    held = await sent(world, tmp_path, *SETS)
    why = person("Bà Mẫu", reason="Cột bị lệch")

    await refuse(world.deployment, held.id, why)

    items = (await all_work(world.deployment)).items
    assert held.id not in [each.number for each in items]
    found = await import_reading(world.deployment, held.id, after=0, size=10)
    assert found.page.report.outcome == Outcome.REFUSED
    assert (found.page.report.told or {})["refused_by"] == "Bà Mẫu"
    (*_, act) = await world.database.fetch(partial(acts_behind, number=0, size=9))
    assert (act.entry.kind, act.reason) == ("refuse_import", "Cột bị lệch")
    assert act.entry.refs == {"report": str(held.id)}
    with pytest.raises(PastImportError, match="không còn chờ"):
        await refuse(world.deployment, held.id, why)


async def test_what_was_written_or_erased_cannot_be_refused_and_nobody_unnamed_does(
    world: World, tmp_path: Path
) -> None:
    await world.save(unpriced(1))
    written = await sent(world, tmp_path, {"sku": "SP-00001-1", "price_vnd": 46_000})
    looked = await sent(world, tmp_path, CHEAP, preview=True)

    with pytest.raises(PastImportError):
        await refuse(world.deployment, written.id, BY)
    with pytest.raises(AttestationError):
        await refuse(world.deployment, looked.id, person(" "))
    now = world.time()
    await world.database.write(lambda conn: erase_reports(conn, now))
    with pytest.raises(PastImportError, match="đã xóa"):
        await refuse(world.deployment, looked.id, BY)
    with pytest.raises(PastImportError, match="đã xóa"):
        await import_again(world.deployment, looked.id, ImportAnswers(), BY)
