"""Check the items of a call to Mock V, and bring them to the form that is kept.

Text is kept with CRLF line ends and trimmed. Nothing here knows the existing rows: that
is for `state`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NoReturn, cast

from adapters.voso.mock.moderation import LEAVES
from adapters.voso.mock.refusal import ItemRefusedError, problem
from adapters.voso.mock.rows import Attribute, Content, Ocop, Profile, Variant

MAX_NAME = 120
MAX_IMAGES = 10
MAX_VARIANTS = 30
MAX_ATTRIBUTES = 50
MIN_PRICE = 1_000
MAX_NUMBER = 10**10
MAX_TEXT = 20_000
"""Of the longest field."""
MAX_IMAGE = 2_000
_TIME = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
STARS = (3, 4, 5)

_Object = Mapping[str, Any]


def content_of(item: _Object) -> Content:
    """Return all fields of a product that is saved whole."""
    return _read(item, list(_READERS))


def masked_content_of(item: _Object) -> Content:
    """Return the fields that FIELD_MASK names, prices and stocks left aside."""
    mask = _mask_of(item)
    return _read(item, [name for name in _READERS if name in mask])


def numbers_of(item: _Object, name: str) -> dict[str, int] | None:
    """Return PRICE or STOCK by SKU, None if FIELD_MASK does not name it."""
    if f"VARIANTS.{name}" not in _mask_of(item):
        return None
    lowest = MIN_PRICE if name == "PRICE" else 0
    return {
        _required(each, "SKU", 64): _number(each, name, lowest)
        for each in _objects(item, "VARIANTS", MAX_VARIANTS)
    }


def profile_of(body: _Object) -> Profile:
    """Return the profile of a shop. The old codes are wanted; none will do."""
    return Profile(
        CLIENT_CODE=_text(body, "CLIENT_CODE", 64),
        NAME=_required(body, "NAME", 200),
        KIND=_text(body, "KIND", 8),
        ADDRESS=_text(body, "ADDRESS", 300),
        OLD_DISTRICT_CODE=_code(body, "OLD_DISTRICT_CODE", 3),
        OLD_WARD_CODE=_code(body, "OLD_WARD_CODE", 5),
    )


def action_of(item: _Object) -> tuple[str, str]:
    """Return the action that `product/status` is asked for, and why."""
    action = _text(item, "ACTION", 10)
    if action not in {"STOP", "SELL"}:
        _refuse("ACTION_UNKNOWN", "ACTION phải là STOP hoặc SELL.", "ACTION")
    return action, reason_of(item)


def reason_of(item: _Object) -> str:
    """Return the reason of an action, or ""."""
    return _text(item, "REASON", 500)


def id_of(item: _Object) -> int:
    """Return ID; 0 is a product that is not there yet."""
    return _number(item, "ID", 0)


def revision_of(item: _Object) -> int:
    """Return the REVISION that an item asks for; 0 for any."""
    return _number(item, "REVISION", 0)


def stored(text: str) -> str:
    """Return *text* as it is kept."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    return "\r\n".join(lines)


def _read(item: _Object, names: list[str]) -> Content:
    return cast("Content", {name: _READERS[name](item) for name in names})


def _mask_of(item: _Object) -> list[str]:
    mask = item.get("FIELD_MASK")
    known = {*_READERS, "VARIANTS.PRICE", "VARIANTS.STOCK"}
    if not isinstance(mask, list) or not mask or not known.issuperset(map(str, mask)):
        message = "FIELD_MASK trống hoặc có tên trường lạ."
        _refuse("FIELD_MASK_INVALID", message, "FIELD_MASK")
    return mask


def _name(item: _Object) -> str:
    name = item.get("NAME")
    if isinstance(name, str) and len(stored(name)) > MAX_NAME:
        message = f"Tên dài quá {MAX_NAME} ký tự."
        _refuse("NAME_TOO_LONG", message, "NAME")
    return _required(item, "NAME", MAX_NAME)


def _category(item: _Object) -> int:
    category = _number(item, "CAT_ID", 0)
    if category not in LEAVES:
        message = f"Ngành hàng {category} không có trên sàn."
        _refuse("CAT_ID_UNKNOWN", message, "CAT_ID")
    return category


def _attributes(item: _Object) -> list[Attribute]:
    found = [
        Attribute(NAME=_text(each, "NAME", 200), VALUE=_text(each, "VALUE", 5_000))
        for each in _objects(item, "ATTRIBUTES", MAX_ATTRIBUTES)
    ]
    return [each for each in found if each["NAME"] and each["VALUE"]]


def _images(item: _Object) -> list[str]:
    images = item.get("IMAGES", [])
    if not isinstance(images, list):
        _refuse("LIST_INVALID", "IMAGES phải là danh sách.", "IMAGES")
    if len(images) > MAX_IMAGES:
        message = f"Tối đa {MAX_IMAGES} ảnh."
        _refuse("TOO_MANY_IMAGES", message, "IMAGES")
    if not all(isinstance(each, str) and len(each) <= MAX_IMAGE for each in images):
        message = f"Đường dẫn ảnh phải là chữ, tối đa {MAX_IMAGE} ký tự."
        _refuse("TEXT_INVALID", message, "IMAGES")
    urls = [stored(each) for each in images]
    if not all(url.startswith(("https://", "http://")) for url in urls if url):
        _refuse("IMAGE_INVALID", "Ảnh phải là đường dẫn http(s).", "IMAGES")
    return [url for url in urls if url]


def _variants(item: _Object) -> list[Variant]:
    variants = [
        Variant(
            SKU=_required(each, "SKU", 64),
            PACK=_text(each, "PACK", 200),
            GTIN=_text(each, "GTIN", 14),
            WEIGHT_G=_number(each, "WEIGHT_G", 0),
            PRICE=_number(each, "PRICE", MIN_PRICE),
            STOCK=_number(each, "STOCK", 0),
        )
        for each in _objects(item, "VARIANTS", MAX_VARIANTS)
    ]
    skus = {each["SKU"] for each in variants}
    if not variants or len(skus) < len(variants):
        # Within one product only: the same SKU in two products is nobody's worry.
        message = "Sản phẩm cần ít nhất một phân loại, mỗi phân loại một SKU."
        _refuse("VARIANTS_INVALID", message, "VARIANTS")
    return variants


def _ocop(item: _Object) -> Ocop | None:
    claim = item.get("OCOP")
    if claim is None:
        return None
    stars = claim.get("STARS") if isinstance(claim, dict) else None
    if type(stars) is not int or stars not in STARS:
        _refuse("OCOP_INVALID", "STARS phải là 3, 4 hoặc 5.", "OCOP")
    return Ocop(
        STARS=claim["STARS"],
        DECISION=_text(claim, "DECISION", 200),
        VALID_TO=_local_time(claim, "VALID_TO"),
    )


def _local_time(item: _Object, name: str) -> str:
    text = _text(item, name, 19)
    if text:
        try:
            datetime.strptime(text, "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007 - form only
            is_time = _TIME.fullmatch(text) is not None
        except ValueError:
            is_time = False
        if not is_time:
            message = f"{name} phải có dạng dd/MM/yyyy HH:mm:ss."
            _refuse("DATE_INVALID", message, name)
    return text


def _objects(item: _Object, name: str, limit: int) -> list[_Object]:
    values = item.get(name, [])
    if (
        not isinstance(values, list)
        or len(values) > limit
        or not all(isinstance(value, dict) for value in values)
    ):
        message = f"{name} phải là danh sách tối đa {limit} mục."
        _refuse("LIST_INVALID", message, name)
    return values


def _text(item: _Object, name: str, limit: int) -> str:
    value = item.get(name, "")
    text = stored(value) if isinstance(value, str) else None
    if text is None or len(text) - text.count("\r\n") > limit:
        message = f"{name} phải là chữ, tối đa {limit} ký tự."
        _refuse("TEXT_INVALID", message, name)
    return text


def _required(item: _Object, name: str, limit: int) -> str:
    text = _text(item, name, limit)
    if not text:
        _refuse("TEXT_MISSING", f"Thiếu {name}.", name)
    return text


def _code(item: _Object, name: str, digits: int) -> str:
    code = _text(item, name, 20)
    if code and not (code.isascii() and code.isdecimal() and len(code) == digits):
        message = f"{name} phải có {digits} chữ số hoặc để trống."
        _refuse("CODE_INVALID", message, name)
    return code


def _number(item: _Object, name: str, lowest: int) -> int:
    value = item.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse("NUMBER_INVALID", f"{name} phải là số nguyên.", name)
    if not lowest <= value <= MAX_NUMBER:
        message = f"{name} phải từ {lowest} đến {MAX_NUMBER}."
        _refuse(f"{name}_OUT_OF_RANGE", message, name)
    return value


def _refuse(code: str, message: str, field: str) -> NoReturn:
    raise ItemRefusedError(problem(code, message, field)) from None


_READERS: Mapping[str, Callable[[_Object], object]] = {
    "CLIENT_CODE": lambda item: _text(item, "CLIENT_CODE", 64),
    "NAME": _name,
    "CAT_ID": _category,
    "DESCRIPTION": lambda item: _text(item, "DESCRIPTION", MAX_TEXT),
    "ATTRIBUTES": _attributes,
    "IMAGES": _images,
    "TRACE_URL": lambda item: _text(item, "TRACE_URL", 500),
    "VARIANTS": _variants,
    "OCOP": _ocop,
}
