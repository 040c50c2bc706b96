"""Send changes in calls of up to 50 items, and find each one's own result.

Which payload an item has is decided by the functions that `adapters.voso.adapter`
passes in. A change that they refuse is not sent, so that it does not spoil the
others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from adapters.voso.client import Connection
from adapters.voso.results import ItemAnswer, read_results, to_result
from ocop_sync.errors import OutcomeUnknownError, ProtocolError
from ocop_sync.marketplace.multi_call import in_turn
from ocop_sync.marketplace.port import Refused, Result

BATCH: Final = 50
"""Items that one call takes, and listings that one page holds."""

_LONGEST_NUMBER: Final = 15

C = TypeVar("C")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a call, and the expected parts of its answer.

    Attributes:
        payload: The item as it is sent.
        ref: The listing that is written to; None if it is to be created.
        client_ref: Our reference of the listing that is to be created, or "".
    """

    payload: Mapping[str, object]
    ref: str | None
    client_ref: str = ""


def is_number(ref: str) -> bool:
    """Tell whether *ref* can be one of Voso's numbers."""
    plain = ref.isascii() and ref.isdecimal() and len(ref) <= _LONGEST_NUMBER
    return plain and ref[0] != "0"


def refuse(message: str, field: str = "") -> Refused:
    """Return a refusal of our own, in the terms of the marketplace's."""
    return Refused.because("", message, field=field)


async def send_in_batches(
    connection: Connection,
    path: str,
    changes: Sequence[C],
    to_item: Callable[[C], Item | Refused],
    *,
    reviewed: bool = False,
) -> Sequence[Result]:
    """Write *changes* and return their results in order, see `in_turn`.

    Args:
        connection: Makes the calls.
        path: Which call.
        changes: As many as there are.
        to_item: Turns a change into its item.
        reviewed: True if this kind of change can send a listing to review.
    """

    async def send(batch: Sequence[C]) -> Sequence[Result]:
        items = [to_item(change) for change in batch]
        return await _send(connection, path, items, reviewed=reviewed)

    return await in_turn(changes, BATCH, send)


async def _send(
    connection: Connection,
    path: str,
    items: Sequence[Item | Refused],
    *,
    reviewed: bool,
) -> Sequence[Result]:
    payloads = [item.payload for item in items if isinstance(item, Item)]
    answers: Sequence[ItemAnswer | None] = []
    if payloads:
        data = await connection.call(path, {"PRODUCTS": payloads}, write=True)
        answers = results_of_write(path, data, len(payloads))
    following = iter(answers)
    return [
        item
        if isinstance(item, Refused)
        else to_result(
            next(following),
            ref=item.ref,
            reviewed=reviewed,
            client_ref=item.client_ref,
        )
        for item in items
    ]


def results_of_write(
    path: str, data: object, count: int
) -> Sequence[ItemAnswer | None]:
    """Return the answers of a call that was carried out.

    Raises:
        OutcomeUnknownError: There are none that can be read.
    """
    try:
        return read_results(data, count)
    except ProtocolError as error:
        message = f"{path}: đã gửi, không rõ kết quả / sent, outcome unknown ({error})"
        raise OutcomeUnknownError(message) from None
