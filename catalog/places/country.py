"""The provinces of Vietnam before and since 1 July 2025, and their districts.

On that day 63 provinces became 34 (Resolution 202/2025/QH15), and districts were
abolished. An address says the ones or the others; which province it means today is
told here, and nothing of communes.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from catalog.places.place_name import (
    DISTRICT_KINDS,
    PROVINCE_KINDS,
    bare_name,
    readings,
)
from catalog.text import clean, fold_words

_FOLDER: Final = files("catalog") / "data"
_SEPARATOR: Final = ";"


@dataclass(frozen=True, slots=True)
class Province:
    """A province as an address may name it.

    Attributes:
        name: Its name without its kind, such as "Hải Dương".
        present: The province on its land since 1 July 2025, likewise.
    """

    name: str
    present: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Country:
    """All provinces and districts, by folded names without their kinds.

    Attributes:
        provinces: Provinces before and since 1 July 2025, also by other spellings.
        cities: Names of those that are cities themselves ("Thành phố Hải Phòng").
        districts: The provinces that had a district of a name; several where it
            was called the same.
    """

    provinces: Mapping[str, Province]
    cities: frozenset[str]
    districts: Mapping[str, tuple[Province, ...]]

    def province(self, text: str) -> Province | None:
        """Return the province called *text*, with or without its kind."""
        for _, name in readings(text, PROVINCE_KINDS):
            if name in self.provinces:
                return self.provinces[name]
        return None

    def is_city(self, text: str) -> bool:
        """Say whether *text* names a city that is a province itself."""
        return any(name in self.cities for _, name in readings(text, PROVINCE_KINDS))

    def with_district(self, text: str) -> tuple[Province, ...]:
        """Return the provinces that had a district called *text*."""
        return tuple(
            province
            for _, name in readings(text, DISTRICT_KINDS)
            for province in self.districts.get(name, ())
        )


def plain_name(province: str) -> str:
    """Return the name of a province as it is spelled, without its kind."""
    words = clean(province)
    for written, _ in PROVINCE_KINDS:
        if words.casefold().startswith(f"{written} "):
            return words[len(written) + 1 :]
    return words


@cache
def load_country() -> Country:
    """Return the country: 63 provinces and 696 districts before, 34 provinces since."""
    provinces: dict[str, Province] = {}
    cities: set[str] = set()
    for row in _rows("vietnam_provinces_2025.csv"):
        found = Province(plain_name(row["old_province"]), plain_name(row["province"]))
        if not row["old_province"].startswith("Tỉnh "):
            cities.add(fold_words(found.name))
        for name in (found.name, *_listed(row["also"])):
            provinces[fold_words(name)] = found
    districts: defaultdict[str, list[Province]] = defaultdict(list)
    for row in _rows("vietnam_districts_2025.csv"):
        province = provinces[fold_words(plain_name(row["old_province"]))]
        for name in (row["district"], *_listed(row["formerly"])):
            districts[bare_name(name, DISTRICT_KINDS)].append(province)
    return Country(
        provinces=MappingProxyType(provinces),
        cities=frozenset(cities),
        districts=MappingProxyType({k: tuple(v) for k, v in districts.items()}),
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _listed(cell: str) -> Iterator[str]:
    return (each.strip() for each in cell.split(_SEPARATOR) if each.strip())
