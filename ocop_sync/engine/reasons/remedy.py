"""Advice for a refusal: added to the marketplace's own words, never instead.

Marketplaces name the subject of a refusal by a code and a field of their own. The words
in those are much the same everywhere: "name", "images[2]", "CAT_ID_REJECTED",
"variants[0].price_vnd". One table, `texts/remedies.toml`, has the advice for each; an
unknown one gets the general advice of the hold (`ocop_sync.engine.hold`).
"""

import re
from collections.abc import Iterable

from catalog.eligibility import Text
from ocop_sync.engine.hold import COMMAND_VALUES
from ocop_sync.engine.texts.files import TextTable, Worded, Words, read_texts
from ocop_sync.marketplace.listing import Problem


class Remedy(TextTable):
    """The advice for complaints that name one of some words.

    Attributes:
        words: Words of codes and fields, in lower case.
        todo: The advice, without a full stop.
        again: It may be that nothing of the product is to be changed: then a person
            has it sent again.
    """

    words: Words
    todo: Worded
    again: bool = False


class _Remedies(TextTable):
    """The file: the remedies, and the hint where one may have it sent again."""

    resend: Worded
    remedies: tuple[Remedy, ...]


_FILE = read_texts("remedies.toml", _Remedies, values=("retry", "marketplace"))
_AGAIN = _FILE.resend.filled(COMMAND_VALUES)

REMEDIES = _FILE.remedies
"""Tried in order: first the problems that only the marketplace can mend, then those by
code, then those by field."""

_WORD = re.compile(r"[a-z]+")


def todo_of(problems: Iterable[Problem], *, of_seller: bool = False) -> Text | None:
    """Return the advice for *problems*, each once; None if none is known.

    The code goes before the field: "PAPER_MISSING" of a field "OCOP" asks for a paper.
    Those *of_seller* are about a profile, which is sent again once it changes.
    """
    found = dict.fromkeys(
        remedy for problem in problems if (remedy := _remedy_of(problem)) is not None
    )
    if not found:
        return None
    filled = [each.todo.filled(COMMAND_VALUES) for each in found]
    vi = "; ".join(each.vi for each in filled)
    en = "; ".join(each.en for each in filled)
    if of_seller or not any(each.again for each in found):
        return Text(vi, en)
    return Text(vi + _AGAIN.vi, en + _AGAIN.en)


def _remedy_of(problem: Problem) -> Remedy | None:
    for source in (problem.code, problem.field):
        named = frozenset(_WORD.findall(source.lower()))
        for remedy in REMEDIES:
            if not named.isdisjoint(remedy.words):
                return remedy
    return None
