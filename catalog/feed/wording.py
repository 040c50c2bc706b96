"""Stars, legal forms, bodies, yes and no as people write them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from catalog.fact import Fact
from catalog.producer import ProducerKind
from catalog.producer_name import fold_producer_name
from catalog.text import clean, fold_words

_STAR: Final = re.compile("[*★⭐✭✮☆]{1,5}")
_COUNTED: Final = re.compile(
    r"(?:ocop )?(?:hang |dat )?(?:ocop )?([1-5]|mot|hai|ba|bon|nam)"
    r"(?: ?(?:sao|star|stars))?(?: ocop)?"
)
_BOTH: Final = re.compile(
    r"(mot|hai|ba|bon|nam) ([1-5])( sao)|([1-5]) (mot|hai|ba|bon|nam) sao"
)
_STARRED: Final = re.compile(r"([1-5])\s*[*★⭐]")
_NAMES: Final = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5}
_POTENTIAL: Final = re.compile(
    r"(?:(?:4|bon) sao )?(?:ocop )?tiem nang (?:5|nam|len 5|dat 5)(?: sao)?(?: ocop)?"
)

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
    ("to san xuat", ProducerKind.GROUP),
    ("group", ProducerKind.GROUP),
    ("ho", ProducerKind.HOUSEHOLD),
    ("cs", ProducerKind.HOUSEHOLD),
    ("household", ProducerKind.HOUSEHOLD),
)
_OF_KINDS: Final = re.compile(
    r"(?:\b(?:cty|cp|tnhh|mtv|tn|dn|dntn|htx|tht|ho|kd|cs|sx|nn|dv|tm|xnk|gia dinh"
    r"|ca the|lien hiep|hai thanh vien|2 tv|tro len|nong dan|nho va vua|hop danh|to)\b"
    r" ?)+"
)
_CENTRAL: Final = re.compile(
    r"(?:cap )?(?:trung uong|quoc gia)|bo|bo nn.*|bo nong nghiep.*|bnn.*|ttg"
    r"|thu tuong.*"
)
_PROVINCE: Final = re.compile(r"(?:cap |ubnd |uy ban nhan dan )?tinh(?: [^\d]+)?")
_DISTRICT: Final = re.compile(
    r"(?:cap |ubnd |uy ban nhan dan )?(?:huyen|thi xa|tx|thanh pho|tp)(?: [^\d]+)?"
)


def read_stars(text: str) -> tuple[int, bool] | None:
    """Return the stars and whether they are "tiềm năng 5 sao"; None if unclear.

    "Tiềm năng 5 sao" are four stars that wait for the ministry.
    """
    shown = clean(text).replace(" ", "").replace("\ufe0f", "")
    if _STAR.fullmatch(shown):
        return len(shown), False
    if found := _STARRED.fullmatch(shown):
        return int(found[1]), False
    said = fold_words(text)
    if _POTENTIAL.fullmatch(said):
        return 4, True
    if found := _BOTH.fullmatch(said):
        number, name = found[2] or found[4], found[1] or found[5]
        return (int(number), False) if _NAMES[name] == int(number) else None
    if found := _COUNTED.fullmatch(said):
        return _NAMES.get(found[1]) or int(found[1]), False
    return None


def read_fact(text: str) -> Fact | None:
    """Return yes, no or unknown; None if *text* is none of them."""
    said = clean(text)
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
    if not said:
        return None
    for start, kind in _KINDS:
        if said == start:
            return kind
        if said.startswith(f"{start} ") and _OF_KINDS.fullmatch(said):
            return kind
    return None


def read_body(text: str) -> str:
    """Return who decided as rules name it: huyện, tỉnh, trung ương; else *text*."""
    said = fold_words(text)
    for form, name in (
        (_CENTRAL, "trung ương"),
        (_PROVINCE, "tỉnh"),
        (_DISTRICT, "huyện"),
    ):
        if form.fullmatch(said):
            return name
    return clean(text)
