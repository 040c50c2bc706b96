"""The 26 product sets of Decision 148/QĐ-TTg (24 February 2023).

No official number of a set was found: the outline number of the decision's table, such
as "I.1.a", is the code. The table of Decision 781/QĐ-TTg (2020) had other names;
catalogs mix both, so `find_set` knows both. The names are data
(`catalog/data/product_sets.csv`); the requirements of the rules for each set stand in
the rules' files.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from catalog.text import fold_words


class Sector(StrEnum):
    """The six groups of products."""

    FOOD = "food"
    DRINK = "drink"
    HERBAL = "herbal"
    CRAFT = "craft"
    ORNAMENTAL = "ornamental"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSet:
    """One product set ("bộ sản phẩm"), with its outline number, such as "I.1.a".

    Its *name* is that of the decision's table, in NFC; *name_en* is ours.
    """

    code: str
    name: str
    name_en: str
    sector: Sector
    alcohol: bool = False


def _rows() -> list[dict[str, str]]:
    table = Path(__file__).parent.parent / "data" / "product_sets.csv"
    return list(csv.DictReader(table.read_text("utf-8").splitlines()))


_ROWS: Final = _rows()

SETS: Final[Mapping[str, ProductSet]] = MappingProxyType(
    {
        row["code"]: ProductSet(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            sector=Sector(row["sector"]),
            alcohol=row["alcohol"] == "yes",
        )
        for row in _ROWS
    }
)
"""The sets by code, in the order of the decision."""

_BY_WORDS: Final = {
    **{
        fold_words(name): row["code"]
        for row in _ROWS
        for name in row["names_of_2020"].split(";")
        if name
    },
    **{fold_words(each.name): each.code for each in SETS.values()},
    **{fold_words(each.code): each.code for each in SETS.values()},
}


def find_set(text: str) -> ProductSet | None:
    """Find a set by its code, its name of 2023 or 2020, or code and name.

    Case, accents and punctuation do not matter. Nothing is guessed: None if
    *text* is no such code or name, or if code and name are of two sets.
    """
    words = fold_words(text)
    code = _BY_WORDS.get(words)
    if code is None:
        pairs = (
            (_BY_WORDS.get(words[:end]), _BY_WORDS.get(words[end + 1 :]))
            for end, letter in enumerate(words)
            if letter == " "
        )
        code = next((one for one, other in pairs if one and one == other), None)
    return None if code is None else SETS[code]
