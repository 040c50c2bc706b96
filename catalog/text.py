"""Vietnamese text: one form to store, one to search by, one to sort by.

The same name may arrive in two encodings of its accents, with no-break spaces
or with characters that nobody sees. `clean` leaves one. Databases sort neither
accents nor đ as Vietnamese does: `sort_key` is stored beside a name and sorted
byte by byte (SQLite's BINARY, PostgreSQL's "C").
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
"""Control, zero-width and direction characters; databases refuse some."""

_ENDS: Final = range(0, 0x110000, 0x10000)
_PLANES: Final = "".join(f"{chr(n + 0xFFFE)}{chr(n + 0xFFFF)}" for n in _ENDS)
_BROKEN: Final = re.compile(f"[\ud800-\udfff\ufdd0-\ufdef{_PLANES}]")
"""Halves of surrogate pairs, and Unicode's non-characters (U+FFFE)."""
_DASHES: Final = dict.fromkeys(
    map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-"
)
"""Dashes that word processors put in place of a hyphen."""
_PRINTABLE: Final = re.compile("[\u034f\ufe00-\ufe0f]")
"""Those of either that count as printable; nearly no text has any of the others."""
_ACCENTS: Final = re.compile("[\u0300-\u034e\u0350-\u036f]+")
"""The combining characters of Vietnamese, and of most other languages."""
_PLAIN_WORDS: Final = re.compile("[0-9a-z]+")

# Huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries.
_TONES: Final = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4"}
_NANG: Final = "\u0323"
_MARKS: Final = {"ă": "1", "â": "2", "đ": "1", "ê": "1", "ô": "1", "ơ": "2", "ư": "1"}
_LETTER_MARKS: Final = frozenset("\u0306\u0302\u031b")


def clean(text: str) -> str:
    """Return *text* as stored where it is one line.

    NFC, no unseen characters, every run of white space (no-break spaces and
    line breaks included) one space, none at the ends.
    """
    return " ".join(_visible(text).split())


def clean_lines(text: str) -> str:
    """Return *text* as stored where it may have several lines.

    As `clean`, but line breaks are kept, each as one LF.
    """
    shown = _visible(text)
    if shown.isprintable():
        return " ".join(shown.split())  # one line, as a break is not printable
    lines = shown.splitlines()
    return "\n".join([" ".join(line.split()) for line in lines]).strip()


def is_broken(text: str) -> bool:
    """Say whether *text* holds half a pair or a non-character, which no file can."""
    shown = text.replace("\n", "")
    return not shown.isprintable() and _BROKEN.search(shown) is not None


def legible(text: str) -> str:
    """Return *text* as any file can hold it: broken letters are shown as U+FFFD.

    Nothing else is changed: line breaks and white space stay.
    """
    return _BROKEN.sub("\ufffd", text)


def plain_dashes(text: str) -> str:
    """Return *text* with every dash as the hyphen of a keyboard."""
    return text if text.isascii() else text.translate(_DASHES)


def fold(text: str) -> str:
    """Return *text* as it is compared and searched: no accents, lower case, đ as d.

    Two spellings of the same tone ("hoà", "hòa") fold to one.
    """
    if text.isascii():
        return clean(text).lower()
    letters = unicodedata.normalize("NFD", clean(text).casefold().replace("đ", "d"))
    plain = _ACCENTS.sub("", letters)
    if plain.isascii():
        return plain
    return "".join(c for c in plain if not unicodedata.combining(c))


def fold_words(text: str) -> str:
    """Return the words of *text*, folded: no accents, case or punctuation."""
    folded = fold(text)
    if folded.isascii():
        return " ".join(_PLAIN_WORDS.findall(folded))
    letters = "".join(c if c.isalnum() else " " for c in folded)
    return " ".join(letters.split())


def sort_key(text: str) -> str:
    """Return printable text that sorts, byte by byte, as Vietnamese does.

    Letters first (a, ă, â, b, c, d, đ, e, ê, ..., o, ô, ơ, ..., u, ư, ...),
    then tones (none, huyền, hỏi, ngã, sắc, nặng), then case. A shorter text
    comes before a longer one that begins with it; punctuation counts as space.
    """
    letters: list[str] = []
    tones: list[str] = []
    cases: list[str] = []
    for character in clean(text):
        if not character.isalnum():
            _add_space(letters, tones, cases)
            continue
        letter, tone = _letter_and_tone(character.lower())
        letters.append(letter)
        tones.append(tone)
        cases.append("1" if character.isupper() else "0")
    levels = ("".join(letters).rstrip("!"), "".join(tones), "".join(cases))
    return " ".join((levels[0], *(level.rstrip("0") for level in levels[1:]))).rstrip()


def _visible(text: str) -> str:
    """Return *text* in NFC without its invisible characters."""
    if text.isascii() and text.isprintable():
        return text
    shown = text
    if not text.replace("\n", "").isprintable() or _PRINTABLE.search(text):
        shown = _UNSEEN.sub("", _BROKEN.sub("\ufffd", text))
    return unicodedata.normalize("NFC", shown)


def _add_space(letters: list[str], tones: list[str], cases: list[str]) -> None:
    """Add one space, lower than any letter, unless the last one is a space."""
    if letters and letters[-1] != "!":
        letters.append("!")
        tones.append("0")
        cases.append("0")


@lru_cache(maxsize=1024)  # texts are made of few letters
def _letter_and_tone(character: str) -> tuple[str, str]:
    """Split a lower-case character into its place in the alphabet and its tone."""
    parts = unicodedata.normalize("NFD", character)
    tone = "0"
    for mark in parts[1:]:
        tone = "5" if mark == _NANG else _TONES.get(mark, tone)
    kept = "".join(c for c in parts[1:] if c in _LETTER_MARKS)
    letter = unicodedata.normalize("NFC", parts[0] + kept)
    if letter.isdigit():
        return letter, tone
    plain = "d" if letter == "đ" else parts[0]
    return plain + _MARKS.get(letter, "0"), tone
