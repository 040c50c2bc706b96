"""The name of a place, with or without its kind: "Phường Hà Tu", "P. Hà Tu", "Hà Tu".

Without accents a kind may be a part of the name: "phuong nam" is a ward called Nam, or
a place called Phương Nam. An uncertain name is read both ways.
"""

import unicodedata
from functools import cache, lru_cache
from typing import Final

from catalog.text import clean, fold_words

Kinds = tuple[tuple[str, str], ...]
"""How a kind is written, in full or short, and the kind, folded; the longest first."""

COMMUNE_KINDS: Final[Kinds] = (
    ("thị trấn", "thi tran"),
    ("tt", "thi tran"),
    ("đặc khu", "dac khu"),
    ("phường", "phuong"),
    ("p", "phuong"),
    ("xã", "xa"),
    ("x", "xa"),
)
DISTRICT_KINDS: Final[Kinds] = (
    ("thành phố", "thanh pho"),
    ("t p", "thanh pho"),
    ("tp", "thanh pho"),
    ("thị xã", "thi xa"),
    ("t x", "thi xa"),
    ("tx", "thi xa"),
    ("huyện", "huyen"),
    ("h", "huyen"),
    ("quận", "quan"),
    ("q", "quan"),
)
PROVINCE_KINDS: Final[Kinds] = (
    ("tỉnh", "tinh"),
    ("thành phố", "thanh pho"),
    ("t p", "thanh pho"),
    ("tp", "thanh pho"),
    ("t", "tinh"),
)

_TONES: Final = frozenset("\u0300\u0309\u0303\u0301\u0323")
"""Huyền, hỏi, ngã, sắc and nặng, as characters of their own."""

Reading = tuple[str, str]
"""A kind, "" if none is said, and a name; both folded."""


@lru_cache(maxsize=8192)
def readings(text: str, kinds: Kinds) -> tuple[Reading, ...]:
    """Return how *text* can be read as a name: one way, or two if it is not certain."""
    plain, spelled = _words(text)
    for written, folded, kind in _folded(kinds):
        if not plain.startswith(folded):
            continue
        with_kind = (kind, plain.removeprefix(folded))
        if spelled.startswith(written):
            return (with_kind,)
        return (with_kind, ("", plain))
    return (("", plain),)


@lru_cache(maxsize=8192)
def says_kind(text: str, kinds: Kinds) -> bool:
    """Say whether *text* begins with a kind, spelled right or without its accents."""
    plain, spelled = _words(text)
    return any(
        plain.startswith(folded) and spelled.startswith((written, folded))
        for written, folded, _ in _folded(kinds)
    )


@lru_cache(maxsize=8192)
def accents_agree(text: str, name: str, words: int) -> bool:
    """Say whether the last *words* of *text* have no accents but those of *name*.

    A word may lack all of them, with a đ or without. Where a tone stands in a word
    ("hoà", "hòa") does not matter.
    """
    written, right = (_words(each)[1].split()[-words:] for each in (text, name))
    return all(
        not _has_accents(one) or _sounds(one) == _sounds(other)
        for one, other in zip(written, right, strict=False)
    )


def _has_accents(word: str) -> bool:
    return any(map(unicodedata.combining, unicodedata.normalize("NFD", word)))


def _sounds(word: str) -> tuple[str, str]:
    """Return the letters of a word with their marks, and its tone."""
    marks = unicodedata.normalize("NFD", word)
    letters = "".join(c for c in marks if c not in _TONES)
    return letters, "".join(c for c in marks if c in _TONES)


def bare_name(text: str, kinds: Kinds) -> str:
    """Return the folded name of a place whose name is spelled right."""
    return readings(text, kinds)[0][1]


@cache
def _folded(kinds: Kinds) -> tuple[tuple[str, str, str], ...]:
    """Return how each kind begins a name, with its accents and without."""
    return tuple(
        (f"{written} ", f"{fold_words(written)} ", kind) for written, kind in kinds
    )


@lru_cache(maxsize=8192)
def _words(text: str) -> tuple[str, str]:
    """Return the words of *text* without their accents, and with them.

    Twice the former where its characters are too odd to tell.
    """
    plain = fold_words(text)
    letters = "".join(c if c.isalnum() else " " for c in clean(text).casefold())
    spelled = letters.split()
    return plain, " ".join(spelled) if len(spelled) == len(plain.split()) else plain
