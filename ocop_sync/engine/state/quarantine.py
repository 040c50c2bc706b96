"""Decide when a change that fails again and again is no longer sent.

A change that a marketplace refuses outright is sent again only when it has changed
(`State.refused`). This is for the rest, each time the same change of the same listing:
changes that it would take later and never takes, that are refused with their whole
call, that are sent and never answered, that it never lets in. After three of the same
it is quarantined: held with the marketplace's words, and not sent.

It is sent again when its values have changed, or the mapping; when the account was of
no use and recovers, as the fault may have been there; or when a person asks for it. A
failure that may pass without our being told is tried again by itself, one call at a
time: a refusal for now after an hour, as orders end, and an unanswered change after a
day, as a bad network can hit the same change three times.

A change that takes something that must not stay (a withdrawal, stock down, a claim off)
is never left alone for so long, after any kind of failure: it is tried again after a
minute, and then after twice as long each time, up to half an hour. Only a change that
is refused with its whole call waits for its cause to change.

Pure. A sent change is named by a fingerprint, see
`ocop_sync.engine.state.fingerprints`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from catalog.values import replace
from ocop_sync.engine.facet import fingerprint
from ocop_sync.engine.state.problem_words import as_stored
from ocop_sync.engine.state.stored_shape import Fingerprints, fits, present
from ocop_sync.marketplace.listing import Problem

MOST = 3
"""Failures of one kind, one after the other, after which a change is quarantined.

Once is an accident and twice may be one. The last of them is sent alone, so that
no innocent change is held for another one in the same call.
"""

_IN_VAIN = "in vain"
"""All failures of an owed change are one error."""

_DIGITS = re.compile(r"\d+")
_LONGEST_WORDS = 500


class Way(StrEnum):
    """In which way a change fails."""

    REFUSED = "refused"
    """With the whole call that held it, and nothing else."""
    FOR_NOW = "for_now"
    """The marketplace would take it later."""
    UNANSWERED = "unanswered"
    """Sent, and nobody knows; a read will tell."""
    NOT_TAKEN = "not_taken"
    """Known not to have been applied, though the account was called as it should."""


RESTS = {
    Way.FOR_NOW: timedelta(hours=1),
    Way.UNANSWERED: timedelta(days=1),
    Way.NOT_TAKEN: timedelta(days=1),
}
"""How long it rests before it is tried once more; else until its cause changes."""

FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=30)
"""The same for an owed change; it doubles each time."""

_LONGEST_REST = max(RESTS.values())

_MANY_REST = 10
"""So many doublings are longer than the longest rest."""


class Failure(Struct, frozen=True, kw_only=True):
    """How one kind of change of one listing fails, ever since it does so in one way.

    Attributes:
        of: Fingerprint of the sent change.
        error: Fingerprint of its failure, without the numbers in its words.
        way: In which way it fails.
        words: The last words about it, at most 500 characters.
        times: How many times in a row, at least 1.
        at: When last, in UTC.
        owed: It takes something that must not stay.
    """

    of: str
    error: str
    way: Way
    words: str
    times: int
    at: datetime
    owed: bool = False


def after_failure(
    before: Failure | None,
    *,
    of: Fingerprints,
    way: Way,
    now: datetime,
    problems: Sequence[Problem] = (),
    detail: str = "",
    owed: bool = False,
) -> Failure:
    """Return the note on a change that has failed once more.

    Args:
        before: The note on this kind of change, if any.
        of: The fingerprint of the sent change, by version of the shape.
        way: In which way it failed.
        now: The present instant, in UTC.
        problems: The marketplace's words, if it had any.
        detail: The failure, if it had none.
        owed: It takes something that must not stay.
    """
    passes = owed and way in RESTS
    error = _IN_VAIN if passes else _fingerprint_of_error(way, problems)
    is_same = before is not None and before.error == error and fits(before.of, of)
    words = as_stored(problems) or detail
    return Failure(
        of=of(present()),
        error=error,
        way=way,
        words=words[:_LONGEST_WORDS],
        times=before.times + 1 if before is not None and is_same else 1,
        at=now,
        owed=owed,
    )


def has_failed_often(failure: Failure | None, of: Fingerprints) -> bool:
    """Say whether a change has failed as it is too often to go with others.

    *of* is the fingerprint of the change to send, by version of the shape.
    """
    return failure is not None and failure.times >= MOST and fits(failure.of, of)


def is_quarantined(
    failure: Failure | None, of: Fingerprints, now: datetime, *, owed: bool = False
) -> bool:
    """Say whether a change is not to be sent: it has failed as it is too often.

    *of* is the fingerprint of the change to send, by version of the shape. A change
    that is *owed* takes something that must not stay.
    """
    if failure is None or not has_failed_often(failure, of):
        return False
    if failure.at > now + _LONGEST_REST:
        return False  # a clock that was wrong has written that
    at = next_try(replace(failure, owed=owed))
    return at is None or now < at


def next_try(failure: Failure) -> datetime | None:
    """Return when a change that has failed is to be tried again by itself, in UTC.

    None if nothing but a change of its cause has it tried again, or if it is no
    matter when the next run comes.
    """
    if failure.way not in RESTS:
        return None
    if failure.owed:
        return failure.at + _rest_of_owed(failure.times)
    return failure.at + RESTS[failure.way] if failure.times >= MOST else None


def _rest_of_owed(times: int) -> timedelta:
    doublings = min(max(times - MOST, 0), _MANY_REST)
    rest: timedelta = FIRST_REST * 2**doublings
    return min(rest, LONGEST_REST)


def goes_alone(failure: Failure | None, of: Fingerprints) -> bool:
    """Say whether a change is to share its call with no other.

    Once more, and it is quarantined: that must be for itself.
    """
    return failure is not None and failure.times >= MOST - 1 and fits(failure.of, of)


def is_of_the_account(accepted: int, failed: int) -> bool:
    """Say whether failures tell of the account, not of the sent changes.

    *accepted* and *failed* are the numbers of changes in one run.
    """
    return accepted == 0 and failed > 1


def _fingerprint_of_error(way: Way, problems: Iterable[Problem]) -> str:
    """Name an error by codes and fields; words only where there is no code.

    Numbers in words, such as a time or an identifier, make no other error.
    """
    named = {
        (each.code or _DIGITS.sub("#", each.message), each.field) for each in problems
    }
    return fingerprint((way.value, sorted(named)))
