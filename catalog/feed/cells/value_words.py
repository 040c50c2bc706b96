"""Legal forms, bodies, yes and no as people write them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from catalog.model.fact import Fact
from catalog.model.producer import ProducerKind
from catalog.names.producer_name import fold_producer_name
from catalog.text import clean, fold_words

_YES: Final = (
    "yes",
    "co",
    "co roi",
    "da co",
    "roi",
    "y",
    "true",
    "dung",
    "x",
    "day du",
)
_NO: Final = ("no", "khong", "khong co", "chua", "chua co", "n", "false", "sai", "ko")
_UNKNOWN: Final = ("unknown", "chua ro", "khong ro", "chua biet", "khong biet")
_TICKS: Final = frozenset("✓✔☑✅")
FACTS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        **dict.fromkeys(_YES, Fact.YES),
        **dict.fromkeys(_NO, Fact.NO),
        **dict.fromkeys(_UNKNOWN, Fact.UNKNOWN),
    }
)

_KINDS: Final = (
    ("cty", ProducerKind.FIRM),
    ("dn", ProducerKind.FIRM),
    ("dntn", ProducerKind.FIRM),
    ("firm", ProducerKind.FIRM),
    ("company", ProducerKind.FIRM),
    ("tnhh", ProducerKind.FIRM),
    ("cp", ProducerKind.FIRM),
    ("htx", ProducerKind.COOPERATIVE),
    ("lien hiep htx", ProducerKind.COOPERATIVE),
    ("cooperative", ProducerKind.COOPERATIVE),
    ("tht", ProducerKind.GROUP),
    ("to sx", ProducerKind.GROUP),
    ("group", ProducerKind.GROUP),
    ("ho", ProducerKind.HOUSEHOLD),
    ("cs", ProducerKind.HOUSEHOLD),
    ("ca nhan", ProducerKind.HOUSEHOLD),
    ("individual", ProducerKind.HOUSEHOLD),
    ("household", ProducerKind.HOUSEHOLD),
)
_OF_KINDS: Final = re.compile(
    r"(?:\b(?:cty|cp|tnhh|mtv|tn|dn|dntn|htx|tht|ho|kd|cs|sx|nn|dv|tm|xnk|gia dinh|gd"
    r"|ca the|ca nhan|household|individual|lien hiep|hai thanh vien|2 tv|tro len"
    r"|nong dan|nho va vua|hop danh|to)\b"
    r" ?)+"
)
_SAID_OF: Final = {
    ProducerKind.FIRM: frozenset({"cty", "dn", "dntn", "tnhh"}),
    ProducerKind.COOPERATIVE: frozenset({"htx"}),
    ProducerKind.GROUP: frozenset({"tht"}),
    ProducerKind.HOUSEHOLD: frozenset({"ho", "cs", "nhan", "household", "individual"}),
}
"""Words that say one kind: a cell with those of two says neither."""
AS_ABOVE: Final = frozenset(
    {
        "nt",
        "n t",
        "nhu tren",
        "nhu dong tren",
        "nhu o tren",
        "tuong tu",
        "ditto",
        "idem",
    }
)
"""Folded words of a cell that means the cell above it: they name nothing themselves."""
LEVELS: Final = frozenset({"huyện", "tỉnh", "trung ương"})
"""Who may grant stars, as rules name it."""
_CENTRAL: Final = re.compile(
    r"(?:cap )?(?:trung uong|quoc gia|tw|tu|t w|t u|bo)|bo nn.*|bo nong nghiep.*"
    r"|bnn.*|ttg|thu tuong.*"
)
_COMMITTEE: Final = r"(?:cap |(?:(?:pho )?chu tich )?(?:ubnd |uy ban nhan dan ))?"
_PROVINCE: Final = re.compile(_COMMITTEE + r"tinh(?: [^\d]+)?")
_DISTRICT: Final = re.compile(
    _COMMITTEE + r"(?:huyen|thi xa|tx|thanh pho|tp)(?: [^\d]+)?"
)
_NO_BODY: Final = re.compile(
    r"|(?:(?:pho )?chu tich )?(?:ubnd|uy ban nhan dan)|(?:dang|chua|cho) .+"
    r"|khong .+"
)
"""Words that name no authority: a people's committee of anywhere, too."""


def read_fact(text: str) -> Fact | None:
    """Return yes, no or unknown; None if *text* is none of them, or doubts it."""
    said = clean(text)
    if "?" in said:
        return None
    if said and _TICKS.issuperset(said):
        return Fact.YES
    return FACTS.get(fold_words(text))


def read_kind(text: str) -> ProducerKind | None:
    """Return the legal form that *text* names; None if it names none.

    Only words of legal forms are read: the name of a producer is none.
    """
    said = fold_producer_name(text)
    short = said.upper().replace(" ", "")
    if short in {each.value for each in ProducerKind if each.value}:
        return ProducerKind(short)
    words = frozenset(said.split())
    if sum(not words.isdisjoint(each) for each in _SAID_OF.values()) > 1:
        return None
    for start, kind in _KINDS:
        if said == start:
            return kind
        if said.startswith(f"{start} ") and _OF_KINDS.fullmatch(said):
            return kind
    return None


def read_body(text: str) -> str | None:
    """Return who decided as rules name it: huyện, tỉnh, trung ương; else *text*.

    None if it names no authority, as "-", "UBND", "nt" or "đang trình" do not.
    """
    said = fold_words(text)
    for form, name in (
        (_CENTRAL, "trung ương"),
        (_PROVINCE, "tỉnh"),
        (_DISTRICT, "huyện"),
    ):
        if form.fullmatch(said):
            return name
    if said in FACTS or said in AS_ABOVE or _NO_BODY.fullmatch(said):
        return None
    return clean(text)
