"""Check the fields of a call to Mock V, and bring them to the form that is kept.

Text is kept with CRLF line ends and trimmed. The content of products is read in
`content`. Nothing here knows the existing rows: that is for `state`.
"""

from collections.abc import Mapping
from typing import Any, NoReturn, TypedDict

from adapters.voso.mock.refusal import ItemRefusedError, problem

MAX_NUMBER = 10**10

Object = Mapping[str, Any]


class Profile(TypedDict):
    """The profile of a shop; the codes are those before July 2025."""

    CLIENT_CODE: str
    NAME: str
    KIND: str
    ADDRESS: str
    OLD_DISTRICT_CODE: str
    OLD_WARD_CODE: str


def profile_of(body: Object) -> Profile:
    """Return the profile of a shop. The old codes are wanted; none will do."""
    return Profile(
        CLIENT_CODE=text(body, "CLIENT_CODE", 64),
        NAME=required(body, "NAME", 200),
        KIND=text(body, "KIND", 8),
        ADDRESS=text(body, "ADDRESS", 300),
        OLD_DISTRICT_CODE=_code(body, "OLD_DISTRICT_CODE", 3),
        OLD_WARD_CODE=_code(body, "OLD_WARD_CODE", 5),
    )


def action_of(item: Object) -> tuple[str, str]:
    """Return the action that `product/status` is asked for, and why."""
    action = text(item, "ACTION", 10)
    if action not in {"STOP", "SELL"}:
        refuse("ACTION_UNKNOWN", "ACTION phải là STOP hoặc SELL.", "ACTION")
    return action, reason_of(item)


def reason_of(item: Object) -> str:
    """Return the reason of an action, or ""."""
    return text(item, "REASON", 500)


def id_of(item: Object) -> int:
    """Return ID; 0 is a product that is not there yet."""
    return number(item, "ID", 0)


def revision_of(item: Object) -> int:
    """Return the REVISION that an item asks for; 0 for any."""
    return number(item, "REVISION", 0)


def stored(value: str) -> str:
    """Return the text *value* as it is kept."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    return "\r\n".join(lines)


def objects(item: Object, name: str, limit: int) -> list[Object]:
    """Return the objects of a list, *limit* of them at most."""
    values = item.get(name, [])
    if (
        not isinstance(values, list)
        or len(values) > limit
        or not all(isinstance(value, dict) for value in values)
    ):
        message = f"{name} phải là danh sách tối đa {limit} mục."
        refuse("LIST_INVALID", message, name)
    return values


def text(item: Object, name: str, limit: int) -> str:
    """Return a text as it is kept; "" if it is missing."""
    value = item.get(name, "")
    kept = stored(value) if isinstance(value, str) else None
    if kept is None or len(kept) - kept.count("\r\n") > limit:
        message = f"{name} phải là chữ, tối đa {limit} ký tự."
        refuse("TEXT_INVALID", message, name)
    return kept


def required(item: Object, name: str, limit: int) -> str:
    """Return a text that may not be missing."""
    found = text(item, name, limit)
    if not found:
        refuse("TEXT_MISSING", f"Thiếu {name}.", name)
    return found


def _code(item: Object, name: str, digits: int) -> str:
    code = text(item, name, 20)
    if code and not (code.isascii() and code.isdecimal() and len(code) == digits):
        message = f"{name} phải có {digits} chữ số hoặc để trống."
        refuse("CODE_INVALID", message, name)
    return code


def number(item: Object, name: str, lowest: int) -> int:
    """Return a whole number; 0 if it is missing."""
    value = item.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        refuse("NUMBER_INVALID", f"{name} phải là số nguyên.", name)
    if not lowest <= value <= MAX_NUMBER:
        message = f"{name} phải từ {lowest} đến {MAX_NUMBER}."
        refuse(f"{name}_OUT_OF_RANGE", message, name)
    return value


def refuse(code: str, message: str, field: str) -> NoReturn:
    """Refuse the item for a field."""
    raise ItemRefusedError(problem(code, message, field)) from None
