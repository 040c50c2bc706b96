"""Turn Postmart's answers into the port's results.

Which statuses mean "refused, nothing was changed" is decided here; which call
is made when, in `adapter`.
"""

from typing import Final

from adapters.postmart import convert
from adapters.postmart.wire import (
    Accepted,
    Changed,
    Errors,
    OddTrack,
    SellerChanged,
    Track,
    parse,
)
from ocop_sync.errors import MarketplaceError, OutcomeUnknownError
from ocop_sync.marketplace.http import Reply
from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.marketplace.port import (
    Applied,
    Refused,
    Result,
    Submitted,
    Unknown,
    Unreadable,
)

NOT_APPLIED: Final = frozenset({400, 404, 405, 409, 415, 422})
"""Statuses that the API documents as "refused, nothing was changed"; 401, 413 and
429 are so as well, and are told apart before."""
_EARLIER: Final = "0"
"""The version in the answer to a ticket of an earlier review: nothing was ended."""


def submitted(reply: Reply, ref: str = "") -> Submitted:
    """Return the result of a 202 for listing *ref*."""
    return Submitted(parse(Accepted, reply).track_id, ref)


def changed(reply: Reply, ref: str = "") -> Applied | Unknown:
    """Return the result of a 200; it must be about listing *ref*, if that is known.

    The caller compares its state with the wanted one.
    """
    answer = parse(Changed, reply)
    if ref and str(answer.id) != ref:
        raise unexpected(reply)
    state = convert.state_named(answer.state)
    if state is None and answer.state:
        return Unknown(f"trạng thái lạ / unknown state {answer.state[:40]}")
    return Applied(str(answer.id), convert.version_of(answer.version), state)


def is_of_earlier_review(result: Result) -> bool:
    """Say whether a cancelled ticket was an older one of its product.

    Nothing was ended, and the state is that of the old review: the product
    itself may be on sale.
    """
    return isinstance(result, Applied) and result.version == _EARLIER


def seller_changed(reply: Reply, client_ref: str, asked: str) -> Applied | Unknown:
    """Return the result of a 200 for a seller that was to become *asked*."""
    answer = parse(SellerChanged, reply)
    if answer.external_id != client_ref:
        raise unexpected(reply)
    if answer.state not in (None, "", asked):
        return Unknown(
            f"gian hàng không {asked} / the seller is not {asked}: {answer.state[:40]}"
        )
    return Applied(client_ref)


def followed(ticket: str, track: Track | OddTrack | None) -> Result | Unreadable:
    """Return how submission *ticket* stands; *track* is None if it is not known."""
    if track is None:
        return Unknown("không có yêu cầu này / no such submission")
    if isinstance(track, OddTrack):
        return Unreadable(ref="", reason=track.why)
    state = convert.state_of(track)
    if state is RemoteState.IN_REVIEW:
        return Submitted(ticket)
    if state is RemoteState.REFUSED:
        reasons = convert.problems_of(track.reasons)
        return Refused(reasons or (Problem(code=track.state, message=""),))
    if track.product_id is None:
        return Unreadable(ref="", reason="product_id: missing")
    return Applied(str(track.product_id))


def problems(reply: Reply) -> tuple[Problem, ...]:
    """Return the reasons of a refusal; its status, if they cannot be read."""
    try:
        return convert.problems_of(parse(Errors, reply).errors)
    except MarketplaceError:
        return (Problem(code=f"http_{reply.status}", message=reply.said),)


def refused(code: str, message: str) -> Refused:
    """Return a refusal of our own, for a change that cannot be sent."""
    return Refused((Problem(code=code, message=message),))


def unexpected(reply: Reply) -> OutcomeUnknownError:
    """Return the error of a write whose answer the documents do not know."""
    return OutcomeUnknownError(
        f"{reply.call}: câu trả lời lạ / unexpected answer ({reply.said})"
    )
