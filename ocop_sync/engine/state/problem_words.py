"""Word a marketplace's complaint: the field in a clerk's words, then its own.

A field keeps the marketplace's name, "variants[0].price_vnd"; in front of that stands a
person's name for it, as far as `texts/fields.toml` knows it. The advice is in
`ocop_sync.engine.reasons.remedy`. Pure.
"""

import re
from collections.abc import Iterable

from catalog.eligibility import Text
from ocop_sync.engine.texts.files import TextTable, Worded, Words, read_texts
from ocop_sync.marketplace.listing import Problem


class _Field(TextTable):
    """A person's name of a field, by words of its name at marketplaces."""

    words: Words
    name: Worded


class _Fields(TextTable):
    """The file."""

    fields: tuple[_Field, ...]


_BY_WORD = {
    word: each.name
    for each in read_texts("fields.toml", _Fields).fields
    for word in each.words
}
_WORD = re.compile(r"[a-z]+")


def as_text(problems: Iterable[Problem]) -> Text:
    """Return all that is complained of, such as "giá (price_vnd): «quá thấp»"."""
    found = list(problems)
    return Text(
        "; ".join(_one(each, _field(each.field, "vi")) for each in found),
        "; ".join(_one(each, _field(each.field, "en")) for each in found),
    )


def as_stored(problems: Iterable[Problem]) -> str:
    """Return the same in one text for both languages, as it is kept."""
    return "; ".join(
        f"{each.field}: {_words(each)}" if each.field else _words(each)
        for each in problems
    )


def _one(problem: Problem, field: str) -> str:
    quoted = f"«{_words(problem)}»"
    return f"{field}: {quoted}" if field else quoted


def _words(problem: Problem) -> str:
    return problem.message or problem.code


def _field(field: str, language: str) -> str:
    """Return *field* with a person's name for it; its last known word decides."""
    words = [_BY_WORD[w] for w in _WORD.findall(field.lower()) if w in _BY_WORD]
    if not words:
        return field
    name = words[-1].vi if language == "vi" else words[-1].en
    return f"{name} ({field})"
