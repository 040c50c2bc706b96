"""One form for all the ways in which offices write a producer's name.

"Công ty TNHH MTV Thương mại và Dịch vụ Mẫu 001" and "CTY TNHH MTV TMDV MẪU 001" are one
name. Only different spellings of the same meaning are brought together: words of legal
form and trade, case, accents, punctuation, spaces. Names that are merely alike stay
apart.
"""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from catalog.text import fold

FORMS: Final[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("legal_forms.toml").read_text("utf-8")
)
"""The content of `legal_forms.toml`, which says what each table means."""
_SHORT: Final = {
    long: short for short, forms in FORMS["short"].items() for long in forms
}

_TRADE: Final = frozenset({"sx", "kd", "tm", "dv", "xnk", "nn"})
_JOINED: Final = re.compile("(?:sx|kd|tm|dv|xnk|nn|dn|tn|cs){2,}")
_ONE: Final = re.compile("sx|kd|tm|dv|xnk|nn|dn|tn|cs")
_WORD: Final = re.compile(r"[^\W_]+")
_LONG: Final = re.compile(
    r"\b(?:" + "|".join(sorted(_SHORT, key=len, reverse=True)) + r")\b"
)


def fold_producer_name(name: str) -> str:
    """Return *name* as it is compared; it is not for people to read.

    Two names that fold to the same are the same producer's, as far as names
    can tell.
    """
    words = " ".join(_WORD.findall(fold(name).replace("&", " va ")))
    short = _LONG.sub(lambda found: _SHORT[found[0]], words).split()
    apart = [part for word in short for part in _parts(word)]
    return " ".join(
        word
        for place, word in enumerate(apart)
        if not (word == "va" and _joins_trades(apart, place))
    )


def _parts(word: str) -> list[str]:
    return _ONE.findall(word) if _JOINED.fullmatch(word) else [word]


def _joins_trades(words: list[str], place: int) -> bool:
    """Say whether the word at *place* only joins two trades ("SX và TM")."""
    around = {*words[max(place - 1, 0) : place], *words[place + 1 : place + 2]}
    return around <= _TRADE and 0 < place < len(words) - 1
