"""Communes before and since 1 July 2025, and how the old became the new.

On that day districts were abolished and communes merged (Resolution
1679/NQ-UBTVQH15 for Quảng Ninh). An address on a certificate or a label keeps
its old commune. Some old communes were split: which new one an address fell
to cannot be told from it, so nothing is picked here; a person does.

Which communes there are is a deployment's data: the table of one province.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

from catalog.model.producer import Address
from catalog.places.commune_table import TableRow, read_rows
from catalog.places.country import plain_name
from catalog.places.place_name import (
    COMMUNE_KINDS,
    DISTRICT_KINDS,
    accents_agree,
    bare_name,
    readings,
)

_Names = Mapping[str, Sequence["Commune"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """A commune, ward or special zone.

    Attributes:
        code: Five digits of the General Statistics Office.
        name: Its name with its kind, such as "Phường Hạ Long", NFC.
        district: District before 1 July 2025; "" for a present commune.
        former_districts: Districts to which it belonged before that one.
    """

    code: str
    name: str
    district: str = ""
    former_districts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Communes:
    """The communes of one province.

    Attributes:
        province: Name of the province with its kind, such as "Tỉnh Quảng Ninh".
        old: Communes before 1 July 2025 by code.
        present: Communes since then by code.
        successors: Codes of the present communes that took over land of an old
            one, by its code; several if it was split.
        districts: Names of the districts before, with their kinds.
    """

    province: str
    old: Mapping[str, Commune]
    present: Mapping[str, Commune]
    successors: Mapping[str, tuple[str, ...]]
    districts: frozenset[str] = field(init=False)
    _old_names: _Names = field(init=False, repr=False)
    _present_names: _Names = field(init=False, repr=False)
    _district_names: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        districts = frozenset(
            name
            for each in self.old.values()
            for name in (each.district, *each.former_districts)
        )
        names = frozenset(bare_name(each, DISTRICT_KINDS) for each in districts)
        object.__setattr__(self, "districts", districts)
        object.__setattr__(self, "_district_names", names)
        object.__setattr__(self, "_old_names", _by_name(self.old.values()))
        object.__setattr__(self, "_present_names", _by_name(self.present.values()))

    @property
    def province_name(self) -> str:
        """Name of the province without its kind."""
        return plain_name(self.province)

    @property
    def split(self) -> tuple[Commune, ...]:
        """The old communes that went to several present ones."""
        return tuple(
            self.old[code] for code, found in self.successors.items() if len(found) > 1
        )

    def became(self, old_code: str) -> tuple[Commune, ...]:
        """Return the present communes on the land of an old one; () if unknown."""
        return tuple(self.present[each] for each in self.successors.get(old_code, ()))

    def was_in(self, present: Commune, district: str) -> bool:
        """Say whether a present commune has land that was in a district."""
        before = tuple(
            self.old[code]
            for code, found in self.successors.items()
            if present.code in found
        )
        return bool(_of_district(before, district))

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
        """Return the present communes called *name*, with or without their kind.

        Accents may lack; other ones are another name.
        """
        return _called(name, self._present_names)

    def old_named(self, name: str, district: str = "") -> tuple[Commune, ...]:
        """Return the communes before 1 July 2025 called *name*.

        Args:
            name: With or without its kind, in full or short ("P. Hà Tu").
            district: Its district, likewise; "" if not known. Its kind by then (a town,
                a city) does not matter.
        """
        return _of_district(_called(name, self._old_names), district)

    def nearly(self, name: str, district: str = "") -> tuple[Commune, ...]:
        """Return the communes called *name* but for its accents, old ones first."""
        old = _called(name, self._old_names, accents=False)
        present = _called(name, self._present_names, accents=False)
        return (*_of_district(old, district), *(() if district else present))

    def has_district(self, name: str) -> bool:
        """Say whether the province had a district called *name*."""
        return any(
            bare in self._district_names for _, bare in readings(name, DISTRICT_KINDS)
        )


def load_communes(path: Path | None = None) -> Communes:
    """Return the communes of a table; those of Quảng Ninh, which ship, if None.

    Raises:
        CommuneTableError: The table cannot be read, or is wrong.
    """
    return _shipped() if path is None else _communes(read_rows(path))


@cache
def _shipped() -> Communes:
    """Return the communes of Quảng Ninh: 171 until 30 June 2025, 54 since."""
    table = files("catalog") / "data" / "quang_ninh_communes_2025.csv"
    with as_file(table) as path:
        return _communes(read_rows(path))


def _communes(rows: Sequence[TableRow]) -> Communes:
    old: dict[str, Commune] = {}
    present: dict[str, Commune] = {}
    successors: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for row in rows:
        present[row.code] = Commune(code=row.code, name=row.name)
        if not row.old_code:
            continue
        old[row.old_code] = Commune(
            code=row.old_code,
            name=row.old_name,
            district=row.district,
            former_districts=row.former_districts,
        )
        successors[row.old_code] += (row.code,)
    return Communes(
        province=rows[0].province,
        old=MappingProxyType(old),
        present=MappingProxyType(present),
        successors=MappingProxyType(dict(successors)),
    )


def _by_name(communes: Iterable[Commune]) -> _Names:
    found: defaultdict[str, list[Commune]] = defaultdict(list)
    for each in communes:
        found[bare_name(each.name, COMMUNE_KINDS)].append(each)
    return MappingProxyType(dict(found))


def _called(
    name: str, communes: _Names, *, accents: bool = True
) -> tuple[Commune, ...]:
    found = [
        each
        for kind, bare in readings(name, COMMUNE_KINDS)
        for each in communes.get(bare, ())
        if kind in {"", readings(each.name, COMMUNE_KINDS)[0][0]}
        and (not accents or accents_agree(name, each.name, len(bare.split())))
    ]
    return tuple(dict.fromkeys(found))


def _of_district(found: tuple[Commune, ...], district: str) -> tuple[Commune, ...]:
    """Return those of *found* that were in a district; all if none is said."""
    if not district:
        return found
    wanted = {bare for _, bare in readings(district, DISTRICT_KINDS)}
    return tuple(each for each in found if wanted & _districts_of(each))


def _districts_of(commune: Commune) -> set[str]:
    names = (commune.district, *commune.former_districts)
    return {bare_name(each, DISTRICT_KINDS) for each in names}
