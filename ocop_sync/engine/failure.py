"""Decide when a change that fails again and again is no longer sent.

What a marketplace refuses outright is asked for again only when it has changed
(`State.refused`). This is for the rest, each time the same change of the same
listing: what it would take later and never takes, what is refused with its whole
call, what is sent and never answered, what it never lets in. After three of the
same it is quarantined: held with the marketplace's words, and not sent.

It is sent again when what would be sent has changed, or the mapping; when the
account was of no use and recovers, as the fault may have been there; or when a
person asks for it. What is only refused for now is asked again every hour as
well: what kept it, such as a running order, ends without our being told.

Pure. What was sent is named by a fingerprint, see `ocop_sync.engine.outcome`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ocop_sync.engine.facet import fingerprint
from ocop_sync.marketplace.listing import Problem

MOST = 3
"""Failures of one kind, one after the other, after which a change is quarantined.

Once is an accident and twice may be one. The last of them is sent alone, so that
no innocent change is held for another one in the same call.
"""

ASKED_AGAIN_AFTER = timedelta(hours=1)
"""How long what is refused for now rests: orders run for hours."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How one kind of change of one listing fails, ever since it does so in one way.

    Attributes:
        of: Fingerprint of what was sent.
        error: Fingerprint of what came of it, whatever numbers its words name.
        way: In which way it fails.
        words: What was said of it last, at most 500 characters.
        times: How many times in a row, at least 1.
        at: When last, in UTC.
    """

    of: str
    error: str
    way: Way
    words: str
    times: int
    at: datetime


def after_failure(
    before: Failure | None,
    *,
    of: str,
    way: Way,
    now: datetime,
    problems: Sequence[Problem] = (),
    detail: str = "",
) -> Failure:
    """Return what is remembered of a change that has failed once more.

    Args:
        before: What was remembered of this kind of change, if anything.
        of: Fingerprint of what was sent.
        way: In which way it failed.
        now: The present instant, in UTC.
        problems: What the marketplace said, if it did.
        detail: What went wrong, if it said nothing.
    """
    error = _print_of_error(way, problems)
    is_same = before is not None and (before.of, before.error) == (of, error)
    words = "; ".join(each.message or each.code for each in problems) or detail
    return Failure(
        of=of,
        error=error,
        way=way,
        words=words[:_LONGEST_WORDS],
        times=before.times + 1 if before is not None and is_same else 1,
        at=now,
    )


def is_quarantined(failure: Failure | None, of: str, now: datetime) -> bool:
    """Say whether a change is not to be sent: it has failed as it is too often.

    Args:
        failure: What is remembered of this kind of change, if anything.
        of: Fingerprint of what would be sent.
        now: The present instant, in UTC.
    """
    if failure is None or failure.of != of or failure.times < MOST:
        return False
    is_asked_again = (
        failure.way is Way.FOR_NOW and now - failure.at >= ASKED_AGAIN_AFTER
    )
    return not is_asked_again


def goes_alone(failure: Failure | None, of: str) -> bool:
    """Say whether a change is to share its call with no other.

    Once more, and it is quarantined: that must be for itself.
    """
    return failure is not None and failure.of == of and failure.times >= MOST - 1


def is_of_the_account(accepted: int, failed: int) -> bool:
    """Say whether failures tell of the account, not of what was sent.

    Args:
        accepted: Changes that it has taken in one run.
        failed: Changes that have failed there in the same run.
    """
    return accepted == 0 and failed > 1


def _print_of_error(way: Way, problems: Iterable[Problem]) -> str:
    """Name an error by codes and fields; words only where there is no code.

    Numbers in words, such as a time or an identifier, make no other error.
    """
    named = {
        (each.code or _DIGITS.sub("#", each.message), each.field) for each in problems
    }
    return fingerprint((way.value, sorted(named)))
