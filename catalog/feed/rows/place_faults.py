"""The faults of a row's place, and the question about a split commune, in words."""

from typing import Final

from catalog.feed.cells.cell import CellError
from catalog.places.commune import Commune

NO_DISTRICT: Final = CellError(
    vi="không có huyện, thị xã, thành phố nào tên này: sửa tên, hoặc để trống",
    en="there was no district of this name: mend it, or leave the cell empty",
)
NO_OLD_CODE: Final = CellError(
    vi="không phải mã xã trước 1/7/2025 của tỉnh (năm chữ số): sửa mã",
    en="no code of a commune of this province before 1 July 2025 (five digits): mend"
    " it",
)
NO_CODE: Final = CellError(
    vi="không phải mã xã từ 1/7/2025 của tỉnh (năm chữ số): sửa mã",
    en="no code of a commune of this province since 1 July 2025 (five digits): mend it",
)


THIRD_CODE: Final = CellError(
    vi="không phải mã xã cũ, cũng không phải mã xã mới ghi ở dòng này: sửa mã",
    en="neither the old code nor the new one that the row says: mend it",
)


def _names(communes: tuple[Commune, ...]) -> str:
    return ", ".join(each.name for each in communes)


def split_commune(old: Commune, found: tuple[Commune, ...]) -> CellError:
    """Return the question to which of several communes a place belongs now."""
    return CellError(
        vi=f"{old.name} cũ đã chia cho {_names(found)}: ghi tên xã mới vào cột “Xã"
        " mới”, hoặc mã vào cột “Mã xã mới”",
        en=f"the old commune {old.name} was split among {_names(found)}: write which"
        " one it is in the column “Xã mới”, or its code in “Mã xã mới”",
    )


def no_successor(old: Commune, new: Commune, found: tuple[Commune, ...]) -> CellError:
    """Return the fault of a row whose old and present commune do not fit."""
    return CellError(
        vi=f"xã cũ {old.name} ({old.code}) nay thuộc {_names(found)}, không thuộc"
        f" {new.name} ({new.code}): sửa xã cũ hoặc xã mới",
        en=f"the old commune {old.name} ({old.code}) is now in {_names(found)}, not in"
        f" {new.name} ({new.code}): mend one of them",
    )


def two_communes(named: Commune, coded: Commune) -> CellError:
    """Return the fault of a row that names one commune, and codes another."""
    return CellError(
        vi=f"tên là {named.name} ({named.code}), mã là của {coded.name}"
        f" ({coded.code}): sửa tên hoặc mã",
        en=f"the name is {named.name} ({named.code}), the code that of {coded.name}"
        f" ({coded.code}): mend one of them",
    )
