"""A workbook to fill in: headings, lists to choose from, help, one example.

The example is plainly made up and marked in its first column: a reader passes
over it.
"""

from collections.abc import Sequence
from datetime import date
from typing import BinaryIO, Final

from xlsxwriter.worksheet import Worksheet

from catalog.feed.headings.display import (
    FACT_WORDS,
    KIND_WORDS,
    POLICY_WORDS,
    set_in_words,
)
from catalog.feed.headings.heading import (
    DISTRICT,
    EXPORT_STAMP,
    NEW_COMMUNE,
    NUMBER,
    OLD_COMMUNE,
    heading_of,
)
from catalog.feed.write.xlsx_feed import SHEET
from catalog.model.product_set import SETS
from catalog.places.commune import Commune, Communes, load_communes
from catalog.spreadsheet.line import letter
from catalog.spreadsheet.writing import Writer, write_workbook

_LISTS: Final = "Danh mục chọn"
_HELP: Final = "Hướng dẫn"
_ROWS: Final = 2_000
"""Rows that get lists to choose from."""

_KINDS: Final = tuple(KIND_WORDS.values())
_STARS: Final = ("3 sao", "4 sao", "5 sao", "tiềm năng 5 sao")
_BODIES: Final = ("tỉnh", "trung ương", "huyện")
_FACTS: Final = tuple(FACT_WORDS.values())
_YES_NO: Final = ("có", "không")
_POLICIES: Final = tuple(POLICY_WORDS.values())
_SHARED: Final = (
    "Khi bán ở nhiều sàn. “chia ra”: mỗi sàn một phần. “giống nhau”: sàn nào cũng ghi"
    " đủ, có thể bán quá số có. Ở sàn không báo lượt bán: “chia ra” thì phần đã bán ở"
    " đó chỉ được bù khi đếm lại kho; “giống nhau” thì bán quá cho đến lần đọc sau."
)

_REQUIRED: Final = "Bắt buộc. "
_FIELDS: Final[Sequence[tuple[str, object, str]]] = (
    (NUMBER, "VÍ DỤ", "Số thứ tự. Dòng ghi VÍ DỤ không được nạp."),
    ("sku", "", "Do hệ thống cấp: giữ nguyên nếu đã có, để trống nếu là hàng mới."),
    ("ocop_code", "", "Mã trên phần mềm OCOP, nếu có."),
    ("name", "Chè mẫu (ví dụ)", f"{_REQUIRED}Ghi đúng tên trên quyết định."),
    ("set_code", set_in_words("I.5.a"), "Chọn trong danh sách 26 bộ sản phẩm."),
    ("producer_name", "Cơ sở Mẫu 001", f"{_REQUIRED}Tên công ty, hợp tác xã, hộ..."),
    ("producer_kind", _KINDS[3], "Chọn trong danh sách."),
    ("address", "Thôn Mẫu", "Địa chỉ hiện nay, không cần ghi xã."),
    (OLD_COMMUNE, "", "Xã, phường trước 1/7/2025."),
    (DISTRICT, "", "Huyện, thị xã, thành phố trước 1/7/2025."),
    (NEW_COMMUNE, "", "Chọn nếu biết. Bắt buộc nếu xã cũ bị chia."),
    ("stars", _STARS[1], "3, 4, 5 sao hoặc tiềm năng 5 sao."),
    ("decision", "00/QĐ-MẪU", "Như 1114/QĐ-UBND. Chưa có quyết định thì để trống."),
    ("decided_on", date(2021, 4, 6), "Ngày/tháng/năm, đủ 4 chữ số của năm."),
    ("body", _BODIES[0], "Cấp ra quyết định. Thiếu số, ngày hoặc cấp: chưa đủ căn cứ."),
    ("pack", "Hộp mẫu 500 g", "Mỗi quy cách một dòng; các cột khác ghi lại như trên."),
    ("price_vnd", 150_000, "Giá bán một quy cách, đồng, đã gồm thuế: 150000."),
    ("on_hand", 20, "Số đang có trong kho."),
    ("counted_at", "24/11/2026 09:30", "Ngày và giờ đếm; bắt buộc khi đổi tồn kho."),
    ("stock_policy", _POLICIES[0], _SHARED),
    ("weight_g", 550, "Khối lượng khi gửi, gam."),
    ("gtin", "", "Mã vạch 8, 12, 13 hoặc 14 chữ số, nếu có."),
    ("net_quantity", "500 g", "Như in trên nhãn."),
    ("ingredients", "Chè mẫu", "Như in trên nhãn."),
    ("origin", "Việt Nam", "Như in trên nhãn."),
    ("dates", "NSX, HSD in trên bao bì", "Như in trên nhãn."),
    ("use_and_storage", "Để nơi khô, mát", "Như in trên nhãn."),
    ("warnings", "", "Như in trên nhãn."),
    ("alcohol_percent", "", "Chỉ với đồ uống có cồn: 29,5."),
    ("description", "Dòng này chỉ để xem cách ghi.", "Lời giới thiệu sản phẩm."),
    ("pictures", "https://mau.example/1.jpg", "Địa chỉ https, cách nhau dấu cách."),
    ("trace_url", "", "Địa chỉ trang truy xuất nguồn gốc, nếu có."),
    ("food_safety", _FACTS[0], "Có giấy chứng nhận an toàn thực phẩm không."),
    ("food_safety_by", "Cán bộ Mẫu", "Ai đã xem giấy."),
    ("food_safety_on", date(2026, 11, 1), "Ngày xem giấy."),
    ("food_safety_expires_on", date(2028, 1, 31), "Ngày cuối còn hiệu lực."),
    ("declaration", _FACTS[0], "Có bản công bố sản phẩm không."),
    ("consent", _FACTS[0], "Cơ sở có đồng ý đăng bán không."),
    ("consent_by", "Cán bộ Mẫu", "Ai đã xem giấy đồng ý."),
    ("consent_on", date(2026, 11, 1), "Ngày cơ sở đồng ý."),
    ("paused", _YES_NO[1], "Tạm dừng bán."),
    (EXPORT_STAMP, "", "Để trống; dòng chép từ tệp đã xuất thì chép cả ô này."),
)
"""Columns of the template: our name, the example, the advice. The example's commune is
one of the province."""

_RULES: Final = (
    "Điền trang “Sản phẩm”, rồi: `ocop-sync import TỆP --check` (chỉ báo lỗi).",
    "Ô để trống không đổi gì trong danh mục; muốn xóa một giá trị, ghi XÓA.",
    "Sản phẩm không có trong tệp không bị xóa.",
    "Mỗi quy cách một dòng; có thể thêm, bớt, đổi chỗ các cột.",
    "Ngày ghi ngày trước: 06/04/2021. Giá ghi một số: 150000 hoặc 150.000đ.",
    "Công thức không được tính: hãy ghi giá trị.",
    "Fill in the sheet “Sản phẩm”; an empty cell changes nothing, XÓA empties one.",
)


def write_template(stream: BinaryIO, communes: Communes | None = None) -> None:
    """Write the template to *stream*."""
    communes = communes or load_communes()
    places = _example_place(communes)
    with write_workbook(stream) as writer:
        table = writer.book.add_worksheet(SHEET)
        table.freeze_panes(1, 4)
        table.set_column(0, len(_FIELDS) - 1, 20)
        for column, (name, _, _) in enumerate(_FIELDS):
            table.write_string(0, column, heading_of(name), writer.heading)
        for column, (name, said, _) in enumerate(_FIELDS):
            example = places.get(name, said)
            if example != "":
                writer.put(table, 1, column, example)
        _write_lists(writer, table, communes)
        _write_help(writer)


def _example_place(communes: Communes) -> dict[str, str]:
    """Return a commune that was renamed, before and since 1 July 2025."""

    def is_plain(old: Commune) -> bool:
        new = communes.became(old.code)
        only = len(new) == len(communes.old_named(old.name)) == 1
        return only and new[0].name != old.name and old.name.startswith("Xã ")

    known = list(communes.old.values())
    old = next(filter(is_plain, known), known[0])
    new = communes.became(old.code)[0]
    return {OLD_COMMUNE: old.name, DISTRICT: old.district, NEW_COMMUNE: new.name}


def _write_lists(writer: Writer, table: Worksheet, communes: Communes) -> None:
    """Write the lists to choose from, and bind columns to them."""
    lists: dict[str, Sequence[str]] = {
        "set_code": [set_in_words(code) for code in SETS],
        "producer_kind": _KINDS,
        "stars": _STARS,
        "body": _BODIES,
        NEW_COMMUNE: sorted(each.name for each in communes.present.values()),
        "food_safety": _FACTS,
        "declaration": _FACTS,
        "consent": _FACTS,
        "stock_policy": _POLICIES,
        "paused": _YES_NO,
    }
    sheet = writer.book.add_worksheet(_LISTS)
    sheet.set_column(0, len(lists) - 1, 30)
    places = {name: column for column, (name, _, _) in enumerate(_FIELDS)}
    for row in range(max(len(values) for values in lists.values()) + 1):
        for column, (name, values) in enumerate(lists.items()):
            if row == 0:
                sheet.write_string(0, column, heading_of(name), writer.heading)
            elif row <= len(values):
                writer.put(sheet, row, column, values[row - 1])
    for column, (name, values) in enumerate(lists.items()):
        place = letter(column)
        table.data_validation(
            *(1, places[name], _ROWS, places[name]),
            {
                "validate": "list",
                "source": f"='{_LISTS}'!${place}$2:${place}${len(values) + 1}",
                "error_type": "warning",
                "error_title": "Không có trong danh sách",
                "error_message": "Hãy chọn trong danh sách / choose from the list.",
            },
        )


def _write_help(writer: Writer) -> None:
    sheet = writer.book.add_worksheet(_HELP)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 80)
    for row, text in enumerate(_RULES):
        writer.put(sheet, row, 0, text)
    first = len(_RULES) + 1
    sheet.write_string(first, 0, "Cột", writer.heading)
    sheet.write_string(first, 1, "Ghi gì", writer.heading)
    for row, (name, _, said) in enumerate(_FIELDS, start=first + 1):
        writer.put(sheet, row, 0, heading_of(name))
        writer.put(sheet, row, 1, said)
