"""A listing's title, read as a buyer reads it: name, packs, praise, maker.

Only words are read here; how alike two titles are is decided in
`ocop_sync.engine.matching.similarity`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from catalog.names.name_tokens import spelling
from catalog.text import clean, fold
from catalog.values import replace

_MOST: Final = 500
"""Characters of a title that are read; a marketplace may show any number."""

_UNITS: Final = {
    "kg": ("g", 1000),
    "kgs": ("g", 1000),
    "kilo": ("g", 1000),
    "ky": ("g", 1000),
    "g": ("g", 1),
    "gr": ("g", 1),
    "gam": ("g", 1),
    "gram": ("g", 1),
    "ml": ("ml", 1),
    "cl": ("ml", 10),
    "l": ("ml", 1000),
    "lit": ("ml", 1000),
    "litre": ("ml", 1000),
    "liter": ("ml", 1000),
}
"""The units of a pack, folded."""

_PACK: Final = re.compile(
    r"(?<![\w.,])(\d{1,6}(?:[.,]\d{1,3})?)[ -]?(" + "|".join(_UNITS) + r")\b"
)
_CONTAINERS: Final = (
    "hop|goi|tui|chai|lon|hu|lo|vien|cai|con|qua|mieng|bich|thung|loc|binh|bao|vi|can"
)
_VESSELS: Final = "hop|hop qua|goi|tui|chai|lon|hu|hu thuy tinh|lo|bich|thung|binh"
"""The containers of a pack, where no number says that it is a pack."""
_COUNT: Final = re.compile(
    rf"(?<![\w.,])(?:x ?)?\d{{1,4}} ?(?:{_CONTAINERS})\b|(?<![\w.,])[x×] ?\d{{1,4}}\b"
    rf"|(?<![\w.,])\d{{1,4}} ?[x×](?!\w)"
)
_MAKER: Final = re.compile(
    r"\b(?:htx|hop tac xa|cty|c\.ty|cong ty|ctcp|tht|to hop tac|hkd|ho kinh doanh"
    r"|ho kd|ho sxkd|dntn|co so|cs sx)\b[^|,;()\[\]–]*"
)
_PRAISE: Final = (
    "ocop quoc gia|ocop|3 sao|4 sao|5 sao|ba sao|bon sao|nam sao|dac san|dac biet"
    "|chinh hang|chinh goc|hang chuan|chuan|gia re|gia tot|gia si|gia goc|giao nhanh"
    "|giao hoa toc|hoa toc|freeship|free ship|mien phi van chuyen|hot|sale|sieu sale"
    "|hang moi|hang moi ve|moi|new|loai 1|loai i|loai ngon|loai dac biet|loai to"
    "|thuong hang|cao cap|thom ngon|ngon|sach|an toan|uy tin|chat luong cao"
    "|chat luong|qua bieu|qua tang|lam qua|bieu tet|tet|ban chay|best seller|bestseller"
    "|nha lam|gia truyen|tu nhien|100|nguyen chat|dam bao|date moi|combo|tien loi"
    "|hut chan khong|khuyen mai|giam gia|flash sale|mua 1 tang 1|tang kem|hoan tien"
    "|nhap khau|viet nam|tinh quang ninh|quang ninh|chuan vi|dam vi|bo duong|yeu thich"
    "|mua ngay|chi tu|san pham|cua hang|gian hang|shop|store|official|mall"
    "|dong hop|dong goi|dong chai|co tem|tem truy xuat|co san|ship toan quoc"
)
"""Words around a name that tell nothing apart, folded; also the widest places."""

_FREE: Final = frozenset(
    tuple(words.split()) for words in f"{_PRAISE}|{_VESSELS}".split("|")
)
_LONGEST: Final = max(map(len, _FREE))

_AS_HEARD: Final = {
    "gi": "d",
    "r": "d",
    "x": "s",
    "tr": "ch",
    "ngh": "ng",
    "gh": "g",
    "k": "c",
    "y": "i",
}
_HEARD: Final = re.compile("^(?:" + "|".join(_AS_HEARD) + ")|y$")


@dataclass(frozen=True, slots=True)
class Title:
    """A title, taken apart.

    Attributes:
        plain: Words of the name, without accents, in their order; those about
            the maker last.
        spelled: The same with their accents.
        free: Which of them tell nothing apart: praise, containers, the maker.
        packs: Amounts, such as "500 g" and "1000 ml".
        maker: The words about the maker, from its legal form on; or "".
    """

    plain: tuple[str, ...]
    spelled: tuple[str, ...]
    free: tuple[bool, ...]
    packs: frozenset[str]
    maker: str


@lru_cache(maxsize=8192)
def read_title(text: str) -> Title:
    """Take a title apart."""
    text = clean(text[:_MOST]).casefold()
    flat = _flat(text)
    maker = _MAKER.search(flat)
    start, end = maker.span() if maker else (len(text), len(text))
    spans = [found.span() for form in (_PACK, _COUNT) for found in form.finditer(flat)]
    bare = _without(text, spans)
    name, made = spelling(f"{bare[:start]} {bare[end:]}"), spelling(bare[start:end])
    return Title(
        plain=name.plain + made.plain,
        spelled=name.spelled + made.spelled,
        free=_free(name.plain) + (True,) * len(made.plain),
        packs=_packs(flat),
        maker=bare[start:end],
    )


@lru_cache(maxsize=2048)
def read_packs(text: str) -> frozenset[str]:
    """Return the amounts that *text* names, such as {"500 g"}."""
    return _packs(_flat(clean(text[:_MOST]).casefold()))


def _packs(flat: str) -> frozenset[str]:
    return frozenset([_amount(*found.groups()) for found in _PACK.finditer(flat)])


def _amount(number: str, unit: str) -> str:
    """Return an amount in grams or millilitres: "0,5" and "kg" are "500 g".

    A point or comma before three digits divides thousands of small units.
    """
    base, factor = _UNITS[unit]
    if factor == 1 and re.fullmatch(r"[1-9]\d*[.,]\d{3}", number):
        number = re.sub("[.,]", "", number)
    amount = Decimal(number.replace(",", ".")) * factor
    return f"{amount.normalize():f} {base}"


def _flat(text: str) -> str:
    """Return *text* without accents, each character in its old place."""
    return "".join([_flat_character(c) for c in text])


@lru_cache(maxsize=1024)
def _flat_character(character: str) -> str:
    folded = fold(character)
    return folded if len(folded) == 1 else character


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def sound(word: str) -> str:
    """Return a folded word as it is heard: "giay" and "day", "xa" and "sa" are one.

    Most misspelt words of Vietnamese are spelt as they sound in the north.
    """
    return _HEARD.sub(lambda found: _AS_HEARD[found[0]], word)


def _free(words: tuple[str, ...]) -> tuple[bool, ...]:
    """Say which words belong to a phrase of praise; the longest phrase counts."""
    free = [False] * len(words)
    place = 0
    while place < len(words):
        length = next(
            (n for n in range(_LONGEST, 0, -1) if words[place : place + n] in _FREE), 0
        )
        free[place : place + length] = [True] * min(length, len(words) - place)
        place += max(length, 1)
    return tuple(free)


def joined(title: Title, whole: frozenset[str]) -> Title:
    """Return *title* with neighbours put together that make one of *whole*."""
    pairs = zip(title.plain, title.plain[1:], strict=False)
    places = [n for n, pair in enumerate(pairs) if "".join(pair) in whole]
    for place in reversed(places):
        title = replace(
            title,
            plain=_put_together(title.plain, place),
            spelled=_put_together(title.spelled, place),
            free=title.free[:place] + title.free[place + 1 :],
        )
    return title


def _put_together(words: tuple[str, ...], place: int) -> tuple[str, ...]:
    return (*words[:place], words[place] + words[place + 1], *words[place + 2 :])
