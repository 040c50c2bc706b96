"""Communes before and since 1 July 2025, and how the old became the new.

On that day districts were abolished and communes merged (Resolution
1679/NQ-UBTVQH15 for Quảng Ninh). An address on a certificate or a label keeps
its old commune. Twelve old communes were split: which new one an address fell
to cannot be told from it, so nothing is picked here; a person does.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from catalog.producer import Address
from catalog.text import clean, fold_words

Kinds = tuple[tuple[str, str], ...]

_KINDS: Final[Kinds] = (
    ("thi tran", "thi tran"),
    ("tt", "thi tran"),
    ("dac khu", "dac khu"),
    ("phuong", "phuong"),
    ("p", "phuong"),
    ("xa", "xa"),
    ("x", "xa"),
)
_DISTRICT_KINDS: Final[Kinds] = tuple(
    (each, "")
    for each in ("thanh pho", "thi xa", "huyen", "quan", "tp", "tx", "h", "q")
)
_MERGED_DISTRICTS: Final = {"hoanh bo": "ha long"}
"""Hoành Bồ joined Hạ Long on 1 January 2020 (Resolution 837/NQ-UBTVQH14)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """A commune, ward or special zone.

    Attributes:
        code: Five digits of the General Statistics Office.
        name: Its name with its kind, such as "Phường Hạ Long", NFC.
        district: District before 1 July 2025; "" for a present commune.
    """

    code: str
    name: str
    district: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Communes:
    """The communes of one province.

    Attributes:
        old: Communes before 1 July 2025 by code.
        present: Communes since then by code.
        successors: Codes of the present communes that took over land of an old
            one, by its code; several if it was split.
    """

    old: Mapping[str, Commune]
    present: Mapping[str, Commune]
    successors: Mapping[str, tuple[str, ...]]

    def became(self, old_code: str) -> tuple[Commune, ...]:
        """Return the present communes on the land of an old one; () if unknown."""
        return tuple(self.present[each] for each in self.successors.get(old_code, ()))

    def place(self, address: Address) -> Commune | None:
        """Return the present commune of *address*; None if a person must say.

        The text of the address is not read: names alone are ambiguous
        ("Hạ Long" was a city, a commune and a ward).
        """
        if address.commune_code:
            return self.present.get(address.commune_code)
        found = self.became(address.old_commune_code)
        return found[0] if len(found) == 1 else None

    def named(self, name: str) -> tuple[Commune, ...]:
        """Return the present communes called *name*, with or without their kind."""
        return _called(name, self.present.values())

    def old_named(self, name: str, district: str = "") -> tuple[Commune, ...]:
        """Return the communes before 1 July 2025 called *name*.

        Args:
            name: With or without its kind, in full or short ("P. Hà Tu").
            district: Its district, likewise; "" if not known. What it was by
                then (a town, a city) does not matter.
        """
        found = _called(name, self.old.values())
        if not district:
            return found
        wanted = _without_kind(district, _DISTRICT_KINDS)[1]
        wanted = _MERGED_DISTRICTS.get(wanted, wanted)
        return tuple(
            each
            for each in found
            if _without_kind(each.district, _DISTRICT_KINDS)[1] == wanted
        )


def _called(name: str, communes: Iterable[Commune]) -> tuple[Commune, ...]:
    kind, bare = _without_kind(name, _KINDS)
    found = []
    for each in communes:
        its_kind, its_name = _without_kind(each.name, _KINDS)
        if bare == its_name and kind in {"", its_kind}:
            found.append(each)
    return tuple(found)


@lru_cache(maxsize=4096)
def _without_kind(name: str, kinds: Kinds) -> tuple[str, str]:
    """Return the kind of a place, "" if not said, and its name, both folded."""
    words = fold_words(name)
    for short, kind in kinds:
        if words.startswith(f"{short} "):
            return kind, words.removeprefix(f"{short} ")
    return "", words


@cache
def load_communes() -> Communes:
    """Return the communes of Quảng Ninh: 171 until 30 June 2025, 54 since."""
    table = files("catalog") / "data" / "quang_ninh_communes_2025.csv"
    old: dict[str, Commune] = {}
    present: dict[str, Commune] = {}
    successors: dict[str, tuple[str, ...]] = {}
    with table.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            before, after = row["old_commune_code"], row["new_commune_code"]
            district = clean(row["old_district"])
            name = clean(row["old_commune"])
            old[before] = Commune(code=before, name=name, district=district)
            present[after] = Commune(code=after, name=clean(row["new_commune"]))
            successors[before] = (*successors.get(before, ()), after)
    return Communes(
        old=MappingProxyType(old),
        present=MappingProxyType(present),
        successors=MappingProxyType(successors),
    )
