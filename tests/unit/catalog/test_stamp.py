"""Stamps of sheets: when they were exported, and of which source they are."""

import io
from datetime import UTC, datetime

import pytest

from catalog.feed.cells.cell import CellError
from catalog.feed.cells.stamp import Stamp, read_stamp
from catalog.feed.write.csv_feed import write_csv
from catalog.feed.write.json_feed import write_json
from catalog.feed.write.xlsx_feed import XlsxFeed
from catalog.spreadsheet.writing import write_workbook
from tests.factories import make_producer, make_product
from tests.workbooks import make_workbook, opened

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "stamp",
    [
        Stamp(AT, "danh mục (1).xlsx"),
        Stamp(AT, "09:30 bang.xlsx"),
        Stamp(AT, "=x"),
        Stamp(AT),
        Stamp(None, "nguồn 2.xlsx"),
    ],
)
def test_a_stamp_is_read_as_it_was_written(stamp: Stamp) -> None:
    assert read_stamp(str(stamp)) == stamp


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("24/11/2026 09:30", Stamp(AT)),
        ("24/11/2026 09:30 a.xlsx", Stamp(AT, "a.xlsx")),
        (" NGUỒN  a.xlsx ", Stamp(None, "a.xlsx")),
    ],
)
def test_a_stamp_is_read_as_people_rewrite_it(text: str, stamp: Stamp) -> None:
    assert read_stamp(text) == stamp


@pytest.mark.parametrize("text", ["", "nguồn", "a.xlsx", "24/11/2026"])
def test_what_is_no_stamp_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        read_stamp(text)


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_every_export_says_of_which_source_it_is(form: str) -> None:
    out, entries = io.BytesIO(), [(make_product(), make_producer())]
    stamp = Stamp(AT, "danh mục (1).xlsx")
    if form == "csv":
        write_csv(entries, out, stamp=stamp)
    elif form == "json":
        write_json(entries, out, stamp=stamp)
    else:
        with write_workbook(out) as writer:
            XlsxFeed(writer, stamp=stamp).write(entries)

    feed = opened(out.getvalue())

    assert (feed.stamp, feed.source) == (AT, stamp.source)
    assert not any(row.problems for row in feed.rows)


def test_rows_of_two_sources_do_not_go_into_one_file() -> None:
    rows = [["Tên sản phẩm", "Thời điểm xuất"]]
    rows += [["Chè", f"{AT.isoformat()} {name}"] for name in ("a.csv", "b.csv")]

    feed = opened(make_workbook({"Bảng": rows}))

    assert [len(row.problems) for row in feed.rows] == [0, 1]
