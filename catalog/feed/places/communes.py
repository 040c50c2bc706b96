"""From communes and districts in words to their codes.

An old commune is found by its name and district, a present one by its name. Names alone
are ambiguous, and some old communes were split: an uncertain one becomes a question,
and its answer is the column `xã mới`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from catalog.feed.cells.cell import CellError
from catalog.feed.places.address import AddressPart, parts_of
from catalog.feed.places.whereabouts import Whereabouts
from catalog.names.producer_name import fold_producer_name
from catalog.places.commune import Commune, Communes, load_communes
from catalog.places.country import load_country
from catalog.text import fold, fold_words

Answers = Mapping[tuple[str, str, str], str]
"""Codes of present communes, by `address_key`."""

NO_ANSWERS: Final[Answers] = MappingProxyType({})


class Locality(Struct, frozen=True):
    """Where an address is.

    Attributes:
        old: The commune before 1 July 2025; None if not said.
        new: The commune since then; None if not said.
    """

    old: Commune | None = None
    new: Commune | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Localities:
    """Finds the communes of one province by their names in sheets.

    Attributes:
        communes: The communes.
        whereabouts: Tells this province from the others.
    """

    communes: Communes
    whereabouts: Whereabouts

    @property
    def districts(self) -> frozenset[str]:
        """Folded names of the districts before 1 July 2025, with their kinds."""
        return frozenset(map(fold_words, self.communes.districts))

    def find_new(self, name: str) -> Commune:
        """Return the present commune called *name*; `CellError` if there is none."""
        found = self.communes.named(name)
        if len(found) == 1:
            return found[0]
        if found:
            names = _names(found)
            raise CellError(
                vi=f"có nhiều xã mới cùng tên ({names}): ghi cả xã, phường hay đặc khu",
                en=f"several communes have this name ({names}): write its kind as well",
            )
        raise _or_nearly(
            self.communes.nearly(name),
            CellError(
                vi="không có xã, phường, đặc khu nào tên này từ 1/7/2025: ghi đúng tên"
                " xã mới",
                en="no commune since 1 July 2025 has this name: write the new"
                " commune's name",
            ),
        )

    def find_old(self, name: str, district: str) -> Commune:
        """Return the old commune called *name*; `CellError` if there is not one."""
        found = self.communes.old_named(name, district)
        if len(found) == 1:
            return found[0]
        if found:
            raise _several(found)
        raise self._unknown(name, district, _NEVER)

    def find(self, name: str, district: str) -> Locality:
        """Return where the commune called *name* is, old or new.

        Raises:
            CellError: It is neither, or could be both and they differ.
        """
        old, new = self.communes.old_named(name, district), self.communes.named(name)
        if district and old:
            return Locality(old=self.find_old(name, district))
        if not old and not new:
            raise self._unknown(name, district, _NOWHERE)
        if not old:
            found = self.find_new(name)
            is_ours = district and self.communes.has_district(district)
            if is_ours and not self.communes.was_in(found, district):
                raise self._unknown(name, district, _OTHER_DISTRICT)
            return Locality(new=found)
        if not new:
            return Locality(old=self.find_old(name, district))
        if len(old) == 1 and self.communes.became(old[0].code) == new:
            return Locality(old=old[0])
        raise CellError(
            vi="tên này vừa là xã cũ vừa là xã mới: ghi thêm huyện cũ, hoặc cột xã mới",
            en="an old and a new commune have this name: write the old district, or the"
            " new commune in its column",
        )

    def _unknown(self, name: str, district: str, why: CellError) -> CellError:
        """Return why no commune is found, with those that may be meant."""
        near = self.communes.nearly(name, district)
        others = self.communes.old_named(name)
        if near or not others:
            return _or_nearly(near, why)
        names = ", ".join(f"{each.name} ({each.district})" for each in others)
        return CellError(
            vi=f"huyện này không có xã, phường nào tên này, có {names}: sửa tên xã hoặc"
            " huyện",
            en=f"this district has no commune of this name, there is {names}: mend the"
            " name, or the district",
        )

    @lru_cache(maxsize=8192)  # noqa: B019  (it lives as long as the process)
    def in_text(self, address: str, district: str = "") -> Locality:
        """Return where an address is that names its old commune and district.

        Nothing is found where they do not fit, or where another province is named.
        The district may be missing where the province is named, and only one commune
        can be meant.

        Args:
            address: The address.
            district: Its district if it names none; "" if not known.
        """
        where = self.whereabouts.of_address(address)
        if where.other_province:
            return Locality()
        parts = parts_of(address)
        places = [n for n, part in enumerate(parts) if part.is_commune]
        if not places:
            found = self._bare_commune(parts, where.district or district)
        elif len(places) > 1:
            return Locality()
        else:
            named = where.district or self._bare_district(parts, places[0] + 1)
            name, behind = parts[places[0]].text, parts[places[0] + 1 :]
            found = ()
            if said := named or district:
                found = self.communes.old_named(name, said)
            elif behind and all(self.whereabouts.is_own_name(p.text) for p in behind):
                found = self._only(name)
        return Locality(old=found[0]) if len(found) == 1 else Locality()

    def successors(self, old: Commune) -> tuple[Commune, ...]:
        """Return the communes that took over land of *old*."""
        return self.communes.became(old.code)

    def _only(self, name: str) -> Sequence[Commune]:
        """Return the old commune called *name* where nothing else can be meant."""
        found = self.communes.old_named(name)
        present = self.communes.named(name)
        sure = all(self.successors(each) == present for each in found if present)
        return found if sure else ()

    def _bare_commune(
        self, parts: Sequence[AddressPart], district: str
    ) -> Sequence[Commune]:
        """Return the commune that stands in front of its district without its kind.

        It may be a street as well, unless it comes first or a village does.
        """
        for n, (before, part) in enumerate(pairwise(parts)):
            is_place = n == 0 or parts[n - 1].is_village
            said = district or self._bare_district(parts, n + 1)
            if said and part.text.startswith(said) and before.is_bare:
                found = self.communes.old_named(before.text, said)
                return found if is_place else ()
        return ()

    def _bare_district(self, parts: Sequence[AddressPart], place: int) -> str:
        """Return the district of ours that stands behind its commune without a kind."""
        behind = parts[place] if place < len(parts) else None
        is_ours = behind and behind.is_bare and self.communes.has_district(behind.text)
        return behind.text if behind and is_ours else ""


@lru_cache(maxsize=8)
def localities_of(communes: Communes) -> Localities:
    """Return the finder of a province's places."""
    return Localities(communes, Whereabouts(communes, load_country()))


def shipped_localities() -> Localities:
    """Return the finder for the province whose table ships."""
    return localities_of(load_communes())


def address_key(maker: str, address: str, old_code: str) -> tuple[str, str, str]:
    """Return the key of an answer about a maker's address.

    The maker goes by its id, or by `maker_key` of its name.
    """
    return maker, fold_words(address), old_code


@lru_cache(maxsize=8192)
def maker_key(name: str) -> str:
    """Return a maker's name as answers know it."""
    return fold_producer_name(name) or fold(name)


_NEVER: Final = CellError(
    vi="không có xã, phường nào tên này trước 1/7/2025: sửa tên xã hoặc huyện",
    en="no commune before 1 July 2025 has this name: mend it, or the district",
)
_OTHER_DISTRICT: Final = CellError(
    vi="xã mới tên này không có đất nào của huyện ấy: sửa tên xã hoặc huyện",
    en="the new commune of this name has no land of that district: mend the name, or"
    " the district",
)
_NOWHERE: Final = CellError(
    vi="không có xã nào tên này, cũ (ngay trước 1/7/2025) hay mới: sửa tên xã hoặc"
    " huyện",
    en="no commune has this name, old (just before 1 July 2025) or new: mend it, or the"
    " district",
)


def _or_nearly(near: Sequence[Commune], unknown: CellError) -> CellError:
    """Return the fault of a name: its accents if *near* has one, or *unknown*."""
    if not near:
        return unknown
    names = ", ".join(dict.fromkeys(f"“{each.name}”" for each in near))
    return CellError(
        vi=f"sai dấu? có {names}: nếu đúng là xã ấy thì sửa dấu, hoặc ghi không dấu",
        en=f"wrong accents? there is {names}: if it is that one, mend the accents, or"
        " write none",
    )


def _several(found: Sequence[Commune]) -> CellError:
    districts = sorted({each.district for each in found})
    names = ", ".join(f"{each.name}, {each.district}" for each in found)
    if len(districts) > 1:
        return CellError(
            vi=f"có nhiều xã cũ cùng tên ({names}): ghi thêm huyện",
            en=f"several old communes have this name ({names}): write the district",
        )
    return CellError(
        vi=f"có nhiều xã cũ cùng tên ({names}): ghi cả xã, phường hay thị trấn",
        en=f"several old communes have this name ({names}): write its kind as well",
    )


def _names(found: Sequence[Commune]) -> str:
    return ", ".join(each.name for each in found)
