"""In which province something is, as far as a sheet says it for certain.

Certain is a province that is named, and a district that this province never had. A
commune alone is none: its name may be misspelt, and is found in several provinces.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from msgspec import Struct

from catalog.feed.cells.cell import CellError
from catalog.feed.places.address import AddressPart, parts_of
from catalog.places.commune import Communes
from catalog.places.country import Country, Province, plain_name
from catalog.places.place_name import PROVINCE_KINDS, readings
from catalog.text import clean, fold, fold_words

_MOST_WORDS = 4
"""Words of the longest name of a province, "Bà Rịa - Vũng Tàu"."""


class NamedProvince(Struct, frozen=True):
    """The province that something names.

    Attributes:
        ours: It says that this is ours.
        other_province: The other province that it names; "" if none. With *ours*: it
            says both.
        district: The district that it names, as it is written; "" if none.
    """

    ours: bool = False
    other_province: str = ""
    district: str = ""

    @property
    def names_other_province(self) -> bool:
        """Whether it is in another province, and says nothing else."""
        return bool(self.other_province) and not self.ours


@dataclass(frozen=True, slots=True)
class _Said:
    """One name of a province or a district, and the provinces that it may mean."""

    ours: bool
    others: tuple[Province, ...]

    def where(self) -> NamedProvince:
        names = dict.fromkeys(each.name for each in self.others)
        return NamedProvince(
            ours=self.ours and not names,
            other_province="" if self.ours else " / ".join(names),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Whereabouts:
    """Tells one province from the others.

    Attributes:
        communes: The province that is ours.
        country: All provinces.
    """

    communes: Communes
    country: Country

    @lru_cache(maxsize=8192)  # noqa: B019  (it lives as long as the process)
    def of_address(self, text: str) -> NamedProvince:
        """Return the place of an address; its last part may be a bare province."""
        parts = parts_of(text)
        said = [*self._kinds(parts)]
        last = parts[-1] if parts else None
        if last and not (last.is_district or last.is_province):
            is_ours = self._is_place_of_ours(last.text)
            said += [] if is_ours else filter(None, [self._province(last.text)])
        return _together(said, self.district_of(parts))

    def of_province(self, cell: str) -> NamedProvince:
        """Return the place that a column for provinces names.

        Raises:
            CellError: It names no province that there is or was.
        """
        parts = parts_of(cell)
        said = [
            found
            for part in parts
            if (found := self._province(part.text) or self._district(part.text))
        ]
        if not said and fold_words(cell):
            name = self.communes.province_name
            raise CellError(
                vi=f"không đọc được là tỉnh nào: ghi đủ tên tỉnh ({name})",
                en=f"not clear which province: write its name in full ({name})",
            )
        return _together(said, self.district_of(parts))

    def of_district(self, cell: str) -> NamedProvince:
        """Return the place in a column for districts; it may hold provinces, too."""
        parts = parts_of(cell)
        said = [*self._kinds(parts)]
        for part in parts:
            if part.is_bare:
                said += filter(None, [self._bare(part.text)])
        district = self.district_of(parts)
        alone = "" if len(parts) > 1 or said else clean(cell)
        return _together(said, district or alone or _bare(parts, self.communes))

    def reads_district(self, cell: str) -> bool:
        """Say whether a column for districts names a place, or nothing at all."""
        parts = parts_of(cell) if fold_words(cell) else ()
        names = [each.text for each in parts if self._province(each.text) is None]
        return not names or any(
            self.knows_district(each) or self._is_commune_of_ours(each)
            for each in names
        )

    def knows_district(self, text: str) -> bool:
        """Say whether there was a district of this name, in any province."""
        return self._district(self._without_province(text)) is not None

    def bare_other_province(self, parts: Sequence[AddressPart]) -> str:
        """Return the district of another province that stands last without its kind.

        It is not certain: a village may be called like it.
        """
        named = [each for each in parts if self._province(each.text) is None]
        last = named[-1] if named else None
        if last is None or not last.is_bare or self._is_place_of_ours(last.text):
            return ""
        return last.text if self._district(last.text) else ""

    def _bare(self, text: str) -> _Said | None:
        """Return the place that a bare name means in a column for districts."""
        if self.communes.has_district(text):
            return self._district(text)
        if self._is_commune_of_ours(text):
            return None  # offices put communes there, too, since there are no districts
        return self._province(text) or self._district(text)

    def district_of(self, parts: Sequence[AddressPart]) -> str:
        """Return the one district that is named with its kind; "" if there is not one.

        A district that is not ours counts, unless it is a province.
        """
        found = [
            part.text
            for part in parts
            if part.is_district
            and (
                self.communes.has_district(part.text)
                or not self._province_ahead(part.text)
            )
        ]
        return self._without_province(found[0]) if len(found) == 1 else ""

    def _kinds(self, parts: Iterable[AddressPart]) -> Iterator[_Said]:
        """Yield the places that are named with their kind."""
        for part in parts:
            found = None
            if part.is_district:
                found = self._ahead(part.text) or self._district(part.text)
            if found is None and part.is_province:
                found = self._province(part.text)
            if found is not None:
                yield found
            elif part.is_district or part.is_province:
                yield from self._both(part.text)

    def _ahead(self, text: str) -> _Said | None:
        """Return the city that is a province, before any district of its name."""
        return self._province(text) if self._province_ahead(text) else None

    def _province_ahead(self, text: str) -> bool:
        has_kind = readings(text, PROVINCE_KINDS)[0][0] == "thanh pho"
        return has_kind and (
            self.country.is_city(text)
            or (self._is_ours(text) and not self.communes.has_district(text))
        )

    def _both(self, text: str) -> Iterator[_Said]:
        """Read "huyện Tiên Yên Quảng Ninh", a district and its province in one."""
        district = self._without_province(text)
        if district != text:
            rest = text[len(district) :]
            yield from filter(None, [self._district(district), self._province(rest)])

    def _without_province(self, text: str) -> str:
        if self._district(text) is not None:
            return text
        words = text.split()
        for count in range(min(_MOST_WORDS, len(words) - 2), 0, -1):
            district = " ".join(words[:-count])
            if self._province(" ".join(words[-count:])) and self._district(district):
                return district
        return text

    def _province(self, text: str) -> _Said | None:
        if self._is_ours(text):
            return _Said(ours=True, others=())
        found = self.country.province(text)
        if found is None:
            return None
        ours = fold(found.present) == fold(self.communes.province_name)
        return _Said(ours=ours, others=() if ours else (found,))

    @lru_cache(maxsize=8192)  # noqa: B019  (it lives as long as the process)
    def _district(self, text: str) -> _Said | None:
        ours = self.communes.has_district(text)
        present = fold(self.communes.province_name)
        others = tuple(
            each
            for each in self.country.with_district(text)
            if present not in {fold(each.present), fold(each.name)}
        )
        return _Said(ours=ours, others=others) if ours or others else None

    def is_own_name(self, text: str) -> bool:
        """Say whether *text* is the name of our province."""
        return self._is_ours(text)

    def _is_ours(self, text: str) -> bool:
        own = fold_words(plain_name(self.communes.province))
        return any(name == own for _, name in readings(text, PROVINCE_KINDS))

    def _is_commune_of_ours(self, text: str) -> bool:
        return bool(self.communes.named(text) or self.communes.old_named(text))

    def _is_place_of_ours(self, text: str) -> bool:
        return self._is_commune_of_ours(text) or self.communes.has_district(text)


def _bare(parts: Sequence[AddressPart], communes: Communes) -> str:
    """Return the first part that is a district of ours without its kind."""
    return next((each.text for each in parts if communes.has_district(each.text)), "")


def _together(said: Iterable[_Said], district: str) -> NamedProvince:
    """Put together the places of several names."""
    found = [each.where() for each in said]
    other = dict.fromkeys(each.other_province for each in found if each.other_province)
    return NamedProvince(
        ours=any(each.ours for each in found),
        other_province=next(reversed(other), ""),
        district=district,
    )
