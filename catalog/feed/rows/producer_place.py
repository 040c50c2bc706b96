"""Where the producer of a row is: its communes in words and codes, and its province.

Statements of a row in several places must agree: one that names our province and
another is wrong. A row of another province gets no commune of ours, and
`catalog.feed.merge.row_importer` leaves it out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from catalog.feed.cells.cell import CellError
from catalog.feed.headings.cell_commands import says_clear
from catalog.feed.headings.heading import (
    COMMUNE,
    COMMUNE_CODE,
    DISTRICT,
    NEW_COMMUNE,
    OLD_COMMUNE,
    PROVINCE,
)
from catalog.feed.places.communes import Answers, Localities, Locality
from catalog.feed.places.whereabouts import NamedProvince
from catalog.feed.rows.commune_answers import place_key
from catalog.feed.rows.place_faults import (
    NO_CODE,
    NO_DISTRICT,
    NO_OLD_CODE,
    THIRD_CODE,
    no_successor,
    split_commune,
    two_communes,
)
from catalog.feed.rows.unplaced import named_in_vain
from catalog.places.commune import Commune, Communes

Cells = dict[str, str]

_OLD: Final = "old_commune_code"
_NEW: Final = "commune_code"
_ADDRESS: Final = "address"
_CERTIFIED: Final = "certified_"
_SAYING: Final = (
    *(PROVINCE, DISTRICT, COMMUNE, OLD_COMMUNE, NEW_COMMUNE, COMMUNE_CODE),
    *(_ADDRESS, _OLD, _NEW),
    *(_CERTIFIED + name for name in (_ADDRESS, _OLD, _NEW)),
)
"""The columns that tell of the place; no other one is seen."""
_CODE: Final = re.compile("[0-9]{4,5}")


@dataclass(slots=True)
class Placed:
    """The findings about a row's place.

    Attributes:
        wrong: The faults, by column.
        asked: The questions for a person, by column.
        other_province: The other province that the row certainly is of; "" if none.
        unplaced: The unknown commune or district that the address names; "" if none.
    """

    wrong: list[tuple[str, CellError]] = field(default_factory=list)
    asked: list[tuple[str, CellError]] = field(default_factory=list)
    other_province: str = ""
    unplaced: str = ""


def place_producer(
    cells: Cells,
    localities: Localities,
    answers: Answers,
    *,
    old_codes: bool,
    under: str = "",
) -> Placed:
    """Turn a row's statements on its producer's place into codes.

    Args:
        cells: The row; codes are put in, and nothing else is changed.
        localities: The finder of places.
        answers: To which new commune makers' addresses are known to belong.
        old_codes: Codes in the column that does not say of which time they are
            are old ones.
        under: The other province that the row's section names; "" if none.
    """
    said = tuple([cells.get(name, "") for name in _SAYING])
    is_known = bool(cells.get("product_id", "").strip())
    found = _found(said, localities, under, is_known=is_known, old_codes=old_codes)
    cells.update(found.codes)
    placed = Placed(
        wrong=[*found.placed.wrong],
        other_province=found.placed.other_province,
        unplaced=found.placed.unplaced,
    )
    if found.split is not None:
        old, column = found.split
        key = place_key(cells, old.code)
        if key is not None and (answer := answers.get(key)):
            cells[_NEW] = answer
        else:
            placed.asked.append(
                (column, split_commune(old, localities.successors(old)))
            )
    return placed


@dataclass(frozen=True, slots=True)
class _Found:
    """What the cells of a row alone tell of its place.

    Attributes:
        codes: The codes to put in.
        placed: The findings.
        split: The split commune about which to ask, with the column that names it, if
            its maker's address has no answer yet; None if there is nothing to ask.
    """

    codes: Mapping[str, str]
    placed: Placed
    split: tuple[Commune, str] | None


@lru_cache(maxsize=8192)  # a producer has several products, in as many rows
def _found(
    said: tuple[str, ...],
    localities: Localities,
    under: str,
    *,
    is_known: bool,
    old_codes: bool,
) -> _Found:
    before = {name: text for name, text in zip(_SAYING, said, strict=True) if text}
    row = _Row(dict(before), localities, under, is_known=is_known)
    placed = row.place(old_codes=old_codes)
    codes = {n: code for n, code in row.cells.items() if before.get(n) != code}
    return _Found(codes, placed, row.split)


def are_old_codes(codes: Iterable[str], communes: Communes) -> bool:
    """Say whether a column of codes that tells no time holds old ones.

    It does where one of them was given up, and none is new. Most present codes are
    old ones, too: one code by itself seldom tells.
    """
    said = {code.strip().zfill(5) for code in codes}
    gone = said.intersection(communes.old).difference(communes.present)
    fresh = said.intersection(communes.present).difference(communes.old)
    return bool(gone) and not fresh


class _Row:
    """The cells of a row that tell of its place; it *is_known* by the product's id."""

    def __init__(
        self, cells: Cells, localities: Localities, under: str, *, is_known: bool
    ) -> None:
        self.cells = cells
        self.split: tuple[Commune, str] | None = None
        self._under = under
        self._localities = localities
        self._is_known = is_known
        self._placed = Placed()
        self._written: dict[str, str] = {}
        self._unread: CellError | None = None

    def place(self, *, old_codes: bool) -> Placed:
        """Read province, codes and names, each held against the others."""
        placed = self._placed
        self._take_codes(old_codes=old_codes)
        try:
            stated = self._stated()
            placed.other_province = self._other_province(stated)
            if placed.other_province:
                placed.wrong.clear()
                return placed
            self._agree(_CERTIFIED)
            self._settle(stated)
        except _PlaceError as error:
            placed.wrong.append((error.column, error.why))
        return placed

    def _said(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    # Codes

    def _take_codes(self, *, old_codes: bool) -> None:
        """Refuse codes of no commune; tell old ones from present ones."""
        if said := self._said(COMMUNE_CODE):
            self._take_code(said, old_codes=old_codes)
        known = self._localities.communes
        for prefix in ("", _CERTIFIED):
            for column, communes in ((_OLD, known.old), (_NEW, known.present)):
                name = prefix + column
                code = self._said(name)
                if _CODE.fullmatch(code) and code.zfill(5) not in communes:
                    why = NO_OLD_CODE if column == _OLD else NO_CODE
                    self._placed.wrong.append((self._written.get(name, name), why))

    def _take_code(self, said: str, *, old_codes: bool) -> None:
        """Put a code of which the heading tells no time where it belongs."""
        known, code = self._localities.communes, said.zfill(5)
        others = [column for column in (_OLD, _NEW) if self._said(column)]
        if len(others) > 1:
            if code not in {self._said(column).zfill(5) for column in others}:
                self._placed.wrong.append((COMMUNE_CODE, THIRD_CODE))
            return
        is_old = code in known.old and (old_codes or code not in known.present)
        if others:
            is_old = others == [_NEW]
        column = _OLD if is_old else _NEW
        self.cells[column] = said
        self._written[column] = COMMUNE_CODE

    def _coded(self, prefix: str = "") -> Locality:
        """Return the place that the codes of the row mean."""
        known = self._localities.communes
        return Locality(
            known.old.get(self._said(prefix + _OLD).zfill(5)),
            known.present.get(self._said(prefix + _NEW).zfill(5)),
        )

    def _agree(self, prefix: str) -> None:
        """Raise if old and new code do not fit together."""
        coded = self._coded(prefix)
        if coded.old is not None and coded.new is not None:
            self._ensure_successor(coded.old, coded.new, prefix + _NEW)

    def _ensure_successor(self, old: Commune, new: Commune, column: str) -> None:
        found = self._localities.successors(old)
        if new not in found:
            raise _PlaceError(column, no_successor(old, new, found))

    # Province

    def _stated(self) -> NamedProvince:
        """Return the place in the columns for province and district together."""
        whereabouts = self._localities.whereabouts
        province = NamedProvince()
        try:
            province = whereabouts.of_province(self._said(PROVINCE))
        except CellError as error:
            self._unread = error
        district = whereabouts.of_district(self._said(DISTRICT))
        ours = province.ours or district.ours
        other = province.other_province or district.other_province or self._under
        if ours and other:
            column = DISTRICT if self._said(DISTRICT) else PROVINCE
            raise _PlaceError(column, self._two_provinces(other))
        return NamedProvince(ours, other, district.district or province.district)

    def _other_province(self, stated: NamedProvince) -> str:
        """Return the other province of which the row certainly is; "" if none.

        Raises:
            _PlaceError: Its columns name another province, and the rest ours, or
                one that cannot be read, and the rest says nothing.
        """
        whereabouts = self._localities.whereabouts
        address = whereabouts.of_address(self._said(_ADDRESS))
        certified = whereabouts.of_address(self._said(_CERTIFIED + _ADDRESS))
        coded = [self._coded(), self._coded(_CERTIFIED)]
        is_coded = any(each != Locality() for each in coded)
        is_ours = stated.ours or address.ours or certified.ours or is_coded
        other = (
            stated.other_province or address.other_province or certified.other_province
        )
        is_read = is_coded or whereabouts.reads_district(self._said(DISTRICT))
        if not is_read and (is_ours or not other):
            raise _PlaceError(DISTRICT, NO_DISTRICT)
        if self._unread is not None and not (is_ours or other):
            raise _PlaceError(PROVINCE, self._unread)
        if not is_ours:
            return other
        if stated.other_province:
            said = (each for each in (PROVINCE, DISTRICT) if self._said(each))
            column = next(said, _ADDRESS if self._said(_ADDRESS) else "")
            raise _PlaceError(column, self._two_provinces(stated.other_province))
        names_commune = any(map(self._said, (OLD_COMMUNE, COMMUNE, NEW_COMMUNE)))
        # An export of a producer that has moved shows the stored values.
        is_coded_here = coded[0] != Locality() and not self._is_known
        here = stated.ours or is_coded_here or names_commune
        if address.names_other_province and here:
            raise _PlaceError(_ADDRESS, self._two_provinces(address.other_province))
        return ""

    def _two_provinces(self, other: str) -> CellError:
        ours = self._localities.communes.province_name
        return CellError(
            vi=f"dòng này ghi cả {ours} và {other}: sửa cho khớp nhau (tỉnh, huyện, địa"
            " chỉ, mã xã, tên nhóm phía trên)",
            en=f"the row names both {ours} and {other}: make province, district,"
            " address, code of the commune and the section above agree",
        )

    # Names

    def _settle(self, stated: NamedProvince) -> None:
        """Put in the codes of the named place, and ask where a commune was split."""
        said = self._spoken()
        if not said or says_clear(self._said(_NEW)):
            return
        if says_clear(self._said(NEW_COMMUNE)):
            self.cells[_NEW] = self.cells[NEW_COMMUNE]
            return
        try:
            found = self._named(stated, said[0])
        except CellError as error:
            raise _PlaceError(said[0], error) from error
        if said == [_ADDRESS]:
            address = self._said(_ADDRESS)
            self._placed.unplaced = named_in_vain(address, self._localities, found)
        if found.old is not None:
            self.cells[_OLD] = found.old.code
        if found.new is not None:
            self.cells[_NEW] = found.new.code
        if found.old is not None and found.new is not None:
            self._ensure_successor(found.old, found.new, said[0])
        elif found.old is not None:
            self._ask(found.old, said[-1])

    def _spoken(self) -> list[str]:
        """Return the columns that say in which commune the producer is."""
        names = (NEW_COMMUNE, OLD_COMMUNE, COMMUNE, _OLD, _NEW)
        said = [name for name in names if self._said(name)]
        return said or ([_ADDRESS] if self._said(_ADDRESS) else [])

    def _named(self, stated: NamedProvince, column: str) -> Locality:
        """Return the place that names and codes mean; `CellError` if unclear."""
        find, coded = self._localities, self._coded()
        old, either, new = map(self._said, (OLD_COMMUNE, COMMUNE, NEW_COMMUNE))
        named = Locality()
        if old:
            named = Locality(old=find.find_old(old, self._district(old, stated)))
        elif either and not new:
            named = find.find(either, self._district(either, stated))
        elif not new and not (self._said(_OLD) or self._said(_NEW)):
            named = find.in_text(self._said(_ADDRESS), stated.district)
        elif new and coded == Locality():
            named = Locality(old=self._old_beside(either, new, stated))
        if new:
            named = Locality(named.old, find.find_new(new))
        for one, other in ((named.old, coded.old), (named.new, coded.new)):
            if one is not None and other is not None and one != other:
                raise _PlaceError(column, two_communes(one, other))
        return Locality(named.old or coded.old, named.new or coded.new)

    def _old_beside(
        self, either: str, new: str, stated: NamedProvince
    ) -> Commune | None:
        """Return the old commune beside a present one that has its own column."""
        find = self._localities
        if not either:
            return find.in_text(self._said(_ADDRESS), stated.district).old
        if find.communes.named(either) == find.communes.named(new):
            return None
        old = find.communes.old_named(either, self._district(either, stated))
        return old[0] if len(old) == 1 else None

    def _district(self, name: str, stated: NamedProvince) -> str:
        """Return the district of a commune's name: the address helps where it must."""
        find = self._localities
        if stated.district or len(find.communes.old_named(name)) < 2:  # noqa: PLR2004 (as below)
            return stated.district
        said = find.whereabouts.of_address(self._said(_ADDRESS)).district
        return said if find.communes.old_named(name, said) else ""

    def _ask(self, old: Commune, column: str) -> None:
        """Have it asked which commune it is, unless that is certain."""
        found = self._localities.successors(old)
        if len(found) > 1 and not self._said(_NEW):
            self.split = old, column


class _PlaceError(Exception):
    """Something of a row's place is wrong.

    Attributes:
        column: The column it concerns.
        why: The fault, with the advice for it.
    """

    def __init__(self, column: str, why: CellError) -> None:
        super().__init__(str(why))
        self.column = column
        self.why = why
