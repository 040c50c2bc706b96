"""A file of any content: a clear error, or rows. Never anything else."""

import io
from contextlib import suppress
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import FeedError
from catalog.feed.cells.cell import CellError
from catalog.feed.headings.column import COLUMNS
from catalog.feed.places.communes import NO_ANSWERS
from catalog.feed.rows.open_feed import open_feed
from catalog.feed.rows.reading import read_values
from catalog.feed.rows.row import FeedRow, Problem
from catalog.feed.rows.split_cells import spread
from catalog.feed.write.annotated import annotate
from catalog.names.producer_name import fold_producer_name
from tests.workbooks import Rows, make_workbook, mark_here, zipped

HEADS = [
    "STT",
    "Tên sản phẩm",
    "Chủ thể",
    "Hạng sao",
    "Quyết định",
    "Giá",
    "Xã",
    "Huyện",
]
ROWS: Rows = [
    ["SỞ MẪU", *[None] * 7],
    HEADS,
    [1, "Chè mẫu", "HTX Mẫu", "4 sao", "1/QĐ-MẪU ngày 6/4/2021", "150k", "Đồng Rui"],
    [2, "Gạo mẫu", None, "=1+1", 44292, 1.5, "Đồng Lâm", "Hạ Long"],
    [None, "Tổng cộng", None, 2],
]
BOOK = make_workbook(
    {"Bảng": ROWS, "Khác": [["x"]]},
    merged=["A1:H1", "C3:C4"],
    hidden_rows=[4],
    hidden_columns=["F:F"],
)
TABLE = "\r\n".join(";".join(str(each or "") for each in row) for row in ROWS).encode()
RECORDS = (
    '{"export_stamp": "2026-11-24T02:00:00Z", "rows": [{"Tên sản phẩm": "Chè",'
    ' "Giá": 150000, "Hạng sao": null, "Ảnh": ["https://mau.example/1.jpg"]}]}'
).encode()
PARTS = [
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/workbook.xml",
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
    "_rels/.rels",
]


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw *content* with some bytes changed, dropped, doubled or cut off."""
    changed = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(changed)))
        end = min(len(changed), start + draw(st.integers(0, 40)))
        put = draw(st.binary(max_size=8) | st.just(bytes(changed[start:end]) * 2))
        changed[start:end] = put
    return (
        bytes(changed[: draw(st.integers(0, len(changed)))])
        if draw(st.integers(0, 9)) == 0
        else bytes(changed)
    )


def read_whole(content: bytes) -> None:
    """Read *content* as an import does, and give it back annotated."""
    with suppress(FeedError):
        feed = open_feed(io.BytesIO(content))
        problems = [each for row in feed.rows for each in read_values(row)[1]]
        annotate(
            feed,
            [*feed.problems, *problems],
            io.BytesIO(),
            original=io.BytesIO(content),
            write=mark_here,
        )


@pytest.mark.parametrize("content", [BOOK, TABLE, RECORDS], ids=["xlsx", "csv", "json"])
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_mutated_bytes_are_read_or_refused(content: bytes, data: st.DataObject) -> None:
    read_whole(data.draw(mutations(content)))


@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_mutated_parts_are_read_or_refused(part: str, data: st.DataObject) -> None:
    with ZipFile(io.BytesIO(BOOK)) as archive:
        parts: dict[str, str | bytes] = {
            name: archive.read(name) for name in archive.namelist()
        }
    content = parts[part]
    assert isinstance(content, bytes)

    read_whole(zipped({**parts, part: data.draw(mutations(content))}))


CELLS = st.one_of(
    st.text(max_size=40),
    st.text(
        st.sampled_from("0123456789.,/-đkK *★saoQĐngày:T+()[] \u0301\u200b"),
        max_size=30,
    ),
    st.sampled_from(["XÓA", "150.000đ", "6/4/2021", "xã Đồng Lâm, TP Hạ Long"]),
)


@pytest.mark.parametrize("column", COLUMNS)
@settings(max_examples=10, deadline=None)
@given(cell=CELLS.map(str.strip).filter(bool))
def test_a_cell_is_a_value_or_a_problem(column: str, cell: str) -> None:
    with suppress(CellError):
        COLUMNS[column].read(cell)


@settings(max_examples=200, deadline=None)
@given(
    cells=st.dictionaries(
        st.sampled_from(
            [
                *(
                    "decision",
                    "decided_on",
                    "stars",
                    "potential_5",
                    "address",
                    "commune",
                ),
                *("old_commune", "district", "new_commune", "body", "commune_code"),
            ]
        ),
        CELLS,
    )
)
def test_spreading_a_row_twice_is_spreading_it_once(cells: dict[str, str]) -> None:
    asked: list[Problem] = []
    once = spread(FeedRow(number=2, cells=cells), NO_ANSWERS, asked)
    twice = spread(FeedRow(number=2, cells=once.cells), NO_ANSWERS, [])

    if not once.problems:
        assert twice.cells == once.cells
    assert set(once.cells) <= set(COLUMNS)


@given(name=st.text(max_size=60))
def test_a_folded_name_folds_to_itself(name: str) -> None:
    folded = fold_producer_name(name)

    assert fold_producer_name(folded) == folded
