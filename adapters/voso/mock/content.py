"""The content of products at Mock V: its fields, and how an item is read as them.

A field stands in this module alone: what is kept, what people may edit, and what a
product without it shows all follow. Nothing here knows the existing rows: that is for
`state`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypedDict, cast

from adapters.voso.mock.checks import (
    Object,
    number,
    objects,
    refuse,
    required,
    stored,
    text,
)
from adapters.voso.mock.moderation import LEAVES

MAX_NAME = 120
MAX_IMAGES = 10
MAX_VARIANTS = 30
MAX_ATTRIBUTES = 50
MIN_PRICE = 1_000
MAX_TEXT = 20_000
"""Of the longest field."""
MAX_IMAGE = 2_000
_TIME = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
STARS = (3, 4, 5)


class Attribute(TypedDict):
    """A further name and value."""

    NAME: str
    VALUE: str


class Variant(TypedDict):
    """A pack; price in đồng, stock that can be ordered now, 0 g for no weight."""

    SKU: str
    PACK: str
    GTIN: str
    WEIGHT_G: int
    PRICE: int
    STOCK: int


class Ocop(TypedDict):
    """The OCOP stars of a state certificate, until VALID_TO in local time or ""."""

    STARS: int
    DECISION: str
    VALID_TO: str


class Content(TypedDict, total=False):
    """The fields of a product that a client may set."""

    CLIENT_CODE: str
    NAME: str
    CAT_ID: int
    DESCRIPTION: str
    ATTRIBUTES: list[Attribute]
    IMAGES: list[str]
    TRACE_URL: str
    VARIANTS: list[Variant]
    OCOP: Ocop | None


def content_of(item: Object) -> Content:
    """Return all fields of a product that is saved whole."""
    return _read(item, list(_READERS))


def masked_content_of(item: Object) -> Content:
    """Return the fields that FIELD_MASK names, prices and stocks left aside."""
    mask = _mask_of(item)
    return _read(item, [name for name in _READERS if name in mask])


def numbers_of(item: Object, name: str) -> dict[str, int] | None:
    """Return PRICE or STOCK by SKU, None if FIELD_MASK does not name it."""
    if f"VARIANTS.{name}" not in _mask_of(item):
        return None
    lowest = MIN_PRICE if name == "PRICE" else 0
    return {
        required(each, "SKU", 64): number(each, name, lowest)
        for each in objects(item, "VARIANTS", MAX_VARIANTS)
    }


def _read(item: Object, names: list[str]) -> Content:
    return cast("Content", {name: _READERS[name](item) for name in names})


def _mask_of(item: Object) -> list[str]:
    mask = item.get("FIELD_MASK")
    known = {*_READERS, "VARIANTS.PRICE", "VARIANTS.STOCK"}
    if not isinstance(mask, list) or not mask or not known.issuperset(map(str, mask)):
        message = "FIELD_MASK trống hoặc có tên trường lạ."
        refuse("FIELD_MASK_INVALID", message, "FIELD_MASK")
    return mask


def _name(item: Object) -> str:
    name = item.get("NAME")
    if isinstance(name, str) and len(stored(name)) > MAX_NAME:
        message = f"Tên dài quá {MAX_NAME} ký tự."
        refuse("NAME_TOO_LONG", message, "NAME")
    return required(item, "NAME", MAX_NAME)


def _category(item: Object) -> int:
    category = number(item, "CAT_ID", 0)
    if category not in LEAVES:
        message = f"Ngành hàng {category} không có trên sàn."
        refuse("CAT_ID_UNKNOWN", message, "CAT_ID")
    return category


def _attributes(item: Object) -> list[Attribute]:
    found = [
        Attribute(NAME=text(each, "NAME", 200), VALUE=text(each, "VALUE", 5_000))
        for each in objects(item, "ATTRIBUTES", MAX_ATTRIBUTES)
    ]
    return [each for each in found if each["NAME"] and each["VALUE"]]


def _images(item: Object) -> list[str]:
    images = item.get("IMAGES", [])
    if not isinstance(images, list):
        refuse("LIST_INVALID", "IMAGES phải là danh sách.", "IMAGES")
    if len(images) > MAX_IMAGES:
        message = f"Tối đa {MAX_IMAGES} ảnh."
        refuse("TOO_MANY_IMAGES", message, "IMAGES")
    if not all(isinstance(each, str) and len(each) <= MAX_IMAGE for each in images):
        message = f"Đường dẫn ảnh phải là chữ, tối đa {MAX_IMAGE} ký tự."
        refuse("TEXT_INVALID", message, "IMAGES")
    urls = [stored(each) for each in images]
    if not all(url.startswith(("https://", "http://")) for url in urls if url):
        refuse("IMAGE_INVALID", "Ảnh phải là đường dẫn http(s).", "IMAGES")
    return [url for url in urls if url]


def _variants(item: Object) -> list[Variant]:
    variants = [_variant(each) for each in objects(item, "VARIANTS", MAX_VARIANTS)]
    skus = {each["SKU"] for each in variants}
    if not variants or len(skus) < len(variants):
        # Within one product only: the same SKU in two products is nobody's worry.
        message = "Sản phẩm cần ít nhất một phân loại, mỗi phân loại một SKU."
        refuse("VARIANTS_INVALID", message, "VARIANTS")
    return variants


def _variant(item: Object) -> Variant:
    return Variant(
        SKU=required(item, "SKU", 64),
        PACK=text(item, "PACK", 200),
        GTIN=text(item, "GTIN", 14),
        WEIGHT_G=number(item, "WEIGHT_G", 0),
        PRICE=number(item, "PRICE", MIN_PRICE),
        STOCK=number(item, "STOCK", 0),
    )


def _ocop(item: Object) -> Ocop | None:
    claim = item.get("OCOP")
    if claim is None:
        return None
    stars = claim.get("STARS") if isinstance(claim, dict) else None
    if type(stars) is not int or stars not in STARS:
        refuse("OCOP_INVALID", "STARS phải là 3, 4 hoặc 5.", "OCOP")
    return Ocop(
        STARS=claim["STARS"],
        DECISION=text(claim, "DECISION", 200),
        VALID_TO=_local_time(claim, "VALID_TO"),
    )


def _local_time(item: Object, name: str) -> str:
    found = text(item, name, 19)
    if found:
        try:
            datetime.strptime(found, "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007 - form only
            is_time = _TIME.fullmatch(found) is not None
        except ValueError:
            is_time = False
        if not is_time:
            message = f"{name} phải có dạng dd/MM/yyyy HH:mm:ss."
            refuse("DATE_INVALID", message, name)
    return found


def made_by_hand(**values: object) -> Content:
    """Return a product with *values* of any form, its other fields empty."""
    empty = {"NAME": "", "CAT_ID": 0, "VARIANTS": []}
    others = [name for name in _READERS if name not in empty]
    return cast("Content", {**empty, **_read({}, others), **values})


def pack_made_by_hand(**values: object) -> Variant:
    """The same of a pack."""
    return cast("Variant", {**_variant({"SKU": "-", "PRICE": MIN_PRICE}), **values})


_READERS: Mapping[str, Callable[[Object], object]] = {
    "CLIENT_CODE": lambda item: text(item, "CLIENT_CODE", 64),
    "NAME": _name,
    "CAT_ID": _category,
    "DESCRIPTION": lambda item: text(item, "DESCRIPTION", MAX_TEXT),
    "ATTRIBUTES": _attributes,
    "IMAGES": _images,
    "TRACE_URL": lambda item: text(item, "TRACE_URL", 500),
    "VARIANTS": _variants,
    "OCOP": _ocop,
}
