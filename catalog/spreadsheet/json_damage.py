"""Damage in the text of a JSON file: where it begins, and where the record ends.

Pure functions over the text, and the words for their findings.
"""

import re
from collections.abc import Mapping
from typing import Final

STAMP: Final = "export_stamp"
ROWS: Final = "rows"

Words = tuple[str, str]
"""The fault and the advice for it, in Vietnamese and English."""

_STRING: Final = re.compile(r'"(?:[^"\\\r\n]|\\.)*"')
_TOKEN: Final = re.compile(r'\s+|"(?:[^"\\\r\n]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+')
_NEXT: Final = re.compile(r"\s*[,\]]")
_CLOSING: Final[Mapping[str, str]] = {"{": "}", "[": "]"}


def certain_end(text: str, place: int) -> int | None:
    """Return where the damaged record at *place* ends; None if that is not certain.

    Behind a quote that is missing or odd, words stand right beside a string: text
    and signs have changed places, and no bracket can be believed.
    """
    open_: list[str] = []
    before = ""
    while found := _TOKEN.match(text, place):
        place, token = found.end(), found[0]
        if token.isspace():
            continue
        if token in _CLOSING:
            open_.append(_CLOSING[token])
        elif token in _CLOSING.values():
            if not open_ or open_.pop() != token:
                return None
        elif before.startswith('"') and token[0] not in '",:':
            return None
        before = token
        if not open_:
            return place if _NEXT.match(text, place) else None
    return None


def opening(text: str, place: int, wrong: int) -> int:
    """Return where the fault at *wrong* in the record at *place* begins.

    A string that is not closed is wrong from its quote on.
    """
    while place < wrong:
        if text[place] != '"':
            place += 1
        elif (string := _STRING.match(text, place)) is not None:
            place = string.end()
        else:
            return place
    # Of a comma too many, Python tells now the comma, now the sign after it.
    before = text[:wrong].rstrip()
    behind_comma = text[wrong : wrong + 1] in ("}", "]") and before[-1:] == ","
    return len(before) - 1 if behind_comma else wrong


def why_not(text: str, place: int) -> Words:
    """Say why *text* cannot be read on at *place*."""
    mark = text[place : place + 1]
    if not mark or place >= len(text.rstrip()):
        return CUT_OFF
    if mark == '"' and _STRING.match(text, place) is None:
        return _OPEN_QUOTE
    if mark in _OF_MARK:
        return _OF_MARK[mark]
    return _CONTROL if mark < " " else _unexpected(mark)


def _unexpected(mark: str) -> Words:
    if mark in _CLOSING.values():
        return (
            f"thiếu giá trị trước “{mark}”: ghi giá trị, hoặc null nếu để trống",
            f"a value is missing before “{mark}”: write it, or null for none",
        )
    return (
        f"không hiểu “{mark}”: xem lại dấu nháy kép, dấu hai chấm, dấu phẩy",
        f"“{mark}” is not expected: check double quotes, colons and commas",
    )


CUT_OFF: Final = (
    "tệp dừng giữa chừng, có thể bị cắt cụt: chưa đọc gì, hãy lấy lại tệp đầy đủ",
    "the file ends in the middle, it may be cut off: nothing was read, get it whole",
)
_NUL: Final = (
    "ký tự NUL (byte 0) không phải chữ: xóa ký tự này hoặc lưu lại tệp",
    "a NUL byte, which is no text: delete it, or save the file anew",
)
_OPEN_QUOTE: Final = (
    "dấu nháy kép mở ở đây không đóng trên cùng dòng (hoặc tệp bị cắt cụt): đóng lại",
    (
        "the double quote opened here is not closed on its line (or the file is cut"
        " off): close it"
    ),
)
_BACKSLASH: Final = (
    'dấu “\\” phải viết là “\\\\”, trừ trong \\", \\n, \\u00e8 ...',
    'a backslash is written “\\\\”, but in \\", \\n, \\u00e8 ...',
)
_CONTROL: Final = (
    "ngắt dòng hoặc ký tự điều khiển ngay trong chuỗi: viết là \\n, hoặc xóa đi",
    "a line break or control character inside a string: write \\n, or delete it",
)
COMMA: Final = ("thừa dấu phẩy: xóa đi", "a comma too many: delete it")
NO_COMMA: Final = (
    "giữa hai bản ghi phải có dấu phẩy, cuối danh sách phải có “]”",
    "a comma must stand between two records, and “]” behind the last one",
)
BEHIND: Final = (
    (
        "còn nội dung sau chỗ kết thúc: xóa phần thừa; nếu mỗi dòng là một bản ghi thì"
        " đặt tất cả vào [...], cách nhau dấu phẩy"
    ),
    (
        "something stands behind the end: delete it; if each line is a record, put all"
        " of them into [...], with commas between them"
    ),
)
ROWS_TWICE: Final = (
    f"danh sách “{ROWS}” có hai lần: gộp làm một",
    f"the list “{ROWS}” stands twice: make it one",
)
NO_LIST: Final = (
    f"“{ROWS}” phải là danh sách [...]",
    f"“{ROWS}” must be a list [...]",
)
LATE_STAMP: Final = (
    f"“{STAMP}” phải đứng trước “{ROWS}”",
    f"“{STAMP}” must stand before “{ROWS}”",
)
TOO_DEEP: Final = (
    "lồng quá sâu: bản ghi chỉ gồm các trường đơn giản",
    "nested too deep: a record has plain fields",
)
_OF_MARK: Final[Mapping[str, Words]] = {"\0": _NUL, "\\": _BACKSLASH, ",": COMMA}
