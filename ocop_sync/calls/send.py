"""Carry changes out through the port, and return the outcome of each.

One kind of change goes in one kind of call, as many items as the marketplace takes at
once, some calls side by side. A call that is refused as a whole is cut in halves, and
those again, until each refused change stands alone and all others have gone: one item
among fifty costs a dozen calls. The outcome of the items of a failed call is decided
here; the new state of a listing, in `ocop_sync.engine.plan.transitions`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ocop_sync.errors import (
    CallRefusedError,
    ConfigurationError,
    FatalError,
    OutcomeUnknownError,
    RateLimitedError,
    StoppedError,
    SyncInProgressError,
    TransientError,
)
from ocop_sync.marketplace.change import Change, Kind
from ocop_sync.marketplace.listing import Problem
from ocop_sync.marketplace.port import Marketplace
from ocop_sync.marketplace.result import Result, Submitted, Unknown
from ocop_sync.subject import about

_log = logging.getLogger(__name__)

Attempt = Callable[
    [Callable[[], Awaitable[Sequence[Result]]]], Awaitable[Sequence[Result]]
]
"""Makes a call, and makes it again as long as that is safe and worth it."""


class TakenBackError(StoppedError):
    """The call was not made, as what it holds is no longer so."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """The change is known not to have been applied.

    Attributes:
        detail: The failure, short and without secrets.
        fatal: No further call to this account can succeed.
        handed_back: The run was told to stop before the call, or has taken it back;
            nothing has failed.
        taken_back: It was, as a product of the call has changed while it waited.
        over_quota: The marketplace counts too many calls, of any content.
        problems: Why the marketplace refused a call that held nothing else; else
            empty.
        error: The error that stands in the way of every call, if it is fatal.
    """

    detail: str
    fatal: bool = False
    handed_back: bool = False
    taken_back: bool = False
    over_quota: bool = False
    problems: tuple[Problem, ...] = ()
    error: Exception | None = field(default=None, compare=False)


Outcome = Result | NotSent
"""The outcome of one change."""

_OF_SELLERS = (Kind.PUT_SELLER, Kind.STOP_SELLER)
_Method = Callable[[Any], Awaitable[Sequence[Result]]]
_METHODS: Final[Mapping[Kind, Callable[[Marketplace], _Method]]] = {
    Kind.CREATE: lambda there: there.create,
    Kind.UPDATE: lambda there: there.update,
    Kind.SET_PRICE: lambda there: there.set_price,
    Kind.SET_STOCK: lambda there: there.set_stock,
    Kind.SET_STARS: lambda there: there.set_stars,
    Kind.WITHDRAW: lambda there: there.withdraw,
    Kind.REPUBLISH: lambda there: there.republish,
    Kind.PUT_SELLER: lambda there: there.put_sellers,
    Kind.STOP_SELLER: lambda there: there.stop_sellers,
}


async def send_changes(
    changes: Sequence[Change],
    marketplace: Marketplace,
    attempt_of: Callable[[Sequence[int]], Attempt],
    *,
    alone: Collection[int] = (),
) -> list[Outcome]:
    """Send *changes* and return the outcome of each, in the same order.

    Their calls are asked for side by side: which is next is for *attempt_of* to say,
    which is given the numbers of the changes in one call. *alone* are the numbers of
    those that share their call with no other.
    """
    # Until an answer is there, nobody knows: a call may also end by being
    # cancelled from inside.
    outcomes: list[Outcome] = [Unknown("không có trả lời / no answer")] * len(changes)

    async def send(together: list[int]) -> None:
        # Danger: a function that calls itself is a cycle, and so all that a slice holds
        # would stay until Python's collector comes by.
        batches = [together]
        while batches:
            batch = batches.pop(0)
            items = [changes[i] for i in batch]
            with about(product=_only_product(items)):
                call = partial(_METHODS[items[0].kind](marketplace), items)
                try:
                    found: Sequence[Outcome] = await attempt_of(batch)(call)
                except CallRefusedError as error:
                    if len(batch) > 1:
                        middle = len(batch) // 2
                        batches[:0] = batch[:middle], batch[middle:]
                        continue
                    problem = Problem(code=error.code, message=str(error))
                    found = [NotSent(str(error), problems=(problem,))]
                except Exception as error:  # noqa: BLE001  (also an adapter's mistake)
                    found = [_outcome_of(error)] * len(items)
                found = _of_each(items, found, marketplace)
            for i, outcome in zip(batch, found, strict=True):
                outcomes[i] = outcome

    async with asyncio.TaskGroup() as group:
        for batch in _batches(changes, marketplace, alone):
            group.create_task(send(batch))
    return outcomes


def _of_each(
    items: Sequence[Change], found: Sequence[Outcome], marketplace: Marketplace
) -> Sequence[Outcome]:
    """Return an outcome of each change in a call, as far as it can be believed."""
    if len(found) != len(items):
        found = [Unknown("kết quả thiếu / results are missing")] * len(items)
    if not marketplace.capabilities.has_reviews:
        found = list(map(_unreviewed, items, found))
    return found


def _only_product(changes: Sequence[Change]) -> str:
    """Return the product that *changes* are of; "" if not one alone is."""
    if len(changes) > 1 or changes[0].kind in _OF_SELLERS:
        return ""
    return changes[0].client_ref


def _batches(
    changes: Sequence[Change], marketplace: Marketplace, alone: Collection[int]
) -> list[list[int]]:
    """Group the indexes of *changes* by kind and batch size, order kept."""
    by_kind: dict[Kind, list[int]] = {}
    for i, change in enumerate(changes):
        if i not in alone:
            by_kind.setdefault(change.kind, []).append(i)
    sizes = marketplace.capabilities.write_batch
    together = [
        members[start : start + sizes.get(kind, 1)]
        for kind, members in by_kind.items()
        for start in range(0, len(members), sizes.get(kind, 1))
    ]
    return together + [[i] for i in sorted(alone)]


def _outcome_of(error: Exception) -> Outcome:
    """Return the outcome of each change in a call that failed as a whole."""
    match error:
        case OutcomeUnknownError():
            return Unknown(str(error))
        case TransientError() | StoppedError():
            return NotSent(
                str(error),
                handed_back=isinstance(error, StoppedError),
                taken_back=isinstance(error, TakenBackError),
                over_quota=isinstance(error, RateLimitedError),
            )
        case FatalError() | SyncInProgressError() | ConfigurationError():
            reason = str(error) or type(error).__name__
            return NotSent(reason, fatal=True, error=error)
    # A mistake of the adapter: sent, or not.
    _log.error("an adapter failed in a way that the port does not know", exc_info=error)
    return Unknown(type(error).__name__)


def _unreviewed(change: Change, outcome: Outcome) -> Outcome:
    """Return the outcome of a change at a marketplace that reviews nothing.

    A ticket leads nowhere there: the answer says nothing that could be followed.
    """
    if not isinstance(outcome, Submitted) or change.kind in _OF_SELLERS:
        return outcome
    _log.error("submitted for review, where nothing is reviewed: it is read back")
    return Unknown("sàn không duyệt tin mà báo đã gửi duyệt / submitted, not reviewed")
