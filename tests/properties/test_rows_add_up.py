"""A sheet of any content: each of its rows is counted once, and all add up."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import fields

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.feed.merge.row_count import RowCount
from catalog.feed.rows.open_feed import open_feed
from catalog.imports.import_feed import import_feed
from catalog.imports.import_report import ImportReport
from tests.catalog_database import NOW, open_catalog

HEAD = "STT;Tên sản phẩm;Chủ thể;Hạng sao;Quy cách;Giá;Cột lạ"
SECTIONS = ("I;Nhóm chè;;;;;", ";Tổng cộng;;12;;;", "1;2;3;4;5;6;7")
NAMES = ("Trà hoa vàng", "Trà hoa vàng túi lọc", "Tra hoa vàngg", "Mứt dừa", "")
rows = st.builds(
    ";".join,
    st.tuples(
        st.sampled_from(["", "1", "VÍ DỤ"]),
        st.sampled_from(NAMES),
        st.sampled_from(["HTX Mẫu 001", "HTX Mẩu 001", ""]),
        st.sampled_from(["4", "3", "chín", ""]),
        st.sampled_from(["Túi", "túi", "Hộp", ""]),
        st.sampled_from(["45000", "150", "?", ""]),
        st.sampled_from(["x", ""]),
    ),
)
sheets = st.lists(rows | st.sampled_from(SECTIONS), min_size=1, max_size=9)


async def counted(sheets: Sequence[Sequence[str]]) -> list[RowCount]:
    """Import *sheets* in turn; return what became of the rows of each."""
    found: list[RowCount] = []
    async with open_catalog() as conn:
        for sheet in sheets:
            content = "\n".join([HEAD, *sheet]).encode()
            feed = open_feed(io.BytesIO(content))
            report = await import_feed(conn, feed.rows, now=NOW, source="bảng mẫu")
            found.append(report.counted.passing_over(feed.passed_over))
    return found


@settings(max_examples=25, deadline=None)
@given(first=sheets, second=sheets)
def test_the_counts_of_an_import_add_up(first: list[str], second: list[str]) -> None:
    for sheet, count in zip(
        (first, second), asyncio.run(counted([first, second])), strict=True
    ):
        parts = [getattr(count, each.name) for each in fields(count)]

        # A line that holds a number alone, or what nobody knows, is no row.
        said = [
            line
            for line in sheet
            if line.startswith("VÍ DỤ") or any(line.split(";")[1:6])
        ]
        assert count.read == sum(parts) == len(said), (sheet, count)


def test_the_same_rows_again_are_repeated_and_change_nothing() -> None:
    row = "1;Mứt dừa;HTX Mẫu 001;4;Túi;45000;"

    first, second = asyncio.run(counted([[row, row, SECTIONS[1]], [row, row]]))

    assert first == RowCount(new=1, repeated=1, passed_over=1)
    assert second == RowCount(unchanged=1, repeated=1)


def test_a_row_that_is_only_written_otherwise_is_repeated() -> None:
    rows = [
        "1;Mứt dừa;HTX Mẫu 001;4;Túi 1 kg;45000;",
        "2;MỨT DỪA;Htx mẫu 001;4;túi 1kg;45.000đ;",
        "3;Mứt dừa;HTX Mẫu 001;4;Túi 2 kg;45000;",
    ]

    (count,) = asyncio.run(counted([rows]))

    assert count == RowCount(new=2, repeated=1)


def test_an_empty_record_is_counted_and_named() -> None:
    async def imported() -> ImportReport:
        content = b'[{"name": "Che"}, {}, {"strange": 7}, {"name": "Gao"}]'
        async with open_catalog() as conn:
            feed = open_feed(io.BytesIO(content))
            return await import_feed(conn, feed.rows, now=NOW, source="bang mau")

    report = asyncio.run(imported())

    assert report.counted == RowCount(new=2, passed_over=2)
    (note,) = report.notes
    assert str(note) == (
        "bản ghi 2-3: không nói gì về sản phẩm, bỏ qua"
        " / records 2-3: nothing about a product, passed over"
    )
