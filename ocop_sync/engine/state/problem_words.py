"""Say what a marketplace complains of: the field in a clerk's words, then its own.

A field is called as the marketplace calls it, "variants[0].price_vnd"; in front of
that stands what a person calls it, as far as it is known. What to do about it is
in `ocop_sync.engine.reasons.remedy`. Pure.
"""

import re
from collections.abc import Iterable

from catalog.eligibility import Text
from ocop_sync.marketplace.listing import Problem

_NAMES: tuple[tuple[str, Text], ...] = (
    ("name title", Text("tên sản phẩm", "product name")),
    ("description content", Text("mô tả", "description")),
    ("image images picture pictures photo photos", Text("ảnh", "picture")),
    ("price prices", Text("giá", "price")),
    ("stock quantity inventory reserved", Text("tồn kho", "stock")),
    ("category cat", Text("ngành hàng", "category")),
    ("sku", Text("mã hàng", "SKU")),
    ("gtin barcode ean", Text("mã vạch", "barcode")),
    ("variant variants pack packs", Text("quy cách đóng gói", "pack")),
    ("weight", Text("khối lượng", "weight")),
    ("attribute attributes", Text("thuộc tính", "attribute")),
    ("seller shop profile", Text("hồ sơ cơ sở", "producer's profile")),
    ("address", Text("địa chỉ cơ sở", "producer's address")),
    ("commune ward", Text("xã, phường", "commune")),
    ("district", Text("huyện", "district")),
    ("ocop star stars claim", Text("sao OCOP", "OCOP stars")),
    ("decision certificate", Text("quyết định công nhận", "recognising decision")),
    ("valid expiry until", Text("thời hạn công nhận", "validity")),
    ("paper papers document documents", Text("giấy tờ", "papers")),
    ("trace", Text("trang truy xuất", "traceability page")),
)
_BY_WORD = {word: name for words, name in _NAMES for word in words.split()}
_WORD = re.compile(r"[a-z]+")


def told(problems: Iterable[Problem]) -> Text:
    """Return all that is complained of, such as "giá (price_vnd): «quá thấp»"."""
    found = list(problems)
    return Text(
        "; ".join(_one(each, _field(each.field, "vi")) for each in found),
        "; ".join(_one(each, _field(each.field, "en")) for each in found),
    )


def noted(problems: Iterable[Problem]) -> str:
    """Return the same in one text for both languages, as it is kept."""
    return "; ".join(
        f"{each.field}: {_words(each)}" if each.field else _words(each)
        for each in problems
    )


def _one(problem: Problem, field: str) -> str:
    said = f"«{_words(problem)}»"
    return f"{field}: {said}" if field else said


def _words(problem: Problem) -> str:
    return problem.message or problem.code


def _field(field: str, language: str) -> str:
    """Return *field* with what a person calls it; its last known word decides."""
    words = [_BY_WORD[w] for w in _WORD.findall(field.lower()) if w in _BY_WORD]
    if not words:
        return field
    name = words[-1].vi if language == "vi" else words[-1].en
    return f"{name} ({field})"
