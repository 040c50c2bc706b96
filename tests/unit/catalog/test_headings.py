"""The meaning of headings: single ones, two-row ones, and near misses."""

import pytest

from catalog.feed.headings.grouped import find_under
from catalog.feed.headings.heading import Heading, find_heading
from catalog.feed.headings.misspelt import nearly
from catalog.feed.rows.row import ProblemKind
from tests.workbooks import Rows, cells_in, make_workbook, opened

GROUPED: Rows = [
    ["DANH SÁCH SẢN PHẨM MẪU"],
    [
        *("STT", "Sản phẩm", "Chủ thể sản xuất", None, None),
        *("Giấy chứng nhận", None, "Thu hồi", None, "Giá bán"),
    ],
    [
        *(None, "Tên", "Tên", "Địa chỉ", "Loại hình"),
        *("Số", "Ngày", "Số quyết định", "Ngày", "(nghìn đồng)"),
    ],
    [
        *(1, "Chè mẫu", "Cơ sở Mẫu 001", "Thôn Mẫu", "Hộ/cá nhân"),
        *("1/QĐ-MẪU", "6/4/2021", "2/QĐ-MẪU", "7/5/2022", 150),
    ],
]
MERGED = ("C2:E2", "F2:G2", "H2:I2")
TEA = {
    "name": "Chè mẫu",
    "producer_name": "Cơ sở Mẫu 001",
    "address": "Thôn Mẫu",
    "producer_kind": "Hộ/cá nhân",
    "decision": "1/QĐ-MẪU",
    "decided_on": "6/4/2021",
    "revoked_by": "2/QĐ-MẪU",
    "revoked_on": "7/5/2022",
    "price_vnd": "150 nghìn",
}


def test_a_group_gives_a_bare_heading_below_it_its_meaning() -> None:
    assert cells_in(make_workbook({"Bảng": GROUPED}, merged=MERGED)) == [TEA]


def test_a_group_that_is_not_merged_reaches_over_the_bare_headings_beside_it() -> None:
    text = (
        "Tên sản phẩm,Chủ thể sản xuất,,,Giấy chứng nhận,,Tồn kho,\n"
        ",Tên,Địa chỉ,Điện thoại,Số,Ngày,,Ngày\n"
        "Chè mẫu,Cơ sở Mẫu 001,Thôn Mẫu,0,1/QĐ-MẪU,6/4/2021,5,7/5/2022\n"
    )

    feed = opened(text.encode())

    assert [dict(row.cells) for row in feed.rows] == [
        {
            "name": "Chè mẫu",
            "producer_name": "Cơ sở Mẫu 001",
            "address": "Thôn Mẫu",
            "decision": "1/QĐ-MẪU",
            "decided_on": "6/4/2021",
            "on_hand": "5",
        }
    ]
    assert 'passed over: H "Ngày"' in feed.notes[-1].en


def test_two_rows_of_headings_are_passed_over_where_they_come_again() -> None:
    again = [*GROUPED, *GROUPED[1:]]
    merged = [*MERGED, "C5:E5", "F5:G5", "H5:I5"]

    feed = opened(make_workbook({"Bảng": again}, merged=merged))

    assert [dict(row.cells) for row in feed.rows] == [TEA, TEA]
    assert [note.en for note in feed.notes] == [
        "rows 5, 6: headings repeated, passed over"
    ]


@pytest.mark.parametrize("merged", [["A1:A2", "B1:C1"], ["B1:C1"]])
def test_a_group_with_one_known_heading_below_it_is_a_group(merged: list[str]) -> None:
    rows: Rows = [
        ["Tên sản phẩm", "Chủ thể sản xuất", None],
        [None, "Tên", "Điện thoại"],
        ["Chè mẫu", "Cơ sở Mẫu 001", "0"],
    ]
    content = make_workbook({"Bảng": rows}, merged=merged)

    assert cells_in(content) == [{"name": "Chè mẫu", "producer_name": "Cơ sở Mẫu 001"}]


@pytest.mark.parametrize(
    ("over", "below", "column"),
    [
        ("Chủ thể", "Xã", "commune"),
        ("Quyết định công nhận", "Cơ quan", "body"),
        ("Decision", "No.", "decision"),
        ("Giấy chứng nhận ATTP", "Hết hạn", "food_safety_expires_on"),
        ("Giấy chứng nhận ATTP", "Số", "food_safety_number"),
        ("Giấy chứng nhận ATTP", "Ngày cấp", "food_safety_issued_on"),
        ("Đồng ý đăng bán", "Người xác nhận", "consent_by"),
        ("Tồn kho", "Số lượng", "on_hand"),
        ("Nhãn", "Khối lượng", "net_quantity"),
        ("Thông tin chung", "Tên sản phẩm", "name"),
        ("Giá", "Bán lẻ", "price_vnd"),
    ],
)
def test_a_heading_below_another_is_understood(
    over: str, below: str, column: str
) -> None:
    assert find_under(over, below) == Heading(column)


@pytest.mark.parametrize(
    ("over", "below"),
    [
        ("Giấy chứng nhận ATTP", "Cơ quan ban hành"),
        ("Chủ thể", "Số lượng"),
        ("Chủ thể", "Năm"),
        ("Thu hồi", "Cơ quan ban hành"),
        ("Giá", "Bán buôn"),
        ("Tên sản phẩm", "(1)"),
        ("Tên sản phẩm", "-"),
        ("Công bố sản phẩm", "có"),
    ],
)
def test_a_heading_means_nothing_where_its_group_is_about_something_else(
    over: str, below: str
) -> None:
    assert find_under(over, below) is None


def test_a_day_of_another_paper_is_never_that_of_a_decision() -> None:
    rows: Rows = [
        ["Tên sản phẩm", "Giấy chứng nhận ATTP", None, "Giá bán"],
        [None, "Số", "Ngày cấp", None],
        ["Chè mẫu", "1/ATTP", "6/4/2021", "150k"],
    ]

    cells = cells_in(make_workbook({"B": rows}, merged=["A1:A2", "B1:C1", "D1:D2"]))

    of_paper = {"food_safety_number": "1/ATTP", "food_safety_issued_on": "6/4/2021"}
    assert cells == [{"name": "Chè mẫu", **of_paper, "price_vnd": "150k"}]


def test_a_title_over_the_table_is_no_group() -> None:
    rows: Rows = [
        ["SẢN PHẨM OCOP", None, None, "Mẫu 01"],
        ["STT", "Tên sản phẩm", "Chủ thể", "Huyện"],
        [1, "Chè mẫu", "Cơ sở Mẫu 001", "Huyện Ba Chẽ"],
    ]

    (row,) = cells_in(make_workbook({"Bảng": rows}, merged=["A1:C1"]))

    assert row == {"name": "Chè mẫu", "producer_name": "Cơ sở Mẫu 001"}


def test_what_means_something_else_below_its_group_is_named_and_passed_over() -> None:
    rows: Rows = [
        ["Tên sản phẩm", "Giấy chứng nhận ATTP", None],
        [None, "Có/không", "Cơ quan ban hành"],
        ["Chè mẫu", "có", "UBND tỉnh"],
    ]

    feed = opened(make_workbook({"Bảng": rows}, merged=["A1:A2", "B1:C1"]))

    assert [dict(row.cells) for row in feed.rows] == [
        {"name": "Chè mẫu", "food_safety": "có"}
    ]
    assert '"Giấy chứng nhận ATTP / Cơ quan ban hành"' in feed.notes[-1].en


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Stock on hand", "on_hand"),
        ("Qty", "on_hand"),
        ("Hàng tồn kho", "on_hand"),
        ("Decision no.", "decision"),
        ("Số hiệu quyết định", "decision"),
        ("QĐ phê duyệt", "decision"),
        ("Issue date", "decided_on"),
        ("Ngày ký quyết định", "decided_on"),
        ("Tên sản phẩm đạt OCOP", "name"),
        ("Tổ chức/cá nhân", "producer_name"),
        ("Company name", "producer_name"),
        ("Net weight", "net_quantity"),
        ("Selling price (VND)", "price_vnd"),
        ("Qui cách", "pack"),
        ("HDSD", "use_and_storage"),
        ("Ngày kiểm kê", "counted_at"),
        ("Người liên hệ", ""),
    ],
)
def test_what_offices_write_above_a_column_is_understood(
    text: str, column: str
) -> None:
    assert find_heading(text) == Heading(column)


@pytest.mark.parametrize(
    ("text", "known", "means"),
    [
        ("Số quyêt địng", "Số quyết định", Heading("decision")),
        ("Giá bánn", "Giá bán", Heading("price_vnd")),
        ("Giá bánn (nghìn đồng)", "Giá bán", Heading("price_vnd", "nghìn")),
        ("Tên sản phẩn", "Tên sản phẩm", Heading("name")),
        ("Tênsản phẩm", "Tên sản phẩm", Heading("name")),
        ("Stock on hnad", "Stock on hand", Heading("on_hand")),
        ("Pirce", "Price", Heading("price_vnd")),
    ],
)
def test_a_slip_in_a_heading_is_nearly_the_known_one(
    text: str, known: str, means: Heading
) -> None:
    found = nearly(text)

    assert found is not None
    assert (found.known, found.means) == (known, means)


@pytest.mark.parametrize(
    "text",
    [
        "Giá bán",
        "Giá bán (USD)",
        "Giá vốn",
        "Giá bao",
        "Ghi chú",
        "Ghi chúu",
        "STT",
        "Số lao động",
        "Chất lượng",
        "Hạng mục",
        "Sản lượng",
        "Năm sinh",
        "ISO 22001",
        "Cột 12",
        "x" * 500,
    ],
)
def test_another_heading_is_nearly_none(text: str) -> None:
    assert nearly(text) is None


@pytest.mark.parametrize(
    ("over", "below", "asked"),
    [
        ("Chủ thể", "Địa chir", ["address"]),
        ("Giấy chứng nhận", "Địa chir", ["certified_address"]),
        ("Giấy chứng nhận ATTP", "Ngày quyêt địng", []),
        ("Danh sách", "Ngày quyêt địng", ["decided_on"]),
    ],
)
def test_a_slip_below_a_group_means_what_the_heading_would_mean_there(
    over: str, below: str, asked: list[str]
) -> None:
    rows: Rows = [
        ["Tên sản phẩm", over, None, "Giá bán"],
        [None, below, "Hạng", None],
        ["Chè mẫu", "6/4/2021", 4, "150k"],
    ]

    feed = opened(make_workbook({"Bảng": rows}, merged=["A1:A2", "B1:C1", "D1:D2"]))

    assert [row.cells["name"] for row in feed.rows] == ["Chè mẫu"]
    assert [each.column for each in feed.problems] == asked


SLIP: Rows = [["Tên sản phẩm", "Giá bánn"], ["Chè mẫu", "150k"]]


def test_a_slip_with_values_below_it_is_asked_and_the_rest_is_read() -> None:
    feed = opened(make_workbook({"Bảng": SLIP}))

    assert cells_in(make_workbook({"Bảng": SLIP})) == [{"name": "Chè mẫu"}]
    (question,) = feed.problems
    assert (question.kind, question.place.letter) == (ProblemKind.QUESTION, "B")
    assert '--column "Giá bánn=Giá bán"' in question.vi
    assert '--column "Giá bánn=-"' in question.en
    assert not feed.waits


def test_a_long_heading_is_asked_about_in_whole() -> None:
    heading = "Giấy chứng nhận cơ sở đủ điều kiện ATTTP (theo mẫu của cơ quan cấp tỉnh)"
    rows: Rows = [["Tên sản phẩm", heading], ["Chè mẫu", "có"]]

    (question,) = opened(make_workbook({"Bảng": rows})).problems

    assert f'--column "{heading}=-"' in question.vi


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([["Tên sản phẩm", "Giá bánn"], ["Chè mẫu"]], id="nothing below"),
        pytest.param([*SLIP[:1], ["Tổng cộng", 150_000]], id="a total below"),
        pytest.param(
            [["Tên sản phẩm", "Giá bán", "Giá bánn"], ["Chè mẫu", 1, 2]],
            id="known, too",
        ),
        pytest.param([["Tên sản phẩm", "Website"], ["Chè mẫu", "a"]], id="no slip"),
    ],
)
def test_nothing_else_is_asked_of_an_unknown_heading(rows: Rows) -> None:
    feed = opened(make_workbook({"Bảng": rows}))

    assert list(feed.rows) is not None
    assert feed.problems == []


@pytest.mark.parametrize(
    ("heading", "answer"),
    [("Tên sản phẩn", "name"), ("Chủ thểể", "producer_name"), ("Quy cáhcc", None)],
)
def test_nothing_is_read_before_it_is_known_what_identifies_a_row(
    heading: str, answer: str | None
) -> None:
    heads = ["Tên sản phẩm", heading] if answer != "name" else [heading, "Giá bán"]
    feed = opened(make_workbook({"Bảng": [heads, ["Chè mẫu", "150k"]]}))

    assert feed.waits is (answer is not None)
    assert [each.column for each in feed.problems] == ([answer] if answer else [])
    assert len(list(feed.rows)) == (0 if answer else 1)


def test_an_answer_gives_a_heading_its_meaning_and_is_said() -> None:
    told = {"giá bánn": "price_vnd", "tên sản phẩm": "name", "mới": ""}

    feed = opened(make_workbook({"Bảng": SLIP}), told=told)

    assert [dict(row.cells) for row in feed.rows] == [
        {"name": "Chè mẫu", "price_vnd": "150k"}
    ]
    assert feed.problems == []
    assert 'column B "Giá bánn": read as "Giá bán (đồng)", as answered' in [
        note.en for note in feed.notes
    ]


def test_an_answer_overrules_a_heading_that_is_known() -> None:
    feed = opened(make_workbook({"Bảng": SLIP}), told={"giá bánn": ""})

    assert [dict(row.cells) for row in feed.rows] == [{"name": "Chè mẫu"}]
    assert 'column B "Giá bánn": passed over, as answered' in [
        note.en for note in feed.notes
    ]
