"""Codes and packs that are the same, though they are typed otherwise.

"1 kg", "1kg" and "1 KG" are one pack, "OCOP–01" with the dash of a word processor is
"OCOP-01". Between two digits a space or a dash counts: "1-2 kg" is not "12 kg". The
stored spelling stays visible.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeVar

from catalog.text import fold, plain_dashes

_T = TypeVar("_T")
_AROUND_DASHES: Final = re.compile(r"\s*-+\s*")
_SPACE: Final = re.compile(r"(?<!\d)\s|\s(?!\d)")
_DASH: Final = re.compile(r"(?<!\d)-|-(?!\d)")


@lru_cache(maxsize=2048)
def fold_code(code: str) -> str:
    """Return *code* as it is compared: its dashes stay, as they part its numbers."""
    joined = _AROUND_DASHES.sub("-", plain_dashes(fold(code)))
    return _SPACE.sub("", joined)


@lru_cache(maxsize=2048)
def fold_pack(pack: str) -> str:
    """Return *pack* as it is compared."""
    return _DASH.sub("", fold_code(pack))


def alike(known: Iterable[_T], text: str, spelled: Callable[[_T], str]) -> list[_T]:
    """Return those of *known* whose pack is *text*: as it is typed, else the same."""
    found = [each for each in known if fold_pack(spelled(each)) == fold_pack(text)]
    exact = [each for each in found if fold(spelled(each)) == fold(text)]
    return exact if len(exact) == 1 else found
