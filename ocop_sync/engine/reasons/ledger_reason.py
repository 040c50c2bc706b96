"""The reason that the ledger states for a change, in words.

A rule's own words come first, then all other reasons: the import, the hold, or the row
of the decision table and the written value. Rows of earlier versions hold a code there;
`in_words` turns it into a sentence, and says so where no more is stored. The words are
in `texts/ledger_reasons.toml`. Pure.
"""

import re

from pydantic import Field

from ocop_sync.engine.hold import HOLD_WORDS, Hold
from ocop_sync.engine.plan.evaluation import Evaluation, Planned
from ocop_sync.engine.terms import Decision
from ocop_sync.engine.texts.files import TextTable, Worded, read_texts
from ocop_sync.engine.wanted.origin import CATALOG, CONSENT_RULE, Cause
from ocop_sync.marketplace.change import Change, Kind, StopSeller


class _Words(TextTable):
    """The file: the words of a row of the decision table, else of its change."""

    unnamed: Worded
    import_: Worded = Field(alias="import")
    decisions: dict[Decision, Worded]
    kinds: dict[Kind, Worded]


_WORDS = read_texts("ledger_reasons.toml", _Words, values=("number",))

_PARTS = re.compile(
    r"(?P<head>tin trùng [^:]*: )?(?P<code>[\w:]+)(?P<tail> \(.*)?", re.DOTALL
)
"""As it is stored: a double's, the code, an import's or an approval's words."""
_OF_RULE = re.compile(r"(tin trùng [^:]*: )?E\d\d\b")


def reason_without_rule(evaluation: Evaluation, planned: Planned) -> str:
    """Return why a change is sent that no rule asks for."""
    decided, kind = evaluation.decision, planned.change.kind
    if evaluation.wanted.cause != CATALOG:
        return in_words(evaluation.wanted.cause)
    if isinstance(decided, Decision) and decided in _WORDS.decisions:
        return str(_WORDS.decisions[decided])
    return str(_WORDS.kinds.get(kind, _WORDS.unnamed))


def reason_of_seller(change: Change) -> str:
    """Return why a change of a seller is sent."""
    kind = Kind.STOP_SELLER if isinstance(change, StopSeller) else Kind.PUT_SELLER
    return str(_WORDS.kinds[kind])


def in_words(stored: str) -> str:
    """Return a stored reason as a sentence, if it is a code that says nothing."""
    parts = _PARTS.fullmatch(stored)
    found = _sentence(parts["code"]) if parts else None
    if parts is None or found is None:
        return stored
    return f"{parts['head'] or ''}{found}{parts['tail'] or ''}"


def names_rule(stored: str) -> bool:
    """Say whether a stored reason is a rule's."""
    return _OF_RULE.match(stored) is not None


def _sentence(code: str) -> str | None:
    if code == CATALOG:
        return str(_WORDS.unnamed)
    if code == CONSENT_RULE:
        return str(_WORDS.kinds[Kind.STOP_SELLER])
    if (number := Cause(code).import_id) is not None:
        return str(_WORDS.import_.filled((("number", number),)))
    if code in set(Hold):
        return str(HOLD_WORDS[Hold(code)].seen)
    return None
