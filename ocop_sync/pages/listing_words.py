"""What stands in a listing, in words: its fields, and how each value is written."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from catalog.eligibility import Text
from ocop_sync.pages.words import filled
from ocop_sync.service.department.side_by_side import Item


class Shown(NamedTuple):
    """A value, and how it is written."""

    how: Literal["text", "words", "dong", "number", "day", "moment"]
    value: Any


NOTHING: Final = Shown("words", Text("không ghi", "nothing"))

FIELD_WORDS: Final[Mapping[str, Text]] = {
    "title": Text("Tên", "Name"),
    "description": Text("Mô tả", "Description"),
    "category": Text("Ngành hàng của sàn", "Category there"),
    "attributes": Text("Thông tin thêm", "Further details"),
    "pictures": Text("Số ảnh", "Pictures"),
    "trace_url": Text("Trang truy xuất", "Traceability page"),
    "stars": Text("Hạng sao", "Stars"),
    "decision": Text("Quyết định", "Decision"),
    "valid_to": Text("Còn hạn đến", "Valid until"),
    "pack": Text("Quy cách", "Pack"),
    "gtin": Text("Mã vạch", "Bar code"),
    "weight_g": Text("Khối lượng (g)", "Weight (g)"),
}
"""The fields of a listing, and of its packs."""
OTHER: Final = Text("Nội dung tin", "Text of the listing")
"""A field without a name of its own."""
_OF_PACK: Final = Text("{what} của {sku}", "{what} of {sku}")
_PRICE: Final = Text("Giá", "Price")
_STOCK: Final = Text("Tồn kho", "Stock")
_LONGEST: Final = 160


class Line(NamedTuple):
    """An item of a listing: what it is, as it should be, as it is shown."""

    what: Text
    wanted: Shown
    shown: Shown
    differs: bool


def line_of(item: Item) -> Line:
    """Return an item as people read it."""
    return Line(
        what=_what(item),
        wanted=_shown(item, item.wanted),
        shown=_shown(item, item.shown),
        differs=item.differs,
    )


def _what(item: Item) -> Text:
    what = FIELD_WORDS.get(item.field, OTHER)
    if not item.field:
        what = _PRICE if item.facet == "price" else _STOCK
    return filled(_OF_PACK, what=what, sku=item.sku) if item.sku else what


def _shown(item: Item, value: Any) -> Shown:
    if value is None or value in ("", [], {}):
        return NOTHING
    if item.field == "pictures":
        return Shown("number", len(value))
    if item.field == "valid_to":
        return Shown("day", date.fromisoformat(value))
    if isinstance(value, int):
        return Shown("dong" if item.facet == "price" else "number", value)
    if isinstance(value, list):
        value = "; ".join(_joined(each) for each in value)
    return Shown("text", shortened(str(value)))


def _joined(value: Any) -> str:
    return ": ".join(map(str, value)) if isinstance(value, list) else str(value)


def shortened(text: str) -> str:
    """Return a text that fits into a cell."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"
