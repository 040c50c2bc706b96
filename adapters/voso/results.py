"""Read the answers of Voso: envelope, sign-in, results, events.

Pure. Every reader takes a decoded JSON value of any shape and raises nothing but
`ProtocolError`. The consequence for a read or a write is decided in
`adapters.voso.client`; listings are read in `adapters.voso.convert`.
"""

import math
from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from adapters.voso.convert import Status, state_numbered
from adapters.voso.wire import Identifier, Incoming, Number, Reason, describe, instant
from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.port import (
    Applied,
    Event,
    EventKind,
    Events,
    Refused,
    Result,
    Submitted,
    Unknown,
    UnreadableEvent,
)

T = TypeVar("T")


class CallStatus(IntEnum):
    """The statuses of an envelope that Voso's documents name."""

    OK = 200
    MALFORMED = 400
    NOT_SIGNED_IN = 401
    NOT_ACCEPTED = 403
    NO_SUCH_CALL = 404
    OVER_QUOTA = 429
    DOWN = 503


NOT_APPLIED: Final = frozenset(CallStatus) - {CallStatus.OK}
"""The statuses of which the documents say that nothing was applied."""

_SESSION_ENDED: Final = "TOKEN_INVALID"
"""Of an item: the token ran out before it, and it was not carried out."""
_RESERVED: Final = "STOCK_RESERVED"
_CHANGED: Final = "REVISION_CHANGED"
"""Of an item: the listing has changed since the named revision; nothing was written."""
_LONGEST_WAIT_S: Final = 3600.0
_LONGEST_REASON, _TOO_LARGE = 200, 10**18

_KINDS: Final = {
    "APPROVED": EventKind.APPROVED,
    "REFUSED": EventKind.REFUSED,
    "EDITED": EventKind.EDITED,
    "LOCKED": EventKind.BANNED,
    "STOPPED": EventKind.DOWN,
    "DELETED": EventKind.DOWN,
    "SOLD": EventKind.SOLD,
}


class Envelope(Incoming):
    """The envelope of every answer.

    Attributes:
        status: 200, or the failure of the whole call.
        error: Whether it went wrong.
        message: Voso's words.
        data: The answer proper.
    """

    status: int
    error: bool
    message: str | None = None
    data: object = None

    @property
    def is_ok(self) -> bool:
        """Whether the call was carried out."""
        return self.status == CallStatus.OK and not self.error

    @property
    def code(self) -> str:
        """The code of a refusal of the whole call, or ""."""
        value = self.data.get("CODE") if isinstance(self.data, dict) else None
        return value[:40] if isinstance(value, str) else ""

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, from 0 to 3,600, if the answer names any."""
        value = self.data.get("RETRY_AFTER") if isinstance(self.data, dict) else None
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        if isinstance(value, float) and math.isnan(value):
            return None
        return float(min(max(value, 0), _LONGEST_WAIT_S))


class ItemAnswer(Incoming):
    """The outcome of one item of a call.

    Attributes:
        INDEX: Its place in the call, from 0.
        OK: Whether it was carried out.
        ID: The marketplace's number, once there is one.
        CLIENT_CODE: Our reference, as it came in with the item, if it did.
        STATUS: Of the listing afterwards.
        REVISION: Of the listing afterwards.
        ERRORS: Why it was not carried out.
    """

    INDEX: Annotated[int, Field(ge=0)]
    OK: bool
    ID: Identifier | None = None
    CLIENT_CODE: str | None = None
    STATUS: int | None = None
    REVISION: Number | None = None
    ERRORS: list[Reason] | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why it was refused; at least one problem."""
        found = tuple(each.to_problem() for each in self.ERRORS or ())
        return found or (Problem(code="", message="Voso không nêu lý do / no reason"),)


class _Results(Incoming):
    RESULTS: list[object]


class _SignedIn(Incoming):
    token: Annotated[str, Field(min_length=1, pattern=r"^[\x21-\x7e]+$")]


class _Event(Incoming):
    TYPE: str
    PRODUCT_ID: Identifier
    AT: str
    SKU: str | None = None
    QUANTITY: Number | None = None
    ORDER_LINE: str | None = None


class _EventPage(Incoming):
    EVENTS: list[object]
    NEXT_TOKEN: str | None = None


_ENVELOPE: Final = TypeAdapter(Envelope)
_SIGNED_IN: Final = TypeAdapter(_SignedIn)
_RESULTS: Final = TypeAdapter(_Results)
_ITEMS: Final = TypeAdapter(list[ItemAnswer])
_ITEM: Final = TypeAdapter(ItemAnswer)
_EVENT: Final = TypeAdapter(_Event)
_EVENT_PAGE: Final = TypeAdapter(_EventPage)


def read_envelope(value: object) -> Envelope:
    """Return the envelope of an answer.

    Raises:
        ProtocolError: There is none.
    """
    return _read(_ENVELOPE, value)


def read_token(data: object) -> str:
    """Return the token of an answer to a sign-in.

    Raises:
        ProtocolError: There is none that a header could carry.
    """
    return _read(_SIGNED_IN, data).token


def read_results(data: object, count: int) -> Sequence[ItemAnswer | None]:
    """Return the answer for each of *count* items, in their order.

    None stands where an answer is missing, is given twice or cannot be read:
    one bad answer does not spoil the others.

    Raises:
        ProtocolError: There is no list of results at all.
    """
    answers: list[ItemAnswer | None] = [None] * count
    seen: set[int] = set()
    for item in _items(_read(_RESULTS, data).RESULTS):
        place = item.INDEX
        if place < count:
            answers[place] = None if place in seen else item
            seen.add(place)
    return answers


def read_events(data: object, cursor: str | None) -> Events:
    """Return the events of an answer or a push, oldest first as they came.

    A kind of event that the documents do not name is passed on as such: every
    event is a hint to read the listing. One that cannot be read is named as such.

    Args:
        data: The decoded value.
        cursor: The cursor that was asked with; kept where none comes back.

    Raises:
        ProtocolError: There is no list of events.
    """
    page = _read(_EVENT_PAGE, data)
    return Events.of([*map(_told, page.EVENTS)], page.NEXT_TOKEN or cursor or "")


def to_result(
    answer: ItemAnswer | None, *, ref: str | None, reviewed: bool, client_ref: str = ""
) -> Result:
    """Return the result of one item.

    Args:
        answer: Its answer, None if there was none.
        ref: The listing that was written to; None if it was to be created.
        reviewed: True if this kind of change can send a listing to review.
        client_ref: Our reference of the listing that was to be created.
    """
    if answer is None:
        return Unknown("không có kết quả cho mục này / no result for this item")
    if not answer.OK:
        return _refused(answer.problems)
    found = str(answer.ID or "")
    if not found or found != (ref or found):
        return Unknown("kết quả không nêu đúng mã / the result names another listing")
    if ref is None and (answer.CLIENT_CODE or client_ref) != client_ref:
        return Unknown("kết quả của mục khác / the result is of another item")
    if reviewed and answer.STATUS in {Status.IN_REVIEW, None}:
        return Submitted(found, found)
    return _applied(answer, found)


def _applied(answer: ItemAnswer, ref: str) -> Result:
    """Return that it was done, with the state that the answer itself says."""
    state = state_numbered(answer.STATUS)
    if state is None and answer.STATUS is not None:
        return Unknown(f"trạng thái lạ / unknown status {answer.STATUS % 10**6}")
    return Applied(ref, str(answer.REVISION or ""), state)


def _refused(problems: tuple[Problem, ...]) -> Result:
    if any(each.code == _SESSION_ENDED for each in problems):
        # Not a word on the item itself: it is looked up and sent again.
        return Unknown("phiên hết hạn giữa lời gọi / the token ended inside a call")
    codes = {each.code for each in problems}
    return Refused(
        problems, for_now=_RESERVED in codes, version_conflict=_CHANGED in codes
    )


def _items(values: list[object]) -> Sequence[ItemAnswer]:
    try:
        return _ITEMS.validate_python(values)
    except ValidationError:
        return [item for value in values if (item := _item(value)) is not None]


def _item(value: object) -> ItemAnswer | None:
    try:
        return _ITEM.validate_python(value)
    except ValidationError:
        return None


def _told(value: object) -> Event | UnreadableEvent:
    """Read one event: one that is not as documented keeps no other back."""
    try:
        return _event(_read(_EVENT, value))
    except ProtocolError as error:
        told = value if isinstance(value, dict) else {}
        kind, number = told.get("TYPE"), told.get("PRODUCT_ID")
        # A type that the documents do not name tells of no sale; none at all may.
        name = kind if isinstance(kind, str) else ""
        is_number = type(number) is int and 0 < number < _TOO_LARGE
        return UnreadableEvent(
            reason=str(error)[:_LONGEST_REASON],
            may_be_sale=not name or _KINDS.get(name) is EventKind.SOLD,
            ref=str(number) if is_number else "",
        )


def _event(event: _Event) -> Event:
    return Event(
        kind=_KINDS.get(event.TYPE, EventKind.OTHER),
        ref=str(event.PRODUCT_ID),
        at=instant(event.AT),
        sku=event.SKU or "",
        quantity=event.QUANTITY or 0,
        order_line=event.ORDER_LINE or "",
    )


def _read(adapter: TypeAdapter[T], value: object) -> T:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise ProtocolError(describe(error)) from None  # it holds what was sent
