"""Places in a list, as opaque texts: the page after this one begins behind them.

A cursor belongs to one operation with one set of filters. Its checksum is no
signature: who makes one up gets another place in a list that they may read anyway,
since each page asks anew what its caller may see. So a place is bounded like what
anybody sends: to what every database takes for a value.
"""

import base64
import binascii
import hashlib
import re
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from ocop_sync.api.typed.faults import invalid_field
from ocop_sync.api.typed.problem import ProblemError

T = TypeVar("T")

_SUM_BYTES: Final = 8
_LARGEST: Final = 2**31 - 1
"""The largest number of ours: it fits a column of any database."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_ANY: Final[TypeAdapter[Any]] = TypeAdapter(Any)


def write_cursor(list_id: str, place: object) -> str:
    """Return the cursor of *place* in the list *list_id*."""
    content = _ANY.dump_json(place)
    whole = _sum(list_id, content) + content
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()


def read_cursor(cursor: str, list_id: str, kind: type[T]) -> T:
    """Return the place that *cursor* stands for.

    Raises:
        ProblemError: It is none of that list, or was changed.
    """
    try:
        whole = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise _wrong() from None
    found, content = whole[:_SUM_BYTES], whole[_SUM_BYTES:]
    if found != _sum(list_id, content):
        raise _wrong()
    try:
        place = TypeAdapter(kind).validate_json(content)
    except ValidationError:
        raise _wrong() from None
    if not _is_bounded(_ANY.dump_python(place, mode="json")):
        raise _wrong()
    return place


def _is_bounded(value: object) -> bool:
    """Say whether a place is made of texts and numbers that any database takes."""
    match value:
        case None | bool():
            return True
        case int():
            return 0 <= value <= _LARGEST
        case str():
            return _CONTROL.search(value) is None
        case list():
            return all(map(_is_bounded, value))
        case dict():
            return all(map(_is_bounded, (*value, *value.values())))
        case _:
            return False


def _sum(list_id: str, content: bytes) -> bytes:
    return hashlib.sha256(list_id.encode() + b"\0" + content).digest()[:_SUM_BYTES]


def _wrong() -> ProblemError:
    return invalid_field(
        at=("cursor",),
        place="query",
        code="not_a_cursor",
        vi="không phải dấu trang của danh sách này: bắt đầu lại từ trang đầu",
        en="it is no cursor of this list: begin with the first page again",
    )
