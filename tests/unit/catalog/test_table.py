"""The lines around a table, and the meaning of its headings."""

import io

import pytest

from catalog.errors import FeedError
from catalog.feed.headings.column import COLUMNS
from catalog.feed.headings.heading import Heading, find_heading, heading_of
from catalog.feed.headings.heading_answers import read_heading_answer
from catalog.feed.rows.open_feed import open_feed
from tests.workbooks import cells_in, make_workbook, opened

HEADS = (
    "STT",
    "Tên sản phẩm",
    "Chủ thể",
    "Hạng sao",
    "Số quyết định",
    "Giá",
    "Mã hàng",
)
TEA = (1, "Chè mẫu", "HTX Mẫu", "4 sao", "1/QĐ-MẪU", "150k")
RICE = (2, "Gạo mẫu", "HTX Mẫu", "3 sao", "2/QĐ-MẪU", "90k")


def names(*rows: tuple[object, ...], merged: tuple[str, ...] = ()) -> list[str]:
    """Return the names of the products among *rows* of a sheet."""
    content = make_workbook({"Bảng": [HEADS, *rows]}, merged=merged)
    return [row["name"] for row in cells_in(content)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(("(1)", "(2)", "(3)", "(4)", "(5)"), id="numbers of columns"),
        pytest.param(("A", "B", 1, 2, 3, 4), id="letters and numbers of columns"),
        pytest.param(("I", "THỰC PHẨM"), id="a section by its number"),
        pytest.param((None, "II. Đồ uống"), id="a section in the name"),
        pytest.param((None, "Huyện Ba Chẽ"), id="a district"),
        pytest.param(HEADS, id="headings once more"),
        pytest.param(("VÍ DỤ", "Chè mẫu", "HTX Mẫu"), id="the example"),
    ],
)
def test_what_stands_between_is_passed_over_and_named(line: tuple[object, ...]) -> None:
    content = make_workbook({"Bảng": [HEADS, line, TEA]})

    feed = opened(content)
    assert [row.cells["name"] for row in feed.rows] == ["Chè mẫu"]
    assert [note.en.startswith("rows 2:") for note in feed.notes] == [True]


def test_a_section_merged_over_the_table_is_no_product() -> None:
    rows = (("Thực phẩm", *[None] * 5), TEA)

    assert names(*rows, merged=("A2:F2",)) == ["Chè mẫu"]
    assert names(*((None, "Thực phẩm"), TEA), merged=("B2:F2",)) == ["Chè mẫu"]


@pytest.mark.parametrize(
    "below",
    [
        pytest.param([(None, "Tổng cộng: 2 sản phẩm")], id="total"),
        pytest.param(
            [("Tổng cộng", None, None, None, None, 240_000)], id="total of prices"
        ),
        pytest.param([(None, "Cộng", "2 chủ thể")], id="counted"),
        pytest.param([(None, None, None, "Mẫu, ngày 24 tháng 11 năm 2026")], id="day"),
        pytest.param(
            [
                (None, "Người lập biểu", None, None, "Giám đốc"),
                (None, "Nguyễn Văn Mẫu"),
            ],
            id="signatures",
        ),
        pytest.param([(None, "Ghi chú: số liệu mẫu")], id="a remark"),
    ],
)
def test_what_stands_below_is_no_product(below: list[tuple[object, ...]]) -> None:
    assert names(TEA, RICE, *below) == ["Chè mẫu", "Gạo mẫu"]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param((3, "Tổng hợp hạt mẫu", "HTX Mẫu"), id="begins like a total"),
        pytest.param((3, "Tổng cộng mẫu"), id="numbered"),
        pytest.param((3, "Người lập biểu mẫu"), id="numbered, like a signature"),
        pytest.param((None, "Mật ong mẫu"), id="a name alone"),
        pytest.param(
            (None, "I. Mẫu", *[None] * 4, "SP-00001-1"), id="a section with a SKU"
        ),
        pytest.param((3, "Huyện Ba Chẽ", "HTX Mẫu"), id="a district with a producer"),
    ],
)
def test_what_may_be_a_product_is_one(row: tuple[object, ...]) -> None:
    assert names(TEA, row, RICE) == ["Chè mẫu", row[1], "Gạo mẫu"]


def test_products_below_a_remark_are_products() -> None:
    assert names(TEA, (None, "Lưu ý: mẫu"), RICE) == ["Chè mẫu", "Gạo mẫu"]


@pytest.mark.parametrize(
    ("text", "column", "unit"),
    [
        ("Tên SP", "name", ""),
        ("TÊN SẢN PHẨM OCOP (*)", "name", ""),
        ("price_vnd", "price_vnd", ""),
        ("Price (VND)", "price_vnd", ""),
        ("Giá bán (đồng)", "price_vnd", ""),
        ("Giá bán (nghìn đồng)", "price_vnd", "nghìn"),
        ("Giá (1.000 đ)", "price_vnd", "nghìn"),
        ("Giá VNĐ", "price_vnd", ""),
        ("Đơn giá nghìn đồng", "price_vnd", "nghìn"),
        ("Khối lượng (kg)", "weight_g", "kg"),
        ("Ngày QĐ (dd/mm/yyyy)", "decided_on", ""),
        ("Công bố sản phẩm: hết hạn", "declaration_expires_on", ""),
        ("food_safety_by", "food_safety_by", ""),
        ("Xã/Phường/Thị trấn", "commune", ""),
        ("Ghi chú", "", ""),
    ],
)
def test_a_heading_is_understood(text: str, column: str, unit: str) -> None:
    assert find_heading(text) == Heading(column, unit)


@pytest.mark.parametrize(
    "text",
    [
        "Giá (USD)",
        "Giá (chưa VAT)",
        "Ngày QĐ (mm/dd/yyyy)",
        "Khối lượng (tấn)",
        "Số",
        "",
    ],
)
def test_a_heading_that_could_mislead_is_unknown(text: str) -> None:
    assert find_heading(text) is None


def test_every_column_has_a_heading_that_means_it() -> None:
    for name in COLUMNS:
        assert find_heading(heading_of(name)) == Heading(name)
        assert find_heading(name) == Heading(name)


@pytest.mark.parametrize(
    ("heading", "cell", "read"),
    [
        ("Giá (nghìn đồng)", 150, "150 nghìn"),
        ("Giá (nghìn đồng)", "150.000 đ", "150.000 đ"),
        ("Khối lượng (kg)", 0.5, "0.5 kg"),
    ],
)
def test_a_unit_of_the_heading_goes_with_bare_numbers(
    heading: str, cell: object, read: str
) -> None:
    content = make_workbook({"Bảng": [["Tên sản phẩm", heading], ["Chè mẫu", cell]]})

    assert list(cells_in(content)[0].values()) == ["Chè mẫu", read]


def test_a_stamp_is_read_off_the_rows() -> None:
    stamp = "2026-11-24T02:00:00+00:00"
    heads = ["Tên sản phẩm", "Thời điểm xuất"]
    rows = [
        ["Mới"],
        ["Chè", stamp],
        ["Gạo", stamp],
        ["Lạ", "2026-11-25T02:00:00+00:00"],
    ]

    feed = opened(make_workbook({"Bảng": [heads, *rows]}))
    found = list(feed.rows)

    assert feed.stamp is not None
    assert feed.stamp.isoformat() == stamp
    assert [row.cells for row in found] == [{"name": row[0]} for row in rows]
    assert [bool(row.problems) for row in found] == [False, False, False, True]


def test_a_heading_merged_over_two_columns_is_one_column() -> None:
    heads = ["Tên sản phẩm", None, "Giá"]
    rows = [heads, ["Chè mẫu", None, "150k"], ["Gạo mẫu", None, "90k"]]
    content = make_workbook({"Bảng": rows}, merged=["A1:B1", "A2:B2"])

    assert cells_in(content) == [
        {"name": "Chè mẫu", "price_vnd": "150k"},
        {"name": "Gạo mẫu", "price_vnd": "90k"},
    ]


def test_two_columns_of_one_meaning_say_how_to_pass_one_over() -> None:
    heads = ["Tên sản phẩm", "Giá bán", "Đơn giá"]
    content = make_workbook({"Bảng": [heads, ["Chè mẫu", 150_000, 160_000]]})

    with pytest.raises(FeedError) as caught:
        opened(content)
    answer = dict([read_heading_answer("Đơn giá=-")])
    feed = open_feed(io.BytesIO(content), told=answer)

    said = str(caught.value)
    assert 'cột B "Giá bán" và cột C "Đơn giá" cùng nghĩa (Giá bán (đồng))' in said
    assert '--column "Đơn giá=-"' in said
    assert [row.cells["price_vnd"] for row in feed.rows] == ["150000"]


def test_two_columns_of_one_heading_cannot_be_told_apart_by_an_answer() -> None:
    content = make_workbook({"Bảng": [["Tên sản phẩm", "Giá bán", "Giá bán"]]})

    with pytest.raises(FeedError) as caught:
        opened(content)

    assert "--column" not in str(caught.value)
