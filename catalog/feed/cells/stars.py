"""Stars as people write them: in figures, words or signs, with who granted them.

A sign that could mean something else ("-4", "4-", "4?", "3.5", "4%") makes a cell
unclear; nothing is guessed.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from catalog.feed.cells.value_words import LEVELS, read_body
from catalog.text import clean, fold, fold_words

_SIGNS: Final = "*★⭐✭✮☆"
_SIGN_ONLY: Final = re.compile(f"[{_SIGNS}]{{1,5}}")
_SIGNED: Final = re.compile(rf"(?:ocop|hang|dat)*([1-5])[{_SIGNS}]")
_WHOLE: Final = re.compile(r"(?<![0-9.,])([1-5])[.,]0{1,2}(?![0-9.,])")
"""A whole number as a spreadsheet writes it: "4.0"."""
_UNCLEAR: Final = re.compile(
    r"[^\w\s.,:;()\[\]\"'/–—-]"  # a sign of which nobody knows what it means
    r"|^\W*[/–—-]|[/–—-]$|\s[–—-](?=\d)"
)
"""Signs beside a number that make it doubtful, negative or half of a range."""

_COUNTED: Final = re.compile(
    r"(?:hang |dat )?([1-5]|mot|hai|ba|bon|nam)(?: ?(?:sao|star|stars))?"
)
_BOTH: Final = re.compile(
    r"(mot|hai|ba|bon|nam) ([1-5])( sao)|([1-5]) (mot|hai|ba|bon|nam) sao"
)
_NAMES: Final = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5}
_POTENTIAL: Final = re.compile(
    r"(?:(?P<now>.+?) )?tiem nang (?:5|nam|len 5|dat 5)(?: sao)?"
    r"(?: (?P<whose>cap .+|trung uong|quoc gia))?"
)


class Stars(NamedTuple):
    """The stars that a cell grants.

    Attributes:
        number: How many, 1 to 5.
        potential_5: Four stars that wait for the ministry ("tiềm năng 5 sao").
        body: The level that granted them, as rules name it, or "".
    """

    number: int
    potential_5: bool = False
    body: str = ""


@lru_cache(maxsize=1024)  # most rows say the same few
def read_stars(text: str) -> Stars | None:
    """Return the stars that *text* names; None if they are unclear."""
    shown = fold(text).replace(" ", "")
    if _SIGN_ONLY.fullmatch(shown):
        return Stars(len(shown))
    if found := _SIGNED.fullmatch(shown):
        return Stars(int(found[1]))
    if _UNCLEAR.search(clean(text)):
        return None
    words = fold_words(_WHOLE.sub(r"\1", clean(text))).split()
    said = " ".join(word for word in words if word != "ocop")
    return _potential(said) or _granted(said)


def _potential(said: str) -> Stars | None:
    """Read four stars that wait for the fifth; whose the fifth is says nothing."""
    found = _POTENTIAL.fullmatch(said)
    if found is None:
        return None
    if found["whose"] is not None and read_body(found["whose"]) != "trung ương":
        return None
    now = Stars(4) if found["now"] is None else _granted(found["now"])
    return None if now is None or now.number != 4 else now._replace(potential_5=True)  # noqa: PLR2004 (four stars wait for the fifth)


def _granted(said: str) -> Stars | None:
    """Read stars, and the level that granted them before or behind."""
    number = _number(said)
    if number is not None:
        return Stars(number)
    for one, other in _splits(said):
        for stars, body in ((one, other), (other, one)):
            number, level = _number(stars), read_body(body)
            if number is not None and level is not None and level in LEVELS:
                return Stars(number, body=level)
    return None


def _number(said: str) -> int | None:
    if found := _BOTH.fullmatch(said):
        number, name = found[2] or found[4], found[1] or found[5]
        return int(number) if _NAMES[name] == int(number) else None
    found = _COUNTED.fullmatch(said)
    return None if found is None else _NAMES.get(found[1]) or int(found[1])


def _splits(said: str) -> Iterator[tuple[str, str]]:
    words = said.split()
    for place in range(1, len(words)):
        yield " ".join(words[:place]), " ".join(words[place:])
