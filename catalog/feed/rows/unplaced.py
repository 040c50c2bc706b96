"""Addresses of which the commune is not known, though they name one: said once a sheet.

An address is free text, so nothing is wrong with its row: it goes in without a
commune. Which words are meant as a commune or a district is told by their kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from catalog.counted import counted
from catalog.feed.places.address import AddressPart, parts_of
from catalog.feed.places.communes import Localities, Locality
from catalog.feed.rows.row import FeedRow, shorten
from catalog.feed.rows.table import Note

_SHOWN: Final = 20
"""Rows that are named; the count tells the rest."""


@dataclass(slots=True)
class Unplaced:
    """The rows of a sheet whose address names a commune that is not known."""

    _rows: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: FeedRow) -> None:
        """Take a row in, if it is one of them."""
        if row.unplaced and not row.other_province:
            self._rows.append((row.number, shorten(row.unplaced)))

    def notes(self, sheet: str) -> Iterator[Note]:
        """Say it once: how many, which rows, which words."""
        if not self._rows:
            return
        named = ", ".join(f"{row} (“{said}”)" for row, said in self._rows[:_SHOWN])
        named += " …" if len(self._rows) > _SHOWN else ""
        yield Note(
            sheet=sheet,
            vi=f"{len(self._rows)} dòng không rõ xã từ địa chỉ, nạp mà không có xã"
            f" (tên không tìm thấy, không khớp nhau, hoặc thiếu huyện): {named}. Sửa"
            " địa chỉ, hoặc ghi cột Xã và Huyện, hay cột Xã mới",
            en=f"{counted(len(self._rows), 'row')} went in without a commune, which"
            " their address"
            f" does not tell (a name is not known, two do not fit, or the district"
            f" lacks): {named}. Mend the address, or write the columns Xã and Huyện, or"
            " Xã mới",
        )


def named_in_vain(address: str, localities: Localities, found: Locality) -> str:
    """Return the unknown commune or district that *address* names."""
    where = localities.whereabouts
    if found != Locality() or where.of_address(address).names_other_province:
        return ""
    parts = parts_of(address)
    districts = [
        each.text
        for each in parts
        if each.is_district
        and not (each.is_province and where.of_address(each.text).ours)
        and not where.knows_district(each.text)
    ]
    other = where.bare_other_province(parts)
    districts += [other] if other else []
    communes = [each.text for each in parts if _names_commune(each)]
    return ", ".join(districts or communes)


def _names_commune(part: AddressPart) -> bool:
    """Say whether a part is meant as a commune; "P. 302" is a room."""
    return part.is_commune and not any(each.isdigit() for each in part.text)
