"""The legal form that the name of a producer states.

A name begins with it: "Công ty TNHH ...", "HTX ...", "Tổ hợp tác ...". "Cơ sở"
says nothing: a household, a firm or a cooperative may call itself so.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from catalog.model.producer import ProducerKind
from catalog.names.producer_name import FORMS, fold_producer_name
from catalog.text import clean

_BEGINS: Final = tuple(
    (begin, ProducerKind(kind))
    for kind, begins in FORMS["begins"].items()
    for begin in begins
)
_HOUSEHOLD: Final = "hộ "
"""Alone it counts only with its accent: "Hồ" and "Họ" are other words."""

WORDS: Final[Mapping[ProducerKind, tuple[str, str]]] = MappingProxyType(
    {
        ProducerKind.FIRM: ("doanh nghiệp", "a firm"),
        ProducerKind.COOPERATIVE: ("hợp tác xã", "a cooperative"),
        ProducerKind.GROUP: ("tổ hợp tác", "a cooperative group"),
        ProducerKind.HOUSEHOLD: ("hộ, cơ sở", "a household"),
    }
)
"""The name of each form, in Vietnamese and English."""


@lru_cache(maxsize=2048)  # a producer has several products
def form_in(name: str) -> ProducerKind:
    """Return the form that *name* begins with; UNKNOWN if it says none."""
    folded = f"{fold_producer_name(name)} "
    for begin, kind in _BEGINS:
        if folded.startswith(f"{begin} "):
            return kind
    if clean(name).casefold().startswith(_HOUSEHOLD):
        return ProducerKind.HOUSEHOLD
    return ProducerKind.UNKNOWN


def contradicts(name: str, kind: ProducerKind) -> bool:
    """Say whether *name* states another form than *kind*."""
    stated = form_in(name)
    return ProducerKind.UNKNOWN not in {stated, kind} and stated is not kind
