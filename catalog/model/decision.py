"""Numbers of decisions: how they are built, and when two are the same.

"1114/QĐ-UBND" is a serial number, "QĐ" for a decision, and the office that took
it. Words, days, a bare year and numbers of other papers ("12/TTr-SNN" is a
proposal) are none. Serial numbers begin anew each year, so a number alone does
not identify a decision.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from catalog.text import clean, fold, plain_dashes

EXAMPLE: Final = "1114/QĐ-UBND"
"""A number as messages show it; of a decision of Thanh Hóa of 6 April 2021."""

_NUMBER: Final = re.compile(
    r"(?:(?P<mark>[a-z]{1,10})-)?(?P<serial>[0-9]{1,6})"
    r"(?:/(?P<year>(?:19|20)[0-9]{2}))?[/-]qd(?P<office>(?:[-/.&][a-z0-9]+)*)\.?"
)
_AROUND: Final = re.compile(r"\s*([/-])\s*")
_BEFORE: Final = re.compile(
    r"\W*(?:quy[eế]t [dđ][iị]nh|q[dđ])?\s*(?:s[oố])?\s*[:.]?\s*", re.IGNORECASE
)
_ETH: Final = str.maketrans("Ðð", "Đđ")
"""Icelandic letters that look like Vietnamese ones, from wrong code pages."""

_CENTRAL: Final = re.compile(r"(?:bnn|ttg)[a-z0-9]*")


class Office(StrEnum):
    """Which kind of office a number names."""

    CENTRAL = "central"
    """The ministry of agriculture, or the prime minister."""
    COMMITTEE = "committee"
    """A people's committee; of a province or of a district is not said."""
    OTHER = "other"
    """Another office, or none."""


@dataclass(frozen=True, slots=True)
class DecisionNumber:
    """The number of a decision.

    Attributes:
        text: As it is kept: "1114/QĐ-UBND".
        key: The same for equal numbers, with any accents, case, leading zeros and marks
            between the parts.
        year: The year that the number itself names, as in "12/2021/QĐ-UBND".
        office: Which kind of office it names.
    """

    text: str
    key: str
    year: int | None
    office: Office


@lru_cache(maxsize=2048)
def read_number(text: str) -> DecisionNumber | None:
    """Return the number that *text* is; None if it is none.

    "Quyết định số" before it is read past; a day behind it is not.
    """
    kept = plain_dashes(clean(text).translate(_ETH))
    kept = _AROUND.sub(r"\1", _BEFORE.sub("", kept, count=1)).rstrip(".")
    found = _NUMBER.fullmatch(fold(kept))
    if found is None:
        return None
    office = [part for part in re.split("[-/.&]", found["office"]) if part]
    parts = (found["mark"], str(int(found["serial"])), found["year"], "qd", *office)
    return DecisionNumber(
        text=kept,
        key="/".join(part for part in parts if part),
        year=None if found["year"] is None else int(found["year"]),
        office=_office(office[0] if office else ""),
    )


def same_number(one: str, other: str) -> bool:
    """Say whether two texts are the same number, however they are spelled."""
    first, second = read_number(one), read_number(other)
    if first is None or second is None:
        return fold(one) == fold(other)
    return first.key == second.key


def _office(name: str) -> Office:
    if _CENTRAL.fullmatch(name):
        return Office.CENTRAL
    return Office.COMMITTEE if name == "ubnd" else Office.OTHER
