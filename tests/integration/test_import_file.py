"""One call takes a file in: its source, its headings, its rows, and what is told."""

import json
from dataclasses import replace
from io import BytesIO

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.db.reader import pages
from catalog.db.sources import Basis
from catalog.feed.headings.heading_answers import read_heading_answer
from catalog.imports.evaluated_file import FileToImport
from catalog.imports.import_file import annotate_file, import_file
from ocop_sync.service.json.writer import write_form
from tests.catalog_database import NOW

SHEET = "name,producer_name,stars\nTrà Mẫu,Cơ sở Mẫu 001,3\nGạo Mẫu,Cơ sở Mẫu 001,9\n"
TOLD = dict([read_heading_answer("Món=ingredients")])
STRANGE = "Món,name,producer_name\nx,Trà Mẫu,Cơ sở Mẫu 001\n"


def file(text: str, name: str = "so.csv") -> FileToImport:
    """Return a file with *text*, as whoever asks for an import hands it in."""
    return FileToImport(stream=BytesIO(text.encode()), name=name)


@pytest.mark.postgresql
async def test_a_file_is_taken_in_as_its_source_and_told_as_one_document(
    conn: AsyncConnection,
) -> None:
    found = await import_file(conn, file(SHEET), now=NOW)

    written: list[str] = []
    write_form(found.json_form(), written.append)
    document = json.loads("".join(written))
    assert (found.origin.name, found.origin.basis) == ("so.csv", Basis.GUESS)
    assert document["totals"] == {
        "rows": 2,
        "created": 1,
        "changed": 0,
        "unchanged": 0,
        "rows_with_problems": 1,
    }
    assert document["counted"]["read"] == 2
    assert [(each["row"], each["column"]) for each in document["problems"]] == [
        (3, "stars")
    ]
    assert [each["en"] for each in document["notes"]][-1].startswith("a new source")


@pytest.mark.postgresql
async def test_the_meaning_of_a_heading_is_remembered_for_the_source(
    conn: AsyncConnection,
) -> None:
    told = replace(file(STRANGE), answers=TOLD)
    first = await import_file(conn, told, now=NOW)

    again = await import_file(conn, file(STRANGE), now=NOW)

    assert first.report.created
    assert again.feed.told == TOLD
    [[(product, _)]] = [page async for page in pages(conn)]
    assert product.label.ingredients == "x"


async def test_a_file_that_is_only_checked_leaves_no_trace(
    conn: AsyncConnection,
) -> None:
    told = replace(file(STRANGE), answers=TOLD)
    checked = await import_file(conn, told, now=NOW, check=True)

    again = await import_file(conn, file(STRANGE), now=NOW, check=True)

    assert checked.report.created
    assert not checked.report.written
    assert again.feed.told == {}


@pytest.mark.parametrize("may_be_listed", [True, False])
async def test_ids_of_another_database_are_warned_of_where_something_may_be_listed(
    conn: AsyncConnection, *, may_be_listed: bool
) -> None:
    first = await import_file(conn, file(SHEET), now=NOW, may_be_listed=may_be_listed)
    second = await import_file(conn, file(SHEET), now=NOW, may_be_listed=may_be_listed)

    warned = ["the catalog is empty" in note.en for note in first.notes]
    assert any(warned) is may_be_listed
    assert not any("the catalog is empty" in note.en for note in second.notes)


async def test_an_annotated_copy_says_its_source_only_if_nobody_has_to_be_asked(
    conn: AsyncConnection,
) -> None:
    await import_file(conn, file(SHEET, "so.csv"), now=NOW)
    asked = file(SHEET, "khac.csv")
    found = await import_file(conn, asked, now=NOW)

    assert found.report.sources
    assert not found.is_sure
    out = BytesIO()
    annotated = annotate_file(found, asked, out)
    assert out.getvalue()[:2] == b"PK"
    assert list(annotated.notes[: len(found.notes)]) == list(found.notes)
