"""How values are shown to people: in Vietnamese words, with Vietnam's time.

A text shown here is read back as the same value. Machines get the words of
`catalog.feed.cells.cell.show`.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from catalog.feed.cells.cell import CellError, show
from catalog.feed.headings.column import COLUMNS, DecisionIs
from catalog.model.certificate import Evidence, YearMeans
from catalog.model.fact import Fact
from catalog.model.producer import ProducerKind
from catalog.model.product import StockPolicy
from catalog.model.product_set import SETS
from catalog.vietnam_time import VIETNAM, moment

FACT_WORDS: Final[Mapping[Fact, str]] = {
    Fact.YES: "có",
    Fact.NO: "không",
    Fact.UNKNOWN: "chưa rõ",
}
KIND_WORDS: Final[Mapping[ProducerKind, str]] = {
    ProducerKind.FIRM: "Công ty (DN)",
    ProducerKind.COOPERATIVE: "Hợp tác xã (HTX)",
    ProducerKind.GROUP: "Tổ hợp tác (THT)",
    ProducerKind.HOUSEHOLD: "Hộ kinh doanh",
}
POLICY_WORDS: Final[Mapping[StockPolicy, str]] = {
    StockPolicy.SPLIT: "chia ra",
    StockPolicy.MIRROR: "giống nhau",
}
_IMPORT: Final = re.compile(
    r"(?:(?<=\()|^)import (?P<source>.+?)"
    r"(?: (?P<at>\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d))?(?=\)?$)"
)
"""Under which name the changes of an import are kept, alone or behind a person's."""
_OTHERS: Final = (
    (Evidence.DECISION, "quyết định"),
    (Evidence.PUBLISHED, "tin công bố"),
    (YearMeans.GRANTED, "năm công nhận"),
    (YearMeans.HELD, "năm đang giữ"),
    (DecisionIs.CORRECTION, "đính chính"),
    (DecisionIs.NEW, "mới"),
)
# Members of two enumerations may be equal, as texts are: the class tells them apart.
_WORDS: Final[Mapping[tuple[type, object], str]] = {
    (type(each), each): word
    for each, word in (
        *FACT_WORDS.items(),
        *KIND_WORDS.items(),
        *POLICY_WORDS.items(),
        *_OTHERS,
    )
}


def in_words(column: str, value: object) -> str:
    """Return *value* of *column* as a cell of a Vietnamese sheet says it.

    Nothing known is an empty cell, and so is a flag that is not set.
    """
    if (word := _WORDS.get((type(value), value))) is not None:
        return word
    if value is True:
        return FACT_WORDS[Fact.YES]
    if column == "set_code" and str(value) in SETS:
        return set_in_words(str(value))
    if isinstance(value, tuple):
        # Spaces separate the parts: within one, a dash is read as well.
        return " ".join(in_words("", each).replace(" ", "-") or "-" for each in value)
    if isinstance(value, datetime):
        return _exactly(value)
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else show(value)


def in_message(column: str, value: object) -> str:
    """Return *value* as a message tells it: nothing known is said to be so."""
    if value is False:
        return FACT_WORDS[Fact.NO]
    return in_words(column, value) or "(trống)"


def _exactly(at: datetime) -> str:
    """Return an instant by Vietnam's clock, to the second where that counts."""
    there = at.astimezone(VIETNAM)
    if there.microsecond:
        return there.isoformat()
    return f"{there:%d/%m/%Y %H:%M:%S}" if there.second else moment(at)


def set_in_words(code: str) -> str:
    """Return a product set as it is chosen from a list: code and name."""
    return f"{code} {SETS[code].name}"


def stored_in_words(column: str, text: str) -> str:
    """Return the stored text of *column* in words, if it is one of a few."""
    known = COLUMNS.get(column)
    try:
        value = None if known is None else known.read(text)
    except CellError:
        return text
    return _WORDS.get((type(value), value), text)


def author_in_words(who: str) -> str:
    """Return by whom something was changed: a person, or an import, in words."""
    return _IMPORT.sub(_import_in_words, who)


def _import_in_words(found: re.Match[str]) -> str:
    at = found["at"]
    when = f", xuất {moment(datetime.fromisoformat(at))}" if at else ""
    return f"lần nạp “{found['source']}”{when}"
