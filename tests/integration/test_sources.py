"""Of which source a file is: its stamp says so, or a person does, once."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.reader import get
from catalog.db.sources import (
    WHOLE,
    Basis,
    Origin,
    Source,
    known_sources,
    origin_of,
    source_of_export,
)
from catalog.feed.rows.row import ProblemKind
from catalog.imports.import_report import ImportReport
from ocop_sync.store.db import schema
from tests.catalog_database import NOW, import_rows, open_catalog
from tests.stored import inside, load

TEA = {"name": "Trà hoa vàng Mẫu", "producer_name": "Cơ sở Mẫu 001"}
RICE = {"name": "Gạo nếp Mẫu", "producer_name": "HTX Mẫu 002"}
HONEY = {"name": "Mật ong Mẫu", "producer_name": "HTX Mẫu 003"}
LATER = NOW + timedelta(hours=1)


async def take_in(
    conn: AsyncConnection,
    *rows: Mapping[str, object],
    file: str,
    said: str = "",
    stamped: str = "",
) -> ImportReport:
    """Import *rows* as the command does: under whatever source they are of."""
    origin = await origin_of(conn, named=said, stamped=stamped, file=file)
    return await import_rows(
        conn, *rows, source=origin.name, basis=origin.basis, file=file, now=LATER
    )


async def test_the_first_file_gives_its_source_its_name(conn: AsyncConnection) -> None:
    report = await take_in(conn, TEA, file="so.xlsx")

    assert (report.written, report.source) == (True, "so.xlsx")
    assert await known_sources(conn) == [Source(name="so.xlsx", imported_at=LATER)]


async def test_a_file_of_new_products_alone_is_a_new_source(
    conn: AsyncConnection,
) -> None:
    await take_in(conn, TEA, file="so.xlsx")

    report = await take_in(conn, RICE, file="huyen.xlsx")

    assert (report.written, report.source) == (True, "huyen.xlsx")


async def test_a_file_that_names_a_product_of_another_source_is_asked_about(
    conn: AsyncConnection,
) -> None:
    await import_rows(conn, TEA, source="so", now=NOW)
    await take_in(conn, RICE, file="huyen.xlsx")

    report = await take_in(conn, TEA, HONEY, file="so (1).xlsx")

    assert (report.written, report.waits) == (False, True)
    assert [each.name for each in report.sources] == ["huyen.xlsx", "so"]
    assert [each.imported_at for each in report.sources] == [LATER, NOW]
    assert report.token == ""
    assert list(await get(conn, ["SP-00003"])) == []
    assert len(await known_sources(conn)) == 2


async def test_the_answer_is_remembered_by_the_files_name(
    conn: AsyncConnection,
) -> None:
    await take_in(conn, TEA, file="so.xlsx")

    answered = await take_in(conn, TEA, file="moi.xlsx", said="so.xlsx")
    again = await take_in(conn, TEA, RICE, file="moi.xlsx")

    assert answered.written
    assert (again.written, again.source, again.sources) == (True, "so.xlsx", ())
    assert len(await known_sources(conn)) == 1


async def test_the_answer_may_be_that_it_is_a_new_source(conn: AsyncConnection) -> None:
    await take_in(conn, TEA, file="so.xlsx")

    await take_in(conn, TEA, file="moi.xlsx", said="moi.xlsx")
    again = await take_in(conn, TEA, file="moi.xlsx")

    assert (again.written, again.source) == (True, "moi.xlsx")
    assert len(await known_sources(conn)) == 2


async def test_nothing_is_remembered_of_a_file_that_was_only_checked(
    conn: AsyncConnection,
) -> None:
    await take_in(conn, TEA, file="so.xlsx")

    await import_rows(conn, TEA, source="so.xlsx", file="moi.xlsx", check=True)

    assert (await take_in(conn, TEA, file="moi.xlsx")).sources


async def test_what_the_stamp_says_counts_under_any_name_of_the_file(
    conn: AsyncConnection,
) -> None:
    await take_in(conn, TEA, RICE, HONEY, file="so.xlsx")

    report = await take_in(conn, TEA, RICE, file="ban sao.csv", stamped="so.xlsx")

    assert (report.source, report.missing) == ("so.xlsx", ["SP-00003"])


async def test_the_name_of_a_stamped_file_tells_nothing_of_the_next_one(
    conn: AsyncConnection,
) -> None:
    await take_in(conn, TEA, file="so.xlsx")
    await take_in(conn, TEA, file="bang.xlsx", stamped="so.xlsx")

    assert (await take_in(conn, TEA, file="bang.xlsx")).sources


async def test_a_person_counts_more_than_a_stamp(conn: AsyncConnection) -> None:
    origin = await origin_of(conn, named="so", stamped="khac", file="x.csv")

    assert origin == Origin("so", Basis.PERSON)


async def test_no_conflict_is_told_before_the_source_is_known(
    conn: AsyncConnection,
) -> None:
    old, new = ({**TEA, "pack": "A", "price_vnd": n} for n in (50_000, 60_000))
    await take_in(conn, old, file="so.xlsx")

    asked = await take_in(conn, new, file="moi.xlsx")
    other = await take_in(conn, new, file="moi.xlsx", said="moi.xlsx")

    assert ProblemKind.CONFLICT not in {each.kind for each in asked.problems}
    assert ProblemKind.CONFLICT in {each.kind for each in other.problems}


@pytest.mark.postgresql
async def test_an_export_is_of_the_source_that_names_the_whole_catalog(
    conn: AsyncConnection,
) -> None:
    nothing = await source_of_export(conn)
    await take_in(conn, TEA, RICE, file="so.xlsx")
    await take_in(conn, TEA, file="viec.xlsx", said="Thiếu giấy tờ")
    one = await source_of_export(conn)
    await take_in(conn, HONEY, file="huyen.xlsx")
    none = await source_of_export(conn)

    assert (nothing, one, none) == (WHOLE, "so.xlsx", WHOLE)


@pytest.mark.postgresql
async def test_sources_of_an_earlier_version_are_known(url: str) -> None:
    old = "nguon-cu.csv"
    await load(url)
    await inside(
        url,
        lambda conn: conn.execute(
            text("UPDATE naming SET source = :old"), {"old": old}
        ),
    )
    await schema.upgrade(url)

    async with open_catalog(url) as conn:
        assert [each.name for each in await known_sources(conn)] == [old]
        origin = await origin_of(conn, named="", stamped="", file=old)
        assert origin == Origin(old, Basis.FILE)
