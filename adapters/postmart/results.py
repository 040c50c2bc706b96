"""Read Postmart's answers: as the port's results, and as events.

Which statuses mean "refused, nothing was changed" is decided here; which call
is made when, in `adapter`.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

from pydantic import Field, JsonValue

from adapters.postmart.convert import STATES, State, version_of
from adapters.postmart.wire import (
    Code,
    CodeIfAny,
    Count,
    CountIfAny,
    Id,
    Instant,
    Reasons,
    Wire,
    WireProblem,
    id_in,
    parse,
    problems_of,
    read_one,
    text_in,
)
from ocop_sync.errors import MarketplaceError, OutcomeUnknownError
from ocop_sync.marketplace.listing import Problem, RemoteState
from ocop_sync.marketplace.port import (
    Applied,
    Event,
    EventKind,
    Events,
    Refused,
    Result,
    Submitted,
    Unknown,
    Unreadable,
    UnreadableEvent,
)
from ocop_sync.marketplace.reply import Reply

NOT_APPLIED: Final = frozenset({400, 404, 405, 409, 415, 422})
"""Statuses that the API documents as "refused, nothing was changed"; 401, 413 and
429 are so as well, and are told apart before."""
_EARLIER: Final = "0"
"""The version in the answer to a ticket of an earlier review: nothing was ended."""

_EVENTS: Mapping[str, EventKind] = {
    "product.approved": EventKind.APPROVED,
    "product.rejected": EventKind.REFUSED,
    "product.edited": EventKind.EDITED,
    "product.banned": EventKind.BANNED,
    "product.unpublished": EventKind.DOWN,
    "product.deleted": EventKind.DOWN,
    "order.created": EventKind.SOLD,
}


class Track(Wire):
    """How a review stands; the product is named once the review is over."""

    track_id: Code
    state: State
    product_id: Id | None = None
    reasons: Reasons


class OddTrack(NamedTuple):
    """The readable part of a review that is not as documented; "" for the rest."""

    track_id: str
    why: str


class Tracks(Wire):
    """How some reviews stand, one by one; unknown ones are left out."""

    data: Annotated[list[JsonValue], Field(max_length=50)]


class Accepted(Wire):
    """The answer to a change that is going to be reviewed."""

    track_id: Annotated[str, Field(min_length=1, max_length=100)]


class Changed(Wire):
    """The answer to a change that was made, with the product's state after it."""

    id: Id
    version: Count | None = None
    state: Code | None = None


class SellerChanged(Wire):
    """The answer to a change of a seller, with its state after it."""

    external_id: Code
    state: Code | None = None


class Errors(Wire):
    """The body of a refusal."""

    errors: Annotated[list[WireProblem], Field(min_length=1, max_length=1_000)]


class WireEvent(Wire):
    """An event of the feed or of a push."""

    type: Code
    product_id: Id
    at: Instant
    sku: CodeIfAny = ""
    quantity: CountIfAny = 0
    order_line: CodeIfAny = ""


class Pushed(Wire):
    """The body of a push, its events to be read one by one."""

    events: Annotated[list[JsonValue], Field(max_length=1_000)]


class Feed(Pushed):
    """Part of the feed; *ack_id* acknowledges it with the next call."""

    ack_id: Count


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
    state = STATES.get(answer.state or "")
    if state is None and answer.state:
        return Unknown(f"trạng thái lạ / unknown state {answer.state[:40]}")
    return Applied(str(answer.id), version_of(answer.version), state)


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
    state = STATES[track.state]
    if state is RemoteState.IN_REVIEW:
        return Submitted(ticket)
    if state is RemoteState.REFUSED:
        reasons = problems_of(track.reasons)
        return Refused(reasons or (Problem(code=track.state, message=""),))
    if track.product_id is None:
        return Unreadable(ref="", reason="product_id: missing")
    return Applied(str(track.product_id))


def problems(reply: Reply) -> tuple[Problem, ...]:
    """Return the reasons of a refusal; its status, if they cannot be read."""
    try:
        return problems_of(parse(Errors, reply).errors)
    except MarketplaceError:
        return (Problem(code=f"http_{reply.status}", message=reply.said),)


def unexpected(reply: Reply) -> OutcomeUnknownError:
    """Return the error of a write whose answer the documents do not know."""
    return OutcomeUnknownError(
        f"{reply.call}: câu trả lời lạ / unexpected answer ({reply.said})"
    )


def parse_tracks(reply: Reply) -> Sequence[Track | OddTrack]:
    """Return the body of *reply* as reviews: one that is odd keeps no other back.

    Raises:
        ProtocolError: There is no list of them.
    """
    return tuple(map(_track, parse(Tracks, reply).data))


def _track(value: JsonValue) -> Track | OddTrack:
    read = read_one(Track, value)
    if not isinstance(read, str):
        return read
    return OddTrack(text_in(value, "track_id"), read)


def events_of(feed: Feed) -> Events:
    """Return the events in our terms, types that we do not know as such.

    One that is not as documented keeps no other back.
    """
    return Events.of([*map(_event, feed.events)], str(feed.ack_id))


def pushed_events_of(pushed: Pushed) -> tuple[Event, ...]:
    """Return those events of a push that can be read: all of them are in the feed."""
    told = map(_event, pushed.events)
    return tuple(each for each in told if isinstance(each, Event))


def _event(value: JsonValue) -> Event | UnreadableEvent:
    read = read_one(WireEvent, value)
    if isinstance(read, str):
        # A type that the documents do not name tells of no sale; none at all may.
        kind = text_in(value, "type")
        return UnreadableEvent(
            reason=read,
            may_be_sale=not kind or _EVENTS.get(kind) is EventKind.SOLD,
            ref=id_in(value, "product_id"),
        )
    return Event(
        kind=_EVENTS.get(read.type, EventKind.OTHER),
        ref=str(read.product_id),
        at=read.at,
        sku=read.sku,
        quantity=read.quantity,
        order_line=read.order_line,
    )
