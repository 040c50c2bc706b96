"""The reasons in the words of a producer: what is found, who acts, what to do.

The finding is told as staff are told it. The advice is another one, as staff have
commands and a producer has a page; what troubles the department's accounts is not told.
The words are in `texts/for_producer.toml`. Pure.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from catalog.eligibility import Text
from ocop_sync.engine.hold import Hold
from ocop_sync.engine.reasons.reason import (
    HOLD,
    MAPPING_CODES,
    NOTHING_TO_DO,
    WAIT,
    Reason,
    Wait,
    of_wait,
)
from ocop_sync.engine.texts.files import TextTable, Worded, every, read_texts


class Doer(StrEnum):
    """Who is to act, so that a reason ends."""

    PRODUCER = "producer"
    DEPARTMENT = "department"
    MARKETPLACE = "marketplace"
    NOBODY = "nobody"
    """It passes by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerReason:
    """A reason as its producer reads it.

    Attributes:
        code: As of `Reason`: it never changes.
        outcome: As of `Reason`.
        known: False if a fact is missing.
        who: Who is to act.
        seen: The finding.
        todo: The advice for the producer.
    """

    code: str
    outcome: str
    known: bool
    who: Doer
    seen: Text
    todo: Text


class _Advice(TextTable):
    """A table of the file."""

    who: Doer
    todo: Worded


class _Advices(TextTable):
    """The file."""

    failing: Worded
    other_rule: _Advice
    rules: dict[str, _Advice]
    holds: Annotated[dict[Hold, _Advice], every(Hold)]


_FILE = read_texts("for_producer.toml", _Advices)

_HOLD_OF: Final = {code: hold for hold, code in MAPPING_CODES.items()}
_REMEDIED: Final = frozenset({Hold.REFUSED, Hold.CHANGE_REFUSED, Hold.SELLER_REFUSED})
"""Holds whose advice may be for just what the marketplace has named."""
_COMMAND: Final = "`"
"""Stands around a command of staff."""


def for_producer(reason: Reason) -> ProducerReason:
    """Return *reason* as the producer of its product reads it."""
    if reason.outcome == WAIT:
        return _of_wait(reason)
    who, seen, todo = _advice(reason)
    return ProducerReason(
        code=reason.code,
        outcome=reason.outcome,
        known=reason.known,
        who=who,
        seen=seen,
        todo=todo,
    )


def _advice(reason: Reason) -> tuple[Doer, Text, Text]:
    if reason.outcome != HOLD:
        found = _FILE.rules.get(reason.code, _FILE.other_rule)
        return found.who, reason.seen, found.todo
    hold = _HOLD_OF.get(reason.code) or Hold(reason.code)
    found = _FILE.holds[hold]
    if hold in _REMEDIED and _COMMAND not in reason.todo.vi + reason.todo.en:
        return found.who, reason.seen, reason.todo
    return found.who, reason.seen, found.todo


def _of_wait(reason: Reason) -> ProducerReason:
    """Return a wait, without what is wrong with the account that it waits for."""
    wait = Wait(reason.code)
    plain = of_wait(wait)
    fails = plain.seen != reason.seen
    failing = _FILE.failing if fails else Text("", "")
    reviewed = wait in (Wait.IN_REVIEW, Wait.SELLER_IN_REVIEW)
    who = Doer.MARKETPLACE if reviewed else Doer.NOBODY
    if wait is Wait.LIST_TOO_OLD:
        who = Doer.DEPARTMENT
    return ProducerReason(
        code=plain.code,
        outcome=plain.outcome,
        known=True,
        who=Doer.DEPARTMENT if fails else who,
        seen=Text(plain.seen.vi + failing.vi, plain.seen.en + failing.en),
        todo=NOTHING_TO_DO,
    )
